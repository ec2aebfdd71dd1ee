#include "h5md.h"
#include "h5md_names.h"

#include <kramers/file_check.h>

/* The anchor is found by its bytes: where a forged file has no data sets of checksums, something else takes their place. */
static kr_status check_renewed(const char *file, kr_error *error) {
    kr_store *store;
    kr_store_health health = {.damaged = 0};
    kr_status status = kr_store_open(&store, file, KR_STORE_EXAMINE, error);
    if (status != KR_OK) return status;
    status = kr_store_inspect(store, &health, error);
    if (status == KR_OK && (health.damaged || health.missing))
        status = kr_fail(error, KR_IO,
                         "%s: its checksums could not be made anew: something else stands in the place of " KR_CHECKSUM_GROUP
                         ". 'kramers check --save NEW.h5 %s' copies what can be read.",
                         file, file);
    kr_store_destroy(store);
    return status;
}

kr_status kr_file_renew(const char *file, kr_error *error) {
    kr_store *store;
    kr_h5 h5;
    kr_status status = kr_store_open(&store, file, KR_STORE_RENEW, error);
    if (status != KR_OK) return status;
    if (kr_store_format(store) == 1) {
        status = kr_fail(error, KR_BAD_ARGUMENT, "%s: is of a format without checksums.", file);
    } else {
        if (kr_store_begin(store, &h5, error)) {
            /* Slots that are not as they must be are refused by whoever goes on with the file. */
            kr_error why = {.message = ""};
            h5.error = &why;
            kr_checkpoint_leave_out(&h5, store);
            if (!h5.broken) h5.status = KR_OK;
            if (h5.broken && error) *error = why;
            h5.error = error;
            kr_store_end(store, &h5, true);
        }
        status = h5.status;
    }
    kr_store_destroy(store);
    return status == KR_OK ? check_renewed(file, error) : status;
}
