/* Landscape, dynamics and noise as they are at one step. */
#include "drive_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct moment {
    kr_moment seen; /* first: what callers have */
    const kr_drive *drive;
    kr_landscape landscape;
    kr_dynamics dynamics;
    kr_noise noise;
    kr_settings settings[KR_DRIVE_PARTS]; /* copies of those that change */
    double value[KR_MAX_DRIVEN];          /* as they are set */
    bool landscape_made;
} moment;

/* A landscape whose tables follow from its values makes them anew. */
static kr_status make_landscape(moment *m, kr_error *error) {
    const kr_landscape *base = m->drive->setup.landscape;
    double decay = base->weight_decay;
    if (m->drive->decay_changes) decay = kr_dynamics_weight_decay(&m->dynamics);
    if (!m->drive->changes[KR_DRIVE_LANDSCAPE]) {
        m->landscape = *base;
        m->landscape.weight_decay = decay;
        return KR_OK;
    }
    if (m->landscape_made) kr_landscape_destroy(&m->landscape);
    m->landscape_made = false;
    kr_status status =
        kr_landscape_create(&m->landscape, base->type, m->settings[KR_DRIVE_LANDSCAPE].values, base->directory, decay, error);
    m->landscape_made = status == KR_OK;
    if (status == KR_OK && m->landscape.dim != base->dim) /* of a plug-in whose row does not say that it stays */
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "the number of coordinates can't change while particles move: it was %zu, and would be %zu", base->dim,
                       m->landscape.dim);
    return status;
}

/* Those of which a value has changed. */
static kr_status make(moment *m, const bool changed[KR_DRIVE_PARTS], kr_error *error) {
    const kr_drive *drive = m->drive;
    kr_status status = KR_OK;
    if (changed[KR_DRIVE_DYNAMICS])
        status = kr_dynamics_create(&m->dynamics, drive->setup.dynamics->type, m->settings[KR_DRIVE_DYNAMICS].values, error);
    if (status == KR_OK && (changed[KR_DRIVE_LANDSCAPE] || (changed[KR_DRIVE_DYNAMICS] && drive->decay_changes)))
        status = make_landscape(m, error);
    return status;
}

kr_status kr_moment_set(kr_moment *seen, uint64_t step, kr_error *error) {
    moment *m = (moment *)seen;
    bool changed[KR_DRIVE_PARTS] = {false};
    m->noise.step = step;
    for (size_t i = 0; i < m->drive->count; i++) {
        const kr_driven_number *number = &m->drive->number[i];
        double value = kr_drive_value(m->drive, i, step, NULL);
        if (value == m->value[i]) continue;
        m->value[i] = value;
        changed[number->part] = true;
        kr_drive_put(m->settings[number->part].values, number->about.row, value);
    }
    kr_status status = make(m, changed, error);
    if (status == KR_OK) return KR_OK;
    for (size_t i = 0; i < m->drive->count; i++) m->value[i] = NAN; /* to be made anew, whatever comes next */
    return kr_fail_at(error, status, "at step %llu", (unsigned long long)step);
}

kr_status kr_moment_create(kr_moment **result, const kr_drive *drive, kr_error *error) {
    moment *m = calloc(1, sizeof *m);
    *result = NULL;
    if (!m) return kr_fail(error, KR_NO_MEMORY, "not enough memory for numbers that change");
    m->drive = drive;
    m->seen = (kr_moment){drive->setup.landscape, drive->setup.dynamics, drive->setup.noise};
    m->noise = *drive->setup.noise;
    kr_status status = KR_OK;
    for (int part = 0; part < KR_DRIVE_PARTS && status == KR_OK; part++)
        if (drive->changes[part]) status = kr_settings_copy(&m->settings[part], drive->settings[part], error);
    for (size_t i = 0; i < drive->count; i++) m->value[i] = NAN;
    if (drive->changes[KR_DRIVE_LANDSCAPE] || drive->decay_changes) m->seen.landscape = &m->landscape;
    if (drive->changes[KR_DRIVE_DYNAMICS]) m->seen.dynamics = &m->dynamics;
    m->seen.noise = &m->noise;
    if (drive->changes[KR_DRIVE_NOISE]) m->noise.values = m->settings[KR_DRIVE_NOISE].values;
    if (status == KR_OK) status = kr_moment_set(&m->seen, 0, error);
    if (status == KR_OK)
        *result = &m->seen;
    else
        kr_moment_destroy(&m->seen);
    return status;
}

void kr_moment_destroy(kr_moment *seen) {
    moment *m = (moment *)seen;
    if (!m) return;
    if (m->landscape_made) kr_landscape_destroy(&m->landscape);
    for (int part = 0; part < KR_DRIVE_PARTS; part++) kr_settings_destroy(&m->settings[part]);
    free(m);
}
