/* The Klein-Kramers operator as a ladder of Hermite functions in the momentum, each level a function of the coordinate on a grid of
 * sinc functions; eliminated level by level. */
#ifndef KR_MATRIX_CONTINUED_FRACTION_H
#define KR_MATRIX_CONTINUED_FRACTION_H

#include <kramers/theory.h>

typedef struct kr_continued_fraction {
    size_t even, odd;  /* points of even and odd levels */
    double *up[2];     /* sqrt(T) (d/dq + V'/(2T)) from even levels [odd][even], from odd levels [even][odd] */
    double *root;      /* [odd][odd], upper: up[0] up[0]^T = root^T root */
    double *mode[2];   /* eigenvectors of up^T up as rows, for the closure of the last level */
    double *square[2]; /* its eigenvalues */
    double *work;
    const struct kr_kernels *kernels;
    double condition; /* of root */
} kr_continued_fraction;

typedef struct kr_phase_space_grid {
    const kr_problem_1d *line;
    double temperature;
    double low, high; /* where the coordinate is cut */
    bool symmetric;   /* about the middle: then only the modes are kept that change sign under (q, p) -> (-q, -p) */
    size_t points;    /* between low and high */
} kr_phase_space_grid;

/* false: not enough memory, or the landscape is not finite there. */
bool kr_continued_fraction_create(kr_continued_fraction *ladder, const kr_phase_space_grid *grid);
void kr_continued_fraction_destroy(kr_continued_fraction *ladder);
/* Multiplications that one evaluation takes. */
double kr_continued_fraction_work(const kr_phase_space_grid *grid, size_t levels);

/* mu(lambda), of which the spectral gap is the fixed point mu = lambda. NAN: there is no slow real mode at this lambda. */
double kr_continued_fraction_map(const kr_continued_fraction *ladder, double friction, size_t levels, double lambda);

#endif
