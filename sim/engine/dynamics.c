#include <kramers/dynamics.h>

#include <math.h>

kr_status kr_dynamics_create(kr_dynamics *self, const kr_dynamics_type *type, const void *values, kr_error *error) {
    *self = (kr_dynamics){.type = type, .values = values};
    return type->prepare ? type->prepare(self, error) : KR_OK;
}

size_t kr_dynamics_auxiliaries(const kr_dynamics *self) {
    return self->type->auxiliaries ? self->type->auxiliaries(self) : 0;
}

double kr_dynamics_temperature(const kr_dynamics *self, double learning_rate, double noise_variance) {
    return self->type->temperature ? self->type->temperature(self, learning_rate, noise_variance) : NAN;
}

double kr_dynamics_kinetic_temperature(const kr_dynamics *self, double temperature) {
    if (!self->type->velocity) return NAN;
    return self->type->kinetic_temperature ? self->type->kinetic_temperature(self, temperature) : temperature;
}

double kr_never_unstable(const kr_dynamics *self, double learning_rate) {
    (void)self, (void)learning_rate;
    return INFINITY;
}

double kr_dynamics_time_step(const kr_dynamics *self, double learning_rate) {
    if (self->type->time_step) return self->type->time_step(self, learning_rate);
    return self->type->physical_time ? sqrt(learning_rate) : learning_rate;
}

kr_status kr_dynamics_fits(const kr_dynamics *self, const kr_landscape *landscape, const kr_noise *noise, kr_error *error) {
    return self->type->fits ? self->type->fits(self, landscape, noise, error) : KR_OK;
}

static double decay_row(const kr_dynamics *self) {
    return kr_get_by_name(&self->type->about, self->values, "weight_decay", 0);
}

double kr_dynamics_weight_decay(const kr_dynamics *self) {
    return self->type->decoupled_decay ? 0 : decay_row(self);
}

double kr_dynamics_decoupled_decay(const kr_dynamics *self) {
    return self->type->decoupled_decay ? decay_row(self) : 0;
}
