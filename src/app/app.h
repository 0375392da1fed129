/* What every command gets: parsed options, and what it asked for in the command table
 * (configuration, store, lock), ready. */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/args.h"
#include "base/clock.h"
#include "base/file.h"
#include "lib/db.h"
#include "lib/zone.h"
#include "model/config.h"

/* Exit statuses of the contract. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_INCOMPLETE = 3,
	EXIT_DELIVERY = 4, /* beats 3 */
	EXIT_LOCKED = 5,
};

enum {
	NEED_CONFIG = 1,
	NEED_STORE = 2 | NEED_CONFIG, /* for reading */
	NEED_WRITE = 4 | NEED_STORE, /* for writing: takes the lock, migrates */
	NEED_SECRETS = 8 | NEED_CONFIG, /* every secret the file refers to can be read */
};

struct app {
	struct arena a; /* lives as long as the program */
	struct args args;
	const char *config_path; /* -c, or NULL */
	int verbose; /* -1 quiet, 0, 1, 2 */
	struct clock clock;
	struct config cfg;
	struct zone *zone;
	struct db *db;
	struct lock lock;
	const char *version; /* "sitrep 0.1.0" */
};

struct command {
	const char *name;
	int (*run)(struct app *app,
		   struct err *e); /* an exit status; on failure e is set and the status -1 */
	unsigned needs;
	const struct arg_spec *options;
	int min_args, max_args; /* positional; max -1: any number */
	const char *usage, *help;
};
extern const struct command commands[];
extern const size_t command_count;

/* The week of --week, or the last complete one. */
MUST_CHECK bool app_week(struct app *app, struct week *out, struct err *e);
/* --format, one of the given NULL-terminated words (the first is the default). NULL and ERR_USAGE
 * otherwise. */
const char *app_format(struct app *app, const char *const *words, struct err *e);
/* The audience of --audience, or the first that the configuration names. */
const char *app_audience(struct app *app);
/* ERR_IO: there is no such digest, and what makes it; returns false. */
bool app_no_digest(const char *week, const char *audience, struct err *e);
/* Readies what a command needs; the table's needs are readied before it runs, ingest asks when it
 * knows. */
MUST_CHECK bool app_ready(struct app *app, unsigned needs, struct err *e);
/* Exit status for an error's kind. */
int app_exit(const struct err *e);
/* A line on standard error that a user must see even from cron. */
void app_say(const struct app *app, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
