#include "support/collecting.h"

#include "base/file.h"
#include "base/sb.h"
#include "collect/aws_ecs.h"
#include "store/deploys.h"

static struct collecting b;

#define ARN(kind, path) "arn:aws:ecs:eu-west-2:100000000001:" kind "/" path
#define CLUSTER		ARN("cluster", "prod")
#define SERVICE(name)	ARN("service", "prod/" name)
#define DEPLOYMENT(id)	ARN("service-deployment", "prod/web/" id)
#define REVISION(id)	ARN("service-revision", "prod/web/" id)
#define ECR		"100000000001.dkr.ecr.eu-west-2.amazonaws.com/"

#define BRIEF(id, status, created, more)                                                           \
	"{\"serviceDeploymentArn\":\"" DEPLOYMENT(id) "\",\"serviceArn\":\"" SERVICE(              \
		"web") "\",\"clusterArn\":\"" CLUSTER "\",\"createdAt\":" created                  \
		       ",\"targetServiceRevisionArn\":\"" REVISION(id) "\",\"status\":\"" status   \
								       "\"" more "}"
#define END    ",\"startedAt\":1794300002.5,\"finishedAt\":1.794300600750E9"
#define LISTED BRIEF("one", "SUCCESSFUL", "1794300000.1", END)
#define UNDONE                                                                                     \
	BRIEF("two", "ROLLBACK_SUCCESSFUL", "1794310000",                                          \
	      ",\"finishedAt\":1794310900,\"statusReason\":\"circuit breaker\"")
#define WAITING BRIEF("three", "IN_PROGRESS", "1794320000", "")

#define CLUSTERS "{\"clusterArns\":[\"" CLUSTER "\"],\"nextToken\":\"\"}"
#define SERVICES "{\"serviceArns\":[\"" SERVICE("web") "\",\"" SERVICE("blue") "\"]}"
#define DESCRIBED                                                                                  \
	"{\"services\":[{\"serviceArn\":\"" SERVICE(                                               \
		"web") "\",\"serviceName\":\"web\","                                               \
		       "\"clusterArn\":\"" CLUSTER                                                 \
		       "\",\"deploymentController\":{\"type\":\"ECS\"},"                           \
		       "\"deployments\":[{\"id\":\"ecs-svc/"                                       \
		       "77\",\"status\":\"PRIMARY\",\"createdAt\":1794300000,"                     \
		       "\"updatedAt\":1794300600,\"rolloutState\":\"COMPLETED\"}]},{"              \
		       "\"serviceArn\":\"" SERVICE(                                                \
			       "blue") "\",\"deploymentController\":{\"type\":\"CODE_DEPLOY\"},"   \
				       "\"deployments\":"                                          \
				       "[]}],\"failures\":[]}"
#define TARGET "AmazonEC2ContainerServiceV20141113."

static const struct served usual[] = {
	{"POST /", "{\"serviceDeployments\":[" UNDONE "," WAITING "],\"nextToken\":null}", NULL, 0,
	 "\"nextToken\":\"p2\""},
	{"POST /", "{\"serviceDeployments\":[" LISTED "],\"nextToken\":\"p2\"}", NULL, 0,
	 "\"createdAt\""},
	{"POST /",
	 "{\"serviceDeployments\":["
	 "{\"serviceDeploymentArn\":\"" DEPLOYMENT(
		 "one") "\",\"createdAt\":1794300000.1,"
			"\"serviceArn\":\"" SERVICE(
				"web") "\",\"clusterArn\":\"" CLUSTER "\","
				       "\"status\":\"SUCCESSFUL\"" END "},"
				       "{\"serviceDeploymentArn\":\"" DEPLOYMENT(
					       "two") "\",\"createdAt\":1794310000,"
						      "\"serviceArn\":\"" SERVICE(
							      "web") "\",\"clusterArn\":\"" CLUSTER
								     "\","
								     "\"status\":\"ROLLBACK_"
								     "SUCCESSFUL\",\"finishedAt\":"
								     "1794310900,"
								     "\"statusReason\":\"circuit "
								     "<breaker>\","
								     "\"deploymentCircuitBreaker\":"
								     "{\"status\":"
								     "\"TRIGGERED\","
								     "\"failureCount\":3},"
								     "\"rollback\":{\"startedAt\":"
								     "1794310600.5}},"
								     "{\"serviceDeploymentArn\":"
								     "\"" DEPLOYMENT(
									     "three") "\","
										      "\"createdAt"
										      "\":"
										      "1794320000,"
										      "\"serviceArn"
										      "\":"
										      "\"" SERVICE(
											      "web") "\",\"clusterArn\":\"" CLUSTER
												     "\","
												     "\"status\":\"IN_PROGRESS\",\"lifecycleStage\":\"POST_TEST_TRAFFIC_SHIFT\","
												     "\"deploymentConfiguration\":{\"strategy\":\"CANARY\",\"canaryConfiguration\":{"
												     "\"canaryPercent\":12.5,\"canaryBakeTimeInMinutes\":5}},\"targetServiceRevision\":{"
												     "\"arn\":\"" REVISION(
													     "three") "\",\"requestedProductionTrafficWeight\":12.5},"
														      "\"lifecycleHookDetails\":[{\"hookId\":\"h\",\"targetType\":\"PAUSE\",\"status\":"
														      "\"AWAITING_ACTION\"}]}],\"failures\":[]}",
	 NULL, 0, "serviceDeploymentArns"},
	{"POST /",
	 "{\"serviceRevisions\":[{\"serviceRevisionArn\":\"" REVISION(
		 "one") "\",\"containerImages\":[{\"containerName\":\"otel\",\"imageDigest\":"
			"\"sha256:aa\",\"image\":\"public.ecr.aws/x/otel:v1\"},{\"containerName\":"
			"\"app\",\"imageDigest\":\"sha256:feed\",\"image\":\"" ECR
			"web:3dce5c8\"}]},{\"serviceRevisionArn\":\"" REVISION(
				"three") "\",\"containerImages\":[{\"image\":\"" ECR
					 "web@sha256:beef\"}]}],\"failures\":[]}",
	 NULL, 0, "serviceRevisionArns"},
	{"POST /", DESCRIBED, NULL, 0, "\"services\""},
	{"POST /", SERVICES, NULL, 0, "\"cluster\""},
	{"POST /", CLUSTERS, NULL, 0, "maxResults"},
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
			       .endpoint = b.url,
			       .collect = strv_of(&b.a, "ecs")};
	vec_push(&b.a, &b.cfg.aws, s);
	collecting_serve(&b, usual);
	return 0;
}

static int teardown(void **state UNUSED)
{
	collecting_stop(&b);
	return 0;
}

#define ROWS                                                                                       \
	"SELECT kind, key, service, environment, sha, image, state, created_at, finished_at, "     \
	"error_code, error, detail FROM deployment ORDER BY created_at"

static const char picture[] =
	"ecs|prod/web/one|web|production|3dce5c8|web@sha256:feed|succeeded|2026-11-10T08:40:00Z|"
	"2026-11-10T08:50:00Z|-|-|rolling update\n"
	"ecs|prod/web/two|web|production|-|-|rolled_back|2026-11-10T11:26:40Z|"
	"2026-11-10T11:36:40Z|CIRCUIT_BREAKER|circuit <breaker>|rolling update\n"
	"ecs|prod/web/two/rollback|web|production|-|-|succeeded|2026-11-10T11:36:40Z|"
	"2026-11-10T11:41:40Z|-|-|-\n"
	"ecs|prod/web/three|web|production|-|web@sha256:beef|waiting|2026-11-10T14:13:20Z|-|-|-|"
	"canary, 12.5 % for 5 minutes; waits for a person after post test traffic shift, 12.5 % of "
	"traffic moved\n";

static void service_deployments_are_stored_with_their_images(void **state UNUSED)
{
	collecting_run(&b);
	assert_part(&b, "ecs", LEDGER_COMPLETE, NULL);
	assert_string_equal(collecting_rows(&b, ROWS), picture);
	/* the service that CodeDeploy deploys is told by CodeDeploy */
	assert_int_equal(collecting_ledger(&b, "ecs")->expected, 1);
	assert_int_equal(collecting_ledger(&b, "ecs")->received, 1);
	assert_int_equal(b.ledger.n, 1);
}

static void requests_are_the_documented_ones(void **state UNUSED)
{
	static const struct {
		const char *op, *body;
	} want[] = {
		{"ListClusters", "{\"maxResults\":100}"},
		{"ListServices", "{\"cluster\":\"" CLUSTER "\",\"maxResults\":100}"},
		{"DescribeServices", "{\"cluster\":\"" CLUSTER "\",\"services\":[\"" SERVICE(
					     "web") "\",\"" SERVICE("blue") "\"]}"},
		{"ListServiceDeployments",
		 "{\"service\":\"" SERVICE(
			 "web") "\",\"cluster\":\"" CLUSTER "\",\"createdAt\":{"
				"\"after\":1794009600,\"before\":1794808800},\"maxResults\":100}"},
		{"ListServiceDeployments",
		 "{\"service\":\"" SERVICE(
			 "web") "\",\"cluster\":\"" CLUSTER "\",\"createdAt\":{"
				"\"after\":1794009600,\"before\":1794808800},\"maxResults\":100,"
				"\"nextToken\":\"p2\"}"},
		{"DescribeServiceDeployments",
		 "{\"serviceDeploymentArns\":[\"" DEPLOYMENT("one") "\",\"" DEPLOYMENT(
			 "two") "\",\"" DEPLOYMENT("three") "\"]}"},
		{"DescribeServiceRevisions",
		 "{\"serviceRevisionArns\":[\"" REVISION("one") "\",\"" REVISION(
			 "two") "\",\"" REVISION("three") "\"]}"},
	};
	collecting_run(&b);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		const struct httpd_request *rq = httpd_get(b.h, NULL, NULL, i);
		assert_non_null(rq);
		assert_string_equal(httpd_header(rq, "X-Amz-Target"),
				    arena_printf(&b.a, TARGET "%s", want[i].op));
		assert_string_equal(rq->body, want[i].body);
		assert_non_null(
			strstr(httpd_header(rq, "Authorization"), "/eu-west-2/ecs/aws4_request"));
	}
	assert_int_equal(collecting_asked(&b, "*"), ARRAY_SIZE(want));
	assert_true(httpd_get(b.h, NULL, NULL, 6)->at_ms - httpd_get(b.h, NULL, NULL, 0)->at_ms >=
		    6 * 45); /* one limiter for all of them */
}

static void what_was_over_is_not_described_again(void **state UNUSED)
{
	collecting_run(&b);
	collecting_serve(&b, usual);
	collecting_run(&b);
	assert_string_equal(collecting_rows(&b, ROWS), picture);
	const struct httpd_request *rq = httpd_get(b.h, NULL, NULL, 5);
	assert_string_equal(rq->body, "{\"serviceDeploymentArns\":[\"" DEPLOYMENT(
					      "two") "\",\"" DEPLOYMENT("three") "\"]}");
}

static void one_that_was_under_way_before_the_window_is_asked_for_again(void **state UNUSED)
{
	struct err e = {0};
	struct rec_deployment d = {.source = "aws-production",
				   .kind = "ecs",
				   .key = "prod/web/old",
				   .service = "web",
				   .state = DEPLOY_IN_PROGRESS,
				   .created_s = WEEK_FROM - 4 * 86400,
				   .started_s = TIME_NONE,
				   .finished_s = TIME_NONE};
	assert_ok(deploys_put(b.db, &d, WEEK_FROM, &e), e);
	collecting_run(&b);
	assert_non_null(strstr(httpd_get(b.h, NULL, NULL, 3)->body, "\"after\":1793836800"));
	assert_part(&b, "ecs", LEDGER_PARTIAL,
		    "deployment prod/web/old of web was not finished when last seen and is not "
		    "told of any more");
	struct served table[ARRAY_SIZE(usual) + 1] = {
		{"POST /",
		 "{\"serviceDeployments\":[" BRIEF(
			 "old", "STOPPED", "1793836800",
			 ",\"finishedAt\":1794200000") "," BRIEF("older", "SUCCESSFUL",
								 "1793836900",
								 ",\"finishedAt\":1793837000") "]}",
		 NULL, 0, "\"createdAt\""}};
	memcpy(table + 1, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "ecs", LEDGER_PARTIAL, "prod/web/three of web was not finished");
	assert_string_equal(collecting_rows(&b, "SELECT key, state, error_code FROM deployment "
						"WHERE key LIKE '%old%'"),
			    "prod/web/old|failed|STOPPED\n");
}

/* code, then how the part ends and whether the current deployment is taken instead */
static void without_a_history_the_current_deployments_count(void **state UNUSED)
{
	static const struct {
		int status;
		const char *code;
		enum ledger_status part;
		const char *reason, *rows;
	} cases[] = {
		{400, "UnsupportedFeatureException", LEDGER_COMPLETE, NULL,
		 "prod/web/77|succeeded\n"},
		{400, "UnknownOperationException", LEDGER_PARTIAL,
		 "this server has no ecs:ListServiceDeployments: only the current",
		 "prod/web/77|succeeded\n"},
		{501, "Nothing", LEDGER_PARTIAL, "this server has no", "prod/web/77|succeeded\n"},
		{400, "AccessDeniedException", LEDGER_FAILED,
		 "web: 400 on ecs:ListServiceDeployments: AccessDeniedException; allow "
		 "ecs:ListServiceDeployments",
		 ""},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct served table[ARRAY_SIZE(usual) + 1] = {
			{"POST /", arena_printf(&b.a, "{\"__type\":\"%s\"}", cases[i].code), NULL,
			 cases[i].status, "\"createdAt\""}};
		memcpy(table + 1, usual, sizeof usual);
		teardown(NULL);
		setup(NULL);
		table[0].body = arena_printf(&b.a, "{\"__type\":\"%s\"}", cases[i].code);
		collecting_serve(&b, table);
		collecting_run(&b);
		assert_part(&b, "ecs", cases[i].part, cases[i].reason);
		assert_string_equal(collecting_rows(&b, "SELECT key, state FROM deployment"),
				    cases[i].rows);
	}
}

static void what_is_optional_costs_only_itself(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 2] = {
		{"POST /", "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}", NULL, 400,
		 "serviceRevisionArns"},
		{"POST /", "{\"__type\":\"UnknownOperationException\"}", NULL, 400,
		 "serviceDeploymentArns"}};
	memcpy(table + 2, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "ecs", LEDGER_COMPLETE, NULL);
	assert_part(&b, "ecs_images", LEDGER_NOT_ENABLED, "allow ecs:DescribeServiceRevisions");
	assert_string_equal(collecting_ledger(&b, "ecs_images")->affects,
			    "deployments.lead_time_s");
	assert_part(&b, "ecs_details", LEDGER_NOT_ENABLED, "UnknownOperationException");
	assert_string_equal(collecting_rows(&b, "SELECT key, state FROM deployment ORDER BY 1"),
			    "prod/web/one|succeeded\nprod/web/three|in_progress\n"
			    "prod/web/two|rolled_back\n");
}

static void failures_with_status_200_are_told(void **state UNUSED)
{
	struct served table[ARRAY_SIZE(usual) + 1] = {
		{"POST /",
		 "{\"services\":[],\"failures\":[{\"arn\":\"" SERVICE(
			 "web") "\",\"reason\":\"MISSING\"}]}",
		 NULL, 0, "\"services\""}};
	memcpy(table + 1, usual, sizeof usual);
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "ecs", LEDGER_FAILED, "1 of 2 services were not told");
	assert_part(&b, "ecs", LEDGER_FAILED, "(and 1 more)");
	table[0].body = "{\"services\":[{\"serviceArn\":\"" SERVICE(
		"web") "\",\"deploymentController\":{\"type\":\"EXTERNAL\"}},{\"serviceArn\":7}]}";
	collecting_serve(&b, table);
	collecting_run(&b);
	assert_part(&b, "ecs", LEDGER_FAILED,
		    "a service could not be read: services[1].serviceArn");
}

static void services_are_described_in_tens_and_deployments_in_twenties(void **state UNUSED)
{
	struct sb arns, list;
	sb_init(&arns, &b.a, 100000);
	sb_init(&list, &b.a, 1000000);
	for (int i = 0; i < 25; i++)
		sb_addf(&arns, "%s\"" SERVICE("web-%d") "\"", i ? "," : "", i);
	for (int i = 0; i < 45; i++)
		sb_addf(&list,
			"%s{\"serviceDeploymentArn\":\"" DEPLOYMENT(
				"%d") "\",\"createdAt\":1794300000,\"status\":\"SUCCESSFUL\","
				      "\"finishedAt\":1794300100,\"targetServiceRevisionArn\":"
				      "\"r-%d\"}",
			i ? "," : "", i, i / 2);
	struct served table[] = {
		{"POST /", arena_printf(&b.a, "{\"serviceDeployments\":[%s]}", sb_str(&list)), NULL,
		 0, "\"createdAt\""},
		{"POST /",
		 "{\"services\":[{\"serviceArn\":\"" SERVICE("web") "\"}],\"failures\":[]}", NULL,
		 0, "web-0\""},
		{"POST /", "{\"services\":[],\"failures\":[]}", NULL, 0, "\"services\""},
		{"POST /", "{}", NULL, 0, "Arns"},
		{"POST /", arena_printf(&b.a, "{\"serviceArns\":[%s]}", sb_str(&arns)), NULL, 0,
		 "\"cluster\""},
		{"POST /", CLUSTERS, NULL, 0, NULL},
		{0}};
	collecting_serve(&b, table);
	collecting_run(&b);
	const struct httpd_request *rq;
	size_t services = 0, deployments = 0, revisions = 0;
	for (size_t i = 0; (rq = httpd_get(b.h, NULL, NULL, i)) != NULL; i++) {
		size_t n = 1;
		for (const char *p = rq->body; *p; p++)
			n += *p == ',';
		if (strstr(rq->body, "\"services\"")) {
			services++;
			assert_true(n <= 11);
		} else if (strstr(rq->body, "serviceDeploymentArns")) {
			deployments++;
			assert_true(n <= 20);
		} else if (strstr(rq->body, "serviceRevisionArns")) {
			revisions++;
			assert_true(n <= 20);
		}
	}
	assert_int_equal(services, 3);
	assert_int_equal(deployments, 3);
	assert_int_equal(revisions, 2); /* 23 of them, each once */
	assert_int_equal(collecting_i64(&b, "SELECT count(*) FROM deployment"), 45);
}

static void any_lost_answer_is_told_and_made_good_by_the_next_run(void **state UNUSED)
{
	static const struct httpd_answer faults[] = {
		{.status = 500, .body = "{\"__type\":\"ServerException\"}"},
		{.body = "<html>login</html>"},
		{.status = 400, .body = "{\"__type\":\"ClusterNotFoundException\"}"},
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
			assert_part(&b, "ecs", LEDGER_COMPLETE, NULL);
			assert_string_equal(collecting_rows(&b, ROWS), picture);
		}
	}
}

/* --- parsers --- */

static struct jv parse(const char *text, struct json **j)
{
	struct err e = {0};
	assert_ok(json_parse(text, strlen(text), j, &e), e);
	return json_root(*j);
}

static void every_status_has_its_state(void **state UNUSED)
{
	static const struct {
		const char *word;
		enum deploy_state state;
	} cases[] = {
		{"PENDING", DEPLOY_IN_PROGRESS},
		{"IN_PROGRESS", DEPLOY_IN_PROGRESS},
		{"STOP_REQUESTED", DEPLOY_IN_PROGRESS},
		{"ROLLBACK_REQUESTED", DEPLOY_IN_PROGRESS},
		{"ROLLBACK_IN_PROGRESS", DEPLOY_IN_PROGRESS},
		{"SUCCESSFUL", DEPLOY_SUCCEEDED},
		{"STOPPED", DEPLOY_FAILED},
		{"ROLLBACK_FAILED", DEPLOY_FAILED},
		{"ROLLBACK_SUCCESSFUL", DEPLOY_ROLLED_BACK},
	};
	struct aws_source cfg = {.name = "aws", .region = "eu-west-2"};
	struct err e = {0};
	for (size_t i = 0; i <= ARRAY_SIZE(cases); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		bool known = i < ARRAY_SIZE(cases);
		struct jv v = parse(arena_printf(&b.a,
						 "{\"serviceDeploymentArn\":\"x\",\"updatedAt\":5,"
						 "\"status\":\"%s\"}",
						 known ? cases[i].word : "NEW_WORD"),
				    &j);
		struct ecs_deployment d = {0};
		assert_ok(ecs_parse_deployment(&v, &cfg, &b.a, &d, &e), e);
		if (!known) {
			assert_string_equal(d.unknown_status, "NEW_WORD");
			assert_int_equal(d.d.state, DEPLOY_IN_PROGRESS);
			continue;
		}
		assert_null(d.unknown_status);
		assert_int_equal(d.d.state, cases[i].state);
		assert_true((d.d.finished_s == TIME_NONE) == (d.d.state == DEPLOY_IN_PROGRESS));
	}
}

static void current_deployments_are_read_by_their_rollout(void **state UNUSED)
{
	static const struct {
		const char *more;
		enum deploy_state state;
		int64_t finished_s;
	} cases[] = {
		{"\"rolloutState\":\"COMPLETED\",\"updatedAt\":1600", DEPLOY_SUCCEEDED, 1600},
		{"\"rolloutState\":\"COMPLETED\",\"updatedAt\":99600", DEPLOY_SUCCEEDED, TIME_NONE},
		{"\"rolloutState\":\"IN_PROGRESS\",\"updatedAt\":1600", DEPLOY_IN_PROGRESS,
		 TIME_NONE},
		{"\"rolloutState\":\"FAILED\",\"updatedAt\":1600", DEPLOY_FAILED, 1600},
		{"\"rolloutState\":\"FAILED\",\"updatedAt\":1600,\"rolloutStateReason\":\"ECS "
		 "deployment circuit breaker: rolling back to ecs-svc/1\"",
		 DEPLOY_ROLLED_BACK, 1600},
		{"\"desiredCount\":2,\"runningCount\":2", DEPLOY_SUCCEEDED, TIME_NONE},
		{"\"desiredCount\":2,\"runningCount\":1", DEPLOY_IN_PROGRESS, TIME_NONE},
		{"\"rolloutState\":null", DEPLOY_IN_PROGRESS, TIME_NONE},
	};
	struct aws_source cfg = {.name = "aws", .region = "eu-west-2"};
	struct ecs_service s = {.name = "web", .cluster = CLUSTER};
	struct err e = {0};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		struct jv v =
			parse(arena_printf(&b.a, "{\"id\":\"ecs-svc/5\",\"createdAt\":1000.5,%s}",
					   cases[i].more),
			      &j);
		struct ecs_deployment d = {0};
		assert_ok(ecs_parse_current(&v, &s, &cfg, &b.a, &d, &e), e);
		assert_int_equal(d.d.state, cases[i].state);
		assert_int_equal(d.d.finished_s, cases[i].finished_s);
		assert_string_equal(d.d.key, "prod/web/5");
	}
}

static void the_image_is_that_of_the_service_not_of_a_helper(void **state UNUSED)
{
	static const struct {
		const char *images, *image, *sha;
	} cases[] = {
		{"{\"image\":\"nginx:1\",\"imageDigest\":\"sha256:n\"},{\"image\":\"" ECR
		 "log-router:9f3c2e1\",\"imageDigest\":\"sha256:l\"},{\"image\":\"" ECR
		 "production-web:v7\",\"imageDigest\":\"sha256:w\"}",
		 "production-web@sha256:w", NULL},
		{"{\"image\":\"" ECR "sidecar:1\"},{\"image\":\"" ECR "app:sha-9f3c2e1\"}",
		 "app:sha-9f3c2e1", "9f3c2e1"},
		{"{\"image\":\"registry.example.org:5000/team/app\",\"imageDigest\":\"sha256:x\"}",
		 "registry.example.org:5000/team/app@sha256:x", NULL},
		{"{\"image\":\"" ECR "team/app:9f3c2e1@sha256:y\"}", "team/app@sha256:y",
		 "9f3c2e1"},
		{"{\"image\":\"nginx\"}", "nginx", NULL},
		{"{\"imageDigest\":\"sha256:z\"}", "production-main@sha256:z", NULL},
		{"{}", NULL, NULL},
		{"", NULL, NULL},
	};
	struct service main_ = {.name = "main", .aws = strv_of(&b.a, "*-main", "*-web")};
	vec_push(&b.a, &b.cfg.services, main_);
	struct err e = {0};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(json_freep) struct json *j = NULL;
		const char *image, *sha;
		struct jv v = parse(
			arena_printf(&b.a, "{\"containerImages\":[%s]}", cases[i].images), &j);
		assert_ok(ecs_parse_image(&v, "production-main", &b.cfg, &b.a, &image, &sha, &e),
			  e);
		if (cases[i].image)
			assert_string_equal(image, cases[i].image);
		else
			assert_null(image);
		if (cases[i].sha)
			assert_string_equal(sha, cases[i].sha);
		else
			assert_null(sha);
	}
}

static void an_alarm_is_named(void **state UNUSED)
{
	CLEANUP(json_freep) struct json *j = NULL;
	struct aws_source cfg = {.name = "aws", .region = "eu-west-2"};
	struct ecs_deployment d = {0};
	struct err e = {0};
	struct jv v =
		parse("{\"serviceDeploymentArn\":\"" DEPLOYMENT(
			      "x") "\",\"createdAt\":1,\"stoppedAt\":9,\"status\":\"STOPPED\","
				   "\"rollback\":{\"reason\":\"rolled\"},\"alarms\":{"
				   "\"status\":\"TRIGGERED\",\"triggeredAlarmNames\":["
				   "\"web-5xx\",\"slow\"]}}",
		      &j);
	assert_ok(ecs_parse_deployment(&v, &cfg, &b.a, &d, &e), e);
	assert_string_equal(d.d.error_code, "ALARM_ACTIVE");
	assert_string_equal(d.d.error, "rolled; alarm web-5xx, slow");
	assert_int_equal(d.d.finished_s, 9);
	assert_string_equal(d.d.service, "web"); /* of the ARN, where nothing else tells */
}

static void published_bodies_are_read(void **state UNUSED)
{
	NEED_FIXTURES();
	struct strv files = {0};
	struct err e = {0};
	struct aws_source cfg = {.name = "aws", .environment = "production", .region = "eu-west-2"};
	int deployments = 0, services = 0, current = 0, images = 0;
	const char *root = fixture_path(&b.a, "aws");
	assert_ok(file_glob(arena_printf(&b.a, "%s/*/*.json", root), &b.a, &files, &e), e);
	for (size_t i = 0; i < files.n; i++) {
		const char *name = files.v[i];
		if (!strstr(name, "ServiceDeployments.") && !strstr(name, "DescribeServices.") &&
		    !strstr(name, "DescribeServiceRevisions."))
			continue;
		CLEANUP(json_freep) struct json *j = NULL;
		size_t len;
		const char *text = test_read(&b.a, name, &len), *image, *sha;
		assert_ok(json_parse(text, len, &j, &e), e);
		struct jv top = json_root(j), list = json_get(&top, "serviceDeployments"),
			  all = json_get(&top, "services"),
			  revisions = json_get(&top, "serviceRevisions");
		for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
			struct ecs_deployment d = {0};
			assert_ok(ecs_parse_deployment(&it, &cfg, &b.a, &d, &e), e);
			assert_non_null(d.revision);
			deployments++;
			if (!strcmp(d.d.key, "prod/web/dep2"))
				assert_int_equal(d.d.state, DEPLOY_ROLLED_BACK);
			if (!strcmp(d.d.key, "prod/web/dep3") && strstr(name, "bluegreen"))
				assert_string_equal(d.d.detail, "blue/green; at bake time");
		}
		for (struct jv it = json_first(&all); it.n; it = json_next(&it)) {
			struct ecs_service s;
			assert_ok(ecs_parse_service(&it, &b.a, &s, &e), e);
			services++;
			struct jv now = json_get(&it, "deployments");
			for (struct jv d = json_first(&now); d.n; d = json_next(&d)) {
				struct ecs_deployment x = {0};
				assert_ok(ecs_parse_current(&d, &s, &cfg, &b.a, &x, &e), e);
				current++;
			}
		}
		for (struct jv it = json_first(&revisions); it.n; it = json_next(&it)) {
			assert_ok(ecs_parse_image(&it, "web", &b.cfg, &b.a, &image, &sha, &e), e);
			assert_string_equal(image, "nginx@sha256:"
						   "28402db69fec7c17e179ea87882667f1e054391138f77"
						   "ffaf0c3eb388efc3ffb");
			images++;
		}
	}
	assert_true(deployments >= 7 && services >= 8 && current >= 9 && images == 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(service_deployments_are_stored_with_their_images),
		T(requests_are_the_documented_ones),
		T(what_was_over_is_not_described_again),
		T(one_that_was_under_way_before_the_window_is_asked_for_again),
		T(without_a_history_the_current_deployments_count),
		T(what_is_optional_costs_only_itself),
		T(failures_with_status_200_are_told),
		T(services_are_described_in_tens_and_deployments_in_twenties),
		T(any_lost_answer_is_told_and_made_good_by_the_next_run),
		T(every_status_has_its_state),
		T(current_deployments_are_read_by_their_rollout),
		T(the_image_is_that_of_the_service_not_of_a_helper),
		T(an_alarm_is_named),
		T(published_bodies_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
