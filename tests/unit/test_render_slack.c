#include "support/docs.h"
#include "support/test.h"

#include "lib/json.h"
#include "render/mrkdwn.h"
#include "render/render.h"

#include "base/text.h"

static struct arena A;

static int teardown(void **state UNUSED)
{
	arena_release(&A);
	return 0;
}

static const char *slack(const struct xml *doc)
{
	struct err e = {0};
	const char *out = NULL;
	size_t n;
	assert_ok(render_slack(doc, &A, &out, &n, &e), e);
	assert_int_equal(strlen(out), n);
	return out;
}

static struct json *messages(const struct xml *doc)
{
	const char *s = slack(doc);
	struct err e = {0};
	struct json *j = NULL;
	assert_ok(json_parse(s, strlen(s), &j, &e), e);
	return j;
}

static const char *str(const struct jv *o, const char *key)
{
	struct jv v = json_get(o, key);
	return json_text(&v, &A);
}

struct sum {
	size_t blocks, chars;
	VEC(const char *) texts; /* mrkdwn only */
};

static void add_text(struct sum *s, const struct jv *t, size_t most)
{
	const char *text = str(t, "text");
	assert_non_null(text);
	assert_true(*text);
	size_t n = mrkdwn_length(text);
	if (n > most)
		fail_msg("%zu of %zu: %.100s", n, most, text);
	s->chars += n;
	if (text_eq(str(t, "type"), "mrkdwn"))
		vec_push(&A, &s->texts, text);
}

static struct sum sum_up(const struct jv *m)
{
	struct sum s = {0};
	struct jv blocks = json_get(m, "blocks");
	for (struct jv b = json_first(&blocks); b.n; b = json_next(&b)) {
		const char *type = str(&b, "type");
		struct jv text = json_get(&b, "text"), fields = json_get(&b, "fields"),
			  elements = json_get(&b, "elements");
		s.blocks++;
		if (text_eq(type, "header")) {
			add_text(&s, &text, 150);
		} else if (text_eq(type, "section")) {
			assert_true(json_is_obj(&text) || json_count(&fields) > 0);
			if (json_is_obj(&text))
				add_text(&s, &text, 3000);
			assert_true(json_count(&fields) <= 10);
			for (struct jv f = json_first(&fields); f.n; f = json_next(&f))
				add_text(&s, &f, 2000);
		} else {
			assert_string_equal(type, "context");
			assert_int_equal(json_count(&elements), 1);
			for (struct jv f = json_first(&elements); f.n; f = json_next(&f))
				add_text(&s, &f, 3000);
		}
	}
	return s;
}

static void limits_hold_for_any_document(void **state UNUSED)
{
	for (size_t d = 0; d < docs_string_n + 6; d++) {
		static const char *const names[] = {"digest-normal", "digest-quiet",
						    "digest-first"};
		struct xml *doc;
		if (d < docs_string_n)
			doc = docs_hostile(docs_strings[d]);
		else if (d < docs_string_n + 3)
			doc = docs_golden(names[d - docs_string_n]);
		else
			doc = docs_terrible(500, d - docs_string_n - 2);
		struct json *j = messages(doc);
		struct jv all = json_root(j);
		assert_true(json_count(&all) >= 1);
		for (struct jv m = json_first(&all); m.n; m = json_next(&m)) {
			struct sum s = sum_up(&m);
			assert_true(s.blocks >= 1 && s.blocks <= 45);
			assert_true(s.chars <= 12000);
			size_t text = utf8_count(str(&m, "text"));
			assert_true(text >= 1 && text <= 3000);
		}
		json_free(j);
		xml_free(doc);
	}
}

/* Takes our own markup away: <https://…|label> leaves the label. false at anything else in angle
 * brackets, which would be a mention or a link that a stranger made. */
static bool only_our_links(const char *s)
{
	for (const char *p = s; *p; p++) {
		if (*p == '>')
			return false;
		if (*p != '<')
			continue;
		if (!text_starts(p, "<https://example.org/") && !text_starts(p, "<mailto:"))
			return false;
		size_t n = strcspn(p + 1, "<>");
		if (p[1 + n] != '>' || !memchr(p, '|', n))
			return false;
		p += n + 1;
	}
	return true;
}

/* Without `code`, where Slack formats nothing. A stranger's backtick stands between two U+200B. */
static const char *without_code(const char *s)
{
	struct sb b;
	sb_init(&b, &A, 1 << 20);
	bool code = false;
	for (const char *p = s; *p; p++) {
		if (*p == '`' && !text_starts(p + 1, "\xe2\x80\x8b"))
			code = !code;
		else if (!code)
			sb_addc(&b, *p);
	}
	assert_false(code);
	return sb_str(&b);
}

static void strangers_cannot_link_mention_or_format(void **state UNUSED)
{
	for (size_t i = 0; i < docs_string_n; i++) {
		struct xml *doc = docs_hostile(docs_strings[i]);
		struct json *j = messages(doc);
		struct jv all = json_root(j);
		for (struct jv m = json_first(&all); m.n; m = json_next(&m)) {
			struct sum s = sum_up(&m);
			vec_push(&A, &s.texts, str(&m, "text"));
			for (size_t k = 0; k < s.texts.n; k++) {
				const char *t = s.texts.v[k];
				if (!only_our_links(t))
					fail_msg("angle brackets: %s", t);
				for (const char *p = t; (p = strchr(p, '&')); p++)
					assert_true(text_starts(p, "&amp;") ||
						    text_starts(p, "&lt;") ||
						    text_starts(p, "&gt;"));
				assert_null(strstr(t, " @everyone"));
				assert_null(strstr(t, " #general"));
				assert_null(strstr(without_code(t), " ~struck~"));
				assert_null(strstr(t, "javascript:alert(1)|"));
			}
		}
		json_free(j);
		xml_free(doc);
	}
}

static void sensitive_rows_never_go_out(void **state UNUSED)
{
	struct xml *doc = docs_hostile("x");
	const char *s = slack(doc);
	assert_null(strstr(s, "the-secret-finding"));
	assert_non_null(strstr(s, "Details are not posted to channels"));
	xml_free(doc);
	doc = docs_golden("digest-normal");
	assert_null(strstr(slack(doc), "CVE-2026-0001"));
	xml_free(doc);
}

static void the_main_message_says_what_matters_in_ten_blocks(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	struct json *j = messages(doc);
	struct jv all = json_root(j), m = json_first(&all);
	struct sum s = sum_up(&m);
	assert_true(s.blocks <= 10);
	assert_string_equal(str(&m, "channel"), "planning-data-notifications");
	struct jv off = json_get(&m, "unfurl_links"), ts = json_get(&m, "thread_ts");
	assert_true(json_is_bool(&off));
	assert_null(ts.n);
	const char *text = slack(doc);
	assert_non_null(strstr(text, "<https://example.org/sentry/PLATFORM-1842|Fix "
				     "PLATFORM-1842, the error left behind"));
	assert_non_null(strstr(text, "*Partial* GitHub security alerts"));
	assert_non_null(strstr(text, "*New errors*\\n14 issues in production"));
	assert_non_null(strstr(
		text, "<https://example.org/sitrep/2026-W46/everyone/page.html|Full digest>"));
	int64_t part = 0;
	for (; m.n; m = json_next(&m)) {
		struct jv meta, load;
		struct err e = {0};
		int64_t got;
		assert_ok(json_obj(&m, "metadata", &meta, &e), e);
		assert_ok(json_obj(&meta, "event_payload", &load, &e), e);
		assert_string_equal(str(&meta, "event_type"), "sitrep_digest");
		assert_string_equal(str(&load, "week"), "2026-W46");
		assert_string_equal(str(&load, "audience"), "everyone");
		assert_string_equal(str(&load, "digest"), "Planning Data");
		assert_ok(json_i64(&load, "part", &got, &e), e);
		assert_int_equal(got, ++part);
	}
	assert_int_equal(part, 7); /* glance, errors, deployments, ci, security, corrections */
	json_free(j);
	xml_free(doc);
}

static void a_quiet_week_is_one_message_and_one_reply(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-quiet");
	struct json *j = messages(doc);
	struct jv all = json_root(j);
	assert_int_equal(json_count(&all), 2);
	assert_non_null(strstr(slack(doc), "Nothing needs you."));
	json_free(j);
	xml_free(doc);
}

static void coverage_is_said_in_the_worst_week(void **state UNUSED)
{
	struct xml *doc = docs_terrible(500, 4);
	struct json *j = messages(doc);
	struct jv all = json_root(j), m = json_first(&all);
	struct sum s = sum_up(&m);
	bool found = false;
	for (size_t i = 0; i < s.texts.n; i++)
		found = found || text_starts(s.texts.v[i], "*Partial*");
	assert_true(found);
	assert_non_null(strstr(slack(doc), "|490 more>"));
	json_free(j);
	xml_free(doc);
}

static const char *marked(const char *s)
{
	struct sb b;
	sb_init(&b, &A, 10000);
	mrkdwn_text(&b, s);
	return sb_str(&b);
}

#define Z "\xe2\x80\x8b"
static void markers_are_kept_apart_and_words_whole(void **state UNUSED)
{
	assert_string_equal(marked("organisation_entity a@example.org C#"),
			    "organisation_entity a@example.org C#");
	assert_string_equal(marked("_x_"), Z "_" Z "x" Z "_" Z);
	assert_string_equal(marked("@here"), Z "@" Z "here");
	assert_string_equal(marked("#dev"), Z "#" Z "dev");
	assert_string_equal(marked("a < b && c > d"), "a &lt; b &amp;&amp; c &gt; d");
	struct sb b;
	sb_init(&b, &A, 10000);
	mrkdwn_link(&b, "https://example.org/?a=1&b=<|>", "x > y");
	assert_string_equal(sb_str(&b), "<https://example.org/?a=1&amp;b=%3C%7C%3E|x &gt; y>");
	assert_int_equal(mrkdwn_length("a\xf0\x9f\x92\xa5"), 3);
}

static void the_messages_repeat(void **state UNUSED)
{
	struct xml *doc = docs_golden("digest-normal");
	assert_string_equal(slack(doc), slack(doc));
	xml_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(limits_hold_for_any_document, teardown),
		cmocka_unit_test_teardown(strangers_cannot_link_mention_or_format, teardown),
		cmocka_unit_test_teardown(sensitive_rows_never_go_out, teardown),
		cmocka_unit_test_teardown(the_main_message_says_what_matters_in_ten_blocks,
					  teardown),
		cmocka_unit_test_teardown(a_quiet_week_is_one_message_and_one_reply, teardown),
		cmocka_unit_test_teardown(coverage_is_said_in_the_worst_week, teardown),
		cmocka_unit_test_teardown(markers_are_kept_apart_and_words_whole, teardown),
		cmocka_unit_test_teardown(the_messages_repeat, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
