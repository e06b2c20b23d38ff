#!/bin/sh
printf '{"lesson":"01_alpha","status":"passed","steps":3}\n' > "$2"
echo "01 alpha - passed, color $4"
