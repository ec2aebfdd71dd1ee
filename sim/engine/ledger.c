/* The energy ledger of a block. What is entered is computed in kernels/ledger_kernels.c. */
#include "ledger.h"

#include <math.h>
#include <string.h>

_Static_assert((int)KR_ENERGY_ACCOUNTS == (int)KR_LEDGER_ACCOUNTS, "a view has all accounts");

const char *const kr_energy_account_names[KR_ENERGY_ACCOUNTS] = {
    [KR_ENERGY_WORK] = "work",         [KR_ENERGY_NOISE] = "noise_heat", [KR_ENERGY_THERMAL] = "thermal_heat",
    [KR_ENERGY_FRICTION] = "friction", [KR_ENERGY_SHADOW] = "shadow",    [KR_ENERGY_RETURN] = "returns"};

/* Particles that stand still are NaN; their accounts stay as they are. */
void kr_ledger_post(kr_ledger *ledger, kr_energy_account account, size_t p, double amount) {
    if (!isfinite(amount)) return;
    ledger->account[account][p] += amount;
    ledger->gross[p] += fabs(amount);
}

void kr_ledger_close(kr_ledger *ledger, size_t p) {
    for (size_t a = 0; a < KR_ENERGY_ACCOUNTS; a++) ledger->account[a][p] = 0.0;
    ledger->gross[p] = 0.0;
}

void kr_ledger_begin(kr_block *block) {
    kr_ledger *ledger = block->ledger;
    kr_landscape_energy(block->landscape, block->n, block->position, ledger->potential);
    ledger->clean_at = NULL;
    ledger->moved = ledger->drifted = false;
}

void kr_ledger_moved(kr_block *block) {
    block->ledger->moved = true;
    block->ledger->clean_at = NULL;
}

void kr_ledger_settle(kr_block *block) {
    kr_ledger *ledger = block->ledger;
    if (ledger->drifted)
        block->kernels->ledger->difference(block->n, ledger->earlier, ledger->potential, ledger->account[KR_ENERGY_SHADOW],
                                           ledger->gross);
    ledger->drifted = false;
}

void kr_ledger_finish_step(kr_block *block) {
    kr_ledger *ledger = block->ledger;
    if (!ledger->moved) return;
    kr_ledger_settle(block);
    double *earlier = ledger->potential;
    ledger->potential = ledger->earlier;
    ledger->earlier = earlier;
    kr_landscape_energy(block->landscape, block->n, block->position, ledger->potential);
    ledger->moved = false;
    ledger->drifted = true;
}

/* The gradient that a dynamics carries over from the step before was taken before the block was loaded, or before somebody was put
 * back to the start: then the part without noise is not at hand. */
static const double *clean_gradient(kr_block *block, const double *where) {
    kr_ledger *ledger = block->ledger;
    if (ledger->clean_at != where) kr_block_clean_gradient(block, where, ledger->clean);
    ledger->clean_at = where;
    return ledger->clean;
}

void kr_ledger_kick(kr_block *block, double scale, double mu, const double *m, double kick, const double *share,
                    const double *where, const double *gradient) {
    kr_ledger *ledger = block->ledger;
    bool noisy = !block->noise->type->is_zero;
    const kr_ledger_kick_terms terms = {.scale = scale,
                                        .mu = mu,
                                        .push = kick,
                                        .m = m,
                                        .share = share,
                                        .clean = noisy ? clean_gradient(block, where) : gradient,
                                        .noisy = noisy ? gradient : NULL,
                                        .before = ledger->drifted ? ledger->earlier : ledger->potential,
                                        .after = ledger->potential,
                                        .whole = ledger->whole};
    ledger->drifted = false;
    block->kernels->ledger->kick(block->dim, block->n, &terms, ledger->account, ledger->gross);
}

void kr_ledger_thermostat(kr_block *block, double c, double amplitude, const double *normal, const double *momentum) {
    kr_ledger *ledger = block->ledger;
    block->kernels->ledger->thermostat(block->dim, block->n, ledger->whole, c, amplitude, normal, momentum,
                                       ledger->account[KR_ENERGY_FRICTION], ledger->account[KR_ENERGY_THERMAL], ledger->gross);
}

void kr_ledger_friction(kr_block *block, const double *before, const double *after) {
    kr_ledger *ledger = block->ledger;
    block->kernels->ledger->difference(block->n, before, after, ledger->account[KR_ENERGY_FRICTION], ledger->gross);
}

void kr_ledger_heat(kr_block *block, const double *before, const double *after) {
    kr_ledger *ledger = block->ledger;
    block->kernels->ledger->difference(block->n, before, after, ledger->account[KR_ENERGY_THERMAL], ledger->gross);
}

void kr_ledger_energy(const kr_dynamics *dynamics, kr_block *block, double learning_rate, const double *potential, double *energy) {
    const double *auxiliary[KR_MAX_AUXILIARIES];
    for (size_t a = 0; a < KR_MAX_AUXILIARIES; a++) auxiliary[a] = block->auxiliary[a];
    dynamics->type->velocity(dynamics, learning_rate, block->dim * block->n, auxiliary, block->scratch);
    if (potential)
        memcpy(energy, potential, block->n * sizeof *energy);
    else
        memset(energy, 0, block->n * sizeof *energy);
    block->kernels->ledger->kinetic(block->dim, block->n, block->scratch, energy);
}

double kr_unit_velocity(const kr_dynamics *dynamics, double learning_rate) {
    static const double one = 1.0, *const units[KR_MAX_AUXILIARIES] = {&one, &one, &one, &one, &one, &one, &one, &one};
    double velocity = NAN;
    if (kr_dynamics_auxiliaries(dynamics) && dynamics->type->velocity)
        dynamics->type->velocity(dynamics, learning_rate, 1, units, &velocity);
    return velocity;
}

void kr_ledger_rate(kr_block *block, const kr_dynamics *dynamics, double rate, const kr_dynamics *next, double next_rate) {
    kr_ledger *ledger = block->ledger;
    if (rate == next_rate && dynamics == next) return;
    if (kr_unit_velocity(dynamics, rate) == kr_unit_velocity(next, next_rate)) return;
    kr_ledger_energy(dynamics, block, rate, NULL, ledger->before);
    kr_ledger_energy(next, block, next_rate, NULL, ledger->energy);
    block->kernels->ledger->difference(block->n, ledger->before, ledger->energy, ledger->account[KR_ENERGY_WORK], ledger->gross);
}

/* A gradient that was taken before belongs to the landscape of then, and so does the one without noise beside it. */
void kr_ledger_landscape(kr_block *block, const kr_landscape *next) {
    kr_ledger *ledger = block->ledger;
    kr_ledger_settle(block);
    kr_landscape_energy(next, block->n, block->position, ledger->energy);
    block->kernels->ledger->difference(block->n, ledger->potential, ledger->energy, ledger->account[KR_ENERGY_WORK], ledger->gross);
    double *potential = ledger->energy;
    ledger->energy = ledger->potential;
    ledger->potential = potential;
}
