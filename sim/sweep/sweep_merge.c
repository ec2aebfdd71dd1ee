/* One table of the parts of a sweep: what their files say of it is enough. */
#include "sweep_about.h"
#include "sweep_state.h"

#include <stdlib.h>
#include <string.h>

/* What a table says of its sweep; *text NULL: nothing. */
static kr_status read_text(const char *name, char **text, kr_error *error) {
    kr_sweep_about about;
    *text = NULL;
    if (kr_sweep_is_hdf5(name)) return kr_sweep_hdf5_header(name, text, error);
    kr_status status = kr_sweep_about_read(&about, name, error);
    if (status) return status;
    status = about.text ? kr_sweep_about_check(&about, name, error) : KR_OK;
    if (!status) *text = about.text;
    if (!status) about.text = NULL;
    kr_sweep_about_free(&about);
    return status;
}

/* malloc'd, as if there were no parts; NULL with an error. */
static char *read_header(const char *name, kr_error *error) {
    char *text = NULL, *whole = NULL;
    kr_status status = read_text(name, &text, error);
    if (status) return NULL;
    status = text ? kr_sweep_header_is_one(name, text, error)
                  : kr_fail(error, KR_IO,
                            "%s: is no table of a sweep; the parts are tables with what they say of their sweep "
                            "(FILE.csv.yaml beside FILE.csv)",
                            name);
    if (!status && !(whole = kr_sweep_header_without_part(text)))
        kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
    free(text);
    return whole;
}

static kr_status begin(kr_sweep *sweep, const char *first, kr_error *error) {
    size_t count;
    if (!(sweep->header = read_header(first, error))) return error->status;
    kr_status status = kr_sweep_header_read(first, sweep->header, sweep->owned_vary, &count, &sweep->source.text, error);
    if (status) return status;
    sweep->source.length = strlen(sweep->source.text);
    sweep->source.name = strdup(first);
    sweep->source.directory = strdup(".");
    if (!sweep->source.name || !sweep->source.directory)
        return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
    return kr_sweep_prepare(sweep, (const char *const *)sweep->owned_vary, count, error);
}

static kr_status add(kr_sweep *sweep, const char *name, kr_error *error) {
    char *header = read_header(name, error);
    if (!header) return error->status;
    kr_status status = kr_sweep_header_check(sweep, name, header, error);
    free(header);
    if (status) return status;
    return kr_sweep_is_hdf5(name) ? kr_sweep_hdf5_rows(sweep, name, error) : kr_sweep_file_rows(sweep, name, error);
}

kr_status kr_sweep_gather(kr_sweep **result, const kr_registry *registry, const char *const *file, size_t count,
                          const kr_sweep_setup *setup, kr_sweep_table_report *report, kr_error *error) {
    *result = NULL;
    kr_sweep *sweep = calloc(1, sizeof *sweep);
    if (!sweep) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
    kr_sweep_init(sweep, registry);
    sweep->durability = setup->durability;
    sweep->report = report;
    kr_status status = begin(sweep, file[0], error);
    if (!status) status = kr_sweep_columns_choose(sweep, setup->columns, error);
    for (size_t i = 0; i < count && !status; i++) status = add(sweep, file[i], error);
    sweep->report = NULL;
    if (!status && setup->output) status = kr_sweep_file_open(sweep, setup->output, setup->overwrite, error);
    if (status) {
        kr_sweep_destroy(sweep);
        return status;
    }
    sweep->resumed = sweep->done;
    *result = sweep;
    return KR_OK;
}

kr_status kr_sweep_merge(kr_sweep **result, const kr_registry *registry, const char *const *file, size_t count,
                         const kr_sweep_setup *setup, kr_error *error) {
    kr_error own;
    *result = NULL;
    if (!count) return kr_fail(error, KR_BAD_ARGUMENT, "--merge needs the files of the parts");
    return kr_sweep_gather(result, registry, file, count, setup, NULL, error ? error : &own);
}
