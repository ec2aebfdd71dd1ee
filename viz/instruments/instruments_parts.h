/* What the instruments share: what they remember of earlier snapshots, and a few things that all of them draw. */
#ifndef KR_INSTRUMENTS_PARTS_H
#define KR_INSTRUMENTS_PARTS_H

#include "draw/plot.h"
#include "model/arrhenius.h"
#include "model/frame.h"
#include "model/present.h"

#include <kramers/stationary_populations.h>

enum { KR_HISTORY = 1024, KR_INSTRUMENTS = 17, KR_WELL_CURVES = 4 };

/* The lowest and the highest of what was seen since the sample before. */
typedef struct kr_seen {
    float low, high;
} kr_seen;
enum { KR_SEEN_POTENTIAL, KR_SEEN_KINETIC, KR_SEEN_TOTAL, KR_SEEN_ENERGIES };

/* The numbers of a snapshot, or of a look between two. */
typedef struct kr_sample {
    double step, learning_rate[KR_MAX_VARIANTS];
    float kinetic[KR_MAX_VARIANTS], potential[KR_MAX_VARIANTS];
    kr_seen seen[KR_MAX_VARIANTS][KR_SEEN_ENERGIES];
    float work, heat;                                          /* of the first variant's ledger */
    float alive[KR_MAX_VARIANTS];                              /* fraction that has not arrived */
    double events[KR_MAX_VARIANTS], exposure[KR_MAX_VARIANTS]; /* since step 0; particle-steps */
    /* Of networks; NAN: none. half: of the 95 % interval of the first variant's mean; one: of the followed network. */
    float score[KR_MAX_VARIANTS][KR_SCORES], half[KR_SCORES], one[KR_SCORES];
    /* Of the first variant: fractions in the basins of the first minima, and by Boltzmann; NAN: there is no such number. */
    float population[KR_WELL_CURVES], boltzmann[KR_WELL_CURVES];
    float curve[KR_MAX_CURVES]; /* numbers that change with the step, in the places of kr_instruments.curve_name; NAN: none */
} kr_sample;

/* Bounded: when it is full every second sample goes and the steps between samples double. */
typedef struct kr_history {
    size_t count;
    uint64_t generation, number; /* of the last snapshot seen */
    double interval;
    kr_sample sample[KR_HISTORY], newest;
} kr_history;

typedef enum kr_choice { KR_AUTOMATIC, KR_OPENED, KR_CLOSED } kr_choice;
typedef enum kr_scale { KR_FITTING, KR_LINEAR, KR_LOGARITHMIC } kr_scale;
/* Upright axes whose scale can be chosen. */
enum { KR_RATE_AXIS, KR_SURVIVAL_AXIS, KR_HAZARD_AXIS, KR_TIMES_AXIS, KR_CHOSEN_AXES };

/* A schedule that is being drawn by hand: value[i] is the learning rate at step origin + i every. */
enum { KR_HAND_NODES = 513 };
typedef struct kr_hand_schedule {
    bool active, moved;
    size_t count;
    uint64_t origin, every;
    double value[KR_HAND_NODES];
    kr_axis axis; /* stays while it is drawn */
    kr_point pressed, mouse;
} kr_hand_schedule;

struct kr_instruments {
    kr_hand_schedule drawn;
    kr_history history;
    /* The present settings of the schedule hold from this step on. */
    uint64_t version, origin;
    double regime_step;
    bool settings_changed;                          /* since step 0 */
    char curve_name[KR_MAX_CURVES][KR_DRIVEN_NAME]; /* all that were seen since step 0 */
    size_t curve_count;
    double curve_scroll;
    double temperature_end;           /* of the thermometer's axis */
    double energy_zero;               /* of potential energies */
    double energy_end, heat_end;      /* of the energy bars */
    double energy_most;               /* the largest energy that was seen */
    kr_stationary_populations shares; /* of the minima in the end */
    uint64_t shares_version, shares_shape;
    double shares_temperature;
    kr_choice choice[KR_INSTRUMENTS]; /* of the user, and of the lesson when it comes to a step */
    const char *watch;                /* of the lesson's step that they follow */
    bool named[KR_INSTRUMENTS];       /* by it, and apply */
    bool open[KR_INSTRUMENTS];        /* in the last frame */
    uint64_t choice_time[KR_INSTRUMENTS], choices;
    size_t asked;                   /* that was asked for from outside, which lessons leave open; SIZE_MAX: none */
    kr_scale scale[KR_CHOSEN_AXES]; /* as the user chose */
    kr_arrhenius_runs *runs;        /* NULL: nobody has looked yet */
    kr_arrhenius arrhenius;
};

/* curve, boltzmann: what these become in kr_sample; NULL: there are none. */
void kr_history_append(kr_history *history, const kr_snapshot *snapshot, const float *curve, const float *boltzmann, bool *cleared);
/* At the step that is shown. */
void kr_boltzmann_populations(kr_instruments *self, const kr_frame *frame, float boltzmann[KR_WELL_CURVES]);
/* Of numbers that change with the step, at the step that is shown, in their places; new ones get a place. */
void kr_driven_values(kr_instruments *self, const kr_frame *frame, float curve[KR_MAX_CURVES]);

/* One instrument. Heights are in pixels, of what is below the title. */
typedef struct kr_instrument {
    const char *identity, *title, *tip;
    const char *const *other_names; /* by which texts speak of what it shows, besides its title; NULL: none */
    int rank;                       /* which opens first where not all have room */
    int presented;                  /* before which others it is kept where there is room for few in a row, from 1; 0: never */
    bool least_is_enough;           /* a little more than the least height is of no use to it */
    bool on_demand;                 /* closed until the user opens it, however much room there is */
    bool (*applies)(const kr_instruments *self, const kr_frame *frame);
    void (*heights)(const kr_instruments *self, const kr_frame *frame, double *least, double *wanted, double *most);
    void (*draw)(kr_instruments *self, const kr_frame *frame, kr_rectangle area);
    size_t axis; /* whose scale can be chosen */
    /* Which scale it has as long as the user has chosen none: the same all the run, whatever has been seen of it. NULL: there is no
     * choice. */
    bool (*fits_logarithm)(const kr_instruments *self, const kr_frame *frame);
    /* Shown at the right of the title, also when it is closed. */
    void (*headline)(const kr_instruments *self, const kr_frame *frame, char *text, size_t size);
} kr_instrument;

extern const kr_instrument kr_learning_rate_instrument, kr_driven_instrument, kr_thermometer_instrument, kr_energy_instrument,
    kr_escape_instrument, kr_survival_instrument, kr_hazard_instrument, kr_population_instrument, kr_comparison_instrument,
    kr_loss_instrument, kr_accuracy_instrument, kr_histogram_instrument, kr_phase_instrument, kr_cycle_instrument,
    kr_stability_instrument, kr_times_instrument, kr_arrhenius_instrument;

/* Escapes per particle and step in a part of the run, with 95 % of a Poisson count. */
enum { KR_HAZARD_WINDOWS = 32 };
typedef struct kr_hazard_window {
    double from, to, rate; /* steps */
    kr_interval ci95;
} kr_hazard_window;
/* Windows of equal length, up to the spacing of the samples; how many there are follows from the number of all events. */
size_t kr_hazard_windows(const kr_history *history, size_t variant, kr_hazard_window window[KR_HAZARD_WINDOWS]);
/* -d ln S / dk between the rows of a predicted survival, at their middles; arrays of KR_SURVIVAL_ROWS. survivors NULL: none. */
size_t kr_hazard_predicted(const kr_survival *survival, const double *survivors, double step[], double hazard[]);

/* A number whose values at all steps are known: its curve so far, and where it leads. */
typedef struct kr_planned kr_planned;
struct kr_planned {
    const kr_analysis *analysis;
    size_t curve;    /* of kr_present_curve_at; of a learning rate the variant */
    uint64_t origin; /* of the learning rate's own steps */
    double (*at)(const kr_planned *self, uint64_t step);
    uint64_t (*jump)(const kr_planned *self, uint64_t step); /* the next; UINT64_MAX: none */
    int jumps;                                               /* in a cycle */
};
kr_planned kr_rate_planned(const kr_instruments *self, const kr_frame *frame, size_t variant);
/* What the mouse does in the plot of the learning rate, whose schedule is planned; the schedule is sent when the drag ends. */
void kr_hand_update(kr_instruments *self, const kr_frame *frame, const kr_plot *plot, const kr_planned *planned);
void kr_hand_draw(const kr_instruments *self, const kr_frame *frame, const kr_plot *plot);
/* Moves nodes to the line between two places of the mouse. */
void kr_hand_move(kr_hand_schedule *drawn, double from_step, double from_rate, double to_step, double to_rate);
/* The intervention that makes it the scene's schedule; malloc'd, NULL: no memory. */
char *kr_hand_text(const kr_hand_schedule *drawn);

enum { KR_STEP_GRID = 240, KR_STEP_MARKS = 48, KR_STEP_POINTS = 2 * KR_STEP_GRID + 4 * KR_STEP_MARKS };
typedef struct kr_steps {
    double low, high; /* steps shown */
    size_t mark_count;
    double mark[KR_STEP_MARKS]; /* first steps of cycles */
} kr_steps;
kr_steps kr_steps_choose(const kr_frame *frame, size_t count, const kr_planned *planned);
void kr_steps_mark(kr_steps *shown, const kr_planned *planned, double from);
/* Between two steps, with the jumps at marks upright; arrays of KR_STEP_POINTS. Returns how many points. */
size_t kr_steps_sample(const kr_steps *shown, const kr_planned *planned, double from, double to, double *x, double *y);
void kr_steps_draw_marks(const kr_frame *frame, const kr_plot *plot, const kr_steps *shown);

/* The law of escape times as theory has it, up to an age: ages and densities per step, [KR_TIMES_POINTS], and what it is. Returns
 * how many points; 0: there is none, and what says why. */
enum { KR_TIMES_POINTS = 240 };
size_t kr_times_predicted(const kr_instruments *self, const kr_frame *frame, double last, double *age, double *density, char *what,
                          size_t size);
double kr_times_censored(const kr_passage_times *times); /* share of those that departed who have not arrived */

/* Height of a row of small text. */
double kr_instrument_row(const kr_frame *frame);
bool kr_instrument_compares(const kr_frame *frame); /* several variants */
/* Whether the upright axis of this one, which has a choice, is logarithmic. */
bool kr_instrument_is_logarithmic(const kr_instruments *self, const kr_frame *frame, const kr_instrument *instrument);
/* A measured escape rate as it is shown. Compared dynamics have units of time of their own (sqrt(eta) k or eta k), in which the
 * same particle has different rates, so where there are several rates are per step; else per unit of time. */
typedef struct kr_shown_rate {
    double rate; /* 0 without events */
    kr_interval ci95;
} kr_shown_rate;
kr_shown_rate kr_instrument_escape_rate(const kr_frame *frame, const kr_escape_estimate *escape);
/* Of a theory for the first variant; NAN: it says none. */
double kr_instrument_predicted_rate(const kr_frame *frame, const kr_prediction *prediction);
/* Colour of a variant, the same as in the landscape. */
kr_color kr_instrument_color(const kr_frame *frame, size_t variant);
void kr_instrument_note(const kr_frame *frame, kr_rectangle area, const char *text); /* faint, in the middle */
/* The end of an axis that begins at 0 and holds value: it grows at once and shrinks only when the value is far below. */
double kr_instrument_end(double before, double value);
/* A plot over the history: n samples and the newest, value(sample, variant). */
typedef double (*kr_sample_value)(const kr_instruments *self, const kr_sample *sample, size_t variant);
void kr_instrument_curve(const kr_instruments *self, const kr_plot *plot, kr_sample_value value, size_t variant, double width,
                         double dash, kr_color color);
/* Whether the mouse is over the plot and free; then at which step. */
bool kr_instrument_points_at(const kr_frame *frame, const kr_plot *plot, double *step);
/* A line at this step, and what is known there in words beside it. */
void kr_instrument_readout(const kr_frame *frame, const kr_plot *plot, double step, const char *text);
const kr_sample *kr_history_nearest(const kr_history *history, double step);
void kr_instrument_range(const kr_instruments *self, kr_sample_value value, size_t variant, double from, double *low, double *high);

#endif
