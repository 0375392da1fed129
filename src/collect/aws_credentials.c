#include "collect/aws_credentials.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/text.h"
#include "collect/aws.h"
#include "lib/xml.h"

#define RENEW_S		600 /* botocore's last moment: a request may wait that long for its turn */
#define ASK_AGAIN_S	60 /* not sooner, whatever their end is said to be */
#define TOKEN_BYTES	((size_t)64 * 1024)
#define METADATA_MS	1000 /* off EC2 its address hangs */
#define METADATA_TRIES	2
#define CONTAINER_MS	2000
#define CONTAINER_TRIES 3

static const struct aws_service sts = {.host = "sts", .signing = "sts", .env = "STS"};

/* --- answers --- */

/* Blanks and line ends do not belong to a key, but stand in wrapped documents. */
static const char *squeeze(struct arena *a, const char *s)
{
	if (!s)
		return NULL;
	char *out = arena_alloc(a, strlen(s) + 1);
	size_t n = 0;
	for (; *s; s++)
		if ((unsigned char)*s > ' ')
			out[n++] = *s;
	return n ? out : NULL;
}

static bool fill(struct aws_keys *out, struct arena *a, const char *id, const char *secret,
		 const char *session, const char *expires, struct err *e)
{
	struct aws_keys k = {.id = squeeze(a, id),
			     .secret = squeeze(a, secret),
			     .session = squeeze(a, session),
			     .expires_s = TIME_NONE};
	const char *end = squeeze(a, expires);
	if (!k.id || !k.secret)
		return err_set(e, ERR_PROTO, "the answer holds no credentials");
	if (end && !parse_time(end, &k.expires_s))
		k.expires_s = TIME_NONE; /* the service itself will say when they have ended */
	*out = k;
	return true;
}

static const char *below(const struct xml *x, const char *name, struct arena *a)
{
	return xml_find_text(
		x, NULL,
		arena_printf(a, "//*[local-name()='Credentials']/*[local-name()='%s']", name), a);
}

bool aws_keys_of_sts(const char *body, size_t len, struct arena *a, struct aws_keys *out,
		     struct err *e)
{
	CLEANUP(xml_freep) struct xml *x = NULL;
	if (!xml_parse(body, len, "sts", &x, &(struct err){0}))
		return err_set(e, ERR_PROTO, "the answer is not whole XML");
	return fill(out, a, below(x, "AccessKeyId", a), below(x, "SecretAccessKey", a),
		    below(x, "SessionToken", a), below(x, "Expiration", a), e);
}

static const char *text_at(const struct jv *root, const char *key, struct arena *a)
{
	struct jv v = json_get(root, key);
	return json_is_str(&v) ? json_text(&v, a) : NULL;
}

bool aws_keys_of_json(const char *body, size_t len, struct arena *a, struct aws_keys *out,
		      struct err *e)
{
	CLEANUP(json_freep) struct json *j = NULL;
	if (!json_parse(body, len, &j, &(struct err){0}))
		return err_set(e, ERR_PROTO, "the answer is not whole JSON");
	struct jv root = json_root(j);
	const char *code = text_at(&root, "Code", a), *message = text_at(&root, "Message", a);
	if (!code)
		code = text_at(&root, "code", a);
	if (!message)
		message = text_at(&root, "message", a);
	if (code && strcmp(code, "Success") != 0)
		return err_set(e, ERR_AUTH, "%s%s%s", text_line(a, code, 80), message ? ": " : "",
			       message ? text_line(a, message, 160) : "");
	return fill(out, a, text_at(&root, "AccessKeyId", a), text_at(&root, "SecretAccessKey", a),
		    text_at(&root, "Token", a), text_at(&root, "Expiration", a), e);
}

/* "AccessDenied: User … is not authorized" of STS's error, or what else came instead. */
static const char *sts_error(const struct http_response *r, struct arena *a, const char **code)
{
	CLEANUP(xml_freep) struct xml *x = NULL;
	*code = NULL;
	if (r->status == 0)
		return arena_strdup(a, r->err.msg);
	if (xml_parse(r->body, r->len, "sts", &x, &(struct err){0})) {
		const char *message = xml_find_text(x, NULL, "//*[local-name()='Message']", a);
		*code = xml_find_text(x, NULL, "//*[local-name()='Code']", a);
		if (*code)
			return arena_printf(a, "%d: %s%s%s", r->status, text_line(a, *code, 80),
					    message && *message ? ": " : "",
					    message ? text_line(a, message, 200) : "");
	}
	return arena_printf(a, "%d without a reason", r->status);
}

/* --- a fetch and its end --- */

bool aws_credentials_due(const struct aws_credentials *k)
{
	int64_t now_s = clock_real();
	return aws_credentials_renewable(k) && k->keys.expires_s != TIME_NONE &&
	       k->keys.expires_s - now_s < RENEW_S && now_s - k->asked_s >= ASK_AGAIN_S;
}

bool aws_credentials_renewable(const struct aws_credentials *k)
{
	return k->plan.base != AWS_BASE_KEYS || k->plan.roles.n > 0;
}

void aws_credentials_init(struct aws_credentials *k, struct aws *s)
{
	*k = (struct aws_credentials){.s = s};
	aws_profiles_load(&k->profiles, s->c->a);
}

PRINTF_LIKE(2, 3)
static void failed(struct aws_credentials *k, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *why = arena_vprintf(k->s->c->a, fmt, ap);
	va_end(ap);
	if (k->generation > 0) { /* the old ones may have some minutes left */
		k->state = AWS_KEYS_THERE;
		k->renewal = arena_printf(k->s->c->a, "credentials could not be renewed: %s", why);
	} else {
		k->state = AWS_KEYS_FAILED;
		k->why = why;
	}
}

static void next_role(struct aws_credentials *k);

/* --- STS --- */

static const struct aws_role *role_of(const struct aws_credentials *k, bool web)
{
	return web ? &k->plan.web : &k->plan.roles.v[k->assumed];
}

static const char *sts_advice(const char *code, bool web, struct arena *a)
{
	if (text_eq(code, "AccessDenied"))
		return web ? "; the role must trust this identity"
			   : "; allow sts:AssumeRole, and let the role trust these credentials and "
			     "the external_id";
	if (text_eq(code, "ExpiredTokenException") || text_eq(code, "ExpiredToken"))
		return web ? "; the token in the file has ended: who writes it has stopped"
			   : "; the session has ended: renew the keys";
	if (text_eq(code, "InvalidClientTokenId") || text_eq(code, "SignatureDoesNotMatch"))
		return arena_printf(a, "; check the keys%s",
				    *code == 'S' ? " and this machine's clock" : "");
	return "";
}

static bool sts_answer(struct aws_credentials *k, const struct http_response *r, bool web,
		       struct err *e)
{
	struct arena *a = k->s->c->a;
	const struct aws_role *role = role_of(k, web);
	struct err bad = {0};
	const char *code;
	if (r->status != 200) {
		const char *why = sts_error(r, a, &code);
		failed(k, "role %s was not given by STS: %s%s", role->arn, why,
		       sts_advice(code, web, a));
		return aws_flush(k->s, e);
	}
	if (!aws_keys_of_sts(r->body, r->len, a, &k->step, &bad)) {
		failed(k, "role %s was not given by STS: %s", role->arn, bad.msg);
		return aws_flush(k->s, e);
	}
	k->assumed += !web;
	next_role(k);
	return aws_flush(k->s, e);
}

static bool on_role(struct part *p UNUSED, const struct http_response *r, void *ctx, struct err *e)
{
	return sts_answer(ctx, r, false, e);
}

static bool on_web_identity(struct part *p UNUSED, const struct http_response *r, void *ctx,
			    struct err *e)
{
	return sts_answer(ctx, r, true, e);
}

static void field(struct sb *b, const char *key, const char *value)
{
	sb_addf(b, "&%s=", key);
	text_url_encode(b, value);
}

/* token: of a web identity, and then nothing is signed. */
static void ask_sts(struct aws_credentials *k, const struct aws_role *role, const char *token)
{
	struct arena *a = k->s->c->a;
	const char *region = k->s->cfg->region;
	static const char *const headers[] = {
		"Content-Type: application/x-www-form-urlencoded; charset=utf-8", NULL};
	struct sb b;
	sb_init(&b, a, 4 * TOKEN_BYTES);
	sb_addf(&b, "Action=%s&Version=2011-06-15",
		token ? "AssumeRoleWithWebIdentity" : "AssumeRole");
	field(&b, "RoleArn", role->arn);
	field(&b, "RoleSessionName", role->session_name);
	field(&b, "DurationSeconds", arena_printf(a, "%lld", (long long)role->duration_s));
	if (role->external_id)
		field(&b, "ExternalId", role->external_id);
	if (token)
		field(&b, "WebIdentityToken", token);
	const char *body = sb_str(&b);
	struct http_sigv4 sig = {.region = region,
				 .service = sts.signing,
				 .key_id = k->step.id,
				 .secret = k->step.secret,
				 .session_token = k->step.session};
	struct http_request rq = {.method = "POST",
				  .url = arena_printf(a, "%s/", aws_endpoint(k->s, &sts, region)),
				  .headers = headers,
				  .body = body,
				  .body_len = strlen(body),
				  .sigv4 = token ? NULL : &sig};
	collect_submit_for(k->p, &rq, NULL, token ? on_web_identity : on_role, k);
}

static void next_role(struct aws_credentials *k)
{
	if (k->assumed < k->plan.roles.n) {
		ask_sts(k, &k->plan.roles.v[k->assumed], NULL);
		return;
	}
	k->keys = k->step;
	k->generation++;
	k->renewal = NULL;
	k->state = AWS_KEYS_THERE;
}

/* One line of a file, read anew each time: whoever writes it renews it. */
static const char *token_file(struct aws_credentials *k, const char *path, const char **why)
{
	struct arena *a = k->s->c->a;
	struct err e = {0};
	const char *text;
	size_t len;
	if (!file_read(path, TOKEN_BYTES, a, &text, &len, &e)) {
		*why = arena_strdup(a, e.msg);
		return NULL;
	}
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	text = arena_strndup(a, text, len);
	if (!len || text[strcspn(text, "\r\n")]) {
		*why = arena_printf(a, "%s is not one line with a token", path);
		return NULL;
	}
	return text;
}

static void web_identity(struct aws_credentials *k)
{
	const char *why, *token = token_file(k, k->plan.web.token_file, &why);
	if (token)
		ask_sts(k, &k->plan.web, token);
	else
		failed(k, "%s: %s", k->plan.from, why);
}

/* --- container and instance metadata: their answers are secrets, none is kept --- */

static bool keys_answer(struct aws_credentials *k, const struct http_response *r, struct err *e)
{
	struct err bad = {0};
	if (r->status == 0)
		failed(k, "%s: %s", k->plan.from, r->err.msg);
	else if (r->status != 200)
		/* its text is an error's, never keys */
		failed(k, "%s answers %d%s%s", k->plan.from, r->status,
		       answer_message(r, k->s->c->a) ? ": " : "",
		       answer_message(r, k->s->c->a) ? answer_message(r, k->s->c->a) : "");
	else if (!aws_keys_of_json(r->body, r->len, k->s->c->a, &k->step, &bad))
		failed(k, "%s: %s", k->plan.from, bad.msg);
	else
		next_role(k);
	return aws_flush(k->s, e);
}

static bool on_keys(struct part *p UNUSED, const struct http_response *r, void *ctx, struct err *e)
{
	return keys_answer(ctx, r, e);
}

static void container(struct aws_credentials *k)
{
	struct arena *a = k->s->c->a;
	const char *token = k->plan.token, *why;
	if (k->plan.token_file) {
		token = token_file(k, k->plan.token_file, &why);
		if (!token) {
			failed(k, "%s: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: %s", k->plan.from,
			       why);
			return;
		}
	}
	if (token && token[strcspn(token, "\r\n")]) {
		failed(k, "%s: AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line end", k->plan.from);
		return;
	}
	const char *const headers[] = {"Accept: application/json",
				       token ? arena_printf(a, "Authorization: %s", token) : NULL,
				       NULL};
	struct http_request rq = {.url = k->plan.url,
				  .headers = headers,
				  .no_redirect = true,
				  .direct = text_starts(k->plan.url, "http:"),
				  .timeout_ms = CONTAINER_MS,
				  .tries = CONTAINER_TRIES};
	collect_submit_for(k->p, &rq, NULL, on_keys, k);
}

static void ask_metadata(struct aws_credentials *k, const char *path, collect_handler f)
{
	struct arena *a = k->s->c->a;
	const char *const get[] = {
		arena_printf(a, "x-aws-ec2-metadata-token: %s", k->metadata_token), NULL};
	static const char *const put[] = {"x-aws-ec2-metadata-token-ttl-seconds: 21600", NULL};
	struct http_request rq = {.url = arena_printf(a, "%s/latest/%s", k->plan.url, path),
				  .headers = k->metadata_token ? get : put,
				  .method = k->metadata_token ? NULL : "PUT",
				  .no_redirect = true,
				  .direct = true,
				  .timeout_ms = METADATA_MS,
				  .tries = METADATA_TRIES};
	collect_submit_for(k->p, &rq, NULL, f, k);
}

/* A token or role name: one line of printable text, or NULL. */
static const char *one_line(const struct http_response *r, struct arena *a)
{
	size_t n = strcspn(r->body, "\r\n");
	for (size_t i = 0; i < n; i++)
		if (r->body[i] <= ' ' || r->body[i] == 0x7f)
			return NULL;
	return n ? arena_strndup(a, r->body, n) : NULL;
}

static bool on_role_name(struct part *p UNUSED, const struct http_response *r, void *ctx,
			 struct err *e)
{
	struct aws_credentials *k = ctx;
	struct arena *a = k->s->c->a;
	const char *name = r->status == 200 ? one_line(r, a) : NULL;
	if (name) {
		ask_metadata(k,
			     arena_printf(a, "meta-data/iam/security-credentials/%s",
					  page_encode(a, name)),
			     on_keys);
		return true;
	}
	if (r->status == 404 || r->status == 200)
		failed(k,
		       "no AWS credentials: %s; instance metadata: this instance has no role: give "
		       "it an instance profile",
		       k->plan.tried);
	else
		failed(k, "instance metadata: %s",
		       r->status ? arena_printf(a, "%d on the role's name", r->status)
				 : r->err.msg);
	return aws_flush(k->s, e);
}

static bool on_metadata_token(struct part *p UNUSED, const struct http_response *r, void *ctx,
			      struct err *e)
{
	struct aws_credentials *k = ctx;
	k->metadata_token = r->status == 200 ? one_line(r, k->s->c->a) : NULL;
	if (k->metadata_token) {
		ask_metadata(k, "meta-data/iam/security-credentials/", on_role_name);
		return true;
	}
	const char *gone =
		r->status ? arena_printf(k->s->c->a, "%d to a request for its token", r->status)
			  : "no answer (not on EC2, or in a container with a hop limit of 1)";
	failed(k,
	       "no AWS credentials: %s%sinstance metadata: %s; set AWS_ACCESS_KEY_ID and "
	       "AWS_SECRET_ACCESS_KEY, or name a profile",
	       k->plan.tried, *k->plan.tried ? "; " : "", gone);
	return aws_flush(k->s, e);
}

static void metadata(struct aws_credentials *k)
{
	k->metadata_token = NULL;
	ask_metadata(k, "api/token", on_metadata_token);
}

void aws_credentials_fetch(struct aws_credentials *k, struct part *p)
{
	struct arena *a = k->s->c->a;
	const char *why;
	if (k->state == AWS_KEYS_ASKED)
		return;
	k->asked_s = clock_real();
	k->p = p;
	k->assumed = 0;
	if (k->generation > 0) { /* the files may have been renewed, too */
		k->profiles = (struct aws_profiles){0};
		aws_profiles_load(&k->profiles, a);
	}
	if (!aws_plan_make(k->s->cfg, &k->profiles, a, &k->plan, &why)) {
		failed(k, "%s", why);
		return;
	}
	k->state = AWS_KEYS_ASKED;
	switch (k->plan.base) {
	case AWS_BASE_KEYS:
		k->step = k->plan.keys;
		next_role(k);
		break;
	case AWS_BASE_WEB_IDENTITY:
		web_identity(k);
		break;
	case AWS_BASE_CONTAINER:
		container(k);
		break;
	case AWS_BASE_METADATA:
		metadata(k);
		break;
	}
}
