/* A list of bounded length of what was at the samples of a run. */
#include "assert_close.h"

#include "statistics/sample_series.h"

#include <string.h>

/* However many there were: the first one, then every 2^k-th, between half and all of the room, none of them out of place. */
static void spreads_over_the_run(void **state) {
    (void)state;
    static kr_series s;
    memset(&s, 0, sizeof s);
    for (uint64_t k = 0; k < 5000; k++) {
        const double number[KR_SERIES_WIDTH] = {2.0 * (double)k, 3.0 * (double)k};
        kr_series_add(&s, 10 * k, number);
        uint64_t apart = s.count > 1 ? (s.step[1] - s.step[0]) / 10 : 1;
        assert_int_equal(s.samples, k + 1);
        assert_int_equal(s.count, k / apart + 1);
        assert_true((apart & (apart - 1)) == 0 && s.count <= KR_SERIES_ENTRIES && (apart == 1 || s.count > KR_SERIES_ENTRIES / 2));
        for (uint64_t i = 0; i < s.count; i++) {
            assert_int_equal(s.step[i], 10 * i * apart);
            assert_true(s.number[0][i] == 2.0 * (double)(i * apart) && s.number[1][i] == 3.0 * (double)(i * apart));
        }
    }
}

static void checkpoints_are_not_trusted(void **state) {
    (void)state;
    static kr_series s, forged;
    static uint64_t words[sizeof s / sizeof(uint64_t)];
    const double number[KR_SERIES_WIDTH] = {1};
    memset(&s, 0, sizeof s);
    for (uint64_t k = 0; k < 300; k++) kr_series_add(&s, k, number);
    memcpy(words, &s, sizeof s);
    kr_series_restore(&forged, words);
    assert_memory_equal(&forged, &s, sizeof s);
    static const uint64_t lies[][2] = {{KR_SERIES_ENTRIES + 1, 1000}, {UINT64_MAX, UINT64_MAX}, {3, 2}, {7, UINT64_MAX}};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        memcpy(words, lies[i], sizeof lies[i]);
        kr_series_restore(&forged, words);
        assert_int_equal(forged.count, 0);
        kr_series_add(&forged, 5, number);
        assert_int_equal(forged.count, 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(spreads_over_the_run), cmocka_unit_test(checkpoints_are_not_trusted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
