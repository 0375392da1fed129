#include "collect/aws.h"

#include "base/parse.h"
#include "base/text.h"
#include "collect/sources.h"

#include <stdlib.h>

/* --- one call --- */

static const char *endpoint(const struct aws *s, const struct aws_service *service,
			    const char *region)
{
	struct arena *a = s->c->a;
	const char *url = s->cfg->endpoint;
	if (!url && service->env)
		url = getenv(arena_printf(a, "AWS_ENDPOINT_URL_%s", service->env));
	if (!url || !*url)
		url = getenv("AWS_ENDPOINT_URL");
	if (url && *url)
		return arena_strndup(a, url, strlen(url) - (url[strlen(url) - 1] == '/'));
	return arena_printf(a, "https://%s.%s.amazonaws.com%s", service->host, region,
			    text_starts(region, "cn-") ? ".cn" : "");
}

void aws_submit(struct aws *s, struct part *p, const struct aws_request *rq, collect_handler f,
		void *ctx)
{
	struct arena *a = s->c->a;
	const struct aws_service *service = rq->service;
	const char *text = jw_print(rq->body, false, a),
		   *region = rq->region ? rq->region : s->cfg->region;
	const char *const headers[] = {
		arena_printf(a, "Content-Type: %s",
			     service->type ? service->type : "application/x-amz-json-1.1"),
		service->target ? arena_printf(a, "X-Amz-Target: %s%s", service->target, rq->op)
				: NULL,
		NULL};
	struct http_sigv4 sig = {.region = region,
				 .service = service->signing,
				 .key_id = s->key_id,
				 .secret = s->secret,
				 .session_token = s->session};
	struct http_request out = {
		.method = "POST",
		.url = arena_printf(a, "%s/%s", endpoint(s, service, region),
				    rq->path ? rq->path : ""),
		.headers = headers,
		.sigv4 = &sig,
		.body = text,
		.body_len = strlen(text),
		.min_gap_ms = service->gap_ms,
	};
	jw_free(rq->body);
	collect_submit(p, &out, f, ctx);
}

void aws_call(struct aws *s, struct part *p, const struct aws_service *service, const char *op,
	      struct jw *body, collect_handler f, void *ctx)
{
	struct aws_request rq = {.service = service, .op = op, .body = body};
	aws_submit(s, p, &rq, f, ctx);
}

/* --- why one failed --- */

const char *aws_error_code(const struct http_response *r, struct arena *a)
{
	CLEANUP(json_freep) struct json *j = NULL;
	const char *code = http_header(r, "x-amzn-errortype");
	if (!code && json_parse(r->body, r->len, &j, &(struct err){0})) {
		struct jv root = json_root(j), v = json_get(&root, "__type");
		if (!json_is_str(&v))
			v = json_get(&root, "code");
		code = json_is_str(&v) ? json_text(&v, a) : NULL;
	}
	if (!code)
		return NULL;
	const char *hash = strrchr(code, '#');
	code = hash ? hash + 1 : code;
	code = arena_strndup(a, code, strcspn(code, ":"));
	return *code ? text_line(a, code, 80) : NULL;
}

static bool one_of(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(s, *list))
			return true;
	return false;
}

static const char *advice(const struct http_response *r, const char *code, const char *op,
			  struct arena *a)
{
	static const char *const denied[] = {"AccessDenied", "AccessDeniedException",
					     "UnauthorizedOperation", NULL};
	static const char *const expired[] = {"ExpiredToken", "ExpiredTokenException", NULL};
	static const char *const unknown[] = {"UnrecognizedClientException", "InvalidClientTokenId",
					      "InvalidAccessKeyId", NULL};
	static const char *const clock[] = {"InvalidSignatureException", "SignatureDoesNotMatch",
					    "RequestTimeTooSkewed", "RequestExpired", NULL};
	if (one_of(code, denied))
		return arena_printf(a, "allow %s", op);
	if (one_of(code, expired))
		return "the session has ended: renew AWS_SESSION_TOKEN and the keys that go with "
		       "it";
	if (one_of(code, unknown))
		return "check AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN and the region";
	if (one_of(code, clock)) {
		const char *theirs = http_header(r, "date");
		char ours[TIME_TEXT];
		return arena_printf(a,
				    "check AWS_SECRET_ACCESS_KEY and the clock: AWS says %s, here "
				    "it is %s",
				    theirs ? text_line(a, theirs, 40) : "no time",
				    time_iso(clock_real(), ours));
	}
	if (strstr(code, "Throttl") || strstr(code, "LimitExceeded") ||
	    !strcmp(code, "TooManyRequestsException"))
		return arena_printf(a, "still over the rate limit after %d tries", r->tries);
	return NULL;
}

bool aws_json(const struct http_response *r, const char *op, struct arena *a, struct json **out,
	      const char **why)
{
	static const struct answer_hints hints = {.not_json = "not an AWS API: check endpoint"};
	const char *code;
	if (answer_json(r, op, &hints, a, out, why)) {
		struct jv root = json_root(*out);
		if (json_is_obj(&root))
			return true;
		json_free(TAKE_PTR(*out));
		*why = arena_printf(a, "%s: not an object; %s", op, hints.not_json);
		return false;
	}
	if (r->status < 300 || (code = aws_error_code(r, a)) == NULL)
		return false;
	const char *m = answer_message(r, a), *what = advice(r, code, op, a);
	*why = arena_printf(a, "%d on %s: %s%s%s%s%s", r->status, op, code, m ? ": " : "",
			    m ? m : "", what ? "; " : "", what ? what : "");
	return false;
}

/* --- opening --- */

/* A word of "collect": start NULL is not built yet. */
static const struct thing {
	const char *name, *affects;
	bool (*start)(struct aws *s, struct part *p, struct err *e);
} things[] = {
	{"ecr", "deployments.", aws_ecr_start},
	{"codedeploy", "deployments.", aws_codedeploy_start},
	{"ecs", "deployments.", NULL},
	{"ecr_scans", "security.tool.ecr.", NULL},
	{"cloudwatch", "metrics.", NULL},
	{"synthetics", "availability.", NULL},
};

static bool wanted(const struct aws_source *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->collect.n; i++)
		if (!strcmp(cfg->collect.v[i], name))
			return true;
	return cfg->collect.n == 0 && (!strcmp(name, "ecr") || !strcmp(name, "codedeploy"));
}

/* Credentials of this version: the environment alone. A profile or role that is configured must
 * not be passed over, or another account would be asked. */
static const char *find_credentials(struct aws *s)
{
	const char *missing = NULL;
	if (s->cfg->profile)
		return "profile: profiles are not supported by this version; remove it and set "
		       "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
	if (s->cfg->role_arn)
		return "role_arn: assuming a role is not supported by this version; remove it and "
		       "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the "
		       "role";
	s->key_id = getenv("AWS_ACCESS_KEY_ID");
	s->secret = getenv("AWS_SECRET_ACCESS_KEY");
	s->session = getenv("AWS_SESSION_TOKEN");
	if (!s->key_id || !*s->key_id)
		missing = "AWS_ACCESS_KEY_ID is not set: set it and AWS_SECRET_ACCESS_KEY (and "
			  "AWS_SESSION_TOKEN for temporary ones) in the environment";
	else if (!s->secret || !*s->secret)
		missing =
			"AWS_SECRET_ACCESS_KEY is not set: set it beside AWS_ACCESS_KEY_ID in the "
			"environment";
	if (s->session && !*s->session)
		s->session = NULL;
	return missing;
}

bool aws_seed(struct collect *c, const struct aws_source *cfg, struct err *e)
{
	struct aws *s = arena_new(c->a, struct aws);
	s->c = c;
	s->cfg = cfg;
	s->budget = collect_budget(c);
	const char *why = find_credentials(s);
	for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
		const struct thing *t = &things[i];
		if (!wanted(cfg, t->name))
			continue;
		if (!t->start) {
			collect_not_built(c, cfg->name, t->name, t->affects);
			continue;
		}
		struct part *p = collect_part(c, cfg->name, t->name, t->affects);
		p->budget = s->budget;
		if (why)
			collect_fail(p, "%s", why);
		else if (!t->start(s, p, e))
			return false;
	}
	return true;
}
