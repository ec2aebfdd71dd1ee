/* Hazards by age and the mean that follows from them, against sums over single steps. */
#include "assert_close.h"

#include "statistics/passage_durations.h"
#include "statistics/passage_hazard.h"

#include <kramers/confidence.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARTICLES = 200, LONGEST = 3000 };

typedef struct world {
    gsl_rng *random;
    double delay, chance; /* nobody arrives before an age; then with this chance in each step */
    uint64_t step;
    uint64_t departure[PARTICLES], stopped_at[PARTICLES];
    kr_passage_durations durations;
    double events[LONGEST], exposure[LONGEST]; /* by age, one step each */
} world;

static kr_view view_of(const world *w) {
    return (kr_view){.step = w->step, .particles = PARTICLES, .departure = w->departure, .stopped_at = w->stopped_at};
}

/* counted: observation has begun. */
static void step(world *w, bool counted) {
    w->step++;
    for (uint64_t p = 0; p < PARTICLES; p++) {
        if (w->departure[p] == KR_ABSORBED || w->stopped_at[p]) continue;
        uint64_t age = w->step - 1 - w->departure[p];
        assert_true(age < LONGEST);
        bool arrives = (double)age >= w->delay && gsl_rng_uniform(w->random) < w->chance;
        if (counted) w->exposure[age]++;
        if (counted && arrives) w->events[age]++;
        if (!arrives) continue;
        kr_event event = {.step = w->step, .particle = p, .duration = w->step - w->departure[p]};
        if (counted) kr_passage_durations_add(&w->durations, &event, 1);
        w->departure[p] = w->step;
    }
}

static void begin(world *w, double delay, double chance, unsigned seed, double relaxation) {
    memset(w, 0, sizeof *w);
    w->random = gsl_rng_alloc(gsl_rng_taus2);
    gsl_rng_set(w->random, seed);
    w->delay = delay;
    w->chance = chance;
    kr_view view = view_of(w);
    kr_passage_durations_begin(&w->durations, &view, 0, relaxation);
}

static void compare_hazards(const world *w) {
    double events[KR_DURATION_BINS], exposure[KR_DURATION_BINS];
    kr_view view = view_of(w);
    size_t bins = kr_passage_hazard(&w->durations, &view, events, exposure);
    assert_true(bins > 0);
    for (size_t bin = 0, age = 0; bin < KR_DURATION_BINS; bin++) {
        double n = 0, y = 0;
        for (; age < LONGEST && age < kr_duration_bin_begin(bin + 1); age++) {
            n += w->events[age];
            y += w->exposure[age];
        }
        assert_true(events[bin] == n && exposure[bin] == y);
        assert_true(bin < bins || y == 0);
    }
}

static void bins_follow_one_another(void **state) {
    (void)state;
    assert_int_equal(kr_duration_bin_begin(0), 0);
    for (size_t bin = 0; bin < KR_DURATION_BINS; bin++) {
        uint64_t begin_ = kr_duration_bin_begin(bin), width = kr_duration_bin_begin(bin + 1) - begin_;
        assert_true(width >= 1 && (bin < 32 ? width == 1 : width * 16 <= begin_ && width * 32 > begin_));
    }
    assert_true(kr_duration_bin_begin(KR_DURATION_BINS) == UINT64_C(1) << 40);
}

static void hazards_are_those_of_every_step(void **state) {
    (void)state;
    static world w;
    begin(&w, 20, 0.01, 1, NAN);
    for (int i = 0; i < 700; i++) step(&w, true);
    compare_hazards(&w);
    for (uint64_t p = 0; p < PARTICLES; p += 7) w.stopped_at[p] = w.step; /* as a particle that diverges */
    for (int i = 0; i < 300; i++) step(&w, true);
    compare_hazards(&w);
    uint64_t words[KR_DURATION_WORDS]; /* as a run that goes on from a checkpoint */
    kr_passage_durations_save(&w.durations, words);
    memset(w.durations.ended, 0, sizeof w.durations.ended);
    memset(w.durations.ended_steps, 0, sizeof w.durations.ended_steps);
    kr_passage_durations_restore(&w.durations, words);
    for (int i = 0; i < 300; i++) step(&w, true);
    compare_hazards(&w);
    gsl_rng_free(w.random);
}

/* Observation that begins later sees each spell from the age that it has by then. */
static void late_observers_see_the_rest(void **state) {
    (void)state;
    static world w;
    begin(&w, 20, 0.01, 2, NAN);
    for (int i = 0; i < 500; i++) step(&w, false);
    kr_view view = view_of(&w);
    kr_passage_durations_begin(&w.durations, &view, 0, NAN);
    for (int i = 0; i < 700; i++) step(&w, true);
    compare_hazards(&w);
    gsl_rng_free(w.random);
}

/* Spells that are under way at step 0 are as old as the burn-in. */
static void burn_in_is_part_of_the_first_spell(void **state) {
    (void)state;
    kr_passage_durations d;
    uint64_t departure[2] = {0, 0}, stopped_at[2] = {0, 0};
    kr_view view = {.particles = 2, .departure = departure, .stopped_at = stopped_at};
    kr_passage_durations_begin(&d, &view, 10, NAN);
    kr_event first = {.step = 5, .particle = 0, .duration = 5};
    kr_passage_durations_add(&d, &first, 1);
    departure[0] = 5;
    view.step = 8; /* particle 0 is 3 steps old, particle 1 is 18 and was seen from 10 on */
    double events[KR_DURATION_BINS], exposure[KR_DURATION_BINS];
    size_t bins = kr_passage_hazard(&d, &view, events, exposure);
    assert_int_equal(bins, 18);
    for (size_t age = 0; age < 18; age++) {
        assert_true(events[age] == (age == 14));
        assert_true(exposure[age] == (age < 3 ? 1 : age < 10 ? 0 : age < 15 ? 2 : 1));
    }
}

/* Without memory the mean is exposure over passages with the exact interval of their count. */
static void no_memory_is_the_quotient(void **state) {
    (void)state;
    static world w;
    begin(&w, 0, 0.01, 3, NAN);
    for (int i = 0; i < 400; i++) step(&w, true);
    double events = 0, exposure = 0;
    for (size_t age = 0; age < LONGEST; age++) events += w.events[age], exposure += w.exposure[age];
    kr_view view = view_of(&w);
    kr_mean_passage m = kr_mean_passage_find(&w.durations, &view);
    kr_interval count = kr_poisson_interval((uint64_t)events, 0.95);
    assert_close(m.steps, exposure / events, 1e-12, 0);
    assert_close(m.ci95.low, exposure / count.high, 1e-12, 0);
    assert_close(m.ci95.high, exposure / count.low, 1e-12, 0);
    assert_true(m.memory == 0 && m.needed == 0);
    gsl_rng_free(w.random);
}

/* After a delay of d steps the mean is d + 1/p. The interval covers it when the relaxation time is known. When it is not, the data
 * show that nobody arrives at once, and what is left of the delay in the tail is less than its error. */
static void a_delay_is_part_of_the_mean(void **state) {
    (void)state;
    enum { RUNS = 1000 };
    const double mean = 40 + 1 / 0.01;
    for (int known = 1; known >= 0; known--) {
        double sum = 0;
        uint64_t covered = 0;
        for (unsigned seed = 1; seed <= RUNS; seed++) {
            static world w;
            begin(&w, 40, 0.01, seed, known ? 40.0 / 12 : NAN);
            for (int i = 0; i < 150; i++) step(&w, true);
            kr_view view = view_of(&w);
            kr_mean_passage m = kr_mean_passage_find(&w.durations, &view);
            assert_true(m.steps > 0 && m.memory >= (known ? 40 : 16));
            if (mean >= m.ci95.low && mean <= m.ci95.high) covered++;
            sum += m.steps / mean / RUNS;
            gsl_rng_free(w.random);
        }
        print_message("relaxation %s: %.4f of the mean, %.3f covered\n", known ? "known" : "unknown", sum, (double)covered / RUNS);
        assert_close(sum, 1, 0, known ? 0.01 : 0.04);
        assert_in_range(covered, known ? 930 : 900, 970);
    }
}

/* As deterministic dynamics do: the hazard never becomes constant, but nobody is left. */
static void everybody_at_once_is_that_step(void **state) {
    (void)state;
    static world w;
    begin(&w, 30, 1, 1, NAN);
    for (int i = 0; i < 300; i++) step(&w, true);
    kr_view view = view_of(&w);
    kr_mean_passage m = kr_mean_passage_find(&w.durations, &view);
    assert_close(m.steps, 31, 1e-12, 0);
    assert_true(m.needed == 0 && m.ci95.low <= 31 && m.ci95.high >= 31);
    gsl_rng_free(w.random);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_follow_one_another),       cmocka_unit_test(hazards_are_those_of_every_step),
        cmocka_unit_test(late_observers_see_the_rest),   cmocka_unit_test(burn_in_is_part_of_the_first_spell),
        cmocka_unit_test(no_memory_is_the_quotient),     cmocka_unit_test(a_delay_is_part_of_the_mean),
        cmocka_unit_test(everybody_at_once_is_that_step)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
