#include "services/aws.h"

#include "base/clock.h"
#include "base/parse.h"
#include "base/text.h"
#include "lib/crypto.h"

/* CodeDeploy and ECR of three accounts in eu-west-2, one a port, all with the same key. Every
 * request's signature (version 4) is computed again from the bytes received and must match, name
 * the right service and region, and be of the last five minutes of real time. */

enum { TOKEN_PAGE = 40, DEPLOY_PAGE = 25, SKEW_S = 300 };

#define KEY "EXAMPLEKEY"
static const char *const accounts[] = {"100000000001", "100000000002", "100000000003"};

void aws_fail(struct request *q, struct answer *r, int status, const char *code,
	      const char *message)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_str(o, "__type", code);
	jw_str(o, "message", message);
	r->status = status;
	answer_json(q, r, o);
}

/* --- signature --- */
static const char *part(struct request *q, const char *header, const char *name)
{ /* "Credential=…, SignedHeaders=…, Signature=…" */
	const char *p = strstr(header, name);
	if (!p)
		return NULL;
	p += strlen(name);
	return arena_strndup(q->a, p, strcspn(p, ", "));
}

static const char *hex(struct arena *a, const uint8_t *p, size_t n)
{
	struct sb b;
	sb_init(&b, a, 256);
	for (size_t i = 0; i < n; i++)
		sb_addf(&b, "%02x", p[i]);
	return sb_str(&b);
}

static const char *trimmed(struct request *q, const char *s)
{
	struct sb b;
	sb_init(&b, q->a, 65536);
	for (s += strspn(s, " \t"); *s; s++)
		if (*s != ' ' || (s[1] && s[1] != ' '))
			sb_addc(&b, *s);
	return sb_str(&b);
}

static const char *signature(struct request *q, const char *names, const char *scope,
			     const char *date, const char *secret)
{
	struct sb b;
	char hash[SHA256_HEX];
	sb_init(&b, q->a, 65536);
	const char *query = request_query(q, NULL, NULL);
	sb_addf(&b, "%s\n%s\n%s\n", q->method, q->path, *query ? query + 1 : "");
	for (const char *p = names; *p;) {
		size_t n = strcspn(p, ";");
		const char *name = arena_strndup(q->a, p, n), *value = request_header(q, name);
		sb_addf(&b, "%s:%s\n", name, value ? trimmed(q, value) : "");
		p += n + (p[n] == ';');
	}
	const char *declared = request_header(q, "X-Amz-Content-Sha256");
	sha256_hex(q->body, q->body_len, hash);
	sb_addf(&b, "\n%s\n%s", names, declared ? declared : hash);
	const char *canonical = sb_str(&b);
	sha256_hex(canonical, strlen(canonical), hash);
	const char *to_sign = arena_printf(q->a, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hash);
	const char *key = arena_printf(q->a, "AWS4%s", secret);
	uint8_t k[32], next[32];
	size_t len = strlen(key);
	const void *with = key;
	for (const char *p = scope; *p;) {
		size_t n = strcspn(p, "/");
		hmac_sha256(with, len, p, n, next);
		memcpy(k, next, sizeof k);
		with = k;
		len = sizeof k;
		p += n + (p[n] == '/');
	}
	hmac_sha256(k, sizeof k, to_sign, strlen(to_sign), next);
	return hex(q->a, next, sizeof next);
}

/* False: answered already. */
bool aws_verify(struct request *q, struct answer *r, const char *service, const char **region)
{
	const char *h = request_header(q, "Authorization"), *date = request_header(q, "X-Amz-Date");
	if (!h || !date || !text_starts(h, "AWS4-HMAC-SHA256 ")) {
		aws_fail(q, r, 403, "MissingAuthenticationTokenException",
			 "Missing Authentication Token");
		return false;
	}
	const char *credential = part(q, h, "Credential="), *names = part(q, h, "SignedHeaders="),
		   *given = part(q, h, "Signature=");
	const char *scope = credential ? strchr(credential, '/') : NULL;
	if (!scope || !names || !given) {
		aws_fail(q, r, 403, "IncompleteSignatureException",
			 "Authorization header is incomplete");
		return false;
	}
	const char *id = arena_strndup(q->a, credential, (size_t)(scope - credential)),
		   *token = request_header(q, "X-Amz-Security-Token");
	bool session = text_eq(id, AWS_SESSION_KEY);
	if (session ? !text_eq(token, AWS_SESSION) || !strstr(names, "x-amz-security-token")
		    : !text_eq(id, KEY) || token) {
		aws_fail(q, r, 403, "UnrecognizedClientException",
			 "The security token included in the request is invalid.");
		return false;
	}
	scope++;
	const char *expected = arena_printf(q->a, "%.8s/eu-west-2/%s/aws4_request", date, service),
		   *other = arena_printf(q->a, "%.8s/us-east-1/%s/aws4_request", date, service);
	*region = "eu-west-2";
	if (text_eq(service, "monitoring") && text_eq(scope, other)) {
		*region = "us-east-1"; /* where CloudFront's metrics are */
	} else if (!text_eq(scope, expected)) {
		aws_fail(q, r, 403, "InvalidSignatureException",
			 arena_printf(q->a, "Credential should be scoped to %s", expected));
		return false;
	}
	int64_t t_s;
	const char *when = strlen(date) < 15 ? ""
					     : arena_printf(q->a, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ",
							    date, date + 4, date + 6, date + 9,
							    date + 11, date + 13);
	if (!parse_time(when, &t_s) || t_s < clock_real() - SKEW_S || t_s > clock_real() + SKEW_S) {
		aws_fail(q, r, 403, "InvalidSignatureException",
			 arena_printf(q->a, "Signature expired: %s is not near the server's time",
				      date));
		return false;
	}
	bool all = strstr(names, "host") && strstr(names, "x-amz-date") &&
		   (strstr(names, "x-amz-target") || !request_header(q, "X-Amz-Target"));
	if (!all || !text_eq(given, signature(q, names, scope, date,
					      session ? AWS_SESSION_SECRET : q->c->aws_secret))) {
		aws_fail(q, r, 403, "InvalidSignatureException",
			 "The request signature we calculated does not match the signature you "
			 "provided. Check your AWS Secret Access Key and signing method.");
		return false;
	}
	return true;
}

/* --- pages --- */
size_t aws_token_start(struct call *c, const char *key)
{
	struct jv v = json_get(&c->in, key);
	const char *s = json_text(&v, c->a);
	int64_t n;
	return s && text_starts(s, "page-") && parse_i64(s + 5, &n) && n > 0 ? (size_t)n : 0;
}

void aws_token_next(struct call *c, struct jw *o, const char *key, size_t to, size_t n)
{
	if (text_eq(c->q->fault, "repeat-cursor"))
		jw_str(o, key,
		       arena_printf(c->a, "page-%zu", MAX(aws_token_start(c, key), (size_t)1)));
	else if (to < n)
		jw_str(o, key, arena_printf(c->a, "page-%zu", to));
}

static size_t per_page(struct call *c, size_t cap)
{
	int64_t n;
	struct err e = {0};
	return json_i64_opt(&c->in, "maxResults", &n, &e) && n > 0 ? MIN((size_t)n, cap) : cap;
}

/* --- CodeDeploy --- */
struct row { /* one of CodeDeploy's deployments: a deployment or the rollback of one */
	const struct dep *d;
	bool rollback;
};
struct rows {
	struct row *v;
	size_t n, cap;
};

static const char *row_id(const struct row *w)
{
	return w->rollback ? w->d->rollback_id : w->d->id;
}

static int64_t row_created(const struct row *w)
{
	return w->rollback ? w->d->finished_s + 1 : w->d->created_s;
}

static const char *row_status(const struct row *w)
{
	static const char *const names[] = {"Succeeded", "Failed",     "Stopped",
					    "Failed",	 "InProgress", "Ready"};
	return w->rollback ? "Succeeded" : names[w->d->state];
}

static const char *application(struct call *c, const struct dep *d)
{
	return arena_printf(c->a, "%s-%s", estate_env(d->env),
			    c->q->c->estate->repos.v[d->repo].name);
}

static void all_rows(struct call *c, struct rows *out)
{
	const struct estate *s = c->q->c->estate;
	for (size_t i = s->deps.n; i-- > 0;) {
		const struct dep *d = &s->deps.v[i];
		if (!d->codedeploy || d->env != c->env)
			continue;
		struct row w = {d, false}, back = {d, true};
		if (d->rollback_id)
			vec_push(c->a, out, back);
		vec_push(c->a, out, w);
	}
}

static void list_deployments(struct call *c)
{
	struct jv range = json_get(&c->in, "createTimeRange"),
		  only = json_get(&c->in, "includeOnlyStatuses"),
		  app = json_get(&c->in, "applicationName"),
		  group = json_get(&c->in, "deploymentGroupName");
	int64_t from = INT64_MIN, to = INT64_MAX;
	struct err e = {0};
	struct rows all = {0}, list = {0};
	const char *name = json_text(&app, c->a);
	if ((name == NULL) != json_is_null(&group)) {
		aws_fail(c->q, c->r, 400, "DeploymentGroupNameRequiredException",
			 "Application and deployment group are given both or neither");
		return;
	}
	if (!json_epoch_opt(&range, "start", &from, &e) ||
	    !json_epoch_opt(&range, "end", &to, &e)) {
		aws_fail(c->q, c->r, 400, "InvalidTimeRangeException", e.msg);
		return;
	}
	all_rows(c, &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct row *w = &all.v[i];
		int64_t t = row_created(w);
		bool wanted = json_is_null(&only) || json_count(&only) == 0;
		for (struct jv it = json_first(&only); it.n; it = json_next(&it))
			wanted |= text_eq(json_text(&it, c->a), row_status(w));
		if (wanted && (from == TIME_NONE || t >= from) && (to == TIME_NONE || t <= to) &&
		    (!name || text_eq(name, application(c, w->d))))
			vec_push(c->a, &list, *w);
	}
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *ids = jw_add_arr(o, "deployments");
	size_t start = MIN(aws_token_start(c, "nextToken"), list.n),
	       end = MIN(start + TOKEN_PAGE, list.n);
	for (size_t i = start; i < end; i++)
		jw_str(ids, NULL, row_id(&list.v[i]));
	aws_token_next(c, o, "nextToken", end, list.n);
	answer_json(c->q, c->r, o);
}

static void deployment_json(struct call *c, struct jw *o, const struct row *w)
{
	const struct dep *d = w->d;
	const char *service = c->q->c->estate->repos.v[d->repo].name, *app = application(c, d);
	int64_t end = w->rollback ? d->rollback_finished_s : d->finished_s;
	bool failed = !w->rollback && (d->state == DEP_FAILED || d->state == DEP_ROLLED_BACK);
	jw_str(o, "applicationName", app);
	jw_str(o, "deploymentGroupName", arena_printf(c->a, "%s-deployment", app));
	jw_str(o, "deploymentConfigName", "CodeDeployDefault.ECSCanary10Percent5Minutes");
	jw_str(o, "deploymentId", row_id(w));
	struct jw *revision = jw_add_obj(o, "revision");
	if (text_eq(service, "tiles") ||
	    w->rollback) { /* only the image push before it tells the commit */
		jw_str(revision, "revisionType", "AppSpecContent");
		jw_str(jw_add_obj(revision, "appSpecContent"), "sha256",
		       "0b0d1ae5b1c4f8c6b0f3f5d8f5a5d2d8a1a7d7f3d4a7b4f6d1b2c3d4e5f60718");
	} else {
		jw_str(revision, "revisionType", "S3");
		struct jw *s3 = jw_add_obj(revision, "s3Location");
		jw_str(s3, "bucket", "example-appspecs");
		jw_str(s3, "key", arena_printf(c->a, "%s/%s.yaml", service, d->sha));
		jw_str(s3, "bundleType", "YAML");
	}
	jw_str(o, "status", row_status(w));
	if (failed || d->state == DEP_STOPPED) {
		struct jw *e = jw_add_obj(o, "errorInformation");
		jw_str(e, "code", d->error_code);
		jw_str(e, "message", d->error);
	}
	jw_f64(o, "createTime", (double)row_created(w) + 0.123);
	jw_f64(o, "startTime", (double)row_created(w) + 1.5);
	if (end)
		jw_f64(o, "completeTime", (double)end + 0.75);
	struct jw *overview = jw_add_obj(o, "deploymentOverview");
	jw_i64(overview, "Pending", 0);
	jw_i64(overview, "InProgress", end ? 0 : 1);
	jw_i64(overview, "Succeeded", end && !failed ? 1 : 0);
	jw_i64(overview, "Failed", failed ? 1 : 0);
	jw_i64(overview, "Skipped", 0);
	jw_i64(overview, "Ready", 0);
	jw_str(o, "creator", w->rollback ? "codeDeployRollback" : "user");
	if (d->rollback_id) {
		struct jw *b = jw_add_obj(o, "rollbackInfo");
		jw_str(b, w->rollback ? "rollbackTriggeringDeploymentId" : "rollbackDeploymentId",
		       w->rollback ? d->id : d->rollback_id);
		jw_str(b, "rollbackMessage",
		       arena_printf(c->a, "Deployment %s was rolled back", d->id));
	}
	struct jw *style = jw_add_obj(o, "deploymentStyle");
	jw_str(style, "deploymentType", "BLUE_GREEN");
	jw_str(style, "deploymentOption", "WITH_TRAFFIC_CONTROL");
	jw_str(o, "computePlatform", "ECS");
	jw_str(o, "externalId", NULL);
}

static void batch_get_deployments(struct call *c)
{
	struct jv ids = json_get(&c->in, "deploymentIds");
	struct rows all = {0};
	if (json_count(&ids) == 0 || json_count(&ids) > DEPLOY_PAGE) {
		aws_fail(c->q, c->r, 400, "BatchLimitExceededException",
			 "1 to 25 deployment ids are allowed");
		return;
	}
	all_rows(c, &all);
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "deploymentsInfo");
	for (struct jv it = json_first(&ids); it.n; it = json_next(&it))
		for (size_t i = 0; i < all.n; i++)
			if (text_eq(json_text(&it, c->a), row_id(&all.v[i])))
				deployment_json(c, jw_add_obj(list, NULL), &all.v[i]);
	answer_json(c->q, c->r, o);
}

static void list_applications(struct call *c)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "applications");
	for (size_t i = 0; i < c->q->c->estate->repos.n; i++)
		if (c->q->c->estate->repos.v[i].service)
			jw_str(list, NULL,
			       arena_printf(c->a, "%s-%s", estate_env(c->env),
					    c->q->c->estate->repos.v[i].name));
	answer_json(c->q, c->r, o);
}

/* --- ECR --- */
static void describe_repositories(struct call *c)
{
	const struct estate *s = c->q->c->estate;
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *list = jw_add_arr(o, "repositories");
	for (size_t i = 0; i < s->repos.n; i++) {
		if (!s->repos.v[i].service)
			continue;
		const char *name = arena_printf(c->a, "%s-%s", estate_env(c->env),
						s->repos.v[i].name),
			   *account = accounts[c->env];
		struct jw *w = jw_add_obj(list, NULL);
		jw_str(w, "repositoryArn",
		       arena_printf(c->a, "arn:aws:ecr:eu-west-2:%s:repository/%s", account, name));
		jw_str(w, "registryId", account);
		jw_str(w, "repositoryName", name);
		jw_str(w, "repositoryUri",
		       arena_printf(c->a, "%s.dkr.ecr.eu-west-2.amazonaws.com/%s", account, name));
		jw_f64(w, "createdAt", 1.65610920010125e9);
		jw_str(w, "imageTagMutability", "MUTABLE");
		jw_bool(jw_add_obj(w, "imageScanningConfiguration"), "scanOnPush", true);
	}
	answer_json(c->q, c->r, o);
}

static void describe_images(struct call *c)
{
	const struct estate *s = c->q->c->estate;
	struct jv name_v = json_get(&c->in, "repositoryName");
	const char *name = json_text(&name_v, c->a);
	VEC(const struct image *) list = {0};
	bool known = false;
	for (size_t i = 0; i < s->repos.n; i++)
		known |= s->repos.v[i].service &&
			 text_eq(name, arena_printf(c->a, "%s-%s", estate_env(c->env),
						    s->repos.v[i].name));
	if (!known) {
		aws_fail(c->q, c->r, 400, "RepositoryNotFoundException",
			 "The repository does not exist in the registry");
		return;
	}
	for (size_t i = 0; i < s->images.n; i++) {
		const struct image *m = &s->images.v[i];
		if (m->env == c->env &&
		    text_eq(name, arena_printf(c->a, "%s-%s", estate_env(m->env),
					       s->repos.v[m->repo].name)))
			vec_push(c->a, &list, m);
	}
	size_t per = per_page(c, TOKEN_PAGE), start = MIN(aws_token_start(c, "nextToken"), list.n),
	       end = MIN(start + per, list.n);
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	struct jw *rows = jw_add_arr(o, "imageDetails");
	for (size_t i = start; i < end; i++) {
		const struct image *m = list.v[i * 7 % list.n]; /* no order is promised */
		if (list.n % 7 == 0)
			m = list.v[list.n - 1 - i];
		struct jw *w = jw_add_obj(rows, NULL);
		jw_str(w, "registryId", accounts[c->env]);
		jw_str(w, "repositoryName", name);
		jw_str(w, "imageDigest", m->digest);
		if (m->sha) { /* absent when untagged */
			struct jw *tags = jw_add_arr(w, "imageTags");
			jw_str(tags, NULL, arena_strndup(c->a, m->sha, 7));
			if (m->latest)
				jw_str(tags, NULL, "latest");
		}
		jw_i64(w, "imageSizeInBytes", m->bytes);
		jw_i64(w, "imagePushedAt", m->pushed_s);
		jw_str(w, "imageManifestMediaType",
		       "application/vnd.docker.distribution.manifest.v2+json");
	}
	aws_token_next(c, o, "nextToken", end, list.n);
	answer_json(c->q, c->r, o);
}

struct operation {
	const char *target, *service;
	void (*f)(struct call *c);
};

static void answer_call(struct request *q, struct answer *r, int env, const struct operation *o,
			bool right, const char *wrong)
{
	struct call c = {.q = q, .r = r, .env = env, .a = q->a};
	CLEANUP(json_freep) struct json *body = NULL;
	struct err e = {0};
	if (!text_eq(q->method, "POST") || !right) {
		aws_fail(q, r, 400, "UnknownOperationException", wrong);
		return;
	}
	if (!aws_verify(q, r, o->service, &c.region))
		return;
	if (!json_parse(q->body, q->body_len, &body, &e)) {
		aws_fail(q, r, 400, "SerializationException", e.msg);
		return;
	}
	c.in = json_root(body);
	o->f(&c);
}

static void serve(struct request *q, struct answer *r, int env)
{
	static const struct operation calls[] = {
		{"CodeDeploy_20141006.ListApplications", "codedeploy", list_applications},
		{"CodeDeploy_20141006.ListDeployments", "codedeploy", list_deployments},
		{"CodeDeploy_20141006.BatchGetDeployments", "codedeploy", batch_get_deployments},
		{"CodeDeploy_20141006.ListDeploymentTargets", "codedeploy",
		 codedeploy_list_targets},
		{"CodeDeploy_20141006.BatchGetDeploymentTargets", "codedeploy",
		 codedeploy_get_targets},
		{"AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", "ecr",
		 describe_repositories},
		{"AmazonEC2ContainerRegistry_V20150921.DescribeImages", "ecr", describe_images},
		{"AmazonEC2ContainerRegistry_V20150921.DescribeImageScanFindings", "ecr",
		 ecr_describe_scan_findings},
		{"AmazonEC2ContainerServiceV20141113.ListClusters", "ecs", ecs_list_clusters},
		{"AmazonEC2ContainerServiceV20141113.ListServices", "ecs", ecs_list_services},
		{"AmazonEC2ContainerServiceV20141113.DescribeServices", "ecs",
		 ecs_describe_services},
		{"AmazonEC2ContainerServiceV20141113.ListServiceDeployments", "ecs",
		 ecs_list_deployments},
		{"AmazonEC2ContainerServiceV20141113.DescribeServiceDeployments", "ecs",
		 ecs_describe_deployments},
		{"AmazonEC2ContainerServiceV20141113.DescribeServiceRevisions", "ecs",
		 ecs_describe_revisions},
		{"GraniteServiceVersion20100801.ListDashboards", "monitoring",
		 cloudwatch_list_dashboards},
		{"GraniteServiceVersion20100801.GetDashboard", "monitoring",
		 cloudwatch_get_dashboard},
		{"GraniteServiceVersion20100801.GetMetricData", "monitoring",
		 cloudwatch_get_metric_data},
		{"GraniteServiceVersion20100801.DescribeAlarms", "monitoring",
		 cloudwatch_describe_alarms},
		{"GraniteServiceVersion20100801.DescribeAlarmHistory", "monitoring",
		 cloudwatch_alarm_history},
	};
	static const struct operation synthetics = {NULL, "synthetics", synthetics_serve};
	const char *target = request_header(q, "X-Amz-Target"),
		   *type = request_header(q, "Content-Type");
	answer_header(r, "x-amzn-RequestId", "9f1c2a44-0000-4000-8000-example00001");
	if (aws_keys_serve(q, r))
		return;
	if (!target && synthetics_path(q->path)) {
		r->type = "application/json";
		answer_call(q, r, env, &synthetics, text_eq(type, r->type),
			    "application/json is expected");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (!text_eq(target, calls[i].target))
			continue;
		r->type = text_eq(calls[i].service, "monitoring") ? "application/x-amz-json-1.0"
								  : "application/x-amz-json-1.1";
		answer_call(q, r, env, &calls[i], text_eq(q->path, "/") && text_eq(type, r->type),
			    arena_printf(q->a, "POST / with %s is expected", r->type));
		return;
	}
	r->type = "application/x-amz-json-1.1";
	aws_fail(q, r, 400, "UnknownOperationException", "");
}

void aws_production(struct request *q, struct answer *r)
{
	serve(q, r, 0);
}

void aws_staging(struct request *q, struct answer *r)
{
	serve(q, r, 1);
}

void aws_development(struct request *q, struct answer *r)
{
	serve(q, r, 2);
}
