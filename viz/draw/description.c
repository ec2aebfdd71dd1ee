#include "description.h"

#include <kramers/whole_file.h>

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kr_description {
    char *file;
    char *written;        /* what the file holds; NULL: not yet anything */
    json_object *root;    /* of this frame */
    json_object *present; /* what is described now; borrowed from root */
};

kr_status kr_description_create(kr_description **description, const char *file, kr_error *error) {
    kr_description *d = calloc(1, sizeof *d);
    *description = d;
    if (d) d->file = strdup(file);
    if (!d || !d->file) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the description of the window");
    return KR_OK;
}

void kr_description_destroy(kr_description *d) {
    if (!d) return;
    json_object_put(d->root);
    free(d->file);
    free(d->written);
    free(d);
}

void kr_description_begin(kr_description *d) {
    if (!d) return;
    json_object_put(d->root);
    d->present = d->root = json_object_new_object();
}

kr_status kr_description_end(kr_description *d, kr_error *error) {
    if (!d || !d->root) return KR_OK;
    const char *text = json_object_to_json_string_ext(d->root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (!text) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the description of the window");
    if (d->written && !strcmp(d->written, text)) return KR_OK;
    /* Readers never see half a file. */
    char *line = malloc(strlen(text) + 2);
    if (!line) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the description of the window");
    int length = sprintf(line, "%s\n", text);
    kr_status status = kr_whole_file_write(d->file, line, (size_t)length, true, error);
    line[length - 1] = 0;
    free(d->written);
    d->written = line;
    return status;
}

void kr_describe_part(kr_description *d, const char *name) {
    if (!d) return;
    d->present = json_object_new_object();
    json_object_object_add(d->root, name, d->present);
}

void kr_describe_item(kr_description *d, const char *list) {
    json_object *array;
    if (!d) return;
    if (!json_object_object_get_ex(d->root, list, &array)) {
        array = json_object_new_array();
        json_object_object_add(d->root, list, array);
    }
    d->present = json_object_new_object();
    json_object_array_add(array, d->present);
}

void kr_describe_text(kr_description *d, const char *name, const char *text) {
    if (d) json_object_object_add(d->present, name, text ? json_object_new_string(text) : NULL);
}

static json_object *number(double value) {
    return isfinite(value) ? json_object_new_double(value) : NULL; /* JSON has no other numbers */
}

void kr_describe_number(kr_description *d, const char *name, double value) {
    if (d) json_object_object_add(d->present, name, number(value));
}

void kr_describe_count(kr_description *d, const char *name, uint64_t value) {
    if (d) json_object_object_add(d->present, name, json_object_new_int64(value > INT64_MAX ? INT64_MAX : (int64_t)value));
}

void kr_describe_flag(kr_description *d, const char *name, bool value) {
    if (d) json_object_object_add(d->present, name, json_object_new_boolean(value));
}

void kr_describe_numbers(kr_description *d, const char *name, size_t count, const double *value) {
    if (!d) return;
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < count; i++) json_object_array_add(array, number(value[i]));
    json_object_object_add(d->present, name, array);
}

void kr_describe_names(kr_description *d, const char *name, const char *const *names) {
    if (!d) return;
    json_object *array = json_object_new_array();
    for (; *names; names++) json_object_array_add(array, json_object_new_string(*names));
    json_object_object_add(d->present, name, array);
}

void kr_describe_area(kr_description *d, const char *name, kr_rectangle area) {
    /* A hundredth of a pixel is enough, and rounding noise is no change. */
    double value[4] = {round(100 * area.x) / 100, round(100 * area.y) / 100, round(100 * area.width) / 100,
                       round(100 * area.height) / 100};
    kr_describe_numbers(d, name, 4, value);
}

void kr_describe_place_within(kr_description *d, kr_rectangle clip, kr_rectangle area) {
    if (!d) return;
    double wide = fmin(area.x + area.width, clip.x + clip.width) - fmax(area.x, clip.x),
           high = fmin(area.y + area.height, clip.y + clip.height) - fmax(area.y, clip.y);
    double whole = area.width * area.height, seen = whole > 0 ? fmax(wide, 0) * fmax(high, 0) / whole : 0;
    kr_describe_area(d, "rectangle", area);
    kr_describe_number(d, "visible", round(1e3 * seen) / 1e3);
}

void kr_describe_place(kr_description *d, const kr_canvas *canvas, kr_rectangle area) {
    kr_describe_place_within(d, kr_canvas_clip_area(canvas), area);
}
