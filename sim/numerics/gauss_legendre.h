/* Gauss-Legendre panels: quadrature, interpolation and running integrals with 16 nodes a panel. */
#ifndef KR_GAUSS_LEGENDRE_H
#define KR_GAUSS_LEGENDRE_H

#include <stddef.h>

enum { KR_GAUSS_NODES = 16 };

typedef struct kr_gauss_rule {
    double node[KR_GAUSS_NODES];                    /* in (-1, 1), ascending */
    double weight[KR_GAUSS_NODES];                  /* of the integral over (-1, 1) */
    double barycentric[KR_GAUSS_NODES];             /* of interpolation through the nodes */
    double running[KR_GAUSS_NODES][KR_GAUSS_NODES]; /* integral of the j-th Lagrange polynomial from -1 to node i */
} kr_gauss_rule;

void kr_gauss_rule_make(kr_gauss_rule *rule);

/* The nodes of equal panels over [a, b]: x[panels * KR_GAUSS_NODES]. Returns half the width of a panel, by which the weights are to
 * be multiplied. */
double kr_gauss_nodes(const kr_gauss_rule *rule, size_t panels, double a, double b, double *x);

/* basis[j] = the j-th Lagrange polynomial at t. */
void kr_gauss_basis(const kr_gauss_rule *rule, double t, double *basis);

/* Logarithms of running integrals of e^g over panels edge[panels + 1]: out[i] from the left end (right: to the right end) to node
 * i, where log_g[i] is g there. They return the logarithm of the integral up to the edge called stop (right: from there on). */
double kr_gauss_log_left(const kr_gauss_rule *rule, size_t panels, const double *edge, const double *log_g, double *out,
                         size_t stop);
double kr_gauss_log_right(const kr_gauss_rule *rule, size_t panels, const double *edge, const double *log_g, double *out,
                          size_t stop);

/* log(e^a + e^b) */
double kr_log_add(double a, double b);

#endif
