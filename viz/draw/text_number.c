#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 17 };

static const char *const superscripts[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",     "\xe2\x81\xb4",
                                           "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7", "\xe2\x81\xb8", "\xe2\x81\xb9"};

static void append(char *buffer, size_t size, const char *text) {
    size_t used = strlen(buffer);
    if (used + 1 < size) snprintf(buffer + used, size - used, "%s", text);
}

static void append_power(char *buffer, size_t size, int exponent) {
    char digits[16];
    append(buffer, size, "10");
    if (exponent < 0) append(buffer, size, "\xe2\x81\xbb");
    snprintf(digits, sizeof digits, "%d", abs(exponent));
    for (const char *digit = digits; *digit; digit++) append(buffer, size, superscripts[*digit - '0']);
}

const char *kr_text_power(int exponent, char *buffer, size_t size) {
    if (size == 0) return buffer;
    buffer[0] = 0;
    append_power(buffer, size, exponent);
    return buffer;
}

/* Significant digits that the value has, but for rounding: 0.5 has one, so has 5 times 0.1, a measured 0.50003 all of them. */
static int own_digits(double value, int digits) {
    double rounding = digits < 14 ? 1e-14 * value : 0;
    for (int few = 1; few < digits; few++) {
        char text[40];
        snprintf(text, sizeof text, "%.*e", few - 1, value);
        if (fabs(strtod(text, NULL) - value) <= rounding) return few;
    }
    return digits;
}

static void append_fixed(char *buffer, size_t size, double value, int decimals) {
    char text[400];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    size_t whole = strcspn(text, ".");
    for (size_t i = 0; text[i]; i++) {
        char one[2] = {text[i], 0};
        if (whole > 4 && i > 0 && i < whole && (whole - i) % 3 == 0) append(buffer, size, "\xe2\x80\x89");
        append(buffer, size, one);
    }
}

const char *kr_text_number(double value, int digits, char *buffer, size_t size) {
    if (size == 0) return buffer;
    buffer[0] = 0;
    if (isnan(value)) {
        append(buffer, size, "\xe2\x80\x93");
        return buffer;
    }
    if (value < 0) append(buffer, size, "\xe2\x88\x92");
    double amount = fabs(value);
    if (isinf(value) || amount == 0) {
        append(buffer, size, amount == 0 ? "0" : "\xe2\x88\x9e");
        return buffer;
    }
    int most = digits < 1 ? 1 : digits > DIGITS ? DIGITS : digits, shown = own_digits(amount, most);
    char text[40];
    snprintf(text, sizeof text, "%.*e", shown - 1, amount);
    int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    if (exponent >= -4 && exponent < (most > 6 ? most : 6)) {
        append_fixed(buffer, size, amount, shown - 1 - exponent > 0 ? shown - 1 - exponent : 0);
        return buffer;
    }
    *strchr(text, 'e') = 0;
    if (strcmp(text, "1") != 0) {
        append(buffer, size, text);
        append(buffer, size, "\xc3\x97");
    }
    append_power(buffer, size, exponent);
    return buffer;
}
