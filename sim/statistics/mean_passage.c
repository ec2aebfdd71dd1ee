/* The mean first-passage time of spells of which many, or nearly all, were cut off at the end of the run.
 *
 * Exposure over passages is right only while the hazard is the same at every age. It is not: a particle that has just left the
 * start has to climb first. In a run that is short beside the mean this biases the quotient by far more than its error. Here the
 * hazard p of each bin of age is its own quotient, passages N over steps Y spent at that age. Given the past, the next passage at
 * this age has the chance p, so N - p Y is a martingale in the time of the run: estimates of different ages are uncorrelated with
 * variances N / Y^2 each, whatever ended the run (Aalen 1978; Gill 1980 for renewals). Survival S follows from the hazards (Kaplan
 * and Meier 1958, binned), and
 *
 *     mean = sum of S(m) over steps m < tau  +  S(tau) / p_tau,
 *
 * with p_tau the one hazard of all greater ages, by which the start is forgotten. tau is twelve relaxation times of the well, or
 * more where the data show a hazard that changes beyond it. */
#include "passage_durations.h"
#include "passage_hazard.h"

#include <kramers/confidence.h>

#include <math.h>

static const double relaxations = 12.0; /* of the harmonic approximation, up to twice too quick where a barrier is 3 T */
static const double all_arrived = 0.02; /* survival below which what follows hardly matters, and is joined */
static const double largest_z = 2.58;   /* two-sided 1 % */
enum { ENOUGH_TO_TEST = 40, EXPECTED = 10, HALF_AN_OCTAVE = 8 };

typedef struct spells {
    double events[KR_DURATION_BINS], exposure[KR_DURATION_BINS];
    size_t bins;
} spells;

typedef struct quotient {
    double events, exposure;
} quotient;

static quotient sum(const spells *s, size_t from, size_t to) {
    quotient q = {0, 0};
    for (size_t bin = from; bin < to; bin++) {
        q.events += s->events[bin];
        q.exposure += s->exposure[bin];
    }
    return q;
}

static double chance(const spells *s, size_t bin) {
    return s->exposure[bin] > 0 ? s->events[bin] / s->exposure[bin] : 0.0;
}

static double width(size_t bin) {
    return (double)(kr_duration_bin_begin(bin + 1) - kr_duration_bin_begin(bin));
}

/* (1 - p)^w. */
static double passing(double p, double w) {
    return p < 1 ? exp(w * log1p(-p)) : 0.0;
}

/* The first bin from which on the hazard is to be constant: beyond this age, or once nearly all have arrived. */
static size_t first_of_tail(const spells *s, double age) {
    double survival = 1.0;
    size_t bin = 0;
    while (bin < s->bins && (double)kr_duration_bin_begin(bin) < age && survival >= all_arrived) {
        survival *= passing(chance(s, bin), width(bin));
        bin++;
    }
    while (bin > 0 && survival < all_arrived && sum(s, bin, s->bins).events < EXPECTED) bin--;
    return bin;
}

/* Passages in the beginning of the tail against those that its share of the exposure predicts. The beginning is an octave of age,
 * or more where few are predicted, but at most half of the exposure. */
static bool is_constant(const spells *s, size_t tail) {
    quotient all = sum(s, tail, s->bins), first = {0, 0};
    uint64_t octave = 2 * kr_duration_bin_begin(tail);
    if (all.events < ENOUGH_TO_TEST) return true;
    for (size_t bin = tail; bin < s->bins && first.exposure < all.exposure / 2; bin++) {
        if (kr_duration_bin_begin(bin) >= octave && all.events * first.exposure >= EXPECTED * all.exposure) break;
        first.events += s->events[bin];
        first.exposure += s->exposure[bin];
    }
    double share = first.exposure / all.exposure, expected = all.events * share, rest = all.events - expected;
    if (expected < EXPECTED || rest < EXPECTED) return true;
    return fabs(first.events - expected) <= largest_z * sqrt(expected * (1.0 - share));
}

/* From the tail backwards: mean steps that are left at the beginning of each bin, within + passing left, and its derivative by the
 * bin's own chance p. With w steps, within = (1 - (1 - p)^w) / p and passing = (1 - p)^w. A chance of 1 has no variance. */
static double mean_of(const spells *s, size_t tail, double tail_mean, double *variance, double *tail_weight) {
    double survival[KR_DURATION_BINS + 1] = {1.0}, left = tail_mean;
    for (size_t bin = 0; bin < tail; bin++) survival[bin + 1] = survival[bin] * passing(chance(s, bin), width(bin));
    *variance = 0.0;
    *tail_weight = survival[tail];
    for (size_t bin = tail; bin-- > 0;) {
        double p = chance(s, bin), w = width(bin), pass = passing(p, w), within = p > 0 ? (1.0 - pass) / p : w;
        if (p > 0 && p < 1) {
            double lost = w * pass / (1.0 - p), derivative = survival[bin] * ((lost - within) / p - lost * left);
            *variance += derivative * derivative * p * (1.0 - p) / s->exposure[bin];
        }
        left = within + pass * left;
    }
    return left;
}

/* The tail's count has its exact interval; what comes before adds to it in quadrature. */
static void estimate(const spells *s, size_t tail, kr_mean_passage *m) {
    quotient q = sum(s, tail, s->bins);
    double variance, weight, tail_mean = q.events > 0 ? q.exposure / q.events : 0.0;
    double mean = mean_of(s, tail, tail_mean, &variance, &weight);
    kr_interval count = kr_poisson_interval((uint64_t)q.events, 0.95);
    double before = mean - weight * tail_mean, low = weight * q.exposure / count.high;
    if (q.events == 0) {
        m->ci95 = (kr_interval){before + low, INFINITY};
        return;
    }
    double high = weight * q.exposure / count.low;
    m->steps = mean;
    m->ci95.low = mean - hypot(weight * tail_mean - low, KR_NORMAL_95 * sqrt(variance));
    m->ci95.high = mean + hypot(high - weight * tail_mean, KR_NORMAL_95 * sqrt(variance));
}

kr_mean_passage kr_mean_passage_find(const kr_passage_durations *durations, const kr_view *view) {
    kr_mean_passage m = {.steps = NAN, .ci95 = {NAN, NAN}};
    spells s;
    s.bins = kr_passage_hazard(durations, view, s.events, s.exposure);
    double age = durations->relaxation > 0 ? relaxations * durations->relaxation : 0.0;
    size_t tail = first_of_tail(&s, age);
    bool changing = false;
    while (tail < s.bins && !is_constant(&s, tail)) {
        changing = true;
        tail += HALF_AN_OCTAVE;
    }
    changing = changing && (tail >= s.bins || sum(&s, tail, s.bins).events < ENOUGH_TO_TEST);
    size_t end = first_of_tail(&s, INFINITY);
    if (changing && end < s.bins) { /* nearly all have arrived, so that survival says it all */
        tail = end;
        changing = false;
    }
    m.memory = (double)kr_duration_bin_begin(tail < s.bins ? tail : s.bins);
    if (!changing && tail < s.bins) {
        estimate(&s, tail, &m);
        return m;
    }
    m.needed = changing ? 2.0 * (double)kr_duration_bin_begin(s.bins) : ceil(2.0 * age);
    return m;
}
