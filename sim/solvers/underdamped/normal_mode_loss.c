/* With ohmic friction the parabolic barrier and its heat bath have one unstable normal mode, which grows at the rate lambda =
 * kappa omega_b; u is its overlap with the coordinate, u^2 = 2 lambda / (2 lambda + gamma). Of the potential V = V_b - omega_b^2
 * q^2 / 2
 * + V_1(q) only V_1 couples it to the stable modes. To lowest order it moves by itself,
 *
 *     rho'' = lambda^2 rho - u V_1'(u rho),
 *
 * from the barrier into the well and back, and the force F(t) = -V_1'(u rho(t)) drives the bath, which takes the energy
 *
 *     dE = int dt F(t) int_{-inf}^t K(t-s) F(s) ds,   K(t) = (a e^{-at} - lambda e^{-lambda t}) / (2 lambda + gamma),  a = lambda +
 * gamma.
 *
 * K is a small difference at low friction. z' = F - a z - lambda y with y' = F - lambda y has dE = gamma / (2 lambda + gamma) int F
 * z and no cancellation; a may be large beside everything else, which Gauss collocation on each panel (A-stable) does not mind. At
 * low friction dE = gamma S, S the action. */
#include "normal_mode_loss.h"

#include "numerics/gauss_legendre.h"
#include "numerics/gsl_guard.h"
#include "numerics/root.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_odeiv2.h>

#include <math.h>
#include <stdlib.h>

enum { NODES = KR_GAUSS_NODES, MAX_PANELS = 2000 };

typedef struct excursion {
    const kr_problem_1d *line;
    double top, energy, side;
    double stiffness; /* omega_b^2 */
    double friction, growth, overlap;
} excursion;

static double energy_out(const excursion *e, double q) {
    double x = e->top + e->side * q, value;
    kr_problem_1d_evaluate(e->line, 1, &x, &value, NULL, NULL);
    return value - e->energy;
}

static double anharmonic_slope(const excursion *e, double q) {
    double x = e->top + e->side * q, value;
    kr_problem_1d_evaluate(e->line, 1, &x, NULL, &value, NULL);
    return e->side * value + e->stiffness * q;
}

/* Minus the kinetic energy of the mode at u rho = q, in the coordinate's measure. */
static double beyond_turn(double q, void *context) {
    const excursion *e = context;
    return energy_out(e, q) + 0.25 * (e->stiffness - e->growth * e->growth) * q * q;
}

static int motion(double t, const double y[], double dy[], void *context) {
    (void)t;
    const excursion *e = context;
    dy[0] = y[1];
    dy[1] = e->growth * e->growth * y[0] - e->overlap * anharmonic_slope(e, e->overlap * y[0]);
    return GSL_SUCCESS;
}

/* F at the nodes of panels of this width, from the turning point on. */
static bool follow(const excursion *e, double turn, const kr_gauss_rule *rule, size_t panels, double width, double *force) {
    gsl_odeiv2_system system = {motion, NULL, 2, (void *)(uintptr_t)e};
    double y[2] = {turn / e->overlap, 0.0}, t = 0.0;
    gsl_odeiv2_driver *driver = gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 0.1 * width, 1e-14 * y[0], 1e-13);
    if (!driver) return false;
    bool good = true;
    for (size_t i = 0; good && i < panels * NODES; i++) {
        double until = width * ((double)(i / NODES) + 0.5 * (1.0 + rule->node[i % NODES]));
        good = gsl_odeiv2_driver_apply(driver, &t, until, y) == GSL_SUCCESS;
        force[i] = -anharmonic_slope(e, e->overlap * fmax(y[0], 0.0));
    }
    gsl_odeiv2_driver_free(driver);
    return good;
}

/* y' = source - rate y over one panel by collocation at its nodes; LU of 1 + rate half running. */
typedef struct relaxation {
    double rate, half;
    double matrix[NODES * NODES];
    size_t pivot[NODES];
} relaxation;

static void relaxation_make(relaxation *r, const kr_gauss_rule *rule, double rate, double half) {
    r->rate = rate;
    r->half = half;
    for (size_t i = 0; i < NODES; i++)
        for (size_t j = 0; j < NODES; j++) r->matrix[i * NODES + j] = (i == j) + rate * half * rule->running[i][j];
    gsl_matrix_view m = gsl_matrix_view_array(r->matrix, NODES, NODES);
    gsl_permutation p = {NODES, r->pivot};
    int sign;
    gsl_linalg_LU_decomp(&m.matrix, &p, &sign);
}

/* Values at the nodes; *y goes from the panel's beginning to its end. */
static void relax(const relaxation *r, const kr_gauss_rule *rule, const double *source, double *y, double *value) {
    for (size_t i = 0; i < NODES; i++) {
        value[i] = *y;
        for (size_t j = 0; j < NODES; j++) value[i] += r->half * rule->running[i][j] * source[j];
    }
    gsl_matrix_const_view m = gsl_matrix_const_view_array(r->matrix, NODES, NODES);
    gsl_vector_view v = gsl_vector_view_array(value, NODES);
    const gsl_permutation p = {NODES, (size_t *)(uintptr_t)r->pivot};
    gsl_linalg_LU_svx(&m.matrix, &p, &v.vector);
    for (size_t j = 0; j < NODES; j++) *y += r->half * rule->weight[j] * (source[j] - r->rate * value[j]);
}

/* The orbit is the same forth and back. */
static double loss_along(const excursion *e, const kr_gauss_rule *rule, size_t panels, double width, const double *force) {
    relaxation slow, fast;
    relaxation_make(&slow, rule, e->growth, 0.5 * width);
    relaxation_make(&fast, rule, e->growth + e->friction, 0.5 * width);
    double y = 0.0, z = 0.0, sum = 0.0;
    for (size_t k = 0; k < 2 * panels; k++) {
        double source[NODES], at_y[NODES], rest[NODES], at_z[NODES];
        for (size_t i = 0; i < NODES; i++)
            source[i] = k < panels ? force[(panels - k) * NODES - 1 - i] : force[(k - panels) * NODES + i];
        relax(&slow, rule, source, &y, at_y);
        for (size_t i = 0; i < NODES; i++) rest[i] = source[i] - e->growth * at_y[i];
        relax(&fast, rule, rest, &z, at_z);
        for (size_t i = 0; i < NODES; i++) sum += 0.5 * width * rule->weight[i] * source[i] * at_z[i];
    }
    return e->friction / (2.0 * e->growth + e->friction) * sum;
}

double kr_normal_mode_loss(const kr_underdamped_wells *w, size_t barrier, double side, double *accuracy) {
    const double decades = 16.0; /* e^-16: what is left of rho, of which dE knows the fourth power or more */
    const kr_barrier *b = &w->barrier[barrier];
    const kr_well *well = side == kr_start_side(w, barrier) ? &w->well : &b->beyond;
    double growth = b->frequency * kr_kramers_transmission(w->friction, b->frequency);
    excursion e = {&w->line,
                   b->position,
                   b->energy,
                   side,
                   b->frequency * b->frequency,
                   w->friction,
                   growth,
                   sqrt(2.0 * growth / (2.0 * growth + w->friction))};
    *accuracy = NAN;
    if (isnan(well->frequency)) return NAN;
    double turn = kr_first_positive(beyond_turn, &e, 0.0, 1.0, fabs(well->position - b->position));
    if (isnan(turn)) return NAN;
    double length = decades / growth, wanted = length * 2.0 * fmax(growth, e.overlap * well->frequency);
    size_t panels = (size_t)fmin(ceil(wanted), MAX_PANELS / 2.0);
    kr_gauss_rule rule;
    kr_gauss_rule_make(&rule);
    double *force = malloc(2 * panels * NODES * sizeof *force), loss[2] = {NAN, NAN};
    kr_gsl_enter();
    for (size_t i = 0; force && i < 2; i++) {
        size_t count = panels << i;
        double width = length / (double)count;
        if (follow(&e, turn, &rule, count, width, force)) loss[i] = loss_along(&e, &rule, count, width, force);
    }
    kr_gsl_leave();
    free(force);
    *accuracy = fmax(fabs(loss[0] / loss[1] - 1.0), 1e-11);
    return *accuracy < 1e-5 ? loss[1] : NAN;
}
