/* What the digest says of single findings: why one is held, who else found it. */
#include "support/study.h"

static void put_report(struct weeks *b, const char *tool, const char *version, int64_t t_s,
		       const struct rec_finding *v, size_t n)
{
	struct scan_effect effect;
	struct err e = {0};
	struct rec_scan s = {.source = "scans",
			     .tool = tool,
			     .target = "submit",
			     .format = "x",
			     .origin = "x",
			     .sha256 = arena_printf(&b->a, "%s-%lld", tool, (long long)t_s),
			     .status = n ? SCAN_OK : SCAN_ZERO,
			     .tool_version = version,
			     .scanned_s = t_s,
			     .findings = (int64_t)n,
			     .instances = NUM_NONE,
			     .first_site = NUM_NONE};
	for (size_t i = 0; i < n; i++)
		vec_push(&b->a, &s.list, v[i]);
	assert_ok(scans_put(b->db, &s, t_s + 60, &effect, &e), e);
}

static struct rec_finding cve(const char *identity, const char *id, const char *package)
{
	return (struct rec_finding){.identity = identity,
				    .severity = SEV_HIGH,
				    .title = id,
				    .cve = id,
				    .package = package,
				    .line = NUM_NONE};
}

static void one_weakness_found_twice_is_linked_and_counted_twice(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	struct rec_finding x[] = {cve("x1", "CVE-2026-1000", "libdemo"),
				  cve("x2", "CVE-2026-2000", "libdemo")},
			   y[] = {cve("y1", "CVE-2026-1000", "libdemo"),
				  cve("y2", "CVE-2026-2000", "other")};
	put_report(&b, "grype", NULL, at(&b, -14, 8, 0), x, 0);
	put_report(&b, "trivy", NULL, at(&b, -14, 8, 0), y, 0);
	put_report(&b, "grype", NULL, at(&b, 0, 8, 0), x, 2);
	put_report(&b, "trivy", NULL, at(&b, 0, 8, 0), y, 2);
	weeks_build(&b);
	assert_true(value_of(&b, "security.outstanding") == 4); /* linked, not merged */
	assert_int_equal(
		count_of(&b, "//table[@id='security.findings']//cell[contains(., 'grype · libdemo "
			     "· also found by trivy')]"),
		1);
	assert_int_equal(count_of(&b, "//cell[contains(., 'trivy · libdemo · also found by "
				      "grype')]"),
			 1);
	assert_int_equal(count_of(&b, "//cell[contains(., 'also found by')]"), 2);
	weeks_stop(&b);
}

static void a_held_finding_says_why(void **state UNUSED)
{
	struct weeks b;
	weeks_start(&b, NULL);
	put_complete(&b);
	struct rec_finding x[] = {cve("x1", "CVE-2026-1000", "libdemo"),
				  cve("x2", "CVE-2026-2000", "libdemo")};
	put_report(&b, "grype", "1.0", at(&b, -100, 8, 0), x, 2);
	put_report(&b, "grype", "2.0", at(&b, 0, 8, 0), x, 1);
	weeks_build(&b);
	assert_true(value_of(&b, "security.fixed") == 0 && value_of(&b, "security.held") == 1);
	assert_int_equal(count_of(&b, "//cell[contains(., 'held open: the tool changed from "
				      "version 1.0 to 2.0')]"),
			 1);
	weeks_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_weakness_found_twice_is_linked_and_counted_twice),
		cmocka_unit_test(a_held_finding_says_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
