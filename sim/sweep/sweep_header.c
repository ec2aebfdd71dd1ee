/* What a sweep is, in words: the text beside its table (FILE.csv.yaml, or in the HDF5 file) by which a file is known again. */
#include "sweep_state.h"

#include "files/generator_record.h"

#include <kramers/file_path.h>
#include <kramers/generator.h>
#include <kramers/input_file.h>
#include <kramers/number_text.h>
#include <kramers/version.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char version_line[] = "kramers sweep: ", generator_line[] = "generator: ", points_line[] = "points: ",
                  part_line[] = "part: ", vary_line[] = "vary:", files_line[] = "files:", scene_line[] = "scene:";

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for the table of a sweep");
}

bool kr_sweep_is_hdf5(const char *name) {
    const char *end = strrchr(name, '.');
    return end && (!strcmp(end, ".h5") || !strcmp(end, ".hdf5"));
}

/* ---- input files ---- */

/* FNV-1a: tells another content, it is no protection against deceit. */
static kr_status hash_file(const char *path, uint64_t *hash, kr_error *error) {
    unsigned char bytes[1 << 16];
    FILE *file;
    kr_status status = kr_input_stream(path, &file, error);
    if (status != KR_OK) return status;
    *hash = UINT64_C(14695981039346656037);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, file)) > 0;)
        for (size_t i = 0; i < n; i++) *hash = (*hash ^ bytes[i]) * UINT64_C(1099511628211);
    bool failed = ferror(file);
    int number = errno;
    fclose(file);
    return failed ? kr_fail(error, KR_IO, "%s: could not be read: %s", path, kr_errno_text(number)) : KR_OK;
}

typedef struct input_files {
    kr_sweep_line *line;
    char **name;
    size_t count, room;
    bool failed;
} input_files;

/* What is not there is said by the points that need it. */
static void add_file(const kr_scene *scene, const char *path, void *context) {
    input_files *files = context;
    uint64_t hash;
    for (size_t i = 0; i < files->count; i++)
        if (!strcmp(files->name[i], path)) return;
    if (files->count == files->room) {
        char **grown = realloc(files->name, (files->room + 16) * sizeof *grown);
        files->failed = files->failed || !grown;
        if (!grown) return;
        files->name = grown;
        files->room += 16;
    }
    char *full = kr_path_join(scene->directory, path);
    files->name[files->count] = strdup(path);
    files->failed = files->failed || !full || !files->name[files->count];
    if (!files->failed && !files->count++) kr_sweep_add(files->line, "%s\n", files_line);
    if (!files->failed && hash_file(full, &hash, NULL) == KR_OK) kr_sweep_add(files->line, "  - %016" PRIx64 " %s\n", hash, path);
    free(full);
}

/* Of all points: each value of each key with the first of the others, since paths stand in single keys. */
static bool add_files(kr_sweep *sweep, kr_sweep_line *line) {
    input_files files = {.line = line};
    kr_scene_visit_files(&sweep->first, add_file, &files);
    size_t stride = sweep->count;
    for (size_t a = 0; a < sweep->axis_count; a++) {
        stride /= sweep->axis[a].count;
        for (size_t i = 0; i < sweep->axis[a].count && !sweep->axis[a].numbers; i++) {
            size_t own = kr_sweep_axis_index(sweep, sweep->first_point, a);
            kr_scene scene;
            if (kr_sweep_scene(sweep, sweep->first_point - own * stride + i * stride, true, &scene, NULL)) continue;
            kr_scene_visit_files(&scene, add_file, &files);
            kr_scene_destroy(&scene);
        }
    }
    for (size_t i = 0; i < files.count; i++) free(files.name[i]);
    free(files.name);
    const kr_registry *registry = sweep->registry;
    if (registry->plugin_count) kr_sweep_add(line, "plugins:\n");
    for (size_t i = 0; i < registry->plugin_count; i++)
        kr_sweep_add(line, "  - %s %s\n", registry->plugins[i].hash, registry->plugins[i].name);
    return !files.failed;
}

/* ---- writing ---- */

/* Every line of text by so much to the right. */
static void add_indented(kr_sweep_line *l, const char *text, const char *before) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        kr_sweep_add(l, "%s%.*s\n", before, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

kr_status kr_sweep_header_make(kr_sweep *sweep, kr_error *error) {
    kr_sweep_line header = {0};
    kr_sweep_add(&header, "%s%s\n%s%s\n%s%zu\n", version_line, KR_VERSION, generator_line, kr_generator_name(), points_line,
                 sweep->count);
    if (sweep->parts > 1) kr_sweep_add(&header, "%s%zu/%zu\n", part_line, sweep->part, sweep->parts);
    kr_sweep_add(&header, "%s\n", vary_line);
    for (size_t a = 0; a < sweep->axis_count; a++) {
        kr_sweep_add(&header, "  - |-\n");
        add_indented(&header, sweep->axis[a].given, "    ");
    }
    bool complete = add_files(sweep, &header);
    kr_sweep_add(&header, "# of point %zu, before its seed is derived\n%s\n", sweep->first_point, scene_line);
    add_indented(&header, sweep->scene_text, "  ");
    sweep->header = kr_sweep_line_finish(&header);
    return complete && sweep->header ? KR_OK : no_memory(error);
}

/* ---- checking ---- */

static bool starts(const char *text, const char *with) {
    return !strncmp(text, with, strlen(with));
}

static void copy_line(const char *from, char *to, size_t size) {
    size_t length = strcspn(from, "\n");
    snprintf(to, size, "%.*s", (int)(length < size ? length : size - 1), from);
}

static const char *next_line(const char *text) {
    text += strcspn(text, "\n");
    return text + (*text == '\n');
}

kr_status kr_sweep_header_is_one(const char *name, const char *text, kr_error *error) {
    char version[32], generator[128];
    if (text && starts(text, "# kramers "))
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "%s is a table of an earlier version, which can be read but not gone on with; write elsewhere, or start anew with "
            "--force",
            name);
    if (!text || !starts(text, version_line))
        return kr_fail(error, KR_IO, "%s exists and is no table of a sweep; --force overwrites it", name);
    copy_line(text + strlen(version_line), version, sizeof version);
    const char *second = next_line(text);
    bool named = starts(second, generator_line);
    copy_line(second + (named ? strlen(generator_line) : 0), generator, sizeof generator);
    return kr_generator_check(name, named ? generator : NULL, version, error);
}

/* "  - 0123456789abcdef NAME" of another content. */
static bool same_file_changed(const char *have, const char *want, char file[160]) {
    bool entries = starts(have, "  - ") && starts(want, "  - ") && strlen(have) > 21 && strlen(want) > 21 && have[20] == ' ';
    size_t length = strcspn(want, "\n");
    if (!entries || strcspn(have, "\n") != length || strncmp(have + 20, want + 20, length - 20) != 0) return false;
    copy_line(want + 21, file, 160);
    return true;
}

kr_status kr_sweep_header_check(const kr_sweep *sweep, const char *name, const char *text, kr_error *error) {
    const char *want = sweep->header;
    kr_status status = kr_sweep_header_is_one(name, text, error);
    if (status != KR_OK) return status;
    for (; *want || *text; text = next_line(text), want = next_line(want)) {
        size_t have = strcspn(text, "\n"), length = strcspn(want, "\n");
        char file[160];
        if (have == length && !strncmp(text, want, length)) continue;
        if (same_file_changed(text, want, file))
            return kr_fail(
                error, KR_BAD_ARGUMENT,
                "%s: the content of %s has changed since this sweep was begun; bring the old file back, write elsewhere, or "
                "start anew with --force",
                name, file);
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "%s is of another sweep: '%.*s' stands there where this one has '%.*s'; go on with the same command line, "
                       "write elsewhere, or start anew with --force",
                       name, have > 160 ? 160 : (int)have, text, length > 160 ? 160 : (int)length, want);
    }
    return KR_OK;
}

/* ---- reading, to merge ---- */

/* Lines that begin with `before`, without it; malloc'd. */
static char *take_indented(const char **text, const char *before) {
    kr_sweep_line line = {0};
    for (bool first = true; starts(*text, before); *text = next_line(*text), first = false) {
        const char *own = *text + strlen(before);
        kr_sweep_add(&line, "%s%.*s", first ? "" : "\n", (int)strcspn(own, "\n"), own);
    }
    return line.stream ? kr_sweep_line_finish(&line) : strdup("");
}

char *kr_sweep_header_without_part(const char *text) {
    kr_sweep_line line = {0};
    for (bool head = true; *text; text = next_line(text)) {
        head = head && !starts(text, vary_line);
        if (!head || !starts(text, part_line)) kr_sweep_add(&line, "%.*s\n", (int)strcspn(text, "\n"), text);
    }
    return line.stream ? kr_sweep_line_finish(&line) : strdup("");
}

kr_status kr_sweep_header_read(const char *name, const char *text, char *vary[KR_SWEEP_MOST_KEYS], size_t *count, char **scene,
                               kr_error *error) {
    *count = 0;
    *scene = NULL;
    kr_status status = kr_sweep_header_is_one(name, text, error);
    while (!status && *text && !starts(text, vary_line)) text = next_line(text);
    if (!status && *text) text = next_line(text);
    while (!status && starts(text, "  - |-") && *count < KR_SWEEP_MOST_KEYS) {
        text = next_line(text);
        if (!(vary[(*count)++] = take_indented(&text, "    "))) status = no_memory(error);
    }
    while (!status && *text && !starts(text, scene_line)) text = next_line(text);
    if (status) return status;
    if (!*text || !*count) return kr_fail(error, KR_IO, "%s: what it says of its sweep is damaged", name);
    text = next_line(text);
    *scene = take_indented(&text, "  ");
    return *scene ? KR_OK : no_memory(error);
}
