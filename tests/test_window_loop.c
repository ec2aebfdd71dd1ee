/* The loop of the window with all its threads, on SDL's dummy display: what is drawn goes nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "window/window.h"

#include <kramers/kramers.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static kr_window_report show(kr_window_options options) {
    const kr_registry *registry;
    kr_window_report report = {.seconds = 0};
    kr_error error = {.status = KR_OK};
    options.threads = 1;
    if (kr_registry_find(NULL, &registry, &error) != KR_OK || kr_window_run(&options, registry, &report, &error) != KR_OK)
        fail_msg("%s", error.message);
    return report;
}

/* Theories, survival and simulation are at work when it ends. */
static void plays_and_keeps_the_session(void **state) {
    (void)state;
    char file[] = "/tmp/kramers-test-loop-XXXXXX";
    int descriptor = mkstemp(file);
    assert_true(descriptor >= 0);
    close(descriptor);
    kr_window_report report =
        show((kr_window_options){.source = "restart_escape", .seconds = 2.5, .speed = INFINITY, .output = file, .overwrite = true});
    assert_true(report.frames > 2);
    assert_true(report.steps > 100);
    assert_non_null(strstr(report.driver, "dummy"));
    report = show((kr_window_options){.source = file, .seconds = 1.5, .light = true});
    assert_true(report.seconds > 0);
    remove(file);
}

static void paused_it_draws_nothing(void **state) {
    (void)state;
    kr_window_report report = show((kr_window_options){.source = "double_well", .seconds = 4, .paused = true});
    assert_int_equal(report.steps, 0);
    /* The first second is for opening; the frames of the theories and of the first moments are few. */
    print_message("%llu frames in %.1f s\n", (unsigned long long)report.frames, report.seconds);
    assert_true((double)report.frames < 30 * report.seconds);
}

int main(void) {
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    const struct CMUnitTest tests[] = {cmocka_unit_test(plays_and_keeps_the_session), cmocka_unit_test(paused_it_draws_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
