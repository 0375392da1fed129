#include "archive/index.h"

#include "base/text.h"
#include "lib/xml.h"
#include "lib/zone.h"
#include "render/doc.h"

#define WEEKS_MAX 2600 /* 50 years: what a mistaken date may cost at most */

static const struct {
	const char *file, *label;
} labels[] = {{"page.html", "Page"},	 {"digest.pdf", "PDF"},	  {"digest.txt", "Text"},
	      {"mail.eml", "Mail"},	 {"slack.json", "Slack"}, {"digest.json", "JSON"},
	      {"digest.xml", "Document"}};

static const char *const months[] = {"January",	  "February", "March",	  "April",
				     "May",	  "June",     "July",	  "August",
				     "September", "October",  "November", "December"};

struct writer {
	const struct config *cfg;
	const struct zone *zone;
	struct arena *a;
	struct xnode *root, *year, *month;
	int year_n;
	char month_name[40];
};

static void put_audience(struct writer *w, struct xnode *week, const struct entry *x, int number)
{
	struct xnode *n = xml_add(week, "audience");
	xml_attr(n, "name", x->audience);
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		for (size_t k = 0; k < x->files.n; k++) {
			if (strcmp(x->files.v[k].name, labels[i].file) != 0)
				continue;
			struct xnode *f = xml_add(n, "file");
			xml_attr(f, "label", labels[i].label);
			xml_attr_f(f, "full", "%s of week %d, %s", labels[i].label, number,
				   x->audience);
			xml_attr(f, "href",
				 arena_printf(w->a, "%s/%s/%s", x->week, x->audience,
					      labels[i].file));
		}
	}
}

/* The entries of one week; the first one speaks for it. */
static void put_week(struct writer *w, const struct week *k, const struct entry *x, size_t n)
{
	struct xnode *week = xml_add(w->month, "week");
	xml_attr(week, "name", x->week);
	xml_attr_i64(week, "number", k->number);
	xml_attr(week, "dates", x->dates);
	xml_text(xml_add(week, "verdict"), x->verdict);
	for (size_t i = 0; i < x->numbers.n; i++) {
		const struct entry_number *from = &x->numbers.v[i];
		struct xnode *to = xml_add(week, "number");
		xml_attr(to, "label", from->label);
		xml_attr(to, "value", from->value);
		xml_attr(to, "unit", from->unit);
		xml_attr(to, "tag", from->tag);
		xml_attr(to, "tone", from->tone);
	}
	for (size_t i = 0; i < x->statuses.n; i++) {
		struct xnode *to = xml_add(week, "status");
		xml_attr(to, "word", x->statuses.v[i].word);
		xml_attr(to, "tone", x->statuses.v[i].tone);
		xml_text(to, x->statuses.v[i].text);
	}
	for (size_t i = 0; i < n; i++)
		put_audience(w, week, &x[i], k->number);
}

/* A week belongs to the year and month of its Thursday, as ISO 8601 counts years. */
static void open_month(struct writer *w, const struct week *k)
{
	struct local day = zone_local(w->zone, week_day(w->zone, k, 3));
	char name[sizeof w->month_name];
	snprintf(name, sizeof name, "%s %d", months[day.month - 1], k->year);
	if (!w->year || w->year_n != k->year) {
		w->year = xml_add(w->root, "year");
		xml_attr_i64(w->year, "name", k->year);
		w->year_n = k->year;
		w->month_name[0] = '\0';
	}
	if (strcmp(name, w->month_name) != 0) {
		w->month = xml_add(w->year, "month");
		xml_attr(w->month, "name", name);
		memcpy(w->month_name, name, sizeof name);
	}
}

static size_t same_week(const struct entries *list, size_t i)
{
	size_t n = 1;
	while (i + n < list->n && !strcmp(list->v[i].week, list->v[i + n].week))
		n++;
	return n;
}

/* From the newest week back to the oldest, those without a digest included: a gap is said, not
 * skipped. */
static bool put_weeks(struct writer *w, const struct entries *list, struct err *e)
{
	struct week k;
	if (list->n == 0)
		return true;
	if (!week_parse(w->zone, list->v[0].week, 0, &k, e))
		return false;
	size_t i = 0;
	for (int left = WEEKS_MAX; i < list->n && left > 0; left--) {
		open_month(w, &k);
		if (!strcmp(list->v[i].week, k.name)) {
			size_t n = same_week(list, i);
			put_week(w, &k, &list->v[i], n);
			i += n;
		} else {
			struct xnode *gap = xml_add(w->month, "gap");
			xml_attr(gap, "name", k.name);
			xml_attr_i64(gap, "number", k.number);
		}
		k = week_add(w->zone, &k, -1);
	}
	return true;
}

bool index_html(const struct entries *list, const struct config *cfg, const char *generator,
		struct arena *a, const char **out, size_t *len, struct err *e)
{
	CLEANUP(zone_freep) struct zone *zone = NULL;
	CLEANUP(xml_freep) struct xml *x = xml_new("archive");
	CLEANUP(xslt_freep) struct xslt *sheet = NULL;
	struct writer w = {.cfg = cfg, .a = a, .root = xml_root(x)};
	size_t n, weeks = 0;
	if (!zone_open(cfg->timezone, &zone, e))
		return false;
	w.zone = zone;
	for (size_t i = 0; i < list->n; i += same_week(list, i))
		weeks++;
	xml_attr(w.root, "title", cfg->title);
	xml_attr(w.root, "lang", list->n && list->v[0].lang ? list->v[0].lang : "en-GB");
	xml_attr(w.root, "generator", generator);
	xml_attr(w.root, "timezone", cfg->timezone);
	xml_attr_i64(w.root, "weeks", (int64_t)weeks);
	if (!put_weeks(&w, list, e))
		return false;
	const char *xsl = doc_report("archive.xsl", &n);
	const char *const params[] = {"css", doc_css("archive.css", a), NULL};
	return xslt_open(xsl, n, "archive.xsl", &sheet, e) &&
	       xslt_apply(sheet, x, params, a, out, len, e);
}
