#include "lib/pdfmeta.h"

#include "base/text.h"

#include <qpdf/qpdf-c.h>

#define DEPTH_MAX 64 /* of a structure tree: ours has about ten levels */

struct walk {
	qpdf_data q;
	const struct pdfmeta *m;
	struct arena *a;
	size_t figures, heads;
	bool deep;
};

static void figure(struct walk *w, qpdf_oh el)
{
	if (w->figures < w->m->figure_alts->n)
		qpdf_oh_replace_key(
			w->q, el, "/Alt",
			qpdf_oh_new_unicode_string(w->q, w->m->figure_alts->v[w->figures]));
	w->figures++;
}

static void table_head(struct walk *w, qpdf_oh el)
{
	if (w->heads < w->m->th_scopes->n) {
		qpdf_oh attrs = qpdf_oh_new_dictionary(w->q);
		qpdf_oh_replace_key(w->q, attrs, "/O", qpdf_oh_new_name(w->q, "/Table"));
		qpdf_oh_replace_key(
			w->q, attrs, "/Scope",
			qpdf_oh_new_name(w->q,
					 arena_printf(w->a, "/%s", w->m->th_scopes->v[w->heads])));
		qpdf_oh_replace_key(w->q, el, "/A", attrs);
	}
	w->heads++;
}

static void element(struct walk *w, qpdf_oh el, int depth)
{
	if (depth > DEPTH_MAX) {
		w->deep = true;
		return;
	}
	if (qpdf_oh_is_array(w->q, el)) {
		int n = qpdf_oh_get_array_n_items(w->q, el);
		for (int i = 0; i < n; i++)
			element(w, qpdf_oh_get_array_item(w->q, el, i), depth + 1);
		return;
	}
	if (!qpdf_oh_is_dictionary(w->q, el) || !qpdf_oh_has_key(w->q, el, "/S"))
		return; /* marked content, or a reference to an annotation */
	qpdf_oh kind = qpdf_oh_get_key(w->q, el, "/S");
	if (qpdf_oh_is_name_and_equals(w->q, kind, "/Figure"))
		figure(w, el);
	else if (qpdf_oh_is_name_and_equals(w->q, kind, "/TH"))
		table_head(w, el);
	element(w, qpdf_oh_get_key(w->q, el, "/K"), depth + 1);
}

static bool problem(qpdf_data q, const char *what, struct err *e)
{
	qpdf_error why = qpdf_has_error(q) ? qpdf_get_error(q) : NULL;
	return err_set(e, ERR_BUG, "qpdf, %s: %s", what,
		       why ? qpdf_get_error_full_text(q, why) : "no reason given");
}

static void catalogue(struct walk *w, qpdf_oh root)
{
	qpdf_data q = w->q;
	qpdf_oh prefs = qpdf_oh_new_dictionary(q), mark = qpdf_oh_new_dictionary(q);
	qpdf_oh_replace_key(q, prefs, "/DisplayDocTitle", qpdf_oh_new_bool(q, QPDF_TRUE));
	qpdf_oh_replace_key(q, mark, "/Marked", qpdf_oh_new_bool(q, QPDF_TRUE));
	qpdf_oh_replace_key(q, root, "/Lang", qpdf_oh_new_unicode_string(q, w->m->lang));
	qpdf_oh_replace_key(q, root, "/ViewerPreferences", prefs);
	qpdf_oh_replace_key(q, root, "/MarkInfo", mark);
	int pages = qpdf_get_num_pages(q);
	for (int i = 0; i < pages; i++)
		qpdf_oh_replace_key(q, qpdf_get_page_n(q, (size_t)i), "/Tabs",
				    qpdf_oh_new_name(q, "/S"));
}

static bool finish(struct walk *w, const char *in, size_t n, const char **out, size_t *len,
		   struct err *e)
{
	qpdf_data q = w->q;
	qpdf_silence_errors(q);
	qpdf_set_suppress_warnings(q, QPDF_TRUE);
	qpdf_set_attempt_recovery(q, QPDF_FALSE);
	if (qpdf_read_memory(q, "digest.pdf", in, n, NULL) & QPDF_ERRORS)
		return problem(q, "reading", e);
	qpdf_oh root = qpdf_get_root(q);
	qpdf_oh tree = qpdf_oh_get_key(q, root, "/StructTreeRoot");
	if (!qpdf_oh_is_dictionary(q, tree))
		return err_set(e, ERR_BUG, "the PDF has no structure tree");
	element(w, qpdf_oh_get_key(q, tree, "/K"), 0);
	if (w->deep || w->figures != w->m->figure_alts->n || w->heads != w->m->th_scopes->n)
		return err_set(
			e, ERR_BUG,
			"the PDF's tree has %zu figures and %zu table heads, not %zu and %zu",
			w->figures, w->heads, w->m->figure_alts->n, w->m->th_scopes->n);
	catalogue(w, root);
	if (qpdf_has_error(q))
		return problem(q, "changing", e);
	if (qpdf_init_write_memory(q) & QPDF_ERRORS)
		return problem(q, "writing", e);
	qpdf_set_deterministic_ID(q, QPDF_TRUE);
	qpdf_set_object_stream_mode(q, qpdf_o_generate);
	if (qpdf_write(q) & QPDF_ERRORS)
		return problem(q, "writing", e);
	size_t bytes = qpdf_get_buffer_length(q);
	*out = arena_strndup(w->a, (const char *)qpdf_get_buffer(q), bytes);
	*len = bytes;
	return true;
}

bool pdfmeta_finish(const char *in, size_t n, const struct pdfmeta *m, struct arena *a,
		    const char **out, size_t *len, struct err *e)
{
	struct walk w = {.q = qpdf_init(), .m = m, .a = a};
	bool done = finish(&w, in, n, out, len, e);
	qpdf_cleanup(&w.q);
	return done;
}

const char *pdfmeta_version(void)
{
	return qpdf_get_qpdf_version();
}
