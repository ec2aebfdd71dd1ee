/* Entries of the energy ledger. All are differences taken as products, p d + d^2/2, not of squares, so that each is exact to
 * rounding of itself and their sum to rounding of the energy. */
#include "ledger.h"

#include <math.h>

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

void kr_ledger_begin(kr_block *block) {
    kr_landscape_energy(block->landscape, block->n, block->position, block->ledger->potential);
}

void kr_ledger_moved(kr_block *block) {
    kr_ledger *ledger = block->ledger;
    kr_landscape_energy(block->landscape, block->n, block->position, ledger->energy);
    for (size_t p = 0; p < block->n; p++) {
        kr_ledger_post(ledger, KR_ENERGY_SHADOW, p, ledger->energy[p] - ledger->potential[p]);
        ledger->potential[p] = ledger->energy[p];
    }
}

void kr_ledger_kick(kr_block *block, double scale, double mu, const double *m, double kick, const double *share,
                    const double *where, const double *gradient) {
    kr_ledger *ledger = block->ledger;
    const double *clean = gradient;
    if (!block->noise->type->is_zero) {
        kr_landscape_gradient(block->landscape, block->n, where, ledger->clean);
        clean = ledger->clean;
    }
    for (size_t p = 0; p < block->n; p++) {
        double friction = 0.0, exchange = 0.0, heat = 0.0;
        for (size_t i = 0; i < block->dim; i++) {
            size_t k = i * block->n + p;
            double weight = share ? kick * share[k] : kick;
            double kept = mu * m[k], push = weight * clean[k], noise = weight * (gradient[k] - clean[k]);
            friction += 0.5 * (kept - m[k]) * (kept + m[k]);
            exchange += push * (kept + 0.5 * push);
            heat += noise * (kept + push + 0.5 * noise);
        }
        if (mu != 1.0) kr_ledger_post(ledger, KR_ENERGY_FRICTION, p, scale * friction);
        kr_ledger_post(ledger, KR_ENERGY_SHADOW, p, scale * exchange);
        kr_ledger_post(ledger, KR_ENERGY_NOISE, p, scale * heat);
    }
}

void kr_ledger_thermostat(kr_block *block, double c, double amplitude, const double *normal, const double *momentum) {
    for (size_t p = 0; p < block->n; p++) {
        double friction = 0.0, heat = 0.0;
        for (size_t i = 0; i < block->dim; i++) {
            size_t k = i * block->n + p;
            double kept = c * momentum[k], push = amplitude * normal[k];
            friction += 0.5 * (kept - momentum[k]) * (kept + momentum[k]);
            heat += push * (kept + 0.5 * push);
        }
        kr_ledger_post(block->ledger, KR_ENERGY_FRICTION, p, friction);
        kr_ledger_post(block->ledger, KR_ENERGY_THERMAL, p, heat);
    }
}

void kr_ledger_energy(const kr_dynamics *dynamics, kr_block *block, double learning_rate, const double *potential, double *energy) {
    const double *auxiliary[KR_MAX_AUXILIARIES];
    size_t count = block->dim * block->n;
    for (size_t a = 0; a < KR_MAX_AUXILIARIES; a++) auxiliary[a] = block->auxiliary[a];
    dynamics->type->velocity(dynamics, learning_rate, count, auxiliary, block->scratch);
    for (size_t p = 0; p < block->n; p++) {
        energy[p] = potential ? potential[p] : 0.0;
        for (size_t i = 0; i < block->dim; i++) {
            double v = block->scratch[i * block->n + p];
            energy[p] += 0.5 * v * v;
        }
    }
}

void kr_ledger_rate(const kr_dynamics *dynamics, kr_block *block, double before, double after) {
    kr_ledger *ledger = block->ledger;
    if (before == after) return;
    kr_ledger_energy(dynamics, block, before, NULL, ledger->before);
    kr_ledger_energy(dynamics, block, after, NULL, ledger->energy);
    for (size_t p = 0; p < block->n; p++) kr_ledger_post(ledger, KR_ENERGY_WORK, p, ledger->energy[p] - ledger->before[p]);
}
