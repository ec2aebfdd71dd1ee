/* Principal directions of fewer particles than there are coordinates. */
#include "landscape_panel.h"

#include <kramers/principal_axes.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 160 };

/* Deviations of the first finite particles from their mean, [particles][dim]. */
static size_t deviations(const kr_snapshot_variant *ensemble, double *mean, double *delta) {
    size_t dim = ensemble->dim, used = 0;
    memset(mean, 0, dim * sizeof *mean);
    for (size_t p = 0; p < ensemble->count && used < FEW; p++) {
        double *row = delta + used * dim;
        bool finite = true;
        for (size_t i = 0; i < dim; i++) {
            row[i] = (double)ensemble->position[i * ensemble->count + p];
            finite &= isfinite(row[i]) != 0;
        }
        if (!finite) continue;
        for (size_t i = 0; i < dim; i++) mean[i] += row[i];
        used++;
    }
    for (size_t i = 0; i < dim && used; i++) mean[i] /= (double)used;
    for (size_t p = 0; p < used; p++)
        for (size_t i = 0; i < dim; i++) delta[p * dim + i] -= mean[i];
    return used;
}

/* D D^T; returns its trace. */
static double products_of(size_t used, size_t dim, const double *delta, double *products) {
    double total = 0;
    for (size_t a = 0; a < used; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = 0;
            for (size_t i = 0; i < dim; i++) sum += delta[a * dim + i] * delta[b * dim + i];
            products[a * used + b] = products[b * used + a] = sum;
            total += a == b ? sum : 0;
        }
    return total;
}

/* The covariance D^T D has the eigenvalues of the small matrix D D^T, and the eigenvectors D^T u of its eigenvectors u. */
static bool turn(kr_plane *plane, size_t used, const double *delta, double *products) {
    size_t dim = plane->dim;
    double variance[2], axis[2 * FEW], total = products_of(used, dim, delta, products);
    kr_error error;
    if (!(total > 0) || kr_principal_axes(used, products, 2, variance, axis, &error) != KR_OK) return false;
    if (!(variance[1] > 1e-12 * total)) return false;
    double *const along[] = {plane->along_x, plane->along_y};
    for (size_t k = 0; k < 2; k++) {
        memset(along[k], 0, dim * sizeof *along[k]);
        for (size_t p = 0; p < used; p++)
            for (size_t i = 0; i < dim; i++) along[k][i] += axis[k * used + p] * delta[p * dim + i] / sqrt(variance[k]);
        plane->share[k] = variance[k] / total;
    }
    return true;
}

bool kr_plane_principal_of_few(kr_plane *plane, const kr_snapshot_variant *ensemble) {
    size_t dim = plane->dim;
    if (!ensemble || !ensemble->position || ensemble->dim != dim) return false;
    double *delta = malloc((dim * (FEW + 1) + FEW * FEW) * sizeof *delta), *mean = delta ? delta + dim * FEW : NULL;
    size_t used = delta ? deviations(ensemble, mean, delta) : 0;
    bool good = used >= 3 && turn(plane, used, delta, mean + dim);
    if (good) {
        memcpy(plane->origin, mean, dim * sizeof *mean);
        plane->principal = true;
        plane->version++;
    }
    free(delta);
    return good;
}
