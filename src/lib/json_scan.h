/* JSON text before it is parsed: limits, mending, and where the elements of long arrays stand.
 * Works on bytes, without recursion; knows nothing of cJSON. */
#ifndef LIB_JSON_SCAN_H
#define LIB_JSON_SCAN_H

#include "base/arena.h"
#include "base/err.h"

struct json_span { /* bytes [at, at + len) of the text */
	size_t at, len;
};

struct json_array { /* one array, brackets included, and what stands between its commas */
	struct json_span whole;
	VEC(struct json_span) elements; /* none for "[]"; blanks around an element are its own */
};

struct json_arrays {
	struct json_array *v;
	size_t n, cap;
};

/* Checks depth (LIMIT_JSON_DEPTH) and number of values (LIMIT_JSON_VALUES), which cJSON does not.
 * With outer and inner (else NULL) it also finds, in document order, every array that stands as
 * member "inner" of an object in the array "outer" of the root object ({"runs":[{"results":[…]}]});
 * keys are compared as written, so one with escapes is not found. Text that is not JSON gives no
 * error here and any arrays. Fails: ERR_LIMIT. */
MUST_CHECK bool json_scan(const char *s, size_t n, const char *outer, const char *inner,
			  struct arena *a, struct json_arrays *out, struct err *e);
/* A copy in which escaped surrogates without their partner are U+FFFD, for free(); NULL when there
 * are none. Python and JavaScript write them where a text was cut inside an emoji; cJSON refuses
 * the whole document for one. */
char *json_mend_surrogates(const char *s, size_t n);

#endif
