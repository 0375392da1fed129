/* The sections of the digest, one file each. Each adds its element to the document's root and only
 * reads the study. The order and the table of them: digest.c. */
#ifndef DIGEST_SECTIONS_H
#define DIGEST_SECTIONS_H

#include "digest/study.h"
#include "lib/xml.h"

void masthead_add(const struct study *f, struct xnode *root); /* verdict.c */
void section_needs(const struct study *f, struct xnode *root);
void section_glance(const struct study *f, struct xnode *root);
void section_numbers(const struct study *f, struct xnode *root);
void section_errors(const struct study *f, struct xnode *root);
void section_deployments(const struct study *f, struct xnode *root);
void section_ci(const struct study *f, struct xnode *root);
void section_security(const struct study *f, struct xnode *root);
void section_told(const struct study *f, struct xnode *root);
void section_monitoring(const struct study *f, struct xnode *root);
void section_performance(const struct study *f, struct xnode *root);
void section_carried(const struct study *f, struct xnode *root);
void section_fixes(const struct study *f, struct xnode *root);
void section_ahead(const struct study *f, struct xnode *root);
void section_corrections(const struct study *f, struct xnode *root);
void section_how(const struct study *f, struct xnode *root);

/* At most this many rows of a table stand in the document; all are in the data. */
#define SECTION_ROWS 40
/* Rows a table shows before it folds the rest. */
#define SECTION_SHOWN 10

/* Tags the section and warns in it when a number of it is incomplete or unknown. False: nothing of
 * it is known, and that has been said: add no more. id: its main number. what: "errors". */
bool section_known(const struct study *f, struct xnode *s, const char *id, const char *what);
/* Tags the section and says which of the ledger's parts that are its own were lost, in full or in
 * part; nothing when none was. For sections that have no main number. */
void section_lost(const struct study *f, struct xnode *s,
		  bool (*ours)(const struct study *f, const struct ledger *l));
/* "limit" and "more" of a table with n rows; what: "new errors". Rows beyond SECTION_ROWS are
 * counted in a note after it. */
void section_fold(const struct study *f, struct xnode *parent, struct xnode *table, size_t n,
		  const char *what);
/* A number in a sentence: value with its reference, "at least" where incomplete. */
const char *section_num(const struct study *f, const char *id);
/* The same where a number said before it in the sentence has said "at least" for both. */
const char *section_also(const struct study *f, const char *before, const char *id);
/* one when the number is exactly 1, else many. */
const char *section_word(const struct study *f, const char *id, const char *one, const char *many);

/* Adds the terms of the numbers that no other term defines, and to each term which further numbers
 * it speaks of. */
void terms_add(struct xnode *terms, struct arena *a);

#endif
