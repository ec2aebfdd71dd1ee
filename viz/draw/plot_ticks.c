#include "plot_ticks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The smallest of 1, 2, 5 times a power of ten that gives at most so many steps. */
static double round_step(double span, double most) {
    double raw = span / fmax(most, 1), power = pow(10, floor(log10(raw)));
    double mantissa = raw / power;
    return (mantissa <= 1.0000001 ? 1 : mantissa <= 2.0000001 ? 2 : mantissa <= 5.0000001 ? 5 : 10) * power;
}

static void add(kr_ticks *ticks, double value, bool minor, const char *text) {
    if (ticks->count == KR_MAX_TICKS) return;
    ticks->value[ticks->count] = value;
    ticks->minor[ticks->count] = minor;
    snprintf(ticks->text[ticks->count], KR_TICK_TEXT, "%s", text);
    ticks->count++;
}

static double numbers_at(const kr_axis *axis, double step) {
    return floor(axis->high / step + 1e-6) - ceil(axis->low / step - 1e-6) + 1;
}

/* A single number says nothing of the scale: then the step is made smaller, but every second number must do where all are too many.
 */
static double linear_step(const kr_axis *axis, double most) {
    double step = round_step(axis->high - axis->low, most);
    if (numbers_at(axis, step) > 1.5) return step;
    for (int i = 0; i < 3 && numbers_at(axis, step) < 1.5; i++) step = round_step(0.4 * step, 1); /* the next smaller one */
    return numbers_at(axis, step) > most + 2 ? 2 * step : step;
}

static void linear_ticks(kr_ticks *ticks, const kr_axis *axis, double most) {
    double step = linear_step(axis, most), largest = fmax(fabs(axis->low), fabs(axis->high)), unit = 1;
    /* Ticks that a double cannot tell apart are none; nor are there any on an axis that has run out of numbers. */
    if (!(step > 1e-14 * largest) || !isfinite(largest)) return;
    /* Numbers like 0.00002 or 3000000 are written in units of a power of ten. */
    if (largest >= 0.999e6 || largest < 1e-3) {
        int exponent = (int)floor(log10(largest * (1 + 1e-9)));
        unit = pow(10, exponent);
        kr_text_power(exponent, ticks->power, sizeof ticks->power);
    }
    double first = ceil(axis->low / step - 1e-6);
    for (int i = 0; i < KR_MAX_TICKS; i++) {
        double value = (first + i) * step;
        char text[KR_TICK_TEXT];
        if (value > axis->high + 1e-6 * step) break;
        if (fabs(value) < 1e-9 * step) value = 0;
        int decimals = (int)ceil(-log10(step / unit) - 1e-6);
        if (decimals <= 0) {
            kr_text_number(round(value / unit), 15, text, sizeof text);
        } else {
            /* All with the same decimals: 0.5, 1.0, 1.5. */
            char digits[KR_TICK_TEXT];
            snprintf(digits, sizeof digits, "%.*f", decimals < 15 ? decimals : 15, fabs(value / unit));
            snprintf(text, sizeof text, "%s%s", value < 0 ? "\xe2\x88\x92" : "", value == 0 ? "0" : digits);
        }
        add(ticks, value, false, text);
    }
}

/* Axes that leave 0.0001 to 10 000 have powers throughout, but for 1 and 10. */
static void decade_text(double value, const kr_axis *axis, char *text, size_t size) {
    bool powers = axis->low < 0.99e-4 || axis->high > 1.01e5;
    double exponent = log10(value), whole = round(exponent);
    if (powers && fabs(exponent - whole) < 1e-9 && whole != 0 && whole != 1)
        kr_text_power((int)whole, text, size);
    else
        kr_text_number(value, 1, text, size);
}

/* Numbers at 1, 2 and 5 of each decade where there are few decades. */
static void few_decades(kr_ticks *ticks, const kr_axis *axis, int low, int high, bool halves) {
    for (int exponent = low; exponent <= high; exponent++)
        for (int digit = 1; digit < 10; digit++) {
            double value = digit * pow(10, exponent);
            char text[KR_TICK_TEXT] = "";
            bool named = digit == 1 || (halves && (digit == 2 || digit == 5));
            if (value < axis->low * (1 - 1e-9) || value > axis->high * (1 + 1e-9)) continue;
            if (named) decade_text(value, axis, text, sizeof text);
            add(ticks, value, digit != 1, text);
        }
}

static size_t numbers(const kr_ticks *ticks) {
    size_t count = 0;
    for (size_t i = 0; i < ticks->count; i++) count += ticks->text[i][0] != '\0';
    return count;
}

static void logarithmic_ticks(kr_ticks *ticks, const kr_axis *axis, double most) {
    if (!(axis->low > 0 && axis->high > axis->low) || !isfinite(axis->high)) return;
    int low = (int)floor(log10(axis->low) + 1e-9), high = (int)ceil(log10(axis->high) - 1e-9);
    double decades = log10(axis->high / axis->low);
    if (decades < 0.7) {
        linear_ticks(ticks, axis, most);
        return;
    }
    if (decades <= 9 && decades <= most) {
        for (int halves = 3 * decades <= most; halves < 2; halves++) {
            ticks->count = 0;
            few_decades(ticks, axis, low, high, halves);
            if (numbers(ticks) > 1) return;
        }
        ticks->count = 0;
        linear_ticks(ticks, axis, most);
        return;
    }
    int every = (int)fmax(1, ceil(decades / fmin(fmax(most, 2), KR_MAX_TICKS / 2)));
    if (every > high - low) every = (int)fmax(1, high - low);
    for (int exponent = low - (low % every + every) % every; exponent <= high; exponent++) {
        double value = pow(10, exponent);
        char text[KR_TICK_TEXT] = "";
        if (value < axis->low * (1 - 1e-9) || value > axis->high * (1 + 1e-9)) continue;
        bool named = exponent % every == 0;
        if (!named && every > 3) continue;
        if (named) decade_text(value, axis, text, sizeof text);
        add(ticks, value, !named, text);
    }
}

void kr_ticks_make(kr_ticks *ticks, const kr_axis *axis, double most) {
    memset(ticks, 0, sizeof *ticks);
    if (axis->logarithmic)
        logarithmic_ticks(ticks, axis, most);
    else
        linear_ticks(ticks, axis, most);
}
