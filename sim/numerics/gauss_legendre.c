#include "gauss_legendre.h"
#include "gsl_guard.h"

#include <gsl/gsl_integration.h>

#include <math.h>
#include <stddef.h>

void kr_gauss_basis(const kr_gauss_rule *rule, double t, double *basis) {
    double sum = 0.0;
    for (size_t j = 0; j < KR_GAUSS_NODES; j++) {
        double distance = t - rule->node[j];
        if (distance == 0.0) {
            for (size_t i = 0; i < KR_GAUSS_NODES; i++) basis[i] = i == j;
            return;
        }
        basis[j] = rule->barycentric[j] / distance;
        sum += basis[j];
    }
    for (size_t j = 0; j < KR_GAUSS_NODES; j++) basis[j] /= sum;
}

/* Integrals of polynomials of degree 15 over part of the panel, by the rule itself mapped to that part. */
static void running_integrals(kr_gauss_rule *rule) {
    for (size_t i = 0; i < KR_GAUSS_NODES; i++) {
        double half = (rule->node[i] + 1.0) / 2.0, basis[KR_GAUSS_NODES];
        for (size_t j = 0; j < KR_GAUSS_NODES; j++) rule->running[i][j] = 0.0;
        for (size_t k = 0; k < KR_GAUSS_NODES; k++) {
            kr_gauss_basis(rule, -1.0 + half * (rule->node[k] + 1.0), basis);
            for (size_t j = 0; j < KR_GAUSS_NODES; j++) rule->running[i][j] += half * rule->weight[k] * basis[j];
        }
    }
}

void kr_gauss_rule_make(kr_gauss_rule *rule) {
    kr_gsl_enter();
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(KR_GAUSS_NODES);
    for (size_t i = 0; i < KR_GAUSS_NODES; i++) {
        rule->node[i] = rule->weight[i] = NAN; /* without the few bytes of memory */
        if (table) gsl_integration_glfixed_point(-1.0, 1.0, i, &rule->node[i], &rule->weight[i], table);
    }
    if (table) gsl_integration_glfixed_table_free(table);
    kr_gsl_leave();
    for (size_t i = 0; i < KR_GAUSS_NODES; i++) {
        double sign = i % 2 ? -1.0 : 1.0; /* Wang and Xiang 2012 */
        rule->barycentric[i] = sign * sqrt((1.0 - rule->node[i] * rule->node[i]) * rule->weight[i]);
    }
    running_integrals(rule);
}

double kr_gauss_nodes(const kr_gauss_rule *rule, size_t panels, double a, double b, double *x) {
    double half = (b - a) / (2.0 * (double)panels);
    for (size_t i = 0; i < panels * KR_GAUSS_NODES; i++)
        x[i] = a + half * (2.0 * (double)(i / KR_GAUSS_NODES) + 1.0 + rule->node[i % KR_GAUSS_NODES]);
    return half;
}

double kr_log_add(double a, double b) {
    double high = fmax(a, b), low = fmin(a, b);
    return low == -INFINITY ? high : high + log1p(exp(low - high));
}

double kr_gauss_log_left(const kr_gauss_rule *rule, size_t panels, const double *edge, const double *log_g, double *out,
                         size_t stop) {
    double sum = -INFINITY, at_stop = -INFINITY;
    for (size_t k = 0; k < panels; k++) {
        const double *lg = log_g + k * KR_GAUSS_NODES;
        double half = (edge[k + 1] - edge[k]) / 2.0, top = lg[0], value[KR_GAUSS_NODES], total = 0.0;
        if (k == stop) at_stop = sum;
        for (size_t j = 1; j < KR_GAUSS_NODES; j++) top = fmax(top, lg[j]);
        for (size_t j = 0; j < KR_GAUSS_NODES; j++) {
            value[j] = exp(lg[j] - top);
            total += rule->weight[j] * value[j];
        }
        for (size_t i = 0; i < KR_GAUSS_NODES; i++) {
            double part = 0.0;
            for (size_t j = 0; j < KR_GAUSS_NODES; j++) part += rule->running[i][j] * value[j];
            out[k * KR_GAUSS_NODES + i] = kr_log_add(sum, top + log(half * part));
        }
        sum = kr_log_add(sum, top + log(half * total));
    }
    return stop >= panels ? sum : at_stop;
}

double kr_gauss_log_right(const kr_gauss_rule *rule, size_t panels, const double *edge, const double *log_g, double *out,
                          size_t stop) {
    double sum = -INFINITY, at_stop = -INFINITY;
    for (size_t k = panels; k-- > 0;) {
        const double *lg = log_g + k * KR_GAUSS_NODES;
        double half = (edge[k + 1] - edge[k]) / 2.0, top = lg[0], value[KR_GAUSS_NODES], total = 0.0;
        if (k + 1 == stop) at_stop = sum;
        for (size_t j = 1; j < KR_GAUSS_NODES; j++) top = fmax(top, lg[j]);
        for (size_t j = 0; j < KR_GAUSS_NODES; j++) {
            value[j] = exp(lg[j] - top);
            total += rule->weight[j] * value[j];
        }
        for (size_t i = 0; i < KR_GAUSS_NODES; i++) {
            double part = 0.0; /* the rule is symmetric */
            for (size_t j = 0; j < KR_GAUSS_NODES; j++)
                part += rule->running[KR_GAUSS_NODES - 1 - i][KR_GAUSS_NODES - 1 - j] * value[j];
            out[k * KR_GAUSS_NODES + i] = kr_log_add(sum, top + log(half * part));
        }
        sum = kr_log_add(sum, top + log(half * total));
    }
    return stop == 0 ? sum : at_stop;
}
