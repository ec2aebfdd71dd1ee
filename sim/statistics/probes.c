#include "probes.h"

#include "engine/kernels.h"

enum { TOGETHER = 32 };

/* Steps of a run are far below 2^48, and the counter has three bits of its own from 2^58 on. */
static kr_draw draw_of(const kr_probe *probe, size_t first, size_t coordinate) {
    return (kr_draw){.seed = probe->seed,
                     .first = first / KR_GRANULE * KR_GRANULE,
                     .step = probe->step ^ (uint64_t)probe->number << 48,
                     .stream = KR_STREAM_PROBE,
                     .coordinate = (unsigned)coordinate};
}

/* Of particles of one granule. */
static void draw_in_granule(const kr_probe *probe, bool uniform, size_t first, size_t dim, size_t count, size_t stride,
                            double *out) {
    const kr_kernels *kernels = kr_kernels_here();
    double granule[TOGETHER * KR_GRANULE];
    for (size_t i = 0; i < dim; i += TOGETHER) {
        size_t rows = dim - i < TOGETHER ? dim - i : TOGETHER;
        if (uniform)
            kernels->uniforms(draw_of(probe, first, i), 1, rows, KR_GRANULE, granule);
        else
            kernels->normals(draw_of(probe, first, i), rows, KR_GRANULE, granule);
        for (size_t j = 0; j < rows; j++)
            for (size_t p = 0; p < count; p++) out[(i + j) * stride + p] = granule[j * KR_GRANULE + first % KR_GRANULE + p];
    }
}

static void draw(const kr_probe *probe, bool uniform, size_t first, size_t dim, size_t n, double *out) {
    for (size_t p = 0; p < n;) {
        size_t left = KR_GRANULE - (first + p) % KR_GRANULE, count = left < n - p ? left : n - p;
        draw_in_granule(probe, uniform, first + p, dim, count, n, out + p);
        p += count;
    }
}

void kr_probe_normals(const kr_probe *probe, size_t first, size_t dim, size_t n, double *out) {
    draw(probe, false, first, dim, n, out);
}

void kr_probe_uniforms(const kr_probe *probe, size_t first, size_t dim, size_t n, double *out) {
    draw(probe, true, first, dim, n, out);
}

void kr_probe_signs(const kr_probe *probe, size_t first, size_t dim, size_t n, double *out) {
    draw(probe, false, first, dim, n, out);
    for (size_t k = 0; k < dim * n; k++) out[k] = out[k] < 0.0 ? -1.0 : 1.0;
}
