/* The landscape panel: camera, density, contours, mouse, and every shipped scene in all kinds of areas.
 * KRAMERS_WRITE_PICTURES=FOLDER writes what was drawn. */
#include "assert_close.h"
#include "landscape_panel_rig.h"
#include "sanitized.h"

#include "landscape/landscape_panel.h"

static void camera_goes_there_and_back(void **state) {
    (void)state;
    kr_camera camera;
    kr_box box = {-3, 5, 10, 14};
    kr_camera_fit(&camera, (kr_rectangle){20, 30, 800, 600}, box, true);
    for (int k = 0; k < 50; k++) {
        kr_point pixel = {20 + 16.3 * k, 30 + 11.7 * k}, world = kr_camera_world(&camera, pixel);
        kr_point back = kr_camera_pixel(&camera, world.x, world.y);
        assert_close(back.x, pixel.x, 0, 1e-9);
        assert_close(back.y, pixel.y, 0, 1e-9);
    }
    kr_point corner = kr_camera_pixel(&camera, box.low_x, box.high_y), other = kr_camera_pixel(&camera, box.high_x, box.low_y);
    assert_close(corner.x, 20, 0, 1e-9);
    assert_close(other.x, 820, 0, 1e-9);
    assert_true(corner.y >= 30 && other.y <= 630 && other.y > corner.y);
    assert_close(camera.per_x, camera.per_y, 0, 1e-15);
}

static void camera_zooms_about_the_mouse_and_pans_with_it(void **state) {
    (void)state;
    kr_camera camera;
    kr_camera_fit(&camera, (kr_rectangle){0, 0, 640, 480}, (kr_box){0, 4, 0, 3}, true);
    kr_point mouse = {123, 321}, before = kr_camera_world(&camera, mouse);
    kr_camera_zoom(&camera, mouse, 3, 2);
    kr_point after = kr_camera_world(&camera, mouse);
    assert_close(after.x, before.x, 0, 1e-12);
    assert_close(after.y, before.y, 0, 1e-12);
    kr_camera_pan(&camera, 17, -5);
    kr_point moved = kr_camera_pixel(&camera, before.x, before.y);
    assert_close(moved.x, mouse.x + 17, 0, 1e-9);
    assert_close(moved.y, mouse.y - 5, 0, 1e-9);
    for (int k = 0; k < 2000; k++) kr_camera_zoom(&camera, mouse, k < 1000 ? 1.2 : 1 / 1.2, 1.2);
    assert_true(isfinite(camera.x) && isfinite(camera.y) && camera.per_x > 0 && camera.per_y > 0);
}

static void camera_fits_points_and_threads(void **state) {
    (void)state;
    kr_camera camera;
    kr_rectangle area = {0, 0, 500, 400};
    kr_camera_fit(&camera, area, kr_empty_box, true);
    assert_true(camera.per_x > 0);
    kr_camera_fit(&camera, area, (kr_box){2, 2, 3, 3}, true);
    assert_true(camera.per_x > 0 && camera.per_y > 0 && camera.x == 2 && camera.y == 3);
    kr_camera_fit(&camera, area, (kr_box){0, 100, 0, 1}, true); /* a thread is stretched */
    assert_true(camera.per_x > 50 * camera.per_y);
}

static kr_snapshot_variant cloud(size_t dim, size_t count, unsigned seed) {
    kr_snapshot_variant ensemble = {.dim = dim, .count = count, .particles = count};
    ensemble.position = malloc(dim * count * sizeof(float));
    uint64_t s = seed;
    for (size_t i = 0; i < dim * count; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        ensemble.position[i] = (float)((double)(s >> 11) / 9007199254740992.0 * 4 - 2);
    }
    return ensemble;
}

static void density_counts_every_visible_particle(void **state) {
    (void)state;
    kr_error error;
    for (int cell = 1; cell <= 5; cell++) {
        kr_camera camera;
        kr_plane plane = {.dim = 0};
        kr_density density = {.cell = 0};
        kr_snapshot_variant ensemble = cloud(3, 100003, 7);
        ensemble.position[5] = NAN;
        ensemble.position[100003 + 6] = INFINITY;
        kr_camera_fit(&camera, (kr_rectangle){3, 4, 307, 211}, (kr_box){-1, 1, -0.7, 0.6}, true);
        rig_check(kr_plane_place(&plane, 3, (double[]){0, 0, 0}, 2, 1, &error), &error);
        rig_check(kr_density_count(&density, &camera, &plane, &ensemble, cell, &error), &error);
        uint64_t sum = 0, near = 0, sure = 0;
        for (int k = 0; k < density.columns * density.rows; k++) sum += density.count[k];
        for (size_t p = 0; p < ensemble.count; p++) {
            kr_point at = kr_camera_pixel(&camera, (double)ensemble.position[2 * ensemble.count + p],
                                          (double)ensemble.position[ensemble.count + p]);
            double x = at.x - 3, y = at.y - 4, hair = 1e-3; /* positions are floats */
            near += x >= -hair && x < 307 + hair && y >= -hair && y < 211 + hair;
            sure += x >= hair && x < 307 - hair && y >= hair && y < 211 - hair;
        }
        assert_int_equal(sum, density.visible);
        assert_true(sum >= sure && sum <= near && sure > 10000);
        free(ensemble.position);
        kr_density_destroy(&density);
        kr_plane_destroy(&plane);
    }
}

/* The particle is where the dots are, not beside them. */
static void density_is_painted_where_the_particles_are(void **state) {
    (void)state;
    kr_error error;
    kr_camera camera;
    kr_canvas canvas;
    kr_plane plane = {.dim = 0};
    kr_density density = {.cell = 0};
    kr_theme theme;
    float position[2] = {0.5F, 0.25F};
    kr_snapshot_variant ensemble = {.dim = 2, .count = 1, .particles = 1, .position = position};
    kr_theme_make(&theme, true, 1);
    rig_check(kr_canvas_create(&canvas, 200, 100, &error), &error);
    kr_canvas_fill(&canvas, (kr_rectangle){0, 0, 200, 100}, 0xff000000);
    kr_camera_fit(&camera, (kr_rectangle){10, 10, 160, 80}, (kr_box){-1, 1, -0.5, 0.5}, true);
    rig_check(kr_plane_place(&plane, 2, NULL, 0, 1, &error), &error);
    rig_check(kr_density_count(&density, &camera, &plane, &ensemble, 2, &error), &error);
    kr_density_paint(&density, &canvas, &camera, theme.density_map);
    double x = 0, y = 0, weight = 0;
    for (int k = 0; k < 200 * 100; k++) {
        double brightness = (double)((canvas.pixel[k] & 255) + (canvas.pixel[k] >> 8 & 255) + (canvas.pixel[k] >> 16 & 255));
        x += brightness * (k % 200 + 0.5);
        y += brightness * (k / 200 + 0.5);
        weight += brightness;
    }
    kr_point expected = kr_camera_pixel(&camera, 0.5, 0.25);
    assert_true(weight > 0);
    assert_close(x / weight, expected.x, 0, 1.1);
    assert_close(y / weight, expected.y, 0, 1.1);
    kr_density_destroy(&density);
    kr_plane_destroy(&plane);
    kr_canvas_destroy(&canvas);
}

static void contours_have_round_levels(void **state) {
    (void)state;
    assert_close(kr_round_step(10, 10), 1, 0, 1e-12);
    assert_close(kr_round_step(17, 16), 2, 0, 1e-12);
    assert_close(kr_round_step(0.0031, 16), 2e-4, 0, 1e-12);
    assert_close(kr_round_step(4.1e7, 10), 5e6, 0, 1e-3);
    assert_true(kr_round_step(0, 10) > 0 && kr_round_step(NAN, 10) > 0);
}

/* A plane V = x: lines stand where V is a multiple of the step, and nowhere else. */
static void contour_lines_stand_at_their_levels(void **state) {
    (void)state;
    enum { WIDTH = 400, HEIGHT = 20 };
    float value[WIDTH * HEIGHT];
    uint32_t pixel[WIDTH * HEIGHT], palette[KR_MAP_COLORS];
    kr_tone tone = {.low = -3.3, .high = 500, .step = 25};
    for (int k = 0; k < KR_MAP_COLORS; k++) palette[k] = 0xff808080;
    for (int k = 0; k < WIDTH * HEIGHT; k++) value[k] = (float)(k % WIDTH + 0.4 - tone.low);
    kr_layer layer = {.spacing = 1, .width = WIDTH, .height = HEIGHT, .value = value, .pixel = pixel};
    kr_map_shade(&layer, &tone, palette, 0, 0, HEIGHT);
    for (int x = 2; x < WIDTH - 2; x++) {
        double v = x + 0.4, off = fabs(v - 25 * round(v / 25));
        uint32_t here = pixel[10 * WIDTH + x];
        if (off < 0.15) assert_int_not_equal(here, 0xff808080);
        if (off > 1) assert_int_equal(here, 0xff808080);
    }
}

static void principal_directions_are_those_of_the_ensemble(void **state) {
    (void)state;
    kr_error error;
    kr_plane plane = {.dim = 0};
    kr_snapshot_variant ensemble = cloud(5, 4096, 3);
    /* Along (0, 3, 0, 4, 0) / 5 five times as wide, along (1, 0, 1, 0, 0) / sqrt 2 three times. */
    for (size_t p = 0; p < ensemble.count; p++) {
        float *x = ensemble.position, a = x[p], b = x[ensemble.count + p];
        x[p] = 2.1F * b + 0.1F * x[4 * ensemble.count + p];
        x[2 * ensemble.count + p] = 2.1F * b + 7;
        x[ensemble.count + p] = 3 * a;
        x[3 * ensemble.count + p] = 4 * a + 0.1F * x[3 * ensemble.count + p];
    }
    rig_check(kr_plane_place(&plane, 5, NULL, 0, 1, &error), &error);
    assert_true(kr_plane_principal(&plane, &ensemble));
    assert_close(plane.along_x[1], 0.6, 0, 0.01);
    assert_close(plane.along_x[3], 0.8, 0, 0.01);
    assert_close(plane.along_y[0], sqrt(0.5), 0, 0.02);
    assert_close(plane.along_y[2], sqrt(0.5), 0, 0.02);
    assert_true(plane.share[0] > plane.share[1] && plane.share[0] + plane.share[1] > 0.9);
    /* What is lifted from the plane lies on it. */
    double lifted[5], x = 1.25, y = -0.5;
    kr_plane_lift(&plane, 1, &x, &y, lifted);
    kr_point back = kr_plane_point(&plane, lifted);
    assert_close(back.x, x, 0, 1e-9);
    assert_close(back.y, y, 0, 1e-9);
    kr_projected out;
    kr_plane_project(&plane, &ensemble, 100, 3, &out);
    double position[5];
    for (size_t i = 0; i < 5; i++) position[i] = (double)ensemble.position[i * ensemble.count + 101];
    assert_close(kr_plane_point(&plane, position).x, (double)out.x[1], 0, 1e-4);
    free(ensemble.position);
    kr_plane_destroy(&plane);
}

/* More coordinates than a covariance is made of: the same directions from the products of the particles. */
static void principal_directions_of_many_coordinates(void **state) {
    (void)state;
    enum { DIM = 610, PARTICLES = 120 };
    kr_error error;
    kr_plane plane = {.dim = 0};
    kr_snapshot_variant ensemble = cloud(DIM, PARTICLES, 5);
    for (size_t i = 0; i < DIM; i++)
        for (size_t p = 0; p < PARTICLES; p++) {
            float *x = &ensemble.position[i * PARTICLES + p];
            *x = i == 17 ? 40 * *x : i == 400 ? 20 * *x : 0.1F * *x + (float)(i % 3);
        }
    ensemble.position[3] = NAN; /* of a particle that is left out */
    rig_check(kr_plane_place(&plane, DIM, NULL, 0, 1, &error), &error);
    assert_true(kr_plane_principal(&plane, &ensemble));
    assert_close(fabs(plane.along_x[17]), 1, 0, 0.01);
    assert_close(fabs(plane.along_y[400]), 1, 0, 0.01);
    double length = 0, product = 0;
    for (size_t i = 0; i < DIM; i++) {
        length += plane.along_x[i] * plane.along_x[i];
        product += plane.along_x[i] * plane.along_y[i];
    }
    assert_close(length, 1, 0, 1e-9);
    assert_close(product, 0, 0, 1e-9);
    assert_true(plane.share[0] > plane.share[1] && plane.share[0] + plane.share[1] > 0.98);
    assert_close(plane.origin[2], 2, 0, 0.05);
    kr_projected out;
    double position[DIM];
    kr_plane_project(&plane, &ensemble, 60, 3, &out);
    for (size_t i = 0; i < DIM; i++) position[i] = (double)ensemble.position[i * PARTICLES + 61];
    assert_close(kr_plane_point(&plane, position).x, (double)out.x[1], 0, 1e-3);
    free(ensemble.position);
    kr_plane_destroy(&plane);
}

static void a_click_becomes_a_drop(void **state) {
    (void)state;
    kr_error error;
    kr_plane plane = {.dim = 0};
    kr_camera camera;
    char text[256];
    kr_camera_fit(&camera, (kr_rectangle){0, 0, 400, 400}, (kr_box){-2, 2, -2, 2}, true);
    rig_check(kr_plane_place(&plane, 2, NULL, 0, 1, &error), &error);
    assert_true(kr_landscape_drop_text(&camera, &plane, 2, (kr_point){300, 150}, text, sizeof text));
    assert_string_equal(text, "drop 1 0.5");
    rig_check(kr_plane_place(&plane, 1, NULL, 0, 0, &error), &error);
    assert_true(kr_landscape_drop_text(&camera, &plane, 1, (kr_point){75, 10}, text, sizeof text));
    assert_string_equal(text, "drop -1.25");
    rig_check(kr_plane_place(&plane, 3, (double[]){0.1, -7.5, 1e-3}, 2, 0, &error), &error);
    assert_true(kr_landscape_drop_text(&camera, &plane, 3, (kr_point){300, 150}, text, sizeof text));
    assert_string_equal(text, "drop 0.5 -7.5 1");
    assert_false(kr_landscape_drop_text(&camera, &plane, 3, (kr_point){300, 150}, text, 8));
    kr_plane_destroy(&plane);
}

static void control_points_keep_their_order(void **state) {
    (void)state;
    kr_control_points control = {.count = 4, .held = 1, .scale = 1, .x = {-1, 0, 1, 2}, .energy = {1, 0, 0.5, 3}};
    kr_control_points_move(&control, 5, -0.25);
    assert_true(control.changed && control.x[1] > 0.9 && control.x[1] < 1 && control.energy[1] == -0.25);
    assert_false(kr_control_points_remove(&control, 1)); /* four are the least */
    assert_true(kr_control_points_add(&control, 1.5, 9));
    assert_true(control.count == 5 && control.x[3] == 1.5 && control.energy[3] == 9 && control.energy[4] == 3);
    assert_false(kr_control_points_add(&control, 1.5, 9));
    assert_true(kr_control_points_remove(&control, 1));
    kr_setting setting[2];
    static const double x[] = {-1, 1, 1.5, 2}, energy[] = {1, 0.5, 9, 3};
    control.x[1] = 1 - 1e-9; /* seven digits are sent */
    kr_control_points_settings(&control, setting);
    assert_string_equal(setting[0].key, "landscape.x");
    assert_string_equal(setting[1].key, "landscape.energy");
    assert_true(setting[0].value.list.count == 4 && setting[1].value.list.count == 4);
    assert_memory_equal(setting[0].value.list.value, x, sizeof x);
    assert_memory_equal(setting[1].value.list.value, energy, sizeof energy);
}

/* What the legend says of the density; the numbers are tested where they are made. */
static void stationary_density_is_named(void **state) {
    (void)state;
    static const struct {
        const char *scene, *override, *what;
    } cases[] = {
        {"double_well", "escape.until=[]", "Boltzmann, T = 0.2"},
        {"double_well", NULL, "T = 0.2, who arrives starts again"},
        {"double_well", "escape.renewal=false", "T = 0.2, of those not yet arrived"},
        {"curvature_noise", "escape.until=[]", "stationary density, noise of each place (Itô)"},
        {"curvature_noise", "noise.epsilon=0", "no unique stationary density: no noise at x = "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rig r;
        kr_error error;
        kr_stationary stationary = {.known = false};
        rig_open(&r, cases[i].scene, (const char *const[]){cases[i].override, NULL}, 64, 64, true, 1);
        rig_check(kr_stationary_update(&stationary, &r.analysis, 0, 0.05, (kr_interval){-2, 2}, &error), &error);
        assert_int_equal(strncmp(stationary.what, cases[i].what, strlen(cases[i].what)), 0);
        assert_true(stationary.known == (i < 4));
        kr_stationary_destroy(&stationary);
        rig_close(&r);
    }
}

static void the_nearest_particle_is_found(void **state) {
    (void)state;
    rig r;
    rig_open(&r, "muller_brown", NULL, 500, 400, true, 1);
    rig_advance(&r, 300);
    rig_draw(&r, (kr_rectangle){0, 0, 500, 400}, NULL);
    const kr_snapshot_variant *ensemble = &r.snapshot.variant[0];
    for (size_t p = 0; p < ensemble->count; p += 511) {
        kr_point at =
            kr_camera_pixel(&r.panel->camera, (double)ensemble->position[p], (double)ensemble->position[ensemble->count + p]);
        assert_int_equal(kr_landscape_nearest(r.panel, &r.analysis, ensemble, &r.panel->camera, at, 3), p);
    }
    assert_true(kr_landscape_nearest(r.panel, &r.analysis, ensemble, &r.panel->camera, (kr_point){-5000, -5000}, 3) == UINT64_MAX);
    rig_close(&r);
}

static void parts_have_one_size_and_do_not_overlap(void **state) {
    (void)state;
    for (size_t count = 1; count <= 4; count++) {
        kr_rectangle part[4], area = {10, 20, 641, 403};
        kr_landscape_split(area, count, 4, part);
        for (size_t a = 0; a < count; a++) {
            assert_true(part[a].width == part[0].width && part[a].height == part[0].height && part[a].x >= 10 && part[a].y >= 20);
            assert_true(part[a].x + part[a].width <= 651 && part[a].y + part[a].height <= 423);
            for (size_t b = 0; b < a; b++)
                assert_true(part[b].x + part[b].width <= part[a].x || part[b].y + part[b].height <= part[a].y ||
                            part[a].x + part[a].width <= part[b].x);
        }
    }
}

static void write_picture(const rig *r, const char *scene, const char *kind) {
    const char *folder = getenv("KRAMERS_WRITE_PICTURES");
    char file[512];
    kr_error error;
    if (!folder) return;
    snprintf(file, sizeof file, "%s/%s_%s.png", folder, scene, kind);
    rig_check(kr_canvas_write_png(&r->canvas, file, true, &error), &error);
}

/* Pixels outside the area must stay as they were. */
static void draw_within(rig *r, kr_rectangle area) {
    const uint32_t untouched = 0xff123456;
    for (int k = 0; k < r->canvas.width * r->canvas.height; k++) r->canvas.pixel[k] = untouched;
    rig_draw(r, area, NULL);
    for (int y = 0; y < r->canvas.height; y++)
        for (int x = 0; x < r->canvas.width; x++) {
            bool in = x >= floor(area.x) && x < ceil(area.x + area.width) && y >= floor(area.y) && y < ceil(area.y + area.height);
            if (!in && r->canvas.pixel[y * r->canvas.width + x] != untouched) fail_msg("pixel %d, %d was drawn on", x, y);
        }
}

static void every_scene_in_every_area(void **state) {
    (void)state;
    static const char *const few[] = {"ensemble.particles=200", NULL};
    static const kr_rectangle area[] = {{5, 5, 630, 450},     {0, 0, 640, 480},    {3.5, 2.25, 90.5, 60.7}, {10, 10, 600, 30},
                                        {20, 5, 25, 460},     {1, 1, 9, 9},        {300, 200, 0, 0},        {300, 200, -5, 10},
                                        {100, 100, 150, 121}, {-20, -30, 300, 200}};
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name; scene++) {
        if (SANITIZED && strstr(scene->text, "name: network")) continue; /* minutes of passes over data */
        rig r;
        rig_open(&r, scene->name, few, 640, 480, true, 1);
        for (int k = 0; k < 3; k++) {
            rig_advance(&r, 20);
            draw_within(&r, area[0]);
        }
        write_picture(&r, scene->name, "small_dark");
        kr_theme_make(&r.theme, false, 1.5);
        for (size_t k = 0; k < sizeof area / sizeof *area; k++) draw_within(&r, area[k]);
        r.frame.still = false;
        draw_within(&r, area[0]);
        r.panel->look = KR_LOOK_DENSITY;
        draw_within(&r, area[0]);
        write_picture(&r, scene->name, "small_light");
        rig_close(&r);
    }
}

static void broken_snapshots_are_drawn(void **state) {
    (void)state;
    static const char *const scenes[] = {"double_well", "muller_brown", "styblinski_tang"};
    static const kr_rectangle area = {0, 0, 640, 480};
    for (size_t k = 0; k < 3; k++) {
        rig r;
        rig_open(&r, scenes[k], NULL, 640, 480, true, 1);
        rig_draw(&r, area, NULL);
        kr_snapshot_variant *variant = &r.snapshot.variant[0];
        size_t numbers = variant->dim * variant->count;
        for (size_t i = 0; i < numbers; i += 3) variant->position[i] = i % 2 ? NAN : INFINITY;
        r.snapshot.number++;
        r.panel->followed = (kr_followed){.particle = 0, .number = UINT64_MAX};
        rig_draw(&r, area, NULL);
        for (size_t i = 0; i < numbers; i++) variant->position[i] = NAN;
        variant->potential = NAN;
        r.snapshot.number++;
        rig_draw(&r, area, NULL);
        for (size_t i = 0; i < numbers; i++) variant->position[i] = 1e30F;
        r.snapshot.number++;
        rig_draw(&r, area, NULL);
        size_t count = variant->count;
        variant->count = 0;
        r.snapshot.number++;
        rig_draw(&r, area, NULL);
        variant->count = count;
        r.snapshot.variants = 0;
        rig_draw(&r, area, NULL);
        r.frame.snapshot = NULL;
        rig_draw(&r, area, NULL);
        r.frame.snapshot = &r.snapshot;
        kr_critical_points_destroy(&r.analysis.critical);
        r.analysis.version++;
        rig_draw(&r, area, NULL);
        kr_analysis none = {.version = 0};
        r.frame.analysis = &none;
        rig_draw(&r, area, NULL);
        r.frame.analysis = NULL;
        rig_draw(&r, area, NULL);
        rig_close(&r);
    }
}

/* All keys and mouse actions, without a simulation behind. */
static void mouse_and_keys_do_what_they_say(void **state) {
    (void)state;
    static const char *const scenes[] = {"double_well", "muller_brown", "styblinski_tang"};
    static const kr_rectangle area = {0, 0, 640, 480};
    for (size_t k = 0; k < 3; k++) {
        rig r;
        rig_open(&r, scenes[k], NULL, 640, 480, true, 1);
        rig_advance(&r, 100);
        rig_draw(&r, area, NULL);
        kr_camera home = r.panel->camera;
        kr_input input = {.mouse = {300, 220}, .inside = true, .wheel = 2};
        kr_point before = kr_camera_world(&home, input.mouse);
        rig_draw(&r, area, &input);
        kr_point after = kr_camera_world(&r.panel->camera, input.mouse);
        assert_true(r.panel->moved && r.panel->camera.per_x < home.per_x);
        assert_close(after.x, before.x, 0, 1e-9);
        input.wheel = 0;
        input.pressed = input.down = true;
        rig_draw(&r, area, &input);
        input.pressed = false;
        input.mouse = (kr_point){360, 240};
        kr_camera still = r.panel->camera;
        rig_draw(&r, area, &input);
        assert_close(r.panel->camera.x, still.x - 60 * still.per_x, 0, 1e-9);
        assert_close(r.panel->camera.y, still.y + 20 * still.per_y, 0, 1e-9);
        input.down = false;
        input.released = true;
        rig_draw(&r, area, &input);
        assert_int_equal(r.panel->gesture, KR_GESTURE_NONE);
        assert_true(kr_landscape_panel_key(r.panel, &r.frame, 'r'));
        rig_draw(&r, area, NULL);
        assert_false(r.panel->moved);
        assert_close(r.panel->camera.x, home.x, 0, 0.2 * 640 * home.per_x);
        r.widgets.input.inside = true;
        r.widgets.input.mouse = (kr_point){320, 200};
        assert_true(kr_landscape_panel_key(r.panel, &r.frame, 'x'));
        assert_true(r.panel->followed.particle < r.snapshot.variant[0].count);
        rig_draw(&r, area, NULL);
        int length = r.panel->trail_length;
        assert_true(kr_landscape_panel_key(r.panel, &r.frame, 'i') && r.panel->trail_length == length + 1);
        assert_true(kr_landscape_panel_key(r.panel, &r.frame, 'o') && r.panel->trail_length == length);
        assert_int_equal(kr_landscape_panel_key(r.panel, &r.frame, 'j'), r.panel->dim > 2);
        assert_int_equal(kr_landscape_panel_key(r.panel, &r.frame, 'p'), r.panel->dim > 2);
        rig_draw(&r, area, NULL);
        assert_int_equal(r.panel->plane.principal, r.panel->dim > 2);
        assert_false(kr_landscape_panel_key(r.panel, &r.frame, 'z'));
        rig_close(&r);
    }
}

/* The real simulation behind the panel, led step by step. */
static void attach_simulation(rig *r) {
    kr_error error;
    kr_simulation_options options = {.threads = 1, .synchronous = true};
    rig_check(kr_simulation_create(&r->frame.simulation, &r->analysis.scene, &options, &error), &error);
    rig_check(kr_simulation_run_steps(r->frame.simulation, 5, &error), &error);
    r->frame.snapshot = kr_simulation_snapshot(r->frame.simulation);
}

static void take_over(rig *r) {
    kr_error error;
    rig_check(kr_simulation_run_steps(r->frame.simulation, 1, &error), &error);
    r->frame.snapshot = kr_simulation_snapshot(r->frame.simulation);
    assert_string_equal(r->frame.snapshot->message, "");
    if (r->frame.snapshot->version == r->analysis.version) return;
    rig_forget(r);
    rig_check(kr_scene_copy(&r->analysis.scene, &r->frame.snapshot->scene, &error), &error);
    rig_learn(r, r->frame.snapshot->version);
}

static void press_and_release(rig *r, kr_input input) {
    static const kr_rectangle area = {0, 0, 640, 480};
    input.inside = input.pressed = input.down = true;
    rig_draw(r, area, &input);
    input.pressed = input.down = false;
    input.released = true;
    rig_draw(r, area, &input);
}

static void a_click_drops_the_ensemble_there(void **state) {
    (void)state;
    static const char *const scenes[] = {"double_well", "muller_brown", "styblinski_tang"};
    for (size_t k = 0; k < 3; k++) {
        rig r;
        rig_open(&r, scenes[k], NULL, 640, 480, true, 1);
        attach_simulation(&r);
        rig_draw(&r, (kr_rectangle){0, 0, 640, 480}, NULL);
        kr_point pixel = {280, 210}, at = kr_camera_world(&r.panel->camera, pixel);
        uint64_t generation = r.frame.snapshot->generation;
        double before = r.panel->dim > 2 ? r.analysis.model.start[5] : 0;
        press_and_release(&r, (kr_input){.mouse = pixel});
        take_over(&r);
        assert_int_equal(r.frame.snapshot->generation, generation + 1);
        kr_scene scene;
        kr_error error;
        rig_check(kr_scene_copy(&scene, &r.frame.snapshot->scene, &error), &error);
        assert_int_equal(scene.start.kind, KR_START_POINT);
        assert_close(scene.start.point.value[0], at.x, 0, r.panel->camera.per_x);
        if (r.panel->dim > 1) assert_close(scene.start.point.value[1], at.y, 0, r.panel->camera.per_y);
        if (r.panel->dim > 2) assert_close(scene.start.point.value[5], before, 1e-6, 0);
        kr_scene_destroy(&scene);
        kr_simulation_destroy(r.frame.simulation);
        rig_close(&r);
    }
}

static void a_drag_drops_nothing(void **state) {
    (void)state;
    rig r;
    static const kr_rectangle area = {0, 0, 640, 480};
    rig_open(&r, "muller_brown", NULL, 640, 480, true, 1);
    attach_simulation(&r);
    rig_draw(&r, area, NULL);
    kr_input input = {.mouse = {280, 210}, .inside = true, .pressed = true, .down = true};
    rig_draw(&r, area, &input);
    input.pressed = false;
    input.mouse.x += 40;
    rig_draw(&r, area, &input);
    input.down = false;
    input.mouse.x -= 40;
    rig_draw(&r, area, &input);
    take_over(&r);
    assert_int_equal(r.frame.snapshot->generation, 0);
    assert_int_equal(r.frame.snapshot->interventions, 0);
    kr_simulation_destroy(r.frame.simulation);
    rig_close(&r);
}

/* Press in one frame, and the way and the release in the next, as on a machine that is slow. */
static void a_quick_drag_drops_nothing(void **state) {
    (void)state;
    rig r;
    rig_open(&r, "muller_brown", NULL, 640, 480, true, 1);
    attach_simulation(&r);
    static const kr_rectangle area = {0, 0, 640, 480};
    rig_draw(&r, area, NULL);
    kr_camera before = r.panel->camera;
    kr_input input = {.mouse = {300, 220}, .inside = true, .pressed = true, .down = true};
    rig_draw(&r, area, &input);
    input = (kr_input){.mouse = {340, 200}, .inside = true, .released = true};
    rig_draw(&r, area, &input);
    take_over(&r);
    assert_int_equal(r.frame.snapshot->generation, 0);
    assert_close(r.panel->camera.x, before.x - 40 * before.per_x, 0, 1e-9);
    assert_int_equal(r.panel->gesture, KR_GESTURE_NONE);
    kr_simulation_destroy(r.frame.simulation);
    rig_close(&r);
}

static void a_particle_is_picked_with_shift_and_let_go(void **state) {
    (void)state;
    static const char *const scenes[] = {"heavy_ball", "muller_brown", "styblinski_tang"};
    for (size_t k = 0; k < 3; k++) {
        rig r;
        rig_open(&r, scenes[k], NULL, 640, 480, true, 1);
        attach_simulation(&r);
        rig_draw(&r, (kr_rectangle){0, 0, 640, 480}, NULL);
        const kr_snapshot_variant *variant = &r.frame.snapshot->variant[0];
        double position[KR_PICKED_NUMBERS];
        for (size_t i = 0; i < variant->dim; i++) position[i] = (double)variant->position[i * variant->count + 123];
        kr_point at = kr_plane_point(&r.panel->plane, position), pixel;
        if (variant->dim == 1) kr_landscape_energy(&r.analysis.model.landscape, 1, position, &at.y);
        pixel = kr_camera_pixel(&r.panel->camera, at.x, at.y);
        press_and_release(&r, (kr_input){.mouse = pixel, .shift = true});
        uint64_t picked = r.panel->followed.particle;
        take_over(&r);
        assert_true(picked < variant->count);
        assert_int_equal(r.frame.snapshot->followed, picked);
        assert_true(isfinite(r.frame.snapshot->variant[0].followed_position[0]));
        rig_draw(&r, (kr_rectangle){0, 0, 640, 480}, NULL);
        assert_int_equal(r.panel->followed.count, 2); /* when it was picked, and now */
        /* Somebody else may choose another one. */
        assert_true(kr_simulation_follow(r.frame.simulation, 7));
        take_over(&r);
        rig_draw(&r, (kr_rectangle){0, 0, 640, 480}, NULL);
        assert_int_equal(r.panel->followed.particle, 7);
        assert_true(kr_simulation_follow(r.frame.simulation, UINT64_MAX));
        take_over(&r);
        rig_draw(&r, (kr_rectangle){0, 0, 640, 480}, NULL);
        assert_true(r.panel->followed.particle == UINT64_MAX);
        kr_simulation_destroy(r.frame.simulation);
        rig_close(&r);
    }
}

static kr_point control_pixel(const rig *r, size_t point) {
    return kr_camera_pixel(&r->panel->camera, r->panel->control.x[point], r->panel->control.energy[point]);
}

static void read_spline(const rig *r, kr_control_points *control) {
    kr_analysis analysis = {.version = 99};
    kr_error error;
    rig_check(kr_scene_copy(&analysis.scene, &r->frame.snapshot->scene, &error), &error);
    *control = (kr_control_points){.held = SIZE_MAX};
    assert_true(kr_control_points_load(control, &analysis, 0));
    kr_scene_destroy(&analysis.scene);
}

/* settings: of the spline; its handles are on the curve whatever its scale. */
static void drag_add_and_remove(const char *const *settings) {
    rig r;
    kr_control_points drawn;
    static const kr_rectangle area = {0, 0, 640, 480};
    rig_open(&r, "spline", settings, 640, 480, true, 1);
    attach_simulation(&r);
    rig_draw(&r, area, NULL);
    size_t count = r.panel->control.count;
    assert_true(count >= 4);
    for (size_t k = 0; k < count; k++) {
        double value;
        const kr_landscape *landscape = &r.frame.analysis->model.landscape;
        kr_landscape_energy(landscape, 1, &r.panel->control.x[k], &value);
        assert_close(r.panel->control.energy[k], value, 1e-12, 1e-12);
    }
    kr_input input = {.mouse = control_pixel(&r, 4), .inside = true, .pressed = true, .down = true};
    double energy = r.panel->control.energy[4], x = r.panel->control.x[4];
    rig_draw(&r, area, &input);
    input.pressed = false;
    input.mouse.y -= 30;
    input.mouse.x += 4;
    rig_draw(&r, area, &input);
    take_over(&r);
    read_spline(&r, &drawn);
    assert_close(drawn.energy[4], energy + 30 * r.panel->camera.per_y, 1e-5, 1e-5);
    assert_close(drawn.x[4], x + 4 * r.panel->camera.per_x, 1e-5, 1e-5);
    assert_int_equal(r.frame.snapshot->generation, 0); /* the particles go on */
    input.down = false;
    rig_draw(&r, area, &input);
    /* A double click on the ground makes a point there, and drops nobody. */
    kr_point ground = {0.5 * (control_pixel(&r, 5).x + control_pixel(&r, 6).x), 60};
    press_and_release(&r, (kr_input){.mouse = ground, .seconds = 10});
    press_and_release(&r, (kr_input){.mouse = ground, .seconds = 10.2, .double_click = true});
    rig_draw(&r, area, &(kr_input){.mouse = ground, .inside = true, .seconds = 11});
    take_over(&r);
    read_spline(&r, &drawn);
    assert_int_equal(drawn.count, count + 1);
    assert_int_equal(r.frame.snapshot->generation, 0);
    /* The right button takes it away. */
    input = (kr_input){.mouse = control_pixel(&r, 6), .inside = true, .right_pressed = true, .right_down = true, .seconds = 12};
    rig_draw(&r, area, &input);
    take_over(&r);
    read_spline(&r, &drawn);
    assert_int_equal(drawn.count, count);
    /* A single click drops, after the time of a double one. */
    press_and_release(&r, (kr_input){.mouse = {200, 60}, .seconds = 20});
    rig_draw(&r, area, &(kr_input){.mouse = ground, .inside = true, .seconds = 21});
    take_over(&r);
    assert_int_equal(r.frame.snapshot->generation, 1);
    kr_simulation_destroy(r.frame.simulation);
    rig_close(&r);
}

static void control_points_are_dragged_added_and_removed(void **state) {
    (void)state;
    static const char *const scaled[] = {"landscape.scale=40", NULL};
    drag_add_and_remove(NULL);
    drag_add_and_remove(scaled);
}

/* A slider that moves a barrier out of the view, or a click at its edge. */
static void the_view_follows_the_landscape_but_not_the_start(void **state) {
    (void)state;
    static const kr_rectangle area = {0, 0, 640, 480};
    for (int k = 0; k < 2; k++) {
        rig r;
        rig_open(&r, k ? "muller_brown" : "double_well", NULL, 640, 480, true, 1);
        attach_simulation(&r);
        rig_draw(&r, area, NULL);
        kr_camera home = r.panel->camera;
        press_and_release(&r, (kr_input){.mouse = {home.area.x + 4, home.area.y + 4}});
        take_over(&r);
        assert_int_equal(r.frame.snapshot->generation, 1);
        rig_draw(&r, area, NULL);
        assert_true(kr_camera_same(&home, &r.panel->camera));
        double high = r.panel->tone.high;
        assert_true(kr_simulation_intervene(r.frame.simulation, k ? "set landscape.scale=3" : "set landscape.barrier=4"));
        take_over(&r);
        rig_draw(&r, area, NULL);
        if (k)
            assert_close(r.panel->tone.high, 3 * high, 1e-6, 0); /* colours follow */
        else
            assert_true(kr_camera_seen(&r.panel->camera).high_y > 4);
        kr_simulation_destroy(r.frame.simulation);
        rig_close(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(camera_goes_there_and_back),
        cmocka_unit_test(camera_zooms_about_the_mouse_and_pans_with_it),
        cmocka_unit_test(camera_fits_points_and_threads),
        cmocka_unit_test(density_counts_every_visible_particle),
        cmocka_unit_test(density_is_painted_where_the_particles_are),
        cmocka_unit_test(contours_have_round_levels),
        cmocka_unit_test(contour_lines_stand_at_their_levels),
        cmocka_unit_test(principal_directions_are_those_of_the_ensemble),
        cmocka_unit_test(principal_directions_of_many_coordinates),
        cmocka_unit_test(a_click_becomes_a_drop),
        cmocka_unit_test(control_points_keep_their_order),
        cmocka_unit_test(stationary_density_is_named),
        cmocka_unit_test(the_nearest_particle_is_found),
        cmocka_unit_test(parts_have_one_size_and_do_not_overlap),
        cmocka_unit_test(every_scene_in_every_area),
        cmocka_unit_test(broken_snapshots_are_drawn),
        cmocka_unit_test(mouse_and_keys_do_what_they_say),
        cmocka_unit_test(a_click_drops_the_ensemble_there),
        cmocka_unit_test(a_drag_drops_nothing),
        cmocka_unit_test(a_quick_drag_drops_nothing),
        cmocka_unit_test(the_view_follows_the_landscape_but_not_the_start),
        cmocka_unit_test(a_particle_is_picked_with_shift_and_let_go),
        cmocka_unit_test(control_points_are_dragged_added_and_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
