#include "collect/aws_plan.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"

#include <stdlib.h>

#define CHAIN_MAX  8 /* roles over roles: nobody has more than three */
#define DURATION_S 3600 /* what every role allows, and the most that a chained one does */
#define TRIED_MAX  4000

struct search {
	const struct aws_source *cfg;
	const struct aws_profiles *p;
	struct arena *a;
	struct aws_plan plan;
	struct sb tried;
	struct strv visited; /* profiles, against a circle */
	const char *why; /* set: the search has ended */
};
enum found { FOUND_NOTHING, FOUND, FOUND_TROUBLE };

static const char *env(const char *name)
{
	const char *v = getenv(name);
	return v && *v ? v : NULL;
}

PRINTF_LIKE(2, 3)
static void tried(struct search *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	sb_addf(&s->tried, "%s%s", s->tried.len ? "; " : "", arena_vprintf(s->a, fmt, ap));
	va_end(ap);
}

PRINTF_LIKE(2, 3)
static enum found trouble(struct search *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	s->why = arena_vprintf(s->a, fmt, ap);
	va_end(ap);
	return FOUND_TROUBLE;
}

static enum found environment(struct search *s)
{
	const char *id = env("AWS_ACCESS_KEY_ID"), *secret = env("AWS_SECRET_ACCESS_KEY");
	if (!id && !secret) {
		tried(s, "environment: AWS_ACCESS_KEY_ID is not set");
		return FOUND_NOTHING;
	}
	if (!id || !secret)
		return trouble(s, "%s is not set: set it beside %s in the environment",
			       id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
			       id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY");
	s->plan.base = AWS_BASE_KEYS;
	s->plan.from = "the environment";
	s->plan.keys = (struct aws_keys){.id = id,
					 .secret = secret,
					 .session = env("AWS_SESSION_TOKEN"),
					 .expires_s = TIME_NONE};
	return FOUND;
}

/* --- the container's endpoint and instance metadata --- */

static bool is_loopback(const char *host)
{
	return text_ieq(host, "localhost") || text_starts(host, "127.") || !strcmp(host, "[::1]");
}

/* Keys would go to whoever listens: plain http only to this machine and the link's own addresses.
 */
static bool container_url_ok(struct arena *a, const char *url)
{
	static const char *const known[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};
	if (text_starts(url, "https://"))
		return true;
	if (!text_starts(url, "http://"))
		return false;
	const char *rest = url + strlen("http://");
	size_t n = strcspn(rest, "/?#");
	if (memchr(rest, '@', n))
		return false;
	size_t host = *rest == '[' ? strcspn(rest, "]") + 1 : strcspn(rest, ":/?#");
	const char *name = arena_strndup(a, rest, MIN(host, n));
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(name, known[i]))
			return true;
	return is_loopback(name);
}

static enum found container(struct search *s)
{
	const char *relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
		   *full = env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	if (!relative && !full) {
		tried(s, "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not "
			 "set");
		return FOUND_NOTHING;
	}
	if (!relative && !container_url_ok(s->a, full))
		return trouble(s, "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor this "
				  "machine's: keys are not asked for there");
	s->plan.base = AWS_BASE_CONTAINER;
	s->plan.from = "the container's endpoint";
	s->plan.url = relative ? arena_printf(s->a, "http://169.254.170.2%s%s",
					      *relative == '/' ? "" : "/", relative)
			       : full;
	s->plan.token = env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	s->plan.token_file = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	return FOUND;
}

static enum found metadata(struct search *s)
{
	const char *url = env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	if (text_ieq(env("AWS_EC2_METADATA_DISABLED"), "true")) {
		tried(s, "instance metadata: AWS_EC2_METADATA_DISABLED is true");
		return FOUND_NOTHING;
	}
	s->plan.base = AWS_BASE_METADATA;
	s->plan.from = "instance metadata";
	if (!url)
		url = text_ieq(env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"), "ipv6")
			      ? "http://[fd00:ec2::254]"
			      : "http://169.254.169.254";
	s->plan.url = arena_strndup(s->a, url, strlen(url) - (url[strlen(url) - 1] == '/'));
	return FOUND;
}

/* --- profiles --- */

static enum found web_identity(struct search *s, const char *file, const char *arn,
			       const char *name, const char *from)
{
	if (!arn)
		return trouble(
			s, "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not: set it to "
			   "the role to assume");
	s->plan.base = AWS_BASE_WEB_IDENTITY;
	s->plan.from = from;
	s->plan.web = (struct aws_role){.arn = arn,
					.token_file = file,
					.session_name = name ? name : "sitrep",
					.duration_s = DURATION_S};
	return FOUND;
}

static enum found web_identity_env(struct search *s)
{
	const char *file = env("AWS_WEB_IDENTITY_TOKEN_FILE");
	if (!file) {
		tried(s, "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set");
		return FOUND_NOTHING;
	}
	return web_identity(s, file, env("AWS_ROLE_ARN"), env("AWS_ROLE_SESSION_NAME"),
			    "the web identity of the environment");
}

/* Both keys from one file: they belong together. */
static enum found static_keys(struct search *s, const char *name)
{
	for (int f = AWS_FILE_CREDENTIALS; f <= AWS_FILE_CONFIG; f++) {
		enum aws_file file = (enum aws_file)f;
		const char *id = aws_profiles_in(s->p, file, "profile", name, "aws_access_key_id"),
			   *secret = aws_profiles_in(s->p, file, "profile", name,
						     "aws_secret_access_key"),
			   *session = aws_profiles_in(s->p, file, "profile", name,
						      "aws_session_token");
		if (!id && !secret)
			continue;
		if (!id || !secret)
			return trouble(s, "profile \"%s\" in %s has no %s: give it beside %s", name,
				       s->p->files[file],
				       id ? "aws_secret_access_key" : "aws_access_key_id",
				       id ? "aws_access_key_id" : "aws_secret_access_key");
		if (!session) /* its name in old tools */
			session =
				aws_profiles_in(s->p, file, "profile", name, "aws_security_token");
		s->plan.base = AWS_BASE_KEYS;
		s->plan.from = arena_printf(s->a, "profile \"%s\"", name);
		s->plan.keys = (struct aws_keys){
			.id = id, .secret = secret, .session = session, .expires_s = TIME_NONE};
		return FOUND;
	}
	return FOUND_NOTHING;
}

static enum found source_of(struct search *s, const char *name, const char *source)
{
	if (!strcmp(source, "Environment")) {
		enum found f = environment(s);
		return f != FOUND_NOTHING
			       ? f
			       : trouble(s,
					 "profile \"%s\" takes its keys from the environment, "
					 "where AWS_ACCESS_KEY_ID is not set",
					 name);
	}
	if (!strcmp(source, "EcsContainer")) {
		enum found f = container(s);
		return f != FOUND_NOTHING
			       ? f
			       : trouble(s,
					 "profile \"%s\" takes its keys from the container, and "
					 "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set",
					 name);
	}
	if (!strcmp(source, "Ec2InstanceMetadata")) {
		enum found f = metadata(s);
		return f != FOUND_NOTHING
			       ? f
			       : trouble(s,
					 "profile \"%s\" takes its keys from instance metadata, "
					 "and AWS_EC2_METADATA_DISABLED is true",
					 name);
	}
	return trouble(
		s,
		"credential_source \"%s\" of profile \"%s\" is unknown; allowed: Environment, "
		"EcsContainer, Ec2InstanceMetadata",
		source, name);
}

static enum found profile(struct search *s, const char *name);

/* What stands on another role's keys may last an hour at most. */
static int64_t duration_of(struct search *s, const char *name)
{
	const char *text = aws_profiles_get(s->p, name, "duration_seconds");
	bool chained = s->plan.roles.n > 0 || s->plan.base != AWS_BASE_KEYS;
	int64_t n;
	if (!text || !parse_i64(text, &n) || n < 900 || n > 43200)
		return DURATION_S;
	return chained ? MIN(n, DURATION_S) : n;
}

static enum found role(struct search *s, const char *name, const char *arn)
{
	const char *source = aws_profiles_get(s->p, name, "source_profile"),
		   *kind = aws_profiles_get(s->p, name, "credential_source"),
		   *session = aws_profiles_get(s->p, name, "role_session_name");
	enum found f;
	if (aws_profiles_get(s->p, name, "mfa_serial"))
		return trouble(s,
			       "profile \"%s\" wants a code (mfa_serial), which a batch program "
			       "cannot give: name a role that does not",
			       name);
	if (source && kind)
		return trouble(
			s,
			"profile \"%s\" has both source_profile and credential_source: remove "
			"one",
			name);
	if (!source && !kind)
		return trouble(s,
			       "profile \"%s\" has a role_arn and neither source_profile nor "
			       "credential_source: say whose keys assume the role",
			       name);
	if (kind)
		f = source_of(s, name, kind);
	else if (!strcmp(source, name))
		f = static_keys(s, name);
	else
		f = profile(s, source);
	if (f == FOUND_NOTHING)
		return trouble(s,
			       "profile \"%s\", the source_profile of \"%s\", has no keys: give it "
			       "aws_access_key_id and aws_secret_access_key",
			       source, name);
	if (f != FOUND)
		return f;
	struct aws_role x = {.arn = arn,
			     .session_name = session ? session : "sitrep",
			     .external_id = aws_profiles_get(s->p, name, "external_id"),
			     .duration_s = duration_of(s, name)};
	vec_push(s->a, &s->plan.roles, x);
	return FOUND;
}

static enum found unsupported(struct search *s, const char *name)
{
	static const struct {
		const char *key, *what, *instead;
	} kinds[] = {
		{"sso_session", "signs in by SSO",
		 "run `aws configure export-credentials --format env` and set what it prints, or "
		 "give the source a role_arn"},
		{"sso_account_id", "signs in by SSO",
		 "run `aws configure export-credentials --format env` and set what it prints, or "
		 "give the source a role_arn"},
		{"login_session", "signs in by a browser",
		 "run `aws configure export-credentials --format env` and set what it prints, or "
		 "give the source a role_arn"},
		{"credential_process", "runs a program for its keys",
		 "run that program before and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
		 "AWS_SESSION_TOKEN"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (aws_profiles_get(s->p, name, kinds[i].key))
			return trouble(s, "profile \"%s\" %s (%s), which is not supported: %s",
				       name, kinds[i].what, kinds[i].key, kinds[i].instead);
	return FOUND_NOTHING;
}

static const char *files(const struct search *s)
{
	return arena_printf(s->a, "%s or %s", s->p->files[AWS_FILE_CREDENTIALS],
			    s->p->files[AWS_FILE_CONFIG]);
}

static enum found profile(struct search *s, const char *name)
{
	if (!aws_profiles_have(s->p, name))
		return trouble(s, "there is no profile \"%s\" in %s%s%s", name, files(s),
			       s->p->trouble ? ": " : "", s->p->trouble ? s->p->trouble : "");
	for (size_t i = 0; i < s->visited.n; i++)
		if (!strcmp(s->visited.v[i], name))
			return trouble(s, "source_profile of profile \"%s\" leads back to itself",
				       name);
	vec_push(s->a, &s->visited, name);
	if (s->visited.n > CHAIN_MAX)
		return trouble(s, "more than %d profiles lead to each other by source_profile",
			       CHAIN_MAX);
	const char *arn = aws_profiles_get(s->p, name, "role_arn"),
		   *token = aws_profiles_get(s->p, name, "web_identity_token_file");
	if (token) {
		if (!arn)
			return trouble(
				s,
				"profile \"%s\" has a web_identity_token_file and no role_arn: "
				"give it the role to assume",
				name);
		return web_identity(s, token, arn,
				    aws_profiles_get(s->p, name, "role_session_name"),
				    arena_printf(s->a, "the web identity of profile \"%s\"", name));
	}
	if (arn)
		return role(s, name, arn);
	enum found f = static_keys(s, name);
	return f != FOUND_NOTHING ? f : unsupported(s, name);
}

/* The profile when it counts; one that nobody named may be absent. */
static enum found look_in_profile(struct search *s, const char *name, bool named)
{
	if (!named && !aws_profiles_have(s->p, name)) {
		tried(s, "profile: there is no \"%s\" in %s%s%s", name, files(s),
		      s->p->trouble ? ": " : "", s->p->trouble ? s->p->trouble : "");
		return FOUND_NOTHING;
	}
	enum found f = profile(s, name);
	if (f == FOUND_NOTHING)
		tried(s, "profile: \"%s\" has no keys and no role", name);
	return f;
}

static enum found search(struct search *s)
{
	bool named = s->cfg->profile != NULL;
	const char *name = aws_plan_profile(s->cfg);
	enum found f = FOUND_NOTHING;
	if (named) {
		f = look_in_profile(s, name, true);
	} else {
		f = environment(s);
		bool its_role = aws_profiles_get(s->p, name, "role_arn") &&
				!aws_profiles_get(s->p, name, "web_identity_token_file");
		if (f == FOUND_NOTHING && !its_role)
			f = web_identity_env(s);
		if (f == FOUND_NOTHING)
			f = look_in_profile(s, name, env("AWS_PROFILE") != NULL);
	}
	if (f == FOUND_NOTHING)
		f = container(s);
	if (f == FOUND_NOTHING)
		f = metadata(s);
	return f;
}

const char *aws_plan_profile(const struct aws_source *cfg)
{
	const char *name = cfg->profile ? cfg->profile : env("AWS_PROFILE");
	return name ? name : "default";
}

bool aws_plan_make(const struct aws_source *cfg, const struct aws_profiles *p, struct arena *a,
		   struct aws_plan *out, const char **why)
{
	struct search s = {.cfg = cfg, .p = p, .a = a};
	sb_init(&s.tried, a, TRIED_MAX);
	enum found f = search(&s);
	const char *tried_text = sb_finish(&s.tried, NULL, &(struct err){0});
	s.plan.tried = tried_text ? tried_text : "";
	if (f == FOUND_TROUBLE) {
		*why = s.why;
		return false;
	}
	if (f == FOUND_NOTHING) {
		*why = arena_printf(a,
				    "no AWS credentials: %s; set AWS_ACCESS_KEY_ID and "
				    "AWS_SECRET_ACCESS_KEY, or name a profile",
				    s.plan.tried);
		return false;
	}
	if (cfg->role_arn)
		vec_push(a, &s.plan.roles,
			 ((struct aws_role){.arn = cfg->role_arn,
					    .session_name = "sitrep",
					    .external_id = cfg->external_id,
					    .duration_s = DURATION_S}));
	*out = s.plan;
	return true;
}
