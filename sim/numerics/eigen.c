#include "eigen.h"
#include "gsl_guard.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_sort_vector.h>

#include <math.h>

static bool values_only(gsl_matrix *matrix, gsl_vector *value) {
    gsl_eigen_symm_workspace *workspace = gsl_eigen_symm_alloc(matrix->size1);
    bool done = workspace && gsl_eigen_symm(matrix, value, workspace) == 0;
    if (workspace) gsl_eigen_symm_free(workspace);
    if (done) gsl_sort_vector(value);
    return done;
}

/* GSL has eigenvectors as columns. */
static bool with_vectors(gsl_matrix *matrix, gsl_vector *value, gsl_matrix *vector) {
    gsl_eigen_symmv_workspace *workspace = gsl_eigen_symmv_alloc(matrix->size1);
    bool done = workspace && gsl_eigen_symmv(matrix, value, vector, workspace) == 0;
    if (workspace) gsl_eigen_symmv_free(workspace);
    if (done) gsl_eigen_symmv_sort(value, vector, GSL_EIGEN_SORT_VAL_ASC);
    if (done) gsl_matrix_transpose(vector);
    return done;
}

bool kr_symmetric_eigen(size_t n, double *matrix, double *value, double *vector) {
    for (size_t k = 0; k < n * n; k++)
        if (!isfinite(matrix[k])) return false;
    if (n == 0) return true;
    kr_gsl_enter();
    gsl_matrix_view m = gsl_matrix_view_array(matrix, n, n);
    gsl_vector_view v = gsl_vector_view_array(value, n);
    bool done;
    if (vector) {
        gsl_matrix_view rows = gsl_matrix_view_array(vector, n, n);
        done = with_vectors(&m.matrix, &v.vector, &rows.matrix);
    } else {
        done = values_only(&m.matrix, &v.vector);
    }
    kr_gsl_leave();
    return done;
}
