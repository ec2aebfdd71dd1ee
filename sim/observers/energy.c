/* The energy ledger: sums of it over the ensemble, and the observer that samples them. Sums run over granules in the order of the
 * particles, from inside the loop and over an ensemble that stands still alike. */
#include "statistics/granule_means.h"

#include <kramers/block.h>
#include <kramers/energy.h>
#include <kramers/observer.h>

#include <math.h>
#include <string.h>

typedef struct kr_energy_settings {
    int64_t every; /* 0: no ledger */
} kr_energy_settings;

typedef struct energy_observer {
    kr_observer observer;
    const kr_sum_kernels *kernels;
    size_t particles;
    kr_energy_result result;
    kr_energy frame; /* at the last frame of a trajectory */
} energy_observer;

/* Of a granule: the ledger's particles are those that are finite or have arrived for good. */
enum { PARTICLES, KINETIC, POTENTIAL, START, THROUGHPUT, ACCOUNT, GRANULE_SUMS = ACCOUNT + KR_ENERGY_ACCOUNTS };

static size_t part_sums(const kr_observer *observer) {
    return (((const energy_observer *)observer)->particles + KR_GRANULE - 1) / KR_GRANULE * GRANULE_SUMS;
}

/* keep: who is in the books. */
static size_t keep_counted(const kr_view *view, size_t first, size_t end, uint64_t *keep) {
    uint64_t count = 0;
    memset(keep, 0, KR_GRANULE * sizeof *keep);
    for (size_t p = first; p < end; p++) {
        uint64_t counted = view->stopped_at[p] == 0 || view->departure[p] == KR_ABSORBED;
        keep[p - first] = 0 - counted;
        count += counted;
    }
    return (size_t)count;
}

/* A row of the ledger ends with the particles, not with the granule. */
static double sum_of_row(const kr_sum_kernels *kernels, const double *row, size_t first, size_t end, const uint64_t *keep) {
    double padded[KR_GRANULE] = {0};
    if (end - first == KR_GRANULE) return kernels->sum(row + first, keep);
    memcpy(padded, row + first, (end - first) * sizeof *padded);
    return kernels->sum(padded, keep);
}

static void sum_granule(const kr_sum_kernels *kernels, const kr_view *view, size_t first, const double *velocity,
                        const double *potential, double *sums) {
    size_t end = first + KR_GRANULE < view->particles ? first + KR_GRANULE : (size_t)view->particles;
    uint64_t keep[KR_GRANULE];
    double squares = 0.0;
    kr_keep_moving(kernels, view->stopped_at, first, first, end, keep);
    for (size_t i = 0; i < view->dim; i++) squares += kernels->squares(velocity + i * view->stride + first, keep);
    sums[KINETIC] = 0.5 * squares;
    sums[POTENTIAL] = kernels->sum(potential + first, keep);
    sums[PARTICLES] = (double)keep_counted(view, first, end, keep);
    sums[START] = sum_of_row(kernels, view->ledger_start, first, end, keep);
    sums[THROUGHPUT] = sum_of_row(kernels, view->ledger_gross, first, end, keep);
    for (int a = 0; a < KR_ENERGY_ACCOUNTS; a++) sums[ACCOUNT + a] = sum_of_row(kernels, view->ledger[a], first, end, keep);
}

static kr_status sample_part(kr_observer *observer, const kr_observer_part *part, kr_error *error) {
    const energy_observer *o = (const energy_observer *)observer;
    const kr_view *view = &part->view;
    double *velocity = part->work, *potential = velocity + view->dim * view->stride;
    if (!view->ledger[0] || !kr_ensemble_velocity(view, velocity))
        return kr_fail(error, KR_BAD_ARGUMENT, "this ensemble keeps no energy ledger; its setup must ask for one");
    kr_landscape_energy(view->landscape, view->stride, view->position, potential);
    double *sums = part->sums + part->first / KR_GRANULE * GRANULE_SUMS;
    for (size_t first = 0; first < view->particles; first += KR_GRANULE, sums += GRANULE_SUMS)
        sum_granule(o->kernels, view, first, velocity, potential, sums);
    return KR_OK;
}

/* Means of what the granules have. */
static void conclude(size_t particles, const double *sums, kr_energy *energy) {
    double all[GRANULE_SUMS] = {0}, explained = 0.0;
    for (size_t first = 0; first < particles; first += KR_GRANULE, sums += GRANULE_SUMS)
        for (size_t j = 0; j < GRANULE_SUMS; j++) all[j] += sums[j];
    *energy = (kr_energy){.particles = (uint64_t)all[PARTICLES],
                          .kinetic = all[KINETIC] / all[PARTICLES],
                          .potential = all[POTENTIAL] / all[PARTICLES],
                          .start = all[START] / all[PARTICLES],
                          .throughput = all[THROUGHPUT] / all[PARTICLES]};
    for (int a = 0; a < KR_ENERGY_ACCOUNTS; a++) explained += energy->account[a] = all[ACCOUNT + a] / all[PARTICLES];
    energy->residual = energy->kinetic + energy->potential - energy->start - explained;
}

static kr_status join(kr_observer *observer, const kr_view *view, const double *sums, kr_error *error) {
    (void)view, (void)error;
    energy_observer *o = (energy_observer *)observer;
    kr_energy_result *r = &o->result;
    conclude(o->particles, sums, &r->now);
    double size = fabs(r->now.residual) / r->now.throughput;
    if (r->now.throughput > 0.0 && size > r->largest_residual) r->largest_residual = size;
    r->samples++;
    return KR_OK;
}

static kr_status join_to_frame(kr_observer *observer, const kr_view *view, const double *sums, kr_error *error) {
    (void)view, (void)error;
    energy_observer *o = (energy_observer *)observer;
    conclude(o->particles, sums, &o->frame);
    return KR_OK;
}

kr_status kr_energy_sum(const kr_view *view, kr_energy *energy, kr_error *error) {
    static const kr_observer_type type = {
        .about = {.name = "energy"}, .part_sums = part_sums, .sample_part = sample_part, .join = join_to_frame};
    energy_observer observer = {
        .observer = {.type = &type, .threads = 1}, .kernels = kr_kernels_here()->sums, .particles = (size_t)view->particles};
    kr_status status = kr_observer_sample_parts(&observer.observer, view, error);
    *energy = observer.frame;
    return status;
}

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    (void)error;
    energy_observer *o = (energy_observer *)observer;
    o->kernels = kr_kernels_here()->sums;
    o->particles = (size_t)setup->particles;
    return KR_OK;
}

static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    return kr_energy_sum(view, &((energy_observer *)observer)->result.now, error);
}

static kr_status frame(kr_observer *observer, const kr_view *view, kr_error *error) {
    return kr_energy_sum(view, &((energy_observer *)observer)->frame, error);
}

#define FRAME_ACCOUNT(account_) (offsetof(energy_observer, frame.account) + (account_) * sizeof(double))

/* Names for readers that want every observable below the root. */
static const kr_frame_data frame_data[] = {
    {.name = "energy_work",
     .doc = "gained since step 0 from changes of the learning rate, mean per particle",
     .offset = FRAME_ACCOUNT(KR_ENERGY_WORK)},
    {.name = "energy_noise_heat", .doc = "gained from the gradient noise", .offset = FRAME_ACCOUNT(KR_ENERGY_NOISE)},
    {.name = "energy_thermal_heat", .doc = "gained from the thermostat's noise", .offset = FRAME_ACCOUNT(KR_ENERGY_THERMAL)},
    {.name = "energy_friction", .doc = "gained from the friction; negative", .offset = FRAME_ACCOUNT(KR_ENERGY_FRICTION)},
    {.name = "energy_shadow", .doc = "the integrator's error", .offset = FRAME_ACCOUNT(KR_ENERGY_SHADOW)},
    {.name = "energy_returns", .doc = "put in and taken out with particles that arrive", .offset = FRAME_ACCOUNT(KR_ENERGY_RETURN)},
    {.name = "energy_residual",
     .doc = "energy now - energy at step 0 - sum of the accounts: rounding",
     .offset = offsetof(energy_observer, frame.residual)},
    {.name = NULL}};

static size_t state_words(const kr_observer *observer) {
    (void)observer;
    return 2;
}

static void save(const kr_observer *observer, uint64_t *words) {
    const energy_observer *o = (const energy_observer *)observer;
    words[0] = o->result.samples;
    memcpy(words + 1, &o->result.largest_residual, sizeof *words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    energy_observer *o = (energy_observer *)observer;
    o->result.samples = words[0];
    memcpy(&o->result.largest_residual, words + 1, sizeof *words);
}

static const void *result(const kr_observer *observer) {
    return &((const energy_observer *)observer)->result;
}

const kr_energy_result *kr_energy_observed(const kr_observer *observer) {
    return observer ? result(observer) : NULL;
}

#define WHY_NO_DETAIL "how well the sums close; the page has what is missing"

static const kr_result_row rows[] = {
    KR_ROW("energy.particles", COUNT, 0, NULL, "particles whose energies are meant: finite ones, and those that arrived for good",
           KR_BY("particles"), KR_AT("energy/particles"), KR_AT("energy_particles"),
           .offset = offsetof(kr_energy_result, now.particles)),
    KR_ROW("energy.samples", COUNT, 0, NULL, "samples of which largest_relative_residual is the largest", KR_NOT(WHY_NO_DETAIL),
           KR_AT("energy/samples"), KR_AT("energy_samples"), .offset = offsetof(kr_energy_result, samples)),
    KR_ROW("energy.start", NUMBER, 0, "energy", "kinetic and potential energy of a particle at step 0",
           KR_AT("kinetic + potential at step 0"), KR_AT("energy/start"), KR_AT("energy_start"),
           .offset = offsetof(kr_energy_result, now.start)),
    KR_ROW("energy.work", NUMBER, 0, "energy", "work done on a particle by changes of the learning rate",
           KR_WITH("work by changes of the learning rate", KR_UNLESS_ZERO), KR_AT("energy/work"), KR_AT("energy_work"),
           .offset = offsetof(kr_energy_result, now.account) + KR_ENERGY_WORK * sizeof(double)),
    KR_ROW("energy.noise_heat", NUMBER, 0, "energy", "heat that a particle took from the gradient noise",
           KR_WITH("heat from the gradient noise", KR_UNLESS_ZERO), KR_AT("energy/noise_heat"), KR_AT("energy_noise_heat"),
           .offset = offsetof(kr_energy_result, now.account) + KR_ENERGY_NOISE * sizeof(double)),
    KR_ROW("energy.thermal_heat", NUMBER, 0, "energy", "heat that a particle took from the thermostat's noise",
           KR_WITH("heat from the thermostat's noise", KR_UNLESS_ZERO), KR_AT("energy/thermal_heat"), KR_AT("energy_thermal_heat"),
           .offset = offsetof(kr_energy_result, now.account) + KR_ENERGY_THERMAL * sizeof(double)),
    KR_ROW("energy.friction", NUMBER, 0, "energy", "energy that friction took, negative",
           KR_WITH("heat to friction", KR_UNLESS_ZERO), KR_AT("energy/friction"), KR_AT("energy_friction"),
           .offset = offsetof(kr_energy_result, now.account) + KR_ENERGY_FRICTION * sizeof(double)),
    KR_ROW("energy.shadow", NUMBER, 0, "energy", "the integrator's own error", KR_WITH("error of the integrator", KR_UNLESS_ZERO),
           KR_AT("energy/shadow"), KR_AT("energy_shadow"),
           .offset = offsetof(kr_energy_result, now.account) + KR_ENERGY_SHADOW * sizeof(double)),
    KR_ROW("energy.returns", NUMBER, 0, "energy", "energy put in and taken out with particles that arrived",
           KR_WITH("put in and taken out with arrivals", KR_UNLESS_ZERO), KR_AT("energy/returns"), KR_AT("energy_returns"),
           .offset = offsetof(kr_energy_result, now.account) + KR_ENERGY_RETURN * sizeof(double)),
    KR_ROW("energy.kinetic", NUMBER, 0, "energy", "kinetic energy of a particle now", KR_AT("kinetic now"), KR_AT("energy/kinetic"),
           KR_AT("energy_kinetic"), .offset = offsetof(kr_energy_result, now.kinetic)),
    KR_ROW("energy.potential", NUMBER, 0, "energy", "potential energy of a particle now", KR_AT("potential now"),
           KR_AT("energy/potential"), KR_AT("energy_potential"), .offset = offsetof(kr_energy_result, now.potential)),
    KR_ROW("energy.throughput", NUMBER, 0, "energy", "sum of the sizes of all entries of all accounts", KR_NOT(WHY_NO_DETAIL),
           KR_AT("energy/throughput"), KR_AT("energy_throughput"), .offset = offsetof(kr_energy_result, now.throughput)),
    KR_ROW("energy.residual", NUMBER, 0, "energy", "what the accounts do not explain: rounding", KR_AT("does not close by"),
           KR_AT("energy/residual"), KR_AT("energy_residual"), .offset = offsetof(kr_energy_result, now.residual)),
    KR_ROW("energy.largest_relative_residual", NUMBER, 0, NULL, "largest residual of all samples, relative to the throughput",
           KR_NOT(WHY_NO_DETAIL), KR_AT("energy/largest_relative_residual"), KR_AT("energy_largest_relative_residual"),
           .offset = offsetof(kr_energy_result, largest_residual)),
    KR_RESULT_END};

static const kr_parameter parameters[] = {{.name = "every",
                                           .doc = "steps between looks at the energy ledger; 0: none is kept",
                                           .unit = "steps",
                                           .type = KR_INTEGER,
                                           .offset = offsetof(kr_energy_settings, every),
                                           .minimum = 0,
                                           .maximum = 1e18},
                                          KR_END};

KR_OBSERVER = {
    .about = {.name = KR_PLUGIN_NAME,
              .doc = "energy ledger of dynamics with a velocity: work of the learning rate, heat, friction, the integrator's error",
              .parameters = parameters,
              .values_size = sizeof(kr_energy_settings),
              .rank = 3},
    .presence = KR_OBSERVER_WITH_CADENCE,
    .ledger = true,
    .size = sizeof(energy_observer),
    .begin = begin,
    .sample = kr_observer_sample_parts,
    .part_sums = part_sums,
    .sample_part = sample_part,
    .join = join,
    .end = end,
    .frame = frame,
    .frame_data = frame_data,
    .state_words = state_words,
    .save = save,
    .restore = restore,
    .rows = rows,
    .result = result};
