#include "support/test.h"

#include "digest/attribute.h"

#define T0  (INT64_C(1794182400))
#define SHA "9f3c2e1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct arena a;
static struct config cfg;
static struct deployments rows;
static struct images images;
static int64_t lost;

static void list(struct strv *v, const char *s)
{
	vec_push(&a, v, s);
}

static int setup(void **state UNUSED)
{
	list(&cfg.environments, "production");
	list(&cfg.environments, "staging");
	vec_push(&a, &cfg.aliases, ((struct environment_alias){"prod", "production"}));
	struct service main_ = {.name = "main", .repository = "digital-land.info"};
	list(&main_.aws, "*-main");
	list(&main_.sentry, "platform");
	struct service api = {.name = "api", .repository = "backend"},
		       worker = {.name = "worker", .repository = "backend"};
	list(&api.aws, "*-api");
	list(&worker.aws, "*-worker");
	vec_push(&a, &cfg.services, main_);
	vec_push(&a, &cfg.services, api);
	vec_push(&a, &cfg.services, worker);
	return 0;
}

static int release(void **state UNUSED)
{
	arena_release(&a);
	cfg = (struct config){0};
	rows = (struct deployments){0};
	images = (struct images){0};
	return 0;
}

static struct rec_deployment *add_row(const char *kind, const char *service, const char *sha,
				      int64_t end_s, enum deploy_state s)
{
	struct rec_deployment d = {
		.source = strcmp(kind, "github") ? "aws" : "github",
		.kind = kind,
		.key = arena_printf(&a, "d-%zu", rows.n + 1),
		.service = service,
		.repo = strcmp(kind, "github") ? NULL : arena_printf(&a, "example/%s", service),
		.environment = "production",
		.sha = sha,
		.state = s,
		.created_s = end_s - 300,
		.started_s = end_s - 300,
		.finished_s = s == DEPLOY_IN_PROGRESS || s == DEPLOY_WAITING ? TIME_NONE : end_s};
	vec_push(&a, &rows, d);
	return &rows.v[rows.n - 1];
}

static struct deploys fold(void)
{
	struct deploys out = {0};
	deploy_fold(&cfg, &rows, &images, &a, &out, &lost);
	return out;
}

static void tellings_of_one_commit_are_one_deployment(void **state UNUSED)
{
	add_row("github", "digital-land.info", SHA, T0, DEPLOY_SUCCEEDED)->environment = "prod";
	add_row("codedeploy", "production-main", "9f3c2e1", T0 + 1200, DEPLOY_FAILED);
	add_row("ecs", "production-main", SHA, T0 + 1100, DEPLOY_SUCCEEDED);
	struct deploys d = fold();
	assert_int_equal(d.n, 1);
	assert_int_equal(d.v[0].state, DEPLOY_FAILED); /* CodeDeploy's word counts */
	assert_string_equal(d.v[0].service, "main");
	assert_string_equal(d.v[0].key, "codedeploy:aws/d-2");
	assert_string_equal(d.v[0].environment, "production");
	assert_string_equal(d.v[0].repo, "example/digital-land.info");
	assert_int_equal(d.v[0].tellings, 3);
}

static void commits_tie_where_no_service_is_configured(void **state UNUSED)
{
	cfg.services.n = 0;
	add_row("github", "digital-land.info", SHA, T0, DEPLOY_SUCCEEDED);
	add_row("codedeploy", "production-web", SHA, T0 + 1200, DEPLOY_SUCCEEDED);
	add_row("github", "digital-land.info", "bbbbbbbbbb", T0 + 900, DEPLOY_SUCCEEDED);
	assert_int_equal(fold().n, 2);
}

static void other_environments_times_and_kinds_stay_apart(void **state UNUSED)
{
	add_row("codedeploy", "production-main", SHA, T0, DEPLOY_SUCCEEDED);
	add_row("codedeploy", "production-main", SHA, T0 + 900,
		DEPLOY_SUCCEEDED); /* the same twice */
	add_row("github", "digital-land.info", SHA, T0, DEPLOY_SUCCEEDED)->environment = "staging";
	add_row("github", "digital-land.info", SHA, T0 + 4 * 3600, DEPLOY_SUCCEEDED);
	assert_int_equal(fold().n, 4);
}

static void two_services_of_one_commit_are_two_deployments(void **state UNUSED)
{
	add_row("codedeploy", "production-api", SHA, T0, DEPLOY_SUCCEEDED);
	add_row("ecs", "production-worker", SHA, T0 + 60, DEPLOY_SUCCEEDED);
	add_row("github", "backend", SHA, T0 + 30, DEPLOY_SUCCEEDED);
	struct deploys d = fold();
	assert_int_equal(d.n, 2);
	assert_int_equal(d.v[0].tellings + d.v[1].tellings, 3);
}

static void the_image_tells_the_commit_and_is_no_deployment(void **state UNUSED)
{
	vec_push(&a, &images,
		 ((struct rec_image){.source = "aws",
				     .repository = "main",
				     .digest = "sha256:feed",
				     .tags = "latest 9f3c2e1",
				     .sha = SHA,
				     .pushed_s = T0 - 900}));
	add_row("codedeploy", "production-main", NULL, T0, DEPLOY_SUCCEEDED)->image =
		"123.dkr.ecr.eu-west-2.amazonaws.com/main@sha256:feed";
	add_row("ecs", "production-api", NULL, T0, DEPLOY_SUCCEEDED)->image = "repo/main:9f3c2e1";
	struct deploys d = fold();
	assert_int_equal(d.n, 2);
	assert_string_equal(d.v[0].sha, SHA);
	assert_string_equal(d.v[1].sha, SHA);
}

/* A rolling update, its image's push and GitHub's word of it; the build took 40 minutes. */
static void a_rolling_update_its_push_and_the_publication_are_one(void **state UNUSED)
{
	vec_push(&a, &images,
		 ((struct rec_image){.source = "aws",
				     .repository = "digital-land-info",
				     .digest = "sha256:feed",
				     .tags = "latest 9f3c2e1",
				     .sha = "9f3c2e1",
				     .pushed_s = T0 - 900}));
	add_row("github", "digital-land.info", SHA, T0 - 2400, DEPLOY_SUCCEEDED);
	add_row("ecs", "prod-web", NULL, T0, DEPLOY_FAILED)->image =
		"digital-land-info@sha256:feed";
	/* a second update with the image of yesterday is another deployment */
	add_row("ecs", "prod-web", NULL, T0 + 600, DEPLOY_SUCCEEDED)->image =
		"digital-land-info@sha256:beef";
	struct deploys d = fold();
	assert_int_equal(d.n, 2);
	assert_string_equal(d.v[0].key, "ecs:aws/d-2");
	assert_int_equal(d.v[0].tellings, 2);
	assert_int_equal(d.v[0].state, DEPLOY_FAILED); /* ECS's word counts */
	assert_string_equal(d.v[0].sha, "9f3c2e1");
	assert_string_equal(d.v[0].repo, "example/digital-land.info");
	assert_int_equal(d.v[1].tellings, 1);
}

static void a_rollback_of_ecs_counts_once_and_ends_the_failure(void **state UNUSED)
{
	struct rec_deployment *bad = add_row("ecs", "prod-web", SHA, T0, DEPLOY_ROLLED_BACK);
	const char *key = bad->key;
	struct rec_deployment *undo = add_row("ecs", "prod-web", NULL, T0 + 300, DEPLOY_SUCCEEDED);
	undo->rollback_of = key, undo->creator_kind = "rollback";
	struct deploys d = fold();
	assert_int_equal(d.n, 1);
	assert_int_equal(d.v[0].state, DEPLOY_ROLLED_BACK);
	assert_int_equal(d.v[0].rolled_back_s, T0 + 300);
}

/* Sentry's own record: a telling like the others, and the last to be believed. */
static void a_sentry_deploy_is_part_of_what_others_tell(void **state UNUSED)
{
	add_row("codedeploy", "production-main", SHA, T0, DEPLOY_FAILED);
	add_row("sentry", "platform", "9f3c2e1", T0 + 240, DEPLOY_SUCCEEDED)->source = "sentry";
	/* the version names no commit: the service does */
	add_row("ecs", "staging-main", "bbbbbbbbbb", T0 + 7200, DEPLOY_SUCCEEDED)->environment =
		"staging";
	struct rec_deployment *r = add_row("sentry", "platform", NULL, T0 + 7300, DEPLOY_SUCCEEDED);
	r->source = "sentry";
	r->environment = "staging";
	/* nobody else tells of it */
	add_row("sentry", "elsewhere", "cccccccccc", T0, DEPLOY_SUCCEEDED)->source = "sentry";
	struct deploys d = fold();
	assert_int_equal(d.n, 3);
	for (size_t i = 0; i < d.n; i++) {
		if (!strcmp(d.v[i].d->kind, "codedeploy")) {
			assert_int_equal(d.v[i].state, DEPLOY_FAILED);
			assert_int_equal(d.v[i].tellings, 2);
		} else if (!strcmp(d.v[i].d->kind, "ecs")) {
			assert_int_equal(d.v[i].tellings, 2);
		} else {
			assert_string_equal(d.v[i].key, "sentry-deployment:sentry/d-5");
			assert_string_equal(d.v[i].service, "elsewhere");
			assert_int_equal(d.v[i].state, DEPLOY_SUCCEEDED);
		}
	}
}

static void a_version_without_a_commit_is_tied_by_its_name(void **state UNUSED)
{
	cfg.services.n = 0;
	add_row("codedeploy", "production-web", SHA, T0, DEPLOY_SUCCEEDED);
	add_row("sentry", "web", NULL, T0 + 60, DEPLOY_SUCCEEDED);
	assert_int_equal(fold().n, 1);
	add_row("sentry", "eb", NULL, T0 + 60, DEPLOY_SUCCEEDED);
	assert_int_equal(fold().n, 2); /* not by a part of a word */
	add_row("ecs", "web", NULL, T0 + 60, DEPLOY_SUCCEEDED);
	assert_int_equal(fold().n, 3); /* and nobody but Sentry by a part of a name */
}

static void sentry_projects_keep_services_of_one_commit_apart(void **state UNUSED)
{
	list(&cfg.services.v[1].sentry, "api-errors");
	list(&cfg.services.v[2].sentry, "worker-errors");
	add_row("codedeploy", "production-api", SHA, T0, DEPLOY_SUCCEEDED);
	add_row("sentry", "api-errors", SHA, T0 + 60, DEPLOY_SUCCEEDED);
	add_row("sentry", "worker-errors", SHA, T0 + 60, DEPLOY_SUCCEEDED);
	struct deploys d = fold();
	assert_int_equal(d.n, 2); /* nobody but Sentry tells of the worker's */
	assert_string_equal(d.v[0].service, "api");
	assert_int_equal(d.v[0].tellings, 2);
	assert_string_equal(d.v[1].service, "worker");
}

static void a_rollback_is_part_of_what_it_undoes(void **state UNUSED)
{
	struct rec_deployment *bad =
		add_row("codedeploy", "production-main", SHA, T0, DEPLOY_FAILED);
	const char *key = bad->key;
	struct rec_deployment *undo =
		add_row("codedeploy", "production-main", "bbbbbbbb", T0 + 1800, DEPLOY_SUCCEEDED);
	undo->rollback_of = key, undo->creator_kind = "rollback";
	struct deploys d = fold();
	assert_int_equal(d.n, 1);
	assert_int_equal(d.v[0].state, DEPLOY_ROLLED_BACK);
	assert_true(d.v[0].at_s == T0 && d.v[0].rolled_back_s == T0 + 1800 && lost == 0);
	undo = &rows.v[1];
	undo->rollback_of = NULL; /* found by service and time */
	d = fold();
	assert_int_equal(d.v[0].state, DEPLOY_ROLLED_BACK);
	undo->state = DEPLOY_IN_PROGRESS; /* has undone nothing yet */
	assert_int_equal(fold().v[0].state, DEPLOY_FAILED);
	undo->rollback_of = "d-unknown";
	fold();
	assert_int_equal(lost, 1);
}

static void an_unknown_environment_is_other(void **state UNUSED)
{
	add_row("github", "docs", SHA, T0, DEPLOY_SUCCEEDED)->environment = "github-pages";
	struct deploys d = fold();
	assert_null(d.v[0].environment);
	assert_string_equal(d.v[0].service, "docs");
}

static struct rec_issue issue(const char *release)
{
	return (struct rec_issue){.project = "platform", .environment = "prod", .release = release};
}

static void strengths_of_a_link(void **state UNUSED)
{
	struct rec_issue i = issue(NULL);
	add_row("codedeploy", "production-main", SHA, T0, DEPLOY_SUCCEEDED);
	add_row("codedeploy", "production-api", SHA, T0 + 60,
		DEPLOY_SUCCEEDED); /* not its service */
	add_row("codedeploy", "staging-main", SHA, T0 + 60, DEPLOY_SUCCEEDED)->environment =
		"staging";
	struct deploys d = fold();
	struct attribution x = attribute(&cfg, &i, T0 + 540, &d);
	assert_true(x.strength == STRENGTH_STRONG && x.minutes == 9 && x.deploy->d == &rows.v[0]);
	assert_int_equal(attribute(&cfg, &i, T0 + 3600, &d).strength, STRENGTH_STRONG);
	assert_int_equal(attribute(&cfg, &i, T0 + 3601, &d).strength, STRENGTH_WEAK);
	assert_int_equal(attribute(&cfg, &i, T0 + 86399, &d).strength, STRENGTH_WEAK);
	assert_int_equal(attribute(&cfg, &i, T0 + 86400, &d).strength, STRENGTH_NONE);
	assert_int_equal(attribute(&cfg, &i, T0 - 301, &d).strength,
			 STRENGTH_NONE); /* before it began */
	assert_int_equal(attribute(&cfg, &i, TIME_NONE, &d).strength, STRENGTH_NONE);
	x = attribute(&cfg, &i, T0 - 120, &d); /* traffic had moved before it ended */
	assert_true(x.strength == STRENGTH_STRONG && x.minutes == 3);
	add_row("codedeploy", "production-main", "bbbbbbbbbb", T0 + 1200, DEPLOY_SUCCEEDED);
	d = fold();
	x = attribute(&cfg, &i, T0 + 1500, &d);
	assert_true(x.strength == STRENGTH_SHARED && x.deploy->sha[0] == 'b');
	assert_int_equal(attribute(&cfg, &i, T0 + 3700, &d).strength,
			 STRENGTH_STRONG); /* one within the hour */
}

static void a_release_that_is_named_is_certain(void **state UNUSED)
{
	add_row("codedeploy", "production-main", SHA, T0, DEPLOY_SUCCEEDED);
	add_row("codedeploy", "production-main", "bbbbbbbbbb", T0 + 1200, DEPLOY_SUCCEEDED);
	struct deploys d = fold();
	static const char *const releases[] = {"9f3c2e1", SHA, "main@9f3c2e1", "main-9f3c2e1aaaa"};
	for (size_t k = 0; k < ARRAY_SIZE(releases); k++) {
		struct rec_issue i = issue(releases[k]);
		struct attribution x = attribute(&cfg, &i, T0 + 7200, &d);
		assert_true(x.strength == STRENGTH_CERTAIN && x.minutes == 120 &&
			    x.deploy->d == &rows.v[0]);
	}
	struct rec_issue other = issue("1.2.3");
	assert_int_equal(attribute(&cfg, &other, T0 + 7200, &d).strength, STRENGTH_WEAK);
}

static void a_link_does_not_depend_on_where_the_rows_begin(void **state UNUSED)
{
	for (int k = 20; k > 0; k--)
		add_row("codedeploy", "production-main", arena_printf(&a, "%08d", k), T0 - k * 7000,
			DEPLOY_SUCCEEDED);
	struct rec_issue i = issue(NULL);
	struct deploys far = fold();
	struct attribution x = attribute(&cfg, &i, T0, &far);
	size_t n = 0; /* only the last 24 hours */
	for (size_t k = 0; k < rows.n; k++)
		if (rows.v[k].finished_s > T0 - 86400)
			rows.v[n++] = rows.v[k];
	rows.n = n;
	struct deploys near = fold();
	struct attribution y = attribute(&cfg, &i, T0, &near);
	assert_true(x.strength == y.strength && x.minutes == y.minutes);
	assert_string_equal(x.deploy->sha, y.deploy->sha);
}

#define t(f) cmocka_unit_test_setup_teardown(f, setup, release)
int main(void)
{
	const struct CMUnitTest tests[] = {
		t(tellings_of_one_commit_are_one_deployment),
		t(commits_tie_where_no_service_is_configured),
		t(other_environments_times_and_kinds_stay_apart),
		t(two_services_of_one_commit_are_two_deployments),
		t(the_image_tells_the_commit_and_is_no_deployment),
		t(a_rolling_update_its_push_and_the_publication_are_one),
		t(a_rollback_of_ecs_counts_once_and_ends_the_failure),
		t(a_sentry_deploy_is_part_of_what_others_tell),
		t(a_version_without_a_commit_is_tied_by_its_name),
		t(sentry_projects_keep_services_of_one_commit_apart),
		t(a_rollback_is_part_of_what_it_undoes),
		t(an_unknown_environment_is_other),
		t(strengths_of_a_link),
		t(a_release_that_is_named_is_certain),
		t(a_link_does_not_depend_on_where_the_rows_begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
