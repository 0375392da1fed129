/* Sections that a team writes itself: reports/sections/ beside sitrep.yaml, one SQL file each, in
 * the order of their names. Comment lines at the head say what becomes of the rows:
 *
 * "-- title: Slowest workflows"        the heading; required
 * "-- kind: table | number | columns"  table unless said. table: the rows below their columns'
 *                                      names; number: the first value; columns: label and value
 * "-- note: median minutes, 13 weeks"  below the title
 * "-- unit: minutes"                   of a number or the columns
 * "-- audience: board"                 only this audience reads it; unless said, every audience
 *                                      that reads of all teams in full
 *
 * Given are :week, :from, :to and :audience; times are ISO 8601 UTC.
 *
 * The SQL reads the store, changes nothing, and has two seconds. What goes wrong is said in its
 * place. */
#ifndef DIGEST_CUSTOM_H
#define DIGEST_CUSTOM_H

#include "lib/db.h"
#include "lib/xml.h"

struct study;

#define CUSTOM_MAX 20 /* sections */

struct custom {
	const char *id, *title, *kind, *note, *unit;
	struct db_rows rows;
	const char *wrong; /* why there are no rows, or NULL */
};
struct customs {
	struct custom *v;
	size_t n, cap;
};
/* Runs them. Never fails: what is wrong with a file is in wrong. */
void custom_run(struct study *f);
void section_custom(const struct study *f, struct xnode *root);

#endif
