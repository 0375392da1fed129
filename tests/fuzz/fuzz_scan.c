/* Any bytes as a scan report: whatever they are, they become a scan that keeps its promises. Built
 * by "make fuzz" with libFuzzer; test_fuzz_scan.c runs the same entry over the corpus. */
#include "base/arena.h"
#include "scan/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void keeps_its_promises(const struct rec_scan *s, struct arena *a)
{
	bool counted = s->status != SCAN_UNSUPPORTED;
	int64_t by_severity = 0, active = 0, suppressed = 0;
	const char **ids = arena_array(a, const char *, s->list.n + 1);
	for (size_t i = 0; i < s->list.n; i++) {
		const struct rec_finding *f = &s->list.v[i];
		BUG_ON(!f->identity || strlen(f->identity) < 32 || f->occurrences < 1);
		if (!f->suppressed)
			ids[active++] = f->identity;
		suppressed += f->suppressed;
	}
	qsort(ids, (size_t)active, sizeof *ids, by_text);
	for (int64_t i = 1; i < active; i++)
		BUG_ON(!strcmp(ids[i - 1], ids[i])); /* else an import would lose one */
	for (int i = 0; counted && i < SEV_COUNT; i++)
		by_severity += s->severity[i];
	BUG_ON(counted &&
	       (s->findings != active || by_severity != active || s->suppressed != suppressed));
	BUG_ON(!counted && s->findings != NUM_NONE);
	/* Nothing found is said in one way only, and everything else has its reason. */
	BUG_ON(s->list.n > 0 && s->status != SCAN_OK && s->status != SCAN_PARTIAL);
	BUG_ON(s->list.n == 0 && s->status == SCAN_OK);
	BUG_ON(s->status != SCAN_OK && s->status != SCAN_ZERO && !s->reason);
	BUG_ON(!s->tool || !*s->tool || !s->target || !s->sha256);
	BUG_ON(s->reason && strchr(s->reason, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const tools[] = {NULL, "gitleaks"};
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++) {
		struct arena a = {0};
		struct rec_scan s, again;
		struct scan_opts o = {.tool = tools[i], .scanned_s = TIME_NONE, .fallback_s = 1000};
		scan_read((const char *)bytes, len, &o, &a, &s);
		keeps_its_promises(&s, &a);
		scan_read((const char *)bytes, len, &o, &a, &again);
		BUG_ON(strcmp(scan_json_line("x", &s, &a), scan_json_line("x", &again, &a)) != 0);
		arena_release(&a);
	}
	return 0;
}
