/* Controls of single parameters, and their values as text for --set. */
#include "controls_panel.h"

#include <kramers/number_text.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void append(char *text, size_t size, const char *format, ...) {
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    if (used + 1 < size) vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

/* In double quotes: whatever is typed stays text. */
static void quote(const char *value, char *text, size_t size) {
    append(text, size, "\"");
    for (; *value; value++) append(text, size, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
    append(text, size, "\"");
}

void kr_controls_yaml(const kr_parameter *row, const char *value, char *text, size_t size) {
    text[0] = 0;
    if (row->type == KR_TEXT)
        quote(value, text, size);
    else if (row->type == KR_LIST && strchr(value, ',') && !strchr(value, '['))
        append(text, size, "[%s]", value);
    else
        append(text, size, "%s", value);
}

void kr_controls_parameter(kr_controls_panel *panel, const char *key, kr_settings *settings, const kr_parameter *row) {
    char identity[KR_IDENTITY], value[KR_CONTROLS_TEXT], yaml[KR_CONTROLS_TEXT], text[KR_CONTROLS_TEXT + 160];
    snprintf(identity, sizeof identity, "controls.%s", key);
    bool tall = row->type == KR_NUMBER || row->type == KR_INTEGER;
    kr_rectangle area = kr_controls_place(panel, tall ? 1.05 : 0.95);
    if (kr_parameter_control(panel->frame->widgets, identity, area, settings, row, value, sizeof value)) {
        kr_controls_yaml(row, value, yaml, sizeof yaml);
        snprintf(text, sizeof text, "set %s=%s", key, yaml);
        kr_set_from_text(settings, row, value, NULL);
        kr_controls_send(panel, identity, text);
    }
    kr_controls_after(panel, identity, area);
}

void kr_controls_parameters(kr_controls_panel *panel, const char *prefix, kr_settings *settings) {
    char key[128];
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++) {
        snprintf(key, sizeof key, "%s.%s", prefix, row->name);
        kr_controls_parameter(panel, key, settings, row);
    }
}

static void append_value(const kr_settings *settings, const kr_parameter *row, char *text, size_t size) {
    const void *at = (const char *)settings->values + row->offset;
    char number[KR_NUMBER_TEXT];
    const kr_list *list = at;
    char *const *words = at;
    switch (row->type) {
    case KR_SWITCH: append(text, size, kr_get_number(settings, row) != 0 ? "true" : "false"); break;
    case KR_CHOICE: append(text, size, "%s", row->choices[(int)kr_get_number(settings, row)]); break;
    case KR_TEXT: quote(*words ? *words : "", text, size); break;
    case KR_NUMBER:
    case KR_INTEGER: append(text, size, "%s", kr_number_text(kr_get_number(settings, row), number)); break;
    case KR_LIST:
        append(text, size, "[");
        for (size_t i = 0; i < list->count; i++) append(text, size, "%s%s", i ? ", " : "", kr_number_text(list->value[i], number));
        append(text, size, "]");
        break;
    }
}

void kr_controls_write(const kr_settings *settings, char *text, size_t size) {
    text[0] = 0;
    append(text, size, "{name: %s", settings->about->name);
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++) {
        if (row->type == KR_NUMBER && !isfinite(kr_get_number(settings, row))) continue; /* not given */
        append(text, size, ", %s: ", row->name);
        append_value(settings, row, text, size);
    }
    append(text, size, "}");
}

const char *const *kr_controls_names(kr_controls_panel *panel, kr_controls_menu menu, const void *list, const char *first) {
    const char **names = panel->names[menu];
    size_t count = 0;
    if (first) names[count++] = first;
    for (const kr_descriptor *const *about = list; *about && count < KR_CONTROLS_NAMES; about++) names[count++] = (*about)->name;
    names[count] = NULL;
    return names;
}
