/* Finite volumes with square-root approximation (Lie, Fackeldey, Weber 2013; Heida 2018): a Markov chain on square cells of side h
 * whose rate from i to a neighbour j is
 *
 *     q(i -> j) = (T / h^2) exp(-(V_j - V_i) / (2 T)),
 *
 * reversible with respect to exp(-V/T), its eigenvalues wrong by O(h^2). Three grids are extrapolated in h^2 and h^4. The domain is
 * what lies below an energy so far above every saddle that the flux through what is cut away is below 1e-11 of that over them; it
 * is found from the landscape. The chain is solved without subtractions, so that gaps of any smallness are right.
 *
 * Steps of gradient descent, x' = x - eta grad V + sqrt(2 eta T) xi: their logarithm is a diffusion again up to O(eta^2), with
 * D = T (1 + eta H), H the Hessian, and density exp(-V/T) [1 + eta (|grad V|^2 / (4 T) - tr H / 2)] (the modified equation of the
 * Euler-Maruyama scheme; Zygalakis 2011, SIAM J. Sci. Comput. 33, 102). In the coordinates y = x - (eta/2) grad V its D is T, and
 * the logarithm of its density is -(V + (eta/4) |grad V|^2) / T: the relaxation rates are those of that landscape. In the limit
 * of low temperature this gives the factor 1 + (eta/4) (tr H at the minimum - sum of |eigenvalues| at the saddle).
 */
#include "spectral_gap_2d.h"
#include "numerics/reversible_gap.h"

#include <kramers/critical_points.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRIDS = 3, SAMPLES = 400, EXPANSIONS = 200, COARSEST = 48 };
static const double refinement = 1.5;
static const double above_saddles = 25.0, surely_below = 12.0; /* in units of T */
static const double wanted = 1e-5, accepted = 0.05;
static const double largest_work = 1e9;   /* multiplications of an elimination: less than a second */
static const double largest_span = 650.0; /* of V/T in the domain */

typedef struct domain {
    const kr_landscape *landscape;
    double temperature, learning_rate, low[2], high[2], cut, deepest[2];
} domain;

static double energy_at(const domain *d, double x, double y) {
    double point[2] = {x, y}, energy;
    kr_landscape_energy(d->landscape, 1, point, &energy);
    return energy;
}

/* Whether some point on this side of the box is below the cut. */
static bool open_side(const domain *d, int axis, double at) {
    double from = d->low[1 - axis], to = d->high[1 - axis];
    for (int k = 0; k <= SAMPLES; k++) {
        double along = from + (to - from) * k / SAMPLES;
        if (!(energy_at(d, axis ? along : at, axis ? at : along) >= d->cut)) return true;
    }
    return false;
}

static bool grow_box(domain *d, double least) {
    for (int k = 0; k < EXPANSIONS; k++) {
        bool grown = false;
        for (int axis = 0; axis < 2; axis++) {
            double step = fmax(0.03 * (d->high[axis] - d->low[axis]), least);
            if (open_side(d, axis, d->low[axis])) {
                d->low[axis] -= step;
                grown = true;
            }
            if (open_side(d, axis, d->high[axis])) {
                d->high[axis] += step;
                grown = true;
            }
        }
        if (!grown) return true;
    }
    return false;
}

static bool hangs_together(const domain *d, double level, const kr_critical_points *points);

/* Of a degenerate point, as that of a monkey saddle, over which wells are joined, no list of critical points knows. Raises the cut
 * until all minima hang together far enough below it. */
static void reach_all_minima(domain *d, const kr_critical_points *points, double least) {
    const double ends = d->cut + largest_span * d->temperature;
    while (d->cut < ends && grow_box(d, least) && !hangs_together(d, d->cut - surely_below * d->temperature, points))
        d->cut += d->temperature;
}

static bool find_domain(domain *d, const char **why) {
    kr_critical_points points;
    kr_error error;
    if (kr_critical_points_all(d->landscape, 10000, &points, &error) != KR_OK) {
        *why = "its critical points cannot be found";
        return false;
    }
    double lowest = INFINITY, highest = -INFINITY, least = INFINITY;
    size_t minima = 0;
    const kr_landscape_type *type = d->landscape->type;
    const char *unlisted = type->unlisted ? type->unlisted(d->landscape) : NULL;
    for (size_t i = 0; i < points.count; i++) {
        const kr_critical_point *p = &points.point[i];
        if (p->index > 1) continue;
        minima += p->index == 0;
        highest = fmax(highest, p->energy);
        least = fmin(least, sqrt(d->temperature / fabs(p->eigenvalues[1])));
        for (int axis = 0; axis < 2; axis++) {
            d->low[axis] = isfinite(lowest) ? fmin(d->low[axis], p->position[axis]) : p->position[axis];
            d->high[axis] = isfinite(lowest) ? fmax(d->high[axis], p->position[axis]) : p->position[axis];
        }
        if (p->energy < lowest) memcpy(d->deepest, p->position, sizeof d->deepest);
        lowest = fmin(lowest, p->energy);
    }
    d->cut = highest + above_saddles * d->temperature;
    if (isfinite(lowest)) reach_all_minima(d, &points, least);
    kr_critical_points_destroy(&points);
    if (!isfinite(lowest))
        *why = "it has no minimum";
    else if (unlisted &&
             minima > 1) /* there is more than the box holds; the one that stands for a circle is in it with the circle */
        *why = unlisted;
    else if ((d->cut - lowest) / d->temperature > largest_span)
        *why = "the barriers are too high above T for numbers";
    else if (!grow_box(d, least))
        *why = "the loss does not rise on all sides";
    else
        return true;
    return false;
}

/* Cells below the cut that hang together with the deepest minimum, numbered with the shorter side fastest. */
typedef struct cells {
    size_t count, side[2]; /* along the shorter and the longer side of the box */
    int fast;              /* coordinate of the shorter side */
    double h, lowest;
    size_t pin;
    size_t *number; /* [side[0] * side[1]], SIZE_MAX: outside */
    size_t *cell;   /* [count] */
    double *energy; /* [side[0] * side[1]] */
} cells;

static void cells_free(cells *c) {
    free(c->number);
    free(c->cell);
    free(c->energy);
}

static void evaluate(const domain *d, cells *c) {
    size_t row = c->side[0];
    double *x = malloc(4 * row * sizeof *x), *gradient = x + 2 * row;
    for (size_t k = 0; k < row * c->side[1]; k++) c->energy[k] = INFINITY;
    for (size_t j = 0; x && j < c->side[1]; j++) {
        for (size_t i = 0; i < row; i++) {
            x[(size_t)c->fast * row + i] = d->low[c->fast] + ((double)i + 0.5) * c->h;
            x[(size_t)(1 - c->fast) * row + i] = d->low[1 - c->fast] + ((double)j + 0.5) * c->h;
        }
        double *energy = c->energy + j * row;
        kr_landscape_energy(d->landscape, row, x, energy);
        if (!(d->learning_rate > 0.0)) continue;
        kr_landscape_gradient(d->landscape, row, x, gradient);
        for (size_t i = 0; i < 2 * row; i++) energy[i % row] += d->learning_rate / 4.0 * gradient[i] * gradient[i];
    }
    free(x);
}

/* Neighbours of a cell in the box; returns how many. */
static size_t neighbours(const cells *c, size_t cell, size_t *out) {
    size_t i = cell % c->side[0], j = cell / c->side[0], count = 0;
    if (j > 0) out[count++] = cell - c->side[0];
    if (i > 0) out[count++] = cell - 1;
    if (i + 1 < c->side[0]) out[count++] = cell + 1;
    if (j + 1 < c->side[1]) out[count++] = cell + c->side[0];
    return count;
}

static bool cells_make(const domain *d, size_t across, cells *c) {
    double width[2] = {d->high[0] - d->low[0], d->high[1] - d->low[1]};
    *c = (cells){.fast = width[1] < width[0]};
    c->h = width[c->fast] / (double)across;
    c->side[0] = across;
    c->side[1] = (size_t)ceil(width[1 - c->fast] / c->h);
    size_t total = c->side[0] * c->side[1], next[4], head = 0;
    c->number = malloc(total * sizeof *c->number);
    c->cell = malloc(total * sizeof *c->cell);
    c->energy = malloc(total * sizeof *c->energy);
    if (!c->number || !c->cell || !c->energy) return false;
    evaluate(d, c);
    for (size_t k = 0; k < total; k++) c->number[k] = SIZE_MAX;
    size_t i = (size_t)((d->deepest[c->fast] - d->low[c->fast]) / c->h);
    size_t j = (size_t)((d->deepest[1 - c->fast] - d->low[1 - c->fast]) / c->h), start = j * c->side[0] + i;
    c->lowest = c->energy[start];
    c->number[start] = 0;
    c->cell[c->count++] = start;
    while (head < c->count) { /* flood */
        size_t n = neighbours(c, c->cell[head++], next);
        for (size_t k = 0; k < n; k++) {
            if (c->number[next[k]] != SIZE_MAX || !(c->energy[next[k]] < d->cut)) continue;
            c->number[next[k]] = 0;
            c->cell[c->count++] = next[k];
        }
    }
    c->count = 0;
    for (size_t k = 0; k < total; k++) {
        if (c->number[k] == SIZE_MAX) continue;
        if (k == start) c->pin = c->count;
        c->number[k] = c->count;
        c->cell[c->count++] = k;
    }
    return true;
}

/* Whether all minima are in the domain that is cut at this level, on a coarse grid. */
static bool hangs_together(const domain *d, double level, const kr_critical_points *points) {
    domain lower = *d;
    cells c;
    lower.cut = level;
    bool all = cells_make(&lower, 2 * COARSEST, &c);
    for (size_t k = 0; all && k < points->count; k++) {
        const kr_critical_point *p = &points->point[k];
        size_t i = (size_t)((p->position[c.fast] - d->low[c.fast]) / c.h);
        size_t j = (size_t)((p->position[1 - c.fast] - d->low[1 - c.fast]) / c.h);
        if (p->index == 0) all = c.number[j * c.side[0] + i] != SIZE_MAX;
    }
    cells_free(&c);
    return all;
}

static size_t unpinned(const cells *c, size_t number) {
    return number < c->pin ? number : number - 1;
}

/* Columns of each row of -Q without the pinned state. */
static void find_band(const cells *c, size_t *first, size_t *last) {
    for (size_t state = 0; state < c->count; state++) {
        size_t next[4], n = neighbours(c, c->cell[state], next), row = unpinned(c, state);
        if (state == c->pin) continue;
        first[row] = last[row] = row;
        for (size_t k = 0; k < n; k++) {
            size_t to = c->number[next[k]];
            if (to == SIZE_MAX || to == c->pin) continue;
            if (unpinned(c, to) < first[row]) first[row] = unpinned(c, to);
            if (unpinned(c, to) + 1 > last[row]) last[row] = unpinned(c, to) + 1;
        }
    }
}

/* Rates in units of T / h^2. */
static void fill(const cells *c, double temperature, kr_gth *m) {
    for (size_t state = 0; state < c->count; state++) {
        size_t next[4], n = neighbours(c, c->cell[state], next), row = unpinned(c, state);
        for (size_t k = 0; k < n && state != c->pin; k++) {
            size_t to = c->number[next[k]];
            if (to == SIZE_MAX) continue;
            double rate = exp(-(c->energy[next[k]] - c->energy[c->cell[state]]) / (2.0 * temperature));
            if (to == c->pin)
                m->excess[row] += rate;
            else
                m->row[row][unpinned(c, to) - m->first[row]] += rate;
        }
    }
}

static double gap_on(const domain *d, size_t across, double *h) {
    cells c;
    kr_gth m = {0};
    double gap = NAN;
    size_t *band = NULL;
    double *weight = NULL;
    bool done = cells_make(d, across, &c);
    *h = c.h;
    if (done && c.count > 1) {
        band = malloc(2 * c.count * sizeof *band);
        weight = malloc(2 * c.count * sizeof *weight);
        if (band && weight) find_band(&c, band, band + c.count);
        if (band && weight && kr_gth_create(&m, c.count - 1, band, band + c.count, largest_work)) {
            double sum = 0.0, *f = weight + c.count;
            fill(&c, d->temperature, &m);
            for (size_t k = 0; k < c.count; k++) {
                weight[k] = exp(-(c.energy[c.cell[k]] - c.lowest) / d->temperature);
                sum += weight[k];
                f[k] = (double)(c.cell[k] / c.side[0]) + 0.37 * (double)(c.cell[k] % c.side[0]);
            }
            for (size_t k = 0; k < c.count; k++) weight[k] /= sum;
            if (kr_gth_eliminate(&m)) gap = kr_reversible_gap(&m, c.pin, weight, f) * d->temperature / (c.h * c.h);
        }
    }
    kr_gth_destroy(&m);
    free(band);
    free(weight);
    cells_free(&c);
    return gap;
}

/* Neville's scheme in h^2 at h = 0, from the last count grids. */
static double extrapolate(size_t count, const double *h, const double *value) {
    double p[GRIDS] = {0};
    for (size_t i = 0; i < count; i++) {
        p[i] = value[i];
        for (size_t j = i; j-- > 0;) {
            double ratio = (h[j] * h[j]) / (h[i] * h[i]);
            p[j] = p[j + 1] + (p[j + 1] - p[j]) / (ratio - 1.0);
        }
    }
    return p[0];
}

bool kr_spectral_gap_2d(const kr_landscape *landscape, double temperature, double *gap, double *accuracy, const char **why) {
    domain d = {.landscape = landscape, .temperature = temperature};
    double h[GRIDS], value[GRIDS];
    size_t count = 0, across = COARSEST;
    if (!find_domain(&d, why)) return false;
    *gap = *accuracy = NAN;
    for (;; across = (size_t)(refinement * (double)across)) { /* as fine as time allows */
        if (count == GRIDS) {
            memmove(h, h + 1, --count * sizeof *h);
            memmove(value, value + 1, count * sizeof *value);
        }
        value[count] = gap_on(&d, across, &h[count]);
        if (!isfinite(value[count])) break;
        if (++count < GRIDS) continue;
        double before = *gap; /* NAN: these are the first three, of which each pair is asked */
        *gap = extrapolate(GRIDS, h, value);
        *accuracy = fabs(before / *gap - 1.0);
        if (isnan(before))
            *accuracy = fmax(fabs(extrapolate(2, h, value) / *gap - 1.0), fabs(extrapolate(2, h + 1, value + 1) / *gap - 1.0));
        else if (*accuracy < wanted)
            break;
    }
    if (*gap > 0.0 && *accuracy < accepted) return true;
    *why = "the wells are too narrow at this temperature for grids of an affordable size";
    return false;
}

double kr_spectral_gap_2d_factor(const kr_landscape *landscape, double temperature, double learning_rate) {
    domain d = {.landscape = landscape, .temperature = temperature};
    const char *why;
    double h[GRIDS], log_ratio[GRIDS];
    size_t across = COARSEST;
    if (!find_domain(&d, &why)) return NAN;
    for (size_t k = 0; k < GRIDS; k++, across = (size_t)(refinement * (double)across)) {
        d.learning_rate = 0.0;
        double continuous = gap_on(&d, across, &h[k]);
        d.learning_rate = learning_rate;
        log_ratio[k] = log(gap_on(&d, across, &h[k]) / continuous);
        if (isnan(log_ratio[k])) return NAN; /* on finer grids neither */
    }
    return exp(extrapolate(GRIDS, h, log_ratio));
}
