/* The energy ledger, for people and as JSON. */
#include "cli/command.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static void add(json_object *object, const char *key, double value) {
    json_object_object_add(object, key, kr_json_number(value));
}

json_object *kr_json_energy(const kr_energy_result *energy) {
    const kr_energy *now = &energy->now;
    json_object *object = json_object_new_object();
    json_object_object_add(object, "particles", json_object_new_uint64(now->particles));
    json_object_object_add(object, "samples", json_object_new_uint64(energy->samples));
    add(object, "kinetic", now->kinetic);
    add(object, "potential", now->potential);
    add(object, "start", now->start);
    for (int a = 0; a < KR_ENERGY_ACCOUNTS; a++) add(object, kr_energy_account_names[a], now->account[a]);
    add(object, "throughput", now->throughput);
    add(object, "residual", now->residual);
    add(object, "largest_relative_residual", energy->largest_residual);
    return object;
}

static void print_row(FILE *out, const char *label, double value) {
    fprintf(out, "  %-44s %16.9g\n", label, value);
}

void kr_report_energy(FILE *out, const kr_energy_result *energy) {
    static const char *const labels[KR_ENERGY_ACCOUNTS] = {[KR_ENERGY_WORK] = "work by changes of the learning rate",
                                                           [KR_ENERGY_NOISE] = "heat from the gradient noise",
                                                           [KR_ENERGY_THERMAL] = "heat from the thermostat's noise",
                                                           [KR_ENERGY_FRICTION] = "heat to friction",
                                                           [KR_ENERGY_SHADOW] = "error of the integrator",
                                                           [KR_ENERGY_RETURN] = "put in and taken out with arrivals"};
    const kr_energy *now = &energy->now;
    fprintf(out, "\nEnergy per particle since step 0 (%" PRIu64 " particles)\n", now->particles);
    print_row(out, "kinetic + potential at step 0", now->start);
    for (int a = 0; a < KR_ENERGY_ACCOUNTS; a++)
        if (now->account[a] != 0.0) print_row(out, labels[a], now->account[a]);
    print_row(out, "kinetic now", now->kinetic);
    print_row(out, "potential now", now->potential);
    print_row(out, "does not close by", now->residual);
}
