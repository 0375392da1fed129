#include "scan/scan.h"

#include "base/text.h"
#include "base/limits.h"
#include "lib/crypto.h"
#include "lib/zip.h"
#include "scan/bytes.h"
#include "scan/draft.h"
#include "scan/identity.h"
#include "scan/recognise.h"

#include <strings.h>

/* What the bytes turned out to be. */
struct report {
	struct scan_input in;
	const struct scan_format *format; /* NULL: none known */
	bool bare; /* [] or null: a list of nothing that carries no format */
	const struct json *doc; /* NULL for XML and lines */
};

static void verdict(struct rec_scan *s, enum scan_status status, const char *reason)
{
	s->status = status;
	s->reason = reason;
}

static const char *keep(struct arena *a, const struct err *e)
{
	return text_line(a, e->msg, 0);
}

/* A web server's error page, or a log-in page, saved in place of the report. */
static bool is_html(const char *s, size_t n)
{
	size_t skip = 0;
	while (skip < n && s[skip] && strchr(" \t\r\n", s[skip]))
		skip++;
	s += skip;
	n -= skip;
	return (n >= 9 && !strncasecmp(s, "<!doctype", 9) &&
		memmem(s, MIN(n, (size_t)40), "html", 4)) ||
	       (n >= 5 && !strncasecmp(s, "<html", 5));
}

/* The line in which JSON begins below what a tool said beside its report ("grype … > f 2>&1"); 0:
 * not so. */
static size_t begins_below(const char *s, size_t n)
{
	const char *p = s, *end = s + n, *line;
	size_t len;
	bool other = false;
	for (size_t k = 1; bytes_line(&p, end, &line, &len); k++) {
		bool json = len && (*line == '{' ||
				    (*line == '[' && (len == 1 || strchr("{[]\"", line[1]))));
		if (json || (len && *line == '<'))
			return json && other ? k : 0;
		other = other || len;
	}
	return 0;
}

static const char *why_malformed(const struct report *r, const struct err *e, struct arena *a)
{
	size_t below = begins_below(r->in.bytes, r->in.len);
	if (is_html(r->in.bytes, r->in.len))
		return arena_printf(a, "an HTML page, not a report (%s)", keep(a, e));
	if (below)
		return arena_printf(a,
				    "%s; other text stands before the JSON, which begins in line "
				    "%zu: keep the tool's messages out of the file",
				    keep(a, e), below);
	return keep(a, e);
}

static void malformed(struct rec_scan *s, const struct report *r, const struct err *e,
		      struct arena *a)
{
	const struct scan_format *f = recognise_broken(r->in.bytes, r->in.len);
	if (f) {
		/* Only whose it is can be told, not which of its forms it would have been. */
		s->format = f->tool ? f->tool : f->name;
		if (f->tool && !r->in.o->tool)
			s->tool = f->tool;
	}
	verdict(s, SCAN_MALFORMED, why_malformed(r, e, a));
}

static bool tool_fits(const char *said, const char *is, struct rec_scan *s, struct arena *a)
{
	if (!said || recognise_same_tool(said, is, a))
		return true;
	verdict(s, SCAN_UNRECOGNISED,
		arena_printf(a, "a report of %s where one of \"%s\" was expected", is,
			     text_line(a, said, 60)));
	return false;
}

/* r->format is set. */
static void read_format(struct rec_scan *s, struct report *r, struct arena *a)
{
	const struct scan_opts *o = r->in.o;
	const struct scan_format *f = r->format;
	s->format = f->name;
	if (f->tool) {
		if (!tool_fits(o->tool, f->tool, s, a))
			return;
		s->tool = f->tool;
	}
	struct scan_draft d = {.a = a, .out = s};
	struct err e = {0};
	if (!f->read(&r->in, &d, &e) || (r->doc && !json_sound(r->doc, &e))) {
		memset(&s->list, 0, sizeof s->list);
		verdict(s, SCAN_MALFORMED, keep(a, &e));
		return;
	}
	if (d.own_tool) {
		if (!tool_fits(o->tool, d.own_tool, s, a)) {
			memset(&s->list, 0, sizeof s->list);
			return;
		}
		if (!o->tool)
			s->tool = d.own_tool;
	}
	if (!o->target && d.own_target)
		s->target = d.own_target;
	draft_settle(&d);
}

static void read_empty(struct rec_scan *s, const struct scan_opts *o, struct arena *a)
{
	const struct scan_format *f = recognise_empty(o->tool);
	if (f) {
		s->format = f->name;
		s->tool = f->tool;
		verdict(s, SCAN_ZERO, NULL);
	} else {
		verdict(s, SCAN_UNRECOGNISED,
			o->tool ? arena_printf(a, "an empty list, which \"%s\" does not write",
					       text_line(a, o->tool, 60))
				: "an empty list says nothing of its tool: name it (--tool)");
	}
}

static void recognise_json(struct report *r, const struct jv *root)
{
	struct scan_input *in = &r->in;
	in->json = root;
	struct jv first = json_first(root);
	if (json_is_obj(root)) {
		in->first = root;
		r->format = recognise(in, SHAPE_OBJECT);
		if (!r->format)
			r->format = recognise(in, SHAPE_LINES);
	} else if (json_is_arr(root) && first.n) {
		while (first.n && !json_is_obj(&first) && !json_is_arr(&first))
			first = json_next(&first);
		in->first = &first;
		if (json_is_obj(&first))
			r->format = recognise(in, SHAPE_ARRAY);
		else if (json_is_arr(&first))
			r->format = recognise(in, SHAPE_NESTED);
		in->first = NULL;
	} else {
		r->bare = json_is_arr(root) || json_is_null(root);
	}
}

static void finish(struct rec_scan *s, struct report *r, struct arena *a)
{
	if (r->format)
		read_format(s, r, a);
	else if (r->bare)
		read_empty(s, r->in.o, a);
	else
		verdict(s, SCAN_UNRECOGNISED, "well formed, but no report format that is known");
}

static void read_text(struct rec_scan *s, struct report *r, struct arena *a)
{
	struct scan_input *in = &r->in;
	struct err e = {0}, line_e = {0};
	CLEANUP(json_freep) struct json *j = NULL;
	CLEANUP(xml_freep) struct xml *x = NULL;
	const char *p = in->bytes;
	while (*p && strchr(" \t\r\n", *p)) /* ends before len: not all of it is blank */
		p++;
	if (*p == '<') {
		if (!xml_parse(in->bytes, in->len, "report", &x, &e)) {
			malformed(s, r, &e, a);
			return;
		}
		in->xml = x;
		r->format = recognise(in, SHAPE_XML);
		finish(s, r, a);
		return;
	}
	/* SARIF's results are most of the large reports' bytes; other formats have no such array.
	 */
	if (json_parse_long(in->bytes, in->len, "runs", "results", &j, &e)) {
		struct jv root = json_root(j);
		r->doc = j;
		recognise_json(r, &root);
		finish(s, r, a);
		return;
	}
	size_t lines = 0;
	if (e.kind != ERR_LIMIT && recognise_lines(in, &r->format, &lines, &line_e)) {
		finish(s, r, a);
		return;
	}
	/* If the first line is a JSON value the file means to be JSON lines, and the line tells
	 * more than the byte. */
	bool as_lines = line_e.kind != ERR_NONE && !text_starts(line_e.msg, "line 1:");
	malformed(s, r, as_lines ? &line_e : &e, a);
}

void scan_read(const char *bytes, size_t len, const struct scan_opts *o, struct arena *a,
	       struct rec_scan *out)
{
	char hex[SHA256_HEX];
	sha256_hex(bytes, len, hex);
	*out = (struct rec_scan){
		.tool = identity_tool(a, o->tool),
		.target = o->target ? o->target : "unknown",
		.origin = o->origin ? o->origin : "",
		.source = o->source ? o->source : "ingest",
		.sha256 = arena_strdup(a, hex),
		.scanned_s = TIME_NONE,
		.instances = 0,
		.first_site = NUM_NONE,
	};
	struct report r = {.in = {.o = o}};
	struct err packed = {0};
	if (zip_is_gzip(bytes, len) &&
	    !zip_gunzip(bytes, len, LIMIT_REPORT_BYTES, a, &bytes, &len, &packed))
		len = 0;
	bytes_text(bytes, len, a, &r.in.bytes, &r.in.len);
	if (packed.kind != ERR_NONE)
		verdict(out, SCAN_MALFORMED, keep(a, &packed));
	else if (bytes_blank(r.in.bytes, r.in.len))
		verdict(out, SCAN_EMPTY,
			len ? arena_printf(a, "nothing but blanks in %zu bytes", len) : "0 bytes");
	else
		read_text(out, &r, a);
	if (o->scanned_s != TIME_NONE)
		out->scanned_s = o->scanned_s;
	else if (out->scanned_s == TIME_NONE)
		out->scanned_s = o->fallback_s;
	if (out->status == SCAN_UNSUPPORTED) {
		memset(&out->list, 0, sizeof out->list);
		out->findings = out->suppressed = out->instances = NUM_NONE;
		for (int i = 0; i < SEV_COUNT; i++)
			out->severity[i] = NUM_NONE;
	}
}

const char *scan_json_line(const char *file, const struct rec_scan *s, struct arena *a)
{
	CLEANUP(jw_freep) struct jw *o = jw_obj();
	jw_str(o, "file", file);
	jw_str(o, "format", s->format);
	jw_str(o, "status", scan_status_name(s->status));
	jw_i64(o, "findings", s->findings);
	for (int i = 0; i < SEV_COUNT; i++)
		jw_i64(o, severity_name((enum severity)i), s->severity[i]);
	jw_i64(o, "suppressed", s->suppressed);
	jw_str(o, "reason", s->reason);
	return jw_print(o, false, a);
}
