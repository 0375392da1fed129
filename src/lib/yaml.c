#include "lib/yaml.h"

#include "base/text.h"

#include <yaml.h>

#define DEPTH_MAX                                                                                  \
	32 /* the deepest configuration has 6 levels; a bomb must not use up the stack             \
	    */

struct build {
	yaml_document_t *doc;
	struct arena *a;
	const char *name;
	struct ynode **made; /* by libyaml's index, so that an alias is the node itself */
	bool *open; /* being built: an alias to it would be endless */
};

static void closep(yaml_parser_t *p)
{
	yaml_parser_delete(p);
}

static void dropp(yaml_document_t *d)
{
	yaml_document_delete(d);
}

/* libyaml's own explanation, with the place it points to. */
static bool syntax(const yaml_parser_t *p, const char *name, struct err *e)
{
	const char *problem = p->problem ? p->problem : "not YAML";
	switch (p->error) {
	case YAML_READER_ERROR:
		return err_set(e, ERR_CONFIG, "%s: %s at byte %zu; a configuration is UTF-8 text",
			       name, problem, p->problem_offset);
	case YAML_COMPOSER_ERROR:
	case YAML_SCANNER_ERROR:
	case YAML_PARSER_ERROR:
		return err_set(e, ERR_CONFIG, "%s:%zu:%zu: %s%s%s", name, p->problem_mark.line + 1,
			       p->problem_mark.column + 1, problem, p->context ? " " : "",
			       p->context ? p->context : "");
	case YAML_MEMORY_ERROR:
		BUG_ON(true);
	case YAML_NO_ERROR:
	case YAML_WRITER_ERROR:
	case YAML_EMITTER_ERROR:
		break;
	}
	return err_set(e, ERR_CONFIG, "%s: %s", name, problem);
}

static bool wrong(const struct build *b, const yaml_node_t *n, struct err *e, const char *what)
{
	return err_set(e, ERR_CONFIG, "%s:%zu:%zu: %s", b->name, n->start_mark.line + 1,
		       n->start_mark.column + 1, what);
}

static bool build(struct build *b, int index, int depth, const struct ynode **out, struct err *e);

static bool build_map(struct build *b, const yaml_node_t *n, struct ynode *node, int depth,
		      struct err *e)
{
	const yaml_node_pair_t *p = n->data.mapping.pairs.start;
	node->n = (size_t)(n->data.mapping.pairs.top - p);
	node->keys = arena_array(b->a, const struct ynode *, node->n);
	node->v = arena_array(b->a, const struct ynode *, node->n);
	for (size_t i = 0; i < node->n; i++) {
		if (!build(b, p[i].key, depth, &node->keys[i], e))
			return false;
		if (node->keys[i]->kind != YNODE_TEXT)
			return wrong(b, yaml_document_get_node(b->doc, p[i].key), e,
				     "a key must be a word, not a list or mapping");
		if (!build(b, p[i].value, depth, &node->v[i], e))
			return false;
	}
	return true;
}

static bool build_list(struct build *b, const yaml_node_t *n, struct ynode *node, int depth,
		       struct err *e)
{
	const yaml_node_item_t *p = n->data.sequence.items.start;
	node->n = (size_t)(n->data.sequence.items.top - p);
	node->v = arena_array(b->a, const struct ynode *, node->n);
	for (size_t i = 0; i < node->n; i++)
		if (!build(b, p[i], depth, &node->v[i], e))
			return false;
	return true;
}

static bool fill(struct build *b, const yaml_node_t *n, struct ynode *node, int depth,
		 struct err *e)
{
	switch (n->type) {
	case YAML_SCALAR_NODE:
		node->kind = YNODE_TEXT;
		node->text = arena_strndup(b->a, (const char *)n->data.scalar.value,
					   n->data.scalar.length);
		node->quoted = n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		if (strlen(node->text) != n->data.scalar.length)
			return wrong(b, n, e, "a text may not contain a NUL character");
		return true;
	case YAML_SEQUENCE_NODE:
		node->kind = YNODE_LIST;
		return build_list(b, n, node, depth, e);
	case YAML_MAPPING_NODE:
		node->kind = YNODE_MAP;
		return build_map(b, n, node, depth, e);
	case YAML_NO_NODE:
		break;
	}
	bug_(__FILE__, __LINE__, "a YAML node without type");
}

static bool build(struct build *b, int index, int depth, const struct ynode **out, struct err *e)
{
	const yaml_node_t *n = yaml_document_get_node(b->doc, index);
	BUG_ON(!n);
	if (b->open[index])
		return wrong(b, n, e, "this anchor contains itself");
	if (!b->made[index]) {
		if (depth == DEPTH_MAX)
			return wrong(b, n, e, "nested too deeply");
		if (n->tag && !text_starts((const char *)n->tag, "tag:yaml.org,2002:"))
			return wrong(b, n, e, "tags (!name) are not known here; write the value");
		struct ynode *node = arena_new(b->a, struct ynode);
		node->line = n->start_mark.line + 1;
		node->column = n->start_mark.column + 1;
		b->open[index] = true;
		if (!fill(b, n, node, depth + 1, e))
			return false;
		b->open[index] = false;
		b->made[index] = node;
	}
	*out = b->made[index];
	return true;
}

/* Nothing may follow the one document. */
static bool only_one(yaml_parser_t *p, const char *name, struct err *e)
{
	CLEANUP(dropp) yaml_document_t next = {0};
	if (!yaml_parser_load(p, &next))
		return syntax(p, name, e);
	if (!yaml_document_get_root_node(&next))
		return true;
	return err_set(e, ERR_CONFIG,
		       "%s:%zu:%zu: a second document starts here; a configuration is one document",
		       name, next.start_mark.line + 1, next.start_mark.column + 1);
}

bool yaml_parse(const char *text, size_t len, const char *name, struct arena *a,
		const struct ynode **out, struct err *e)
{
	CLEANUP(closep) yaml_parser_t p;
	CLEANUP(dropp) yaml_document_t doc = {0};
	BUG_ON(!yaml_parser_initialize(&p));
	yaml_parser_set_input_string(&p, (const unsigned char *)text, len);
	if (!yaml_parser_load(&p, &doc))
		return syntax(&p, name, e);
	if (!yaml_document_get_root_node(&doc)) {
		*out = NULL;
		return true;
	}
	size_t n = (size_t)(doc.nodes.top - doc.nodes.start) + 1; /* indices start at 1 */
	struct build b = {.doc = &doc,
			  .a = a,
			  .name = name,
			  .made = arena_array(a, struct ynode *, n),
			  .open = arena_array(a, bool, n)};
	const struct ynode *root;
	if (!build(&b, 1, 0, &root, e) || !only_one(&p, name, e))
		return false;
	*out = root;
	return true;
}

bool ynode_is_null(const struct ynode *n)
{
	if (n->kind != YNODE_TEXT || n->quoted)
		return false;
	return !*n->text || !strcmp(n->text, "~") || text_ieq(n->text, "null");
}
