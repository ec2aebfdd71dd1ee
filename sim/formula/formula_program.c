/* The tapes of a landscape. */
#include "formula.h"

#include <stdlib.h>
#include <string.h>

static kr_status read_numbers(const kr_landscape *self, kr_expression *e, uint32_t *root, kr_error *error) {
    const kr_formula_values *v = self->values;
    kr_formula_names *names = malloc(sizeof *names);
    kr_status status = names ? KR_OK : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    if (!status) status = kr_formula_read_variables(v->variables, names, error);
    for (const kr_parameter *row = self->type->about.parameters + KR_FORMULA_ROWS; !status && row->name; row++)
        memcpy(names->parameter[names->parameter_count++], row->name, strlen(row->name) + 1);
    if (!status) status = kr_formula_parse(v->potential, names, v->number, NULL, e, root, error);
    free(names);
    return status;
}

static kr_status make_coupled(kr_formula_program *program, kr_expression *e, size_t dim, uint32_t root, kr_error *error) {
    size_t count = 1 + dim + dim * dim;
    uint32_t *node = malloc((count + dim) * sizeof *node), *gradient = node + 1, *hessian = gradient + dim,
             *diagonal = node + count;
    if (!node) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    *node = root;
    kr_status status = kr_expression_gradient(e, root, dim, gradient, error);
    if (!status) status = kr_expression_hessian(e, dim, gradient, hessian, error);
    if (!status) status = kr_expression_lower(e, count, node, error);
    for (size_t i = 0; i < dim && !status; i++) diagonal[i] = hessian[i * dim + i];
    if (!status) status = kr_tape_create(program->energy, e, 1, node, error);
    if (!status) status = kr_tape_create(program->gradient, e, dim, gradient, error);
    if (!status) status = kr_tape_create(program->curvature, e, dim, diagonal, error);
    if (!status) status = kr_tape_create(&program->hessian, e, dim * dim, hessian, error);
    free(node);
    return status;
}

/* The only variable of a tape becomes its first. */
static void shift_variable(kr_tape *tape) {
    for (size_t s = 0; s < tape->count; s++) {
        kr_row *rows[] = {&tape->step[s].a, &tape->step[s].b, &tape->step[s].c};
        for (size_t k = 0; k < 3; k++)
            if (rows[k]->kind == KR_ROW_VARIABLE) rows[k]->number = 0;
    }
}

static kr_status make_separable(kr_formula_program *program, kr_expression *e, size_t dim, const uint32_t *part, kr_error *error) {
    uint32_t node[3 * KR_MOST_VARIABLES], all[KR_MOST_VARIABLES];
    kr_status status = KR_OK;
    for (size_t i = 0; i < dim && !status; i++) {
        node[3 * i] = part[i];
        status = kr_expression_gradient(e, part[i], dim, all, error);
        node[3 * i + 1] = status ? 0 : all[i];
        if (!status) status = kr_expression_gradient(e, node[3 * i + 1], dim, all, error);
        node[3 * i + 2] = status ? 0 : all[i];
    }
    if (!status) status = kr_expression_lower(e, 3 * dim, node, error);
    for (size_t i = 0; i < dim && !status; i++) {
        kr_tape *tape[] = {&program->energy[i], &program->gradient[i], &program->curvature[i]};
        for (size_t k = 0; k < 3 && !status; k++)
            if (!(status = kr_tape_create(tape[k], e, 1, &node[3 * i + k], error))) shift_variable(tape[k]);
    }
    return status;
}

static kr_status make_tapes(kr_formula_program *program, kr_expression *e, const kr_landscape *self, uint32_t root,
                            kr_error *error) {
    uint32_t part[KR_MOST_VARIABLES];
    bool separable = self->type->separable;
    program->count = separable ? self->dim : 1;
    if (!(program->energy = calloc(3 * program->count, sizeof *program->energy)))
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    program->gradient = program->energy + program->count;
    program->curvature = program->gradient + program->count;
    if (!separable) return make_coupled(program, e, self->dim, root, error);
    kr_status status = kr_expression_split(e, root, self->dim, part, &separable, error); /* as the type was found to be */
    return status ? status : make_separable(program, e, self->dim, part, error);
}

static kr_status check_box(const kr_landscape *self, kr_error *error) {
    const kr_formula_values *v = self->values;
    const kr_list *sides[2] = {&v->center, &v->reach};
    for (size_t k = 0; k < 2; k++)
        if (sides[k]->count != 1 && sides[k]->count != self->dim)
            return kr_fail(error, KR_BAD_ARGUMENT, "%s lists %zu numbers for %zu variables; give one number, or one for each",
                           k ? "reach" : "center", sides[k]->count, self->dim);
    return KR_OK;
}

kr_status kr_formula_prepare(kr_landscape *self, kr_error *error) {
    kr_formula_program *program = calloc(1, sizeof *program);
    if (!program) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    self->state = program;
    kr_expression e;
    uint32_t root;
    kr_status status = check_box(self, error);
    if (!status) status = kr_expression_create(&e, error);
    if (!status) {
        status = read_numbers(self, &e, &root, error);
        if (!status) status = make_tapes(program, &e, self, root, error);
        kr_expression_destroy(&e);
    }
    if (!status && !(program->points = kr_formula_points_create()))
        status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    return status ? kr_fail_at(error, status, "landscape 'formula'") : KR_OK;
}

void kr_formula_release(kr_landscape *self) {
    kr_formula_program *program = self->state;
    for (size_t i = 0; program->energy && i < 3 * program->count; i++) kr_tape_destroy(&program->energy[i]);
    free(program->energy);
    kr_tape_destroy(&program->hessian);
    kr_formula_points_destroy(program->points);
    free(program);
}
