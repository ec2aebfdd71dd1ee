/* Which shared objects with plug-ins the user wants: those of the command line (--plugin), of the environment variable
 * KRAMERS_PLUGINS (separated by colons), and of the list `plugins` in $XDG_CONFIG_HOME/kramers/config.yaml (~/.config where the
 * variable is not set; relative paths begin beside that file). A scene or a data file can never name one.
 *
 *     kr_plugin_paths_find(&paths, NULL, 0, &error);
 *     kr_registry_open(&registry, NULL, (const char *const *)paths.path, paths.count, &error);
 */
#ifndef KRAMERS_PLUGIN_PATHS_H
#define KRAMERS_PLUGIN_PATHS_H

#include <kramers/status.h>

#include <stddef.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_plugin_paths {
    char **path; /* [count]; owned */
    size_t count;
} kr_plugin_paths;

/* given[count] come first. */
KR_API kr_status kr_plugin_paths_find(kr_plugin_paths *paths, const char *const *given, size_t count, kr_error *error);
KR_API void kr_plugin_paths_destroy(kr_plugin_paths *paths);

KR_END_DECLARATIONS

#endif
