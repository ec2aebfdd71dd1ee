#include "schedule_curve.h"

#include "hdf5/hdf5_write.h"
#include "scene/scene_schedule.h"

#include <kramers/schedule.h>

#include <math.h>
#include <stdlib.h>

enum {
    EACH = 1024,  /* first steps that are all kept */
    BINS = 256,   /* stretches in which the steps from k to 2 k are put */
    LOOKS = 512,  /* steps of a stretch that are looked at, where it has more */
    CYCLES = 64,  /* beginnings of cycles that are looked at beside these */
    OCTAVES = 64, /* of the step */
    KEPT = 6,     /* points of a stretch at most */
    SPARE = 2 * CYCLES
};

typedef struct point {
    uint64_t step;
    double rate;
} point;

typedef struct curve {
    const kr_schedule *schedule;
    point *kept; /* room for EACH + OCTAVES * BINS * KEPT */
    size_t count;
} curve;

/* What lies on a straight line of equal rates is left out. */
static void keep(curve *c, point next) {
    if (c->count && c->kept[c->count - 1].step >= next.step) return;
    if (c->count > 1 && c->kept[c->count - 2].rate == c->kept[c->count - 1].rate && c->kept[c->count - 1].rate == next.rate)
        c->count--;
    c->kept[c->count++] = next;
}

static int by_step(const void *a, const void *b) {
    const point *x = a, *y = b;
    return (x->step > y->step) - (x->step < y->step);
}

/* Steps of from .. end - 1 to look at, ascending: all, or some that no period can hide behind, with the jumps of cycles. */
static size_t look(const kr_schedule *schedule, uint64_t from, uint64_t end, point *seen) {
    uint64_t length = end - from, cycle = from;
    size_t count = 0;
    if (length <= LOOKS + SPARE) {
        for (uint64_t k = from; k < end; k++) seen[count++].step = k;
        return count;
    }
    for (int i = 0; i < CYCLES && (cycle = kr_schedule_next_cycle(schedule, cycle)) < end; i++) {
        seen[count++].step = cycle - 1;
        seen[count++].step = cycle;
    }
    seen[count++].step = from;
    seen[count++].step = end - 1;
    const double golden = 0.6180339887498949;
    for (int i = 1; i <= LOOKS - 2; i++) {
        double part = golden * i;
        seen[count++].step = from + (uint64_t)((part - floor(part)) * (double)length);
    }
    qsort(seen, count, sizeof *seen, by_step);
    return count;
}

/* First, last, lowest and highest of the points seen, and the two ends of the largest jump. */
static void keep_stretch(curve *c, uint64_t from, uint64_t end, point *seen) {
    size_t count = look(c->schedule, from, end, seen), low = 0, high = 0, jump = 0;
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        seen[i].rate = kr_schedule_at(c->schedule, seen[i].step);
        if (seen[i].rate < seen[low].rate) low = i;
        if (seen[i].rate > seen[high].rate) high = i;
        double rise = i ? fabs(seen[i].rate - seen[i - 1].rate) : 0;
        if (rise > largest) largest = rise, jump = i;
    }
    point chosen[KEPT] = {seen[0], seen[low], seen[high], seen[jump ? jump - 1 : 0], seen[jump], seen[count - 1]};
    qsort(chosen, KEPT, sizeof *chosen, by_step);
    for (size_t i = 0; i < KEPT; i++) keep(c, chosen[i]);
}

static void fill(curve *c, uint64_t steps, point *seen) {
    if (isfinite(kr_schedule_constant(c->schedule))) {
        keep(c, (point){0, kr_schedule_at(c->schedule, 0)});
        if (steps > 1) keep(c, (point){steps - 1, kr_schedule_at(c->schedule, steps - 1)});
        return;
    }
    for (uint64_t k = 0; k < steps && k < EACH; k++) keep(c, (point){k, kr_schedule_at(c->schedule, k)});
    for (uint64_t from = EACH; from < steps; from *= 2) {
        uint64_t width = from / BINS, last = steps - from < from ? steps : 2 * from;
        for (uint64_t at = from; at < last; at += width) keep_stretch(c, at, last - at < width ? last : at + width, seen);
    }
}

static void write(kr_h5 *h5, const curve *c) {
    hsize_t size = c->count;
    uint64_t *step = malloc((c->count + 1) * sizeof *step);
    double *rate = malloc((c->count + 1) * sizeof *rate);
    if (step && rate) {
        for (size_t i = 0; i < c->count; i++) {
            step[i] = c->kept[i].step;
            rate[i] = c->kept[i].rate;
        }
        kr_h5_remove(h5, KR_SCHEDULE_CURVE);
        hid_t group = kr_h5_group(h5, h5->file, KR_SCHEDULE_CURVE);
        kr_h5_plain(h5, group, "step", H5T_NATIVE_UINT64, 1, &size, step);
        kr_h5_plain(h5, group, "learning_rate", H5T_NATIVE_DOUBLE, 1, &size, rate);
        kr_h5_close(group);
    } else
        kr_h5_no_memory(h5, "the schedule's curve");
    free(step);
    free(rate);
}

void kr_schedule_curve_write(kr_h5 *h5, const kr_scene *scene) {
    kr_schedule schedule;
    int64_t steps = kr_scene_ensemble(scene)->steps;
    if (h5->status != KR_OK) return;
    h5->status = kr_scene_schedule_create(&schedule, scene, h5->error);
    if (h5->status != KR_OK) return;
    curve c = {.schedule = &schedule, .kept = malloc(((size_t)EACH + OCTAVES * BINS * KEPT) * sizeof(point))};
    point *seen = malloc((LOOKS + SPARE) * sizeof *seen);
    if (c.kept && seen) {
        fill(&c, steps > 0 ? (uint64_t)steps : 1, seen);
        write(h5, &c);
    } else
        kr_h5_no_memory(h5, "the schedule's curve");
    free(c.kept);
    free(seen);
    kr_schedule_destroy(&schedule);
}
