#include "h5md.h"

#include <kramers/version.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kr_element_path(const kr_element *element, const char *member, char *path, size_t size) {
    snprintf(path, size, "%s/%s%s%s", element->of_particles ? "/particles/trajectory" : "/observables", element->name,
             member[0] ? "/" : "", member);
}

static void write_h5md(kr_h5 *h5) {
    int version[2] = {1, 1};
    hid_t group = kr_h5_group(h5, h5->file, "h5md"), author = kr_h5_group(h5, group, "author"),
          creator = kr_h5_group(h5, group, "creator");
    kr_h5_attribute(h5, group, "version", H5T_NATIVE_INT, 2, version);
    kr_h5_text(h5, author, "name", "not given"); /* equal runs make equal files, whoever makes them */
    kr_h5_text(h5, creator, "name", "kramers");
    kr_h5_text(h5, creator, "version", KR_VERSION);
    kr_h5_close(author);
    kr_h5_close(creator);
    kr_h5_close(group);
}

/* Open boundaries: even periodic landscapes have unbounded coordinates. Edges would say something else. */
static void write_box(kr_h5 *h5, size_t width) {
    enum { MOST_OF_ATTRIBUTE = 60000 }; /* bytes: HDF5 keeps an attribute in a header of 64 kB, and large networks go without */
    int dimension = (int)width;
    hid_t box = kr_h5_group(h5, h5->file, "particles/trajectory/box"), type = kr_h5_text_type(4);
    char *boundary = malloc(4 * width);
    if (boundary) {
        for (size_t i = 0; i < width; i++) memcpy(boundary + 4 * i, "none", 4);
        kr_h5_attribute(h5, box, "dimension", H5T_NATIVE_INT, 0, &dimension);
        if (4 * width <= MOST_OF_ATTRIBUTE) kr_h5_attribute(h5, box, "boundary", type, width, boundary);
        free(boundary);
    } else {
        kr_h5_no_memory(h5, "the box");
    }
    H5Tclose(type);
    kr_h5_close(box);
}

static const char settings[] = "/parameters/kramers";

void kr_h5_check_format(kr_h5 *h5, const char *place, uint64_t format) {
    int64_t said;
    if (!kr_h5_exists(h5, place) || !kr_h5_has_attribute(h5, place, KR_FORMAT_ATTRIBUTE)) return;
    if (!kr_h5_read_attribute(h5, place, KR_FORMAT_ATTRIBUTE, KR_H5_INT64, &said)) return;
    if (said > KR_FILE_FORMAT)
        h5->status = kr_fail(h5->error, KR_BAD_ARGUMENT,
                             "%s: is of file format %lld, and this version reads formats up to %d; a newer kramers reads it.",
                             h5->path, (long long)said, KR_FILE_FORMAT);
    else if (format == 1 && said > 1)
        kr_h5_refuse(h5, "what says where its checksums are", "is damaged");
}

void kr_h5md_check_format(kr_h5 *h5, uint64_t format) {
    kr_h5_check_format(h5, settings, format);
}

void kr_h5md_begin(kr_h5 *h5, size_t width) {
    hid_t group = kr_h5_group(h5, h5->file, settings);
    kr_h5_integer(h5, group, KR_FORMAT_ATTRIBUTE, KR_FILE_FORMAT);
    kr_h5_close(group);
    write_h5md(h5);
    write_box(h5, width);
}

static void write_unit(kr_h5 *h5, const kr_element *element) {
    char path[128];
    if (!element->unit) return;
    kr_element_path(element, "value", path, sizeof path);
    hid_t set = kr_h5_open_set(h5, path);
    kr_h5_text(h5, set, "unit", element->unit);
    kr_h5_close(set);
}

void kr_h5md_elements(kr_h5 *h5, const kr_element *element, size_t count, uint64_t flush) {
    static const char *const grid[2] = {"step", "time"};
    char path[128], first[128];
    for (size_t i = 0; i < count; i++) {
        kr_element_path(&element[i], "value", path, sizeof path);
        kr_h5_series(h5, h5->file, path, H5T_NATIVE_DOUBLE, element[i].rank, element[i].row, flush);
        for (int k = 0; k < 2; k++) {
            kr_element_path(&element[0], grid[k], first, sizeof first);
            kr_element_path(&element[i], grid[k], path, sizeof path);
            if (i == 0)
                kr_h5_series(h5, h5->file, path, k == 0 ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE, 0, NULL, flush);
            else
                kr_h5_link(h5, first, path);
        }
        kr_element_path(&element[i], "", path, sizeof path);
        hid_t group = kr_h5_group(h5, h5->file, path);
        kr_h5_text(h5, group, "description", element[i].doc);
        kr_h5_close(group);
        write_unit(h5, &element[i]);
    }
}

void kr_h5md_append(kr_h5 *h5, const kr_element *element, size_t count, uint64_t from, uint64_t rows, const int64_t *step,
                    const double *time) {
    char path[128];
    for (size_t i = 0; i < count; i++) {
        kr_element_path(&element[i], "value", path, sizeof path);
        kr_h5_append(h5, path, H5T_NATIVE_DOUBLE, element[i].rank, element[i].row, from, rows, element[i].waiting);
    }
    kr_element_path(&element[0], "step", path, sizeof path);
    kr_h5_append(h5, path, H5T_NATIVE_INT64, 0, NULL, from, rows, step);
    kr_element_path(&element[0], "time", path, sizeof path);
    kr_h5_append(h5, path, H5T_NATIVE_DOUBLE, 0, NULL, from, rows, time);
}

void kr_h5md_numbers(kr_h5 *h5, uint64_t particles) {
    hsize_t size = particles;
    int64_t *id = malloc((size_t)particles * sizeof *id);
    for (uint64_t p = 0; id && p < particles; p++) id[p] = (int64_t)p;
    if (id)
        kr_h5_fixed(h5, h5->file, "particles/trajectory/id", H5T_NATIVE_INT64, 1, &size, id);
    else
        kr_h5_no_memory(h5, "the numbers of the particles");
    free(id);
}
