#include "hdf5_source.h"

#include <stdint.h>
#include <sys/stat.h>

static kr_h5_source *source_of(const H5FD_t *file) {
    return (kr_h5_source *)(void *)(uintptr_t)file;
}

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t limit) {
    (void)name, (void)flags, (void)limit;
    kr_h5_source *const *given = H5Pget_driver_info(access);
    struct stat about;
    if (!given || fstat((*given)->descriptor, &about) != 0) return NULL;
    (*given)->about = (H5FD_t){0};
    (*given)->size = (uint64_t)about.st_size;
    (*given)->end = 0;
    return &(*given)->about;
}

static herr_t driver_close(H5FD_t *file) {
    (void)file;
    return 0;
}

static herr_t driver_query(const H5FD_t *file, unsigned long *flags) {
    (void)file;
    *flags = H5FD_FEAT_DATA_SIEVE;
    return 0;
}

static haddr_t driver_get_eoa(const H5FD_t *file, H5FD_mem_t kind) {
    (void)kind;
    return source_of(file)->end;
}

static herr_t driver_set_eoa(H5FD_t *file, H5FD_mem_t kind, haddr_t end) {
    (void)kind;
    source_of(file)->end = end;
    return 0;
}

static haddr_t driver_get_eof(const H5FD_t *file, H5FD_mem_t kind) {
    (void)kind;
    return source_of(file)->size;
}

static herr_t driver_read(H5FD_t *file, H5FD_mem_t kind, hid_t transfer, haddr_t place, size_t size, void *data) {
    (void)transfer;
    const kr_h5_source *source = source_of(file);
    return kr_h5_witness_read(source->witness, source->descriptor, kind, place, size, data) ? 0 : -1;
}

/* HDF5 asks for one, and never calls it for a file that is read. */
static herr_t driver_write(H5FD_t *file, H5FD_mem_t kind, hid_t transfer, haddr_t place, size_t size, const void *data) {
    (void)file, (void)kind, (void)transfer, (void)place, (void)size, (void)data;
    return -1;
}

static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)601, /* of the range left to unregistered drivers */
#endif
    .name = "kramers_source",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(kr_h5_source *),
    .open = driver_open,
    .close = driver_close,
    .query = driver_query,
    .get_eoa = driver_get_eoa,
    .set_eoa = driver_set_eoa,
    .get_eof = driver_get_eof,
    .read = driver_read,
    .write = driver_write,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

hid_t kr_h5_driver_registered(const H5FD_class_t *class, hid_t *number) {
    if (H5Iis_valid(*number) <= 0 || H5Iget_type(*number) != H5I_VFL) *number = H5FDregister(class);
    return *number;
}

hid_t kr_h5_source_open(kr_h5_source *source) {
    static hid_t known = H5I_INVALID_HID;
    hid_t number = kr_h5_driver_registered(&driver, &known);
    hid_t access = number >= 0 ? H5Pcreate(H5P_FILE_ACCESS) : H5I_INVALID_HID, file = H5I_INVALID_HID;
    if (access >= 0 && H5Pset_driver(access, number, &source) >= 0 && H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0)
        file = H5Fopen("kramers", H5F_ACC_RDONLY, access);
    if (access >= 0) H5Pclose(access);
    return file;
}
