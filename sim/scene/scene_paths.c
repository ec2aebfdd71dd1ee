/* Files that a scene names: relative to the file that it stands in; where --set names them, to the working directory. */
#include "scene_parts.h"

#include <kramers/file_path.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What becomes of the path in one row; key: as --set has it. */
typedef kr_status visitor(kr_scene *scene, const char *key, char **path, void *context, kr_error *error);

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while reading the names of files");
}

static kr_status visit_section(kr_scene *scene, const char *section, const kr_settings *settings, visitor *visit, void *context,
                               kr_error *error) {
    kr_status status = KR_OK;
    for (const kr_parameter *row = settings->about ? settings->about->parameters : NULL; row && row->name && !status; row++) {
        char **path = (char **)(void *)((char *)settings->values + row->offset), key[KR_SCENE_KEY];
        if (row->type != KR_TEXT || !kr_parameter_names_file(row, *path)) continue;
        snprintf(key, sizeof key, "%s.%s", section, row->name);
        status = visit(scene, key, path, context, error);
    }
    size_t number = 0;
    for (size_t i = 0; i < settings->child_count && !status; i++) { /* schedules within */
        const kr_child *child = &settings->child[i];
        char key[KR_SCENE_KEY];
        if (child->row && child->row->flags & KR_SEVERAL)
            snprintf(key, sizeof key, "%s.%s.%zu", section, child->row->name, number++);
        else
            snprintf(key, sizeof key, "%s.%s", section, child->row ? child->row->name : child->settings.about->name);
        status = visit_section(scene, key, &child->settings, visit, context, error);
    }
    return status;
}

static kr_status visit_all(kr_scene *scene, visitor *visit, void *context, kr_error *error) {
    const kr_settings start = {.about = &kr_start_descriptor, .values = &scene->start};
    const struct {
        const char *name;
        const kr_settings *settings;
    } sections[] = {{"landscape", &scene->landscape}, {"dynamics", &scene->dynamics},    {"noise", &scene->noise},
                    {"schedule", &scene->schedule},   {"ensemble", &scene->ensemble},    {"ensemble.start", &start},
                    {"escape", &scene->escape},       {"trajectory", &scene->trajectory}};
    kr_status status = KR_OK;
    for (size_t i = 0; i < sizeof sections / sizeof *sections && !status; i++)
        status = visit_section(scene, sections[i].name, sections[i].settings, visit, context, error);
    for (size_t i = 0; i < KR_MAX_OBSERVERS && !status; i++)
        if (scene->observers[i].about)
            status = visit_section(scene, scene->observers[i].about->name, &scene->observers[i], visit, context, error);
    for (size_t i = 0; i < scene->compare_count * KR_COMPARED_SECTIONS && !status; i++) {
        char name[32];
        size_t number = i / KR_COMPARED_SECTIONS, own = i % KR_COMPARED_SECTIONS;
        kr_compared_key(name, sizeof name, number, (kr_compared_section)own);
        status = visit_section(scene, name, &scene->compare[number].own[own], visit, context, error);
    }
    for (size_t i = 0; i < scene->phase_count && !status; i++)
        if (scene->phases[i].scene.registry) status = visit_all(&scene->phases[i].scene, visit, context, error);
    return status;
}

static kr_status replace(char **path, char *by, kr_error *error) {
    if (!by) return no_memory(error);
    free(*path);
    *path = by;
    return KR_OK;
}

/* ---- as they are read ---- */

/* Whether the value at a.b.c was set on top of the text. */
static bool is_set(const kr_tree *tree, const char *key) {
    while (tree && *key) {
        char name[KR_SCENE_KEY];
        size_t length = strcspn(key, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, key);
        if (tree->kind == KR_TREE_LIST) {
            tree = tree->child;
            for (unsigned long number = strtoul(name, NULL, 10); tree && number; number--) tree = tree->next;
        } else {
            tree = kr_tree_find(tree, name);
        }
        key += length + (key[length] == '.');
    }
    return tree && tree->set;
}

/* What --set named from the working directory is written so that it means the same where the scene's own files are. The trajectory
 * is no part of a scene's text: its path is made ready to be opened. Where there is no file, there is no other place for it. */
static kr_status settle(kr_scene *scene, const char *key, char **path, void *context, kr_error *error) {
    bool typed = is_set(context, key), here = !strcmp(scene->directory, ".");
    if (here || **path == '/') return KR_OK;
    if (!strcmp(key, "trajectory." KR_TRAJECTORY_FILE))
        return typed || !strcmp(scene->directory, kr_shipped_directory())
                   ? KR_OK
                   : replace(path, kr_path_join(scene->directory, *path), error);
    if (!typed) return KR_OK;
    char *absolute = kr_path_absolute(*path);
    return absolute ? replace(path, absolute, error) : KR_OK; /* in no directory that is there: whoever opens it says so */
}

kr_status kr_scene_settle_paths(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    return visit_all(scene, settle, (void *)(uintptr_t)tree, error);
}

/* ---- elsewhere ---- */

static kr_status seen_from(kr_scene *scene, const char *key, char **path, void *context, kr_error *error) {
    const char *directory = context;
    if (!strcmp(key, "trajectory." KR_TRAJECTORY_FILE)) return KR_OK;
    char *full = kr_path_join(scene->directory, *path);
    if (!full) return no_memory(error);
    char *other = directory ? kr_path_between(directory, full) : kr_path_absolute(full);
    kr_status status = other ? replace(path, other, error) : KR_OK;
    free(full);
    return status;
}

kr_status kr_scene_move(kr_scene *scene, const char *directory, kr_error *error) {
    char *moved = strdup(directory ? directory : ".");
    if (!moved) return no_memory(error);
    kr_status status = visit_all(scene, seen_from, (void *)(uintptr_t)directory, error);
    if (status) return free(moved), status;
    free(scene->directory);
    scene->directory = moved;
    for (size_t i = 0; i < scene->phase_count; i++) {
        free(scene->phases[i].scene.directory);
        if (!(scene->phases[i].scene.directory = strdup(moved))) return no_memory(error);
    }
    return KR_OK;
}

static kr_status count_relative(kr_scene *scene, const char *key, char **path, void *context, kr_error *error) {
    (void)scene, (void)error;
    if (strcmp(key, "trajectory." KR_TRAJECTORY_FILE) != 0 && **path != '/') ++*(size_t *)context;
    return KR_OK;
}

bool kr_scene_uses_shipped_files(const kr_scene *scene) {
    size_t count = 0;
    kr_scene seen = *scene; /* paths are only looked at */
    if (!strcmp(scene->directory, kr_shipped_directory())) visit_all(&seen, count_relative, &count, NULL);
    return count > 0;
}

typedef struct missing_file {
    const char *directory, *path; /* directory NULL: no file is anywhere; path: the first that is not there */
} missing_file;

static kr_status find_missing(kr_scene *scene, const char *key, char **path, void *context, kr_error *error) {
    (void)scene, (void)error;
    missing_file *found = context;
    if (found->path || !strcmp(key, "trajectory." KR_TRAJECTORY_FILE)) return KR_OK;
    char *full = kr_path_join(found->directory, *path);
    if (!found->directory || (full && access(full, F_OK))) found->path = *path;
    free(full);
    return KR_OK;
}

const char *kr_scene_missing_file(const kr_scene *scene, const char *directory) {
    missing_file found = {directory, NULL};
    kr_scene seen = *scene;
    visit_all(&seen, find_missing, &found, NULL);
    return found.path;
}

typedef struct file_visit {
    void (*visit)(const kr_scene *scene, const char *path, void *context);
    void *context;
} file_visit;

static kr_status visit_file(kr_scene *scene, const char *key, char **path, void *context, kr_error *error) {
    (void)error;
    const file_visit *own = context;
    if (strcmp(key, "trajectory." KR_TRAJECTORY_FILE) != 0) own->visit(scene, *path, own->context);
    return KR_OK;
}

void kr_scene_visit_files(const kr_scene *scene, void (*visit)(const kr_scene *scene, const char *path, void *context),
                          void *context) {
    file_visit own = {visit, context};
    kr_scene seen = *scene;
    visit_all(&seen, visit_file, &own, NULL);
}

static kr_status gather(kr_scene *scene, const char *key, char **path, void *context, kr_error *error) {
    (void)context;
    const char *slash = strrchr(*path, '/');
    char *full = kr_path_join(scene->directory, *path), *bare = slash ? kr_path_join(scene->directory, slash + 1) : NULL;
    bool moved = bare && full && strcmp(key, "trajectory." KR_TRAJECTORY_FILE) != 0 && access(full, F_OK) && !access(bare, F_OK);
    free(full);
    free(bare);
    return moved ? replace(path, strdup(slash + 1), error) : KR_OK;
}

kr_status kr_scene_gather(kr_scene *scene, kr_error *error) {
    return visit_all(scene, gather, NULL, error);
}

kr_status kr_scene_write_beside(const kr_scene *scene, const char *file, char **text, kr_error *error) {
    kr_scene copy;
    *text = NULL;
    kr_status status = kr_scene_copy(&copy, scene, error);
    if (status) return status;
    char *directory = kr_path_directory(file);
    status = directory ? kr_scene_move(&copy, directory, error) : no_memory(error);
    if (!status) status = kr_scene_write(&copy, text, error);
    kr_scene_destroy(&copy);
    free(directory);
    return status;
}
