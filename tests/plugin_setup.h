/* For tests: plug-ins by name with parameters as text. */
#ifndef PLUGIN_SETUP_H
#define PLUGIN_SETUP_H

#include "assert_close.h"

#include <kramers/registry.h>

#include <stdio.h>
#include <string.h>

/* Stops the test with the message where something is refused. */
static inline void require(kr_status status, const kr_error *error) {
    if (status != KR_OK) fail_msg("%s", error->message);
}

static inline const kr_registry *best_registry(void) {
    const kr_registry *registry;
    kr_error error;
    require(kr_registry_find(NULL, &registry, &error), &error);
    return registry;
}

/* find_landscape(registry, name) and its like: fail the test where there is none. */
#define FIND_PLUGIN(kind)                                                                                                          \
    static inline const kr_##kind##_type *find_##kind(const kr_registry *registry, const char *name) {                             \
        const kr_##kind##_type *found;                                                                                             \
        kr_error error;                                                                                                            \
        if (kr_find_##kind(registry, name, &found, &error) != KR_OK) fail_msg("%s", error.message);                                \
        return found;                                                                                                              \
    }
FIND_PLUGIN(landscape)
FIND_PLUGIN(dynamics)
FIND_PLUGIN(noise)
FIND_PLUGIN(schedule)
FIND_PLUGIN(theory)

/* Sets parameters from "key=value key=value"; values have no spaces. */
static inline void set_all(kr_settings *settings, const char *text) {
    char copy[512], *rest = copy, *word;
    assert_true(strlen(text) < sizeof copy);
    strcpy(copy, text);
    while ((word = strtok_r(rest, " ", &rest))) {
        kr_error error;
        char *equal = strchr(word, '=');
        assert_non_null(equal);
        *equal = 0;
        const kr_parameter *parameter = kr_parameter_find(settings->about, word);
        if (!parameter) fail_msg("%s has no parameter %s", settings->about->name, word);
        if (kr_set_from_text(settings, parameter, equal + 1, &error) != KR_OK) fail_msg("%s", error.message);
    }
}

/* Settings of a plug-in with these parameters; destroy them with kr_settings_destroy. */
static inline kr_settings make_settings(const kr_descriptor *plugin, const char *text) {
    kr_settings settings;
    assert_int_equal(kr_settings_create(&settings, plugin, NULL), KR_OK);
    set_all(&settings, text);
    return settings;
}

#endif
