#include "dataset_file.h"

#include "dataset.h"

#include "hdf5/hdf5_find.h"
#include "hdf5/hdf5_read.h"

#include <kramers/number_text.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const input_names[] = {[KR_DATA_TRAIN] = "x_train", [KR_DATA_TEST] = "x_test"};
static const char *const label_names[] = {[KR_DATA_TRAIN] = "y_train", [KR_DATA_TEST] = "y_test"};

static void name_within(const char *group, const char *name, char path[KR_H5_PATH]) {
    snprintf(path, KR_H5_PATH, "%s%s%s", group, *group ? "/" : "", name);
}

/* An array of numbers with these numbers of axes; what: what it must be. */
static kr_status describe(kr_h5 *h5, const char *path, int least, int most, const char *what, kr_h5_about *about, kr_error *error) {
    if (!kr_h5_describe(h5, path, about))
        return !kr_h5_good(h5) ? h5->status
                               : kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s is no data set; it must be %s", h5->path, path, what);
    if (!about->number)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s does not hold numbers; it must be %s", h5->path, path, what);
    if (about->rank < least || about->rank > most)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s has %d %s; it must be %s", h5->path, path, about->rank,
                       about->rank == 1 ? "axis" : "axes", what);
    if (about->size[0] == 0)
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s has no rows%s", h5->path, path,
                       strstr(path, "test") ? "; leave x_test and y_test out where there are no test data" : "");
    if (about->count > KR_DATASET_NUMBERS)
        return kr_fail(error, KR_NO_MEMORY, "'%s': %s has %.4g numbers, %.3g GiB in memory; at most %zu (2 GiB) can be used",
                       h5->path, path, (double)about->count, (double)about->count * 0x1p-27, KR_DATASET_NUMBERS);
    return KR_OK;
}

/* ---- classes ---- */

static kr_status to_label(const char *file, const char *path, size_t row, double value, uint32_t *label, kr_error *error) {
    char text[KR_NUMBER_TEXT];
    if (value >= 0 && value < KR_DATASET_CLASSES && value == floor(value)) {
        *label = (uint32_t)value;
        return KR_OK;
    }
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "'%s': row %zu (from 0) of %s is %s, which is no class; classes are integers from 0 to %d", file, row, path,
                   kr_number_text(value, text), KR_DATASET_CLASSES - 1);
}

/* label[count], malloc'd; *classes grows to one more than the largest. */
static kr_status read_labels(kr_h5 *h5, const char *path, uint32_t **label, size_t *count, size_t *classes, kr_error *error) {
    kr_h5_about about;
    *label = NULL;
    kr_status status = describe(h5, path, 1, 1, "[rows], the class of each row", &about, error);
    double *value = status ? NULL : kr_h5_read_all(h5, path, KR_H5_NUMBER, 1, KR_DATASET_NUMBERS, NULL);
    if (!value) return status ? status : h5->status;
    *count = (size_t)about.count;
    *label = malloc(*count * sizeof **label);
    if (!*label) status = kr_fail(error, KR_NO_MEMORY, "'%s': there is no memory for %s", h5->path, path);
    for (size_t m = 0; m < *count && !status; m++) {
        status = to_label(h5->path, path, m, value[m], &(*label)[m], error);
        if (!status && (*label)[m] >= *classes) *classes = (*label)[m] + (size_t)1;
    }
    free(value);
    return status;
}

static kr_status count_classes_of(kr_h5 *h5, const char *group, size_t *classes, kr_error *error) {
    kr_status status = KR_OK;
    for (int part = 0; part < 2 && !status; part++) {
        char path[KR_H5_PATH];
        uint32_t *label = NULL;
        size_t count;
        name_within(group, label_names[part], path);
        if (kr_h5_exists(h5, path)) status = read_labels(h5, path, &label, &count, classes, error);
        free(label);
    }
    return status;
}

/* Over the file itself and all tasks. */
static kr_status count_classes(kr_h5 *h5, const kr_h5_sets *tasks, size_t *classes, kr_error *error) {
    *classes = 0;
    kr_status status = count_classes_of(h5, "", classes, error);
    for (size_t i = 0; i < tasks->count && !status; i++) status = count_classes_of(h5, tasks->list[i], classes, error);
    return status;
}

/* ---- inputs ---- */

static kr_status check_inputs(const char *file, const char *path, const kr_dataset_part *part, kr_error *error) {
    for (size_t k = 0; k < part->count * part->inputs; k++)
        if (!isfinite(part->input[k]))
            return kr_fail(error, KR_BAD_ARGUMENT, "'%s': row %zu (from 0) of %s has an input that is %s, number %zu (from 0)",
                           file, k / part->inputs, path, isnan(part->input[k]) ? "not a number" : "infinite", k % part->inputs);
    return KR_OK;
}

static kr_status read_inputs(kr_h5 *h5, const char *path, kr_dataset_part *part, bool shape, kr_error *error) {
    kr_h5_about about;
    kr_status status = describe(h5, path, 2, 3, "[M][inputs], or images [M][rows][columns]", &about, error);
    if (status) return status;
    part->count = (size_t)about.size[0];
    part->inputs = (size_t)(about.count / about.size[0]);
    part->rows = about.rank == 3 ? (size_t)about.size[1] : 0;
    part->columns = about.rank == 3 ? (size_t)about.size[2] : 0;
    if (!part->inputs) return kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s has rows without inputs", h5->path, path);
    if (shape) return KR_OK;
    part->input = kr_h5_read_all(h5, path, KR_H5_NUMBER, about.rank, KR_DATASET_NUMBERS, NULL);
    return part->input ? check_inputs(h5->path, path, part, error) : h5->status;
}

static kr_status read_part(kr_h5 *h5, const char *group, int number, kr_dataset_part *part, bool shape, kr_error *error) {
    char x[KR_H5_PATH], y[KR_H5_PATH];
    size_t labels = 0;
    name_within(group, input_names[number], x);
    name_within(group, label_names[number], y);
    bool has_x = kr_h5_exists(h5, x), has_y = kr_h5_exists(h5, y);
    if (!kr_h5_good(h5)) return h5->status;
    if (number == KR_DATA_TEST && !has_x && !has_y) return KR_OK;
    if (!has_x) return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no %s", h5->path, x);
    if (!has_y) return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no %s: the class of each row of %s is needed", h5->path, y, x);
    kr_status status = read_inputs(h5, x, part, shape, error);
    if (!status && !shape) status = read_labels(h5, y, &part->label, &labels, &part->classes, error);
    if (!status && !shape && labels != part->count)
        status = kr_fail(error, KR_BAD_ARGUMENT, "'%s': %s has %zu rows, but %s has %zu", h5->path, x, part->count, y, labels);
    return status;
}

/* ---- files ---- */

static void print_tasks(const kr_h5_sets *tasks, char *text, size_t size) {
    size_t used = 0;
    *text = 0;
    for (size_t i = 0; i < tasks->count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", strrchr(tasks->list[i], '/') + 1);
}

/* Where the data are: in the file itself, or in a group of tasks. */
static kr_status find_group(kr_h5 *h5, const kr_h5_sets *tasks, const char *task, char group[KR_H5_PATH], kr_error *error) {
    char all[400];
    const char *bare[KR_H5_SETS + 1] = {NULL}, *near;
    *group = 0;
    print_tasks(tasks, all, sizeof all);
    for (size_t i = 0; i < tasks->count; i++) bare[i] = strrchr(tasks->list[i], '/') + 1;
    if (!task || !*task) {
        if (!tasks->count || kr_h5_exists(h5, "x_train") || !kr_h5_good(h5)) return h5->status;
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s' has no x_train, but tasks; name one of them as task: %s", h5->path, all);
    }
    for (size_t i = 0; i < tasks->count; i++)
        if (!strcmp(task, bare[i])) snprintf(group, KR_H5_PATH, "%s", tasks->list[i]);
    if (*group) return KR_OK;
    if (!tasks->count)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "there is no task '%s' in '%s', which has no tasks; a task is a group tasks/NAME with its own x_train and "
                       "y_train, and task: {classes: [...]} selects classes",
                       task, h5->path);
    near = kr_nearest_name(task, bare);
    return kr_fail(error, KR_BAD_ARGUMENT, "there is no task '%s' in '%s'; %s%s%sits tasks: %s", task, h5->path,
                   near ? "did you mean '" : "", near ? near : "", near ? "'? " : "", all);
}

static kr_status read_parts(kr_h5 *h5, kr_dataset_part part[2], const char *task, bool shape, kr_error *error) {
    char group[KR_H5_PATH];
    kr_h5_sets tasks;
    size_t classes = 0;
    kr_h5_list_groups(h5, "tasks", &tasks);
    kr_status status = kr_h5_good(h5) ? find_group(h5, &tasks, task, group, error) : h5->status;
    for (int number = 0; number < 2 && !status; number++) status = read_part(h5, group, number, &part[number], shape, error);
    if (!status) status = count_classes(h5, &tasks, &classes, error);
    if (status) return status;
    if (part[1].count && part[1].inputs != part[0].inputs) {
        char train[KR_H5_PATH], test[KR_H5_PATH];
        name_within(group, input_names[KR_DATA_TRAIN], train);
        name_within(group, input_names[KR_DATA_TEST], test);
        return kr_fail(error, KR_BAD_ARGUMENT, "'%s': rows of %s have %zu inputs, but rows of %s have %zu; they must be the same",
                       h5->path, train, part[0].inputs, test, part[1].inputs);
    }
    if (part[0].count * part[0].inputs + part[1].count * part[1].inputs > KR_DATASET_NUMBERS)
        return kr_fail(error, KR_NO_MEMORY, "'%s': training and test data have more than %zu numbers together (2 GiB)", h5->path,
                       KR_DATASET_NUMBERS);
    part[0].classes = part[1].classes = classes;
    return KR_OK;
}

kr_status kr_dataset_file_read(kr_dataset_part part[2], const char *path, const char *task, bool shape, kr_error *error) {
    kr_h5 h5;
    if (!kr_h5_open(&h5, path, error)) return h5.status;
    kr_status status = read_parts(&h5, part, task, shape, error);
    if (status != KR_OK) h5.status = status;
    return kr_h5_end(&h5);
}
