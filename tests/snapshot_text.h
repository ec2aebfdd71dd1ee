/* The settings of a snapshot as text, for tests. */
#ifndef KR_TEST_SNAPSHOT_TEXT_H
#define KR_TEST_SNAPSHOT_TEXT_H

#include "model/snapshot.h"

/* malloc'd */
static inline char *snapshot_text(const kr_snapshot *snapshot) {
    kr_error error;
    char *text;
    if (kr_scene_write(&snapshot->scene, &text, &error) != KR_OK) fail_msg("%s", error.message);
    return text;
}

#endif
