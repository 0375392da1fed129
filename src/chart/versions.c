#include "chart/versions.h"

#include "chart/font.h"

#include <hb.h>

const char *chart_cairo_version(void)
{
	return cairo_version_string();
}

const char *chart_pango_version(void)
{
	return pango_version_string();
}

/* Of the table "head": 16.16 fixed, big endian, at byte 4. */
static const char *revision(PangoFont *font, struct arena *a)
{
	hb_blob_t *head = hb_face_reference_table(hb_font_get_face(pango_font_get_hb_font(font)),
						  HB_TAG('h', 'e', 'a', 'd'));
	unsigned n;
	const unsigned char *p = (const unsigned char *)hb_blob_get_data(head, &n);
	const char *text = "unknown";
	if (n >= 8) {
		unsigned hundredths = ((unsigned)p[6] << 8 | p[7]) * 100 / 65536;
		text = arena_printf(a, "%u.%02u", (unsigned)p[4] << 8 | p[5], hundredths);
	}
	hb_blob_destroy(head);
	return text;
}

static const char *one(PangoContext *pc, const char *family, struct arena *a)
{
	PangoFontDescription *want = pango_font_description_from_string(family);
	PangoFont *font = pango_context_load_font(pc, want);
	const char *text = "none";
	if (font) {
		PangoFontDescription *got = pango_font_describe(font);
		text = arena_printf(a, "%s %s", pango_font_description_get_family(got),
				    revision(font, a));
		pango_font_description_free(got);
		g_object_unref(font);
	}
	pango_font_description_free(want);
	return text;
}

const char *chart_fonts(struct arena *a)
{
	PangoContext *pc = font_context(NULL);
	const char *text = arena_printf(a, "%s, %s", one(pc, FONT_SANS, a), one(pc, FONT_MONO, a));
	g_object_unref(pc);
	return text;
}
