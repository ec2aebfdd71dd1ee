/* The sections of a scene that are no plug-ins, as tables. */
#include "scene_parts.h"

#include <math.h>

static const kr_parameter ensemble_parameters[] = {
    {.name = "particles",
     .symbol = "N",
     .doc = "particles that move independently",
     .type = KR_INTEGER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(kr_ensemble_settings, particles),
     .initial = 4096,
     .minimum = 1,
     .maximum = 1e12},
    {.name = "steps",
     .doc = "length of the run",
     .unit = "steps",
     .type = KR_INTEGER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(kr_ensemble_settings, steps),
     .initial = 100000,
     .minimum = 1,
     .maximum = 1e18},
    {.name = "seed",
     .doc = "key of all random numbers; runs with other seeds are independent",
     .type = KR_NATURAL,
     .offset = offsetof(kr_ensemble_settings, seed),
     .initial = 1,
     .minimum = 0,
     .maximum = 0x1p64},
    {.name = "until_events",
     .doc = "ends the run early after so many escapes; 0: never",
     .type = KR_INTEGER,
     .offset = offsetof(kr_ensemble_settings, until_events),
     .minimum = 0,
     .maximum = 1e18},
    {.name = "until_relative_error",
     .doc = "ends the run early when the mean is known this well, by its interval; 0: never",
     .type = KR_NUMBER,
     .flags = KR_BELOW_MAXIMUM,
     .offset = offsetof(kr_ensemble_settings, until_relative_error),
     .minimum = 0,
     .maximum = 1},
    {.name = "max_diverged",
     .doc = "fraction of non-finite particles beyond which the run has diverged",
     .type = KR_NUMBER,
     .offset = offsetof(kr_ensemble_settings, max_diverged),
     .initial = 0.01,
     .minimum = 0,
     .maximum = 1},
    KR_END};

const kr_descriptor kr_ensemble_descriptor = {.name = "ensemble",
                                              .doc = "how many particles move how long, and from where",
                                              .parameters = ensemble_parameters,
                                              .values_size = sizeof(kr_ensemble_settings)};

static const char *const random_starts[] = {
    [KR_RANDOM_KAIMING_UNIFORM] = "kaiming_uniform", [KR_RANDOM_XAVIER] = "xavier", [KR_RANDOM_NORMAL] = "normal", NULL};

static const kr_parameter start_parameters[] = {
    {.name = "minimum",
     .doc = "start in this minimum of the landscape; they are numbered by ascending coordinates",
     .type = KR_INTEGER,
     .offset = offsetof(kr_start, minimum)},
    {.name = "point",
     .doc = "start at this point; one number stands for all coordinates",
     .type = KR_LIST,
     .offset = offsetof(kr_start, point),
     .initial = NAN},
    {.name = "gibbs",
     .doc = "start Boltzmann-distributed inside the basin of this minimum",
     .type = KR_INTEGER,
     .offset = offsetof(kr_start, gibbs_minimum),
     .also = "boltzmann"},
    {.name = "random",
     .doc =
         "each particle draws its own start: kaiming_uniform (PyTorch's default: weights and biases within 1/sqrt(inputs)), xavier "
         "(weights within sqrt(6/(inputs + outputs)), biases 0) or normal (every coordinate, around the point that may be given)",
     .type = KR_CHOICE,
     .offset = offsetof(kr_start, random),
     .choices = random_starts},
    {.name = "scale",
     .doc = "factor of what a random start draws",
     .type = KR_NUMBER,
     .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     .offset = offsetof(kr_start, scale),
     .initial = 1,
     .minimum = 0,
     .maximum = 1e6},
    {.name = "file",
     .doc = "HDF5 file with starts: particle p begins at row p mod count of the data set",
     .type = KR_TEXT,
     .flags = KR_PATH,
     .offset = offsetof(kr_start, file)},
    {.name = "dataset",
     .doc = "the data set in the file, [count][coordinates] or one start [coordinates]",
     .type = KR_TEXT,
     .offset = offsetof(kr_start, dataset)},
    {.name = "burn_in",
     .doc = "steps before step 0, at its learning rate, that are not counted",
     .unit = "steps",
     .type = KR_INTEGER,
     .offset = offsetof(kr_start, burn_in),
     .minimum = 0,
     .maximum = 1e15},
    KR_END};

const kr_descriptor kr_start_descriptor = {
    .name = "start",
    .doc = "where the particles start (ensemble.start): a minimum, a point, a Boltzmann distribution, at random or from a file",
    .parameters = start_parameters,
    .values_size = sizeof(kr_start)};

static const kr_parameter target_parameters[] = {
    {.name = "coordinate",
     .symbol = "i",
     .doc = "the coordinate that is looked at",
     .type = KR_INTEGER,
     .offset = offsetof(kr_target_values, coordinate),
     .minimum = 0,
     .maximum = 1e9},
    {.name = "above",
     .doc = "arrived where the coordinate is at least this",
     .type = KR_NUMBER,
     .offset = offsetof(kr_target_values, above),
     .initial = NAN},
    {.name = "below",
     .doc = "arrived where the coordinate is at most this",
     .type = KR_NUMBER,
     .offset = offsetof(kr_target_values, below),
     .initial = NAN},
    {.name = "minimum", .doc = "or: arrived near this minimum", .type = KR_INTEGER, .offset = offsetof(kr_target_values, minimum)},
    {.name = "radius",
     .symbol = "r",
     .doc = "distance from the minimum that counts as arrived",
     .type = KR_NUMBER,
     .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE,
     .offset = offsetof(kr_target_values, radius),
     .initial = 0.2,
     .minimum = 0,
     .maximum = 1e9},
    KR_END};

const kr_descriptor kr_target_descriptor = {.name = "until",
                                            .doc = "what counts as escaped (escape.until): one target or a list of them",
                                            .parameters = target_parameters,
                                            .values_size = sizeof(kr_target_values)};

static const char *const methods[] = {
    [KR_METHOD_COUNT] = "count", [KR_METHOD_SPLITTING] = "splitting", [KR_METHOD_AUTO] = "auto", NULL};

static const kr_parameter escape_parameters[] = {
    {.name = "renewal",
     .doc = "who arrives starts again; false: each particle arrives once, and the survival curve is measured",
     .type = KR_SWITCH,
     .offset = offsetof(kr_escape_settings, renewal),
     .initial = 1},
    {.name = "bridge",
     .doc = "Brownian-bridge correction of the first passage towards continuous time, for additive noise",
     .type = KR_SWITCH,
     .offset = offsetof(kr_escape_settings, bridge)},
    {.name = "xie_s",
     .symbol = "s",
     .doc =
         "of the estimate xie: the part of the climb at the temperature of the minimum, the rest is at that of the top; no theory "
         "gives it",
     .type = KR_NUMBER,
     .flags = KR_ABOVE_MINIMUM | KR_BELOW_MAXIMUM,
     .offset = offsetof(kr_escape_settings, xie_s),
     .initial = 0.5,
     .minimum = 0,
     .maximum = 1},
    {.name = "method",
     .doc = "count first passages, or adaptive multilevel splitting for rare ones; auto: points of a sweep that saw none are split",
     .type = KR_CHOICE,
     .offset = offsetof(kr_escape_settings, method),
     .initial = KR_METHOD_COUNT,
     .choices = methods},
    {.name = "replicas",
     .doc = "replicas of the splitting",
     .type = KR_INTEGER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(kr_escape_settings, replicas),
     .initial = 1024,
     .minimum = 2,
     .maximum = 1e7},
    {.name = "repeats",
     .doc = "independent repeats of the splitting, from which its interval comes",
     .type = KR_INTEGER,
     .offset = offsetof(kr_escape_settings, repeats),
     .initial = 20,
     .minimum = 2,
     .maximum = 1e6},
    {.name = "coordinate",
     .doc = "reaction coordinate of the splitting: path (progress along the minimum-energy path) or the number of a coordinate",
     .type = KR_TEXT,
     .offset = offsetof(kr_escape_settings, coordinate),
     .initial_text = "path"},
    KR_END};

const kr_descriptor kr_escape_descriptor = {.name = "escape",
                                            .doc = "how first passages are measured; the targets are in escape.until",
                                            .parameters = escape_parameters,
                                            .values_size = sizeof(kr_escape_settings)};

static const char *const profiles[] = {[KR_PROFILE_NATIVE] = "native", [KR_PROFILE_MDANALYSIS] = "mdanalysis", NULL};

static const kr_parameter trajectory_parameters[] = {
    {.name = "every",
     .doc =
         "steps between frames; 0: a file of passages and results alone; not given: a thousandth of the run, a twentieth where the "
         "loss is a mean over data",
     .unit = "steps",
     .type = KR_INTEGER,
     .offset = offsetof(kr_trajectory_settings, every),
     .minimum = 0,
     .maximum = 1e18},
    {.name = "particles",
     .doc = "how many particles are written, the first ones; 0: all",
     .type = KR_INTEGER,
     .offset = offsetof(kr_trajectory_settings, particles),
     .initial = 64,
     .minimum = 0,
     .maximum = 1e12},
    {.name = "flush",
     .doc = "frames between writes to the disk; 0: chosen from their size",
     .unit = "frames",
     .type = KR_INTEGER,
     .offset = offsetof(kr_trajectory_settings, flush),
     .minimum = 0,
     .maximum = 1e12},
    {.name = "profile",
     .doc = "native, or mdanalysis for a file that MDAnalysis reads",
     .type = KR_CHOICE,
     .offset = offsetof(kr_trajectory_settings, profile),
     .initial = KR_PROFILE_NATIVE,
     .choices = profiles},
    {.name = "force",
     .doc = "write the force, -gradient, too",
     .type = KR_SWITCH,
     .offset = offsetof(kr_trajectory_settings, force)},
    {.name = KR_TRAJECTORY_FILE,
     .doc = "the HDF5 file; -o goes before it",
     .type = KR_TEXT,
     .flags = KR_PATH,
     .offset = offsetof(kr_trajectory_settings, file)},
    KR_END};

const kr_descriptor kr_trajectory_descriptor = {.name = "trajectory",
                                                .doc = "the H5MD file of sample paths",
                                                .parameters = trajectory_parameters,
                                                .values_size = sizeof(kr_trajectory_settings)};

const kr_descriptor kr_compare_descriptor = {.name = "compare",
                                             .doc =
                                                 "for kramers view: a list of up to three entries that run beside the scene on the "
                                                 "same landscape with the same random numbers; each says what differs: a "
                                                 "dynamics ({name: momentum, momentum: 0.9}), or sections schedule, noise, "
                                                 "dynamics, which without a name leave the rest as the scene has it "
                                                 "({schedule: {lr: 0.1}})"};

static const kr_parameter translation_parameters[] = {
    {.name = "caption",
     .doc = "what the step says",
     .type = KR_TEXT,
     .flags = KR_REQUIRED,
     .offset = offsetof(kr_caption, caption)},
    {.name = "watch", .doc = "what to look at", .type = KR_TEXT, .offset = offsetof(kr_caption, watch)},
    KR_END};

const kr_descriptor kr_translation_descriptor = {
    .name = "translation",
    .doc = "what a step of a lesson says in another language (de, es, fr, it, nl, pl, pt or sv in lesson), with the numbers as the "
           "window shows them",
    .parameters = translation_parameters,
    .values_size = sizeof(kr_caption)};

static const kr_parameter lesson_parameters[] = {
    {.name = "caption",
     .doc = "what the step says",
     .type = KR_TEXT,
     .flags = KR_REQUIRED,
     .offset = offsetof(kr_lesson_step, caption)},
    {.name = "watch", .doc = "what to look at", .type = KR_TEXT, .offset = offsetof(kr_lesson_step, watch)},
    {.name = "speed",
     .doc = "how fast the window runs from this step of the lesson on; 0: as before",
     .unit = "steps/s",
     .type = KR_NUMBER,
     .initial = 0,
     .minimum = 0,
     .maximum = 1e9,
     .offset = offsetof(kr_lesson_step, speed)},
    KR_END};

const kr_descriptor kr_lesson_descriptor = {.name = "lesson",
                                            .doc = "for kramers view: a list of steps; besides these keys, settings: {KEY: VALUE, "
                                                   "...} changes what --set can, on top of the step "
                                                   "before, and de: {caption: TEXT, watch: TEXT} says in German what "
                                                   "it says",
                                            .parameters = lesson_parameters,
                                            .values_size = sizeof(kr_lesson_step)};

static const char *const optimizers[] = {[KR_OPTIMIZER_KEEP] = "keep", [KR_OPTIMIZER_RESET] = "reset", NULL};
static const kr_parameter phase_parameters[] = {{.name = "name",
                                                 .doc = "as rewind, results and --set phases.NAME call it",
                                                 .type = KR_TEXT,
                                                 .flags = KR_REQUIRED,
                                                 .offset = offsetof(kr_phase_values, name)},
                                                {.name = "steps",
                                                 .doc = "its length; those of all phases add up to ensemble.steps",
                                                 .unit = "steps",
                                                 .type = KR_INTEGER,
                                                 .flags = KR_REQUIRED,
                                                 .offset = offsetof(kr_phase_values, steps),
                                                 .minimum = 1,
                                                 .maximum = 1e18},
                                                {.name = "optimizer",
                                                 .doc = "keep: momenta and buffers go on; reset: they begin anew",
                                                 .type = KR_CHOICE,
                                                 .offset = offsetof(kr_phase_values, optimizer),
                                                 .initial = KR_OPTIMIZER_KEEP,
                                                 .choices = optimizers},
                                                KR_END};
const kr_descriptor kr_phase_descriptor = {
    .name = "phases",
    .doc =
        "what happens in turn: a list; besides these keys, prune, rewind, sections in place of the scene's (landscape, dynamics, "
        "noise, schedule, keep, escape; without a name their keys alone), and settings: {KEY: VALUE, ...} as for --set. A schedule "
        "begins anew unless schedule: {continue: true}",
    .parameters = phase_parameters,
    .values_size = sizeof(kr_phase_values)};

static const char *const prune_by[] = {
    [KR_PRUNE_MAGNITUDE] = "magnitude", [KR_PRUNE_RANDOM] = "random", [KR_PRUNE_INITIAL_MAGNITUDE] = "initial_magnitude", NULL};
static const char *const prune_scopes[] = {[KR_PRUNE_GLOBAL] = "global", [KR_PRUNE_LAYER] = "layer", NULL};
static const kr_parameter prune_parameters[] = {
    {.name = "fraction",
     .doc = "share of the coordinates that may go, which stay at 0 from then on",
     .type = KR_NUMBER,
     .flags = KR_REQUIRED | KR_BELOW_MAXIMUM,
     .offset = offsetof(kr_prune, fraction),
     .minimum = 0,
     .maximum = 1},
    {.name = "by",
     .doc = "which go: the smallest at present, any, or the smallest at step 0; each particle its own",
     .type = KR_CHOICE,
     .offset = offsetof(kr_prune, by),
     .choices = prune_by},
    {.name = "scope",
     .doc = "the fraction is of all together, or of each layer of a network",
     .type = KR_CHOICE,
     .offset = offsetof(kr_prune, scope),
     .choices = prune_scopes},
    {.name = "biases",
     .doc = "biases of a network may go as well as weights; of other landscapes every coordinate may",
     .type = KR_SWITCH,
     .offset = offsetof(kr_prune, biases)},
    {.name = "iterative",
     .doc = "the fraction is of what earlier phases have left; false: of everything, with what is pruned already",
     .type = KR_SWITCH,
     .offset = offsetof(kr_prune, iterative),
     .initial = 1},
    KR_END};
const kr_descriptor kr_prune_descriptor = {
    .name = "prune",
    .doc = "coordinates that stop at the beginning of a phase (phases.prune): at 0, without noise",
    .reference = "J. Frankle, M. Carbin, The lottery ticket hypothesis, ICLR 2019",
    .parameters = prune_parameters,
    .values_size = sizeof(kr_prune)};

static const kr_parameter rewind_parameters[] = {{.name = "phase",
                                                  .doc = "an earlier phase",
                                                  .type = KR_TEXT,
                                                  .flags = KR_REQUIRED,
                                                  .offset = offsetof(kr_rewind_values, phase)},
                                                 {.name = "step",
                                                  .doc = "of that phase; 0: when it had begun",
                                                  .unit = "steps",
                                                  .type = KR_INTEGER,
                                                  .offset = offsetof(kr_rewind_values, step),
                                                  .minimum = 0,
                                                  .maximum = 1e18},
                                                 KR_END};
const kr_descriptor kr_rewind_descriptor = {
    .name = "rewind",
    .doc = "each particle goes back to where it was (phases.rewind), at the beginning of a phase, when it has been pruned",
    .parameters = rewind_parameters,
    .values_size = sizeof(kr_rewind_values)};
