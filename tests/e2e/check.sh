#!/usr/bin/env bash
# check: a line a source and channel; what is missing is named before a run finds out.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
D=$T/d
place "$D"
only "$D" sentry github
exits "all is well: exit 0" 0 "$D" check
has "who the GitHub token sees" "$D/out" "repositories of example-data"
has "what Sentry shows" "$D/out" "example-data, "
has "the mail server was asked" "$D/out" "250"
hasnt "nothing is said of a cost before there was a run" "$D/out" "a run took"
is "nothing was collected" "$([ -e "$D/var/sitrep.db" ] && echo store)" ""
lines=$(wc -l <"$D/out")
is "nothing on standard error" "$(cat "$D/err")" ""
exits "a week" 0 "$D" run --week $WEEK --no-send
exits "again after a run" 0 "$D" check
has "a run's cost is told" "$D/out" "a run took"
is "a line each, as before" "$(wc -l <"$D/out")" "$lines"
faults github/runs:403
exits "a permission is missing: exit 1" 1 "$D" check
has "it is named" "$D/out" "the token lacks Actions: read"
faults sentry:401
exits "a wrong token: exit 1" 1 "$D" check
grep -q '^FAILED.*Sentry.*401' "$D/out" && ok "its source is named" || no "its source is named" "$(grep Sentry "$D/out")"
faults ""
sed -i 's|smtp://127.0.0.1:[0-9]*|smtp://127.0.0.1:1|' "$D/sitrep.yaml"
exits "no mail server: exit 1" 1 "$D" check
grep -q '^FAILED.*e-mail' "$D/out" && ok "its audience is named" || no "its audience is named" "$(grep e-mail "$D/out")"
if grep -qF -e "$GITHUB_TOKEN" -e "$SENTRY_AUTH_TOKEN" "$D/out" "$D/err"; then no "no token is printed" "one is"; else ok "no token is printed"; fi
