/* Deliveries against real sockets: what is on the wire, and that no fault and no crash makes two of
 * one or none of one. */
#include "support/slackd.h"
#include "support/smtpd.h"
#include "support/test.h"

#include "base/file.h"
#include "base/text.h"
#include "deliver/deliver.h"
#include "lib/json.h"
#include "store/digests.h"
#include "store/outbox.h"
#include "store/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define WEEK "2026-W46"
#define EML                                                                                        \
	"From: sitrep <sitrep@example.org>\r\nTo: lead@example.org\r\nSubject: Week 46\r\n"        \
	"Message-ID: <2026-W46.everyone@example.org>\r\n\r\n.the week\r\nwith its PDF, which "     \
	"makes it long: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"  \
	"xxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
#define SMALL "Subject: Week 46\r\n\r\nwithout the PDF\r\n"
#define SLACK                                                                                      \
	"[{\"channel\":\"frozen-name\",\"text\":\"main \xe2\x80\x94 <&>\",\"unfurl_links\":false," \
	"\"blocks\":[{\"type\":\"header\"}],\"metadata\":{\"event_type\":\"x\"}},"                 \
	"{\"channel\":\"frozen-name\",\"thread_ts\":\"\",\"text\":\"errors\",\"blocks\":[1.5]},"   \
	"{\"channel\":\"frozen-name\",\"thread_ts\":\"\",\"text\":\"security\",\"blocks\":[]}]"

struct world {
	struct arena a;
	struct db *db;
	struct http *http;
	struct slackd slack;
	struct smtpd *smtp;
	struct config cfg;
	struct clock clock;
	const char *dir;
	struct deliver_result r;
	struct err e;
	bool retry_failed;
	const char *audience;
};

static struct secret env(const char *name)
{
	return (struct secret){SECRET_ENV, name};
}

static void freeze(struct world *w, const char *audience, bool small)
{
	struct frozen f;
	struct artefact files[] = {{"mail.eml", "message/rfc822", EML, strlen(EML)},
				   {"slack.json", "application/json", SLACK, strlen(SLACK)},
				   {"digest.pdf", "application/pdf", "%PDF\0x", 6},
				   {"mail-small.eml", "message/rfc822", SMALL, strlen(SMALL)}};
	const struct artefacts list = {files, small ? 4 : 3, 4};
	assert_ok(digests_freeze(w->db, WEEK, audience, "<digest/>", 9, "0.1.0",
				 &(struct numbers){0}, &(struct items){0}, clock_now(&w->clock),
				 &w->a, &f, &w->e),
		  w->e);
	assert_ok(digests_put_artefacts(w->db, f.id, &list, &w->e), w->e);
}

static void open_db(struct world *w)
{
	assert_ok(store_open(path_join(&w->a, w->dir, "sitrep.db"), STORE_WRITE, &w->db, &w->e),
		  w->e);
	/* No power fails here: the process does. */
	assert_ok(db_exec(w->db, "PRAGMA synchronous = OFF", &w->e), w->e);
}

static struct world *begin(void)
{
	static const char *const to[] = {"Lead <lead@example.org>", "team@example.org"};
	struct world *w = calloc(1, sizeof *w);
	assert_non_null(w);
	static char root[64];
	static int worlds;
	if (!worlds++)
		snprintf(root, sizeof root, "%s", test_dir(&w->a));
	w->dir = arena_printf(&w->a, "%s/%d", root, worlds);
	assert_ok(file_mkdirs(w->dir, &w->e), w->e);
	w->clock = (struct clock){true, 1794816000};
	slackd_start(&w->slack);
	w->smtp = smtpd_start(&(struct smtpd_script){0});
	setenv("TEST_SLACK_TOKEN", SLACKD_TOKEN, 1);
	struct audience au = {.name = "everyone"};
	au.slack = (struct slack_target){
		.set = true,
		.url = arena_printf(&w->a, "%s/api", httpd_url(w->slack.http)),
		.channel = SLACKD_CHANNEL,
		.token = env("TEST_SLACK_TOKEN")};
	au.email = (struct email_target){.set = true,
					 .to = {(const char **)to, 2, 2},
					 .from = "sitrep <sitrep@example.org>",
					 .smtp = smtpd_url(w->smtp),
					 .tls = TLS_NONE};
	au.directory = (struct directory_target){true, path_join(&w->a, w->dir, "outbox")};
	vec_push(&w->a, &w->cfg.audiences, au);
	w->cfg.limits = (struct limits){.concurrency = 2,
					.timeout_s = 1,
					.retries = 1,
					.slack_interval_ms = 1,
					.messages_per_run = 200};
	const struct http_opts o = {
		.concurrency = 2, .timeout_s = 2, .retries = 1, .backoff_ms = 1};
	assert_ok(http_new(&o, &w->http, &w->e), w->e);
	open_db(w);
	freeze(w, "everyone", true);
	return w;
}

static void finish(struct world *w)
{
	http_free(w->http);
	db_close(w->db);
	slackd_stop(&w->slack);
	smtpd_stop(w->smtp);
	arena_release(&w->a);
	free(w);
}

static bool try_deliver(struct world *w)
{
	struct deliver_opts o = {.cfg = &w->cfg,
				 .db = w->db,
				 .http = w->http,
				 .clock = &w->clock,
				 .week = WEEK,
				 .audience = w->audience,
				 .retry_failed = w->retry_failed,
				 .second_ms = 1};
	err_clear(&w->e);
	return deliver_run(&o, &w->a, &w->r, &w->e);
}

static void deliver(struct world *w)
{
	assert_ok(try_deliver(w), w->e);
}

static void only(struct world *w, bool email, bool slack, bool directory)
{
	struct audience *au = &w->cfg.audiences.v[0];
	au->email.set = email;
	au->slack.set = slack;
	au->directory.set = directory;
}

static struct delivery row(struct world *w, const char *channel, const char *recipient)
{
	struct deliveries list = {0};
	assert_ok(outbox_list(w->db, WEEK, NULL, &w->a, &list, &w->e), w->e);
	for (size_t i = 0; i < list.n; i++)
		if (strcmp(list.v[i].channel, channel) == 0 &&
		    (!recipient || strcmp(list.v[i].recipient, recipient) == 0))
			return list.v[i];
	fail_msg("no row %s %s", channel, recipient ? recipient : "");
	return (struct delivery){0};
}

#define assert_counts(w, s, r_, u, wa, sk)                                                         \
	do {                                                                                       \
		assert_int_equal((w)->r.sent, s);                                                  \
		assert_int_equal((w)->r.refused, r_);                                              \
		assert_int_equal((w)->r.unknown, u);                                               \
		assert_int_equal((w)->r.waiting, wa);                                              \
		assert_int_equal((w)->r.skipped, sk);                                              \
	} while (0)

static void everything_goes_out_once_with_the_frozen_bytes(void **state UNUSED)
{
	struct world *w = begin();
	size_t len;
	deliver(w);
	assert_counts(w, 4, 0, 0, 0, 0);
	assert_int_equal(smtpd_count(w->smtp), 2);
	for (size_t i = 0; i < 2; i++) {
		const struct smtpd_message *m = smtpd_get(w->smtp, i);
		assert_string_equal(m->bytes, EML);
		assert_string_equal(m->from, "sitrep@example.org");
		assert_string_equal(m->to, i ? "team@example.org" : "lead@example.org");
	}
	assert_int_equal(w->slack.messages.n, 3);
	const char *path = path_join(&w->a, w->dir, "outbox/" WEEK "-everyone.eml");
	assert_string_equal(test_read(&w->a, path, &len), EML);
	path = path_join(&w->a, w->dir, "outbox/" WEEK "-everyone.slack.json");
	assert_string_equal(test_read(&w->a, path, &len), SLACK);
	assert_string_equal(row(w, "email", "lead@example.org").answer,
			    "250 2.0.0 Ok: queued as Q1");
	assert_string_equal(row(w, "email", "lead@example.org").reference, "Q1");
	/* Again: nothing. */
	deliver(w);
	assert_counts(w, 0, 0, 0, 0, 4);
	assert_int_equal(smtpd_count(w->smtp), 2);
	assert_int_equal(w->slack.posts, 3);
	assert_int_equal(row(w, "slack", NULL).attempts, 1);
	finish(w);
}

static const char *without_nonce(struct world *w, size_t i)
{
	char *s = arena_strdup(&w->a, w->slack.messages.v[i].json), *n = strstr(s, ",\"nonce\":\"");
	assert_non_null(n);
	const char *end = n + strlen(",\"nonce\":\"0123456789abcdef\"");
	memmove(n, end, strlen(end) + 1);
	return s;
}

static void slack_gets_the_frozen_message_with_channel_thread_and_mark(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, true, false);
	deliver(w);
	char sha[65];
	struct frozen f;
	bool found;
	assert_ok(digests_get(w->db, WEEK, "everyone", &w->a, &f, &found, &w->e), w->e);
	snprintf(sha, sizeof sha, "%s", f.sha256);
	assert_string_equal(
		without_nonce(w, 0),
		arena_printf(
			&w->a,
			"{\"text\":\"main \xe2\x80\x94 <&>\",\"unfurl_links\":false,\"blocks\":"
			"[{\"type\":\"header\"}],\"channel\":\"" SLACKD_CHANNEL
			"\",\"metadata\":{\"event_type\":\"sitrep_digest\",\"event_payload\":{"
			"\"digest_id\":\"everyone/2026-W46\",\"part\":1,\"sha256\":\"%s\"}}}",
			sha));
	assert_string_equal(
		without_nonce(w, 2),
		arena_printf(&w->a,
			     "{\"text\":\"security\",\"blocks\":[],\"channel\":\"" SLACKD_CHANNEL_ID
			     "\",\"thread_ts\":\"1755500000.000100\",\"metadata\":{\"event_type\":"
			     "\"sitrep_digest\",\"event_payload\":{\"digest_id\":"
			     "\"everyone/2026-W46\",\"part\":3,\"sha256\":\"%s\"}}}",
			     sha));
	struct delivery d = row(w, "slack", NULL);
	assert_string_equal(d.recipient, SLACKD_CHANNEL);
	assert_string_equal(d.reference, "1755500000.000100");
	assert_string_equal(d.answer,
			    "posted to " SLACKD_CHANNEL_ID " as 1755500000.000100, messages: 3");
	/* The PDF: its bytes, in the thread, and the token stays at home. */
	assert_int_equal(w->slack.file_len, 6);
	assert_memory_equal(w->slack.file, "%PDF\0x", 6);
	assert_string_equal(w->slack.file_thread, "1755500000.000100");
	assert_false(w->slack.file_with_token);
	finish(w);
}

/* Another store, or this one set back, may have posted the same digest before. */
static void another_stores_message_is_not_taken_for_ours(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, true, false);
	deliver(w);
	db_close(w->db);
	assert_int_equal(unlink(path_join(&w->a, w->dir, "sitrep.db")), 0);
	open_db(w);
	freeze(w, "everyone", true);
	w->slack.fault = SLACKD_500;
	w->slack.fault_at = 1;
	w->slack.fault_n = 1;
	deliver(w);
	assert_counts(w, 1, 0, 0, 0, 0);
	assert_int_equal(w->slack.messages.n, 6);
	finish(w);
}

static void slack_posts_keep_their_distance(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, true, false);
	w->cfg.limits.slack_interval_ms = 200;
	deliver(w);
	for (size_t i = 1; i < 3; i++)
		assert_true(httpd_get(w->slack.http, NULL, "/api/chat.postMessage", i)->at_ms -
				    httpd_get(w->slack.http, NULL, "/api/chat.postMessage", i - 1)
					    ->at_ms >=
			    100);
	finish(w);
}

static void a_pdf_that_cannot_be_shared_is_said_and_no_failure(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, true, false);
	w->slack.files_denied = true;
	deliver(w);
	assert_counts(w, 1, 0, 0, 0, 0);
	assert_non_null(strstr(row(w, "slack", NULL).answer,
			       "the PDF was not shared: files.getUploadURLExternal: missing_scope "
			       "(needs files:write, has chat:write)"));
	finish(w);
}

/* Every way to lose an answer, at every message: in the end each message is there once. */
static void a_lost_answer_is_looked_up_before_posting_again(void **state UNUSED)
{
	static const enum slackd_fault faults[] = {SLACKD_LOSE_ANSWER, SLACKD_LOSE_REQUEST,
						   SLACKD_500_POSTED, SLACKD_500, SLACKD_429};
	for (size_t f = 0; f < ARRAY_SIZE(faults); f++)
		for (int at = 1; at <= 3; at++) {
			struct world *w = begin();
			only(w, false, true, false);
			w->slack.fault = faults[f];
			w->slack.fault_at = at;
			w->slack.fault_n = 1;
			deliver(w);
			assert_counts(w, 1, 0, 0, 0, 0);
			assert_int_equal(w->slack.messages.n, 3);
			bool lost = faults[f] == SLACKD_LOSE_REQUEST || faults[f] == SLACKD_500 ||
				    faults[f] == SLACKD_429;
			assert_int_equal(w->slack.posts, lost ? 4 : 3);
			finish(w);
		}
}

static void what_cannot_be_looked_up_is_unknown_until_it_can(void **state UNUSED)
{
	for (int hidden = 0; hidden < 2; hidden++) {
		struct world *w = begin();
		only(w, false, true, false);
		w->slack.fault = SLACKD_LOSE_ANSWER;
		w->slack.fault_at = 2;
		w->slack.fault_n = 1;
		w->slack.history_denied = !hidden;
		w->slack.metadata_hidden = hidden;
		deliver(w);
		assert_counts(w, 0, 0, 1, 0, 0);
		assert_int_equal(w->slack.messages.n, 2);
		struct delivery d = row(w, "slack", NULL);
		assert_non_null(strstr(d.answer, "message 2 of 3: may have been posted"));
		assert_non_null(strstr(d.answer, hidden ? "not shown" : "channels:history"));
		deliver(w); /* still: not a single post more */
		assert_counts(w, 0, 0, 1, 0, 0);
		assert_int_equal(w->slack.posts, 2);
		w->slack.history_denied = w->slack.metadata_hidden = false;
		deliver(w); /* now it is found, and the thread goes on */
		assert_counts(w, 1, 0, 0, 0, 0);
		assert_int_equal(w->slack.messages.n, 3);
		assert_int_equal(w->slack.posts, 3);
		finish(w);
	}
}

static void slack_refusals_say_what_to_do(void **state UNUSED)
{
	static const struct {
		const char *code, *extra;
		const char *answer;
		bool waiting;
	} rows[] = {
		{"missing_scope", ",\"needed\":\"chat:write\",\"provided\":\"files:write\"",
		 "missing_scope (needs chat:write, has files:write): give the app the scope",
		 false},
		{"channel_not_found", NULL, "channel_not_found: no such channel", false},
		{"restricted_action_read_only_channel", NULL, "ask an administrator", false},
		{"token_revoked", NULL, "token_revoked: the token was revoked", false},
		{"brand_new_word", NULL, "brand_new_word", false},
		{"service_unavailable", NULL, "try again later", true},
		{"team_added_to_org", NULL, "try again later", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world *w = begin();
		only(w, false, true, false);
		w->slack.fault = SLACKD_ERROR;
		w->slack.fault_at = 1;
		w->slack.fault_n = 1;
		w->slack.error = rows[i].code;
		w->slack.error_extra = rows[i].extra;
		deliver(w);
		assert_counts(w, 0, !rows[i].waiting, 0, rows[i].waiting, 0);
		if (!strstr(row(w, "slack", NULL).answer, rows[i].answer))
			fail_msg("%s: %s", rows[i].code, row(w, "slack", NULL).answer);
		assert_int_equal(w->slack.posts, 1);
		deliver(w); /* refused ones rest, until asked for */
		assert_int_equal(w->slack.messages.n, rows[i].waiting ? 3 : 0);
		w->retry_failed = true;
		deliver(w);
		assert_int_equal(w->slack.messages.n, 3);
		finish(w);
	}
}

static void a_refused_block_does_not_lose_the_week(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, true, false);
	w->slack.fault = SLACKD_ERROR;
	w->slack.fault_at = 1;
	w->slack.fault_n = 1;
	w->slack.error = "invalid_blocks";
	w->slack.error_extra =
		",\"response_metadata\":{\"messages\":[\"[ERROR] x [json-pointer:/blocks/2]\"]}";
	deliver(w);
	assert_counts(w, 1, 0, 0, 0, 0);
	assert_null(strstr(w->slack.messages.v[0].json, "blocks"));
	assert_non_null(strstr(w->slack.messages.v[0].json, "main"));
	assert_non_null(strstr(w->slack.messages.v[1].json, "blocks"));
	assert_non_null(strstr(row(w, "slack", NULL).answer,
			       "message 1 went without its blocks: invalid_blocks ([ERROR] x "
			       "[json-pointer:/blocks/2])"));
	finish(w);
}

static void a_refused_mark_goes_before_the_blocks_do(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, true, false);
	w->slack.fault = SLACKD_ERROR;
	w->slack.fault_at = 2;
	w->slack.fault_n = 1;
	w->slack.error = "metadata_too_large";
	deliver(w);
	assert_counts(w, 1, 0, 0, 0, 0);
	assert_null(w->slack.messages.v[1].metadata);
	assert_non_null(strstr(w->slack.messages.v[1].json, "blocks"));
	finish(w);
}

static void a_message_without_its_mark_is_never_posted_twice(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, true, false);
	httpd_on(w->slack.http, "POST", "/api/chat.postMessage",
		 (struct httpd_answer){.body = "{\"ok\":false,\"error\":\"metadata_too_large\"}"});
	httpd_on(w->slack.http, "POST", "/api/chat.postMessage",
		 (struct httpd_answer){.drop = true});
	for (int i = 0; i < 3; i++) {
		deliver(w);
		assert_counts(w, 0, 0, 1, 0, 0);
		assert_non_null(strstr(row(w, "slack", NULL).answer, "without the mark"));
	}
	assert_int_equal(httpd_count(w->slack.http, "POST", "/api/chat.postMessage"), 2);
	finish(w);
}

static void a_thread_whose_parent_went_is_finished_in_the_channel(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, true, false);
	w->slack.fault = SLACKD_ERROR;
	w->slack.fault_at = 2;
	w->slack.fault_n = 1;
	w->slack.error = "thread_not_found";
	deliver(w);
	assert_counts(w, 1, 0, 0, 0, 0);
	assert_int_equal(w->slack.messages.n, 3);
	assert_null(w->slack.messages.v[1].thread_ts);
	assert_non_null(strstr(row(w, "slack", NULL).answer, "the thread is gone"));
	finish(w);
}

static void a_webhook_gets_the_main_message_and_is_never_logged(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, true, false);
	struct slack_target *t = &w->cfg.audiences.v[0].slack;
	struct httpd *hook = httpd_start();
	setenv("TEST_WEBHOOK", arena_printf(&w->a, "%s/services/T1/hidden", httpd_url(hook)), 1);
	t->token = (struct secret){0};
	t->channel = NULL;
	t->webhook = env("TEST_WEBHOOK");
	httpd_on(hook, "POST", "/services/T1/hidden",
		 (struct httpd_answer){.status = 410, .body = "channel_is_archived"});
	httpd_on(hook, "POST", "/services/T1/hidden", (struct httpd_answer){.drop = true});
	httpd_on(hook, "POST", "/services/T1/hidden", (struct httpd_answer){.body = "ok"});
	deliver(w);
	assert_counts(w, 0, 1, 0, 0, 0);
	assert_non_null(strstr(row(w, "slack", "webhook").answer, "the channel is archived"));
	w->retry_failed = true;
	deliver(w); /* the answer is lost: nobody can look */
	assert_counts(w, 0, 0, 1, 0, 0);
	assert_non_null(strstr(row(w, "slack", "webhook").answer, "may have been posted"));
	assert_null(strstr(row(w, "slack", "webhook").answer, "hidden"));
	deliver(w);
	assert_counts(w, 0, 0, 1, 0, 0);
	assert_int_equal(httpd_count(hook, NULL, NULL), 2);
	assert_string_equal(
		httpd_get(hook, NULL, NULL, 0)->body,
		"{\"text\":\"main \xe2\x80\x94 <&>\",\"unfurl_links\":false,\"blocks\":[{"
		"\"type\":\"header\"}]}");
	httpd_stop(hook);
	finish(w);
}

static void mail_outcomes_are_kept_apart_and_unknown_is_never_resent(void **state UNUSED)
{
	struct world *w = begin();
	only(w, true, false, false);
	/* The first of two is lost after the dot. */
	smtpd_script(w->smtp, &(struct smtpd_script){.after_dot = SMTPD_CLOSE, .only = 1});
	deliver(w);
	assert_counts(w, 1, 0, 1, 0, 0);
	assert_non_null(strstr(row(w, "email", "lead@example.org").answer, "may have arrived"));
	w->retry_failed = true;
	smtpd_script(w->smtp, &(struct smtpd_script){0});
	deliver(w);
	assert_counts(w, 0, 0, 1, 0, 1);
	assert_int_equal(smtpd_count(w->smtp), 2);
	finish(w);
}

static void one_bad_address_harms_nobody_else(void **state UNUSED)
{
	struct world *w = begin();
	only(w, true, false, false);
	smtpd_script(w->smtp,
		     &(struct smtpd_script){.refuse = "lead@", .rcpt_answer = "550 5.1.1 no"});
	deliver(w);
	assert_counts(w, 1, 1, 0, 0, 0);
	deliver(w);
	assert_counts(w, 0, 1, 0, 0, 1);
	smtpd_script(w->smtp,
		     &(struct smtpd_script){.refuse = "lead@", .rcpt_answer = "450 4.2.0 wait"});
	w->retry_failed = true;
	deliver(w);
	assert_counts(w, 0, 0, 0, 1, 1);
	assert_string_equal(row(w, "email", "lead@example.org").answer, "450 4.2.0 wait");
	w->retry_failed = false;
	smtpd_script(w->smtp, &(struct smtpd_script){0});
	deliver(w); /* waiting ones go by themselves */
	assert_counts(w, 1, 0, 0, 0, 1);
	assert_string_equal(smtpd_get(w->smtp, 1)->bytes, EML);
	assert_int_equal(row(w, "email", "lead@example.org").attempts, 3);
	finish(w);
}

static void a_small_mailbox_gets_the_small_message(void **state UNUSED)
{
	struct world *w = begin();
	only(w, true, false, false);
	smtpd_script(w->smtp, &(struct smtpd_script){.size = 100});
	deliver(w);
	assert_counts(w, 2, 0, 0, 0, 0);
	assert_string_equal(smtpd_get(w->smtp, 0)->bytes, SMALL);
	smtpd_script(w->smtp, &(struct smtpd_script){.size = 10});
	freeze(w, "leads", false); /* no small variant */
	w->cfg.audiences.v[0].name = "leads";
	deliver(w);
	assert_counts(w, 0, 2, 0, 0, 0);
	assert_non_null(strstr(row(w, "email", "lead@example.org").answer, "queued"));
	finish(w);
}

static void one_person_in_two_spellings_is_one_person(void **state UNUSED)
{
	static const char *const to[] = {"lead@example.org", " Lead <LEAD@example.org>",
					 "lead@EXAMPLE.org "};
	struct world *w = begin();
	only(w, true, false, false);
	w->cfg.audiences.v[0].email.to = (struct strv){(const char **)to, 3, 3};
	deliver(w);
	assert_counts(w, 1, 0, 0, 0, 0);
	static const char *const later[] = {"LEAD@example.org"};
	w->cfg.audiences.v[0].email.to = (struct strv){(const char **)later, 1, 1};
	deliver(w);
	assert_counts(w, 0, 0, 0, 0, 1);
	assert_int_equal(smtpd_count(w->smtp), 1);
	finish(w);
}

static void who_left_the_configuration_gets_nothing(void **state UNUSED)
{
	struct world *w = begin();
	only(w, true, false, false);
	smtpd_script(w->smtp, &(struct smtpd_script){.greeting = "421 4.7.0 busy"});
	deliver(w);
	assert_counts(w, 0, 0, 0, 2, 0);
	smtpd_script(w->smtp, &(struct smtpd_script){0});
	w->cfg.audiences.v[0].email.to.n = 1;
	deliver(w);
	assert_counts(w, 1, 1, 0, 0, 0);
	assert_int_equal(smtpd_count(w->smtp), 1);
	assert_non_null(strstr(row(w, "email", "team@example.org").answer, "no longer names"));
	finish(w);
}

static void the_budget_leaves_the_rest_waiting(void **state UNUSED)
{
	struct world *w = begin();
	w->cfg.limits.messages_per_run = 4; /* directory, two mails, one Slack message */
	deliver(w);
	assert_counts(w, 3, 0, 0, 1, 0);
	assert_int_equal(w->slack.messages.n, 1);
	assert_non_null(strstr(row(w, "slack", NULL).answer, "messages_per_run"));
	w->cfg.limits.messages_per_run = 200;
	deliver(w);
	assert_counts(w, 1, 0, 0, 0, 3);
	assert_int_equal(w->slack.messages.n, 3);
	assert_string_equal(w->slack.messages.v[2].thread_ts, w->slack.messages.v[0].ts);
	finish(w);
}

static void a_missing_secret_or_artefact_waits_with_its_reason(void **state UNUSED)
{
	struct world *w = begin();
	only(w, true, true, false);
	unsetenv("TEST_NO_SUCH");
	w->cfg.audiences.v[0].slack.token = env("TEST_NO_SUCH");
	deliver(w);
	assert_counts(w, 2, 0, 0, 1, 0);
	assert_non_null(strstr(row(w, "slack", NULL).answer, "TEST_NO_SUCH"));
	assert_int_equal(row(w, "slack", NULL).attempts, 0);
	struct frozen f;
	assert_ok(digests_freeze(w->db, WEEK, "bare", "<digest/>", 9, "0.1.0", &(struct numbers){0},
				 &(struct items){0}, 0, &w->a, &f, &w->e),
		  w->e);
	w->cfg.audiences.v[0].name = "bare";
	only(w, true, true, true);
	deliver(w);
	assert_counts(w, 0, 0, 0, 4, 0);
	assert_non_null(strstr(row(w, "directory", NULL).answer, "sitrep digest --week 2026-W46"));
	finish(w);
}

static void without_a_frozen_digest_nothing_is_sent(void **state UNUSED)
{
	struct world *w = begin();
	struct audience second = w->cfg.audiences.v[0];
	second.name = "leads";
	vec_push(&w->a, &w->cfg.audiences, second);
	assert_err(try_deliver(w), w->e, ERR_USAGE, "audience \"leads\"");
	assert_int_equal(smtpd_connections(w->smtp), 0);
	w->audience = "everyone";
	deliver(w);
	assert_counts(w, 4, 0, 0, 0, 0);
	w->audience = "nobody";
	assert_err(try_deliver(w), w->e, ERR_USAGE, "no audience \"nobody\"");
	finish(w);
}

static void two_audiences_are_two_deliveries(void **state UNUSED)
{
	struct world *w = begin();
	only(w, true, false, false);
	struct audience second = w->cfg.audiences.v[0];
	second.name = "leads";
	vec_push(&w->a, &w->cfg.audiences, second);
	freeze(w, "leads", false);
	deliver(w);
	assert_counts(w, 4, 0, 0, 0, 0);
	assert_int_equal(smtpd_count(w->smtp), 4);
	finish(w);
}

static void a_directory_that_cannot_be_written_waits(void **state UNUSED)
{
	struct world *w = begin();
	only(w, false, false, true);
	w->cfg.audiences.v[0].directory.path = path_join(&w->a, w->dir, "file/below");
	int fd = open(path_join(&w->a, w->dir, "file"), O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	deliver(w);
	assert_counts(w, 0, 0, 0, 1, 0);
	unlink(path_join(&w->a, w->dir, "file"));
	deliver(w);
	assert_counts(w, 1, 0, 0, 0, 0);
	finish(w);
}

/* From the n-th write to the outbox on, the disk is full: the program ends there. */
static void break_writes(struct world *w, int n)
{
	static const char *const tables[] = {"outbox", "outbox_part"};
	static const char *const ops[] = {"INSERT", "UPDATE", "DELETE"};
	assert_ok(db_exec(w->db,
			  arena_printf(&w->a,
				       "CREATE TEMP TABLE fault (n INTEGER);"
				       "INSERT INTO fault VALUES (%d)",
				       n),
			  &w->e),
		  w->e);
	for (size_t t = 0; t < 2; t++)
		for (size_t o = 0; o < 3; o++)
			assert_ok(
				db_exec(w->db,
					arena_printf(&w->a,
						     "CREATE TEMP TRIGGER f%zu%zu BEFORE %s ON "
						     "main.%s BEGIN SELECT RAISE(ABORT, 'disk "
						     "full') FROM fault WHERE n <= 1; UPDATE fault "
						     "SET n = n - 1; END",
						     t, o, ops[o], tables[t]),
					&w->e),
				w->e);
}

/* A crash at every write: run on to the end afterwards. Nothing is doubled; what is not told as
 * sent exactly once is told as unknown. */
static void a_crash_at_any_write_doubles_and_loses_nothing(void **state UNUSED)
{
	bool whole = false;
	int n = 0, unknown = 0;
	while (!whole) {
		struct world *w = begin();
		break_writes(w, ++n);
		whole = try_deliver(w);
		if (!whole)
			assert_int_equal(w->e.kind, ERR_DB);
		db_close(w->db); /* triggers and all: the process is gone */
		open_db(w);
		deliver(w);
		assert_int_equal(w->slack.messages.n, 3);
		assert_int_equal(row(w, "slack", NULL).state, OUTBOX_SENT);
		assert_int_equal(row(w, "directory", NULL).state, OUTBOX_SENT);
		static const char *const to[] = {"lead@example.org", "team@example.org"};
		for (size_t i = 0; i < 2; i++) {
			size_t copies = 0;
			for (size_t k = 0; k < smtpd_count(w->smtp); k++)
				copies += strcmp(smtpd_get(w->smtp, k)->to, to[i]) == 0;
			struct delivery d = row(w, "email", to[i]);
			assert_true(copies <= 1);
			if (d.state == OUTBOX_SENT)
				assert_int_equal(copies, 1);
			else
				assert_int_equal(d.state, OUTBOX_UNKNOWN);
			unknown += d.state == OUTBOX_UNKNOWN;
		}
		deliver(w); /* and that is all */
		assert_int_equal(w->slack.messages.n, 3);
		finish(w);
	}
	assert_true(n > 15);
	assert_int_equal(unknown, 2); /* once for each of the two mails: after the server took it */
}

static void slack_crashes_with_lost_answers_too(void **state UNUSED)
{
	static const enum slackd_fault faults[] = {SLACKD_LOSE_ANSWER, SLACKD_LOSE_REQUEST};
	for (size_t f = 0; f < ARRAY_SIZE(faults); f++) {
		bool whole = false;
		for (int n = 1; !whole; n++) {
			struct world *w = begin();
			only(w, false, true, false);
			w->slack.fault = faults[f];
			w->slack.fault_at = 2;
			w->slack.fault_n = 1;
			break_writes(w, n);
			whole = try_deliver(w);
			if (!whole) {
				db_close(w->db);
				open_db(w);
				deliver(w);
			}
			assert_int_equal(row(w, "slack", NULL).state, OUTBOX_SENT);
			assert_int_equal(w->slack.messages.n, 3);
			finish(w);
		}
	}
}

static void the_operator_hears_by_both_ways(void **state UNUSED)
{
	struct world *w = begin();
	struct deliver_opts o = {.cfg = &w->cfg, .db = w->db, .http = w->http, .clock = &w->clock};
	assert_ok(deliver_operator(&o, "sitrep failed", "x", &w->e), w->e); /* nobody: nothing */
	w->cfg.operator_.email = w->cfg.audiences.v[0].email;
	w->cfg.operator_.slack = w->cfg.audiences.v[0].slack;
	assert_ok(deliver_operator(&o, "sitrep failed\r\nBcc: x@example.org",
				   "Sentry <!channel>: 401\n", &w->e),
		  w->e);
	assert_int_equal(smtpd_count(w->smtp), 2);
	const char *mail = smtpd_get(w->smtp, 0)->bytes;
	assert_non_null(strstr(mail, "\r\nSubject: sitrep failed Bcc: x@example.org\r\n"));
	assert_non_null(strstr(mail, "\r\n\r\nSentry <!channel>: 401\r\n"));
	assert_int_equal(w->slack.messages.n, 1);
	assert_non_null(strstr(w->slack.messages.v[0].json, "Sentry &lt;!channel&gt;: 401"));
	/* One way fails: the other is tried, and the failure told. */
	smtpd_script(w->smtp, &(struct smtpd_script){.greeting = "554 5.7.1 blocked"});
	assert_err(deliver_operator(&o, "s", "t", &w->e), w->e, ERR_NET, "554 5.7.1 blocked");
	assert_int_equal(w->slack.messages.n, 2);
	finish(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_goes_out_once_with_the_frozen_bytes),
		cmocka_unit_test(slack_gets_the_frozen_message_with_channel_thread_and_mark),
		cmocka_unit_test(another_stores_message_is_not_taken_for_ours),
		cmocka_unit_test(slack_posts_keep_their_distance),
		cmocka_unit_test(a_pdf_that_cannot_be_shared_is_said_and_no_failure),
		cmocka_unit_test(a_lost_answer_is_looked_up_before_posting_again),
		cmocka_unit_test(what_cannot_be_looked_up_is_unknown_until_it_can),
		cmocka_unit_test(slack_refusals_say_what_to_do),
		cmocka_unit_test(a_refused_block_does_not_lose_the_week),
		cmocka_unit_test(a_refused_mark_goes_before_the_blocks_do),
		cmocka_unit_test(a_message_without_its_mark_is_never_posted_twice),
		cmocka_unit_test(a_thread_whose_parent_went_is_finished_in_the_channel),
		cmocka_unit_test(a_webhook_gets_the_main_message_and_is_never_logged),
		cmocka_unit_test(mail_outcomes_are_kept_apart_and_unknown_is_never_resent),
		cmocka_unit_test(one_bad_address_harms_nobody_else),
		cmocka_unit_test(a_small_mailbox_gets_the_small_message),
		cmocka_unit_test(one_person_in_two_spellings_is_one_person),
		cmocka_unit_test(who_left_the_configuration_gets_nothing),
		cmocka_unit_test(the_budget_leaves_the_rest_waiting),
		cmocka_unit_test(a_missing_secret_or_artefact_waits_with_its_reason),
		cmocka_unit_test(without_a_frozen_digest_nothing_is_sent),
		cmocka_unit_test(two_audiences_are_two_deliveries),
		cmocka_unit_test(a_directory_that_cannot_be_written_waits),
		cmocka_unit_test(a_crash_at_any_write_doubles_and_loses_nothing),
		cmocka_unit_test(slack_crashes_with_lost_answers_too),
		cmocka_unit_test(the_operator_hears_by_both_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
