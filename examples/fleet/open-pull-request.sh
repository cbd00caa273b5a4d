#!/usr/bin/env bash
# Commits what migrate.sh has changed in the current folder to a branch, and opens a pull request whose text is the
# Markdown report; an open one is brought up to date. Needs GH_TOKEN, for `gh` and for pushing.
set -euo pipefail

branch=ov-migrate/api-2.0
report="${REPORTS:-../reports}/${REPOSITORY:?name of the repository, like owner/name}.md"
if [ -z "$(git status --porcelain)" ]; then
  echo "$REPOSITORY: nothing changes"
  exit 0
fi

git switch --quiet --force-create "$branch"
git -c user.name=ov-migrate -c user.email=ov-migrate@users.noreply.github.com commit --quiet --all \
  --message "Migrate from OpenVINO's Inference Engine API to API 2.0"
gh auth setup-git
git push --quiet --force origin "$branch"
title="Migrate to OpenVINO API 2.0"
if [ -z "$(gh pr list --repo "$REPOSITORY" --head "$branch" --json number --jq '.[].number')" ]; then
  gh pr create --repo "$REPOSITORY" --head "$branch" --title "$title" --body-file "$report"
else
  gh pr edit "$branch" --repo "$REPOSITORY" --title "$title" --body-file "$report"
fi
