/* Reports that are a list of entries of one kind, in any form such a list takes: a JSON array, JSON
 * lines, or the only entry by itself. */
#ifndef SCAN_LISTING_H
#define SCAN_LISTING_H

#include "scan/draft.h"

/* Calls read for each entry, in the report's order; the entry is an object, valid during the call.
 * Fails: ERR_PROTO when an entry is no object; as read does. */
MUST_CHECK bool listing_read(const struct scan_input *in, struct scan_draft *d,
			     bool (*read)(struct scan_draft *d, const struct jv *v, struct err *e),
			     struct err *e);

#endif
