/* sitrep.yaml to struct config, by one table of descriptors that also gives init's commented file
 * and README's section. */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "base/err.h"
#include "base/sb.h"
#include "model/config.h"

/* -c FILE, else ./sitrep.yaml, $XDG_CONFIG_HOME/sitrep/sitrep.yaml (default ~/.config),
 * /etc/sitrep/sitrep.yaml. Fails: ERR_CONFIG, naming all places looked at. */
MUST_CHECK bool config_find(const char *given, struct arena *a, const char **path, struct err *e);
/* Reads and checks everything: unknown key, wrong type, bad value, duplicate, literal secret,
 * missing required, two sources of one name. Fails: ERR_CONFIG "FILE:LINE:COLUMN: what is wrong;
 * what is allowed". Relative paths become absolute, relative to the file. */
MUST_CHECK bool config_load(const char *path, struct arena *a, struct config *out, struct err *e);
MUST_CHECK bool config_parse(const char *path, const char *text, size_t len, struct arena *a,
			     struct config *out, struct err *e);
/* The commented file that init writes; it loads. Every key stands in it, those that a start needs
 * uncommented. */
const char *config_example(struct arena *a);
/* Every key with type, default, what is allowed and meaning: a Markdown table for README. */
const char *config_reference(struct arena *a);

#endif
