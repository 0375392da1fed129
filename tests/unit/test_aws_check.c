#include "support/collecting.h"

#include "collect/aws_check.h"

static struct httpd *h;
static struct arena a;
static struct config cfg;
static struct aws_source source;
static bool no_sts, denied;

static struct httpd_answer answer(const struct httpd_request *rq, struct arena *m UNUSED,
				  void *ctx UNUSED)
{
	const char *target = httpd_header(rq, "X-Amz-Target");
	if (strstr(rq->body, "Action=GetCallerIdentity&Version=2011-06-15"))
		return no_sts ? (struct httpd_answer){.status = 404, .body = "nothing"}
			      : (struct httpd_answer){
					.body = "<R xmlns=\"x\"><GetCallerIdentityResult><Arn>"
						"arn:aws:iam::1:user/x</Arn></"
						"GetCallerIdentityResult></R>"};
	if (target && strstr(target, "DescribeRepositories"))
		return (struct httpd_answer){
			.body = "{\"repositories\":[{},{}],\"nextToken\":\"more\"}"};
	if (target && strstr(target, "ListClusters") && denied)
		return (struct httpd_answer){
			.status = 400,
			.body = "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}"};
	if (!strcmp(rq->path, "/canaries"))
		return (struct httpd_answer){.body = "{\"Canaries\":[{}]}"};
	return (struct httpd_answer){.body = "{\"clusterArns\":[\"x\"]}"};
}

static int setup(void **state UNUSED)
{
	h = httpd_start();
	httpd_on_any(h, answer, NULL);
	setenv("AWS_ACCESS_KEY_ID", "EXAMPLEKEY", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "example-secret", 1);
	unsetenv("AWS_SESSION_TOKEN");
	no_sts = denied = false;
	source = (struct aws_source){.name = "aws",
				     .region = "eu-west-2",
				     .endpoint = httpd_url(h),
				     .collect = strv_of(&a, "ecr", "ecs", "synthetics")};
	return 0;
}

static int teardown(void **state UNUSED)
{
	httpd_stop(h);
	arena_release(&a);
	return 0;
}

static struct aws_checked check(void)
{
	struct err e = {0};
	struct aws_checked out;
	struct http_opts o = {.concurrency = 1, .timeout_s = 5, .user_agent = "sitrep/test"};
	CLEANUP(http_freep) struct http *http = NULL;
	assert_ok(http_new(&o, &http, &e), e);
	assert_ok(aws_check(http, &cfg, &source, &a, &out, &e), e);
	return out;
}

static void it_says_who_and_what_it_sees(void **state UNUSED)
{
	struct aws_checked x = check();
	assert_true(x.ok);
	assert_string_equal(x.text, "arn:aws:iam::1:user/x; ecr: at least 2 repositories; "
				    "ecs: 1 clusters; synthetics: 1 canaries");
	no_sts = true; /* a stand-in without STS is no failure */
	x = check();
	assert_true(x.ok);
	assert_int_equal(strncmp(x.text, "identity not told; ecr: ", 24), 0);
}

static void it_says_which_permission_is_missing(void **state UNUSED)
{
	denied = true;
	struct aws_checked x = check();
	assert_false(x.ok);
	assert_string_equal(x.text, "ecs: 400 on ecs:ListClusters: AccessDeniedException: no; "
				    "allow ecs:ListClusters");
}

static void missing_credentials_are_told_once(void **state UNUSED)
{
	unsetenv("AWS_SECRET_ACCESS_KEY");
	struct aws_checked x = check();
	assert_false(x.ok);
	assert_string_equal(x.text, "AWS_SECRET_ACCESS_KEY is not set: set it beside "
				    "AWS_ACCESS_KEY_ID in the environment");
	assert_int_equal(httpd_count(h, NULL, NULL), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(it_says_who_and_what_it_sees),
		T(it_says_which_permission_is_missing),
		T(missing_credentials_are_told_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
