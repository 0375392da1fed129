#include "support/collecting.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "lib/crypto.h"
#include "store/facts.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>

static struct collecting b;
static EVP_PKEY *key;
static const char *pem;

#define GRANT "POST /app/installations/67890/access_tokens"
/* GitHub's newer tokens are this long: G-31 */
#define LONG8  "abcdefgh"
#define LONG64 LONG8 LONG8 LONG8 LONG8 LONG8 LONG8 LONG8 LONG8
#define TOKEN1 "ghs_12345_1" LONG64 LONG64 LONG64 LONG64 LONG64
#define TOKEN2 "ghs_12345_2" LONG64 LONG64 LONG64 LONG64 LONG64

#define REPOS                                                                                      \
	{                                                                                          \
		"GET /orgs/acme/repos*",                                                           \
			"[{\"id\":1,\"full_name\":\"acme/web\",\"default_branch\":\"main\"}]",     \
			NULL, 0, 0                                                                 \
	}
#define DEPLOYMENTS                                                                                \
	{                                                                                          \
		"GET /repos/acme/web/deployments*", "[]", NULL, 0, 0                               \
	}

static struct github_source *source(void)
{
	return &b.cfg.github.v[0];
}

static int setup(void **state UNUSED)
{
	struct err e = {0};
	collecting_start(&b);
	struct github_source s = {.name = "github",
				  .url = b.url,
				  .organisation = "acme",
				  .repositories = strv_of(&b.a, "*"),
				  .collect = strv_of(&b.a, "deployments"),
				  .app = {.id = "12345", .installation_id = "67890"}};
	const char *path = path_join(&b.a, test_dir(&b.a), "app.pem");
	assert_ok(file_write(path, pem, strlen(pem), 0600, &e), e);
	s.app.private_key = (struct secret){SECRET_FILE, path};
	vec_push(&b.a, &b.cfg.github, s);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

static const char *grant(const char *token, int64_t for_s)
{
	char iso[TIME_TEXT];
	return arena_printf(&b.a,
			    "{\"token\":\"%s\",\"expires_at\":\"%s\",\"permissions\":{\"actions\":"
			    "\"read\"}}",
			    token, time_iso(clock_real() + for_s, iso));
}

static const char *authorization(const char *pattern, size_t i)
{
	const struct httpd_request *rq = httpd_get(b.h, NULL, pattern, i);
	assert_non_null(rq);
	return httpd_header(rq, "Authorization");
}

/* Of "a.b.c" the part i, decoded. */
static const char *part_of(const char *jwt, int i, size_t *len)
{
	const char *from = jwt;
	for (; i > 0; i--)
		from = strchr(from, '.') + 1;
	char *s = arena_strndup(&b.a, from, strcspn(from, "."));
	size_t n = strlen(s);
	char *padded = arena_printf(&b.a, "%s%s", s, &"===="[n % 4 ? n % 4 : 4]);
	for (char *c = padded; *c; c++)
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	uint8_t *out = arena_alloc(&b.a, n + 4);
	int k = EVP_DecodeBlock(out, (const uint8_t *)padded, (int)strlen(padded));
	assert_true(k >= 0);
	*len = (size_t)k - (n % 4 ? 4 - n % 4 : 0);
	out[*len] = '\0';
	return (const char *)out;
}

/* No secret anywhere in the store. */
static void assert_unsaid(const char *secret)
{
	const struct ledger *l;
	for (size_t i = 0; i < b.ledger.n; i++) {
		l = &b.ledger.v[i];
		assert_true(!l->reason || !strstr(l->reason, secret));
	}
	assert_null(strstr(collecting_rows(&b, "SELECT * FROM fact"), secret));
}

static void an_app_signs_in_with_a_signed_back_dated_text(void **state UNUSED)
{
	const struct served table[] = {
		{GRANT, grant(TOKEN1, 3600), NULL, 201, 0}, REPOS, DEPLOYMENTS, {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 3); /* with commits */
	assert_int_equal(collecting_asked(&b, GRANT), 1);
	assert_string_equal(authorization("/orgs/*", 0), "Bearer " TOKEN1);
	assert_string_equal(authorization("/repos/*", 0), "Bearer " TOKEN1);
	const char *jwt = authorization("/app/*", 0) + strlen("Bearer ");
	size_t n;
	assert_string_equal(part_of(jwt, 0, &n), "{\"alg\":\"RS256\",\"typ\":\"JWT\"}");
	CLEANUP(json_freep) struct json *j = NULL;
	struct err e = {0};
	const char *claims = part_of(jwt, 1, &n), *iss;
	int64_t iat = 0, exp = 0, now = clock_real();
	assert_ok(json_parse(claims, n, &j, &e), e);
	struct jv o = json_root(j);
	assert_ok(json_i64(&o, "iat", &iat, &e) && json_i64(&o, "exp", &exp, &e) &&
			  json_str(&o, "iss", &b.a, &iss, &e),
		  e);
	assert_string_equal(iss, "12345");
	assert_in_range(now - iat, 60, 70); /* G-30: not in GitHub's future */
	assert_true(exp - iat <= 600 && exp > now + 300);
	const char *sig = part_of(jwt, 2, &n);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestVerify(ctx, (const uint8_t *)sig, n, (const uint8_t *)jwt,
					  (size_t)(strrchr(jwt, '.') - jwt)),
			 1);
	EVP_MD_CTX_free(ctx);
	assert_unsaid(TOKEN1);
}

/* G-31 */
static void a_token_that_ends_in_mid_run_is_renewed_once(void **state UNUSED)
{
	const struct served table[] = {
		{GRANT, grant(TOKEN1, 3600), NULL, 201, 0}, REPOS, DEPLOYMENTS, {0}};
	collecting_serve(&b, table);
	b.fault = 2; /* the list of repositories */
	b.fault_answer =
		(struct httpd_answer){.status = 401, .body = "{\"message\":\"Bad credentials\"}"};
	collecting_run(&b);
	assert_int_equal(b.result.complete, 3); /* with commits */
	assert_int_equal(collecting_asked(&b, GRANT), 2);
	assert_int_equal(collecting_asked(&b, "GET /orgs/*"), 2);
	assert_int_equal(collecting_ledger(&b, "repositories")->requests, 4);
}

static void one_that_stays_refused_is_told_and_not_asked_for_ever(void **state UNUSED)
{
	const struct served table[] = {{GRANT, grant(TOKEN1, 3600), NULL, 201, 0},
				       {"GET *", "{\"message\":\"Bad credentials\"}", NULL, 401, 0},
				       {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "repositories", LEDGER_FAILED, "401");
	assert_int_equal(collecting_asked(&b, "*"), 4);
}

static void a_token_near_its_end_is_renewed_before_it_is_used(void **state UNUSED)
{
	/* five minutes are not enough for a request that may wait; a second passes */
	const struct served table[] = {
		{GRANT, grant(TOKEN1, 301), NULL, 201, 0}, REPOS, DEPLOYMENTS, {0}};
	collecting_serve(&b, table);
	b.fault = 2;
	b.fault_answer = (struct httpd_answer){.body = "[{\"id\":1,\"full_name\":\"acme/web\"}]",
					       .delay_ms = 2100};
	collecting_run(&b);
	assert_int_equal(b.result.complete, 3); /* with commits */
	assert_int_equal(collecting_asked(&b, GRANT), 2);
	assert_int_equal(collecting_asked(&b, "GET *"), 2); /* and none was refused */
	/* an end in the past comes from a wrong clock: not renewed for each request */
	const struct served past[] = {
		{GRANT, grant(TOKEN2, -5000), NULL, 201, 0}, REPOS, DEPLOYMENTS, {0}};
	collecting_serve(&b, past);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 3); /* with commits */
	assert_int_equal(collecting_asked(&b, GRANT), 1);
	assert_string_equal(authorization("/orgs/*", 0), "Bearer " TOKEN2);
}

/* G-30 */
static void a_refused_signature_points_to_the_clock(void **state UNUSED)
{
	static const struct {
		const char *body, *header, *want;
		int status;
	} cases[] = {
		{"{\"message\":\"'Issued at' claim ('iat') must be an Integer representing the "
		 "time that the assertion was issued\"}",
		 NULL, "check the clock of this machine", 401},
		{"{\"message\":\"'Expiration time' claim ('exp') is too far in the future\"}", NULL,
		 "check the clock of this machine", 401},
		{"{\"message\":\"A JSON web token could not be decoded\"}", NULL,
		 "app.id and app.private_key do not belong together", 401},
		{"{\"message\":\"A JSON web token could not be decoded\"}",
		 "Date: Sun, 06 Nov 1994 08:49:37 GMT", "ahead of GitHub's", 401},
		{"{\"message\":\"Not Found\"}", NULL, "check app.installation_id", 404},
		{"{\"message\":\"This installation has been suspended\"}", NULL, "suspended", 403},
		{"[]", NULL, "no token that could be used", 201},
		{"", NULL, "the answer is no JSON", 201},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct served table[] = {
			{GRANT, cases[i].body, cases[i].header, cases[i].status, 0}, REPOS, {0}};
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_part(&b, "repositories", LEDGER_FAILED, cases[i].want);
		assert_part(&b, "deployments", LEDGER_FAILED, cases[i].want);
		assert_int_equal(collecting_asked(&b, "*"), 1);
	}
}

static void a_key_that_cannot_sign_is_told_without_a_request(void **state UNUSED)
{
	struct err e = {0};
	static const char *const bad[] = {"-----BEGIN PRIVATE KEY-----\nMIIEvSECRETDEADBEEF\n"
					  "-----END PRIVATE KEY-----",
					  "hunter2"};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_ok(file_write(source()->app.private_key.name, bad[i], strlen(bad[i]), 0600,
				     &e),
			  e);
		collecting_serve(&b, (const struct served[]){{0}});
		collecting_run(&b);
		assert_part(&b, "repositories", LEDGER_FAILED, "is no RSA private key in PEM");
		assert_unsaid("DEADBEEF");
		assert_unsaid("hunter2");
		assert_int_equal(collecting_asked(&b, "*"), 0);
	}
	source()->app.private_key.name = "/nonexistent/app.pem";
	collecting_run(&b);
	assert_part(&b, "repositories", LEDGER_FAILED, "app.private_key of source \"github\"");
}

static void an_enterprise_server_is_asked_below_its_own_path(void **state UNUSED)
{
	const struct served table[] = {
		{"POST /api/v3/app/installations/67890/access_tokens", grant(TOKEN1, 3600), NULL,
		 201, 0},
		{"GET /api/v3/orgs/acme/repos*", "[{\"id\":1,\"full_name\":\"acme/web\"}]", NULL, 0,
		 0},
		{"GET /api/v3/repos/acme/web/deployments*", "[]", NULL, 0, 0},
		{0}};
	source()->url = arena_printf(&b.a, "%s/api/v3", b.url);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 3); /* with commits */
}

/* --- several tokens --- */

static void use_tokens(const char *one, const char *two)
{
	setenv("SITREP_TEST_ONE", one, 1);
	setenv("SITREP_TEST_TWO", two, 1);
	source()->app.id = NULL;
	vec_push(&b.a, &source()->tokens, ((struct secret){SECRET_ENV, "SITREP_TEST_ONE"}));
	vec_push(&b.a, &source()->tokens, ((struct secret){SECRET_ENV, "SITREP_TEST_TWO"}));
}

#define TWO_REPOS "[{\"id\":1,\"full_name\":\"acme/web\"},{\"id\":2,\"full_name\":\"acme/api\"}]"

static void tokens_take_turns(void **state UNUSED)
{
	const struct served table[] = {{"GET /orgs/acme/repos*", TWO_REPOS, NULL, 0, 0},
				       DEPLOYMENTS,
				       {"GET /repos/acme/api/deployments*", "[]", NULL, 0, 0},
				       {0}};
	use_tokens("ghp_one", "ghp_two");
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(authorization("/repos/acme/web/*", 0), "Bearer ghp_one");
	assert_string_equal(authorization("/repos/acme/api/*", 0), "Bearer ghp_two");
}

/* G-17: the limit is each token's own; G-19: a malformed header says nothing */
static void a_token_that_is_used_up_leaves_its_turn_to_another(void **state UNUSED)
{
	const char *later =
		arena_printf(&b.a, "X-RateLimit-Reset: %lld", (long long)clock_real() + 1800);
	const struct served table[] = {
		{"GET /orgs/acme/repos*", TWO_REPOS, NULL, 0, 0}, {"GET *", "[]", NULL, 0, 0}, {0}};
	const char *const headers[] = {"X-RateLimit-Remaining: 3", later, NULL};
	const char *const junk[] = {"X-RateLimit-Remaining: lots", "X-RateLimit-Reset: soon", NULL};
	use_tokens("ghp_one", "ghp_two");
	collecting_serve(&b, table);
	b.fault = 1;
	b.fault_answer = (struct httpd_answer){.body = TWO_REPOS, .headers = headers};
	collecting_run(&b);
	assert_string_equal(authorization("/repos/acme/web/*", 0), "Bearer ghp_two");
	assert_string_equal(authorization("/repos/acme/api/*", 0), "Bearer ghp_two");
	collecting_serve(&b, table);
	b.fault = 1;
	b.fault_answer = (struct httpd_answer){.body = TWO_REPOS, .headers = junk};
	collecting_run(&b);
	assert_string_equal(authorization("/repos/acme/web/*", 0), "Bearer ghp_one");
}

static void a_request_refused_for_one_tokens_limit_is_sent_with_another(void **state UNUSED)
{
	const char *later =
		arena_printf(&b.a, "X-RateLimit-Reset: %lld", (long long)clock_real() + 1800);
	const char *const headers[] = {"X-RateLimit-Remaining: 0", later, NULL};
	const struct served table[] = {
		{"GET /orgs/acme/repos*", TWO_REPOS, NULL, 0, 0}, {"GET *", "[]", NULL, 0, 0}, {0}};
	use_tokens("ghp_one", "ghp_two");
	collecting_serve(&b, table);
	b.fault = 1;
	b.fault_answer = (struct httpd_answer){
		.status = 403, .body = "{\"message\":\"over\"}", .headers = headers};
	collecting_run(&b);
	assert_int_equal(b.result.complete, 3); /* with commits */
	assert_string_equal(authorization("/orgs/*", 1), "Bearer ghp_two");
	/* both used up: told, and not asked for ever */
	const struct served shut[] = {{"GET *", "{\"message\":\"over\"}", NULL, 403, 0}, {0}};
	collecting_serve(&b, shut);
	collecting_run(&b);
	assert_part(&b, "repositories", LEDGER_FAILED, "403");
	assert_int_equal(collecting_asked(&b, "*"), 1);
}

static void a_revoked_token_of_two_is_named_and_the_other_goes_on(void **state UNUSED)
{
	const struct served table[] = {
		{"GET /orgs/acme/repos*", TWO_REPOS, NULL, 0, 0}, {"GET *", "[]", NULL, 0, 0}, {0}};
	struct facts f;
	struct err e = {0};
	use_tokens("ghp_one", "ghp_two");
	collecting_serve(&b, table);
	b.fault = 1;
	b.fault_answer =
		(struct httpd_answer){.status = 401, .body = "{\"message\":\"Bad credentials\"}"};
	collecting_run(&b);
	assert_int_equal(b.result.complete, 3); /* with commits */
	assert_int_equal(collecting_asked(&b, "*"), 4);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(authorization("/repos/*", i), "Bearer ghp_two");
	assert_ok(facts_list(b.db, "2026-W46", &b.a, &f, &e), e);
	assert_int_equal(f.n, 1);
	assert_string_equal(f.v[0].text, "SITREP_TEST_ONE");
	assert_int_equal(f.v[0].at_s, clock_now(&b.clock));
	const struct served shut[] = {{"GET *", "{\"message\":\"Bad credentials\"}", NULL, 401, 0},
				      {0}};
	collecting_serve(&b, shut);
	collecting_run(&b);
	assert_part(&b, "repositories", LEDGER_FAILED, "401");
	assert_int_equal(collecting_asked(&b, "*"), 2);
}

/* --- signing --- */

static void a_key_in_either_form_signs_alike(void **state UNUSED)
{
	struct err e = {0};
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	assert_int_equal(PEM_write_bio_PrivateKey_traditional(out, key, NULL, NULL, 0, NULL, NULL),
			 1);
	size_t n = (size_t)BIO_get_mem_data(out, &text), len1, len2;
	const char *old = arena_strndup(&b.a, text, n);
	BIO_free(out);
	assert_true(text_starts(old, "-----BEGIN RSA PRIVATE KEY"));
	const void *one, *two;
	assert_ok(rs256_sign(pem, "abc", 3, &b.a, &one, &len1, &e), e);
	assert_ok(rs256_sign(old, "abc", 3, &b.a, &two, &len2, &e), e);
	assert_int_equal(len1, 256);
	assert_int_equal(len2, 256);
	assert_memory_equal(one, two, 256);
	assert_string_equal(base64url(&b.a, "\xfb\xff\xfe", 3), "-__-");
	assert_string_equal(base64url(&b.a, "a", 1), "YQ");
	assert_string_equal(base64url(&b.a, "", 0), "");
}

int main(void)
{
	struct arena a = {0};
	char *text;
	key = EVP_RSA_gen(2048);
	BIO *out = BIO_new(BIO_s_mem());
	BUG_ON(!key || !PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL));
	size_t n = (size_t)BIO_get_mem_data(out, &text);
	pem = arena_strndup(&a, text, n);
	BIO_free(out);
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_app_signs_in_with_a_signed_back_dated_text),
		T(a_token_that_ends_in_mid_run_is_renewed_once),
		T(one_that_stays_refused_is_told_and_not_asked_for_ever),
		T(a_token_near_its_end_is_renewed_before_it_is_used),
		T(a_refused_signature_points_to_the_clock),
		T(a_key_that_cannot_sign_is_told_without_a_request),
		T(an_enterprise_server_is_asked_below_its_own_path),
		T(tokens_take_turns),
		T(a_token_that_is_used_up_leaves_its_turn_to_another),
		T(a_request_refused_for_one_tokens_limit_is_sent_with_another),
		T(a_revoked_token_of_two_is_named_and_the_other_goes_on),
		T(a_key_in_either_form_signs_alike),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(key);
	arena_release(&a);
	return failed;
}
