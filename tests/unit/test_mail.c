#include "support/cert.h"
#include "support/smtpd.h"
#include "support/test.h"

#include "base/clock.h"
#include "base/text.h"
#include "lib/mail.h"

#define MESSAGE                                                                                    \
	"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\n"                           \
	".dot\r\n..two\r\n.\r\nend of a message that is a little longer than two hundred "         \
	"bytes,\r\n"                                                                               \
	"so that a server which breaks off in the middle of DATA has something to break off in, "  \
	"and more\r\n.last\r\n"

static struct mail_server plain(const struct smtpd *s)
{
	return (struct mail_server){.url = smtpd_url(s),
				    .tls_none = true,
				    .timeout_s = 5,
				    .helo = "client.example.org"};
}

static struct mail_result send_to(const struct mail_server *m, const char *to, struct arena *a)
{
	struct err e = {0};
	struct mail_result r;
	assert_ok(mail_send(m, "a@example.org", to, MESSAGE, strlen(MESSAGE), a, &r, &e), e);
	return r;
}

static void the_message_arrives_byte_for_byte(void **state UNUSED)
{
	struct arena a = {0};
	struct smtpd *s = smtpd_start(&(struct smtpd_script){.size = 1000000});
	struct mail_server m = plain(s);
	struct mail_result r = send_to(&m, "b@example.org", &a);
	assert_int_equal(r.outcome, MAIL_SENT);
	assert_int_equal(r.code, 250);
	assert_string_equal(r.answer, "250 2.0.0 Ok: queued as Q1");
	assert_string_equal(r.queue_id, "Q1");
	assert_int_equal(r.size_limit, 1000000);
	const struct smtpd_message *got = smtpd_get(s, 0);
	assert_int_equal(got->len, strlen(MESSAGE));
	assert_memory_equal(got->bytes, MESSAGE, got->len);
	assert_string_equal(got->from, "a@example.org");
	assert_string_equal(got->to, "b@example.org");
	assert_string_equal(got->mail_args, arena_printf(&a, "SIZE=%zu", strlen(MESSAGE)));
	assert_true(text_starts(smtpd_said(s), "EHLO client.example.org\n"));
	smtpd_stop(s);
	arena_release(&a);
}

static void every_outcome_is_told_apart(void **state UNUSED)
{
	static const struct {
		const char *name;
		struct smtpd_script script;
		enum mail_outcome outcome;
		int code;
		const char *answer;
		size_t arrived; /* messages whose dot the server saw */
	} rows[] = {
		{"250 then gone",
		 {.after_dot = SMTPD_ACCEPT_AND_CLOSE},
		 MAIL_SENT,
		 250,
		 "queued as",
		 1},
		{"451 after the dot",
		 {.after_dot = SMTPD_ANSWER, .answer = "451 4.3.0 later"},
		 MAIL_LATER,
		 451,
		 "451 4.3.0 later",
		 1},
		{"554 after the dot",
		 {.after_dot = SMTPD_ANSWER, .answer = "554 5.6.0 spam"},
		 MAIL_REFUSED,
		 554,
		 "554 5.6.0 spam",
		 1},
		{"closed after the dot",
		 {.after_dot = SMTPD_CLOSE},
		 MAIL_UNKNOWN,
		 354,
		 "may have arrived",
		 1},
		{"silent after the dot",
		 {.after_dot = SMTPD_HANG},
		 MAIL_UNKNOWN,
		 354,
		 "may have arrived",
		 1},
		{"closed in DATA",
		 {.drop_in_data = true},
		 MAIL_UNKNOWN,
		 354,
		 "may have arrived",
		 0},
		{"no such user",
		 {.refuse = "b@", .rcpt_answer = "550 5.1.1 no such user"},
		 MAIL_REFUSED,
		 550,
		 "550 5.1.1 no such user",
		 0},
		{"greylisted",
		 {.refuse = "b@", .rcpt_answer = "450 4.2.0 greylisted"},
		 MAIL_LATER,
		 450,
		 "450 4.2.0 greylisted",
		 0},
		{"sender refused",
		 {.mail_answer = "553 5.7.1 not yours"},
		 MAIL_REFUSED,
		 553,
		 "553 5.7.1 not yours",
		 0},
		{"not now", {.greeting = "421 4.7.0 busy"}, MAIL_LATER, 421, "421 4.7.0 busy", 0},
		{"go away",
		 {.greeting = "554 5.7.1 blocked"},
		 MAIL_REFUSED,
		 554,
		 "554 5.7.1 blocked",
		 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arena a = {0};
		struct smtpd *s = smtpd_start(&rows[i].script);
		struct mail_server m = plain(s);
		m.timeout_s = 1;
		struct mail_result r = send_to(&m, "b@example.org", &a);
		if (r.outcome != rows[i].outcome || r.code != rows[i].code ||
		    !strstr(r.answer, rows[i].answer))
			fail_msg("%s: outcome %d, code %d, \"%s\"", rows[i].name, (int)r.outcome,
				 r.code, r.answer);
		assert_int_equal(smtpd_count(s), rows[i].arrived);
		assert_int_equal(smtpd_connections(s), 1); /* never tried twice by libcurl */
		smtpd_stop(s);
		arena_release(&a);
	}
}

static void nobody_there_is_later(void **state UNUSED)
{
	struct arena a = {0};
	struct smtpd *s = smtpd_start(&(struct smtpd_script){0});
	struct mail_server m = plain(s);
	m.url = arena_strdup(&a, m.url);
	smtpd_stop(s);
	struct mail_result r = send_to(&m, "b@example.org", &a);
	assert_int_equal(r.outcome, MAIL_LATER);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.answer, "127.0.0.1"));
	arena_release(&a);
}

static void a_message_over_size_is_not_even_offered(void **state UNUSED)
{
	struct arena a = {0};
	struct smtpd *s = smtpd_start(&(struct smtpd_script){.size = 100, .size_silent = true});
	struct mail_server m = plain(s);
	struct mail_result r = send_to(&m, "b@example.org", &a);
	assert_int_equal(r.outcome, MAIL_REFUSED);
	assert_int_equal(r.code, 552);
	assert_int_equal(r.size_limit, 100);
	assert_non_null(strstr(r.answer, "the server takes 100"));
	assert_null(strstr(smtpd_said(s), "MAIL"));
	smtpd_script(s, &(struct smtpd_script){.size = 1000, .mail_answer = "552 5.3.4 quota"});
	r = send_to(&m, "b@example.org", &a);
	assert_int_equal(r.outcome, MAIL_REFUSED);
	assert_int_equal(r.code, 552);
	assert_string_equal(r.answer, "552 5.3.4 quota");
	smtpd_stop(s);
	arena_release(&a);
}

static void tls_is_required_and_nothing_goes_without_it(void **state UNUSED)
{
	struct arena a = {0};
	struct cert c = cert_make(&a), other = cert_make(&a);
	struct smtpd_script script = {.cert = &c,
				      .starttls = true,
				      .auth = "PLAIN LOGIN",
				      .user = "me@example.org",
				      .password = "pass word"};
	struct smtpd *s = smtpd_start(&script);
	struct mail_server m = {.url = smtpd_url(s),
				.user = "me@example.org",
				.password = "pass word",
				.ca_file = c.cert_file,
				.timeout_s = 5};
	struct mail_result r = send_to(&m, "b@example.org", &a);
	assert_int_equal(r.outcome, MAIL_SENT);
	assert_true(smtpd_get(s, 0)->tls);
	m.password = "wrong";
	r = send_to(&m, "b@example.org", &a);
	assert_int_equal(r.outcome, MAIL_REFUSED);
	assert_int_equal(r.code, 535);
	assert_null(strstr(r.answer, "wrong"));
	m.ca_file = other.cert_file; /* an authority that did not sign this */
	r = send_to(&m, "b@example.org", &a);
	assert_int_equal(r.outcome, MAIL_REFUSED);
	assert_non_null(strstr(r.answer, "certificate"));
	smtpd_stop(s);

	/* A server that offers no STARTTLS hears no name, no word and no message. */
	s = smtpd_start(&(struct smtpd_script){.auth = "PLAIN"});
	m.url = smtpd_url(s);
	m.ca_file = c.cert_file;
	r = send_to(&m, "b@example.org", &a);
	assert_int_equal(r.outcome, MAIL_REFUSED);
	assert_non_null(strstr(r.answer, "STARTTLS"));
	assert_null(strstr(smtpd_said(s), "AUTH"));
	assert_null(strstr(smtpd_said(s), "MAIL"));
	smtpd_stop(s);
	arena_release(&a);
}

static void implicit_tls_and_either_login_work(void **state UNUSED)
{
	struct arena a = {0};
	struct cert c = cert_make(&a);
	static const char *const offers[] = {"LOGIN", "PLAIN", "GSSAPI NTLM LOGIN"};
	for (size_t i = 0; i < ARRAY_SIZE(offers); i++) {
		struct smtpd_script script = {.cert = &c,
					      .implicit_tls = true,
					      .auth = offers[i],
					      .user = "me@example.org",
					      .password = "p\xc3\xa4ss"};
		struct smtpd *s = smtpd_start(&script);
		struct mail_server m = {.url = smtpd_url(s),
					.user = script.user,
					.password = script.password,
					.ca_file = c.cert_file,
					.timeout_s = 5};
		struct mail_result r = send_to(&m, "b@example.org", &a);
		if (r.outcome != MAIL_SENT)
			fail_msg("%s: %s", offers[i], r.answer);
		smtpd_stop(s);
	}
	arena_release(&a);
}

static void without_tls_only_this_machine_is_spoken_to(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	struct mail_result r;
	struct mail_server m = {
		.url = "smtp://mail.example.org:25", .tls_none = true, .timeout_s = 1};
	assert_err(mail_send(&m, "a@example.org", "b@example.org", "x\r\n", 3, &a, &r, &e), e,
		   ERR_CONFIG, "this machine only");
	static const char *const bad[] = {"http://127.0.0.1", "mail", "smtp://u:p@127.0.0.1:25",
					  NULL};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err_clear(&e);
		m.url = bad[i];
		assert_err(mail_send(&m, "a@example.org", "b@example.org", "x\r\n", 3, &a, &r, &e),
			   e, ERR_CONFIG, "mail server's address");
		assert_null(strstr(e.msg, "u:p"));
	}
	arena_release(&a);
}

static void hostile_addresses_never_reach_the_wire(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	struct smtpd *s = smtpd_start(&(struct smtpd_script){0});
	struct mail_server m = plain(s);
	struct mail_result r;
	static const char *const bad[] = {"",
					  "x",
					  "@example.org",
					  "x@",
					  "a b@example.org",
					  "b@example.org\r\nRCPT TO:<c@example.org>",
					  "b@example.org>\r\nDATA",
					  "Name <b@example.org>",
					  " b@example.org",
					  "b@@example.org",
					  "b\xc3\xa9@example.org",
					  "b@example.org,c@example.org"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err_clear(&e);
		assert_err(mail_send(&m, "a@example.org", bad[i], "x\r\n", 3, &a, &r, &e), e,
			   ERR_CONFIG, "recipient");
		err_clear(&e);
		assert_err(mail_send(&m, bad[i], "b@example.org", "x\r\n", 3, &a, &r, &e), e,
			   ERR_CONFIG, "sender");
	}
	assert_int_equal(smtpd_connections(s), 0);
	smtpd_stop(s);
	arena_release(&a);
}

static void bytes_that_servers_refuse_are_our_bug(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	struct mail_result r;
	struct mail_server m = {.url = "smtp://127.0.0.1:1", .tls_none = true, .timeout_s = 1};
	char longest[1100];
	memset(longest, 'x', sizeof longest);
	memcpy(longest + 998, "\r\n", 3);
	assert_ok(mail_send(&m, "a@example.org", "b@example.org", longest, 1000, &a, &r, &e), e);
	assert_int_equal(r.outcome, MAIL_LATER); /* nobody listens */
	memcpy(longest + 998, "x\r\n", 4);
	const char *const bad[] = {"a\nb\r\n", "a\rb\r\n", "caf\xc3\xa9\r\n", longest, "a\r"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		err_clear(&e);
		assert_err(mail_send(&m, "a@example.org", "b@example.org", bad[i], strlen(bad[i]),
				     &a, &r, &e),
			   e, ERR_BUG, "not fit for SMTP");
	}
	arena_release(&a);
}

static void addresses_are_taken_out_of_their_names(void **state UNUSED)
{
	struct arena a = {0};
	struct err e = {0};
	const char *out;
	static const char *const good[] = {"sitrep <sitrep@example.org>", "sitrep@example.org",
					   "  sitrep@example.org ",
					   "\"Digest, \xc3\xa9 <x\" <sitrep@example.org>"};
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_ok(mail_address(good[i], &a, &out, &e), e);
		assert_string_equal(out, "sitrep@example.org");
	}
	assert_err(mail_address("sitrep <sitrep@example.org", &a, &out, &e), e, ERR_CONFIG,
		   "address");
	err_clear(&e);
	assert_err(mail_address("a <b@example.org> c", &a, &out, &e), e, ERR_CONFIG, "address");
	err_clear(&e);
	assert_err(mail_address(NULL, &a, &out, &e), e, ERR_CONFIG, "address");
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_message_arrives_byte_for_byte),
		cmocka_unit_test(every_outcome_is_told_apart),
		cmocka_unit_test(nobody_there_is_later),
		cmocka_unit_test(a_message_over_size_is_not_even_offered),
		cmocka_unit_test(tls_is_required_and_nothing_goes_without_it),
		cmocka_unit_test(implicit_tls_and_either_login_work),
		cmocka_unit_test(without_tls_only_this_machine_is_spoken_to),
		cmocka_unit_test(hostile_addresses_never_reach_the_wire),
		cmocka_unit_test(bytes_that_servers_refuse_are_our_bug),
		cmocka_unit_test(addresses_are_taken_out_of_their_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
