#!/bin/sh
echo "usage: no --json here"
exit 2
