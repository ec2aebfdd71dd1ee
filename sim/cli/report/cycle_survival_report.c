/* Escape cycle by cycle, for people and as JSON. */
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const char name[] = "schedule_survival",
                  reference[] =
                      "density of the discrete-time chain propagated step by step (Nystrom); adiabatic: sum of exact rates";

static void add(json_object *object, const char *key, double value) {
    if (isfinite(value)) json_object_object_add(object, key, kr_json_number(value));
}

static void add_text(json_object *object, const char *key, const char *value) {
    if (value[0]) json_object_object_add(object, key, json_object_new_string(value));
}

json_object *kr_json_cycle_survival(const kr_cycle_survival *cycles) {
    json_object *object = json_object_new_object(), *rows = json_object_new_array();
    bool applies = !cycles->chain_why[0] || !cycles->adiabatic_why[0];
    add_text(object, "name", name);
    add_text(object, "reference", reference);
    json_object_object_add(object, "applies", json_object_new_boolean(applies));
    if (!applies) {
        add_text(object, "why", cycles->chain_why);
        return object;
    }
    add_text(object, "chain_why", cycles->chain_why);
    add_text(object, "adiabatic_why", cycles->adiabatic_why);
    if (!cycles->chain_why[0]) add(object, "accuracy", cycles->chain_accuracy);
    add(object, "learning_rate_half", cycles->half_rate);
    add_text(object, "learning_rate_half_why", cycles->half_why);
    for (size_t i = 0; i < cycles->count; i++) {
        const kr_cycle *c = &cycles->cycle[i];
        json_object *row = json_object_new_object();
        json_object_object_add(row, "first_step", json_object_new_uint64(c->first));
        json_object_object_add(row, "steps", json_object_new_uint64(c->steps));
        add(row, "learning_rate", c->highest);
        add(row, "escape_chain", c->chain);
        add(row, "escape_adiabatic", c->adiabatic);
        add(row, "survival_chain", c->chain_survival);
        add(row, "survival_adiabatic", c->adiabatic_survival);
        json_object_array_add(rows, row);
    }
    json_object_object_add(object, "cycles", rows);
    return object;
}

void kr_report_cycle_survival(FILE *out, const kr_cycle_survival *cycles) {
    enum { MOST = 20 };
    fputs("\nEscape under the schedule\n", out);
    if (cycles->chain_why[0] && cycles->adiabatic_why[0]) {
        fputs("  ", out);
        kr_print_wrapped(out, cycles->chain_why, 2, 2, kr_width(out));
        return;
    }
    fprintf(out, "  %5s %10s %10s %12s %12s %12s %12s\n", "cycle", "from step", "steps", "escape", "adiabatic", "survival",
            "adiabatic");
    for (size_t i = 0; i < cycles->count && i < MOST; i++) {
        const kr_cycle *c = &cycles->cycle[i];
        fprintf(out, "  %5zu %10" PRIu64 " %10" PRIu64 " %12.7g %12.7g %12.7g %12.7g\n", i, c->first, c->steps, c->chain,
                c->adiabatic, c->chain_survival, c->adiabatic_survival);
    }
    if (cycles->count > MOST) fprintf(out, "  ... %zu cycles\n", cycles->count);
    char line[512];
    if (isfinite(cycles->half_rate))
        snprintf(line, sizeof line, "Half escape in the first cycle when its largest learning rate is %.7g.", cycles->half_rate);
    else
        snprintf(line, sizeof line, "No learning rate for a half: %s", cycles->half_why);
    fputs("  ", out);
    kr_print_wrapped(out, line, 2, 2, kr_width(out));
}
