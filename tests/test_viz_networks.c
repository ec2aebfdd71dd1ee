/* The window of networks: what a snapshot says of them against loops over one network at a time, and that the panel draws in every
 * size, whatever the data. */
#include "controls_fixture.h"

#include "model/networks.h"
#include "networks/network_panel.h"

#include "assert_close.h"
#include "sanitized.h"

#include <math.h>

static const char moons[] = "landscape: {name: network, data: moons, points: 60, hidden: [6]}\n"
                            "dynamics: {name: sgd}\n"
                            "noise: {name: minibatch, batch_size: 8}\n"
                            "schedule: {name: cosine_restarts, lr: 0.5, lr_min: 0, period: 20}\n"
                            "ensemble: {particles: 24, steps: 200, seed: 3, start: {random: kaiming_uniform}}\n";

typedef struct rig {
    kr_scene scene;
    kr_simulation *simulation;
    kr_analyser *analyser;
    kr_network_panel *panel;
    kr_canvas canvas;
    kr_fonts *fonts;
    kr_theme theme;
    kr_widgets widgets;
    const kr_snapshot *snapshot;
    const kr_analysis *analysis;
} rig;

static void look(rig *r) {
    kr_error error;
    r->snapshot = kr_simulation_snapshot(r->simulation);
    require(kr_analyser_update(r->analyser, r->snapshot->version, &r->snapshot->scene, false, &r->analysis, &error), &error);
    kr_analyser_look(r->analyser, r->snapshot, true);
}

static void run_for(rig *r, uint64_t steps) {
    kr_error error;
    require(kr_simulation_run_steps(r->simulation, steps, &error), &error);
    look(r);
}

static rig *make(size_t count, const char *const *overrides) {
    rig *r = calloc(1, sizeof *r);
    const kr_registry *registry;
    kr_error error;
    kr_simulation_options options = {.threads = 1, .synchronous = true};
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_parse(&r->scene, registry, "networks", NULL, moons, overrides, count, &error), &error);
    require(kr_simulation_create(&r->simulation, &r->scene, &options, &error), &error);
    require(kr_analyser_create(&r->analyser, &error), &error);
    require(kr_network_panel_create(&r->panel, &error), &error);
    require(kr_canvas_create(&r->canvas, 900, 700, &error), &error);
    require(kr_fonts_create(&r->fonts, &error), &error);
    kr_theme_make(&r->theme, true, 1);
    look(r);
    return r;
}

static void destroy(rig *r) {
    kr_fonts_destroy(r->fonts);
    kr_canvas_destroy(&r->canvas);
    kr_network_panel_destroy(r->panel);
    kr_analyser_destroy(r->analyser);
    kr_simulation_destroy(r->simulation);
    kr_scene_destroy(&r->scene);
    free(r);
}

static void draw(rig *r, kr_rectangle area, int32_t key) {
    kr_input input = {.inside = true, .mouse = {1, 1}};
    kr_widgets_begin(&r->widgets, &r->canvas, r->fonts, &r->theme, &input);
    kr_frame frame = {&r->canvas, r->fonts, &r->theme, &r->widgets, r->snapshot, r->analysis, r->simulation, true};
    if (key) assert_int_equal(kr_network_panel_key(r->panel, &frame, key), kr_network_panel_applies(r->analysis));
    kr_network_panel_draw(r->panel, &frame, area);
    kr_widgets_end(&r->widgets);
}

/* Positions in a snapshot are floats: numbers of one network from them agree to their precision. */
static void one_network(const rig *r, size_t p, double *x) {
    const kr_snapshot_variant *v = &r->snapshot->variant[0];
    for (size_t i = 0; i < v->dim; i++) x[i] = (double)v->position[i * v->count + p];
}

static void scores_are_means_over_single_networks(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    run_for(r, 50);
    const kr_snapshot_networks *networks = &r->snapshot->variant[0].networks;
    const kr_landscape *landscape = &r->analysis->model.landscape;
    const kr_data_sum *sum = kr_landscape_data(landscape);
    double x[64], loss, correct, mean[2] = {0}, squares = 0, accuracy = 0;
    uint32_t counted = 0, least = 0;
    assert_int_equal(networks->evaluated, 24);
    assert_int_equal(networks->dim, landscape->dim);
    for (size_t p = 0; p < 24; p++) {
        one_network(r, p, x);
        sum->evaluate(landscape, KR_DATA_TRAIN, 1, x, &loss, NULL);
        mean[0] += loss / 24;
        sum->evaluate(landscape, KR_DATA_TEST, 1, x, &loss, &correct);
        mean[1] += loss / 24;
        squares += loss * loss / 24;
        accuracy += correct / 24;
    }
    assert_close(networks->mean[KR_TRAIN_LOSS], mean[0], 1e-5, 0);
    assert_close(networks->mean[KR_TEST_LOSS], mean[1], 1e-5, 0);
    assert_close(networks->mean[KR_TEST_ACCURACY], accuracy, 1e-12, 0);
    double half = 1.96 * sqrt((squares - mean[1] * mean[1]) / 23);
    assert_close(networks->interval[KR_TEST_LOSS].high - mean[1], half, 1e-3, 0);
    for (size_t k = 0; k < KR_ACCURACY_BINS; k++) {
        counted += networks->histogram[k];
        if (!counted) least = (uint32_t)k + 1;
    }
    assert_int_equal(counted, 24);
    assert_true((double)least / KR_ACCURACY_BINS <= accuracy);
    destroy(r);
}

/* Of a cell of the grid: the classes of the followed network and of the mean. */
static void regions_are_predictions(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    assert_true(kr_simulation_follow(r->simulation, 7));
    run_for(r, 60);
    const kr_snapshot_networks *networks = &r->snapshot->variant[0].networks;
    const kr_regions *g = &networks->regions;
    const kr_landscape *landscape = &r->analysis->model.landscape;
    assert_int_equal(networks->followed, 7);
    assert_int_equal(g->averaged, 24);
    assert_int_equal(g->classes, 2);
    size_t row = g->rows / 3, column = g->columns / 2, cell = row * g->columns + column;
    double input[2] = {g->low[0] + ((double)column + 0.5) * (g->high[0] - g->low[0]) / (double)g->columns,
                       g->low[1] + ((double)row + 0.5) * (g->high[1] - g->low[1]) / (double)g->rows};
    double x[64], probability[2], mean = 0;
    for (size_t p = 0; p < 24; p++) {
        one_network(r, p, x);
        kr_landscape_data(landscape)->predict(landscape, 1, input, 1, x, probability);
        mean += probability[1] / 24;
        if (p == 7) assert_close((double)g->followed[g->columns * g->rows + cell], probability[1], 1e-5, 0);
    }
    assert_close((double)g->mean[g->columns * g->rows + cell], mean, 1e-5, 0);
    /* All data lie inside. */
    kr_data test = kr_landscape_data(landscape)->data(landscape, KR_DATA_TEST);
    for (size_t m = 0; m < test.count; m++)
        for (size_t k = 0; k < 2; k++) assert_true(test.input[2 * m + k] > g->low[k] && test.input[2 * m + k] < g->high[k]);
    destroy(r);
}

/* Networks are kept where cycles end, however many steps are done at once; the ensemble of one is the network. */
static void cycles_are_kept_where_they_end(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    run_for(r, 50);
    kr_cycle_ensembles first = r->snapshot->variant[0].networks.cycles;
    assert_int_equal(first.count, 2);
    assert_int_equal(first.step[0], 20);
    assert_int_equal(first.step[1], 40);
    assert_int_equal(first.networks, 24);
    assert_close(first.together[0], first.alone[1], 1e-12, 0);
    assert_close(first.independent[0], first.alone[1], 1e-12, 0);
    run_for(r, 130);
    const kr_cycle_ensembles *last = &r->snapshot->variant[0].networks.cycles;
    assert_int_equal(last->count, KR_KEPT_CYCLES);
    assert_int_equal(last->step[KR_KEPT_CYCLES - 1], 180);
    assert_int_equal(last->step[0], 80);
    kr_cycle_ensembles all = *last;
    rig *slow = make(0, NULL);
    for (int i = 0; i < 60; i++) run_for(slow, 3);
    last = &slow->snapshot->variant[0].networks.cycles;
    for (size_t k = 0; k < KR_KEPT_CYCLES; k++) {
        assert_close(last->alone[k], all.alone[k], 0, 0);
        assert_close(last->together[k], all.together[k], 0, 0);
    }
    destroy(slow);
    assert_true(kr_simulation_intervene(r->simulation, "reset"));
    run_for(r, 25);
    assert_int_equal(r->snapshot->variant[0].networks.cycles.count, 1);
    assert_close(r->snapshot->variant[0].networks.cycles.alone[0], first.alone[0], 0, 0);
    destroy(r);
}

/* As many as time allows, and always some. */
static void large_data_have_fewer_networks(void **state) {
    (void)state;
    rig *r = make(1, (const char *[]){"landscape={name: network, data: digits, hidden: [8]}"});
    const kr_landscape *landscape = &r->analysis->model.landscape;
    size_t few = kr_networks_affordable(landscape, 1, 100000);
    assert_true(few >= 64 && few < 1000);
    assert_int_equal(kr_networks_affordable(landscape, 1e6, 100000), 16);
    assert_int_equal(kr_networks_affordable(landscape, 1e6, 3), 3);
    destroy(r);
}

static void check_outside(const rig *r, const kr_rectangle *area) {
    for (int y = 0; y < 700; y++)
        for (int x = 0; x < 900; x++) {
            bool inside = x >= area->x && x < area->x + area->width && y >= area->y && y < area->y + area->height;
            if (!inside && r->canvas.pixel[y * 900 + x] != 0xff123456u) fail_msg("pixel %d %d outside the panel was drawn", x, y);
        }
}

static void the_panel_stays_inside_its_area(void **state) {
    (void)state;
    static const char *const data[][2] = {
        {"landscape={name: network, data: moons, hidden: [5]}", "ensemble.particles=5"},
        {"landscape={name: network, data: rings, hidden: []}", "compare=[{name: adam}]"},
        {"landscape={name: network, data: digits, hidden: [70]}", "ensemble.particles=3"},
        {"landscape={name: network, data: digits, hidden: [3, 3], task: {classes: [1, 7]}}", "ensemble.particles=1"},
        {"landscape={name: mean_of_quadratics}", "ensemble.start={point: 0}"}};
    static const kr_rectangle areas[] = {{0, 0, 900, 700},   {100, 50, 560, 300}, {10, 10, 120, 90}, {200, 20, 330, 640},
                                         {300, 300, 60, 60}, {5, 5, 0, 0},        {7, 9, 300, 200}};
    for (size_t k = 0; k < sizeof data / sizeof *data; k++) {
        rig *r = make(2, data[k]);
        for (size_t a = 0; a < sizeof areas / sizeof *areas; a++) {
            if (SANITIZED && a % 3) continue;
            kr_canvas_fill(&r->canvas, (kr_rectangle){0, 0, 900, 700}, 0xff123456u);
            if (a < 2) run_for(r, 3);
            kr_theme_make(&r->theme, a % 2 == 0, a == 0 ? 1.5 : 1);
            draw(r, areas[a], a ? SDLK_y : 0);
            if (r->analysis->model.landscape.type) check_outside(r, &areas[a]);
        }
        draw(r, areas[1], SDLK_LEFTBRACKET);
        draw(r, areas[1], SDLK_RIGHTBRACKET);
        assert_int_equal(r->panel->image, 0);
        destroy(r);
    }
}

/* Pruning, going back and phases are interventions: what is seen of them, and the same bits again. */
static void phases_are_seen_and_replayed(void **state) {
    (void)state;
    rig *r = make(1, (const char *[]){"phases=[{name: dense, steps: 30}, {name: ticket, steps: 170}]"});
    const char *file = "viz_networks_session.h5";
    kr_error error;
    run_for(r, 20);
    assert_int_equal(r->snapshot->phases.count, 2);
    assert_string_equal(r->snapshot->phases.now.name, "dense");
    assert_int_equal(r->snapshot->phases.phase[1].begin, 30);
    assert_true(kr_simulation_intervene(r->simulation, "prune fraction=0.5 by=magnitude"));
    assert_true(kr_simulation_intervene(r->simulation, "rewind phase=dense step=0"));
    run_for(r, 5);
    double pruned = r->snapshot->variant[0].pruned;
    assert_true(pruned > 0.3 && pruned < 0.5); /* biases stay */
    assert_true(kr_simulation_intervene(r->simulation, "phase ticket"));
    run_for(r, 15);
    assert_string_equal(r->snapshot->phases.now.name, "ticket");
    assert_int_equal(r->snapshot->phases.now.begin, 25);
    double loss = r->snapshot->variant[0].networks.mean[KR_TRAIN_LOSS];
    remove(file);
    assert_true(kr_simulation_save(r->simulation, file));
    run_for(r, 0);
    kr_simulation *again;
    kr_simulation_options options = {.threads = 2, .synchronous = true, .replay = file};
    require(kr_simulation_create(&again, &r->scene, &options, &error), &error);
    require(kr_simulation_run_steps(again, 1000, &error), &error);
    const kr_snapshot *replayed = kr_simulation_snapshot(again);
    if (!strstr(replayed->message, "equals the recorded one")) fail_msg("%s", replayed->message);
    assert_close(replayed->variant[0].networks.mean[KR_TRAIN_LOSS], loss, 0, 0);
    kr_simulation_destroy(again);
    remove(file);
    destroy(r);
}

/* Another number of hidden units sets everything up again, and the panel goes with it. */
static void other_hidden_units_begin_anew(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    run_for(r, 30);
    draw(r, (kr_rectangle){0, 0, 900, 700}, 0);
    assert_true(kr_simulation_intervene(r->simulation, "set landscape.hidden=[4, 4]"));
    run_for(r, 0);
    const kr_snapshot_networks *networks = &r->snapshot->variant[0].networks;
    assert_int_equal(r->snapshot->step, 0);
    assert_int_equal(networks->dim, 2 * 4 + 4 + 4 * 4 + 4 + 4 * 2 + 2);
    assert_int_equal(networks->cycles.count, 0);
    draw(r, (kr_rectangle){0, 0, 900, 700}, 0);
    assert_true(kr_simulation_intervene(r->simulation, "set landscape.name=harmonic"));
    run_for(r, 0);
    draw(r, (kr_rectangle){0, 0, 900, 700}, 0);
    destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_means_over_single_networks), cmocka_unit_test(regions_are_predictions),
        cmocka_unit_test(cycles_are_kept_where_they_end),        cmocka_unit_test(large_data_have_fewer_networks),
        cmocka_unit_test(the_panel_stays_inside_its_area),       cmocka_unit_test(phases_are_seen_and_replayed),
        cmocka_unit_test(other_hidden_units_begin_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
