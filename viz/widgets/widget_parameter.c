/* The control of a parameter, chosen by its descriptor. */
#include "widget_parts.h"

#include <kramers/number_text.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Checks try the value on a copy of the settings: the same rules and the same words as for a scene file. */
typedef struct trial {
    kr_settings *settings;
    const kr_parameter *parameter;
    kr_error error;
} trial;

static const char *check_text(const void *context, const char *text) {
    trial *attempt = (trial *)(uintptr_t)context; /* its message is written here */
    kr_settings copy;
    if (kr_settings_copy(&copy, attempt->settings, &attempt->error)) return attempt->error.message;
    kr_status status = kr_set_from_text(&copy, attempt->parameter, text, &attempt->error);
    kr_settings_destroy(&copy);
    return status ? attempt->error.message : NULL;
}

static const char *check_number(const void *context, double value) {
    trial *attempt = (trial *)(uintptr_t)context;
    kr_settings copy;
    if (kr_settings_copy(&copy, attempt->settings, &attempt->error)) return attempt->error.message;
    kr_status status = kr_set_number(&copy, attempt->parameter, value, &attempt->error);
    kr_settings_destroy(&copy);
    return status ? attempt->error.message : NULL;
}

static bool limited(const kr_parameter *parameter) {
    return parameter->minimum != 0 || parameter->maximum != 0;
}

/* The nearest 1, 2 or 5 times a power of ten, downwards or upwards. */
static double round_down(double value) {
    double power = pow(10, floor(log10(value) + 1e-9)), mantissa = value / power;
    return (mantissa >= 4.9999 ? 5 : mantissa >= 1.9999 ? 2 : 1) * power;
}

static double round_up(double value) {
    double down = round_down(value);
    if (down >= value * (1 - 1e-9)) return down;
    double up = round_down(down * 2.5);
    return up >= value ? up : down * 2;
}

/* Value of the parameter that this one is named after, as lr_min after lr, and so its order of magnitude; NAN: none. */
static double value_of_namesake(const kr_settings *settings, const kr_parameter *parameter) {
    for (const kr_parameter *row = settings->about->parameters; row->name; row++) {
        size_t length = strlen(row->name);
        if (row->type == parameter->type && !strncmp(row->name, parameter->name, length) && parameter->name[length] == '_')
            return kr_get_number(settings, row);
    }
    return NAN;
}

/* Ends of the slider. Limits that are narrow are the ends; wide ones (a range from 0 to 1e300 is no use on a track) give way to the
 * surroundings of the default and of the present value. They depend on the value, so a drag keeps those that it began with. */
static void choose_ends(kr_slider_rules *rules, const kr_settings *settings, const kr_parameter *parameter, double value) {
    double low = limited(parameter) ? parameter->minimum : -INFINITY, high = limited(parameter) ? parameter->maximum : INFINITY;
    double initial = isfinite(parameter->initial) ? parameter->initial : 0, now = isfinite(value) ? value : initial;
    double size = fmax(fabs(initial), 0);
    double namesake = value_of_namesake(settings, parameter);
    if (rules->logarithmic && initial == 0 && namesake > 0 && now <= namesake) {
        rules->low = fmax(low, 1e-4 * namesake);
        rules->high = fmin(high, namesake);
    } else if (rules->logarithmic) {
        double anchor = initial > 0 ? initial : now > 0 ? now : low > 0 && isfinite(low) ? low : 1;
        double least = round_down(anchor * 1e-2), most = round_up(anchor * 1e2);
        if (now > 0 && now < least) least = round_down(now * 0.1);
        if (now > most) most = round_up(now * 10);
        rules->low = low > 0 && low >= least * 0.1 ? low : fmax(least, low);
        rules->high = isfinite(high) && high <= most * 10 ? high : fmin(most, high);
    } else {
        double reach = size > 0 ? 4 * size : 1;
        bool steps = parameter->unit && !strcmp(parameter->unit, "steps"); /* of which there are many */
        if (rules->integer) reach = fmax(reach, steps ? 1000 : 10);
        bool narrow = isfinite(low) && isfinite(high) && high - low <= fmax(20 * reach, 2);
        if (narrow) {
            rules->low = low;
            rules->high = high;
        } else {
            double most = round_up(fmax(reach, now > reach ? 2 * now : 0)), least = low >= 0 ? 0 : -most;
            if (now < least) least = -round_up(-2 * now);
            rules->low = isfinite(low) && (low >= 0 ? low <= now : true) && low >= least ? low : least;
            rules->high = fmin(most, high);
        }
    }
    if (rules->integer) {
        rules->low = ceil(rules->low);
        rules->high = floor(rules->high);
    } else {
        /* An end that is itself not allowed is left alone by a thousandth of the track. */
        double inset = 1e-3 * (rules->high - rules->low);
        if (parameter->flags & KR_ABOVE_MINIMUM && rules->low <= low) rules->low = low + inset;
        if (parameter->flags & KR_BELOW_MAXIMUM && rules->high >= high) rules->high = high - inset;
    }
    if (rules->logarithmic && !(rules->low > 0)) rules->low = rules->high * 1e-6;
    if (!(rules->high > rules->low)) rules->high = rules->low + 1;
}

static bool slider_for(kr_widgets *widgets, const char *identity, kr_rectangle area, trial *attempt, const char *label,
                       const char *tip) {
    const kr_parameter *parameter = attempt->parameter;
    kr_widget_state *state = &widgets->state;
    double value = kr_get_number(attempt->settings, parameter);
    kr_slider_rules rules = {.reset = parameter->flags & KR_REQUIRED || !isfinite(parameter->initial) ? NAN : parameter->initial,
                             .logarithmic = (parameter->flags & KR_LOG_SCALE) && !(parameter->minimum < 0),
                             .integer = parameter->type == KR_INTEGER || parameter->type == KR_NATURAL,
                             .check = check_number,
                             .context = attempt};
    if (widgets->active[0] && kr_widget_is(widgets->active, identity)) {
        rules.low = state->drag_low;
        rules.high = state->drag_high;
    } else {
        choose_ends(&rules, attempt->settings, parameter, value);
    }
    /* Remembered when the mouse takes hold of the slider below. */
    double low = rules.low, high = rules.high, next = value;
    bool was_active = widgets->active[0];
    bool changed = kr_slider_with_rules(widgets, identity, area, label, &next, &rules, tip);
    if (!was_active && widgets->active[0] && kr_widget_is(widgets->active, identity)) {
        state->drag_low = low;
        state->drag_high = high;
    }
    return changed && kr_set_number(attempt->settings, parameter, next, NULL) == KR_OK;
}

static void list_text(const kr_list *list, char *text, size_t size) {
    char number[KR_NUMBER_TEXT];
    if (list->count == 1) {
        snprintf(text, size, "%s", kr_number_text(list->value[0], number));
        return;
    }
    size_t used = (size_t)snprintf(text, size, "[");
    for (size_t i = 0; i < list->count && used + 2 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", kr_number_text(list->value[i], number));
    if (used + 1 < size) snprintf(text + used, size - used, "]");
}

static bool field_for(kr_widgets *widgets, const char *identity, kr_rectangle area, trial *attempt, const char *label,
                      const char *tip) {
    const kr_parameter *parameter = attempt->parameter;
    const char *at = (const char *)attempt->settings->values + parameter->offset;
    char shown[4096] = "", before[4096];
    if (parameter->type == KR_LIST) {
        kr_list list;
        memcpy(&list, at, sizeof list);
        list_text(&list, shown, sizeof shown);
    } else {
        char *value;
        memcpy(&value, at, sizeof value);
        snprintf(shown, sizeof shown, "%s", value ? value : "");
    }
    memcpy(before, shown, sizeof before);
    /* What is longer than can be typed would be cut off by editing it. */
    bool was_disabled = widgets->disabled;
    if (strlen(shown) >= sizeof widgets->edit_text) widgets->disabled = true;
    bool finished = kr_field_with_check(widgets, identity, area, label, shown, sizeof shown, tip, check_text, attempt);
    widgets->disabled = was_disabled;
    return finished && strcmp(shown, before) != 0 && kr_set_from_text(attempt->settings, parameter, shown, NULL) == KR_OK;
}

/* Doc line, formula's symbol, range, default. Kept where it outlives the frame only for the control that will show it. */
static const char *tip_for(kr_widgets *widgets, const char *identity, const kr_parameter *parameter) {
    kr_widget_state *state = &widgets->state;
    char range[160], number[64];
    if (!kr_widget_is(state->hovered, identity) && !kr_widget_is(widgets->focus, identity)) return parameter->doc;
    int used = snprintf(state->tip_text, sizeof state->tip_text, "%s", parameter->doc ? parameter->doc : parameter->name);
    bool number_like = parameter->type == KR_NUMBER || parameter->type == KR_INTEGER || parameter->type == KR_NATURAL ||
                       parameter->type == KR_LIST;
    if (number_like && limited(parameter) && used > 0 && (size_t)used < sizeof state->tip_text)
        used += snprintf(state->tip_text + used, sizeof state->tip_text - (size_t)used, "\n%s",
                         kr_parameter_range(parameter, range, sizeof range));
    if (number_like && isfinite(parameter->initial) && !(parameter->flags & KR_REQUIRED) && used > 0 &&
        (size_t)used < sizeof state->tip_text)
        snprintf(state->tip_text + used, sizeof state->tip_text - (size_t)used, "\ndefault %s",
                 kr_text_number(parameter->initial, 6, number, sizeof number));
    return state->tip_text;
}

/* An index in subscripts, of which not all letters have one; false: this one cannot be written. */
static bool index_text(const char *index, char *text, size_t size) {
    static const char *const small[][2] = {
        {"a", "\xe2\x82\x90"}, {"e", "\xe2\x82\x91"}, {"i", "\xe1\xb5\xa2"}, {"m", "\xe2\x82\x98"}, {"n", "\xe2\x82\x99"},
        {"o", "\xe2\x82\x92"}, {"x", "\xe2\x82\x93"}, {"0", "\xe2\x82\x80"}, {"1", "\xe2\x82\x81"}, {"2", "\xe2\x82\x82"}};
    enum { SMALL = sizeof small / sizeof *small };
    size_t used = 0;
    if (size) *text = '\0';
    for (; *index; index++) {
        size_t k = 0;
        while (k < SMALL && small[k][0][0] != *index) k++;
        if (k == SMALL || used + 4 > size) return false;
        used += (size_t)snprintf(text + used, size - used, "%s", small[k][1]);
    }
    return true;
}

/* Symbols are written as in ASCII formulas, "eta_min": Greek letters by their names, the rest of it as an index. */
void kr_symbol_text(const char *symbol, char *text, size_t size) {
    static const char *const letters[][2] = {
        {"alpha", "\xce\xb1"}, {"beta", "\xce\xb2"},  {"gamma", "\xce\xb3"}, {"delta", "\xce\xb4"},  {"epsilon", "\xce\xb5"},
        {"eta", "\xce\xb7"},   {"theta", "\xce\xb8"}, {"kappa", "\xce\xba"}, {"lambda", "\xce\xbb"}, {"mu", "\xce\xbc"},
        {"rho", "\xcf\x81"},   {"sigma", "\xcf\x83"}, {"tau", "\xcf\x84"},   {"phi", "\xcf\x86"},    {"omega", "\xcf\x89"}};
    size_t stem = strcspn(symbol, "_0123456789");
    const char *letter = NULL;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (strlen(letters[i][0]) == stem && strncmp(symbol, letters[i][0], stem) == 0) letter = letters[i][1];
    char index[64] = "", plain[64];
    snprintf(plain, sizeof plain, "%.*s", (int)stem, symbol);
    bool indexed = symbol[stem] == '_';
    if (indexed && !index_text(symbol + stem + 1, index, sizeof index)) indexed = false;
    snprintf(text, size, "%s%s", letter ? letter : plain, indexed ? index : symbol + stem);
}

void kr_parameter_label(const kr_parameter *parameter, char *label, size_t size) {
    snprintf(label, size, "%s", parameter->name);
    for (char *at = label; *at; at++)
        if (*at == '_') *at = ' ';
    char symbol[64] = "";
    if (parameter->symbol) kr_symbol_text(parameter->symbol, symbol, sizeof symbol);
    const char *point = strrchr(parameter->name, '.'); /* in a sum of noise models: the model's name is before it */
    if (strchr(symbol, '_')) symbol[0] = '\0';         /* the name in words says it better */
    if (symbol[0] && strcmp(symbol, point ? point + 1 : parameter->name) != 0)
        snprintf(label + strlen(label), size - strlen(label), "  %s", symbol);
    if (parameter->unit && strcmp(parameter->unit, point ? point + 1 : parameter->name) != 0) /* no "steps (steps)" */
        snprintf(label + strlen(label), size - strlen(label), " (%s)", parameter->unit);
}

bool kr_parameter_control(kr_widgets *widgets, const char *identity, kr_rectangle area, kr_settings *settings,
                          const kr_parameter *parameter) {
    trial attempt = {.settings = settings, .parameter = parameter};
    char label[160];
    const char *tip = tip_for(widgets, identity, parameter);
    kr_parameter_label(parameter, label, sizeof label);
    switch (parameter->type) {
    case KR_NUMBER:
    case KR_INTEGER:
    case KR_NATURAL: return slider_for(widgets, identity, area, &attempt, label, tip);
    case KR_SWITCH: {
        bool on = kr_get_number(settings, parameter) != 0;
        return kr_switch(widgets, identity, area, label, &on, tip) && kr_set_switch(settings, parameter, on, NULL) == KR_OK;
    }
    case KR_CHOICE: {
        int chosen = (int)kr_get_number(settings, parameter);
        return kr_menu(widgets, identity, area, label, parameter->choices, &chosen, tip) &&
               kr_set_text(settings, parameter, parameter->choices[chosen], NULL) == KR_OK;
    }
    case KR_TEXT:
    case KR_LIST: return field_for(widgets, identity, area, &attempt, label, tip);
    case KR_SCHEDULES: break; /* they have controls of their own */
    }
    return false;
}
