/* Another dynamics goes on at the temperature of the one before. Where that has a heat bath and the other has none, gradient noise
 * takes its place, and the other way round: else SGLD that becomes SGD would only descend, and nothing would move any more. */
#include "controls_panel.h"

#include "model/present.h"

#include <kramers/landscape_scales.h>
#include <kramers/number_text.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char temperature_key[] = "temperature";

/* ---- gradient noise ---- */

/* Heat grows as variance^p with p = 1 or, in dynamics that divide by its root, from 1/2 on: each round at least halves the error.
 * NAN: no variance makes this temperature. */
static double variance_for(const kr_dynamics *dynamics, double rate, double temperature) {
    double variance = 2 * temperature / rate; /* of gradient descent */
    for (int i = 0; i < 100; i++) {
        double ratio = temperature / kr_dynamics_temperature(dynamics, rate, variance);
        if (!isfinite(ratio)) return NAN;
        variance *= ratio;
        if (fabs(ratio - 1) < 1e-12) break;
    }
    return variance;
}

static void scale_row(const kr_settings *noise, const char *name, double factor, char *text, size_t size) {
    const kr_parameter *row = kr_parameter_find(noise->about, name);
    char key[64];
    if (!row || row->type != KR_NUMBER) return;
    snprintf(key, sizeof key, "noise.%s", name);
    kr_controls_append_number(text, size, key, factor * kr_get_number(noise, row));
}

/* The model's own number for how strong it is. */
static bool scale_noise(const kr_settings *noise, double factor, char *text, size_t size) {
    size_t before = strlen(text);
    if (kr_scene_noise_part(noise, 1)) return false;
    scale_row(noise, "strength", factor, text, size); /* a variance; the others are roots of one */
    if (strlen(text) > before) return true;
    static const char *const roots[] = {"sigma", "high", "low"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) scale_row(noise, roots[i], sqrt(factor), text, size);
    return strlen(text) > before;
}

bool kr_controls_fit_noise(const kr_controls_panel *panel, const kr_dynamics *dynamics, double rate, double temperature,
                           double variance, char *text, size_t size, char *said, size_t said_size) {
    const kr_settings *noise = &panel->shown.noise;
    double wanted = temperature > 0 ? variance_for(dynamics, rate, temperature) : 0;
    if (isnan(wanted)) wanted = 2 * temperature / rate; /* as for gradient descent, to begin with */
    bool none = ((const kr_noise_type *)(const void *)noise->about)->is_zero;
    if (!(wanted > 0 && rate > 0) || (variance > 0 && fabs(wanted / variance - 1) < 1e-9)) return false;
    if (none) {
        kr_controls_append(text, size, "\nnoise={name: isotropic}");
        kr_controls_append_number(text, size, "noise.sigma", sqrt(wanted));
        snprintf(said, said_size, "isotropic gradient noise of sigma %.3g, where there was none", sqrt(wanted));
        return true;
    }
    if (!(variance > 0 && scale_noise(noise, wanted / variance, text, size))) return false;
    snprintf(said, said_size, "gradient noise %.3g times as strong", sqrt(wanted / variance));
    return true;
}

/* ---- the change ---- */

typedef struct change {
    kr_controls_panel *panel;
    kr_scene next; /* with the other dynamics, and nothing else changed */
    kr_dynamics dynamics;
    kr_problem before;
    double rate, temperature, variance; /* the last: of the noise as it is */
    char text[2048];
    char said[256];
} change;

static void set_line(change *c, const char *line) {
    kr_controls_append(c->text, sizeof c->text, line);
}

static void say(change *c, const char *what) {
    snprintf(c->said, sizeof c->said, "%s at T = %.3g as before, by %s.", c->next.dynamics.about->name, c->temperature, what);
}

static bool is_driven(const change *c) {
    double value;
    return kr_present_value(c->panel->frame->analysis, 0, "dynamics.temperature", 0, &value);
}

static bool is_over_data(const change *c) {
    return ((const kr_landscape_type *)(const void *)c->next.landscape.about)->data != NULL;
}

/* Noise that would be more than half of the heat gives way to the bath, also where a thermostat would hide it (gradient descent
 * says how hot it is); that of data stays, since without it a step is a pass over all of them. */
static void heat_by_bath(change *c) {
    const kr_parameter *row = kr_parameter_find(c->next.dynamics.about, temperature_key);
    double carried = kr_get_number(&c->next.dynamics, row), added = 0;
    if (c->variance > 0)
        added = kr_dynamics_temperature(&c->dynamics, c->rate, c->variance) - kr_dynamics_temperature(&c->dynamics, c->rate, 0);
    bool data = is_over_data(c),
         off = !data && c->variance > 0 && (isnan(added) || fmax(added, 0.5 * c->rate * c->variance) > 0.5 * c->temperature);
    if (off) {
        set_line(c, "\nnoise={name: none}");
        added = 0;
    }
    double own = data && !(added < c->temperature) ? 0 : c->temperature - added;
    if (fabs(own - carried) > 1e-9 * own) kr_controls_append_number(c->text, sizeof c->text, "dynamics.temperature", own);
    say(c, off ? "its heat bath; the gradient noise is off" : added > 0 ? "its heat bath and the gradient noise" : "its heat bath");
}

/* How much higher the landscape is than at the start, this far along. */
static double climb(const kr_landscape *landscape, const double *start, const double *along, double far) {
    double place[8], energy[2];
    for (size_t i = 0; i < landscape->dim; i++) place[i] = start[i] + far * along[i];
    kr_landscape_energy(landscape, 1, start, &energy[0]);
    kr_landscape_energy(landscape, 1, place, &energy[1]);
    return energy[1] - energy[0];
}

/* Where the climb is as wanted: near a minimum it grows about as the square of the distance, 1 to begin with. NAN: that finds no
 * such place, beyond a barrier for instance. */
static double climb_to(const kr_landscape *landscape, const double *start, const double *along, double wanted) {
    double far = 1;
    for (int i = 0; i < 60; i++) {
        double now = climb(landscape, start, along, far);
        if (!(now > 0) || !isfinite(now)) return NAN;
        if (fabs(now / wanted - 1) < 1e-6) return far;
        far *= sqrt(wanted / now);
    }
    return NAN;
}

/* Neither bath nor friction: what energy there is stays. At rest in a minimum nothing would ever move; half a temperature's worth
 * of energy for position and velocity of each coordinate begins as a place beside the minimum. */
static void begin_with_energy(change *c) {
    const kr_landscape *landscape = c->before.landscape;
    const kr_start *start = &c->next.start;
    double variance[8], along[8][8] = {{0}};
    const double *direction[8];
    char number[KR_NUMBER_TEXT];
    size_t dim = landscape->dim;
    if (!((const kr_noise_type *)(const void *)c->next.noise.about)->is_zero) set_line(c, "\nnoise={name: none}");
    snprintf(c->said, sizeof c->said, "%s keeps energy, not temperature: there is neither heat bath nor gradient noise.",
             c->next.dynamics.about->name);
    for (size_t i = 0; i < dim && i < 8; i++) {
        along[i][i] = 1;
        direction[i] = along[i];
    }
    bool at_rest = start->kind == KR_START_MINIMUM || start->kind == KR_START_GIBBS;
    if (!at_rest || dim > 8 || !(c->temperature > 0) ||
        !kr_landscape_thermal_variance(landscape, c->before.start, c->temperature, dim, direction, variance))
        return;
    double diagonal[8];
    for (size_t i = 0; i < dim; i++) diagonal[i] = sqrt(2 * variance[i]);
    double far = climb_to(landscape, c->before.start, diagonal, (double)dim * c->temperature);
    set_line(c, "\nensemble.start={point: [");
    for (size_t i = 0; i < dim; i++) {
        set_line(c, i ? ", " : "");
        set_line(c, kr_number_text(c->before.start[i] + (isnan(far) ? 1 : far) * diagonal[i], number));
    }
    set_line(c, "]}");
    snprintf(
        c->said, sizeof c->said,
        "%s keeps energy, not temperature: no heat bath, no gradient noise; all begin beside the minimum with %sthe energy of T = "
        "%.3g.",
        c->next.dynamics.about->name, isnan(far) ? "about " : "", c->temperature);
}

static void heat_by_noise(change *c) {
    char what[160] = "the gradient noise as it is";
    const kr_dynamics_type *type = c->dynamics.type;
    double now = kr_dynamics_temperature(&c->dynamics, c->rate, c->variance);
    bool has = !isnan(kr_dynamics_temperature(&c->dynamics, c->rate, 2 * c->temperature / c->rate));
    bool fitted = kr_controls_fit_noise(c->panel, &c->dynamics, c->rate, c->temperature, c->variance, c->text, sizeof c->text, what,
                                        sizeof what);
    if (!has)
        snprintf(c->said, sizeof c->said, "%s has no temperature that stays; %s%s%s.", type->about.name,
                 fitted ? what : "the gradient noise is as before", type->temperature_regime ? "; " : "",
                 type->temperature_regime ? type->temperature_regime(&c->dynamics) : "");
    else if (fitted || !(fabs(now - c->temperature) > 1e-9 * c->temperature))
        say(c, c->temperature > 0 ? what : "no gradient noise");
    else
        snprintf(c->said, sizeof c->said, "%s with the gradient noise as it is: T = %.3g, before %.3g.", type->about.name, now,
                 c->temperature);
}

/* That of the dynamics before; where it has none, of the one before that, or a fifth of the barrier. */
static double temperature_before(const change *c) {
    double temperature = kr_problem_temperature(&c->before, c->rate);
    if (isnan(temperature)) temperature = c->panel->last_temperature;
    if (isnan(temperature)) temperature = 0.2 * kr_landscape_scales_find(c->before.landscape).barrier;
    return temperature;
}

/* Parameters that both have go on, where they mean the same: beta2 of Adam and that of Lion have a name in common, and another
 * size. */
static void write_dynamics(change *c, const kr_descriptor *about) {
    const kr_settings *now = &c->panel->shown.dynamics;
    FILE *out = fmemopen(c->text, sizeof c->text, "w");
    if (!out) return;
    fprintf(out, "set dynamics={name: %s", about->name);
    for (const kr_parameter *row = about->parameters; row && row->name; row++) {
        const kr_parameter *own = kr_parameter_find(now->about, row->name);
        bool plain = row->type != KR_TEXT && row->type != KR_LIST && row->type != KR_SCHEDULES;
        if (!own || !plain || own->type != row->type || own->initial != row->initial) continue;
        fprintf(out, ", %s: ", row->name);
        kr_scene_value_print(out, now, own);
    }
    fputc('}', out);
    fclose(out);
}

static bool begin(change *c, const kr_descriptor *about) {
    kr_scene plain = c->panel->shown;
    char *text = NULL;
    plain.lesson = NULL;
    plain.lesson_count = 0;
    write_dynamics(c, about);
    const char *override = c->text + strlen("set ");
    bool made = kr_scene_write(&plain, &text, NULL) == KR_OK &&
                kr_scene_parse(&c->next, plain.registry, plain.name, plain.directory, text, &override, 1, NULL) == KR_OK;
    free(text);
    if (!made) return false;
    const kr_dynamics_type *type = (const kr_dynamics_type *)(const void *)c->next.dynamics.about;
    if (kr_present_problem(c->panel->frame->analysis, 0, &c->before) &&
        kr_dynamics_create(&c->dynamics, type, c->next.dynamics.values, NULL) == KR_OK)
        return true;
    kr_scene_destroy(&c->next);
    return false;
}

static void fit(change *c) {
    const kr_dynamics_type *type = c->dynamics.type;
    bool bath = kr_parameter_find(&type->about, temperature_key) != NULL;
    c->rate = kr_schedule_largest(c->before.schedule);
    c->variance = kr_noise_mean_variance(c->before.noise, c->before.landscape, c->before.start);
    c->temperature = temperature_before(c);
    if (!isfinite(c->temperature) || !(c->rate > 0) || (bath && is_driven(c))) return; /* the values stay what they are */
    c->panel->last_temperature = c->temperature;
    if (bath)
        heat_by_bath(c);
    else if (type->velocity && !type->friction)
        begin_with_energy(c);
    else
        heat_by_noise(c);
}

void kr_controls_choose_dynamics(kr_controls_panel *panel, const char *identity, const kr_descriptor *about) {
    change c = {.panel = panel};
    if (begin(&c, about)) {
        fit(&c);
        kr_scene_destroy(&c.next);
    }
    kr_controls_promise(panel, c.said);
    kr_controls_send(panel, identity, c.text);
}
