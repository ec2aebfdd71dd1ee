/* What the schedules share. The formulas keep the order of operations of torch.optim.lr_scheduler on purpose: near a rate of
 * zero 1 + cos and 1 - k/K cancel, and only the same rounding gives PyTorch's values to 1e-14. */
#ifndef KR_SCHEDULES_SHARED_H
#define KR_SCHEDULES_SHARED_H

#include <kramers/parameter_rows.h>
#include <kramers/scalar_math.h> /* kr_pow and kr_cos: the same bits everywhere, which libm's are not */
#include <kramers/schedule.h>

#include <math.h>

static const double kr_pi = 3.14159265358979323846;

/* The parameter steps, or its default. */
static inline uint64_t kr_length(const kr_schedule *self, int64_t steps) {
    return steps > 0 ? (uint64_t)steps : self->steps;
}

static inline uint64_t kr_min_u64(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Sums over a schedule that for ever takes rates as large as this; 0: it ends at 0, or falls faster than some geometric series. */
static inline kr_rate_sums kr_sums_of_lasting(double rate) {
    return (kr_rate_sums){.diverges = rate > 0, .squares_converge = !(rate > 0)};
}

/* name (lr_min, lr_end) is a rate that must not be above lr. Another number than the learning rate may as well rise. */
static inline kr_status kr_check_below_lr(const kr_schedule *self, const char *name, double value, double lr, kr_error *error) {
    if (value <= lr || self->type->about.drives) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "%s = %.10g is larger than lr = %.10g, which is the largest rate of a schedule; give %s <= lr.", name, value, lr,
                   name);
}

#endif
