#!/usr/bin/env bash
# Thirteen weeks as a user would have them: the history, the week, what was sent, what the numbers are, and doing it all again.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
D=$T/d
place "$D"
"$SERVICES" --write-scans "$D/scans"

exits "backfill ends with 3, as some scans failed" 3 "$D" backfill --from 2026-W34 --to 2026-W45
is "backfill sends nothing" "$(mails) $(posts)" "0 0"
estate_close "$T"
exits "run ends with 3, as one repository answers 403 and one scan failed" 3 "$D" run --week $WEEK
has "run says which repository" "$D/err" "land-research"

# --- numbers against the truth of the estate, counted by other code ---
for w in 34 35 36 37 38 39 40 41 42 43 44 45 46; do
	"$SERVICES" --truth --of "2026-W$w" >"$T/truth.json"
	if wrong=$("$SERVICES" --compare "$T/truth.json" "$(digest "$D" "2026-W$w")" 2>&1); then
		ok "numbers of 2026-W$w are those of the estate"
	else
		no "numbers of 2026-W$w are those of the estate" "$(tr '\n' ';' <<<"$wrong")"
	fi
done
J=$(digest "$D")
is "the digest names its week" "$(json "$J" week) $(json "$J" from) $(json "$J" to)" "2026-W46 2026-11-09T00:00:00Z 2026-11-16T00:00:00Z"
is "a CI number is marked incomplete, as a repository is missing" "$(json "$J" numbers/ci.failed/incomplete)" true
is "deployments are whole" "$(json "$J" numbers/deployments.total/incomplete)" false
is "CI of the weeks before is whole" "$(json "$(digest "$D" 2026-W45)" numbers/ci.failed/incomplete)" false
is "an error number is whole" "$(json "$J" numbers/errors.new/incomplete)" false
is "new errors are more than usual" "$(json "$J" numbers/errors.new/mark)" up
is "coverage: sentry" "$(json "$J" coverage/source=sentry/status | sort -u)" complete
is "coverage: github" "$(json "$J" coverage/source=github/status | sort -u | tail -n 1)" partial
is "items of a section and kind are as many as the number" "$(json "$J" "items/section=errors/kind" | grep -c '^new$')" "$(json "$J" numbers/errors.new/value)"
is "the error left behind is tied to the deployment that was rolled back" \
	"$(json "$J" "items/title=KeyError: 'organisation_entity'/deployment/strength" | head -n 1)" certain
is "keys of items occur once" "$(json "$J" 'items/*/key' | sort | uniq -d | wc -l)" 0
[ "$(json "$J" needs_you)" -gt 0 ] && ok "something needs somebody" || no "something needs somebody" "needs_you is empty"
is "a week with a change of clocks has 169 hours" "$(head -n 1 "$D/var/archive/2026-W43/everyone/digest.txt" | grep -c '169 hours')" 1

# --- the archive ---
for f in page.html digest.pdf digest.txt digest.json digest.xml mail.eml slack.json; do
	[ -s "$D/var/archive/$WEEK/everyone/$f" ] && ok "archive holds $f" || no "archive holds $f" "missing or empty"
done
[ -s "$D/var/archive/index.html" ] && [ -s "$D/var/archive/feed.xml" ] && ok "archive has a front page and a feed" || no "archive has a front page and a feed" "missing"
exits "verify makes the same bytes again" 0 "$D" verify $WEEK
for w in 41 46; do # 41 holds hostile titles
	f=$D/var/archive/2026-W$w/everyone
	hasnt "no tag of a stranger gets into the page of W$w" "$f/page.html" "<script"
	is "no control characters in the text of W$w" "$(LC_ALL=C grep -c $'[\x01-\x08\x0b-\x1f\x7f]' "$f/digest.txt")" 0
	is "no direction marks in the text of W$w" "$(grep -c $'\u202e' "$f/digest.txt")" 0
	hasnt "no channel is called by a stranger in W$w" "$f/slack.json" "<!channel>"
	xmllint --noout "$f/digest.xml" 2>/dev/null && ok "digest.xml of W$w is well formed" || no "digest.xml of W$w is well formed" "xmllint"
done

# --- deliveries ---
is "one mail for each recipient" "$(mails)" 2
is "mail was sent to both, one transaction each" "$(awk '{print $3}' "$T/services/mail.log" | sort | tr '\n' ' ')" "lead@example.org team@example.org "
for f in "$T"/services/mail/*.eml; do
	cmp -s "$f" "$D/var/archive/$WEEK/everyone/mail.eml" && ok "sent bytes are the archive's ($(basename "$f"))" || no "sent bytes are the archive's ($(basename "$f"))" "they differ"
done
cmp -s "$D/var/outbox/$WEEK-everyone.eml" "$D/var/archive/$WEEK/everyone/mail.eml" && ok "the outbox folder has the same mail" || no "the outbox folder has the same mail" "it differs"
is "every Slack message of the archive was posted once" "$(posts)" "$(json "$D/var/archive/$WEEK/everyone/slack.json" "")"
exits "status is readable" 0 "$D" status --format json
is "status: four deliveries were sent" "$(json "$D/out" 'deliveries/*/state' | sort | uniq -c | tr -s ' ')" " 4 sent"
is "status: mail keeps the server's last words" "$(json "$D/out" deliveries/channel=email/answer | grep -c 'queued as')" 2

# --- again ---
mails_before=$(mails) posts_before=$(posts) sum=$(cd "$D/var/archive/$WEEK" && find . -type f ! -name manifest.json -exec sha256sum {} + | sort)
exits "a second run ends as the first" 3 "$D" run --week $WEEK
is "a second run sends nothing" "$(mails) $(posts)" "$mails_before $posts_before"
is "a second run leaves the archive's bytes alone" "$(cd "$D/var/archive/$WEEK" && find . -type f ! -name manifest.json -exec sha256sum {} + | sort)" "$sum"
exits "send has nothing to do" 0 "$D" send --week $WEEK
is "send sends nothing" "$(mails) $(posts)" "$mails_before $posts_before"
"$SERVICES" --truth >"$T/truth.json"
"$SERVICES" --compare "$T/truth.json" "$J" >/dev/null && ok "numbers stand after collecting again" || no "numbers stand after collecting again" "$("$SERVICES" --compare "$T/truth.json" "$J" | tr '\n' ';')"

# --- reading ---
exits "show prints the text" 0 "$D" show --week $WEEK
cmp -s "$D/out" "$D/var/archive/$WEEK/everyone/digest.txt" && ok "show prints what the archive holds" || no "show prints what the archive holds" "$(diff "$D/out" "$D/var/archive/$WEEK/everyone/digest.txt" | head -n 3 | tr '\n' '|')"
exits "show --format json" 0 "$D" show --week 2026-11-12 --format json
is "show --format json is the week of a date inside it" "$(json "$D/out" week)" $WEEK
exits "show --section" 0 "$D" show --section errors
has "show --section prints the section" "$D/out" "Errors"
exits "show of a week without a digest: exit 1" 1 "$D" show --week 2026-W20
exits "list" 0 "$D" list
is "list names 13 weeks" "$(grep -c '2026-W' "$D/out")" 13
exits "check" 0 "$D" check
exits "backup" 0 "$D" backup "$D/copy.db"
is "the copy is whole" "$("$SERVICES" --sql "$D/copy.db" "PRAGMA integrity_check")" ok

# --- reports by hand ---
RC=0
(cd "$T" && env -u SENTRY_AUTH_TOKEN "$PROGRAM" ingest --dry-run --format json "$D"/scans/*/*-2026-W46.json) >"$T/lines" 2>"$T/lines.err" || RC=$?
is "ingest --dry-run needs no configuration" $RC 3
is "ingest --dry-run prints one line per file" "$(wc -l <"$T/lines")" 7
is "ingest --dry-run: one report is not usable" "$(grep -vc '"status":"ok"' "$T/lines")" 1
exits "an accepted error" 0 "$D" accept "$(json "$J" items/kind=escalating/key | head -n 1)" --until 2026-12-01 --reason "known, being worked on"
exits "a finding accepted for too long a past" 2 "$D" accept x --until 2020-01-01 --reason "late"

# --- secrets ---
"$PROGRAM" -vv -c "$D/sitrep.yaml" --now $NOW collect --week $WEEK >"$D/verbose.out" 2>"$D/verbose.err"
[ -s "$D/verbose.err" ] && ok "-vv says a lot" || no "-vv says a lot" "nothing on stderr"
for s in "$SENTRY_AUTH_TOKEN" "$GITHUB_TOKEN" "$SLACK_BOT_TOKEN" "$AWS_SECRET_ACCESS_KEY" "$SMTP_PASSWORD"; do
	found=$(grep -rlF -- "$s" "$D" "$T/services" 2>/dev/null | head -n 3 | tr '\n' ' ')
	is "${s%-*} stands in no file" "$found" ""
done
is "the store keeps no message text of a token either" "$(sql "$D" "SELECT count(*) FROM run WHERE summary LIKE '%invented-%'")" 0
