/* Numbers of minima and what they stand for. */
#include <kramers/critical_points.h>

#include "coupled_minima.h"
#include "critical_lines.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this many periods from the origin a double no longer resolves one period well. */
static const int64_t farthest_period = INT64_C(1) << 40;

static kr_status no_minimum(const kr_landscape *landscape, kr_error *error) {
    const kr_descriptor *about = &landscape->type->about;
    char text[512] = "";
    size_t used = 0;
    for (const kr_parameter *p = about->parameters; p && p->name && used < sizeof text; p++) {
        const char *const *path = (const void *)((const char *)landscape->values + p->offset);
        if (p->type == KR_NUMBER)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %.15g", used ? ", " : "", p->name,
                                     kr_get_by_name(about, landscape->values, p->name, NAN));
        else if (p->type == KR_TEXT && kr_parameter_names_file(p, *path))
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %.200s", used ? ", " : "", p->name, *path);
    }
    if (landscape->weight_decay != 0 && used < sizeof text)
        snprintf(text + used, sizeof text - used, "%sweight_decay %.15g", used ? ", " : "", landscape->weight_decay);
    return kr_fail(error, KR_BAD_ARGUMENT, "landscape '%s' has no minimum with these parameters (%s); give the start as a point",
                   about->name, text);
}

static kr_status no_such_number(const kr_landscape *landscape, int64_t number, int64_t count, kr_error *error) {
    const char *name = landscape->type->about.name;
    if (count == 1)
        return kr_fail(error, KR_BAD_ARGUMENT, "landscape '%s' has one minimum, number 0; there is no minimum %" PRId64, name,
                       number);
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "landscape '%s' has %" PRId64 " minima, numbered 0 to %" PRId64 "; there is no minimum %" PRId64, name, count,
                   count - 1, number);
}

/* Keeps only the minima of each axis; true when every axis has one. */
static bool keep_minima(kr_critical_lines *lines) {
    size_t to = 0;
    bool all = true;
    for (size_t a = 0, from = 0; a < lines->axis_count; a++) {
        size_t begin = to, end = lines->first[a + 1];
        for (; from < end; from++)
            if (lines->minimum[from]) lines->x[to++] = lines->x[from];
        lines->first[a] = begin;
        if (to == begin) all = false;
    }
    lines->first[lines->axis_count] = to;
    return all;
}

/* The axis of lines that coordinate a is like. */
static size_t axis_of(const kr_critical_lines *lines, size_t a) {
    return lines->axis_count == 1 ? 0 : a;
}

static int64_t product_of_counts(const kr_critical_lines *lines, size_t dim) {
    int64_t product = 1;
    for (size_t a = 0; a < dim; a++) {
        int64_t count = (int64_t)(lines->first[axis_of(lines, a) + 1] - lines->first[axis_of(lines, a)]);
        product = product > INT64_MAX / count ? INT64_MAX : product * count;
    }
    return product;
}

/* Count of all minima, and the position of this one when position is not NULL. */
static kr_status minimum_separable(const kr_landscape *landscape, int64_t number, int64_t *count, double *position,
                                   kr_error *error) {
    kr_critical_lines lines;
    size_t dim = landscape->dim;
    kr_status status = kr_critical_lines_find(landscape, 0, landscape->type->alike ? 1 : dim, 0, &lines, error);
    if (status != KR_OK) return status;
    if (!keep_minima(&lines)) {
        status = no_minimum(landscape, error);
    } else {
        *count = product_of_counts(&lines, dim);
        int64_t rest = number;
        for (size_t a = position && number >= 0 ? dim : 0; a-- > 0;) {
            size_t first = lines.first[axis_of(&lines, a)];
            int64_t here = (int64_t)(lines.first[axis_of(&lines, a) + 1] - first);
            position[a] = lines.x[first + (size_t)(rest % here)];
            rest /= here;
        }
        if (position && rest != 0) status = no_such_number(landscape, number, *count, error);
    }
    kr_critical_lines_destroy(&lines);
    return status;
}

static kr_status minimum_periodic(const kr_landscape *landscape, int64_t number, double *position, kr_error *error) {
    if (number > farthest_period || number < -farthest_period)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "minimum %" PRId64 " of landscape '%s' is too far out; numbers go to %" PRId64 " on both sides", number,
                       landscape->type->about.name, farthest_period);
    kr_critical_lines lines;
    kr_status status = kr_critical_lines_find(landscape, 0, 1, number, &lines, error);
    if (status != KR_OK) return status;
    if (!keep_minima(&lines))
        status = landscape->weight_decay == 0
                     ? no_minimum(landscape, error)
                     : kr_fail(error, KR_BAD_ARGUMENT,
                               "landscape '%s' has no minimum %" PRId64 ": weight decay %.15g leaves none in that period",
                               landscape->type->about.name, number, landscape->weight_decay);
    else if (position)
        position[0] = lines.x[0];
    kr_critical_lines_destroy(&lines);
    return status;
}

static kr_status minimum_coupled(const kr_landscape *landscape, int64_t number, int64_t *count, double *position, kr_error *error) {
    kr_coupled_minima minima;
    kr_status status = kr_coupled_minima_find(landscape, &minima, error);
    if (status != KR_OK) return status;
    *count = (int64_t)minima.count;
    if (*count == 0)
        status = no_minimum(landscape, error);
    else if (position && (number < 0 || number >= *count))
        status = no_such_number(landscape, number, *count, error);
    else if (position)
        memcpy(position, minima.position + (size_t)number * minima.dim, minima.dim * sizeof *position);
    kr_coupled_minima_destroy(&minima);
    return status;
}

kr_status kr_minimum_count(const kr_landscape *landscape, int64_t *count, kr_error *error) {
    *count = 0;
    if (!landscape->type->separable) return minimum_coupled(landscape, 0, count, NULL, error);
    if (landscape->type->period != 0) return minimum_periodic(landscape, 0, NULL, error);
    return minimum_separable(landscape, 0, count, NULL, error);
}

kr_status kr_minimum_position(const kr_landscape *landscape, int64_t number, double *position, kr_error *error) {
    int64_t count = 0;
    if (!landscape->type->separable) return minimum_coupled(landscape, number, &count, position, error);
    if (landscape->type->period != 0) return minimum_periodic(landscape, number, position, error);
    return minimum_separable(landscape, number, &count, position, error);
}
