#!/bin/sh
# Writes what would be launched: plan.json for apply.sh, comment.md for the pull request.
# Fails if the preview fails; the comment then says why.
set -eu
cd "$(dirname "$0")"

failed=0
pulumi preview --stack "${STACK:-dev}" --non-interactive --json --save-plan plan.json \
    > preview.json || failed=$?
pulumi-dataworks comment preview.json > comment.md
exit $failed
