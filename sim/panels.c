#include "panels.h"

#include <gsl/gsl_integration.h>

#include <math.h>
#include <stddef.h>

void kr_panel_basis(const kr_panel_rule *rule, double t, double *basis) {
    double sum = 0.0;
    for (size_t j = 0; j < KR_PANEL_NODES; j++) {
        double distance = t - rule->node[j];
        if (distance == 0.0) {
            for (size_t i = 0; i < KR_PANEL_NODES; i++)
                basis[i] = i == j;
            return;
        }
        basis[j] = rule->barycentric[j] / distance;
        sum += basis[j];
    }
    for (size_t j = 0; j < KR_PANEL_NODES; j++)
        basis[j] /= sum;
}

/* Integrals of polynomials of degree 15 over part of the panel, by the rule itself mapped to that part. */
static void running_integrals(kr_panel_rule *rule) {
    for (size_t i = 0; i < KR_PANEL_NODES; i++) {
        double half = (rule->node[i] + 1.0) / 2.0, basis[KR_PANEL_NODES];
        for (size_t j = 0; j < KR_PANEL_NODES; j++)
            rule->running[i][j] = 0.0;
        for (size_t k = 0; k < KR_PANEL_NODES; k++) {
            kr_panel_basis(rule, -1.0 + half * (rule->node[k] + 1.0), basis);
            for (size_t j = 0; j < KR_PANEL_NODES; j++)
                rule->running[i][j] += half * rule->weight[k] * basis[j];
        }
    }
}

void kr_panel_rule_make(kr_panel_rule *rule) {
    /* GSL has the sixteen nodes stored; this allocates a few hundred bytes and cannot fail otherwise. */
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(KR_PANEL_NODES);
    for (size_t i = 0; i < KR_PANEL_NODES; i++)
        gsl_integration_glfixed_point(-1.0, 1.0, i, &rule->node[i], &rule->weight[i], table);
    gsl_integration_glfixed_table_free(table);
    for (size_t i = 0; i < KR_PANEL_NODES; i++) {
        double sign = i % 2 ? -1.0 : 1.0; /* Wang and Xiang 2012 */
        rule->barycentric[i] = sign * sqrt((1.0 - rule->node[i] * rule->node[i]) * rule->weight[i]);
    }
    running_integrals(rule);
}
