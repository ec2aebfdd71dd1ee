/* HDF5 as everything here uses it: a file that is open, calls on it that do nothing after the first failure, and one message.
 *
 *     kr_h5 h5;
 *     if (!kr_h5_open(&h5, path, error)) return h5.status;
 *     kr_h5_read(&h5, "/a/b", KR_H5_UINT64, 1, &count, values);      // hdf5_read.h, hdf5_write.h
 *     return kr_h5_end(&h5);
 *
 * Paths begin at the root. Nothing leads out of the file: external links and storage, virtual data sets and filters from plug-ins
 * are refused by name. From open to end the lock is held and HDF5 prints nothing. */
#ifndef KR_HDF5_LAYER_H
#define KR_HDF5_LAYER_H

#include <kramers/status.h>

#include "hdf5_source.h"
#include "hdf5_survey.h"

#include <hdf5.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kr_h5 {
    hid_t file;
    hid_t inside;     /* access list with which no link leads out of the file */
    const char *path; /* for messages; borrowed */
    kr_status status; /* the first failure */
    kr_error *error;
    bool broken;         /* a call of HDF5 failed: going on with this file can crash it */
    bool refused;        /* an object is not what it must be */
    kr_h5_source source; /* of a file that kr_h5_open has opened */
    struct stat before;  /* of the same */
    bool grows;
    H5E_auto2_t print;
    void *print_data;
} kr_h5;

/* A file that others wrote, read only. false: the status says why, and there is nothing to end. If another program changes it
 * before the end, ending fails and says that. It is read past what this process may have open in HDF5 for writing, which flushes it
 * first (H5Fflush). */
bool kr_h5_open(kr_h5 *h5, const char *path, kr_error *error);
/* The same of one that a run may be adding to: as long as it does (file_lock.h), its changes are taken for sound, and whether what
 * was read fits together is the caller's to find out. */
bool kr_h5_open_growing(kr_h5 *h5, const char *path, kr_error *error);
/* Closes the file; the first failure, of closing if there was none before. */
kr_status kr_h5_end(kr_h5 *h5);

/* Looks through a file that others wrote before it is opened (hdf5_survey.h); false: h5 has failed. Between enter and leave. */
bool kr_h5_look_through(kr_h5 *h5, const kr_h5_survey_of *file, kr_h5_witness **witness);
/* "PATH: was changed by another program while it was being read ..."; in place of what failed because of that. */
void kr_h5_fail_changed(kr_h5 *h5);
/* For code that opens and closes h5->file by other means (the store): lock and silence, and their end. */
void kr_h5_enter(kr_h5 *h5, const char *path, kr_error *error);
void kr_h5_leave(kr_h5 *h5);

bool kr_h5_good(const kr_h5 *h5);
/* "PATH: HDF5 could not WHAT (its reason)."; KR_IO. */
void kr_h5_fail(kr_h5 *h5, const char *what);
/* "PATH: NAME IS."; for what is there, but not as it must be: KR_IO. */
void kr_h5_refuse(kr_h5 *h5, const char *name, const char *is);
void kr_h5_no_memory(kr_h5 *h5, const char *what); /* "PATH: there is no memory for WHAT." */
/* Gives back result when it is none of HDF5's failures; otherwise fails with "WHAT NAME". */
hid_t kr_h5_checked(kr_h5 *h5, hid_t result, const char *what, const char *name);
void kr_h5_close(hid_t object); /* of any kind; invalid ones are left alone */

bool kr_h5_exists(kr_h5 *h5, const char *path);
/* An open data set whose bytes are in the file. Must be there. */
hid_t kr_h5_open_set(kr_h5 *h5, const char *path);
/* Fixed-length text padded with zeros, UTF-8; at least one byte. */
hid_t kr_h5_text_type(size_t length);

#endif
