#include <kramers/target.h>

#include <math.h>

bool kr_target_reached(const kr_target *target, size_t dim, const double *position) {
    if (target->radius > 0.0) {
        /* In the same order and rounding as the kernel that tests a whole block. */
        double square = 0.0;
        for (size_t i = 0; i < dim; i++) {
            double d = position[i] - target->center[i];
            square = fma(d, d, square);
        }
        return square <= target->radius * target->radius;
    }
    double x = position[target->coordinate];
    return x <= target->below || x >= target->above;
}

double kr_target_distance(const kr_target *target, size_t dim, const double *x) {
    if (!(target->radius > 0.0)) return fmin(target->above - x[target->coordinate], x[target->coordinate] - target->below);
    double square = 0.0;
    for (size_t i = 0; i < dim; i++) square += (x[i] - target->center[i]) * (x[i] - target->center[i]);
    return sqrt(square) - target->radius;
}
