#!/usr/bin/env bash
# AWS: credentials of every kind against an AWS that checks each signature, ECS told once, image scans, a small second run.
. "$(dirname "$0")/../support/e2e.sh"
estate_start "$T" "$SERVICES" || exit 1
D=$T/d
place "$D"
only "$D" github aws
sed -i -e '/^    slack:/d' -e '/^    email:/d' -e 's/, cloudwatch, synthetics//' "$D/sitrep.yaml"
HOME=$D
export HOME
exits "a week of ECR, CodeDeploy and ECS" 0 "$D" run --no-send --week $WEEK
is "every part of it is complete" "$(sql "$D" "SELECT count(*) FROM ledger WHERE source LIKE 'aws-%' AND status <> 'complete'")" 0
"$SERVICES" --truth --of $WEEK >"$T/truth.json"
for id in deployments.total deployments.succeeded deployments.failed deployments.rolled_back deployments.in_progress deployments.staging.total deployments.development.total; do
	is "$id is counted once" "$(number "$D" $id)" "$(json "$T/truth.json" "numbers/$id")"
done
told=$(sql "$D" "SELECT count(*) FROM deployment WHERE kind = 'ecs' AND environment = 'production' AND finished_at >= '2026-11-09'")
is "ECS told of deployments that GitHub published" "$told" 3
is "the step that failed is said" "$(sql "$D" "SELECT count(*) > 0 FROM deployment WHERE state = 'rolled_back' AND detail LIKE '%; failed at AllowTraffic, 10 % of traffic on the new version'")" 1
exits "the same week again" 0 "$D" collect --week $WEEK
is "asks CodeDeploy and ECS for little" "$(sql "$D" "SELECT max(requests) <= 4 FROM ledger WHERE part IN ('codedeploy', 'ecs')")" 1

estate_image_scans "$D"
exits "with image scans" 0 "$D" run --no-send --week $WEEK
is "the newest image of each repository that is scanned" "$(sql "$D" "SELECT count(*) FROM scan WHERE tool = 'ecr' AND status = 'ok'")" 4
is "its findings are outstanding" "$(number "$D" security.tool.ecr.outstanding)" "$(sql "$D" "SELECT count(*) FROM finding WHERE tool = 'ecr' AND state = 'open'")"
is "and none of a first scan is new" "$(number "$D" security.tool.ecr.new)" 0

# credentials NAME: what check says of production with the environment as it is
credentials() {
	sitrep "$D" check
	grep 'aws-production' "$D/out" >"$D/line"
	has "$1: it is told who" "$D/line" "arn:aws:sts::100000000001:assumed-role/sitrep-reader/sitrep until 2099-01-01"
	has "$1: every list answers" "$D/line" "ecs: 1 clusters"
}
sed -i 's/name: aws-production, /&role_arn: "arn:aws:iam::100000000001:role\/sitrep-reader", external_id: example, /' "$D/sitrep.yaml"
credentials "a role"
sed -i 's/role_arn: [^,]*, external_id: example, //' "$D/sitrep.yaml"
secret=$AWS_SECRET_ACCESS_KEY
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
mkdir -p "$D/.aws"
printf '[base]\naws_access_key_id = EXAMPLEKEY\naws_secret_access_key = %s\n' "$secret" >"$D/.aws/credentials"
printf '[profile reader]\nrole_arn = arn:aws:iam::100000000001:role/sitrep-reader\nsource_profile = base\n' >"$D/.aws/config"
AWS_PROFILE=reader credentials "a profile's role"
rm -r "$D/.aws"
AWS_EC2_METADATA_SERVICE_ENDPOINT=$AWS_URL credentials "instance metadata"
AWS_CONTAINER_CREDENTIALS_FULL_URI=$AWS_URL/container-credentials credentials "a container's endpoint"
echo example-identity >"$D/token"
AWS_WEB_IDENTITY_TOKEN_FILE=$D/token AWS_ROLE_ARN=arn:aws:iam::100000000001:role/sitrep-reader credentials "web identity"

export AWS_EC2_METADATA_DISABLED=true
exits "no credentials at all: exit 3" 3 "$D" run --no-send --week $WEEK
is "no deployment is a zero" "$(incomplete "$D" deployments.total)" true
is "where they were looked for is said" "$(sql "$D" "SELECT count(*) FROM ledger WHERE source = 'aws-production' AND status = 'failed' AND reason LIKE 'no AWS credentials: environment: %instance metadata: %'")" 4
if grep -qa -e "$secret" -e example-session-secret -e example-session-token "$D"/var/sitrep.db* "$D/out" "$D/err"; then no "no secret is kept" "one is in the store"; else ok "no secret is kept"; fi
