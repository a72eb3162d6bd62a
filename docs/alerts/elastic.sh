#!/bin/sh
# What is told to Elasticsearch or OpenSearch. A push that changed replaces what was told of it. ELASTIC_URL is the cluster.
set -eu
lines=$(jq -c 'select(.type == "session")
  | (.told.replaces[] | {delete: {_index: "pushes", _id: .}}), {index: {_index: "pushes", _id: .id}}, .' "$1")
[ -z "$lines" ] || printf '%s\n' "$lines" |
  curl --silent --show-error --fail --retry 3 -H 'Content-Type: application/x-ndjson' --data-binary @- "$ELASTIC_URL/_bulk"
