#include "spline_options.h"

#include <kramers/vector_math.h>

#include <float.h>
#include <math.h>
#include <stdio.h>

const char *const kr_spline_interpolations[] = {"cubic", "monotone", NULL};

static size_t smallest(size_t count, const double *value) {
    size_t at = 0;
    for (size_t i = 1; i < count; i++)
        if (value[i] < value[at]) at = i;
    return at;
}

kr_status kr_spline_shape(const kr_spline_options *options, size_t count, double *value, const char *landscape, const char *file,
                          kr_error *error) {
    for (size_t i = 0; i < count; i++)
        if (value[i] > options->clip) value[i] = options->clip; /* never, where clip is NAN */
    size_t least = smallest(count, value);
    if (options->log && !(value[least] >= DBL_MIN))
        return kr_fail(error, KR_BAD_ARGUMENT, "landscape '%s': log needs values above 0, but the smallest%s%s%s is %.6g%s",
                       landscape, file ? " of '" : "", file ? file : "", file ? "'" : "", value[least],
                       options->clip <= 0 ? ", where clip has put it" : "; leave landscape.log out");
    for (size_t i = 0; i < count; i++) value[i] = options->scale * (options->log ? kr_log(value[i]) : value[i]);
    return KR_OK;
}

/* A minimum between two points is a little below both, and no fault. */
static const double tolerance = 0.01;

bool kr_spline_range_warning(const kr_spline_range *range, const kr_spline_options *options, char *text, size_t size) {
    double most = tolerance * (range->data_high - range->data_low);
    if (!(range->low < range->data_low - most || range->high > range->data_high + most)) return false;
    snprintf(text, size,
             "the spline leaves the range of its values, %.4g to %.4g: between them it goes from %.4g to %.4g; "
             "landscape.interpolation: monotone stays within%s%s",
             range->data_low, range->data_high, range->low, range->high,
             options->log ? "" : ", landscape.log: true flattens a cliff",
             isnan(options->clip) ? ", landscape.clip: VALUE cuts it off" : "");
    return true;
}
