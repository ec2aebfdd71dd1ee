/* Parameter tables: defaults, range checks, texts, nearest names. */
#include <kramers/parameter.h>

#include "assert_close.h"
#include <kramers/number_text.h>

#include <float.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

typedef struct values {
    double barrier, free;
    int64_t steps;
    bool nesterov;
    int after;
    char *file;
    kr_list stiffness, levels;
} values;

static const char *const after_choices[] = {"hold", "repeat", "mirror", NULL};

static const kr_descriptor about = {
    .name = "test",
    .values_size = sizeof(values),
    .parameters = (const kr_parameter[]){
        {.name = "barrier",
         .symbol = "h",
         .type = KR_NUMBER,
         .offset = offsetof(values, barrier),
         .initial = 1,
         .maximum = 1e6,
         .flags = KR_ABOVE_MINIMUM},
        {.name = "free", .type = KR_NUMBER, .offset = offsetof(values, free), .initial = NAN},
        {.name = "steps", .type = KR_INTEGER, .offset = offsetof(values, steps), .initial = 7, .minimum = 1, .maximum = 0x1p63},
        {.name = "nesterov", .type = KR_SWITCH, .offset = offsetof(values, nesterov), .initial = 1},
        {.name = "after", .type = KR_CHOICE, .offset = offsetof(values, after), .initial = 1, .choices = after_choices},
        {.name = "file", .type = KR_TEXT, .offset = offsetof(values, file), .initial_text = "a.h5"},
        {.name = "stiffness",
         .symbol = "k",
         .type = KR_LIST,
         .offset = offsetof(values, stiffness),
         .initial = 1,
         .minimum = -2,
         .maximum = 2,
         .flags = KR_BELOW_MAXIMUM},
        {.name = "levels", .type = KR_LIST, .offset = offsetof(values, levels), .initial = NAN},
        KR_END}};

static const values *of(const kr_settings *settings) {
    return settings->values;
}

static void defaults_and_copy(void **state) {
    (void)state;
    kr_settings settings, copy;
    assert_int_equal(kr_settings_create(&settings, &about, NULL), KR_OK);
    assert_close(of(&settings)->barrier, 1, 0, 0);
    assert_true(isnan(of(&settings)->free));
    assert_int_equal(of(&settings)->steps, 7);
    assert_true(of(&settings)->nesterov);
    assert_int_equal(of(&settings)->after, 1);
    assert_string_equal(of(&settings)->file, "a.h5");
    assert_int_equal(of(&settings)->stiffness.count, 1);
    assert_int_equal(of(&settings)->levels.count, 0);

    const double two[] = {0.5, -2};
    assert_int_equal(kr_set_list(&settings, kr_parameter_find(&about, "stiffness"), two, 2, NULL), KR_OK);
    assert_int_equal(kr_set_text(&settings, kr_parameter_find(&about, "file"), "b.h5", NULL), KR_OK);
    assert_int_equal(kr_settings_copy(&copy, &settings, NULL), KR_OK);
    kr_settings_destroy(&settings);
    assert_string_equal(of(&copy)->file, "b.h5");
    assert_int_equal(of(&copy)->stiffness.count, 2);
    assert_close(of(&copy)->stiffness.value[1], -2, 0, 0);
    assert_close(kr_get_by_name(&about, copy.values, "after", -1), 1, 0, 0);
    assert_close(kr_get_by_name(&about, copy.values, "nowhere", -1), -1, 0, 0);
    kr_settings_destroy(&copy);
}

/* NULL: accepted. */
static const struct {
    const char *name, *text, *message;
} assignments[] = {
    {"barrier", "0.1", NULL},
    {"barrier", "1e6", NULL},
    {"barrier", ".5", NULL},
    {"barrier", "1000001", "barrier = 1000001 is out of range; allowed: 0 < h <= 1e6"},
    {"barrier", "0", "barrier = 0 is out of range; allowed: 0 < h <= 1e6"},
    {"barrier", "1e-400", "barrier = 0 is out of range; allowed: 0 < h <= 1e6"},
    {"barrier", "1e400", "barrier must be finite, not .inf"},
    {"barrier", ".nan", "barrier must be finite, not .nan"},
    {"barrier", "0,1", "barrier must be a number, not '0,1'"},
    {"barrier", "0x10", "barrier must be a number, not '0x10'"},
    {"barrier", "nan", "barrier must be a number, not 'nan'"},
    {"barrier", "1e", "barrier must be a number, not '1e'"},
    {"barrier", "", "barrier must be a number, not ''"},
    {"free", "-1e308", NULL},
    {"free", "-.inf", "free must be finite, not -.inf"},
    {"steps", "1e5", NULL},
    {"steps", "9007199254740993", NULL},
    {"steps", "9223372036854775807", NULL},
    {"steps", "9223372036854775808", "steps = 9.223372036854776e18 is out of range; allowed: steps >= 1"},
    {"steps", "0", "steps = 0 is out of range; allowed: steps >= 1"},
    {"steps", "-5", "steps = -5 is out of range; allowed: steps >= 1"},
    {"steps", "1.5", "steps must be an integer, not 1.5"},
    {"steps", "1e-3", "steps must be an integer, not 0.001"},
    {"steps", "many", "steps must be an integer, not 'many'"},
    {"nesterov", "false", NULL},
    {"nesterov", "yes", "nesterov must be true or false, not 'yes'"},
    {"nesterov", "1", "nesterov must be true or false, not '1'"},
    {"after", "mirror", NULL},
    {"after", "mirrored", "after must be one of hold, repeat or mirror, not 'mirrored'; did you mean 'mirror'?"},
    {"file", "0.1", NULL},
    {"stiffness", "[1, -2, 1.9]", NULL},
    {"stiffness", "0.5", NULL},
    {"stiffness", "[1, 2]", "stiffness = 2 is out of range; allowed: each -2 <= k < 2"},
    {"stiffness", "[]", "stiffness must not be an empty list"},
    {"stiffness", "[1, x]", "stiffness must be a number or a list of numbers, not '[1, x]'"},
    {"levels", "[]", NULL},
    {"levels", "[.inf]", "levels must be finite, not .inf"},
};

static void assignments_are_checked(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof assignments / sizeof *assignments; i++) {
        kr_settings settings;
        kr_error error = {0};
        assert_int_equal(kr_settings_create(&settings, &about, NULL), KR_OK);
        kr_status status = kr_set_from_text(&settings, kr_parameter_find(&about, assignments[i].name), assignments[i].text, &error);
        assert_string_equal(status ? error.message : "", assignments[i].message ? assignments[i].message : "");
        if (status) { /* the value is unchanged */
            assert_close(of(&settings)->barrier, 1, 0, 0);
            assert_int_equal(of(&settings)->steps, 7);
            assert_close(of(&settings)->stiffness.value[0], 1, 0, 0);
        }
        kr_settings_destroy(&settings);
    }
}

static void big_integers_are_exact(void **state) {
    (void)state;
    kr_settings settings;
    assert_int_equal(kr_settings_create(&settings, &about, NULL), KR_OK);
    assert_int_equal(kr_set_from_text(&settings, kr_parameter_find(&about, "steps"), "9007199254740993", NULL), KR_OK);
    assert_true(of(&settings)->steps == INT64_C(9007199254740993));
    kr_settings_destroy(&settings);
}

static void numbers_read_back(void **state) {
    (void)state;
    double value[] = {0,    1,       -1,      0.1,      1.0 / 3, 100000, 123456, 1e6, 1e15, 123456789012345,
                      1e22, DBL_MAX, DBL_MIN, 4.9e-324, -2.5e-7, 0.2};
    const char *text[] = {"0",    "1",  "-1", "0.1", NULL,      "100000", "123456", "1e6", "1e15", "123456789012345",
                          "1e22", NULL, NULL, NULL,  "-2.5e-7", "0.2"};
    for (size_t i = 0; i < sizeof value / sizeof *value; i++) {
        char buffer[KR_NUMBER_TEXT];
        double back;
        kr_number_text(value[i], buffer);
        if (text[i]) assert_string_equal(buffer, text[i]);
        assert_true(kr_number_parse(buffer, &back));
        assert_true(back == value[i]);
    }
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        double number, back;
        char buffer[KR_NUMBER_TEXT];
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) continue;
        assert_true(kr_number_parse(kr_number_text(number, buffer), &back));
        assert_memory_equal(&back, &number, sizeof number);
    }
}

static void decimal_comma_of_a_locale_does_not_matter(void **state) {
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) skip();
    double value;
    char buffer[KR_NUMBER_TEXT];
    assert_true(kr_number_parse("0.25", &value));
    assert_close(value, 0.25, 0, 0);
    assert_string_equal(kr_number_text(0.25, buffer), "0.25");
    setlocale(LC_ALL, "C");
}

static void nearest_names(void **state) {
    (void)state;
    const char *const names[] = {"cosine", "cosine_restarts", "double_well", "muller_brown", "lr", "step", NULL};
    assert_string_equal(kr_nearest_name("doublewell", names), "double_well");
    assert_string_equal(kr_nearest_name("Double-Well", names), "double_well");
    assert_string_equal(kr_nearest_name("cosin", names), "cosine");
    assert_string_equal(kr_nearest_name("cosine_r", names), "cosine");
    assert_string_equal(kr_nearest_name("muller", names), "muller_brown");
    assert_string_equal(kr_nearest_name("setp", names), "step");
    assert_string_equal(kr_nearest_name("rl", names), "lr");
    assert_null(kr_nearest_name("x", names));
    assert_null(kr_nearest_name("temperature", names));
    assert_null(kr_nearest_name("", names));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_and_copy),
        cmocka_unit_test(assignments_are_checked),
        cmocka_unit_test(big_integers_are_exact),
        cmocka_unit_test(numbers_read_back),
        cmocka_unit_test(decimal_comma_of_a_locale_does_not_matter),
        cmocka_unit_test(nearest_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
