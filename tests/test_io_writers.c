/* Several processes that would write the same file, started at the same moment: what is there afterwards is the file of one of
 * those that ended well, to the byte, and the others name who has it. */
#include "program.h"
#include "sanitized.h"

#include <stdbool.h>
#include <sys/stat.h>

#define SMALL "--quiet --threads 1 --set ensemble.particles=32 --set dynamics.temperature=0.5 --set trajectory.every=50 "
#define RUN "run " SMALL "--set ensemble.steps=2000 --set trajectory.flush=2 --set ensemble.seed="
#define SWEEP "sweep " SMALL "--set ensemble.steps=200 --vary schedule.lr=0.01,0.02,0.03,0.04 --set ensemble.seed=1 -o "
#define VIEW "view --threads 1 --set ensemble.particles=32 --frames 20 --size 320x240 -o t.h5"

enum { WRITERS_MOST = 8 };

typedef struct contest {
    const char *name, *prepare, *result;
    const char *command[WRITERS_MOST];
} contest;

static const contest contests[] = {
    {"runs", ":", "t.h5", {RUN "1 -o t.h5", RUN "2 -o t.h5", RUN "3 -o ./t.h5", RUN "4 -o ../play/t.h5"}},
    {"runs with --force where nothing is",
     ":",
     "t.h5",
     {RUN "1 --force -o t.h5", RUN "2 --force -o t.h5", RUN "3 --force -o t.h5"}},
    {"runs with --force over a file",
     "cp ../half.h5 t.h5",
     "t.h5",
     {RUN "1 --force -o t.h5", RUN "2 --force -o t.h5", RUN "3 --force -o t.h5"}},
    {"one with --force, one without", ":", "t.h5", {RUN "1 --force -o t.h5", RUN "2 -o t.h5"}},
    {"a symbolic and a hard link",
     "cp ../half.h5 t.h5; ln -s t.h5 l.h5",
     "t.h5",
     {"resume l.h5 --quiet --threads 1 --steps 3000", "resume t.h5 --quiet --threads 1 --steps 3000", RUN "3 --force -o l.h5"}},
    {"resumes",
     "cp ../half.h5 t.h5",
     "t.h5",
     {"resume t.h5 --quiet --threads 1 --steps 3000", "resume t.h5 --quiet --threads 1 --steps 3000",
      "resume t.h5 --quiet --threads 1 --steps 3000", "resume t.h5 --quiet --threads 1 --steps 3000",
      "resume t.h5 --quiet --threads 1 --steps 3000", "resume t.h5 --quiet --threads 1 --steps 3000",
      "resume t.h5 --quiet --threads 1 --steps 3000", "resume t.h5 --quiet --threads 1 --steps 3000"}},
    {"a run against resumes",
     "cp ../half.h5 t.h5",
     "t.h5",
     {RUN "1 --force -o t.h5", "resume t.h5 --quiet --threads 1 --steps 3000", "resume t.h5 --quiet --threads 1 --steps 3000"}},
    {"tables", ":", "t.csv", {SWEEP "t.csv", SWEEP "t.csv --force", SWEEP "t.csv"}},
    {"tables as HDF5", ":", "t.h5", {SWEEP "t.h5", SWEEP "t.h5", SWEEP "t.h5 --force"}},
    {"a table against runs", ":", "t.h5", {SWEEP "t.h5", RUN "1 -o t.h5", RUN "2 -o t.h5 --force"}},
    {"a table as CSV against a run", ":", "t.csv", {SWEEP "t.csv", RUN "1 -o t.csv"}},
#ifdef KR_HAVE_WINDOW
    {"sessions against a run", ":", "t.h5", {VIEW, RUN "1 -o t.h5", VIEW " --force"}},
#endif
};
enum { CONTESTS = sizeof contests / sizeof *contests };

static size_t count_of(const contest *c) {
    size_t count = 0;
    while (count < WRITERS_MOST && c->command[count]) count++;
    return count;
}

/* Begins when the pipe is closed; says what it says into the file told.NUMBER. */
static pid_t start_writer(const char *command, size_t number, const int gate[2]) {
    char text[600], name[32], *arguments[40] = {"kramers"};
    size_t count = 1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(text, sizeof text, "%s", command);
    for (char *word = strtok(text, " "); word && count < 39; word = strtok(NULL, " ")) arguments[count++] = word;
    snprintf(name, sizeof name, "../told.%zu", number);
    int told = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(told, STDERR_FILENO);
    close(gate[1]);
    char none;
    ssize_t got = read(gate[0], &none, 1);
    close(gate[0]);
    if (got == 0) execv(PROGRAM, arguments);
    _exit(127);
}

/* Alone, for comparison: alone.NUMBER. */
static void run_alone(const contest *c) {
    for (size_t i = 0; i < count_of(c); i++) {
        char command[1000];
        snprintf(command, sizeof command, "rm -rf play; mkdir play; cd play; %s; kramers %s && cp %s ../alone.%zu", c->prepare,
                 c->command[i], c->result, i);
        run(command, 0);
    }
}

static bool names_one_of(const char *told, const pid_t *writer, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char name[40];
        snprintf(name, sizeof name, "(process %ld)", (long)writer[i]);
        if (strstr(told, name)) return true;
    }
    return false;
}

static long rounds_played, won, refused, named;

static void play(const contest *c) {
    size_t count = count_of(c);
    pid_t writer[WRITERS_MOST];
    int gate[2], status[WRITERS_MOST];
    char command[1000];
    snprintf(command, sizeof command, "rm -rf play; mkdir play; cd play; %s", c->prepare);
    run(command, 0);
    assert_int_equal(pipe(gate), 0);
    assert_int_equal(chdir("play"), 0);
    for (size_t i = 0; i < count; i++) writer[i] = start_writer(c->command[i], i, gate);
    close(gate[0]);
    close(gate[1]);
    for (size_t i = 0; i < count; i++) assert_int_equal(waitpid(writer[i], &status[i], 0), writer[i]);
    assert_int_equal(chdir(".."), 0);
    bool one_won = false, is_one = false;
    for (size_t i = 0; i < count; i++) {
        char told[32];
        snprintf(told, sizeof told, "told.%zu", i);
        char *text = read_file(told);
        if (!WIFEXITED(status[i])) fail_msg("%s: writer %zu: signal %d", c->name, i, WTERMSIG(status[i]));
        int code = WEXITSTATUS(status[i]);
        bool names = names_one_of(text, writer, count);
        if (code && code != 3 && code != 2) fail_msg("%s: writer %zu ended with %d: %s", c->name, i, code, text);
        if (code && !names && !strstr(text, "exists") && !strstr(text, "this name") && !strstr(text, "no table of a sweep"))
            fail_msg("%s: writer %zu says nothing of the other: %s", c->name, i, text);
        one_won |= !code;
        won += !code;
        refused += code != 0;
        named += code && names;
        free(text);
        snprintf(command, sizeof command, "cmp -s play/%s alone.%zu", c->result, i);
        is_one |= !code && system(command) == 0;
    }
    rounds_played++;
    if (!one_won && (strcmp(c->prepare, ":") != 0 || shell("ls play/t.*") == 0)) fail_msg("%s: nobody ended well", c->name);
    if (one_won && !is_one) fail_msg("%s: the file is nobody's who ended well", c->name);
    if (shell("ls play/*.[0-9]*.part") == 0) fail_msg("%s: something stays behind", c->name);
}

static void one_of_many_writers_has_the_file(void **state) {
    (void)state;
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    run("kramers " RUN "7 --set ensemble.steps=1000 -o half.h5", 0);
    int rounds = is_sampled() ? 2 : 50;
    for (size_t i = 0; i < CONTESTS; i++) {
        run_alone(&contests[i]);
        for (int k = 0; k < rounds; k++) play(&contests[i]);
    }
    print_message("%ld rounds: %ld writers ended well, %ld were refused, %ld of them with the name of the other\n", rounds_played,
                  won, refused, named);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_of_many_writers_has_the_file)};
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
