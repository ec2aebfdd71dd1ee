/* Repeats whose paths are integrated side by side: each replica walks around A until its last entrance, goes on from there as a
 * path that is split, and whenever all paths of a repeat have ended the next ones take their places. */
#include "splitting_state.h"

#include <kramers/interrupt.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a walker waits for: the surface, the return to A, or the end of the path that is split. */
typedef enum phase { TO_SURFACE, TO_BASIN, SPLIT } phase;

typedef struct job {
    uint32_t repeat, replica;
} job;

typedef struct walker {
    job job;
    phase phase;
    bool ended;
    uint64_t entrances, last_entrance;
} walker;

struct kr_splitting_group {
    const kr_splitting_plan *plan;
    size_t count; /* repeats */
    kr_splitting_replicas *repeat;
    kr_walkers walkers;
    walker *walker;     /* [capacity] */
    double *low, *high; /* [capacity]: a walker is examined when inner <= low or its coordinate > high */
    uint32_t *departed; /* [capacity] */
    size_t departed_count;
    job *queue; /* [count * replicas], a ring */
    size_t queued, next, places;
    uint32_t *restart; /* [replicas] */
    double *state;     /* [width] */
    uint64_t particle_steps;
    bool enough_memory;
};

static void enqueue(kr_splitting_group *g, size_t repeat, size_t replica) {
    g->queue[(g->next + g->queued++) % g->places] = (job){(uint32_t)repeat, (uint32_t)replica};
}

static bool make(kr_splitting_group *g, size_t number) {
    const kr_splitting_plan *plan = g->plan;
    size_t first = number * plan->group;
    g->count = plan->repeats - first < plan->group ? plan->repeats - first : plan->group;
    g->places = g->count * plan->replicas;
    g->repeat = calloc(g->count, sizeof *g->repeat);
    g->walker = calloc(plan->lanes, sizeof *g->walker);
    g->low = calloc(plan->lanes, sizeof *g->low);
    g->high = calloc(plan->lanes, sizeof *g->high);
    g->departed = calloc(plan->lanes, sizeof *g->departed);
    g->queue = calloc(g->places, sizeof *g->queue);
    g->restart = calloc(plan->replicas, sizeof *g->restart);
    g->state = calloc(plan->width, sizeof *g->state);
    if (!g->repeat || !g->walker || !g->low || !g->high || !g->departed || !g->queue || !g->restart || !g->state) return false;
    if (!kr_walkers_make(&g->walkers, plan, number * plan->lanes, plan->lanes)) return false;
    for (size_t r = 0; r < g->count; r++) {
        if (!kr_replicas_make(&g->repeat[r], plan, first + r)) return false;
        for (size_t i = 0; i < plan->replicas; i++) enqueue(g, r, i);
    }
    return true;
}

kr_splitting_group *kr_splitting_group_create(const kr_splitting_plan *plan, size_t number) {
    kr_splitting_group *g = calloc(1, sizeof *g);
    if (!g) return NULL;
    g->plan = plan;
    g->enough_memory = true;
    if (make(g, number)) return g;
    kr_splitting_group_destroy(g);
    return NULL;
}

void kr_splitting_group_destroy(kr_splitting_group *g) {
    if (!g) return;
    for (size_t r = 0; g->repeat && r < g->count; r++) kr_replicas_free(&g->repeat[r], g->plan);
    kr_walkers_free(&g->walkers);
    free(g->repeat);
    free(g->walker);
    free(g->low);
    free(g->high);
    free(g->departed);
    free(g->queue);
    free(g->restart);
    free(g->state);
    free(g);
}

static kr_replica *replica_of(kr_splitting_group *g, size_t p) {
    job j = g->walker[p].job;
    return &g->repeat[j.repeat].replica[j.replica];
}

static void wait_for(kr_splitting_group *g, size_t p, phase next) {
    const kr_splitting_plan *plan = g->plan;
    g->walker[p].phase = next;
    g->low[p] = next == TO_SURFACE ? -INFINITY : plan->basin;
    g->high[p] = next == TO_SURFACE ? plan->surface : next == TO_BASIN ? INFINITY : replica_of(g, p)->score;
}

/* The start counts as a point of A wherever it lies. */
static void depart(kr_splitting_group *g, size_t p) {
    g->departed[g->departed_count++] = (uint32_t)p;
    wait_for(g, p, TO_SURFACE);
}

static void end_path(kr_splitting_group *g, size_t p) {
    walker *w = &g->walker[p];
    kr_splitting_replicas *repeat = &g->repeat[w->job.repeat];
    w->ended = true;
    if (--repeat->running) return;
    g->enough_memory = kr_replicas_branch(repeat, g->plan, g->restart) && g->enough_memory;
    for (size_t i = 0; i < repeat->running; i++) enqueue(g, w->job.repeat, g->restart[i]);
}

static void record(kr_splitting_group *g, size_t p) {
    kr_walkers_get(&g->walkers, p, g->state);
    double value = g->walkers.value[p];
    if (!kr_replica_record(replica_of(g, p), g->plan->width, value, g->state)) g->enough_memory = false;
    g->high[p] = value;
}

/* The path that is split begins at the last of a fixed number of entrances. The loops before it are timed, except the first ones,
 * in which the start is forgotten. Since the number is fixed beforehand, both estimates are unbiased. */
static void enter(kr_splitting_group *g, size_t p, bool arrived) {
    walker *w = &g->walker[p];
    kr_splitting_replicas *repeat = &g->repeat[w->job.repeat];
    uint64_t now = g->walkers.step, before = g->plan->warm_loops + 1;
    if (++w->entrances > before) {
        repeat->loop_steps += now - w->last_entrance;
        repeat->loops++;
    }
    w->last_entrance = now;
    if (w->entrances < before + g->plan->loops) {
        if (arrived)
            depart(g, p);
        else
            wait_for(g, p, TO_BASIN);
        return;
    }
    repeat->paths++;
    if (arrived) {
        replica_of(g, p)->score = INFINITY;
        end_path(g, p);
        return;
    }
    record(g, p);
    wait_for(g, p, SPLIT);
}

static void update_walker(kr_splitting_group *g, size_t p) {
    walker *w = &g->walker[p];
    double value = g->walkers.value[p], inner = g->walkers.inner[p];
    if (!kr_walkers_finite(&g->walkers, p)) {
        g->repeat[w->job.repeat].diverged++;
        if (w->phase == SPLIT)
            end_path(g, p);
        else
            depart(g, p);
        return;
    }
    bool arrived = kr_walkers_arrived(&g->walkers, p);
    if (w->phase == TO_SURFACE) {
        if (arrived || value > g->plan->surface) enter(g, p, arrived);
    } else if (w->phase == TO_BASIN) {
        if (arrived)
            depart(g, p);
        else if (inner <= g->plan->basin)
            wait_for(g, p, TO_SURFACE);
    } else if (arrived) {
        replica_of(g, p)->score = INFINITY;
        end_path(g, p);
    } else if (inner <= g->plan->basin) {
        end_path(g, p);
    } else if (value > g->high[p]) {
        record(g, p);
    }
}

/* A start beyond the surface is an entrance at once. */
static void put_departed_at_start(kr_splitting_group *g) {
    size_t count = g->departed_count;
    g->departed_count = 0;
    if (!count) return;
    kr_walkers_depart(&g->walkers, g->departed, count);
    for (size_t j = 0; j < count; j++)
        if (g->walkers.value[g->departed[j]] > g->plan->surface) enter(g, g->departed[j], false);
}

static void begin_job(kr_splitting_group *g, size_t p) {
    job next = g->queue[g->next];
    g->next = (g->next + 1) % g->places;
    g->queued--;
    g->walker[p] = (walker){.job = next};
    const kr_replica *replica = replica_of(g, p);
    if (replica->count) {
        kr_walkers_put(&g->walkers, p, replica->record + 1);
        wait_for(g, p, SPLIT);
    } else {
        depart(g, p);
    }
}

static void move(kr_splitting_group *g, size_t from, size_t to) {
    kr_walkers_get(&g->walkers, from, g->state);
    kr_walkers_put(&g->walkers, to, g->state);
    g->walker[to] = g->walker[from];
    g->low[to] = g->low[from];
    g->high[to] = g->high[from];
}

/* Jobs of the queue take the places of walkers that have ended; remaining gaps are filled from the end of the block. */
static void refill(kr_splitting_group *g) {
    size_t active = g->walkers.active;
    for (size_t p = 0; p < active; p++) {
        if (!g->walker[p].ended) continue;
        if (g->queued) {
            begin_job(g, p);
            continue;
        }
        while (active > p + 1 && g->walker[active - 1].ended) active--;
        if (--active > p) move(g, active, p);
    }
    size_t wanted = active + g->queued < g->plan->lanes ? active + g->queued : g->plan->lanes;
    kr_walkers_resize(&g->walkers, wanted);
    for (size_t p = active; p < wanted; p++) begin_job(g, p);
    put_departed_at_start(g);
}

static void inspect(kr_splitting_group *g) {
    const kr_walkers *w = &g->walkers;
    size_t ended = 0;
    bool all = kr_walkers_any_arrived(w);
    for (size_t p = 0; p < w->active; p++) {
        if (!all && (w->inner[p] > g->low[p]) & (w->value[p] <= g->high[p])) continue;
        update_walker(g, p);
        ended += g->walker[p].ended;
    }
    put_departed_at_start(g);
    if (ended) refill(g);
}

bool kr_splitting_group_run(kr_splitting_group *g, uint64_t steps) {
    if (g->walkers.step == KR_SPLITTING_FIRST_STEP) refill(g);
    for (uint64_t k = 0; k < steps && g->walkers.active && g->enough_memory && !kr_interrupt_wanted(); k++) {
        kr_walkers_step(&g->walkers);
        g->particle_steps += g->walkers.active;
        inspect(g);
    }
    return g->enough_memory;
}

bool kr_splitting_group_finished(const kr_splitting_group *g) {
    return g->walkers.step != KR_SPLITTING_FIRST_STEP && !g->walkers.active;
}

size_t kr_splitting_group_repeats(const kr_splitting_group *g, const kr_splitting_replicas **repeats) {
    *repeats = g->repeat;
    return g->count;
}

uint64_t kr_splitting_group_particle_steps(const kr_splitting_group *g) {
    return g->particle_steps;
}
