/* The scenes of test_run_estimate: of every kind, and as small as their times can still be told from one another. */
#ifndef KR_RUN_ESTIMATE_CASES_H
#define KR_RUN_ESTIMATE_CASES_H

#include <stdbool.h>
#include <stdint.h>

enum { THREADS = 2 };

typedef struct scene_case {
    const char *name, *text;
    bool output;
    int threads;
    uint64_t resumed; /* steps of a run before it that this one goes on from; 0: begins anew */
    bool sampled;     /* is tried where not all are */
} scene_case;

#define FRAMES "trajectory: {every: 100, particles: 64}\n"
#define DIGITS "landscape: {name: network, data: digits, hidden: [16], activation: tanh, loss: cross_entropy}\n"

static const scene_case single_cases[] = {
    {"many particles", "ensemble: {particles: 400000, steps: 300}\n", true, 1, 0, false},
    {"without a file", "ensemble: {particles: 400000, steps: 300}\n", false, 1, 0, false},
    {"many dimensions",
     "landscape: {name: harmonic, dim: 10000}\nensemble: {particles: 256, steps: 60}\ntrajectory: {every: 20, particles: 16}\n",
     true, 1, 0, false},
    {"every step in the file", "ensemble: {particles: 8, steps: 100000}\ntrajectory: {every: 1}\n", true, 1, 0, false},
    {"very many passages",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 20000, steps: 8000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\ntrajectory: {every: 1000, particles: 64}\n",
     true, 1, 0, false},
    {"passages without a file",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 20000, steps: 8000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\n",
     false, 1, 0, false},
    {"waits for events",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 20000, steps: 1000000000, until_events: 300000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\n",
     true, 1, 0, false},
    {"absorbed",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 200000, steps: 1000}\n"
     "escape: {renewal: false, until: {coordinate: 0, above: 0.5}}\ntrajectory: {every: 100, particles: 64}\n",
     true, 1, 0, false},
    {"observers",
     "ensemble: {particles: 20000, steps: 4000}\nstatistics: {every: 10}\ntransitions: {every: 10}\nhistogram: {every: 10}\n"
     "autocorrelation: {every: 10, length: 100}\naverage: {every: 10}\ntrajectory: {every: 1000, particles: 64}\n",
     true, 1, 0, false},
    {"network",
     "landscape: {name: network, data: digits, hidden: [8], loss: cross_entropy}\ndynamics: sgd\n"
     "noise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.1}\n"
     "ensemble: {particles: 256, steps: 200, start: {random: kaiming_uniform}}\nevaluate: {every: 50}\n"
     "trajectory: {every: 50, particles: 16}\n",
     true, 1, 0, false},
    {"snapshots",
     "landscape: {name: harmonic, dim: 20}\nensemble: {particles: 4096, steps: 1000}\nsnapshots: {every: 100}\n"
     "trajectory: {every: 1000, particles: 16}\n",
     true, 1, 0, false},
    {"phases",
     "ensemble: {particles: 100000}\nphases:\n  - {name: first, steps: 500}\n"
     "  - {name: second, steps: 500, schedule: {lr: 0.02}}\ntrajectory: {every: 100, particles: 64}\n",
     true, 1, 0, false},
    {"ledger",
     "dynamics: {name: langevin, temperature: 0.2}\nensemble: {particles: 40000, steps: 1000}\nenergy: {every: 50}\n"
     "trajectory: {every: 100, particles: 256}\n",
     true, 1, 0, true},
    {"two threads", "ensemble: {particles: 100000, steps: 2000}\ntrajectory: {every: 20, particles: 1000}\n", true, THREADS, 0,
     true},
    {"goes on", "ensemble: {particles: 100000, steps: 2000}\ntrajectory: {every: 20, particles: 1000}\n", true, 1, 1000, false},
    {"one dimension: formula",
     "landscape: {name: formula, variables: [x], potential: 'x^4/4 - x^2/2 + 0.1*sin(5*x)'}\n"
     "ensemble: {particles: 20000, steps: 1000}\ntrajectory: {every: 100, particles: 64}\n",
     true, 1, 0, false},
    {"two dimensions: muller_brown",
     "landscape: muller_brown\ndynamics: {name: langevin, friction: 10, temperature: 15}\n"
     "schedule: {name: constant, lr: 1e-4}\nensemble: {particles: 4096, steps: 4000}\n"
     "escape: {until: {minimum: 2, radius: 0.2}}\ntrajectory: {every: 100, particles: 64}\n",
     true, 1, 0, true},
    {"two dimensions: muller_brown obs",
     "landscape: muller_brown\ndynamics: {name: langevin, friction: 10, temperature: 15}\n"
     "schedule: {name: constant, lr: 1e-4}\nensemble: {particles: 4096, steps: 4000}\n"
     "escape: {until: {minimum: 2, radius: 0.2}}\nstatistics: {every: 10}\nhistogram: {every: 10}\n"
     "autocorrelation: {every: 10, length: 100}\naverage: {every: 10}\nenergy: {every: 50}\n",
     true, 1, 0, false},
    {"two dimensions: muller sgld",
     "landscape: muller_brown\ndynamics: {name: sgld, temperature: 15}\nschedule: {name: constant, lr: 1e-4}\n"
     "ensemble: {particles: 4096, steps: 4000}\nescape: {until: {minimum: 2, radius: 0.2}}\n",
     true, 1, 0, false},
    {"many dimensions: harmonic langevin obs",
     "landscape: {name: harmonic, dim: 1000}\ndynamics: langevin\nensemble: {particles: 512, steps: 200}\n"
     "statistics: {every: 10}\naverage: {every: 10}\nautocorrelation: {every: 10, length: 100}\n"
     "histogram: {every: 10}\n",
     true, 1, 0, false},
    {"many dimensions: mean_of_quadratics minibatch",
     "landscape: {name: mean_of_quadratics, dim: 10}\ndynamics: sgd\nnoise: {name: minibatch, batch_size: 4}\n"
     "schedule: {name: constant, lr: 0.01}\nensemble: {particles: 4096, steps: 1000}\n",
     true, 1, 0, false},
    {"long few", "ensemble: {particles: 64, steps: 3000000}\ntrajectory: {every: 1000}\n", true, 1, 0, false},
    {"long one", "ensemble: {particles: 1, steps: 3000000}\n", true, 1, 0, false},
    {"network: full gradient",
     DIGITS "dynamics: sgd\nschedule: {name: constant, lr: 0.1}\n"
            "ensemble: {particles: 64, steps: 30, start: {random: kaiming_uniform}}\n"
            "trajectory: {every: 10, particles: 16}\n",
     true, 1, 0, false},
    {"network: adam full",
     DIGITS "dynamics: adam\nschedule: {name: constant, lr: 0.001}\n"
            "ensemble: {particles: 64, steps: 30, start: {random: kaiming_uniform}}\n",
     true, 1, 0, false},
    {"network: evaluate",
     DIGITS "dynamics: sgd\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.1}\n"
            "ensemble: {particles: 256, steps: 200, start: {random: kaiming_uniform}}\nevaluate: {every: 20}\n"
            "trajectory: {every: 50, particles: 16}\n",
     true, 1, 0, false},
    {"network: sharpness",
     DIGITS "dynamics: sgd\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.1}\n"
            "ensemble: {particles: 64, steps: 100, start: {random: kaiming_uniform}}\nsharpness: {every: 50, particles: 2}\n"
            "trajectory: {every: 50, particles: 16}\n",
     true, 1, 0, false},
    {"network: gradient_noise",
     DIGITS "dynamics: sgd\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.1}\n"
            "ensemble: {particles: 64, steps: 100, start: {random: kaiming_uniform}}\n"
            "gradient_noise: {every: 50, particles: 8}\ntrajectory: {every: 50, particles: 16}\n",
     true, 1, 0, false},
    {"network: snapshots",
     DIGITS "dynamics: sgd\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: cosine_restarts, lr: 1, period: 50}\n"
            "ensemble: {particles: 256, steps: 200, start: {random: kaiming_uniform}}\nevaluate: {every: 50}\n"
            "snapshots: {at: cycle_ends, particles: 64}\ntrajectory: {every: 50, particles: 16}\n",
     true, 1, 0, false},
    {"network: average",
     DIGITS "dynamics: sgd\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.1}\n"
            "ensemble: {particles: 256, steps: 150, start: {random: kaiming_uniform}}\naverage: {every: 1}\n"
            "trajectory: {every: 50, particles: 16}\n",
     true, 1, 0, false},
    {"network: deep residual",
     "landscape: {name: network, data: digits, hidden: [8,8,8,8,8,8,8,8], activation: tanh, residual: true, loss: cross_entropy}\n"
     "dynamics: sgd\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.1}\n"
     "ensemble: {particles: 256, steps: 150, start: {random: kaiming_uniform}}\nevaluate: {every: 50}\n"
     "trajectory: {every: 50, particles: 16}\n",
     true, 1, 0, false},
    {"network: phases",
     "landscape: {name: network, data: digits, task: {classes: [0, 1, 2, 3, 4]}, hidden: [16], activation: tanh, loss: "
     "cross_entropy}\n"
     "dynamics: sgd\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: cosine, lr: 0.2}\n"
     "ensemble: {particles: 256, steps: 200, start: {random: kaiming_uniform}}\nphases:\n"
     "  - {name: first, steps: 150}\n  - {name: second, steps: 50, landscape: {task: {classes: [5, 6, 7, 8, 9]}}}\n"
     "trajectory: {every: 50, particles: 16}\n",
     true, 1, 0, true},
    {"network: prune rewind",
     DIGITS
     "dynamics: sgd\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: cosine, lr: 0.5}\n"
     "ensemble: {particles: 256, steps: 200, start: {random: kaiming_uniform}}\nphases:\n"
     "  - {name: dense, steps: 100}\n"
     "  - {name: ticket, steps: 100, prune: {fraction: 0.8, by: magnitude, scope: global}, rewind: {phase: dense, step: 0}}\n"
     "trajectory: {every: 50, particles: 16}\n",
     true, 1, 0, false},
    {"network: adam 2 threads",
     DIGITS "dynamics: adam\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.001}\n"
            "ensemble: {particles: 256, steps: 300, start: {random: kaiming_uniform}}\nevaluate: {every: 100}\n"
            "trajectory: {every: 50, particles: 16}\n",
     true, THREADS, 0, false},
    {"network: sgd 2 threads",
     DIGITS "dynamics: sgd\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.1}\n"
            "ensemble: {particles: 256, steps: 300, start: {random: kaiming_uniform}}\n"
            "trajectory: {every: 50, particles: 16}\n",
     true, THREADS, 0, false},
    {"residual_block",
     "landscape: residual_block\nschedule: {name: constant, lr: 0.001}\nensemble: {particles: 4096, steps: 1000}\n", true, 1, 0,
     false},
    {"observer: statistics every 1",
     "ensemble: {particles: 20000, steps: 1500}\nstatistics: {every: 1}\ntrajectory: {every: 100, particles: 64}\n", true, 1, 0,
     false},
    {"observer: transitions every 1",
     "ensemble: {particles: 20000, steps: 1500}\ntransitions: {every: 1}\ntrajectory: {every: 100, particles: 64}\n", true, 1, 0,
     true},
    {"observer: histogram every 1",
     "ensemble: {particles: 20000, steps: 1500}\nhistogram: {every: 1}\ntrajectory: {every: 100, particles: 64}\n", true, 1, 0,
     false},
    {"observer: autocorrelation every 1, length 1000",
     "ensemble: {particles: 20000, steps: 1500}\nautocorrelation: {every: 1, length: 1000}\n" FRAMES, true, 1, 0, true},
    {"observer: autocorrelation every 1, length 1000000, particles 0",
     "ensemble: {particles: 20000, steps: 1500}\nautocorrelation: {every: 1, length: 1000000, particles: 0}\n" FRAMES, true, 1, 0,
     false},
    {"observer: average every 1",
     "ensemble: {particles: 20000, steps: 1500}\naverage: {every: 1}\ntrajectory: {every: 100, particles: 64}\n", true, 1, 0,
     false},
    {"observer: energy every 1", "dynamics: langevin\nensemble: {particles: 20000, steps: 1000}\nenergy: {every: 1}\n", true, 1, 0,
     false},
    {"observer: gradient_noise",
     "landscape: {name: mean_of_quadratics, dim: 10}\ndynamics: sgd\nnoise: {name: minibatch, batch_size: 4}\n"
     "schedule: {name: constant, lr: 0.01}\nensemble: {particles: 1024, steps: 1000}\ngradient_noise: {every: 100}\n",
     true, 1, 0, false},
    {"observer: histogram file 2d",
     "landscape: himmelblau\nschedule: {name: constant, lr: 1e-3}\n"
     "ensemble: {particles: 20000, steps: 1000, start: {point: [0.1, 0.1]}}\nhistogram: {every: 10}\n"
     "trajectory: {every: 10, particles: 64}\n",
     true, 1, 0, false},
    {"observer: snapshots every 1000 big",
     "landscape: {name: harmonic, dim: 200}\nensemble: {particles: 4096, steps: 400}\nsnapshots: {every: 100}\n"
     "trajectory: {every: 100, particles: 16}\n",
     true, 1, 0, false},
    {"file: all particles", "ensemble: {particles: 10000, steps: 1000}\ntrajectory: {every: 10, particles: 0}\n", true, 1, 0,
     false},
    {"file: langevin velocities",
     "dynamics: langevin\nensemble: {particles: 10000, steps: 1000}\ntrajectory: {every: 20, particles: 1000}\n", true, 1, 0,
     false},
    {"file: nothing but events",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 10000, steps: 3000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\ntrajectory: {every: 0}\n",
     true, 1, 0, false},
    {"file: many frames few particles", "ensemble: {particles: 1000, steps: 200000}\ntrajectory: {every: 10, particles: 1}\n", true,
     1, 0, false},
    {"file: driven",
     "dynamics: sgd\nnoise: {name: isotropic, sigma: 4, batch_size: 1}\n"
     "schedule: {name: cosine, lr: 0.03, lr_min: 0.006}\nkeep: [lr/noise.batch_size]\n"
     "ensemble: {particles: 16384, steps: 3000}\ntrajectory: {every: 5, particles: 64}\n",
     true, 1, 0, false},
    {"passages: events threads 2",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 20000, steps: 8000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\n",
     true, THREADS, 0, false},
    {"passages: rare",
     "landscape: {name: double_well, barrier: 1}\nensemble: {particles: 4096, steps: 20000}\n"
     "escape: {until: {coordinate: 0, above: 1}}\n",
     true, 1, 0, false},
    {"passages: bridge",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 20000, steps: 3000}\n"
     "escape: {bridge: true, until: {coordinate: 0, above: 0.5}}\n",
     true, 1, 0, false},
    {"passages: until_events",
     "landscape: {name: double_well, barrier: 0.05}\n"
     "ensemble: {particles: 20000, steps: 1000000000, until_events: 300000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\n",
     true, 1, 0, false},
    {"passages: until_relative_error",
     "landscape: {name: double_well, barrier: 0.2}\n"
     "ensemble: {particles: 4096, steps: 1000000000, until_relative_error: 0.005}\n"
     "escape: {until: {coordinate: 0, above: 1}}\n",
     true, 1, 0, false},
    {"passages: absorbed rare",
     "landscape: {name: double_well, barrier: 0.5}\nensemble: {particles: 20000, steps: 5000}\n"
     "escape: {renewal: false, until: {coordinate: 0, above: 0.5}}\n",
     true, 1, 0, true},
    {"passages: small lr",
     "landscape: {name: double_well, barrier: 1}\nschedule: {name: constant, lr: 0.0005}\n"
     "ensemble: {particles: 1024, steps: 50000}\nescape: {until: {coordinate: 0, above: 1}}\n",
     true, 1, 0, false},
    {"passages: schedule cosine",
     "landscape: {name: double_well, barrier: 0.5}\nschedule: {name: cosine, lr: 0.05}\n"
     "ensemble: {particles: 4096, steps: 20000}\nescape: {until: {coordinate: 0, above: 1}}\n",
     true, 1, 0, true},
    {"passages: langevin low friction",
     "landscape: {name: double_well, barrier: 1}\ndynamics: {name: langevin, friction: 0.1, temperature: 0.2}\n"
     "schedule: {name: constant, lr: 0.005}\nensemble: {particles: 4096, steps: 20000}\n"
     "escape: {until: {coordinate: 0, above: 1}}\n",
     true, 1, 0, false},
    {"passages: langevin transitions",
     "landscape: {name: double_well, barrier: 1}\ndynamics: {name: langevin, friction: 0.1, temperature: 0.2}\n"
     "schedule: {name: constant, lr: 0.005}\nensemble: {particles: 4096, steps: 20000}\ntransitions: {every: 100}\n",
     true, 1, 0, false},
    {"passages: levy",
     "dynamics: sgd\nnoise: {name: levy, sigma: 0.5, alpha: 1.5, batch_size: 1}\n"
     "schedule: {name: constant, lr: 0.01}\nensemble: {particles: 1024, steps: 10000}\n"
     "escape: {until: {coordinate: 0, above: 0.9}}\n",
     true, 1, 0, false},
    {"passages: bath",
     "landscape: {name: double_well_bath, barrier: 0.5, dim: 10}\ndynamics: {name: sgld, temperature: 0.2}\n"
     "schedule: {name: constant, lr: 0.02}\nensemble: {particles: 2048, steps: 3000}\n"
     "escape: {until: {coordinate: 0, above: 1}}\n",
     true, 1, 0, false},
    {"start: gibbs 1d",
     "ensemble: {particles: 20000, steps: 2000, start: {gibbs: 0}}\nescape: {until: {coordinate: 0, above: 1}}\n", true, 1, 0,
     false},
    {"start: gibbs many", "ensemble: {particles: 400000, steps: 100, start: {gibbs: 0}}\n", true, 1, 0, true},
    {"start: gibbs bath",
     "landscape: {name: double_well_bath, barrier: 0.5, dim: 10}\ndynamics: {name: sgld, temperature: 0.2}\n"
     "schedule: {name: constant, lr: 0.02}\n"
     "ensemble: {particles: 2048, steps: 2000, start: {gibbs: 0, burn_in: 500}}\ntransitions: {every: 20}\n",
     true, 1, 0, false},
    {"start: burn_in", "ensemble: {particles: 20000, steps: 2000, start: {minimum: 0, burn_in: 5000}}\n", true, 1, 0, false},
    {"start: burn_in escapes",
     "landscape: {name: double_well, barrier: 0.05}\n"
     "ensemble: {particles: 20000, steps: 3000, start: {minimum: 0, burn_in: 3000}}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\n",
     true, 1, 0, false},
    {"start: random normal",
     "landscape: {name: harmonic, dim: 50}\n"
     "ensemble: {particles: 20000, steps: 100, start: {random: normal, scale: 2}}\n",
     true, 1, 0, false},
    {"phases dynamics",
     "ensemble: {particles: 50000}\nschedule: {name: constant, lr: 0.005}\nphases:\n  - {name: first, steps: 500}\n"
     "  - {name: second, steps: 500, dynamics: {name: langevin}}\n",
     true, 1, 0, false},
    {"phases many",
     "ensemble: {particles: 50000}\nphases:\n  - {name: p0, steps: 200, schedule: {lr: 0.001}}\n"
     "  - {name: p1, steps: 200, schedule: {lr: 0.002}}\n  - {name: p2, steps: 200, schedule: {lr: 0.003}}\n"
     "  - {name: p3, steps: 200, schedule: {lr: 0.004}}\n  - {name: p4, steps: 200, schedule: {lr: 0.005}}\n"
     "  - {name: p5, steps: 200, schedule: {lr: 0.006}}\n",
     true, 1, 0, true},
    {"two threads big", "ensemble: {particles: 1000000, steps: 300}\ntrajectory: {every: 100, particles: 1000}\n", true, THREADS, 0,
     false},
    {"two threads few", "ensemble: {particles: 64, steps: 1000000}\n", true, THREADS, 0, false},
    {"two threads obs",
     "ensemble: {particles: 20000, steps: 4000}\nstatistics: {every: 10}\ntransitions: {every: 10}\n"
     "histogram: {every: 10}\nautocorrelation: {every: 10, length: 100}\naverage: {every: 10}\n",
     true, THREADS, 0, false},
    {"goes on: passages",
     "landscape: {name: double_well, barrier: 0.05}\nensemble: {particles: 20000, steps: 4000}\n"
     "escape: {until: {coordinate: 0, above: 0.5}}\n",
     true, 1, 2000, false},
    {"goes on: obs",
     "ensemble: {particles: 20000, steps: 4000}\nstatistics: {every: 10}\nautocorrelation: {every: 10, length: 100}\n"
     "average: {every: 10}\n",
     true, 1, 2000, true},
};

/* The same scene with one thing after the other in the place of %s. */
typedef struct case_family {
    const char *name, *format;
    const char *const *member; /* NULL at the end, and instead of all: the dynamics of the registry. The first alone is sampled */
} case_family;

static const case_family families[] = {
    {"dynamics",
     "landscape: {name: double_well, dim: 3}\ndynamics: %s\nschedule: {name: constant, lr: 0.005}\nensemble: {particles: 20000, "
     "steps: 1500}\n" FRAMES,
     NULL},
    {"noise", "dynamics: sgd\nnoise: %s\nschedule: {name: constant, lr: 0.005}\nensemble: {particles: 20000, steps: 2000}\n",
     (const char *const[]){"isotropic", "coloured", "curvature", "loss", "student_t", "pulse", "levy", NULL}},
    {"one dimension", "landscape: %s\nschedule: {name: constant, lr: 0.001}\nensemble: {particles: 20000, steps: 3000}\n" FRAMES,
     (const char *const[]){"prinz", "quadruple_well", "sharp_flat", "washboard", "parabolic_wells", NULL}},
    {"two dimensions",
     "landscape: %s\nschedule: {name: constant, lr: 1e-5}\nensemble: {particles: 20000, steps: 1500, start: {point: [0.1, "
     "0.1]}}\n" FRAMES,
     (const char *const[]){"three_hump_camel", "himmelblau", "rosenbrock", "mexican_hat", "gaussian_mixture", "river_valley",
                           NULL}},
    {"many dimensions",
     "landscape: {name: %s, dim: 20}\nschedule: {name: constant, lr: 0.001}\nensemble: {particles: 4096, steps: 1500}\n" FRAMES,
     (const char *const[]){"ackley", "styblinski_tang", "phi4_chain", "double_well_bath", "mean_of_quadratics", NULL}},
    {"network",
     DIGITS "dynamics: %s\nnoise: {name: minibatch, batch_size: 16}\nschedule: {name: constant, lr: 0.001}\nensemble: {particles: "
            "256, steps: 150, start: {random: kaiming_uniform}}\ntrajectory: {every: 50, particles: 16}\n",
     (const char *const[]){"adam", "sgd", "momentum", "adamw", "lion", "rmsprop", "sam", "sgld", "sghmc", "psgld", NULL}},
};

#endif
