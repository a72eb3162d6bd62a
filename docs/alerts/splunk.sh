#!/bin/sh
# What is told to Splunk's HTTP Event Collector, one event a push. SPLUNK_URL and SPLUNK_TOKEN are those of the collector.
set -eu
lines=$(jq -c 'select(.type == "session")
  | {time: (.first | sub("\\.[0-9]+"; "") | fromdateiso8601), sourcetype: "reconstruct:push", event: .}' "$1")
[ -z "$lines" ] || printf '%s\n' "$lines" |
  curl --silent --show-error --fail --retry 3 -H "Authorization: Splunk $SPLUNK_TOKEN" --data-binary @- "$SPLUNK_URL/services/collector/event"
