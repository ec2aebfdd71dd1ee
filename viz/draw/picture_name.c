#include "picture_name.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

const char *kr_file_extension(const char *file) {
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file, *dot = strrchr(base, '.');
    return dot && dot != base && dot[1] ? dot : NULL;
}

kr_status kr_picture_name_check(const char *file, kr_error *error) {
    const char *extension = kr_file_extension(file);
    if (!extension || !strcasecmp(extension, ".png")) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "%s: pictures of the window are PNG; give a name that ends with .png, not %s. (Figures of a run as PDF or SVG: "
                   "kramers.py FILE.h5 -o FILE.pdf)",
                   file, extension);
}
