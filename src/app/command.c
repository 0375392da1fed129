#include "app/commands.h"

/* The command table: one row a command, in the order of --help. */
static const struct arg_spec week_only[] = {{"week", "W"}, {0}};
static const struct arg_spec opt_run[] = {{"week", "W"}, {"no-send", NULL}, {0}};
static const struct arg_spec opt_collect[] = {{"week", "W"}, {"source", "NAME"}, {0}};
static const struct arg_spec opt_ingest[] = {{"tool", "NAME"},	     {"target", "NAME"},
					     {"scanned-at", "TIME"}, {"dry-run", NULL},
					     {"format", "json"},     {0}};
static const struct arg_spec opt_accept[] = {{"until", "DATE"}, {"reason", "TEXT"}, {0}};
static const struct arg_spec opt_send[] = {
	{"week", "W"}, {"audience", "A"}, {"retry-failed", NULL}, {0}};
static const struct arg_spec opt_show[] = {{"week", "W"},
					   {"audience", "A"},
					   {"section", "S"},
					   {"format", "text|json|html"},
					   {"width", "N"},
					   {"ascii", NULL},
					   {0}};
static const struct arg_spec opt_format[] = {{"format", "text|json"}, {0}};
static const struct arg_spec opt_search[] = {{"limit", "N"}, {"format", "text|json"}, {0}};
static const struct arg_spec opt_diff[] = {{"format", "text|json|html"}, {"audience", "A"}, {0}};
static const struct arg_spec opt_explain[] = {
	{"week", "W"}, {"audience", "A"}, {"format", "text|json"}, {0}};
static const struct arg_spec opt_backfill[] = {{"from", "W"}, {"to", "W"}, {0}};

const struct command commands[] = {
	{"run", cmd_run, NEED_WRITE | NEED_SECRETS, opt_run, 0, 0, "run [--week W] [--no-send]",
	 "collect, digest, deliver: what cron calls; catches up missed weeks"},
	{"collect", cmd_collect, NEED_WRITE | NEED_SECRETS, opt_collect, 0, 0,
	 "collect [--week W] [--source NAME]", "fetch into the store"},
	{"ingest", cmd_ingest, 0, opt_ingest, 1, -1,
	 "ingest FILE… [--tool NAME] [--target NAME] [--scanned-at TIME] [--dry-run] [--format "
	 "json]",
	 "scan reports from files"},
	{"accept", cmd_accept, NEED_WRITE, opt_accept, 1, 1,
	 "accept KEY --until DATE --reason TEXT", "accept a finding or an error for a time"},
	{"digest", cmd_digest, NEED_WRITE, week_only, 0, 0, "digest [--week W]",
	 "analyse, freeze, render into the archive"},
	{"send", cmd_send, NEED_WRITE | NEED_SECRETS, opt_send, 0, 0,
	 "send [--week W] [--audience A] [--retry-failed]", "deliver a frozen digest"},
	{"show", cmd_show, NEED_STORE, opt_show, 0, 0,
	 "show [--week W] [--audience A] [--section S] [--format text|json|html]", "read it here"},
	{"list", cmd_list, NEED_STORE, opt_format, 0, 0, "list [--format text|json]",
	 "the archive's weeks, newest first"},
	{"search", cmd_search, NEED_STORE, opt_search, 1, -1,
	 "search TEXT [--limit N] [--format text|json]",
	 "find in all digests: words, \"a phrase\", begin*"},
	{"diff", cmd_diff, NEED_STORE, opt_diff, 2, 2,
	 "diff W1 W2 [--audience A] [--format text|json|html]", "what differs between two weeks"},
	{"explain", cmd_explain, NEED_STORE, opt_explain, 1, 1,
	 "explain ID [--week W] [--audience A] [--format text|json]",
	 "what a number means and its rows; what is known of an item"},
	{"verify", cmd_verify, NEED_STORE, opt_format, 0, 1, "verify [W]",
	 "make the archive's bytes again and compare"},
	{"backfill", cmd_backfill, NEED_WRITE | NEED_SECRETS, opt_backfill, 0, 0,
	 "backfill --from W --to W", "collect and freeze past weeks without sending"},
	{"check", cmd_check, NEED_CONFIG, opt_format, 0, 0, "check",
	 "configuration, credentials, permissions: one line each"},
	{"status", cmd_status, NEED_STORE, opt_format, 0, 0, "status [--format json]",
	 "last runs, coverage, deliveries per recipient"},
	{"backup", cmd_backup, NEED_STORE, NULL, 1, 1, "backup FILE",
	 "consistent copy of the store, checked"},
	{"init", cmd_init, 0, NULL, 0, 0, "init", "write a commented sitrep.yaml"},
};
const size_t command_count = ARRAY_SIZE(commands);
