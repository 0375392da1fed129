/* SARIF 2.1.0 (scans.md 5.1).
 *
 * A file with several runs is one scan: its tool is the first driver that has a name (each
 * finding's identity holds its own run's driver), its category all the runs' categories, its time
 * the latest end of an invocation. */
#include "scan/formats.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"
#include "scan/draft.h"
#include "scan/identity.h"
#include "scan/sarif_rules.h"

#include <ctype.h>
#include <strings.h>

struct override { /* of a rule's level, by the invocation (3.20.5) */
	size_t invocation;
	const char *id; /* NULL: by rule only */
	const struct sarif_rule *rule; /* NULL: by id only */
	const char *level;
};

struct run {
	struct scan_draft *d;
	struct jv v, tool, invocations, artifacts;
	const char *driver, *category;
	struct sarif_rules rules;
	VEC(struct override) overrides;
	VEC(struct jv) artifact;
};

struct tally {
	size_t runs, analysed, entries; /* runs with a results array; results of any kind */
	bool unsuccessful;
	const char *why;
};

bool sarif_match(const struct scan_input *in)
{
	struct arena a = {0};
	struct jv runs = json_get(in->first, "runs"), version = json_get(in->first, "version");
	const char *schema = draft_text(in->first, "$schema", &a);
	bool by_schema = schema && strcasestr(schema, "sarif");
	/* "runs" null means "could not be produced" (3.13.4), which is an answer too. */
	bool by_version = version.n && runs.n && (json_is_arr(&runs) || json_is_null(&runs));
	arena_release(&a);
	return by_schema || by_version;
}

static const char *sub_text(const struct jv *o, const char *key, const char *member,
			    struct arena *a)
{
	struct jv v = json_get(o, key);
	return draft_text(&v, member, a);
}

/* {0}, {1}, … of the message's arguments; {{ and }} are braces (3.11.5). */
static const char *with_arguments(const char *s, const struct jv *message, struct arena *a)
{
	struct jv list = json_get(message, "arguments");
	if (!json_is_arr(&list) || !strchr(s, '{'))
		return s;
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	while (*s) {
		size_t digits = *s == '{' ? strspn(s + 1, "0123456789") : 0;
		int64_t k;
		if ((*s == '{' || *s == '}') && s[1] == *s) {
			sb_addc(&b, *s);
			s += 2;
		} else if (digits && s[1 + digits] == '}' && parse_i64_n(s + 1, digits, &k)) {
			struct jv it = json_first(&list);
			for (; it.n && k > 0; k--)
				it = json_next(&it);
			sb_add(&b, it.n ? json_text(&it, a) : NULL);
			s += digits + 2;
		} else {
			sb_addc(&b, *s++);
		}
	}
	return sb_str(&b);
}

static const char *message_text(const struct run *r, const struct sarif_rule *rule,
				const struct jv *result)
{
	struct arena *a = r->d->a;
	struct jv message = json_get(result, "message");
	const char *text = draft_text(&message, "text", a),
		   *id = text ? NULL : draft_text(&message, "id", a);
	if (id && rule) {
		struct jv strings = json_get(&rule->v, "messageStrings");
		text = sub_text(&strings, id, "text", a);
	}
	if (id && !text) {
		struct jv driver = json_get(&r->tool, "driver"),
			  strings = json_get(&driver, "globalMessageStrings");
		text = sub_text(&strings, id, "text", a);
	}
	if (!text)
		text = draft_text(&message, "markdown", a);
	return text ? with_arguments(text, &message, a) : NULL;
}

/* "[text](1)" and "[text](https://…)" as "text". */
static const char *without_links(const char *s, struct arena *a)
{
	if (!s || !strstr(s, "]("))
		return s;
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (const char *p = s; *p;) {
		const char *close = *p == '[' ? strstr(p, "](") : NULL;
		const char *end = close ? strchr(close, ')') : NULL;
		if (end && !memchr(p + 1, '[', (size_t)(close - p - 1))) {
			sb_addn(&b, p + 1, (size_t)(close - p - 1));
			p = end + 1;
		} else {
			sb_addc(&b, *p++);
		}
	}
	return sb_str(&b);
}

static const char *decoded(const char *uri, struct arena *a)
{
	char *out = arena_strdup(a, uri), *w = out;
	for (const char *p = uri; *p;) {
		if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
			int hi = isdigit((unsigned char)p[1]) ? p[1] - '0'
							      : tolower(p[1]) - 'a' + 10;
			int lo = isdigit((unsigned char)p[2]) ? p[2] - '0'
							      : tolower(p[2]) - 'a' + 10;
			if (hi * 16 + lo >= 0x20) {
				*w++ = (char)(hi * 16 + lo);
				p += 3;
				continue;
			}
		}
		*w++ = *p++;
	}
	*w = '\0';
	return out;
}

/* The uri of the first location, as written; *line from its region. NULL when there is none. */
static const char *location(const struct run *r, const struct jv *result, int64_t *line,
			    const char **base)
{
	struct arena *a = r->d->a;
	struct jv list = json_get(result, "locations"), first = json_first(&list),
		  physical = json_get(&first, "physicalLocation"),
		  artifact = json_get(&physical, "artifactLocation"),
		  region = json_get(&physical, "region");
	*line = draft_int(&region, "startLine");
	const char *uri = draft_text(&artifact, "uri", a),
		   *base_id = draft_text(&artifact, "uriBaseId", a);
	int64_t index = draft_int(&artifact, "index");
	if (!uri && index != NUM_NONE && (uint64_t)index < r->artifact.n) {
		struct jv where = json_get(&r->artifact.v[index], "location");
		uri = draft_text(&where, "uri", a);
		base_id = draft_text(&where, "uriBaseId", a);
	}
	if (base_id) {
		struct jv bases = json_get(&r->v, "originalUriBaseIds");
		*base = sub_text(&bases, base_id, "uri", a);
	}
	if (!uri) {
		struct jv logical = json_get(&first, "logicalLocations"),
			  one = json_first(&logical);
		uri = draft_text(&one, "fullyQualifiedName", a);
	}
	return uri;
}

/* For the reader: relative base put before, escapes decoded. An absolute base is some machine's
 * work directory and tells nothing. */
static const char *shown_path(const char *uri, const char *base, struct arena *a)
{
	if (!uri)
		return NULL;
	if (strstr(uri, "://") && !text_starts(uri, "file://"))
		return draft_location(a, uri);
	if (base && base[0] != '/' && !strchr(base, ':') && !strchr(uri, ':'))
		uri = arena_printf(a, "%s%s%s", base, base[strlen(base) - 1] == '/' ? "" : "/",
				   uri);
	return scan_path(a, decoded(uri, a));
}

static const char *level_override(const struct run *r, const struct sarif_rule *rule,
				  const char *id, const struct jv *result)
{
	struct jv provenance = json_get(result, "provenance");
	int64_t invocation = draft_int(&provenance, "invocationIndex");
	for (size_t i = 0; i < r->overrides.n; i++) {
		const struct override *o = &r->overrides.v[i];
		size_t n = o->id ? strlen(o->id) : 0;
		bool same_id = n && id && !strncmp(id, o->id, n) && (!id[n] || id[n] == '/');
		if ((same_id || (o->rule && o->rule == rule)) &&
		    (invocation == NUM_NONE || (size_t)invocation == o->invocation))
			return o->level;
	}
	return NULL;
}

static enum severity severity(const struct run *r, const struct sarif_rule *rule, const char *id,
			      const struct jv *result, bool fail, const char **word)
{
	struct arena *a = r->d->a;
	enum severity s;
	*word = sarif_security_severity(result, a, &s);
	if (*word)
		return s;
	if (rule && rule->scored) {
		*word = rule->scored;
		return rule->severity;
	}
	const char *own = draft_text(result, "level", a);
	if (scan_severity_word(own, &s)) {
		*word = own;
		return s;
	}
	const char *level = "none";
	if (fail) {
		level = level_override(r, rule, id, result);
		if (!level && rule)
			level = rule->level;
		if (!level)
			level = "warning";
	}
	*word = level;
	return scan_severity_word(level, &s) ? s : SEV_MEDIUM;
}

/* 3.27.23: suppressed when there are suppressions and none of them was rejected or waits. */
static bool suppressed(const struct jv *result, struct arena *a)
{
	struct jv list = json_get(result, "suppressions");
	bool any = false;
	for (struct jv it = json_first(&list); it.n; it = json_next(&it)) {
		const char *status = draft_text(&it, "status", a);
		if (!json_is_obj(&it) || (status && !text_ieq(status, "accepted")))
			return false;
		any = true;
	}
	return any;
}

static const char *cwe(const struct jv *result, const struct sarif_rule *rule, struct arena *a)
{
	struct jv taxa = json_get(result, "taxa");
	const char *found = sarif_cwe_in(&taxa, NULL, a);
	if (!found)
		found = sarif_cwe_property(result, a);
	return found || !rule ? found : rule->cwe;
}

/* "Package: openssl" in the lines of Trivy's messages. */
static const char *line_value(const char *message, const char *label, struct arena *a)
{
	const char *p = message ? strstr(message, label) : NULL;
	if (!p || (p != message && p[-1] != '\n'))
		return NULL;
	p += strlen(label);
	const char *v = text_line(a, arena_strndup(a, p, strcspn(p, "\r\n")), 200);
	return *v ? v : NULL;
}

/* A fingerprint the producer keeps equal over line moves (scans.md 5.1): of "fingerprints" the
 * first, of partialFingerprints only the hash of the line, since others hold a commit or a date. */
static const char *fingerprint(const struct jv *result, struct arena *a)
{
	struct jv own = json_get(result, "fingerprints"), first = json_first(&own),
		  partial = json_get(result, "partialFingerprints");
	const char *s = json_is_obj(&own) ? json_text(&first, a) : NULL;
	return s && *s ? s : draft_text(&partial, "primaryLocationLineHash", a);
}

/* The code a result points to. */
static const char *snippet(const struct jv *result, struct arena *a)
{
	struct jv list = json_get(result, "locations"), where = json_first(&list),
		  physical = json_get(&where, "physicalLocation"),
		  region = json_get(&physical, "region"), text = json_get(&region, "snippet");
	return draft_text(&text, "text", a);
}

static bool read_result(struct run *r, const struct jv *v, struct err *e)
{
	struct arena *a = r->d->a;
	if (!draft_is_obj(v, e))
		return false;
	const char *kind = draft_text(v, "kind", a);
	if (text_ieq(kind, "pass") || text_ieq(kind, "notApplicable") ||
	    text_ieq(draft_text(v, "baselineState", a), "absent"))
		return true;
	struct jv ref = json_get(v, "rule"), component = json_get(&ref, "toolComponent");
	const char *id = draft_text(v, "ruleId", a);
	int64_t index = draft_int(v, "ruleIndex");
	if (!id)
		id = draft_text(&ref, "id", a);
	if (index == NUM_NONE)
		index = draft_int(&ref, "index");
	const struct sarif_rule *rule = sarif_rules_find(&r->rules, id, index, &component);
	if (!id && rule && *rule->id)
		id = rule->id;

	struct rec_finding f = {.rule = id, .suppressed = suppressed(v, a)};
	const char *base = NULL, *uri = location(r, v, &f.line, &base);
	const char *message = message_text(r, rule, v);
	f.severity = severity(r, rule, id, v, !kind || text_ieq(kind, "fail"), &f.word);
	f.path = shown_path(uri, base, a);
	f.message = without_links(message, a);
	if (rule) {
		f.title = rule->title;
		f.url = rule->url;
	}
	if (!f.title)
		f.title = f.message ? text_line(a, f.message, 120) : id;
	f.cwe = cwe(v, rule, a);
	f.cve = draft_cve(a, id);
	f.package = line_value(message, "Package: ", a);
	f.fix = line_value(message, "Fixed Version: ", a);
	f.occurrences = draft_int(v, "occurrenceCount");
	f.strong = fingerprint(v, a);
	f.context = snippet(v, a);
	if (rule)
		*rule->used = true;
	const char *const parts[] = {r->category, r->driver, id, scan_path(a, uri), message};
	draft_add(r->d, &f, parts, ARRAY_SIZE(parts));
	return true;
}

static bool read_invocations(struct run *r, struct tally *t, struct err *e)
{
	struct arena *a = r->d->a;
	if (!json_arr_opt(&r->v, "invocations", &r->invocations, e))
		return false;
	size_t i = 0;
	for (struct jv it = json_first(&r->invocations); it.n; it = json_next(&it), i++) {
		const char *end = draft_text(&it, "endTimeUtc", a),
			   *ok = draft_text(&it, "executionSuccessful", a);
		draft_time(r->d, draft_date(end ? end : draft_text(&it, "startTimeUtc", a)));
		if (text_ieq(ok, "false")) {
			const char *code = draft_text(&it, "exitCode", a),
				   *why = draft_text(&it, "exitCodeDescription", a);
			t->unsuccessful = true;
			if (!t->why)
				t->why = arena_printf(a, "%s says it did not succeed%s%s%s%s",
						      r->driver, code ? ", exit code " : "",
						      code ? code : "", why ? ": " : "",
						      why ? why : "");
		}
		struct jv list = json_get(&it, "ruleConfigurationOverrides");
		for (struct jv o = json_first(&list); o.n; o = json_next(&o)) {
			struct jv descriptor = json_get(&o, "descriptor"),
				  component = json_get(&descriptor, "toolComponent");
			struct override x = {.invocation = i,
					     .id = draft_text(&descriptor, "id", a),
					     .level = sub_text(&o, "configuration", "level", a)};
			x.rule = sarif_rules_find(&r->rules, x.id, draft_int(&descriptor, "index"),
						  &component);
			enum severity known;
			if (scan_severity_word(x.level, &known) && (x.id || x.rule))
				vec_push(a, &r->overrides, x);
		}
	}
	return true;
}

/* Results may also stand in other files, or inline in a form that is not read. */
static void note_external(struct run *r, const struct jv *root)
{
	struct jv refs = json_get(&r->v, "externalPropertyFileReferences"),
		  files = json_get(&refs, "results"),
		  inlined = json_get(root, "inlineExternalProperties");
	if (json_count(&files))
		draft_partial(r->d,
			      "results stand in %zu other files (externalPropertyFileReferences)",
			      json_count(&files));
	for (struct jv it = json_first(&inlined); it.n; it = json_next(&it)) {
		struct jv results = json_get(&it, "results");
		if (json_count(&results))
			draft_partial(r->d,
				      "%zu results stand in inlineExternalProperties, which are "
				      "not read",
				      json_count(&results));
	}
}

/* "owner/repo" of the first repository, or NULL. */
static const char *repository(const struct jv *run, struct arena *a)
{
	struct jv list = json_get(run, "versionControlProvenance"), first = json_first(&list);
	const char *uri = draft_text(&first, "repositoryUri", a);
	if (!uri)
		return NULL;
	uri = draft_location(a, uri);
	size_t n = strlen(uri);
	while (n && uri[n - 1] == '/')
		n--;
	if (n > 4 && !strncmp(uri + n - 4, ".git", 4))
		n -= 4;
	size_t from = n, slashes = 0;
	while (from && (slashes += uri[from - 1] == '/' || uri[from - 1] == ':') < 2)
		from--;
	return from < n ? arena_strndup(a, uri + from, n - from) : NULL;
}

/* The run's category: automationDetails.id up to its last "/"; what follows names the one run. */
static const char *category(const struct jv *run, struct arena *a)
{
	const char *id = sub_text(run, "automationDetails", "id", a);
	const char *slash = id ? strrchr(id, '/') : NULL;
	return slash ? arena_strndup(a, id, (size_t)(slash - id)) : "";
}

static bool read_run(struct scan_draft *d, const struct jv *root, const struct jv *v,
		     struct tally *t, struct err *e)
{
	struct arena *a = d->a;
	struct run r = {.d = d, .v = *v};
	if (!draft_is_obj(v, e))
		return false;
	t->runs++;
	r.tool = json_get(&r.v, "tool");
	struct jv driver = json_get(&r.tool, "driver"), results;
	const char *name = draft_text(&driver, "name", a);
	r.driver = identity_tool(a, name);
	r.category = category(&r.v, a);
	if (name && !d->own_tool) {
		d->own_tool = r.driver;
		d->out->tool_version = draft_text(&driver, "semanticVersion", a);
		if (!d->out->tool_version)
			d->out->tool_version = draft_text(&driver, "version", a);
	}
	if (!d->own_target)
		d->own_target = repository(&r.v, a);
	if (*r.category && !(d->out->scope && strstr(d->out->scope, r.category)))
		d->out->scope = d->out->scope
					? arena_printf(a, "%s + %s", d->out->scope, r.category)
					: r.category;
	if (!sarif_rules_init(&r.tool, a, &r.rules, e) || !read_invocations(&r, t, e) ||
	    !json_arr_opt(&r.v, "artifacts", &r.artifacts, e) ||
	    !json_arr_opt(&r.v, "results", &results, e))
		return false;
	for (struct jv it = json_first(&r.artifacts); it.n; it = json_next(&it))
		vec_push(a, &r.artifact, it);
	note_external(&r, root);
	t->analysed += json_is_arr(&results);
	for (struct jv it = json_first(&results); it.n; it = json_next(&it)) {
		t->entries++;
		if (!read_result(&r, &it, e))
			return false;
	}
	d->out->rules = t->runs == 1 ? sarif_rules_digest(&r.rules, a) : NULL;
	return true;
}

bool sarif_read(const struct scan_input *in, struct scan_draft *d, struct err *e)
{
	struct jv runs;
	struct tally t = {0};
	const char *version = draft_text(in->json, "version", d->a);
	if (!text_starts(version, "2.")) {
		draft_unsupported(d, "SARIF version %s cannot be read, only 2.x",
				  version ? version : "(none)");
		return true;
	}
	if (!json_arr_opt(in->json, "runs", &runs, e))
		return false;
	for (struct jv it = json_first(&runs); it.n; it = json_next(&it))
		if (!read_run(d, in->json, &it, &t, e))
			return false;
	if (t.unsuccessful && t.entries == 0)
		draft_failed(d, "%s", t.why);
	else if (t.unsuccessful)
		draft_partial(d, "%s", t.why);
	/* 3.13.4, 3.14.23: no runs: could not be produced; no results: did not start to analyse. */
	if (t.runs == 0)
		draft_suspect(d, "no runs: the report could not be produced");
	else if (t.analysed == 0)
		draft_suspect(d, "no run has results: the tool did not start to analyse");
	else if (t.analysed < t.runs)
		draft_partial(d, "%zu of %zu runs did not start to analyse (no results)",
			      t.runs - t.analysed, t.runs);
	return true;
}
