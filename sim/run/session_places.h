/* Positions that particles of a session can go back to: those at the beginning of every phase of this generation, and those of the
 * steps that the scene's phases go back to. */
#ifndef KR_SESSION_PLACES_H
#define KR_SESSION_PLACES_H

#include <kramers/session.h>

typedef struct kr_session_place {
    char *phase;                       /* owned */
    uint64_t step;                     /* of the phase */
    uint64_t at;                       /* of the generation */
    double *position[KR_MAX_VARIANTS]; /* each [dim][stride]; owned */
} kr_session_place;

typedef struct kr_session_places {
    kr_session_place *place; /* [count], in the order in which they were kept */
    size_t count;
} kr_session_places;

/* Room for one more, of so many variants, and for another one that is made before this is added; nothing is kept yet. */
kr_status kr_session_place_make(kr_session_place *place, kr_session_places *places, const char *phase, uint64_t step, uint64_t at,
                                size_t variants, size_t numbers, kr_error *error);
void kr_session_place_destroy(kr_session_place *place);
/* Takes the place. */
void kr_session_places_add(kr_session_places *places, kr_session_place *place);
void kr_session_places_clear(kr_session_places *places);
void kr_session_places_destroy(kr_session_places *places);

/* The newest of this phase and step; the message says what was kept instead. */
kr_status kr_session_places_find(const kr_session_places *places, const char *phase, uint64_t step, const kr_session_place **place,
                                 kr_error *error);
/* Those at step 0 of the generation; NULL: they were not kept. */
const kr_session_place *kr_session_places_first(const kr_session_places *places);

#endif
