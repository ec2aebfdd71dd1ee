/* Simplified and improved string method, W. E, W. Ren, E. Vanden-Eijnden, J. Chem. Phys. 126, 164103 (2007): every image follows
 * x' = -grad V for a short time, then a cubic spline through all of them is divided equally again. The flow is taken by a
 * fourth-order Runge-Kutta step, so that the curve that stays is invariant under the flow itself, not under Euler's steps. */
#include "string_method.h"
#include "numerics/gsl_guard.h"

#include <kramers/interrupt.h>

#include <gsl/gsl_spline.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITERATIONS = 20000, STEP_EVERY = 50 };
static const double converged = 1e-8; /* of the length, in one step */
static const double stable = 1.0;     /* step times largest curvature; the scheme's limit is 2.78 */

typedef struct work {
    const kr_landscape *landscape;
    size_t dim, count;
    double *x, *trial, *sum, *gradient; /* [dim][count] */
    double *before;                     /* [count][dim] */
    double *length, *along, *hessian, *point;
    gsl_interp *spline;
    gsl_interp_accel *place;
    double *storage;
} work;

static bool work_create(work *w, const kr_landscape *landscape, size_t count) {
    size_t dim = landscape->dim, n = dim * count;
    *w = (work){.landscape = landscape, .dim = dim, .count = count};
    w->storage = malloc((5 * n + 2 * count + dim * dim + dim) * sizeof *w->storage);
    w->spline = gsl_interp_alloc(gsl_interp_cspline, count);
    w->place = gsl_interp_accel_alloc();
    if (!w->storage) return false;
    w->x = w->storage;
    w->trial = w->x + n;
    w->sum = w->trial + n;
    w->gradient = w->sum + n;
    w->before = w->gradient + n;
    w->length = w->before + n;
    w->along = w->length + count;
    w->hessian = w->along + count;
    w->point = w->hessian + dim * dim;
    return w->spline && w->place;
}

static void work_destroy(work *w) {
    free(w->storage);
    if (w->spline) gsl_interp_free(w->spline);
    if (w->place) gsl_interp_accel_free(w->place);
}

static void to_columns(const work *w, const double *image, double *column) {
    for (size_t p = 0; p < w->count; p++)
        for (size_t i = 0; i < w->dim; i++) column[i * w->count + p] = image[p * w->dim + i];
}

/* The largest curvature along the path, from Gershgorin's bound. */
static double step_size(work *w, const double *image) {
    double largest = 0.0;
    for (size_t p = 0; p < w->count; p++) {
        memcpy(w->point, image + p * w->dim, w->dim * sizeof *w->point);
        kr_landscape_hessian(w->landscape, 1, w->point, w->hessian);
        for (size_t i = 0; i < w->dim; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < w->dim; j++) sum += fabs(w->hessian[i * w->dim + j]);
            largest = fmax(largest, sum);
        }
    }
    return largest > 0.0 ? stable / largest : 0.0;
}

/* One Runge-Kutta step of every image in w->x. */
static void descend(work *w, double step) {
    static const double node[4] = {0.0, 0.5, 0.5, 1.0}, weight[4] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
    size_t n = w->dim * w->count;
    memset(w->sum, 0, n * sizeof *w->sum);
    for (int stage = 0; stage < 4; stage++) {
        for (size_t k = 0; k < n; k++) w->trial[k] = stage ? w->x[k] - node[stage] * step * w->gradient[k] : w->x[k];
        kr_landscape_gradient(w->landscape, w->count, w->trial, w->gradient);
        for (size_t k = 0; k < n; k++) w->sum[k] += weight[stage] * w->gradient[k];
    }
    for (size_t k = 0; k < n; k++) w->x[k] -= step * w->sum[k];
}

static double measure(work *w, const double *image) {
    w->length[0] = 0.0;
    for (size_t p = 1; p < w->count; p++) {
        double square = 0.0;
        for (size_t i = 0; i < w->dim; i++) {
            double d = image[p * w->dim + i] - image[(p - 1) * w->dim + i];
            square += d * d;
        }
        w->length[p] = w->length[p - 1] + sqrt(square);
    }
    return w->length[w->count - 1];
}

/* Equal distances along the spline through the images; false when two of them are the same point. */
static bool reparametrise(work *w, double *image) {
    double total = measure(w, image);
    for (size_t p = 1; p < w->count; p++)
        if (!(w->length[p] > w->length[p - 1])) return false;
    for (size_t i = 0; i < w->dim; i++) {
        for (size_t p = 0; p < w->count; p++) w->along[p] = image[p * w->dim + i];
        gsl_interp_init(w->spline, w->length, w->along, w->count);
        for (size_t p = 1; p + 1 < w->count; p++) {
            double at = total * (double)p / (double)(w->count - 1);
            image[p * w->dim + i] = gsl_interp_eval(w->spline, w->length, w->along, at, w->place);
        }
        gsl_interp_accel_reset(w->place);
    }
    return true;
}

static double largest_move(const work *w, const double *image) {
    double largest = 0.0;
    for (size_t p = 0; p < w->count; p++) {
        double square = 0.0;
        for (size_t i = 0; i < w->dim; i++) {
            double d = image[p * w->dim + i] - w->before[p * w->dim + i];
            square += d * d;
        }
        largest = fmax(largest, square);
    }
    return sqrt(largest);
}

static bool all_finite(size_t n, const double *x) {
    for (size_t k = 0; k < n; k++)
        if (!isfinite(x[k])) return false;
    return true;
}

kr_status kr_string_relax(const kr_landscape *landscape, size_t count, double *image, double *deviation, kr_error *error) {
    work w;
    size_t n = landscape->dim * count;
    *deviation = 0.0;
    if (landscape->dim == 1 || count < 3) return KR_OK; /* there is only one path */
    kr_gsl_enter();
    kr_status status = KR_OK;
    if (!work_create(&w, landscape, count))
        status = kr_fail(error, KR_NO_MEMORY, "not enough memory for a path of %zu images", count);
    double step = 0.0;
    for (int iteration = 0; status == KR_OK && iteration < ITERATIONS; iteration++) {
        if ((status = kr_interrupt_check(error)) != KR_OK) break;
        if (iteration % STEP_EVERY == 0) step = step_size(&w, image);
        memcpy(w.before, image, n * sizeof *image);
        to_columns(&w, image, w.x);
        descend(&w, step);
        for (size_t p = 1; p + 1 < count; p++)
            for (size_t i = 0; i < w.dim; i++) image[p * w.dim + i] = w.x[i * count + p];
        if (!all_finite(n, image) || !reparametrise(&w, image)) {
            status = kr_fail(error, KR_NUMERICAL, "the minimum-energy path broke after %d steps of the string method", iteration);
            break;
        }
        *deviation = largest_move(&w, image) / w.length[count - 1];
        if (*deviation < converged) break;
    }
    work_destroy(&w);
    kr_gsl_leave();
    return status;
}

void kr_string_divide(size_t dim, size_t corners, const double *corner, size_t count, double *image) {
    double total = 0.0, passed = 0.0;
    for (int pass = 0; pass < 2; pass++) {
        size_t next = 0;
        for (size_t c = 1; c < corners; c++) {
            double square = 0.0;
            for (size_t i = 0; i < dim; i++)
                square += (corner[c * dim + i] - corner[(c - 1) * dim + i]) * (corner[c * dim + i] - corner[(c - 1) * dim + i]);
            double side = sqrt(square);
            if (pass == 0) {
                total += side;
                continue;
            }
            for (; next < count; next++) {
                double at = total * (double)next / (double)(count - 1) - passed, t = side > 0.0 ? at / side : 0.0;
                if (t > 1.0 && c + 1 < corners) break;
                if (next + 1 == count) t = 1.0;
                for (size_t i = 0; i < dim; i++)
                    image[next * dim + i] = corner[(c - 1) * dim + i] + t * (corner[c * dim + i] - corner[(c - 1) * dim + i]);
            }
            passed += side;
        }
    }
}
