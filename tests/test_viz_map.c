/* What colours of the map mean: the same in both themes, whatever the light of the relief; what is above them is hatched; and the
 * map fits its place again when that changes. */
#include "landscape_panel_rig.h"

#include "landscape/landscape_panel.h"

#include "assert_close.h"

#include <math.h>

static double lightness(uint32_t color) {
    return 0.2126 * (color >> 16 & 255) + 0.7152 * (color >> 8 & 255) + 0.0722 * (color & 255);
}

static void low_is_dark_in_both_themes(void **state) {
    (void)state;
    for (int dark = 0; dark < 2; dark++) {
        kr_theme theme;
        kr_theme_make(&theme, dark, 1);
        for (int i = 16; i < KR_MAP_COLORS; i++) assert_true(lightness(theme.energy_map[i]) > lightness(theme.energy_map[i - 16]));
    }
}

enum { SIDE = 48 };

/* A bump whose slopes are lit and in the shade. */
static void shade_bump(const kr_theme *theme, double top, double high, uint32_t pixel[SIDE * SIDE], float value[SIDE * SIDE]) {
    kr_tone tone = {.low = 0, .high = high, .step = 1e6}; /* no contour lines */
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) value[y * SIDE + x] = (float)(top * exp(-0.01 * (pow(x - 24, 2) + pow(y - 24, 2))));
    kr_layer layer = {.spacing = 1, .width = SIDE, .height = SIDE, .value = value, .pixel = pixel};
    kr_map_shade(&layer, &tone, theme->energy_map, 40, 0, SIDE);
}

/* Ratios of the channels stay, to the rounding of eight bits. */
static void light_changes_no_hue(void **state) {
    (void)state;
    for (int dark = 0; dark < 2; dark++) {
        kr_theme theme;
        uint32_t pixel[SIDE * SIDE];
        float value[SIDE * SIDE];
        kr_theme_make(&theme, dark, 1);
        shade_bump(&theme, 0.9, 1, pixel, value);
        int lighter = 0, darker = 0;
        for (int k = 0; k < SIDE * SIDE; k++) {
            uint32_t plain = theme.energy_map[(int)((double)value[k] * (KR_MAP_COLORS - 1) + 0.5)], seen = pixel[k];
            double r = plain >> 16 & 255, g = plain >> 8 & 255, b = plain & 255, factor = lightness(seen) / lightness(plain);
            lighter += factor > 1.03;
            darker += factor < 0.97;
            assert_close(seen >> 16 & 255, factor * r, 0.03, 2.5);
            assert_close(seen >> 8 & 255, factor * g, 0.03, 2.5);
            assert_close(seen & 255, factor * b, 0.03, 2.5);
        }
        assert_true(darker > 100 && lighter + darker > 200);
    }
}

/* Two ninths of the pixels above the last colour are stripes, and none below. */
static void what_is_cut_off_is_hatched(void **state) {
    (void)state;
    kr_theme theme;
    uint32_t pixel[SIDE * SIDE];
    float value[SIDE * SIDE];
    kr_theme_make(&theme, true, 1);
    shade_bump(&theme, 3, 1, pixel, value);
    uint32_t last = theme.energy_map[KR_MAP_COLORS - 1], stripe = kr_map_hatched(last);
    int above = 0, striped = 0;
    for (int y = 1; y < SIDE - 1; y++)
        for (int x = 1; x < SIDE - 1; x++) {
            int k = y * SIDE + x;
            bool inner = true; /* flat: no light from the edge of the cut */
            for (int j = -1; j <= 1; j++)
                for (int i = -1; i <= 1; i++) inner &= value[k + j * SIDE + i] > 1;
            if (!inner) continue;
            above++;
            striped += pixel[k] == stripe;
            assert_true(pixel[k] == stripe || pixel[k] == last);
        }
    assert_true(above > 200);
    assert_close((double)striped / above, 2.0 / 9, 0.15, 0);
}

/* After the window became narrower and high, what is seen is what a panel sees that has always been so; not where the view was
 * moved by hand. */
static void the_map_fits_its_place_again(void **state) {
    (void)state;
    rig changed, fresh;
    kr_input nothing = {.mouse = {-1, -1}};
    const kr_rectangle wide = {0, 0, 900, 500}, high = {0, 0, 400, 700};
    rig_open(&changed, "muller_brown", NULL, 900, 700, true, 1);
    rig_open(&fresh, "muller_brown", NULL, 900, 700, true, 1);
    rig_draw(&changed, wide, &nothing);
    double first = changed.panel->camera.per_x;
    rig_draw(&changed, high, &nothing);
    rig_draw(&fresh, high, &nothing);
    assert_true(changed.panel->camera.per_x > 1.3 * first);
    assert_close(changed.panel->camera.per_x, fresh.panel->camera.per_x, 1e-9, 0);
    assert_close(changed.panel->camera.x, fresh.panel->camera.x, 1e-9, 1e-9);
    changed.panel->moved = true;
    rig_draw(&changed, wide, &nothing);
    assert_close(changed.panel->camera.per_x, fresh.panel->camera.per_x, 1e-9, 0);
    rig_close(&changed);
    rig_close(&fresh);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(low_is_dark_in_both_themes), cmocka_unit_test(light_changes_no_hue),
                                       cmocka_unit_test(what_is_cut_off_is_hatched),
                                       cmocka_unit_test(the_map_fits_its_place_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
