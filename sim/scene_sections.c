/* The sections of a scene that are no plug-ins, as tables. */
#include "scene_parts.h"

#include <math.h>

static const kr_parameter ensemble_parameters[] = {
    {.name = "particles", .symbol = "N", .doc = "particles that walk independently", .type = KR_INTEGER, .flags = KR_LOG_SCALE,
     .offset = offsetof(kr_ensemble_settings, particles), .initial = 4096, .minimum = 1, .maximum = 1e12},
    {.name = "steps", .doc = "length of the run", .unit = "steps", .type = KR_INTEGER, .flags = KR_LOG_SCALE,
     .offset = offsetof(kr_ensemble_settings, steps), .initial = 100000, .minimum = 1, .maximum = 1e18},
    {.name = "seed", .doc = "key of all random numbers; runs with other seeds are independent", .type = KR_INTEGER,
     .offset = offsetof(kr_ensemble_settings, seed), .initial = 1, .minimum = 0, .maximum = 0x1p63},
    {.name = "until_events", .doc = "ends the run early after so many escapes; 0: never", .type = KR_INTEGER,
     .offset = offsetof(kr_ensemble_settings, until_events), .minimum = 0, .maximum = 1e18},
    {.name = "until_relative_error", .doc = "ends the run early when the rate is known this well, 1/sqrt(escapes); 0: never",
     .type = KR_NUMBER, .flags = KR_BELOW_MAXIMUM, .offset = offsetof(kr_ensemble_settings, until_relative_error), .minimum = 0,
     .maximum = 1},
    {.name = "max_diverged", .doc = "fraction of non-finite particles beyond which the run has diverged", .type = KR_NUMBER,
     .offset = offsetof(kr_ensemble_settings, max_diverged), .initial = 0.01, .minimum = 0, .maximum = 1},
    KR_END};

const kr_descriptor kr_ensemble_descriptor = {.name = "ensemble",
                                              .doc = "how many particles walk how long, and from where",
                                              .parameters = ensemble_parameters,
                                              .values_size = sizeof(kr_ensemble_settings)};

static const kr_parameter start_parameters[] = {
    {.name = "minimum", .doc = "start in this minimum of the landscape; they are numbered by ascending coordinates", .type = KR_INTEGER,
     .offset = offsetof(kr_start, minimum)},
    {.name = "point", .doc = "start at this point; one number stands for all coordinates", .type = KR_LIST,
     .offset = offsetof(kr_start, point), .initial = NAN},
    KR_END};

const kr_descriptor kr_start_descriptor = {.name = "start",
                                           .doc = "where the particles start (ensemble.start): either a minimum or a point",
                                           .parameters = start_parameters,
                                           .values_size = sizeof(kr_start)};

static const kr_parameter target_parameters[] = {
    {.name = "coordinate", .symbol = "i", .doc = "the coordinate that is looked at", .type = KR_INTEGER,
     .offset = offsetof(kr_target_values, coordinate), .minimum = 0, .maximum = 1e9},
    {.name = "above", .doc = "arrived where the coordinate is at least this", .type = KR_NUMBER, .offset = offsetof(kr_target_values, above),
     .initial = NAN},
    {.name = "below", .doc = "arrived where the coordinate is at most this", .type = KR_NUMBER, .offset = offsetof(kr_target_values, below),
     .initial = NAN},
    {.name = "minimum", .doc = "or: arrived near this minimum", .type = KR_INTEGER, .offset = offsetof(kr_target_values, minimum)},
    {.name = "radius", .symbol = "r", .doc = "distance from the minimum that counts as arrived", .type = KR_NUMBER,
     .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE, .offset = offsetof(kr_target_values, radius), .initial = 0.2, .minimum = 0, .maximum = 1e9},
    KR_END};

const kr_descriptor kr_target_descriptor = {.name = "until",
                                            .doc = "what counts as escaped (escape.until): one target or a list of them",
                                            .parameters = target_parameters,
                                            .values_size = sizeof(kr_target_values)};

static const kr_parameter statistics_parameters[] = {
    {.name = "every", .doc = "steps between samples of the means; 0: only at the end", .unit = "steps", .type = KR_INTEGER,
     .offset = offsetof(kr_statistics_settings, every), .minimum = 0, .maximum = 1e18},
    {.name = "discard", .doc = "steps before the first sample", .unit = "steps", .type = KR_INTEGER,
     .offset = offsetof(kr_statistics_settings, discard), .minimum = 0, .maximum = 1e18},
    KR_END};

const kr_descriptor kr_statistics_descriptor = {.name = "statistics",
                                                .doc = "means over the ensemble",
                                                .parameters = statistics_parameters,
                                                .values_size = sizeof(kr_statistics_settings)};

static const char *const profiles[] = {[KR_PROFILE_NATIVE] = "native", [KR_PROFILE_MDANALYSIS] = "mdanalysis", NULL};

static const kr_parameter trajectory_parameters[] = {
    {.name = "every", .doc = "steps between frames; 0: no trajectory", .unit = "steps", .type = KR_INTEGER,
     .offset = offsetof(kr_trajectory_settings, every), .minimum = 0, .maximum = 1e18},
    {.name = "particles", .doc = "how many particles are written, the first ones; 0: all", .type = KR_INTEGER,
     .offset = offsetof(kr_trajectory_settings, particles), .minimum = 0, .maximum = 1e12},
    {.name = "flush", .doc = "frames between writes to the disk; 0: chosen from their size", .unit = "frames", .type = KR_INTEGER,
     .offset = offsetof(kr_trajectory_settings, flush), .minimum = 0, .maximum = 1e12},
    {.name = "profile", .doc = "native, or mdanalysis for a file that MDAnalysis reads", .type = KR_CHOICE,
     .offset = offsetof(kr_trajectory_settings, profile), .initial = KR_PROFILE_NATIVE, .choices = profiles},
    {.name = "force", .doc = "write the force, -gradient, too", .type = KR_SWITCH, .offset = offsetof(kr_trajectory_settings, force)},
    {.name = KR_TRAJECTORY_FILE, .doc = "the HDF5 file; -o goes before it", .type = KR_TEXT, .offset = offsetof(kr_trajectory_settings, file)},
    KR_END};

const kr_descriptor kr_trajectory_descriptor = {.name = "trajectory",
                                                .doc = "the H5MD file of sample paths",
                                                .parameters = trajectory_parameters,
                                                .values_size = sizeof(kr_trajectory_settings)};
