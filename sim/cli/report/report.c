/* Tables for people: 80 columns unless the terminal is wider; digits as many as the interval supports. */
#include "cli/command.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 22, COLUMN = 15, Z = 10, TEXT = 32, LISTED = 4 };

/* ---- numbers ---- */

/* Decimals that show an uncertainty with two digits; -1: none is known. */
static int decimals_of(kr_interval ends) {
    double half = (ends.high - ends.low) / 2;
    if (!(half > 0) || !isfinite(half)) return -1;
    double digits = 1 - floor(log10(half));
    return digits < 0 ? 0 : digits > 15 ? 15 : (int)digits;
}

/* Never fewer than three significant digits, and an exponent where the plain form would not fit into a column. */
static const char *number(double value, int decimals, char *text) {
    if (!isfinite(value)) return strcpy(text, "-");
    if (decimals < 0)
        snprintf(text, TEXT, "%.7g", value);
    else {
        double magnitude = value != 0 ? floor(log10(fabs(value))) : 0;
        if (decimals < 2 - magnitude) decimals = (int)(2 - magnitude);
        if (decimals < 30) snprintf(text, TEXT, "%.*f", decimals, value);
        if (decimals >= 30 || strlen(text) > COLUMN - 2) snprintf(text, TEXT, "%.6g", value);
    }
    return text;
}

static void print_row(FILE *out, const char *label, const double value[3], const int decimals[3]) {
    char text[TEXT];
    fprintf(out, "%-*s", LABEL, label);
    for (int i = 0; i < 3; i++) fprintf(out, "%*s", COLUMN, number(value[i], decimals[i], text));
}

/* ---- scene ---- */

static size_t append(char *line, size_t size, size_t used, const char *format, ...) KR_PRINTF(4, 5);
static size_t append(char *line, size_t size, size_t used, const char *format, ...) {
    if (used >= size) return used;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line + used, size - used, format, arguments);
    va_end(arguments);
    return length < 0 ? used : used + (size_t)length;
}

static size_t append_list(char *line, size_t size, size_t used, const double *value, size_t count) {
    char text[KR_NUMBER_TEXT];
    used = append(line, size, used, count == 1 ? "" : "[");
    for (size_t i = 0; i < count && i < LISTED; i++)
        used = append(line, size, used, "%s%s", i ? ", " : "", kr_number_text(value[i], text));
    if (count > LISTED) used = append(line, size, used, ", ... %zu numbers", count);
    return append(line, size, used, count == 1 ? "" : "]");
}

static bool is_default(const kr_settings *settings, const kr_parameter *row) {
    if (row->type == KR_TEXT || row->type == KR_LIST) return false;
    double value = kr_get_number(settings, row);
    return value == row->initial || (isnan(value) && isnan(row->initial));
}

static size_t append_parameter(char *line, size_t size, size_t used, const kr_settings *settings, const kr_parameter *row) {
    const void *at = (const char *)settings->values + row->offset;
    char text[KR_NUMBER_TEXT];
    const char *between = used && line[used < size ? used - 1 : 0] != ' ' ? ", " : "";
    if (row->type == KR_TEXT && !*(char *const *)at) return used;
    used = append(line, size, used, "%s%s ", between, row->name);
    switch (row->type) {
    case KR_NUMBER: return append(line, size, used, "%s", kr_number_text(*(const double *)at, text));
    case KR_INTEGER: return append(line, size, used, "%" PRId64, *(const int64_t *)at);
    case KR_SWITCH: return append(line, size, used, "%s", *(const bool *)at ? "true" : "false");
    case KR_CHOICE: return append(line, size, used, "%s", row->choices[*(const int *)at]);
    case KR_TEXT: return append(line, size, used, "%s", *(char *const *)at);
    case KR_LIST: return append_list(line, size, used, ((const kr_list *)at)->value, ((const kr_list *)at)->count);
    }
    return used;
}

/* always: so many rows are shown even at their default. */
static void print_section(FILE *out, const char *section, const kr_settings *settings, const char *name, size_t always,
                          const char *more) {
    char line[1024] = "";
    size_t used = name ? append(line, sizeof line, 0, "%s", name) : 0, index = 0;
    if (name && settings->about->parameters && settings->about->parameters->name) used = append(line, sizeof line, used, ": ");
    for (const kr_parameter *row = settings->about->parameters; row && row->name; row++, index++) {
        double value = kr_get_number(settings, row);
        if (row->type == KR_NUMBER && isnan(value)) continue;
        if (index < always || !is_default(settings, row)) used = append_parameter(line, sizeof line, used, settings, row);
    }
    append(line, sizeof line, used, "%s", more);
    fprintf(out, "%-11s", section);
    kr_print_wrapped(out, line, 11, 11, kr_width(out));
}

static const char *start_text(const kr_scene *scene, char *text, size_t size) {
    if (!scene->start.at_point)
        return snprintf(text, size, "%s %" PRId64, scene->start.gibbs ? "Boltzmann in the basin of minimum" : "minimum",
                        scene->start.minimum),
               text;
    size_t used = append(text, size, 0, "point ");
    append_list(text, size, used, scene->start.point.value, scene->start.point.count);
    return text;
}

static const char *target_text(const kr_target *target, char *text, size_t size) {
    char above[KR_NUMBER_TEXT], below[KR_NUMBER_TEXT];
    kr_number_text(target->above, above);
    kr_number_text(target->below, below);
    if (target->radius > 0)
        snprintf(text, size, "within %s of minimum %" PRId64, kr_number_text(target->radius, above), target->minimum);
    else if (isfinite(target->above) && isfinite(target->below))
        snprintf(text, size, "x%zu <= %s or x%zu >= %s", target->coordinate, below, target->coordinate, above);
    else if (isfinite(target->above))
        snprintf(text, size, "x%zu >= %s", target->coordinate, above);
    else
        snprintf(text, size, "x%zu <= %s", target->coordinate, below);
    return text;
}

void kr_report_scene(FILE *out, const kr_scene *scene) {
    char text[256], more[300];
    kr_warmup warmup = scene->warmup;
    print_section(out, "landscape", &scene->landscape, scene->landscape.about->name, SIZE_MAX, "");
    print_section(out, "dynamics", &scene->dynamics, scene->dynamics.about->name, SIZE_MAX, "");
    print_section(out, "noise", &scene->noise, scene->noise.about->name, SIZE_MAX, "");
    print_section(out, "schedule", &scene->schedule, scene->schedule.about->name, SIZE_MAX, "");
    if (warmup.steps) print_section(out, "  warmup", &(kr_settings){&kr_warmup_descriptor, &warmup}, NULL, SIZE_MAX, "");
    snprintf(more, sizeof more, ", start %s", start_text(scene, text, sizeof text));
    if (kr_scene_escape(scene)->method == KR_METHOD_SPLITTING) /* which asks for neither particles nor steps */
        fprintf(out, "%-11sseed %" PRId64 "%s\n", "ensemble", kr_scene_ensemble(scene)->seed, more);
    else
        print_section(out, "ensemble", &scene->ensemble, NULL, 3, more);
}

/* ---- theories ---- */

/* Beside a measurement the names are enough; `kramers theory` says why. */
static void print_refused_names(FILE *out, const kr_theory_result *theories, size_t count) {
    char text[512] = "do not apply (kramers theory says why):";
    size_t used = strlen(text), first = used;
    for (size_t i = 0; i < count && used < sizeof text; i++)
        if (!theories[i].prediction.applies)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s %s", used > first ? "," : "", theories[i].type->about.name);
    if (used > first) kr_print_wrapped(out, text, 0, 2, kr_width(out));
}

static void print_refusals(FILE *out, const kr_theory_result *theories, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (theories[i].prediction.applies) continue;
        fprintf(out, "%-*s", LABEL, theories[i].type->about.name);
        char text[300];
        snprintf(text, sizeof text, "does not apply. %s", theories[i].prediction.why);
        kr_print_wrapped(out, text, LABEL, LABEL, kr_width(out));
    }
}

/* As much of the paper as the line has room for. */
static void print_reference(FILE *out, const char *reference, int column) {
    int room = kr_width(out) - column - 2;
    if (reference && room >= 24)
        fprintf(out, "  %.*s%s", (int)strlen(reference) > room ? room - 3 : room, reference,
                (int)strlen(reference) > room ? "..." : "");
}

static void print_theory(FILE *out, const kr_theory_result *theory, const int decimals[3], bool with_z) {
    const kr_prediction *p = &theory->prediction;
    int column = LABEL + 3 * COLUMN;
    print_row(out, theory->type->about.name, (const double[]){p->mfpt_steps, p->mfpt_time, p->rate}, decimals);
    if (with_z) {
        char z[TEXT] = "-";
        if (isfinite(theory->z)) snprintf(z, sizeof z, fabs(theory->z) < 1e4 ? "%+.2f" : "%+.1e", theory->z);
        fprintf(out, "%*s", Z, z);
        column += Z;
    }
    print_reference(out, theory->type->about.reference, column);
    fputc('\n', out);
}

static bool predicts_passage(const kr_theory_result *theory) {
    const kr_prediction *p = &theory->prediction;
    return p->applies && (isfinite(p->mfpt_steps) || isfinite(p->mfpt_time) || isfinite(p->rate));
}

/* Gaps, the temperatures of theories that predict nothing else, and what is to be said of a prediction. */
static void print_other_predictions(FILE *out, const kr_theory_result *theories, size_t count) {
    const char *last = "";
    for (size_t i = 0; i < count; i++) {
        const kr_prediction *p = &theories[i].prediction;
        const char *name = theories[i].type->about.name;
        char text[TEXT];
        if (!p->applies) continue;
        if (isfinite(p->temperature) && !predicts_passage(&theories[i]))
            fprintf(out, "%-*s  temperature %s\n", LABEL, name, number(p->temperature, -1, text));
        if (isfinite(p->spectral_gap)) fprintf(out, "%-*s  spectral gap %s\n", LABEL, name, number(p->spectral_gap, -1, text));
        for (size_t k = 0; k < p->extra_count; k++)
            fprintf(out, "%-*s  %s %s\n", LABEL, name, p->extra[k].name, number(p->extra[k].value, -1, text));
        if (p->note[0] && strcmp(p->note, last) != 0) { /* the same for several theories is said once */
            last = p->note;
            fprintf(out, "%-*s  ", LABEL, name);
            kr_print_wrapped(out, p->note, LABEL + 2, LABEL + 2, kr_width(out));
        }
    }
}

static void print_heads(FILE *out, bool with_z) {
    fprintf(out, "%-*s%*s%*s%*s", LABEL, "", COLUMN, "mean steps", COLUMN, "mean time", COLUMN, "rate");
    fprintf(out, with_z ? "%*s\n" : "\n", Z, "z");
}

void kr_report_theories(FILE *out, const kr_theory_result *theories, size_t count) {
    const int plain[3] = {-1, -1, -1};
    bool heads = false;
    for (size_t i = 0; i < count; i++) {
        if (!predicts_passage(&theories[i])) continue;
        if (!heads) print_heads(out, false);
        heads = true;
        print_theory(out, &theories[i], plain, false);
    }
    print_other_predictions(out, theories, count);
    print_refusals(out, theories, count);
}

/* ---- result of a run ---- */

static void print_targets(FILE *out, const kr_scene *scene, const kr_result *result) {
    char text[256], start[256];
    fprintf(out, "\nFirst passage from %s to %s\n", start_text(scene, start, sizeof start),
            result->target_count == 1 ? target_text(&scene->targets[0], text, sizeof text) : "the first of several targets");
    for (size_t i = 0; i < result->target_count && result->target_count > 1; i++)
        fprintf(out, "  %-34s %12" PRIu64 " events  %8.4f of all\n", target_text(&scene->targets[i], text, sizeof text),
                result->target_events[i],
                result->escape.events ? (double)result->target_events[i] / (double)result->escape.events : 0.0);
    const kr_splitting_result *s = result->splitting;
    if (s)
        fprintf(out,
                "splitting   p = %.4g +- %.2g from an excursion to the target, one excursion in %.5g steps\n"
                "            %" PRIu64 " repeats of %" PRIu64 " replicas, %.0f levels each, %" PRIu64 " transitions\n",
                s->probability, s->probability_error, s->loop_steps, s->repeats, s->replicas, s->levels, s->transitions);
    else
        fprintf(out, "%" PRIu64 " events in %.7g particle-steps\n", result->escape.events, result->escape.exposure_steps);
}

static void print_escape(FILE *out, const kr_scene *scene, const kr_result *result) {
    const kr_escape_estimate *e = &result->escape;
    double time_per_step = e->exposure_steps > 0 ? e->exposure_time / e->exposure_steps : e->mfpt_time / e->mfpt_steps;
    kr_interval steps = e->mfpt_steps_ci95, time = {steps.low * time_per_step, steps.high * time_per_step}, rate = e->rate_ci95;
    const int decimals[3] = {decimals_of(steps), decimals_of(time), decimals_of(rate)};
    print_targets(out, scene, result);
    fputc('\n', out);
    print_heads(out, true);
    print_row(out, "measured", (const double[]){e->mfpt_steps, e->mfpt_time, e->rate}, decimals);
    fputc('\n', out);
    print_row(out, "  95 % from", (const double[]){steps.low, time.low, rate.low}, decimals);
    fputc('\n', out);
    print_row(out, "  95 % to", (const double[]){steps.high, time.high, rate.high}, decimals);
    fputc('\n', out);
    for (size_t i = 0; i < result->theory_count; i++)
        if (predicts_passage(&result->theory[i])) print_theory(out, &result->theory[i], decimals, true);
    print_other_predictions(out, result->theory, result->theory_count);
    print_refused_names(out, result->theory, result->theory_count);
    kr_report_measured(out, result);
}

static void print_means_row(FILE *out, const char *label, const double *value, size_t count) {
    char line[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < count && i < 2 * LISTED; i++) used = append(line, sizeof line, used, "%s%.5g", i ? "  " : "", value[i]);
    if (count > 2 * LISTED) append(line, sizeof line, used, "  ... %zu in all", count);
    fprintf(out, "  %-28s", label);
    kr_print_wrapped(out, line, 30, 30, kr_width(out));
}

static void print_means(FILE *out, const kr_scene *scene, const kr_statistics *s) {
    const kr_statistics_settings *settings = kr_scene_observer(scene, "statistics")->values;
    if (settings->every)
        fprintf(out, "\nMeans over the ensemble, %" PRIu64 " samples\n", s->samples);
    else
        fputs("\nMeans over the ensemble at the end\n", out);
    print_means_row(out, "position", s->position, s->dim);
    print_means_row(out, "variance of the position", s->position_variance, s->dim);
    print_means_row(out, "potential", &s->potential, 1);
    if (isfinite(s->kinetic_temperature)) print_means_row(out, "kinetic temperature", &s->kinetic_temperature, 1);
    if (isfinite(s->configurational_temperature))
        print_means_row(out, "configurational temperature", &s->configurational_temperature, 1);
    if (s->well_population) print_means_row(out, "population of the wells", s->well_population, s->wells);
}

void kr_report_result(FILE *out, const kr_scene *scene, const kr_result *result, uint64_t before, bool interrupted) {
    char duration[32];
    kr_report_scene(out, scene);
    char line[300], here[100] = "";
    double taken = (double)(result->particle_steps - before), seconds = result->wall_seconds;
    if (!before && seconds > 0)
        snprintf(here, sizeof here, " in %s, %.3g M/s", kr_seconds_text(seconds, duration, sizeof duration),
                 1e-6 * taken / seconds);
    if (before && taken > 0 && seconds > 0)
        snprintf(here, sizeof here, ", %.4g of them now in %s, %.3g M/s", taken,
                 kr_seconds_text(seconds, duration, sizeof duration), 1e-6 * taken / seconds);
    if (result->splitting)
        snprintf(line, sizeof line, "%" PRIu64 " of %" PRIu64 " repeats%s; %.4g particle-steps%s", result->splitting->repeats,
                 result->splitting->wanted, interrupted ? " (interrupted)" : "", (double)result->particle_steps, here);
    else
        snprintf(line, sizeof line, "%" PRIu64 " steps%s, time %.6g; %.4g particle-steps%s", result->steps,
                 interrupted ? " (interrupted)" : "", result->time, (double)result->particle_steps, here);
    fprintf(out, "%-11s", "run");
    kr_print_wrapped(out, line, 11, 11, kr_width(out));
    if (result->diverged && !result->splitting)
        fprintf(out, "%-11s%" PRIu64 " particles, the first (%" PRIu64 ") at step %" PRIu64 "\n", "diverged", result->diverged,
                result->first_diverged_particle, result->first_diverged_step);
    if (result->escape_measured) print_escape(out, scene, result);
    if (result->transitions) kr_report_transitions(out, result);
    if (result->energy) kr_report_energy(out, result->energy);
    if (result->mean) print_means(out, scene, result->mean);
    if (result->warning_count) fputs("\nWarnings\n", out);
    for (size_t i = 0; i < result->warning_count; i++) {
        fputs("  ", out);
        kr_print_wrapped(out, result->warnings[i], 2, 4, kr_width(out));
    }
}
