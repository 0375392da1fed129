/* What differs between two frozen digests. Pure: what it is given it compares; a digest and itself
 * differ in nothing. */
#ifndef ARCHIVE_DIFF_H
#define ARCHIVE_DIFF_H

#include "archive/past.h"

/* from or to is NULL where only the other digest has it. */
struct diff_number { /* value or completeness differ; unknown is a value of its own, never 0 */
	const char *id;
	const struct number *from, *to;
};
struct diff_item { /* same section and key; kind, owner, reason of setting aside or title differ */
	const struct item *from, *to;
};
struct diff_source { /* status or reason differ; how much came differs every week */
	const char *name;
	const struct past_source *from, *to;
};
struct diff {
	const char *audience, *from, *to; /* weeks */
	const char *from_verdict, *to_verdict; /* both NULL: the same */
	VEC(struct diff_number) numbers;
	VEC(struct diff_item) items; /* those of `to` in its order, then those only in `from` */
	VEC(struct diff_source) sources;
};

void diff_digests(const struct past *from, const struct past *to, struct arena *a,
		  struct diff *out);
bool diff_empty(const struct diff *d);
const char *diff_change(const struct diff_item *i); /* "added", "removed", "changed" */
/* What changed of an item in both: "kind new → ongoing, owner none → Platform". */
const char *diff_what(const struct diff_item *i, struct arena *a);

/* One self-contained page. generator: "sitrep 0.1.0". Fails: ERR_BUG. */
MUST_CHECK bool diff_html(const struct diff *d, const struct config *cfg, const char *generator,
			  struct arena *a, const char **out, size_t *len, struct err *e);

#endif
