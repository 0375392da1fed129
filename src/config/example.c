#include "config/load.h"
#include "config/table.h"

#define COMMENT_COLUMN 52

struct writer {
	struct sb b;
	struct arena *a;
};

/* What a reader of the file wants to know of a key: meaning, and words or numbers it may hold. */
static const char *remark(struct writer *w, const struct config_key *k)
{
	bool listed = k->type == KEY_NUMBER || k->type == KEY_CHOICE || k->type == KEY_WORDS;
	return listed ? arena_printf(w->a, "%s (%s)", k->help, config_key_allowed(k, w->a))
		      : k->help;
}

/* One line: mark blanks, "# " when commented out, the rest of the indent, the key, its remark. */
static void line(struct writer *w, const struct config_key *k, int indent, int mark,
		 const char *dash)
{
	size_t len, before = w->b.len;
	const char *name = config_key_name(k, &len), *value = config_key_sample(k);
	sb_addf(&w->b, "%*s%s%*s", mark < 0 ? indent : mark, "", mark < 0 ? "" : "# ",
		mark < 0 ? 0 : indent - mark, "");
	sb_addf(&w->b, "%s%.*s:%s%s", dash, (int)len, name, *value ? " " : "", value);
	size_t width = w->b.len - before;
	sb_addf(&w->b, "%*s# %s\n", (int)(width < COMMENT_COLUMN ? COMMENT_COLUMN - width : 1), "",
		remark(w, k));
}

/* mark: the column where the comment signs of a commented-out group stand; -1 outside of one. */
static void group(struct writer *w, const char *parent, int indent, int mark, bool element)
{
	bool first = element;
	for (size_t i = 0; i < config_keys_n; i++) {
		const struct config_key *k = &config_keys[i];
		if (!config_key_below(k, parent))
			continue;
		bool commented = !k->example || *k->example == '#';
		int own = mark < 0 && commented ? indent : mark;
		bool nested = k->type == KEY_GROUP || k->type == KEY_GROUPS;
		if (nested && indent == 0)
			sb_addc(&w->b, '\n');
		line(w, k, first ? indent - 2 : indent, own, first ? "- " : "");
		if (nested)
			group(w, k->path, indent + (k->type == KEY_GROUPS ? 4 : 2), own,
			      k->type == KEY_GROUPS);
		first = false;
	}
}

const char *config_example(struct arena *a)
{
	struct writer w = {.a = a};
	sb_init(&w.b, a, 1 << 20);
	sb_add(&w.b, "# Configuration of sitrep. Keys behind \"# \" are optional and show their "
		     "default or an example.\n"
		     "# Secrets never stand here: env:NAME reads a variable, file:PATH a file that "
		     "only its owner may read.\n"
		     "# Paths are relative to this file. \"sitrep check\" says what is wrong or "
		     "missing.\n\n");
	group(&w, "", 0, -1, false);
	return sb_str(&w.b);
}

/* Text in a cell of a Markdown table. */
static void cell(struct sb *b, const char *s)
{
	for (; *s; s++) {
		if (strchr("\\|<>*_[]`", *s))
			sb_addc(b, '\\');
		sb_addc(b, *s);
	}
}

const char *config_reference(struct arena *a)
{
	struct sb b;
	sb_init(&b, a, 1 << 20);
	sb_add(&b, "| key | type | default | meaning | allowed |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < config_keys_n; i++) {
		const struct config_key *k = &config_keys[i];
		bool need = k->need == KEY_REQUIRED;
		sb_addf(&b, "| `%s` | %s | %s%s%s | ", k->path, config_key_type(k),
			k->def ? "`" : "",
			k->def ? k->def
			: need ? "required"
			       : "–",
			k->def ? "`" : "");
		cell(&b, k->help);
		sb_add(&b, " | ");
		cell(&b, config_key_allowed(k, a));
		sb_add(&b, " |\n");
	}
	return sb_str(&b);
}
