/* Axes with ticks at round numbers, linear or logarithmic, and curves between them. */
#ifndef KR_PLOT_H
#define KR_PLOT_H

#include "text.h"
#include "theme.h"

enum { KR_TICK_TEXT = 32 };

typedef struct kr_axis {
    double low, high;
    bool logarithmic;
    const char *label; /* with unit; NULL: none */
    bool hide;         /* no ticks and numbers */
    char *power;       /* [KR_TICK_TEXT]: gets the common factor of the numbers, which is not drawn then; NULL: it is drawn */
} kr_axis;

typedef struct kr_plot {
    kr_canvas *canvas;
    kr_fonts *fonts;
    const kr_theme *theme;
    kr_rectangle outer; /* with labels */
    kr_rectangle inner; /* between the axes; filled in by kr_plot_axes */
    kr_axis x, y;
    double left; /* room for numbers left of the axis, at least, so that several plots stand in line */
} kr_plot;

/* Makes room for labels, draws grid, ticks, numbers and labels. low >= high is widened. */
void kr_plot_axes(kr_plot *plot);
kr_point kr_plot_point(const kr_plot *plot, double x, double y); /* NAN where a logarithm has none */
double kr_plot_x(const kr_plot *plot, double pixel);             /* back */
double kr_plot_y(const kr_plot *plot, double pixel);
/* Clipped to inner. */
void kr_plot_curve(const kr_plot *plot, size_t count, const double *x, const double *y, double width, double dash, kr_color color);
void kr_plot_band(const kr_plot *plot, size_t count, const double *x, const double *low, const double *high, kr_color color);
void kr_plot_area(const kr_plot *plot, size_t count, const double *x, const double *y, kr_color color); /* down to the axis */
void kr_plot_vertical(const kr_plot *plot, double x, double width, double dash, kr_color color);
void kr_plot_horizontal(const kr_plot *plot, double y, double width, double dash, kr_color color);
/* Low and high that hold all finite values, with a margin. */
void kr_plot_range(size_t count, const double *values, double *low, double *high);

#endif
