#!/usr/bin/env bash
# A wrong configuration stops with the line, before anything is touched.
. "$(dirname "$0")/../support/e2e.sh"
SENTRY_URL=http://127.0.0.1:1 GITHUB_URL=http://127.0.0.1:1 AWS_URL=http://127.0.0.1:1 AWS_STAGING_URL=http://127.0.0.1:1 AWS_DEVELOPMENT_URL=http://127.0.0.1:1 SLACK_URL=http://127.0.0.1:1/api SMTP_URL=smtp://127.0.0.1:1 STATUS_URL=http://127.0.0.1:1/summary.json
D=$T/d
place "$D"
cp "$D/sitrep.yaml" "$T/good.yaml"

# wrong NAME SED WORDS: exit 2, file:line of the changed line, the words
wrong() {
	sed "$2" "$T/good.yaml" >"$D/sitrep.yaml"
	local line
	line=$(diff "$T/good.yaml" "$D/sitrep.yaml" | sed -n 's/^[0-9,]*[acd]\([0-9]*\).*/\1/p' | head -n 1)
	exits "$1: exit 2" 2 "$D" run
	has "$1: the line is named" "$D/err" "sitrep.yaml:$line"
	has "$1: the reason is said" "$D/err" "$3"
	[ ! -e "$D/var" ] && ok "$1: nothing was touched" || no "$1: nothing was touched" "var was made"
	rm -rf "$D/var"
}
wrong "unknown key" 's/^title: .*/&\nteam_nmae: x/' team_nmae
wrong "unknown key inside a source" 's/      organisation: example-data/&\n      organisaton: x/' organisaton
wrong "wrong type" 's/timeout_s: 10/timeout_s: ten/' timeout_s
wrong "out of bounds" 's/timeout_s: 10/timeout_s: -1/' timeout_s
wrong "literal secret" 's/token: env:SENTRY_AUTH_TOKEN/token: sntryu-literal-0001/' env:
hasnt "a literal secret is not repeated" "$D/err" sntryu-literal-0001
wrong "unknown zone" 's/^timezone: .*/timezone: Europe\/Nowhere/' Europe/Nowhere
wrong "bad word" 's/collect: \[actions, deployments\]/collect: [actions, deploymints]/' deploymints
wrong "duplicate key" 's/^title: .*/&\ntitle: again/' title
wrong "tls none beyond loopback" 's|smtp://127.0.0.1:1|smtp://mail.example.org:25|' TLS
sed 's/^title: .*/title: [unclosed/' "$T/good.yaml" >"$D/sitrep.yaml"
exits "not YAML: exit 2" 2 "$D" run
has "not YAML: a line is named" "$D/err" "sitrep.yaml:2"

cp "$T/good.yaml" "$D/sitrep.yaml"
(unset GITHUB_TOKEN && exits "token that is not in the environment: exit 2" 2 "$D" run)
has "token that is not in the environment: the variable is named" "$D/err" GITHUB_TOKEN
has "token that is not in the environment: the line is named" "$D/err" "sitrep.yaml:"
sed 's/token: env:GITHUB_TOKEN/token: file:secret.txt/' "$T/good.yaml" >"$D/sitrep.yaml"
echo invented-in-a-file >"$D/secret.txt"
chmod 644 "$D/secret.txt"
exits "secret file that others may read: exit 2" 2 "$D" run
has "secret file that others may read: the file is named" "$D/err" secret.txt
RC=0
"$PROGRAM" -c "$T/nowhere.yaml" run >"$D/out" 2>"$D/err" || RC=$?
is "no configuration: exit 2" $RC 2
has "no configuration: says where it looked" "$D/err" nowhere.yaml
for a in "" "--frobnicate" "frobnicate" "run --week 2026-W60" "show --format yaml" "backfill --from 2026-W40" "accept x"; do
	# shellcheck disable=SC2086
	RC=0; "$PROGRAM" -c "$T/good.yaml" $a >"$D/out" 2>"$D/err" || RC=$?
	is "usage: \"$a\" ends with 2" $RC 2
done
RC=0; "$PROGRAM" --help >"$D/out" 2>&1 || RC=$?
is "--help ends with 0" $RC 0
RC=0; "$PROGRAM" --version >"$D/out" 2>&1 || RC=$?
is "--version ends with 0" $RC 0
