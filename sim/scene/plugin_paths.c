#include <kramers/plugin_paths.h>

#include "scene_parts.h"

#include <kramers/input_file.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST = 4096, LARGEST = 1 << 20 };

static kr_status add(kr_plugin_paths *paths, const char *directory, const char *path, size_t length, kr_error *error) {
    char **longer = realloc(paths->path, (paths->count + 1) * sizeof *longer);
    if (longer) paths->path = longer;
    char *text = malloc(length + (directory ? strlen(directory) : 0) + 2);
    if (!longer || !text) {
        free(text);
        return kr_fail(error, KR_NO_MEMORY, "no memory for the names of plug-ins.");
    }
    if (directory && path[0] != '/')
        sprintf(text, "%s/%.*s", directory, (int)length, path);
    else
        sprintf(text, "%.*s", (int)length, path);
    paths->path[paths->count++] = text;
    return KR_OK;
}

static kr_status from_environment(kr_plugin_paths *paths, kr_error *error) {
    const char *text = getenv("KRAMERS_PLUGINS");
    kr_status status = KR_OK;
    while (text && *text && status == KR_OK) {
        size_t length = strcspn(text, ":");
        if (length) status = add(paths, NULL, text, length, error);
        text += length + (text[length] == ':');
    }
    return status;
}

/* The directory of the user's settings, by the XDG base directory specification; false: there is none. */
static bool settings_directory(char directory[LONGEST]) {
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int length = -1;
    if (base && base[0] == '/')
        length = snprintf(directory, LONGEST, "%s/kramers", base);
    else if (home && home[0] == '/')
        length = snprintf(directory, LONGEST, "%s/.config/kramers", home);
    return length > 0 && length < LONGEST - 16;
}

static kr_status from_list(kr_plugin_paths *paths, const char *directory, const kr_tree *list, kr_error *error) {
    const kr_tree *entry = list->kind == KR_TREE_LIST ? list->child : list;
    kr_status status = KR_OK;
    if (kr_tree_is_null(list)) return KR_OK;
    for (; entry && status == KR_OK; entry = list->kind == KR_TREE_LIST ? entry->next : NULL) {
        if (entry->kind != KR_TREE_SCALAR || !*entry->text)
            return kr_section_wrong_kind(entry, "plugins", "a list of files, [a.so, b.so]", error);
        status = add(paths, directory, entry->text, strlen(entry->text), error);
    }
    return status;
}

static kr_status from_text(kr_plugin_paths *paths, const char *directory, const char *file, const char *text, size_t length,
                           kr_error *error) {
    static const char *const keys[] = {"plugins", NULL};
    kr_tree *tree;
    kr_status status = kr_tree_parse(&tree, file, false, text, length, error);
    if (status != KR_OK) return status;
    if (tree->kind != KR_TREE_MAP) status = kr_section_wrong_kind(tree, "the settings", "a mapping {plugins: [a.so, b.so]}", error);
    for (const kr_tree *entry = tree->child; entry && status == KR_OK; entry = entry->next)
        status = kr_section_is_among(entry->key, keys) ? from_list(paths, directory, entry, error)
                                                       : kr_section_unknown_key(entry, "setting", NULL, keys, NULL, error);
    kr_tree_destroy(tree);
    return status;
}

static kr_status from_settings(kr_plugin_paths *paths, kr_error *error) {
    char directory[LONGEST], file[LONGEST];
    if (!settings_directory(directory)) return KR_OK;
    snprintf(file, sizeof file, "%s/config.yaml", directory);
    FILE *stream;
    if (access(file, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) return KR_OK;
    kr_status status = kr_input_stream(file, &stream, error);
    if (status != KR_OK) return status;
    char *text = malloc(LARGEST + 1);
    size_t length = text ? fread(text, 1, LARGEST + 1, stream) : 0;
    if (!text)
        status = kr_fail(error, KR_NO_MEMORY, "no memory for %.500s.", file);
    else if (ferror(stream))
        status = kr_fail(error, KR_IO, "cannot read %.500s: %s.", file, kr_errno_text(errno));
    else if (length > LARGEST)
        status = kr_fail(error, KR_BAD_ARGUMENT, "%.500s is longer than a megabyte; it holds the user's settings.", file);
    else
        status = from_text(paths, directory, file, text, length, error);
    free(text);
    fclose(stream);
    return status;
}

kr_status kr_plugin_paths_find(kr_plugin_paths *paths, const char *const *given, size_t count, kr_error *error) {
    *paths = (kr_plugin_paths){0};
    kr_status status = KR_OK;
    for (size_t i = 0; i < count && status == KR_OK; i++) status = add(paths, NULL, given[i], strlen(given[i]), error);
    if (status == KR_OK) status = from_environment(paths, error);
    if (status == KR_OK) status = from_settings(paths, error);
    if (status != KR_OK) kr_plugin_paths_destroy(paths);
    return status;
}

void kr_plugin_paths_destroy(kr_plugin_paths *paths) {
    for (size_t i = 0; i < paths->count; i++) free(paths->path[i]);
    free(paths->path);
    *paths = (kr_plugin_paths){0};
}
