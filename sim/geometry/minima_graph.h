/* The minima of a landscape as the nodes of a graph whose edges are saddles of index 1.
 *
 * A separable landscape is a product: a saddle stands at a maximum of one coordinate and at minima of all others. Only the
 * coordinates that are asked for are multiplied out; the others take no part in rates along these.
 */
#ifndef KR_MINIMA_GRAPH_H
#define KR_MINIMA_GRAPH_H

#include <kramers/landscape.h>

typedef struct kr_graph_point {
    size_t position;        /* into positions, in units of coordinate_count */
    double energy;          /* up to a constant that is the same for all points */
    double log_determinant; /* of the absolute values of the Hessian's eigenvalues */
    double unstable;        /* |negative eigenvalue| of a saddle */
} kr_graph_point;

typedef struct kr_graph_edge {
    size_t end[2]; /* nodes; SIZE_MAX: no minimum on this side */
    kr_graph_point saddle;
} kr_graph_edge;

enum { KR_GRAPH_MAX_NODES = 1024 };

typedef struct kr_minima_graph {
    size_t coordinate_count;
    size_t *coordinate; /* ascending */
    size_t node_count, edge_count;
    kr_graph_point *node; /* ascending in the coordinates, as minima are numbered */
    kr_graph_edge *edge;
    double *positions;
} kr_minima_graph;

/* Coupled landscapes: all coordinates, whatever coordinate says. Separable ones: coordinate[count], ascending. A periodic
 * coordinate 0 is taken from low to high, which are finite then, and everything beyond is left out. */
kr_status kr_minima_graph_make(kr_minima_graph *graph, const kr_landscape *landscape, size_t count, const size_t *coordinate,
                               double low, double high, kr_error *error);
void kr_minima_graph_destroy(kr_minima_graph *graph);

/* The node whose basin holds this point [landscape->dim]; SIZE_MAX: none. */
kr_status kr_minima_graph_locate(const kr_minima_graph *graph, const kr_landscape *landscape, const double *x, size_t *node,
                                 kr_error *error);

#endif
