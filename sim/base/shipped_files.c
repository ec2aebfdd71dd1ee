#include <kramers/shipped_files.h>

#include <kramers/file_path.h>

#include <stdlib.h>
#include <unistd.h>

const char *kr_shipped_directory(void) {
    const char *from_environment = getenv("KRAMERS_DATA");
    if (from_environment && *from_environment) return from_environment;
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
