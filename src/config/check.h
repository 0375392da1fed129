/* The rules of sitrep.yaml that take more than one key. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/value.h"

/* cfg was filled from root, element by element. Fails: ERR_CONFIG with the place, as
 * value_wrong. */
MUST_CHECK bool config_check(const struct value_reader *r, const struct ynode *root,
			     const struct config *cfg, struct err *e);

#endif
