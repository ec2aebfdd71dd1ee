/* Values on their way between settings, callers and text. */
#include <kramers/number_text.h>
#include <kramers/parameter.h>

#include <inttypes.h>
#include <math.h>
#include <string.h>

kr_parameter_value kr_number_value(double number) {
    return (kr_parameter_value){.type = KR_NUMBER, .number = number};
}

kr_parameter_value kr_integer_value(int64_t integer) {
    return (kr_parameter_value){.type = KR_INTEGER, .integer = integer};
}

kr_parameter_value kr_natural_value(uint64_t natural) {
    return (kr_parameter_value){.type = KR_NATURAL, .natural = natural};
}

kr_parameter_value kr_switch_value(bool on) {
    return (kr_parameter_value){.type = KR_SWITCH, .on = on};
}

kr_parameter_value kr_text_value(const char *text) {
    return (kr_parameter_value){.type = KR_TEXT, .text = text};
}

kr_parameter_value kr_list_value(const kr_list *list) {
    return (kr_parameter_value){.type = KR_LIST, .list = *list};
}

static const char *choice_name(const kr_parameter *parameter, int choice) {
    for (int i = 0; parameter && parameter->choices && parameter->choices[i]; i++)
        if (i == choice) return parameter->choices[i];
    return "";
}

kr_status kr_set_value(kr_settings *settings, const kr_parameter *parameter, kr_parameter_value value, kr_error *error) {
    switch (value.type) {
    case KR_NUMBER: return kr_set_number(settings, parameter, value.number, error);
    case KR_INTEGER: return kr_set_integer(settings, parameter, value.integer, error);
    case KR_NATURAL: return kr_set_natural(settings, parameter, value.natural, error);
    case KR_SWITCH: return kr_set_switch(settings, parameter, value.on, error);
    case KR_CHOICE: return kr_set_text(settings, parameter, choice_name(parameter, value.choice), error);
    case KR_TEXT: return kr_set_text(settings, parameter, value.text, error);
    case KR_LIST: return kr_set_list(settings, parameter, value.list.value, value.list.count, error);
    case KR_SCHEDULES: break;
    }
    return KR_BAD_ARGUMENT;
}

kr_parameter_value kr_get_value(const kr_settings *settings, const kr_parameter *parameter) {
    const void *at = (const char *)settings->values + parameter->offset;
    switch (parameter->type) {
    case KR_NUMBER: return kr_number_value(*(const double *)at);
    case KR_INTEGER: return kr_integer_value(*(const int64_t *)at);
    case KR_NATURAL: return kr_natural_value(*(const uint64_t *)at);
    case KR_SWITCH: return kr_switch_value(*(const bool *)at);
    case KR_CHOICE: return (kr_parameter_value){.type = KR_CHOICE, .choice = *(const int *)at};
    case KR_TEXT: return kr_text_value(*(char *const *)at);
    case KR_LIST: return kr_list_value(at);
    case KR_SCHEDULES: break;
    }
    return kr_text_value(NULL);
}

bool kr_parameter_value_absent(kr_parameter_value value) {
    return (value.type == KR_NUMBER && !isfinite(value.number)) || (value.type == KR_TEXT && !value.text) ||
           (value.type == KR_LIST && !value.list.count);
}

kr_status kr_settings_specialise(kr_settings *settings, const char *const *keys, kr_error *error) {
    const kr_descriptor *general = settings->about->general ? settings->about->general : settings->about, *special = NULL;
    if (!general->specialise) return KR_OK;
    kr_status status = general->specialise(general, settings->values, keys, &special, error);
    if (status || special == settings->about) return status;
    kr_settings made;
    if ((status = kr_settings_create(&made, special, error))) return status;
    for (const kr_parameter *row = special->parameters; row && row->name && !status; row++) {
        const kr_parameter *old = kr_parameter_find(settings->about, row->name);
        kr_parameter_value value = old ? kr_get_value(settings, old) : kr_text_value(NULL);
        if (!kr_parameter_value_absent(value)) status = kr_set_value(&made, row, value, error);
    }
    kr_settings_destroy(status ? &made : settings);
    if (!status) *settings = made;
    return status;
}

static void print_text(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

/* "x, y", with or without brackets, as a list. */
static void print_names(FILE *out, const char *text) {
    static const char blanks[] = " \t\r\n[]";
    fputc('[', out);
    for (; *text; text++) {
        if (*text == ',')
            fputs(", ", out);
        else if (!strchr(blanks, *text))
            fputc(*text, out);
    }
    fputc(']', out);
}

void kr_parameter_value_print(FILE *out, const kr_parameter *parameter, kr_parameter_value value) {
    char number[KR_NUMBER_TEXT];
    switch (value.type) {
    case KR_NUMBER: fputs(kr_number_yaml(value.number, number), out); break;
    case KR_INTEGER: fprintf(out, "%" PRId64, value.integer); break;
    case KR_NATURAL: fprintf(out, "%" PRIu64, value.natural); break;
    case KR_SWITCH: fputs(value.on ? "true" : "false", out); break;
    case KR_CHOICE: fputs(choice_name(parameter, value.choice), out); break;
    case KR_TEXT:
        if (parameter && parameter->flags & KR_NAMES)
            print_names(out, value.text ? value.text : "");
        else
            print_text(out, value.text ? value.text : "");
        break;
    case KR_LIST:
        fputc('[', out);
        for (size_t i = 0; i < value.list.count; i++)
            fprintf(out, "%s%s", i ? ", " : "", kr_number_yaml(value.list.value[i], number));
        fputc(']', out);
        break;
    case KR_SCHEDULES: break;
    }
}
