/* The engine's random numbers for tests of randomness, by other programs or by this one; README.md says how.
 *
 *     random_stream words|normals [OPTION...]         32-bit words on standard output, without end or for --bytes
 *     random_stream test words|normals|uniforms [OPTION...]
 *
 * words are Philox's, uniforms the normals through their distribution function (what `normals` writes). */
#include "stream.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct options {
    stream_source source;
    const char *kind; /* words, normals, uniforms */
    bool test;
    double bytes;     /* INFINITY: without end */
    const char *keep; /* file of the counts; NULL: none */
} options;

static volatile sig_atomic_t stopped;

static void stop(int number) {
    (void)number;
    stopped = 1;
}

/* ---- streams ---- */

static void *allocate(size_t size) {
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!memory) {
        fputs("random_stream: there is not enough memory\n", stderr);
        exit(3);
    }
    return memset(memory, 0, size);
}

static int write_words(const options *o, const stream_kernels *kernels) {
    uint32_t *word = allocate(STREAM_BLOCK * sizeof *word);
    double left = o->bytes;
    for (uint64_t block = 0; left > 0 && !stopped; block++) {
        size_t size = STREAM_BLOCK * sizeof *word;
        if (left < (double)size) size = (size_t)left;
        kernels->words(&o->source, stream_place(&o->source, block), word);
        if (fwrite(word, 1, size, stdout) != size) break; /* the reader has had enough */
        left -= (double)size;
    }
    free(word);
    return 0;
}

/* ---- tests ---- */

typedef struct counts {
    char key[128]; /* of what is counted */
    double processor_seconds;
    union {
        word_counts words;
        normal_counts normals;
    } of;
} counts;

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool of_normals(const options *o) {
    return !strcmp(o->kind, "normals");
}

static double bytes_done(const options *o, const counts *c) {
    return of_normals(o) ? (double)c->of.normals.blocks * CORNERS * CORNER_SIZE * 4 : (double)c->of.words.blocks * STREAM_BLOCK * 4;
}

static void describe(const options *o, char *text, size_t size) {
    static const char *const orders[] = {"particles", "steps", "coordinates", "seeds"};
    snprintf(text, size, "%s by %s, seed %llu, rounds %d, lagged %d, scale %.17g", o->kind,
             of_normals(o) ? "index" : orders[o->source.order], (unsigned long long)o->source.seed, o->source.rounds,
             o->source.lagged, o->source.scale);
}

static void load(const options *o, counts *c) {
    static counts old;
    FILE *file = o->keep ? fopen(o->keep, "rb") : NULL;
    if (!file) return;
    bool good = fread(&old, sizeof old, 1, file) == 1 && !strcmp(old.key, c->key);
    fclose(file);
    if (!good) {
        fprintf(stderr, "random_stream: %s is of another test than '%s'\n", o->keep, c->key);
        exit(2);
    }
    *c = old;
}

static void save(const options *o, const counts *c) {
    char fresh[4096];
    if (!o->keep) return;
    snprintf(fresh, sizeof fresh, "%s.new", o->keep);
    FILE *file = fopen(fresh, "wb");
    bool good = file && fwrite(c, sizeof *c, 1, file) == 1;
    if (file && fclose(file)) good = false;
    if (!good || rename(fresh, o->keep)) fprintf(stderr, "random_stream: %s: %s\n", o->keep, strerror(errno));
}

static bool report(const options *o, const counts *c) {
    p_values p = {.families = 0};
    double bytes = bytes_done(o, c);
    if (bytes == 0) return true;
    if (of_normals(o))
        normal_tests(&c->of.normals, &p);
    else
        word_tests(&c->of.words, &p);
    printf("%s: %.4g bytes of random words in %.0f s of processor time, %.2f GB/s\n", c->key, bytes, c->processor_seconds,
           1e-9 * bytes / c->processor_seconds);
    bool good = p_report(&p);
    fflush(stdout);
    return good;
}

static int run_tests(const options *o, const stream_kernels *kernels) {
    counts *c = allocate(sizeof *c);
    uint32_t *word = allocate(2 * STREAM_BLOCK * sizeof *word);
    double *scratch = allocate(NORMALS_SCRATCH * sizeof *scratch);
    describe(o, c->key, sizeof c->key);
    load(o, c);
    double before = c->processor_seconds, began = now(CLOCK_PROCESS_CPUTIME_ID), saved = now(CLOCK_MONOTONIC);
    while (bytes_done(o, c) < o->bytes && !stopped) {
        if (of_normals(o)) {
            kernels->count_normals(&o->source, scratch, &c->of.normals);
        } else {
            kernels->words(&o->source, stream_place(&o->source, c->of.words.blocks), word);
            kernels->count_words(&o->source, word, word + STREAM_BLOCK, &c->of.words);
        }
        if (now(CLOCK_MONOTONIC) < saved + 60) continue;
        c->processor_seconds = before + now(CLOCK_PROCESS_CPUTIME_ID) - began;
        save(o, c);
        saved = now(CLOCK_MONOTONIC);
    }
    c->processor_seconds = before + now(CLOCK_PROCESS_CPUTIME_ID) - began;
    save(o, c);
    bool good = report(o, c);
    free(c);
    free(word);
    free(scratch);
    return good ? 0 : 1;
}

/* ---- the command line ---- */

static const char usage[] =
    "random_stream words|normals [OPTION...]                 32-bit words on standard output\n"
    "random_stream test words|normals|uniforms [OPTION...]   tests them; exit status 1: not random\n"
    "  --order particles|steps|coordinates|seeds   index that runs fastest (particles)\n"
    "  --seed N           (1)\n"
    "  --bytes N          so many, 1e12 is a terabyte (writing: without end; tests: 1e9)\n"
    "  --keep FILE        of tests: goes on with the counts in this file, and keeps them there every minute\n"
    "  --bad rounds=N     Philox with fewer rounds (words only)\n"
    "  --bad lagged       seed s + 1 has what seed s has one step later\n"
    "  --bad scale=X      normals times X\n"
    "  --isa NAME         instruction set\n";

static int refuse(const char *what, const char *value) {
    fprintf(stderr, "random_stream: %s '%s'\n%s", what, value ? value : "", usage);
    exit(2);
}

static stream_order order_of(const char *name) {
    static const char *const names[STREAM_ORDERS] = {"particles", "steps", "coordinates", "seeds"};
    for (int k = 0; k < STREAM_ORDERS; k++)
        if (!strcmp(name, names[k])) return (stream_order)k;
    refuse("unknown order", name);
    return STREAM_PARTICLES;
}

static double number_of(const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value > 0)) refuse("no positive number:", text);
    return value;
}

static void spoil(stream_source *source, const char *how) {
    if (!strcmp(how, "lagged"))
        source->lagged = true;
    else if (!strncmp(how, "rounds=", 7))
        source->rounds = (int)number_of(how + 7);
    else if (!strncmp(how, "scale=", 6))
        source->scale = number_of(how + 6);
    else
        refuse("unknown way to spoil the stream:", how);
}

static void parse(options *o, const char **isa, int argc, char **argv) {
    int at = 1;
    o->test = argc > at && !strcmp(argv[at], "test");
    at += o->test;
    o->kind = argc > at ? argv[at++] : "";
    if (strcmp(o->kind, "words") != 0 && !of_normals(o) && !(o->test && !strcmp(o->kind, "uniforms")))
        refuse("unknown stream", o->kind);
    o->source.normals = strcmp(o->kind, "words") != 0;
    o->bytes = o->test ? 1e9 : INFINITY;
    for (; at < argc; at += 2) {
        const char *name = argv[at], *value = argv[at + 1];
        if (!value) refuse("what is missing behind", name);
        if (!strcmp(name, "--order"))
            o->source.order = order_of(value);
        else if (!strcmp(name, "--seed"))
            o->source.seed = strtoull(value, NULL, 10);
        else if (!strcmp(name, "--bytes"))
            o->bytes = number_of(value);
        else if (!strcmp(name, "--keep"))
            o->keep = value;
        else if (!strcmp(name, "--bad"))
            spoil(&o->source, value);
        else if (!strcmp(name, "--isa"))
            *isa = value;
        else
            refuse("unknown option", name);
    }
}

int main(int argc, char **argv) {
    options o = {.source = {.seed = 1, .rounds = 10, .scale = 1.0}};
    const char *isa = NULL;
    const kr_registry *registry;
    kr_error error;
    parse(&o, &isa, argc, argv);
    if (kr_registry_find(isa, &registry, &error)) {
        fprintf(stderr, "random_stream: %s\n", error.message);
        return 2;
    }
    o.source.kernels = registry->kernels;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    const stream_kernels *kernels = stream_kernels_find(registry->isa);
    return o.test ? run_tests(&o, kernels) : write_words(&o, kernels);
}
