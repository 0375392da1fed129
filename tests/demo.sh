#!/bin/sh
# The whole weekly job on the sample estate, against loopback services: twelve weeks of history, then the week itself.
#   tests/demo.sh PROGRAM SERVICES      (make demo)
set -eu
program=$1 services=$2
here=$(dirname "$0")
. "$here/support/estate.sh"
dir=build/demo
rm -rf "$dir" && mkdir -p "$dir"
"$services" --write-scans "$dir/scans"
estate_start "$dir" "$services"
estate_config "$dir"
sed -i 's/collect: \[actions, deployments\]/collect: [actions, deployments, code_scanning, dependabot, secret_scanning]\n      scan_artifacts: ["bandit-*"]/' \
	"$dir/sitrep.yaml"
estate_slack "$dir"
estate_image_scans "$dir"
now='--now 2026-11-16T10:30:00Z'
# Expected to end with 3: one repository answers 403, one scan failed. The digest says so.
sitrep() {
	rc=0
	"$program" -q -c "$dir/sitrep.yaml" $now "$@" 2>>"$dir/messages.txt" || rc=$?
	[ $rc = 0 ] || [ $rc = 3 ] || {
		echo "sitrep $1 ended with $rc:" >&2
		tail -n 20 "$dir/messages.txt" >&2
		exit 1
	}
}
echo "Collecting twelve weeks of history, then week 2026-W46 ..."
sitrep backfill --from 2026-W34 --to 2026-W45
estate_close "$dir" # in the last week the token may not read one repository any more
sitrep run --week 2026-W46
week=$dir/var/archive/2026-W46/everyone
sitrep show --week 2026-W46 >"$dir/show.txt"
head -n 44 "$dir/show.txt"
cat <<TEXT

The digest of week 46, ready to look at:
  page      $week/page.html
  PDF       $week/digest.pdf
  text      $week/digest.txt
  JSON      $week/digest.json
  mail      $(ls "$dir"/services/mail/*.eml 2>/dev/null | tail -n 1)   (as the SMTP service took it)
  Slack     $dir/services/slack.jsonl   ($(wc -l <"$dir/services/slack.jsonl") messages, as Slack took them)
  outbox    $dir/var/outbox/
  index     $dir/var/archive/index.html   (13 weeks)
  store     $dir/var/sitrep.db
  settings  $dir/sitrep.yaml
TEXT
estate_stop "$dir"
