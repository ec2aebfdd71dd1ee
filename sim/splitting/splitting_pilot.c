/* What is measured in the well before the splitting begins: how soon the start is forgotten, and how particles are distributed
 * then. None of it enters the result, which is exact for every choice; it decides how much work a given precision takes. */
#include "splitting_state.h"

#include <kramers/interrupt.h>

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PILOT = 512, SAMPLES = 32, MOST_STEPS = 1 << 20 };
static const double forgotten = 0.25; /* correlation; statistical errors of it are 1 / sqrt(PILOT) */

static bool make_full(kr_walkers *w, const kr_splitting_plan *plan, uint64_t first, uint32_t *all) {
    if (!kr_walkers_make(w, plan, first, PILOT)) return false;
    kr_walkers_resize(w, w->capacity);
    for (uint32_t p = 0; p < (uint32_t)w->capacity; p++) all[p] = p;
    kr_walkers_depart(w, all, w->capacity);
    return true;
}

/* A step, after which particles that have arrived or diverged start again. */
static void advance(kr_walkers *w, uint32_t *which) {
    size_t count = 0;
    kr_walkers_step(w);
    if (!kr_walkers_any_arrived(w)) return;
    for (size_t p = 0; p < w->active; p++)
        if (!kr_walkers_finite(w, p) || kr_walkers_arrived(w, p)) which[count++] = (uint32_t)p;
    if (count) kr_walkers_depart(w, which, count);
}

/* Every coordinate, and the total energy, whose correlation time is the longest at low friction: rows[dim + 1][PILOT]. */
static void observe(const kr_walkers *w, double *rows) {
    size_t coordinates = w->block.dim * PILOT;
    memcpy(rows, w->block.position, coordinates * sizeof *rows);
    if (w->energy)
        memcpy(rows + coordinates, w->energy, PILOT * sizeof *rows);
    else
        kr_landscape_energy(w->block.landscape, PILOT, rows, rows + coordinates);
}

static double largest_correlation(size_t rows, const double *a, const double *b) {
    double largest = 0.0;
    for (size_t i = 0; i < rows; i++) {
        double correlation = fabs(gsl_stats_correlation(a + i * PILOT, 1, b + i * PILOT, 1, PILOT));
        if (correlation > largest) largest = correlation; /* false for NAN, of a row that does not vary */
    }
    return largest;
}

/* Doubles t until nothing at steps 2 t to 3 t is correlated with step t any more, over the ensemble; a window, because correlations
 * of oscillators pass through zero. The correlation is then e^-1.4 after t, and less than e^-4 after 3 t. */
static kr_status relax(kr_splitting_plan *plan, kr_walkers *w, uint32_t *which, kr_error *error) {
    size_t rows = plan->setup.landscape->dim + 1;
    double *before = malloc(2 * rows * PILOT * sizeof *before), *now = before + rows * PILOT;
    if (!before) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the pilot of a splitting");
    uint64_t t = 8, done = 0;
    kr_status status = KR_OK;
    for (double largest = 1.0; largest > forgotten && t < MOST_STEPS && status == KR_OK;) {
        kr_interrupt_progress("pilot of the splitting", NAN);
        t *= 2;
        for (; done < t && !kr_interrupt_wanted(); done++) advance(w, which);
        observe(w, before);
        largest = 0.0;
        for (uint64_t sample = 0, next; sample < SAMPLES && largest <= forgotten; sample++) {
            for (next = 2 * t + sample * t / SAMPLES; done < next && !kr_interrupt_wanted(); done++) advance(w, which);
            if ((status = kr_interrupt_check(error)) != KR_OK) break;
            observe(w, now);
            largest = fmax(largest, largest_correlation(rows, before, now));
        }
        /* The next t begins where this window was left, or later. */
        while (2 * t < done) t *= 2;
        plan->relaxed = largest <= forgotten;
    }
    plan->relaxation_steps = 3 * t;
    free(before);
    return status;
}

/* A is the inner half of where particles are found, and of their energies where they have inertia; a tenth of them are beyond the
 * surface. Without the condition on the energy an excursion would end after half an oscillation, and no path could gain energy over
 * many of them. */
static kr_status choose_surface(kr_splitting_plan *plan, kr_walkers *w, uint32_t *which, double *value, kr_error *error) {
    enum { COUNT = PILOT * SAMPLES };
    uint64_t stride = plan->relaxation_steps / SAMPLES + 1;
    double *energy = value + COUNT;
    for (size_t sample = 0; sample < SAMPLES; sample++) {
        for (uint64_t k = 0; k < stride && !kr_interrupt_wanted(); k++) advance(w, which);
        memcpy(value + sample * PILOT, w->value, PILOT * sizeof *value);
        if (w->energy) memcpy(energy + sample * PILOT, w->energy, PILOT * sizeof *value);
    }
    kr_status asked = kr_interrupt_check(error);
    if (asked != KR_OK) return asked;
    gsl_sort(value, 1, COUNT);
    if (w->energy) gsl_sort(energy, 1, COUNT);
    plan->basin = value[COUNT / 2];
    plan->surface = value[COUNT / 10 * 9];
    plan->energy = w->energy ? energy[COUNT / 2] : INFINITY;
    if (isfinite(plan->basin) && value[COUNT - 1] > plan->surface) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "escape.method splitting: particles do not move from the start along the reaction coordinate; there is no "
                   "noise, or escape.coordinate does not lead out of the well");
}

/* Mean steps between entrances of a walker, roughly: until there were four entrances for each walker. */
static double time_loops(const kr_splitting_plan *plan, kr_walkers *w, uint32_t *which) {
    bool inside[PILOT];
    size_t entrances = 0;
    uint64_t steps = 0, most = 64 * plan->relaxation_steps + 4096;
    for (size_t p = 0; p < PILOT; p++) inside[p] = w->inner[p] <= plan->basin;
    while (steps < most && !kr_interrupt_wanted() && (entrances < 4 * PILOT || steps < plan->relaxation_steps)) {
        advance(w, which);
        steps++;
        for (size_t p = 0; p < PILOT; p++) {
            entrances += inside[p] && w->value[p] > plan->surface;
            inside[p] = w->inner[p] <= plan->basin || (inside[p] && !(w->value[p] > plan->surface));
        }
    }
    return (double)steps * PILOT / (double)(entrances ? entrances : 1);
}

/* Last of all, so that what was chosen before does not depend on it. */
static double measure_stride(kr_walkers *w, uint32_t *which) {
    double before[PILOT], sum = 0.0;
    for (size_t sample = 0; sample < SAMPLES; sample++) {
        memcpy(before, w->value, sizeof before);
        advance(w, which);
        for (size_t p = 0; p < PILOT; p++) {
            double change = w->value[p] - before[p];
            if (isfinite(change)) sum += change * change;
        }
    }
    return sqrt(sum / (PILOT * SAMPLES));
}

kr_status kr_splitting_pilot(kr_splitting_plan *plan, kr_error *error) {
    enum { LEAST_LOOPS = 4 };
    uint32_t which[PILOT];
    kr_walkers w = {0};
    double *value = malloc(sizeof *value * 2 * PILOT * SAMPLES);
    if (!value || !make_full(&w, plan, KR_SPLITTING_PILOT, which)) {
        kr_walkers_free(&w);
        free(value);
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the pilot of a splitting");
    }
    kr_status status = relax(plan, &w, which, error);
    if (status == KR_OK) status = choose_surface(plan, &w, which, value, error);
    if (status == KR_OK) {
        double loops = ceil((double)plan->relaxation_steps / time_loops(plan, &w, which));
        plan->warm_loops = plan->loops = LEAST_LOOPS + (uint64_t)loops;
        plan->stride = measure_stride(&w, which);
        status = kr_interrupt_check(error);
    }
    kr_walkers_free(&w);
    free(value);
    return status;
}
