/* Look-ups in reports that forgive what tools get wrong: a member that is absent, null or of
 * another type reads as nothing, one of a list's place may be a single text, words come in any
 * case. What a count hangs on is not read with these. */
#ifndef SCAN_MEMBER_H
#define SCAN_MEMBER_H

#include "scan/draft.h"

/* "a.b.c": the member at the end of the path as text (draft_text), or NULL. */
const char *member_text(const struct jv *o, const char *path, struct arena *a);
/* The first of the two that is not NULL. */
const char *member_or(const char *x, const char *y);
/* A text, or the first text of a list; NULL when there is none. */
const char *member_one(const struct jv *o, const char *key, struct arena *a);
/* The same read by draft_cwe, draft_cve. A list's first element that is one counts. */
const char *member_cwe(const struct jv *o, const char *key, struct arena *a);
const char *member_cve(const struct jv *o, const char *key, struct arena *a);
/* true, or a text that says so. */
bool member_true(const struct jv *o, const char *key);
/* The number that a member's text begins with ("10-12" gives 10), NUM_NONE for anything else. */
int64_t member_line(const struct jv *o, const char *key, struct arena *a);
/* A number, or a text that is one; NaN for everything else. */
double member_score(const char *text);
/* The same as rec_finding keeps it: a CVSS score above 0 and up to 10, a probability up to 1; 0 for
 * everything else. */
double member_cvss(const char *text);
double member_epss(const char *text);
/* The highest CVSS score among the elements of a list, or the members of an object; path: where it
 * stands in each. */
double member_cvss_max(const struct jv *list, const char *path, struct arena *a);
/* Is that the word, blanks around it and case set aside? NULL is no word. */
bool member_word(const char *word, const char *is);
/* The common words (scans.md 2), or `otherwise` for an unknown word and NULL. */
enum severity member_severity(const char *word, enum severity otherwise);

/* The text of the element at the end of the path "a/b/c" below n, or NULL when it is not there or
 * empty. */
const char *member_child(const struct xnode *n, const char *path, struct arena *a);
const struct xnode *member_node(const struct xnode *n, const char *path);

/* The many names of one flaw. */
struct names {
	const char *cve, *ghsa, *other; /* the smallest of its kind, or NULL */
};
void names_add(struct names *n, const char *name, struct arena *a); /* NULL adds nothing */
void names_add_list(struct names *n, const struct jv *o, const char *key, struct arena *a);
/* CVE, else GHSA, else another name: what stays when a database gives a flaw one more alias. */
const char *names_key(const struct names *n);

/* "maven/org.example/lib" of "pkg:maven/org.example/lib@1.0?type=jar"; NULL for what is no package
 * URL. */
const char *member_purl(struct arena *a, const char *purl);
/* A container image's name without tag and digest, which change with each build. */
const char *member_image(struct arena *a, const char *image);
/* 64 hexadecimal digits that stand for a secret in an identity, so that the secret itself need not;
 * "" for NULL. */
const char *member_digest(struct arena *a, const char *secret);

#endif
