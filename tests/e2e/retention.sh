#!/usr/bin/env bash
# retention: weeks of digests that the configuration does not keep go from the store and from the archive; the rest stays.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
D=$T/d
place "$D"
only "$D" scans
sed -i -e '/^    slack:/d' -e '/^    email:/d' "$D/sitrep.yaml"
"$SERVICES" --write-scans "$D/scans"
sitrep "$D" backfill --from 2026-W43 --to 2026-W45
sitrep "$D" run --week $WEEK
is "without a limit every week stays" "$(sql "$D" 'SELECT count(*) FROM digest')" 4
echo 'retention: {weeks: 2}' >>"$D/sitrep.yaml"
sitrep "$D" run --week $WEEK
is "two weeks are kept" "$(sql "$D" "SELECT group_concat(week, ' ') FROM (SELECT week FROM digest ORDER BY week)")" "2026-W45 2026-W46"
is "the archive forgets the same weeks" "$(cd "$D/var/archive" && ls -d 2026-* | tr '\n' ' ')" "2026-W45 2026-W46 "
hasnt "the front page does not name them" "$D/var/archive/index.html" 2026-W44
has "the front page names what is there" "$D/var/archive/index.html" 2026-W45
is "findings keep their life" "$(sql "$D" "SELECT min(first_seen_at) < '2026-10-26' FROM finding")" 1
