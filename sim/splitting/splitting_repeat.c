/* One repeat of adaptive multilevel splitting: which replicas are killed, and where the copies that replace them start. */
#include "splitting_state.h"

#include <Random123/philox.h>
#include <gsl/gsl_statistics_double.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool kr_replicas_make(kr_splitting_replicas *r, const kr_splitting_plan *plan, uint64_t number) {
    *r = (kr_splitting_replicas){.number = number, .weight = 1.0, .running = plan->replicas};
    r->replica = calloc(plan->replicas, sizeof *r->replica);
    r->scratch = malloc(plan->replicas * sizeof *r->scratch);
    r->alive = malloc(plan->replicas * sizeof *r->alive);
    return r->replica && r->scratch && r->alive;
}

void kr_replicas_free(kr_splitting_replicas *r, const kr_splitting_plan *plan) {
    for (size_t i = 0; r->replica && i < plan->replicas; i++) free(r->replica[i].record);
    free(r->replica);
    free(r->scratch);
    free(r->alive);
    r->replica = NULL;
    r->scratch = NULL;
    r->alive = NULL;
}

bool kr_replica_record(kr_replica *replica, size_t width, double value, const double *state) {
    if (replica->count == replica->capacity) {
        size_t capacity = replica->capacity ? 2 * replica->capacity : 8;
        double *grown = realloc(replica->record, capacity * (1 + width) * sizeof *grown);
        if (!grown) return false;
        replica->record = grown;
        replica->capacity = capacity;
    }
    double *record = replica->record + replica->count++ * (1 + width);
    record[0] = replica->score = value;
    memcpy(record + 1, state, width * sizeof *record);
    return true;
}

/* Drops the points at or below the level, from which no copy will start any more. */
static void prune(kr_replica *replica, size_t width, double level) {
    size_t first = 0;
    while (first < replica->count && !(replica->record[first * (1 + width)] > level)) first++;
    if (!first) return;
    replica->count -= first;
    memmove(replica->record, replica->record + first * (1 + width), replica->count * (1 + width) * sizeof *replica->record);
}

/* A uniform number below count; the remainder's bias is count / 2^64. */
static size_t choose(kr_splitting_replicas *r, const kr_splitting_plan *plan, size_t count) {
    uint64_t seed = plan->setup.seed, draw = r->draws++;
    philox4x32_ctr_t counter = {{(uint32_t)r->number, (uint32_t)draw, (uint32_t)(draw >> 32), (uint32_t)KR_STREAM_SPLITTING << 24}};
    philox4x32_ctr_t random = philox4x32_R(10, counter, (philox4x32_key_t){{(uint32_t)seed, (uint32_t)(seed >> 32)}});
    return (size_t)(((uint64_t)random.v[0] << 32 | random.v[1]) % count);
}

/* The child has the parent's path up to its first point above the level. One that jumped from below it into the target has none:
 * then the child is in the target too. */
static bool copy_branch(kr_replica *child, const kr_replica *parent, size_t width) {
    child->count = 0;
    if (parent->count) return kr_replica_record(child, width, parent->record[0], parent->record + 1);
    child->score = INFINITY;
    return true;
}

static void finish(kr_splitting_replicas *r, const kr_splitting_plan *plan) {
    uint64_t transitions = 0;
    for (size_t i = 0; i < plan->replicas; i++) transitions += isinf(r->replica[i].score) && r->replica[i].score > 0;
    double probability = r->weight * (double)transitions / (double)plan->replicas;
    double loop_steps = (double)r->loop_steps / (double)r->loops;
    r->result = (kr_splitting_repeat){.probability = probability,
                                      .loop_steps = loop_steps,
                                      .mfpt_steps = probability > 0 ? loop_steps / probability : INFINITY,
                                      .levels = r->levels,
                                      .transitions = transitions};
    r->finished = true;
}

/* Kills the replicas whose score is at most level, the k-th lowest, with all ties, and replaces them by copies of the others. Equal
 * scores are not rare, since copies of one path that get no higher share its first point above the level. */
static bool kill_and_branch(kr_splitting_replicas *r, const kr_splitting_plan *plan, double level, uint32_t *restart) {
    size_t alive = 0, n = plan->replicas;
    for (size_t i = 0; i < n; i++)
        if (r->replica[i].score > level) {
            prune(&r->replica[i], plan->width, level);
            r->alive[alive++] = (uint32_t)i;
        }
    r->weight *= (double)alive / (double)n;
    r->levels++;
    for (size_t i = 0; i < n && alive; i++) {
        kr_replica *replica = &r->replica[i];
        if (replica->score > level) continue;
        if (!copy_branch(replica, &r->replica[r->alive[choose(r, plan, alive)]], plan->width)) return false;
        r->paths++;
        if (replica->count) restart[r->running++] = (uint32_t)i;
    }
    return true;
}

bool kr_replicas_branch(kr_splitting_replicas *r, const kr_splitting_plan *plan, uint32_t *restart) {
    while (!r->running && !r->finished) {
        for (size_t i = 0; i < plan->replicas; i++) r->scratch[i] = r->replica[i].score;
        double level = gsl_stats_select(r->scratch, 1, plan->replicas, plan->killed - 1);
        /* A weight that is about to underflow stands for a target that cannot be reached. */
        if (isinf(level) || r->weight < 1e-290)
            finish(r, plan);
        else if (!kill_and_branch(r, plan, level, restart))
            return false;
        if (r->weight == 0.0 && !r->finished) finish(r, plan);
    }
    return true;
}
