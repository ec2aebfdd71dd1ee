#include <kramers/number_text.h>

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A program around the library may have set a locale with a decimal comma. */
static locale_t enter_c_locale(locale_t *plain) {
    *plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    return *plain ? uselocale(*plain) : (locale_t)0;
}

static void leave_c_locale(locale_t plain, locale_t before) {
    if (!plain) return;
    uselocale(before);
    freelocale(plain);
}

/* 1e+09 to 1e9, 1e-07 to 1e-7. */
static void tidy_exponent(char *text) {
    char *at = strchr(text, 'e');
    if (!at) return;
    at += 1 + (at[1] == '-');
    size_t skip = strspn(at, "+0");
    memmove(at, at + skip, strlen(at + skip) + 1);
}

const char *kr_number_text(double value, char *buffer) {
    if (!isfinite(value)) return strcpy(buffer, isnan(value) ? ".nan" : value > 0 ? ".inf" : "-.inf");
    locale_t plain, before = enter_c_locale(&plain);
    if (value == floor(value) && fabs(value) < 1e15 && (fabs(value) < 1e6 || fmod(value, 1e5) != 0)) {
        snprintf(buffer, KR_NUMBER_TEXT, "%.0f", value);
    } else {
        int digits = 1;
        do snprintf(buffer, KR_NUMBER_TEXT, "%.*g", digits, value);
        while (strtod(buffer, NULL) != value && ++digits <= 17);
    }
    leave_c_locale(plain, before);
    tidy_exponent(buffer);
    return buffer;
}

const char *kr_number_yaml(double value, char *buffer) {
    kr_number_text(value, buffer);
    char *exponent = strchr(buffer, 'e'), tail[8];
    if (!exponent) return buffer;
    strcpy(tail, exponent + 1);
    *exponent = 0;
    snprintf(exponent, KR_NUMBER_TEXT - (size_t)(exponent - buffer), "%se%s%s", strchr(buffer, '.') ? "" : ".0",
             *tail == '-' ? "" : "+", tail);
    return buffer;
}

static const char *digits_end(const char *text) {
    return text + strspn(text, "0123456789");
}

/* [-+]? ( digits [. digits*] | . digits ) ( [eE] [-+]? digits )? : the end of it, or NULL. */
static const char *number_end(const char *text) {
    if (*text == '-' || *text == '+') text++;
    const char *whole = digits_end(text), *end = whole;
    if (*whole == '.') end = digits_end(whole + 1);
    if (whole == text && end <= whole + 1) return NULL;
    if (*end != 'e' && *end != 'E') return end;
    const char *exponent = end + 1 + (end[1] == '-' || end[1] == '+');
    return digits_end(exponent) > exponent ? digits_end(exponent) : NULL;
}

static bool only_blanks(const char *text) {
    return !text[strspn(text, " \t\r\n")];
}

bool kr_number_parse(const char *text, double *value) {
    text += strspn(text, " \t\r\n");
    static const struct {
        const char *text;
        double value;
    } special[] = {{".inf", INFINITY}, {"+.inf", INFINITY}, {"-.inf", -INFINITY}, {".nan", NAN},
                   {".Inf", INFINITY}, {"+.Inf", INFINITY}, {"-.Inf", -INFINITY}, {".NaN", NAN},
                   {".INF", INFINITY}, {"+.INF", INFINITY}, {"-.INF", -INFINITY}, {".NAN", NAN}};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (!strncmp(text, special[i].text, strlen(special[i].text)) && only_blanks(text + strlen(special[i].text))) {
            *value = special[i].value;
            return true;
        }
    const char *end = number_end(text);
    if (!end || !only_blanks(end)) return false;
    locale_t plain, before = enter_c_locale(&plain);
    *value = strtod(text, NULL);
    leave_c_locale(plain, before);
    return true;
}

bool kr_natural_parse(const char *text, uint64_t *value) {
    text += strspn(text, " \t\r\n");
    const char *first = text + (*text == '+'), *end = digits_end(first);
    if (end == first || !only_blanks(end)) return false;
    errno = 0;
    unsigned long long natural = strtoull(first, NULL, 10);
    if (errno) return false;
    *value = natural;
    return true;
}

bool kr_integer_parse(const char *text, int64_t *value) {
    text += strspn(text, " \t\r\n");
    const char *first = text + (*text == '-' || *text == '+'), *end = digits_end(first);
    if (end == first || !only_blanks(end)) return false;
    errno = 0;
    long long integer = strtoll(text, NULL, 10);
    if (errno) return false;
    *value = integer;
    return true;
}
