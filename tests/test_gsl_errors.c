/* GSL's error handler belongs to the host: failures inside the library never reach it and never end the process, errors of the host
 * still do, and it is in place whenever no call into the library runs. Many threads at once. */
#include "assert_close.h"

#include "landscape_fixture.h"
#include "numerics/gsl_guard.h"
#include "numerics/integral.h"
#include "numerics/root.h"

#include <kramers/confidence.h>
#include <kramers/critical_points.h>
#include <kramers/transitions.h>

#include <gsl/gsl_errno.h>

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int seen;

static void of_the_host(const char *reason, const char *file, int line, int code) {
    (void)reason, (void)file, (void)line, (void)code;
    atomic_fetch_add(&seen, 1);
}

static gsl_error_handler_t *handler_now(void) {
    gsl_error_handler_t *now = gsl_set_error_handler(NULL);
    gsl_set_error_handler(now);
    return now;
}

static void raise_error(void) {
    gsl_error("an error of the host", __FILE__, __LINE__, GSL_EDOM);
}

static double torn(double x, void *context) {
    (void)context;
    return fabs(x) < 0.5 ? NAN : x;
}

static double pole(double x, void *context) {
    (void)context;
    return 1.0 / x;
}

/* Every one of these makes GSL raise an error. */
static void failures(void) {
    assert_true(isnan(kr_root(torn, NULL, -1.0, 2.0, 0.0, 0.0)));
    assert_true(isnan(kr_integral(pole, NULL, 0.0, 1.0, 1e-12, 1e-10)));
    assert_true(isnan(kr_integral_singular(pole, NULL, 0.0, 1.0, 1e-12, 1e-10)));
}

static void no_failure_ends_the_process(void **state) {
    (void)state;
    gsl_error_handler_t *before = gsl_set_error_handler(NULL); /* GSL's own, which aborts */
    failures();
    assert_true(handler_now() == NULL);
    gsl_set_error_handler(before);
}

static void nested_calls_leave_the_handler_once(void **state) {
    (void)state;
    gsl_error_handler_t *before = gsl_set_error_handler(of_the_host);
    seen = 0;
    kr_gsl_enter();
    failures();
    raise_error();
    assert_int_equal(seen, 0);
    assert_true(handler_now() != of_the_host);
    kr_gsl_leave();
    assert_true(handler_now() == of_the_host);
    raise_error();
    assert_int_equal(seen, 1);
    gsl_set_error_handler(before);
}

static void a_handler_set_meanwhile_stays(void **state) {
    (void)state;
    gsl_error_handler_t *before = gsl_set_error_handler(NULL);
    kr_gsl_enter();
    gsl_error_handler_t *inside = gsl_set_error_handler(of_the_host);
    kr_gsl_leave();
    assert_true(handler_now() == of_the_host);
    /* A host that saved the handler while the library was at work and puts it back afterwards. */
    gsl_set_error_handler(inside);
    kr_gsl_enter();
    kr_gsl_leave();
    gsl_set_error_handler(of_the_host);
    failures();
    assert_true(handler_now() == of_the_host);
    gsl_set_error_handler(before);
}

enum { THREADS = 8, ROUNDS = 40 };
static atomic_int raised, wrong, running;

static void *work(void *fixture_pointer) {
    const fixture *f = fixture_pointer;
    static const double rate[9] = {NAN, 1, 2, 3, NAN, 1, 1, 2, NAN}, variance[9] = {0};
    double relaxation, error, mode[3];
    for (int i = 0; i < ROUNDS; i++) {
        kr_critical_points points;
        if (!isnan(kr_root(torn, NULL, -1.0, 2.0, 0.0, 0.0))) atomic_fetch_add(&wrong, 1);
        if (!isnan(kr_integral(pole, NULL, 0.0, 1.0, 1e-12, 1e-10))) atomic_fetch_add(&wrong, 1);
        if (kr_relaxation(3, rate, variance, &relaxation, &error, mode, NULL) != KR_OK) atomic_fetch_add(&wrong, 1);
        if (i % 10 == 0 && kr_critical_points_search(&f->landscape, 24, &points, NULL) == KR_OK)
            kr_critical_points_destroy(&points);
    }
    atomic_fetch_sub(&running, 1);
    return NULL;
}

/* Of the host: each of its own errors must arrive, whatever the library does meanwhile. */
static void *host(void *unused) {
    (void)unused;
    while (atomic_load(&running) > 0) {
        raise_error();
        atomic_fetch_add(&raised, 1);
    }
    return NULL;
}

static void threads_share_the_handler(void **state) {
    (void)state;
    fixture f = fixture_open("himmelblau", 0, "");
    gsl_error_handler_t *before = gsl_set_error_handler(of_the_host);
    seen = raised = wrong = 0;
    running = THREADS;
    pthread_t thread[THREADS + 1];
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&thread[i], NULL, work, &f), 0);
    assert_int_equal(pthread_create(&thread[THREADS], NULL, host, NULL), 0);
    for (int i = 0; i <= THREADS; i++) pthread_join(thread[i], NULL);
    printf("%d errors of the host arrived of %d\n", seen, raised);
    assert_int_equal(wrong, 0);
    assert_true(raised > 0);
    assert_int_equal(seen, raised);
    assert_true(handler_now() == of_the_host);
    gsl_set_error_handler(before);
    fixture_close(&f);
}

/* Without a handler of its own a host's error still ends the host, also while the library is at work. */
static void an_error_of_the_host_still_aborts(void **state) {
    (void)state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        signal(SIGABRT, SIG_DFL);
        gsl_set_error_handler(NULL);
        if (!freopen("/dev/null", "w", stderr)) _exit(1);
        running = 1;
        kr_gsl_enter();
        if (pthread_create(&thread, NULL, host, NULL) == 0) pthread_join(thread, NULL);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

/* The guard is the only place that sets the handler. */
static void nothing_else_sets_the_handler(void **state) {
    (void)state;
    char found[4096] = "";
    FILE *list = popen("grep -rlE 'gsl_set_error_handler' --include='*.[ch]' '" KR_SOURCE_DIRECTORY "/sim' '" KR_SOURCE_DIRECTORY
                       "/viz' '" KR_SOURCE_DIRECTORY "/landscapes'",
                       "r");
    assert_non_null(list);
    size_t length = fread(found, 1, sizeof found - 1, list);
    found[length] = '\0';
    pclose(list);
    assert_string_equal(found, KR_SOURCE_DIRECTORY "/sim/numerics/gsl_guard.c\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_else_sets_the_handler),       cmocka_unit_test(no_failure_ends_the_process),
        cmocka_unit_test(nested_calls_leave_the_handler_once), cmocka_unit_test(a_handler_set_meanwhile_stays),
        cmocka_unit_test(threads_share_the_handler),           cmocka_unit_test(an_error_of_the_host_still_aborts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
