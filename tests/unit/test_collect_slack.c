#include "support/collecting.h"

#include "base/sb.h"

#include <stdlib.h>

static struct collecting b;

#define T(rest) "17943" rest /* inside the week 2026-W46 */
#define POST(ts, text)                                                                             \
	"{\"type\":\"message\",\"ts\":\"" ts "\",\"bot_id\":\"B0OTHER01\",\"bot_profile\":{"       \
	"\"name\":\"Airflow\"},\"text\":\"" text "\"}"
#define PAGE(messages, cursor)                                                                     \
	"{\"ok\":true,\"messages\":[" messages "],\"has_more\":false,\"response_metadata\":{"      \
	"\"next_cursor\":\"" cursor "\"}}"
#define AUTH                                                                                       \
	{                                                                                          \
		.target = "POST /api/auth.test",                                                   \
		.body = "{\"ok\":true,\"user_id\":\"U0OURS001\",\"bot_id\":\"B0OURS001\"}"         \
	}
#define HISTORY "GET /api/conversations.history?*"
#define LIST	"GET /api/conversations.list?*"

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	setenv("TEST_SLACK_TOKEN", "xoxb-invented", 1);
	struct slack_source s = {.name = "notifications",
				 .url = arena_printf(&b.a, "%s/api", b.url),
				 .channel = "C0123456789",
				 .token = {.kind = SECRET_ENV, .name = "TEST_SLACK_TOKEN"}};
	vec_push(&b.a, &b.cfg.slack, s);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

static void run(const struct served *table)
{
	collecting_serve(&b, table);
	collecting_run(&b);
}

static const char *stored(void)
{
	return collecting_rows(&b, "SELECT ts, kind FROM message ORDER BY ts");
}

/* --- the whole way --- */

static void a_week_is_asked_for_by_documented_arguments_and_stored(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = HISTORY,
		 .body = PAGE(POST(T("00000.000200"), "The DAG tree-collection failed") "," POST(
				      T("00000.000100"), "good morning"),
			      "")},
		{.target = NULL}};
	run(table);
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "messages")->received, 2);
	assert_true(collecting_ledger(&b, "messages")->expected == NUM_NONE);
	assert_string_equal(stored(), T("00000.000100|other\n") T("00000.000200|dag\n"));
	assert_string_equal(
		collecting_rows(&b, "SELECT m.channel, m.sender, t.subject, t.state, m.posted_at "
				    "FROM message m JOIN message_told t ON t.message_id = m.id"),
		"C0123456789|Airflow|tree-collection|failed|2026-11-10T08:40:00Z\n");
	const struct httpd_request *rq = httpd_get(b.h, "GET", "/api/conversations.history", 0);
	assert_string_equal(httpd_header(rq, "authorization"), "Bearer xoxb-invented");
	assert_string_equal(rq->query,
			    "channel=C0123456789&oldest=1794009600.000000&latest=1794787200.000000&"
			    "inclusive=true&limit=200&include_all_metadata=true");
}

static void a_name_is_looked_up_over_all_pages_of_channels(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = "GET /api/conversations.list?*cursor=two%3D",
		 .body = "{\"ok\":true,\"channels\":[{\"id\":\"C0000000FOUND\",\"name\":\"alerts\"}"
			 "],"
			 "\"response_metadata\":{\"next_cursor\":\"\"}}"},
		{.target = LIST,
		 .body = "{\"ok\":true,\"channels\":[{\"id\":\"C0000000ELSE\",\"name\":\"alerts-"
			 "old\"}"
			 ",{\"id\":\"D0C0F7S8Y\",\"is_im\":true}],\"response_metadata\":{\"next_"
			 "cursor\":"
			 "\"two=\"}}"},
		{.target = "GET /api/conversations.history?channel=C0000000FOUND&*",
		 .body = PAGE("", "")},
		{.target = NULL}};
	b.cfg.slack.v[0].channel = "#alerts";
	run(table);
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_asked(&b, LIST), 2);
	b.cfg.slack.v[0].channel = "nowhere";
	run(table);
	assert_part(&b, "messages", LEDGER_FAILED, "no channel \"nowhere\" is visible to the app");
	assert_int_equal(collecting_asked(&b, HISTORY), 0);
}

/* groups:read is not given: public channels can still be listed. */
static void a_missing_scope_for_private_channels_leaves_the_public_ones(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = "GET /api/conversations.list?*private_channel*",
		 .body = "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"groups:read\","
			 "\"provided\":\"channels:read\"}"},
		{.target = LIST,
		 .body = "{\"ok\":true,\"channels\":[{\"id\":\"C0000000FOUND\",\"name\":\"alerts\"}"
			 "]}"},
		{.target = HISTORY, .body = PAGE("", "")},
		{.target = NULL}};
	b.cfg.slack.v[0].channel = "alerts";
	run(table);
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
}

static void cursors_are_followed_to_an_empty_one(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = "GET *cursor=p2*", .body = PAGE(POST(T("00000.000002"), "b"), "p3")},
		/* a page may be empty and not the last */
		{.target = "GET *cursor=p3*", .body = PAGE("", "p4")},
		{.target = "GET *cursor=p4*", .body = PAGE(POST(T("00000.000001"), "a"), "")},
		{.target = HISTORY, .body = PAGE(POST(T("00000.000003"), "c"), "p2")},
		{.target = NULL}};
	run(table);
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "messages")->received, 3);
}

static void more_without_a_cursor_goes_on_from_the_oldest(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = "GET *latest=" T("00000.000002") "*",
		 .body = "{\"ok\":true,\"has_more\":false,\"messages\":[" POST(
			 T("00000.000002"), "b") "," POST(T("00000.000001"), "a") "]}"},
		{.target = HISTORY,
		 .body = "{\"ok\":true,\"has_more\":true,\"messages\":[" POST(
			 T("00000.000003"), "c") "," POST(T("00000.000002"), "b") "]}"},
		{.target = NULL}};
	run(table);
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "messages")->received, 3); /* one came twice */
}

static void a_cursor_that_comes_back_ends_the_walk_and_is_told(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = HISTORY, .body = PAGE(POST(T("00000.000003"), "c"), "same")},
		{.target = NULL}};
	run(table);
	assert_part(&b, "messages", LEDGER_PARTIAL, "conversations.history");
}

/* inclusive=true takes both bounds in; a week has its first instant and not the next one's. */
static void the_window_is_half_open_to_the_microsecond(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = HISTORY,
		 .body = PAGE(
			 POST("1794787200.000000", "next") "," POST(
				 "1794787199.999999",
				 "last") "," POST("1794009600.000000",
						  "first") "," POST("1794009599.999999", "before"),
			 "")},
		{.target = NULL}};
	run(table);
	assert_string_equal(stored(), "1794009600.000000|other\n1794787199.999999|other\n");
}

/* --- what is no news --- */

static void our_own_posts_joins_and_tombstones_are_left_out(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = HISTORY,
		 .body = PAGE(
			 "{\"ts\":\"" T(
				 "00000.000001") "\",\"bot_id\":\"B0OURS001\",\"text\":"
						 "\"Weekly digest\"},"
						 "{\"ts\":\"" T(
							 "00000.000002") "\",\"bot_id\":"
									 "\"B0HOOK001\","
									 "\"text\":"
									 "\"Weekly\","
									 "\"metadata\":{"
									 "\"event_type\":"
									 "\"sitrep_digest\"}},"
									 "{\"ts\":\"" T(
										 "00000."
										 "000003") "\""
											   ","
											   "\""
											   "su"
											   "bt"
											   "yp"
											   "e"
											   "\""
											   ":"
											   "\""
											   "ch"
											   "an"
											   "ne"
											   "l_"
											   "jo"
											   "in"
											   "\""
											   ","
											   "\""
											   "us"
											   "er"
											   "\""
											   ":"
											   "\""
											   "U1"
											   "\""
											   ","
											   "\""
											   "te"
											   "xt"
											   "\""
											   ":"
											   "\""
											   "jo"
											   "in"
											   "ed"
											   "\""
											   "},"
											   "{"
											   "\""
											   "ts"
											   "\""
											   ":"
											   "\"" T("00000.000004") "\",\"subtype\":\"tombstone\",\"hidden\":"
														  "true},"
														  /* one bot token posts for others as well, under their names */
														  "{\"ts\":\"" T(
															  "00000.000005") "\",\"bot_id\":\"B0OURS001\",\"username\":"
																	  "\"SQS and DB\",\"subtype\":\"bot_message\",\"text\":\"DB trouble\"},"
																	  "{\"ts\":\"" T(
																		  "00000.000006") "\",\"bot_id\":\"B0OURS001\",\"text\":"
																				  "\"The DAG x failed\"},"
																				  "{\"ts\":\"" T(
																					  "00000.000007") "\",\"subtype\":\"thread_broadcast\","
																							  "\"bot_id\":\"B0OTHER01\",\"thread_ts\":\"" T(
																								  "00000.000000") "\",\"text\":"
																										  "\"still down\"},"
																										  "{\"ts\":\"" T(
																											  "00000.000008") "\",\"user\":\"U1\",\"text\":\"thanks\"}",
			 "")},
		{.target = NULL}};
	run(table);
	assert_string_equal(stored(), T("00000.000005|other\n") T("00000.000006|dag\n")
					      T("00000.000007|other\n") T("00000.000008|other\n"));
	assert_string_equal(
		collecting_rows(&b, "SELECT sender, text FROM message WHERE ts LIKE '%08'"),
		"-|-\n");
}

/* Who we are is not told: the mark is enough, and nothing else is lost. */
static void without_auth_test_the_rest_goes_on(void **state UNUSED)
{
	static const struct served table[] = {
		{.target = "POST /api/auth.test",
		 .body = "{\"ok\":false,\"error\":\"unknown_method\"}"},
		{.target = HISTORY, .body = PAGE(POST(T("00000.000003"), "c"), "")},
		{.target = NULL}};
	run(table);
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "messages")->received, 1);
}

/* --- again --- */

static void a_second_run_takes_edits_over_and_forgets_what_was_deleted(void **state UNUSED)
{
	static const struct served first[] = {
		AUTH,
		{.target = HISTORY,
		 .body = PAGE(POST(T("00000.000002"), "The DAG a failed") "," POST(
				      T("00000.000001"), "The DAG b failed"),
			      "")},
		{.target = NULL}};
	static const struct served second[] = {
		AUTH,
		{.target = HISTORY,
		 .body = PAGE("{\"ts\":\"" T("00000.000002") "\",\"bot_id\":\"B0OTHER01\",\"text\":"
							     "\"resolved\",\"edited\":{\"ts\":\"" T(
								     "00600.000000") "\"}}",
			      "")},
		{.target = NULL}};
	static const struct served broken[] = {
		AUTH, {.target = HISTORY, .status = 500, .body = "<html>"}, {.target = NULL}};
	run(first);
	run(first);
	assert_string_equal(stored(), T("00000.000001|dag\n") T("00000.000002|dag\n"));
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM message_told"), 2);
	run(broken); /* what could not be read was not deleted */
	assert_part(&b, "messages", LEDGER_FAILED, "500");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM message"), 2);
	run(second);
	assert_string_equal(stored(), T("00000.000002|other\n"));
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM message_told"), 0);
	assert_string_equal(collecting_rows(&b, "SELECT edited_at FROM message"),
			    "2026-11-10T08:50:00Z\n");
}

/* --- what a plan hides --- */

static void a_limited_history_is_partial(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = HISTORY,
		 .body = "{\"ok\":true,\"is_limited\":true,\"messages\":[" POST(
			 T("00000.000002"), "x") "],\"has_more\":false}"},
		{.target = NULL}};
	run(table);
	assert_part(&b, "messages", LEDGER_PARTIAL, "plan hides");
}

static void a_window_older_than_ninety_days_must_show_something(void **state UNUSED)
{
	static const struct served none[] = {
		AUTH,
		{.target = HISTORY, .body = PAGE(POST("1794500000.000001", "x"), "")},
		{.target = NULL}};
	static const struct served some[] = {
		AUTH,
		{.target = HISTORY, .body = PAGE(POST("1794010000.000001", "x"), "")},
		{.target = NULL}};
	b.clock.fixed_s = 1794400000 + INT64_C(90) * 86400; /* the limit runs through the week */
	run(none);
	assert_part(&b, "messages", LEDGER_PARTIAL, "nothing from before 2026-11-11");
	run(some); /* a paid plan */
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
}

/* --- refusals --- */

static void every_refusal_says_what_to_do(void **state UNUSED)
{
	static const struct {
		const char *auth, *history, *reason;
	} cases[] = {
		{"invalid_auth", NULL, "invalid_auth on auth.test: the token is not valid"},
		{"account_inactive", NULL, "the app was removed: install it again"},
		{"token_revoked", NULL, "the token was revoked"},
		{"token_expired", NULL, "the token has expired"},
		{"not_authed", NULL, "check the secret"},
		{"not_allowed_token_type", NULL, "use a bot token"},
		{NULL, "not_in_channel",
		 "not_in_channel on conversations.history of C0123456789: "
		 "invite the app to the channel"},
		{NULL, "channel_not_found", "no such channel, or a private one without the app"},
		{NULL, "missing_scope\",\"needed\":\"channels:history\",\"provided\":\"chat:write",
		 "(needs channels:history, has chat:write): give the app the scope"},
		{NULL, "missing_scope\",\"needed\":\"channels:history", "has none"},
		{NULL, "is_archived", "the channel is archived"},
		{NULL, "ratelimited", "collect again later"},
		{NULL, "invalid_cursor", "collect again"},
		{NULL, "something_new", "something_new on conversations.history"},
		{NULL, "ekm_access_denied", "an administrator"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *auth = cases[i].auth;
		struct served table[] = {
			{.target = "POST /api/auth.test",
			 .body = auth ? arena_printf(&b.a, "{\"ok\":false,\"error\":\"%s\"}", auth)
				      : "{\"ok\":true,\"bot_id\":\"B0OURS001\"}"},
			{.target = HISTORY,
			 .body = arena_printf(&b.a, "{\"ok\":false,\"error\":\"%s\"}",
					      auth ? "not_reached" : cases[i].history)},
			{.target = NULL}};
		run(table);
		assert_part(&b, "messages", LEDGER_FAILED, cases[i].reason);
		assert_int_equal(collecting_asked(&b, HISTORY), auth ? 0 : 1);
	}
}

static void what_is_no_answer_of_slack_is_told_apart(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body, *header, *reason;
	} cases[] = {
		{200, "<!DOCTYPE html><p>x", NULL, "HTML instead of JSON"},
		{200, "", NULL, "empty body"},
		{200, "{\"ok\":true", NULL, "damaged JSON"},
		{200, "{}", NULL, "neither ok nor an error"},
		{200, "[]", NULL, "neither ok nor an error"},
		{200, "{\"ok\":\"yes\"}", NULL, "ok"},
		{200, "{\"ok\":true}", NULL, "no list of messages"},
		{200, "{\"ok\":true,\"messages\":{}}", NULL, "no list of messages"},
		{429, "{\"ok\":false,\"error\":\"ratelimited\"}", "Retry-After: 1",
		 "make it an internal app"},
		{429, "{\"ok\":false,\"error\":\"ratelimited\"}", NULL,
		 "still over the rate limit"},
		{500, "<html>", NULL, "500 on conversations.history"},
		{403, "{}", NULL, "403 on conversations.history"},
		{404, "no", NULL, "it ends in /api"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct served table[] = {AUTH,
					 {.target = HISTORY,
					  .status = cases[i].status,
					  .body = cases[i].body,
					  .header = cases[i].header},
					 {.target = NULL}};
		run(table);
		assert_part(&b, "messages", LEDGER_FAILED, cases[i].reason);
	}
}

static void a_later_page_that_is_lost_leaves_it_partial(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = "GET *cursor=p2*",
		 .body = "{\"ok\":false,\"error\":\"invalid_cursor\"}"},
		{.target = HISTORY, .body = PAGE(POST(T("00000.000003"), "c"), "p2")},
		{.target = NULL}};
	run(table);
	assert_part(&b, "messages", LEDGER_PARTIAL, "invalid_cursor");
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM message"), 1);
}

static void passing_trouble_is_met_again_and_no_oftener_than_told(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = HISTORY, .body = "{\"ok\":false,\"error\":\"internal_error\"}"},
		{.target = NULL}};
	static const struct served once[] = {
		AUTH,
		{.target = HISTORY, .body = PAGE(POST(T("00000.000003"), "c"), "")},
		{.target = NULL}};
	b.cfg.limits.retries = 2;
	run(table);
	assert_part(&b, "messages", LEDGER_FAILED, "internal_error");
	assert_int_equal(collecting_asked(&b, HISTORY), 3);
	collecting_serve(&b, once);
	b.fault = 2;
	b.fault_answer =
		(struct httpd_answer){.body = "{\"ok\":false,\"error\":\"service_unavailable\"}"};
	collecting_run(&b);
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_asked(&b, HISTORY), 2);
}

static void a_warning_is_a_success(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = HISTORY,
		 .body = "{\"ok\":true,\"warning\":\"missing_charset\",\"messages\":[],"
			 "\"response_metadata\":{\"warnings\":[\"missing_charset\"]}}"},
		{.target = NULL}};
	run(table);
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_ledger(&b, "messages")->received, 0);
}

/* Fifteen a minute: what an app gets that is distributed outside the Marketplace. */
static const char *small_page(int first)
{
	struct sb s;
	sb_init(&s, &b.a, (size_t)1 << 20);
	sb_add(&s, "{\"ok\":true,\"has_more\":true,\"messages\":[");
	for (int i = 0; i < 15; i++)
		sb_addf(&s, "%s{\"ts\":\"1794300000.%06d\",\"bot_id\":\"B\",\"text\":\"x\"}",
			i ? "," : "", first - i);
	sb_addf(&s, "],\"response_metadata\":{\"next_cursor\":\"c%d\"}}", first);
	return sb_str(&s);
}

#define SMALL_PAGES 40
static const struct served *small_pages(void)
{
	struct served *table = arena_array(&b.a, struct served, SMALL_PAGES + 2);
	table[0] = (struct served)AUTH;
	for (int i = 1; i < SMALL_PAGES; i++)
		table[i] = (struct served){
			.target = arena_printf(&b.a, "GET *cursor=c%d", 900000 - 100 * (i - 1)),
			.body = i + 1 < SMALL_PAGES ? small_page(900000 - 100 * i)
						    : PAGE(POST(T("00000.000001"), "end"), "")};
	table[SMALL_PAGES] = (struct served){.target = HISTORY, .body = small_page(900000)};
	return table;
}

static void pages_of_fifteen_are_all_read_while_nothing_is_waited_for(void **state UNUSED)
{
	run(small_pages());
	assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
	assert_int_equal(collecting_asked(&b, HISTORY), SMALL_PAGES);
	assert_int_equal(collecting_ledger(&b, "messages")->received, 39 * 15 + 1);
}

static void a_minute_a_page_is_waited_for_half_an_hour_and_told(void **state UNUSED)
{
	static const char *const headers[] = {"Retry-After: 1", NULL};
	const struct served *table = small_pages();
	b.retries = 1;
	for (int i = 1; i <= SMALL_PAGES; i++) { /* first a refusal, then the page */
		const char *path = arena_printf(
			&b.a, "/api/conversations.history?*%s",
			i == SMALL_PAGES ? "metadata=true" : strrchr(table[i].target, '*') + 1);
		httpd_on(b.h, "GET", path,
			 (struct httpd_answer){.status = 429,
					       .body = "{\"ok\":false,\"error\":\"ratelimited\"}",
					       .headers = headers});
		httpd_on(b.h, "GET", path, (struct httpd_answer){.body = table[i].body});
	}
	run(table);
	assert_part(&b, "messages", LEDGER_PARTIAL, "make it an internal app");
	assert_int_equal(collecting_ledger(&b, "messages")->received, 450);
	assert_int_equal(collecting_ledger(&b, "messages")->retries, 30);
}

static void a_message_that_cannot_be_read_is_told_and_the_rest_kept(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = HISTORY,
		 .body = PAGE(
			 "{\"ts\":1794300000,\"text\":\"x\"},null," POST(T("00000.000003"), "c"),
			 "")},
		{.target = NULL}};
	run(table);
	assert_part(&b, "messages", LEDGER_PARTIAL, "a message could not be read");
	assert_int_equal(collecting_ledger(&b, "messages")->received, 1);
}

static void a_secret_that_cannot_be_read_asks_nothing(void **state UNUSED)
{
	static const struct served table[] = {AUTH, {.target = NULL}};
	unsetenv("TEST_SLACK_TOKEN");
	run(table);
	assert_part(&b, "messages", LEDGER_FAILED, "TEST_SLACK_TOKEN");
	assert_int_equal(collecting_asked(&b, "*"), 0);
}

static void any_request_may_fail_and_the_next_run_completes_the_week(void **state UNUSED)
{
	static const struct served table[] = {
		AUTH,
		{.target = LIST,
		 .body = "{\"ok\":true,\"channels\":[{\"id\":\"C0000000FOUND\",\"name\":\"alerts\"}"
			 "]}"},
		{.target = "GET *cursor=p2*", .body = PAGE(POST(T("00000.000002"), "b"), "")},
		{.target = HISTORY, .body = PAGE(POST(T("00000.000003"), "c"), "p2")},
		{.target = NULL}};
	static const struct httpd_answer faults[] = {
		{.drop = true}, {.status = 502, .body = "<html>"}, {.body = "{\"ok\":"}};
	b.cfg.slack.v[0].channel = "alerts";
	for (size_t k = 0; k < ARRAY_SIZE(faults); k++) {
		for (int n = 2;; n++) { /* without auth.test the rest may go on */
			collecting_serve(&b, table);
			b.fault = n;
			b.fault_answer = faults[k];
			collecting_run(&b);
			if (b.requests < n)
				break;
			/* curl by itself asks again on a connection that died before an answer */
			const struct ledger *l = collecting_ledger(&b, "messages");
			bool again = faults[k].drop && l->received == 2;
			assert_int_equal(l->status == LEDGER_COMPLETE, again);
			assert_int_equal(l->reason == NULL, again);
		}
		assert_part(&b, "messages", LEDGER_COMPLETE, NULL);
		assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM message"), 2);
		struct err e = {0};
		assert_ok(db_exec(b.db, "DELETE FROM message", &e), e);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_week_is_asked_for_by_documented_arguments_and_stored),
		TEST(a_name_is_looked_up_over_all_pages_of_channels),
		TEST(a_missing_scope_for_private_channels_leaves_the_public_ones),
		TEST(cursors_are_followed_to_an_empty_one),
		TEST(more_without_a_cursor_goes_on_from_the_oldest),
		TEST(a_cursor_that_comes_back_ends_the_walk_and_is_told),
		TEST(the_window_is_half_open_to_the_microsecond),
		TEST(our_own_posts_joins_and_tombstones_are_left_out),
		TEST(without_auth_test_the_rest_goes_on),
		TEST(a_second_run_takes_edits_over_and_forgets_what_was_deleted),
		TEST(a_limited_history_is_partial),
		TEST(a_window_older_than_ninety_days_must_show_something),
		TEST(every_refusal_says_what_to_do),
		TEST(what_is_no_answer_of_slack_is_told_apart),
		TEST(a_later_page_that_is_lost_leaves_it_partial),
		TEST(passing_trouble_is_met_again_and_no_oftener_than_told),
		TEST(a_warning_is_a_success),
		TEST(pages_of_fifteen_are_all_read_while_nothing_is_waited_for),
		TEST(a_minute_a_page_is_waited_for_half_an_hour_and_told),
		TEST(a_message_that_cannot_be_read_is_told_and_the_rest_kept),
		TEST(a_secret_that_cannot_be_read_asks_nothing),
		TEST(any_request_may_fail_and_the_next_run_completes_the_week),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
