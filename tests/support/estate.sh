# For demo.sh and the end-to-end scripts: the loopback services of the sample estate and a configuration for them. POSIX sh; to be sourced.
#   estate_start DIR SERVICES [OPTION…]   starts the services; they end with this shell. Sets SENTRY_URL … and exports invented tokens
#   estate_config DIR                     writes DIR/sitrep.yaml; everything else goes below DIR too
#   estate_image_scans DIR                adds ECR's image scans to that file
#   estate_slack DIR                      adds the notifications channel as a source to that file
#   estate_close DIR, estate_stop DIR

estate_tokens() {
	SENTRY_AUTH_TOKEN=invented-sentry-token-7f3a GITHUB_TOKEN=invented-github-token-91bc SLACK_BOT_TOKEN=invented-slack-token-d2e4
	AWS_ACCESS_KEY_ID=EXAMPLEKEY AWS_SECRET_ACCESS_KEY=invented-aws-secret-55e0
	SMTP_USER=invented-smtp-user SMTP_PASSWORD=invented-smtp-password-a8c6
	export SENTRY_AUTH_TOKEN GITHUB_TOKEN SLACK_BOT_TOKEN AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY SMTP_USER SMTP_PASSWORD
	unset AWS_SESSION_TOKEN AWS_PROFILE http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
}

estate_start() {
	estate_dir=$1/services estate_program=$2
	shift 2
	estate_tokens
	rm -rf "$estate_dir" && mkdir -p "$estate_dir"
	mkfifo "$estate_dir/alive"
	"$estate_program" --dir "$estate_dir" --control "$estate_dir/faults" --watch-stdin "$@" <"$estate_dir/alive" >"$estate_dir/out" 2>"$estate_dir/err" &
	exec 9>"$estate_dir/alive" # closed when this shell ends, however it ends
	i=0
	while [ ! -s "$estate_dir/urls.sh" ]; do
		i=$((i + 1))
		if [ $i -gt 200 ]; then
			echo "services did not start:" >&2
			cat "$estate_dir/err" >&2
			return 1
		fi
		sleep 0.05
	done
	. "$estate_dir/urls.sh"
}

# One repository's Actions answer 403 from now on.
estate_close() { echo github/land-research/actions:403 >"$1/services/faults"; }

estate_stop() {
	# Either ends them, and whichever comes second finds nothing to end.
	exec 9>&-
	kill "$(cat "$1/services/services.pid")" 2>/dev/null || true
	wait 2>/dev/null || true
}

estate_config() {
	cat >"$1/sitrep.yaml" <<YAML
title: Planning Data
timezone: Europe/London
store: var/sitrep.db
archive: var/archive
archive_url: https://example.org/sitrep/
environments: [production, staging, development]
environment_aliases: [{alias: prod, environment: production}]
sources:
  sentry:
    - name: sentry
      url: $SENTRY_URL
      organisation: example-data
      token: env:SENTRY_AUTH_TOKEN
      environments: [production]
  github:
    - name: github
      url: $GITHUB_URL
      organisation: example-data
      token: env:GITHUB_TOKEN
      data_processing: ["*-collection/*", "data-builder/build.yml", "config/evening-pipeline.yml"]
      collect: [actions, deployments]
  aws:
    - {name: aws-production, environment: production, region: eu-west-2, endpoint: "$AWS_URL", collect: [ecr, codedeploy, ecs, cloudwatch, synthetics]}
    - {name: aws-staging, environment: staging, region: eu-west-2, endpoint: "$AWS_STAGING_URL", collect: [ecr, codedeploy, ecs]}
    - {name: aws-development, environment: development, region: eu-west-2, endpoint: "$AWS_DEVELOPMENT_URL", collect: [ecr, codedeploy, ecs]}
  status_page:
    - {name: status-page, url: "$STATUS_URL"}
  scans:
    - name: scans
      path: scans/*/*.json
      target: from-path
services:
  - {name: web, repository: web, sentry: [web], aws: ["*-web"], status_page: [platform]}
  - {name: submit, repository: submit, sentry: [submit], aws: ["*-submit"], status_page: [provide]}
  - {name: request-api, repository: request-api, sentry: [request-api], aws: ["*-request-api"]}
  - {name: request-processor, repository: request-processor, sentry: [request-processor], aws: ["*-request-processor"]}
  - {name: tiles, repository: tiles, sentry: [tiles], aws: ["*-tiles"], status_page: [tiles-server]}
  - {name: design-system, repository: design-system, sentry: [design-system], aws: ["*-design-system"], status_page: [design]}
  - {name: pipelines, repository: pipelines, sentry: [pipelines]}
owners:
  - team: Platform
    items: ["service:web", "service:tiles", "sentry:web", "sentry:tiles", "sentry:status", "repo:web", "repo:tiles", "repo:infrastructure"]
  - team: Providers
    items: ["service:submit", "service:request-*", "sentry:submit", "sentry:request-*", "sentry:forms", "sentry:manage", "repo:submit", "repo:request-*"]
  - team: Data Management
    items: ["service:pipelines", "sentry:data-builder", "sentry:pipelines", "sentry:datasets", "repo:data-builder", "repo:config", "repo:pipelines",
            "repo:*-collection"]
  - team: Design
    items: ["service:design-system", "sentry:design-system", "repo:design-system"]
audiences:
  - name: everyone
    slack: {channel: planning-notifications, token: env:SLACK_BOT_TOKEN, url: $SLACK_URL}
    email: {to: [lead@example.org, team@example.org], from: "sitrep <sitrep@example.org>", smtp: "$SMTP_URL", tls: none}
    directory: {path: var/outbox}
limits: {slack_interval_ms: 0, timeout_s: 10, retries: 2}
YAML
}

# Image scans of production: of these the truth of "services --truth" knows nothing.
estate_image_scans() { sed -i "/name: aws-production/s|collect: \[ecr, |collect: [ecr, ecr_scans, |" "$1/sitrep.yaml"; }

estate_slack() {
	sed -i "s|^services:\$|  slack:\n    - {name: notifications, channel: planning-notifications, token: \"env:SLACK_BOT_TOKEN\", url: \"$SLACK_URL\"}\n&|" "$1/sitrep.yaml"
}
