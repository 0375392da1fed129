#include "render/render.h"

#include "chart/versions.h"
#include "lib/json.h"
#include "lib/mime.h"
#include "lib/pdfmeta.h"

#include "base/limits.h"

/* One rendering into the list; a failure becomes a line and is over with. */
static bool keep(bool ok, const char *name, const char *type, const char *bytes, size_t len,
		 struct arena *a, struct artefacts *out, struct strv *failed, const struct err *why)
{
	if (!ok) {
		vec_push(a, failed, arena_printf(a, "%s: %s", name, why->msg));
		return false;
	}
	if (len > LIMIT_DOC_BYTES) {
		vec_push(a, failed, arena_printf(a, "%s: %zu bytes are too many", name, len));
		return false;
	}
	vec_push(a, out, ((struct artefact){name, type, bytes, len}));
	return true;
}

bool render_all(const char *document, size_t n, struct arena *a, struct artefacts *out,
		struct strv *failed, struct err *e)
{
	CLEANUP(xml_freep) struct xml *doc = NULL;
	if (!xml_parse(document, n, "digest.xml", &doc, e))
		return false;
	size_t made = 0;
	const char *p = NULL, *pdf = NULL;
	size_t len = 0, pdf_len = 0;
	bool ok;
	struct err why = {0};

	keep(true, "digest.xml", "application/xml", arena_memdup(a, document, n), n, a, out, failed,
	     &why);

	why = (struct err){0};
	ok = render_page(doc, a, &p, &len, &why);
	made += keep(ok, "page.html", "text/html; charset=utf-8", p, len, a, out, failed, &why);

	why = (struct err){0};
	ok = render_pdf(doc, a, &pdf, &pdf_len, &why);
	bool has_pdf =
		keep(ok, "digest.pdf", "application/pdf", pdf, pdf_len, a, out, failed, &why);
	made += has_pdf;

	why = (struct err){0};
	struct text_opts text = {.width = 100};
	ok = render_text(doc, &text, a, &p, &len, &why);
	made += keep(ok, "digest.txt", "text/plain; charset=utf-8", p, len, a, out, failed, &why);

	why = (struct err){0};
	ok = render_json(doc, a, &p, &len, &why);
	made += keep(ok, "digest.json", "application/json", p, len, a, out, failed, &why);

	/* without a PDF both mails are the same, and the message goes out all the same */
	struct bytes full = {0}, small = {0};
	why = (struct err){0};
	ok = render_mails(doc, has_pdf ? pdf : NULL, pdf_len, a, &full, &small, &why);
	made += keep(ok, "mail.eml", "message/rfc822", full.p, full.len, a, out, failed, &why);
	made += keep(ok, "mail-small.eml", "message/rfc822", small.p, small.len, a, out, failed,
		     &why);

	why = (struct err){0};
	ok = render_slack(doc, a, &p, &len, &why);
	made += keep(ok, "slack.json", "application/json", p, len, a, out, failed, &why);

	return made || err_set(e, ERR_BUG, "nothing could be rendered: %s", failed->v[0]);
}

void render_versions(struct arena *a, struct strv *names, struct strv *values)
{
	const char *const list[][2] = {
		{"sitrep", SITREP_VERSION},	  {"cairo", chart_cairo_version()},
		{"pango", chart_pango_version()}, {"fonts", chart_fonts(a)},
		{"libxml2", xml_version()},	  {"libxslt", xslt_version()},
		{"qpdf", pdfmeta_version()},	  {"gmime", mime_version()},
		{"cjson", json_version()},
	};
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		vec_push(a, names, list[i][0]);
		vec_push(a, values, list[i][1]);
	}
}
