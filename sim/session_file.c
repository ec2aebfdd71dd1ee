/* Keeping and replaying a session. */
#include "session_state.h"

#include <stdlib.h>
#include <string.h>

kr_status kr_session_save(const kr_session *session, const char *file, bool overwrite, kr_error *error) {
    (void)session, (void)overwrite;
    return kr_fail(error, KR_IO, "%s: sessions can't be written yet", file);
}

kr_status kr_session_record_read(kr_session_record *record, const kr_registry *registry, const char *file, bool *found,
                                 kr_error *error) {
    (void)registry, (void)file, (void)error;
    *record = (kr_session_record){.count = 0};
    *found = false;
    return KR_OK;
}

void kr_session_record_destroy(kr_session_record *record) {
    for (size_t i = 0; i < record->count; i++) free(record->intervention[i].text);
    free(record->intervention);
    kr_scene_destroy(&record->scene);
    *record = (kr_session_record){.count = 0};
}

kr_status kr_session_replay(kr_session *session, const kr_session_record *record, size_t *next, uint64_t steps, kr_error *error) {
    kr_status status = KR_OK;
    while (status == KR_OK && *next < record->count && record->intervention[*next].epoch == kr_session_epoch(session) &&
           record->intervention[*next].step == kr_session_step(session))
        status = kr_session_intervene(session, record->intervention[(*next)++].text, error);
    if (status != KR_OK) return status;
    uint64_t done = kr_session_step(session);
    if (*next < record->count) {
        const kr_intervention *due = &record->intervention[*next];
        if (due->epoch != kr_session_epoch(session) || due->step < done)
            return kr_fail(error, KR_BAD_ARGUMENT, "intervention %zu of the record, at step %llu, can't be reached from here",
                           *next, (unsigned long long)due->step);
        if (due->step - done < steps) steps = due->step - done;
    }
    return kr_session_advance(session, steps, error);
}
