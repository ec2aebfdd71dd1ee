#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int kr_complain(const kr_error *error) {
    fprintf(stderr, "kramers: %s\n", error->message);
    return kr_status_exit(error->status);
}

void kr_warn_of_landscape(const kr_landscape *landscape) {
    char text[256];
    for (size_t k = 0; landscape->type->warning && landscape->type->warning(landscape, k, text, sizeof text); k++)
        fprintf(stderr, "kramers: warning: %s\n", text);
}

int kr_flush_output(int status) {
    static bool said;
    errno = 0;
    bool failed = ferror(stdout) != 0;
    if ((!fflush(stdout) && !failed) || said) return status;
    said = true;
    fprintf(stderr, "kramers: the results could not be written to stdout: %s\n", errno ? kr_errno_text(errno) : "write error");
    return status ? status : 3;
}

bool kr_is_terminal(FILE *stream) {
    return isatty(fileno(stream)) == 1;
}

bool kr_erases_lines(FILE *stream) {
    const char *kind = getenv("TERM");
    return kr_is_terminal(stream) && kind && *kind && strcmp(kind, "dumb") != 0;
}

int kr_width(FILE *stream) {
    const char *columns = getenv("COLUMNS");
    int width = columns ? atoi(columns) : 0;
    struct winsize window;
    if (width <= 0 && kr_is_terminal(stream) && !ioctl(fileno(stream), TIOCGWINSZ, &window)) width = window.ws_col;
    return width <= 0 ? 80 : width < 40 ? 40 : width > 120 ? 120 : width;
}

const char *kr_bytes_text(double bytes, char *buffer, size_t size) {
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    while (bytes >= 999.5 && unit < 5) bytes /= 1000, unit++;
    snprintf(buffer, size, unit == 0 || bytes >= 99.95 ? "%.0f %s" : "%.2g %s", bytes, units[unit]);
    return buffer;
}

const char *kr_seconds_text(double seconds, char *buffer, size_t size) {
    if (!(seconds < 1e10))
        snprintf(buffer, size, "%s", seconds >= 1e10 ? "centuries" : "an unknown time");
    else if (seconds < 59.5)
        snprintf(buffer, size, "%.*f s", seconds < 9.95 ? 1 : 0, seconds);
    else if (seconds < 3570)
        snprintf(buffer, size, "%d min %02d s", (int)(seconds + 0.5) / 60, (int)(seconds + 0.5) % 60);
    else if (seconds < 86400)
        snprintf(buffer, size, "%d h %02d min", (int)(seconds / 60 + 0.5) / 60, (int)(seconds / 60 + 0.5) % 60);
    else
        snprintf(buffer, size, "%.1f days", seconds / 86400);
    return buffer;
}

const char *kr_known(double value, const char *format, char text[KR_KNOWN_TEXT]) {
    snprintf(text, KR_KNOWN_TEXT, isfinite(value) ? format : "-", value);
    return text;
}

void kr_print_wrapped(FILE *out, const char *text, int first, int indent, int width) {
    int column = first;
    for (bool fresh = true; *text; fresh = false) {
        int length = (int)strcspn(text, " \n");
        if (!fresh && column + 1 + length > width) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (!fresh) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", length, text);
        column += length;
        text += length;
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

void kr_print_named(const char *name, const char *about) {
    enum { INDENT = 2, NAMES = 22 };
    printf("%*s%-*s", INDENT, "", NAMES, name);
    if (strlen(name) >= NAMES) printf("\n%*s", INDENT + NAMES, "");
    kr_print_wrapped(stdout, about ? about : "", INDENT + NAMES, INDENT + NAMES, kr_width(stdout));
}
