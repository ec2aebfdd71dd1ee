/* Numbers of single particles that cost much more than a step: of the first particles of an ensemble, a few side by side in each
 * thread. How particles are divided cannot be seen in what is found. */
#ifndef KR_PARTICLE_LOOKS_H
#define KR_PARTICLE_LOOKS_H

#include <kramers/ensemble.h>
#include <kramers/interval.h>

enum { KR_LOOK_QUANTILES = 5 };

typedef struct kr_looks {
    size_t particles, columns;
    size_t width;   /* most particles side by side, a divisor of KR_GRANULE */
    double *number; /* [columns][particles]: NAN where a particle has stopped */
} kr_looks;

/* Of n particles from `first` on, at x[dim][n]: number[columns][n]. Several threads call it at the same time. */
typedef kr_status kr_look(void *context, const kr_view *view, size_t first, size_t n, const double *x, double *number,
                          kr_error *error);

/* wanted 0: all. width: as many as fit into some 64 MB with so many bytes for each. */
size_t kr_looks_particles(int64_t wanted, uint64_t particles);
size_t kr_looks_width(double bytes_for_each);
kr_status kr_looks_create(kr_looks *looks, size_t particles, size_t columns, double bytes_for_each, kr_error *error);
void kr_looks_destroy(kr_looks *looks);
kr_status kr_looks_take(kr_looks *looks, const kr_view *view, int threads, kr_look *look, void *context, kr_error *error);

/* One number of each particle, over the particles; eight bytes each member. */
typedef struct kr_look_summary {
    uint64_t count; /* of finite numbers */
    double mean, deviation;
    kr_interval ci95;
    double quantile[KR_LOOK_QUANTILES]; /* at 0.05, 0.25, 0.5, 0.75, 0.95 */
} kr_look_summary;

/* Of n numbers; work[n]. */
kr_look_summary kr_look_summary_of(size_t n, const double *number, double *work);
/* work[particles]. */
kr_look_summary kr_looks_summary(const kr_looks *looks, size_t column, double *work);

/* A function of the means of some columns, a bit for each, and its 95 % interval by the jackknife over the particles that are
 * finite in all of these. */
typedef double kr_of_means(const void *context, const double *mean);
typedef struct kr_look_estimate {
    double value;
    kr_interval ci95;
} kr_look_estimate;
kr_look_estimate kr_looks_estimate(const kr_looks *looks, unsigned columns, kr_of_means *function, const void *context);

#endif
