/* sitrep: reads the command line, readies what the command needs, runs it, tells how it ended. */
#include "app/app.h"

#include "base/log.h"
#include "base/parse.h"
#include "config/load.h"
#include "config/secret.h"
#include "lib/xml.h"
#include "store/store.h"

#include <locale.h>
#include <signal.h>
#include <stdarg.h>

int app_exit(const struct err *e)
{
	switch (e->kind) {
	case ERR_USAGE:
	case ERR_CONFIG:
		return EXIT_USAGE;
	case ERR_BUSY:
		return EXIT_LOCKED;
	case ERR_NONE:
	case ERR_AUTH:
	case ERR_NET:
	case ERR_LIMIT:
	case ERR_PROTO:
	case ERR_DB:
	case ERR_IO:
	case ERR_BUG:
		return EXIT_FAILED;
	}
	return EXIT_FAILED;
}

void app_say(const struct app *app, const char *fmt, ...)
{
	va_list ap;
	if (app->verbose < 0)
		return;
	va_start(ap, fmt);
	fputs("sitrep: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

bool app_week(struct app *app, struct week *out, struct err *e)
{
	const char *w = args_get(&app->args, "week");
	return week_parse(app->zone, w ? w : "last", clock_now(&app->clock), out, e);
}

const char *app_audience(struct app *app)
{
	const char *given = args_get(&app->args, "audience");
	return given ? given : app->cfg.audiences.n ? app->cfg.audiences.v[0].name : "everyone";
}

bool app_no_digest(const char *week, const char *audience, struct err *e)
{
	return err_set(e, ERR_IO,
		       "no digest of %s for audience \"%s\": make it with \"sitrep run --week %s "
		       "--no-send\"",
		       week, audience, week);
}

const char *app_format(struct app *app, const char *const *words, struct err *e)
{
	const char *f = args_get(&app->args, "format");
	if (!f)
		return words[0];
	char all[100] = "";
	for (size_t i = 0, n = 0; words[i]; i++) {
		if (!strcmp(words[i], f))
			return words[i];
		n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i ? ", " : "", words[i]);
	}
	err_set(e, ERR_USAGE, "--format \"%s\" is not one of %s", f, all);
	return NULL;
}

static void help(FILE *f)
{
	fputs("usage: sitrep [-c FILE] [-v|-q] [--now TIME] COMMAND …\n\n", f);
	for (size_t i = 0; i < command_count; i++)
		fprintf(f, "  %-52s %s\n", commands[i].usage, commands[i].help);
	fputs("\nW is a week (2026-W46), a date inside it, or \"last\" (default: the last complete "
	      "week).\n"
	      "Exit status: 0 done; 1 failed; 2 usage or configuration; 3 done, but a source was "
	      "incomplete;\n"
	      "4 a delivery failed or its outcome is unknown; 5 another run holds the lock.\n",
	      f);
}

/* The options before the command. Returns how many arguments they took, or -1; *done for those that
 * end the program well. */
static int globals(struct app *app, int argc, char **argv, bool *done, struct err *e)
{
	int i = 1;
	for (; i < argc && argv[i][0] == '-'; i++) {
		const char *s = argv[i];
		bool now_eq = !strncmp(s, "--now=", 6);
		if (!strcmp(s, "-v") || !strcmp(s, "--verbose")) {
			app->verbose++;
		} else if (!strcmp(s, "-vv")) {
			app->verbose = 2;
		} else if (!strcmp(s, "-q") || !strcmp(s, "--quiet")) {
			app->verbose = -1;
		} else if (!strcmp(s, "-c") && i + 1 < argc) {
			app->config_path = argv[++i];
		} else if (now_eq || (!strcmp(s, "--now") && i + 1 < argc)) {
			const char *t = now_eq ? s + 6 : argv[++i];
			if (!parse_time(t, &app->clock.fixed_s)) {
				err_set(e, ERR_USAGE,
					"--now \"%s\" is no time: 2026-11-16T10:30:00Z is one", t);
				return -1;
			}
			app->clock.fixed = true;
		} else if (!strcmp(s, "--version")) {
			printf("sitrep %s\n", SITREP_VERSION);
			*done = true;
		} else if (!strcmp(s, "-h") || !strcmp(s, "--help")) {
			help(stdout);
			*done = true;
		} else {
			err_set(e, ERR_USAGE, "unknown option or missing value: \"%s\"", s);
			return -1;
		}
	}
	return i;
}

bool app_ready(struct app *app, unsigned needs, struct err *e)
{
	if (!(needs & NEED_CONFIG))
		return true;
	const char *path;
	if (!config_find(app->config_path, &app->a, &path, e) ||
	    !config_load(path, &app->a, &app->cfg, e) ||
	    !zone_open(app->cfg.timezone, &app->zone, e))
		return false;
	if ((needs & NEED_SECRETS) == NEED_SECRETS && !config_secrets(&app->cfg, e))
		return false;
	if ((needs & NEED_WRITE) == NEED_WRITE) {
		struct err mk = {0};
		if (!file_mkdirs(path_dir(&app->a, app->cfg.store), &mk))
			return err_set(e, ERR_IO, "store: %s", mk.msg);
		return store_lock(app->cfg.store, &app->lock, e) &&
		       store_open(app->cfg.store, STORE_WRITE, &app->db, e);
	}
	if ((needs & NEED_STORE) == NEED_STORE)
		return store_open(app->cfg.store, STORE_READ, &app->db, e);
	return true;
}

static int dispatch(struct app *app, int argc, char **argv, struct err *e)
{
	if (argc < 1) {
		help(stderr);
		return EXIT_USAGE;
	}
	const struct command *c = NULL;
	for (size_t i = 0; i < command_count; i++)
		if (!strcmp(commands[i].name, argv[0]))
			c = &commands[i];
	if (!c) {
		err_set(e, ERR_USAGE, "unknown command \"%s\": see sitrep --help", argv[0]);
		return -1;
	}
	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		printf("usage: sitrep %s\n  %s\n", c->usage, c->help);
		return EXIT_DONE;
	}
	if (!args_parse(argc - 1, argv + 1, c->options, &app->a, &app->args, e))
		return -1;
	int n = (int)app->args.words.n;
	if (n < c->min_args || (c->max_args >= 0 && n > c->max_args)) {
		err_set(e, ERR_USAGE, "usage: sitrep %s", c->usage);
		return -1;
	}
	if (!app_ready(app, c->needs, e))
		return -1;
	return c->run(app, e);
}

int main(int argc, char **argv)
{
	struct app app = {.version = "sitrep " SITREP_VERSION, .lock = {-1}};
	struct err e = {0};
	bool done = false;
	setlocale(LC_CTYPE, "C.UTF-8"); /* names of files and terminals; never LC_NUMERIC */
	signal(SIGPIPE, SIG_IGN); /* a broken connection is an error code, not our end */
	int rc = -1, used = globals(&app, argc, argv, &done, &e);
	static const enum log_level levels[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};
	log_setup(NULL, levels[MIN(app.verbose, 2) + 1]);
	if (used >= 0)
		rc = done ? EXIT_DONE : dispatch(&app, argc - used, argv + used, &e);
	if (rc < 0) {
		BUG_ON(e.kind == ERR_NONE);
		fprintf(stderr, "sitrep: %s\n", e.msg);
		rc = app_exit(&e);
	}
	if ((fflush(stdout) != 0 || ferror(stdout)) && rc == EXIT_DONE) {
		fputs("sitrep: could not write to standard output\n", stderr);
		rc = EXIT_FAILED;
	}
	db_close(app.db);
	lock_drop(&app.lock);
	zone_free(app.zone);
	arena_release(&app.a);
	xml_cleanup();
	return rc;
}
