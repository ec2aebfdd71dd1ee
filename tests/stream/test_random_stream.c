/* The stream is what it says, and its counts are those of plain loops. */
#include "assert_close.h"

#include "stream.h"

#include <Random123/philox.h>
#include <gsl/gsl_cdf.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const kr_registry *registries[8];
static size_t registry_count;
static uint32_t word[STREAM_BLOCK], other[STREAM_BLOCK], scratch[STREAM_BLOCK];
static word_counts counted;

static stream_source source_of(stream_order order, bool normals) {
    return (stream_source){
        .kernels = registries[0]->kernels, .order = order, .seed = 77, .normals = normals, .rounds = 10, .scale = 1.0};
}

/* Word number i of a granule as the engine holds them: first the two upper words of its 16 calls, then the two lower ones, each
 * pair as one number of 64 bits. */
static uint32_t word_by_definition(kr_draw d, size_t i) {
    uint32_t call = (uint32_t)(i % 32 / 2), output = (uint32_t)(i / 32 * 2 + 1 - i % 2);
    philox4x32_ctr_t counter = {{(uint32_t)(d.first / 4) + call, (uint32_t)d.step, (uint32_t)(d.step >> 32),
                                 (uint32_t)d.stream << 24 | (uint32_t)d.coordinate}};
    philox4x32_key_t key = {{(uint32_t)d.seed, (uint32_t)(d.seed >> 32)}};
    return philox4x32_R(10, counter, key).v[output];
}

static void words_are_those_of_philox(void **state) {
    (void)state;
    const uint64_t blocks[] = {0, 3, 16384 + 5, 3 * 16384 + 1, (UINT64_C(1) << 18) * 7 + 9};
    for (int order = 0; order < STREAM_ORDERS; order++)
        for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
            stream_source source = source_of((stream_order)order, false);
            kr_draw place = stream_place(&source, blocks[b]);
            stream_kernels_find(registries[0]->isa)->words(&source, place, word);
            for (size_t i = 0; i < STREAM_BLOCK; i += 37) {
                kr_draw d = place;
                size_t within = order == STREAM_PARTICLES ? i % KR_GRANULE : i / STREAM_RUN, run = i % STREAM_RUN;
                if (order == STREAM_PARTICLES) d.first += i / KR_GRANULE * KR_GRANULE;
                if (order == STREAM_STEPS) d.step += run;
                if (order == STREAM_COORDINATES) d.coordinate += (unsigned)run;
                if (order == STREAM_SEEDS) d.seed += run;
                assert_int_equal(word[i], word_by_definition(d, within));
            }
        }
}

static void all_instruction_sets_give_the_same_words(void **state) {
    (void)state;
    for (int order = 0; order < STREAM_ORDERS; order++)
        for (int normals = 0; normals < 2; normals++) {
            stream_source source = source_of((stream_order)order, normals);
            kr_draw place = stream_place(&source, 12345);
            stream_kernels_find(registries[0]->isa)->words(&source, place, word);
            for (size_t r = 1; r < registry_count; r++) {
                source.kernels = registries[r]->kernels;
                stream_kernels_find(registries[r]->isa)->words(&source, place, other);
                assert_memory_equal(word, other, sizeof word);
            }
        }
}

static void normals_become_uniform_words(void **state) {
    (void)state;
    double x[1000];
    uint32_t uniform[1000];
    for (int i = 0; i < 1000; i++) x[i] = -7.9 + 0.0158 * i;
    stream_kernels_find(registries[0]->isa)->uniform(1000, x, uniform);
    for (int i = 0; i < 1000; i++) {
        double exact = 0x1p32 * gsl_cdf_ugaussian_P(x[i]);
        assert_true(fabs(uniform[i] + 0.5 - exact) < 0.501); /* the middle of the word's cell */
        if (i) assert_true(uniform[i] >= uniform[i - 1]);
    }
}

/* ---- counts ---- */

static int rank_of(const uint32_t *first) {
    uint32_t row[32];
    int rank = 0;
    for (int r = 0; r < 32; r++) row[r] = first[16 * r];
    for (int bit = 0; bit < 32; bit++) {
        int pivot = rank;
        while (pivot < 32 && !(row[pivot] >> bit & 1)) pivot++;
        if (pivot == 32) continue;
        uint32_t swap = row[pivot];
        row[pivot] = row[rank];
        row[rank] = swap;
        for (int r = rank + 1; r < 32; r++)
            if (row[r] >> bit & 1) row[r] ^= row[rank];
        rank++;
    }
    return rank;
}

static void ranks_are_those_of_elimination(void) {
    uint64_t rank[33] = {0};
    for (size_t start = 0; start < STREAM_BLOCK; start += 512)
        for (size_t m = 0; m < 16; m++) rank[rank_of(word + start + m)]++;
    assert_memory_equal(rank, counted.rank, sizeof rank);
}

static void gaps_and_runs_are_those_of_a_plain_loop(void) {
    uint64_t gap[GAPS + 1] = {0}, run[RUNS + 1] = {0}, open = 0;
    for (size_t i = 0; i < STREAM_BLOCK; i++, open++)
        if (word[i] < 1u << 27) {
            gap[open < GAPS ? open : GAPS]++;
            open = UINT64_MAX;
        }
    assert_memory_equal(gap, counted.gap, sizeof gap);
    for (size_t start = 0, i = 1; i < STREAM_BLOCK; i++)
        if (i > start && word[i] < word[i - 1]) {
            run[i - start < RUNS ? i - start : RUNS]++;
            start = i + 1;
        }
    assert_memory_equal(run, counted.run, sizeof run);
}

static void bits_are_those_of_a_plain_loop(void) {
    for (size_t k = 0; k < MATCHES_A_BLOCK; k++) {
        uint64_t different[32] = {0};
        size_t lag = k + 1;
        for (size_t i = 0; i + lag < STREAM_BLOCK; i++)
            for (int b = 0; b < 32; b++) different[b] += (word[i] ^ word[i + lag]) >> b & 1;
        assert_int_equal(counted.matched[k], STREAM_BLOCK - lag);
        assert_memory_equal(different, counted.different[k], sizeof different);
    }
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void birthdays_are_those_of_a_library_sort(void) {
    uint32_t day[BIRTHDAYS], spacing[BIRTHDAYS];
    uint64_t same = 0;
    memcpy(day, word, sizeof day);
    qsort(day, BIRTHDAYS, sizeof *day, ascending);
    for (size_t i = 0; i < BIRTHDAYS; i++) spacing[i] = day[(i + 1) % BIRTHDAYS] - day[i];
    qsort(spacing, BIRTHDAYS, sizeof *spacing, ascending);
    for (size_t i = 1; i < BIRTHDAYS; i++) same += spacing[i] == spacing[i - 1];
    assert_int_equal(counted.birthday_same, same);
}

static void counts_are_those_of_plain_loops(void **state) {
    (void)state;
    for (size_t r = 0; r < registry_count; r++) {
        const stream_kernels *kernels = stream_kernels_find(registries[r]->isa);
        stream_source source = source_of(STREAM_PARTICLES, false);
        memset(&counted, 0, sizeof counted);
        kernels->words(&source, stream_place(&source, 0), word);
        kernels->count_words(&source, word, scratch, &counted);
        ranks_are_those_of_elimination();
        gaps_and_runs_are_those_of_a_plain_loop();
        bits_are_those_of_a_plain_loop();
        birthdays_are_those_of_a_library_sort();
    }
}

static void p_values_are_those_of_tables(void **state) {
    (void)state;
    p_values p = {.families = 0};
    const double expected[3] = {100, 100, 100}, observed[3] = {110, 105, 85}; /* chi-square 3.5, two degrees: Q = exp(-1.75) */
    p_begin(&p, "chi-square", 1);
    p_chi_square(&p, "", 3, expected, observed);
    assert_close(p.family[0].smallest, 2 * exp(-1.75), 1e-12, 0);
    p_begin(&p, "normal", 1);
    p_normal(&p, -3, "");
    assert_close(p.family[1].smallest, 0.002699796063260189, 1e-12, 0);
    assert_int_equal(p.family[1].tests, 1);
}

int main(void) {
    registry_count = kr_registry_available(registries, 8);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_philox),    cmocka_unit_test(all_instruction_sets_give_the_same_words),
        cmocka_unit_test(normals_become_uniform_words), cmocka_unit_test(counts_are_those_of_plain_loops),
        cmocka_unit_test(p_values_are_those_of_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
