/* The inside of drive.h, shared by the files drive*.c and moment.c. */
#ifndef KR_DRIVE_STATE_H
#define KR_DRIVE_STATE_H

#include <kramers/drive.h>

typedef enum kr_drive_part { KR_DRIVE_LANDSCAPE, KR_DRIVE_DYNAMICS, KR_DRIVE_NOISE, KR_DRIVE_PARTS } kr_drive_part;

typedef struct kr_driven_number {
    kr_driven about;
    kr_drive_part part;
    double first; /* at step 0, of one that keeps */
    double most;  /* that the data of the landscape allow, beside the limits of the row; INFINITY: any */
} kr_driven_number;

struct kr_drive {
    kr_drive_setup setup;
    const kr_settings *settings[KR_DRIVE_PARTS];
    kr_driven_number number[KR_MAX_DRIVEN];
    size_t count;
    double first_rate; /* learning rate of step 0 */
    bool changes[KR_DRIVE_PARTS];
    bool decay_changes; /* dynamics.weight_decay does, which the landscape has */
};

/* ---- drive_value.c ---- */

/* Whether its row is called this, in whichever model of a sum. */
bool kr_drive_is_called(const kr_driven_number *number, const char *name);
/* What its schedule or its invariant asks for at a step; NAN of one that follows the temperature. */
double kr_drive_wanted(const kr_drive *drive, size_t i, uint64_t step);
/* The same within the limits, and rounded where it is whole. */
double kr_drive_settled(const kr_driven_number *number, double wanted, bool *clamped);
/* Into values of the part that the row is of; a list has one number. */
void kr_drive_put(void *values, const kr_parameter *row, double value);

/* ---- drive_temperature.c ---- */

/* Whether gradient noise adds to the temperature. */
bool kr_drive_has_heat(const kr_dynamics *dynamics, double rate);
/* What number i, which follows the temperature, must be; and what the temperature is over that of step 0 when it has this value. */
double kr_drive_kept_by_temperature(const kr_drive *drive, size_t i, uint64_t step);
double kr_drive_temperature_held(const kr_drive *drive, size_t i, uint64_t step, double value);

#endif
