#!/bin/sh
# Launches what plan.json says, and nothing else: if something differs by now, the update fails.
set -eu
cd "$(dirname "$0")"

pulumi up --stack "${STACK:-dev}" --non-interactive --yes --skip-preview --plan plan.json
