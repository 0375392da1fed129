/* The rules of one SARIF run: driver and extensions, found by id or by index (SARIF 2.1.0 3.52.4,
 * 3.27.5 to 3.27.7).
 *
 * A run may hold 25,000 rules and as many results: rules are indexed once. */
#ifndef SCAN_SARIF_RULES_H
#define SCAN_SARIF_RULES_H

#include "lib/json.h"
#include "model/record.h"

struct sarif_rule {
	const char *id; /* "" when it has none */
	struct jv v;
	/* read once, for all its results; NULL where the rule does not say */
	const char *title, *url, *cwe;
	const char *level; /* of its default configuration, if a known word */
	const char *scored; /* its security-severity, if it says anything, with what it means: */
	enum severity severity;
	bool *used; /* a result points to it */
};
struct sarif_component { /* the driver or an extension */
	const char *name, *guid;
	struct jv v, list;
	VEC(struct sarif_rule) rules; /* by index */
	VEC(const struct sarif_rule *) by_id; /* sorted */
};
struct sarif_rules {
	VEC(struct sarif_component *) components; /* [0] is the driver */
};

/* tool  the run's "tool", may be absent. The index lives in the arena and points into the document.
 * Fails: ERR_PROTO for a tool, component or rule that is no object. */
MUST_CHECK bool sarif_rules_init(const struct jv *tool, struct arena *a, struct sarif_rules *out,
				 struct err *e);
/* The rule a result, or another descriptor reference, points to, or NULL.
 * id     ruleId, may be NULL; "A/B" belongs to rule "A" where there is no "A/B".
 * index  NUM_NONE when there is none. An index that contradicts the id loses.
 * component  a toolComponentReference, or absent: then the driver, and by id all extensions. */
const struct sarif_rule *sarif_rules_find(const struct sarif_rules *r, const char *id,
					  int64_t index, const struct jv *component);
/* Digest of all rules' ids when the run lists more rules than its results point to, which is how a
 * tool that lists its whole set is told from one that lists what fired; else NULL. */
const char *sarif_rules_digest(const struct sarif_rules *r, struct arena *a);
/* properties.security-severity of a result or rule as a score, or as a word: the text, or NULL when
 * it says neither. */
const char *sarif_security_severity(const struct jv *o, struct arena *a, enum severity *out);
/* "CWE-79" from the property "cwe" or the tags of a result or rule, or NULL. */
const char *sarif_cwe_property(const struct jv *o, struct arena *a);
/* "CWE-79" from references to the CWE taxonomy: those of the list (taxa), or their member
 * "target" (relationships); or NULL. */
const char *sarif_cwe_in(const struct jv *list, const char *member, struct arena *a);

#endif
