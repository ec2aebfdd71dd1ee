/* Entries of the energy ledger. All are differences taken as products, p d + d^2/2, not of squares, so that each is exact to
 * rounding of itself and their sum to rounding of the energy. With K = scale p^2 / 2:
 *
 *     p -> mu p            adds  scale (mu - 1)(mu + 1) p^2 / 2
 *     p -> p + push d      adds  scale push d (p + push d / 2)
 *
 * Particles that stand still are NaN, and so is what would be entered for them: entries that are not finite are left out. */
#include "engine/ledger.h"

#include <kramers/plugin.h>

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* Sums over the coordinates of a particle, or of a granule of particles, without their constant factors. */
enum { SQUARE, EXCHANGE, HEAT, SUMS };
typedef double granule[KR_GRANULE];

static inline double loss_of(double scale, double mu) {
    return 0.5 * scale * (mu - 1.0) * (mu + 1.0);
}

/* d (p + push d / 2), added. */
static inline double gain(double sum, double moving, double push, double d) {
    return fma(d, fma(0.5 * push, d, moving), sum);
}

/* ---- one and two coordinates: everything in one loop ----
 *
 * dim, noisy, rubbed (mu is not 1) and whole (no particle stands still) are literals, so that each kick_function below has only
 * what it needs. */
static inline void kick_particles(const size_t dim, const bool noisy, const bool rubbed, const bool whole, size_t n, double scale,
                                  double mu, double push, const double *restrict m, const double *restrict clean,
                                  const double *restrict gradient, const double *restrict before, const double *restrict after,
                                  double *restrict friction, double *restrict shadow, double *restrict noise,
                                  double *restrict gross) {
    double loss = loss_of(scale, mu), factor = scale * push, loss_size = fabs(loss), factor_size = fabs(factor);
    for (size_t p = 0; p < n; p++) {
        double square = 0.0, exchange = 0.0, heat = 0.0, drift = after[p] - before[p];
        for (size_t i = 0; i < dim; i++) {
            double moving = m[i * n + p], kept = mu * moving, slope = clean[i * n + p];
            if (rubbed) square = fma(moving, moving, square);
            exchange = gain(exchange, kept, push, slope);
            if (noisy) heat = gain(heat, fma(push, slope, kept), push, gradient[i * n + p] - slope);
        }
        if (!whole) {
            bool moved = fabs(drift) <= DBL_MAX, kicked = fabs(square + exchange + heat) <= DBL_MAX;
            drift = moved ? drift : 0.0;
            square = kicked ? square : 0.0;
            exchange = kicked ? exchange : 0.0;
            heat = kicked ? heat : 0.0;
        }
        double sizes = fma(factor_size, fabs(exchange) + fabs(heat), gross[p] + fabs(drift));
        if (rubbed) friction[p] = fma(loss, square, friction[p]);
        if (noisy) noise[p] = fma(factor, heat, noise[p]);
        shadow[p] = fma(factor, exchange, shadow[p] + drift);
        gross[p] = rubbed ? fma(loss_size, square, sizes) : sizes;
    }
}

#define KICK_PARAMETERS                                                                                                            \
    size_t n, double scale, double mu, double push, const double *restrict m, const double *restrict clean,                        \
        const double *restrict gradient, const double *restrict before, const double *restrict after, double *restrict friction,   \
        double *restrict shadow, double *restrict noise, double *restrict gross
typedef void kick_function(KICK_PARAMETERS);

#define KICK(name, dim, noisy, rubbed, whole)                                                                                      \
    static void name(KICK_PARAMETERS) {                                                                                            \
        kick_particles(dim, noisy, rubbed, whole, n, scale, mu, push, m, clean, gradient, before, after, friction, shadow, noise,  \
                       gross);                                                                                                     \
    }
#define KICKS(name, dim)                                                                                                           \
    KICK(name##_some, dim, false, false, false)                                                                                    \
    KICK(name##_all, dim, false, false, true)                                                                                      \
    KICK(name##_rubbed_some, dim, false, true, false)                                                                              \
    KICK(name##_rubbed_all, dim, false, true, true)                                                                                \
    KICK(name##_noisy_some, dim, true, false, false)                                                                               \
    KICK(name##_noisy_all, dim, true, false, true)                                                                                 \
    KICK(name##_noisy_rubbed_some, dim, true, true, false)                                                                         \
    KICK(name##_noisy_rubbed_all, dim, true, true, true)                                                                           \
    static kick_function *const name##_kicks[2][2][2] = {                                                                          \
        {{name##_some, name##_all}, {name##_rubbed_some, name##_rubbed_all}},                                                      \
        {{name##_noisy_some, name##_noisy_all}, {name##_noisy_rubbed_some, name##_noisy_rubbed_all}}};
KICKS(line, 1)
KICKS(plane, 2)

static inline void bathe_particles(const size_t dim, const bool whole, size_t n, double c, double amplitude,
                                   const double *restrict normal, const double *restrict p, double *restrict friction,
                                   double *restrict thermal, double *restrict gross) {
    double loss = loss_of(1.0, c), loss_size = fabs(loss), factor_size = fabs(amplitude);
    for (size_t k = 0; k < n; k++) {
        double square = 0.0, heat = 0.0;
        for (size_t i = 0; i < dim; i++) {
            square = fma(p[i * n + k], p[i * n + k], square);
            heat = gain(heat, c * p[i * n + k], amplitude, normal[i * n + k]);
        }
        if (!whole) {
            bool finite = fabs(square + heat) <= DBL_MAX;
            square = finite ? square : 0.0;
            heat = finite ? heat : 0.0;
        }
        friction[k] = fma(loss, square, friction[k]);
        thermal[k] = fma(amplitude, heat, thermal[k]);
        gross[k] = fma(loss_size, square, fma(factor_size, fabs(heat), gross[k]));
    }
}

#define BATH_PARAMETERS                                                                                                            \
    size_t n, double c, double amplitude, const double *restrict normal, const double *restrict p, double *restrict friction,      \
        double *restrict thermal, double *restrict gross
typedef void bath_function(BATH_PARAMETERS);

#define BATH(name, dim, whole)                                                                                                     \
    static void name(BATH_PARAMETERS) {                                                                                            \
        bathe_particles(dim, whole, n, c, amplitude, normal, p, friction, thermal, gross);                                         \
    }
BATH(line_bath_some, 1, false)
BATH(line_bath_all, 1, true)
BATH(plane_bath_some, 2, false)
BATH(plane_bath_all, 2, true)
static bath_function *const line_baths[2] = {line_bath_some, line_bath_all}, *const plane_baths[2] = {plane_bath_some,
                                                                                                      plane_bath_all};

/* ---- any number of coordinates, and shares: a granule at a time ---- */

static void take_share(const double *restrict share, const double *restrict from, double *restrict to) {
    for (size_t p = 0; p < KR_GRANULE; p++) to[p] = share[p] * from[p];
}

static void add_square(const double *restrict m, double *restrict sum) {
    for (size_t p = 0; p < KR_GRANULE; p++) sum[p] = fma(m[p], m[p], sum[p]);
}

static void add_gain(double kept, double push, const double *restrict m, const double *restrict d, double *restrict sum) {
    for (size_t p = 0; p < KR_GRANULE; p++) sum[p] = gain(sum[p], kept * m[p], push, d[p]);
}

static void add_heat(double mu, double push, const double *restrict m, const double *restrict clean,
                     const double *restrict gradient, double *restrict sum) {
    for (size_t p = 0; p < KR_GRANULE; p++) sum[p] = gain(sum[p], fma(push, clean[p], mu * m[p]), push, gradient[p] - clean[p]);
}

static void post_kick(double loss, double factor, const double *restrict squares, const double *restrict exchanges,
                      const double *restrict heats, const double *restrict before, const double *restrict after,
                      double *restrict friction, double *restrict shadow, double *restrict noise, double *restrict gross) {
    double loss_size = fabs(loss), factor_size = fabs(factor);
    for (size_t p = 0; p < KR_GRANULE; p++) {
        double square = squares[p], exchange = exchanges[p], heat = heats[p], drift = after[p] - before[p];
        bool moved = fabs(drift) <= DBL_MAX, kicked = fabs(square + exchange + heat) <= DBL_MAX;
        drift = moved ? drift : 0.0;
        square = kicked ? square : 0.0;
        exchange = kicked ? exchange : 0.0;
        heat = kicked ? heat : 0.0;
        friction[p] = fma(loss, square, friction[p]);
        noise[p] = fma(factor, heat, noise[p]);
        shadow[p] = fma(factor, exchange, shadow[p] + drift);
        gross[p] = fma(loss_size, square, fma(factor_size, fabs(exchange) + fabs(heat), gross[p] + fabs(drift)));
    }
}

static void kick_granule(size_t dim, size_t n, size_t first, const kr_ledger_kick_terms *k, double *const *account, double *gross) {
    granule sum[SUMS] = {{0}}, clean_share, noisy_share;
    for (size_t i = 0; i < dim; i++) {
        size_t at = i * n + first;
        const double *clean = k->clean + at, *noisy = k->noisy ? k->noisy + at : NULL;
        if (k->share) {
            take_share(k->share + at, clean, clean_share);
            if (noisy) take_share(k->share + at, noisy, noisy_share);
            clean = clean_share;
            noisy = noisy ? noisy_share : NULL;
        }
        if (k->mu != 1.0) add_square(k->m + at, sum[SQUARE]);
        add_gain(k->mu, k->push, k->m + at, clean, sum[EXCHANGE]);
        if (noisy) add_heat(k->mu, k->push, k->m + at, clean, noisy, sum[HEAT]);
    }
    post_kick(loss_of(k->scale, k->mu), k->scale * k->push, sum[SQUARE], sum[EXCHANGE], sum[HEAT], k->before + first,
              k->after + first, account[KR_ENERGY_FRICTION] + first, account[KR_ENERGY_SHADOW] + first,
              account[KR_ENERGY_NOISE] + first, gross + first);
}

static void kick(size_t dim, size_t n, const kr_ledger_kick_terms *k, double *const *account, double *gross) {
    if (dim <= 2 && !k->share) {
        kick_function *function = (dim == 1 ? line_kicks : plane_kicks)[k->noisy != NULL][k->mu != 1.0][k->whole];
        function(n, k->scale, k->mu, k->push, k->m, k->clean, k->noisy, k->before, k->after, account[KR_ENERGY_FRICTION],
                 account[KR_ENERGY_SHADOW], account[KR_ENERGY_NOISE], gross);
        return;
    }
    for (size_t first = 0; first < n; first += KR_GRANULE) kick_granule(dim, n, first, k, account, gross);
}

/* ---- thermostats, drifts, kinetic energies ---- */

static void post_bath(double loss, double amplitude, const double *restrict squares, const double *restrict gains,
                      double *restrict friction, double *restrict thermal, double *restrict gross) {
    double loss_size = fabs(loss), factor_size = fabs(amplitude);
    for (size_t p = 0; p < KR_GRANULE; p++) {
        double square = squares[p], heat = gains[p];
        bool finite = fabs(square + heat) <= DBL_MAX;
        square = finite ? square : 0.0;
        heat = finite ? heat : 0.0;
        friction[p] = fma(loss, square, friction[p]);
        thermal[p] = fma(amplitude, heat, thermal[p]);
        gross[p] = fma(loss_size, square, fma(factor_size, fabs(heat), gross[p]));
    }
}

static void thermostat(size_t dim, size_t n, bool whole, double c, double amplitude, const double *normal, const double *p,
                       double *friction, double *thermal, double *gross) {
    if (dim <= 2) {
        (dim == 1 ? line_baths : plane_baths)[whole](n, c, amplitude, normal, p, friction, thermal, gross);
        return;
    }
    for (size_t first = 0; first < n; first += KR_GRANULE) {
        granule square = {0}, heat = {0};
        for (size_t i = 0; i < dim; i++) {
            add_square(p + i * n + first, square);
            add_gain(c, amplitude, p + i * n + first, normal + i * n + first, heat);
        }
        post_bath(loss_of(1.0, c), amplitude, square, heat, friction + first, thermal + first, gross + first);
    }
}

static void difference(size_t n, const double *restrict before, const double *restrict after, double *restrict account,
                       double *restrict gross) {
    for (size_t p = 0; p < n; p++) {
        double entry = after[p] - before[p];
        bool finite = fabs(entry) <= DBL_MAX;
        entry = finite ? entry : 0.0;
        account[p] += entry;
        gross[p] += fabs(entry);
    }
}

static void add_kinetic(size_t count, const double *restrict v, double *restrict energy) {
    for (size_t p = 0; p < count; p++) energy[p] = fma(0.5 * v[p], v[p], energy[p]);
}

static void kinetic(size_t dim, size_t n, const double *velocity, double *energy) {
    for (size_t i = 0; i < dim; i++) add_kinetic(n, velocity + i * n, energy);
}

extern const kr_ledger_kernels KR_PASTE_HOST(ledger_kernels, KR_ISA);
const kr_ledger_kernels KR_PASTE_HOST(ledger_kernels, KR_ISA) = {
    .kick = kick, .thermostat = thermostat, .difference = difference, .kinetic = kinetic};
