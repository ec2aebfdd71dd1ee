/* Loss landscapes: potentials V(x) on R^dim, evaluated for a batch of points at once.
 *
 * Batches are structures of arrays: coordinate i of point p is x[i * n + p]. Any n, 0 included. Landscapes know nothing of
 * dynamics, noise or files (but for `surface`, which reads one in prepare).
 */
#ifndef KRAMERS_LANDSCAPE_H
#define KRAMERS_LANDSCAPE_H

#include <kramers/parameter.h>
#include <kramers/plugin.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_landscape kr_landscape;
typedef struct kr_data_sum kr_data_sum; /* data_sum.h */

/* A landscape of the form V(x) = f(x0) + k(x0)/2 sum_{i>0} (x_i - c(x0))^2, at one x0: each with its first and second derivative.
 */
typedef struct kr_walls {
    double floor[3];         /* f */
    double log_stiffness[3]; /* ln k */
    double place[3];         /* c */
} kr_walls;

typedef struct kr_landscape_type {
    kr_descriptor about;
    size_t dim;     /* 0: measure, or without it the integer parameter "dim", decides */
    bool separable; /* V(x) = sum_i V_i(x_i): the Hessian is diagonal, each coordinate is a one-dimensional problem */
    bool tiles;    /* separable, and gradient and curvature answer for consecutive coordinates alone: self->dim of them, from number
                    * self->coordinate on */
    bool alike;    /* separable, and V(x) = sum_i f(x_i): all coordinates are the same, and there may be any number of them */
    double period; /* along coordinate 0, up to a constant force; 0: not periodic */

    /* Optional: the number of coordinates that follows from values, and from files that they name. */
    kr_status (*measure)(const void *values, const char *directory, size_t *dim, kr_error *error);

    /* Optional: reads files, builds tables into self->state. release frees what prepare made. */
    kr_status (*prepare)(kr_landscape *self, kr_error *error);
    void (*release)(kr_landscape *self);

    /* energy[n]; gradient[dim][n]; curvature[dim][n], the diagonal of the Hessian; hessian[dim][dim][n], symmetric, full.
     * For separable landscapes hessian may be NULL (the diagonal says it all); otherwise curvature may be NULL. */
    void (*energy)(const kr_landscape *self, size_t n, const double *KR_RESTRICT x, double *KR_RESTRICT energy);
    void (*gradient)(const kr_landscape *self, size_t n, const double *KR_RESTRICT x, double *KR_RESTRICT gradient);
    void (*curvature)(const kr_landscape *self, size_t n, const double *KR_RESTRICT x, double *KR_RESTRICT curvature);
    void (*hessian)(const kr_landscape *self, size_t n, const double *KR_RESTRICT x, double *KR_RESTRICT hessian);

    /* Optional: product[dim][n], the Hessian at x[dim][n] times direction[dim][n], of each point its own, without the d x d numbers
     * of hessian. NULL: from hessian (kr_landscape_hessian_times). */
    void (*hessian_times)(const kr_landscape *self, size_t n, const double *KR_RESTRICT x, const double *KR_RESTRICT direction,
                          double *KR_RESTRICT product);

    const kr_data_sum *data; /* V is a mean over data (data_sum.h); NULL: it is not */

    /* Candidates for critical points (minima and saddles), refined by Newton's method elsewhere; need not be exact or all
     * critical. Writes at most capacity points and returns how many there are. Separable: scalars along axis, so that the
     * critical points are the product over axes; for periodic landscapes those of one period. Otherwise
     * points[count][dim], axis ignored. NULL: minima are not looked for, and who asks for one gets an error. */
    size_t (*candidates)(const kr_landscape *self, size_t axis, size_t capacity, double *points);

    /* Optional, for separable landscapes and those with walls: knots, where second or higher derivatives along axis jump;
     * ascending. Theories cut their integrals there. Writes at most capacity of them and returns how many there are. */
    size_t (*knots)(const kr_landscape *self, size_t axis, size_t capacity, double *points);

    /* Optional: what the candidates leave out, as half a sentence: "its minima are a circle, not points" (of which some may still
     * be candidates), "only its uniform minima are listed"; NULL: nothing. Theories that need all minima with their Hessians
     * refuse. */
    const char *(*unlisted)(const kr_landscape *self);

    /* Optional, for landscapes of the form of kr_walls (without weight decay): minima, Hessians, basins and theories then cost no
     * more in 10 000 dimensions than in two. Candidates need the right x0 only. */
    void (*walls)(const kr_landscape *self, double x0, kr_walls *walls);

    /* Optional: what to beware of, warning number 0, 1, ...; false: there are no more. */
    bool (*warning)(const kr_landscape *self, size_t number, char *text, size_t size);
} kr_landscape_type;

struct kr_landscape {
    const kr_landscape_type *type;
    const void *values;    /* of type->about.parameters; borrowed from the scene */
    const char *directory; /* relative file names are relative to this; borrowed; NULL: the working directory */
    size_t dim;
    size_t coordinate;   /* of a tile: the number of its first coordinate; otherwise 0 */
    double weight_decay; /* lambda: the landscape minimised is V + lambda |x|^2 / 2 */
    void *state;         /* of prepare */
};

/* values must outlive the landscape. */
KR_API kr_status kr_landscape_create(kr_landscape *self, const kr_landscape_type *type, const void *values, const char *directory,
                                     double weight_decay, kr_error *error);
KR_API void kr_landscape_destroy(kr_landscape *self);

/* The same functions with weight decay included; what minima and theories are about. hessian is always full. */
KR_API void kr_landscape_energy(const kr_landscape *self, size_t n, const double *x, double *energy);
KR_API void kr_landscape_gradient(const kr_landscape *self, size_t n, const double *x, double *gradient);
KR_API void kr_landscape_curvature(const kr_landscape *self, size_t n, const double *x, double *curvature);
KR_API void kr_landscape_hessian(const kr_landscape *self, size_t n, const double *x, double *hessian);
/* energy[n] += lambda |x|^2 / 2, for whoever has V without it already. */
KR_API void kr_landscape_add_decay(const kr_landscape *self, size_t n, const double *x, double *energy);
/* product[dim][n] of the Hessian at each of n points and a direction of its own; KR_NO_MEMORY. */
KR_API kr_status kr_landscape_hessian_times(const kr_landscape *self, size_t n, const double *x, const double *direction,
                                            double *product, kr_error *error);
/* The knots between low and high; none of them where there are more than capacity, or too many to ask for: they are so close then
 * that nothing is gained by cutting there. Returns how many were written. */
KR_API size_t kr_landscape_knots(const kr_landscape *self, size_t axis, double low, double high, size_t capacity, double *points);

KR_END_DECLARATIONS

#endif
