#!/bin/sh
# Says who it is, and stays until it is killed.
echo $$ > "${2%/*}/pid.new"
mv "${2%/*}/pid.new" "${2%/*}/pid"
exec sleep 60
