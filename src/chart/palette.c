#include "chart/palette.h"

#include "base/sb.h"
#include "base/text.h"

/* Measured contrast of every pair: look.md 4. Stack colours alternate dark and light so that they
 * survive greyscale. */
static const struct token {
	const char *name;
	uint32_t light, dark;
} tokens[] = {
	{"paper", 0xffffff, 0x14181b},		{"ink", 0x0b0c0c, 0xf3f2f1},
	{"ink2", 0x505a5f, 0xb1b4b6},		{"link", 0x1d70b8, 0x7fb8ea},
	{"visited", 0x4c2c92, 0xc9a7f0},	{"now", 0x12436d, 0x8fc1ee},
	{"past", 0x76889a, 0x7d92a5},		{"mark", 0xc2410c, 0xffa366},
	{"band", 0xe6edf3, 0x23303b},		{"wash", 0xf3f2f1, 0x1e2428},
	{"rule", 0xb1b4b6, 0x5b646a},		{"grid", 0xe0e3e5, 0x2f373c},
	{"real", 0x12436d, 0x8fc1ee},		{"flaky", 0x28a197, 0x1f8a80},
	{"infrastructure", 0x54319f, 0xd6c6f5}, {"undecided", 0x8a949a, 0x7d878d},
	{"green-text", 0x005a30, 0xb8e6cf},	{"green-ground", 0xcce2d8, 0x12402a},
	{"orange-text", 0x6e3619, 0xffd8bf},	{"orange-ground", 0xfcd6c3, 0x5a2f12},
	{"red-text", 0x2a0b06, 0xffd0c7},	{"red-ground", 0xf4cdc6, 0x5a1a10},
	{"blue-text", 0x0c2d4a, 0xcfe6fa},	{"blue-ground", 0xbbd4ea, 0x173a58},
	{"grey-text", 0x282d30, 0xdfe2e4},	{"grey-ground", 0xeeefef, 0x32393e},
};

#define FILL(name, colour, token)                                                                  \
	{                                                                                          \
		name, colour, true, 0, false, 0, false, token                                      \
	}
#define STROKE(name, colour, width, token)                                                         \
	{                                                                                          \
		name, 0, false, colour, true, width, false, token                                  \
	}
#define DASHES(name, colour, width, token)                                                         \
	{                                                                                          \
		name, 0, false, colour, true, width, true, token                                   \
	}
static const struct style styles[] = {
	FILL("now", 0x12436d, "now"),
	FILL("past", 0x76889a, "past"),
	FILL("mark", 0xc2410c, "mark"),
	FILL("real", 0x12436d, "real"),
	FILL("flaky", 0x28a197, "flaky"),
	FILL("infrastructure", 0x54319f, "infrastructure"),
	FILL("undecided", 0x8a949a, "undecided"),
	FILL("band", 0xe6edf3, "band"),
	FILL("wash", 0xf3f2f1, "wash"),
	FILL("paper", 0xffffff, "paper"),
	DASHES("band-edge", 0x76889a, 1, "past"),
	DASHES("limit", 0xc2410c, 1.25, "mark"),
	DASHES("event", 0x505a5f, 1, "ink2"),
	STROKE("line", 0x12436d, 1.5, "now"),
	STROKE("line-2", 0x28a197, 1.5, "flaky"),
	STROKE("line-3", 0x54319f, 1.5, "infrastructure"),
	STROKE("line-4", 0x8a949a, 1.5, "undecided"),
	STROKE("grid", 0xe0e3e5, 1, "grid"),
	STROKE("axis", 0x0b0c0c, 1, "ink"),
	STROKE("zero", 0x0b0c0c, 1.75, "ink"),
	STROKE("hatch", 0x505a5f, 1, "ink2"),
	STROKE("hatch-edge", 0x505a5f, 1, "ink2"),
	STROKE("open", 0x12436d, 1.5, "now"),
	STROKE("leader", 0x505a5f, 1, "ink2"),
	STROKE("tick", 0x12436d, 2.25, "now"),
	STROKE("tick-past", 0x76889a, 2.25, "past"),
	STROKE("tick-mark", 0xc2410c, 2.25, "mark"),
	STROKE("cross", 0xc2410c, 2, "mark"),
	STROKE("arrow", 0xc2410c, 1.5, "mark"),
	FILL("text", 0x0b0c0c, "ink"),
	FILL("text2", 0x505a5f, "ink2"),
	FILL("text-mark", 0xc2410c, "mark"),
};

const struct style *style_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(styles); i++)
		if (text_eq(styles[i].name, name))
			return &styles[i];
	bug_(__FILE__, __LINE__, name);
}

uint32_t palette_colour(const char *token)
{
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
		if (text_eq(tokens[i].name, token))
			return tokens[i].light;
	bug_(__FILE__, __LINE__, token);
}

const char *palette_css(struct arena *a)
{
	struct sb b;
	sb_init(&b, a, 16 * 1024);
	sb_add(&b, ":root{");
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
		sb_addf(&b, "--c-%s:#%06x;", tokens[i].name, tokens[i].light);
	/* screen: paper is white whatever the reader's screen is set to */
	sb_add(&b, "}\n@media screen and (prefers-color-scheme:dark){:root{");
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
		sb_addf(&b, "--c-%s:#%06x;", tokens[i].name, tokens[i].dark);
	sb_add(&b, "}}\n");
	for (size_t i = 0; i < ARRAY_SIZE(styles); i++) {
		const struct style *s = &styles[i];
		if (s->has_fill)
			sb_addf(&b, ".c-%s{fill:var(--c-%s)}\n", s->name, s->token);
		else
			sb_addf(&b, ".c-%s{fill:none;stroke:var(--c-%s);stroke-width:%g%s}\n",
				s->name, s->token, s->width,
				s->dashed ? ";stroke-dasharray:3,3" : "");
	}
	/* paint-order stands on the element: the Nu checker knows no such property in CSS */
	sb_add(&b, ".c-halo{stroke:var(--c-paper);stroke-width:4;stroke-linejoin:round}\n");
	return sb_str(&b);
}
