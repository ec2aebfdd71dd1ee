#include <kramers/shipped_files.h>

#include <stdlib.h>
#include <unistd.h>

const char *kr_shipped_directory(void) {
    const char *from_environment = getenv("KRAMERS_DATA");
    if (from_environment && *from_environment) return from_environment;
    return access(KR_INSTALLED_DATA "/data", F_OK) ? KR_SOURCE_DATA : KR_INSTALLED_DATA;
}
