/* The Klein-Kramers operator as a ladder of Hermite functions in the momentum, each level a function of the coordinate on a grid of
 * sinc functions; eliminated level by level. */
#ifndef KR_MOMENTUM_LADDER_H
#define KR_MOMENTUM_LADDER_H

#include <kramers/theory.h>

typedef struct kr_momentum_ladder {
    size_t even, odd;  /* points of even and odd levels */
    double *up[2];     /* sqrt(T) (d/dq + V'/(2T)) from even levels [odd][even], from odd levels [even][odd] */
    double *root;      /* [odd][odd], upper: up[0] up[0]^T = root^T root */
    double *mode[2];   /* eigenvectors of up^T up as rows, for the closure of the last level */
    double *square[2]; /* its eigenvalues */
    double *work;
    const struct kr_kernels *kernels;
    double condition; /* of root */
} kr_momentum_ladder;

typedef struct kr_ladder_grid {
    const kr_line *line;
    double temperature;
    double low, high; /* where the coordinate is cut */
    bool symmetric;   /* about the middle: then only the modes are kept that change sign under (q, p) -> (-q, -p) */
    size_t points;    /* between low and high */
} kr_ladder_grid;

/* false: not enough memory, or the landscape is not finite there. */
bool kr_momentum_ladder_create(kr_momentum_ladder *ladder, const kr_ladder_grid *grid);
void kr_momentum_ladder_destroy(kr_momentum_ladder *ladder);
/* Multiplications that one evaluation takes. */
double kr_momentum_ladder_work(const kr_ladder_grid *grid, size_t levels);

/* mu(lambda), of which the spectral gap is the fixed point mu = lambda. NAN: there is no slow real mode at this lambda. */
double kr_momentum_ladder_map(const kr_momentum_ladder *ladder, double friction, size_t levels, double lambda);

#endif
