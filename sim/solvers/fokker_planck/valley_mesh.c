#include "valley_mesh.h"

#include "geometry/walls.h"

#include <kramers/critical_points.h>

#include <math.h>
#include <stdlib.h>

enum { SAMPLES = 17, MAX_PANELS = 4000, MAX_KNOTS = 256 };
static const double pi = 3.14159265358979323846;
static const double negligible = 60.0; /* of W in units of T above the outermost minimum */
static const double largest_span = 600.0;

/* W/T at one place. */
static double reduced(const kr_valley *v, double x) {
    double energy;
    kr_landscape_energy(&v->w->landscape, 1, &x, &energy);
    return energy / v->w->temperature;
}

static bool find_end(const kr_valley *v, double minimum, double direction, double width, double *end) {
    double bottom = reduced(v, minimum), reach = 0.01 * width;
    for (int k = 0; k < 400; k++, reach *= 1.1) {
        *end = minimum + direction * reach;
        double here = reduced(v, *end);
        if (!isfinite(here)) return false;
        if (here > bottom + negligible) return true;
    }
    return false;
}

bool kr_valley_find_domain(kr_valley *v, const char **why) {
    kr_critical_points points;
    *why = "the critical points of the free energy cannot be found";
    if (kr_critical_points_find(&v->w->landscape, 0, &points, NULL) != KR_OK) return false;
    size_t last = points.count - 1;
    bool bound = points.count > 0 && points.point[0].index == 0 && points.point[last].index == 0;
    double lowest = INFINITY, highest = -INFINITY;
    for (size_t i = 0; i < points.count; i++) {
        lowest = fmin(lowest, points.point[i].energy);
        highest = fmax(highest, points.point[i].energy);
    }
    *why = "the free energy does not rise on both sides";
    if (bound) {
        double first = points.point[0].position[0], end = points.point[last].position[0];
        double width = fmax(end - first, sqrt(v->w->temperature / points.point[0].eigenvalues[0]));
        bound = find_end(v, first, -1, width, &v->low) && find_end(v, end, 1, width, &v->high);
    }
    kr_critical_points_destroy(&points);
    if (bound && highest - lowest > largest_span * v->w->temperature) {
        *why = "the barrier is too high above T for numbers";
        return false;
    }
    return bound;
}

static double variation(const void *context, double from, double to) {
    double lowest = INFINITY, highest = -INFINITY;
    for (size_t i = 0; i < SAMPLES; i++) {
        double here = reduced(context, from + (to - from) * (double)i / (SAMPLES - 1));
        lowest = fmin(lowest, here);
        highest = fmax(highest, here);
    }
    return highest - lowest;
}

/* Lagrange's polynomials through Chebyshev's points, and their slopes, at Gauss' nodes. */
static void make_elements(kr_valley_mesh *m) {
    double at[KR_VALLEY_DEGREE + 1];
    for (size_t i = 0; i <= KR_VALLEY_DEGREE; i++) at[i] = -cos(pi * (double)i / KR_VALLEY_DEGREE);
    for (size_t t = 0; t < KR_GAUSS_NODES; t++)
        for (size_t i = 0; i <= KR_VALLEY_DEGREE; i++) {
            double value = 1, slope = 0;
            for (size_t j = 0; j <= KR_VALLEY_DEGREE; j++) {
                if (j == i) continue;
                double factor = (m->rule.node[t] - at[j]) / (at[i] - at[j]);
                slope = slope * factor + value / (at[i] - at[j]);
                value *= factor;
            }
            m->basis[t][i] = value;
            m->slope[t][i] = slope;
        }
}

double kr_valley_run_left(const kr_valley_mesh *m, const double *g, double *out) {
    double sum = 0;
    for (size_t k = 0; k < m->panels.count; k++) {
        double half = 0.5 * (m->panels.edge[k + 1] - m->panels.edge[k]), total = 0;
        const double *value = g + k * KR_GAUSS_NODES;
        for (size_t i = 0; i < KR_GAUSS_NODES; i++) {
            double part = 0;
            for (size_t j = 0; j < KR_GAUSS_NODES; j++) part += m->rule.running[i][j] * value[j];
            out[k * KR_GAUSS_NODES + i] = sum + half * part;
            total += m->rule.weight[i] * value[i];
        }
        sum += half * total;
    }
    return sum;
}

void kr_valley_run_right(const kr_valley_mesh *m, const double *g, double *out) {
    double sum = 0;
    for (size_t k = m->panels.count; k-- > 0;) {
        double half = 0.5 * (m->panels.edge[k + 1] - m->panels.edge[k]), total = 0;
        const double *value = g + k * KR_GAUSS_NODES;
        for (size_t i = 0; i < KR_GAUSS_NODES; i++) {
            double part = 0; /* the rule is symmetric */
            for (size_t j = 0; j < KR_GAUSS_NODES; j++)
                part += m->rule.running[KR_GAUSS_NODES - 1 - i][KR_GAUSS_NODES - 1 - j] * value[j];
            out[k * KR_GAUSS_NODES + i] = sum + half * part;
            total += m->rule.weight[i] * value[i];
        }
        sum += half * total;
    }
}

static void fill_nodes(const kr_valley *v, kr_valley_mesh *m) {
    double temperature = v->w->temperature, others = (double)(v->w->full->dim - 1), lowest = INFINITY;
    for (size_t k = 0; k < m->panels.count; k++) {
        double half = kr_gauss_nodes(&m->rule, 1, m->panels.edge[k], m->panels.edge[k + 1], m->x + k * KR_GAUSS_NODES);
        for (size_t i = 0; i < KR_GAUSS_NODES; i++) m->weight[k * KR_GAUSS_NODES + i] = half * m->rule.weight[i];
    }
    for (size_t i = 0; i < m->count; i++) {
        kr_walls walls;
        kr_walls_at(v->w->full, m->x[i], &walls);
        m->stiffness[i] = exp(walls.log_stiffness[0]);
        m->stretch[i] = walls.log_stiffness[1];
        m->shift[i] = sqrt(m->stiffness[i] * others / temperature) * walls.place[1];
        m->pull[i] = walls.floor[1];
        m->p[i] = reduced(v, m->x[i]);
        lowest = fmin(lowest, m->p[i]);
    }
    for (size_t i = 0; i < m->count; i++) m->p[i] = exp(lowest - m->p[i]);
    double total = kr_valley_run_left(m, m->p, m->below);
    kr_valley_run_right(m, m->p, m->above);
    for (size_t i = 0; i < m->count; i++) {
        m->p[i] /= total;
        m->below[i] /= total;
        m->above[i] /= total;
    }
}

bool kr_valley_mesh_create(const kr_valley *v, double limit, kr_valley_mesh *m) {
    double knots[MAX_KNOTS], widest = (v->high - v->low) * limit / 48;
    *m = (kr_valley_mesh){.storage = NULL};
    kr_gauss_rule_make(&m->rule);
    make_elements(m);
    if (!kr_panels_create(&m->panels, MAX_PANELS, v->low)) return false;
    size_t count = kr_landscape_knots(&v->w->landscape, 0, v->low, v->high, MAX_KNOTS, knots);
    for (size_t i = 0; i <= count; i++)
        if (!kr_panels_append(&m->panels, i < count ? knots[i] : v->high, widest, limit, variation, v)) return false;
    m->count = m->panels.count * KR_GAUSS_NODES;
    double **const arrays[] = {&m->x,     &m->weight, &m->p,       &m->below, &m->above, &m->stiffness, &m->stretch,
                               &m->shift, &m->pull,   &m->current, &m->next,  &m->a0,    &m->left,      &m->right};
    size_t number = sizeof arrays / sizeof *arrays;
    m->storage = calloc(number * m->count, sizeof *m->storage);
    if (!m->storage) return false;
    for (size_t i = 0; i < number; i++) *arrays[i] = m->storage + i * m->count;
    fill_nodes(v, m);
    return true;
}

void kr_valley_mesh_destroy(kr_valley_mesh *m) {
    kr_panels_destroy(&m->panels);
    free(m->storage);
}
