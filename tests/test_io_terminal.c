/* On a terminal: a progress line where lines can be erased, and not one escape sequence where they cannot. */
#include "program.h"
#include "sanitized.h"

#include <stdbool.h>

/* What a terminal of this kind shows, with stdout and stderr on it; "": TERM is not set. */
static char *shown(const char *kind, const char *arguments) {
    char command[1000];
    if (*kind)
        setenv("TERM", kind, 1);
    else
        unsetenv("TERM");
    snprintf(command, sizeof command,
             "python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' " PROGRAM " %s >screen 2>&1", arguments);
    assert_int_equal(system(command), 0);
    unsetenv("TERM");
    return read_file("screen");
}

static void a_dumb_terminal_gets_no_escape_sequences(void **state) {
    (void)state;
    /* Long enough for a line of progress. */
    static const char *const commands[] = {
        SANITIZED ? "run --set ensemble.steps=400000 --set ensemble.particles=256"
                  : "run --set ensemble.steps=400000 --set ensemble.particles=2048",
        SANITIZED ? "sweep --vary dynamics.temperature=0.2,0.3 --set ensemble.steps=200000 --set ensemble.particles=128"
                  : "sweep --vary dynamics.temperature=0.2,0.3 --set ensemble.steps=200000 --set ensemble.particles=1024",
        "run splitting --set escape.repeats=4", "theory", "list"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const char *const kinds[] = {"dumb", ""};
        for (int k = 0; k < 2; k++) {
            char *text = shown(kinds[k], commands[i]);
            if (!text || strchr(text, '\033')) fail_msg("TERM=%s %s: %s", kinds[k], commands[i], text);
            assert_true(strlen(text) > 100);
            free(text);
        }
    }
    char *text = shown("xterm", commands[0]);
    assert_true(strstr(text, "\033[K") && strstr(text, "left")); /* where there is progress, it is erased */
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_dumb_terminal_gets_no_escape_sequences)};
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
