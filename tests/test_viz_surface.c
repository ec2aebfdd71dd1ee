/* The landscape as a surface in three dimensions: what is drawn agrees with the energies of the landscape, what is behind is
 * hidden, and from above it is the map. KRAMERS_WRITE_PICTURES=FOLDER writes what was drawn. */
#include "assert_close.h"
#include "landscape_panel_rig.h"
#include "sanitized.h"

#include "landscape/landscape_surface.h"

static const kr_rectangle area = {0, 0, 700, 560};

static double energy_at(const rig *r, kr_point at) {
    double energy, *position = malloc(r->panel->dim * sizeof *position);
    kr_plane_lift(&r->panel->plane, 1, &at.x, &at.y, position);
    kr_landscape_energy(kr_present_landscape(&r->analysis), 1, position, &energy);
    free(position);
    return energy;
}

static void open_surface(rig *r, const char *scene, const char *const *overrides, double yaw, double pitch) {
    char why[256];
    rig_open(r, scene, overrides, (int)area.width, (int)area.height, true, 1);
    rig_advance(r, 200);
    assert_true(kr_landscape_panel_view(r->panel, &r->analysis, &r->snapshot, KR_VIEW_SURFACE, why, sizeof why));
    r->panel->turn = (kr_turn){yaw, pitch};
    rig_draw(r, area, NULL);
    assert_true(kr_landscape_solid(r->panel));
}

/* Whether anything of the surface, by energies from the engine alone, lies before the point on the line of sight. */
static bool hidden_by_engine(const rig *r, double x, double y, double *nearly) {
    enum { STEPS = 1500 };
    const kr_solid *solid = &r->panel->surface->solid;
    kr_solid_point here = kr_solid_project(solid, x, y, energy_at(r, (kr_point){x, y}));
    kr_box seen = kr_camera_seen(&solid->ground);
    double most = -INFINITY;
    for (int k = 10; k < STEPS; k++) { /* not the surroundings of the point itself */
        double away = here.away - 3.0 * k / STEPS;
        kr_point ground = kr_solid_ground(solid, here.pixel, away);
        if (ground.x < seen.low_x || ground.x > seen.high_x || ground.y < seen.low_y || ground.y > seen.high_y) break;
        kr_solid_point there = kr_solid_project(solid, ground.x, ground.y, energy_at(r, ground));
        most = fmax(most, here.pixel.y - there.pixel.y); /* it rises above the line of sight by so many pixels */
    }
    *nearly = fabs(most);
    return most > 0;
}

static void points_are_drawn_where_the_engine_has_them(void **state) {
    (void)state;
    rig r;
    open_surface(&r, "muller_brown", (const char *[]){"ensemble.particles=64", NULL}, 0.5, 0.9);
    const kr_solid *solid = &r.panel->surface->solid;
    kr_box seen = kr_camera_seen(&solid->ground);
    size_t shown = 0, hidden = 0, judged = 0;
    for (int j = 1; j < 40; j++)
        for (int i = 1; i < 40; i++) {
            double x = seen.low_x + (seen.high_x - seen.low_x) * i / 40, y = seen.low_y + (seen.high_y - seen.low_y) * j / 40, near;
            bool drawn;
            kr_point pixel = kr_landscape_pixel(r.panel, &r.panel->camera, x, y, &drawn);
            kr_point expected = kr_solid_project(solid, x, y, energy_at(&r, (kr_point){x, y})).pixel;
            assert_close(pixel.x, expected.x, 0, 0.05);
            assert_close(pixel.y, expected.y, 0, 0.5); /* values of the map are floats, a pixel apart */
            bool behind = hidden_by_engine(&r, x, y, &near);
            if (near < 2.5) continue; /* at an edge a pixel decides */
            assert_int_equal(drawn, !behind);
            judged++;
            shown += drawn, hidden += !drawn;
            kr_point back;
            if (!drawn || !kr_landscape_world(r.panel, &r.panel->camera, pixel, &back)) continue;
            /* Back from the pixel: the same point, to what a pixel is wide on the surface. */
            double energy = energy_at(&r, back), tone = solid->tone.high - solid->tone.low;
            kr_point again = kr_solid_project(solid, back.x, back.y, energy).pixel;
            assert_true(hypot(again.x - pixel.x, again.y - pixel.y) < 2.5 || energy > solid->tone.low + 0.98 * tone);
        }
    assert_true(judged > 700 && shown > 300 && hidden > 100);
    rig_close(&r);
}

/* Every cell of the picture shows the energy of the landscape at the point of the plane that lies there. */
static void every_cell_shows_the_energy_there(void **state) {
    (void)state;
    rig r;
    open_surface(&r, "muller_brown", (const char *[]){"ensemble.particles=64", NULL}, -2.2, 0.6);
    const kr_surface *surface = r.panel->surface;
    const kr_solid *solid = &surface->solid;
    double span = solid->tone.high - solid->tone.low, worst = 0;
    size_t compared = 0, stride = (size_t)surface->width + 2;
    for (int y = 5; y < surface->height - 5; y += 7)
        for (int x = 5; x < surface->width - 5; x += 7) {
            size_t at = (size_t)(y + 1) * stride + (size_t)x + 1;
            if (isnan(surface->value[at]) || surface->shade[at] == 0.5F) continue; /* nothing, or the block's side */
            kr_point pixel = {solid->area.x + x + 0.5, solid->area.y + y + 0.5};
            kr_point ground = kr_solid_ground(solid, pixel, (double)surface->away[at]);
            double energy = fmin(fmax(energy_at(&r, ground) - solid->tone.low, 0), span);
            worst = fmax(worst, fabs(energy - (double)surface->value[at]) / span);
            /* And the point projects to the middle of the cell. */
            kr_point again = kr_solid_project(solid, ground.x, ground.y, solid->tone.low + (double)surface->value[at]).pixel;
            assert_close(again.x, pixel.x, 0, 0.01);
            assert_close(again.y, pixel.y, 0, 0.01);
            compared++;
        }
    assert_true(compared > 1000);
    assert_true(worst < 0.02);
    assert_int_equal(surface->cell, 1);
    rig_close(&r);
}

/* From straight above the picture is the flat map: the same energies at the same places, in another scale. */
static void from_above_it_is_the_map(void **state) {
    (void)state;
    rig r;
    open_surface(&r, "muller_brown", (const char *[]){"ensemble.particles=64", NULL}, 0, 1.5707963267948966);
    const kr_solid *solid = &r.panel->surface->solid;
    kr_box seen = kr_camera_seen(&r.panel->camera);
    for (int j = 1; j < 20; j++)
        for (int i = 1; i < 20; i++) {
            double x = seen.low_x + (seen.high_x - seen.low_x) * i / 20, y = seen.low_y + (seen.high_y - seen.low_y) * j / 20;
            kr_point flat = kr_camera_pixel(&r.panel->camera, x, y),
                     middle = kr_camera_pixel(&r.panel->camera, r.panel->camera.x, r.panel->camera.y);
            bool shown;
            kr_point at = kr_landscape_pixel(r.panel, &r.panel->camera, x, y, &shown);
            double zoom = 2 * solid->scale / fmax(r.panel->camera.area.width, r.panel->camera.area.height);
            assert_true(shown);
            assert_close(at.x - solid->origin.x, zoom * (flat.x - middle.x), 0, 0.02);
            assert_close(at.y - solid->origin.y, zoom * (flat.y - middle.y), 0, 0.02);
        }
    rig_close(&r);
}

/* Of all particles that are on the base each is a ball or a point: those behind are as many as the engine's energies say. */
static void hidden_particles_are_counted(void **state) {
    (void)state;
    rig r;
    open_surface(&r, "muller_brown", (const char *[]){"ensemble.particles=1000", NULL}, 0.5, 0.5);
    const kr_snapshot_variant *ensemble = &r.snapshot.variant[0];
    size_t hidden = 0, doubtful = 0;
    for (size_t p = 0; p < ensemble->count; p++) {
        double near;
        bool behind = hidden_by_engine(&r, (double)ensemble->position[p], (double)ensemble->position[ensemble->count + p], &near);
        hidden += behind;
        doubtful += near < 2.5;
    }
    assert_true(r.panel->balls[0] >= 990); /* a few may have left what is shown */
    assert_true(hidden > 50 && doubtful < 300);
    assert_close((double)r.panel->hidden_balls[0], (double)hidden, 0, (double)doubtful);
    rig_close(&r);
}

/* A ball that is alone is at the pixel where the engine's energy says, in its colour. */
static void a_ball_lies_on_the_surface(void **state) {
    (void)state;
    rig r;
    open_surface(&r, "muller_brown", (const char *[]){"ensemble.particles=1", NULL}, 0.5, 1.2);
    const double x = 0.25, y = 1.5; /* nothing else is drawn there */
    r.snapshot.variant[0].position[0] = (float)x;
    r.snapshot.variant[0].position[1] = (float)y;
    r.snapshot.number++;
    r.panel->trail_length = 0;
    rig_draw(&r, area, NULL);
    kr_point at = kr_solid_project(&r.panel->surface->solid, x, y, energy_at(&r, (kr_point){x, y})).pixel;
    at.y -= r.panel->dot.radius * cos(1.2); /* its middle is above the ground */
    uint32_t pixel = r.canvas.pixel[(size_t)at.y * (size_t)r.canvas.width + (size_t)at.x];
    kr_color color = r.theme.variant[0];
    for (int shift = 0; shift <= 16; shift += 8) assert_true(abs((int)(pixel >> shift & 255) - (int)(color >> shift & 255)) < 40);
    rig_close(&r);
}

static void mouse_and_keys_turn_it(void **state) {
    (void)state;
    rig r;
    open_surface(&r, "muller_brown", (const char *[]){"ensemble.particles=64", NULL}, 0.5, 0.9);
    kr_camera before = r.panel->camera;
    kr_input input = {.mouse = {300, 300}, .inside = true, .pressed = true, .down = true};
    rig_draw(&r, area, &input);
    input.pressed = false;
    input.mouse = (kr_point){360, 280};
    rig_draw(&r, area, &input);
    assert_close(r.panel->turn.yaw, 0.5 + 0.6, 0, 1e-12);
    assert_close(r.panel->turn.pitch, 0.9 - 0.2, 0, 1e-12);
    assert_true(kr_camera_same(&before, &r.panel->camera));
    input.down = false;
    rig_draw(&r, area, &input);
    assert_true(kr_landscape_panel_key(r.panel, &r.frame, 0x4000004f)); /* right */
    assert_close(r.panel->turn.yaw, 1.1 + 7.5 * 3.141592653589793 / 180, 0, 1e-9);
    /* The wheel keeps the point of the surface under the mouse. */
    rig_draw(&r, area, NULL);
    kr_point at, after;
    input = (kr_input){.mouse = {350, 330}, .inside = true, .wheel = 1};
    assert_true(kr_landscape_world(r.panel, &r.panel->camera, input.mouse, &at));
    kr_point fixed = kr_camera_pixel(&r.panel->camera, at.x, at.y);
    rig_draw(&r, area, &input);
    after = kr_camera_pixel(&r.panel->camera, at.x, at.y);
    assert_close(after.x, fixed.x, 0, 1e-6);
    assert_close(after.y, fixed.y, 0, 1e-6);
    assert_close(r.panel->camera.per_x, before.per_x / 1.2, 1e-12, 0);
    assert_true(kr_landscape_panel_key(r.panel, &r.frame, 'r'));
    assert_close(r.panel->turn.yaw, kr_landscape_first_turn.yaw, 0, 0);
    rig_close(&r);
}

static void one_coordinate_has_no_surface(void **state) {
    (void)state;
    rig r;
    char why[256];
    rig_open(&r, "double_well", NULL, 640, 480, true, 1);
    rig_draw(&r, (kr_rectangle){0, 0, 640, 480}, NULL);
    assert_false(kr_landscape_panel_view(r.panel, &r.analysis, &r.snapshot, KR_VIEW_SURFACE, why, sizeof why));
    assert_non_null(strstr(why, "two coordinates"));
    assert_int_equal(r.panel->view, KR_VIEW_FLAT);
    rig_close(&r);
}

static void write_picture(const rig *r, const char *name) {
    const char *folder = getenv("KRAMERS_WRITE_PICTURES");
    char file[600];
    if (!folder) return;
    snprintf(file, sizeof file, "%s/surface_%s.png", folder, name);
    rig_check(kr_canvas_write_png(&r->canvas, file, true, NULL), NULL);
}

/* Planes of more dimensions, compared dynamics, densities, any size and angle: nothing is drawn outside. */
static void every_scene_in_any_area(void **state) {
    (void)state;
    static const char *const scenes[] = {"muller_brown", "styblinski_tang", "digits", "compare"};
    static const double sizes[][2] = {{120, 90}, {360, 440}, {900, 420}};
    for (size_t k = 0; k < sizeof scenes / sizeof *scenes; k++)
        for (size_t s = 0; s < 3; s++) {
            rig r;
            const char *compared[] = {"compare=[sgld, momentum]", "ensemble.particles=30000", NULL}, *plain[] = {NULL};
            bool many = !strcmp(scenes[k], "compare");
            rig_open(&r, many ? "muller_brown" : scenes[k], many ? compared : plain, 1000, 500, s != 1, 1);
            rig_advance(&r, 20);
            kr_landscape_panel_view(r.panel, &r.analysis, &r.snapshot, KR_VIEW_SURFACE, NULL, 0);
            r.panel->turn = (kr_turn){1.3 * (double)k - 2, 0.2 + 0.4 * (double)s};
            kr_rectangle inside = {37, 21, sizes[s][0], sizes[s][1]};
            kr_canvas_fill(&r.canvas, (kr_rectangle){0, 0, 1000, 500}, 0xff123456);
            rig_draw(&r, inside, NULL);
            write_picture(&r, scenes[k]);
            for (int y = 0; y < 500; y++)
                for (int x = 0; x < 1000; x++)
                    if (x < 37 || x >= 37 + (int)inside.width || y < 21 || y >= 21 + (int)inside.height)
                        assert_int_equal(r.canvas.pixel[y * 1000 + x], 0xff123456);
            rig_close(&r);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_drawn_where_the_engine_has_them),
        cmocka_unit_test(every_cell_shows_the_energy_there),
        cmocka_unit_test(from_above_it_is_the_map),
        cmocka_unit_test(hidden_particles_are_counted),
        cmocka_unit_test(a_ball_lies_on_the_surface),
        cmocka_unit_test(mouse_and_keys_turn_it),
        cmocka_unit_test(one_coordinate_has_no_surface),
        cmocka_unit_test(every_scene_in_any_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
