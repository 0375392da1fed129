#!/usr/bin/env bash
# GitHub's alert lists, scan reports in artefacts and signing in as an App: the numbers of the estate, whoever asks for them.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1

# alerts DIR: only GitHub, with the three lists and the artefacts
alerts() {
	place "$1"
	only "$1" github
	sed -i -e 's/collect: \[actions, deployments\]/collect: [deployments, code_scanning, dependabot, secret_scanning]\n      scan_artifacts: ["bandit-*"]/' \
		-e '/^    slack:/d' -e '/^    email:/d' "$1/sitrep.yaml"
}
same() {
	if "$SERVICES" --compare "$2" "$3" >"$T/differs" 2>&1; then ok "$1"; else no "$1" "$(tr '\n' '|' <"$T/differs" | head -c 600)"; fi
}
D=$T/d1
alerts "$D"
exits "collects" 0 "$D" run --week $WEEK
J=$(digest "$D")
"$SERVICES" --truth-alerts --of $WEEK >"$T/truth"
same "the lists' numbers are those of the estate" "$T/truth" "$J"
is "what is switched off is said, and no reason to call it incomplete" "$(incomplete "$D" security.tool.github-code-scanning.new)" false
sql "$D" "SELECT reason FROM ledger WHERE part = 'code_scanning'" >"$T/reason"
has "the fallback is said" "$T/reason" "asked repository by repository"
has "what is not enabled is counted" "$T/reason" "not enabled in"
is "one artefact was read" "$(sql "$D" "SELECT tool || ' ' || target || ' ' || status || ' ' || findings FROM scan")" "bandit example-data/pipelines ok 3"
cat "$D/out" "$D/err" "$J" "$D"/var/archive/$WEEK/everyone/* "$D/var/sitrep.db" "$D"/var/sitrep.db-wal >"$T/everything" 2>/dev/null
if grep -qaF AKIAINVENTEDLEAKEDKEY "$T/everything"; then no "no secret's value anywhere" "found"; else ok "no secret's value anywhere"; fi

before=$(wc -l <"$T/services/requests.log")
exits "collects again" 0 "$D" collect --week $WEEK
is "no artefact is downloaded twice" "$(tail -n +$((before + 1)) "$T/services/requests.log" | grep -c '/zip')" 0

D=$T/d2
alerts "$D"
exits "walks back thirteen weeks" 3 "$D" backfill --from 2026-W34 --to $WEEK # the oldest artefacts have expired
for w in 2026-W34 2026-W38 2026-W45 $WEEK; do
	"$SERVICES" --truth-alerts --of $w >"$T/truth"
	same "the lists' numbers of $w, read back" "$T/truth" "$(digest "$D" $w)"
done
is "an expired artefact is no clean scan" "$(json "$(digest "$D" 2026-W35)" numbers/security.new/incomplete)" true

D=$T/d3
alerts "$D"
openssl genrsa -out "$D/app.pem" 2048 2>/dev/null && chmod 600 "$D/app.pem"
sed -i 's|^      token: env:GITHUB_TOKEN|      app: {id: "12345", installation_id: "67890", private_key: "file:app.pem"}|' "$D/sitrep.yaml"
exits "signs in as an App" 0 "$D" run --week $WEEK
"$SERVICES" --truth-alerts --of $WEEK >"$T/truth"
same "and gets the same numbers" "$T/truth" "$(digest "$D")"
sitrep "$D" check
has "check signs in too" "$D/out" "source github (GitHub)"
is "and finds nothing wrong with it" "$(grep -c '^FAILED.*GitHub' "$D/out")" 0
cat "$D/err" "$D/out" "$D/var/sitrep.db" >"$T/everything"
if grep -qaE 'BEGIN (RSA )?PRIVATE KEY|invented-github-token|eyJ[A-Za-z0-9_-]+\.eyJ' "$T/everything"; then no "no key or token is kept" "found"; else ok "no key or token is kept"; fi

D=$T/d4
alerts "$D"
faults github/dependabot:403
exits "a refused list" 3 "$D" run --week $WEEK
faults ""
is "is null, not zero" "$(number "$D" security.tool.github-dependabot.new)" null
is "the sum is marked" "$(incomplete "$D" security.new)" true
is "the others are whole" "$(incomplete "$D" deployments.total)" false
is "and the source is not lost" "$(json "$(digest "$D")" coverage/source=github/status)" partial
