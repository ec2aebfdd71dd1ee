/* The window of networks: what a snapshot says of them (scores, their distribution, classes over two inputs, ensembles of the ends
 * of cycles) against loops over one network at a time; and that the panel draws it, in every size, whatever the data. */
#include "simulated_view.h"

#include "instruments/instruments_parts.h"
#include "model/networks.h"
#include "networks/network_panel.h"

#include "assert_close.h"
#include "sanitized.h"

#include <SDL_keycode.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char moons[] = "landscape: {name: network, data: moons, points: 60, hidden: [6]}\n"
                            "dynamics: {name: sgd}\n"
                            "noise: {name: minibatch, batch_size: 8}\n"
                            "schedule: {name: cosine_restarts, lr: 0.5, lr_min: 0, period: 20}\n"
                            "ensemble: {particles: 24, steps: 200, seed: 3, start: {random: kaiming_uniform}}\n";

typedef struct rig {
    simulated_view view;
    kr_network_panel *panel;
} rig;

static void run_for(rig *r, uint64_t steps) {
    kr_error error;
    require(kr_simulation_run_steps(r->view.simulation, steps, &error), &error);
    view_run(&r->view, 0, false);
}

static rig *make(size_t count, const char *const *overrides) {
    rig *r = calloc(1, sizeof *r);
    const kr_registry *registry;
    kr_scene scene;
    kr_error error;
    require(kr_registry_find(NULL, &registry, &error), &error);
    require(kr_scene_parse(&scene, registry, "networks", NULL, moons, overrides, count, &error), &error);
    view_open(&r->view, scene, 900, 700);
    require(kr_network_panel_create(&r->panel, &error), &error);
    view_run(&r->view, 0, false);
    return r;
}

static void destroy(rig *r) {
    kr_network_panel_destroy(r->panel);
    view_close(&r->view);
    free(r);
}

static void draw(rig *r, kr_rectangle area, int32_t key) {
    kr_frame frame = view_begin(&r->view, r->view.snapshot);
    if (key) assert_int_equal(kr_network_panel_key(r->panel, &frame, key), kr_network_panel_applies(r->view.analysis));
    kr_network_panel_draw(r->panel, &frame, area);
    view_end(&r->view);
}

/* Positions in a snapshot are floats: numbers of one network from them agree to their precision. */
static void one_network(const rig *r, size_t p, double *x) {
    const kr_snapshot_variant *v = &r->view.snapshot->variant[0];
    for (size_t i = 0; i < v->dim; i++) x[i] = (double)v->position[i * v->count + p];
}

static void scores_are_means_over_single_networks(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    run_for(r, 50);
    const kr_snapshot_networks *networks = &r->view.snapshot->variant[0].networks;
    const kr_landscape *landscape = &r->view.analysis->model.landscape;
    const kr_data_sum *sum = kr_landscape_data(landscape);
    double x[64], loss, correct, mean[2] = {0}, squares = 0, accuracy = 0;
    uint32_t expected[KR_ACCURACY_BINS] = {0};
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
        /* In whole numbers of data: a bin has its lower end, the last one both. */
        size_t tested = sum->data(landscape, KR_DATA_TEST).count, right = (size_t)lround(correct * (double)tested);
        expected[right == tested ? KR_ACCURACY_BINS - 1 : right * KR_ACCURACY_BINS / tested]++;
    }
    assert_close(networks->mean[KR_TRAIN_LOSS], mean[0], 1e-5, 0);
    assert_close(networks->mean[KR_TEST_LOSS], mean[1], 1e-5, 0);
    assert_close(networks->mean[KR_TEST_ACCURACY], accuracy, 1e-12, 0);
    double half = 1.96 * sqrt((squares - mean[1] * mean[1]) / 23);
    assert_close(networks->interval[KR_TEST_LOSS].high - mean[1], half, 1e-3, 0);
    for (size_t k = 0; k < KR_ACCURACY_BINS; k++) assert_int_equal(networks->histogram[k], expected[k]);
    destroy(r);
}

/* Of a cell of the grid: the classes of the followed network and of the mean. */
static void regions_are_predictions(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    assert_true(kr_simulation_follow(r->view.simulation, 7));
    run_for(r, 60);
    const kr_snapshot_networks *networks = &r->view.snapshot->variant[0].networks;
    const kr_regions *g = &networks->regions;
    const kr_landscape *landscape = &r->view.analysis->model.landscape;
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
    kr_cycle_ensembles first = r->view.snapshot->variant[0].networks.cycles;
    assert_int_equal(first.count, 2);
    assert_int_equal(first.step[0], 20);
    assert_int_equal(first.step[1], 40);
    assert_int_equal(first.networks, 24);
    assert_close(first.together[0], first.alone[1], 1e-12, 0);
    assert_close(first.independent[0], first.alone[1], 1e-12, 0);
    run_for(r, 130);
    const kr_cycle_ensembles *last = &r->view.snapshot->variant[0].networks.cycles;
    assert_int_equal(last->count, KR_KEPT_CYCLES);
    assert_int_equal(last->step[KR_KEPT_CYCLES - 1], 180);
    assert_int_equal(last->step[0], 80);
    kr_cycle_ensembles all = *last;
    rig *slow = make(0, NULL);
    for (int i = 0; i < 60; i++) run_for(slow, 3);
    last = &slow->view.snapshot->variant[0].networks.cycles;
    for (size_t k = 0; k < KR_KEPT_CYCLES; k++) {
        assert_close(last->alone[k], all.alone[k], 0, 0);
        assert_close(last->together[k], all.together[k], 0, 0);
    }
    destroy(slow);
    assert_true(kr_simulation_intervene(r->view.simulation, "reset"));
    run_for(r, 25);
    assert_int_equal(r->view.snapshot->variant[0].networks.cycles.count, 1);
    assert_close(r->view.snapshot->variant[0].networks.cycles.alone[0], first.alone[0], 0, 0);
    destroy(r);
}

/* Of each network alone, from its positions at the ends of three cycles: the share of test data on which the mean of some
 * probabilities is largest at the label. */
static void ensembles_are_means_over_single_networks(void **state) {
    (void)state;
    enum { NETWORKS = 24, CYCLES = 3, TESTED = 256 };
    rig *r = make(1, (const char *[]){"landscape.noise=0.4"});
    static double probability[CYCLES][NETWORKS][TESTED][2];
    const kr_landscape *landscape = &r->view.analysis->model.landscape;
    const kr_data_sum *sum = kr_landscape_data(landscape);
    kr_data test = sum->data(landscape, KR_DATA_TEST);
    assert_true(test.count > 10 && test.count <= TESTED);
    for (size_t cycle = 0; cycle < CYCLES; cycle++) {
        run_for(r, 20);
        for (size_t p = 0; p < NETWORKS; p++) {
            double x[64];
            one_network(r, p, x);
            for (size_t m = 0; m < test.count; m++)
                sum->predict(landscape, 1, test.input + m * test.inputs, 1, x, probability[cycle][p][m]);
        }
    }
    const kr_cycle_ensembles *said = &r->view.snapshot->variant[0].networks.cycles;
    assert_int_equal(said->count, CYCLES);
    double unlike = 0;
    for (size_t members = 1; members <= CYCLES; members++) {
        double together = 0, independent = 0;
        for (size_t p = 0; p < NETWORKS; p++)
            for (size_t m = 0; m < test.count; m++) {
                double own = 0, other = 0;
                for (size_t k = 0; k < members; k++) {
                    double *newest = probability[CYCLES - 1][p / members * members + k][m],
                           *back = probability[CYCLES - 1 - k][p][m];
                    own += back[1] - back[0];
                    other += newest[1] - newest[0];
                }
                together += (own > 0) == (test.label[m] == 1);
                independent += (other > 0) == (test.label[m] == 1); /* each group of members once for each of them */
            }
        double all = (double)NETWORKS * (double)test.count;
        assert_close(said->together[members - 1], together / all, 1e-12, 0);
        assert_close(said->independent[members - 1], independent / all, 1e-12, 0);
        if (members > 1) unlike += fabs(said->together[members - 1] - said->together[0]);
    }
    assert_true(unlike > 0); /* ensembles say something else than single networks, or this shows nothing */
    assert_true(isnan(said->together[CYCLES]) && isnan(said->independent[CYCLES]));
    destroy(r);
}

/* A restart by hand inside of a cycle, and phases with schedules of their own that begin anew or go on: cycles end where the
 * learning rate falls to its lowest and jumps. */
static void cycles_follow_restarts_and_phases(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    run_for(r, 30);
    view_intervene(&r->view, "restart");
    run_for(r, 45);
    const kr_cycle_ensembles *cycles = &r->view.snapshot->variant[0].networks.cycles;
    static const uint64_t by_hand[] = {50, 70}; /* what was kept before is of other settings */
    assert_int_equal(cycles->count, 2);
    for (size_t k = 0; k < 2; k++) assert_int_equal(cycles->step[k], by_hand[k]);
    destroy(r);

    static const char *const phases[] = {"phases=[{name: one, steps: 30}, {name: two, steps: 60}]",
                                         "phases=[{name: one, steps: 30}, {name: two, steps: 60, schedule: {continue: true}}]"};
    static const uint64_t ends[2][4] = {{20, 50, 70, 90}, {20, 40, 60, 80}};
    for (size_t i = 0; i < 2; i++)
        for (uint64_t chunk = 1; chunk < 200; chunk = 5 * chunk + 2) { /* however many steps are done at once */
            r = make(1, &phases[i]);
            while (r->view.snapshot->step < 85)
                run_for(r, chunk < 85 - r->view.snapshot->step ? chunk : 85 - r->view.snapshot->step);
            cycles = &r->view.snapshot->variant[0].networks.cycles;
            assert_int_equal(cycles->count, i ? 4 : 3);
            for (size_t k = 0; k < cycles->count; k++) assert_int_equal(cycles->step[k], ends[i][k]);
            destroy(r);
        }
}

/* As many as time allows, and always some. */
static void large_data_have_fewer_networks(void **state) {
    (void)state;
    rig *r = make(1, (const char *[]){"landscape={name: network, data: digits, hidden: [8]}"});
    const kr_landscape *landscape = &r->view.analysis->model.landscape;
    size_t few = kr_networks_affordable(landscape, 1, 100000);
    assert_true(few >= 64 && few < 1000);
    assert_int_equal(kr_networks_affordable(landscape, 1e6, 100000), 16);
    assert_int_equal(kr_networks_affordable(landscape, 1e6, 3), 3);
    destroy(r);
}

static size_t pixels_of(const rig *r, uint32_t color) {
    size_t count = 0;
    for (int k = 0; k < r->view.canvas.width * r->view.canvas.height; k++)
        count += (r->view.canvas.pixel[k] & 0xffffff) == (color & 0xffffff);
    return count;
}

/* Of two inputs: data in the colours of their classes. Of images: the largest weight in the colour of its sign. */
static void what_there_is_is_drawn(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    run_for(r, 40);
    view_clear(&r->view);
    draw(r, (kr_rectangle){0, 0, 900, 700}, 0);
    for (size_t label = 0; label < 2; label++) assert_true(pixels_of(r, kr_class_color(&r->view.theme, label)) > 200);
    size_t one = view_colours(&r->view, (kr_rectangle){0, 0, 900, 700}, "regions");
    assert_true(one > 50); /* shades of how sure the network is */
    destroy(r);

    r = make(2, (const char *[]){"landscape={name: network, data: digits, hidden: [6]}", "ensemble.particles=3"});
    run_for(r, 2);
    view_clear(&r->view);
    draw(r, (kr_rectangle){0, 0, 900, 700}, 0);
    const kr_snapshot_networks *networks = &r->view.snapshot->variant[0].networks;
    double most = 0;
    for (size_t k = 0; k < 64 * 6; k++) most = fabs((double)networks->weight[k]) > fabs(most) ? (double)networks->weight[k] : most;
    /* One weight of 6 tiles of 8 x 8, and a pixel or so of the scale. */
    assert_true(pixels_of(r, r->view.theme.signed_map[most > 0 ? KR_MAP_COLORS - 1 : 0]) > 60);
    assert_true(pixels_of(r, r->view.theme.accent) > 20); /* strengths, and the bar of the image's class */
    destroy(r);
}

static uint64_t hash(const kr_canvas *canvas) {
    uint64_t value = 1469598103934665603u;
    for (int i = 0; i < canvas->width * canvas->height; i++) value = (value ^ canvas->pixel[i]) * 1099511628211u;
    return value;
}

/* [ and ] go around the test data, and another image is another picture. */
static void brackets_choose_the_image(void **state) {
    (void)state;
    rig *r = make(2, (const char *[]){"landscape={name: network, data: digits, hidden: [6]}", "ensemble.particles=3"});
    static const int32_t keys[] = {SDLK_RIGHTBRACKET, SDLK_RIGHTBRACKET, SDLK_LEFTBRACKET,
                                   SDLK_LEFTBRACKET,  SDLK_LEFTBRACKET,  SDLK_RIGHTBRACKET};
    static const size_t image[] = {1, 2, 1, 0, 359, 0};
    const kr_rectangle area = {0, 0, 900, 700};
    run_for(r, 2);
    draw(r, area, 0);
    uint64_t first = hash(&r->view.canvas), before = first;
    assert_int_equal(r->panel->image, 0);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        draw(r, area, keys[k]);
        assert_int_equal(r->panel->image, image[k]);
        uint64_t now = hash(&r->view.canvas);
        assert_true(now != before);
        before = now;
    }
    assert_true(before == first);
    destroy(r);
}

/* Bars are as high as there are networks in their bins. */
static void the_histogram_is_drawn_to_scale(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    run_for(r, 10);
    static kr_snapshot snapshot;
    kr_instruments *instruments;
    kr_error error;
    require(kr_instruments_create(&instruments, &error), &error);
    snapshot = *r->view.snapshot;
    kr_snapshot_networks *networks = &snapshot.variant[0].networks;
    memset(networks->histogram, 0, sizeof networks->histogram);
    networks->histogram[32] = 20;
    networks->histogram[41] = 5;
    networks->mean[KR_TEST_ACCURACY] = 0.75; /* beside the bars */
    view_clear(&r->view);
    kr_frame frame = view_begin(&r->view, &snapshot);
    kr_histogram_instrument.draw(instruments, &frame, (kr_rectangle){20, 20, 800, 500});
    view_end(&r->view);
    size_t bars = 0, height[900] = {0}, found[8];
    for (int x = 0; x < 900; x++) {
        for (int y = 0; y < 700; y++)
            height[x] += (r->view.canvas.pixel[y * 900 + x] & 0xffffff) == (r->view.theme.kinetic & 0xffffff);
        if (height[x] && (!x || !height[x - 1]) && bars < 8) found[bars++] = (size_t)x;
    }
    assert_int_equal(bars, 2);
    double first = (double)height[found[0] + 3], second = (double)height[found[1] + 3];
    assert_true(first > 200);
    assert_close(second / first, 0.25, 0, 0.01);
    kr_instruments_destroy(instruments);
    destroy(r);
}

/* Against the best of all numbers of columns, as fast as a thousand million units need. */
static void tiles_are_as_large_as_they_can_be(void **state) {
    (void)state;
    srand(5);
    for (int i = 0; i < 3000; i++) {
        kr_tiles tiles = {.area_width = rand() % 1500,
                          .area_height = rand() % 900,
                          .gap = rand() % 12,
                          .below = rand() % 20,
                          .aspect = (1 + rand() % 30) / (1.0 + rand() % 10),
                          .least = 30,
                          .widest = 220};
        size_t units = 1 + (size_t)rand() % 400, shown = units;
        double best = 0;
        for (; shown > 0; shown--) {
            best = -INFINITY;
            for (size_t across = 1; across <= shown; across++)
                best = fmax(best, fmin(kr_tile_width(&tiles, across), kr_tile_height(&tiles, shown, across) * tiles.aspect));
            double width = floor(fmin(best, 220 * fmax(1, tiles.aspect)));
            if (width >= 30 && floor(width / tiles.aspect) >= 4) break;
            if (shown == 1) {
                if (width < 8) shown = 0;
                break;
            }
        }
        size_t said = kr_tiles_arrange(&tiles, units);
        assert_int_equal(said, shown);
        if (!shown) continue;
        assert_close(tiles.width, floor(fmin(best, 220 * fmax(1, tiles.aspect))), 0, 0);
        assert_true(tiles.columns >= 1 && tiles.columns <= shown);
        double side = fmin(kr_tile_width(&tiles, tiles.columns), kr_tile_height(&tiles, shown, tiles.columns) * tiles.aspect);
        assert_close(side, best, 1e-12, 1e-9);
    }
    kr_tiles many = {.area_width = 800, .area_height = 600, .gap = 8, .below = 16, .aspect = 1, .least = 30, .widest = 220};
    assert_true(kr_tiles_arrange(&many, (size_t)1 << 40) > 100);
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
            view_clear(&r->view);
            if (a < 2) run_for(r, 3);
            kr_theme_make(&r->view.theme, a % 2 == 0, a == 0 ? 1.5 : 1);
            draw(r, areas[a], a ? SDLK_y : 0);
            size_t colours = view_colours(&r->view, areas[a], data[k][0]);
            if (a < 2 && kr_network_panel_applies(r->view.analysis)) assert_true(colours > 20);
        }
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
    assert_int_equal(r->view.snapshot->phases.count, 2);
    assert_string_equal(r->view.snapshot->phases.now.name, "dense");
    assert_int_equal(r->view.snapshot->phases.phase[1].begin, 30);
    assert_true(kr_simulation_intervene(r->view.simulation, "prune fraction=0.5 by=magnitude"));
    assert_true(kr_simulation_intervene(r->view.simulation, "rewind phase=dense step=0"));
    run_for(r, 5);
    double pruned = r->view.snapshot->variant[0].pruned;
    assert_true(pruned > 0.3 && pruned < 0.5); /* biases stay */
    assert_true(kr_simulation_intervene(r->view.simulation, "phase ticket"));
    run_for(r, 15);
    assert_string_equal(r->view.snapshot->phases.now.name, "ticket");
    assert_int_equal(r->view.snapshot->phases.now.begin, 25);
    double loss = r->view.snapshot->variant[0].networks.mean[KR_TRAIN_LOSS];
    remove(file);
    assert_true(kr_simulation_save(r->view.simulation, file));
    run_for(r, 0);
    kr_simulation *again;
    kr_simulation_options options = {.threads = 2, .synchronous = true, .replay = file};
    require(kr_simulation_create(&again, &r->view.scene, &options, &error), &error);
    require(kr_simulation_run_steps(again, 1000, &error), &error);
    const kr_snapshot *replayed = kr_simulation_snapshot(again);
    if (!strstr(replayed->message, "equals the recorded one")) fail_msg("%s", replayed->message);
    assert_close(replayed->variant[0].networks.mean[KR_TRAIN_LOSS], loss, 0, 0);
    kr_simulation_destroy(again);
    remove(file);
    destroy(r);
}

/* A step of a lesson with other phases, and undo. */
static void other_phases_can_be_undone(void **state) {
    (void)state;
    rig *r = make(1, (const char *[]){"phases=[{name: dense, steps: 30}, {name: ticket, steps: 170}]"});
    char text[sizeof moons + 100];
    snprintf(text, sizeof text, "scene\n%sphases: [{name: alone, steps: 200}]\n", moons);
    run_for(r, 40);
    view_intervene(&r->view, text);
    assert_int_equal(r->view.snapshot->step, 0);
    assert_int_equal(r->view.snapshot->phases.count, 1);
    assert_string_equal(r->view.snapshot->phases.now.name, "alone");
    run_for(r, 10);
    view_intervene(&r->view, "undo");
    assert_int_equal(r->view.snapshot->phases.count, 2);
    run_for(r, 40);
    assert_string_equal(r->view.snapshot->phases.now.name, "ticket");
    assert_int_equal(r->view.snapshot->phases.now.begin, 30);
    destroy(r);
}

/* Another number of hidden units sets everything up again, and the panel goes with it. */
static void other_hidden_units_begin_anew(void **state) {
    (void)state;
    rig *r = make(0, NULL);
    run_for(r, 30);
    draw(r, (kr_rectangle){0, 0, 900, 700}, 0);
    assert_true(kr_simulation_intervene(r->view.simulation, "set landscape.hidden=[4, 4]"));
    run_for(r, 0);
    const kr_snapshot_networks *networks = &r->view.snapshot->variant[0].networks;
    assert_int_equal(r->view.snapshot->step, 0);
    assert_int_equal(networks->dim, 2 * 4 + 4 + 4 * 4 + 4 + 4 * 2 + 2);
    assert_int_equal(networks->cycles.count, 0);
    draw(r, (kr_rectangle){0, 0, 900, 700}, 0);
    assert_true(kr_simulation_intervene(r->view.simulation, "set landscape.name=harmonic"));
    run_for(r, 0);
    draw(r, (kr_rectangle){0, 0, 900, 700}, 0);
    destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_means_over_single_networks),
        cmocka_unit_test(regions_are_predictions),
        cmocka_unit_test(cycles_are_kept_where_they_end),
        cmocka_unit_test(ensembles_are_means_over_single_networks),
        cmocka_unit_test(cycles_follow_restarts_and_phases),
        cmocka_unit_test(large_data_have_fewer_networks),
        cmocka_unit_test(what_there_is_is_drawn),
        cmocka_unit_test(brackets_choose_the_image),
        cmocka_unit_test(the_histogram_is_drawn_to_scale),
        cmocka_unit_test(tiles_are_as_large_as_they_can_be),
        cmocka_unit_test(the_panel_stays_inside_its_area),
        cmocka_unit_test(phases_are_seen_and_replayed),
        cmocka_unit_test(other_phases_can_be_undone),
        cmocka_unit_test(other_hidden_units_begin_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
