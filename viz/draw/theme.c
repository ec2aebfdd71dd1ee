#include "theme.h"

#include <math.h>

/* sRGB from Oklab in polar form: lightness 0..1, chroma, hue in degrees. The lightness is uniform to the eye (Ottosson 2020, "A
 * perceptual color space for image processing"), so a map that is linear in it is too. */
static double gamma_encode(double linear) {
    if (linear <= 0) return 0;
    if (linear >= 1) return 1;
    return linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055;
}

static bool linear_rgb(double lightness, double chroma, double hue, double rgb[3]) {
    double angle = hue * 0.017453292519943295, a = chroma * cos(angle), b = chroma * sin(angle);
    double l = lightness + 0.3963377774 * a + 0.2158037573 * b, m = lightness - 0.1055613458 * a - 0.0638541728 * b;
    double s = lightness - 0.0894841775 * a - 1.2914855480 * b;
    l *= l * l;
    m *= m * m;
    s *= s * s;
    rgb[0] = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
    rgb[1] = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
    rgb[2] = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
    for (int i = 0; i < 3; i++)
        if (rgb[i] < -1e-4 || rgb[i] > 1 + 1e-4) return false;
    return true;
}

/* Chroma is reduced until the screen can show it: lightness and hue stay. */
static uint32_t color_of(double lightness, double chroma, double hue) {
    double rgb[3];
    while (!linear_rgb(lightness, chroma, hue, rgb) && chroma > 1e-3) chroma *= 0.97;
    uint32_t color = 0xff000000u;
    for (int i = 0; i < 3; i++) color |= (uint32_t)(255 * gamma_encode(rgb[i]) + 0.5) << (16 - 8 * i);
    return color;
}

/* Valleys dark and blue, heights light and sandy in both themes; held back so that particles stand out on it. */
static void make_energy_map(kr_theme *theme) {
    for (int i = 0; i < KR_MAP_COLORS; i++) {
        double t = i / (double)(KR_MAP_COLORS - 1);
        if (theme->dark)
            theme->energy_map[i] = color_of(0.20 + 0.50 * t, 0.075 + 0.02 * sin(3.14159265 * t), 275 - 175 * t);
        else
            theme->energy_map[i] = color_of(0.55 + 0.42 * t, 0.09 - 0.05 * t, 270 - 175 * t);
    }
}

static void make_density_map(kr_theme *theme) {
    for (int i = 0; i < KR_MAP_COLORS; i++) {
        double t = i / (double)(KR_MAP_COLORS - 1), opacity = i == 0 ? 0 : fmin(1, 0.30 + 1.1 * t);
        uint32_t color = theme->dark ? color_of(0.62 + 0.36 * t, 0.19 - 0.10 * t * t, 35 + 70 * t)
                                     : color_of(0.62 - 0.40 * t, 0.21 - 0.08 * t, 50 - 40 * t);
        theme->density_map[i] = (color & 0xffffffu) | (uint32_t)(255 * opacity + 0.5) << 24;
    }
}

/* Blue, nothing, orange, which colour-blind people tell apart too; zero is near the ground. */
static void make_signed_map(kr_theme *theme) {
    for (int i = 0; i < KR_MAP_COLORS; i++) {
        double t = 2 * i / (double)(KR_MAP_COLORS - 1) - 1, size = fabs(t);
        theme->signed_map[i] = color_of(theme->dark ? 0.24 + 0.56 * size : 0.97 - 0.42 * size, 0.16 * size, t < 0 ? 250 : 60);
    }
}

static const kr_theme dark_colors = {.background = 0xff14171c,
                                     .panel = 0xff1d2128,
                                     .edge = 0xff3a414d,
                                     .text = 0xffe8eaed,
                                     .faint_text = 0xffa9b0bb,
                                     .grid = 0xff2e343e,
                                     .accent = 0xff56b4e9,
                                     .focus = 0xfff0e442,
                                     .warning = 0xffff7a45,
                                     .variant = {0xffe69f00, 0xff56b4e9, 0xff1fc08e, 0xffcc79a7},
                                     .prediction = 0xfff0e442,
                                     .kinetic = 0xffe69f00,
                                     .potential = 0xff56b4e9,
                                     .work = 0xff1fc08e,
                                     .heat = 0xffe8663c};

static const kr_theme light_colors = {.background = 0xfff3f4f6,
                                      .panel = 0xffffffff,
                                      .edge = 0xffbcc3cd,
                                      .text = 0xff1a1d22,
                                      .faint_text = 0xff565e6a,
                                      .grid = 0xffe3e6eb,
                                      .accent = 0xff0072b2,
                                      .focus = 0xffd55e00,
                                      .warning = 0xffc23b00,
                                      .variant = {0xffd07f00, 0xff0072b2, 0xff00865f, 0xffb0538a},
                                      .prediction = 0xff5b4bb7,
                                      .kinetic = 0xffd07f00,
                                      .potential = 0xff0072b2,
                                      .work = 0xff00865f,
                                      .heat = 0xffd55e00};

void kr_theme_make(kr_theme *theme, bool dark, double scale) {
    double unit = scale > 0.25 ? fmin(scale, 8) : isnan(scale) || scale <= 0 ? 1 : 0.25;
    *theme = dark ? dark_colors : light_colors;
    theme->dark = dark;
    theme->scale = unit;
    theme->small = 13 * unit;
    theme->normal = 14 * unit;
    theme->large = 17 * unit;
    theme->huge = 24 * unit;
    theme->gap = 8 * unit;
    theme->line = 30 * unit;
    make_energy_map(theme);
    make_density_map(theme);
    make_signed_map(theme);
}
