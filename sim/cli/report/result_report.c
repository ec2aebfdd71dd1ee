/* What a run gave, for people: sentences and tables first, then the lines of every part of the table of results. */
#include "report.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_targets(FILE *out, const kr_scene *scene, const kr_result *result) {
    char text[256], start[256], p[KR_KNOWN_TEXT], error[KR_KNOWN_TEXT], loop[KR_KNOWN_TEXT], levels[KR_KNOWN_TEXT];
    fprintf(out, "\nFirst passage from %s to %s\n", kr_start_text(scene, start, sizeof start),
            result->target_count == 1 ? kr_target_text(&scene->targets[0], text, sizeof text) : "the first of several targets");
    for (size_t i = 0; i < result->target_count && result->target_count > 1; i++)
        fprintf(out, "  %-34s %12" PRIu64 " events  %8.4f of all\n", kr_target_text(&scene->targets[i], text, sizeof text),
                result->target_events[i],
                result->escape.events ? (double)result->target_events[i] / (double)result->escape.events : 0.0);
    const kr_splitting_result *s = result->splitting;
    if (s) {
        char line[400];
        snprintf(line, sizeof line,
                 "p = %s +- %s from an excursion to the target, one excursion in %s steps; %" PRIu64 " repeats of %" PRIu64
                 " replicas, %s levels each, %" PRIu64 " transitions",
                 kr_known(s->probability, "%.4g", p), kr_known(s->probability_error, "%.2g", error),
                 kr_known(s->loop_steps, "%.4g", loop), s->repeats, s->replicas, kr_known(s->levels, "%.0f", levels),
                 s->transitions);
        fprintf(out, "%-11s", "splitting");
        kr_print_wrapped(out, line, 11, 11, kr_width(out));
    } else
        fprintf(out, "%" PRIu64 " events in %.7g particle-steps\n", result->escape.events, result->escape.exposure_steps);
}

/* Nothing is said of them where all steps move. */
static void print_still_steps(FILE *out, const kr_result *result) {
    const kr_moving_estimate *m = &result->moving;
    char line[300], mean[KR_KNOWN_TEXT], low[KR_KNOWN_TEXT], high[KR_KNOWN_TEXT];
    if (result->splitting || !(m->still_fraction > 0)) return;
    snprintf(line, sizeof line,
             "%.4g %% of the steps are at a learning rate below 1e-3 of the largest; over the others: %" PRIu64
             " events in %.7g particle-steps, mean %s, 95 %% from %s to %s",
             100 * m->still_fraction, m->events, m->exposure_steps, kr_known(m->mfpt_steps, "%.6g", mean),
             kr_known(m->mfpt_steps_ci95.low, "%.6g", low), kr_known(m->mfpt_steps_ci95.high, "%.6g", high));
    kr_print_wrapped(out, line, 0, 2, kr_width(out));
}

static void print_driven(FILE *out, const kr_result *result) {
    char a[KR_KNOWN_TEXT], b[KR_KNOWN_TEXT], c[KR_KNOWN_TEXT];
    if (result->driven_count) fprintf(out, "\n%-30s%14s%14s%14s\n", "Numbers that change", "start", "end", "mean");
    for (size_t i = 0; i < result->driven_count; i++) {
        const kr_driven_result *d = &result->driven[i];
        fprintf(out, "  %-28s%14s%14s%14s\n", d->name, kr_known(d->start, "%.6g", a), kr_known(d->end, "%.6g", b),
                kr_known(d->mean, "%.6g", c));
    }
    for (size_t i = 0; i < result->driven_count; i++) {
        const kr_driven_result *d = &result->driven[i];
        char line[400], held[60] = "held exactly";
        if (!d->invariant[0]) continue;
        if (d->held_to > 0) snprintf(held, sizeof held, "held to %.2g of its value at step 0", d->held_to);
        snprintf(line, sizeof line, "keep %s: %s; temperature %s at the start, %s at the end, measured %s", d->invariant, held,
                 kr_known(d->temperature_start, "%.4g", a), kr_known(d->temperature_end, "%.4g", b),
                 kr_known(d->measured_temperature, "%.4g", c));
        kr_print_wrapped(out, line, 0, 2, kr_width(out));
    }
}

/* Accuracy where there are classes, else loss. */
static void print_tasks(FILE *out, const kr_result *result) {
    const kr_phase_result *last = &result->phase[result->phase_count - 1];
    char text[KR_KNOWN_TEXT], low[KR_KNOWN_TEXT], high[KR_KNOWN_TEXT];
    if (!last->task_count) return;
    bool test = last->task[0].mean[KR_TASK_TEST_LOSS] == last->task[0].mean[KR_TASK_TEST_LOSS];
    int accuracy = test ? KR_TASK_TEST_ACCURACY : KR_TASK_TRAIN_ACCURACY;
    bool classes = last->task[0].mean[accuracy] == last->task[0].mean[accuracy];
    int shown = classes ? accuracy : test ? KR_TASK_TEST_LOSS : KR_TASK_TRAIN_LOSS;
    fprintf(out, "\n%s %s after each phase on the data of each\n", test ? "Test" : "Training", classes ? "accuracy" : "loss");
    for (size_t i = 0; i < result->phase_count; i++)
        for (size_t q = 0; q < result->phase[i].task_count; q++) {
            const kr_task_result *task = &result->phase[i].task[q];
            fprintf(out, "  %-16s %-16s %10s   95 %% from %s to %s\n", q ? "" : result->phase[i].name, task->name,
                    kr_known(task->mean[shown], "%.5g", text), kr_known(task->ci95[shown].low, "%.5g", low),
                    kr_known(task->ci95[shown].high, "%.5g", high));
        }
}

static void print_phases(FILE *out, const kr_result *result) {
    char v[KR_KNOWN_TEXT], low[KR_KNOWN_TEXT], high[KR_KNOWN_TEXT], mean[KR_KNOWN_TEXT];
    if (!result->phase_count) return;
    fprintf(out, "\n%-18s%12s%12s%9s%12s   %s\n", "Phases", "from step", "to step", "pruned", "mean V", "95 %");
    for (size_t i = 0; i < result->phase_count; i++) {
        const kr_phase_result *p = &result->phase[i];
        fprintf(out, "  %-16s%12" PRIu64 "%12" PRIu64 "%8.4g%%%12s   %s to %s\n", p->name, p->begin, p->begin + p->steps,
                100 * p->pruned, kr_known(p->potential, "%.6g", v), kr_known(p->potential_ci95.low, "%.6g", low),
                kr_known(p->potential_ci95.high, "%.6g", high));
    }
    for (size_t i = 0; i < result->phase_count; i++) {
        const kr_phase_result *p = &result->phase[i];
        if (!p->escape_measured) continue;
        fprintf(out, "  %-16s%12" PRIu64 " first passages in %.7g particle-steps: mean %s, 95 %% from %s to %s\n", p->name,
                p->events, p->exposure_steps, kr_known(p->mfpt_steps, "%.6g", mean), kr_known(p->mfpt_steps_ci95.low, "%.6g", low),
                kr_known(p->mfpt_steps_ci95.high, "%.6g", high));
    }
    print_tasks(out, result);
}

/* With what the rows that stand beside lines say: of how many samples or particles. Others have the observer's own words. */
static void print_heading(FILE *out, const kr_scene *scene, const kr_result_part *part) {
    fputc('\n', out);
    if (!strcmp(part->name, "statistics") && ((const kr_statistics_settings *)kr_scene_observer(scene, part->name)->values)->every)
        fprintf(out, "Means over the ensemble, %.0f samples\n", kr_result_number(part, 1, "mean.samples"));
    else if (!strcmp(part->name, "statistics"))
        fputs("Means over the ensemble at the end\n", out);
    else if (!strcmp(part->name, "energy"))
        fprintf(out, "Energy per particle since step 0 (%.0f particles)\n", kr_result_number(part, 1, "energy.particles"));
    else {
        fputc(toupper((unsigned char)*part->doc), out);
        kr_print_wrapped(out, part->doc + 1, 1, 2, kr_width(out));
    }
}

static void print_part(FILE *out, const kr_scene *scene, const kr_result *result, const kr_result_part *parts, size_t count,
                       size_t number) {
    if (!parts[number].source || !parts[number].doc) return;
    if (!strcmp(parts[number].name, "transitions")) {
        kr_report_transitions(out, result, parts, count);
        return;
    }
    print_heading(out, scene, &parts[number]);
    kr_report_lines(out, &parts[number]);
}

/* The means, which every run has, stand last. */
static void print_parts(FILE *out, const kr_scene *scene, const kr_result *result) {
    kr_result_part parts[KR_MAX_PARTS];
    size_t count = kr_result_parts(scene->registry, result, parts);
    for (int last = 0; last < 2; last++)
        for (size_t i = 0; i < count; i++)
            if ((strcmp(parts[i].name, "statistics") == 0) == (last == 1)) print_part(out, scene, result, parts, count, i);
}

/* "410 ms, 1040 M/s": how long, and particle-steps per second. */
static const char *speed_text(double steps, double seconds, char *text, size_t size) {
    char duration[32];
    double speed = 1e-6 * steps / seconds;
    if (seconds < 0.9995)
        snprintf(duration, sizeof duration, "%.*f ms", seconds < 0.01 ? 1 : 0, 1e3 * seconds);
    else
        kr_seconds_text(seconds, duration, sizeof duration);
    snprintf(text, size, speed < 99.95 ? "%s, %.3g M/s" : "%s, %.0f M/s", duration, speed);
    return text;
}

void kr_report_result(FILE *out, const kr_scene *scene, const kr_result *result, uint64_t before, bool verbose) {
    char speed[80];
    kr_report_scene(out, scene);
    char line[300], here[100] = "";
    double taken = (double)(result->particle_steps - before), seconds = result->wall_seconds;
    if (!before && seconds > 0) snprintf(here, sizeof here, " in %s", speed_text(taken, seconds, speed, sizeof speed));
    if (before && taken > 0 && seconds > 0)
        snprintf(here, sizeof here, ", %.4g of them now in %s", taken, speed_text(taken, seconds, speed, sizeof speed));
    if (result->splitting)
        snprintf(line, sizeof line, "%" PRIu64 " of %" PRIu64 " repeats%s; %.4g particle-steps%s", result->splitting->repeats,
                 result->splitting->wanted, result->interrupted ? " (interrupted)" : "", (double)result->particle_steps, here);
    else
        snprintf(line, sizeof line, "%" PRIu64 " steps%s, time %.6g; %.4g particle-steps%s", result->steps,
                 result->interrupted ? " (interrupted)" : "", result->time, (double)result->particle_steps, here);
    fprintf(out, "%-11s", "run");
    kr_print_wrapped(out, line, 11, 11, kr_width(out));
    if (result->diverged && !result->splitting)
        fprintf(out, "%-11s%" PRIu64 " particles, the first (%" PRIu64 ") at step %" PRIu64 "\n", "diverged", result->diverged,
                result->first_diverged_particle, result->first_diverged_step);
    print_phases(out, result);
    print_driven(out, result);
    if (result->escape_measured) {
        print_targets(out, scene, result);
        print_still_steps(out, result);
        kr_report_passages(out, result, verbose);
        kr_report_survival(out, result, verbose);
    } else {
        kr_report_beside_means(out, result, verbose);
    }
    print_parts(out, scene, result);
    if (result->warning_count) fputs("\nWarnings\n", out);
    for (size_t i = 0; i < result->warning_count; i++) {
        fputs("  ", out);
        kr_print_wrapped(out, result->warnings[i], 2, 4, kr_width(out));
    }
}
