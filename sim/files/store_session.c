#include "store_session.h"

#include "disk/file_bytes.h"
#include "hdf5/hdf5_witness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool kr_store_session_keep(kr_store_session *session, H5FD_mem_t kind, uint64_t place, const void *data, size_t size) {
    for (size_t i = session->count; i-- > 0;) {
        kr_overwrite *old = &session->overwrite[i];
        if (old->place == place && old->size == size) {
            memcpy(old->data, data, size);
            return true;
        }
        if (old->place < place + size && place < old->place + old->size) break; /* overlaps: order matters */
    }
    if (session->count == session->capacity) {
        size_t capacity = session->capacity ? 2 * session->capacity : 64;
        kr_overwrite *grown = realloc(session->overwrite, capacity * sizeof *grown);
        if (!grown) return false;
        session->overwrite = grown;
        session->capacity = capacity;
    }
    void *copy = malloc(size > 0 ? size : 1);
    if (!copy) return false;
    memcpy(copy, data, size);
    session->overwrite[session->count++] = (kr_overwrite){.place = place, .size = size, .kind = kind, .data = copy};
    return true;
}

bool kr_store_session_write(kr_store_session *session, H5FD_mem_t kind, uint64_t place, const void *data, size_t size) {
    if (place + size > session->size) session->size = place + size;
    if (place >= session->old_end && session->problem == 0 && session->writable) {
        kr_h5_witness_leave_out(session->witness, place);
        if (kr_disk_write(session->descriptor, data, size, place)) return true;
        session->problem = errno ? errno : EIO;
    }
    if (kr_store_session_keep(session, kind, place, data, size)) return true;
    if (!session->problem) session->problem = ENOMEM;
    return false;
}

static void put_overwrites(const kr_store_session *session, uint64_t place, void *data, size_t size) {
    for (size_t i = 0; i < session->count; i++) {
        const kr_overwrite *write = &session->overwrite[i];
        uint64_t low = write->place > place ? write->place : place;
        uint64_t high = write->place + write->size < place + size ? write->place + write->size : place + size;
        if (low < high) memcpy((char *)data + (low - place), write->data + (low - write->place), (size_t)(high - low));
    }
}

bool kr_store_session_read(kr_store_session *session, uint64_t place, void *data, size_t size) {
    if (!kr_disk_read(session->descriptor, data, size, place)) return false;
    put_overwrites(session, place, data, size);
    return true;
}

bool kr_store_session_read_seen(kr_store_session *session, H5FD_mem_t kind, uint64_t place, void *data, size_t size) {
    if (!kr_h5_witness_read(session->witness, session->descriptor, kind, place, size, data)) return false;
    put_overwrites(session, place, data, size);
    return true;
}

void kr_store_session_forget(kr_store_session *session) {
    for (size_t i = 0; i < session->count; i++) free(session->overwrite[i].data);
    session->count = 0;
}
