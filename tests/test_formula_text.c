/* The text of a landscape formula: its names as parameters, what is refused and where, its size, and texts that nobody would write.
 */
#include "formula_fixture.h"
#include "scene_errors.h"

#include "scene/scene_parts.h"

/* ---- parameters ---- */

static kr_scene parse(const char *text, const char *const *set, size_t count) {
    kr_scene scene;
    kr_error error;
    if (kr_scene_parse(&scene, any_registry(), "test", ".", text, set, count, &error)) fail_msg("%s", error.message);
    return scene;
}

#define WELL "landscape: {name: formula, potential: 'h*(x^2-1)^2 + c*x', variables: [x], h: 1, c: 0.1}\n"

static void names_are_parameters(void **state) {
    (void)state;
    const char *set[] = {"landscape.h=2.5"};
    kr_scene scene = parse(WELL, set, 1), again, copy;
    kr_error error;
    char *text;
    const kr_parameter *h = kr_scene_parameter(&scene, "landscape.h");
    assert_non_null(h);
    assert_int_equal(h->type, KR_NUMBER);
    assert_true(kr_get_number(&scene.landscape, h) == 2.5);
    assert_null(kr_scene_parameter(&scene, "landscape.k"));
    /* Written and read again it is the same scene, with the same descriptor. */
    assert_int_equal(kr_scene_write(&scene, &text, &error), KR_OK);
    assert_non_null(strstr(text, "variables: [x]"));
    again = parse(text, NULL, 0);
    assert_true(kr_scene_equal(&scene, &again));
    assert_ptr_equal(scene.landscape.about, again.landscape.about);
    assert_int_equal(kr_scene_copy(&copy, &scene, &error), KR_OK);
    assert_true(kr_scene_equal(&scene, &copy));
    free(text);
    kr_scene_destroy(&copy);
    kr_scene_destroy(&again);
    kr_scene_destroy(&scene);
}

static void another_formula_drops_the_names_of_the_old_one(void **state) {
    (void)state;
    const char *set[] = {"landscape.potential=k*x^2+h*y^2", "landscape.variables=[x, y]", "landscape.k=3"};
    kr_scene scene = parse(WELL, set, 3);
    assert_null(kr_scene_parameter(&scene, "landscape.c"));
    assert_true(kr_get_by_name(scene.landscape.about, scene.landscape.values, "k", 0) == 3);
    assert_true(kr_get_by_name(scene.landscape.about, scene.landscape.values, "h", 0) == 1);
    assert_int_equal(((const kr_landscape_type *)scene.landscape.about)->dim, 2);
    kr_scene_destroy(&scene);
    const char *other[] = {"landscape.name=harmonic"};
    scene = parse(WELL, other, 1);
    assert_string_equal(scene.landscape.about->name, "harmonic");
    kr_scene_destroy(&scene);
}

/* As the window's fields and sliders change a scene that runs. */
static void a_scene_changes_while_it_runs(void **state) {
    (void)state;
    kr_scene scene = parse(WELL, NULL, 0), changed;
    kr_error error;
    const kr_setting slider = {"landscape.h", kr_number_value(1.75)},
                     field = {"landscape.potential", kr_text_value("h*x^4 - c*x^2")},
                     wrong = {"landscape.potential", kr_text_value("h*x^4 - q*x^2")};
    const kr_setting both[] = {{"landscape.variables", kr_text_value("x, y")},
                               {"landscape.potential", kr_text_value("h*x^4 + y^2")}};
    assert_int_equal(kr_scene_change_values(&changed, &scene, &slider, 1, "scene", &error), KR_OK);
    assert_ptr_equal(changed.landscape.about, scene.landscape.about);
    assert_true(kr_get_by_name(changed.landscape.about, changed.landscape.values, "h", 0) == 1.75);
    kr_scene_destroy(&changed);
    assert_int_equal(kr_scene_change_values(&changed, &scene, &field, 1, "scene", &error), KR_OK);
    assert_string_equal(((const char *const *)changed.landscape.values)[0], "h*x^4 - c*x^2");
    kr_scene_destroy(&changed);
    assert_int_equal(kr_scene_change_values(&changed, &scene, both, 2, "scene", &error), KR_OK);
    assert_null(kr_scene_parameter(&changed, "landscape.c"));
    kr_scene_destroy(&changed);
    assert_int_equal(kr_scene_change_values(&changed, &scene, &wrong, 1, "scene", &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "potential, column 9: unknown name 'q'"));
    kr_scene_destroy(&scene);
}

static void bad_formulas_are_refused_with_the_column(void **state) {
    (void)state;
#define BAD(rest) "landscape: {name: formula, " rest "}\n"
    static const broken_scene broken[] = {
        {BAD("potential: 'h*x^2 + c*xx', variables: [x], h: 1, c: 1"), NULL,
         "test:1:39: potential, column 11: unknown name 'xx'; did you mean 'x'?"},
        {BAD("potential: 'h*x^2', variables: [x]"), NULL,
         "column 1: unknown name 'h'; list it in variables, or give it a value in the scene (h: 1)"},
        {BAD("potential: 'h*x^2', variables: [x], h: 1, g: 2"), NULL,
         "test:1:70: unknown parameter of landscape 'formula' 'g'; there are potential, variables"},
        {BAD("potential: 'height*x^2', variables: [x], hieght: 1"), NULL,
         "column 1: unknown name 'height'; did you mean 'hieght'?"},
        {BAD("potential: 'cso(x)', variables: [x]"), NULL, "column 1: unknown function 'cso'; did you mean 'cos'?"},
        {BAD("potential: '1 + ln(x)', variables: [x]"), NULL, "column 5: unknown function 'ln'; did you mean 'log'?"},
        {BAD("potential: 'gamma(x)', variables: [x]"), NULL, "unknown function 'gamma'; there are abs, atan, cos"},
        {BAD("potential: 'x(1+x)', variables: [x]"), NULL, "column 1: 'x' is no function; a product is written x*(...)"},
        {BAD("potential: '(x^2-1', variables: [x]"), NULL, "column 7: expected ')' for the '(' in column 1, not the end"},
        {BAD("potential: 'x^2)', variables: [x]"), NULL, "column 4: there is no '(' for this ')'"},
        {BAD("potential: '2x', variables: [x]"), NULL, "column 2: expected an operator, not 'x'; a product is written with *"},
        {BAD("potential: 'x + ', variables: [x]"), NULL, "column 5: expected a number, a name or '(', not the end"},
        {BAD("potential: '', variables: [x]"), NULL, "column 1: expected a number"},
        {BAD("potential: 'x\xc2\xb2 + q', variables: [x]"), NULL, "column 2: '\xc2\xb2' is not understood"},
        {BAD("potential: '\xc2\xb2x + q', variables: [x]"), NULL, "column 1: expected a number, a name or '(', not '\xc2\xb2'"},
        {BAD("potential: 'V = x^2', variables: [x]"), NULL, "column 1: the potential is one expression; leave 'V =' out"},
        {BAD("potential: 'x/0', variables: [x]"), NULL, "column 2: the numbers here give one that is not finite"},
        {BAD("potential: 'x*log(h)', variables: [x], h: -1"), NULL, "column 3: the numbers here give one that is not finite"},
        {BAD("potential: 'x*1e999', variables: [x]"), NULL, "column 3: 1e999 is beyond the largest number"},
        {BAD("potential: 'min(x)', variables: [x]"), NULL, "min takes 2 arguments or more, not 1"},
        {BAD("potential: 'sin(x, x)', variables: [x]"), NULL, "sin takes 1 argument, not 2"},
        {BAD("potential: 'sin + x', variables: [x]"), NULL, "sin is a function; its argument stands in parentheses"},
        {BAD("potential: 'x*reach', variables: [x], reach: 3"), NULL, "'reach' is a key of the landscape"},
        {BAD("potential: 'x^2', variables: [x, y]"), NULL, "variables: 'y' does not occur in the potential"},
        {BAD("potential: 'x^2', variables: [x, x]"), NULL, "variables: 'x' is listed twice"},
        {BAD("potential: 'x^2', variables: [x, 2y]"), NULL, "variables: '2y' is no name"},
        {BAD("potential: 'x^2', variables: []"), NULL, "variables: '' is no name"},
        {BAD("potential: 'pi^2', variables: [pi]"), NULL, "variables: 'pi' has a meaning in formulas"},
        {BAD("potential: 'x^2'"), NULL, "'formula' needs 'variables'"},
        {BAD("variables: [x]"), NULL, "'formula' needs 'potential'"},
        {BAD("potential: 'x^2', variables: [[x]]"), NULL, "variables must be a list of names, not a list"},
        {BAD("potential: 'x^2', variables: [x], reach: 0"), NULL, "reach = 0 is out of range"},
        {BAD("potential: 'x^2', variables: [x], center: [1, 2]"), NULL, "center lists 2 numbers for 1 variables"},
        {BAD("potential: 'h*x^2', variables: [x], h: 1e101"), NULL, "h = 1e101 is out of range"},
        {WELL, "landscape.potential=x^2+q", "--set landscape.potential=x^2+q: potential, column 5: unknown name 'q'"},
        {WELL, "landscape.hh=1", "unknown parameter of landscape 'formula' 'hh'; did you mean 'h'?"},
    };
#undef BAD
    refuse_scenes(any_registry(), broken, sizeof broken / sizeof *broken);
}

/* ---- size ---- */

static char *repeated(const char *begin, const char *part, size_t count, const char *end) {
    size_t size = strlen(begin) + count * strlen(part) + strlen(end) + 1, used;
    char *text = malloc(size);
    assert_non_null(text);
    used = (size_t)snprintf(text, size, "%s", begin);
    for (size_t i = 0; i < count; i++) used += (size_t)snprintf(text + used, size - used, "%s", part);
    snprintf(text + used, size - used, "%s", end);
    return text;
}

static void refuse_size(char *rest, const char *message) {
    made m;
    kr_error error;
    if (try_in(&m, any_registry(), rest, &error) != KR_BAD_ARGUMENT) fail_msg("accepted: %.200s", rest);
    if (!strstr(error.message, message)) fail_msg("%s\nwithout %s", error.message, message);
    free(rest);
}

static double energy_of(char *rest, double x) {
    made m = make(rest);
    double energy;
    kr_landscape_energy(&m.landscape, 1, &x, &energy);
    unmake(&m);
    free(rest);
    return energy;
}

static void sizes_have_limits(void **state) {
    (void)state;
    const char *begin = "potential: '", *end = "', variables: [x]";
    assert_close(energy_of(repeated("potential: 'x", "+x*1.5", 4000, end), 2), 2 + 4000 * 3, 1e-12, 0);
    assert_close(energy_of(repeated("potential: '", "-", 150, "x', variables: [x]"), 2), 2, 0, 0);
    char *open = repeated(begin, "(", 150, "x"), *nested = repeated(open, ")", 150, end);
    assert_close(energy_of(nested, 2), 2, 0, 0);
    free(open);
    refuse_size(repeated(begin, "(", 30000, "x', variables: [x]"),
                "column 201: parentheses, signs and powers are nested more than 200 deep");
    refuse_size(repeated(begin, "-", 30000, "x', variables: [x]"), "nested more than 200 deep");
    refuse_size(repeated(begin, "x^", 10000, "x', variables: [x]"), "nested more than 200 deep");
    refuse_size(repeated("potential: 'x", "+x", 20000, end), "potential: has 40001 characters; there may be at most 32768");
    refuse_size(repeated(begin, "long_", 10, "name', variables: [x]"), "a name may have at most 39 letters");
    refuse_size(repeated(begin, "1", 100, "*x', variables: [x]"), "a number may have at most 63 digits");
}

/* log(sum_i exp(x_i)) of many variables: full gradient and Hessian, softmax and diag(p) - p p^T. */
static void sixty_four_variables(void **state) {
    (void)state;
    enum { DIM = 64 };
    char text[2000] = "potential: 'log(", variables[600] = "', variables: [";
    for (int i = 0; i < DIM; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%sexp(x%d)", i ? " + " : "", i);
        snprintf(variables + strlen(variables), sizeof variables - strlen(variables), "%sx%d", i ? ", " : "", i);
    }
    snprintf(text + strlen(text), sizeof text - strlen(text), ")%s]", variables);
    made m = make(text);
    double x[DIM], gradient[DIM], *hessian = malloc(DIM * DIM * sizeof *hessian), sum = 0;
    for (int i = 0; i < DIM; i++) sum += exp(x[i] = 2 * point((uint64_t)i + 1));
    kr_landscape_gradient(&m.landscape, 1, x, gradient);
    kr_landscape_hessian(&m.landscape, 1, x, hessian);
    for (int i = 0; i < DIM; i++) {
        assert_close(gradient[i], exp(x[i]) / sum, 1e-13, 0);
        for (int j = 0; j < DIM; j++)
            assert_close(hessian[i * DIM + j], (i == j ? gradient[i] : 0) - gradient[i] * gradient[j], 1e-12, 1e-17);
    }
    free(hessian);
    unmake(&m);
    char *more = repeated("potential: 'x', variables: [x", ", y", 1, "]");
    free(more);
    char many[1200] = "potential: 'v0', variables: [v0";
    for (int i = 1; i <= DIM; i++) snprintf(many + strlen(many), sizeof many - strlen(many), ", v%d", i);
    refuse_size(repeated(many, "", 0, "]"), "variables: there may be at most 64");
}

/* Texts that nobody would write: refused or not, nothing worse. Run under the sanitizers too. */
static void any_text_is_parsed_or_refused(void **state) {
    (void)state;
    static const char *const tokens[] = {
        "x",  "y",        "h",  "2",      "1e3", ".5", "(x)",  "exp(x)", "min(x,y)", "pow(x,3)", "tanh(x)", "0",
        "pi", "-1",       "e",  "abs(y)", "+",   "-",  "*",    "/",      "^",        "**",       "-",       "*",
        "+",  "/-",       "*(", ")/",     ",",   " ",  "*-",   "^-",     "exp(",     "min(",     "log",     "sqrt(",
        "1e", "\xc2\xb2", "#",  "=",      "_",   "x)", "0.5)", "pow(x,", "((",       ")",        "-1",      "e+"};
    uint64_t seed = 1;
    size_t accepted = 0;
    for (int trial = 0; trial < 20000; trial++) {
        char rest[400] = "potential: \"";
        int length = 1 + (int)((seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407) >> 60);
        for (int k = 0; k < length; k++) { /* an operand and an operation in turn, and now and then something else */
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            size_t kind = seed >> 59 == 0 ? 2 : (size_t)k % 2;
            strcat(rest, tokens[16 * kind + (seed >> 33) % 16]);
        }
        strcat(rest, length % 2 ? "" : "h"), strcat(rest, " + x + y\", variables: [x, y], h: 0.7");
        made m;
        kr_error error;
        kr_status status = try_in(&m, any_registry(), rest, &error);
        if (status) {
            assert_int_equal(status, KR_BAD_ARGUMENT);
            continue;
        }
        double x[6] = {0.3, -0.2, 1.4, 0.7, 0.1, -2}, out[12];
        accepted++;
        kr_landscape_energy(&m.landscape, 3, x, out);
        kr_landscape_gradient(&m.landscape, 3, x, out);
        kr_landscape_hessian(&m.landscape, 3, x, out);
        unmake(&m);
    }
    print_message("%zu of 20000 texts are formulas\n", accepted);
    assert_true(accepted > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_parameters),
        cmocka_unit_test(another_formula_drops_the_names_of_the_old_one),
        cmocka_unit_test(a_scene_changes_while_it_runs),
        cmocka_unit_test(bad_formulas_are_refused_with_the_column),
        cmocka_unit_test(sizes_have_limits),
        cmocka_unit_test(sixty_four_variables),
        cmocka_unit_test(any_text_is_parsed_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
