/* Where outputs go: closed descriptors, names that cannot be, limits of the system, links that somebody has laid. */
#include "program.h"
#include "sanitized.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define SMALL "--quiet --threads 1 --set ensemble.particles=4 --set ensemble.steps=60 --set dynamics.temperature=0 "
#define SWEEP "sweep " SMALL "--vary schedule.lr=0.01,0.02 -o "
#define VIEW "view --threads 1 --set ensemble.particles=4 --frames 2 --size 320x240 "

/* ---- closed descriptors ---- */

static const struct {
    const char *command, *file; /* NULL: none is written */
} verbs[] = {
    {"run " SMALL "--json -o t.h5", "t.h5"},
    {SWEEP "t.csv", "t.csv"},
    {SWEEP "t.h5 --json", "t.h5"},
    {"resume t.h5 --quiet --threads 1 --steps 90", "t.h5"},
    {"theory --json", NULL},
    {"list --json", NULL},
    {"check t.h5", NULL},
#ifdef KR_HAVE_WINDOW
    {VIEW "--screenshot t.png -o t.h5 --describe t.json --json", "t.h5"},
    {VIEW "--screenshot t.png", "t.png"},
#endif
#ifdef KR_HAVE_BENCH
    {"bench --seconds 0.01", NULL},
#endif
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static bool needs_a_file(const char *command) {
    return !strncmp(command, "resume", 6) || !strncmp(command, "check", 5);
}

static void prepare(const char *command) {
    run("rm -f t.*", 0);
    if (needs_a_file(command)) run("cp half.h5 t.h5", 0);
}

/* Results that cannot be printed are status 3, data files are those of an open house. */
static void closed_descriptors_get_no_file(void **state) {
    (void)state;
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    run("kramers run " SMALL "-o half.h5", 0);
    for (size_t v = 0; v < VERBS; v++) {
        char command[700];
        prepare(verbs[v].command);
        snprintf(command, sizeof command, "kramers %s", verbs[v].command);
        run(command, 0);
        char *text = read_file("out");
        bool prints = *text != 0;
        free(text);
        if (verbs[v].file) {
            snprintf(command, sizeof command, "cp %s whole", verbs[v].file);
            run(command, 0);
        }
        for (int closed = 1; closed < 8; closed++) {
            if (is_sampled() && v > 3 && closed != 2 && closed != 7) continue;
            prepare(verbs[v].command);
            snprintf(command, sizeof command, "kramers %s %s %s %s", verbs[v].command, closed & 1 ? "<&-" : "",
                     closed & 2 ? ">&-" : "", closed & 4 ? "2>&-" : "");
            run(command, (closed & 2) && prints ? 3 : 0);
            if (!verbs[v].file) continue;
            snprintf(command, sizeof command, "cmp %s whole", verbs[v].file);
            run(command, 0);
        }
    }
}

static void readers_that_go_away(void **state) {
    (void)state;
    prepare("run");
    run("kramers run " SMALL "-o whole.h5; { kramers run " SMALL "--json -o t.h5; echo $? >status; } | true; cmp t.h5 whole.h5", 0);
    assert_contains("a closed pipe", "status", "3");
    run("rm t.h5; kramers run " SMALL "-o t.h5 >/dev/full", 3);
    assert_contains("a full device", "err", "No space left on device");
    run("cmp t.h5 whole.h5", 0);
}

/* ---- limits ---- */

static void files_that_may_not_grow(void **state) {
    (void)state;
    /* Measured values are told, and what was flushed is gone on with. */
    run("rm -f t.* whole.h5; kramers run " SMALL
        "--set ensemble.steps=90000 --set trajectory.every=100 --set trajectory.flush=1 -o whole.h5",
        0);
    run("ulimit -f $(($(stat -c %s whole.h5) / 512 * 11 / 12)); kramers run " SMALL
        "--set ensemble.steps=90000 --set trajectory.every=100 --set trajectory.flush=1 -o t.h5",
        3);
    assert_contains("ulimit", "err", "t.h5: could not be written: File too large");
    assert_contains("ulimit", "out", "particle-steps");
    run("kramers resume t.h5 --quiet --threads 1; cmp t.h5 whole.h5", 0);
    run("ulimit -f 2; kramers run " SMALL "--set ensemble.steps=90000 --set trajectory.every=100 -o none.h5", 3);
    assert_contains("ulimit 2", "err", "none.h5");
    run("test ! -e none.h5", 0);
    run("rm -f s.csv*; ulimit -f 8; kramers sweep " SMALL "--vary schedule.lr=0.001:0.1:60 -o s.csv", 3);
    assert_contains("ulimit for a table", "err", "File too large");
    run("kramers sweep " SMALL "--vary schedule.lr=0.001:0.1:60 -o s.csv && kramers sweep " SMALL
        "--vary schedule.lr=0.001:0.1:60 -o s2.csv && cmp s.csv s2.csv",
        0);
}

static void few_descriptors(void **state) {
    (void)state;
    for (int most = 3; most < 12; most++) {
        char command[500];
        snprintf(command, sizeof command, "rm -f n.*; ulimit -n %d; '%s' run " SMALL "-o n.h5", most, PROGRAM);
        int status = shell(command);
        if (SANITIZED && most < 8) continue; /* the sanitizer's own */
        if (status != 0 && status != 3 && status != 127) fail_msg("%s: %d: %s", command, status, read_file("err"));
        if (status == 3) run("test ! -e n.h5 && ls n.*.part; test $? -ne 0", 0);
    }
}

/* ---- names ---- */

static void names_that_cannot_be(void **state) {
    (void)state;
    char longest[300], command[1000];
    memset(longest, 'a', 256);
    longest[256] = 0;
    run("mkdir -p folder; echo text >file; mkdir -p closed; chmod 555 closed; mkfifo pipe", 0);
    const struct {
        const char *name, *says;
    } wrong[] = {
        {"nowhere/t.h5", "nowhere/t.h5: could not be created: No such file or directory"},
        {"file/t.h5", "file/t.h5: could not be created: Not a directory"},
        {"folder", "folder: is "},
        {"folder/", "folder/: is "},
        {"new/", "new/: "},
        {"pipe", "pipe: is no"},
        {"/proc/t.h5", "/proc/t.h5: could not be created: "},
        {longest, ": could not be created: File name too long"},
        {"''", "needs a file name, not"},
    };
    const char *const ways[] = {"run " SMALL "-o ", SWEEP};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (size_t k = 0; k < 2; k++) {
            snprintf(command, sizeof command, "kramers %s%s", ways[k], wrong[i].name);
            int status = shell(command);
            if (status != 3 && status != 2) fail_msg("%s: %d", command, status);
            char *text = read_file("err");
            if (!strstr(text, "kramers: ") || !(k || strstr(text, wrong[i].says))) fail_msg("%s: %s", command, text);
            free(text);
        }
    if (geteuid() != 0) {
        run("kramers run " SMALL "-o closed/t.h5", 3);
        assert_contains("closed", "err", "closed/t.h5: could not be created: Permission denied");
    }
    /* The longest that is allowed, though the file is built under a longer one. */
    longest[255] = 0;
    memcpy(longest + 252, ".h5", 3);
    snprintf(command, sizeof command,
             "kramers run " SMALL "-o %s && kramers resume %s --steps 80 --quiet && kramers " SWEEP "%.250s", longest, longest,
             longest);
    run(command, 0);
    run("rm -f aaa*; test $(ls | grep -c '[.]part$') -eq 0", 0);
}

/* ---- links ---- */

/* What is laid where a file is going to be built is not followed; a link that was asked for is. */
static void links_lead_nowhere_else(void **state) {
    (void)state;
    run("rm -rf links; mkdir links; cd links; echo secret >victim; cp victim kept; for n in t.h5 t.csv; do for s in .part .new "
        ".part.yaml .yaml .new.part; do "
        "ln -s victim $n$s; done; done",
        0);
    run("cd links; kramers run " SMALL "-o t.h5; cmp victim kept", 0);
    run("cd links; rm t.h5; kramers " SWEEP "t.h5; test $? -eq 3 && cmp victim kept && test ! -e t.h5", 0);
    assert_contains("a link for rows", "err", "t.h5.part: is no regular file, and the rows of a sweep belong there");
    run("cd links; kramers " SWEEP "t.h5 --force; cmp victim kept", 0);
    run("cd links; rm t.h5.part; kramers " SWEEP "t.h5; cmp victim kept", 0);
    run("cd links; kramers " SWEEP "t.csv; kramers " SWEEP "t.csv --force; cmp victim kept", 0);
    assert_contains("a link for what it is", "err", "t.csv.yaml: is no regular file");
    /* A hard link where the rows of a sweep belong. */
    run("rm -rf links; mkdir links; cd links; echo secret >victim; cp victim kept; ln victim t.h5.part; kramers " SWEEP
        "t.h5; cmp victim kept",
        0);
    run("cd links; kramers " SWEEP "t.h5 --force; cmp victim kept", 0);
    /* One that was asked for stays, and what it leads to is written. */
    run("cd links; rm -f t.*; mkdir there; ln -s there/real.h5 l.h5; kramers run " SMALL
        "-o l.h5; test $? -eq 3 && test ! -e there/real.h5",
        0);
    assert_contains("a link to nothing", "err", "l.h5: is a symbolic link that leads nowhere");
    run("cd links; kramers run " SMALL "-o there/real.h5; cp there/real.h5 first.h5; kramers run " SMALL
        "-o l.h5; test $? -eq 2 && "
        "kramers run " SMALL "--set ensemble.seed=2 --force -o l.h5 && test -L l.h5 && ! cmp -s there/real.h5 first.h5 && "
        "kramers run " SMALL "--set ensemble.seed=2 -o second.h5 && cmp there/real.h5 second.h5 && test $(ls there | wc -l) -eq 1",
        0);
    run("cd links; touch there/table; ln -s there/table l.csv; kramers " SWEEP
        "l.csv && test -L l.csv && test $(wc -l <there/table) -eq 3",
        0);
#ifdef KR_HAVE_WINDOW
    run("cd links; touch there/p.png; ln -s there/p.png p.png; kramers " VIEW
        "--screenshot p.png && test -L p.png && test -s there/p.png",
        0);
#endif
}

/* A run of the same name leaves the rows of a sweep that was interrupted alone, and the sweep is gone on with elsewhere. */
static void a_run_leaves_the_rows_of_a_sweep_alone(void **state) {
    (void)state;
    char *sweep[] = {
        "kramers", "sweep", "--quiet", "--threads", "1", "--set", "ensemble.steps=2000000000", "--vary", "schedule.lr=0.01,0.02",
        "-o",      "q.h5",  NULL};
    pid_t child = start_program(sweep);
    for (int i = 0; i < 6000 && (access("q.h5.part.yaml", F_OK) || lines("q.h5.part") < 1); i++) wait_seconds(0.01);
    run("kramers run " SMALL "-o q.h5", 3);
    assert_contains("a run beside a sweep", "err", "q.h5.part: kramers (process ");
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    run("cp q.h5.part q.rows; cp q.h5.part.yaml q.what", 0);
    run("kramers run " SMALL "-o q.h5 && kramers run " SMALL "-o q.h5 --force && cmp q.h5.part q.rows && cmp q.h5.part.yaml q.what",
        0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_descriptors_get_no_file),
        cmocka_unit_test(readers_that_go_away),
        cmocka_unit_test(files_that_may_not_grow),
        cmocka_unit_test(few_descriptors),
        cmocka_unit_test(names_that_cannot_be),
        cmocka_unit_test(links_lead_nowhere_else),
        cmocka_unit_test(a_run_leaves_the_rows_of_a_sweep_alone),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
