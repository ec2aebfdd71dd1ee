/* The format: NumPy Enhancement Proposal 1. "\x93NUMPY", version, length of a header, the header as the text of a dictionary
 * {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }, then the numbers. */
#include "number_file.h"

#include <kramers/input_file.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MOST = 65536, BEGIN = 8 };

typedef struct header {
    char kind; /* f, i, u or b */
    bool swapped, fortran;
    size_t bytes;
} header;

static bool is_little_endian(void) {
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

/* What stands behind the key in the dictionary; NULL: it is not there. */
static const char *value_of(const char *text, const char *key) {
    char quoted[24];
    snprintf(quoted, sizeof quoted, "'%s':", key);
    const char *at = strstr(text, quoted);
    if (!at) return NULL;
    at += strlen(quoted);
    return at + strspn(at, " ");
}

static bool read_type(const char *text, header *h) {
    const char *descr = value_of(text, "descr"), *order = value_of(text, "fortran_order");
    if (!descr || !order || strlen(descr) < strlen("'<f8'") || descr[0] != '\'' || !strchr("<>|=", descr[1])) return false;
    char *end;
    h->swapped = (descr[1] == '<' && !is_little_endian()) || (descr[1] == '>' && is_little_endian());
    h->kind = descr[2];
    h->bytes = strtoul(descr + 3, &end, 10);
    h->fortran = !strncmp(order, "True", 4);
    if (*end != '\'') return false;
    return h->kind == 'f' ? h->bytes == 4 || h->bytes == 8
           : h->kind == 'b'
               ? h->bytes == 1
               : (h->kind == 'i' || h->kind == 'u') && (h->bytes == 1 || h->bytes == 2 || h->bytes == 4 || h->bytes == 8);
}

/* Returns the number of axes, of which only two are kept; -1: no shape. */
static int read_shape(const char *text, size_t size[2]) {
    const char *at = value_of(text, "shape");
    int rank = 0;
    size[0] = size[1] = 1;
    if (!at || *at != '(') return -1;
    for (at++; *at != ')'; rank++) {
        char *end;
        at += strspn(at, " ");
        if (*at < '0' || *at > '9') return -1;
        unsigned long long extent = strtoull(at, &end, 10);
        if (rank < 2) size[rank] = (size_t)extent;
        at = end + strspn(end, " ");
        if (*at == ',')
            at += 1 + strspn(at + 1, " ");
        else if (*at != ')')
            return -1;
    }
    return rank;
}

static double number(const unsigned char *raw, const header *h) {
    unsigned char byte[8] = {0};
    for (size_t i = 0; i < h->bytes; i++) byte[i] = raw[h->swapped ? h->bytes - 1 - i : i];
    union {
        double f8;
        float f4;
        int8_t i1;
        int16_t i2;
        int32_t i4;
        int64_t i8;
        uint8_t u1;
        uint16_t u2;
        uint32_t u4;
        uint64_t u8;
    } as;
    memcpy(&as, byte, sizeof as);
    switch (h->kind) {
    case 'f': return h->bytes == 8 ? as.f8 : (double)as.f4;
    case 'i': return h->bytes == 8 ? (double)as.i8 : h->bytes == 4 ? as.i4 : h->bytes == 2 ? as.i2 : as.i1;
    default: return h->bytes == 8 ? (double)as.u8 : h->bytes == 4 ? as.u4 : h->bytes == 2 ? as.u2 : as.u1;
    }
}

/* Bytes from here to the end. */
static size_t left_in(FILE *in) {
    long here = ftell(in), end = here >= 0 && fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    return end >= here && fseek(in, here, SEEK_SET) == 0 ? (size_t)(end - here) : 0;
}

static kr_status read_numbers(FILE *in, const header *h, kr_number_array *array, const char *path, kr_error *error) {
    size_t count = array->rows * array->columns, there = left_in(in) / h->bytes;
    unsigned char raw[8];
    if (there < count)
        return kr_fail(error, KR_IO, "%s: the file ends after %zu of the %zu numbers that it announces", path, there, count);
    array->value = malloc(count * sizeof *array->value + 1);
    if (!array->value) return kr_fail(error, KR_NO_MEMORY, "%s: there is no memory for %zu numbers", path, count);
    for (size_t k = 0; k < count; k++) {
        if (fread(raw, h->bytes, 1, in) != 1)
            return ferror(in) ? kr_fail(error, KR_IO, "%s: could not be read: %s", path, kr_errno_text(errno))
                              : kr_fail(error, KR_IO, "%s: ends before the last of its %zu numbers; was it cut off?", path, count);
        size_t at = h->fortran ? k % array->rows * array->columns + k / array->rows : k;
        array->value[at] = number(raw, h);
    }
    return KR_OK;
}

/* The text of the header, malloc'd; NULL: there is none. */
static char *read_header(FILE *in) {
    unsigned char begin[BEGIN + 4];
    if (fread(begin, 1, BEGIN, in) != BEGIN || memcmp(begin, "\x93NUMPY", 6) != 0) return NULL;
    size_t wide = begin[6] == 1 ? 2 : 4, length = 0;
    if (fread(begin + BEGIN, 1, wide, in) != wide) return NULL;
    for (size_t i = wide; i-- > 0;) length = length << 8 | begin[BEGIN + i];
    char *text = length <= HEADER_MOST ? calloc(length + 1, 1) : NULL;
    if (text && fread(text, 1, length, in) == length && strlen(text) == length) return text;
    free(text);
    return NULL;
}

static kr_status read_open(FILE *in, kr_number_array *array, const char *path, size_t most, kr_error *error) {
    header h = {0};
    size_t size[2];
    char *text = read_header(in);
    if (!text) return kr_fail(error, KR_IO, "%s: is not a .npy file, or it is damaged", path);
    array->rank = read_shape(text, size);
    array->rows = size[0];
    array->columns = size[1];
    kr_status status = KR_OK;
    if (!read_type(text, &h))
        status = kr_fail(error, KR_IO, "%s: its numbers must be integers, or floating-point numbers of 32 or 64 bits", path);
    else if (array->rank < 1 || array->rank > 2)
        status = kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %d axes; an array of one or two is needed", path, array->rank);
    else if (size[1] > 0 && size[0] > most / size[1])
        status =
            kr_fail(error, KR_BAD_ARGUMENT, "'%s' has %zu x %zu numbers; at most %zu can be used", path, size[0], size[1], most);
    free(text);
    return status == KR_OK ? read_numbers(in, &h, array, path, error) : status;
}

kr_status kr_npy_read(kr_number_array *array, const char *path, size_t most, kr_error *error) {
    *array = (kr_number_array){.rank = 0};
    FILE *in;
    kr_status status = kr_input_stream(path, &in, error);
    if (status != KR_OK) return status;
    status = read_open(in, array, path, most, error);
    fclose(in);
    return status;
}

void kr_number_array_destroy(kr_number_array *array) {
    free(array->value);
    free(array->names);
    *array = (kr_number_array){.rank = 0};
}
