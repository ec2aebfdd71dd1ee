/* Dynamics: one step of an optimizer or an integrator, for a block of particles. What a step function may call is in
 * block.h. */
#ifndef KRAMERS_DYNAMICS_H
#define KRAMERS_DYNAMICS_H

#include <kramers/noise.h>
#include <kramers/parameter.h>
#include <kramers/plugin.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_dynamics kr_dynamics;
typedef struct kr_block kr_block;

/* Everything that is the same for all particles in one step. */
typedef struct kr_controls {
    uint64_t step;        /* counts from 0 */
    double learning_rate; /* eta */
    double root_rate;     /* h = sqrt(eta) */
    uint64_t drawn;       /* data that each particle's gradients have drawn in the steps before, of noise that samples */
    /* Landscape, dynamics and noise of this step (drive.h) where numbers of them change with the step; NULL: they stay. A step
     * function has what it needs: self and its block are those. */
    const struct kr_moment *moment;
} kr_controls;

typedef struct kr_dynamics_type {
    kr_descriptor about;
    bool physical_time; /* time advances by h = sqrt(eta) a step instead of eta */
    bool correlated; /* the noise of one step is correlated with that of the next: thermal_variance is that of many steps, divided
                      * by their number. Theories of continuous time take it; those of the steps as a Markov chain do not apply */
    bool by_coordinate; /* a step does with each coordinate what it would do if it were alone, but for the gradient: the engine may
                         * do the step for some coordinates after the others */

    bool decoupled_decay; /* the parameter weight_decay is the step's own (AdamW): not part of the landscape, unknown to theories */

    /* Optional: checks that the parameters fit together and compiles them into self->state (a plain array, no ownership). */
    kr_status (*prepare)(kr_dynamics *self, kr_error *error);

    /* Optional: refuses a landscape or a gradient noise that the step is not made for, with the reason and the remedy. */
    kr_status (*fits)(const kr_dynamics *self, const kr_landscape *landscape, const kr_noise *noise, kr_error *error);

    /* Number of auxiliary arrays [dim] per particle (momentum, buffers). NULL: 0. */
    size_t (*auxiliaries)(const kr_dynamics *self);
    size_t work_numbers; /* how many numbers of each particle, block->work, a step works with; kept by nobody between steps */

    /* Optional first-step rule: sets the auxiliaries of the particles which[0..count) of the block, which stand at a fresh
     * start with zero auxiliaries. Called before the first step and after each return to the start (with the controls of
     * the step that comes next). */
    void (*start)(const kr_dynamics *self, const kr_controls *controls, kr_block *block, const uint32_t *which, size_t count);

    /* One step of every particle of the block. Reads like the paper. */
    void (*step)(const kr_dynamics *self, const kr_controls *controls, kr_block *block);

    /* Velocity p (mass 1, physical time) of n coordinates from the auxiliaries [aux] of n each, at learning rate eta. NULL:
     * there is no velocity. */
    void (*velocity)(const kr_dynamics *self, double learning_rate, size_t n, const double *const *auxiliary, double *velocity);

    /* Gradient-descent dynamics x' = x - eta g + sqrt(thermal_variance) xi: variance the dynamics itself adds in one step.
     * NULL when the step is not of that form; theories of overdamped motion then do not apply. */
    double (*thermal_variance)(const kr_dynamics *self, double learning_rate);

    /* Leading-order stationary temperature when the gradient noise has this variance per coordinate; NAN if there is none. */
    double (*temperature)(const kr_dynamics *self, double learning_rate, double noise_variance);

    /* Why the density in the end is not exp(-V/T) even at small steps, after a colon; NULL: it is, where there is a temperature. */
    const char *not_boltzmann;
    /* In a sentence, where that temperature holds and what it leaves out; where it is NAN, why there is none. NULL: to leading
     * order in learning_rate * curvature. */
    const char *(*temperature_regime)(const kr_dynamics *self);

    /* What a thermometer of the velocity shows at this temperature, while learning_rate * curvature is small. NULL: the same, where
     * there is a velocity. */
    double (*kinetic_temperature)(const kr_dynamics *self, double temperature);

    /* Friction of the Langevin dynamics dp = -g dt - gamma p dt + ..., dt = sqrt(eta), that the step is, or resembles; NAN where
     * these parameters are no such dynamics. NULL: overdamped, or something else. */
    double (*friction)(const kr_dynamics *self, double learning_rate);

    /* Largest stable learning_rate * curvature on a quadratic, at this learning rate; INFINITY: particles stay finite at
     * any, for instance since steps do not grow with the gradient. NULL: 2. */
    double (*stability_limit)(const kr_dynamics *self, double learning_rate);

    /* Optional, of adaptive dynamics, which divide the gradient by numbers P that follow it: the largest stable learning_rate *
     * curvature / P of a P that stands still. */
    double (*preconditioned_limit)(const kr_dynamics *self);
    /* Optional: the P that gradient noise of this variance amounts to where it is far above the gradients, so that the mean step is
     * -learning_rate * gradient / P; NAN: none. */
    double (*preconditioner)(const kr_dynamics *self, double noise_variance);

    /* Time of a step that is neither eta nor sqrt(eta), and how people write it, with the learning rate called lr. NULL both: as
     * physical_time says. */
    double (*time_step)(const kr_dynamics *self, double learning_rate);
    const char *time_text;

    /* Where steps are proposals that a particle accepts or not: adds up, over n particles, what they have kept in the first
     * coordinate of their auxiliaries since they left the start: how many proposals there were, and how many were accepted.
     * Particles that stand still are NaN. NULL: there are none. */
    void (*proposals)(const kr_dynamics *self, size_t n, const double *const *auxiliary, double *tried, double *accepted);

    /* Why a step is wrong where a particle has fewer coordinates than the landscape, the others being pruned; NULL: it is right. */
    const char *not_pruned;
} kr_dynamics_type;

enum { KR_MAX_AUXILIARIES = 8, KR_DYNAMICS_STATE = 64 };

struct kr_dynamics {
    const kr_dynamics_type *type;
    const void *values; /* borrowed from the scene */
    int state[KR_DYNAMICS_STATE];
};

KR_API kr_status kr_dynamics_create(kr_dynamics *self, const kr_dynamics_type *type, const void *values, kr_error *error);
KR_API size_t kr_dynamics_auxiliaries(const kr_dynamics *self);
/* Leading-order stationary temperature where the gradient noise has this variance per coordinate; NAN: there is none. */
KR_API double kr_dynamics_temperature(const kr_dynamics *self, double learning_rate, double noise_variance);
/* What a thermometer of the velocity shows at this temperature; NAN where there is no velocity. */
KR_API double kr_dynamics_kinetic_temperature(const kr_dynamics *self, double temperature);
/* For stability_limit: no learning rate is unstable. */
KR_API double kr_never_unstable(const kr_dynamics *self, double learning_rate);
/* Time of one step. */
KR_API double kr_dynamics_time_step(const kr_dynamics *self, double learning_rate);
/* Whether the step is made for this landscape and this noise; the message says why not. */
KR_API kr_status kr_dynamics_fits(const kr_dynamics *self, const kr_landscape *landscape, const kr_noise *noise, kr_error *error);
/* The parameter weight_decay, 0 where there is none or where it is decoupled. It becomes part of the landscape
 * (kr_landscape.weight_decay), which is where g~ = g + n + lambda x gets it from; a step function never adds it itself. */
KR_API double kr_dynamics_weight_decay(const kr_dynamics *self);
/* The same where it is decoupled, otherwise 0. Where it is not 0, what is stationary is not of the landscape alone. */
KR_API double kr_dynamics_decoupled_decay(const kr_dynamics *self);

KR_END_DECLARATIONS

#endif
