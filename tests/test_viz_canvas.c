/* The canvas, text, ticks and numbers: what is covered, what is cut off, and that no coordinate does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "draw/canvas_coverage.h"
#include "draw/plot_ticks.h"

#include "assert_close.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WIDTH = 200, HEIGHT = 120 };
static const kr_color white = 0xffffffffu, black = 0xff000000u;

static kr_canvas make(int width, int height) {
    kr_canvas canvas;
    kr_error error;
    if (kr_canvas_create(&canvas, width, height, &error) != KR_OK) fail_msg("%s", error.message);
    return canvas;
}

static kr_fonts *load_fonts(void) {
    kr_fonts *fonts;
    kr_error error;
    if (kr_fonts_create(&fonts, &error) != KR_OK) fail_msg("%s", error.message);
    return fonts;
}

static unsigned shade(const kr_canvas *canvas, int x, int y) {
    return canvas->pixel[y * canvas->width + x] & 255;
}

/* Area painted in white on black, in pixels. */
static double painted(const kr_canvas *canvas) {
    double sum = 0;
    for (int i = 0; i < canvas->width * canvas->height; i++) sum += (canvas->pixel[i] & 255) / 255.0;
    return sum;
}

static void areas_are_those_of_geometry(void **state) {
    (void)state;
    static const double pi = 3.14159265358979323846;
    kr_canvas canvas = make(WIDTH, HEIGHT);
    kr_rectangle box = {10.3, 20.6, 50.25, 30.5}, all = {0, 0, WIDTH, HEIGHT};
    kr_point triangle[3] = {{10.2, 10.7}, {150.4, 30.1}, {60.9, 100.3}}, center = {80.4, 60.3};
    double exact = 0.5 * fabs((triangle[1].x - triangle[0].x) * (triangle[2].y - triangle[0].y) -
                              (triangle[2].x - triangle[0].x) * (triangle[1].y - triangle[0].y));
    kr_canvas_fill(&canvas, box, white);
    assert_close(painted(&canvas), box.width * box.height, 1e-3, 0);
    kr_canvas_fill(&canvas, all, black);
    kr_canvas_polygon(&canvas, 3, triangle, white);
    assert_close(painted(&canvas), exact, 1e-3, 0); /* pixels have 255 shades */
    kr_canvas_fill(&canvas, all, black);
    kr_canvas_disc(&canvas, center, 30, white);
    assert_close(painted(&canvas), pi * 900, 2e-3, 0);
    kr_canvas_fill(&canvas, all, black);
    kr_canvas_ring(&canvas, center, 30, 4, white);
    assert_close(painted(&canvas), 2 * pi * 30 * 4, 5e-3, 0);
    kr_canvas_fill(&canvas, all, black);
    kr_canvas_fill_round(&canvas, (kr_rectangle){20, 20, 80, 60}, 15, white);
    assert_close(painted(&canvas), 80 * 60 - (4 - pi) * 225, 2e-3, 0);
    kr_canvas_fill(&canvas, all, black);
    kr_canvas_line(&canvas, (kr_point){20.3, 20.8}, (kr_point){150.6, 90.2}, 3, white);
    assert_close(painted(&canvas), 3 * hypot(130.3, 69.4) + pi * 2.25, 1e-2, 0);
    kr_canvas_fill(&canvas, all, black);
    kr_canvas_line(&canvas, (kr_point){20, 60}, (kr_point){160, 60}, 0.5, white); /* thinner than a pixel: paler */
    assert_close(painted(&canvas), 0.5 * 141, 1e-2, 0);
    kr_canvas_destroy(&canvas);
}

static void half_transparent_joints_are_not_darker(void **state) {
    (void)state;
    kr_canvas canvas = make(WIDTH, HEIGHT);
    kr_point bent[4] = {{20, 60}, {80, 60}, {80.5, 60}, {160, 60}};
    kr_canvas_polyline(&canvas, 4, bent, 6, 0, 0x80ffffffu);
    unsigned along = shade(&canvas, 50, 60);
    assert_in_range(along, 126, 130);
    for (int x = 30; x < 150; x++) assert_int_equal(shade(&canvas, x, 60), along);
    kr_canvas_destroy(&canvas);
}

static void an_area_is_that_under_its_curve(void **state) {
    (void)state;
    kr_canvas canvas = make(WIDTH, HEIGHT);
    kr_point points[6] = {{10, 60}, {50, 30}, {70, 80}, {NAN, 5}, {100, 50}, {140, 50}};
    kr_canvas_area(&canvas, 6, points, 100, white);
    assert_close(painted(&canvas), 40 * 55 + 20 * 45 + 40 * 50, 1e-3, 0);
    assert_int_equal(shade(&canvas, 85, 90), 0); /* the gap */
    kr_canvas_fill(&canvas, (kr_rectangle){0, 0, WIDTH, HEIGHT}, black);
    kr_point upper[3] = {{10, 20}, {60, 30}, {110, 20}}, lower[3] = {{10, 40}, {60, 90}, {110, 60}};
    kr_canvas_band(&canvas, 3, upper, lower, white);
    assert_close(painted(&canvas), 50 * (20 + 60) / 2.0 + 50 * (60 + 40) / 2.0, 1e-3, 0);
    kr_canvas_destroy(&canvas);
}

static void dashes_cover_half(void **state) {
    (void)state;
    kr_canvas canvas = make(WIDTH, HEIGHT);
    kr_point points[3] = {{20, 30}, {100, 30}, {180, 30}};
    kr_canvas_polyline(&canvas, 3, points, 1, 8, white);
    assert_close(painted(&canvas), 80, 0.05, 0); /* round ends are only about as large as what they replace */
    assert_int_equal(shade(&canvas, 24, 30) > 100, 1);
    assert_int_equal(shade(&canvas, 32, 30), 0);
    kr_canvas_destroy(&canvas);
}

static void blending_is_exact_at_the_ends(void **state) {
    (void)state;
    for (uint32_t value = 0; value < 256; value++) {
        kr_color color = 0xff000000u | value << 16 | (255 - value) << 8 | value;
        assert_int_equal(kr_canvas_blend(0xff123456u, color, 256), color);
        assert_int_equal(kr_canvas_blend(color, 0xff654321u, 0), color);
    }
    assert_int_equal(kr_color_mix(black, white, 0.5) & 255, 128);
    assert_int_equal(kr_color_fade(white, 0.5) >> 24, 128);
}

/* Draws one of every figure with these numbers. */
static void draw_everything(kr_canvas *canvas, kr_fonts *fonts, const double *n) {
    kr_point a = {n[0], n[1]}, b = {n[2], n[3]}, points[4] = {a, b, {n[4], n[5]}, {n[6], n[7]}},
             below[4] = {b, a, points[3], points[2]};
    kr_rectangle area = {n[0], n[1], n[2], n[3]};
    kr_canvas_fill(canvas, area, 0x80123456u);
    kr_canvas_fill_round(canvas, area, n[4], 0xc0fedcbau);
    kr_canvas_frame(canvas, area, n[4], n[5], 0xff445566u);
    kr_canvas_line(canvas, a, b, n[4], 0xff112233u);
    kr_canvas_polyline(canvas, 4, points, n[6], n[7], 0x90ff0000u);
    kr_canvas_area(canvas, 4, points, n[2], 0x5000ff00u);
    kr_canvas_band(canvas, 4, points, below, 0x500000ffu);
    kr_canvas_polygon(canvas, 4, points, 0x700000ffu);
    kr_canvas_disc(canvas, a, n[4], 0x80ffffffu);
    kr_canvas_ring(canvas, b, n[4], n[5], 0xffffffffu);
    kr_text_draw(fonts, canvas, n[0], n[1], fmin(n[2], 40), KR_BOLD, KR_CENTER, white,
                 "\xce\xb7 \xe2\x81\xbb\xc2\xb9 \xff\xc3 text");
    kr_text_upright(fonts, canvas, n[3], n[4], fmin(n[5], 40), white, "upright");
    kr_text_fit(fonts, canvas, n[0], n[1], n[2], 13, KR_REGULAR, KR_LEFT, white, "this is cut off somewhere");
    kr_text_wrap(fonts, canvas, n[0], n[1], n[2], 13, KR_REGULAR, white, "several words\nand lines");
}

static double wild(void) {
    static const double special[] = {NAN,          INFINITY,      -INFINITY, 0,    -0.0,  1e300, -1e300, 1e-300, 1e9,    -1e9,
                                     2147483647.0, -2147483648.0, 1e6,       -1e6, WIDTH, -1,    0.5,    1,      HEIGHT, 1e18};
    int pick = rand() % 40;
    if (pick < 20) return special[pick];
    return (rand() % 6000 - 2000) / (double)(1 + rand() % 20);
}

/* Under the sanitizers this is the test of every index and conversion; here that the clip holds and coverages are left clean. */
static void no_coordinate_does_harm(void **state) {
    (void)state;
    kr_canvas canvas = make(WIDTH, HEIGHT);
    kr_fonts *fonts = load_fonts();
    srand(20260101);
    for (int round = 0; round < 3000; round++) {
        double n[8];
        for (int i = 0; i < 8; i++) n[i] = wild();
        for (int i = 0; i < WIDTH * HEIGHT; i++) canvas.pixel[i] = 0xff808080u;
        kr_rectangle clip = {rand() % WIDTH, rand() % HEIGHT, rand() % WIDTH, rand() % HEIGHT};
        kr_rectangle before = kr_canvas_clip(&canvas, clip);
        draw_everything(&canvas, fonts, n);
        kr_canvas_unclip(&canvas, before);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                bool inside = x >= clip.x && x < clip.x + clip.width && y >= clip.y && y < clip.y + clip.height;
                uint32_t pixel = canvas.pixel[y * WIDTH + x];
                if (!inside && pixel != 0xff808080u) fail_msg("round %d: pixel %d %d outside the clip was drawn", round, x, y);
                if (pixel >> 24 != 255) fail_msg("round %d: pixel %d %d is no longer opaque", round, x, y);
            }
        for (int i = 0; i < (WIDTH + KR_CANVAS_SPARE) * HEIGHT; i++)
            if (canvas.coverage[i] != 0) fail_msg("round %d: a coverage was left behind at %d", round, i);
    }
    kr_canvas_clip(&canvas, (kr_rectangle){NAN, NAN, NAN, NAN});
    double n[8] = {0, 0, 50, 50, 5, 2, 3, 4};
    draw_everything(&canvas, fonts, n);
    kr_fonts_destroy(fonts);
    kr_canvas_destroy(&canvas);
}

static void a_line_from_far_away_is_where_it_should_be(void **state) {
    (void)state;
    kr_canvas canvas = make(WIDTH, HEIGHT);
    kr_canvas_line(&canvas, (kr_point){-INFINITY, 60}, (kr_point){1e300, 60}, 3, white);
    assert_close(painted(&canvas), 3 * WIDTH, 0, WIDTH / 255.0); /* two rows of half a pixel, each right to half a shade */
    kr_canvas_fill(&canvas, (kr_rectangle){-1e300, -1e300, 2e300, 2e300}, black);
    assert_close(painted(&canvas), 0, 0, 0);
    kr_point large[3] = {{-1e5, -1e5}, {3e5, -1e5}, {-1e5, 3e5}};
    kr_canvas_polygon(&canvas, 3, large, white);
    assert_close(painted(&canvas), WIDTH * HEIGHT, 1e-6, 0);
    kr_canvas_destroy(&canvas);
}

static void copies_are_cut_at_the_clip(void **state) {
    (void)state;
    kr_canvas canvas = make(WIDTH, HEIGHT);
    uint32_t picture[6] = {1, 2, 3, 4, 5, 6};
    kr_canvas_copy(&canvas, -1, -1, 3, 2, picture);
    assert_int_equal(canvas.pixel[0], 0xff000005u);
    assert_int_equal(canvas.pixel[1], 0xff000006u);
    assert_int_equal(canvas.pixel[2], black);
    kr_canvas_copy(&canvas, WIDTH - 1, HEIGHT - 1, 3, 2, picture);
    assert_int_equal(canvas.pixel[WIDTH * HEIGHT - 1], 0xff000001u);
    kr_canvas_copy(&canvas, 2147483647, -2147483647, 3, 2, picture);
    kr_canvas_destroy(&canvas);
}

static void assert_number(double value, int digits, const char *expected) {
    char text[64];
    assert_string_equal(kr_text_number(value, digits, text, sizeof text), expected);
}

static void numbers_are_written_as_physicists_do(void **state) {
    (void)state;
    assert_number(0.0123, 3, "0.0123");
    assert_number(4.567e-6, 3,
                  "4.57\xc3\x97"
                  "10\xe2\x81\xbb\xe2\x81\xb6");
    assert_number(22624, 5,
                  "22\xe2\x80\x89"
                  "624");
    assert_number(1234, 5, "1234");
    assert_number(-1234567, 9,
                  "\xe2\x88\x92"
                  "1\xe2\x80\x89"
                  "234\xe2\x80\x89"
                  "567");
    assert_number(0, 3, "0");
    assert_number(0.5, 3, "0.5"); /* exactly a half; a measured one has its digits */
    assert_number(0.50003, 3, "0.500");
    assert_number(0.1 + 0.2, 4, "0.3"); /* but for rounding */
    assert_number(0.99996, 3, "1.00");
    assert_number(1e-5, 4, "10\xe2\x81\xbb\xe2\x81\xb5");
    assert_number(1e6, 3, "10\xe2\x81\xb6");
    assert_number(999999.7, 3,
                  "1.00\xc3\x97"
                  "10\xe2\x81\xb6");
    assert_number(INFINITY, 3, "\xe2\x88\x9e");
    assert_number(NAN, 3, "\xe2\x80\x93");
    assert_number(-1.7976931348623157e308, 17,
                  "\xe2\x88\x92"
                  "1.7976931348623157\xc3\x97"
                  "10\xc2\xb3\xe2\x81\xb0\xe2\x81\xb8");
    char tiny[4];
    for (size_t size = 0; size < sizeof tiny; size++) kr_text_number(-12345.678, 9, tiny, size);
}

static void ticks_are_round_ascending_and_not_too_many(void **state) {
    (void)state;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        kr_axis axis = {.logarithmic = rand() % 2};
        double size = pow(10, rand() % 30 - 15), most = 2 + rand() % 12;
        axis.low = axis.logarithmic ? size : size * (rand() % 200 - 100) / 10;
        axis.high = axis.logarithmic ? size * pow(10, (rand() % 1000) / 60.0 + 0.01) : axis.low + size * (1 + rand() % 100) / 10;
        kr_ticks ticks;
        kr_ticks_make(&ticks, &axis, most);
        size_t named = 0;
        for (size_t i = 0; i < ticks.count; i++) {
            double margin = 1e-6 * (axis.high - axis.low);
            assert_true(ticks.value[i] >= axis.low - margin && ticks.value[i] <= axis.high + margin);
            if (i) assert_true(ticks.value[i] > ticks.value[i - 1]);
            if (!ticks.text[i][0]) continue;
            named++;
            double mantissa = fabs(ticks.value[i]) / pow(10, floor(log10(fabs(ticks.value[i]) * (1 + 1e-9))));
            if (axis.logarithmic && axis.high > 6 * axis.low)
                assert_true(fabs(mantissa - 1) < 1e-6 || fabs(mantissa - 2) < 1e-6 || fabs(mantissa - 5) < 1e-6);
        }
        if ((double)named > most + 2)
            fail_msg("%zu numbers where there is room for %g between %g and %g", named, most, axis.low, axis.high);
        if (!axis.logarithmic && most >= 5 && named < 2) fail_msg("%zu numbers between %g and %g", named, axis.low, axis.high);
    }
}

typedef struct numbers {
    size_t count;
    double middle[64];
} numbers;

static void collect_number(void *context, const kr_drawn_text *drawn) {
    numbers *all = context;
    if (all->count < 64) all->middle[all->count++] = drawn->area.x + 0.5 * drawn->area.width;
}

/* Across, linear: evenly, from one end to the other. */
static void no_number_of_an_axis_is_missing(void **state) {
    (void)state;
    kr_canvas canvas;
    kr_fonts *fonts;
    kr_theme theme;
    kr_error error;
    assert_int_equal(kr_canvas_create(&canvas, 500, 150, &error), KR_OK);
    assert_int_equal(kr_fonts_create(&fonts, &error), KR_OK);
    kr_theme_make(&theme, true, 1);
    srand(3);
    for (int round = 0; round < 2000; round++) {
        numbers all = {.count = 0};
        kr_plot plot = {.canvas = &canvas, .fonts = fonts, .theme = &theme, .outer = {10, 10, 200 + rand() % 250, 120}};
        plot.left = 20; /* at the very edge the first number would be moved */
        plot.x = (kr_axis){.low = 0, .high = pow(10, rand() % 800 / 100.0 - 2)};
        plot.y = (kr_axis){.low = 0, .high = 1, .hide = true};
        char power[KR_TICK_TEXT];
        plot.x.power = power;
        kr_fonts_listen(fonts, collect_number, &all);
        kr_plot_axes(&plot);
        kr_fonts_listen(fonts, NULL, NULL);
        if (all.count < 2) fail_msg("%zu numbers to %g", all.count, plot.x.high);
        double apart = (all.middle[all.count - 1] - all.middle[0]) / (double)(all.count - 1);
        for (size_t i = 1; i < all.count; i++)
            if (fabs(all.middle[i] - all.middle[i - 1] - apart) > 4) fail_msg("number %zu of %zu to %g", i, all.count, plot.x.high);
        if (all.middle[all.count - 1] + apart < plot.inner.x + plot.inner.width - 4)
            fail_msg("the last of %zu numbers is missing, to %g in %g", all.count, plot.x.high, plot.outer.width);
    }
    kr_fonts_destroy(fonts);
    kr_canvas_destroy(&canvas);
}

static void plots_map_there_and_back(void **state) {
    (void)state;
    kr_canvas canvas = make(400, 300);
    kr_fonts *fonts = load_fonts();
    kr_theme theme;
    kr_theme_make(&theme, true, 1);
    kr_plot plot = {.canvas = &canvas, .fonts = fonts, .theme = &theme, .outer = {0, 0, 400, 300}};
    plot.x = (kr_axis){.low = -3, .high = 7, .label = "x"};
    plot.y = (kr_axis){.low = 1e-6, .high = 10, .logarithmic = true, .label = "rate"};
    kr_plot_axes(&plot);
    kr_point point = kr_plot_point(&plot, 2.5, 1e-3);
    assert_close(kr_plot_x(&plot, point.x), 2.5, 1e-12, 0);
    assert_close(kr_plot_y(&plot, point.y), 1e-3, 1e-12, 0);
    assert_true(isnan(kr_plot_point(&plot, 0, -1).y));
    assert_true(plot.inner.x > 0 && plot.inner.x + plot.inner.width <= 400 && plot.inner.y + plot.inner.height < 300);
    /* Axes that cannot be are made into some that can. */
    static const double ends[][2] = {{NAN, 1},        {1, 1},  {0, 0},          {5, -5}, {-INFINITY, INFINITY},
                                     {-1e308, 1e308}, {-1, 0}, {1e-320, 1e-318}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        for (int logarithmic = 0; logarithmic < 2; logarithmic++) {
            plot.y = (kr_axis){.low = ends[i][0], .high = ends[i][1], .logarithmic = logarithmic};
            plot.x = plot.y;
            kr_plot_axes(&plot);
            assert_true(plot.y.low < plot.y.high && isfinite(plot.y.low) && isfinite(plot.y.high));
            double x[3] = {ends[i][0], 0, ends[i][1]};
            kr_plot_curve(&plot, 3, x, x, 2, 0, white);
            kr_plot_band(&plot, 3, x, x, x, white);
            kr_plot_area(&plot, 3, x, x, white);
        }
    kr_fonts_destroy(fonts);
    kr_canvas_destroy(&canvas);
}

static void text_has_the_width_it_says(void **state) {
    (void)state;
    kr_fonts *fonts = load_fonts();
    kr_canvas canvas = make(600, 60);
    const char *text = "Temperature \xce\xb7\xe2\x82\x80 = 3\xc3\x97"
                       "10\xe2\x81\xbb\xe2\x81\xb4";
    double width = kr_text_width(fonts, 20, KR_REGULAR, text);
    kr_text_draw(fonts, &canvas, 20, 30, 20, KR_REGULAR, KR_LEFT, white, text);
    int left = 600, right = 0, top = 60, bottom = 0;
    for (int y = 0; y < 60; y++)
        for (int x = 0; x < 600; x++) {
            if (!shade(&canvas, x, y)) continue;
            left = x < left ? x : left;
            right = x > right ? x : right;
            top = y < top ? y : top;
            bottom = y > bottom ? y : bottom;
        }
    assert_in_range(left, 18, 23);
    assert_in_range(right, 20 + (int)width - 5, 20 + (int)width + 1);
    assert_in_range(top, 18, 24);
    assert_in_range(bottom, 36, 44);
    assert_true(kr_text_width(fonts, 20, KR_BOLD, text) > width);
    assert_close(kr_text_width(fonts, 20, KR_MONOSPACE, "iiii"), kr_text_width(fonts, 20, KR_MONOSPACE, "MMMM"), 0, 0);
    /* Text that is cut stays within its width, and lines that are broken too. */
    for (int room = 0; room < 200; room += 7) {
        kr_canvas_fill(&canvas, (kr_rectangle){0, 0, 600, 60}, black);
        kr_text_fit(fonts, &canvas, 10, 30, room, 14, KR_REGULAR, KR_LEFT, white, "a rather long label of a parameter");
        for (int y = 0; y < 60; y++)
            for (int x = 10 + room + 1; x < 600; x++) assert_int_equal(shade(&canvas, x, y), 0);
    }
    double one = kr_text_wrap(fonts, NULL, 0, 0, 1000, 14, KR_REGULAR, white, "one line");
    assert_close(kr_text_wrap(fonts, NULL, 0, 0, 60, 14, KR_REGULAR, white, "one two three four five six"), one * 4, 0.3, 0);
    assert_close(kr_text_wrap(fonts, NULL, 0, 0, 0, 14, KR_REGULAR, white, "abc"), 3 * one, 0, 0); /* no room: one at a time */
    kr_canvas_destroy(&canvas);
    kr_fonts_destroy(fonts);
}

static void a_missing_font_is_explained(void **state) {
    (void)state;
    kr_fonts *fonts;
    kr_error error;
    setenv("KRAMERS_FONT", "/nowhere/font.ttf", 1);
    assert_int_equal(kr_fonts_create(&fonts, &error), KR_IO);
    assert_non_null(strstr(error.message, "/nowhere/font.ttf"));
    setenv("KRAMERS_FONT", KR_SOURCE_DIRECTORY "/README.md", 1);
    assert_int_equal(kr_fonts_create(&fonts, &error), KR_IO);
    assert_non_null(strstr(error.message, "README.md"));
    unsetenv("KRAMERS_FONT");
}

static void pictures_that_cannot_be_are_refused(void **state) {
    (void)state;
    kr_canvas canvas;
    kr_error error;
    assert_int_equal(kr_canvas_create(&canvas, 0, 10, &error), KR_BAD_ARGUMENT);
    assert_int_equal(kr_canvas_create(&canvas, 10, 1000000, &error), KR_BAD_ARGUMENT);
    canvas = make(4, 4);
    assert_int_equal(kr_canvas_write_png(&canvas, "/nowhere/at/all.png", true, &error), KR_IO);
    assert_non_null(strstr(error.message, "/nowhere/at/all.png"));
    if (access("/dev/full", W_OK) == 0) { /* Linux: a file on a disk that is full */
        assert_int_equal(kr_canvas_write_png(&canvas, "/dev/full", true, &error), KR_IO);
        assert_non_null(strstr(error.message, "No space left"));
    }
    kr_canvas_destroy(&canvas);
}

/* As on a disk that is nearly full: at most so many bytes in a file. */
static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void pictures_are_whole_or_not_at_all(void **state) {
    (void)state;
    char folder[] = "/tmp/kramers-whole-XXXXXX", file[64], beside[96], content[8] = "";
    kr_canvas canvas = make(300, 300);
    kr_error error;
    uint32_t noise = 1; /* which does not compress */
    for (int i = 0; i < 300 * 300; i++) {
        noise ^= noise << 13, noise ^= noise >> 17, noise ^= noise << 5;
        canvas.pixel[i] = noise;
    }
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/picture.png", folder);
    snprintf(beside, sizeof beside, "%s.%ld.part", file, (long)getpid());
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t size = 0; size < 200000; size += 8191) { /* cut anywhere, within and between the writes of a stream */
        limit_files(size);
        kr_status status = kr_canvas_write_png(&canvas, file, true, &error);
        limit_files(RLIM_INFINITY);
        assert_int_equal(status, KR_IO);
        assert_non_null(strstr(error.message, "File too large"));
        assert_int_not_equal(access(file, F_OK), 0);
        assert_int_not_equal(access(beside, F_OK), 0);
    }
    FILE *before = fopen(file, "w");
    assert_true(before && fputs("before", before) >= 0 && !fclose(before));
    limit_files(4096);
    assert_int_equal(kr_canvas_write_png(&canvas, file, true, &error), KR_IO);
    limit_files(RLIM_INFINITY);
    before = fopen(file, "r");
    assert_true(before && fgets(content, sizeof content, before) && !fclose(before));
    assert_string_equal(content, "before");
    assert_int_equal(kr_canvas_write_png(&canvas, file, true, &error), KR_OK);
    remove(file);
    /* A link stays one, and what it leads to is written; one that leads nowhere is refused. */
    snprintf(beside, sizeof beside, "%s/real.png", folder);
    assert_int_equal(symlink(beside, file), 0);
    assert_int_equal(kr_canvas_write_png(&canvas, file, true, &error), KR_IO);
    assert_non_null(strstr(error.message, "is a symbolic link that leads nowhere"));
    before = fopen(beside, "w");
    assert_true(before && !fclose(before));
    assert_int_equal(kr_canvas_write_png(&canvas, file, true, &error), KR_OK);
    struct stat about;
    assert_int_equal(lstat(file, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    assert_int_equal(stat(beside, &about), 0);
    assert_true(about.st_size > 200000);
    remove(file);
    remove(beside);
    rmdir(folder);
    kr_canvas_destroy(&canvas);
}

/* Lightness of the maps rises evenly from the valleys up, on both grounds: luminance never turns back. */
static void maps_are_monotonous(void **state) {
    (void)state;
    for (int dark = 0; dark < 2; dark++) {
        kr_theme theme;
        kr_theme_make(&theme, dark, 1);
        double before = 0;
        for (int i = 0; i < KR_MAP_COLORS; i++) {
            uint32_t color = theme.energy_map[i];
            double luminance = 0;
            static const double weight[3] = {0.0722, 0.7152, 0.2126};
            for (int c = 0; c < 3; c++) luminance += weight[c] * pow((color >> 8 * c & 255) / 255.0, 2.2);
            if (i) assert_true(luminance > before - 2e-3);
            before = luminance;
        }
        assert_int_equal(theme.density_map[0] >> 24, 0);
        assert_true(theme.density_map[255] >> 24 == 255);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_those_of_geometry),
        cmocka_unit_test(half_transparent_joints_are_not_darker),
        cmocka_unit_test(an_area_is_that_under_its_curve),
        cmocka_unit_test(dashes_cover_half),
        cmocka_unit_test(blending_is_exact_at_the_ends),
        cmocka_unit_test(no_coordinate_does_harm),
        cmocka_unit_test(a_line_from_far_away_is_where_it_should_be),
        cmocka_unit_test(copies_are_cut_at_the_clip),
        cmocka_unit_test(numbers_are_written_as_physicists_do),
        cmocka_unit_test(ticks_are_round_ascending_and_not_too_many),
        cmocka_unit_test(no_number_of_an_axis_is_missing),
        cmocka_unit_test(plots_map_there_and_back),
        cmocka_unit_test(text_has_the_width_it_says),
        cmocka_unit_test(a_missing_font_is_explained),
        cmocka_unit_test(pictures_that_cannot_be_are_refused),
        cmocka_unit_test(pictures_are_whole_or_not_at_all),
        cmocka_unit_test(maps_are_monotonous),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
