/* Settings as a whole: made, copied, compared; and settings inside settings, which stand in place of a value (a schedule that a
 * number follows, the parts of a sequence). */
#include <kramers/parameter.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *member(const kr_settings *settings, const kr_parameter *parameter) {
    return (char *)settings->values + parameter->offset;
}

static kr_status allocate(kr_settings *settings, const kr_descriptor *about, kr_error *error) {
    *settings = (kr_settings){.about = about, .values = calloc(1, about->values_size ? about->values_size : 1)};
    return settings->values ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory for the values of a section");
}

static kr_status assign_default(kr_settings *settings, const kr_parameter *row, kr_error *error) {
    void *at = member(settings, row);
    switch (row->type) {
    case KR_NUMBER: *(double *)at = row->initial; break;
    case KR_INTEGER: *(int64_t *)at = (int64_t)row->initial; break;
    case KR_NATURAL: *(uint64_t *)at = (uint64_t)row->initial; break;
    case KR_SWITCH: *(bool *)at = row->initial != 0; break;
    case KR_CHOICE: *(int *)at = (int)row->initial; break;
    case KR_TEXT: return kr_set_text(settings, row, row->initial_text, error);
    case KR_LIST:
        if (row->initial_text) return kr_set_from_text(settings, row, row->initial_text, error);
        return kr_set_list(settings, row, &row->initial, isnan(row->initial) ? (size_t)0 : (size_t)1, error);
    case KR_SCHEDULES: break;
    }
    return KR_OK;
}

kr_status kr_settings_create(kr_settings *settings, const kr_descriptor *about, kr_error *error) {
    if (allocate(settings, about, error)) return KR_NO_MEMORY;
    for (const kr_parameter *row = about->parameters; row && row->name; row++) {
        kr_status status = assign_default(settings, row, error);
        if (status) return kr_settings_destroy(settings), status;
    }
    return KR_OK;
}

kr_status kr_settings_copy(kr_settings *to, const kr_settings *from, kr_error *error) {
    kr_status status = allocate(to, from->about, error);
    for (const kr_parameter *row = from->about->parameters; !status && row && row->name; row++) {
        void *target = member(to, row);
        const void *source = member(from, row);
        switch (row->type) {
        case KR_NUMBER: memcpy(target, source, sizeof(double)); break;
        case KR_INTEGER: memcpy(target, source, sizeof(int64_t)); break;
        case KR_NATURAL: memcpy(target, source, sizeof(uint64_t)); break;
        case KR_SWITCH: memcpy(target, source, sizeof(bool)); break;
        case KR_CHOICE: memcpy(target, source, sizeof(int)); break;
        case KR_TEXT: status = kr_set_text(to, row, *(char *const *)source, error); break;
        case KR_LIST:
            status = kr_set_list(to, row, ((const kr_list *)source)->value, ((const kr_list *)source)->count, error);
            break;
        case KR_SCHEDULES: break;
        }
    }
    if (!status) status = kr_settings_copy_children(to, from, error);
    if (status) kr_settings_destroy(to);
    return status;
}

void kr_settings_destroy(kr_settings *settings) {
    if (settings->values)
        for (const kr_parameter *row = settings->about->parameters; row && row->name; row++) {
            if (row->type == KR_TEXT) free(*(char **)member(settings, row));
            if (row->type == KR_LIST) free(((kr_list *)member(settings, row))->value);
        }
    kr_settings_remove_children(settings, NULL);
    free(settings->values);
    *settings = (kr_settings){0};
}

static bool same_text(const char *a, const char *b) {
    return a && b ? !strcmp(a, b) : a == b;
}

/* Numbers bit by bit, so that NAN, which stands for "not given", is the same as NAN. */
static bool same_value(const kr_parameter *row, const void *a, const void *b) {
    switch (row->type) {
    case KR_NUMBER: return !memcmp(a, b, sizeof(double));
    case KR_INTEGER: return !memcmp(a, b, sizeof(int64_t));
    case KR_NATURAL: return !memcmp(a, b, sizeof(uint64_t));
    case KR_SWITCH: return !memcmp(a, b, sizeof(bool));
    case KR_CHOICE: return !memcmp(a, b, sizeof(int));
    case KR_TEXT: return same_text(*(char *const *)a, *(char *const *)b);
    case KR_LIST: {
        const kr_list *left = a, *right = b;
        return left->count == right->count &&
               (!left->count || !memcmp(left->value, right->value, left->count * sizeof *left->value));
    }
    case KR_SCHEDULES: return true; /* children are compared by themselves */
    }
    return false;
}

bool kr_settings_equal(const kr_settings *a, const kr_settings *b) {
    if (a->about != b->about) return false;
    for (const kr_parameter *row = a->about->parameters; row && row->name; row++)
        if (!same_value(row, (const char *)a->values + row->offset, (const char *)b->values + row->offset)) return false;
    return kr_settings_children_equal(a, b);
}

/* ---- children ---- */

kr_settings *kr_settings_child(const kr_settings *settings, const kr_parameter *row, const kr_descriptor *about) {
    for (size_t i = 0; i < settings->child_count; i++) {
        kr_child *child = &settings->child[i];
        if (child->row == row && (row || child->settings.about == about)) return &child->settings;
    }
    return NULL;
}

/* A place for one more, empty. */
static kr_child *add(kr_settings *settings, const kr_parameter *row, kr_error *error) {
    kr_child *more = realloc(settings->child, (settings->child_count + 1) * sizeof *more);
    if (!more) {
        kr_fail(error, KR_NO_MEMORY, "not enough memory for the values of a section");
        return NULL;
    }
    settings->child = more;
    more += settings->child_count++;
    *more = (kr_child){.row = row};
    return more;
}

kr_status kr_settings_add_child(kr_settings *settings, const kr_parameter *row, const kr_descriptor *about, kr_settings **child,
                                kr_error *error) {
    kr_child *added = add(settings, row, error);
    kr_status status = added ? kr_settings_create(&added->settings, about, error) : KR_NO_MEMORY;
    if (added && status) settings->child_count--;
    if (!status) *child = &added->settings;
    return status;
}

void kr_settings_remove_children(kr_settings *settings, const kr_parameter *row) {
    size_t kept = 0;
    for (size_t i = 0; i < settings->child_count; i++) {
        if (row && settings->child[i].row != row)
            settings->child[kept++] = settings->child[i];
        else
            kr_settings_destroy(&settings->child[i].settings);
    }
    settings->child_count = kept;
    if (kept) return;
    free(settings->child);
    settings->child = NULL;
}

kr_status kr_settings_copy_children(kr_settings *to, const kr_settings *from, kr_error *error) {
    for (size_t i = 0; i < from->child_count; i++) {
        const kr_child *child = &from->child[i];
        const kr_parameter *row = child->row ? kr_parameter_find(to->about, child->row->name) : NULL;
        if (child->row && (!row || row->type != child->row->type)) continue;
        kr_child *added = add(to, row, error);
        kr_status status = added ? kr_settings_copy(&added->settings, &child->settings, error) : KR_NO_MEMORY;
        if (added && status) to->child_count--;
        if (status) return status;
    }
    return KR_OK;
}

bool kr_settings_children_equal(const kr_settings *a, const kr_settings *b) {
    if (a->child_count != b->child_count) return false;
    for (size_t i = 0; i < a->child_count; i++)
        if (a->child[i].row != b->child[i].row || !kr_settings_equal(&a->child[i].settings, &b->child[i].settings)) return false;
    return true;
}
