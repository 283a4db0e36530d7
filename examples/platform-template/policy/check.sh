#!/bin/sh
# Holds a plan against the platform's policy: `policy/check.sh ENVIRONMENT PLAN_FILE`. Exit code 1 when it offends.
set -eu

environment=$1
plan=$2
policy=$(dirname "$0")/plan.jq

case $plan in
  *.json) offences=$(jq -r --arg environment "$environment" -f "$policy" "$plan") ;;
  *) offences=$(terraform show -json "$plan" | jq -r --arg environment "$environment" -f "$policy") ;;
esac

if [ -n "$offences" ]; then
  printf '%s\n' "$offences"
  exit 1
fi
echo "the plan keeps to the policy"
