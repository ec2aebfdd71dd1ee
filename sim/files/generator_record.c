#include "generator_record.h"

#include "hdf5/hdf5_read.h"
#include "hdf5/hdf5_write.h"

#include <kramers/generator.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char place[] = "/parameters/kramers", attribute[] = "generator";
/* Of all versions that did not keep its name: sine, cosine and logarithm to the last bit. */
static const char before_names[] = "philox4x32-10, box-muller";
enum { LONGEST = 1000, SHOWN = 100 };

/* For a message: without what a terminal would obey. */
static const char *printable(const char *text, char shown[SHOWN]) {
    snprintf(shown, SHOWN, "%s", text);
    for (char *c = shown; *c; c++)
        if (!isprint((unsigned char)*c)) *c = '?';
    return shown;
}

kr_status kr_generator_check(const char *file, const char *recorded, const char *version, kr_error *error) {
    char name[SHOWN], made[SHOWN];
    const char *own = kr_generator_name();
    if (recorded && !strcmp(recorded, own)) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "%.160s: its random numbers are those of generator '%s'%s, while this version draws those of '%s': going on "
                   "would join two different sequences of random numbers. Begin anew, or go on with the kramers that made the "
                   "file (version %s).",
                   file, printable(recorded ? recorded : before_names, name),
                   recorded ? "" : " (it names none, as versions before this name was kept)", own,
                   printable(version ? version : "not recorded", made));
}

void kr_h5_generator(kr_h5 *h5, hid_t parent) {
    kr_h5_text(h5, parent, attribute, kr_generator_name());
}

static char *read_if_there(kr_h5 *h5, const char *name) {
    return kr_h5_good(h5) && kr_h5_has_attribute(h5, place, name) ? kr_h5_read_text_attribute(h5, place, name, LONGEST) : NULL;
}

void kr_h5md_check_generator(kr_h5 *h5) {
    if (!kr_h5_good(h5) || !kr_h5_exists(h5, place)) return;
    char *recorded = read_if_there(h5, attribute), *version = read_if_there(h5, "version");
    if (kr_h5_good(h5)) h5->status = kr_generator_check(h5->path, recorded, version, h5->error);
    free(recorded);
    free(version);
}
