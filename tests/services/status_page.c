#include "services/server.h"

#include "base/parse.h"
#include "base/text.h"

/* Upptime's summary.json: percentages as text, minutes down of the days that had any, a year back.
 */

enum { DAY_S = 86400 };

static const char *percent(struct request *q, int site, int64_t from_s, int64_t to_s)
{
	int64_t down = estate_minutes_down(q->c->estate, site, from_s, to_s);
	return arena_printf(q->a, "%.2f%%",
			    100.0 - 100.0 * (double)(down * 60) / (double)(to_s - from_s));
}

void status_page_serve(struct request *q, struct answer *r)
{
	const struct estate *s = q->c->estate;
	int64_t now = s->now_s;
	CLEANUP(jw_freep) struct jw *list = jw_arr();
	if (!text_eq(q->path, "/history/summary.json")) {
		r->status = 404;
		r->type = "text/plain";
		r->body = "404: Not Found";
		return;
	}
	for (int i = 0; i < ESTATE_SITES; i++) {
		struct jw *w = jw_add_obj(list, NULL);
		jw_str(w, "name", estate_sites[i].name);
		jw_str(w, "url",
		       arena_printf(q->a, "https://%s.example.org", estate_sites[i].slug));
		jw_str(w, "icon", "https://icons.example.org/x.ico");
		jw_str(w, "slug", estate_sites[i].slug);
		jw_str(w, "status", "up");
		jw_str(w, "uptime", percent(q, i, now - 365 * (int64_t)DAY_S, now));
		jw_str(w, "uptimeDay", percent(q, i, now - DAY_S, now));
		jw_str(w, "uptimeWeek", percent(q, i, now - 7 * DAY_S, now));
		jw_i64(w, "timeWeek", 200 + 40 * i);
		struct jw *days = jw_add_obj(w, "dailyMinutesDown");
		for (int64_t day = now / DAY_S - 364; day <= now / DAY_S; day++) {
			int64_t down = estate_minutes_down(s, i, day * DAY_S, (day + 1) * DAY_S);
			char text[TIME_TEXT];
			if (down > 0)
				jw_i64(days,
				       arena_printf(q->a, "%.10s", time_iso(day * DAY_S, text)),
				       down);
		}
	}
	answer_json(q, r, list);
}
