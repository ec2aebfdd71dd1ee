/* Chunks of steps with one learning rate: extrapolated once the density is quasi-stationary, and propagated by powers of the
 * transition matrix where that takes long. */
#include "propagation_state.h"

#include <math.h>

/* Steps from this one on that have its learning rate, last itself included (it is the step to come then). */
static uint64_t same_rate_until(kr_propagation *p, uint64_t step, uint64_t last, bool burning_in) {
    if (burning_in || !isnan(kr_schedule_constant(p->problem->schedule))) return last + 1;
    if (step < p->same_from || step >= p->same_until) p->same_from = p->same_until = step;
    double rate = kr_schedule_at(p->problem->schedule, step);
    while (p->same_until <= last && kr_schedule_at(p->problem->schedule, p->same_until) == rate) p->same_until++;
    return p->same_until;
}

/* Steps that can be extrapolated from this one on; the last one before the rate changes is taken alone, to nodes fine enough for
 * the next. */
static uint64_t extrapolated_steps(kr_propagation *p, uint64_t step, uint64_t last, bool burning_in) {
    double rate = kr_schedule_at(p->problem->schedule, burning_in ? 0 : step);
    if (rate > 0.0 && !(p->quasi_stationary.reached && rate == p->quasi_stationary.rate)) return 0;
    uint64_t until = same_rate_until(p, step, last, burning_in);
    if (until > last) return last - step;
    return rate > 0.0 ? until - step - 1 : until - step;
}

/* Without a learning rate nothing moves; in the burn-in particles that arrive depart again, and all stays as it is. */
static void extrapolate(kr_propagation *p, uint64_t step, uint64_t steps, bool burning_in) {
    const kr_quasi_stationary *s = &p->quasi_stationary;
    double scale = exp(p->log_survival);
    if (burning_in || !(kr_schedule_at(p->problem->schedule, step) > 0.0)) return;
    p->lost += scale * kr_quasi_stationary_lost(s, steps);
    p->defect += scale * kr_quasi_stationary_error(s, steps);
    p->log_survival += kr_quasi_stationary_log(s, steps);
}

/* ---- chains that become quasi-stationary slowly ---- */

/* Where further wells make the chain remember its start for long, powers of its matrix take 2^j steps at once. */
static bool worth_powers(const kr_propagation *p, uint64_t steps, double rate) {
    enum { WATCHED = 2048, LEAST = 4096 };
    const kr_quasi_stationary *s = &p->quasi_stationary;
    return s->strides >= WATCHED && s->rate == rate && s->steps == 1 && steps >= LEAST && p->at >= 0 &&
           p->level[p->at].chain.n <= KR_CHAIN_POWERS_NODES;
}

static bool make_powers(kr_propagation *p, double rate) {
    size_t n = p->level[p->at].chain.n;
    if (p->powers.count && p->powers.rate == rate && p->powers.n == n) return true;
    kr_chain_powers_destroy(&p->powers);
    if (!kr_chain_powers_create(&p->powers, n, rate)) return false;
    kr_propagation_rows(p, rate, p->powers.power[0].matrix, p->powers.power[0].arrived, p->powers.power[0].lost);
    kr_chain_powers_first(&p->powers);
    return true;
}

/* Quasi-stationary when the changes would stay below rounding if they continued at this rate to the end of the run. */
static void test_power(kr_propagation *p, int j, uint64_t left) {
    double hazard, lost, change = kr_chain_powers_apply(&p->powers, j, p->mass, p->next, &hazard, &lost);
    double strides = ldexp((double)left, -j);
    if (!(change * fmax(strides, 1.0) <= 1e-10)) return;
    p->quasi_stationary.reached = true;
    p->quasi_stationary.steps = (uint64_t)1 << j;
    p->quasi_stationary.hazard = hazard;
    p->quasi_stationary.lost = lost;
    p->quasi_stationary.spread = change;
}

static void use_power(kr_propagation *p, int j) {
    double hazard, lost, scale = exp(p->log_survival);
    kr_chain_powers_apply(&p->powers, j, p->mass, p->next, &hazard, &lost);
    p->lost += scale * lost;
    p->log_survival += hazard < 1.0 ? log1p(-hazard) : -INFINITY;
    double *swap = p->mass;
    p->mass = p->next;
    p->next = swap;
}

/* The binary digits of steps from the lowest up. How many of them were taken: all, or fewer when the density became
 * quasi-stationary (then the caller asks again) or memory is short. */
static uint64_t propagate_by_powers(kr_propagation *p, uint64_t step, uint64_t steps, double rate) {
    uint64_t done = 0;
    if (!make_powers(p, rate)) return 0;
    for (int j = 0; done < steps; j++) {
        if (j == p->powers.count) {
            p->work += 1.6 * pow((double)p->powers.n, 3.0);
            if (!kr_chain_powers_square(&p->powers)) return done;
            test_power(p, j, p->last - step - done);
            if (p->quasi_stationary.reached) return done;
        }
        if (!(steps >> j & 1)) continue;
        use_power(p, j);
        done += (uint64_t)1 << j;
    }
    return done;
}

uint64_t kr_propagation_chunk(kr_propagation *p, uint64_t step, uint64_t last, bool burning_in) {
    if (p->present.changes) return 0;
    uint64_t over = extrapolated_steps(p, step, last, burning_in);
    if (over) {
        extrapolate(p, step, over, burning_in);
        return over;
    }
    double rate = kr_schedule_at(p->problem->schedule, step);
    if (burning_in || !worth_powers(p, last - step, rate)) return 0;
    uint64_t until = same_rate_until(p, step, last, false), steps = until > last ? last - step : until - step - 1;
    return worth_powers(p, steps, rate) ? propagate_by_powers(p, step, steps, rate) : 0;
}

/* After a stride from step `before` on, on the nodes of the stride before it if was equals at. */
void kr_propagation_watch(kr_propagation *p, uint64_t before, uint64_t after, uint64_t last, int was, bool burning_in) {
    double rate = kr_schedule_at(p->problem->schedule, burning_in ? 0 : before), change = was == p->at ? 0.0 : INFINITY;
    if (p->present.changes) return;
    if (same_rate_until(p, before, last, burning_in) < after) return;
    for (size_t j = 0; was == p->at && j < p->level[was].chain.n; j++) change += fabs(p->mass[j] - p->next[j]);
    kr_quasi_stationary_note(&p->quasi_stationary, rate, after - before, p->hazard, p->lost_part, change);
}
