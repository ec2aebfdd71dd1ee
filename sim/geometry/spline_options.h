/* What is chosen for a spline through values of a loss, along a line or over a plane: rows of parameters, what is done to the
 * values before, and what is to be said of the spline after. */
#ifndef KR_SPLINE_OPTIONS_H
#define KR_SPLINE_OPTIONS_H

#include "spline_axis.h"

#include <kramers/parameter.h>

typedef struct kr_spline_options {
    double scale, wall, clip;
    int interpolation; /* kr_spline_kind */
    bool log;
} kr_spline_options;

extern const char *const kr_spline_interpolations[];

/* Rows of parameters for the member `options` of a plug-in's values; where: what the wall is outside of. */
#define KR_SPLINE_ROWS(values, options, where)                                                                                     \
    {"interpolation",                                                                                                              \
     NULL,                                                                                                                         \
     "between the points: cubic (smooth, but swings beyond the values beside cliffs) or monotone (never beyond them)",             \
     NULL,                                                                                                                         \
     KR_CHOICE,                                                                                                                    \
     0,                                                                                                                            \
     offsetof(values, options.interpolation),                                                                                      \
     .choices = kr_spline_interpolations},                                                                                         \
        {"clip",                                                                                                                   \
         NULL,                                                                                                                     \
         "larger values are taken for this one, before anything else; not given: none is",                                         \
         NULL,                                                                                                                     \
         KR_NUMBER,                                                                                                                \
         0,                                                                                                                        \
         offsetof(values, options.clip),                                                                                           \
         .initial = NAN,                                                                                                           \
         .minimum = -1e300,                                                                                                        \
         .maximum = 1e300},                                                                                                        \
        {"log",                                                                                                                    \
         NULL,                                                                                                                     \
         "the potential is the logarithm of the values; all must be above 0",                                                      \
         NULL,                                                                                                                     \
         KR_SWITCH,                                                                                                                \
         0,                                                                                                                        \
         offsetof(values, options.log),                                                                                            \
         .initial = 0},                                                                                                            \
        {"scale",                                                                                                                  \
         NULL,                                                                                                                     \
         "factor in front of the energy, wall included",                                                                           \
         NULL,                                                                                                                     \
         KR_NUMBER,                                                                                                                \
         KR_ABOVE_MINIMUM | KR_LOG_SCALE,                                                                                          \
         offsetof(values, options.scale),                                                                                          \
         .initial = 1,                                                                                                             \
         .minimum = 0,                                                                                                             \
         .maximum = 1e9},                                                                                                          \
    {                                                                                                                              \
        "wall", NULL, "curvature added outside " where ", where value and slope go on; 0: none; not given: fits the values", NULL, \
            KR_NUMBER, KR_LOG_SCALE, offsetof(values, options.wall), .initial = NAN, .minimum = 0, .maximum = 1e9                  \
    }

/* Clips, takes the logarithm and scales, in place. landscape, file (NULL: a list) and name: for messages. */
kr_status kr_spline_shape(const kr_spline_options *options, size_t count, double *value, const char *landscape, const char *file,
                          kr_error *error);

/* Writes what there is to say when the spline leaves the range of its values by more than a hundredth; false: nothing. */
bool kr_spline_range_warning(const kr_spline_range *range, const kr_spline_options *options, char *text, size_t size);

#endif
