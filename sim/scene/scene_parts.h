/* What the files scene*.c share. */
#ifndef KR_SCENE_PARTS_H
#define KR_SCENE_PARTS_H

#include <kramers/scene.h>

#include "scene_tree.h"

/* A target as it is written in a scene; NAN: no such side. */
typedef struct kr_target_values {
    int64_t coordinate;
    double above, below;
    int64_t minimum;
    double radius;
} kr_target_values;

/* The one key that a written scene leaves out: where a result lies is no part of it. */
#define KR_TRAJECTORY_FILE "file"

/* Fills an empty scene (registry, name and directory stand) from the tree, but for its lesson. */
kr_status kr_scene_resolve(kr_scene *scene, const kr_tree *tree, kr_error *error);
/* What is resolved, once its paths are those of the scene: whether all of it fits together. */
kr_status kr_scene_resolve_check(kr_scene *scene, const kr_tree *tree, kr_error *error);

/* Remembers where every key of the tree stands. phase: what the text says of the phase whose scene this is, so that what is wrong
 * with a section is placed where the phase changes it, and named after the phase; NULL: none. (scene_places.c) */
kr_status kr_scene_note_places(kr_scene *scene, const kr_tree *tree, const kr_tree *phase, const char *name, kr_error *error);

/* Paths that are set on top of the text (is_set of the tree) begin in the working directory. (scene_paths.c) */
kr_status kr_scene_settle_paths(kr_scene *scene, const kr_tree *tree, kr_error *error);
/* Whether it names files that come with the program. */
bool kr_scene_uses_shipped_files(const kr_scene *scene);
/* The first of its files that is not there when relative paths begin in this directory, or (directory NULL) simply the first;
 * NULL: there is none. */
const char *kr_scene_missing_file(const kr_scene *scene, const char *directory);
/* Every file that it reads. */
void kr_scene_visit_files(const kr_scene *scene, void (*visit)(const kr_scene *scene, const char *path, void *context),
                          void *context);
/* What is not where it is said to be, but lies in the scene's directory itself, is meant to be there. */
kr_status kr_scene_gather(kr_scene *scene, kr_error *error);

/* Coordinates of its landscape, which need not be created for that; 0: they follow from a file, and one of the scene's files is not
 * there. (scene_points.c) */
kr_status kr_scene_dimension(const kr_scene *scene, size_t *dim, kr_error *error);

enum { KR_SCENE_KEY = 64 };
/* What only fits or does not fit together. key: of the value or section to blame, as in "ensemble.start.point". before: a scene
 * that was checked; what is the same there is not checked again; NULL: none. (scene_check.c) */
kr_status kr_scene_check(const kr_scene *scene, const kr_scene *before, char key[KR_SCENE_KEY], kr_error *error);

/* ---- the start (scene_start.c) ---- */

/* The kind of start that there is once this key of ensemble.start is set. */
kr_start_kind kr_start_kind_with(const kr_start *start, const char *key);
/* Makes it a start of this kind: values that belong to the other kinds are reset. */
void kr_start_set_kind(kr_start *start, kr_start_kind kind);
/* Whether particles of a landscape can start so. What follows from files is left to the run. row: the key to blame. */
kr_status kr_start_check(const kr_start *start, const kr_landscape_type *landscape, const char **row, kr_error *error);
kr_status kr_start_copy(kr_start *to, const kr_start *from, kr_error *error);
void kr_start_destroy(kr_start *start);

/* Where that is on a landscape: position[dim], of starts at random what they are around, of several the mean. known: the place of
 * the minimum, where it is known already; NULL: it is looked for. */
kr_status kr_start_place(const kr_start *start, const kr_landscape *landscape, const double *known, double *position,
                         kr_error *error);
/* Of KR_START_RANDOM: how far from the start each coordinate is drawn, spread[dim], uniformly or (*normal) as a standard deviation.
 */
kr_status kr_start_spread(const kr_start *start, const kr_landscape *landscape, double *spread, bool *normal, kr_error *error);
/* Of KR_START_FILE: (*points)[*count][dim], malloc'd. */
kr_status kr_start_rows(const kr_start *start, const kr_landscape *landscape, double **points, size_t *count, kr_error *error);
/* Their mean, position[dim]. */
void kr_start_mean(size_t dim, size_t count, const double *points, double *position);

/* ---- targets (scene_points.c) ---- */

/* Whether a key of escape.until is about a ball around a minimum, not about sides of a coordinate. */
bool kr_target_is_ball_key(const char *key);
/* Into values with their defaults; nothing when the target is of the other kind. */
void kr_target_values_of(const kr_target *target, bool ball, kr_target_values *values);
kr_status kr_target_make(kr_target *target, const kr_target_values *values, bool ball, kr_error *error);

/* ---- sections (scene_assign.c) ---- */

/* "unknown <what> 'key'", with what a name from elsewhere is here, the nearest name, or all of them. kin: of its kind, whose keys
 * it may be; NULL: there are none. */
kr_status kr_section_unknown_key(const kr_tree *entry, const char *what, const kr_descriptor *about, const char *const *others,
                                 const kr_descriptor *const *kin, kr_error *error);
kr_status kr_section_wrong_kind(const kr_tree *node, const char *what, const char *wanted, kr_error *error);
/* One entry; its place stands before messages. registry: a number may follow one of its schedules; NULL: it may not. */
kr_status kr_section_assign_entry(kr_settings *settings, const kr_parameter *row, const kr_tree *node, const kr_registry *registry,
                                  kr_error *error);
/* "'about' needs 'row'". */
kr_status kr_section_missing(const kr_descriptor *about, const kr_parameter *row, kr_error *error);
bool kr_section_is_among(const char *name, const char *const *names);
/* The section as a map, or NULL where it is absent or empty. */
kr_status kr_section_find(const kr_tree *tree, const char *name, const kr_tree **section, kr_error *error);
/* Every entry of the section into settings. others: keys that the caller reads. lenient: entries of the file that the descriptor
 * does not have are dropped. */
kr_status kr_section_assign(kr_settings *settings, const kr_tree *section, const char *what, const char *const *others,
                            const kr_descriptor *const *kin, const kr_registry *registry, bool lenient, kr_error *error);
/* Schedules that stand within another one and are not given (KR_SCHEDULES) become those of their rows' initial_text. */
kr_status kr_section_default_schedules(kr_settings *settings, const kr_registry *registry, kr_error *error);
/* Creates settings of the plug-in that the section names, or of the one called initial, and assigns. */
kr_status kr_section_plugin(kr_settings *settings, const kr_tree *section, const kr_registry *registry, kr_plugin_kind kind,
                            const char *initial, const char *const *others, kr_error *error);
kr_status kr_section_plain(kr_settings *settings, const kr_tree *tree, const kr_descriptor *about, const char *const *others,
                           kr_error *error);
/* The section schedule of the tree, with its warmup. */
kr_status kr_section_schedule(kr_settings *settings, kr_warmup *warmup, const kr_tree *tree, const kr_registry *registry,
                              kr_error *error);
/* In place of the tree's section of this name, if it has a name itself or is no map; else each of its keys in place of the tree's.
 * (scene_tree_set.c) */
kr_status kr_section_put(kr_tree *tree, const char *name, const kr_tree *section, kr_error *error);

/* The section noise: one model, or a list of several. (scene_noise.c) */
kr_status kr_section_noise(kr_settings *settings, const kr_tree *node, const kr_registry *registry, kr_error *error);

/* ---- numbers that follow a schedule (scene_driven.c) ---- */

/* Every number that follows a schedule gets the value that this has at step 0, once all schedules fit. */
kr_status kr_scene_settle_driven(kr_scene *scene, char key[KR_SCENE_KEY], kr_error *error);

/* ---- invariants (scene_keep.c) ---- */

/* node: NULL when there is none. */
kr_status kr_scene_resolve_keep(kr_scene *scene, const kr_tree *node, kr_error *error);
bool kr_scene_same_keep(const kr_scene *a, const kr_scene *b);

/* ---- observers (scene_observers.c) ---- */

enum { KR_MAX_SECTIONS = 11 + KR_MAX_OBSERVERS };
/* The names of all sections that a scene may have, in the order in which it is written; ends with NULL. */
void kr_scene_section_names(const kr_registry *registry, const char *names[KR_MAX_SECTIONS + 1]);
kr_status kr_scene_resolve_observers(kr_scene *scene, const kr_tree *tree, kr_error *error);
/* As kr_scene_check, in so many dimensions. */
kr_status kr_scene_check_observers(const kr_scene *scene, size_t dim, char key[KR_SCENE_KEY], kr_error *error);

/* ---- phases (scene_phase_list.c, scene_phases.c; copies in scene_values.c) ---- */

/* The sections that a phase may give; ends with NULL. */
extern const char *const kr_phase_sections[];

/* The values of kr_phase_descriptor and kr_rewind_descriptor. */
typedef struct kr_phase_values {
    char *name;
    int64_t steps;
    int optimizer;
} kr_phase_values;

typedef struct kr_rewind_values {
    char *phase;
    int64_t step;
} kr_rewind_values;
bool kr_phase_is_name(const char *name);
/* Names and lengths, on which ensemble.steps depends. node: NULL when there is none. */
kr_status kr_scene_read_phases(kr_scene *scene, const kr_tree *tree, kr_error *error);
/* Their settings, when the scene's own stand. typed: as of the scene's paths. */
kr_status kr_scene_resolve_phases(kr_scene *scene, const kr_tree *tree, bool typed, kr_error *error);
kr_status kr_phase_list_copy(kr_phase **to, const kr_phase *from, size_t count, kr_error *error);
void kr_phase_list_destroy(kr_phase *phases, size_t count);
bool kr_phase_lists_equal(const kr_scene *a, const kr_scene *b);
/* The same, but for what is of the whole run. */
bool kr_phase_lists_alike(const kr_scene *a, const kr_scene *b);

/* ---- the lists for the window (scene_compare.c, scene_variant.c, scene_lesson.c; copies in scene_values.c) ---- */

/* The rest of the scene stands already. */
kr_status kr_scene_resolve_compare(kr_scene *scene, const kr_tree *tree, kr_error *error);
kr_status kr_compared_copy(kr_compared *to, const kr_compared *from, kr_error *error);
void kr_compared_destroy(kr_compared *compared);
bool kr_scene_same_compare(const kr_scene *a, const kr_scene *b);
/* node: NULL when there is none. */
kr_status kr_scene_resolve_lesson(kr_scene *scene, const kr_tree *node, kr_error *error);
kr_status kr_lesson_copy(kr_lesson_step **to, const kr_lesson_step *from, size_t count, kr_error *error);
void kr_lesson_destroy(kr_lesson_step *lesson, size_t count);
/* Whether the steps, one after the other, can be done from the scene's settings. */
bool kr_lesson_fits(const kr_scene *scene);

/* A value in flow text; plain: it was not quoted. */
void kr_scene_write_scalar(FILE *out, const char *text, bool plain);

/* center[dim] of a ball on a landscape (NAN for sides). known: as for kr_start_place. */
kr_status kr_target_place(const kr_target *target, const kr_landscape *landscape, const double *known, double *center,
                          kr_error *error);

/* ---- comparison (scene_values.c) ---- */

bool kr_scene_same_start(const kr_scene *a, const kr_scene *b);
bool kr_scene_same_targets(const kr_scene *a, const kr_scene *b);

/* ---- changes (scene_set.c, scene_change.c) ---- */

/* A key of --set and its value, as a tree or (node NULL) as it is. label stands before messages about it. Borrowed. */
typedef struct kr_change {
    const char *key, *label;
    const kr_tree *node;
    kr_parameter_value value;
} kr_change;

/* Assigns in place; base stands before messages about what follows from it. *applied false: some key is not of a single value of
 * the scene, whose text has to be resolved anew; the scene may then be changed in part. */
kr_status kr_scene_apply(kr_scene *scene, const kr_change *change, size_t count, const char *base, bool *applied, kr_error *error);

/* A scene, without its lesson, with changes. Messages about number i of them begin with label[i], others with base. */
kr_status kr_scene_change(kr_scene *to, const kr_scene *from, const char *const *assignment, const char *const *label, size_t count,
                          const char *base, kr_error *error);
/* The same from values; messages about one of them begin with its text. */
kr_status kr_scene_change_values(kr_scene *to, const kr_scene *from, const kr_setting *setting, size_t count, const char *base,
                                 kr_error *error);

/* The text of a scene, read once to be parsed many times. */
typedef struct kr_scene_source {
    char *name, *text, *directory; /* owned */
    size_t length;
} kr_scene_source;

/* name: as in kr_scene_load. */
kr_status kr_scene_source_read(kr_scene_source *source, const char *name, kr_error *error);
void kr_scene_source_destroy(kr_scene_source *source);
/* Messages call the overrides from number vary on --vary, those before it --set. */
kr_status kr_scene_source_parse(kr_scene *scene, const kr_registry *registry, const kr_scene_source *source,
                                const char *const *overrides, size_t count, size_t vary, kr_error *error);

#endif
