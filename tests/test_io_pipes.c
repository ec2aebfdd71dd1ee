/* A scene that comes through a pipe is the same as one in a file, for every verb that takes one; what cannot come twice is said. */
#include "program.h"

#define SCENE                                                                                                                      \
    "landscape: {name: harmonic}\ndynamics: {name: sgld, temperature: 0.3}\nschedule: {lr: 0.02}\nensemble: {particles: 5, "       \
    "steps: 10}\n"

/* What a verb says of the scene called FILE, but for times and the file's name. */
static char *said(const char *verb, const char *before, const char *file) {
    char command[1000];
    snprintf(command, sizeof command, verb, before, file);
    run(command, 0);
    return read_file("out");
}

static void assert_same(const char *verb) {
    char *of_file = said(verb, "", "scene.yaml");
    char *of_stdin = said(verb, "cat scene.yaml | ", "/dev/stdin");
    char *of_fifo = said(verb, "rm -f pipe; mkfifo pipe; cat scene.yaml >pipe & sleep 0.1; ", "pipe");
    assert_true(strlen(of_file) > 20);
    assert_string_equal(of_stdin, of_file);
    assert_string_equal(of_fifo, of_file);
    free(of_file), free(of_stdin), free(of_fifo);
}

static void a_pipe_is_as_good_as_a_file(void **state) {
    (void)state;
    write_text("scene.yaml", SCENE);
    assert_same("%s kramers run %s --json | grep -v -i 'second\\|scene\\|name'");
    assert_same("%s kramers theory %s --json | grep -v -i 'second\\|scene\\|name'");
    assert_same("%s kramers sweep %s --vary schedule.lr=0.01,0.02 --quiet --columns all --threads 1 | grep -v -i second");
#ifdef KR_HAVE_WINDOW
    assert_same("%s kramers view %s --frames 1 --describe seen.json; grep -o 'Landscape: [a-z_]*' seen.json");
#endif
}

static void an_empty_pipe_is_no_scene(void **state) {
    (void)state;
    run("cat /dev/null | kramers run /dev/stdin", 3);
    assert_contains("run", "err", "/dev/stdin: nothing came through this pipe; what was in it can be read only once");
    write_text("empty.yaml", "");
    run("kramers run empty.yaml --quiet --set ensemble.particles=2 --set ensemble.steps=2", 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_pipe_is_as_good_as_a_file), cmocka_unit_test(an_empty_pipe_is_no_scene)};
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
