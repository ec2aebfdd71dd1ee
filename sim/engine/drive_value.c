/* The value of one number that changes, by itself. */
#include "drive_state.h"

#include <math.h>
#include <string.h>

bool kr_drive_is_called(const kr_driven_number *number, const char *name) {
    const char *point = strrchr(number->about.row->name, '.');
    return !strcmp(point ? point + 1 : number->about.row->name, name);
}

double kr_drive_wanted(const kr_drive *drive, size_t i, uint64_t step) {
    const kr_driven_number *number = &drive->number[i];
    double ratio = kr_schedule_at(drive->setup.schedule, step) / drive->first_rate;
    switch (number->about.keep) {
    case KR_KEEP_NOTHING: return kr_schedule_at(&number->about.schedule, step);
    case KR_KEEP_PRODUCT: return number->first / ratio;
    case KR_KEEP_RATIO: return number->first * ratio;
    case KR_KEEP_TEMPERATURE: break;
    case KR_KEEP_FRICTION:
        return kr_drive_is_called(number, "momentum") ? 1 - (1 - number->first) * sqrt(ratio) : number->first * sqrt(ratio);
    }
    return NAN;
}

/* The next number within the limits; an open end is approached as far as doubles go. */
static double within(const kr_parameter *row, double most, double value) {
    if (value > most) return most;
    if (row->minimum == 0 && row->maximum == 0) return value;
    double low = row->flags & KR_ABOVE_MINIMUM ? nextafter(row->minimum, INFINITY) : row->minimum;
    double high = row->flags & KR_BELOW_MAXIMUM ? nextafter(row->maximum, -INFINITY) : row->maximum;
    return value < low ? low : value > high ? high : value;
}

double kr_drive_settled(const kr_driven_number *number, double wanted, bool *clamped) {
    const kr_parameter *row = number->about.row;
    double value = isnan(wanted) ? number->first : within(row, number->most, wanted);
    if (number->about.integer) value = fmax(1, value);
    if (clamped) *clamped = value != wanted;
    return number->about.integer || row->type == KR_INTEGER ? nearbyint(value) : value;
}

void kr_drive_put(void *values, const kr_parameter *row, double value) {
    void *at = (char *)values + row->offset;
    if (row->type == KR_NUMBER)
        *(double *)at = value;
    else if (row->type == KR_INTEGER)
        *(int64_t *)at = (int64_t)value;
    else
        ((kr_list *)at)->value[0] = value;
}
