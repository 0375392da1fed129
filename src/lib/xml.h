/* XML trees: the digest document, reports that are XML, and the two transformations (XSLT, RELAX
 * NG). All of libxml2 and libxslt.
 *
 * Parsing never touches the network, loads no external entity or DTD and substitutes no entity; the
 * library's size limits stand. Nodes belong to their document. Text put in is cleaned of what
 * XML 1.0 cannot carry; the serialisers escape it. */
#ifndef LIB_XML_H
#define LIB_XML_H

#include "base/arena.h"
#include "base/err.h"

struct xml; /* a document */
struct xnode; /* an element in it */
struct xnodes {
	struct xnode **v;
	size_t n, cap;
};

MUST_CHECK bool xml_parse(const char *s, size_t n, const char *name, struct xml **out,
			  struct err *e); /* ERR_PROTO with line */
struct xml *xml_new(const char *root);
struct xml *xml_copy(const struct xml *x);
void xml_free(struct xml *x);
void xml_freep(struct xml **x);
struct xnode *xml_root(const struct xml *x);
/* UTF-8 with declaration, no added blanks: the same tree always gives the same bytes. */
const char *xml_write(const struct xml *x, struct arena *a, size_t *len);

/* Reading. Strings are copied into the arena. */
const char *xml_name(const struct xnode *n);
const char *xml_get(const struct xnode *n, const char *attr,
		    struct arena *a); /* NULL when absent */
const char *xml_content(const struct xnode *n, struct arena *a); /* all text below; "" when none */
struct xnode *xml_child(const struct xnode *n); /* first child element, or NULL */
struct xnode *xml_next(const struct xnode *n); /* next sibling element, or NULL */
struct xnode *xml_child_named(const struct xnode *n, const char *name);
struct xnode *xml_next_named(const struct xnode *n, const char *name);
struct xnode *xml_parent(const struct xnode *n);
bool xml_is(const struct xnode *n, const char *name);
/* Mixed content in order: text runs and child elements. text is set (and node NULL) for a run. */
struct xpiece {
	const char *text;
	struct xnode *node;
};
struct xpieces {
	struct xpiece *v;
	size_t n, cap;
};
void xml_pieces(const struct xnode *n, struct arena *a, struct xpieces *out);
/* XPath 1.0 from n (or from the root): elements only. A bad expression aborts: expressions are
 * ours. */
void xml_find(const struct xml *x, const struct xnode *from, const char *xpath, struct arena *a,
	      struct xnodes *out);
const char *xml_find_text(const struct xml *x, const struct xnode *from, const char *xpath,
			  struct arena *a); /* string value, or NULL */
const char *xml_namespace(const struct xnode *n); /* URI or NULL */

/* Building. */
struct xnode *xml_add(struct xnode *parent, const char *name);
void xml_attr(struct xnode *n, const char *name, const char *v); /* NULL adds nothing; replaces */
void xml_attr_i64(struct xnode *n, const char *name, int64_t v); /* NUM_NONE adds nothing */
void xml_attr_f(struct xnode *n, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
void xml_attr_time(struct xnode *n, const char *name, int64_t t_s); /* TIME_NONE adds nothing */
void xml_text(struct xnode *n, const char *s); /* appends; NULL adds nothing */
void xml_textf(struct xnode *n, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct xnode *xml_add_copy(struct xnode *parent,
			   const struct xnode *other); /* deep, may come from another document */
void xml_remove(struct xnode *n); /* unlinks and frees it with all below */
/* Parses a well-formed fragment with one root and appends it. Fails: ERR_PROTO. */
MUST_CHECK bool xml_add_fragment(struct xnode *parent, const char *s, size_t n, struct err *e);

/* XSLT 1.0; the stylesheet may read and write nothing outside. params: name, value, name, value, …,
 * NULL (values are strings, quoted here). The output method of the stylesheet decides the bytes.
 * Fails: ERR_BUG for a bad stylesheet, ERR_PROTO for the rest. */
struct xslt;
MUST_CHECK bool xslt_open(const char *s, size_t n, const char *name, struct xslt **out,
			  struct err *e);
MUST_CHECK bool xslt_apply(struct xslt *t, const struct xml *x, const char *const *params,
			   struct arena *a, const char **out, size_t *len, struct err *e);
void xslt_free(struct xslt *t);
void xslt_freep(struct xslt **t);

/* RELAX NG. Fails: ERR_PROTO with the first complaint, ERR_BUG for a bad schema. */
MUST_CHECK bool xml_validate(const struct xml *x, const char *schema, size_t n, struct err *e);

/* HTML as browsers send it, for tests: the tree of a page. Never fails on odd markup. */
struct xml *xml_parse_html(const char *s, size_t n);
const char *xml_version(void);
const char *xslt_version(void);
void xml_cleanup(void); /* at exit, for leak checkers */

#endif
