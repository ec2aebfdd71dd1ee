/* The scene of a file stands in it twice: as the text that a resumed run is made of, and as attributes that say what the run was
 * made of. Only kramers writes both; a text that was changed afterwards no longer fits what was measured. */
#include "h5md.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE = 128, TEXT_MOST = 60000 };

static bool same_number(double a, double b) {
    return a == b || (a != a && b != b);
}

static bool same_text(kr_h5 *h5, const char *place, const char *name, const char *said) {
    char *text = kr_h5_read_text_attribute(h5, place, name, TEXT_MOST);
    bool same = text && !strcmp(text, said ? said : "");
    free(text);
    return same;
}

/* Of an attribute that is there. Lists are not compared: an attribute holds only short ones. */
static bool same(kr_h5 *h5, const char *place, const kr_settings *settings, const kr_parameter *row) {
    kr_parameter_value value = kr_get_value(settings, row);
    double number;
    int64_t integer;
    uint64_t natural;
    switch (value.type) {
    case KR_NUMBER: return kr_h5_read_attribute(h5, place, row->name, KR_H5_DOUBLE, &number) && same_number(number, value.number);
    case KR_INTEGER: return kr_h5_read_attribute(h5, place, row->name, KR_H5_INT64, &integer) && integer == value.integer;
    case KR_NATURAL: /* written as a signed number where it is one */
        if (value.natural > INT64_MAX)
            return kr_h5_read_attribute(h5, place, row->name, KR_H5_UINT64, &natural) && natural == value.natural;
        return kr_h5_read_attribute(h5, place, row->name, KR_H5_INT64, &integer) && (uint64_t)integer == value.natural;
    case KR_SWITCH: return kr_h5_read_attribute(h5, place, row->name, KR_H5_INT64, &integer) && (integer != 0) == value.on;
    case KR_CHOICE: return same_text(h5, place, row->name, row->choices[value.choice]);
    case KR_TEXT: return same_text(h5, place, row->name, value.text);
    case KR_LIST:
    case KR_SCHEDULES: break;
    }
    return true;
}

static void check(kr_h5 *h5, const char *section, const kr_settings *settings, bool named) {
    char place[PLACE];
    snprintf(place, sizeof place, "/parameters/kramers/%s", section);
    if (!kr_h5_good(h5) || !kr_h5_exists(h5, place)) return;
    if (named && kr_h5_has_attribute(h5, place, "name") && !same_text(h5, place, "name", settings->about->name) && kr_h5_good(h5))
        kr_h5_refuse(h5, place, "has another name than in the scene that is beside it: one of them was changed");
    for (const kr_parameter *row = settings->about->parameters; row && row->name && kr_h5_good(h5); row++) {
        if (!kr_h5_has_attribute(h5, place, row->name) || same(h5, place, settings, row) || !kr_h5_good(h5)) continue;
        char name[2 * PLACE];
        snprintf(name, sizeof name, "%s: %s", place, row->name);
        kr_h5_refuse(h5, name, "is not what the scene beside it says: one of them was changed");
    }
}

void kr_h5md_check_scene(kr_h5 *h5, const kr_scene *scene) {
    check(h5, "landscape", &scene->landscape, true);
    check(h5, "dynamics", &scene->dynamics, true);
    check(h5, "noise", &scene->noise, true);
    check(h5, "schedule", &scene->schedule, true);
    check(h5, "ensemble", &scene->ensemble, false);
}
