/* Text to expression:
 *   sum     = product (("+" | "-") product)*
 *   product = sign (("*" | "/") sign)*
 *   sign    = ("-" | "+") sign | power
 *   power   = primary (("^" | "**") sign)?          so that -x^2 = -(x^2) and 2^-x^2 = 2^(-(x^2))
 *   primary = number | name | name "(" sum ("," sum)* ")" | "(" sum ")" */
#include "formula.h"

#include "elementary.h"

#include <kramers/number_text.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct parser {
    const char *text, *at;
    kr_formula_names *names;
    const double *values;
    const char *const *keys;
    kr_expression *e;
    uint64_t seen; /* variables */
    int depth;
    kr_status status;
    kr_error *error;
} parser;

typedef struct function {
    const char *name;
    kr_operation operation;
    int least, most; /* arguments */
} function;

enum { MOST_ARGUMENTS = 64 };

static const function functions[] = {{"abs", KR_OF_ABS, 1, 1},   {"atan", KR_OF_ATAN, 1, 1},  {"cos", KR_OF_COS, 1, 1},
                                     {"cosh", KR_OF_COSH, 1, 1}, {"exp", KR_OF_EXP, 1, 1},    {"log", KR_OF_LOG, 1, 1},
                                     {"max", KR_OF_MOST, 2, 64}, {"min", KR_OF_LEAST, 2, 64}, {"pow", KR_OF_POWER, 2, 2},
                                     {"sin", KR_OF_SIN, 1, 1},   {"sinh", KR_OF_SINH, 1, 1},  {"sqrt", KR_OF_SQRT, 1, 1},
                                     {"tan", KR_OF_TAN, 1, 1},   {"tanh", KR_OF_TANH, 1, 1},  {NULL, KR_OF_NUMBER, 0, 0}};
static const char all_functions[] = "abs, atan, cos, cosh, exp, log, max, min, pow, sin, sinh, sqrt, tan, tanh";

/* As others call them. */
static const char *const twins[][2] = {{"ln", "log"},      {"arctan", "atan"}, {"fabs", "abs"},  {"power", "pow"},
                                       {"maximum", "max"}, {"minimum", "min"}, {"square", "pow"}};
static const char *const fixed_keys[] = {"potential", "variables", "center", "reach", "name", NULL};

static size_t column(const char *text, const char *at) {
    size_t characters = 1;
    for (; text < at; text++) characters += ((unsigned char)*text & 0xc0) != 0x80; /* UTF-8 */
    return characters;
}

static uint32_t KR_PRINTF(3, 4) refuse(parser *p, const char *at, const char *format, ...) {
    if (p->status) return 0;
    char message[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    p->status = kr_fail(p->error, KR_BAD_ARGUMENT, "potential, column %zu: %s", column(p->text, at), message);
    return 0;
}

/* node, if everything went well with the operation at this place. */
static uint32_t checked(parser *p, const char *at, uint32_t node) {
    if (p->status || !p->e->status) return node;
    if (p->e->overflow)
        return refuse(p, at, "the numbers here give one that is not finite (a division by zero, the logarithm of 0, an overflow)");
    kr_error error;
    kr_expression_check(p->e, &error);
    return refuse(p, at, "%s", error.message);
}

static char peek(parser *p) {
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r') p->at++;
    return *p->at;
}

/* The character at this place, for messages; a whole one in UTF-8. */
static const char *shown(const char *at, char text[24]) {
    unsigned char first = (unsigned char)*at;
    int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    for (int i = 1; i < length; i++)
        if (((unsigned char)at[i] & 0xc0) != 0x80) length = 0;
    if (!first)
        snprintf(text, 24, "the end");
    else if (!length || first < ' ' || first == 0x7f || (first >= 0x80 && first < 0xc0) || first >= 0xf8)
        snprintf(text, 24, "the byte 0x%02x", first);
    else
        snprintf(text, 24, "'%.*s'", length, at);
    return text;
}

static bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t name_length(const char *at) {
    size_t length = 0;
    while (begins_name(at[length]) || (length && is_digit(at[length]))) length++;
    return length;
}

static uint32_t parse_sum(parser *p);
static uint32_t parse_sign(parser *p);

static uint32_t parse_number(parser *p) {
    const char *begin = p->at, *at = begin;
    char digits[64];
    double value;
    while (is_digit(*at)) at++;
    if (*at == '.') at++;
    while (is_digit(*at)) at++;
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at + 1;
        if (*exponent == '+' || *exponent == '-') exponent++;
        if (is_digit(*exponent)) at = exponent + strspn(exponent, "0123456789");
    }
    size_t length = (size_t)(at - begin);
    if (length >= sizeof digits) return refuse(p, begin, "a number may have at most %zu digits", sizeof digits - 1);
    memcpy(digits, begin, length);
    digits[length] = 0;
    p->at = at;
    if (!kr_number_parse(digits, &value)) return refuse(p, begin, "'%s' is no number", digits);
    if (!isfinite(value)) return refuse(p, begin, "%s is beyond the largest number, 1.8e308", digits);
    return checked(p, begin, kr_number_node(p->e, value));
}

/* ---- names ---- */

static const function *find_function(const char *name) {
    for (const function *f = functions; f->name; f++)
        if (!strcmp(f->name, name)) return f;
    return NULL;
}

static bool among(const char *name, const char *const *names) {
    for (; *names; names++)
        if (!strcmp(*names, name)) return true;
    return false;
}

static const char *nearest(const parser *p, const char *name, bool is_function) {
    const char *names[KR_MOST_VARIABLES + KR_FORMULA_PARAMETERS + 64];
    size_t count = 0;
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        if (!strcmp(twins[i][0], name)) return twins[i][1];
    if (!is_function) {
        for (size_t i = 0; i < p->names->variable_count; i++) names[count++] = p->names->variable[i];
        for (size_t i = 0; i < p->names->parameter_count; i++) names[count++] = p->names->parameter[i];
        for (const char *const *key = p->keys; key && *key && count < sizeof names / sizeof *names - 8; key++)
            if (!among(*key, fixed_keys)) names[count++] = *key;
        names[count++] = "pi";
    }
    for (const function *f = functions; is_function && f->name; f++) names[count++] = f->name;
    names[count] = NULL;
    return kr_nearest_name(name, names);
}

static uint32_t unknown_name(parser *p, const char *at, const char *name) {
    const char *near = nearest(p, name, false);
    if (peek(p) == '=') return refuse(p, at, "the potential is one expression; leave '%s =' out", name);
    if (near)
        return refuse(p, at, "unknown name '%s'; did you mean '%s'? A parameter gets its value in the scene (%s: 1)", name, near,
                      name);
    return refuse(p, at, "unknown name '%s'; list it in variables, or give it a value in the scene (%s: 1)", name, name);
}

static uint32_t parse_parameter(parser *p, const char *at, const char *name) {
    kr_formula_names *names = p->names;
    for (uint32_t i = 0; i < names->parameter_count; i++)
        if (!strcmp(names->parameter[i], name)) return p->values ? kr_number_node(p->e, p->values[i]) : kr_parameter_node(p->e, i);
    if (among(name, fixed_keys)) return refuse(p, at, "'%s' is a key of the landscape; call the parameter otherwise", name);
    if (p->values || (p->keys && !among(name, p->keys))) return unknown_name(p, at, name);
    if (names->parameter_count == KR_FORMULA_PARAMETERS)
        return refuse(p, at, "there may be at most %d parameters", KR_FORMULA_PARAMETERS);
    snprintf(names->parameter[names->parameter_count], KR_FORMULA_NAME, "%s", name);
    return kr_parameter_node(p->e, (uint32_t)names->parameter_count++);
}

static uint32_t apply(parser *p, const function *f, int count, const uint32_t *argument) {
    if (f->operation == KR_OF_POWER) return kr_power_node(p->e, argument[0], argument[1]);
    if (f->most == 1) return kr_unary_node(p->e, f->operation, argument[0]);
    uint32_t node = argument[0];
    for (int i = 1; i < count; i++) node = kr_binary_node(p->e, f->operation, node, argument[i]);
    return node;
}

static uint32_t parse_call(parser *p, const char *begin, const char *name) {
    const function *f = find_function(name);
    char text[24];
    if (!f) {
        const char *near = nearest(p, name, true);
        bool known = among(name, fixed_keys) || (p->keys && among(name, p->keys)) || !strcmp(name, "pi") || !strcmp(name, "e");
        for (size_t i = 0; i < p->names->variable_count; i++) known = known || !strcmp(p->names->variable[i], name);
        for (size_t i = 0; i < p->names->parameter_count; i++) known = known || !strcmp(p->names->parameter[i], name);
        if (known) return refuse(p, begin, "'%s' is no function; a product is written %s*(...)", name, name);
        if (near) return refuse(p, begin, "unknown function '%s'; did you mean '%s'?", name, near);
        return refuse(p, begin, "unknown function '%s'; there are %s", name, all_functions);
    }
    uint32_t argument[MOST_ARGUMENTS];
    int count = 0;
    do {
        p->at++; /* "(" or "," */
        if (count == MOST_ARGUMENTS) return refuse(p, p->at, "%s takes at most %d arguments", name, MOST_ARGUMENTS);
        argument[count++] = parse_sum(p);
    } while (!p->status && peek(p) == ',');
    if (p->status) return 0;
    if (*p->at != ')') return refuse(p, p->at, "expected ')' of '%s(', not %s", name, shown(p->at, text));
    p->at++;
    if (count < f->least || count > f->most)
        return refuse(p, begin, "%s takes %d argument%s%s, not %d", name, f->least, f->least == 1 ? "" : "s",
                      f->most > f->least ? " or more" : "", count);
    return checked(p, begin, apply(p, f, count, argument));
}

static uint32_t parse_name(parser *p) {
    const char *begin = p->at;
    size_t length = name_length(begin);
    char name[KR_FORMULA_NAME];
    if (length >= sizeof name) return refuse(p, begin, "a name may have at most %d letters", KR_FORMULA_NAME - 1);
    memcpy(name, begin, length);
    name[length] = 0;
    p->at += length;
    if (peek(p) == '(') return parse_call(p, begin, name);
    for (uint32_t i = 0; i < p->names->variable_count; i++)
        if (!strcmp(p->names->variable[i], name)) {
            p->seen |= UINT64_C(1) << i;
            return checked(p, begin, kr_variable_node(p->e, i));
        }
    if (!strcmp(name, "pi")) return kr_number_node(p->e, KR_PI);
    if (!strcmp(name, "e")) return kr_number_node(p->e, KR_EULER);
    if (find_function(name)) return refuse(p, begin, "%s is a function; its argument stands in parentheses, %s(x)", name, name);
    return checked(p, begin, parse_parameter(p, begin, name));
}

/* ---- operations ---- */

static uint32_t parse_primary(parser *p) {
    char c = peek(p), text[24];
    const char *begin = p->at;
    if (is_digit(c) || (c == '.' && is_digit(p->at[1]))) return parse_number(p);
    if (begins_name(c)) return parse_name(p);
    if (c != '(') return refuse(p, begin, "expected a number, a name or '(', not %s", shown(begin, text));
    p->at++;
    uint32_t node = parse_sum(p);
    if (p->status) return 0;
    if (peek(p) != ')')
        return refuse(p, p->at, "expected ')' for the '(' in column %zu, not %s", column(p->text, begin), shown(p->at, text));
    p->at++;
    return node;
}

static uint32_t parse_power(parser *p) {
    uint32_t base = parse_primary(p);
    if (p->status) return 0;
    const char *begin = p->at;
    char c = peek(p);
    if (c == '^')
        p->at++;
    else if (c == '*' && p->at[1] == '*')
        p->at += 2;
    else
        return base;
    uint32_t exponent = parse_sign(p);
    return p->status ? 0 : checked(p, begin, kr_power_node(p->e, base, exponent));
}

static uint32_t parse_sign(parser *p) {
    char c = peek(p);
    const char *begin = p->at;
    if (++p->depth > KR_FORMULA_DEPTH)
        return refuse(p, begin, "parentheses, signs and powers are nested more than %d deep", KR_FORMULA_DEPTH);
    uint32_t node;
    if (c == '-' || c == '+') {
        p->at++;
        node = parse_sign(p);
        if (!p->status && c == '-') node = checked(p, begin, kr_binary_node(p->e, KR_OF_PRODUCT, kr_number_node(p->e, -1), node));
    } else {
        node = parse_power(p);
    }
    p->depth--;
    return p->status ? 0 : node;
}

static uint32_t parse_product(parser *p) {
    uint32_t node = parse_sign(p);
    for (char c; !p->status && ((c = peek(p)) == '*' || c == '/');) {
        const char *begin = p->at++;
        uint32_t other = parse_sign(p);
        if (p->status) return 0;
        node = checked(p, begin, kr_binary_node(p->e, c == '*' ? KR_OF_PRODUCT : KR_OF_QUOTIENT, node, other));
    }
    return p->status ? 0 : node;
}

static uint32_t parse_sum(parser *p) {
    uint32_t node = parse_product(p);
    for (char c; !p->status && ((c = peek(p)) == '+' || c == '-');) {
        const char *begin = p->at++;
        uint32_t other = parse_product(p);
        if (p->status) return 0;
        node = checked(p, begin, kr_binary_node(p->e, c == '+' ? KR_OF_SUM : KR_OF_DIFFERENCE, node, other));
    }
    return p->status ? 0 : node;
}

static kr_status rest(parser *p) {
    char c = peek(p), text[24];
    if (c == ')') refuse(p, p->at, "there is no '(' for this ')'");
    if (c && (begins_name(c) || is_digit(c) || c == '('))
        refuse(p, p->at, "expected an operator, not %s; a product is written with *", shown(p->at, text));
    if ((unsigned char)c >= 0x80) refuse(p, p->at, "%s is not understood; write + - * / ^2", shown(p->at, text));
    if (c) refuse(p, p->at, "expected an operator (+ - * / ^), not %s", shown(p->at, text));
    for (size_t i = 0; i < p->names->variable_count && !p->status; i++)
        if (!(p->seen >> i & 1))
            p->status = kr_fail(p->error, KR_BAD_ARGUMENT, "variables: '%s' does not occur in the potential; list those that do",
                                p->names->variable[i]);
    return p->status;
}

kr_status kr_formula_parse(const char *text, kr_formula_names *names, const double *values, const char *const *keys,
                           kr_expression *e, uint32_t *root, kr_error *error) {
    parser p = {.text = text, .at = text, .names = names, .values = values, .keys = keys, .e = e, .error = error};
    *root = 0;
    if (strlen(text) > KR_FORMULA_TEXT)
        return kr_fail(error, KR_BAD_ARGUMENT, "potential: has %zu characters; there may be at most %d", strlen(text),
                       KR_FORMULA_TEXT);
    uint32_t node = parse_sum(&p);
    if (!p.status) rest(&p);
    if (!p.status) *root = node;
    return p.status;
}

/* ---- variables ---- */

static kr_status add_variable(kr_formula_names *names, const char *at, size_t length, kr_error *error) {
    char name[KR_FORMULA_NAME];
    if (!length || length >= sizeof name || name_length(at) != length)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "variables: '%.*s' is no name; names have up to %d letters, digits and _, and do not begin with a digit",
                       (int)(length < 60 ? length : 60), at, KR_FORMULA_NAME - 1);
    snprintf(name, sizeof name, "%.*s", (int)length, at);
    for (size_t i = 0; i < names->variable_count; i++)
        if (!strcmp(names->variable[i], name)) return kr_fail(error, KR_BAD_ARGUMENT, "variables: '%s' is listed twice", name);
    if (find_function(name) || !strcmp(name, "pi") || !strcmp(name, "e"))
        return kr_fail(error, KR_BAD_ARGUMENT, "variables: '%s' has a meaning in formulas; call the variable otherwise", name);
    if (names->variable_count == KR_MOST_VARIABLES)
        return kr_fail(error, KR_BAD_ARGUMENT, "variables: there may be at most %d", KR_MOST_VARIABLES);
    memcpy(names->variable[names->variable_count++], name, sizeof name);
    return KR_OK;
}

kr_status kr_formula_read_variables(const char *text, kr_formula_names *names, kr_error *error) {
    static const char blanks[] = " \t\r\n[]";
    names->variable_count = names->parameter_count = 0;
    for (const char *at = text;;) {
        at += strspn(at, blanks);
        size_t length = strcspn(at, ","), used = length;
        while (used && strchr(blanks, at[used - 1])) used--;
        kr_status status = add_variable(names, at, used, error);
        if (status || !at[length]) return status;
        at += length + 1;
    }
}
