/* What the measured speeds mean, in a few sentences: this machine, its instruction sets, and each scene beside the results that the
 * source tree keeps of the nearest machine. */
#include "bench.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const double kr_bench_slow = 0.85;

/* ---- the nearest machine ---- */

static size_t common_length(const char *a, const char *b) {
    size_t length = 0;
    while (a[length] && a[length] == b[length]) length++;
    return length;
}

const char *kr_bench_nearest(const kr_bench_reference *table, const char *processor) {
    const char *nearest = NULL;
    for (; table->processor; table++) {
        if (!strcmp(table->processor, processor)) return table->processor;
        if (!nearest || common_length(table->processor, processor) > common_length(nearest, processor)) nearest = table->processor;
    }
    return nearest;
}

double kr_bench_reference_speed(const kr_bench_reference *table, const char *processor, const char *scene,
                                const kr_bench_run *run) {
    for (; processor && table->processor; table++)
        if (!strcmp(table->processor, processor) && !strcmp(table->scene, scene) && !strcmp(table->isa, run->isa) &&
            table->threads == run->threads)
            return table->speed;
    return NAN;
}

/* ---- sentences ---- */

typedef struct sentence {
    char *text;
    size_t size, used;
} sentence;

static void say(sentence *s, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(s->text + s->used, s->size - s->used, format, arguments);
    va_end(arguments);
    s->used = length < 0 || s->used + (size_t)length >= s->size ? s->size - 1 : s->used + (size_t)length;
}

static void say_machine(sentence *s, const kr_bench_verdict *v) {
    const kr_bench_machine *m = v->machine;
    say(s, "This machine: %s, %ld processor%s%s", m->processor, m->processors, m->processors == 1 ? "" : "s",
        m->virtual_machine ? " of a virtual machine" : "");
    if (isfinite(m->load)) say(s, ", load %.1f before the measurement", m->load);
    if (!strcmp(m->build, "sanitizers")) say(s, ", in a build with sanitizers");
    if (!strcmp(m->build, "not optimised")) say(s, ", in a build without optimisation");
    say(s, ".");
}

/* Over all scenes, how many times as fast as run number a run number b is: "1.8 to 2.1 times". */
static void say_range(sentence *s, const kr_bench_verdict *v, size_t a, size_t b) {
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < v->count; i++) {
        double ratio = v->scenes[i].runs[b].speed / v->scenes[i].runs[a].speed;
        least = fmin(least, ratio);
        most = fmax(most, ratio);
    }
    char low[32], high[32];
    snprintf(low, sizeof low, least < 9.95 ? "%.1f" : "%.0f", least);
    snprintf(high, sizeof high, most < 9.95 ? "%.1f" : "%.0f", most);
    say(s, strcmp(low, high) ? "%s to %s times" : "%s times", low, high);
}

/* "Instruction set in use: v4; v3 takes 1.8 to 2.0 times as long, baseline 20 times; 2 threads are 1.9 times as fast as one." */
static void say_instruction_sets(sentence *s, const kr_bench_verdict *v) {
    const kr_bench_scene *first = &v->scenes[0];
    size_t others = 0;
    for (size_t i = 1; i < first->count && first->runs[i].threads == first->runs[0].threads; i++, others++) {
        if (!others) say(s, "Instruction set in use: %s;", first->runs[0].isa);
        say(s, others ? ", %s " : " %s takes ", first->runs[i].isa);
        say_range(s, v, i, 0);
        if (!others) say(s, " as long");
    }
    if (!others) say(s, "Instruction set: %s", first->runs[0].isa);
    for (size_t i = 1 + others; i < first->count; i++) {
        say(s, "; %d threads are ", first->runs[i].threads);
        say_range(s, v, 0, i);
        say(s, " as fast as one");
    }
    say(s, ".");
}

static double share_of_reference(const kr_bench_verdict *v, const kr_bench_scene *scene) {
    return scene->runs[0].speed / kr_bench_reference_speed(v->table, v->reference, scene->name, &scene->runs[0]);
}

/* "713 M" or "1350 M". */
static void say_millions(sentence *s, double speed) {
    say(s, speed < 999.5e6 ? "%.3g M" : "%.0f M", 1e-6 * speed);
}

static void say_speeds(sentence *s, const kr_bench_verdict *v) {
    const kr_bench_run *run = &v->scenes[0].runs[0];
    say(s, "With %s on %d thread%s: ", run->isa, run->threads, run->threads == 1 ? "" : "s");
    bool named = false;
    for (size_t i = 0; i < v->count; i++) {
        const kr_bench_scene *scene = &v->scenes[i];
        double share = share_of_reference(v, scene);
        say(s, "%s%s ", i ? "; " : "", scene->name);
        say_millions(s, scene->runs[0].speed);
        say(s, " particle-steps/s");
        if (!isfinite(share)) continue;
        say(s, ", %.0f %% of ", 100 * share);
        if (!named)
            say(s, v->same_processor ? "the committed result of this processor" : "the committed result of %s", v->reference);
        say(s, named ? "" : " (");
        say_millions(s, scene->runs[0].speed / share);
        say(s, named ? "/s" : "/s)");
        named = true;
    }
    say(s, ".");
}

static void say_reasons(sentence *s, const kr_bench_verdict *v) {
    const kr_bench_machine *m = v->machine;
    bool busy = m->load > 0.5;
    say(s, busy ? "The most likely reason is other programs" : "Possible reasons are other programs");
    if (isfinite(m->load)) say(s, " (load %.1f on %ld processor%s)", m->load, m->processors, m->processors == 1 ? "" : "s");
    say(s, busy ? "; others are power saving or heat%s%s." : ", power saving or heat%s%s.",
        m->virtual_machine ? ", other guests of this virtual machine's host" : "",
        strcmp(m->build, "optimised") ? ", and this build, which is not an optimised one" : "");
}

static void say_judgement(sentence *s, const kr_bench_verdict *v) {
    size_t slow = 0, compared = 0;
    for (size_t i = 0; i < v->count; i++) {
        double share = share_of_reference(v, &v->scenes[i]);
        compared += isfinite(share) ? 1 : 0;
        if (!v->same_processor || !(share < kr_bench_slow)) continue;
        say(s, slow++ ? " and %s" : "%s", v->scenes[i].name);
    }
    if (!compared) {
        say(s, "There is no committed result to compare with: those are of the project's own scenes as they are, for each "
               "instruction set on one thread.");
    } else if (!v->same_processor) {
        say(s, "No result of this processor is committed, so this compares two processors and does not say whether this machine "
               "is as fast as it could be; './dev bench' in the source tree makes a result to compare with.");
    } else if (!slow) {
        say(s, "That is as fast as this processor should be (%.0f %% or more of its committed results).", 100 * kr_bench_slow);
    } else {
        say(s,
            slow == 1 ? " is below %.0f %% of this processor's own committed result. "
                      : " are below %.0f %% of this processor's own committed results. ",
            100 * kr_bench_slow);
        say_reasons(s, v);
    }
}

bool kr_bench_sentence(const kr_bench_verdict *verdict, size_t i, char *text, size_t size) {
    static void (*const parts[])(sentence *, const kr_bench_verdict *) = {say_machine, say_instruction_sets, say_speeds,
                                                                          say_judgement};
    sentence s = {text, size, 0};
    if (i >= sizeof parts / sizeof *parts) return false;
    parts[i](&s, verdict);
    return true;
}
