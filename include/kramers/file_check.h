/* What is whole in a file, and what can be saved of one that is not. */
#ifndef KRAMERS_FILE_CHECK_H
#define KRAMERS_FILE_CHECK_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KR_BEGIN_DECLARATIONS

typedef enum kr_file_kind {
    KR_FILE_OTHER, /* HDF5 that kramers has not written */
    KR_FILE_TRAJECTORY,
    KR_FILE_SESSION,
    KR_FILE_SWEEP
} kr_file_kind;

typedef struct kr_file_damage {
    char object[256];
    uint64_t rows, first, count; /* of the object; damaged ones: the first, and how many */
} kr_file_damage;

enum { KR_FILE_DAMAGES = 64 };

typedef struct kr_file_report {
    kr_file_kind kind;
    uint64_t format; /* 0: kramers has not written it */
    bool checksums;
    char version[64]; /* of kramers; empty: not known */
    char generator[128];
    uint64_t bytes, blocks, damaged_blocks;
    uint64_t first_damaged;    /* byte */
    uint64_t missing_bytes;    /* at the end */
    uint64_t unchecked_blocks; /* whose checksums are damaged: of the damaged ones */
    bool whole;
    bool half;               /* one of two copies of what says where the checksums are is damaged, which does no harm */
    char writer[256];        /* who is writing it, as a sentence; empty: nobody */
    bool complete;           /* the run has ended */
    bool resumable;          /* as it is */
    char not_resumable[512]; /* why */
    uint64_t resume_step;
    uint64_t frames, whole_frames; /* before the first damaged one */
    int64_t last_step;             /* of the last whole frame; -1: there is none */
    size_t damages;                /* objects; of the first KR_FILE_DAMAGES of them: */
    kr_file_damage damage[KR_FILE_DAMAGES];
    size_t lost; /* objects of which nothing can be read: the first */
    char lost_first[256];
} kr_file_report;

KR_API extern const char *const kr_file_kind_names[];

/* Looks at all of an HDF5 file. A damaged file is no failure: report->whole says so. Of one that is being written, its state after
 * the newest flush. */
KR_API kr_status kr_file_check(kr_file_report *report, const char *file, kr_error *error);
/* A new file with what is whole: all frames before the first damaged one, the newest checkpoint that fits to them, everything else
 * that is not damaged. report: of the old file. */
KR_API kr_status kr_file_save(kr_file_report *report, const char *file, const char *output, bool overwrite, kr_error *error);
/* New checksums of a file that was changed on purpose, by other programs. KR_BAD_ARGUMENT: it has none. KR_IO: they cannot be made,
 * the file is damaged. */
KR_API kr_status kr_file_renew(const char *file, kr_error *error);

KR_END_DECLARATIONS

#endif
