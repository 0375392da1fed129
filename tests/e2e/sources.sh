#!/usr/bin/env bash
# Every way in which a service can misbehave: told in the coverage and the numbers, never a zero, never the end of the rest.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
n=0

# bad NAME SOURCE FAULT NUMBER WORDS: exit 3; the source is not complete; the number is null or marked; the reason holds the words
bad() {
	n=$((n + 1))
	local D=$T/d$n source=$2
	place "$D"
	only "$D" sentry github aws
	sed -i -e 's/timeout_s: 10, retries: 2/timeout_s: 2, retries: 0/' -e '/^    slack:/d' -e '/^    email:/d' "$D/sitrep.yaml"
	faults "$3"
	exits "$1: exit 3" 3 "$D" run --week $WEEK
	faults ""
	local J status value marked
	J=$(digest "$D")
	status=$(json "$J" "coverage/source=$source/status" 2>/dev/null | sort -u | tr '\n' ' ')
	case $status in
	*failed* | *partial*) ok "$1: coverage says so" ;;
	*) no "$1: coverage says so" "status of $source is \"$status\"" ;;
	esac
	value=$(json "$J" "numbers/$4/value" 2>/dev/null) marked=$(json "$J" "numbers/$4/incomplete" 2>/dev/null)
	if [ "$value" = null ] || [ "$marked" = true ]; then ok "$1: $4 is not passed off as known"; else no "$1: $4 is not passed off as known" "value $value, incomplete $marked"; fi
	if [ "$value" = 0 ] && [ "$marked" != true ]; then no "$1: no false zero" "$4 is 0"; fi
	if [ -n "$5" ]; then
		json "$J" "coverage/source=$source/reason" >"$D/reasons" 2>/dev/null
		has "$1: the reason is said" "$D/reasons" "$5"
	fi
	other=errors.new
	[ "$source" = sentry ] && other=ci.runs
	value=$(json "$J" "numbers/$other/value" 2>/dev/null)
	case $value in
	'' | null | absent | 0) no "$1: the other sources are there" "$other is \"$value\"" ;;
	*) ok "$1: the other sources are there" ;;
	esac
	[ $failures = 0 ] && rm -rf "$D"
}
for s in sentry github; do
	if [ $s = sentry ]; then id=errors.new; else id=ci.failed; fi
	bad "$s 401" $s $s:401 $id 401
	bad "$s 403" $s $s:403 $id 403
	bad "$s 404" $s $s:404 $id 404
	bad "$s 500" $s $s:500 $id 500
	bad "$s 503 from the third request on" $s $s:503:3+ $id 503
	bad "$s HTML with 200" $s $s:html200 $id JSON
	bad "$s truncated JSON" $s $s:truncate $id ""
	bad "$s connection cut in the body" $s $s:cut $id ""
	bad "$s no answer" $s $s:drop $id ""
	bad "$s time-out" $s $s:timeout:2 $id ""
done
bad "sentry repeats its cursor" sentry sentry/issues/:repeat-cursor errors.new ""
bad "github repeats its page" github github/actions/runs:repeat-cursor ci.runs ""
bad "sentry sends a wrong type" sentry sentry/issues/:wrong-type errors.new ""
bad "github sends a wrong type" github github/actions/runs:wrong-type ci.runs ""
bad "github jobs 500" github github/jobs:500 ci.failed ""
bad "github deployments 403" github github/deployments:403 deployments.total ""
bad "github closes one repository" github github/land-research/actions:403 ci.failed land-research
bad "aws refuses" aws-production aws/ListDeployments:403 deployments.total AccessDenied
bad "aws 500" aws-production aws:500 deployments.total ""
bad "aws repeats its token" aws-production aws:repeat-cursor deployments.total ""
export AWS_SECRET_ACCESS_KEY=not-the-secret
bad "aws signature is wrong" aws-production aws/none:500 deployments.total InvalidSignature
estate_tokens

# What is retried does not show: the week is as whole as without.
for f in sentry:429:2 github:429:4 github:secondary:3 github:502:2 sentry:drop:3 aws:400:1 aws:500:2; do
	n=$((n + 1))
	D=$T/d$n
	place "$D"
	only "$D" sentry github aws
	sed -i -e '/^    slack:/d' -e '/^    email:/d' "$D/sitrep.yaml"
	faults "$f"
	exits "$f is retried: exit 0" 0 "$D" run --week $WEEK
	faults ""
	is "$f is retried: errors are whole" "$(incomplete "$D" errors.new)" false
	is "$f is retried: CI and deployments are whole" "$(incomplete "$D" ci.failed) $(incomplete "$D" deployments.total)" "false false"
	[ $failures = 0 ] && rm -rf "$D"
done
