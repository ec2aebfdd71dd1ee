/* Lines of CSV (RFC 4180) as they grow, and fields out of them. Missing values are empty. */
#include "sweep_state.h"

#include <kramers/number_text.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kr_sweep_add(kr_sweep_line *l, const char *format, ...) {
    va_list arguments;
    if (!l->stream) l->stream = open_memstream(&l->text, &l->size);
    va_start(arguments, format);
    if (!l->stream || vfprintf(l->stream, format, arguments) < 0) l->failed = true;
    va_end(arguments);
}

void kr_sweep_add_quoted(kr_sweep_line *l, const char *text) {
    if (!text[strcspn(text, ",\"\n\r#")]) {
        kr_sweep_add(l, "%s", text);
        return;
    }
    kr_sweep_add(l, "\"");
    for (; *text; text++) kr_sweep_add(l, *text == '"' ? "\"\"" : "%c", *text);
    kr_sweep_add(l, "\"");
}

void kr_sweep_add_number(kr_sweep_line *l, double value) {
    char text[KR_NUMBER_TEXT];
    if (isnan(value))
        kr_sweep_add(l, ",");
    else if (isinf(value))
        kr_sweep_add(l, value > 0 ? ",inf" : ",-inf");
    else
        kr_sweep_add(l, ",%s", kr_number_text(value, text));
}

char *kr_sweep_line_finish(kr_sweep_line *l) {
    bool good = l->stream && !fclose(l->stream) && !l->failed;
    if (good) return l->text;
    free(l->text);
    return NULL;
}

const char *kr_sweep_read_field(const char *text, char *buffer) {
    size_t used = 0;
    bool quoted = *text == '"';
    if (quoted) text++;
    for (; *text; text++) {
        if (quoted && *text == '"' && text[1] == '"')
            text++;
        else if (quoted && *text == '"') {
            quoted = false;
            continue;
        } else if (!quoted && *text == ',')
            break;
        if (buffer && used < KR_SWEEP_CELL - 1) buffer[used++] = *text;
    }
    if (buffer) buffer[used] = 0;
    return *text ? text + 1 : NULL;
}
