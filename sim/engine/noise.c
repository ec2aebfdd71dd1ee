#include <kramers/noise.h>

#include <gsl/gsl_eigen.h>

#include <stdlib.h>

enum { LARGEST_HESSIAN = 2000 };

static bool eigenvalues(const kr_landscape *landscape, const double *x, double *value) {
    size_t dim = landscape->dim;
    double *hessian = malloc(dim * dim * sizeof *hessian);
    gsl_eigen_symm_workspace *workspace = gsl_eigen_symm_alloc(dim);
    bool made = hessian && workspace;
    if (made) {
        kr_landscape_hessian(landscape, 1, x, hessian);
        gsl_matrix_view matrix = gsl_matrix_view_array(hessian, dim, dim);
        gsl_vector_view vector = gsl_vector_view_array(value, dim);
        gsl_eigen_symm(&matrix.matrix, &vector.vector, workspace);
    }
    if (workspace) gsl_eigen_symm_free(workspace);
    free(hessian);
    return made;
}

kr_status kr_noise_variance(const kr_noise *noise, const kr_landscape *landscape, const double *x, double *variance,
                            kr_error *error) {
    const kr_noise_type *type = noise->type;
    size_t dim = landscape->dim;
    for (size_t i = 0; i < dim; i++) variance[i] = 0.0;
    if (type->is_zero) return KR_OK;
    kr_landscape bare = *landscape; /* the noise is that of the data and knows nothing of weight decay */
    bare.weight_decay = 0.0;
    double energy = 0.0;
    kr_noise_input kind = type->input ? type->input(noise, landscape->type->separable) : KR_NOISE_INPUT_NONE;
    if (kind == KR_NOISE_INPUT_HESSIAN && dim > LARGEST_HESSIAN)
        return kr_fail(error, KR_BAD_ARGUMENT, "the eigenvalues of a Hessian of %zu dimensions are not computed", dim);
    if (kind == KR_NOISE_INPUT_ENERGY) kr_landscape_energy(&bare, 1, x, &energy);
    if (kind == KR_NOISE_INPUT_CURVATURE) kr_landscape_curvature(&bare, 1, x, variance);
    if (kind == KR_NOISE_INPUT_HESSIAN && !eigenvalues(&bare, x, variance))
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the Hessian in %zu dimensions", dim);
    for (size_t i = 0; i < dim; i++) {
        double curvature = variance[i];
        type->variance(noise, 1, &energy, &curvature, &variance[i]);
    }
    return KR_OK;
}
