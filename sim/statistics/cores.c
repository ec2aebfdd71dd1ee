#include "cores.h"

#include "geometry/walls.h"
#include "numerics/root.h"

#include <kramers/critical_points.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One coordinate of a separable landscape, or all of another one: minima, and the energy below which their core is. */
typedef struct valley {
    size_t coordinate, minima;
    double *minimum;   /* [minima][width] */
    double *threshold; /* [minima] */
    size_t *of_well;   /* [wells] its minimum here */
    double *level;     /* [1 + wells] threshold of that; the first is for points in no well */
} valley;

/* Between straight walls a core is one of motion along x0: in many dimensions the energy across is always high. That is the
 * landscape in one dimension. */
struct kr_cores {
    const kr_landscape *landscape; /* whose energy counts */
    kr_landscape line;
    kr_basins *basins;
    bool separable;
    int kind;
    double radius, margin, temperature; /* temperature 0 where there is none: half the barrier */
    size_t wells, valleys;
    valley *valley; /* separable: of the coordinates that have more than one minimum; else just one */
};

static double threshold(const kr_cores *c, double top, double bottom) {
    double barrier = top - bottom;
    return top - fmin(c->margin * c->temperature, fmax(barrier - c->temperature, 0.5 * barrier));
}

/* Minima of a separable coordinate alternate with maxima: the lower neighbour is the barrier. */
static void line_thresholds(const kr_cores *c, const kr_critical_points *points, valley *v) {
    for (size_t i = 0, m = 0; i < points->count; i++) {
        if (points->point[i].index != 0) continue;
        double top = INFINITY;
        if (i > 0 && points->point[i - 1].index == 1) top = points->point[i - 1].energy;
        if (i + 1 < points->count && points->point[i + 1].index == 1) top = fmin(top, points->point[i + 1].energy);
        v->minimum[m] = points->point[i].position[0];
        v->threshold[m++] = threshold(c, top, points->point[i].energy);
    }
}

static kr_status saddle_thresholds(const kr_cores *c, const kr_critical_points *points, valley *v, kr_error *error) {
    const kr_landscape *landscape = c->landscape;
    double *top = malloc(points->count * sizeof *top);
    if (!top) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu critical points", points->count);
    for (size_t i = 0; i < points->count; i++) top[i] = INFINITY;
    kr_status status = KR_OK;
    for (size_t s = 0; status == KR_OK && s < points->count; s++) {
        size_t ends[2];
        if (points->point[s].index != 1) continue;
        status = kr_saddle_ends(landscape, points, s, ends, error);
        for (int i = 0; status == KR_OK && i < 2; i++)
            if (ends[0] != ends[1] && ends[i] != SIZE_MAX) top[ends[i]] = fmin(top[ends[i]], points->point[s].energy);
    }
    for (size_t i = 0, m = 0; status == KR_OK && i < points->count; i++) {
        if (points->point[i].index != 0) continue;
        memcpy(v->minimum + m * landscape->dim, points->point[i].position, landscape->dim * sizeof(double));
        v->threshold[m++] = threshold(c, top[i], points->point[i].energy);
        if (isinf(top[i]))
            status = kr_fail(error, KR_BAD_ARGUMENT,
                             "transitions: no saddle was found on the rim of minimum %zu, so no energy bounds its core; give "
                             "transitions.core: radius",
                             m - 1);
    }
    free(top);
    return status;
}

/* axis: of a separable landscape; else ignored. Adds nothing for a coordinate with one minimum. */
static kr_status add_valley(kr_cores *c, size_t axis, kr_error *error) {
    kr_critical_points points;
    kr_status status = kr_critical_points_find(c->landscape, axis, &points, error);
    if (status != KR_OK) return status;
    size_t minima = 0, width = c->separable ? 1 : c->landscape->dim;
    for (size_t i = 0; i < points.count; i++) minima += points.point[i].index == 0;
    if (minima > 1) {
        valley *v = &c->valley[c->valleys++];
        *v = (valley){.coordinate = axis, .minima = minima};
        v->minimum = calloc(minima * width, sizeof(double));
        v->threshold = calloc(minima, sizeof(double));
        if (!v->minimum || !v->threshold)
            status = kr_fail(error, KR_NO_MEMORY, "not enough memory for the cores of %zu minima", minima);
        else if (c->separable)
            line_thresholds(c, &points, v);
        else
            status = saddle_thresholds(c, &points, v, error);
        if (c->kind == KR_CORE_RADIUS && status == KR_BAD_ARGUMENT) status = KR_OK; /* needs no energies */
    }
    kr_critical_points_destroy(&points);
    return status;
}

/* Numbers of wells count the last coordinate fastest. false: no memory. */
static bool number_wells(kr_cores *c) {
    size_t after = c->wells;
    for (size_t i = 0; i < c->valleys; i++) {
        valley *v = &c->valley[i];
        v->of_well = calloc(c->wells, sizeof *v->of_well);
        v->level = calloc(1 + c->wells, sizeof *v->level);
        if (!v->of_well || !v->level) return false;
        after /= v->minima;
        v->level[0] = -INFINITY;
        for (size_t well = 0; well < c->wells; well++) {
            v->of_well[well] = well / after % v->minima;
            v->level[1 + well] = v->threshold[v->of_well[well]];
        }
    }
    return true;
}

kr_status kr_cores_create(kr_cores **result, const kr_landscape *landscape, const kr_transitions_settings *settings,
                          double temperature, kr_error *error) {
    *result = NULL;
    kr_cores *c = calloc(1, sizeof *c);
    if (!c) return kr_fail(error, KR_NO_MEMORY, "not enough memory for core sets");
    *c = (kr_cores){.landscape = landscape,
                    .separable = landscape->type->separable,
                    .kind = settings->core,
                    .radius = settings->radius,
                    .margin = settings->margin,
                    .temperature = temperature};
    if (kr_has_walls(landscape) && !kr_walls_bend(landscape)) {
        c->line = *landscape;
        c->line.dim = 1;
        c->landscape = &c->line;
        c->separable = true;
    }
    kr_status status = kr_basins_create(&c->basins, landscape, error);
    c->wells = kr_basins_count(c->basins);
    if (status == KR_OK && c->wells < 2)
        status =
            kr_fail(error, KR_BAD_ARGUMENT, "transitions.every: transitions are counted between 2 to %d wells; landscape '%s' %s",
                    KR_MAX_BASINS, landscape->type->about.name,
                    c->wells == 1                 ? "has one"
                    : landscape->type->period > 0 ? "has infinitely many (measure escapes instead: escape.until)"
                                                  : "has none or more");
    size_t axes = c->separable ? c->landscape->dim : 1;
    if (status == KR_OK && !(c->valley = calloc(axes, sizeof *c->valley)))
        status = kr_fail(error, KR_NO_MEMORY, "not enough memory for core sets");
    for (size_t i = 0; status == KR_OK && i < axes; i++) status = add_valley(c, i, error);
    if (status == KR_OK && !number_wells(c))
        status = kr_fail(error, KR_NO_MEMORY, "not enough memory for the cores of %zu wells", c->wells);
    if (status != KR_OK) {
        kr_cores_destroy(c);
        return status;
    }
    *result = c;
    return KR_OK;
}

void kr_cores_destroy(kr_cores *c) {
    if (!c) return;
    for (size_t i = 0; i < c->valleys; i++) {
        free(c->valley[i].minimum);
        free(c->valley[i].threshold);
        free(c->valley[i].of_well);
        free(c->valley[i].level);
    }
    free(c->valley);
    kr_basins_destroy(c->basins);
    free(c);
}

size_t kr_cores_count(const kr_cores *c) {
    return c->wells;
}

size_t kr_cores_work(const kr_cores *c) {
    return c->landscape->dim + 1;
}

/* Energy of what belongs to a valley: of one coordinate with the others at 0, as its thresholds are, or all of it. */
static void valley_energy(const kr_cores *c, const valley *v, size_t n, size_t stride, const double *x, const double *velocity,
                          double *at, double *energy) {
    size_t dim = c->landscape->dim;
    bool alone = !c->separable || dim == 1; /* nothing to leave out: the points as they are, if they lie so */
    if (!alone) memset(at, 0, dim * n * sizeof *at);
    for (size_t i = 0; i < dim && !(alone && stride == n); i++)
        if (!c->separable || i == v->coordinate) memcpy(at + i * n, x + i * stride, n * sizeof *at);
    kr_landscape_energy(c->landscape, n, alone && stride == n ? x : at, energy);
    for (size_t i = 0; velocity && i < dim; i++)
        for (size_t p = 0; (!c->separable || i == v->coordinate) && p < n; p++)
            energy[p] += 0.5 * velocity[i * stride + p] * velocity[i * stride + p];
}

static void keep_below(size_t n, const double *restrict energy, const double *restrict level, const int32_t *restrict well,
                       int32_t *restrict core) {
    for (size_t p = 0; p < n; p++) core[p] = energy[p] < level[well[p] + 1] ? core[p] : -1;
}

static void add_square(const kr_cores *c, const valley *v, size_t minimum, size_t stride, const double *x, double *square) {
    size_t width = c->separable ? 1 : c->landscape->dim;
    for (size_t i = 0; i < width; i++) {
        double d = x[(c->separable ? v->coordinate : i) * stride] - v->minimum[minimum * width + i];
        *square += d * d;
    }
}

kr_status kr_cores_assign(const kr_cores *c, size_t n, size_t stride, const double *x, const double *velocity, int32_t *well,
                          int32_t *core, double *work, kr_error *error) {
    double *at = work, *value = work + c->landscape->dim * n;
    kr_status status = kr_basins_assign(c->basins, n, stride, x, well, error);
    if (status != KR_OK) return status;
    memcpy(core, well, n * sizeof *core);
    if (c->kind == KR_CORE_RADIUS) memset(value, 0, n * sizeof *value);
    for (size_t i = 0; i < c->valleys; i++) {
        const valley *v = &c->valley[i];
        if (c->kind == KR_CORE_ENERGY) {
            valley_energy(c, v, n, stride, x, velocity, at, value);
            keep_below(n, value, v->level, well, core);
            continue;
        }
        for (size_t p = 0; p < n; p++)
            if (well[p] >= 0) add_square(c, v, v->of_well[well[p]], stride, x + p, &value[p]);
    }
    for (size_t p = 0; c->kind == KR_CORE_RADIUS && p < n; p++)
        if (!(value[p] <= c->radius * c->radius)) core[p] = -1;
    return KR_OK;
}

size_t kr_cores_extent(const kr_cores *c, size_t coordinate, double *low, double *high) {
    for (size_t i = 0; i < c->valleys; i++) {
        const valley *v = &c->valley[i];
        size_t width = c->separable ? 1 : c->landscape->dim, at = c->separable ? 0 : coordinate;
        if (c->separable && v->coordinate != coordinate) continue;
        *low = INFINITY;
        *high = -INFINITY;
        for (size_t m = 0; m < v->minima; m++) {
            *low = fmin(*low, v->minimum[m * width + at]);
            *high = fmax(*high, v->minimum[m * width + at]);
        }
        return *high > *low ? v->minima : 1;
    }
    return 1;
}

/* Points along the coordinate of a valley, and the core of one of its minima. */
typedef struct core {
    const kr_cores *cores;
    const valley *valley;
    size_t minimum;
    double *point;
} core;

static bool inside(double x, void *context) {
    const core *c = context;
    const valley *v = c->valley;
    double energy;
    if (c->cores->kind == KR_CORE_RADIUS) return fabs(x - v->minimum[c->minimum]) <= c->cores->radius;
    c->point[v->coordinate] = x;
    kr_landscape_energy(c->cores->landscape, 1, c->point, &energy);
    return energy < v->threshold[c->minimum];
}

bool kr_cores_gap(const kr_cores *c, size_t *coordinate, double *low, double *high) {
    const valley *v = c->valley;
    if (c->valleys != 1 || !c->separable || v->minima != 2 || c->landscape == &c->line) return false;
    double *point = calloc(c->landscape->dim, sizeof *point);
    if (!point) return false;
    kr_critical_points points;
    kr_error none;
    double top = NAN;
    if (kr_critical_points_find(c->landscape, v->coordinate, &points, &none) == KR_OK) {
        for (size_t i = 0; i < points.count; i++)
            if (points.point[i].index == 1) top = points.point[i].position[0];
        kr_critical_points_destroy(&points);
    }
    double edge[2];
    for (size_t m = 0; m < 2; m++) {
        core of_minimum = {c, v, m, point};
        double outside = top;
        edge[m] = v->minimum[m];
        kr_bisect(inside, &of_minimum, &edge[m], &outside);
    }
    free(point);
    *coordinate = v->coordinate;
    *low = edge[0];
    *high = edge[1];
    return isfinite(top) && edge[0] < edge[1];
}
