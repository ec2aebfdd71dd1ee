/* Rows of parameters for a data set. */
#ifndef KR_DATASET_ROWS_H
#define KR_DATASET_ROWS_H

#include "dataset.h"

#include <math.h>

/* For the member `member`, a kr_dataset_source, of a plug-in's values. */
#define KR_DATASET_ROWS(values, member)                                                                                            \
    {"data",                                                                                                                       \
     NULL,                                                                                                                         \
     "digits, moons, spirals, rings, or an HDF5 file with x_train, y_train, x_test and y_test",                                    \
     NULL,                                                                                                                         \
     KR_TEXT,                                                                                                                      \
     KR_PATH | KR_FIXED,                                                                                                           \
     offsetof(values, member.data),                                                                                                \
     .initial_text = "digits",                                                                                                     \
     .choices = kr_dataset_names},                                                                                                 \
        {"points",                                                                                                                 \
         "M",                                                                                                                      \
         "of moons, spirals and rings: training points; there are as many test points",                                            \
         NULL,                                                                                                                     \
         KR_INTEGER,                                                                                                               \
         KR_FIXED | KR_LOG_SCALE,                                                                                                  \
         offsetof(values, member.points),                                                                                          \
         .initial = 256,                                                                                                           \
         .minimum = 2,                                                                                                             \
         .maximum = 1e6},                                                                                                          \
        {"noise",                                                                                                                  \
         NULL,                                                                                                                     \
         "of moons, spirals and rings: standard deviation of the normal noise on both inputs",                                     \
         NULL,                                                                                                                     \
         KR_NUMBER,                                                                                                                \
         KR_FIXED,                                                                                                                 \
         offsetof(values, member.noise),                                                                                           \
         .initial = 0.1,                                                                                                           \
         .minimum = 0,                                                                                                             \
         .maximum = 100},                                                                                                          \
        {"seed",                                                                                                                   \
         NULL,                                                                                                                     \
         "of moons, spirals and rings, and of label_noise; not that of the run",                                                   \
         NULL,                                                                                                                     \
         KR_NATURAL,                                                                                                               \
         KR_FIXED,                                                                                                                 \
         offsetof(values, member.seed),                                                                                            \
         .initial = 1},                                                                                                            \
        {"label_noise",                                                                                                            \
         NULL,                                                                                                                     \
         "probability of each training label to be replaced by another class, all of them equally likely",                         \
         NULL,                                                                                                                     \
         KR_NUMBER,                                                                                                                \
         KR_FIXED,                                                                                                                 \
         offsetof(values, member.label_noise),                                                                                     \
         .initial = 0,                                                                                                             \
         .minimum = 0,                                                                                                             \
         .maximum = 1},                                                                                                            \
        {"task",                                                                                                                   \
         NULL,                                                                                                                     \
         "train and test on the group tasks/NAME of the file; with task: {classes: [...]} on some classes",                        \
         NULL,                                                                                                                     \
         KR_TEXT,                                                                                                                  \
         KR_FIXED,                                                                                                                 \
         offsetof(values, member.task),                                                                                            \
         .initial_text = NULL},                                                                                                    \
    {                                                                                                                              \
        "task.classes", NULL, "classes to train and test on; not given: all", NULL, KR_LIST, KR_FIXED,                             \
            offsetof(values, member.classes), .initial = NAN, .minimum = 0, .maximum = KR_DATASET_CLASSES - 1                      \
    }

#endif
