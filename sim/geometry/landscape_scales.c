#include <kramers/critical_points.h>
#include <kramers/landscape_scales.h>

#include <math.h>
#include <stdlib.h>

kr_landscape_scales kr_landscape_scales_find(const kr_landscape *landscape) {
    kr_landscape_scales scales = {NAN, NAN};
    kr_critical_points points;
    double bottom = INFINITY, top = INFINITY;
    if (kr_critical_points_find(landscape, 0, &points, NULL) != KR_OK) return scales;
    for (size_t i = 0; i < points.count; i++) {
        const kr_critical_point *point = &points.point[i];
        if (point->index == 0) scales.curvature = fmax(scales.curvature, point->eigenvalues[points.dim - 1]); /* fmax drops NAN */
        if (point->index == 0) bottom = fmin(bottom, point->energy);
        if (point->index == 1) top = fmin(top, point->energy);
    }
    kr_critical_points_destroy(&points);
    if (isfinite(top) && top > bottom) scales.barrier = top - bottom;
    return scales;
}

/* T u H^-1 u. */
static bool of_the_plane(const kr_landscape *landscape, const double *position, double temperature, size_t directions,
                         const double *const *direction, double *variance) {
    double h[4];
    kr_landscape_hessian(landscape, 1, position, h);
    double determinant = h[0] * h[3] - h[1] * h[2];
    bool minimum = determinant > 0;
    for (size_t k = 0; k < directions; k++) {
        const double *u = direction[k];
        double square = h[3] * u[0] * u[0] - (h[1] + h[2]) * u[0] * u[1] + h[0] * u[1] * u[1];
        variance[k] = temperature * square / determinant;
        minimum = minimum && variance[k] > 0;
    }
    return minimum;
}

bool kr_landscape_thermal_variance(const kr_landscape *landscape, const double *position, double temperature, size_t directions,
                                   const double *const *direction, double *variance) {
    size_t dim = landscape->dim;
    if (dim == 2) return of_the_plane(landscape, position, temperature, directions, direction, variance);
    double *curvature = malloc(dim * sizeof *curvature);
    if (!curvature) return false;
    kr_landscape_curvature(landscape, 1, position, curvature);
    for (size_t k = 0; k < directions; k++) {
        variance[k] = 0;
        for (size_t i = 0; i < dim; i++)
            variance[k] += direction[k][i] * direction[k][i] * (curvature[i] > 0 ? temperature / curvature[i] : 0);
    }
    free(curvature);
    return true;
}
