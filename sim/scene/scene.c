#include <kramers/scene.h>

#include "scene_parts.h"

#include <kramers/file_path.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Scenes are a page of text; a file of this size is something else. */
enum { LARGEST_SCENE = 1 << 20 };

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
}

/* "--set KEY=VALUE" for messages, shortened; the tree borrows it. */
static char *make_label(const char *option, const char *assignment) {
    size_t length = strlen(assignment);
    char *label = malloc(100);
    if (label) snprintf(label, 100, "%s %.80s%s", option, assignment, length > 80 ? "..." : "");
    return label;
}

/* Overrides of a command line begin their paths in the working directory; those from number vary on come from --vary. */
static kr_status parse(kr_scene *scene, const char *text, size_t length, const char *const *overrides, size_t count, size_t vary,
                       bool typed, kr_error *error) {
    kr_tree *tree = NULL;
    char **label = calloc(count + 1, sizeof *label);
    if (!label) return no_memory(error);
    kr_status status = kr_tree_parse(&tree, scene->name, false, text, length, error);
    if (!status && kr_tree_is_null(tree)) tree->kind = KR_TREE_MAP;
    for (size_t i = 0; i < count && !status; i++)
        status = (label[i] = make_label(i < vary ? "--set" : "--vary", overrides[i]))
                     ? kr_tree_set(tree, overrides[i], label[i], error)
                     : no_memory(error);
    if (!status) status = kr_scene_resolve(scene, tree, error);
    if (!status) status = kr_scene_settle_paths(scene, typed ? tree : NULL, error);
    if (!status) status = kr_scene_resolve_check(scene, tree, error);
    if (!status) status = kr_scene_resolve_phases(scene, tree, typed, error);
    if (!status) status = kr_scene_resolve_lesson(scene, kr_tree_find(tree, "lesson"), error);
    if (!status) status = kr_scene_note_places(scene, tree, NULL, NULL, error);
    kr_tree_destroy(tree);
    for (size_t i = 0; i < count; i++) free(label[i]);
    free(label);
    return status;
}

static kr_status parse_length(kr_scene *scene, const kr_registry *registry, const char *name, const char *directory,
                              const char *text, size_t length, const char *const *overrides, size_t count, size_t vary, bool typed,
                              kr_error *error) {
    if (!directory) directory = kr_shipped_directory();
    *scene = (kr_scene){.registry = registry, .name = strdup(name), .directory = strdup(directory)};
    kr_status status =
        scene->name && scene->directory ? parse(scene, text, length, overrides, count, vary, typed, error) : no_memory(error);
    if (status) kr_scene_destroy(scene);
    return status;
}

kr_status kr_scene_parse(kr_scene *scene, const kr_registry *registry, const char *name, const char *directory, const char *text,
                         const char *const *overrides, size_t count, kr_error *error) {
    return parse_length(scene, registry, name, directory, text, strlen(text), overrides, count, count, false, error);
}

static kr_status read_all(int file, const char *name, char *text, size_t *length, kr_error *error) {
    *length = 0;
    for (;;) {
        ssize_t got = read(file, text + *length, LARGEST_SCENE + 1 - *length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return kr_fail(error, KR_IO, "%s: %s", name, kr_errno_text(errno));
        if (!got) return KR_OK;
        *length += (size_t)got;
        if (*length > LARGEST_SCENE) return kr_fail(error, KR_BAD_ARGUMENT, "%s: is larger than 1 MiB; this is no scene", name);
    }
}

static kr_status read_file(const char *name, char **text, size_t *length, kr_error *error) {
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return kr_fail(error, KR_IO, "%s: %s", name, kr_errno_text(errno));
    struct stat about;
    kr_status status = KR_OK;
    if (!(*text = malloc(LARGEST_SCENE + 1)))
        status = no_memory(error);
    else if (fstat(file, &about))
        status = kr_fail(error, KR_IO, "%s: %s", name, kr_errno_text(errno));
    else if (S_ISDIR(about.st_mode))
        status = kr_fail(error, KR_IO, "%s: is a directory; a scene is a YAML file", name);
    else
        status = read_all(file, name, *text, length, error);
    close(file);
    /* It would be the scene of double_well. */
    if (!status && !*length && S_ISFIFO(about.st_mode))
        status = kr_fail(error, KR_IO, "%s: nothing came through this pipe; what was in it can be read only once", name);
    if (!status && *length >= 4 && !memcmp(*text, "\211HDF", 4))
        status = kr_fail(error, KR_BAD_ARGUMENT,
                         "%s: is an HDF5 file, not a scene; 'kramers resume' goes on with a run, 'kramers view' shows it", name);
    return status;
}

static kr_status no_such_scene(const char *source, kr_error *error) {
    const char *names[256];
    size_t count = 0;
    for (const kr_shipped_scene *scene = kr_shipped_scenes; scene->name && count < 255; scene++) names[count++] = scene->name;
    names[count] = NULL;
    const char *near = kr_nearest_name(source, names);
    if (near) return kr_fail(error, KR_BAD_ARGUMENT, "there is no scene and no file '%s'; did you mean '%s'?", source, near);
    return kr_fail(error, KR_BAD_ARGUMENT, "there is no scene and no file '%s'; 'kramers list scenes' names those that are shipped",
                   source);
}

void kr_scene_source_destroy(kr_scene_source *source) {
    free(source->name);
    free(source->text);
    free(source->directory);
    *source = (kr_scene_source){0};
}

static kr_status read_shipped(kr_scene_source *source, const kr_shipped_scene *shipped, kr_error *error) {
    source->length = strlen(shipped->text);
    source->text = strndup(shipped->text, source->length);
    source->directory = strdup(kr_shipped_directory());
    return source->text && source->directory ? KR_OK : no_memory(error);
}

static kr_status read_named(kr_scene_source *source, const char *name, kr_error *error) {
    if (!(source->name = strdup(name))) return no_memory(error);
    for (const kr_shipped_scene *shipped = kr_shipped_scenes; shipped->name; shipped++)
        if (!strcmp(shipped->name, name)) return read_shipped(source, shipped, error);
    /* A bare word that is no file was meant as a name. */
    if (!strpbrk(name, "./") && access(name, F_OK)) return no_such_scene(name, error);
    source->directory = kr_path_directory(name);
    return source->directory ? read_file(name, &source->text, &source->length, error) : no_memory(error);
}

kr_status kr_scene_source_read(kr_scene_source *source, const char *name, kr_error *error) {
    *source = (kr_scene_source){0};
    kr_status status = read_named(source, name ? name : "double_well", error);
    if (status) kr_scene_source_destroy(source);
    return status;
}

kr_status kr_scene_source_parse(kr_scene *scene, const kr_registry *registry, const kr_scene_source *source,
                                const char *const *overrides, size_t count, size_t vary, kr_error *error) {
    return parse_length(scene, registry, source->name, source->directory, source->text, source->length, overrides, count, vary,
                        true, error);
}

kr_status kr_scene_load(kr_scene *scene, const kr_registry *registry, const char *source, const char *const *overrides,
                        size_t count, kr_error *error) {
    kr_scene_source read;
    *scene = (kr_scene){0};
    kr_status status = kr_scene_source_read(&read, source, error);
    if (!status) status = kr_scene_source_parse(scene, registry, &read, overrides, count, count, error);
    kr_scene_source_destroy(&read);
    return status;
}
