#define _XOPEN_SOURCE 700 /* realpath */

#include "plugin_file.h"

#include <kramers/input_file.h>

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a of the file's bytes: distinguishes builds; it is no protection against a plug-in that was made to deceive. */
static kr_status hash_file(const char *path, char hash[KR_PLUGIN_HASH], kr_error *error) {
    FILE *file;
    kr_status status = kr_input_stream(path, &file, error);
    if (status != KR_OK) return kr_fail_at(error, status, "plug-in");
    uint64_t value = UINT64_C(14695981039346656037);
    unsigned char bytes[4096];
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, file)) > 0;)
        for (size_t i = 0; i < n; i++) value = (value ^ bytes[i]) * UINT64_C(1099511628211);
    int failed = ferror(file) ? errno : 0;
    fclose(file);
    if (failed) return kr_fail(error, KR_IO, "cannot read plug-in %s: %s.", path, kr_errno_text(failed));
    snprintf(hash, KR_PLUGIN_HASH, "%016" PRIx64, value);
    return KR_OK;
}

static kr_status check_module(const kr_plugin_object *object, kr_error *error) {
    const kr_plugin_module *module = object->module;
    if (module->interface != KR_PLUGIN_INTERFACE || module->layout != KR_PLUGIN_LAYOUT)
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "plug-in %s was built for another version of kramers (interface %u, layout %u; this is %s with %u, %u); build it "
            "again against this one.",
            object->path, module->interface, module->layout, KR_VERSION, KR_PLUGIN_INTERFACE, KR_PLUGIN_LAYOUT);
    if (strcmp(module->version, KR_VERSION) != 0)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "plug-in %s was built for kramers %.32s, this is %s; build it again against this one.", object->path,
                       module->version, KR_VERSION);
    return KR_OK;
}

static kr_status load(kr_plugin_object *object, kr_error *error) {
    object->handle = dlopen(object->path, RTLD_NOW | RTLD_LOCAL);
    if (!object->handle) return kr_fail(error, KR_IO, "cannot load plug-in %s: %.400s.", object->path, dlerror());
    object->module = dlsym(object->handle, "kr_plugin_exports");
    if (!object->module)
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "%s is a library without plug-ins of kramers: it has no 'kr_plugin_exports'. CMake's kramers_add_plugin makes one.",
            object->path);
    return check_module(object, error);
}

kr_status kr_plugin_object_open(kr_plugin_object *object, const char *file, kr_error *error) {
    *object = (kr_plugin_object){.path = realpath(file, NULL)};
    if (!object->path)
        return kr_fail(
            error, KR_IO,
            "cannot find plug-in %.300s: %s. Plug-ins are named by --plugin, by KRAMERS_PLUGINS in the environment and by "
            "the list 'plugins' of the user's kramers/config.yaml.",
            file, kr_errno_text(errno));
    kr_status status = hash_file(object->path, object->hash, error);
    if (status == KR_OK) status = load(object, error);
    if (status != KR_OK) kr_plugin_object_close(object);
    return status;
}

void kr_plugin_object_close(kr_plugin_object *object) {
    if (object->handle) dlclose(object->handle);
    free(object->path);
    *object = (kr_plugin_object){0};
}

kr_status kr_plugin_object_table(const kr_plugin_object *object, const char *isa, const kr_registry **table, kr_error *error) {
    *table = NULL;
    for (const kr_registry *one = object->module->tables; one->isa; one++) {
        if (!strcmp(one->isa, "baseline") && !*table) *table = one;
        if (!strcmp(one->isa, isa)) *table = one;
    }
    if (*table) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT, "plug-in %s was compiled neither for instruction set '%s' nor for 'baseline'.",
                   object->path, isa);
}
