#!/bin/sh
# A message to Slack for each push in a file of `--new --format jsonl`. SLACK_URL is an incoming webhook.
set -eu
jq -c 'select(.type == "session")
  | "\(.told.kind): \(.status) \(.repository // "no repository") in \(.registry // "?") \(.region // "?"), push \(.id)\n\(.explanation)" as $text
  | {text: ($text | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;"))}' "$1" |
while IFS= read -r message; do
  printf '%s' "$message" | curl --silent --show-error --fail --retry 3 -H 'Content-Type: application/json' --data-binary @- "$SLACK_URL"
done
