#include "undo.h"

#include <stdlib.h>
#include <string.h>

/* Copies between the particles' arrays and words, one way or the other; words NULL: only counts them. */
static size_t exchange(kr_ensemble *e, double *words, bool back) {
    double *array[1 + KR_MAX_AUXILIARIES + 4] = {e->position};
    size_t size[1 + KR_MAX_AUXILIARIES + 4] = {e->dim * e->stride}, arrays = 1, used = 0;
    for (size_t a = 0; a < e->auxiliary_count; a++) array[arrays] = e->auxiliary[a], size[arrays++] = e->dim * e->stride;
    if (e->ledger) array[arrays] = e->ledger, size[arrays++] = KR_LEDGER_ROWS * e->stride;
    array[arrays] = e->stopped_time, size[arrays++] = e->stopped_time ? e->stride : 0;
    array[arrays] = (void *)e->departure, size[arrays++] = e->stride;
    array[arrays] = (void *)e->stopped_at, size[arrays++] = e->stride;
    for (size_t i = 0; i < arrays; used += size[i++]) {
        if (words && back)
            memcpy(array[i], words + used, size[i] * sizeof *words);
        else if (words)
            memcpy(words + used, array[i], size[i] * sizeof *words);
    }
    return used;
}

bool kr_undo_keep(kr_ensemble *e) {
    size_t words = exchange(e, NULL, false);
    double *grown = realloc(e->undo.words, words * sizeof *grown);
    if (!grown) return false;
    e->undo =
        (kr_undo){.words = grown, .time_sum = e->time_sum, .time_rest = e->time_rest, .drawn = e->drawn, .recent = e->recent.count};
    exchange(e, grown, false);
    return true;
}

void kr_undo_chunk(kr_ensemble *e) {
    exchange(e, e->undo.words, true);
    e->time_sum = e->undo.time_sum;
    e->time_rest = e->undo.time_rest;
    e->drawn = e->undo.drawn;
    e->recent.count = e->undo.recent;
    for (size_t b = 0; b < e->block_count; b++) e->block_events[b].count = 0;
}
