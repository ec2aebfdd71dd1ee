/* A landscape made from its name and parameters as a person types them, for tests. */
#ifndef LANDSCAPE_FIXTURE_H
#define LANDSCAPE_FIXTURE_H

#include "assert_close.h"

#include <kramers/registry.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_FILE KR_SOURCE_DIRECTORY "/data/digits_three_minima.h5"

typedef struct fixture {
    kr_settings settings;
    kr_landscape landscape;
} fixture;

static inline const kr_landscape_type *landscape_type(const char *name) {
    const kr_registry *registry;
    kr_error error;
    if (kr_registry_find(NULL, &registry, &error) != KR_OK) fail_msg("%s", error.message);
    for (const kr_landscape_type *const *type = registry->landscapes; *type; type++)
        if (strcmp((*type)->about.name, name) == 0) return *type;
    fail_msg("there is no landscape %s", name);
    return NULL;
}

/* options: "tilt=0.25 dim=3"; no blanks in values. */
static inline kr_status fixture_try(fixture *f, const kr_landscape_type *type, double weight_decay, const char *options,
                                    kr_error *error) {
    char text[1024], *rest = text;
    snprintf(text, sizeof text, "%s", options);
    *f = (fixture){.settings = {.about = NULL}};
    kr_status status = kr_settings_create(&f->settings, &type->about, error);
    for (char *word; status == KR_OK && (word = strtok_r(rest, " ", &rest));) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        status = kr_set_from_text(&f->settings, kr_parameter_find(&type->about, word), value, error);
    }
    if (status == KR_OK) status = kr_settings_specialise(&f->settings, NULL, error);
    const kr_landscape_type *special = (const kr_landscape_type *)f->settings.about;
    if (status == KR_OK) status = kr_landscape_create(&f->landscape, special, f->settings.values, NULL, weight_decay, error);
    return status;
}

static inline fixture fixture_open(const char *name, double weight_decay, const char *options) {
    fixture f;
    kr_error error;
    if (fixture_try(&f, landscape_type(name), weight_decay, options, &error) != KR_OK) fail_msg("%s", error.message);
    return f;
}

static inline void fixture_close(fixture *f) {
    if (f->landscape.type) kr_landscape_destroy(&f->landscape);
    if (f->settings.about) kr_settings_destroy(&f->settings);
}

#endif
