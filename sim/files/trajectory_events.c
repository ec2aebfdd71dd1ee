/* The table of first passages in a file: its type, and how it is read back. */
#include "h5md.h"
#include "hdf5/hdf5_read.h"

#include <stdlib.h>

const char *const kr_events_path = "/parameters/escape/events";

static const kr_h5_column columns[] = {{"particle", KR_H5_MEMBER_UINT64, offsetof(kr_event, particle), 0},
                                       {"step", KR_H5_MEMBER_UINT64, offsetof(kr_event, step), 0},
                                       {"duration", KR_H5_MEMBER_UINT64, offsetof(kr_event, duration), 0},
                                       {"target", KR_H5_MEMBER_UINT32, offsetof(kr_event, target), 0},
                                       {NULL, 0, 0, 0}};

hid_t kr_event_type(bool packed) {
    return kr_h5_table_type(columns, sizeof(kr_event), packed);
}

/* Every member is there and an integer, so that HDF5 fills in all of an event and has nothing to invent. */
static bool is_table(kr_h5 *h5, hid_t set) {
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    bool good = type >= 0 && space >= 0 && H5Tget_class(type) == H5T_COMPOUND && H5Sget_simple_extent_ndims(space) == 1;
    for (const kr_h5_column *column = columns; good && column->name; column++) {
        int member = H5Tget_member_index(type, column->name);
        good = member >= 0 && H5Tget_member_class(type, (unsigned)member) == H5T_INTEGER;
    }
    if (!good) kr_h5_refuse(h5, kr_events_path, "is no table of passages");
    kr_h5_close(space);
    kr_h5_close(type);
    return good;
}

static void read_rows(kr_h5 *h5, hid_t set, hsize_t first, hsize_t count, kr_event *event) {
    hid_t space = H5Dget_space(set), memory = H5Screate_simple(1, &count, NULL), type = kr_event_type(false);
    bool good = space >= 0 && memory >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &count, NULL) >= 0 &&
                H5Dread(set, type, memory, space, H5P_DEFAULT, event) >= 0;
    if (!good) kr_h5_checked(h5, -1, "read", kr_events_path);
    kr_h5_close(type);
    kr_h5_close(memory);
    kr_h5_close(space);
}

static void read_all(kr_h5 *h5, uint64_t count, void (*take)(void *, const kr_event *, size_t), void *context) {
    enum { CHUNK = 1 << 15 };
    hid_t set = kr_h5_open_set(h5, kr_events_path), space = set >= 0 ? H5Dget_space(set) : H5I_INVALID_HID;
    hssize_t rows = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
    kr_event *event = malloc(CHUNK * sizeof *event);
    if (!event) kr_h5_no_memory(h5, "passages");
    bool good = event && set >= 0 && is_table(h5, set);
    if (good && (rows < 0 || (uint64_t)rows < count))
        kr_h5_refuse(h5, kr_events_path, "has fewer passages than its checkpoint says");
    for (uint64_t done = 0; good && kr_h5_good(h5) && done < count;) {
        size_t some = count - done < CHUNK ? (size_t)(count - done) : CHUNK;
        read_rows(h5, set, done, some, event);
        if (kr_h5_good(h5)) take(context, event, some);
        done += some;
    }
    free(event);
    kr_h5_close(space);
    kr_h5_close(set);
}

kr_status kr_trajectory_read_events(const char *file, void (*take)(void *context, const kr_event *event, size_t count),
                                    void *context, kr_error *error) {
    kr_store *store;
    kr_commit commit;
    uint64_t place[2];
    kr_h5 h5;
    kr_status status = kr_store_open(&store, file, KR_STORE_READ, error);
    if (status != KR_OK) return status;
    status = kr_checkpoint_read(store, place, &commit, NULL, error);
    if (status == KR_OK && commit.events) {
        if (kr_store_begin(store, &h5, error)) {
            read_all(&h5, commit.events, take, context);
            kr_store_end(store, &h5, false);
        }
        status = h5.status;
    }
    kr_store_destroy(store);
    return status;
}
