/* services: the loopback Sentry, GitHub, AWS, Slack and SMTP of the tests and the demo, over the
 * sample estate. See usage(). */
#include "services/github.h"
#include "services/query.h"
#include "services/server.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static int usage(void)
{
	fputs("usage: services [OPTION]…                 serve until SIGTERM\n"
	      "  --dir DIR          posts (slack.jsonl), mail/N.eml, requests.log, ca.pem, "
	      "services.pid, urls.sh\n"
	      "  --week W           the estate's newest week (2026-W46)       --seed N\n"
	      "  --port-sentry N, --port-github N, --port-aws N, --port-slack N, --port-smtp N, "
	      "--port-smtps N   (any)\n"
	      "  --fault SPEC       see fault.h; may be repeated              --control FILE  "
	      "faults read from a file\n"
	      "  --replay DIR       recorded GitHub runs instead of the estate's\n"
	      "  --refuse GLOB      recipients that SMTP refuses              --auth  SMTP wants a "
	      "login\n"
	      "  --watch-stdin      end when standard input is closed\n"
	      "services --write-scans DIR [--week W]          the scan reports of 13 weeks as "
	      "files\n"
	      "services --truth [--week W] [--of W]           the numbers expected of a week as "
	      "JSON\n"
	      "services --truth-alerts [--week W] [--of W]    those of GitHub's alert lists\n"
	      "services --compare TRUTH.json DIGEST.json      prints what differs, exit 1 if "
	      "anything does\n"
	      "services --recorded DIR                        the runs that --replay DIR serves, "
	      "one a line\n"
	      "services --json FILE PATH                      prints what stands there, see "
	      "query.h\n"
	      "services --sql DB SQL                          prints the rows\n"
	      "Tokens: SENTRY_AUTH_TOKEN, GITHUB_TOKEN, SLACK_BOT_TOKEN, AWS_SECRET_ACCESS_KEY, "
	      "SMTP_USER, SMTP_PASSWORD of the environment,\n"
	      "else example-NAME. Access keys: EXAMPLEKEYPRODUCTION, EXAMPLEKEYSTAGING, "
	      "EXAMPLEKEYDEVELOPMENT.\n",
	      stderr);
	return 2;
}

static int failed(const struct err *e)
{
	fprintf(stderr, "services: %s\n", e->msg);
	return 1;
}

static const char *from_env(const char *name, const char *otherwise)
{
	const char *v = getenv(name);
	return v && *v ? v : otherwise;
}

static volatile sig_atomic_t ended;
static void on_signal(int s UNUSED)
{
	ended = 1;
}

static void wait_for_end(bool watch_stdin)
{
	while (!ended) {
		struct pollfd p = {.fd = watch_stdin ? STDIN_FILENO : -1, .events = POLLIN};
		char b[64];
		if (poll(&p, 1, 1000) > 0 && read(STDIN_FILENO, b, sizeof b) == 0)
			return;
	}
}

/* with: a further file, SQL, or paths, NULL-terminated. */
static int inspect(const char *how, const char *what, char **with)
{
	struct err e = {0};
	bool same = true;
	bool ok = text_eq(how, "--compare") ? truth_compare(what, *with, &same, &e)
		  : text_eq(how, "--json")  ? query_json(what, with, &e)
					    : query_sql(what, *with, &e);
	return ok ? !same : failed(&e);
}

struct ports {
	int sentry, github, aws, staging, development, status, slack, smtp, smtps;
};

static int serve(struct context *c, struct ports ask, bool watch_stdin)
{
	struct arena a = {0};
	struct err e = {0};
	struct ports got = {0};
	got.sentry = service_start("sentry", ask.sentry, c, sentry_serve);
	c->blobs_port = service_start("blobs", 0, c, github_blobs);
	got.github = service_start("github", ask.github, c, github_serve);
	got.aws = service_start("aws", ask.aws, c, aws_production);
	got.staging = service_start("aws", 0, c, aws_staging);
	got.development = service_start("aws", 0, c, aws_development);
	got.status = service_start("status", 0, c, status_page_serve);
	got.slack = service_start("slack", ask.slack, c, slack_serve);
	if (!got.sentry || !got.github || !got.aws || !got.staging || !got.development ||
	    !got.status || !got.slack || !c->blobs_port) {
		fprintf(stderr, "services: a port could not be had\n");
		return 1;
	}
	if (!smtp_start(c, ask.smtp, ask.smtps, &got.smtp, &got.smtps, &e))
		return failed(&e);
	const char *line = arena_printf(
		&a,
		"SENTRY_URL=http://127.0.0.1:%d GITHUB_URL=http://127.0.0.1:%d "
		"AWS_URL=http://127.0.0.1:%d AWS_STAGING_URL=http://127.0.0.1:%d "
		"AWS_DEVELOPMENT_URL=http://127.0.0.1:%d "
		"STATUS_URL=http://127.0.0.1:%d/history/summary.json "
		"SLACK_URL=http://127.0.0.1:%d/api "
		"SLACK_WEBHOOK=http://127.0.0.1:%d/services/T00000000/B00000000/example "
		"SMTP_URL=smtp://127.0.0.1:%d SMTPS_URL=smtps://127.0.0.1:%d\n",
		got.sentry, got.github, got.aws, got.staging, got.development, got.status,
		got.slack, got.slack, got.smtp, got.smtps);
	struct sigaction act = {.sa_handler = on_signal};
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	const char *pid = arena_printf(&a, "%d\n", (int)getpid());
	if (c->dir &&
	    (!file_write(path_join(&a, c->dir, "services.pid"), pid, strlen(pid), 0644, &e) ||
	     !file_write(path_join(&a, c->dir, "urls.sh"), line, strlen(line), 0644, &e)))
		return failed(&e);
	fputs(line, stdout);
	fflush(stdout);
	wait_for_end(watch_stdin);
	_exit(0); /* threads may hang in a played time-out */
}

int main(int argc, char **argv)
{
	struct err e = {0};
	struct arena a = {0};
	struct estate estate;
	struct context c = {
		.estate = &estate,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.sentry_token = from_env("SENTRY_AUTH_TOKEN", "example-sentry-token"),
		.github_token = from_env("GITHUB_TOKEN", "example-github-token"),
		.slack_token = from_env("SLACK_BOT_TOKEN", "example-slack-token"),
		.aws_secret = from_env("AWS_SECRET_ACCESS_KEY", "example-aws-secret"),
		.smtp_user = from_env("SMTP_USER", "example-user"),
		.smtp_password = from_env("SMTP_PASSWORD", "example-password"),
	};
	struct ports ports = {0};
	const struct {
		const char *name;
		int *port;
	} port_options[] = {{"--port-sentry", &ports.sentry}, {"--port-github", &ports.github},
			    {"--port-aws", &ports.aws},	      {"--port-slack", &ports.slack},
			    {"--port-smtp", &ports.smtp},     {"--port-smtps", &ports.smtps}};
	const char *week = "2026-W46", *write_scans = NULL, *of = NULL, *control = NULL;
	struct strv faults = {0};
	bool truth = false, alerts = false, watch = false;
	int64_t seed = 20261109, n;
	for (int i = 1; i < argc; i++) {
		const char *o = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
		int *port = NULL;
		for (size_t k = 0; k < ARRAY_SIZE(port_options); k++)
			if (text_eq(o, port_options[k].name))
				port = port_options[k].port;
		if (text_eq(o, "--truth") || text_eq(o, "--truth-alerts")) {
			truth = true;
			alerts = strlen(o) > strlen("--truth");
			continue;
		}
		if (text_eq(o, "--watch-stdin")) {
			watch = true;
			continue;
		}
		if (text_eq(o, "--auth")) {
			c.require_auth = true;
			continue;
		}
		if (!v)
			return usage();
		if (text_eq(o, "--compare") || text_eq(o, "--json") || text_eq(o, "--sql"))
			return i + 2 < argc ? inspect(o, v, &argv[i + 2]) : usage();
		if (text_eq(o, "--recorded")) {
			if (!replay_load(v, &e))
				return failed(&e);
			replay_list();
			return 0;
		}
		i++;
		if (port && parse_i64(v, &n) && n >= 0 && n < 65536)
			*port = (int)n;
		else if (text_eq(o, "--dir"))
			c.dir = v;
		else if (text_eq(o, "--week"))
			week = v;
		else if (text_eq(o, "--of"))
			of = v;
		else if (text_eq(o, "--seed") && parse_i64(v, &n))
			seed = n;
		else if (text_eq(o, "--fault"))
			vec_push(&a, &faults, v);
		else if (text_eq(o, "--control"))
			control = v;
		else if (text_eq(o, "--replay"))
			c.replay = v;
		else if (text_eq(o, "--refuse"))
			c.refuse = v;
		else if (text_eq(o, "--write-scans"))
			write_scans = v;
		else
			return usage();
	}
	faults_init(&c.faults, control);
	for (size_t i = 0; i < faults.n; i++)
		if (!faults_add(&c.faults, faults.v[i], &e))
			return failed(&e);
	c.faults.flags = c.faults.n;
	if (!estate_make(week, (uint64_t)seed, &estate, &e))
		return failed(&e);
	int rc = 0;
	if (write_scans) {
		if (!scans_write(&estate, write_scans, &e))
			rc = failed(&e);
	} else if (truth) {
		int w = ESTATE_WEEKS - 1;
		for (int k = 0; of && k < ESTATE_WEEKS; k++)
			if (text_eq(estate.week[k].name, of))
				w = k;
		puts(alerts ? truth_alerts_json(&estate, w, &a) : truth_json(&estate, w, &a));
	} else {
		if (c.dir && !file_mkdirs(c.dir, &e))
			return failed(&e);
		if (c.replay && !replay_load(c.replay, &e))
			return failed(&e);
		rc = serve(&c, ports, watch);
	}
	estate_free(&estate);
	arena_release(&a);
	return rc;
}
