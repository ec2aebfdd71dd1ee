/* The landscape type of a potential: one that has its names as parameters, its dimension, and whether it is a sum over coordinates.
 * Types are kept by their texts, so that equal scenes have equal descriptors, and as long as the program runs, since settings,
 * landscapes and results borrow them. A program sees few of them. */
#include "formula.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct special {
    kr_landscape_type type;
    struct special *next;
    const kr_landscape_type *general;
    char *potential, *variables;
    kr_parameter rows[KR_FORMULA_ROWS + KR_FORMULA_PARAMETERS + 1];
    char name[KR_FORMULA_PARAMETERS][KR_FORMULA_NAME];
} special;

static special *known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static kr_status read_formula(const kr_formula_values *v, const char *const *keys, kr_formula_names *names, bool *separable,
                              kr_error *error) {
    kr_expression e;
    uint32_t root, part[KR_MOST_VARIABLES];
    kr_status status = v->potential && v->variables ? kr_formula_read_variables(v->variables, names, error)
                                                    : kr_fail(error, KR_BAD_ARGUMENT, "formula: there is no potential");
    if (!status) status = kr_expression_create(&e, error);
    if (status) return status;
    status = kr_formula_parse(v->potential, names, NULL, keys, &e, &root, error);
    if (!status) status = kr_expression_split(&e, root, names->variable_count, part, separable, error);
    kr_expression_destroy(&e);
    return status;
}

static void describe(special *s, const kr_landscape_type *general, const kr_formula_names *names, bool separable) {
    s->general = general;
    s->type = *general;
    s->type.dim = names->variable_count;
    s->type.separable = s->type.tiles = separable;
    memcpy(s->rows, general->about.parameters, KR_FORMULA_ROWS * sizeof *s->rows);
    s->rows[0].initial_text = s->potential;
    s->rows[1].initial_text = s->variables;
    memcpy(s->name, names->parameter, sizeof s->name);
    for (size_t i = 0; i < names->parameter_count; i++)
        s->rows[KR_FORMULA_ROWS + i] = (kr_parameter){.name = s->name[i],
                                                      .doc = "a number of the potential",
                                                      .type = KR_NUMBER,
                                                      .flags = KR_REQUIRED,
                                                      .offset = offsetof(kr_formula_values, number) + i * sizeof(double),
                                                      .initial = 1,
                                                      .minimum = -KR_FORMULA_LARGEST,
                                                      .maximum = KR_FORMULA_LARGEST};
    s->type.about.parameters = s->rows;
    s->type.about.values_size = offsetof(kr_formula_values, number) + names->parameter_count * sizeof(double);
    s->type.about.general = &general->about;
}

static kr_status make(const kr_landscape_type *general, const kr_formula_values *v, const char *const *keys, special **made,
                      kr_error *error) {
    kr_formula_names *names = malloc(sizeof *names);
    bool separable;
    kr_status status = names ? KR_OK : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    if (!status) status = read_formula(v, keys, names, &separable, error);
    special *s = status ? NULL : calloc(1, sizeof *s);
    if (s) {
        s->potential = strdup(v->potential);
        s->variables = strdup(v->variables);
    }
    if (!status && !(s && s->potential && s->variables)) {
        if (s) free(s->potential), free(s->variables);
        free(s);
        status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a formula");
    }
    if (!status) describe(s, general, names, separable);
    if (!status) *made = s;
    free(names);
    return status;
}

static bool same_texts(const kr_parameter *rows, const kr_formula_values *v) {
    return v->potential && v->variables && !strcmp(rows[0].initial_text, v->potential) &&
           !strcmp(rows[1].initial_text, v->variables);
}

/* Names without a value, where a type is known already. */
static bool all_given(const kr_descriptor *about, const char *const *keys) {
    for (const kr_parameter *row = about->parameters + KR_FORMULA_ROWS; keys && row->name; row++) {
        const char *const *key = keys;
        while (*key && strcmp(*key, row->name) != 0) key++;
        if (!*key) return false;
    }
    return true;
}

kr_status kr_formula_type(const kr_landscape_type *general, const kr_formula_values *values, const char *const *keys,
                          const kr_descriptor **found, kr_error *error) {
    *found = &general->about;
    if (same_texts(general->about.parameters, values)) return KR_OK;
    *found = NULL;
    kr_status status = KR_OK;
    pthread_mutex_lock(&lock);
    for (special *s = known; s && !*found; s = s->next)
        if (s->general == general && same_texts(s->rows, values)) *found = &s->type.about;
    if (!*found || !all_given(*found, keys)) {
        special *made = NULL;
        status = make(general, values, keys, &made, error);
        if (made) {
            made->next = known;
            known = made;
            *found = &made->type.about;
        }
    }
    pthread_mutex_unlock(&lock);
    return status;
}
