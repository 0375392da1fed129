#include "collect/aws_check.h"

#include "base/parse.h"
#include "base/text.h"
#include "collect/aws.h"
#include "lib/xml.h"

#define DAYS 7

static const struct aws_service sts = {.host = "sts",
				       .signing = "sts",
				       .type = "application/x-www-form-urlencoded; charset=utf-8",
				       .env = "STS"};

#define ECR_SERVICE                                                                                \
	{                                                                                          \
		.host = "api.ecr", .signing = "ecr",                                               \
		.target = "AmazonEC2ContainerRegistry_V20150921.", .env = "ECR"                    \
	}

/* One call a word; of several pages the first. */
static const struct probe {
	const char *word, *op, *path, *member, *what;
	struct aws_service service;
} probes[] = {
	{"ecr", "DescribeRepositories", NULL, "repositories", "repositories", ECR_SERVICE},
	{"ecr_scans", "DescribeRepositories", NULL, "repositories", "repositories", ECR_SERVICE},
	{"codedeploy",
	 "ListDeployments",
	 NULL,
	 "deployments",
	 "deployments in 7 days",
	 {.host = "codedeploy",
	  .signing = "codedeploy",
	  .target = "CodeDeploy_20141006.",
	  .env = "CODEDEPLOY"}},
	{"ecs",
	 "ListClusters",
	 NULL,
	 "clusterArns",
	 "clusters",
	 {.host = "ecs",
	  .signing = "ecs",
	  .target = "AmazonEC2ContainerServiceV20141113.",
	  .env = "ECS"}},
	{"cloudwatch",
	 "ListDashboards",
	 NULL,
	 "DashboardEntries",
	 "dashboards",
	 {.host = "monitoring",
	  .signing = "monitoring",
	  .target = "GraniteServiceVersion20100801.",
	  .type = "application/x-amz-json-1.0",
	  .env = "CLOUDWATCH"}},
	{"synthetics",
	 "DescribeCanaries",
	 "canaries",
	 "Canaries",
	 "canaries",
	 {.host = "synthetics",
	  .signing = "synthetics",
	  .type = "application/json",
	  .env = "SYNTHETICS"}},
};

struct asking {
	struct collect c;
	struct aws s;
	const char *who; /* NULL: STS did not say */
	struct strv good, bad;
	bool refused; /* there are no credentials: told once */
};

struct one {
	struct asking *q;
	const struct probe *p;
};

static bool on_who(struct part *p UNUSED, const struct http_response *r, void *ctx,
		   struct err *e UNUSED)
{
	struct asking *q = ctx;
	CLEANUP(xml_freep) struct xml *x = NULL;
	/* A stand-in for AWS may have no STS: then the lists have to tell. */
	if (r->status == 200 && xml_parse(r->body, r->len, "sts", &x, &(struct err){0}))
		q->who = xml_find_text(x, NULL, "//*[local-name()='Arn']", q->c.a);
	return true;
}

static bool on_list(struct part *p, const struct http_response *r, void *ctx, struct err *e UNUSED)
{
	struct one *o = ctx;
	struct asking *q = o->q;
	struct arena *a = q->c.a;
	CLEANUP(json_freep) struct json *j = NULL;
	const char *why;
	if (!aws_json(r, arena_printf(a, "%s:%s", o->p->service.signing, o->p->op), &p->c->scratch,
		      &j, &why)) {
		bool none = r->status == 0 && r->err.kind == ERR_AUTH;
		if (!none || !q->refused)
			vec_push(a, &q->bad,
				 none ? arena_strdup(a, why)
				      : arena_printf(a, "%s: %s", o->p->word, why));
		q->refused |= none;
		return true;
	}
	struct jv root = json_root(j), list = json_get(&root, o->p->member),
		  token = json_get(&root, "nextToken"), Token = json_get(&root, "NextToken");
	const char *t = json_text(json_is_null(&token) ? &Token : &token, a);
	vec_push(a, &q->good,
		 arena_printf(a, "%s: %s%zu %s", o->p->word, t && *t ? "at least " : "",
			      json_count(&list), o->p->what));
	return true;
}

static void ask(struct asking *q, struct part *p, const struct probe *probe)
{
	struct one *o = arena_new(q->c.a, struct one);
	struct jw *body = jw_obj();
	*o = (struct one){q, probe};
	if (!strcmp(probe->word, "codedeploy")) {
		struct jw *range = jw_add_obj(body, "createTimeRange");
		jw_i64(range, "start", clock_real() - (int64_t)DAYS * 86400);
		jw_i64(range, "end", clock_real());
	}
	struct aws_request rq = {
		.service = &probe->service, .op = probe->op, .path = probe->path, .body = body};
	aws_submit(&q->s, p, &rq, on_list, o);
}

static const char *joined(struct arena *a, const struct strv *v, const char *first)
{
	const char *s = first;
	for (size_t i = 0; i < v->n; i++)
		s = s ? arena_printf(a, "%s; %s", s, v->v[i]) : v->v[i];
	return s;
}

bool aws_check(struct http *h, const struct config *cfg, const struct aws_source *s,
	       struct arena *a, struct aws_checked *out, struct err *e)
{
	static const struct clock real = {0};
	struct asking *q = arena_new(a, struct asking);
	CLEANUP(db_closep) struct db *none = NULL;
	char until[TIME_TEXT];
	if (!db_open(":memory:", false, &none, e))
		return false;
	q->c = (struct collect){.cfg = cfg, .db = none, .http = h, .a = a, .clock = &real};
	q->s = (struct aws){.c = &q->c, .cfg = s};
	aws_credentials_init(&q->s.credentials, &q->s);
	struct part *p = collect_part(&q->c, s->name, "check", "");
	struct aws_request who = {.service = &sts,
				  .text = "Action=GetCallerIdentity&Version=2011-06-15"};
	aws_submit(&q->s, p, &who, on_who, q);
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		for (size_t k = 0; k < s->collect.n; k++)
			if (!strcmp(s->collect.v[k], probes[i].word))
				ask(q, p, &probes[i]);
	bool ok = aws_flush(&q->s, e) && http_run(h, e);
	arena_release(&q->c.scratch);
	if (!ok)
		return false;
	int64_t end = q->s.credentials.keys.expires_s;
	const char *name = q->who ? text_line(a, q->who, 160) : "identity not told";
	if (end != TIME_NONE && q->s.credentials.generation > 0)
		name = arena_printf(a, "%s until %s", name, time_iso(end, until));
	out->ok = q->bad.n == 0;
	out->text = out->ok ? joined(a, &q->good, name) : joined(a, &q->bad, NULL);
	return true;
}
