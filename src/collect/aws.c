#include "collect/aws.h"

#include "base/parse.h"
#include "base/text.h"
#include "collect/sources.h"

#include <stdlib.h>

/* --- one call --- */

struct aws_call {
	struct aws *s;
	struct part *p;
	struct http_request rq;
	struct http_sigv4 sig; /* region and service; the keys are put in when it is sent */
	collect_handler f;
	void *ctx;
	int64_t generation; /* of the keys it was sent with */
	bool again; /* it has been sent a second time */
};

/* "https://…" in a services section or a profile, for a tool's user whose AWS is elsewhere. */
static const char *profile_endpoint(const struct aws *s, const char *service)
{
	const struct aws_profiles *p = &s->credentials.profiles;
	const char *name = aws_plan_profile(s->cfg),
		   *off = getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	if (text_ieq(off, "true"))
		return NULL;
	const char *section = aws_profiles_get(p, name, "services"), *url = NULL;
	if (section && service)
		url = aws_profiles_in(
			p, AWS_FILE_CONFIG, "services", section,
			arena_printf(s->c->a, "%s.endpoint_url", text_lower(s->c->a, service)));
	return url ? url : aws_profiles_get(p, name, "endpoint_url");
}

const char *aws_endpoint(const struct aws *s, const struct aws_service *service, const char *region)
{
	struct arena *a = s->c->a;
	const char *url = s->cfg->endpoint;
	if (!url && service->env)
		url = getenv(arena_printf(a, "AWS_ENDPOINT_URL_%s", service->env));
	if (!url || !*url)
		url = getenv("AWS_ENDPOINT_URL");
	if (!url || !*url)
		url = profile_endpoint(s, service->env);
	if (url && *url)
		return arena_strndup(a, url, strlen(url) - (url[strlen(url) - 1] == '/'));
	return arena_printf(a, "https://%s.%s.amazonaws.com%s", service->host, region,
			    text_starts(region, "cn-") ? ".cn" : "");
}

static bool one_of(const char *s, const char *const *list)
{
	for (; s && *list; list++)
		if (!strcmp(s, *list))
			return true;
	return false;
}

static const char *const expired[] = {"ExpiredToken", "ExpiredTokenException", NULL};

static void send(struct aws_call *call);

static bool on_answer(struct part *p, const struct http_response *r, void *ctx, struct err *e)
{
	struct aws_call *call = ctx;
	struct aws_credentials *k = &call->s->credentials;
	bool ended = r->status >= 400 && one_of(aws_error_code(r, &p->c->scratch), expired);
	if (ended && !call->again && aws_credentials_renewable(k)) {
		call->again = true;
		if (call->generation == k->generation)
			aws_credentials_fetch(k, p);
		send(call);
		return true;
	}
	if (ended && k->renewal)
		collect_short(p, "%s", k->renewal);
	return call->f(p, r, call->ctx, e);
}

static void send_now(struct aws_call *call)
{
	const struct aws_credentials *k = &call->s->credentials;
	call->sig.key_id = k->keys.id;
	call->sig.secret = k->keys.secret;
	call->sig.session_token = k->keys.session;
	call->rq.sigv4 = &call->sig;
	call->generation = k->generation;
	collect_submit(call->p, &call->rq, on_answer, call);
}

static void send(struct aws_call *call)
{
	struct aws *s = call->s;
	struct aws_credentials *k = &s->credentials;
	if (k->state == AWS_KEYS_NONE || (k->state == AWS_KEYS_THERE && aws_credentials_due(k)))
		aws_credentials_fetch(k, call->p);
	if (k->state == AWS_KEYS_THERE) {
		send_now(call);
		return;
	}
	call->p->under_way++;
	vec_push(s->c->a, &s->waiting, call);
}

bool aws_flush(struct aws *s, struct err *e)
{
	const struct aws_credentials *k = &s->credentials;
	/* What a handler sends when it hears that there are no keys stands at the end. */
	for (size_t i = 0; i < s->waiting.n && k->state != AWS_KEYS_ASKED; i++) {
		struct aws_call *call = s->waiting.v[i];
		s->waiting.v[i] = NULL;
		if (!call)
			continue;
		call->p->under_way--;
		if (k->state == AWS_KEYS_THERE) {
			send_now(call);
			continue;
		}
		struct http_response r = {.url = call->rq.url, .body = ""};
		err_set(&r.err, ERR_AUTH, "%s", k->why);
		if (!call->f(call->p, &r, call->ctx, e))
			return false;
	}
	if (k->state != AWS_KEYS_ASKED)
		s->waiting.n = 0;
	return true;
}

void aws_submit(struct aws *s, struct part *p, const struct aws_request *rq, collect_handler f,
		void *ctx)
{
	struct arena *a = s->c->a;
	const struct aws_service *service = rq->service;
	struct aws_call *call = arena_new(a, struct aws_call);
	const char *text = rq->text ? rq->text : jw_print(rq->body, false, a),
		   *region = rq->region ? rq->region : s->cfg->region;
	const char **headers = arena_array(a, const char *, 3);
	headers[0] = arena_printf(a, "Content-Type: %s",
				  service->type ? service->type : "application/x-amz-json-1.1");
	if (service->target)
		headers[1] = arena_printf(a, "X-Amz-Target: %s%s", service->target, rq->op);
	*call = (struct aws_call){
		.s = s,
		.p = p,
		.sig = {.region = region, .service = service->signing},
		.rq = {.method = "POST",
		       .url = arena_printf(a, "%s/%s", aws_endpoint(s, service, region),
					   rq->path ? rq->path : ""),
		       .headers = headers,
		       .body = text,
		       .body_len = strlen(text),
		       .min_gap_ms = service->gap_ms},
		.f = f,
		.ctx = ctx,
	};
	jw_free(rq->body);
	send(call);
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
	/* Where a service speaks JSON in the place of an older protocol, its old code is the one
	 * that documents name. */
	const char *code = http_header(r, "x-amzn-query-error");
	if (!code)
		code = http_header(r, "x-amzn-errortype");
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
	code = arena_strndup(a, code, strcspn(code, ":;"));
	return *code ? text_line(a, code, 80) : NULL;
}

/* A signature is good for five minutes: further apart than that, the clock is to blame. */
static const char *clock_advice(const struct http_response *r, bool surely, struct arena *a)
{
	const char *theirs = http_header(r, "date");
	int64_t there_s, here_s = clock_real();
	char ours[TIME_TEXT];
	if (!theirs || !parse_http_date(theirs, &there_s))
		return arena_printf(a, "%sset this machine's clock (here it is %s)",
				    surely ? "" : "check AWS_SECRET_ACCESS_KEY, or ",
				    time_iso(here_s, ours));
	int64_t off_s = here_s - there_s;
	bool far = off_s > 240 || off_s < -240;
	if (!far && !surely)
		return "check AWS_SECRET_ACCESS_KEY: the clock is right";
	return arena_printf(
		a,
		"this machine's clock is %lld minutes %s (AWS says %s, here it is %s): set "
		"it, by NTP for good",
		(long long)((off_s < 0 ? -off_s : off_s) + 30) / 60, off_s < 0 ? "slow" : "fast",
		text_line(a, theirs, 40), time_iso(here_s, ours));
}

static const char *advice(const struct http_response *r, const char *code, const char *op,
			  struct arena *a)
{
	static const char *const denied[] = {"AccessDenied", "AccessDeniedException",
					     "UnauthorizedOperation", NULL};
	static const char *const unknown[] = {"UnrecognizedClientException", "InvalidClientTokenId",
					      "InvalidAccessKeyId", NULL};
	static const char *const sign[] = {"InvalidSignatureException", "SignatureDoesNotMatch",
					   NULL};
	static const char *const late[] = {"RequestTimeTooSkewed", "RequestExpired", NULL};
	if (one_of(code, denied))
		return arena_printf(a, "allow %s", op);
	if (one_of(code, expired))
		return "the session has ended: renew the session token and the keys that go with "
		       "it";
	if (one_of(code, unknown))
		return "check the access key, its session token and the region";
	if (one_of(code, sign) || one_of(code, late))
		return clock_advice(r, one_of(code, late), a);
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
	if (r->status == 0 && r->err.kind == ERR_AUTH) { /* never sent: no credentials */
		*why = arena_strdup(a, r->err.msg);
		return false;
	}
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

/* The words of "collect". */
static const struct thing {
	const char *name, *affects;
	bool (*start)(struct aws *s, struct part *p, struct err *e);
} things[] = {
	{"ecr", "deployments.", aws_ecr_start},
	{"codedeploy", "deployments.", aws_codedeploy_start},
	{"ecs", "deployments.", aws_ecs_start},
	{"ecr_scans",
	 "security.new security.fixed security.reopened security.outstanding security.held "
	 "security.overdue security.scans security.tool.ecr.",
	 aws_ecr_scans_start},
	{"cloudwatch", "metrics.", aws_cloudwatch_start},
	{"synthetics", "availability.", aws_synthetics_start},
};

static bool wanted(const struct aws_source *cfg, const char *name)
{
	for (size_t i = 0; i < cfg->collect.n; i++)
		if (!strcmp(cfg->collect.v[i], name))
			return true;
	return cfg->collect.n == 0 && (!strcmp(name, "ecr") || !strcmp(name, "codedeploy"));
}

struct part *aws_part(const struct aws *s, const char *name)
{
	for (size_t i = 0; i < s->parts.n; i++)
		if (!strcmp(s->parts.v[i]->l.part, name))
			return s->parts.v[i];
	return NULL;
}

bool aws_seed(struct collect *c, const struct aws_source *cfg, struct err *e)
{
	struct aws *s = arena_new(c->a, struct aws);
	s->c = c;
	s->cfg = cfg;
	s->budget = collect_budget(c);
	aws_credentials_init(&s->credentials, s);
	for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
		const struct thing *t = &things[i];
		if (!wanted(cfg, t->name))
			continue;
		struct part *p = collect_part(c, cfg->name, t->name, t->affects);
		p->budget = s->budget;
		vec_push(c->a, &s->parts, p);
	}
	for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
		struct part *p = aws_part(s, things[i].name);
		if (p && !things[i].start(s, p, e))
			return false;
	}
	return aws_flush(s, e);
}
