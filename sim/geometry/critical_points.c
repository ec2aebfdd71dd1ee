#include <kramers/critical_points.h>
#include <kramers/memory_miss.h>

#include "coupled_minima.h"
#include "critical_lines.h"
#include "numerics/eigen.h"
#include "walls.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITERATIONS = 100, HALVINGS = 40 };
/* A Newton step this small (relative to max(1, |x|)) ends the iteration: the next one would be its square. */
static const double step_tolerance = 1e-9;
/* Eigenvalues below this fraction of the largest one are zero to rounding: the point is degenerate. */
static const double degenerate = 1e-11;

/* Sorting and removing duplicates, shared by both kinds. */

static void sort_range(kr_critical_point *point, size_t count, size_t coordinate, size_t dim) {
    if (count < 2 || coordinate == dim) return;
    double *key = malloc(count * sizeof *key);
    size_t *order = malloc(count * sizeof *order);
    kr_critical_point *copy = malloc(count * sizeof *copy);
    if (key && order && copy) {
        for (size_t i = 0; i < count; i++) key[i] = point[i].position[coordinate];
        memcpy(copy, point, count * sizeof *copy);
        gsl_sort_index(order, key, 1, count);
        for (size_t i = 0; i < count; i++) point[i] = copy[order[i]];
    } else {
        kr_memory_miss();
    }
    free(key);
    free(order);
    free(copy);
    for (size_t begin = 0, end; begin < count; begin = end) {
        for (end = begin + 1; end < count; end++) {
            double x = point[end].position[coordinate];
            if (x - point[end - 1].position[coordinate] > kr_same_within(x)) break;
        }
        sort_range(point + begin, end - begin, coordinate + 1, dim);
    }
}

static bool same(const kr_critical_point *a, const kr_critical_point *b, size_t dim) {
    for (size_t i = 0; i < dim; i++)
        if (fabs(a->position[i] - b->position[i]) > kr_same_within(a->position[i])) return false;
    return true;
}

static void sort_and_unify(kr_critical_points *points) {
    sort_range(points->point, points->count, 0, points->dim);
    size_t kept = 0;
    for (size_t i = 0; i < points->count; i++) {
        bool known = false;
        for (size_t j = kept; j-- > 0 && !known;) {
            const kr_critical_point *earlier = &points->point[j];
            if (points->point[i].position[0] - earlier->position[0] > 2 * kr_same_within(earlier->position[0])) break;
            known = same(&points->point[i], earlier, points->dim);
        }
        if (!known) points->point[kept++] = points->point[i];
    }
    points->count = kept;
}

static kr_status allocate(kr_critical_points *points, size_t dim, size_t capacity, kr_error *error) {
    *points = (kr_critical_points){.dim = dim};
    points->point = calloc(capacity + 1, sizeof *points->point);
    points->storage = calloc(capacity + 1, 2 * dim * sizeof *points->storage);
    if (!points->point || !points->storage) {
        kr_critical_points_destroy(points);
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu critical points", capacity);
    }
    for (size_t i = 0; i < capacity; i++) {
        points->point[i].position = points->storage + 2 * dim * i;
        points->point[i].eigenvalues = points->storage + 2 * dim * i + dim;
    }
    return KR_OK;
}

void kr_critical_points_destroy(kr_critical_points *points) {
    free(points->point);
    free(points->storage);
    *points = (kr_critical_points){.dim = 0};
}

/* Several coupled dimensions. */

typedef struct solver {
    const kr_landscape *landscape;
    size_t dim;
    double *gradient, *step, *trial, *eigenvalue; /* [dim] */
    double *hessian, *eigenvector;                /* [dim][dim] */
} solver;

static bool solver_create(solver *s, const kr_landscape *landscape) {
    size_t dim = landscape->dim;
    *s = (solver){.landscape = landscape, .dim = dim};
    s->gradient = malloc((4 + 2 * dim) * dim * sizeof *s->gradient);
    if (!s->gradient) return false;
    s->step = s->gradient + dim;
    s->trial = s->step + dim;
    s->eigenvalue = s->trial + dim;
    s->hessian = s->eigenvalue + dim;
    s->eigenvector = s->hessian + dim * dim;
    return true;
}

static void solver_destroy(solver *s) {
    free(s->gradient);
}

static double norm(size_t n, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

/* Eigenvalues (ascending) and eigenvectors of the Hessian at x; false when it is not finite. */
static bool decompose(solver *s, const double *x) {
    kr_landscape_hessian(s->landscape, 1, x, s->hessian);
    return kr_symmetric_eigen(s->dim, s->hessian, s->eigenvalue, s->eigenvector);
}

static double largest_eigenvalue(const solver *s) {
    return fmax(fabs(s->eigenvalue[0]), fabs(s->eigenvalue[s->dim - 1]));
}

/* step = -H^-1 gradient without the directions in which H vanishes. */
static void newton_step(solver *s) {
    double smallest = degenerate * largest_eigenvalue(s);
    memset(s->step, 0, s->dim * sizeof *s->step);
    for (size_t k = 0; k < s->dim; k++) {
        const double *eigenvector = s->eigenvector + k * s->dim;
        double eigenvalue = s->eigenvalue[k], along = 0;
        if (!(fabs(eigenvalue) > smallest)) continue;
        for (size_t i = 0; i < s->dim; i++) along += eigenvector[i] * s->gradient[i];
        for (size_t i = 0; i < s->dim; i++) s->step[i] -= along / eigenvalue * eigenvector[i];
    }
}

/* Damped Newton iteration on the gradient from x; true when it ended at a zero. */
static bool refine(solver *s, double *x) {
    kr_landscape_gradient(s->landscape, 1, x, s->gradient);
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
        double before = norm(s->dim, s->gradient);
        if (!isfinite(before) || !decompose(s, x)) return false;
        newton_step(s);
        bool last = true;
        for (size_t i = 0; i < s->dim; i++)
            if (!(fabs(s->step[i]) <= step_tolerance * fmax(1, fabs(x[i])))) last = false;
        double t = 1;
        for (int halving = 0;; halving++, t *= 0.5) {
            for (size_t i = 0; i < s->dim; i++) s->trial[i] = x[i] + t * s->step[i];
            kr_landscape_gradient(s->landscape, 1, s->trial, s->gradient);
            if (last || norm(s->dim, s->gradient) < before) break;
            if (halving == HALVINGS) return false;
        }
        memcpy(x, s->trial, s->dim * sizeof *x);
        if (last) return true;
    }
    return false;
}

/* Fills in energy, eigenvalues and index from the Hessian's, ascending; false when the point is degenerate where the landscape does
 * not say that its minima are. */
static bool conclude(const kr_landscape *landscape, const double *eigenvalue, kr_critical_point *point) {
    size_t dim = landscape->dim;
    const kr_landscape_type *type = landscape->type;
    double largest = fmax(fabs(eigenvalue[0]), fabs(eigenvalue[dim - 1])), smallest = degenerate * largest;
    bool continuous = type->unlisted && type->unlisted(landscape) && largest > 0;
    point->index = 0;
    for (size_t k = 0; k < dim; k++) {
        bool zero = !(fabs(eigenvalue[k]) > smallest);
        point->eigenvalues[k] = zero ? 0 : eigenvalue[k];
        if (zero && !continuous) return false;
        if (point->eigenvalues[k] < 0) point->index++;
    }
    kr_landscape_energy(landscape, 1, point->position, &point->energy);
    return true;
}

static bool classify(solver *s, kr_critical_point *point) {
    return decompose(s, point->position) && conclude(s->landscape, s->eigenvalue, point);
}

/* What was found is complete only if nothing on the way lacked memory. */
static kr_status complete(kr_critical_points *points, unsigned long misses, kr_error *error) {
    if (kr_memory_misses() == misses) return KR_OK;
    kr_critical_points_destroy(points);
    return kr_fail(error, KR_NO_MEMORY, "there is not enough memory to find critical points");
}

kr_status kr_critical_points_refine(const kr_landscape *landscape, size_t count, const double *starts, kr_critical_points *points,
                                    kr_error *error) {
    size_t dim = landscape->dim;
    unsigned long misses = kr_memory_misses();
    solver s;
    kr_status status = solver_create(&s, landscape)
                           ? allocate(points, dim, count, error)
                           : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for critical points");
    if (status == KR_OK) {
        for (size_t c = 0; c < count; c++) {
            kr_critical_point *point = &points->point[points->count];
            memcpy(point->position, starts + c * dim, dim * sizeof *point->position);
            if (refine(&s, point->position) && classify(&s, point)) points->count++;
        }
        sort_and_unify(points);
        status = complete(points, misses, error);
    }
    solver_destroy(&s);
    return status;
}

/* Between walls a critical point is known from its x0. */
static kr_status refine_between_walls(const kr_landscape *landscape, size_t count, const double *candidate,
                                      kr_critical_points *points, kr_error *error) {
    unsigned long misses = kr_memory_misses();
    kr_status status = allocate(points, landscape->dim, count, error);
    if (status != KR_OK) return status;
    for (size_t c = 0; c < count; c++)
        if (kr_walls_refine(landscape, candidate[c * landscape->dim], &points->point[points->count])) points->count++;
    sort_and_unify(points);
    return complete(points, misses, error);
}

static kr_status find_coupled(const kr_landscape *landscape, kr_critical_points *points, kr_error *error) {
    size_t dim = landscape->dim, count;
    if (dim > KR_MOST_COUPLED && !kr_has_walls(landscape))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "landscape '%s' has %zu coupled coordinates; saddles and eigenvalues of Hessians are found in up to %d",
                       landscape->type->about.name, dim, (int)KR_MOST_COUPLED);
    unsigned long misses = kr_memory_misses();
    count = landscape->type->candidates(landscape, 0, 0, NULL);
    double *candidate = malloc((count + 1) * dim * sizeof *candidate);
    if (!candidate) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for critical points");
    landscape->type->candidates(landscape, 0, count, candidate);
    kr_status status = KR_NO_MEMORY; /* of candidates that are not all there nothing is made */
    if (kr_memory_misses() != misses)
        kr_fail(error, status, "there is not enough memory for %zu candidates for critical points", count);
    else
        status = kr_has_walls(landscape) ? refine_between_walls(landscape, count, candidate, points, error)
                                         : kr_critical_points_refine(landscape, count, candidate, points, error);
    free(candidate);
    return status;
}

/* One coordinate of a separable landscape. */

/* Energy along one coordinate, the others at 0. */
static double energy_along(const kr_landscape *landscape, size_t axis, double x, double *work) {
    double energy;
    memset(work, 0, landscape->dim * sizeof *work);
    work[axis] = x;
    kr_landscape_energy(landscape, 1, work, &energy);
    return energy;
}

static kr_status find_along(const kr_landscape *landscape, size_t axis, kr_critical_points *points, kr_error *error) {
    kr_critical_lines lines;
    kr_status status = kr_critical_lines_find(landscape, axis, 1, 0, &lines, error);
    if (status != KR_OK) return status;
    double *work = malloc(landscape->dim * sizeof *work);
    status = work ? allocate(points, 1, lines.first[1], error)
                  : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for critical points");
    if (status == KR_OK) {
        points->count = lines.first[1];
        for (size_t i = 0; i < points->count; i++) {
            points->point[i].position[0] = lines.x[i];
            points->point[i].eigenvalues[0] = lines.curvature[i];
            points->point[i].index = lines.minimum[i] ? 0 : 1;
            points->point[i].energy = energy_along(landscape, axis, lines.x[i], work);
        }
    }
    free(work);
    kr_critical_lines_destroy(&lines);
    return status;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Every combination of one critical point of each axis is one, and its Hessian is diagonal. */
static kr_status multiply_lines(const kr_landscape *landscape, const kr_critical_lines *lines, size_t total,
                                kr_critical_points *points, kr_error *error) {
    size_t dim = landscape->dim;
    double *eigenvalue = malloc(dim * sizeof *eigenvalue);
    kr_status status = eigenvalue ? allocate(points, dim, total, error)
                                  : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for %zu critical points", total);
    for (size_t k = 0; status == KR_OK && k < total; k++) {
        kr_critical_point *point = &points->point[points->count];
        size_t rest = k;
        for (size_t i = dim; i-- > 0;) {
            size_t count = lines->first[i + 1] - lines->first[i], own = lines->first[i] + rest % count;
            point->position[i] = lines->x[own];
            eigenvalue[i] = lines->curvature[own];
            rest /= count;
        }
        qsort(eigenvalue, dim, sizeof *eigenvalue, ascending);
        if (conclude(landscape, eigenvalue, point)) points->count++;
    }
    if (status == KR_OK) sort_and_unify(points);
    free(eigenvalue);
    return status;
}

kr_status kr_critical_points_all(const kr_landscape *landscape, size_t limit, kr_critical_points *points, kr_error *error) {
    if (!landscape->type->separable) return kr_critical_points_find(landscape, 0, points, error);
    size_t dim = landscape->dim, total = 1;
    kr_critical_lines lines;
    *points = (kr_critical_points){.dim = dim};
    kr_status status = kr_need_candidates(landscape, error);
    if (status == KR_OK) status = kr_critical_lines_find(landscape, 0, dim, 0, &lines, error);
    if (status != KR_OK) return status;
    for (size_t i = 0; status == KR_OK && i < dim; i++) {
        total *= lines.first[i + 1] - lines.first[i];
        if (total > limit)
            status = kr_fail(error, KR_BAD_ARGUMENT, "landscape '%s' has more than %zu critical points in %zu dimensions",
                             landscape->type->about.name, limit, dim);
    }
    if (status == KR_OK) status = multiply_lines(landscape, &lines, total, points, error);
    kr_critical_lines_destroy(&lines);
    return status;
}

kr_status kr_critical_points_find(const kr_landscape *landscape, size_t axis, kr_critical_points *points, kr_error *error) {
    *points = (kr_critical_points){.dim = landscape->dim};
    kr_status status = kr_need_candidates(landscape, error);
    if (status != KR_OK) return status;
    if (!landscape->type->separable) return find_coupled(landscape, points, error);
    if (axis < landscape->dim) return find_along(landscape, axis, points, error);
    return kr_fail(error, KR_BAD_ARGUMENT, "landscape '%s' has %zu coordinates; there is no coordinate %zu",
                   landscape->type->about.name, landscape->dim, axis);
}
