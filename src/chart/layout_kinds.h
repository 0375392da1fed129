/* The layouts behind layout_figure, one a kind of figure. Each sets out's size and fills it. */
#ifndef CHART_LAYOUT_KINDS_H
#define CHART_LAYOUT_KINDS_H

#include "chart/board.h"

void layout_columns(const struct figure *f, double width, bool print, struct board *b);
void layout_stack(const struct figure *f, double width, bool print, struct board *b);
void layout_spark(const struct figure *f, double width, struct board *b);
void layout_ages(const struct figure *f, double width, bool print, struct board *b);
void layout_panel(const struct figure *f, double width, struct board *b);
void layout_timeline(const struct figure *f, double width, bool print, struct board *b);

#endif
