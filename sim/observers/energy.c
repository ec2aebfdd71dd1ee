/* The energy ledger: sums of it over the ensemble, and the observer that samples them. */
#include <kramers/energy.h>
#include <kramers/observer.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1024 };

static bool counted(const kr_view *view, size_t p) {
    return view->stopped_at[p] == 0 || view->departure[p] == KR_ABSORBED;
}

/* Kinetic and potential energy of the particles first .. first + n - 1 that move. work: [2 dim + 1][n]. */
static void add_energies(const kr_view *view, size_t first, size_t n, double *work, kr_energy *e) {
    double *x = work, *p = x + view->dim * n, *potential = p + view->dim * n, kinetic = 0.0, sum = 0.0;
    const double *auxiliary[KR_MAX_AUXILIARIES] = {0};
    for (size_t i = 0; i < view->dim; i++) {
        memcpy(x + i * n, view->position + i * view->stride + first, n * sizeof *x);
        for (size_t a = 0; a < view->auxiliary_count; a++) auxiliary[a] = view->auxiliary[a] + i * view->stride + first;
        view->dynamics->type->velocity(view->dynamics, view->learning_rate, n, auxiliary, p + i * n);
    }
    kr_landscape_energy(view->landscape, n, x, potential);
    for (size_t k = 0; k < n; k++) {
        if (view->stopped_at[first + k] != 0) continue;
        sum += potential[k];
        for (size_t i = 0; i < view->dim; i++) kinetic += 0.5 * p[i * n + k] * p[i * n + k];
    }
    e->potential += sum;
    e->kinetic += kinetic;
}

static double chunk_sum(const kr_view *view, const double *values, size_t first, size_t n) {
    double sum = 0.0;
    for (size_t k = first; k < first + n; k++)
        if (counted(view, k)) sum += values[k];
    return sum;
}

kr_status kr_energy_sum(const kr_view *view, kr_energy *energy, kr_error *error) {
    *energy = (kr_energy){0};
    if (!view->ledger[0] || !view->dynamics->type->velocity)
        return kr_fail(error, KR_BAD_ARGUMENT, "this ensemble keeps no energy ledger; its setup must ask for one");
    double *work = malloc((2 * view->dim + 1) * CHUNK * sizeof *work);
    if (!work) return kr_fail(error, KR_NO_MEMORY, "not enough memory for energies in %zu dimensions", view->dim);
    for (size_t first = 0; first < view->particles; first += CHUNK) {
        size_t n = view->particles - first < CHUNK ? (size_t)view->particles - first : CHUNK;
        add_energies(view, first, n, work, energy);
        for (size_t k = first; k < first + n; k++) energy->particles += counted(view, k);
        for (int a = 0; a < KR_ENERGY_ACCOUNTS; a++) energy->account[a] += chunk_sum(view, view->ledger[a], first, n);
        energy->throughput += chunk_sum(view, view->ledger_gross, first, n);
        energy->start += chunk_sum(view, view->ledger_start, first, n);
    }
    free(work);
    double sum = 0.0, particles = (double)energy->particles;
    energy->kinetic /= particles;
    energy->potential /= particles;
    energy->throughput /= particles;
    energy->start /= particles;
    for (int a = 0; a < KR_ENERGY_ACCOUNTS; a++) sum += energy->account[a] /= particles;
    energy->residual = energy->kinetic + energy->potential - energy->start - sum;
    return KR_OK;
}

typedef struct kr_energy_settings {
    int64_t every; /* 0: no ledger */
} kr_energy_settings;

typedef struct energy_observer {
    kr_observer observer;
    kr_energy_result result;
    kr_energy frame; /* at the last frame of a trajectory */
} energy_observer;

static kr_status sample(kr_observer *observer, const kr_view *view, kr_error *error) {
    energy_observer *o = (energy_observer *)observer;
    kr_status status = kr_energy_sum(view, &o->result.now, error);
    if (status != KR_OK) return status;
    double size = fabs(o->result.now.residual) / o->result.now.throughput;
    if (o->result.now.throughput > 0.0 && size > o->result.largest_residual) o->result.largest_residual = size;
    o->result.samples++;
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
    .sample = sample,
    .end = end,
    .frame = frame,
    .frame_data = frame_data,
    .state_words = state_words,
    .save = save,
    .restore = restore,
    .rows = rows,
    .result = result};
