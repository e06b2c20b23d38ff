#!/bin/sh
echo "demo of beta: $*"
exit 3
