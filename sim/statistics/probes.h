/* Random directions in which observers look from a particle: functions of (seed, step, number, particle) and of nothing else. */
#ifndef KR_PROBES_H
#define KR_PROBES_H

#include <stddef.h>
#include <stdint.h>

/* Which numbers belong to whom; each may use as many as there are up to the next. */
enum {
    KR_PROBE_START = 0,       /* what Lanczos' method begins with */
    KR_PROBE_TRACE = 1,       /* traces of Hessians */
    KR_PROBE_DIRECTION = 258, /* walks away from the particle */
    KR_PROBE_NOISE = 515,     /* covariances of gradients */
    KR_PROBE_DATA = 772,      /* which data */
    KR_PROBE_LAPLACIAN = 773, /* of the means over the ensemble */
    KR_MOST_PROBES = 256
};

typedef struct kr_probe {
    uint64_t seed, step;
    unsigned number; /* below 1024 */
} kr_probe;

/* out[dim][n] for the particles from `first` on: standard normals, signs (Rademacher), uniform numbers in (0, 1). */
void kr_probe_normals(const kr_probe *probe, size_t first, size_t dim, size_t n, double *out);
void kr_probe_signs(const kr_probe *probe, size_t first, size_t dim, size_t n, double *out);
void kr_probe_uniforms(const kr_probe *probe, size_t first, size_t dim, size_t n, double *out);

#endif
