#!/usr/bin/env bash
# Once per person and channel: refusals, lost connections, crashes at any moment.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" --refuse 'gone@*' || exit 1
n=0
# fresh: a folder with a frozen digest of one source, nothing sent
fresh() {
	n=$((n + 1))
	D=$T/d$n
	place "$D"
	only "$D" sentry
	[ -n "${1:-}" ] && sed -i -e "$1" "$D/sitrep.yaml"
	if [ -d "$T/base" ]; then
		mkdir -p "$D/var" && cp -r "$T/base/." "$D/var/"
	else
		exits "a digest is frozen without sending" 0 "$D" run --week $WEEK --no-send
		cp -r "$D/var" "$T/base"
	fi
	faults ""
	rm -rf "$T"/services/mail/* "$T/services/mail.log" "$T/services/slack.jsonl"
}
# state CHANNEL [RECIPIENT]: of the deliveries, in the order of recipients
state() {
	sql "$D" "SELECT state FROM outbox WHERE channel = '$1' AND recipient LIKE '${2:-%}' ORDER BY recipient" | tr '\n' ' '
}
fresh
PARTS=$(json "$D/var/archive/$WEEK/everyone/slack.json" "")

exits "all goes well: exit 0" 0 "$D" send --week $WEEK
is "all goes well: sent" "$(state email)$(state slack)$(state directory)" "sent sent sent sent "
is "all goes well: everything once" "$(mails) $(posts)" "2 $PARTS"

fresh 's/team@example.org/gone@example.org/'
exits "one recipient refused: exit 4" 4 "$D" send --week $WEEK
is "one recipient refused: the other has it" "$(state email gone%)$(state email lead%)" "refused sent "
is "one recipient refused: Slack has it" "$(posts)" "$PARTS"
exits "one recipient refused: not tried again by itself" 4 "$D" send --week $WEEK
is "one recipient refused: nobody gets it twice" "$(mails) $(posts)" "1 $PARTS"

fresh
faults smtp:drop-after-data:1
exits "connection lost after the dot: exit 4" 4 "$D" send --week $WEEK
is "connection lost after the dot: unknown, the other sent" "$(state email)" "unknown sent "
exits "connection lost after the dot: not sent again" 4 "$D" send --week $WEEK --retry-failed
is "connection lost after the dot: two mails in all" "$(mails)" 2

fresh
faults smtp:data-451
exits "451 after the dot: exit 4" 4 "$D" send --week $WEEK
faults ""
exits "451 after the dot: sent at the next run" 0 "$D" send --week $WEEK
is "451 after the dot: each once" "$(mails) $(state email)" "2 sent sent "

fresh
faults smtp:drop-in-data
exits "connection lost in DATA: exit 4" 4 "$D" send --week $WEEK
is "connection lost in DATA: nothing arrived" "$(mails)" 0

for f in slack:drop-after-send:1 slack/postMessage:drop-after-send:1 slack/postMessage:drop-after-send:2 slack/postMessage:500:1; do
	fresh
	faults $f
	sitrep "$D" send --week $WEEK
	first=$RC
	faults ""
	exits "$f (exit $first), then again: exit 0" 0 "$D" send --week $WEEK
	is "$f: every part was posted once" "$(posts)" "$PARTS"
	is "$f: the parts differ" "$(sed 's/"ts":"[^"]*"//; s/"thread_ts":"[^"]*"//g' "$T/services/slack.jsonl" 2>/dev/null | sort | uniq -d | wc -l)" 0
done
fresh
faults slack/postMessage:429:1
exits "Slack 429 is waited for: exit 0" 0 "$D" send --week $WEEK
is "Slack 429: every part once" "$(posts)" "$PARTS"
fresh
faults slack:invalid_auth
exits "Slack invalid_auth: exit 4" 4 "$D" send --week $WEEK
is "Slack invalid_auth: refused, mail sent all the same" "$(state slack)$(state email)" "refused sent sent "
faults ""
exits "Slack invalid_auth: --retry-failed sends it" 0 "$D" send --week $WEEK --retry-failed
is "Slack invalid_auth: posted once, no mail twice" "$(posts) $(mails)" "$PARTS 2"
fresh
sed -i 's/slack: {channel: planning-notifications, token: env:SLACK_BOT_TOKEN, url: [^}]*}/slack: {webhook: env:HOOK}/' "$D/sitrep.yaml"
HOOK=$SLACK_WEBHOOK exits "a webhook: exit 0" 0 "$D" send --week $WEEK
[ "$(posts)" -ge 1 ] && ok "a webhook: posted" || no "a webhook: posted" "nothing"
has "no mail repeats a secret of the webhook" "$T/services/slack.jsonl" '"via":"webhook"'
is "the webhook's address stands in no file" "$(grep -rlF 'B00000000' "$D" | wc -l)" 0

fresh
faults slack:invalid_auth sentry/events/:500
exits "an incomplete source and a refused delivery: 4 beats 3" 4 "$D" run --week $WEEK

# TLS
fresh 's/tls: none/tls: required, ca: ca.pem, user: env:SMTP_USER, password: env:SMTP_PASSWORD/'
cp "$T/services/ca.pem" "$D/ca.pem"
exits "STARTTLS with a login: exit 0" 0 "$D" send --week $WEEK
is "STARTTLS: both transactions were encrypted" "$(grep -c ' tls$' "$T/services/mail.log")" 2
fresh "s|smtp: \"[^\"]*\", tls: none|smtp: \"$SMTPS_URL\", tls: required, ca: ca.pem|"
cp "$T/services/ca.pem" "$D/ca.pem"
exits "TLS at once: exit 0" 0 "$D" send --week $WEEK
fresh 's/tls: none/tls: required/'
exits "a certificate nobody vouches for: exit 4" 4 "$D" send --week $WEEK
is "a certificate nobody vouches for: nothing sent" "$(mails)" 0
fresh 's/tls: none/tls: required, ca: ca.pem, user: env:SMTP_USER, password: env:SMTP_PASSWORD/'
cp "$T/services/ca.pem" "$D/ca.pem"
faults smtp:no-starttls
exits "no STARTTLS offered: exit 4" 4 "$D" send --week $WEEK
is "no STARTTLS offered: nothing sent in clear" "$(mails)" 0

# kill -9 at many moments, then again until all is said: nothing is lost, nothing is doubled. A mail whose fate is not known stays
# "unknown" and is never sent again; so at most one of each.
for ms in 5 10 15 20 25 30 40 50 60 80 100 130 170 220; do
	fresh
	faults slack:slow
	"$PROGRAM" -c "$D/sitrep.yaml" --now $NOW send --week $WEEK >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf %03d $ms)"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	faults ""
	sitrep "$D" send --week $WEEK
	sitrep "$D" send --week $WEEK
	twice=$(awk '{print $3}' "$T/services/mail.log" 2>/dev/null | sort | uniq -d | wc -l)
	mail_ok=1
	for who in lead@example.org team@example.org; do
		s=$(state email $who) got=$(grep -c " $who" "$T/services/mail.log" 2>/dev/null)
		case "$s$got" in
		"sent 1" | "unknown 1" | "unknown 0") ;;
		*) mail_ok="$who is \"$s\", arrived $got" ;;
		esac
	done
	is "killed after $ms ms: nobody has two mails" "$twice" 0
	is "killed after $ms ms: every mail is sent or told as unknown" "$mail_ok" 1
	case "$(state slack)" in
	"sent ") is "killed after $ms ms: every Slack part once" "$(posts)" "$PARTS" ;;
	*) no "killed after $ms ms: Slack can be looked up" "state $(state slack)" ;;
	esac
	is "killed after $ms ms: the store is whole" "$(sql "$D" 'PRAGMA integrity_check')" ok
	[ $failures = 0 ] && rm -rf "$D"
done

# ... and in the middle of collecting and freezing
for ms in 30 80 150 250 400 600; do
	n=$((n + 1))
	D=$T/d$n
	place "$D"
	only "$D" sentry github
	rm -rf "$T"/services/mail/* "$T/services/mail.log" "$T/services/slack.jsonl"
	"$PROGRAM" -c "$D/sitrep.yaml" --now $NOW run --week $WEEK >/dev/null 2>&1 &
	pid=$!
	sleep "0.$(printf %03d $ms)"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	exits "run killed after $ms ms, run again: exit 0" 0 "$D" run --week $WEEK
	is "run killed after $ms ms: mails once" "$(mails)" 2
	is "run killed after $ms ms: new errors" "$(number "$D" errors.new)" 14
	[ $failures = 0 ] && rm -rf "$D"
done
