/* One shared object with plug-ins: opened, checked and hashed. */
#ifndef KR_PLUGIN_FILE_H
#define KR_PLUGIN_FILE_H

#include <kramers/plugin_module.h>

typedef struct kr_plugin_object {
    void *handle; /* of the dynamic loader */
    const kr_plugin_module *module;
    char *path; /* absolute, without links; owned */
    char hash[KR_PLUGIN_HASH];
} kr_plugin_object;

/* KR_IO: there is no such file, or it is no shared object. KR_BAD_ARGUMENT: it is no plug-in, or one for another version. Its
 * constructors run, so nothing may come here that the user has not named. */
kr_status kr_plugin_object_open(kr_plugin_object *object, const char *file, kr_error *error);
void kr_plugin_object_close(kr_plugin_object *object);

/* The table whose plug-ins go with isa: that of the same name, else the baseline, which has the same bits. */
kr_status kr_plugin_object_table(const kr_plugin_object *object, const char *isa, const kr_registry **table, kr_error *error);

#endif
