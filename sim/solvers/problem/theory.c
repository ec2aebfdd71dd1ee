#include <kramers/interrupt.h>
#include <kramers/memory_miss.h>
#include <kramers/theory.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifdef KR_NOTE_MESSAGES /* which messages do tests provoke? */
#include "../../../tests/faults/note_messages.h"
#define KR_NOTE(format) kr_note(format)
#else
#define KR_NOTE(format) (void)0
#endif

bool kr_problem_changes(const kr_problem *problem) {
    return problem->drive || kr_noise_traits(problem->noise, problem->landscape->type->separable) & KR_NOISE_CHANGES;
}

double kr_problem_constant_rate(const kr_problem *problem) {
    return kr_problem_changes(problem) ? NAN : kr_schedule_constant(problem->schedule);
}

void kr_theory_refuse(kr_prediction *out, const char *format, ...) {
    *out = (kr_prediction){.applies = false,
                           .mfpt_steps = NAN,
                           .mfpt_time = NAN,
                           .rate = NAN,
                           .spectral_gap = NAN,
                           .spectral_gap_steps = NAN,
                           .temperature = NAN,
                           .variation = NAN,
                           .accuracy = NAN};
    KR_NOTE(format);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->why, sizeof out->why, format, arguments);
    va_end(arguments);
}

void kr_theory_add(kr_prediction *out, const char *name, double value) {
    if (isfinite(value) && out->extra_count < KR_MAX_EXTRAS) out->extra[out->extra_count++] = (kr_named_number){name, value};
}

double kr_theory_extra(const kr_prediction *prediction, const char *name) {
    for (size_t i = 0; i < prediction->extra_count; i++)
        if (!strcmp(prediction->extra[i].name, name)) return prediction->extra[i].value;
    return NAN;
}

/* All numbers that the theory may give, in the order of their names: NAN where there is none now. */
static void order_extras(const kr_theory_type *type, kr_prediction *out) {
    kr_prediction given = *out;
    size_t count = 0;
    for (const char *const *name = type->extras; name && *name && count < KR_MAX_EXTRAS; name++)
        out->extra[count++] = (kr_named_number){*name, kr_theory_extra(&given, *name)};
    if (type->extras) out->extra_count = count;
}

/* A passage in discrete time gives steps, one in continuous time gives time, a rate theory gives the rate. */
void kr_theory_predict(const kr_theory_type *type, const kr_problem *problem, kr_prediction *out) {
    unsigned long misses = kr_memory_misses();
    kr_theory_refuse(out, "%s", "");
    out->applies = true;
    if (problem->drive && !type->at_start)
        kr_theory_refuse(out, "%s changes with the step, and this theory is for numbers that stay.",
                         kr_drive_number(problem->drive, 0)->name);
    else if (problem->start_spread && !type->any_start)
        kr_theory_refuse(out, "Particles start at different points (ensemble.start), and this theory is for one start.");
    else if (!kr_interrupt_wanted())
        type->predict(problem, out);
    if (kr_interrupt_wanted()) kr_theory_refuse(out, "It was interrupted."); /* whatever came of it */
    if (kr_memory_misses() != misses) kr_theory_refuse(out, "There is not enough memory.");
    order_extras(type, out);
    double learning_rate = kr_schedule_constant(problem->schedule);
    if (!out->applies || isnan(learning_rate) || problem->drive) return;
    double time_step = kr_dynamics_time_step(problem->dynamics, learning_rate);
    if (isnan(out->mfpt_time) && !isnan(out->mfpt_steps)) out->mfpt_time = out->mfpt_steps * time_step;
    if (isnan(out->mfpt_time) && out->rate > 0.0 && !out->population_rate) out->mfpt_time = 1.0 / out->rate;
    if (isnan(out->mfpt_time)) return;
    if (isnan(out->mfpt_steps)) out->mfpt_steps = out->mfpt_time / time_step;
    if (isnan(out->rate)) out->rate = 1.0 / out->mfpt_time;
}
