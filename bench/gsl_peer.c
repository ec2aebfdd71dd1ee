/* The benchmark's three workloads as the plain C loop that one would write with GSL: one particle at a time, its state in
 * registers, taus2 and the ziggurat for normals (GSL's fastest pair), the first passage tested at every step. The physics and
 * its numbers are those of scenes/bench_*.yaml; the benchmark compares the measured mean first-passage times.
 *
 *     gsl_peer WORKLOAD PARTICLE_STEPS REPEATS     prints one JSON object; PARTICLE_STEPS is the size of one repeat
 */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PARTICLES = 1024, DIM = 16 };

/* Advances every particle by this many steps and returns how many first passages there were. */
typedef uint64_t advance_function(gsl_rng *random, uint64_t steps, double *state);

/* SGLD on (x^2 - 1)^2 from -1 to 1. */
static uint64_t sgld_double_well(gsl_rng *random, uint64_t steps, double *state) {
    const double rate = 0.01, temperature = 0.2, amplitude = sqrt(2 * rate * temperature);
    uint64_t events = 0;
    for (size_t particle = 0; particle < PARTICLES; particle++) {
        double x = state[particle];
        for (uint64_t step = 0; step < steps; step++) {
            x += -rate * 4 * x * (x * x - 1) + amplitude * gsl_ran_gaussian_ziggurat(random, 1);
            if (x >= 1) {
                x = -1;
                events++;
            }
        }
        state[particle] = x;
    }
    return events;
}

static void muller_brown_gradient(double x, double y, double *gx, double *gy) {
    static const double A[4] = {-200, -100, -170, 15}, a[4] = {-1, -1, -6.5, 0.7}, b[4] = {0, 0, 11, 0.6},
                        c[4] = {-10, -10, -6.5, 0.7}, x0[4] = {1, 0, -0.5, -1}, y0[4] = {0, 0.5, 1.5, 1};
    *gx = *gy = 0;
    for (size_t i = 0; i < 4; i++) {
        double dx = x - x0[i], dy = y - y0[i];
        double term = A[i] * exp(a[i] * dx * dx + b[i] * dx * dy + c[i] * dy * dy);
        *gx += term * (2 * a[i] * dx + b[i] * dy);
        *gy += term * (b[i] * dx + 2 * c[i] * dy);
    }
}

/* Langevin dynamics (BAOAB) on the Mueller-Brown surface from its deepest minimum to x >= 0.5. */
static uint64_t langevin_muller_brown(gsl_rng *random, uint64_t steps, double *state) {
    const double h = sqrt(1e-4), friction = 10, temperature = 20;
    const double keep = exp(-friction * h), kick = sqrt(temperature * (1 - keep * keep)), thermal = sqrt(temperature);
    const double start[2] = {-0.558223634633, 1.441725841805};
    uint64_t events = 0;
    for (size_t particle = 0; particle < PARTICLES; particle++) {
        double *s = state + 6 * particle, x = s[0], y = s[1], px = s[2], py = s[3], gx = s[4], gy = s[5];
        for (uint64_t step = 0; step < steps; step++) {
            px -= 0.5 * h * gx;
            py -= 0.5 * h * gy;
            x += 0.5 * h * px;
            y += 0.5 * h * py;
            px = keep * px + kick * gsl_ran_gaussian_ziggurat(random, 1);
            py = keep * py + kick * gsl_ran_gaussian_ziggurat(random, 1);
            x += 0.5 * h * px;
            y += 0.5 * h * py;
            muller_brown_gradient(x, y, &gx, &gy);
            px -= 0.5 * h * gx;
            py -= 0.5 * h * gy;
            if (x >= 0.5) {
                x = start[0];
                y = start[1];
                px = thermal * gsl_ran_gaussian_ziggurat(random, 1);
                py = thermal * gsl_ran_gaussian_ziggurat(random, 1);
                muller_brown_gradient(x, y, &gx, &gy);
                events++;
            }
        }
        s[0] = x, s[1] = y, s[2] = px, s[3] = py, s[4] = gx, s[5] = gy;
    }
    return events;
}

/* SGD with curvature noise on the 16-dimensional Styblinski-Tang function, from the shallow minimum of every coordinate until
 * the first coordinate reaches the deep one. */
static uint64_t sgd_styblinski_tang(gsl_rng *random, uint64_t steps, double *state) {
    const double rate = 0.01, strength = 90, epsilon = 1, start = 2.7468027709908376;
    uint64_t events = 0;
    for (size_t particle = 0; particle < PARTICLES; particle++) {
        double x[DIM];
        memcpy(x, state + DIM * particle, sizeof x);
        for (uint64_t step = 0; step < steps; step++) {
            for (size_t i = 0; i < DIM; i++) {
                double square = x[i] * x[i];
                double noise = sqrt(strength * (fabs(6 * square - 16) + epsilon)) * gsl_ran_gaussian_ziggurat(random, 1);
                x[i] -= rate * (2 * x[i] * square - 16 * x[i] + 2.5 + noise);
            }
            if (x[0] <= -2.9) {
                for (size_t i = 0; i < DIM; i++) x[i] = start;
                events++;
            }
        }
        memcpy(state + DIM * particle, x, sizeof x);
    }
    return events;
}

static void fresh_state(const char *name, gsl_rng *random, double *state) {
    for (size_t particle = 0; particle < PARTICLES; particle++) {
        if (strcmp(name, "sgld_double_well") == 0) {
            state[particle] = -1;
        } else if (strcmp(name, "langevin_muller_brown") == 0) {
            double *s = state + 6 * particle;
            s[0] = -0.558223634633;
            s[1] = 1.441725841805;
            s[2] = sqrt(20) * gsl_ran_gaussian_ziggurat(random, 1);
            s[3] = sqrt(20) * gsl_ran_gaussian_ziggurat(random, 1);
            s[4] = s[5] = 0;
        } else {
            for (size_t i = 0; i < DIM; i++) state[DIM * particle + i] = 2.7468027709908376;
        }
    }
}

static const struct {
    const char *name;
    advance_function *advance;
} workloads[] = {{"sgld_double_well", sgld_double_well},
                 {"langevin_muller_brown", langevin_muller_brown},
                 {"sgd_styblinski_tang", sgd_styblinski_tang}};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t count_argument(const char *text) {
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || !*text || value == 0) {
        fprintf(stderr, "gsl_peer: '%s' is not a positive whole number\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv) {
    size_t number = 0, workload_count = sizeof workloads / sizeof *workloads;
    while (argc == 4 && number < workload_count && strcmp(argv[1], workloads[number].name)) number++;
    if (argc != 4 || number == workload_count) {
        fprintf(stderr, "usage: gsl_peer sgld_double_well|langevin_muller_brown|sgd_styblinski_tang PARTICLE_STEPS REPEATS\n");
        return 2;
    }
    uint64_t steps = (count_argument(argv[2]) + PARTICLES - 1) / PARTICLES, repeats = count_argument(argv[3]);
    gsl_rng *random = gsl_rng_alloc(gsl_rng_taus2);
    double *state = malloc(sizeof(double) * PARTICLES * DIM);
    if (!random || !state) return 3;
    gsl_rng_set(random, 1);
    fresh_state(argv[1], random, state);
    uint64_t events = workloads[number].advance(random, steps, state); /* warm-up: counts for physics, not for time */
    double best = INFINITY;
    for (uint64_t repeat = 0; repeat < repeats; repeat++) {
        double begin = now();
        events += workloads[number].advance(random, steps, state);
        best = fmin(best, now() - begin);
    }
    double exposure = (double)PARTICLES * (double)steps * (double)(repeats + 1);
    printf("{\"workload\": \"%s\", \"program\": \"gsl\", \"particle_steps_per_second\": %.6g, \"particles\": %d, \"events\": %llu, "
           "\"exposure_steps\": %.0f, \"mfpt_steps\": %.8g}\n",
           argv[1], PARTICLES * (double)steps / best, (int)PARTICLES, (unsigned long long)events, exposure,
           exposure / (double)events);
    free(state);
    gsl_rng_free(random);
    return 0;
}
