#include "support/test.h"

#include "base/file.h"
#include "base/text.h"
#include "config/load.h"
#include "config/table.h"
#include "config/value.h"

#include <sys/stat.h>
#include <unistd.h>

static struct arena a;

static int release(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

#define HEAD "title: T\ntimezone: Europe/London\n"

/* The contract's sample, with every further key. */
static const char sample[] =
	"title: Planning Data\n"
	"timezone: Europe/London\n"
	"store: var/sitrep.db\n"
	"archive: var/archive\n"
	"archive_url: https://example.org/sitrep/      # optional\n"
	"environments: [production, staging, development]   # most important first\n"
	"sources:\n"
	"  sentry:\n"
	"    - name: sentry\n"
	"      url: https://sentry.io\n"
	"      organisation: dluhc-digital-land\n"
	"      token: env:SENTRY_AUTH_TOKEN\n"
	"      projects: [\"*\"]\n"
	"      environments: [production]\n"
	"      collect: [issues, releases, performance, health, monitors]\n"
	"  github:\n"
	"    - name: github\n"
	"      url: https://api.github.com\n"
	"      organisation: digital-land\n"
	"      token: env:GITHUB_TOKEN\n"
	"      repositories: [\"*\", \"!*-prototype\"]\n"
	"      data_processing: [\"*-collection/*\", \"config/config-evening-pipeline.yml\"]\n"
	"      collect: [actions, deployments, code_scanning, dependabot, secret_scanning]\n"
	"      scan_artifacts: [\"npm-audit-report\", \"zap-report*\", \"bandit-report*\"]\n"
	"    - name: github-user\n"
	"      user: somebody\n"
	"      tokens: [env:A, env:B]\n"
	"    - name: github-app\n"
	"      organisation: other\n"
	"      app: {id: 12, installation_id: 34, private_key: file:key.pem}\n"
	"  aws:\n"
	"    - name: aws-production\n"
	"      environment: production\n"
	"      region: eu-west-2\n"
	"      endpoint: http://127.0.0.1:4566\n"
	"      profile: p\n"
	"      role_arn: arn:aws:iam::123456789012:role/reader\n"
	"      external_id: x-1\n"
	"      collect: [ecr, codedeploy, ecs, cloudwatch, synthetics, ecr_scans]\n"
	"      dashboards: [\"*\"]\n"
	"  scans:\n"
	"    - name: nightly-scans\n"
	"      path: /var/lib/scans/*/*.json\n"
	"      target: from-path\n"
	"      tool: bandit\n"
	"  status_page:\n"
	"    - name: upptime\n"
	"      url: https://example.org/summary.json\n"
	"  slack:\n"
	"    - name: notifications\n"
	"      url: https://slack.com/api\n"
	"      channel: planning-data-notifications\n"
	"      token: env:SLACK_BOT_TOKEN\n"
	"services:\n"
	"  - name: main\n"
	"    repository: digital-land.info\n"
	"    sentry: [planning-data-platform]\n"
	"    aws: [\"*-main\"]\n"
	"    status_page: [platform]\n"
	"owners:\n"
	"  - team: Platform\n"
	"    items: [\"sentry:planning-data-platform\", \"repo:digital-land.info\", "
	"\"service:main\"]\n"
	"audiences:\n"
	"  - name: everyone\n"
	"    teams: [\"*\"]\n"
	"    slack: {channel: planning-data-notifications, token: env:SLACK_BOT_TOKEN, url: "
	"https://slack.com/api}\n"
	"    email: {to: [lead@example.org], from: \"sitrep <sitrep@example.org>\", smtp: "
	"\"smtps://mail.example.org:465\", user: env:SMTP_USER, password: env:SMTP_PASSWORD, tls: "
	"required}\n"
	"    directory: {path: var/outbox}\n"
	"  - name: public\n"
	"    detail: counts\n"
	"    slack: {webhook: env:HOOK}\n"
	"environment_aliases: [{alias: prod, environment: production}]\n"
	"limits: {concurrency: 1, timeout_s: 5, retries: 0, requests_per_source: 10, "
	"slack_interval_ms: 0, messages_per_run: 3}\n"
	"deadlines: {critical: 1, high: 2, medium: 3, low: 4}\n"
	"retention: {raw_days: 100, weeks: 52}\n"
	"heartbeat: env:HEARTBEAT\n"
	"operator: {email: {to: [ops@example.org], from: sitrep@example.org, smtp: "
	"\"smtp://[::1]:2525\", tls: none, ca: /etc/ca.pem}, slack: {channel: C0123, token: "
	"file:/run/token}}\n";

static void the_contracts_sample_loads_with_every_value_in_its_place(void **state UNUSED)
{
	struct err e = {0};
	struct config c;
	assert_ok(config_parse("/nowhere/conf/sitrep.yaml", sample, strlen(sample), &a, &c, &e), e);
	assert_string_equal(c.title, "Planning Data");
	assert_string_equal(c.store, "/nowhere/conf/var/sitrep.db");
	assert_string_equal(c.archive, "/nowhere/conf/var/archive");
	assert_string_equal(c.archive_url, "https://example.org/sitrep/");
	assert_int_equal(c.environments.n, 3);
	assert_string_equal(config_environment(&c, "PROD"), "production");
	assert_int_equal(c.sentry.n, 1);
	assert_string_equal(c.sentry.v[0].organisation, "dluhc-digital-land");
	assert_int_equal(c.sentry.v[0].token.kind, SECRET_ENV);
	assert_string_equal(c.sentry.v[0].token.name, "SENTRY_AUTH_TOKEN");
	assert_int_equal(c.sentry.v[0].collect.n, 5);
	assert_int_equal(c.github.n, 3);
	assert_string_equal(c.github.v[0].repositories.v[1], "!*-prototype");
	assert_int_equal(c.github.v[0].tokens.n, 1);
	assert_int_equal(c.github.v[1].tokens.n, 2);
	assert_string_equal(c.github.v[1].tokens.v[1].name, "B");
	assert_string_equal(c.github.v[1].user, "somebody");
	assert_null(c.github.v[1].organisation);
	assert_string_equal(c.github.v[1].url, "https://api.github.com");
	assert_int_equal(c.github.v[1].collect.n, 2);
	assert_null(c.github.v[1].app.id);
	assert_string_equal(c.github.v[2].app.id, "12");
	assert_string_equal(c.github.v[2].app.private_key.name, "/nowhere/conf/key.pem");
	assert_int_equal(c.github.v[2].tokens.n, 0);
	assert_string_equal(c.aws.v[0].endpoint, "http://127.0.0.1:4566");
	assert_string_equal(c.aws.v[0].external_id, "x-1");
	assert_string_equal(c.scans.v[0].path, "/var/lib/scans/*/*.json");
	assert_string_equal(c.scans.v[0].tool, "bandit");
	assert_string_equal(c.status_page.v[0].url, "https://example.org/summary.json");
	assert_string_equal(c.slack.v[0].channel, "planning-data-notifications");
	assert_string_equal(c.services.v[0].aws.v[0], "*-main");
	assert_int_equal(c.owners.v[0].items.n, 3);
	assert_int_equal(c.audiences.n, 2);
	const struct audience *x = &c.audiences.v[0], *y = &c.audiences.v[1];
	assert_true(x->slack.set && x->email.set && x->directory.set);
	assert_string_equal(x->email.from, "sitrep <sitrep@example.org>");
	assert_string_equal(x->email.password.name, "SMTP_PASSWORD");
	assert_int_equal(x->email.tls, TLS_REQUIRED);
	assert_string_equal(x->directory.path, "/nowhere/conf/var/outbox");
	assert_true(y->slack.set && !y->email.set && !y->directory.set);
	assert_int_equal(y->detail, DETAIL_COUNTS);
	assert_string_equal(y->teams.v[0], "*");
	assert_int_equal(y->slack.webhook.kind, SECRET_ENV);
	assert_null(y->slack.channel);
	assert_int_equal(c.limits.concurrency, 1);
	assert_int_equal(c.limits.messages_per_run, 3);
	assert_int_equal(c.deadlines.low, 4);
	assert_int_equal(c.retention.weeks, 52);
	assert_string_equal(c.heartbeat.name, "HEARTBEAT");
	assert_int_equal(c.operator_.email.tls, TLS_NONE);
	assert_string_equal(c.operator_.email.smtp, "smtp://[::1]:2525");
	assert_string_equal(c.operator_.slack.token.name, "/run/token");
}

static void two_lines_are_enough_and_give_the_defaults(void **state UNUSED)
{
	struct err e = {0};
	struct config c;
	assert_ok(config_parse("/x/sitrep.yaml", HEAD, strlen(HEAD), &a, &c, &e), e);
	assert_string_equal(c.store, "/x/var/sitrep.db");
	assert_string_equal(c.environments.v[0], "production");
	assert_null(c.archive_url);
	assert_int_equal(c.limits.concurrency, 6);
	assert_int_equal(c.limits.timeout_s, 60);
	assert_int_equal(c.limits.retries, 4);
	assert_int_equal(c.limits.requests_per_source, 5000);
	assert_int_equal(c.limits.slack_interval_ms, 1100);
	assert_int_equal(c.limits.messages_per_run, 200);
	assert_int_equal(c.deadlines.critical, 7);
	assert_int_equal(c.deadlines.high, 30);
	assert_int_equal(c.deadlines.medium, 90);
	assert_int_equal(c.deadlines.low, 120);
	assert_int_equal(c.retention.raw_days, 90);
	assert_int_equal(c.retention.weeks, 0);
	assert_int_equal(c.audiences.n, 1);
	assert_string_equal(c.audiences.v[0].name, "everyone");
	assert_string_equal(c.audiences.v[0].teams.v[0], "*");
	assert_int_equal(c.audiences.v[0].detail, DETAIL_FULL);
	assert_false(c.audiences.v[0].slack.set || c.audiences.v[0].email.set ||
		     c.audiences.v[0].directory.set);
	assert_false(c.operator_.slack.set || c.operator_.email.set);
	assert_int_equal(c.heartbeat.kind, SECRET_NONE);
}

#define SENTRY	  HEAD "sources:\n  sentry:\n    - name: s\n      organisation: o\n"
#define GITHUB	  HEAD "sources:\n  github:\n    - name: g\n"
#define AWS	  HEAD "sources:\n  aws:\n    - name: w\n      environment: production\n      region: r\n"
#define AUDIENCES HEAD "audiences:\n  - name: a\n"
#define MAIL	  AUDIENCES "    email:\n      to: [a@example.org]\n      from: b@example.org\n"

static const struct mistake {
	const char *text, *place, *says;
} mistakes[] = {
	/* the file as such */
	{"", "", "the file is empty"},
	{"# nothing\n", "", "the file is empty"},
	{"- a\n", "1:1", "the file must hold keys"},
	{"title: T\n  timezone: x\n", "2:11", "mapping values are not allowed"},
	{"title: [T\n", "2:1", "did not find expected"},
	{"title: \"\x01\"\n", "", "control characters are not allowed at byte"},
	{"title: \xff\n", "", "UTF-8"},
	{HEAD "---\ntitle: U\n", "3:1", "a second document"},
	{HEAD "environments: &e [*e]\n", "3:15", "contains itself"},
	{HEAD "environments: [*none]\n", "3:16", "undefined alias"},
	{HEAD "store: !secret x\n", "3:8", "tags"},
	{HEAD "? [a]\n: b\n", "3:3", "a key must be a word"},
	{HEAD "<<: {store: x}\n", "3:1", "unknown key \"<<\""},
	/* keys */
	{HEAD "titel: x\n", "3:1",
	 "unknown key \"titel\", did you mean \"title\"?; allowed: title, "},
	{HEAD "zzz: x\n", "3:1", "unknown key \"zzz\"; allowed: title, timezone, store, "},
	{SENTRY "      tokn: env:X\n", "7:7",
	 "unknown key \"tokn\" in \"sources.sentry[]\", did you mean \"token\"?; allowed: name, "
	 "url, "},
	{HEAD "limits: {concurency: 3}\n", "3:10", "did you mean \"concurrency\"?"},
	{HEAD "title: U\n", "3:1", "\"title\" stands in line 1 already; allowed: each key once"},
	{"title: T\n", "1:1", "\"timezone\" is missing; allowed: an IANA name"},
	{SENTRY, "5:7",
	 "\"token\" of \"sources.sentry[]\" is missing; allowed: env:NAME or file:PATH"},
	/* types */
	{HEAD "store:\n", "3:1", "\"store\" has no value: give one or leave the key out"},
	{HEAD "store: ~\n", "3:1", "\"store\" has no value"},
	{HEAD "store: [a]\n", "3:8", "\"store\" must be a single path, not a list"},
	{HEAD "store: {a: b}\n", "3:8", "not a mapping"},
	{HEAD "store: \"a\\nb\"\n", "3:8", "control character or line end"},
	{HEAD "sources:\n", "3:1", "\"sources\" has no value, it is a mapping"},
	{HEAD "sources: []\n", "3:10", "\"sources\" must be a mapping"},
	{HEAD "sources: {sentry: {name: s}}\n", "3:19", "\"sentry\" must be a list of mappings"},
	{HEAD "sources: {sentry: [s]}\n", "3:20",
	 "an entry of \"sources.sentry[]\" must be a mapping"},
	{HEAD "environments: production\n", "3:15",
	 "\"environments\" must be a list; allowed: a list such as"},
	{HEAD "environments: []\n", "3:15", "is an empty list"},
	{HEAD "environments: [a, a]\n", "3:19", "names \"a\" twice"},
	{HEAD "environments: [[a]]\n", "3:16", "must be a single"},
	{HEAD "limits: {retries: many}\n", "3:19",
	 "must be a whole number, not \"many\"; allowed: 0 to 10"},
	{HEAD "limits: {retries: \"3\"}\n", "3:19", "must be a whole number"},
	{HEAD "limits: {retries: 1.5}\n", "3:19", "must be a whole number"},
	{HEAD "limits: {retries: 11}\n", "3:19", "\"retries\" cannot be 11; allowed: 0 to 10"},
	{HEAD "limits: {concurrency: 0}\n", "3:23", "cannot be 0; allowed: 1 to 64"},
	{HEAD "limits: {retries: 99999999999999999999}\n", "3:19", "must be a whole number"},
	{HEAD "retention: {raw_days: 7}\n", "3:23",
	 "would delete what the next digest still needs"},
	/* values */
	{"title: T\ntimezone: Europe/Londn\n", "2:11",
	 "no time zone that this machine knows: \"Europe/Londn\""},
	{"title: T\ntimezone: \"+01:00\"\n", "2:11", "no time zone"},
	{HEAD "archive_url: example.org\n", "3:14",
	 "is not such a URL: \"example.org\"; allowed: http:// or https://"},
	{HEAD "archive_url: ftp://example.org\n", "3:14", "is not such a URL"},
	{HEAD "archive_url: https://\n", "3:14", "is not such a URL"},
	{HEAD "archive_url: https://example.org:99999/\n", "3:14", "is not such a URL"},
	{HEAD "archive_url: https://example.org/?a=b\n", "3:14", "after the host"},
	{HEAD "archive_url: https://example.org/a b\n", "3:14", "after the host"},
	{HEAD "archive_url: https://u:hunter2@example.org/\n", "3:14",
	 "must not carry a user name or password"},
	{AWS "      endpoint: http://127.0.0.1:4566/path\n", "8:17", "after the host"},
	{AWS "      collect: [ecr, eks]\n", "8:22",
	 "\"collect\" cannot hold \"eks\"; allowed: ecr, codedeploy, ecs, "},
	{AWS "      external_id: x\n", "8:20", "only beside role_arn"},
	{AWS "      role_arn: reader\n", "8:17", "is no ARN"},
	{SENTRY "      token: hunter2\n", "7:14", "\"token\" holds the secret itself"},
	{SENTRY "      token: [hunter2]\n", "7:14",
	 "must be a single secret reference, not a list"},
	{SENTRY "      token: \"env:\"\n", "7:14", "names no variable or file"},
	{SENTRY "      token: env:A-B\n", "7:14", "names no variable or file"},
	{SENTRY "      token: \"file:\"\n", "7:14", "names no variable or file"},
	{SENTRY "      token: env:A\n      projects: [\"!\"]\n", "8:18",
	 "\"projects\" cannot hold \"!\""},
	{SENTRY "      token: env:A\n      projects: []\n", "8:17", "is an empty list"},
	{SENTRY "      token: env:A\n    - name: s\n      organisation: p\n      token: env:B\n",
	 "8:13", "a source called \"s\" stands in line 5 already"},
	{SENTRY "      token: env:A\n  scans: [{name: s, path: x}]\n", "8:18",
	 "a source called \"s\""},
	{SENTRY "      token: env:A\n    - name: a b\n", "8:13",
	 "has a character that a name cannot have: \"a b\""},
	{GITHUB "      token: env:A\n", "5:7", "exactly one of \"organisation\", \"user\""},
	{GITHUB "      organisation: o\n      user: u\n      token: env:A\n", "7:7",
	 "\"user\" stands beside \"organisation\" of line 6"},
	{GITHUB "      user: u\n", "5:7", "exactly one of \"token\", \"tokens\", \"app\""},
	{GITHUB "      user: u\n      token: env:A\n      tokens: [env:B]\n", "8:7",
	 "\"tokens\" stands beside \"token\""},
	{GITHUB "      user: u\n      tokens: [env:B, hunter2]\n", "7:23",
	 "holds the secret itself"},
	{GITHUB "      user: u\n      tokens: []\n", "7:15", "is an empty list"},
	{GITHUB "      user: u\n      app: {id: 1, installation_id: 2}\n", "7:12",
	 "\"private_key\" of \"sources.github[].app\" is missing"},
	{HEAD "services: [{name: a}, {name: A}]\n", "3:30",
	 "\"A\" stands in line 3 already; allowed: each name once"},
	{HEAD "owners: [{team: a, items: [nothing]}]\n", "3:28",
	 "\"items\" cannot hold \"nothing\""},
	{HEAD "owners: [{team: a}]\n", "3:10", "\"items\" of \"owners[]\" is missing"},
	{HEAD "environment_aliases: [{alias: prod, environment: production2}]\n", "3:50",
	 "\"production2\" is none of environments; allowed: production"},
	{HEAD "environment_aliases: [{alias: Production, environment: production}]\n", "3:31",
	 "is an environment itself"},
	{HEAD "audiences: [{name: Everyone}]\n", "3:20", "a folder name cannot have: \"Everyone\""},
	{HEAD "audiences: [{name: ../up}]\n", "3:20", "a folder name cannot have"},
	{AUDIENCES "  - name: a\n", "5:11", "stands in line 4 already"},
	{AUDIENCES "    detail: some\n", "5:13",
	 "\"detail\" cannot be \"some\"; allowed: full, counts"},
	{AUDIENCES "    slack: {token: env:A}\n", "5:12",
	 "\"channel\" is missing; allowed: channel and token, or webhook"},
	{AUDIENCES "    slack: {channel: c}\n", "5:12", "\"token\" is missing"},
	{AUDIENCES "    slack: {channel: c, webhook: env:A}\n", "5:22",
	 "a webhook has its own channel"},
	{AUDIENCES "    slack: {webhook: \"https://hooks.example.org/hunter2\"}\n", "5:22",
	 "holds the secret itself"},
	{AUDIENCES "    directory: {}\n", "5:16",
	 "\"path\" of \"audiences[].directory\" is missing"},
	{MAIL, "6:7", "\"smtp\" of \"audiences[].email\" is missing"},
	{MAIL "      smtp: mail.example.org\n", "8:13", "is not such a URL"},
	{MAIL "      smtp: smtp://mail.example.org/x\n", "8:13", "after the host"},
	{MAIL "      smtp: smtp://u:hunter2@mail.example.org\n", "8:13", "user name or password"},
	{MAIL "      smtp: smtp://mail.example.org\n      user: env:U\n", "9:13",
	 "\"user\" needs \"password\""},
	{MAIL "      smtp: smtp://mail.example.org\n      tls: none\n", "9:12",
	 "allowed: required, or none for localhost"},
	{MAIL "      smtp: smtp://127.0.0.1.example.org\n      tls: none\n", "9:12",
	 "or none for localhost"},
	{MAIL "      smtp: smtps://localhost\n      tls: none\n", "9:12", "contradicts smtps"},
	{AUDIENCES "    email: {to: [not an address], from: b@example.org, smtp: \"smtp://h\"}\n",
	 "5:18", "\"to\" cannot hold \"not an address\""},
	{AUDIENCES "    email: {to: [], from: b@example.org, smtp: \"smtp://h\"}\n", "5:17",
	 "is an empty list"},
	{AUDIENCES "    email: {to: [a@example.org], from: nobody, smtp: \"smtp://h\"}\n", "5:40",
	 "is no mail address"},
	{AUDIENCES
	 "    email: {to: [a@example.org], from: \"A <a@example.org> <b>\", smtp: \"smtp://h\"}\n",
	 "5:40", "is no mail address"},
	{HEAD "operator: {email: {to: [a@example.org], from: a@example.org, smtp: \"smtp://h\", "
	      "tls: none}}\n",
	 "3:85", "or none for localhost"},
	{HEAD "operator: {slack: {channel: c}}\n", "3:19", "\"token\" is missing"},
	{HEAD "heartbeat: https://example.org/hunter2\n", "3:12", "holds the secret itself"},
};

static void every_mistake_is_told_with_its_place_and_what_is_allowed(void **state UNUSED)
{
	size_t wrong = 0;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		const struct mistake *m = &mistakes[i];
		struct err e = {0};
		struct config c = {.title = "untouched"};
		if (config_parse("dir/s.yaml", m->text, strlen(m->text), &a, &c, &e))
			fail_msg("accepted: %s", m->text);
		const char *start =
			arena_printf(&a, "dir/s.yaml:%s%s", m->place, *m->place ? ": " : "");
		if (e.kind != ERR_CONFIG || !text_starts(e.msg, start) || !strstr(e.msg, m->says)) {
			print_error("wanted %s%s\n   got %s\n   for %s\n", start, m->says, e.msg,
				    m->text);
			wrong++;
		}
		if (strstr(e.msg, "hunter2"))
			fail_msg("a secret is in: %s", e.msg);
		assert_string_equal(c.title, "untouched");
	}
	assert_int_equal(wrong, 0);
}

static void an_alias_is_the_value_it_stands_for(void **state UNUSED)
{
	static const char text[] =
		HEAD "environments: &all [production, staging]\n"
		     "sources:\n  sentry:\n    - {name: s, organisation: o, token: "
		     "env:A, environments: *all}\n";
	struct err e = {0};
	struct config c;
	assert_ok(config_parse("s.yaml", text, strlen(text), &a, &c, &e), e);
	assert_int_equal(c.sentry.v[0].environments.n, 2);
}

static void nesting_as_deep_as_a_bomb_is_refused(void **state UNUSED)
{
	struct sb b;
	sb_init(&b, &a, 1 << 20);
	sb_add(&b, HEAD "environments: ");
	for (int i = 0; i < 900; i++)
		sb_addc(&b, '[');
	for (int i = 0; i < 900; i++)
		sb_addc(&b, ']');
	struct err e = {0};
	struct config c;
	assert_err(config_parse("s.yaml", sb_str(&b), b.len, &a, &c, &e), e, ERR_CONFIG,
		   "nested too deeply");
}

static void a_folder_with_pattern_characters_is_meant_literally(void **state UNUSED)
{
	static const char text[] = HEAD "sources: {scans: [{name: n, path: ./in/*.json}]}\n";
	const char *dir = arena_printf(&a, "%s/a[b]c", test_dir(&a));
	struct err e = {0};
	struct config c;
	struct strv found = {0};
	assert_ok(file_mkdirs(arena_printf(&a, "%s/in", dir), &e), e);
	assert_ok(file_write(arena_printf(&a, "%s/in/x.json", dir), "[]", 2, 0644, &e), e);
	assert_ok(config_parse(arena_printf(&a, "%s/s.yaml", dir), text, strlen(text), &a, &c, &e),
		  e);
	assert_ok(file_glob(c.scans.v[0].path, &a, &found, &e), e);
	assert_int_equal(found.n, 1);
}

static void the_example_loads_and_holds_every_key(void **state UNUSED)
{
	const char *text = config_example(&a);
	struct err e = {0};
	struct config c;
	assert_ok(config_parse("s.yaml", text, strlen(text), &a, &c, &e), e);
	assert_int_equal(c.sentry.n, 1);
	assert_int_equal(c.github.n, 1);
	assert_true(c.audiences.v[0].directory.set);
	const char *at = text;
	for (size_t i = 0; i < config_keys_n; i++) { /* in the table's order */
		size_t len;
		const char *name = config_key_name(&config_keys[i], &len);
		at = strstr(at, arena_printf(&a, "%.*s:", (int)len, name));
		if (!at)
			fail_msg("%s is not in the example", config_keys[i].path);
	}
	/* What is commented out can be taken as it stands, too. */
	struct value_reader r = {.a = &a, .file = "sample", .dir = "/x"};
	for (size_t i = 0; i < config_keys_n; i++) {
		const struct config_key *k = &config_keys[i];
		const char *v = config_key_sample(k);
		const struct ynode *node;
		char field[64];
		if (k->type == KEY_GROUP || k->type == KEY_GROUPS)
			continue;
		assert_ok(yaml_parse(v, strlen(v), "sample", &a, &node, &e), e);
		assert_ok(value_read(&r, k, node, field, &e), e);
	}
}

static void the_reference_has_one_row_a_key(void **state UNUSED)
{
	const char *text = config_reference(&a);
	size_t rows = 0;
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		rows++;
	assert_int_equal(rows, config_keys_n + 2);
	assert_non_null(strstr(text, "| `limits.retries` | whole number | `4` | "
				     "further tries after the first | 0 to 10 |\n"));
	assert_non_null(
		strstr(text, "| `sources.sentry[].token` | secret reference | required | "));
}

static void a_file_is_found_where_the_contract_says(void **state UNUSED)
{
	const char *dir = test_dir(&a), *path;
	char before[4096];
	struct err e = {0};
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", arena_printf(&a, "%s/xdg", dir), 1), 0);
	assert_err(config_find("absent.yaml", &a, &path, &e), e, ERR_CONFIG, "absent.yaml");
	err_clear(&e);
	if (!file_exists("/etc/sitrep/sitrep.yaml")) {
		assert_err(config_find(NULL, &a, &path, &e), e, ERR_CONFIG,
			   "/xdg/sitrep/sitrep.yaml");
		assert_non_null(strstr(e.msg, "sitrep.yaml, "));
		assert_non_null(strstr(e.msg, "/etc/sitrep/sitrep.yaml"));
		err_clear(&e);
	}
	assert_ok(file_mkdirs("xdg/sitrep", &e), e);
	assert_ok(file_write("xdg/sitrep/sitrep.yaml", HEAD, strlen(HEAD), 0644, &e), e);
	assert_ok(config_find(NULL, &a, &path, &e), e);
	assert_string_equal(path, arena_printf(&a, "%s/xdg/sitrep/sitrep.yaml", dir));
	assert_ok(file_write("sitrep.yaml", HEAD, strlen(HEAD), 0644, &e), e);
	assert_ok(config_find(NULL, &a, &path, &e), e);
	assert_string_equal(path, "sitrep.yaml");
	struct config c;
	assert_ok(config_load(path, &a, &c, &e), e);
	assert_int_equal(c.store[0], '/');
	assert_non_null(strstr(c.store, "/var/sitrep.db"));
	assert_int_equal(chdir(before), 0);
	unsetenv("XDG_CONFIG_HOME");
	assert_err(config_load(dir, &a, &c, &e), e, ERR_CONFIG, "is a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_contracts_sample_loads_with_every_value_in_its_place,
					  release),
		cmocka_unit_test_teardown(two_lines_are_enough_and_give_the_defaults, release),
		cmocka_unit_test_teardown(every_mistake_is_told_with_its_place_and_what_is_allowed,
					  release),
		cmocka_unit_test_teardown(an_alias_is_the_value_it_stands_for, release),
		cmocka_unit_test_teardown(nesting_as_deep_as_a_bomb_is_refused, release),
		cmocka_unit_test_teardown(a_folder_with_pattern_characters_is_meant_literally,
					  release),
		cmocka_unit_test_teardown(the_example_loads_and_holds_every_key, release),
		cmocka_unit_test_teardown(the_reference_has_one_row_a_key, release),
		cmocka_unit_test_teardown(a_file_is_found_where_the_contract_says, release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
