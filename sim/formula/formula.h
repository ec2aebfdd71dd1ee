/* A potential as text: its names, its graph, the landscape type that follows from both, and its tapes. */
#ifndef KR_FORMULA_FORMULA_H
#define KR_FORMULA_FORMULA_H

#include <kramers/landscape.h>

#include "tape.h"

enum {
    KR_FORMULA_NAME = 40,
    KR_FORMULA_PARAMETERS = 256,
    KR_FORMULA_TEXT = 32768, /* an HDF5 attribute holds 64 KiB */
    KR_FORMULA_DEPTH = 200
};

/* Of a parameter. */
#define KR_FORMULA_LARGEST 1e100

typedef struct kr_formula_names {
    size_t variable_count, parameter_count;
    char variable[KR_MOST_VARIABLES][KR_FORMULA_NAME];
    char parameter[KR_FORMULA_PARAMETERS][KR_FORMULA_NAME];
} kr_formula_names;

/* From "x, y" or "[x, y]"; no parameters yet. */
kr_status kr_formula_read_variables(const char *text, kr_formula_names *names, kr_error *error);
/* values: of the parameters that names has; other names are refused. NULL: names that are no variables become parameters, if they
 * are among keys (NULL: any), and stay without a value. Messages have the column in the text. */
kr_status kr_formula_parse(const char *text, kr_formula_names *names, const double *values, const char *const *keys,
                           kr_expression *e, uint32_t *root, kr_error *error);

/* Of the landscape; types that are made have more numbers. */
typedef struct kr_formula_values {
    char *potential, *variables;
    kr_list center, reach; /* of the box in which critical points are looked for */
    double number[3];
} kr_formula_values;

/* The rows of kr_formula_values before its numbers. */
enum { KR_FORMULA_ROWS = 4 };

/* The type of landscapes with this potential: general with parameters of its own. The same for the same texts, and kept until the
 * program ends. */
kr_status kr_formula_type(const kr_landscape_type *general, const kr_formula_values *values, const char *const *keys,
                          const kr_descriptor **special, kr_error *error);

typedef struct kr_formula_program {
    /* Of a sum over coordinates: of each, [variables] of one variable and result. Otherwise one tape of all. */
    size_t count;
    kr_tape *energy, *gradient, *curvature;
    kr_tape hessian;                  /* of no sum over coordinates */
    struct kr_formula_points *points; /* candidates for critical points, once they were asked for */
} kr_formula_program;

/* What prepare and release of the landscape do: self->state. */
kr_status kr_formula_prepare(kr_landscape *self, kr_error *error);
void kr_formula_release(kr_landscape *self);
/* Those of the landscape. */
size_t kr_formula_candidates(const kr_landscape *self, size_t axis, size_t capacity, double *points);

struct kr_formula_points *kr_formula_points_create(void);
void kr_formula_points_destroy(struct kr_formula_points *points);

#endif
