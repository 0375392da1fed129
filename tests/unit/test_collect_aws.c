#include "support/collecting.h"

#include "base/file.h"
#include "base/sb.h"
#include "collect/aws.h"

static struct collecting b;

#define TARGET_DEPLOY "CodeDeploy_20141006."
#define ONE_DEPLOYMENT(id, status, more)                                                           \
	"{\"deploymentId\":\"" id                                                                  \
	"\",\"applicationName\":\"production-main\",\"status\":\"" status                          \
	"\",\"creator\":\"user\",\"createTime\":1794300000.123,\"startTime\":1794300001.5,"        \
	"\"deploymentConfigName\":\"CodeDeployDefault.ECSAllAtOnce\",\"deploymentStyle\":{"        \
	"\"deploymentType\":\"BLUE_GREEN\"},\"deploymentOverview\":{\"Succeeded\":1}" more "}"
#define DONE ",\"completeTime\":1.794300600750E9"

#define UNDONE                                                                                     \
	ONE_DEPLOYMENT("d-B", "Failed",                                                            \
		       DONE ",\"errorInformation\":{\"code\":\"ALARM_ACTIVE\",\"message\":"        \
			    "\"alarm <web-5xx>\"},\"rollbackInfo\":{\"rollbackDeploymentId\":"     \
			    "\"d-C\"}")
#define UNDOER(status)                                                                             \
	"{\"deploymentId\":\"d-C\",\"applicationName\":\"production-main\",\"status\":\"" status   \
	"\",\"creator\":\"codeDeployRollback\",\"createTime\":1794300601,\"completeTime\":"        \
	"1794300700,\"rollbackInfo\":{\"rollbackTriggeringDeploymentId\":\"d-B\"}}"

/* The same path for every operation: what is asked for stands in the body. */
#define LIST_FIRST  "\"createTimeRange\":{\"start\":1794009600,\"end\":1794808800}}"
#define LIST_SECOND "\"nextToken\":\"page 2\""
#define BATCH	    "deploymentIds"

#define TARGETS_OF "\"deploymentId\":"
#define ECS_TARGET                                                                                 \
	"{\"deploymentTargets\":[{\"deploymentTargetType\":\"ECSTarget\",\"ecsTarget\":{"          \
	"\"status\":\"Failed\",\"lifecycleEvents\":[{\"lifecycleEventName\":\"Install\","          \
	"\"status\":\"Succeeded\"},{\"lifecycleEventName\":\"AllowTraffic\",\"status\":"           \
	"\"Failed\",\"diagnostics\":{\"errorCode\":\"ScriptFailed\",\"message\":\"no\","           \
	"\"logTail\":\"token=s3cret\"}}],\"taskSetsInfo\":[{\"identifer\":\"ecs-svc/1\","          \
	"\"taskSetLabel\":\"Blue\",\"trafficWeight\":90.0},{\"identifer\":\"ecs-svc/2\","          \
	"\"taskSetLabel\":\"Green\",\"trafficWeight\":10.0}]}}]}"

static const struct served usual[] = {
	{"POST /", ECS_TARGET, NULL, 0, "\"targetIds\""},
	{"POST /", "{\"targetIds\":[\"prod:web\"]}", NULL, 0, TARGETS_OF "\"d-B\""},
	{"POST /", "{\"__type\":\"DeploymentNotStartedException\"}", NULL, 400, TARGETS_OF},
	{"POST /", "{\"deployments\":[\"d-D\",\"d-B\"],\"nextToken\":\"\"}", NULL, 0, LIST_SECOND},
	{"POST /", "{\"deployments\":[\"d-A\",\"d-B\"],\"nextToken\":\"page 2\"}", NULL, 0,
	 LIST_FIRST},
	{"POST /", "{\"deploymentsInfo\":[" UNDOER("Succeeded") "]}", NULL, 0, "[\"d-C\"]"},
	{"POST /",
	 "{\"deploymentsInfo\":[" ONE_DEPLOYMENT(
		 "d-A", "Succeeded",
		 DONE ",\"revision\":{\"revisionType\":\"S3\","
		      "\"s3Location\":{\"bucket\":\"x\","
		      "\"key\":\"main/"
		      "3dce5c83dce5c83dce5c83dce5c83dce5c83dce5.yaml\"}"
		      "}") "," UNDONE "," ONE_DEPLOYMENT("d-D", "Ready",
							 ",\"revision\":{\"gitHubLocation\":{"
							 "\"repository\":\"acme/main\","
							 "\"commitId\":\"77aa77a\"}}") "]}",
	 NULL, 0, BATCH},
	{"POST /",
	 "{\"imageDetails\":[{\"repositoryName\":\"main\",\"imageDigest\":\"sha256:b\","
	 "\"imagePushedAt\":1794200000}]}",
	 NULL, 0, "\"nextToken\":\"tok\""},
	{"POST /",
	 "{\"imageDetails\":[{\"repositoryName\":\"main\",\"imageDigest\":\"sha256:a\","
	 "\"imageTags\":[\"latest\",\"v1.2.3\",\"3dce5c8\"],\"imageSizeInBytes\":99999999999,"
	 "\"imagePushedAt\":1.7943E9},{\"repositoryName\":\"main\",\"imageDigest\":\"sha256:old\","
	 "\"imageTags\":[\"77aa77a\"],\"imagePushedAt\":1780000000},"
	 "{\"repositoryName\":\"main\",\"imageDigest\":\"sha256:s\",\"imageTags\":[\"sha256-"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.sig\"],"
	 "\"imagePushedAt\":1794300000}],\"nextToken\":\"tok\"}",
	 NULL, 0, "\"repositoryName\":\"main\""},
	{"POST /", "{\"repositories\":[{\"repositoryName\":\"main\"}],\"nextToken\":null}", NULL, 0,
	 "{\"maxResults\":1000}"},
	{0},
};

static int setup(void **state UNUSED)
{
	collecting_start(&b);
	setenv("AWS_ACCESS_KEY_ID", "EXAMPLEKEY", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "example-secret", 1);
	unsetenv("AWS_SESSION_TOKEN");
	struct aws_source s = {.name = "aws-production",
			       .environment = "production",
			       .region = "eu-west-2",
			       .endpoint = b.url};
	vec_push(&b.a, &b.cfg.aws, s);
	collecting_serve(&b, usual);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define DEPLOYMENT_ROWS                                                                            \
	"SELECT key, service, environment, sha, repo, state, created_at, started_at, "             \
	"finished_at, "                                                                            \
	"creator_kind, error_code, rollback_of, detail FROM deployment ORDER BY key"
#define IMAGE_ROWS                                                                                 \
	"SELECT repository, digest, environment, tags, sha, pushed_at, bytes FROM image_push "     \
	"ORDER BY digest"

static const char deployment_picture[] =
	"d-A|production-main|production|3dce5c83dce5c83dce5c83dce5c83dce5c83dce5|-|succeeded|"
	"2026-11-10T08:40:00Z|2026-11-10T08:40:01Z|2026-11-10T08:50:00Z|user|-|-|blue/green, "
	"CodeDeployDefault.ECSAllAtOnce\n"
	"d-B|production-main|production|-|-|rolled_back|2026-11-10T08:40:00Z|"
	"2026-11-10T08:40:01Z|2026-11-10T08:50:00Z|user|ALARM_ACTIVE|-|blue/green, "
	"CodeDeployDefault.ECSAllAtOnce; "
	"failed at AllowTraffic, 10 % of traffic on the new version\n"
	"d-C|production-main|production|-|-|succeeded|2026-11-10T08:50:01Z|-|"
	"2026-11-10T08:51:40Z|rollback|-|d-B|-\n"
	"d-D|production-main|production|77aa77a|acme/main|waiting|2026-11-10T08:40:00Z|"
	"2026-11-10T08:40:01Z|-|user|-|-|blue/green, CodeDeployDefault.ECSAllAtOnce\n";
static const char image_picture[] =
	"main|sha256:a|production|latest v1.2.3 3dce5c8|3dce5c8|2026-11-10T08:40:00Z|99999999999\n"
	"main|sha256:b|production||-|2026-11-09T04:53:20Z|-\n";

static void deployments_rollbacks_and_images_are_stored(void **state UNUSED)
{
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_part(&b, "ecr", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, DEPLOYMENT_ROWS), deployment_picture);
	assert_string_equal(collecting_rows(&b, IMAGE_ROWS), image_picture);
	assert_int_equal(collecting_ledger(&b, "codedeploy")->expected, 4);
	assert_int_equal(collecting_ledger(&b, "codedeploy")->received, 4);
	assert_int_equal(collecting_ledger(&b, "ecr")->expected, 1);
	assert_int_equal(collecting_ledger(&b, "ecr")->received, 1);
}

static void requests_are_signed_posts_of_exactly_these_bodies(void **state UNUSED)
{
	static const struct {
		const char *target, *body, *scope;
	} want[] = {
		{"AmazonEC2ContainerRegistry_V20150921.DescribeRepositories",
		 "{\"maxResults\":1000}", "/eu-west-2/ecr/aws4_request"},
		{TARGET_DEPLOY "ListDeployments",
		 "{\"createTimeRange\":{\"start\":1794009600,\"end\":1794808800}}",
		 "/eu-west-2/codedeploy/aws4_request"},
		{"AmazonEC2ContainerRegistry_V20150921.DescribeImages",
		 "{\"repositoryName\":\"main\",\"maxResults\":1000}",
		 "/eu-west-2/ecr/aws4_request"},
		{TARGET_DEPLOY "ListDeployments",
		 "{\"createTimeRange\":{\"start\":1794009600,\"end\":1794808800},\"nextToken\":"
		 "\"page 2\"}",
		 "/eu-west-2/codedeploy/aws4_request"},
		{"AmazonEC2ContainerRegistry_V20150921.DescribeImages",
		 "{\"repositoryName\":\"main\",\"maxResults\":1000,\"nextToken\":\"tok\"}",
		 "/eu-west-2/ecr/aws4_request"},
		{TARGET_DEPLOY "BatchGetDeployments",
		 "{\"deploymentIds\":[\"d-A\",\"d-B\",\"d-D\"]}",
		 "/eu-west-2/codedeploy/aws4_request"},
		{TARGET_DEPLOY "ListDeploymentTargets", "{\"deploymentId\":\"d-B\"}",
		 "/eu-west-2/codedeploy/aws4_request"},
		{TARGET_DEPLOY "ListDeploymentTargets", "{\"deploymentId\":\"d-D\"}",
		 "/eu-west-2/codedeploy/aws4_request"},
		{TARGET_DEPLOY "BatchGetDeployments", "{\"deploymentIds\":[\"d-C\"]}",
		 "/eu-west-2/codedeploy/aws4_request"},
		{TARGET_DEPLOY "BatchGetDeploymentTargets",
		 "{\"deploymentId\":\"d-B\",\"targetIds\":[\"prod:web\"]}",
		 "/eu-west-2/codedeploy/aws4_request"},
	};
	setenv("AWS_SESSION_TOKEN", "example-session", 1);
	collecting_run(&b);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct httpd_request *rq = httpd_get(b.h, NULL, NULL, i);
		assert_non_null(rq);
		assert_string_equal(rq->method, "POST");
		assert_string_equal(rq->target, "/");
		assert_string_equal(rq->body, want[i].body);
		assert_string_equal(httpd_header(rq, "X-Amz-Target"), want[i].target);
		assert_string_equal(httpd_header(rq, "Content-Type"), "application/x-amz-json-1.1");
		assert_string_equal(httpd_header(rq, "X-Amz-Security-Token"), "example-session");
		assert_non_null(strstr(httpd_header(rq, "Authorization"), want[i].scope));
		assert_non_null(strstr(httpd_header(rq, "Authorization"), "x-amz-security-token"));
	}
	assert_int_equal(collecting_asked(&b, "*"), ARRAY_SIZE(want));
}

static void a_rollback_that_failed_has_undone_nothing(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 1] = {
		{"POST /", "{\"deploymentsInfo\":[" UNDOER("Failed") "]}", NULL, 0, "[\"d-C\"]"}};
	memcpy(table + 1, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(
		collecting_rows(&b, "SELECT key, state FROM deployment WHERE key IN ('d-B','d-C')"),
		"d-B|failed\nd-C|failed\n");
}

/* What was undone may lie before the window: its rollback brings it in. */
static void a_rollback_names_the_deployment_it_undid(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", "{\"deployments\":[\"d-C\"]}", NULL, 0, "createTimeRange"},
		{"POST /", "{\"deploymentsInfo\":[" UNDOER("Succeeded") "]}", NULL, 0, "[\"d-C\"]"},
		{"POST /", "{\"deploymentsInfo\":[" ONE_DEPLOYMENT("d-B", "Stopped", DONE) "]}",
		 NULL, 0, "[\"d-B\"]"},
		{"POST /", "{\"repositories\":[]}", NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(b.result.complete, 2);
	assert_string_equal(collecting_rows(&b, "SELECT key, state, rollback_of FROM deployment "
						"ORDER BY key"),
			    "d-B|rolled_back|-\nd-C|succeeded|d-B\n");
	assert_int_equal(collecting_ledger(&b, "codedeploy")->expected, 2);
}

static void an_unfinished_deployment_is_asked_for_again(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 2] = {
		{"POST /", "{\"deployments\":[]}", NULL, 0, "createTimeRange"},
		{"POST /", "{\"deploymentsInfo\":[" ONE_DEPLOYMENT("d-D", "Succeeded", DONE) "]}",
		 NULL, 0, "[\"d-D\"]"}};
	memcpy(table + 2, usual, sizeof usual);
	collecting_run(&b);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(
		collecting_rows(&b, "SELECT state, finished_at, sha FROM deployment WHERE key = "
				    "'d-D'"),
		"succeeded|2026-11-10T08:50:00Z|77aa77a\n");
}

static void what_was_over_is_not_asked_for_again(void **state UNUSED)
{
	struct served again[ARRAY_SIZE(usual) + 1] = {
		{"POST /", "{\"deploymentsInfo\":[" ONE_DEPLOYMENT("d-D", "Ready", "") "]}", NULL,
		 0, "[\"d-D\"]"}};
	memcpy(again + 1, usual, sizeof usual);
	collecting_run(&b);
	collecting_serve(&b, again);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, DEPLOYMENT_ROWS), deployment_picture);
	assert_int_equal(collecting_ledger(&b, "codedeploy")->expected, 3);
	assert_int_equal(collecting_ledger(&b, "codedeploy")->received, 3);
	const struct httpd_request *rq;
	for (size_t i = 0; (rq = httpd_get(b.h, NULL, NULL, i)) != NULL; i++)
		assert_null(strstr(rq->body, "d-A"));
	/* the rollback was stored, and then the run was killed */
	struct err e = {0};
	assert_ok(db_exec(b.db, "DELETE FROM deployment WHERE key = 'd-B'", &e), e);
	struct served table[ARRAY_SIZE(usual) + 1] = {
		{"POST /", "{\"deployments\":[\"d-C\"]}", NULL, 0, "createTimeRange"}};
	memcpy(table + 1, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_int_equal(
		collecting_i64(&b,
			       "SELECT state = 'rolled_back' FROM deployment WHERE key = 'd-B'"),
		1);
}

static void a_later_rollback_asks_again_for_what_it_undid(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 2] = {
		{"POST /", "{\"deployments\":[\"d-B\"]}", NULL, 0, "createTimeRange"},
		{"POST /", "{\"deploymentsInfo\":[" ONE_DEPLOYMENT("d-B", "Failed", DONE) "]}",
		 NULL, 0, BATCH}};
	struct served later[ARRAY_SIZE(usual) + 2] = {
		{"POST /", "{\"deployments\":[\"d-B\",\"d-C\"]}", NULL, 0, "createTimeRange"},
		{"POST /", "{\"deploymentsInfo\":[" UNDONE "]}", NULL, 0, "[\"d-B\"]"}};
	memcpy(table + 2, usual, sizeof usual);
	memcpy(later + 2, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT key, state FROM deployment"),
			    "d-B|failed\n");
	collecting_serve(&b, later);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, "SELECT key, state FROM deployment ORDER BY key"),
			    "d-B|rolled_back\nd-C|succeeded\n");
	assert_int_equal(collecting_ledger(&b, "codedeploy")->expected, 2);
	assert_int_equal(collecting_ledger(&b, "codedeploy")->received, 2);
}

static void steps_cost_only_themselves(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 1] = {
		{"POST /", "{\"__type\":\"AccessDeniedException\"}", NULL, 400, TARGETS_OF}};
	memcpy(table + 1, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_part(&b, "codedeploy_targets", LEDGER_NOT_ENABLED,
		    "allow codedeploy:ListDeploymentTargets");
	assert_string_equal(collecting_ledger(&b, "codedeploy_targets")->affects, "");
}

static void steps_of_every_platform_are_read(void **state UNUSED)
{
	static const struct {
		const char *targets, *text, *message;
	} cases[] = {
		{"{\"lambdaTarget\":{\"status\":\"InProgress\",\"lifecycleEvents\":[{"
		 "\"lifecycleEventName\":\"AllowTraffic\",\"status\":\"InProgress\"}],"
		 "\"lambdaFunctionInfo\":{\"targetVersionWeight\":0.0}}}",
		 "at AllowTraffic, 0 % of traffic on the new version", NULL},
		{"{\"cloudFormationTarget\":{\"status\":\"Pending\",\"targetVersionWeight\":25.5}}",
		 "25.5 % of traffic on the new version", NULL},
		{"{\"instanceTarget\":{\"status\":\"Succeeded\"}},{\"instanceTarget\":{\"status\":"
		 "\"Failed\",\"lifecycleEvents\":[{\"lifecycleEventName\":\"BeforeInstall\","
		 "\"status\":\"Failed\",\"diagnostics\":{\"message\":\"exit code 1\"}}]}}",
		 "failed at BeforeInstall, 1 of 2 instances failed", "exit code 1"},
		{"{\"ecsTarget\":null},{}", NULL, NULL},
		{"", NULL, NULL},
	};
	struct err e = {0};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct code_deploy_steps x;
		const char *text = arena_printf(&b.a, "[%s]", cases[i].targets);
		assert_ok(json_parse(text, strlen(text), &j, &e), e);
		struct jv list = json_root(j);
		assert_ok(aws_parse_targets(&list, &b.a, &x, &e), e);
		const char *said = aws_steps_text(&x, &b.a);
		if (cases[i].text)
			assert_string_equal(said, cases[i].text);
		else
			assert_null(said);
		if (cases[i].message)
			assert_string_equal(x.message, cases[i].message);
	}
}

static void every_creator_and_status_has_its_place(void **state UNUSED)
{
	static const char *const creators[][2] = {
		{"user", "user"},
		{"autoscaling", "automation"},
		{"codeDeployRollback", "rollback"},
		{"CodeDeploy", "automation"},
		{"CodeDeployAutoUpdate", "automation"},
		{"CloudFormation", "automation"},
		{"CloudFormationRollback", "rollback"},
		{"autoscalingTermination", "automation"},
	};
	static const struct {
		const char *word;
		enum deploy_state state;
	} words[] = {
		{"Created", DEPLOY_IN_PROGRESS},    {"Queued", DEPLOY_IN_PROGRESS},
		{"InProgress", DEPLOY_IN_PROGRESS}, {"Baking", DEPLOY_IN_PROGRESS},
		{"Ready", DEPLOY_WAITING},	    {"Succeeded", DEPLOY_SUCCEEDED},
		{"Failed", DEPLOY_FAILED},	    {"Stopped", DEPLOY_FAILED},
	};
	struct aws_source cfg = {.name = "aws", .region = "eu-west-2"};
	struct err e = {0};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct code_deploy_row x;
		const char *text = arena_printf(&b.a,
						"{\"deploymentId\":\"d\",\"createTime\":1,"
						"\"completeTime\":9,\"status\":\"%s\",\"creator\":"
						"\"%s\"}",
						words[i].word, creators[i][0]);
		assert_ok(json_parse(text, strlen(text), &j, &e), e);
		struct jv v = json_root(j);
		assert_ok(aws_parse_deployment(&v, &cfg, &b.a, &x, &e), e);
		assert_int_equal(x.d.state, words[i].state);
		assert_string_equal(x.d.creator_kind, creators[i][1]);
		assert_true((x.d.finished_s == 9) == (i >= 5));
	}
}

static void ids_are_asked_for_in_batches_of_25(void **state UNUSED)
{
	struct sb ids;
	sb_init(&ids, &b.a, 10000);
	for (int i = 0; i < 60; i++)
		sb_addf(&ids, "%s\"d-%03d\"", i ? "," : "", i);
	struct served table[] = {{"POST /",
				  arena_printf(&b.a, "{\"deployments\":[%s]}", sb_str(&ids)), NULL,
				  0, "createTimeRange"},
				 {"POST /", "{\"deploymentsInfo\":[]}", NULL, 0, BATCH},
				 {"POST /", "{\"repositories\":[]}", NULL, 0, 0},
				 {0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	size_t asked = 0;
	const struct httpd_request *rq;
	for (size_t i = 0; (rq = httpd_get(b.h, NULL, NULL, i)) != NULL; i++) {
		size_t n = 0;
		for (const char *p = strstr(rq->body, BATCH) ? rq->body : ""; *p; p++)
			n += !strncmp(p, "d-", 2);
		assert_true(n <= 25);
		asked += n;
	}
	assert_int_equal(asked, 60);
	/* asked for and not answered: that is no quiet week */
	assert_part(&b, "codedeploy", LEDGER_FAILED, "60 of 60 deployments were not told");
}

static void a_token_that_repeats_cuts_the_list(void **state UNUSED)
{
	static const struct served table[] = {
		{"POST /", "{\"deployments\":[],\"nextToken\":\"again\"}", NULL, 0,
		 "createTimeRange"},
		{"POST /", "{\"repositories\":[],\"nextToken\":\"again\"}", NULL, 0, 0},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "codedeploy", LEDGER_PARTIAL, "names the same page again");
	assert_part(&b, "ecr", LEDGER_PARTIAL, "names the same page again");
}

static void every_refusal_has_its_own_words(void **state UNUSED)
{
	static const struct {
		int status;
		const char *body, *header, *reason;
	} cases[] = {
		{400,
		 "{\"__type\":\"com.amazon.coral#AccessDeniedException:http://x/"
		 "\",\"Message\":\"User "
		 "is not authorized\"}",
		 NULL,
		 "400 on codedeploy:ListDeployments: AccessDeniedException: User is not "
		 "authorized; "
		 "allow codedeploy:ListDeployments"},
		{400, "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}", NULL,
		 "ExpiredTokenException: expired; the session has ended: renew the session token"},
		{400, "{\"__type\":\"UnrecognizedClientException\"}", NULL,
		 "UnrecognizedClientException; check the access key"},
		{403,
		 "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}",
		 "Date: Sun, 06 Nov 1994 08:49:37 GMT",
		 "minutes fast (AWS says Sun, 06 Nov 1994 08:49:37 GMT, here it is 20"},
		{403, "{\"__type\":\"InvalidSignatureException\",\"message\":\"does not match\"}",
		 NULL, "does not match; check AWS_SECRET_ACCESS_KEY: the clock is right"},
		{403, "{\"__type\":\"InvalidSignatureException\",\"message\":\"does not match\"}",
		 "Date: today", "check AWS_SECRET_ACCESS_KEY, or set this machine's clock (here"},
		{403, "{\"__type\":\"com.amazon#RequestTimeTooSkewed\",\"message\":\"skewed\"}",
		 "Date: Sun, 06 Nov 2094 08:49:37 GMT",
		 "RequestTimeTooSkewed: skewed; this machine's clock is "},
		{400, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}", NULL,
		 "ThrottlingException: Rate exceeded; still over the rate limit after 1 tries"},
		{400, "{}", "x-amzn-ErrorType: SomethingNew:http://x/",
		 "400 on codedeploy:ListDeployments: SomethingNew"},
		{503, "<html>Service Unavailable</html>", NULL,
		 "503 on codedeploy:ListDeployments: server error"},
		{200, "<html></html>", NULL,
		 "200 with HTML instead of JSON on codedeploy:ListDeployments; not an AWS API"},
		{200, "[]", NULL, "not an object"},
		{200, "{\"deployments\":[\"d-", NULL, "damaged JSON"},
	};
	b.cfg.aws.v[0].collect = strv_of(&b.a, "codedeploy");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct served table[] = {{"*", cases[i].body, cases[i].header, cases[i].status, 0},
					 {0}};
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_int_equal(b.result.failed, 1);
		assert_part(&b, "codedeploy", LEDGER_FAILED, cases[i].reason);
	}
}

static void one_denied_repository_or_part_costs_only_itself(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 2] = {
		{"POST /",
		 "{\"repositories\":[{\"repositoryName\":\"main\"},{\"repositoryName\":\"secret\"}]"
		 "}",
		 NULL, 0, "{\"maxResults\":1000}"},
		{"POST /", "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}", NULL, 400,
		 "\"secret\""}};
	memcpy(table + 2, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "ecr", LEDGER_PARTIAL,
		    "secret: 400 on ecr:DescribeImages: AccessDeniedException: no; allow "
		    "ecr:DescribeImages");
	assert_int_equal(collecting_ledger(&b, "ecr")->expected, 2);
	assert_int_equal(collecting_ledger(&b, "ecr")->received, 1);
	assert_part(&b, "codedeploy", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, IMAGE_ROWS), image_picture);
}

static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct httpd_answer faults[] = {
		{.status = 500, .body = "{\"__type\":\"InternalFailure\"}"},
		{.body = "<html>login</html>"},
		{.body = "{\"deployments\":[\"d-A\""},
		{.body = "{}", .cut = 1},
		{.status = 400, .body = "{\"__type\":\"AccessDeniedException\"}"},
	};
	for (size_t f = 0; f < ARRAY_SIZE(faults); f++) {
		for (int n = 1;; n++) {
			teardown(NULL);
			setup(NULL);
			b.fault = n;
			b.fault_answer = faults[f];
			collecting_run(&b);
			if (b.requests < n)
				break;
			if (b.result.partial + b.result.failed + b.result.not_enabled != 1)
				fail_msg("fault %zu in request %d was not told once", f, n);
			collecting_serve(&b, usual);
			collecting_run(&b);
			assert_int_equal(b.result.complete, 2);
			assert_string_equal(collecting_rows(&b, DEPLOYMENT_ROWS),
					    deployment_picture);
			assert_string_equal(collecting_rows(&b, IMAGE_ROWS), image_picture);
		}
	}
}

static void published_bodies_are_read(void **state UNUSED)
{
	NEED_FIXTURES();
	struct strv files = {0};
	struct err e = {0};
	struct aws_source cfg = {.name = "aws", .environment = "production", .region = "eu-west-2"};
	int deployments = 0, images = 0;
	const char *root = fixture_path(&b.a, "aws");
	assert_ok(file_glob(arena_printf(&b.a, "%s/*/*.json", root), &b.a, &files, &e), e);
	for (size_t i = 0; i < files.n; i++) {
		const char *name = path_base(files.v[i]);
		bool deploy = strstr(name, "BatchGetDeployments.") != NULL,
		     image = strstr(name, "DescribeImages.") != NULL;
		if (!deploy && !image)
			continue;
		CLEANUP(json_freep) struct json *j = NULL;
		size_t len;
		const char *text = test_read(&b.a, files.v[i], &len);
		assert_ok(json_parse(text, len, &j, &e), e);
		struct jv top = json_root(j);
		struct jv rows = json_get(&top, deploy ? "deploymentsInfo" : "imageDetails");
		for (struct jv it = json_first(&rows); it.n; it = json_next(&it)) {
			struct code_deploy_row d;
			struct ecr_image im;
			if (deploy)
				assert_ok(aws_parse_deployment(&it, &cfg, &b.a, &d, &e), e);
			else
				assert_ok(aws_parse_image(&it, &cfg, &b.a, &im, &e), e);
			deployments += deploy;
			images += image;
			if (deploy && !strcmp(d.d.key, "d-BBBBBBBBB")) {
				assert_int_equal(d.d.state, DEPLOY_ROLLED_BACK);
				assert_string_equal(d.rolled_back_by, "d-CCCCCCCCC");
			}
			if (deploy && !strcmp(d.d.key, "d-CCCCCCCCC"))
				assert_string_equal(d.d.rollback_of, "d-BBBBBBBBB");
			if (image && !strcmp(im.r.repository, "web") &&
			    strstr(im.r.digest, "cccccccc"))
				assert_int_equal(im.r.bytes, 99999999999);
		}
	}
	assert_true(deployments >= 5 && images >= 4);
}

static void published_error_bodies_give_their_code(void **state UNUSED)
{
	static const struct {
		const char *body, *code;
	} cases[] = {
		{"{\"__type\":\"com.amazonaws.swf.base.model#UnknownResourceFault\"}",
		 "UnknownResourceFault"},
		{"{\"__type\":\"FooError:http://internal.amazon.com/coral/\"}", "FooError"},
		{"{\"__type\":\"aws.protocoltests#FooError:http://x/\"}", "FooError"},
		{"{\"code\":\"FooError\"}", "FooError"},
		{"{\"message\":\"x\"}", NULL},
		{"<html>", NULL},
		{"{\"__type\":\"#\"}", NULL},
		{"{\"__type\":7}", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_response r = {.body = cases[i].body, .len = strlen(cases[i].body)};
		const char *code = aws_error_code(&r, &b.a);
		if (!cases[i].code)
			assert_null(code);
		else
			assert_string_equal(code, cases[i].code);
	}
}

static void a_tag_is_a_commit_only_as_7_to_40_hexadecimal_digits(void **state UNUSED)
{
	assert_string_equal(aws_commit_of_tag("3dce5c8"), "3dce5c8");
	assert_string_equal(aws_commit_of_tag("sha-3dce5c8"), "3dce5c8");
	assert_non_null(aws_commit_of_tag("3dce5c83dce5c83dce5c83dce5c83dce5c83dce5"));
	assert_null(aws_commit_of_tag("3dce5c83dce5c83dce5c83dce5c83dce5c83dce5a"));
	assert_null(aws_commit_of_tag("3dce5c"));
	assert_null(aws_commit_of_tag("3DCE5C8"));
	assert_null(aws_commit_of_tag("v1.2.3"));
	assert_null(aws_commit_of_tag("latest"));
	assert_null(aws_commit_of_tag("3dce5c8-dirty"));
	assert_null(aws_commit_of_tag(""));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(deployments_rollbacks_and_images_are_stored),
		T(requests_are_signed_posts_of_exactly_these_bodies),
		T(a_rollback_that_failed_has_undone_nothing),
		T(a_rollback_names_the_deployment_it_undid),
		T(an_unfinished_deployment_is_asked_for_again),
		T(what_was_over_is_not_asked_for_again),
		T(a_later_rollback_asks_again_for_what_it_undid),
		T(steps_cost_only_themselves),
		T(steps_of_every_platform_are_read),
		T(every_creator_and_status_has_its_place),
		T(ids_are_asked_for_in_batches_of_25),
		T(a_token_that_repeats_cuts_the_list),
		T(every_refusal_has_its_own_words),
		T(one_denied_repository_or_part_costs_only_itself),
		T(any_lost_answer_is_told_and_made_good_by_the_next_run),
		T(published_bodies_are_read),
		T(published_error_bodies_give_their_code),
		T(a_tag_is_a_commit_only_as_7_to_40_hexadecimal_digits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
