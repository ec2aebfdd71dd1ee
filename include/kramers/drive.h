/* Numbers of landscape, dynamics and noise that change with the step: they follow a schedule of their own, or the learning rate so
 * that a product of the two stays what it is at step 0 (keep).
 *
 *     kr_moment *moment;
 *     kr_moment_create(&moment, drive, &error);
 *     kr_moment_set(moment, 1000, &error);
 *     ... moment->landscape, moment->dynamics and moment->noise are those of step 1000 ...
 *     kr_moment_destroy(moment);
 */
#ifndef KRAMERS_DRIVE_H
#define KRAMERS_DRIVE_H

#include <kramers/dynamics.h>
#include <kramers/landscape.h>
#include <kramers/noise.h>
#include <kramers/schedule.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_drive kr_drive;

enum { KR_MAX_DRIVEN = 32, KR_DRIVEN_NAME = 96 };

/* What an invariant of `keep` holds. */
typedef enum kr_keep_kind {
    KR_KEEP_NOTHING,
    KR_KEEP_PRODUCT,     /* learning rate times the number */
    KR_KEEP_RATIO,       /* learning rate over the number */
    KR_KEEP_TEMPERATURE, /* what the gradient noise adds to the temperature: a batch size or sigma follows */
    KR_KEEP_FRICTION     /* friction of the Langevin dynamics that the step is: momentum or alpha follows */
} kr_keep_kind;

/* One number that changes. */
typedef struct kr_driven {
    char name[KR_DRIVEN_NAME]; /* "dynamics.temperature" */
    const kr_parameter *row;
    kr_schedule schedule; /* that it follows; type NULL: it follows the learning rate */
    kr_keep_kind keep;
    bool integer;                   /* rounded to whole numbers, at least 1 */
    char invariant[KR_DRIVEN_NAME]; /* "lr/noise.batch_size"; empty where it follows a schedule */
} kr_driven;

/* An invariant of a scene. */
typedef struct kr_keep {
    char invariant[KR_DRIVEN_NAME]; /* "lr*dynamics.weight_decay", "lr/noise.batch_size", "temperature", "friction" */
    bool integer;
} kr_keep;

/* Whose numbers change; borrowed, with the settings that they were made from. */
typedef struct kr_drive_setup {
    const kr_landscape *landscape;
    const kr_dynamics *dynamics;
    const kr_noise *noise;
    const kr_schedule *schedule; /* of the learning rate; NULL: what would be refused without any file is refused, no drive made */
    const char *directory;       /* relative file names of schedules are relative to this */
    const kr_settings *landscape_settings, *dynamics_settings, *noise_settings;
    const kr_keep *keep; /* [keep_count] */
    size_t keep_count;
    uint64_t steps; /* of the run: default length of schedules */
} kr_drive_setup;

/* *drive is NULL where nothing changes. */
KR_API kr_status kr_drive_create(kr_drive **drive, const kr_drive_setup *setup, kr_error *error);
KR_API void kr_drive_destroy(kr_drive *drive);
/* Schedules of numbers, too, are as from step 0 on at this step. drive: may be NULL. */
KR_API void kr_drive_begin_at(kr_drive *drive, uint64_t step);
/* Of NULL: 0. */
KR_API size_t kr_drive_count(const kr_drive *drive);
KR_API const kr_driven *kr_drive_number(const kr_drive *drive, size_t i);
/* Its value at a step, within the limits of its row; *clamped (may be NULL): it would have been beyond them. */
KR_API double kr_drive_value(const kr_drive *drive, size_t i, uint64_t step, bool *clamped);
/* The invariant at a step over what it is at step 0; NAN of a number that follows a schedule. */
KR_API double kr_drive_held(const kr_drive *drive, size_t i, uint64_t step);

/* Landscape, dynamics and noise as they are at one step. What does not change is that of the drive. */
typedef struct kr_moment {
    const kr_landscape *landscape;
    const kr_dynamics *dynamics;
    const kr_noise *noise;
} kr_moment;

/* As at step 0; the drive must outlive it. */
KR_API kr_status kr_moment_create(kr_moment **moment, const kr_drive *drive, kr_error *error);
KR_API void kr_moment_destroy(kr_moment *moment);
/* Fails where values that are allowed each do not fit together. */
KR_API kr_status kr_moment_set(kr_moment *moment, uint64_t step, kr_error *error);

KR_END_DECLARATIONS

#endif
