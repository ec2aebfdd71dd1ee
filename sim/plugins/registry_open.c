/* The registry with plug-ins from outside the tree: a copy of the built-in table whose lists have theirs added. */
#include "engine/registry_tables.h"
#include "plugin_file.h"

#include <stdlib.h>
#include <string.h>

typedef struct opened {
    kr_registry registry;      /* what callers see */
    kr_plugin_object *objects; /* [registry.plugin_count] */
    kr_plugin_file *files;
    const kr_descriptor **lists[KR_PLUGIN_KINDS];
} opened;

/* Name of a missing function that callers take for granted. NULL: all are there. */
static const char *missing_function(kr_plugin_kind kind, const kr_descriptor *about) {
    const kr_landscape_type *landscape = (const void *)about;
    const kr_noise_type *noise = (const void *)about;
    const kr_schedule_type *schedule = (const void *)about;
    const kr_observer_type *observer = (const void *)about;
    switch (kind) {
    case KR_PLUGIN_LANDSCAPE:
        if (!landscape->energy) return "energy";
        if (!landscape->gradient) return "gradient";
        if (landscape->separable ? !landscape->curvature : !landscape->hessian)
            return landscape->separable ? "curvature" : "hessian";
        return NULL;
    case KR_PLUGIN_DYNAMICS: return ((const kr_dynamics_type *)(const void *)about)->step ? NULL : "step";
    case KR_PLUGIN_NOISE:
        if (noise->is_zero) return NULL;
        return !noise->variance ? "variance" : !noise->add && !noise->by_coordinate ? "add" : NULL;
    case KR_PLUGIN_SCHEDULE: return !schedule->at ? "at" : kr_parameter_find(about, "lr") ? NULL : "parameter 'lr'";
    case KR_PLUGIN_THEORY: return ((const kr_theory_type *)(const void *)about)->predict ? NULL : "predict";
    case KR_PLUGIN_OBSERVER:
        if (observer->size < sizeof(kr_observer)) return "struct that begins with kr_observer (.size)";
        return observer->sample ? NULL : "sample";
    case KR_PLUGIN_KINDS: break;
    }
    return NULL;
}

/* What scenes, results and files have beside observers: an observer of this name would hide it. */
static bool is_reserved(const char *name) {
    static const char *const names[] = {"landscape", "dynamics", "noise",   "schedule", "ensemble", "escape", "trajectory", "keep",
                                        "driven",    "phases",   "compare", "lesson",   "kramers",  "mean",   NULL};
    for (size_t i = 0; names[i]; i++)
        if (!strcmp(names[i], name)) return true;
    return false;
}

static bool begins_with(const char *text, const char *name, char then) {
    size_t length = strlen(name);
    return !text || (!strncmp(text, name, length) && (text[length] == then || !then));
}

/* Its rows stand among those of the others, so that they begin with its name. */
static kr_status check_observer(const kr_observer_type *observer, const char *path, kr_error *error) {
    const char *name = observer->about.name;
    if (is_reserved(name))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "observer '%s' of plug-in %s has a name that scenes or results use already; give "
                       "its file another name.",
                       name, path);
    const kr_parameter *every = kr_parameter_find(&observer->about, "every");
    if (!every || every->type != KR_INTEGER)
        return kr_fail(error, KR_BAD_ARGUMENT, "observer '%s' of plug-in %s has no parameter 'every' (KR_OBSERVER_EVERY).", name,
                       path);
    if (observer->next && observer->sample_part)
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "observer '%s' of plug-in %s chooses its steps (next) and looks from inside the loop over them (sample_part); "
            "it can have one of the two.",
            name, path);
    for (const kr_result_row *row = observer->rows; row && row->name; row++)
        if (!begins_with(row->name, name, '.') || !begins_with(row->json.name, name, '.') ||
            !begins_with(row->hdf5.name, name, '/') || !begins_with(row->sweep.name, name, 0))
            return kr_fail(error, KR_BAD_ARGUMENT,
                           "row '%s' of observer '%s' of plug-in %s could be taken for another's: it is to be called '%s.WORD', "
                           "'%s/WORD' in files and '%s_WORD' in sweeps.",
                           row->name, name, path, name, name, name);
    return KR_OK;
}

/* about of the object's path is refused when it lacks something, or when its name is taken. */
static kr_status check_plugin(kr_plugin_kind kind, const kr_descriptor *about, const char *path, const kr_descriptor *const *taken,
                              size_t count, kr_error *error) {
    const char *singular = kr_plugin_kind_names[kind][0];
    const char *lacking = missing_function(kind, about);
    if (lacking) return kr_fail(error, KR_BAD_ARGUMENT, "%s '%s' of plug-in %s has no %s.", singular, about->name, path, lacking);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(taken[i]->name, about->name))
            return kr_fail(error, KR_BAD_ARGUMENT,
                           "there are two plug-ins called '%s' among the %s: %s cannot be loaded; give its file another name.",
                           about->name, kr_plugin_kind_names[kind][1], path);
    return kind == KR_PLUGIN_OBSERVER ? check_observer((const kr_observer_type *)(const void *)about, path, error) : KR_OK;
}

static size_t length_of(const kr_descriptor *const *list) {
    size_t count = 0;
    while (list && list[count]) count++;
    return count;
}

static kr_status merge(opened *o, kr_plugin_kind kind, const kr_registry *const *tables, kr_error *error) {
    const kr_descriptor *const *built_in = kr_registry_descriptors(&o->registry, kind);
    size_t count = length_of(built_in), most = count;
    for (size_t i = 0; i < o->registry.plugin_count; i++) most += length_of(kr_registry_descriptors(tables[i], kind));
    if (most == count) return KR_OK;
    size_t limit = kr_registry_limit(kind);
    if (most > limit)
        return kr_fail(error, KR_BAD_ARGUMENT, "there are %zu %s with those of the plug-ins; at most %zu can be.", most,
                       kr_plugin_kind_names[kind][1], limit);
    const kr_descriptor **list = o->lists[kind] = calloc(most + 1, sizeof *list);
    if (!list) return kr_fail(error, KR_NO_MEMORY, "no memory for the list of plug-ins.");
    memcpy(list, built_in, count * sizeof *list);
    for (size_t i = 0; i < o->registry.plugin_count; i++) {
        const kr_descriptor *const *more = kr_registry_descriptors(tables[i], kind);
        for (; more && *more; more++) {
            kr_status status = check_plugin(kind, *more, o->objects[i].path, list, count, error);
            if (status != KR_OK) return status;
            list[count++] = *more;
        }
    }
    kr_registry_sort(kind, list, count);
    kr_registry_set(&o->registry, kind, list);
    return KR_OK;
}

static kr_status open_files(opened *o, const char *const *files, size_t count, kr_error *error) {
    for (size_t i = 0; i < count; i++) {
        kr_plugin_object *object = &o->objects[o->registry.plugin_count];
        kr_status status = kr_plugin_object_open(object, files[i], error);
        if (status != KR_OK) return status;
        bool again = false;
        for (size_t j = 0; j < o->registry.plugin_count; j++) again = again || !strcmp(o->objects[j].path, object->path);
        if (again) {
            kr_plugin_object_close(object);
            continue;
        }
        kr_plugin_file *file = &o->files[o->registry.plugin_count++];
        file->path = object->path;
        file->name = strrchr(object->path, '/') + 1;
        memcpy(file->hash, object->hash, sizeof file->hash);
    }
    return KR_OK;
}

static kr_status merge_all(opened *o, kr_error *error) {
    const kr_registry **tables = calloc(o->registry.plugin_count + 1, sizeof *tables);
    if (!tables) return kr_fail(error, KR_NO_MEMORY, "no memory for the plug-ins.");
    kr_status status = KR_OK;
    for (size_t i = 0; i < o->registry.plugin_count && status == KR_OK; i++)
        status = kr_plugin_object_table(&o->objects[i], o->registry.isa, &tables[i], error);
    for (int kind = 0; kind < KR_PLUGIN_KINDS && status == KR_OK; kind++) status = merge(o, (kr_plugin_kind)kind, tables, error);
    free(tables);
    return status;
}

static void release(opened *o) {
    for (int kind = 0; kind < KR_PLUGIN_KINDS; kind++) free(o->lists[kind]);
    for (size_t i = 0; o->objects && i < o->registry.plugin_count; i++) kr_plugin_object_close(&o->objects[i]);
    free(o->objects);
    free(o->files);
    free(o);
}

kr_status kr_registry_open(const kr_registry **registry, const char *isa, const char *const *files, size_t count, kr_error *error) {
    const kr_registry *built_in;
    *registry = NULL;
    kr_status status = kr_registry_find(isa, &built_in, error);
    if (status != KR_OK) return status;
    opened *o = calloc(1, sizeof *o);
    if (o) {
        o->registry = *built_in;
        o->registry.plugins = o->files = calloc(count + 1, sizeof *o->files);
        o->objects = calloc(count + 1, sizeof *o->objects);
    }
    if (!o || !o->files || !o->objects)
        status = kr_fail(error, KR_NO_MEMORY, "no memory for the plug-ins.");
    else
        status = open_files(o, files, count, error);
    if (status == KR_OK) status = merge_all(o, error);
    if (status == KR_OK)
        *registry = &o->registry;
    else if (o)
        release(o);
    return status;
}

void kr_registry_close(const kr_registry *registry) {
    if (registry && registry->plugins) release((opened *)(uintptr_t)registry); /* it is the first member */
}
