#include "lib/xml.h"

#include "base/parse.h"
#include "base/sb.h"
#include "base/text.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xpath.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

/* struct xml and struct xnode are xmlDoc and xmlNode by other names: nobody outside this file sees
 * libxml2. */
static xmlDocPtr D(const struct xml *x)
{
	return (xmlDocPtr)(uintptr_t)x;
}
static xmlNodePtr N(const struct xnode *n)
{
	return (xmlNodePtr)(uintptr_t)n;
}
static struct xnode *X(xmlNodePtr n)
{
	return (struct xnode *)n;
}
#define U(s) ((const xmlChar *)(s))
#define C(s) ((const char *)(s))

PRINTF_LIKE(2, 3) static void keep_first(void *ctx, const char *fmt, ...)
{
	struct err *e = ctx;
	char text[400];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	size_t n = strlen(text);
	while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
		text[--n] = '\0';
	if (n)
		err_set(e, ERR_PROTO, "%s", text);
}

static void keep_first_structured(void *ctx, xmlErrorPtr x)
{
	keep_first(ctx, "line %d: %s", x->line, x->message ? x->message : "error");
}

static void quiet(void *ctx UNUSED, xmlErrorPtr x UNUSED)
{
}

bool xml_parse(const char *s, size_t n, const char *name, struct xml **out, struct err *e)
{
	if (n > INT32_MAX)
		return err_set(e, ERR_LIMIT, "%s: larger than 2 GB", name);
	xmlParserCtxtPtr ctx = xmlNewParserCtxt();
	BUG_ON(!ctx);
	xmlSetStructuredErrorFunc(NULL, quiet);
	xmlDocPtr d =
		xmlCtxtReadMemory(ctx, s, (int)n, name, NULL, XML_PARSE_NONET | XML_PARSE_COMPACT);
	bool ok = d && ctx->wellFormed && xmlDocGetRootElement(d);
	if (!ok) {
		const xmlError *x = xmlCtxtGetLastError(ctx);
		struct arena a = {0};
		err_set(e, ERR_PROTO, "%s: not XML: line %d: %s", name, x ? x->line : 0,
			x && x->message ? text_line(&a, x->message, 200) : "empty");
		arena_release(&a);
		xmlFreeDoc(d);
	}
	xmlFreeParserCtxt(ctx);
	xmlSetStructuredErrorFunc(NULL, NULL);
	if (ok)
		*out = (struct xml *)d;
	return ok;
}

struct xml *xml_new(const char *root)
{
	xmlDocPtr d = xmlNewDoc(U("1.0"));
	BUG_ON(!d);
	xmlNodePtr r = xmlNewDocNode(d, NULL, U(root), NULL);
	BUG_ON(!r);
	xmlDocSetRootElement(d, r);
	return (struct xml *)d;
}

struct xml *xml_copy(const struct xml *x)
{
	xmlDocPtr d = xmlCopyDoc(D(x), 1);
	BUG_ON(!d);
	return (struct xml *)d;
}

void xml_free(struct xml *x)
{
	xmlFreeDoc(D(x));
}

void xml_freep(struct xml **x)
{
	xml_free(*x);
}

struct xnode *xml_root(const struct xml *x)
{
	return X(xmlDocGetRootElement(D(x)));
}

const char *xml_write(const struct xml *x, struct arena *a, size_t *len)
{
	xmlChar *p = NULL;
	int n = 0;
	xmlDocDumpFormatMemoryEnc(D(x), &p, &n, "UTF-8", 0);
	BUG_ON(!p);
	const char *copy = arena_strndup(a, C(p), (size_t)n);
	xmlFree(p);
	if (len)
		*len = (size_t)n;
	return copy;
}

const char *xml_name(const struct xnode *n)
{
	return C(N(n)->name);
}

bool xml_is(const struct xnode *n, const char *name)
{
	return n && !strcmp(xml_name(n), name);
}

const char *xml_get(const struct xnode *n, const char *attr, struct arena *a)
{
	xmlChar *v = xmlGetNoNsProp(N(n), U(attr));
	const char *copy = arena_strdup(a, C(v));
	xmlFree(v);
	return copy;
}

const char *xml_content(const struct xnode *n, struct arena *a)
{
	xmlChar *v = xmlNodeGetContent(N(n));
	const char *copy = v ? arena_strdup(a, C(v)) : "";
	xmlFree(v);
	return copy;
}

static xmlNodePtr element(xmlNodePtr n)
{
	while (n && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return n;
}

struct xnode *xml_child(const struct xnode *n)
{
	return X(element(N(n)->children));
}

struct xnode *xml_next(const struct xnode *n)
{
	return X(element(N(n)->next));
}

struct xnode *xml_parent(const struct xnode *n)
{
	xmlNodePtr p = N(n)->parent;
	return p && p->type == XML_ELEMENT_NODE ? X(p) : NULL;
}

static struct xnode *named(struct xnode *n, const char *name)
{
	while (n && strcmp(xml_name(n), name) != 0)
		n = xml_next(n);
	return n;
}

struct xnode *xml_child_named(const struct xnode *n, const char *name)
{
	return named(xml_child(n), name);
}

struct xnode *xml_next_named(const struct xnode *n, const char *name)
{
	return named(xml_next(n), name);
}

void xml_pieces(const struct xnode *n, struct arena *a, struct xpieces *out)
{
	for (xmlNodePtr c = N(n)->children; c; c = c->next) {
		if (c->type == XML_ELEMENT_NODE)
			vec_push(a, out, ((struct xpiece){.node = X(c)}));
		else if ((c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE) &&
			 c->content)
			vec_push(a, out, ((struct xpiece){.text = arena_strdup(a, C(c->content))}));
	}
}

static xmlXPathObjectPtr eval(const struct xml *x, const struct xnode *from, const char *xpath)
{
	xmlXPathContextPtr ctx = xmlXPathNewContext(D(x));
	BUG_ON(!ctx);
	ctx->node = from ? N(from) : xmlDocGetRootElement(D(x));
	xmlXPathObjectPtr r = xmlXPathEvalExpression(U(xpath), ctx);
	if (!r)
		fprintf(stderr, "sitrep: bad XPath: %s\n", xpath);
	BUG_ON(!r);
	xmlXPathFreeContext(ctx);
	return r;
}

void xml_find(const struct xml *x, const struct xnode *from, const char *xpath, struct arena *a,
	      struct xnodes *out)
{
	xmlXPathObjectPtr r = eval(x, from, xpath);
	if (r->type == XPATH_NODESET && r->nodesetval)
		for (int i = 0; i < r->nodesetval->nodeNr; i++)
			if (r->nodesetval->nodeTab[i]->type == XML_ELEMENT_NODE)
				vec_push(a, out, X(r->nodesetval->nodeTab[i]));
	xmlXPathFreeObject(r);
}

const char *xml_find_text(const struct xml *x, const struct xnode *from, const char *xpath,
			  struct arena *a)
{
	xmlXPathObjectPtr r = eval(x, from, xpath);
	const char *copy = NULL;
	if (r->type != XPATH_NODESET || (r->nodesetval && r->nodesetval->nodeNr)) {
		xmlChar *s = xmlXPathCastToString(r);
		copy = arena_strdup(a, C(s));
		xmlFree(s);
	}
	xmlXPathFreeObject(r);
	return copy;
}

const char *xml_namespace(const struct xnode *n)
{
	return N(n)->ns ? C(N(n)->ns->href) : NULL;
}

struct xnode *xml_add(struct xnode *parent, const char *name)
{
	xmlNodePtr n = xmlNewDocNode(N(parent)->doc, NULL, U(name), NULL);
	BUG_ON(!n);
	BUG_ON(!xmlAddChild(N(parent), n));
	return X(n);
}

/* XML 1.0 cannot carry most control characters, lone surrogates or U+FFFE/F, not even escaped. */
static const char *carriable(struct arena *a, const char *s)
{
	bool clean = true;
	const char *end = s + strlen(s);
	for (const char *p = s; p < end && clean;) {
		const char *at = p;
		uint32_t c = utf8_next(&p, end);
		clean = (c >= 0x20 || c == '\t' || c == '\n') && (c & 0xfffe) != 0xfffe &&
			!(c == 0xfffd && p - at == 1);
	}
	if (clean)
		return s;
	struct sb b;
	sb_init(&b, a, SIZE_MAX / 8);
	for (const char *p = s; p < end;) {
		const char *at = p;
		uint32_t c = utf8_next(&p, end);
		if (c == 0xfffd && p - at == 1)
			sb_add(&b, "\xef\xbf\xbd");
		else if ((c >= 0x20 || c == '\t' || c == '\n') && (c & 0xfffe) != 0xfffe)
			sb_addn(&b, at, (size_t)(p - at));
	}
	return sb_str(&b);
}

void xml_attr(struct xnode *n, const char *name, const char *v)
{
	if (!v)
		return;
	struct arena a = {0};
	BUG_ON(!xmlSetProp(N(n), U(name), U(carriable(&a, v))));
	arena_release(&a);
}

void xml_attr_f(struct xnode *n, const char *name, const char *fmt, ...)
{
	struct arena a = {0};
	va_list ap;
	va_start(ap, fmt);
	xml_attr(n, name, arena_vprintf(&a, fmt, ap));
	va_end(ap);
	arena_release(&a);
}

void xml_attr_i64(struct xnode *n, const char *name, int64_t v)
{
	if (v != NUM_NONE)
		xml_attr_f(n, name, "%lld", (long long)v);
}

void xml_attr_time(struct xnode *n, const char *name, int64_t t_s)
{
	char buf[TIME_TEXT];
	if (t_s != TIME_NONE)
		xml_attr(n, name, time_iso(t_s, buf));
}

void xml_text(struct xnode *n, const char *s)
{
	if (!s || !*s)
		return;
	struct arena a = {0};
	xmlNodePtr t = xmlNewDocText(N(n)->doc, U(carriable(&a, s)));
	BUG_ON(!t);
	BUG_ON(!xmlAddChild(N(n), t));
	arena_release(&a);
}

void xml_textf(struct xnode *n, const char *fmt, ...)
{
	struct arena a = {0};
	va_list ap;
	va_start(ap, fmt);
	xml_text(n, arena_vprintf(&a, fmt, ap));
	va_end(ap);
	arena_release(&a);
}

struct xnode *xml_add_copy(struct xnode *parent, const struct xnode *other)
{
	xmlNodePtr n = xmlDocCopyNode(N(other), N(parent)->doc, 1);
	BUG_ON(!n);
	BUG_ON(!xmlAddChild(N(parent), n));
	return X(n);
}

void xml_remove(struct xnode *n)
{
	xmlUnlinkNode(N(n));
	xmlFreeNode(N(n));
}

bool xml_add_fragment(struct xnode *parent, const char *s, size_t n, struct err *e)
{
	struct xml *x;
	if (!xml_parse(s, n, "fragment", &x, e))
		return false;
	xml_add_copy(parent, xml_root(x));
	xml_free(x);
	return true;
}

struct xslt {
	xsltStylesheetPtr sheet;
	xsltSecurityPrefsPtr prefs;
};

bool xslt_open(const char *s, size_t n, const char *name, struct xslt **out, struct err *e)
{
	struct xml *x;
	if (!xml_parse(s, n, name, &x, e)) {
		e->kind = ERR_BUG;
		return false;
	}
	CLEANUP(xslt_freep) struct xslt *t = calloc(1, sizeof *t);
	BUG_ON(!t);
	struct err why = {0};
	xsltSetGenericErrorFunc(&why, keep_first);
	t->sheet = xsltParseStylesheetDoc(D(x));
	xsltSetGenericErrorFunc(NULL, NULL);
	if (!t->sheet || t->sheet->errors) {
		if (!t->sheet)
			xml_free(x);
		return err_set(e, ERR_BUG, "%s: %s", name, why.msg);
	}
	t->prefs = xsltNewSecurityPrefs();
	BUG_ON(!t->prefs);
	static const xsltSecurityOption all[] = {
		XSLT_SECPREF_READ_FILE, XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
		XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		BUG_ON(xsltSetSecurityPrefs(t->prefs, all[i], xsltSecurityForbid));
	*out = TAKE_PTR(t);
	return true;
}

bool xslt_apply(struct xslt *t, const struct xml *x, const char *const *params, struct arena *a,
		const char **out, size_t *len, struct err *e)
{
	struct err why = {0};
	xsltTransformContextPtr ctx = xsltNewTransformContext(t->sheet, D(x));
	BUG_ON(!ctx);
	xsltSetTransformErrorFunc(ctx, &why, keep_first);
	BUG_ON(xsltSetCtxtSecurityPrefs(t->prefs, ctx));
	for (size_t i = 0; params && params[i]; i += 2)
		BUG_ON(xsltQuoteOneUserParam(ctx, U(params[i]), U(params[i + 1])));
	xmlDocPtr r = xsltApplyStylesheetUser(t->sheet, D(x), NULL, NULL, NULL, ctx);
	bool ok = r && ctx->state == XSLT_STATE_OK && why.kind == ERR_NONE;
	xmlChar *p = NULL;
	int n = 0;
	if (ok)
		ok = xsltSaveResultToString(&p, &n, r, t->sheet) == 0;
	if (ok) {
		*out = arena_strndup(a, p ? C(p) : "", (size_t)n);
		*len = (size_t)n;
	} else {
		err_set(e, ERR_PROTO, "transformation: %s", why.kind ? why.msg : "failed");
	}
	xmlFree(p);
	xmlFreeDoc(r);
	xsltFreeTransformContext(ctx);
	return ok;
}

void xslt_free(struct xslt *t)
{
	if (!t)
		return;
	xsltFreeStylesheet(t->sheet);
	xsltFreeSecurityPrefs(t->prefs);
	free(t);
}

void xslt_freep(struct xslt **t)
{
	xslt_free(*t);
}

bool xml_validate(const struct xml *x, const char *schema, size_t n, struct err *e)
{
	struct err why = {0};
	xmlRelaxNGParserCtxtPtr pc = xmlRelaxNGNewMemParserCtxt(schema, (int)n);
	BUG_ON(!pc);
	xmlRelaxNGSetParserErrors(pc, keep_first, keep_first, &why);
	xmlRelaxNGPtr rng = xmlRelaxNGParse(pc);
	xmlRelaxNGFreeParserCtxt(pc);
	if (!rng)
		return err_set(e, ERR_BUG, "bad RELAX NG schema: %s", why.msg);
	xmlRelaxNGValidCtxtPtr vc = xmlRelaxNGNewValidCtxt(rng);
	BUG_ON(!vc);
	xmlRelaxNGSetValidStructuredErrors(vc, keep_first_structured, &why);
	bool ok = xmlRelaxNGValidateDoc(vc, D(x)) == 0;
	xmlRelaxNGFreeValidCtxt(vc);
	xmlRelaxNGFree(rng);
	return ok || err_set(e, ERR_PROTO, "invalid: %s", why.msg);
}

struct xml *xml_parse_html(const char *s, size_t n)
{
	BUG_ON(n > INT32_MAX);
	xmlDocPtr d = htmlReadMemory(s, (int)n, NULL, "UTF-8",
				     HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
					     HTML_PARSE_RECOVER);
	BUG_ON(!d);
	return (struct xml *)d;
}

const char *xml_version(void)
{
	return LIBXML_DOTTED_VERSION;
}

const char *xslt_version(void)
{
	return LIBXSLT_DOTTED_VERSION;
}

void xml_cleanup(void)
{
	xsltCleanupGlobals();
	xmlCleanupParser();
}
