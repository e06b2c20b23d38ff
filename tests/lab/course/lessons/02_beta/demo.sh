#!/bin/sh
if [ "$1" = --help ]; then
    echo "--speed X"
    exit 0
fi
echo "demo of beta: $*"
exit 3
