#include "config/table.h"

/* One key a line. */
/* clang-format off */
#define AT(T, member) offsetof(struct T, member), 0
#define LIST(member)  offsetof(struct config, member), sizeof *((struct config *)0)->member.v
#define GROUP	      KEY_NOWHERE, 0

#define SLACK_KEYS(path, T, m) \
	{path ".channel", KEY_TEXT, AT(T, m.channel), KEY_OPTIONAL, NULL, NULL, "#my-notifications", "channel name or id, with token"}, \
	{path ".token", KEY_SECRET, AT(T, m.token), KEY_OPTIONAL, NULL, NULL, "#env:SLACK_BOT_TOKEN", "bot token (xoxb-…) that may write there"}, \
	{path ".url", KEY_URL, AT(T, m.url), KEY_OPTIONAL, "https://slack.com/api", NULL, NULL, "the Web API's address"}, \
	{path ".webhook", KEY_SECRET, AT(T, m.webhook), KEY_OPTIONAL, NULL, NULL, "#env:SLACK_WEBHOOK", "incoming webhook URL, instead of channel and token: no threads, no files"}

#define EMAIL_KEYS(path, T, m) \
	{path ".to", KEY_ADDRESSES, AT(T, m.to), KEY_REQUIRED, NULL, NULL, NULL, "recipients, each sent and recorded on its own"}, \
	{path ".from", KEY_MAILBOX, AT(T, m.from), KEY_REQUIRED, NULL, NULL, NULL, "sender, \"Name <address>\" or an address"}, \
	{path ".smtp", KEY_URL_SMTP, AT(T, m.smtp), KEY_REQUIRED, NULL, NULL, NULL, "mail server"}, \
	{path ".user", KEY_SECRET, AT(T, m.user), KEY_OPTIONAL, NULL, NULL, "#env:SMTP_USER", "account at the mail server, with password"}, \
	{path ".password", KEY_SECRET, AT(T, m.password), KEY_OPTIONAL, NULL, NULL, "#env:SMTP_PASSWORD", "its password"}, \
	{path ".tls", KEY_CHOICE, AT(T, m.tls), KEY_OPTIONAL, "required", "required none", NULL, "TLS with smtps:, else STARTTLS; none for loopback hosts only"}, \
	{path ".ca", KEY_PATH, AT(T, m.ca), KEY_OPTIONAL, NULL, NULL, "#ca.pem", "file of a further certificate authority"}

const struct config_key config_keys[] = {
	{"title", KEY_TEXT, AT(config, title), KEY_REQUIRED, NULL, NULL, "My team", "heads every digest"},
	{"timezone", KEY_ZONE, AT(config, timezone), KEY_REQUIRED, NULL, NULL, "Europe/London", "IANA zone whose Mondays begin a week"},
	{"store", KEY_PATH, AT(config, store), KEY_OPTIONAL, "var/sitrep.db", NULL, "var/sitrep.db", "the SQLite file"},
	{"archive", KEY_PATH, AT(config, archive), KEY_OPTIONAL, "var/archive", NULL, "var/archive", "folder of finished digests"},
	{"archive_url", KEY_URL_DIR, AT(config, archive_url), KEY_OPTIONAL, NULL, NULL, "#https://example.org/sitrep/", "where readers find the archive: links in Slack and mail"},
	{"environments", KEY_TEXTS, AT(config, environments), KEY_NOT_EMPTY, "[production]", NULL, "[production, staging, development]", "most important first; the plain numbers are the first one's"},

	{"environment_aliases[]", KEY_GROUPS, LIST(aliases), KEY_OPTIONAL, NULL, NULL, NULL, "other names that services use for an environment"},
	{"environment_aliases[].alias", KEY_TEXT, AT(environment_alias, alias), KEY_REQUIRED, NULL, NULL, "#prod", "as the service says, e.g. prod"},
	{"environment_aliases[].environment", KEY_TEXT, AT(environment_alias, environment), KEY_REQUIRED, NULL, NULL, "#production", "one of environments"},

	{"sources", KEY_GROUP, GROUP, KEY_OPTIONAL, NULL, NULL, "", "what is collected; names are unique over all kinds"},

	{"sources.sentry[]", KEY_GROUPS, LIST(sentry), KEY_OPTIONAL, NULL, NULL, "", "Sentry organisations"},
	{"sources.sentry[].name", KEY_NAME, AT(sentry_source, name), KEY_REQUIRED, NULL, NULL, "sentry", "what this source is called in digest and status"},
	{"sources.sentry[].url", KEY_URL, AT(sentry_source, url), KEY_OPTIONAL, "https://sentry.io", NULL, NULL, "address; EU and self-hosted differ"},
	{"sources.sentry[].organisation", KEY_NAME, AT(sentry_source, organisation), KEY_REQUIRED, NULL, NULL, "my-organisation", "its slug"},
	{"sources.sentry[].token", KEY_SECRET, AT(sentry_source, token), KEY_REQUIRED, NULL, NULL, "env:SENTRY_AUTH_TOKEN", "token with org:read, project:read, event:read"},
	{"sources.sentry[].projects", KEY_GLOBS, AT(sentry_source, projects), KEY_NOT_EMPTY, "[\"*\"]", NULL, NULL, "patterns over project slugs"},
	{"sources.sentry[].environments", KEY_TEXTS, AT(sentry_source, environments), KEY_OPTIONAL, NULL, NULL, "[production]", "as Sentry names them; without it every environment"},
	{"sources.sentry[].collect", KEY_WORDS, AT(sentry_source, collect), KEY_NOT_EMPTY, "[issues, releases, performance, health, monitors]", "issues releases performance health monitors", NULL, "what to ask for; what this Sentry or the token does not give is left out and said so"},

	{"sources.github[]", KEY_GROUPS, LIST(github), KEY_OPTIONAL, NULL, NULL, "", "GitHub organisations or users"},
	{"sources.github[].name", KEY_NAME, AT(github_source, name), KEY_REQUIRED, NULL, NULL, "github", "what this source is called"},
	{"sources.github[].url", KEY_URL, AT(github_source, url), KEY_OPTIONAL, "https://api.github.com", NULL, NULL, "the API's address"},
	{"sources.github[].organisation", KEY_NAME, AT(github_source, organisation), KEY_OPTIONAL, NULL, NULL, "my-organisation", "whose repositories; or user"},
	{"sources.github[].user", KEY_NAME, AT(github_source, user), KEY_OPTIONAL, NULL, NULL, "#someone", "whose repositories, instead of organisation"},
	{"sources.github[].token", KEY_TOKEN, AT(github_source, tokens), KEY_OPTIONAL, NULL, NULL, "env:GITHUB_TOKEN", "token; or tokens, or app"},
	{"sources.github[].tokens", KEY_SECRETS, AT(github_source, tokens), KEY_NOT_EMPTY, NULL, NULL, NULL, "several tokens, used in turn"},
	{"sources.github[].app", KEY_GROUP, GROUP, KEY_OPTIONAL, NULL, NULL, NULL, "a GitHub App's installation"},
	{"sources.github[].app.id", KEY_NAME, AT(github_source, app.id), KEY_REQUIRED, NULL, NULL, "#12345", "the app's id"},
	{"sources.github[].app.installation_id", KEY_NAME, AT(github_source, app.installation_id), KEY_REQUIRED, NULL, NULL, "#67890", "the installation's id"},
	{"sources.github[].app.private_key", KEY_SECRET, AT(github_source, app.private_key), KEY_REQUIRED, NULL, NULL, "#file:secrets/app.pem", "its private key in PEM"},
	{"sources.github[].repositories", KEY_GLOBS, AT(github_source, repositories), KEY_NOT_EMPTY, "[\"*\"]", NULL, "[\"*\"]", "patterns over repository names"},
	{"sources.github[].data_processing", KEY_GLOBS, AT(github_source, data_processing), KEY_OPTIONAL, "[]", NULL, "#[\"*-collection/*\"]", "patterns over \"repository/workflow-file\": told apart in the digest"},
	{"sources.github[].collect", KEY_WORDS, AT(github_source, collect), KEY_NOT_EMPTY, "[actions, deployments]", "actions deployments code_scanning dependabot secret_scanning", "[actions, deployments]", "what to ask for"},
	{"sources.github[].scan_artifacts", KEY_GLOBS, AT(github_source, scan_artifacts), KEY_OPTIONAL, "[]", NULL, "#[\"zap-report*\"]", "patterns over names of Actions artefacts that hold scan reports"},

	{"sources.aws[]", KEY_GROUPS, LIST(aws), KEY_OPTIONAL, NULL, NULL, NULL, "AWS accounts, one per account and region"},
	{"sources.aws[].name", KEY_NAME, AT(aws_source, name), KEY_REQUIRED, NULL, NULL, "#aws-production", "what this source is called"},
	{"sources.aws[].environment", KEY_TEXT, AT(aws_source, environment), KEY_REQUIRED, NULL, NULL, "#production", "the environment that runs there"},
	{"sources.aws[].region", KEY_NAME, AT(aws_source, region), KEY_REQUIRED, NULL, NULL, "#eu-west-2", "e.g. eu-west-2"},
	{"sources.aws[].endpoint", KEY_URL_HOST, AT(aws_source, endpoint), KEY_OPTIONAL, NULL, NULL, "#http://127.0.0.1:4566", "overrides every service's host"},
	{"sources.aws[].profile", KEY_TEXT, AT(aws_source, profile), KEY_OPTIONAL, NULL, NULL, "#production", "of the shared credentials file; else the usual chain"},
	{"sources.aws[].role_arn", KEY_TEXT, AT(aws_source, role_arn), KEY_OPTIONAL, NULL, NULL, "#arn:aws:iam::123456789012:role/sitrep-reader", "role to assume"},
	{"sources.aws[].external_id", KEY_TEXT, AT(aws_source, external_id), KEY_OPTIONAL, NULL, NULL, NULL, "with role_arn"},
	{"sources.aws[].collect", KEY_WORDS, AT(aws_source, collect), KEY_NOT_EMPTY, "[ecr, codedeploy]", "ecr codedeploy ecs cloudwatch synthetics ecr_scans", NULL, "what to ask for"},
	{"sources.aws[].dashboards", KEY_GLOBS, AT(aws_source, dashboards), KEY_OPTIONAL, "[\"*\"]", NULL, NULL, "patterns over CloudWatch dashboards, with cloudwatch"},

	{"sources.scans[]", KEY_GROUPS, LIST(scans), KEY_OPTIONAL, NULL, NULL, NULL, "scan reports in files"},
	{"sources.scans[].name", KEY_NAME, AT(scans_source, name), KEY_REQUIRED, NULL, NULL, "#nightly-scans", "what this source is called"},
	{"sources.scans[].path", KEY_PATTERN, AT(scans_source, path), KEY_REQUIRED, NULL, NULL, NULL, "shell pattern, e.g. /var/lib/scans/*/*.json"},
	{"sources.scans[].target", KEY_TEXT, AT(scans_source, target), KEY_OPTIONAL, "from-path", NULL, NULL, "what was scanned: a name, or from-path for the folder's name"},
	{"sources.scans[].tool", KEY_NAME, AT(scans_source, tool), KEY_OPTIONAL, NULL, NULL, "#bandit", "the tool, where a report may be an empty list"},

	{"sources.status_page[]", KEY_GROUPS, LIST(status_page), KEY_OPTIONAL, NULL, NULL, NULL, "Upptime status pages"},
	{"sources.status_page[].name", KEY_NAME, AT(status_page_source, name), KEY_REQUIRED, NULL, NULL, "#upptime", "what this source is called"},
	{"sources.status_page[].url", KEY_URL_PAGE, AT(status_page_source, url), KEY_REQUIRED, NULL, NULL, NULL, "of its summary.json"},

	{"sources.slack[]", KEY_GROUPS, LIST(slack), KEY_OPTIONAL, NULL, NULL, NULL, "Slack channels to read back"},
	{"sources.slack[].name", KEY_NAME, AT(slack_source, name), KEY_REQUIRED, NULL, NULL, "#notifications", "what this source is called"},
	{"sources.slack[].url", KEY_URL, AT(slack_source, url), KEY_OPTIONAL, "https://slack.com/api", NULL, NULL, "the Web API's address"},
	{"sources.slack[].channel", KEY_TEXT, AT(slack_source, channel), KEY_REQUIRED, NULL, NULL, "#my-notifications", "channel name or id"},
	{"sources.slack[].token", KEY_SECRET, AT(slack_source, token), KEY_REQUIRED, NULL, NULL, "#env:SLACK_BOT_TOKEN", "bot token with channels:history"},

	{"services[]", KEY_GROUPS, LIST(services), KEY_OPTIONAL, NULL, NULL, NULL, "what belongs together; commits tie the rest"},
	{"services[].name", KEY_NAME, AT(service, name), KEY_REQUIRED, NULL, NULL, "#main", "the service, unique"},
	{"services[].repository", KEY_TEXT, AT(service, repository), KEY_OPTIONAL, NULL, NULL, "#my-website", "its repository, without or with owner"},
	{"services[].sentry", KEY_GLOBS, AT(service, sentry), KEY_OPTIONAL, "[]", NULL, "#[my-project]", "its Sentry projects"},
	{"services[].aws", KEY_GLOBS, AT(service, aws), KEY_OPTIONAL, "[]", NULL, "#[\"*-main\"]", "patterns over CodeDeploy applications, ECS services, ECR repositories"},
	{"services[].status_page", KEY_TEXTS, AT(service, status_page), KEY_OPTIONAL, "[]", NULL, "#[website]", "its names on the status page"},

	{"owners[]", KEY_GROUPS, LIST(owners), KEY_OPTIONAL, NULL, NULL, NULL, "who is named beside an item"},
	{"owners[].team", KEY_TEXT, AT(owner, team), KEY_REQUIRED, NULL, NULL, "#Platform", "the team's name"},
	{"owners[].items", KEY_ITEMS, AT(owner, items), KEY_REQUIRED, NULL, NULL, "#[\"sentry:my-project\", \"repo:my-website\", \"service:main\"]", "patterns over sentry:project, repo:name, service:name"},

	{"audiences[]", KEY_GROUPS, LIST(audiences), KEY_OPTIONAL, NULL, NULL, "", "who gets a digest; without any, one called everyone that is only archived"},
	{"audiences[].name", KEY_AUDIENCE, AT(audience, name), KEY_REQUIRED, NULL, NULL, "everyone", "folder name in the archive, unique"},
	{"audiences[].teams", KEY_GLOBS, AT(audience, teams), KEY_NOT_EMPTY, "[\"*\"]", NULL, NULL, "patterns over owners' teams"},
	{"audiences[].detail", KEY_CHOICE, AT(audience, detail), KEY_OPTIONAL, "full", "full counts", NULL, "counts: numbers alone, for the public"},
	{"audiences[].slack", KEY_GROUP, AT(audience, slack.set), KEY_OPTIONAL, NULL, NULL, NULL, "post to a channel"},
	SLACK_KEYS("audiences[].slack", audience, slack),
	{"audiences[].email", KEY_GROUP, AT(audience, email.set), KEY_OPTIONAL, NULL, NULL, NULL, "send by mail"},
	EMAIL_KEYS("audiences[].email", audience, email),
	{"audiences[].directory", KEY_GROUP, AT(audience, directory.set), KEY_OPTIONAL, NULL, NULL, "", "write .eml and .slack.json files"},
	{"audiences[].directory.path", KEY_PATH, AT(audience, directory.path), KEY_REQUIRED, NULL, NULL, "var/outbox", "the folder"},

	{"limits", KEY_GROUP, GROUP, KEY_OPTIONAL, NULL, NULL, NULL, "how hard services are asked"},
	{"limits.concurrency", KEY_NUMBER, AT(config, limits.concurrency), KEY_OPTIONAL, "6", "1 64", NULL, "requests under way at once, per host"},
	{"limits.timeout_s", KEY_NUMBER, AT(config, limits.timeout_s), KEY_OPTIONAL, "60", "1 600", NULL, "seconds for one request"},
	{"limits.retries", KEY_NUMBER, AT(config, limits.retries), KEY_OPTIONAL, "4", "0 10", NULL, "further tries after the first"},
	{"limits.requests_per_source", KEY_NUMBER, AT(config, limits.requests_per_source), KEY_OPTIONAL, "5000", "1 1000000", NULL, "requests a run"},
	{"limits.slack_interval_ms", KEY_NUMBER, AT(config, limits.slack_interval_ms), KEY_OPTIONAL, "1100", "0 60000", NULL, "milliseconds between two posts"},
	{"limits.messages_per_run", KEY_NUMBER, AT(config, limits.messages_per_run), KEY_OPTIONAL, "200", "1 100000", NULL, "deliveries a run; the rest waits"},

	{"deadlines", KEY_GROUP, GROUP, KEY_OPTIONAL, NULL, NULL, NULL, "days until an open finding is overdue"},
	{"deadlines.critical", KEY_NUMBER, AT(config, deadlines.critical), KEY_OPTIONAL, "7", "1 3650", NULL, "days"},
	{"deadlines.high", KEY_NUMBER, AT(config, deadlines.high), KEY_OPTIONAL, "30", "1 3650", NULL, "days"},
	{"deadlines.medium", KEY_NUMBER, AT(config, deadlines.medium), KEY_OPTIONAL, "90", "1 3650", NULL, "days"},
	{"deadlines.low", KEY_NUMBER, AT(config, deadlines.low), KEY_OPTIONAL, "120", "1 3650", NULL, "days"},

	{"retention", KEY_GROUP, GROUP, KEY_OPTIONAL, NULL, NULL, NULL, "how long things are kept; 0 = for ever"},
	{"retention.raw_days", KEY_NUMBER, AT(config, retention.raw_days), KEY_OPTIONAL, "90", "0 36500", NULL, "days of collected rows, at least 45"},
	{"retention.weeks", KEY_NUMBER, AT(config, retention.weeks), KEY_OPTIONAL, "0", "0 5200", NULL, "weeks of digests"},

	{"heartbeat", KEY_SECRET, AT(config, heartbeat), KEY_OPTIONAL, NULL, NULL, "#env:HEARTBEAT_URL", "URL that is called after a run that worked"},

	{"operator", KEY_GROUP, GROUP, KEY_OPTIONAL, NULL, NULL, NULL, "hears of failures"},
	{"operator.slack", KEY_GROUP, AT(config, operator_.slack.set), KEY_OPTIONAL, NULL, NULL, NULL, "as in audiences"},
	SLACK_KEYS("operator.slack", config, operator_.slack),
	{"operator.email", KEY_GROUP, AT(config, operator_.email.set), KEY_OPTIONAL, NULL, NULL, NULL, "as in audiences"},
	EMAIL_KEYS("operator.email", config, operator_.email),
};
/* clang-format on */
const size_t config_keys_n = ARRAY_SIZE(config_keys);

const char *config_key_name(const struct config_key *k, size_t *len)
{
	const char *dot = strrchr(k->path, '.'), *name = dot ? dot + 1 : k->path;
	*len = strcspn(name, "[");
	return name;
}

bool config_key_below(const struct config_key *k, const char *parent)
{
	size_t len, n = strlen(parent);
	const char *name = config_key_name(k, &len);
	if (n == 0)
		return name == k->path;
	return name == k->path + n + 1 && !strncmp(k->path, parent, n);
}

const char *config_key_type(const struct config_key *k)
{
	switch (k->type) {
	case KEY_GROUP:
		return "mapping";
	case KEY_GROUPS:
		return "list of mappings";
	case KEY_TEXT:
		return "text";
	case KEY_NAME:
	case KEY_AUDIENCE:
		return "name";
	case KEY_ZONE:
		return "time zone";
	case KEY_PATH:
		return "path";
	case KEY_PATTERN:
		return "path pattern";
	case KEY_URL:
	case KEY_URL_DIR:
	case KEY_URL_HOST:
	case KEY_URL_PAGE:
	case KEY_URL_SMTP:
		return "URL";
	case KEY_NUMBER:
		return "whole number";
	case KEY_CHOICE:
		return "word";
	case KEY_SECRET:
	case KEY_TOKEN:
		return "secret reference";
	case KEY_SECRETS:
		return "secret references";
	case KEY_MAILBOX:
		return "mail address";
	case KEY_ADDRESSES:
		return "list of mail addresses";
	case KEY_TEXTS:
		return "list of texts";
	case KEY_GLOBS:
	case KEY_ITEMS:
		return "list of patterns";
	case KEY_WORDS:
		return "list of words";
	}
	bug_(__FILE__, __LINE__, "a key type that no case handles");
}

const char *config_key_sample(const struct config_key *k)
{
	if (k->example)
		return k->example + (*k->example == '#');
	if (k->def)
		return k->def;
	switch (k->type) {
	case KEY_GROUP:
	case KEY_GROUPS:
		return "";
	case KEY_TEXT:
	case KEY_NAME:
	case KEY_AUDIENCE:
		return "name";
	case KEY_ZONE:
		return "UTC";
	case KEY_PATH:
		return "some/file";
	case KEY_PATTERN:
		return "reports/*/*.json";
	case KEY_URL:
	case KEY_URL_DIR:
	case KEY_URL_HOST:
		return "https://example.org";
	case KEY_URL_PAGE:
		return "https://example.org/summary.json";
	case KEY_URL_SMTP:
		return "smtps://mail.example.org:465";
	case KEY_SECRET:
	case KEY_TOKEN:
		return "env:NAME";
	case KEY_SECRETS:
		return "[env:NAME, file:secrets/name]";
	case KEY_MAILBOX:
		return "\"sitrep <sitrep@example.org>\"";
	case KEY_ADDRESSES:
		return "[lead@example.org]";
	case KEY_TEXTS:
		return "[name]";
	case KEY_GLOBS:
		return "[\"*\", \"!*-test\"]";
	case KEY_ITEMS:
		return "[\"repo:*\"]";
	case KEY_NUMBER: /* these have a default */
	case KEY_CHOICE:
	case KEY_WORDS:
		break;
	}
	bug_(__FILE__, __LINE__, "a key type that no case handles");
}

static const char *words(const char *list, const char *between, struct arena *a)
{
	const char *out = "";
	while (*list) {
		size_t n = strcspn(list, " ");
		out = arena_printf(a, "%s%s%.*s", out, *out ? between : "", (int)n, list);
		list += n + strspn(list + n, " ");
	}
	return out;
}

const char *config_key_allowed(const struct config_key *k, struct arena *a)
{
	switch (k->type) {
	case KEY_GROUP:
		return "keys, each with its value";
	case KEY_GROUPS:
		return "a list of entries, each a \"- \" with keys below";
	case KEY_TEXT:
		return "one line of text";
	case KEY_NAME:
		return "letters, digits, \".\", \"_\" and \"-\"";
	case KEY_AUDIENCE:
		return "small letters, digits and \"-\"";
	case KEY_ZONE:
		return "an IANA name such as Europe/London";
	case KEY_PATH:
		return "a path, relative to this file or absolute";
	case KEY_PATTERN:
		return "a path with *, ? or [], relative to this file or absolute";
	case KEY_URL:
	case KEY_URL_DIR:
		return "http:// or https:// with a host, without query, user name or password";
	case KEY_URL_HOST:
		return "http:// or https:// with a host and, if needed, a port, nothing more";
	case KEY_URL_PAGE:
		return "http:// or https:// with a host, without user name or password";
	case KEY_URL_SMTP:
		return "smtp://host:port or smtps://host:port";
	case KEY_NUMBER:
		return arena_printf(a, "%s", words(k->allowed, " to ", a));
	case KEY_CHOICE:
	case KEY_WORDS:
		return words(k->allowed, ", ", a);
	case KEY_SECRET:
	case KEY_TOKEN:
		return "env:NAME or file:PATH";
	case KEY_SECRETS:
		return "a list such as [env:NAME, file:PATH]";
	case KEY_MAILBOX:
		return "\"Name <name@example.org>\" or name@example.org";
	case KEY_ADDRESSES:
		return "a list such as [name@example.org]";
	case KEY_TEXTS:
		return "a list such as [production, staging]";
	case KEY_GLOBS:
		return "a list such as [\"*\", \"!*-test\"]";
	case KEY_ITEMS:
		return "a list of sentry:…, repo:… or service:… patterns";
	}
	bug_(__FILE__, __LINE__, "a key type that no case handles");
}
