/* What the simulation tells the window: copies that do not change while the window draws from them. */
#ifndef KR_SNAPSHOT_H
#define KR_SNAPSHOT_H

#include <kramers/energy.h>
#include <kramers/session.h>

enum { KR_PICKED_NUMBERS = 64, KR_MAX_WELLS = 64 };

/* Where the loss is a mean over data: how well the networks do, and what they say of inputs. All arrays are the snapshot's own. */
typedef enum kr_score { KR_TRAIN_LOSS, KR_TRAIN_ACCURACY, KR_TEST_LOSS, KR_TEST_ACCURACY, KR_SCORES } kr_score;

/* Probabilities of classes on a grid over the two inputs, row by row from the lowest second input on. */
typedef struct kr_regions {
    size_t columns, rows, classes; /* columns 0: data have not two inputs, or too many classes */
    double low[2], high[2];        /* inputs at the outer edges of the grid's cells */
    size_t averaged;               /* networks that mean is over */
    size_t capacity;
    float *followed, *mean; /* [classes][rows][columns]: of one network, and of their mean */
} kr_regions;

/* Networks at the ends of the last cycles, on the test data: what the mean of the probabilities of several makes of them. */
enum { KR_KEPT_CYCLES = 6 };
typedef struct kr_cycle_ensembles {
    size_t count;                       /* ends of cycles that are kept, the newest last */
    size_t networks;                    /* that all numbers are means over */
    uint64_t step[KR_KEPT_CYCLES];      /* of each end */
    double alone[KR_KEPT_CYCLES];       /* test accuracy of a network at that end */
    double together[KR_KEPT_CYCLES];    /* [m - 1] of the same network at the last m ends */
    double independent[KR_KEPT_CYCLES]; /* [m - 1] of m different networks at the last end; NAN: there are fewer */
} kr_cycle_ensembles;

enum { KR_ACCURACY_BINS = 50 };
typedef struct kr_snapshot_networks {
    size_t evaluated;  /* the first so many networks are looked at, as many as time allows; 0: the loss is no mean over data */
    uint64_t followed; /* network of the numbers below: the followed one, else the first */
    double mean[KR_SCORES], one[KR_SCORES]; /* over the networks that move, and of the followed; NAN: no such data */
    kr_interval interval[KR_SCORES];        /* 95 % of the mean */
    uint32_t histogram[KR_ACCURACY_BINS];   /* of test accuracies, of training accuracies where there are no test data */
    uint64_t scores_made, regions_made;     /* grow whenever these are made anew */
    uint64_t scores_step, regions_step;     /* when they were */
    kr_regions regions;
    kr_cycle_ensembles cycles;
    size_t dim;
    float *weight; /* [dim] parameters of the followed network; NULL: there is none */
} kr_snapshot_networks;

/* One of the compared dynamics. Means are over the first particles (up to 4096); NAN where there is no such number. */
typedef struct kr_snapshot_variant {
    char name[64]; /* of the dynamics, with what tells it from others of its kind */
    uint64_t particles, diverged, absorbed;
    double learning_rate;
    size_t dim;
    size_t count;    /* particles copied: all up to a million, fewer above 8 dimensions */
    float *position; /* [dim][count]; above 64 dimensions the scene's leading ones only, of networks up to 4096 */
    size_t moving;   /* of the first particles so many velocities are copied, up to 4096; 0: there is no velocity */
    float *velocity; /* [dim][moving], of mass 1: kinetic energy is v^2 / 2 */
    size_t velocity_capacity;
    double potential, kinetic; /* means per particle */
    double kinetic_temperature, configurational_temperature;
    double set_temperature, predicted_kinetic_temperature; /* by theory at the momentary learning rate */
    bool has_ledger;
    kr_energy ledger; /* sums, when has_ledger */
    bool escape_measured;
    kr_escape_estimate escape; /* since the last change */
    kr_passage_times times;    /* likewise, where escape is measured */
    uint64_t events;
    double exposure_steps; /* of all particles since step 0, in particle-steps under observation */
    size_t wells;
    double population[KR_MAX_WELLS];
    bool has_velocity;
    double followed_position[KR_PICKED_NUMBERS], followed_velocity[KR_PICKED_NUMBERS],
        followed_energy; /* of the followed particle */
    uint64_t followed_departure;
    double pruned; /* coordinates that are pruned, of all */
    kr_snapshot_networks networks;
} kr_snapshot_variant;

/* What happens in turn: the scene's phases, or the one that was begun by hand. */
enum { KR_SHOWN_PHASES = 24, KR_PHASE_NAME = 48 };
typedef struct kr_snapshot_phase {
    char name[KR_PHASE_NAME];
    uint64_t begin, end; /* steps of this generation; end UINT64_MAX: it goes on */
} kr_snapshot_phase;

typedef struct kr_snapshot_phases {
    size_t count; /* of the scene, at most so many; 0: there are none */
    kr_snapshot_phase phase[KR_SHOWN_PHASES];
    bool any; /* there is a present one */
    kr_snapshot_phase now;
    size_t number; /* of it among the scene's; SIZE_MAX: it was begun by hand */
} kr_snapshot_phases;

/* Where the simulation pauses by itself. */
typedef enum kr_pause { KR_PAUSE_NEVER, KR_PAUSE_RESTART, KR_PAUSE_ESCAPE, KR_PAUSE_STEP } kr_pause;

/* What was seen between two snapshots, so that histories do not depend on how often frames are drawn. */
enum { KR_LOOKS = 64 };
typedef struct kr_look {
    uint64_t step;
    struct {
        double potential, kinetic, learning_rate, events, exposure_steps;
        uint64_t particles, diverged, absorbed;
    } variant[KR_MAX_VARIANTS];
} kr_look;

typedef struct kr_snapshot {
    uint64_t number;  /* grows with every snapshot */
    uint64_t version; /* of the settings: grows when scene changes; the window takes it over then */
    uint64_t generation, step;
    double made, busy; /* when it was made, by a clock, and the processor time that the simulation's thread had used by then */
    double time, learning_rate;
    uint64_t schedule_origin;         /* step of this generation at which the schedule began anew by hand; 0: never */
    double particle_steps_per_second; /* of all variants together, smoothed */
    bool playing, diverged;
    kr_pause pause;
    uint64_t pause_step; /* of KR_PAUSE_STEP */
    char message[256];   /* of the last intervention that failed, with message_number growing */
    uint64_t message_number;
    kr_scene scene; /* as it is; changes with version; owned by the snapshot */
    uint64_t interventions;
    kr_snapshot_phases phases;
    uint64_t followed; /* particle whose numbers are in the variants; UINT64_MAX: none */
    size_t variants;
    kr_snapshot_variant variant[KR_MAX_VARIANTS];
    size_t looks; /* of this generation, at ascending steps between the snapshot before and this one */
    kr_look look[KR_LOOKS];
} kr_snapshot;

#endif
