/* libhdf5 itself can crash on a damaged file: a single bit of a type's description is enough (1.10.8). So a file is first looked
 * through by a child process, which touches all that a reader would; if that one crashes, the file is refused by name. */
#ifndef KR_HDF5_SURVEY_H
#define KR_HDF5_SURVEY_H

#include "hdf5_witness.h"

#include <hdf5.h>

#include <stdbool.h>
#include <sys/stat.h>

/* Opens the file to be looked through, in the child. */
typedef hid_t kr_h5_opener(void *context);

/* Why a file is refused. */
typedef struct kr_h5_finding {
    char at[400]; /* the object */
    char is[160];
} kr_h5_finding;

/* The file, and what is done with it. */
typedef struct kr_h5_survey_of {
    const struct stat *about;
    kr_h5_opener *open;
    void *context;
    bool to_change; /* it is opened for writing, and that is tried, too (hdf5_trial.h); the child cannot write to any file */
    bool grows;     /* its changes are its writer's, and taken for sound: no witness */
} kr_h5_survey_of;

/* Whether HDF5 survives every object of the file. One that has not changed since is not looked through again, and one that grows
 * never. Where no child can be made, all files are taken for sound. *witness: of what was read, through which the opener reads and
 * everybody else is to read (NULL: there is none); the caller destroys it, if the file is refused, too. Under the lock. */
bool kr_h5_survey(const kr_h5_survey_of *file, kr_h5_witness **witness, kr_h5_finding *finding);

#endif
