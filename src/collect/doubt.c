#include "collect/doubt.h"

#define WEEKS	  3 /* that must have had rows */
#define ROWS	  15 /* all of them together */
#define PATIENCE  3 /* doubted weeks after which zero is believed */
#define LOOK_BACK 8

bool doubt_applies(const struct ledgers *earlier, int64_t *least, int64_t *most)
{
	int64_t sum = 0, low = INT64_MAX, high = 0;
	int known = 0, doubted = 0;
	for (size_t i = 0; i < earlier->n && known < WEEKS; i++) {
		const struct ledger *l = &earlier->v[i];
		if (l->status == LEDGER_FAILED || l->status == LEDGER_NOT_ENABLED)
			continue;
		if (l->received == 0 && known == 0 && l->status == LEDGER_PARTIAL) {
			if (++doubted >= PATIENCE)
				return false;
			continue;
		}
		if (l->received == 0)
			return false;
		known++;
		sum += l->received;
		low = MIN(low, l->received);
		high = MAX(high, l->received);
	}
	*least = low;
	*most = high;
	return known == WEEKS && sum >= ROWS;
}

bool doubt_zero(struct part *p, struct err *e)
{
	struct ledgers earlier;
	struct collect *c = p->c;
	int64_t least, most;
	if (p->l.status != LEDGER_COMPLETE || p->l.received != 0)
		return true;
	if (!ledger_history(c->db, p->l.source, p->l.part, c->week.name, LOOK_BACK, c->a, &earlier,
			    e))
		return false;
	if (doubt_applies(&earlier, &least, &most))
		collect_short(p,
			      "nothing came, where the %d weeks before had %lld to %lld: does the "
			      "token still see everything?",
			      WEEKS, (long long)least, (long long)most);
	return true;
}
