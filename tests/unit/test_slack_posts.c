#include "support/test.h"

#include "collect/slack_posts.h"

#include "base/text.h"

static struct arena a;

static int release(void **state UNUSED)
{
	arena_release(&a);
	return 0;
}

static struct post read_post(const char *json)
{
	struct err e = {0};
	struct post p;
	CLEANUP(json_freep) struct json *j = NULL;
	assert_ok(json_parse(json, strlen(json), &j, &e), e);
	struct jv root = json_root(j);
	assert_ok(post_read(&root, &a, &p, &e), e);
	return p;
}

static struct rec_message recognise(const char *json)
{
	struct rec_message m;
	struct post p = read_post(json);
	slack_recognise(&p, &a, &m);
	return m;
}

/* A post of a bot: the rest of its members. */
#define BOT(name, members)                                                                         \
	"{\"type\":\"message\",\"ts\":\"1794300000.000100\",\"subtype\":\"bot_message\","          \
	"\"bot_id\":\"B0EXAMPLE1\",\"username\":\"" name "\"," members "}"

static const struct rec_told *only(const struct rec_message *m, enum message_kind kind)
{
	assert_string_equal(message_kind_name(m->kind), message_kind_name(kind));
	assert_int_equal(m->told.n, 1);
	return &m->told.v[0];
}

/* The messages of a page of the shared fixtures. */
static struct rec_message of_page(const char *name, size_t i, struct post *post)
{
	struct err e = {0};
	struct rec_message m;
	size_t len;
	const char *s = test_read(&a, fixture_path(&a, name), &len);
	CLEANUP(json_freep) struct json *j = NULL;
	assert_ok(json_parse(s, len, &j, &e), e);
	struct jv root = json_root(j), list = json_get(&root, "messages"), it = json_first(&list);
	while (i-- > 0)
		it = json_next(&it);
	assert_ok(post_read(&it, &a, post, &e), e);
	slack_recognise(post, &a, &m);
	return m;
}

#define PAGE1 "slack/constructed/conversations.history.bots.page1.json"
#define PAGE2 "slack/constructed/conversations.history.bots.page2.json"

/* --- reading --- */

static void a_ts_is_a_string_and_its_seconds_are_exact(void **state UNUSED)
{
	struct err e = {0};
	struct post p = read_post("{\"ts\":\"1794300000.000001\",\"text\":\"x\"}");
	assert_int_equal(p.posted_s, 1794300000);
	assert_string_equal(p.ts, "1794300000.000001");
	static const char *const bad[] = {"{\"ts\":1794300000.0001}", "{\"text\":\"x\"}",
					  "{\"ts\":\"1794300000\"}", "{\"ts\":\"soon.1\"}",
					  "{\"ts\":\"1.5e9\"}"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		assert_ok(json_parse(bad[i], strlen(bad[i]), &j, &e), e);
		struct jv root = json_root(j);
		assert_err(post_read(&root, &a, &p, &e), e, ERR_PROTO, "seconds.micros");
		err_clear(&e);
	}
}

static void markup_is_undone_once(void **state UNUSED)
{
	struct post p = read_post(
		"{\"ts\":\"1.1\",\"bot_id\":\"B\",\"text\":\"*a* &amp;lt; `b` "
		"<https://example.org/?x=1&amp;y=2|the *label*> <!channel> <@U1|ann> <#C1> "
		"&#39;q&#39; 1 < 2\"}");
	assert_int_equal(p.lines.n, 1);
	assert_string_equal(p.lines.v[0], "a &lt; b the label @channel @ann #C1 'q' 1 < 2");
	assert_int_equal(p.links.n, 1);
	assert_string_equal(p.links.v[0].url, "https://example.org/?x=1&y=2");
	assert_string_equal(p.links.v[0].label, "the label");
}

static void content_is_found_wherever_it_stands(void **state UNUSED)
{
	struct post p = read_post(
		"{\"ts\":\"1.1\",\"bot_id\":\"B\",\"text\":\"\",\"blocks\":["
		"{\"type\":\"header\",\"text\":{\"type\":\"plain_text\",\"text\":\"head &amp; "
		"more\"}},"
		"{\"type\":\"section\",\"fields\":[{\"type\":\"mrkdwn\",\"text\":\"*State*"
		"\\nALARM\"},{"
		"\"type\":\"mrkdwn\",\"text\":\"*Region:*\\neu\"}]},"
		"{\"type\":\"context\",\"elements\":[{\"type\":\"mrkdwn\",\"text\":\"*HIGH* "
		"3\"},{\"type\":\"image\",\"image_url\":\"x\",\"alt_text\":\"y\"}]},"
		"{\"type\":\"rich_text\",\"elements\":[{\"type\":\"rich_text_section\","
		"\"elements\":["
		"{\"type\":\"text\",\"text\":\"rich <\"},{\"type\":\"link\",\"url\":\"https://"
		"example.org/r\",\"text\":\"link\"},{\"type\":\"emoji\",\"name\":\"x\"}]},"
		"{\"type\":\"rich_text_list\",\"elements\":[{\"type\":\"rich_text_section\","
		"\"elements\":[{\"type\":\"text\",\"text\":\"one\"}]},{\"type\":\"rich_text_"
		"section\","
		"\"elements\":[{\"type\":\"text\",\"text\":\"two\"}]}]}]},"
		"{\"type\":\"table\",\"rows\":[[{\"type\":\"raw_text\",\"text\":\"c1\"},{\"type\":"
		"\"raw_text\",\"text\":\"c2\"}]]},"
		"{\"type\":\"markdown\",\"text\":\"mark\"},"
		"{\"type\":\"actions\",\"elements\":[{\"type\":\"button\",\"url\":\"https://"
		"example.org/b\",\"text\":{\"type\":\"plain_text\",\"text\":\"Press\"}}]}],"
		"\"attachments\":[{\"color\":\"d13212\",\"fallback\":\"[no preview "
		"available]\",\"blocks\":[{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\","
		"\"text\":\"in a block\"}}]},"
		"{\"pretext\":\"pre\",\"title\":\"title\",\"title_link\":\"https://example.org/t\","
		"\"text\":\"body\",\"fields\":[{\"title\":\"Status\",\"value\":\"FAILED\"}],"
		"\"footer\":\"foot\",\"fallback\":\"unseen\"},{\"fallback\":\"fall back\"}],"
		"\"files\":[{\"title\":\"report.txt\",\"permalink\":\"https://example.org/"
		"f\",\"preview\":\"in the file\"}]}");
	static const char *const want[] = {
		"head & more", "State: ALARM", "Region: eu", "HIGH 3",	       "rich <link:x:",
		"one",	       "two",	       "c1 | c2",    "mark",	       "in a block",
		"pre",	       "title",	       "body",	     "Status: FAILED", "foot",
		"fall back",   "report.txt",   "in the file"};
	for (size_t i = 0; i < p.lines.n && i < ARRAY_SIZE(want); i++)
		assert_string_equal(p.lines.v[i], want[i]);
	assert_int_equal(p.lines.n, ARRAY_SIZE(want));
	static const char *const links[] = {"https://example.org/r", "https://example.org/b",
					    "https://example.org/t", "https://example.org/f"};
	assert_int_equal(p.links.n, ARRAY_SIZE(links));
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		assert_string_equal(p.links.v[i].url, links[i]);
	assert_string_equal(p.color, "d13212");
}

/* The text is what a notification shows: it repeats blocks. Counts in blocks repeat rightly. */
static void text_that_blocks_repeat_stands_once(void **state UNUSED)
{
	struct post p = read_post(
		"{\"ts\":\"1.1\",\"bot_id\":\"B\",\"text\":\"same\\nmore\",\"blocks\":[{\"type\":"
		"\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"same\"}},{\"type\":"
		"\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"LOW 2\"}},{\"type\":"
		"\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"LOW 2\"}}]}");
	assert_int_equal(p.lines.n, 4);
	assert_string_equal(p.lines.v[0], "more");
	assert_string_equal(p.lines.v[2], "LOW 2");
	assert_string_equal(p.lines.v[3], "LOW 2");
}

static void an_edit_is_read_as_what_it_became(void **state UNUSED)
{
	struct post p = read_post(
		"{\"subtype\":\"message_changed\",\"hidden\":true,\"ts\":\"9.9\",\"message\":{"
		"\"ts\":\"5.000100\",\"bot_id\":\"B\",\"text\":\"new\",\"edited\":{\"ts\":\"7."
		"000000\"}}}");
	assert_string_equal(p.ts, "5.000100");
	assert_int_equal(p.edited_s, 7);
	assert_false(p.hidden);
	assert_null(p.subtype);
}

static void odd_types_make_nothing_of_it(void **state UNUSED)
{
	static const char *const odd[] = {
		"{\"ts\":\"1.1\",\"bot_id\":\"B\",\"text\":7,\"blocks\":{},\"attachments\":\"x\"}",
		"{\"ts\":\"1.1\",\"bot_id\":\"B\",\"text\":null,\"blocks\":[null,1,[]],"
		"\"attachments\":[null,{\"fields\":[1,null],\"blocks\":7}],\"files\":[0]}",
		"{\"ts\":\"1.1\",\"bot_profile\":null,\"username\":7,\"user\":{},\"metadata\":[]}",
		"{\"ts\":\"1.1\",\"bot_id\":\"B\",\"text\":\"<https://example.org/ <>|<|> <!> "
		"<@> &\"}"};
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		assert_int_equal(recognise(odd[i]).kind, MESSAGE_OTHER);
}

static void a_token_in_a_post_is_not_kept(void **state UNUSED)
{
	struct rec_message m = recognise(
		BOT("ci", "\"text\":\"use ghp_0123456789abcdefghijklmnopqrstuvwxyz to log in\""));
	assert_non_null(m.text);
	assert_null(strstr(m.text, "ghp_"));
}

/* --- recognising --- */

static void what_people_write_is_neither_recognised_nor_kept(void **state UNUSED)
{
	struct rec_message m = recognise("{\"ts\":\"1.1\",\"user\":\"U1\",\"client_msg_id\":\"x\","
					 "\"text\":\"The DAG x failed\"}");
	assert_int_equal(m.kind, MESSAGE_OTHER);
	assert_null(m.sender);
	assert_null(m.text);
	assert_int_equal(m.told.n, 0);
}

static void sentrys_blocks_give_issue_project_and_state(void **state UNUSED)
{
	NEED_FIXTURES();
	struct post p;
	struct rec_message m = of_page(PAGE1, 2, &p);
	const struct rec_told *t = only(&m, MESSAGE_SENTRY);
	assert_string_equal(t->key, "123456");
	assert_string_equal(t->code, "WEB-1AB");
	assert_string_equal(t->place, "web");
	assert_string_equal(t->state, "New");
	assert_string_equal(t->subject, "ValueError");
	assert_string_equal(t->url, "https://example.sentry.io/issues/123456/");
	assert_string_equal(m.sender, "Sentry");
}

static void sentrys_older_attachments_do_too(void **state UNUSED)
{
	struct rec_message m = recognise(BOT(
		"Sentry", "\"text\":\"\",\"attachments\":[{\"title\":\"KeyError: "
			  "x\",\"title_link\":\"https://example.org/sentry/issues/"
			  "77/?referrer=slack\",\"text\":\"app in view\",\"footer\":\"API-2F via "
			  "<https://example.org/rule|New>\"}]"));
	const struct rec_told *t = only(&m, MESSAGE_SENTRY);
	assert_string_equal(t->key, "77");
	assert_string_equal(t->code, "API-2F");
	assert_string_equal(t->subject, "KeyError: x");
}

/* GitHub's issues have numbers in the same place. */
static void an_issue_at_github_is_not_sentrys(void **state UNUSED)
{
	struct rec_message m = recognise(
		BOT("GitHub", "\"attachments\":[{\"title\":\"#31 "
			      "x\",\"title_link\":\"https://github.com/example/web/issues/31\"}]"));
	assert_int_equal(m.kind, MESSAGE_OTHER);
}

#define CONSOLE                                                                                    \
	"<https://eu-west-2.console.aws.amazon.com/codesuite/codedeploy/deployments/d-ABC123XYZ|"  \
	"View>"
static const char *deploy_bot(const char *head, const char *events)
{
	return arena_printf(
		&a,
		BOT("DeployBot",
		    "\"text\":\"%s\",\"blocks\":[{\"type\":\"header\",\"text\":{\"type\":\"plain_"
		    "text\",\"text\":\"%s\"}},{\"type\":\"section\",\"text\":{\"type\":"
		    "\"mrkdwn\",\"text\":\"%s\"}},{\"type\":\"section\",\"text\":{\"type\":"
		    "\"mrkdwn\",\"text\":\"" CONSOLE "\"}}]"),
		head, head, events);
}

static void deploybots_last_line_is_the_state(void **state UNUSED)
{
	static const struct {
		const char *events, *state;
	} cases[] = {
		{"08:38:46 AM  Deployment: *started*", "in_progress"},
		{"08:38:46 AM  Deployment: *started*\\n08:40:00 AM  Deployment: *accepting 20% "
		 "traffic*",
		 "in_progress"},
		{"08:38:46 AM  Deployment: *started*\\n08:46:18 AM  Deployment: *completed*",
		 "succeeded"},
		{"08:38:46 AM  Deployment: *started*\\n08:46:18 AM  Deployment: *failed*",
		 "failed"},
		{"08:38:46 AM  Deployment: *cancelled*", "failed"},
		{"08:46:18 AM  Deployment: *failed*\\n08:46:19 AM  Rollback: *started*", "failed"},
		{"08:46:18 AM  Deployment: *failed*\\n08:46:19 AM  Rollback: "
		 "*started*\\n08:46:22 AM  Rollback: *completed*",
		 "rolled_back"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rec_message m = recognise(deploy_bot(
			"Deploying main to production environment :hourglass:", cases[i].events));
		const struct rec_told *t = only(&m, MESSAGE_DEPLOYMENT);
		assert_string_equal(t->subject, "main");
		assert_string_equal(t->place, "production");
		assert_string_equal(t->key, "d-ABC123XYZ");
		assert_string_equal(t->state, cases[i].state);
	}
}

static void the_github_apps_deployments_are_known(void **state UNUSED)
{
	NEED_FIXTURES();
	struct err e = {0};
	size_t len, n = 0;
	const char *s =
		test_read(&a, fixture_path(&a, "slack/github-app/deployment-status.json"), &len);
	CLEANUP(json_freep) struct json *j = NULL;
	assert_ok(json_parse(s, len, &j, &e), e);
	struct jv root = json_root(j);
	for (struct jv it = json_first(&root); it.n; it = json_next(&it), n++) {
		struct jv list = json_get(&it, "attachments");
		CLEANUP(jw_freep) struct jw *w = jw_obj();
		jw_str(w, "ts", "1.1");
		jw_str(w, "bot_id", "B0GITHUB1");
		jw_copy(w, "attachments", &list);
		struct rec_message m = recognise(jw_print(w, false, &a));
		const struct rec_told *t = only(&m, MESSAGE_DEPLOYMENT);
		bool good = strstr(it.key, "success") || strstr(it.key, "without") ||
			    strstr(it.key, "short sha");
		bool bad = strstr(it.key, "error status") || strstr(it.key, "failure status");
		assert_string_equal(t->subject, "github-slack/app");
		assert_string_equal(t->state, bad ? "failed" : good ? "succeeded" : "in_progress");
		assert_true(text_starts(t->code, "3dce5c8"));
	}
	assert_true(n > 5);
}

#define RUN "https://github.com/example/tree-collection/actions/runs/4711"

static void the_four_shapes_of_actions_are_known(void **state UNUSED)
{
	struct rec_message m = recognise(BOT(
		"CollectionRunner",
		"\"text\":\"\",\"blocks\":[{\"type\":\"header\",\"text\":{\"type\":\"plain_text\","
		"\"text\":\"Collection Run Failed: example/tree-collection\"}},{\"type\":"
		"\"divider\"},{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":"
		"\"The report for the run is available on <" RUN "|GitHub>\"}}]"));
	const struct rec_told *t = only(&m, MESSAGE_RUN);
	assert_string_equal(t->subject, "Collection Run");
	assert_string_equal(t->place, "example/tree-collection");
	assert_string_equal(t->key, "4711");
	assert_string_equal(t->url, RUN);
	m = recognise(BOT("DigitalLandBuilder",
			  "\"text\":\"Digital Land Builder Has Failed\\nSee <" RUN
			  "/attempts/2|GitHub>\""));
	assert_string_equal(only(&m, MESSAGE_RUN)->subject, "Digital Land Builder");
	assert_string_equal(m.told.v[0].url, RUN);
	m = recognise(BOT("config",
			  "\"text\":\":x: Config Evening Pipeline failed\\nTrigger: "
			  "schedule\\nmerge: success\\nbatch-assign: failure (scope odp, batch "
			  "4)\\nupload-s3: skipped\\n<" RUN "|View run>\""));
	t = only(&m, MESSAGE_RUN);
	assert_string_equal(t->subject, "Config Evening Pipeline");
	assert_string_equal(t->detail, "batch-assign");
	m = recognise(BOT(
		"GitHub Actions",
		"\"text\":\"\",\"attachments\":[{\"color\":\"danger\",\"fields\":[{\"title\":"
		"\"Action\",\"value\":\"<https://github.com/example/config/commit/"
		"0123456789abcdef0123456789abcdef01234567/checks | Check endpoints>\"},{\"title\":"
		"\"Status\",\"value\":\"FAILED\"},{\"title\":\"Branch\",\"value\":\"<https://"
		"github.com/example/config/commit/0123456789abcdef0123456789abcdef01234567 | "
		"main>\"},{\"title\":\"Event\",\"value\":\"schedule\"}],\"footer\":\"<https://"
		"github.com/example/config | example/config>\",\"ts\":1794300000}]"));
	t = only(&m, MESSAGE_RUN);
	assert_string_equal(t->subject, "Check endpoints");
	assert_string_equal(t->place, "example/config");
	assert_string_equal(t->state, "failed");
	assert_string_equal(t->code, "0123456789abcdef0123456789abcdef01234567");
	assert_null(t->key);
	m = recognise(BOT("GitBot",
			  "\"text\":\"GitBot is sad\",\"blocks\":[{\"type\":\"section\","
			  "\"text\":{\"type\":\"mrkdwn\",\"text\":\"web - "
			  "Test\\n<https://github.com/example/api|api> - Build image\"}}]"));
	assert_int_equal(m.kind, MESSAGE_RUN);
	assert_int_equal(m.told.n, 2);
	assert_string_equal(m.told.v[0].place, "web");
	assert_string_equal(m.told.v[0].subject, "Test");
	assert_string_equal(m.told.v[1].place, "api");
	assert_string_equal(m.told.v[1].subject, "Build image");
	/* a workflow called so is no scan's post */
	m = recognise(BOT("GitBot", "\"text\":\"GitBot is sad\nweb - Security scan\""));
	assert_int_equal(m.kind, MESSAGE_RUN);
	m = recognise(BOT("GitBot", "\"text\":\"GitBot is happy\""));
	assert_int_equal(m.kind, MESSAGE_RUN);
	assert_int_equal(m.told.n, 0);
}

/* A link to a run is not yet a failure. */
static void a_run_that_waits_for_approval_has_not_failed(void **state UNUSED)
{
	struct rec_message m =
		recognise(BOT("deploys", "\"text\":\"Please approve <" RUN "|this run>\""));
	assert_int_equal(m.kind, MESSAGE_OTHER);
}

#define CONTEXT(s) "{\"type\":\"mrkdwn\",\"text\":\"" s "\"}"
#define SECTION(s) "{\"type\":\"section\",\"text\":" CONTEXT(s) "}"

static void a_scanners_counts_are_per_tool_and_severity(void **state UNUSED)
{
	struct rec_message
		m =
			recognise(
				BOT("SecurityScanner",
				    "\"blocks\":[{\"type\":\"header\",\"text\":{\"type\":\"plain_"
				    "text\",\"text\":"
				    "\"Security Scan: submit\"}}," SECTION("*Dynamic Audit*") ",{"
											      "\"ty"
											      "pe\""
											      ":\"c"
											      "onte"
											      "xt\""
											      ","
											      "\"el"
											      "emen"
											      "ts\""
											      ":"
											      "[" CONTEXT("*TOTAL* 12") "," CONTEXT("*"
																    "H"
																    "I"
																    "G"
																    "H"
																    "*"
																    " "
																    "0") "," CONTEXT("*MEDIUM* 4") "," CONTEXT("*LOW* 5") "," CONTEXT("*INFO* 3") "]}," SECTION("*Static Audit*") ",{\"type\":\"context\",\"elements\":[" CONTEXT("*TOTAL* 7") "," CONTEXT("*CRITICAL* 1") "," CONTEXT("*HIGH* 2") "," CONTEXT("*MODERATE* 3") "," CONTEXT("*LOW* 1") "," CONTEXT("*INFO* 0") "]}," SECTION("<https://github.com/example/submit/actions/runs/99|Report>") "]"));
	assert_int_equal(m.kind, MESSAGE_SCAN);
	assert_int_equal(m.told.n, 2);
	const struct rec_told *zap = &m.told.v[0], *npm = &m.told.v[1];
	assert_string_equal(zap->tool, "zap");
	assert_string_equal(zap->subject, "submit");
	assert_string_equal(zap->place, "example/submit");
	assert_string_equal(zap->key, "99");
	assert_int_equal(zap->total, 12);
	assert_int_equal(zap->severity[SEV_HIGH], 0);
	assert_int_equal(zap->severity[SEV_MEDIUM], 4);
	assert_int_equal(zap->severity[SEV_INFO], 3);
	assert_true(zap->severity[SEV_CRITICAL] == NUM_NONE); /* not said: not zero */
	assert_string_equal(npm->tool, "npm-audit");
	assert_int_equal(npm->severity[SEV_CRITICAL], 1);
	assert_int_equal(npm->severity[SEV_MEDIUM], 3);
}

static void an_undefined_severity_is_bandits_and_audits_need_no_heading(void **state UNUSED)
{
	struct rec_message m = recognise(BOT(
		"SecurityScanner",
		"\"text\":\"Security Scan: web\\nTOTAL 3 HIGH 1 MEDIUM 1 LOW 1 INFO 0\\nHIGH: 0 "
		"MEDIUM: 2 LOW: 9 UNDEFINED: 1\""));
	assert_int_equal(m.told.n, 2);
	assert_null(m.told.v[0].tool);
	assert_int_equal(m.told.v[0].total, 3);
	assert_string_equal(m.told.v[1].tool, "bandit");
	assert_int_equal(m.told.v[1].total, 12);
	assert_int_equal(m.told.v[1].severity[SEV_INFO], 1);
}

/* A failed scan has no counts: neither zero nor nothing. */
static void a_failed_scan_is_told_without_counts(void **state UNUSED)
{
	struct rec_message m = recognise(BOT(
		"SecurityScanner", "\"text\":\"Security Scan Failed: submit\\nThe report is on "
				   "<https://github.com/example/submit/actions/runs/98|GitHub>\""));
	const struct rec_told *t = only(&m, MESSAGE_SCAN);
	assert_string_equal(t->state, "failed");
	assert_string_equal(t->subject, "submit");
	assert_true(t->total == NUM_NONE);
	m = recognise(BOT("SecurityScanner", "\"text\":\"Security Scan: submit\""));
	assert_string_equal(only(&m, MESSAGE_SCAN)->state, "no counts");
	assert_true(m.told.v[0].total == NUM_NONE);
}

static void an_alarms_name_and_state_are_known_in_every_shape(void **state UNUSED)
{
	static const struct {
		const char *post, *name, *state;
	} cases[] = {
		{BOT("AWS", "\"text\":\"The alarm web-5xx changed state to OK: Threshold "
			    "Crossed.\\n<https://eu-west-2.console.aws.amazon.com/cloudwatch/"
			    "home?region=eu-west-2#alarmsV2:alarm/web-5xx>\""),
		 "web-5xx", "OK"},
		{BOT("AWS", "\"text\":\"The alarm OK-check changed state to "
			    "INSUFFICIENT_DATA: no ALARM data\""),
		 "OK-check", "INSUFFICIENT_DATA"},
		{BOT("Amazon Q",
		     "\"text\":\"\",\"attachments\":[{\"color\":\"1d8102\",\"blocks\":[" SECTION(
			     ":white_check_mark: "
			     "*<https://eu-west-2.console.aws.amazon.com/cloudwatch/"
			     "home?region=eu-west-2#alarmsV2:alarm/web%2Fp95%20slow?|CloudWatch "
			     "Alarm | web/p95 slow | eu-west-2 | Account: 1>*") "]}]"),
		 "web/p95 slow", "OK"},
		{BOT("AWS Chatbot",
		     "\"text\":\"\",\"attachments\":[{\"blocks\":[" SECTION(
			     "*CloudWatch Alarm | rds-cpu | eu-west-2 | Account: "
			     "1*") ",{\"type\":\"section\",\"fields\":[" CONTEXT("*State*"
										 "\\nINSUFFICIENT_"
										 "DATA") "]}]}]"),
		 "rds-cpu", "INSUFFICIENT_DATA"},
		{BOT("alarms",
		     "\"text\":\":red_circle: Alarm\",\"blocks\":[" SECTION(
			     "*AlarmName:* "
			     "rds-alarm") "," SECTION("*NewStateValue:* ALARM") "," SECTION("*NewSt"
											    "ateRea"
											    "son:* "
											    "CPU "
											    "high") "]"),
		 "rds-alarm", "ALARM"},
		{BOT("alarms", "\"text\":\":red_circle: Alarm: rds-alarm\\nstill unresolved\""),
		 "rds-alarm", "ALARM"},
		{BOT("alarms", "\"text\":\":large_green_circle: Alarm resolved: "
			       "production-rds-alarm\""),
		 "production-rds-alarm", "OK"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rec_message m = recognise(cases[i].post);
		const struct rec_told *t = only(&m, MESSAGE_ALARM);
		assert_string_equal(t->subject, cases[i].name);
		assert_string_equal(t->state, cases[i].state);
	}
	NEED_FIXTURES();
	struct post p;
	struct rec_message m = of_page(PAGE1, 3, &p);
	assert_string_equal(only(&m, MESSAGE_ALARM)->state, "ALARM");
	assert_string_equal(m.told.v[0].place, "eu-west-2");
	m = of_page(PAGE1, 4, &p); /* Amazon Q: no text, blocks in an attachment */
	assert_string_equal(only(&m, MESSAGE_ALARM)->subject, "web-5xx");
	assert_string_equal(m.told.v[0].state, "ALARM");
}

static void airflow_tells_a_dag_and_no_more(void **state UNUSED)
{
	struct rec_message m =
		recognise(BOT("Airflow", "\"text\":\"The DAG tree_preservation-order failed\""));
	assert_string_equal(only(&m, MESSAGE_DAG)->subject, "tree_preservation-order");
	assert_string_equal(m.told.v[0].state, "failed");
	static const char *const none[] = {BOT("Airflow", "\"text\":\"The DAG x succeeded\""),
					   BOT("Airflow", "\"text\":\"The DAG  failed\""),
					   BOT("Airflow", "\"text\":\"The DAG x failedish\"")};
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_int_equal(recognise(none[i]).kind, MESSAGE_OTHER);
}

static void the_rest_is_other_and_says_who(void **state UNUSED)
{
	struct rec_message m = recognise(
		BOT("SQS and DB", "\"text\":\"DB connection issue detected in request-api\""));
	assert_int_equal(m.kind, MESSAGE_OTHER);
	assert_string_equal(m.sender, "SQS and DB");
	assert_string_equal(m.text, "DB connection issue detected in request-api");
	NEED_FIXTURES();
	struct post p;
	m = of_page(PAGE1, 5, &p); /* a webhook's "Deploy of web to production": no known shape */
	assert_int_equal(m.kind, MESSAGE_OTHER);
	of_page(PAGE2, 2, &p);
	assert_string_equal(p.subtype, "tombstone");
	assert_true(p.hidden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_ts_is_a_string_and_its_seconds_are_exact, release),
		cmocka_unit_test_teardown(markup_is_undone_once, release),
		cmocka_unit_test_teardown(content_is_found_wherever_it_stands, release),
		cmocka_unit_test_teardown(text_that_blocks_repeat_stands_once, release),
		cmocka_unit_test_teardown(an_edit_is_read_as_what_it_became, release),
		cmocka_unit_test_teardown(odd_types_make_nothing_of_it, release),
		cmocka_unit_test_teardown(a_token_in_a_post_is_not_kept, release),
		cmocka_unit_test_teardown(what_people_write_is_neither_recognised_nor_kept,
					  release),
		cmocka_unit_test_teardown(sentrys_blocks_give_issue_project_and_state, release),
		cmocka_unit_test_teardown(sentrys_older_attachments_do_too, release),
		cmocka_unit_test_teardown(an_issue_at_github_is_not_sentrys, release),
		cmocka_unit_test_teardown(deploybots_last_line_is_the_state, release),
		cmocka_unit_test_teardown(the_github_apps_deployments_are_known, release),
		cmocka_unit_test_teardown(the_four_shapes_of_actions_are_known, release),
		cmocka_unit_test_teardown(a_run_that_waits_for_approval_has_not_failed, release),
		cmocka_unit_test_teardown(a_scanners_counts_are_per_tool_and_severity, release),
		cmocka_unit_test_teardown(
			an_undefined_severity_is_bandits_and_audits_need_no_heading, release),
		cmocka_unit_test_teardown(a_failed_scan_is_told_without_counts, release),
		cmocka_unit_test_teardown(an_alarms_name_and_state_are_known_in_every_shape,
					  release),
		cmocka_unit_test_teardown(airflow_tells_a_dag_and_no_more, release),
		cmocka_unit_test_teardown(the_rest_is_other_and_says_who, release),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
