/* Reports as texts, for the tests of scan/. */
#ifndef SUPPORT_SCANS_H
#define SUPPORT_SCANS_H

#include "support/test.h"

#include "scan/scan.h"

extern struct arena scans; /* what the running test read */
int scans_release(void **state);
#define SCAN_TEST(f) cmocka_unit_test_teardown(f, scans_release)

struct rec_scan scan_n(const char *bytes, size_t n, const char *tool);
struct rec_scan scan(const char *text);
/* The text with ' for ", which is easier to read in C. */
const char *quoted(const char *text);
struct rec_scan scan_q(const char *text); /* of the quoted text */
/* reason: a part of it; NULL: there must be none. */
void assert_status(const char *text, enum scan_status status, const char *reason);
/* Does any text of the scan hold it? */
bool holds(const struct rec_scan *s, const char *secret);

/* A report, to be quoted, and what it must count. */
struct scan_case {
	const char *text;
	const char *status;
	int critical, high, medium, low, info, suppressed;
};
void assert_counts(const char *format, const struct scan_case *cases, size_t n);
#define ASSERT_COUNTS(format, cases) assert_counts(format, cases, ARRAY_SIZE(cases))
/* Two reports, to be quoted, have the same findings as far as identities tell; have none in common.
 */
void assert_same(const char *one, const char *other);
void assert_different(const char *one, const char *other);

#define BANDIT(results)                                                                            \
	"{\"errors\":[],\"generated_at\":\"2026-11-09T08:49:00Z\",\"metrics\":{\"_totals\":{"      \
	"\"loc\":100}},\"results\":[" results "]}"

#define B(id, text)                                                                                \
	"{\"test_id\":\"" id "\",\"filename\":\"./a.py\",\"issue_severity\":\"LOW\",\"issue_text"  \
	"\":\"" text "\",\"line_number\":\"7\",\"code\":\"1 key = 'hunter2'\"}"

#define SARIF(runs) "{\"version\":\"2.1.0\",\"runs\":[" runs "]}"

#define RUN(rules, results)                                                                        \
	"{\"tool\":{\"driver\":{\"name\":\"Scan It\",\"rules\":[" rules                            \
	"]}},\"results\":[" results "]}"

#define ALERT(risk, confidence, name)                                                              \
	"{\"pluginid\":\"10\",\"alert\":\"" name "\",\"riskcode\":" risk                           \
	",\"confidence\":" confidence                                                              \
	",\"count\":\"5\",\"desc\":\"<p>Some &lt;b&gt; text.</p><p>More</p>\","                    \
	"\"cweid\":\"693\",\"reference\":\"<p>see</p><p>https://example.org/x</p>\","              \
	"\"instances\":[{\"uri\":\"https://e.org/b?sid=1\",\"evidence\":\"hunter2\"},"             \
	"{\"uri\":\"https://e.org/a?sid=1\",\"attack\":\"hunter2\"}]}"

#endif
