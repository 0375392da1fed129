#include "chart/layout.h"

#include "chart/layout_kinds.h"

#include <math.h>

bool layout_figure(const struct figure *f, double width, bool print, struct arena *a,
		   struct shapes *out, struct err *e)
{
	if (!isfinite(width) || width < 60 || width > 4000)
		return err_set(e, ERR_BUG, "figure \"%s\": no layout %g px wide", f->id, width);
	struct shapes s = {.width = width};
	struct board b = {.a = a, .out = &s};
	switch (f->kind) {
	case FIGURE_COLUMNS:
		layout_columns(f, width, print, &b);
		break;
	case FIGURE_STACK:
		layout_stack(f, width, print, &b);
		break;
	case FIGURE_SPARK:
		layout_spark(f, width, &b);
		break;
	case FIGURE_PANEL:
		layout_panel(f, width, &b);
		break;
	case FIGURE_AGES:
		layout_ages(f, width, print, &b);
		break;
	case FIGURE_TIMELINE:
		layout_timeline(f, width, print, &b);
		break;
	}
	board_finish(&b);
	*out = s;
	return true;
}
