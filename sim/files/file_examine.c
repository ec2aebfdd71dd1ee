#include "file_examine.h"

#include "h5md_names.h"
#include "hdf5/hdf5_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 20, PATH = 512, DEPTH_MOST = 32, OBJECTS_MOST = 1 << 20 };

/* ---- all objects ---- */

typedef struct seen_object {
    uint64_t identity;
    char *path;
} seen_object;

typedef struct visitor {
    kr_h5 *h5;
    kr_h5_visitor *visit;
    void (*lost)(void *, const char *);
    void *context;
    seen_object *seen;
    size_t count, capacity;
    const char *within;
    int depth;
    bool failed;
} visitor;

static uint64_t identity(const H5L_info_t *info) {
#if H5_VERSION_GE(1, 12, 0)
    uint64_t own;
    memcpy(&own, &info->u.token, sizeof own);
    return own;
#else
    return info->u.address;
#endif
}

static const char *seen_path(const visitor *v, uint64_t own) {
    for (size_t i = 0; i < v->count; i++)
        if (v->seen[i].identity == own) return v->seen[i].path;
    return NULL;
}

static bool remember(visitor *v, uint64_t own, const char *path) {
    if (v->count == v->capacity) {
        size_t capacity = v->capacity ? 2 * v->capacity : 64;
        seen_object *grown = capacity <= OBJECTS_MOST ? realloc(v->seen, capacity * sizeof *grown) : NULL;
        if (!grown) return false;
        v->seen = grown;
        v->capacity = capacity;
    }
    v->seen[v->count] = (seen_object){own, strdup(path)};
    return v->seen[v->count++].path != NULL;
}

static herr_t step(hid_t group, const char *name, const H5L_info_t *info, void *context);

static void visit_group(visitor *v, hid_t group, const char *path) {
    const char *before = v->within;
    hsize_t index = 0;
    v->within = path;
    v->depth++;
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &index, step, v) < 0) v->lost(v->context, path);
    v->depth--;
    v->within = before;
}

static herr_t step(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    visitor *v = context;
    char path[PATH];
    if (info->type != H5L_TYPE_HARD || v->failed) return 0;
    int length = snprintf(path, sizeof path, "%s/%s", v->within, name);
    if (length < 0 || length >= PATH || v->depth > DEPTH_MOST || !strcmp(path, KR_CHECKSUM_GROUP)) return 0;
    const char *same = seen_path(v, identity(info));
    if (!same) v->failed = !remember(v, identity(info), path);
    hid_t object = H5Oopen(group, name, v->h5->inside);
    if (object < 0) {
        v->lost(v->context, path);
        return 0;
    }
    v->visit(v->context, object, path, same);
    if (!same && H5Iget_type(object) == H5I_GROUP) visit_group(v, object, path);
    H5Oclose(object);
    return 0;
}

bool kr_h5_visit(kr_h5 *h5, kr_h5_visitor *visit, void (*lost)(void *, const char *), void *context) {
    visitor v = {.h5 = h5, .visit = visit, .lost = lost, .context = context, .within = ""};
    hid_t root = H5Oopen(h5->file, "/", h5->inside);
    if (root >= 0)
        visit_group(&v, root, "");
    else
        lost(context, "/");
    kr_h5_close(root);
    for (size_t i = 0; i < v.count; i++) free(v.seen[i].path);
    free(v.seen);
    return !v.failed;
}

/* ---- rows ---- */

bool kr_h5_raw_rows(hid_t set, hid_t type, uint64_t first, uint64_t count, void *rows, bool write) {
    hsize_t size[KR_H5_RANK] = {0}, begin[KR_H5_RANK] = {first};
    hid_t space = H5Dget_space(set);
    int rank = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    bool good = rank >= 0 && rank <= KR_H5_RANK;
    hid_t memory = H5S_ALL, part = H5S_ALL;
    if (good && rank > 0) {
        H5Sget_simple_extent_dims(space, size, NULL);
        size[0] = count;
        memory = H5Screate_simple(rank, size, NULL);
        part = space;
        good = memory >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, size, NULL) >= 0;
    }
    if (good)
        good = (write ? H5Dwrite(set, type, memory, part, H5P_DEFAULT, rows)
                      : H5Dread(set, type, memory, part, H5P_DEFAULT, rows)) >= 0;
    if (memory != H5S_ALL) kr_h5_close(memory);
    kr_h5_close(space);
    return good;
}

static void forget_rows(hid_t type, uint64_t values, void *rows) {
    hsize_t size = values;
    hid_t space = H5Screate_simple(1, &size, NULL);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, rows);
    kr_h5_close(space);
}

typedef struct examination {
    kr_h5 *h5;
    kr_store *store;
    kr_examined *examined;
    bool failed;
} examination;

typedef struct rows_of {
    hid_t set, type;
    void *bytes;
    uint64_t values; /* of a row */
    bool variable;
    kr_store *store;
    kr_examined_set *found;
} rows_of;

static bool are_whole(const rows_of *r, uint64_t first, uint64_t count) {
    kr_store_damage_met(r->store);
    if (r->variable) memset(r->bytes, 0, (size_t)(count * r->values) * H5Tget_size(r->type));
    bool read = kr_h5_raw_rows(r->set, r->type, first, count, r->bytes, false);
    if (r->variable) forget_rows(r->type, count * r->values, r->bytes);
    return !kr_store_damage_met(r->store) && read;
}

static void look_at(const rows_of *r, uint64_t first, uint64_t count) {
    if (!count || are_whole(r, first, count)) return;
    if (count > 1) {
        look_at(r, first, count / 2);
        look_at(r, first + count / 2, count - count / 2);
        return;
    }
    if (!r->found->damaged++) r->found->whole = first;
}

static void examine_rows(examination *e, const char *path, kr_examined_set *found) {
    kr_h5 own = *e->h5;
    kr_error ignored;
    kr_h5_about about;
    own.error = &ignored;
    bool there = kr_h5_describe(&own, path, &about);
    hid_t set = there ? kr_h5_open_set(&own, path) : H5I_INVALID_HID, type = set >= 0 ? H5Dget_type(set) : H5I_INVALID_HID;
    hid_t plan = set >= 0 ? H5Dget_create_plist(set) : H5I_INVALID_HID;
    bool variable = type >= 0 && H5Tis_variable_str(type) > 0; /* lies elsewhere in the file */
    there = type >= 0 && (variable || kr_h5_holds_its_values(&about));
    found->rows = there && about.rank > 0 ? about.size[0] : 1;
    found->whole = found->rows;
    found->series = plan >= 0 && H5Pget_layout(plan) == H5D_CHUNKED;
    uint64_t values = there && found->rows ? about.count / found->rows : 0, bytes = values * (there ? about.bytes : 0);
    uint64_t piece = bytes && bytes < PIECE ? PIECE / bytes : 1;
    rows_of r = {set, type, NULL, values, variable, e->store, found};
    if (!there) {
        found->whole = 0;
        found->damaged = found->rows;
    } else if (bytes && !(r.bytes = malloc((size_t)(piece * bytes)))) {
        e->failed = true;
    }
    for (uint64_t row = 0; r.bytes && row < found->rows; row += piece)
        look_at(&r, row, found->rows - row < piece ? found->rows - row : piece);
    free(r.bytes);
    kr_h5_close(plan);
    kr_h5_close(type);
    kr_h5_close(set);
}

static void examine_object(void *context, hid_t object, const char *path, const char *same) {
    examination *e = context;
    kr_examined *list = e->examined;
    /* Slots of checkpoints have checksums of their own. */
    if (same || H5Iget_type(object) != H5I_DATASET || strstr(path, "/checkpoint/slot_")) return;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        kr_examined_set *grown = realloc(list->set, capacity * sizeof *grown);
        e->failed = e->failed || !grown;
        if (!grown) return;
        list->set = grown;
        list->capacity = capacity;
    }
    kr_examined_set *found = &list->set[list->count];
    *found = (kr_examined_set){.path = strdup(path)};
    e->failed = e->failed || !found->path;
    if (!found->path) return;
    list->count++;
    examine_rows(e, path, found);
}

static void lose(void *context, const char *path) {
    kr_examined *list = ((examination *)context)->examined;
    if (!list->lost++) snprintf(list->lost_first, sizeof list->lost_first, "%s", *path ? path : "/");
}

bool kr_examine(kr_h5 *h5, kr_store *store, kr_examined *examined) {
    examination e = {h5, store, examined, false};
    *examined = (kr_examined){.count = 0};
    return kr_h5_visit(h5, examine_object, lose, &e) && !e.failed;
}

void kr_examined_destroy(kr_examined *examined) {
    for (size_t i = 0; i < examined->count; i++) free(examined->set[i].path);
    free(examined->set);
    *examined = (kr_examined){.count = 0};
}

const kr_examined_set *kr_examined_find(const kr_examined *examined, const char *path) {
    for (size_t i = 0; i < examined->count; i++)
        if (!strcmp(examined->set[i].path, path)) return &examined->set[i];
    return NULL;
}
