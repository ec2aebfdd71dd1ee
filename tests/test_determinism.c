/* The promise of reproducibility: one hash of everything an ensemble holds, the same for any number of threads, instruction set,
 * block size and pattern of calls; and, because it stands here as a number, for any compiler, build type and x86-64 machine with
 * FMA. A golden number may change only with a line in the CHANGELOG that says which results changed and why.
 *
 * KRAMERS_PRINT_GOLDEN=1 prints the numbers instead of comparing them. */
#include "assert_close.h"
#include "sanitized.h"

#include <kramers/kramers.h>

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

typedef struct golden_case {
    const char *name, *scene;
    uint64_t steps, hash;
} golden_case;

/* Together: every landscape, dynamics, noise and kind of target, schedules with memory-free cycles, divergence, padding. */
static const golden_case cases[] = {
    {"sgld_double_well",
     "{landscape: {name: double_well}, dynamics: {name: sgld, temperature: 0.4}, schedule: {name: constant, lr: 0.05},"
     " ensemble: {particles: 777, seed: 3}, escape: {until: {coordinate: 0, above: 0.5}}}",
     1500, 0x1c786229a7f80056},
    {"sgd_isotropic_ball",
     "{landscape: {name: double_well, dim: 3, tilt: 0.1}, dynamics: {name: sgd, weight_decay: 0.01}, noise: {name: isotropic, "
     "sigma: 3},"
     " schedule: {name: step, lr: 0.1, every: 100, factor: 0.9}, ensemble: {particles: 1000, seed: 4},"
     " escape: {until: {minimum: 1, radius: 0.5}}}",
     400, 0x01ddc3110f84da7b},
    {"langevin_muller_brown",
     "{landscape: {name: muller_brown, scale: 0.1}, dynamics: {name: langevin, temperature: 3, friction: 2},"
     " schedule: {name: constant, lr: 0.0004}, ensemble: {particles: 300, seed: 5},"
     " escape: {until: [{minimum: 1, radius: 0.3}, {minimum: 2, radius: 0.2}]}}",
     700, 0x6731bf705db5b23d},
    {"langevin_second_streams",
     "{landscape: {name: himmelblau}, dynamics: {name: langevin, temperature: 10, splitting: OBAABO},"
     " noise: {name: curvature, full: true, strength: 0.5}, schedule: {name: constant, lr: 0.001},"
     " ensemble: {particles: 200, seed: 6}, escape: {until: {coordinate: 1, above: -2.5}}}",
     600, 0xd6dddf5d9625e605},
    {"sgd_curvature_many_dimensions",
     "{landscape: {name: styblinski_tang, dim: 16}, dynamics: {name: sgd}, noise: {name: curvature, strength: 20, epsilon: 0.5},"
     " schedule: {name: cosine_restarts, lr: 0.02, period: 50, period_mult: 2, warmup: {steps: 20, factor: 0.1}},"
     " ensemble: {particles: 130, seed: 7}, escape: {until: {coordinate: 4, above: 2.5}}}",
     500, 0x1eac01c24c6f64d0},
    {"momentum_loss_noise_two_sides",
     "{landscape: {name: washboard, force: 0.5}, dynamics: {name: momentum, momentum: 0.8, dampening: 0.1},"
     " noise: {name: loss, strength: 4, floor: -9, epsilon: 0.1}, schedule: {name: constant, lr: 0.01},"
     " ensemble: {particles: 500, seed: 8}, escape: {until: {coordinate: 0, above: 1, below: -1}}}",
     800, 0x3eba77ab191ff3fe},
    {"nesterov_sharp_flat",
     "{landscape: {name: sharp_flat}, dynamics: {name: momentum, nesterov: true, convention: sutskever},"
     " noise: {name: isotropic, sigma: 5}, schedule: {name: cyclic, lr: 0.01, lr_min: 0.001, steps_up: 30, steps_down: 50},"
     " ensemble: {particles: 320, seed: 9}, escape: {until: {coordinate: 0, above: 0.2}}}",
     800, 0x973ec59a25889597},
    {"sghmc_double_well",
     "{landscape: {name: double_well, dim: 3}, dynamics: {name: sghmc, alpha: 0.2, weight_decay: 0.1}, noise: {name: isotropic, "
     "sigma: "
     "2}, schedule: {name: constant, lr: 0.01}, ensemble: {particles: 333, seed: 21}, escape: {until: {coordinate: 0, above: "
     "0.9}}}",
     600, 0x8b21c62521803f64},
    {"sgnht_himmelblau",
     "{landscape: {name: himmelblau}, dynamics: {name: sgnht, temperature: 8}, noise: {name: curvature, full: true, strength: 0.5},"
     " schedule: {name: constant, lr: 0.001}, ensemble: {particles: 200, seed: 22}, escape: {until: {coordinate: 1, above: -2.5}}}",
     600, 0xbfa732d94661eb73},
    {"psgld_styblinski_tang",
     "{landscape: {name: styblinski_tang, dim: 16}, dynamics: {name: psgld, temperature: 20}, noise: {name: isotropic, sigma: 5},"
     " schedule: {name: constant, lr: 0.05}, ensemble: {particles: 130, seed: 23}, escape: {until: {coordinate: 4, above: -1}}}",
     500, 0x9e74831bb6b8b644},
    {"leimkuhler_matthews_washboard",
     "{landscape: {name: washboard, force: 0.5}, dynamics: {name: leimkuhler_matthews, temperature: 0.3},"
     " noise: {name: loss, strength: 4, floor: -9, epsilon: 0.1}, schedule: {name: constant, lr: 0.01},"
     " ensemble: {particles: 500, seed: 24}, escape: {until: {coordinate: 0, above: 1, below: -1}}}",
     800, 0x16dca7fb09271483},
    {"hmc_muller_brown",
     "{landscape: {name: muller_brown, scale: 0.1}, dynamics: {name: hmc, temperature: 3, leapfrog: 5}, schedule: {name: constant, "
     "lr: "
     "0.002}, ensemble: {particles: 300, seed: 25}, escape: {until: [{minimum: 1, radius: 0.3}, {minimum: 2, radius: 0.2}]}}",
     300, 0x39a4a2598fb04617},
    {"microcanonical_double_well",
     "{landscape: {name: double_well, dim: 3, tilt: 0.1}, dynamics: {name: microcanonical, temperature: 0.4}, noise: {name: "
     "isotropic, "
     "sigma: 0.3}, schedule: {name: constant, lr: 0.02}, ensemble: {particles: 700, seed: 26}, escape: {until: {minimum: 1, "
     "radius: "
     "0.5}}}",
     600, 0x61bce4ceb19df7a6},
    {"hamiltonian_himmelblau",
     "{landscape: {name: himmelblau}, dynamics: {name: hamiltonian}, schedule: {name: constant, lr: 0.0001},"
     " ensemble: {particles: 65, seed: 10, start: {point: [0.3, -0.7]}}}",
     600, 0xd8d298fef57d594e},
    {"divergence",
     "{landscape: {name: double_well, dim: 2}, dynamics: {name: sgld, temperature: 0.5}, schedule: {name: constant, lr: 0.21},"
     " ensemble: {particles: 400, seed: 11}, escape: {until: {coordinate: 1, above: 1.5}}}",
     300, 0xcd532df7eb40c88c},
    {"harmonic_sgld_list",
     "{landscape: {name: harmonic, stiffness: [1, 2, 5], dim: 3}, dynamics: {name: sgld}, schedule: {name: constant, lr: 0.1},"
     " ensemble: {particles: 64, seed: 12, start: {point: 1}}}",
     300, 0xe2dd69c31f767921},
    {"surface_sgld",
     "{landscape: {name: surface, file: data/digits_three_minima.h5, wall: 1}, dynamics: {name: sgld, temperature: 0.2},"
     " schedule: {name: constant, lr: 2}, ensemble: {particles: 200, seed: 13}, escape: {until: {coordinate: 0, above: 6}}}",
     500, 0xd86dfb2e6026afb5},
    {"spline_sgld",
     "{landscape: {name: spline}, dynamics: {name: sgld, temperature: 0.4}, schedule: {name: constant, lr: 0.05},"
     " ensemble: {particles: 300, seed: 14}, escape: {until: {coordinate: 0, above: 1}}}",
     600, 0xddf2d00e8a6f3159},
    {"spline_of_many_points",
     "{landscape: {name: spline, x: [-3, -2.5, -2, -1.7, -1.1, -0.9, -0.5, -0.2, 0, 0.3, 0.6, 1, 1.2, 1.9, 2.2, 2.4, 3, 3.1, 3.5],"
     " energy: [5, 2, 1, 0.4, 0.3, 0.5, 0.8, 1, 0.9, 0.7, 0.2, 0, 0.1, 0.6, 1, 0.9, 0.4, 0.5, 4], wall: 3}, dynamics: langevin,"
     " schedule: {name: constant, lr: 0.002}, ensemble: {particles: 300, seed: 15}, escape: {until: {coordinate: 0, above: 1.4}}}",
     600, 0x358dac17749ad19e},
    /* Steps by tiles of coordinates; these hashes were taken without tiles. */
    {"tiles_sides_and_ball",
     "{landscape: {name: double_well, dim: 50, tilt: 0.1, stiffness: 40}, dynamics: {name: sgld, temperature: 0.4, weight_decay: "
     "0.02},"
     " noise: {name: isotropic, sigma: 0.7}, schedule: {name: cosine, lr: 0.02, steps: 300}, ensemble: {particles: 200, seed: 16},"
     " escape: {until: [{coordinate: 0, above: 0.5}, {coordinate: 37, above: 0.4, below: -0.5}, {minimum: 1, radius: 1.5}]}}",
     300, 0xc3a5ee71fa60e604},
    {"tiles_langevin_list",
     "{landscape: {name: harmonic, dim: 30, stiffness: [1, 2, 5, 1, 2, 5, 1, 2, 5, 1, 2, 5, 1, 2, 5, 1, 2, 5, 1, 2, 5, 1, 2, 5, 1, "
     "2, 5, 1,"
     " 2, 9]}, dynamics: {name: langevin, temperature: 1, splitting: OBAABO}, noise: {name: curvature, strength: 0.3},"
     " schedule: {name: constant, lr: 0.01}, ensemble: {particles: 150, seed: 17, start: {point: 0.4}},"
     " escape: {until: {coordinate: 29, above: 1}}}",
     200, 0x195bfdb5e9dfdd87},
    {"tiles_momentum_diverges",
     "{landscape: {name: styblinski_tang, dim: 40}, dynamics: {name: momentum, momentum: 0.9, dampening: 0.2},"
     " noise: {name: curvature, strength: 2}, schedule: {name: constant, lr: 0.1}, ensemble: {particles: 140, seed: 18},"
     " escape: {until: {coordinate: 20, above: 2.7}}}",
     60, 0xc36ffa72fafe02a3},
    {"levy_double_well",
     "{landscape: {name: double_well}, dynamics: {name: sgd}, noise: {name: levy, sigma: 2}, schedule: {name: constant, lr: 0.03},"
     " ensemble: {particles: 500, seed: 19}, escape: {until: {coordinate: 0, above: 1}}}",
     600, 0xe0e3d799f7222ba4},
    {"coloured_langevin_returns",
     "{landscape: {name: double_well, dim: 2}, dynamics: {name: langevin, temperature: 0.4}, noise: {name: coloured, sigma: 2, "
     "time: "
     "5},"
     " schedule: {name: constant, lr: 0.02}, ensemble: {particles: 300, seed: 20}, escape: {until: {coordinate: 0, above: 0.2}}}",
     600, 0x694f220e60b07334},
    {"sum_of_noises",
     "{landscape: {name: himmelblau}, dynamics: {name: momentum, momentum: 0.7}, noise: [{name: isotropic, sigma: 2}, {name: "
     "coloured},"
     " {name: student_t, nu: 2.5}, {name: curvature, full: true}, {name: pulse, high: 4, period: 30, width: 10, phase: -3},"
     " {name: coloured, sigma: 60, time: 100}, {name: loss, strength: 0.1}], schedule: {name: constant, lr: 0.002},"
     " ensemble: {particles: 200, seed: 21, start: {gibbs: 0, burn_in: 40}}, escape: {until: {coordinate: 1, above: -2.7}}}",
     400, 0x97694197db61c7eb},
    {"full_covariance_bridge",
     "{landscape: {name: double_well, dim: 3}, dynamics: {name: sgld, temperature: 0.1}, noise: {name: full_covariance, "
     "batch_size: 0.5,"
     " matrix: [[9, 1, 2], [1, 4, -1], [2, -1, 3]]}, schedule: {name: constant, lr: 0.03}, ensemble: {particles: 200, seed: 22},"
     " escape: {bridge: true, until: {coordinate: 0, above: 0.5}}}",
     300, 0x12312c318af6235b},
    {"tiles_heavy_tails_and_memory",
     "{landscape: {name: double_well, dim: 60}, dynamics: {name: sgd}, noise: [{name: levy, alpha: 1.2, sigma: 0.3}, {name: "
     "coloured},"
     " {name: student_t, sigma: 2}], schedule: {name: constant, lr: 0.02}, ensemble: {particles: 130, seed: 23},"
     " escape: {until: {coordinate: 0, above: 0.5}}}",
     150, 0xdc178c19db8e6fbb},
    {"prinz",
     "{landscape: {name: prinz}, dynamics: {name: sgld, temperature: 0.8}, noise: {name: curvature, epsilon: 1},"
     " schedule: {name: constant, lr: 0.003}, ensemble: {particles: 140, seed: 19}, escape: {until: {coordinate: 0, above: 0.6}}}",
     300, 0x8892af2a7b4d588d},
    {"quadruple_well",
     "{landscape: {name: quadruple_well, coupling: 0.25}, dynamics: {name: langevin, temperature: 0.5},"
     " schedule: {name: constant, lr: 0.02}, ensemble: {particles: 140, seed: 20}, escape: {until: {minimum: 3, radius: 0.3}}}",
     300, 0x8b0cee118c87b405},
    {"three_hump_camel",
     "{landscape: {name: three_hump_camel}, dynamics: {name: sgd}, noise: {name: curvature, full: true, epsilon: 0.1},"
     " schedule: {name: constant, lr: 0.05}, ensemble: {particles: 140, seed: 21}, escape: {until: {minimum: 1, radius: 0.3}}}",
     200, 0x543e25aa7db5a835},
    {"monkey_saddle",
     "{landscape: {name: monkey_saddle}, dynamics: {name: sgld, temperature: 2}, schedule: {name: constant, lr: 0.01},"
     " ensemble: {particles: 140, seed: 22}, escape: {until: {minimum: 2, radius: 0.5}}}",
     300, 0x3d4d8add42604e3c},
    {"mexican_hat_seven_dimensions",
     "{landscape: {name: mexican_hat, dim: 7}, dynamics: {name: sgld, temperature: 0.2}, noise: {name: curvature, epsilon: 1},"
     " schedule: {name: constant, lr: 0.02}, ensemble: {particles: 140, seed: 23}, escape: {until: {coordinate: 3, above: 0.8}}}",
     200, 0x6ccc0616e9a86c10},
    {"rosenbrock_twenty_dimensions",
     "{landscape: {name: rosenbrock, dim: 20}, dynamics: {name: momentum, momentum: 0.9}, noise: {name: curvature, strength: 0.1},"
     " schedule: {name: constant, lr: 0.0002}, ensemble: {particles: 140, seed: 24}, escape: {until: {coordinate: 19, above: "
     "1.2}}}",
     200, 0x123f5a3d54236751},
    {"rastrigin_tiles",
     "{landscape: {name: rastrigin, dim: 40}, dynamics: {name: sgld, temperature: 5}, noise: {name: curvature},"
     " schedule: {name: constant, lr: 0.001}, ensemble: {particles: 140, seed: 25, start: {point: 0}},"
     " escape: {until: {coordinate: 20, above: 1}}}",
     200, 0x40c91b2ca6262755},
    {"ackley",
     "{landscape: {name: ackley, dim: 5}, dynamics: {name: sgld, temperature: 0.5}, noise: {name: curvature, epsilon: 0.1},"
     " schedule: {name: constant, lr: 0.02}, ensemble: {particles: 140, seed: 26}, escape: {until: {coordinate: 1, above: 1}}}",
     200, 0x0fe6cb60e7026b2c},
    {"phi4_chain",
     "{landscape: {name: phi4_chain, dim: 13, periodic: false}, dynamics: {name: sgld, temperature: 0.5},"
     " noise: {name: curvature, epsilon: 1}, schedule: {name: constant, lr: 0.02}, ensemble: {particles: 140, seed: 27},"
     " escape: {until: {coordinate: 12, above: 0.8}}}",
     200, 0x1ff0b7bc1389ab45},
    {"residual_block",
     "{landscape: {name: residual_block}, dynamics: {name: sgd}, noise: {name: curvature, strength: 0.1},"
     " schedule: {name: constant, lr: 0.3}, ensemble: {particles: 140, seed: 28, start: {point: [0.5, -0.3]}},"
     " escape: {until: {coordinate: 0, above: 0.6}}}",
     200, 0x439b7b03202dd8ab},
    {"residual_block_relu",
     "{landscape: {name: residual_block, activation: relu, skip: false, points: 33}, dynamics: {name: sgd, weight_decay: 0.01},"
     " noise: {name: isotropic, sigma: 0.2}, schedule: {name: constant, lr: 0.3}, ensemble: {particles: 140, seed: 29,"
     " start: {point: [0.5, -0.3]}}, escape: {until: {coordinate: 0, above: 1.2}}}",
     200, 0xfa8f226ef46c2323},
    {"gaussian_mixture_tiles",
     "{landscape: {name: gaussian_mixture, dim: 60}, dynamics: {name: sgld, temperature: 1}, noise: {name: curvature},"
     " schedule: {name: constant, lr: 0.07}, ensemble: {particles: 140, seed: 30}, escape: {until: {coordinate: 20, above: 1}}}",
     100, 0x935a38152f024091},
    {"gaussian_mixture_wide",
     "{landscape: {name: gaussian_mixture, per_axis: 9, spacing: 0.7, variance: 0.2, dim: 3}, dynamics: {name: sgld, temperature: "
     "1},"
     " noise: {name: curvature}, schedule: {name: constant, lr: 0.05}, ensemble: {particles: 140, seed: 31},"
     " escape: {until: {coordinate: 1, above: 2}}}",
     200, 0x0d4d0462df5e0f0c},
    {"gaussian_mixture_file",
     "{landscape: {name: gaussian_mixture, file: tests/mixture_modes.csv, variance: 0.2}, dynamics: {name: sgld, temperature: 1},"
     " noise: {name: curvature, full: true}, schedule: {name: constant, lr: 0.02}, ensemble: {particles: 140, seed: 32},"
     " escape: {until: {minimum: 2, radius: 0.3}}}",
     200, 0xbddf23ee7ef4b589},
    {"adam_returns",
     "{landscape: {name: double_well, dim: 2}, dynamics: {name: adam, amsgrad: true, weight_decay: 0.01},"
     " noise: {name: isotropic, sigma: 4}, schedule: {name: cosine, lr: 0.2, steps: 400}, ensemble: {particles: 500, seed: 19},"
     " escape: {until: {coordinate: 0, above: 0.5}}}",
     500, 0x551482cb263ddfc4},
    {"tiles_adamw_list",
     "{landscape: {name: double_well, dim: 40, tilt: 0.1, stiffness: 3}, dynamics: {name: adamw, beta2: 0.9},"
     " noise: {name: isotropic, sigma: 8}, schedule: {name: constant, lr: 0.1}, ensemble: {particles: 150, seed: 20},"
     " escape: {until: {coordinate: 0, above: 0.8}}}",
     300, 0xfa37092d8d91a0a7},
    {"rmsprop_centered_momentum",
     "{landscape: {name: himmelblau}, dynamics: {name: rmsprop, centered: true, momentum: 0.5},"
     " noise: {name: curvature, full: true, strength: 300}, schedule: {name: constant, lr: 0.02},"
     " ensemble: {particles: 300, seed: 21}, escape: {until: {coordinate: 0, above: -3.4}}}",
     500, 0x106b5ccd1180e18c},
    {"adagrad_decaying",
     "{landscape: {name: washboard, force: 2}, dynamics: {name: adagrad, lr_decay: 0.01, initial_accumulator_value: 0.1},"
     " noise: {name: loss, strength: 4, floor: -9, epsilon: 0.1}, schedule: {name: constant, lr: 1},"
     " ensemble: {particles: 300, seed: 22}, escape: {until: {coordinate: 0, above: 1}}}",
     600, 0x29a35a85c79678aa},
    {"sign_gd_sharp_flat",
     "{landscape: {name: sharp_flat}, dynamics: {name: sign_gd, weight_decay: 0.1}, noise: {name: isotropic, sigma: 5},"
     " schedule: {name: step, lr: 0.1, every: 100, factor: 0.9}, ensemble: {particles: 300, seed: 23},"
     " escape: {until: {coordinate: 0, above: 0.2}}}",
     500, 0x71a973660aa2e1a2},
    {"lion_muller_brown",
     "{landscape: {name: muller_brown, scale: 0.1}, dynamics: {name: lion, weight_decay: 0.1}, noise: {name: isotropic, sigma: "
     "200},"
     " schedule: {name: constant, lr: 0.01}, ensemble: {particles: 300, seed: 24}, escape: {until: {minimum: 1, radius: 0.3}}}",
     600, 0x5ffe37ded55b3b27},
    {"sam_styblinski_tang",
     "{landscape: {name: styblinski_tang, dim: 7}, dynamics: {name: sam, rho: 0.1, weight_decay: 0.05}, noise: {name: curvature, "
     "strength: 60},"
     " schedule: {name: constant, lr: 0.01}, ensemble: {particles: 130, seed: 25}, escape: {until: {coordinate: 4, above: -1.8}}}",
     500, 0xd7c48a63642a035f},
    {"entropic_barrier",
     "{landscape: {name: double_well_bath, dim: 71, k_left: 0.5, k_right: 0.52, barrier: 0.4}, dynamics: {name: sgld,"
     " temperature: 0.3}, schedule: {name: constant, lr: 0.05}, ensemble: {particles: 150, seed: 31, start: {gibbs: 1}},"
     " escape: {until: {coordinate: 0, below: -1}}}",
     200, 0x1c5a26b067d136a5},
    {"bent_river",
     "{landscape: {name: river_valley, dim: 4, bend: 0.8, growth: 0.7}, dynamics: {name: langevin, temperature: 0.5}, schedule:"
     " {name: cosine, lr: 0.01, steps: 200}, ensemble: {particles: 130, seed: 32}, escape: {until: {coordinate: 0, below: -0.6}}}",
     300, 0x85e68198fe5bbd62},
    {"minibatch_epochs_and_returns",
     "{landscape: {name: mean_of_quadratics, points: 101, dim: 3, stiffness_spread: 0.5}, dynamics: {name: langevin, temperature:"
     " 0.01, splitting: BBAOOAB}, noise: [{name: isotropic, sigma: 0.2}, {name: minibatch, batch_size: 34, augment_jitter: 0.3}],"
     " schedule: {name: constant, lr: 0.05}, ensemble: {particles: 200, seed: 33, start: {minimum: 0, burn_in: 7}},"
     " escape: {until: {coordinate: 1, above: 0.3}}}",
     150, 0x4c374e5d9ab9eda2},
    {"minibatch_with_replacement",
     "{landscape: {name: mean_of_quadratics, points: 1437, dim: 2}, dynamics: {name: sgd, weight_decay: 0.1},"
     " noise: {name: minibatch, batch_size: 5, sampling: with_replacement}, schedule: {name: constant, lr: 0.2},"
     " ensemble: {particles: 300, seed: 34}, escape: {until: {coordinate: 0, above: 0.6}}}",
     150, 0xdc9d43dfd43bbaa1},
    {"minibatch_without_replacement",
     "{landscape: {name: mean_of_quadratics, points: 40}, dynamics: {name: momentum}, noise: {name: minibatch, batch_size: 6,"
     " sampling: without_replacement}, schedule: {name: cosine, lr: 0.1, steps: 150}, ensemble: {particles: 300, seed: 35}}",
     150, 0xf6a12b49a537f7e9},
    {"minibatch_of_moved_images",
     "{landscape: {name: network, data: digits, hidden: [3], activation: relu, loss: squared}, dynamics: {name: momentum, "
     "weight_decay: 0.01}, noise: {name:"
     " minibatch, batch_size: 9, augment_shift: 1, augment_jitter: 0.1}, schedule: {name: constant, lr: 0.1},"
     " ensemble: {particles: 70, seed: 36, start: {point: 0.05}}, escape: {until: {coordinate: 224, above: 0.07}}}",
     40, 0x95194ff914e5bbc8},
    {"normal_starts_return",
     "{landscape: {name: double_well, dim: 3}, dynamics: {name: langevin, temperature: 0.4}, schedule: {name: constant, lr: 0.02},"
     " ensemble: {particles: 200, seed: 33, start: {random: normal, scale: 0.2, point: -1}},"
     " escape: {until: {coordinate: 1, above: -0.3}}}",
     200, 0xa289825e5ca267d0},
    {"networks_start_at_random",
     "{landscape: {name: network, data: spirals, points: 20, label_noise: 0.2, hidden: [3]}, dynamics: {name: sgd},"
     " noise: {name: isotropic, sigma: 1}, schedule: {name: constant, lr: 0.1}, ensemble: {particles: 130, seed: 34},"
     " escape: {until: {coordinate: 2, above: 0.75}}}",
     100, 0x4f133367d803923e},
};

static uint64_t mix(uint64_t hash, const void *data, size_t bytes) {
    const unsigned char *byte = data;
    for (size_t i = 0; i < bytes; i++) hash = (hash ^ byte[i]) * UINT64_C(1099511628211);
    return hash;
}

/* NaN has many bit patterns; which one arithmetic gives is not part of the promise. */
static uint64_t mix_double(uint64_t hash, double x) {
    if (isnan(x)) x = 12345.0;
    return mix(hash, &x, sizeof x);
}

static uint64_t mix_view(uint64_t hash, const kr_view *view) {
    hash = mix(hash, &view->step, sizeof view->step);
    hash = mix_double(hash, view->time);
    hash = mix(hash, view->departure, (size_t)view->particles * sizeof *view->departure);
    hash = mix(hash, view->stopped_at, (size_t)view->particles * sizeof *view->stopped_at);
    hash = mix(hash, &view->events, sizeof view->events);
    hash = mix(hash, &view->exposure_steps, sizeof view->exposure_steps);
    for (size_t i = 0; i < view->dim; i++)
        for (size_t p = 0; p < view->particles; p++) {
            hash = mix_double(hash, view->position[i * view->stride + p]);
            for (size_t a = 0; a < view->auxiliary_count; a++) hash = mix_double(hash, view->auxiliary[a][i * view->stride + p]);
        }
    return hash;
}

typedef struct variation {
    const char *isa;
    int threads;
    size_t block_size;
    uint64_t call; /* steps a call */
} variation;

static void succeed(kr_status status, const kr_error *error) {
    if (status != KR_OK) fail_msg("%s", error->message);
}

static uint64_t hash_of(const golden_case *c, variation v, uint64_t *events, uint64_t *diverged) {
    kr_error error = {0};
    const kr_registry *registry;
    kr_scene scene;
    kr_model model;
    kr_ensemble *ensemble;
    succeed(kr_registry_find(v.isa, &registry, &error), &error);
    succeed(kr_scene_parse(&scene, registry, c->name, KR_SOURCE_DIRECTORY, c->scene, NULL, 0, &error), &error);
    succeed(kr_model_create(&model, &scene, &error), &error);
    kr_ensemble_setup setup = {.registry = registry,
                               .landscape = &model.landscape,
                               .noise = &model.noise,
                               .dynamics = &model.dynamics,
                               .schedule = &model.schedule,
                               .start = model.start,
                               .spread = model.spread,
                               .spread_normal = model.spread_normal,
                               .targets = model.targets,
                               .target_count = model.target_count,
                               .particles = (uint64_t)kr_scene_ensemble(&scene)->particles,
                               .seed = (uint64_t)kr_scene_ensemble(&scene)->seed,
                               .threads = v.threads,
                               .block_size = v.block_size};
    succeed(kr_ensemble_create(&ensemble, &setup, &error), &error);
    uint64_t hash = UINT64_C(14695981039346656037);
    for (uint64_t done = 0; done < c->steps;) {
        uint64_t steps = v.call < c->steps - done ? v.call : c->steps - done;
        succeed(kr_ensemble_advance(ensemble, steps, &error), &error);
        kr_view view = kr_ensemble_view(ensemble);
        for (size_t i = 0; i < view.recent_count; i++) {
            hash = mix(hash, &view.recent[i].step, sizeof view.recent[i].step);
            hash = mix(hash, &view.recent[i].particle, sizeof view.recent[i].particle);
            hash = mix(hash, &view.recent[i].duration, sizeof view.recent[i].duration);
            hash = mix(hash, &view.recent[i].target, sizeof view.recent[i].target);
        }
        done += steps;
    }
    kr_view view = kr_ensemble_view(ensemble);
    hash = mix_view(hash, &view);
    *events = view.events;
    *diverged = view.diverged;
    kr_ensemble_destroy(ensemble);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);
    return hash;
}

/* What is not the golden number itself is looked at for a part of the cases with sanitizers: the engine is the same for all. */
enum { EACH = SANITIZED ? 5 : 1 };

static const variation reference = {.isa = NULL, .threads = 1, .block_size = 0, .call = UINT64_MAX};

static void golden_numbers(void **state) {
    (void)state;
    bool print = getenv("KRAMERS_PRINT_GOLDEN") != NULL, all_equal = true;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t events, diverged, hash = hash_of(&cases[i], reference, &events, &diverged);
        if (print || hash != cases[i].hash)
            print_message("%s: 0x%016llx (%llu events, %llu diverged)\n", cases[i].name, (unsigned long long)hash,
                          (unsigned long long)events, (unsigned long long)diverged);
        all_equal = all_equal && hash == cases[i].hash;
    }
    assert_true(print || all_equal);
}

static void equal_for(const variation *variations, size_t count) {
    for (size_t i = 0; i < COUNT(cases); i += EACH) {
        uint64_t events, diverged, expected = hash_of(&cases[i], reference, &events, &diverged);
        for (size_t v = 0; v < count; v++) {
            uint64_t hash = hash_of(&cases[i], variations[v], &events, &diverged);
            if (hash != expected) fail_msg("%s differs in variation %zu", cases[i].name, v);
        }
    }
}

static void threads_cannot_be_seen(void **state) {
    (void)state;
    const variation v[] = {
        {NULL, 2, 64, UINT64_MAX}, {NULL, 3, 64, UINT64_MAX}, {NULL, 8, 64, UINT64_MAX}, {NULL, 8, 0, UINT64_MAX}};
    equal_for(v, COUNT(v));
}

static void block_size_and_calls_cannot_be_seen(void **state) {
    (void)state;
    const variation v[] = {{NULL, 1, 64, UINT64_MAX}, {NULL, 2, 192, 7}, {NULL, 1, 1024, 100}, {NULL, 2, 128, 1}};
    equal_for(v, COUNT(v));
}

static void instruction_sets_cannot_be_seen(void **state) {
    (void)state;
    const kr_registry *available[8];
    size_t count = kr_registry_available(available, 8);
    variation v[8];
    for (size_t i = 0; i < count; i++) v[i] = (variation){available[i]->isa, 2, 0, UINT64_MAX};
    print_message("%zu instruction sets\n", count);
    equal_for(v, count);
}

/* A saved ensemble goes on to the same bits in a fresh one. */
static void saving_and_restoring_cannot_be_seen(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i += EACH) {
        const golden_case *c = &cases[i];
        kr_error error = {0};
        const kr_registry *registry;
        kr_scene scene;
        kr_model model;
        succeed(kr_registry_find(NULL, &registry, &error), &error);
        succeed(kr_scene_parse(&scene, registry, c->name, KR_SOURCE_DIRECTORY, c->scene, NULL, 0, &error), &error);
        succeed(kr_model_create(&model, &scene, &error), &error);
        kr_ensemble_setup setup = {.registry = registry,
                                   .landscape = &model.landscape,
                                   .noise = &model.noise,
                                   .dynamics = &model.dynamics,
                                   .schedule = &model.schedule,
                                   .start = model.start,
                                   .targets = model.targets,
                                   .target_count = model.target_count,
                                   .particles = (uint64_t)kr_scene_ensemble(&scene)->particles,
                                   .seed = 1,
                                   .threads = 1};
        kr_ensemble *straight, *again;
        succeed(kr_ensemble_create(&straight, &setup, &error), &error);
        succeed(kr_ensemble_create(&again, &setup, &error), &error);
        succeed(kr_ensemble_advance(straight, 101, &error), &error);
        uint64_t *words = malloc(kr_ensemble_state_words(straight) * sizeof *words);
        kr_ensemble_save(straight, words);
        succeed(kr_ensemble_restore(again, words, &error), &error);
        succeed(kr_ensemble_advance(straight, 150, &error), &error);
        succeed(kr_ensemble_advance(again, 150, &error), &error);
        kr_view a = kr_ensemble_view(straight), b = kr_ensemble_view(again);
        assert_true(mix_view(1, &a) == mix_view(1, &b));
        free(words);
        kr_ensemble_destroy(straight);
        kr_ensemble_destroy(again);
        kr_model_destroy(&model);
        kr_scene_destroy(&scene);
    }
}

/* The scene with starts in the minimum of this number where they are drawn from around it, which takes longer than all steps. */
static void start_in_the_minimum(char *scene, size_t size, const golden_case *c) {
    static const char drawn[] = "gibbs:", place[] = "minimum:";
    const char *found = strstr(c->scene, drawn);
    int before = found ? (int)(found - c->scene) : 0;
    const char *rest = found ? found + strlen(drawn) : c->scene;
    assert_true((size_t)snprintf(scene, size, "%.*s%s%s", before, c->scene, found ? place : "", rest) < size);
}

/* Observers with any cadence leave the run's bits alone. */
static void observers_cannot_be_seen(void **state) {
    (void)state;
    char text[2000];
    const char *overrides[][2] = {{"statistics.every=0", "ensemble.steps=300"}, {"statistics.every=7", "ensemble.steps=300"}};
    for (size_t i = 0; i < COUNT(cases); i += EACH) {
        uint64_t hash[2];
        start_in_the_minimum(text, sizeof text, &cases[i]);
        for (size_t o = 0; o < 2; o++) {
            kr_error error = {0};
            const kr_registry *registry;
            kr_scene scene;
            kr_run *run;
            const kr_run_options options = {.threads = 2};
            succeed(kr_registry_find(NULL, &registry, &error), &error);
            succeed(kr_scene_parse(&scene, registry, cases[i].name, KR_SOURCE_DIRECTORY, text, overrides[o], 2, &error), &error);
            succeed(kr_run_create(&run, &scene, &options, &error), &error);
            while (!kr_run_finished(run) && kr_run_advance(run, &error) == KR_OK) {
            }
            kr_view view = kr_run_view(run);
            hash[o] = mix_view(1, &view);
            kr_run_destroy(run);
            kr_scene_destroy(&scene);
        }
        assert_true(hash[0] == hash[1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_numbers),
        cmocka_unit_test(threads_cannot_be_seen),
        cmocka_unit_test(block_size_and_calls_cannot_be_seen),
        cmocka_unit_test(instruction_sets_cannot_be_seen),
        cmocka_unit_test(saving_and_restoring_cannot_be_seen),
        cmocka_unit_test(observers_cannot_be_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
