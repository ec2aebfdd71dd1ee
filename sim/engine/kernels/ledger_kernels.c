/* Entries of the energy ledger. All are differences taken as products, p d + d^2/2, not of squares, so that each is exact to
 * rounding of itself and their sum to rounding of the energy.
 *
 * Particles that stand still are NaN, and so is what would be entered for them: an amount that is not finite counts as zero. Arrays
 * are whole granules, in which the entries of all coordinates are summed before they are posted. */
#include "engine/ledger.h"

#include <kramers/plugin.h>

#include <float.h>
#include <math.h>

typedef double granule[KR_GRANULE];

static inline double finite_or_zero(double amount) {
    return fabs(amount) <= DBL_MAX ? amount : 0.0;
}

static void post(const double *restrict amount, double scale, double *restrict account, double *restrict gross) {
    for (size_t p = 0; p < KR_GRANULE; p++) {
        double entry = finite_or_zero(scale * amount[p]);
        account[p] += entry;
        gross[p] += fabs(entry);
    }
}

/* What is left of m of its kinetic energy when it becomes mu m. */
static inline double lost(double mu, double m) {
    double kept = mu * m;
    return 0.5 * (kept - m) * (kept + m);
}

/* What a push adds to the kinetic energy of a moving particle. */
static inline double gained(double moving, double push) {
    return push * (moving + 0.5 * push);
}

static void add_lost(double mu, const double *restrict m, double *restrict sum) {
    for (size_t p = 0; p < KR_GRANULE; p++) sum[p] += lost(mu, m[p]);
}

static void add_gained(double mu, double factor, const double *restrict m, const double *restrict push, double *restrict sum) {
    for (size_t p = 0; p < KR_GRANULE; p++) sum[p] += gained(mu * m[p], factor * push[p]);
}

static void add_heat(double mu, const double *restrict weight, const double *restrict m, const double *restrict clean,
                     const double *restrict noisy, double *restrict sum) {
    for (size_t p = 0; p < KR_GRANULE; p++) sum[p] += gained(mu * m[p] + weight[p] * clean[p], weight[p] * (noisy[p] - clean[p]));
}

static void add_exchange(double mu, const double *restrict weight, const double *restrict m, const double *restrict clean,
                         double *restrict sum) {
    for (size_t p = 0; p < KR_GRANULE; p++) sum[p] += gained(mu * m[p], weight[p] * clean[p]);
}

static void weigh(double kick, const double *restrict share, double *restrict weight) {
    for (size_t p = 0; p < KR_GRANULE; p++) weight[p] = share ? kick * share[p] : kick;
}

/* One coordinate and no shares: nothing has to be kept between two loops. */
static void kick_line_quiet(size_t n, double scale, double mu, double kick, const double *restrict m, const double *restrict clean,
                            double *restrict friction, double *restrict shadow, double *restrict gross) {
    for (size_t p = 0; p < n; p++) {
        double taken = finite_or_zero(scale * lost(mu, m[p]));
        double exchanged = finite_or_zero(scale * gained(mu * m[p], kick * clean[p]));
        friction[p] += taken;
        shadow[p] += exchanged;
        gross[p] = (gross[p] + fabs(taken)) + fabs(exchanged);
    }
}

static void kick_line_noisy(size_t n, double scale, double mu, double kick, const double *restrict m, const double *restrict clean,
                            const double *restrict noisy, double *restrict friction, double *restrict shadow,
                            double *restrict noise, double *restrict gross) {
    for (size_t p = 0; p < n; p++) {
        double kept = mu * m[p], push = kick * clean[p];
        double taken = finite_or_zero(scale * lost(mu, m[p]));
        double exchanged = finite_or_zero(scale * gained(kept, push));
        double heat = finite_or_zero(scale * gained(kept + push, kick * (noisy[p] - clean[p])));
        friction[p] += taken;
        shadow[p] += exchanged;
        noise[p] += heat;
        gross[p] = ((gross[p] + fabs(taken)) + fabs(exchanged)) + fabs(heat);
    }
}

static void kick_granules(size_t dim, size_t n, const kr_ledger_kick_terms *k, double *const *account, double *restrict gross) {
    for (size_t first = 0; first < n; first += KR_GRANULE) {
        granule weight, friction = {0}, exchange = {0}, heat = {0};
        for (size_t i = 0; i < dim; i++) {
            size_t at = i * n + first;
            weigh(k->kick, k->share ? k->share + at : NULL, weight);
            if (k->mu != 1.0) add_lost(k->mu, k->m + at, friction);
            add_exchange(k->mu, weight, k->m + at, k->clean + at, exchange);
            if (k->noisy) add_heat(k->mu, weight, k->m + at, k->clean + at, k->noisy + at, heat);
        }
        if (k->mu != 1.0) post(friction, k->scale, account[KR_ENERGY_FRICTION] + first, gross + first);
        post(exchange, k->scale, account[KR_ENERGY_SHADOW] + first, gross + first);
        if (k->noisy) post(heat, k->scale, account[KR_ENERGY_NOISE] + first, gross + first);
    }
}

static void kick(size_t dim, size_t n, const kr_ledger_kick_terms *k, double *const *account, double *gross) {
    if (dim > 1 || k->share || k->mu == 1.0)
        kick_granules(dim, n, k, account, gross);
    else if (k->noisy)
        kick_line_noisy(n, k->scale, k->mu, k->kick, k->m, k->clean, k->noisy, account[KR_ENERGY_FRICTION],
                        account[KR_ENERGY_SHADOW], account[KR_ENERGY_NOISE], gross);
    else
        kick_line_quiet(n, k->scale, k->mu, k->kick, k->m, k->clean, account[KR_ENERGY_FRICTION], account[KR_ENERGY_SHADOW], gross);
}

static void thermostat(size_t dim, size_t n, double c, double amplitude, const double *restrict normal, const double *restrict p,
                       double *restrict friction, double *restrict thermal, double *restrict gross) {
    for (size_t first = 0; first < n; first += KR_GRANULE) {
        granule taken = {0}, heat = {0};
        for (size_t i = 0; i < dim; i++) {
            add_lost(c, p + i * n + first, taken);
            add_gained(c, amplitude, p + i * n + first, normal + i * n + first, heat);
        }
        post(taken, 1.0, friction + first, gross + first);
        post(heat, 1.0, thermal + first, gross + first);
    }
}

static void moved(size_t n, const double *restrict before, const double *restrict after, double *restrict account,
                  double *restrict gross) {
    for (size_t p = 0; p < n; p++) {
        double entry = finite_or_zero(after[p] - before[p]);
        account[p] += entry;
        gross[p] += fabs(entry);
    }
}

static void add_kinetic(size_t count, const double *restrict v, double *restrict energy) {
    for (size_t p = 0; p < count; p++) energy[p] += 0.5 * v[p] * v[p];
}

static void kinetic(size_t dim, size_t n, const double *velocity, double *energy) {
    for (size_t i = 0; i < dim; i++) add_kinetic(n, velocity + i * n, energy);
}

extern const kr_ledger_kernels KR_PASTE_HOST(ledger_kernels, KR_ISA);
const kr_ledger_kernels KR_PASTE_HOST(ledger_kernels,
                                      KR_ISA) = {.kick = kick, .thermostat = thermostat, .moved = moved, .kinetic = kinetic};
