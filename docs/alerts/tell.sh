#!/bin/sh
# Tells what is new through another program, and drops nothing: what could not be sent is sent before anything new is
# asked for.   tell.sh LOGS FOLDER SENDER
set -eu
logs=$1 folder=$2 send=$3
file=$folder/new.jsonl
if [ -e "$file" ]; then
  "$send" "$file"
  rm "$file"
fi
status=0
reconstruct "$logs" --state "$folder/state" --keep 90d --new --not-ok --quiet --format jsonl --output "$file" || status=$?
# 0 and 1 say whether what is told is an error; the rest, that there is nothing to send.
[ "$status" -le 1 ] || exit "$status"
"$send" "$file"
rm "$file"
