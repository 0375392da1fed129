#include "support/test.h"

#include "base/file.h"
#include "base/text.h"
#include "lib/mime.h"

#include <gmime/gmime.h>

#define GOLDEN "tests/golden/mime-message.eml"

static const char *const display[] = {"Lead <lead@example.org>", "\"Digest, T\xc3\xa4"
								 "am\" <team@example.org>"};
static const struct mime_image pictures[] = {
	{"timeline@digest", "timeline.png", "\x89PNG\r\n\x1a\n", 8},
	{"spark@digest", "spark.png", "xyz", 3}};

static struct mime_message whole(void)
{
	return (struct mime_message){
		.from = "Sitrep f\xc3\xbcr alle <sitrep@example.org>",
		.subject = "Planning Data, week 46: 5 need you \xe2\x80\x94 caf\xc3\xa9 "
			   "d\xc3\xa9ploiement, and one source incomplete \xf0\x9f\x9a\x80",
		.message_id = "2026-W46.everyone@digest.example.org",
		.to = {(const char **)display, 2, 2},
		.date_s = 1794816000,
		.list_id = "Planning Data digest <digest.example.org>",
		.language = "en-GB",
		.unsubscribe = "mailto:lead@example.org?subject=unsubscribe",
		.text = "Good morning,\n.a line with a dot\nFrom here caf\xc3\xa9 = trailing \n",
		.html = "<p>caf\xc3\xa9 &amp; <img src=\"cid:timeline@digest\"></p>\n",
		.images = pictures,
		.image_n = 2,
		.pdf_name = "planning-data-2026-W46.pdf",
		.pdf = "%PDF-1.7 \0\xff",
		.pdf_len = 11,
		.seed = "2026-W46-everyone"};
}

static const char *write_message(const struct mime_message *m, struct arena *a, size_t *len)
{
	struct err e = {0};
	const char *s = NULL;
	assert_ok(mime_write(m, a, &s, len, &e), e);
	return s;
}

/* The message as another parser sees it. */
static GMimeMessage *parse(const char *s, size_t n)
{
	g_mime_init();
	GMimeStream *mem = g_mime_stream_mem_new_with_buffer(s, n);
	GMimeParser *p = g_mime_parser_new_with_stream(mem);
	GMimeMessage *m = g_mime_parser_construct_message(p, NULL);
	g_object_unref(p);
	g_object_unref(mem);
	assert_non_null(m);
	return m;
}

static const char *content(GMimeObject *o, struct arena *a, size_t *len)
{
	assert_true(GMIME_IS_PART(o));
	GMimeStream *mem = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(o)), mem);
	GByteArray *b = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(mem));
	const char *s = arena_strndup(a, (const char *)b->data, b->len);
	*len = b->len;
	g_object_unref(mem);
	return s;
}

static GMimeObject *child(GMimeObject *o, int i, const char *subtype)
{
	assert_true(GMIME_IS_MULTIPART(o));
	GMimeObject *c = g_mime_multipart_get_part(GMIME_MULTIPART(o), i);
	assert_non_null(c);
	assert_string_equal(
		g_mime_content_type_get_media_subtype(g_mime_object_get_content_type(c)), subtype);
	return c;
}

static void check_wire(const char *s, size_t n)
{
	size_t line = 0;
	bool header = true;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		assert_true(c < 0x80 && c != 0);
		if (c == '\r') {
			assert_true(i + 1 < n && s[i + 1] == '\n');
			if (line == 0)
				header = false;
			assert_true(line <= (header ? 78 : 998));
			line = 0;
			i++;
			continue;
		}
		assert_true(c != '\n');
		line++;
	}
	assert_true(n > 2 && s[n - 1] == '\n');
}

static void the_tree_is_what_mail_programs_want(void **state UNUSED)
{
	struct arena a = {0};
	struct mime_message m = whole();
	size_t n, len;
	const char *s = write_message(&m, &a, &n);
	check_wire(s, n);
	GMimeMessage *msg = parse(s, n);
	GMimeObject *mixed = g_mime_message_get_mime_part(msg);
	GMimeObject *alternative = child(mixed, 0, "alternative");
	GMimeObject *plain = child(alternative, 0, "plain");
	GMimeObject *related = child(alternative, 1, "related");
	GMimeObject *html = child(related, 0, "html");
	GMimeObject *png = child(related, 1, "png");
	GMimeObject *pdf = child(mixed, 1, "pdf");
	assert_int_equal(g_mime_multipart_get_count(GMIME_MULTIPART(related)), 3);
	assert_string_equal(
		g_mime_content_type_get_parameter(g_mime_object_get_content_type(related), "type"),
		"text/html");
	assert_string_equal(
		content(plain, &a, &len),
		"Good morning,\r\n.a line with a dot\r\nFrom here caf\xc3\xa9 = trailing \r\n");
	assert_string_equal(content(html, &a, &len),
			    "<p>caf\xc3\xa9 &amp; <img src=\"cid:timeline@digest\"></p>\r\n");
	assert_memory_equal(content(png, &a, &len), pictures[0].bytes, 8);
	assert_int_equal(len, 8);
	assert_string_equal(g_mime_object_get_content_id(png), "timeline@digest");
	assert_string_equal(g_mime_object_get_disposition(png), "inline");
	assert_memory_equal(content(pdf, &a, &len), m.pdf, m.pdf_len);
	assert_int_equal(len, m.pdf_len);
	assert_string_equal(g_mime_object_get_disposition(pdf), "attachment");
	assert_string_equal(g_mime_part_get_filename(GMIME_PART(pdf)), m.pdf_name);
	g_object_unref(msg);
	arena_release(&a);
}

static const char *header(GMimeMessage *m, const char *name)
{
	return g_mime_object_get_header(GMIME_OBJECT(m), name);
}

static void headers_come_back_as_they_were(void **state UNUSED)
{
	struct arena a = {0};
	struct mime_message m = whole();
	size_t n;
	const char *s = write_message(&m, &a, &n);
	GMimeMessage *msg = parse(s, n);
	assert_string_equal(g_mime_message_get_subject(msg), m.subject);
	assert_string_equal(g_mime_message_get_message_id(msg), m.message_id);
	GDateTime *date = g_mime_message_get_date(msg);
	assert_int_equal(g_date_time_to_unix(date), m.date_s);
	InternetAddressList *from = g_mime_message_get_from(msg), *to = g_mime_message_get_to(msg);
	assert_int_equal(internet_address_list_length(from), 1);
	assert_string_equal(internet_address_get_name(internet_address_list_get_address(from, 0)),
			    "Sitrep f\xc3\xbcr alle");
	assert_int_equal(internet_address_list_length(to), 2);
	InternetAddress *second = internet_address_list_get_address(to, 1);
	assert_string_equal(internet_address_get_name(second), "Digest, T\xc3\xa4"
							       "am");
	assert_string_equal(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(second)),
			    "team@example.org");
	assert_string_equal(header(msg, "List-Id"), m.list_id);
	assert_string_equal(header(msg, "List-Unsubscribe"),
			    "<mailto:lead@example.org?subject=unsubscribe>");
	assert_string_equal(header(msg, "Auto-Submitted"), "auto-generated");
	assert_string_equal(header(msg, "Precedence"), "bulk");
	assert_string_equal(header(msg, "X-Auto-Response-Suppress"), "All");
	assert_non_null(strstr(s, "\r\nContent-Language: en-GB\r\n"));
	assert_non_null(strstr(s, "\r\nMIME-Version: 1.0\r\n"));
	assert_null(header(msg, "Bcc"));
	assert_null(header(msg, "Return-Path"));
	g_object_unref(msg);
	/* Encoded words hold at most 75 characters and whole ones: each decodes by itself. */
	for (const char *w = s; (w = strstr(w, "=?UTF-8?")); w += 8) {
		size_t k = strcspn(w + 10, "?") + 12;
		assert_true(k <= 75);
		char *one = g_mime_utils_header_decode_text(NULL, arena_strndup(&a, w, k));
		assert_true(g_utf8_validate(one, -1, NULL));
		assert_null(strstr(one, "\xef\xbf\xbd"));
		g_free(one);
	}
	arena_release(&a);
}

static void the_same_message_has_the_same_bytes(void **state UNUSED)
{
	struct arena a = {0};
	struct mime_message m = whole();
	size_t n, again_n, golden_n;
	const char *s = write_message(&m, &a, &n), *again = write_message(&m, &a, &again_n);
	assert_int_equal(n, again_n);
	assert_memory_equal(s, again, n);
	if (getenv("GOLDEN")) { /* GOLDEN=1 rewrites; git diff reviews */
		struct err e = {0};
		assert_ok(file_write(GOLDEN, s, n, 0644, &e), e);
	}
	const char *golden = test_read(&a, GOLDEN, &golden_n);
	assert_string_equal(s, golden);
	m.seed = "2026-W47-everyone"; /* only the boundaries change */
	const char *other = write_message(&m, &a, &again_n);
	assert_int_equal(n, again_n);
	assert_memory_not_equal(s, other, n);
	arena_release(&a);
}

static void levels_that_hold_one_part_are_left_out(void **state UNUSED)
{
	struct arena a = {0};
	size_t n;
	struct mime_message m = whole();
	m.html = NULL;
	m.pdf_name = NULL;
	m.to.n = 0;
	m.list_id = m.unsubscribe = m.language = NULL;
	const char *s = write_message(&m, &a, &n);
	check_wire(s, n);
	assert_null(strstr(s, "multipart"));
	assert_non_null(strstr(s, "\r\nTo: undisclosed-recipients: ;\r\n"));
	assert_non_null(strstr(s, "Content-Type: text/plain; charset=utf-8\r\n"));
	m = whole();
	m.image_n = 0;
	m.pdf_name = NULL;
	s = write_message(&m, &a, &n);
	GMimeMessage *msg = parse(s, n);
	child(g_mime_message_get_mime_part(msg), 1, "html");
	g_object_unref(msg);
	arena_release(&a);
}

static void long_lines_and_odd_text_are_encoded_away(void **state UNUSED)
{
	struct arena a = {0};
	struct mime_message m = whole();
	char *text = arena_alloc(&a, 6000);
	memset(text, 'x', 3000);
	memcpy(text + 3000, "\r\n.\r\nlone\rcr\t\n", 14);
	m.text = text;
	m.pdf_name = "r\xc3\xa9sum\xc3\xa9 \"q\" 2026.pdf";
	m.subject = "One very long word without any blank: "
		    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch";
	size_t n, len;
	const char *s = write_message(&m, &a, &n);
	check_wire(s, n);
	GMimeMessage *msg = parse(s, n);
	GMimeObject *mixed = g_mime_message_get_mime_part(msg);
	GMimeObject *plain = child(child(mixed, 0, "alternative"), 0, "plain");
	const char *back = content(plain, &a, &len);
	memcpy(text + 3000, "\r\n.\r\nlone\r\ncr\t\r\n", 17);
	assert_string_equal(back, text);
	assert_string_equal(g_mime_part_get_filename(GMIME_PART(child(mixed, 1, "pdf"))),
			    m.pdf_name);
	assert_string_equal(g_mime_message_get_subject(msg), m.subject);
	g_object_unref(msg);
	arena_release(&a);
}

static void refused(struct mime_message m, enum err_kind kind, const char *part)
{
	struct arena a = {0};
	struct err e = {0};
	const char *s = NULL;
	size_t n;
	assert_err(mime_write(&m, &a, &s, &n, &e), e, kind, part);
	assert_null(s);
	arena_release(&a);
}

static void hostile_headers_are_refused(void **state UNUSED)
{
	struct mime_message m;
	static const char *const evil[] = {
		"x\r\nBcc: c@example.org", "x\ny",	"x\ry", "x\x07", "x\xff",
		"x\xe2\x80\xa8y",	   "x\xc2\x85y"};
	for (size_t i = 0; i < ARRAY_SIZE(evil); i++) {
		m = whole();
		m.subject = evil[i];
		refused(m, ERR_BUG, "subject");
		m = whole();
		m.from = evil[i];
		refused(m, ERR_BUG, "sender");
		m = whole();
		m.list_id = evil[i];
		refused(m, ERR_BUG, "List-Id");
		m = whole();
		m.unsubscribe = evil[i];
		refused(m, ERR_BUG, "List-Unsubscribe");
		m = whole();
		m.pdf_name = evil[i];
		refused(m, ERR_BUG, "attachment");
		m = whole();
		m.language = evil[i];
		refused(m, ERR_BUG, "Language");
		m = whole();
		m.message_id = evil[i];
		refused(m, ERR_BUG, "Message-ID");
		m = whole();
		m.to = (struct strv){(const char **)&evil[i], 1, 1};
		refused(m, ERR_BUG, "recipient");
		struct mime_image im = {evil[i], "a.png", "", 0};
		m = whole();
		m.images = &im;
		m.image_n = 1;
		refused(m, ERR_BUG, "Content-ID");
		im = (struct mime_image){"a@b", evil[i], "", 0};
		refused(m, ERR_BUG, "image");
	}
	static const char *const no_address[] = {"nobody", "a@b, c@d", "Group: a@b;", "a@",
						 "Caf\xc3\xa9 <caf\xc3\xa9@example.org>"};
	for (size_t i = 0; i < ARRAY_SIZE(no_address); i++) {
		m = whole();
		m.from = no_address[i];
		refused(m, ERR_CONFIG, "is not an address");
		m = whole();
		m.to = (struct strv){(const char **)&no_address[i], 1, 1};
		refused(m, ERR_CONFIG, "is not an address");
	}
	m = whole();
	m.message_id = "<a@b>";
	refused(m, ERR_BUG, "Message-ID");
	m = whole();
	m.unsubscribe = "javascript:x";
	refused(m, ERR_BUG, "mailto");
	m = whole();
	m.list_id = "no brackets";
	refused(m, ERR_BUG, "List-Id");
	m = whole();
	m.text = NULL;
	refused(m, ERR_BUG, "plain text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_is_what_mail_programs_want),
		cmocka_unit_test(headers_come_back_as_they_were),
		cmocka_unit_test(the_same_message_has_the_same_bytes),
		cmocka_unit_test(levels_that_hold_one_part_are_left_out),
		cmocka_unit_test(long_lines_and_odd_text_are_encoded_away),
		cmocka_unit_test(hostile_headers_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
