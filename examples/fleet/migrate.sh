#!/usr/bin/env bash
# Migrates the repository in the current folder, and leaves its reports as $REPORTS/$REPOSITORY.json and .md, outside of
# the repository, so that they are in no commit. Runs under a GitHub matrix, multi-gitter and Sourcegraph alike.
#
# Exit code 0: migrated, even if something is left for a person, which the reports tell. Other: nothing can be said.
set -euo pipefail

report="${REPORTS:?folder of the reports}/${REPOSITORY:?name of the repository, like owner/name}"
mkdir -p "$(dirname "$report")"
rm -f "$report.json" "$report.md"

code=0
ov-migrate migrate . --quiet --report "$report.json" --report "$report.md" || code=$?
if [ ! -s "$report.json" ]; then
  exit "$(( code > 0 ? code : 2 ))"
fi
