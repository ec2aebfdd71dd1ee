/* On a terminal: a progress line where lines can be erased, and not one escape sequence where they cannot; whole words, few lines
 * about what does not apply, effects before their p-values, no more digits than are known. */
#include "program.h"
#include "sanitized.h"

#include <kramers/scene.h>

#include <ctype.h>
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

/* Text as one line: words between single spaces. Returns text. */
static char *joined(char *text) {
    char *to = text;
    for (const char *from = text; *from; from++) {
        bool space = isspace((unsigned char)*from) != 0;
        if (!space || to == text || to[-1] != ' ') *to++ = space ? ' ' : *from;
    }
    *to = 0;
    return text;
}

/* Where the line of a scene begins in a list: its name is the first word there. */
static char *entry(char *list, const char *name) {
    size_t length = strlen(name);
    for (char *line = list; *line; line += strcspn(line, "\n") + 1)
        if (!strncmp(line, "  ", 2) && !strncmp(line + 2, name, length) && strchr(" \n", line[2 + length])) return line;
    fail_msg("%s is not in the list", name);
    return NULL;
}

/* The comment at the top of a scene as one line, without what says how to look at it. */
static char *comment_of(const kr_shipped_scene *scene, char *text, size_t size) {
    char view[200];
    size_t used = 0;
    *text = 0;
    for (const char *line = scene->text; *line == '#' && used < size;
         line = strchr(line, '\n') + 1) /* a scene has more behind it */
        used += (size_t)snprintf(text + used, size - used, "%.*s ", (int)strcspn(line, "\n") - 1, line + 1);
    joined(text);
    snprintf(view, sizeof view, " (kramers view %s)", scene->name);
    char *found = strstr(text, view);
    if (found) memmove(found, found + strlen(view), strlen(found + strlen(view)) + 1);
    return text;
}

/* What a list says of a scene is how its comment begins, up to the end of a sentence. */
static void lists_of_scenes_cut_no_word(void **state) {
    (void)state;
    static const char *const widths[] = {"80", "120", "53"};
    for (int w = 0; w < 3; w++) {
        setenv("COLUMNS", widths[w], 1);
        run("kramers list scenes", 0);
        char *list = read_file("out"), comment[4000], said[2000];
        for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
            const char *at = entry(list, scene->name) + 2 + strlen(scene->name);
            const char *next = scene[1].name ? entry(list, scene[1].name) : at + strlen(at);
            snprintf(said, sizeof said, "%.*s", (int)(next - at), at);
            size_t length = strlen(joined(said));
            while (length && said[length - 1] == ' ') said[--length] = 0;
            if (strncmp(comment_of(scene, comment, sizeof comment), said, length) != 0 || !strchr(".?!:", said[length - 1]))
                fail_msg("%s, %s columns: '%s' is not the beginning of '%s'", scene->name, widths[w], said, comment);
        }
        free(list);
    }
    unsetenv("COLUMNS");
}

static size_t lines_of(const char *text) {
    size_t lines = 0;
    for (; *text; text++) lines += *text == '\n';
    return lines;
}

/* Of every scene: a few lines name the theories that do not apply, and nothing is wider than the terminal, or cut. */
static void theories_that_do_not_apply_take_few_lines(void **state) {
    (void)state;
    static const char *const widths[] = {"80", "120"};
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        if (strstr(scene->text, "name: network") || !strncmp(scene->name, "lesson", 6)) continue;
        if (!strcmp(scene->name, "warm_restarts")) continue; /* ten seconds, and run below */
        if (SANITIZED && (scene - kr_shipped_scenes) % 4) continue;
        for (int w = 0; w < (strcmp(scene->name, "double_well") ? 1 : 2); w++) { /* references stand at 120 only */
            char command[200];
            setenv("COLUMNS", widths[w], 1);
            snprintf(command, sizeof command, "kramers theory %s", scene->name);
            run(command, 0);
            char *text = read_file("out"), *refused = strstr(text, "says why)");
            if (!refused) fail_msg("%s: no word of theories that do not apply", command);
            char *end = strstr(refused, "\n\n");
            if (end) *end = 0;
            if (lines_of(refused) > 4) fail_msg("%s: %s", command, refused);
            if (end) *end = '\n';
            if (strstr(text, "does not apply.")) fail_msg("%s gives reasons nobody asked for", command);
            for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
                if ((int)strcspn(line, "\n") > atoi(widths[w])) fail_msg("%s: wider than %s: %.130s", command, widths[w], line);
            for (const char *dots = text; (dots = strstr(dots, "...")); dots++) /* behind a word, not inside */
                if (dots > text && dots[-1] != ' ') fail_msg("%s cuts '%.20s'", command, dots - 15);
            free(text);
        }
    }
    unsetenv("COLUMNS");
    run("kramers theory --verbose", 0);
    assert_contains("verbose", "out", "has no friction parameter");
    run("kramers run warm_restarts --quiet --set ensemble.steps=100 --set ensemble.particles=64", 0);
    assert_contains("nothing applies", "out", "none of the 19 theories applies (--verbose says why)");
}

/* A deviation is said before the p-value, which large samples make small for nothing; 60000 times, of which the smallest are too
 * few since a passage takes its time. */
static void effects_are_said_before_p_values(void **state) {
    (void)state;
    static const char command[] = "kramers run heavy_ball --quiet --set ensemble.steps=4000 --set ensemble.particles=1024";
    run(command, 0);
    char *text = read_file("out"), *said = strstr(text, "times between passages: standard deviation / mean = 0.9");
    if (!said) fail_msg("%s", text);
    joined(said);
    assert_non_null(strstr(said, " % below that of an exponential ("));
    assert_null(strstr(text, "p = "));
    free(text);
    char verbose[200];
    snprintf(verbose, sizeof verbose, "%s --verbose", command);
    run(verbose, 0);
    text = joined(read_file("out"));
    assert_non_null(strstr(text, " times; p = "));
    free(text);
}

/* The digits of a number, from the first that is not 0. */
static int digits_of(const char *at, const char **end) {
    int digits = 0;
    for (; isdigit((unsigned char)*at) || *at == '.'; at++)
        if (*at != '.' && (digits || *at != '0')) digits++;
    *end = at;
    return digits;
}

/* An interval of 1.5 % does not leave ten digits of a mean. */
static void rare_events_have_no_absurd_digits(void **state) {
    (void)state;
    run("kramers run splitting --quiet --set escape.replicas=256 --set escape.repeats=8", 0);
    char *text = read_file("out"), *table = strstr(text, "measured  ");
    assert_non_null(table);
    for (const char *at = table; *at && strncmp(at, "linear", 6) != 0; at++) {
        if (!isdigit((unsigned char)*at)) continue;
        const char *begin = at;
        if (digits_of(at, &at) > 7) fail_msg("%.14s has too many digits", begin);
        if (!*at) break;
    }
    free(text);
}

/* Columns as wide as what stands in them, the theory's name in full, digits as the interval supports. */
static void sweeps_name_their_theory(void **state) {
    (void)state;
    run("kramers sweep turnover --quiet -o t.csv --vary dynamics.friction=0.1:1:3 --vary dynamics.temperature=0.2,0.3333333333333 "
        "--set ensemble.particles=128 --set ensemble.steps=2000",
        0);
    assert_contains("theory", "out", "theory: klein_kramers\n");
    assert_contains("head", "out", "  friction  temperature  relaxation  95 % from  95 % to ");
    char *text = read_file("out");
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > 80) fail_msg("wider than 80: %.120s", line);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dumb_terminal_gets_no_escape_sequences),  cmocka_unit_test(lists_of_scenes_cut_no_word),
        cmocka_unit_test(theories_that_do_not_apply_take_few_lines), cmocka_unit_test(effects_are_said_before_p_values),
        cmocka_unit_test(rare_events_have_no_absurd_digits),         cmocka_unit_test(sweeps_name_their_theory),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
