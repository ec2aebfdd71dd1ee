#include "dataset.h"

#include "dataset_file.h"
#include "dataset_points.h"

#include <kramers/file_path.h>
#include <kramers/shipped_files.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const kr_dataset_names[] = {"digits", "moons", "spirals", "rings", NULL};

static kr_status no_memory(const kr_dataset_source *source, kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "there is no memory for the data '%s'", source->data);
}

static void free_parts(kr_dataset_part part[2]) {
    for (int i = 0; i < 2; i++) {
        free(part[i].input);
        free(part[i].label);
        part[i] = (kr_dataset_part){0};
    }
}

/* ---- where data come from ---- */

/* Real images of 8 x 8 pixels from 0 to 16. */
static void make_digits(kr_dataset_part part[2]) {
    for (int i = 0; i < 2; i++) {
        part[i].rows = part[i].columns = 8;
        for (size_t k = 0; part[i].input && k < part[i].count * part[i].inputs; k++) part[i].input[k] *= 1.0 / 16;
    }
}

static kr_status read_file(kr_dataset_part part[2], const kr_dataset_source *source, const char *directory, const char *name,
                           bool shape, kr_error *error) {
    char *path = kr_path_join(directory, name);
    if (!path) return no_memory(source, error);
    kr_status status = kr_shipped_check(path, name, error);
    if (!status) status = kr_dataset_file_read(part, path, source->task, shape, error);
    free(path);
    return status;
}

static kr_status get(kr_dataset_part part[2], const kr_dataset_source *source, const char *directory, bool shape, kr_error *error) {
    const char *data = source->data ? source->data : "";
    if (strpbrk(data, "./")) return read_file(part, source, directory, data, shape, error);
    if (source->task && *source->task)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "data '%s' have no tasks, such as '%s'; task: {classes: [...]} selects classes, and files can have tasks",
                       data, source->task);
    static const char *const points[] = {"moons", "spirals", "rings"};
    for (int kind = 0; kind < 3; kind++)
        if (!strcmp(data, points[kind])) return kr_dataset_points_make(part, (kr_dataset_points)kind, source, shape, error);
    if (strcmp(data, "digits") != 0) return kr_fail(error, KR_BAD_ARGUMENT, "unknown data '%s'", data);
    kr_status status = read_file(part, source, kr_shipped_directory(), "data/digits.h5", shape, error);
    if (!status) make_digits(part);
    return status;
}

/* ---- what is done with them ---- */

static kr_status find_wanted(const kr_dataset_source *source, const kr_dataset_part *train, bool wanted[KR_DATASET_CLASSES],
                             kr_error *error) {
    for (size_t c = 0; c < KR_DATASET_CLASSES; c++) wanted[c] = !source->classes.count;
    for (size_t i = 0; i < source->classes.count; i++) {
        double class = source->classes.value[i];
        if (!(class >= 0 && class < (double)train->classes && class == floor(class)))
            return kr_fail(error, KR_BAD_ARGUMENT, "task.classes has %g; the classes of '%s' are 0 to %zu", class, source->data,
                           train->classes - 1);
        wanted[(size_t) class] = true;
    }
    return KR_OK;
}

/* By what the labels are without noise. */
static kr_status select_classes(kr_dataset_part *part, const bool *wanted, const kr_dataset_source *source, double label_noise,
                                const char *what, kr_error *error) {
    size_t kept = 0, bytes = part->inputs * sizeof *part->input;
    for (size_t m = 0; m < part->count; m++) {
        uint32_t label = part->label[m];
        if (!wanted[label]) continue;
        if (kept != m) memcpy(part->input + kept * part->inputs, part->input + m * part->inputs, bytes);
        part->label[kept++] = kr_dataset_noisy_label(label, m, part->classes, label_noise, source->seed);
    }
    bool gone = part->count && !kept;
    part->count = kept;
    return gone ? kr_fail(error, KR_BAD_ARGUMENT, "none of the %s data of '%s' has one of the task's classes", what, source->data)
                : KR_OK;
}

static kr_status finish(kr_dataset_part part[2], const kr_dataset_source *source, kr_error *error) {
    bool wanted[KR_DATASET_CLASSES];
    if (source->label_noise > 0 && part[0].classes < 2)
        return kr_fail(error, KR_BAD_ARGUMENT, "label_noise = %g needs another class, but '%s' has one only", source->label_noise,
                       source->data);
    kr_status status = find_wanted(source, &part[0], wanted, error);
    if (!status) status = select_classes(&part[0], wanted, source, source->label_noise, "training", error);
    return status ? status : select_classes(&part[1], wanted, source, 0, "test", error);
}

/* ---- the data set ---- */

kr_status kr_dataset_create(kr_dataset **dataset, const kr_dataset_source *source, const char *directory, kr_error *error) {
    kr_dataset_part part[2] = {{0}, {0}};
    *dataset = NULL;
    kr_status status = get(part, source, directory, false, error);
    if (!status) status = finish(part, source, error);
    if (!status && !(*dataset = malloc(sizeof **dataset))) status = no_memory(source, error);
    if (status) return free_parts(part), status;
    for (int i = 0; i < 2; i++)
        (*dataset)->part[i] = (kr_data){.count = part[i].count,
                                        .inputs = part[0].inputs,
                                        .classes = part[0].classes,
                                        .rows = part[0].rows,
                                        .columns = part[0].columns,
                                        .input = part[i].input,
                                        .label = part[i].label};
    return KR_OK;
}

void kr_dataset_destroy(kr_dataset *dataset) {
    for (int i = 0; dataset && i < 2; i++) {
        free((void *)(uintptr_t)dataset->part[i].input);
        free((void *)(uintptr_t)dataset->part[i].label);
    }
    free(dataset);
}

kr_status kr_dataset_shape(const kr_dataset_source *source, const char *directory, size_t *inputs, size_t *classes,
                           kr_error *error) {
    kr_dataset_part part[2] = {{0}, {0}};
    kr_status status = get(part, source, directory, true, error);
    *inputs = part[0].inputs;
    *classes = part[0].classes;
    free_parts(part);
    return status;
}
