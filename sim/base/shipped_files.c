#include <kramers/shipped_files.h>

#include <kramers/file_path.h>

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>

static char beside[PATH_MAX]; /* the directory of an installed tree that was moved; empty: there is none */
static once_flag looked = ONCE_FLAG_INIT;

/* share/kramers of the tree in which this file of a program or a library lies: bin/kramers, lib/libkramers.so, lib/MACHINE/... */
static bool find_beside(const char *file) {
    char *above = file ? realpath(file, NULL) : NULL, *slash;
    bool found = false;
    for (int level = 0; above && level < 3 && !found && (slash = strrchr(above, '/')); level++) {
        *slash = 0;
        int length = snprintf(beside, sizeof beside, "%s/share/kramers/data", above);
        found = level && length > 0 && (size_t)length < sizeof beside && !access(beside, F_OK);
        beside[found ? length - (int)strlen("/data") : 0] = 0;
    }
    free(above);
    return found;
}

static void look_beside(void) {
    static const char here = 0;
    Dl_info library;
    if (!find_beside("/proc/self/exe") && dladdr(&here, &library)) find_beside(library.dli_fname);
}

const char *kr_shipped_directory(void) {
    const char *from_environment = getenv("KRAMERS_DATA");
    if (from_environment && *from_environment) return from_environment;
    call_once(&looked, look_beside);
    if (*beside) return beside;
    return access(KR_INSTALLED_DATA "/data", F_OK) ? KR_SOURCE_DATA : KR_INSTALLED_DATA;
}

kr_status kr_shipped_check(const char *full, const char *given, kr_error *error) {
    if (*given == '/' || !access(full, F_OK)) return KR_OK;
    char *shipped = kr_path_join(kr_shipped_directory(), given);
    kr_status status = KR_OK;
    if (shipped && !access(shipped, F_OK))
        status =
            kr_fail(error, KR_IO, "'%s': No such file; the shipped one of this name is %s: give its whole path", full, shipped);
    free(shipped);
    return status;
}
