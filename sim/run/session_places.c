#include "session_places.h"

#include "engine/block_storage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

kr_status kr_session_place_make(kr_session_place *place, kr_session_places *places, const char *phase, uint64_t step, uint64_t at,
                                size_t variants, size_t numbers, kr_error *error) {
    kr_session_place *more = realloc(places->place, (places->count + 2) * sizeof *more);
    if (more) places->place = more;
    *place = (kr_session_place){.phase = strdup(phase), .step = step, .at = at};
    bool enough = more && place->phase;
    for (size_t v = 0; enough && v < variants; v++) enough = (place->position[v] = kr_aligned_zeros(numbers, sizeof(double)));
    if (enough) return KR_OK;
    kr_session_place_destroy(place);
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for positions to go back to");
}

void kr_session_place_destroy(kr_session_place *place) {
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++) free(place->position[v]);
    free(place->phase);
    *place = (kr_session_place){.phase = NULL};
}

void kr_session_places_add(kr_session_places *places, kr_session_place *place) {
    places->place[places->count++] = *place;
    *place = (kr_session_place){.phase = NULL};
}

void kr_session_places_clear(kr_session_places *places) {
    for (size_t i = 0; i < places->count; i++) kr_session_place_destroy(&places->place[i]);
    places->count = 0;
}

void kr_session_places_destroy(kr_session_places *places) {
    kr_session_places_clear(places);
    free(places->place);
    *places = (kr_session_places){.count = 0};
}

static kr_status not_kept(const kr_session_places *places, const char *phase, uint64_t step, kr_error *error) {
    char all[300] = "";
    size_t used = 0;
    bool known = false;
    for (size_t i = 0; i < places->count && used < sizeof all; i++) {
        const kr_session_place *place = &places->place[i];
        known = known || !strcmp(place->phase, phase);
        used +=
            (size_t)snprintf(all + used, sizeof all - used, "%sstep %" PRIu64 " of '%s'", i ? ", " : "", place->step, place->phase);
    }
    if (!known)
        return kr_fail(error, KR_BAD_ARGUMENT, "there was no phase '%.80s' yet; what was kept is %s", phase,
                       places->count ? all : "nothing: 'phase NAME' begins a phase");
    return kr_fail(error, KR_BAD_ARGUMENT, "step %" PRIu64 " of phase '%.80s' was not kept; what was is %s", step, phase, all);
}

kr_status kr_session_places_find(const kr_session_places *places, const char *phase, uint64_t step, const kr_session_place **place,
                                 kr_error *error) {
    *place = NULL;
    for (size_t i = places->count; i-- > 0;)
        if (places->place[i].step == step && !strcmp(places->place[i].phase, phase)) {
            *place = &places->place[i];
            return KR_OK;
        }
    return not_kept(places, phase, step, error);
}

const kr_session_place *kr_session_places_first(const kr_session_places *places) {
    return places->count && !places->place[0].at ? &places->place[0] : NULL;
}
