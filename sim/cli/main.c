#include "command.h"

#include <kramers/generator.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *doc, *example;
} verbs[] = {
    {"run", kr_command_run, "run a scene; measured numbers beside every theory",
     "kramers run double_well --set dynamics.temperature=0.25 -o out.h5"},
    {"theory", kr_command_theory, "what the theories predict, without a run", "kramers theory --set schedule.lr=0.05 --json"},
    {"sweep", kr_command_sweep, "run a scene over a grid of parameters, fit Arrhenius' law",
     "kramers sweep --vary dynamics.temperature=0.15:0.35:5 -o sweep.csv"},
    {"resume", kr_command_resume, "go on with an interrupted run, further, or with another seed",
     "kramers resume out.h5 --steps 200000"},
    {"list", kr_command_list, "landscapes, dynamics, noise, schedules, theories, scenes; parameters",
     "kramers list landscapes double_well"},
    {"view", kr_command_view, "open the window on a scene, a session or a trajectory", "kramers view muller_brown"},
    {"check", kr_command_check, "say whether a file is whole, and save what is whole of a damaged one", "kramers check out.h5"},
#ifdef KR_HAVE_BENCH
    {"bench", kr_command_bench, "particle-steps per second on this machine", "kramers bench --json"},
#endif
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static void print_help(FILE *out) {
    fputs("Usage: kramers VERB [OPTION...]\n"
          "Optimizers as particles: how long until SGD leaves this minimum?\n\n",
          out);
    for (size_t i = 0; i < VERBS; i++) fprintf(out, "  %-8s %s\n             %s\n", verbs[i].name, verbs[i].doc, verbs[i].example);
    fputs("\n  kramers VERB --help says more. --version prints the version, and the\n"
          "generator of random numbers.\n\n"
          "A scene is a YAML file or the name of a shipped one (kramers list scenes);\n"
          "without one it is double_well. Results go to stdout, warnings and progress to\n"
          "stderr.\n"
          "Exit status: 0 done; 2 bad command line or scene; 3 file or device; 4 diverged;\n"
          "5 a damaged file (check); 128 + n ended by signal n (130: Ctrl-C).\n"
          "Environment: KRAMERS_ISA stands for --isa, KRAMERS_PLUGINS (paths with :\n"
          "between) for --plugin; KRAMERS_DATA is where data/ is found.\n",
          out);
}

static int unknown_verb(const char *verb) {
    const char *names[VERBS + 1] = {NULL};
    for (size_t i = 0; i < VERBS; i++) names[i] = verbs[i].name;
    const char *near = kr_nearest_name(verb, names);
    if (near)
        fprintf(stderr, "kramers: unknown verb '%.80s'; did you mean '%s'?\n", verb, near);
    else
        fprintf(stderr, "kramers: unknown verb '%.80s'; 'kramers --help' lists them\n", verb);
    return 2;
}

/* A closed stream's number would go to the next file that is opened, and results would be written into it. */
static void keep_standard_numbers(void) {
    for (int number = 0; number < 3; number++)
        if (fcntl(number, F_GETFD) < 0 && open("/dev/null", number == STDERR_FILENO ? O_WRONLY : O_RDONLY) != number) _exit(3);
}

/* Functions have arrays of some 100 kB, and threads get as much stack as the main one may have. */
static bool stack_is_large_enough(void) {
    enum { NEEDED = 512 << 10 };
    struct rlimit stack;
    if (getrlimit(RLIMIT_STACK, &stack) || stack.rlim_cur == RLIM_INFINITY || stack.rlim_cur >= NEEDED) return true;
    fprintf(stderr, "kramers: the stack is limited to %llu kB and %d kB are needed; raise the limit: ulimit -s 8192\n",
            (unsigned long long)stack.rlim_cur >> 10, NEEDED >> 10);
    return false;
}

/* Also of what argp prints before it ends the program. */
static void flush_at_exit(void) {
    if (kr_flush_output(0)) _exit(3);
}

int main(int argc, char **argv) {
    argp_err_exit_status = 2;
    unsetenv("POSIXLY_CORRECT"); /* options may stand behind the file, whatever argp reads in the environment */
    keep_standard_numbers();
    if (!stack_is_large_enough()) return 3;
    atexit(flush_at_exit);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is seen when the output is flushed, after the file was finished */
    signal(SIGXFSZ, SIG_IGN); /* as a file that may not grow (ulimit -f) is, at the write that fails */
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_help(stdout);
        return kr_flush_output(0);
    }
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        printf("kramers " KR_VERSION "\nrandom numbers: %s\n", kr_generator_name());
        return kr_flush_output(0);
    }
    for (size_t i = 0; i < VERBS; i++)
        if (!strcmp(argv[1], verbs[i].name)) {
            char name[32];
            snprintf(name, sizeof name, "kramers %s", verbs[i].name);
            argv[1] = name;
            return kr_flush_output(verbs[i].run(argc - 1, argv + 1));
        }
    if (argv[1][0] == '-') {
        fprintf(stderr, "kramers: the verb comes before options such as '%.80s'; 'kramers --help' lists the verbs\n", argv[1]);
        return 2;
    }
    return unknown_verb(argv[1]);
}
