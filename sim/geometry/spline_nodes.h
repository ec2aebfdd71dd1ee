/* Values, slopes and mixed derivatives at the points of a grid, from which a bicubic surface is made. */
#ifndef KR_SPLINE_NODES_H
#define KR_SPLINE_NODES_H

#include "spline_axis.h"

/* Point (i, j) of arrays [ny][nx] is number j * nx + i. */
typedef struct kr_spline_nodes {
    size_t nx, ny;
    const double *x, *y, *f;
    double *fx, *fy, *fxy;
} kr_spline_nodes;

/* From the values f. line[nx + ny] is work space. false: out of memory. */
bool kr_spline_nodes_fit(kr_spline_nodes *nodes, kr_spline_kind kind, double *line);

/* A corner of a cell as seen from the others: to control points it adds a third of the cell's sides (signed) times the slopes. */
typedef struct kr_spline_corner {
    double width, height; /* thirds of the sides, signed: into the cell */
    double low, high;     /* the values at the cell's corners lie between these */
} kr_spline_corner;

/* Of the cells around point (i, j), four inside the grid. Returns how many. */
size_t kr_spline_nodes_corners(const kr_spline_nodes *nodes, size_t i, size_t j, kr_spline_corner corner[4]);

#endif
