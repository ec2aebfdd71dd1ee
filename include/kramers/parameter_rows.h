/* Rows that many tables of parameters have, so that all say the same: put them into a kr_parameter table as
 *
 *     static const kr_parameter parameters[] = {KR_ROW_LR(values), KR_ROW_STEPS(values), KR_END};
 *
 * values is the plug-in's struct, which has a member of the row's name: a double, for steps an int64_t. */
#ifndef KRAMERS_PARAMETER_ROWS_H
#define KRAMERS_PARAMETER_ROWS_H

#include <kramers/parameter.h>

/* Of dynamics. With this row there is weight decay: the library adds it to the gradient. */
#define KR_ROW_WEIGHT_DECAY(values)                                                                                                \
    {                                                                                                                              \
        .name = "weight_decay", .symbol = "lambda", .doc = "adds lambda |x|^2 / 2 to the loss", .type = KR_NUMBER,                 \
        .flags = KR_LOG_SCALE, .offset = offsetof(values, weight_decay), .initial = 0, .minimum = 0, .maximum = 1e6                \
    }
/* The same row where the step itself shrinks the position: kr_dynamics_type.decoupled_decay. normally: its default. */
#define KR_ROW_DECOUPLED_DECAY(values, normally)                                                                                   \
    {                                                                                                                              \
        .name = "weight_decay", .symbol = "lambda", .doc = "shrinks x by the part eta lambda in a step, apart from the loss",      \
        .type = KR_NUMBER, .flags = KR_LOG_SCALE, .offset = offsetof(values, weight_decay), .initial = (normally), .minimum = 0,   \
        .maximum = 1e6                                                                                                             \
    }
/* Of dynamics that divide by a mean of squares: what is added to its root. */
#define KR_ROW_EPSILON(values, normally)                                                                                           \
    {                                                                                                                              \
        .name = "epsilon", .symbol = "epsilon", .doc = "added to the root that the gradient is divided by", .type = KR_NUMBER,     \
        .flags = KR_LOG_SCALE, .offset = offsetof(values, epsilon), .initial = (normally), .minimum = 0, .maximum = 1e6            \
    }
/* Of dynamics with a running mean y = beta y + (1 - beta) g. */
#define KR_ROW_MEMORY(values, name_, symbol_, text, normally)                                                                      \
    {                                                                                                                              \
        .name = #name_, .symbol = symbol_, .doc = text, .type = KR_NUMBER, .flags = KR_BELOW_MAXIMUM,                              \
        .offset = offsetof(values, name_), .initial = (normally), .minimum = 0, .maximum = 1                                       \
    }
#define KR_ROW_TEMPERATURE(values, text)                                                                                           \
    {                                                                                                                              \
        .name = "temperature", .symbol = "T", .doc = text, .unit = "energy", .type = KR_NUMBER, .flags = KR_LOG_SCALE,             \
        .offset = offsetof(values, temperature), .initial = 0.2, .minimum = 0, .maximum = 1e9                                      \
    }

/* Of landscapes in any dimension: what "dim" is to the library. A plug-in outside that writes the row itself flags it KR_FIXED,
 * too. */
#define KR_ROW_DIM(values, start, least)                                                                                           \
    {                                                                                                                              \
        .name = "dim", .symbol = "d", .doc = "number of coordinates", .type = KR_INTEGER, .flags = KR_LOG_SCALE | KR_FIXED,        \
        .offset = offsetof(values, dim), .initial = start, .minimum = least, .maximum = 1e6                                        \
    }

/* Of gradient noise. */
#define KR_ROW_SIGMA(values, text)                                                                                                 \
    {                                                                                                                              \
        .name = "sigma", .symbol = "sigma", .doc = text, .type = KR_NUMBER, .flags = KR_LOG_SCALE,                                 \
        .offset = offsetof(values, sigma), .initial = 1, .minimum = 0, .maximum = 1e9                                              \
    }
#define KR_ROW_BATCH_SIZE(values)                                                                                                  \
    {                                                                                                                              \
        .name = "batch_size", .symbol = "B", .doc = "samples per gradient; any positive number", .type = KR_NUMBER,                \
        .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE, .offset = offsetof(values, batch_size), .initial = 1, .minimum = 0,              \
        .maximum = 1e12                                                                                                            \
    }

/* Of schedules; lr is the first row of each. */
#define KR_ROW_LR(values)                                                                                                          \
    {                                                                                                                              \
        .name = "lr", .symbol = "eta", .doc = "largest learning rate", .type = KR_NUMBER,                                          \
        .flags = KR_ABOVE_MINIMUM | KR_LOG_SCALE, .offset = offsetof(values, lr), .initial = 0.01, .minimum = 0, .maximum = 1e6    \
    }
#define KR_ROW_LR_MIN(values)                                                                                                      \
    {                                                                                                                              \
        .name = "lr_min", .symbol = "eta_min", .doc = "smallest learning rate, at most lr", .type = KR_NUMBER,                     \
        .flags = KR_LOG_SCALE, .offset = offsetof(values, lr_min), .initial = 0, .minimum = 0, .maximum = 1e6                      \
    }
#define KR_ROW_STEPS(values)                                                                                                       \
    {                                                                                                                              \
        .name = "steps", .symbol = "K", .doc = "length of the schedule; 0: the run's steps less the warmup", .unit = "steps",      \
        .type = KR_INTEGER, .offset = offsetof(values, steps), .initial = 0, .minimum = 0, .maximum = 1e18                         \
    }
#define KR_ROW_FACTOR(values, text, start)                                                                                         \
    {                                                                                                                              \
        .name = "factor", .symbol = "gamma", .doc = text, .type = KR_NUMBER, .flags = KR_ABOVE_MINIMUM,                            \
        .offset = offsetof(values, factor), .initial = start, .minimum = 0, .maximum = 1                                           \
    }

#endif
