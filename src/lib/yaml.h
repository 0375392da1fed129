/* One YAML document as a plain tree with line and column of every node. All of libyaml.
 *
 * Aliases (*x) are the anchored node itself, with that node's position. Refused with words: a
 * second document, an anchor that contains itself, an application's own tag (!x), nesting deeper
 * than 32. Scalars stay text: what a text means is the reader's to say. */
#ifndef LIB_YAML_H
#define LIB_YAML_H

#include "base/arena.h"
#include "base/err.h"

enum ynode_kind { YNODE_TEXT, YNODE_LIST, YNODE_MAP };
struct ynode {
	enum ynode_kind kind;
	size_t line, column; /* from 1; column in characters */
	const char *text; /* YNODE_TEXT */
	bool quoted; /* YNODE_TEXT: in quotes or a block, so never null, number or word */
	const struct ynode **keys; /* YNODE_MAP: n keys, each YNODE_TEXT, in file order */
	const struct ynode **v; /* YNODE_MAP: n values; YNODE_LIST: n elements */
	size_t n;
};

/* name stands before line and column in messages. *out is NULL for a file without content; the
 * arena owns the tree. Fails: ERR_CONFIG "NAME:LINE:COLUMN: what is wrong". */
MUST_CHECK bool yaml_parse(const char *text, size_t len, const char *name, struct arena *a,
			   const struct ynode **out, struct err *e);

/* Nothing, ~ or null, without quotes. */
bool ynode_is_null(const struct ynode *n);

#endif
