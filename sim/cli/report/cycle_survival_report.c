/* Escape cycle by cycle, for people and as JSON. */
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const char name[] = "schedule_survival",
                  reference[] =
                      "density of the discrete-time chain propagated step by step (Nystrom); adiabatic: sum of exact rates";

/* null where it is not finite. */
static void add(json_object *object, const char *key, double value) {
    json_object_object_add(object, key, kr_json_number(value));
}

/* null where it is empty. */
static void add_text(json_object *object, const char *key, const char *value) {
    json_object_object_add(object, key, value[0] ? json_object_new_string(value) : NULL);
}

static json_object *cycle_json(const kr_cycle *c) {
    json_object *object = json_object_new_object();
    json_object_object_add(object, "first_step", json_object_new_uint64(c->first));
    json_object_object_add(object, "steps", json_object_new_uint64(c->steps));
    add(object, "learning_rate", c->highest);
    add(object, "escape_chain", c->chain);
    add(object, "escape_adiabatic", c->adiabatic);
    add(object, "survival_chain", c->chain_survival);
    add(object, "survival_adiabatic", c->adiabatic_survival);
    return object;
}

/* Stands in the list of theories: whatever each of those has is there, too. */
json_object *kr_json_cycle_survival(const kr_cycle_survival *cycles) {
    const kr_theory_type type = {.about = {.name = name, .reference = reference}};
    kr_theory_result as_theory = {.type = &type, .z = NAN, .gap_z = NAN};
    bool chain = !cycles->chain_why[0], adiabatic = !cycles->adiabatic_why[0];
    kr_theory_refuse(&as_theory.prediction, "%s", chain || adiabatic ? "" : cycles->chain_why);
    as_theory.prediction.applies = chain || adiabatic;
    as_theory.prediction.accuracy = chain ? cycles->chain_accuracy : NAN;
    json_object *object = kr_json_theory(&as_theory), *rows = json_object_new_array();
    add_text(object, "chain_why", cycles->chain_why);
    add_text(object, "adiabatic_why", cycles->adiabatic_why);
    add(object, "learning_rate_half", cycles->half_rate);
    add_text(object, "learning_rate_half_why", cycles->half_why);
    for (size_t i = 0; (chain || adiabatic) && i < cycles->count; i++) json_object_array_add(rows, cycle_json(&cycles->cycle[i]));
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
    fprintf(out, "  %5s %10s %10s %11s %11s %11s %11s\n", "cycle", "from step", "steps", "escape", "adiabatic", "survival",
            "adiabatic");
    for (size_t i = 0; i < cycles->count && i < MOST; i++) {
        const kr_cycle *c = &cycles->cycle[i];
        char text[KR_KNOWN_TEXT];
        const double number[] = {c->chain, c->adiabatic, c->chain_survival, c->adiabatic_survival};
        fprintf(out, "  %5zu %10" PRIu64 " %10" PRIu64, i, c->first, c->steps);
        for (int k = 0; k < 4; k++) fprintf(out, " %11s", kr_known(number[k], "%.5g", text));
        fputc('\n', out);
    }
    if (cycles->count > MOST) fprintf(out, "  ... %zu cycles\n", cycles->count);
    char line[512];
    if (isfinite(cycles->half_rate))
        snprintf(line, sizeof line, "Half escape in the first cycle when its largest learning rate is %.5g.", cycles->half_rate);
    else
        snprintf(line, sizeof line, "No learning rate for a half: %s", cycles->half_why);
    fputs("  ", out);
    kr_print_wrapped(out, line, 2, 2, kr_width(out));
}
