/* Theories of escape: each predicts something, or says why it does not apply. */
#ifndef KRAMERS_THEORY_H
#define KRAMERS_THEORY_H

#include <kramers/drive.h>
#include <kramers/result_row.h>
#include <kramers/target.h>

KR_BEGIN_DECLARATIONS

/* What is to be predicted. Borrowed pointers. */
typedef struct kr_problem {
    const kr_landscape *landscape;
    const kr_noise *noise;
    const kr_dynamics *dynamics;
    const kr_schedule *schedule;
    const kr_drive *drive; /* numbers that change with the step, which survival honours; the others refuse; NULL: none */
    const double *start;   /* [dim] */
    const kr_target *targets;
    size_t target_count; /* 0: no escape is measured */
    /* Above 0: each departure is drawn from exp(-V / start_temperature) inside the basin of minimum number start_minimum, and start
     * is that minimum. Theories of the discrete-time chain (chain, survival) honour it; others depart from start. */
    double start_temperature;
    int64_t start_minimum;
    bool start_spread; /* departures are at random around start, or from several points whose mean it is */
    bool bridge;       /* passages between steps count, with the probability of a Brownian bridge; the theory chain honours it */
    double xie_s;      /* for the estimate xie, between 0 and 1; 0: one half */
    uint64_t burn_in;  /* steps before step 0, at its learning rate, in which arrivals depart again; survival honours it */
    bool renewal;      /* arrivals depart again, else they are removed; stationary densities honour it */
} kr_problem;

/* Whether anything but the learning rate changes with the step: a number that is driven, or the noise by itself. */
KR_API bool kr_problem_changes(const kr_problem *problem);
/* The learning rate where neither it nor anything else changes with the step; else NAN. */
KR_API double kr_problem_constant_rate(const kr_problem *problem);

/* Leading-order temperature of a problem at this learning rate: of the dynamics' own heat and of the gradient noise at the start,
 * averaged over the coordinates. NAN: there is none. */
KR_API double kr_problem_temperature(const kr_problem *problem, double learning_rate);

enum { KR_MAX_EXTRAS = 6, KR_MAX_THEORIES = 32 };

/* Numbers are NAN where the theory predicts no such thing. */
typedef struct kr_prediction {
    bool applies;
    char why[256]; /* why it does not apply; one sentence */
    double mfpt_steps, mfpt_time, rate;
    double spectral_gap, temperature;
    double spectral_gap_steps; /* the same of the steps of this learning rate instead of continuous time; NAN: unknown */
    double variation;          /* coefficient of variation of the passage time */
    double accuracy;           /* relative numerical error reached; NAN: closed form */
    bool population_rate;      /* rate is how populations decay; no mean first passage is derived from it */
    char note[256];            /* a reading aid for people: which variant, how far to trust it; may be empty */
    size_t extra_count;        /* other numbers of this theory, in the order they are shown; NAN: none now */
    kr_named_number extra[KR_MAX_EXTRAS];
} kr_prediction;

/* What a measured relaxation rate is compared with. */
static inline double kr_prediction_relaxation(const kr_prediction *p) {
    return p->spectral_gap_steps > 0 ? p->spectral_gap_steps : p->spectral_gap;
}

typedef struct kr_theory_type {
    kr_descriptor about; /* no parameters */
    int rank;            /* order in tables: from the simplest to the most exact */
    /* Names of all numbers that kr_theory_add may be given, so that tables have a column for each before anything is computed; NULL
     * ends them. NULL itself: none. */
    const char *const *extras;
    bool at_start;      /* about step 0 alone, so that numbers that change with the step do not matter */
    bool discrete_time; /* about the steps as they are, at any learning rate: others follow from continuous time */
    bool any_start;     /* knows what start_spread means; else it is refused there */
    /* out arrives with applies true and all numbers NAN. */
    void (*predict)(const kr_problem *problem, kr_prediction *out);
} kr_theory_type;

/* Calls predict and fills in what follows from it (steps, time and rate from each other at a constant learning rate). */
KR_API void kr_theory_predict(const kr_theory_type *type, const kr_problem *problem, kr_prediction *out);

/* For theories: applies = false and why. */
KR_API void kr_theory_refuse(kr_prediction *out, const char *format, ...) KR_PRINTF(2, 3);

/* For theories: adds a number of their own, which .extras names; one that is not finite is left out. */
KR_API void kr_theory_add(kr_prediction *out, const char *name, double value);

/* The number of this name; NAN: there is none. */
KR_API double kr_theory_extra(const kr_prediction *prediction, const char *name);

/* A problem that is one-dimensional: dim 1, or a separable landscape whose targets lie on one coordinate. The effective
 * landscape includes weight decay. */
enum { KR_MAX_INTERIOR_TARGETS = 16 };

typedef struct kr_problem_1d {
    const kr_problem *problem;
    size_t coordinate;
    double start;
    double low, high;                                     /* the particle moves in (low, high); +-INFINITY where it never ends */
    kr_interval interior_target[KR_MAX_INTERIOR_TARGETS]; /* targets inside (low, high): closed intervals, disjoint, ascending; the
                                                             chain in discrete time */
    size_t interior_target_count;                         /* can jump over them */
    double learning_rate;                                 /* constant */
    double thermal_variance;                              /* of the dynamics in one step */
} kr_problem_1d;

/* false: refused, with the reason in out. place: coordinate, start, targets and learning rate only, for any dynamics. */
KR_API bool kr_problem_1d_place(const kr_problem *problem, kr_problem_1d *line, kr_prediction *out);
KR_API bool kr_problem_1d_make(const kr_problem *problem, kr_problem_1d *line, kr_prediction *out);
/* The same at this learning rate, whatever the schedule says. */
KR_API bool kr_problem_1d_make_at(const kr_problem *problem, double learning_rate, kr_problem_1d *line, kr_prediction *out);
/* Along this coordinate, with or without targets on it and for any dynamics (thermal_variance is NAN where it is no gradient
 * descent). */
KR_API bool kr_problem_1d_along(const kr_problem *problem, size_t coordinate, double learning_rate, kr_problem_1d *line,
                                kr_prediction *out);
/* Whether the steps are a Markov chain in the position, as theories in discrete time need it; false: refused. */
KR_API bool kr_problem_is_chain(const kr_problem *problem, kr_prediction *out);
/* Where a continuous path ends: the nearest edges of targets below and above the start (+-INFINITY: none). */
KR_API kr_interval kr_problem_1d_exits(const kr_problem_1d *line);
/* V (up to a constant), V', V'' along the coordinate; the others stay at the start. Any of the outputs may be NULL. */
KR_API void kr_problem_1d_evaluate(const kr_problem_1d *line, size_t n, const double *x, double *energy, double *slope,
                                   double *curvature);
/* Variance of the gradient noise along the coordinate, sigma^2(x), and of one step, s^2(x) = thermal + eta^2 sigma^2(x). */
KR_API void kr_problem_1d_noise_variance(const kr_problem_1d *line, size_t n, const double *x, double *variance);
KR_API void kr_problem_1d_variance(const kr_problem_1d *line, size_t n, const double *x, double *variance);
/* The temperature of Gaussian noise that does not depend on the position, s^2 / (2 eta), at its step; NAN otherwise. */
KR_API double kr_problem_1d_temperature(const kr_problem_1d *line);

KR_END_DECLARATIONS

#endif
