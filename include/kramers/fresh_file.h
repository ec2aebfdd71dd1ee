/* A file that is built beside its name and takes it when it is whole: at no moment is there less than before, and no file of
 * another writer is replaced. */
#ifndef KRAMERS_FRESH_FILE_H
#define KRAMERS_FRESH_FILE_H

#include <kramers/status.h>

#include <stdbool.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_fresh_file {
    char *path;      /* as it was asked for */
    char *target;    /* where that leads, behind symbolic links */
    char *temporary; /* NULL: it has its name */
    int descriptor;  /* for reading and writing, locked; -1: the caller has taken it, and closes it */
    int old;         /* of the file whose place it takes, locked; -1: there is none */
    bool held;       /* old is the caller's */
    bool overwrite;
} kr_fresh_file;

/* A file that is there already is only replaced with overwrite (else KR_BAD_ARGUMENT), and never while another process writes it
 * (KR_IO, with the process's name). held: the caller's locked descriptor of the one file that may be replaced, or -1. After a
 * failure there is nothing to end. */
KR_API kr_status kr_fresh_file_begin(kr_fresh_file *file, const char *path, bool overwrite, int held, kr_error *error);
/* A file that has appeared in the meantime counts as one that was there. */
KR_API kr_status kr_fresh_file_publish(kr_fresh_file *file, kr_error *error);
/* It stays under its temporary name, which nobody else has: for what must not be lost where the name could not be taken. */
KR_API void kr_fresh_file_keep(kr_fresh_file *file);
/* Without its name it is removed. */
KR_API void kr_fresh_file_end(kr_fresh_file *file);
/* Removes what this process is building, for a handler of signals that ends it in the middle; nothing else may be called then. */
KR_API void kr_fresh_files_remove(void);

KR_END_DECLARATIONS

#endif
