#include <kramers/durability.h>

#include <stddef.h>

const char *const kr_durability_names[] = {
    [KR_DURABILITY_FLUSH] = "flush", [KR_DURABILITY_NONE] = "none", [KR_DURABILITY_FSYNC] = "fsync", NULL};
