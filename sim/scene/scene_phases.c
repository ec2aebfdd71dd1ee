/* phases: what happens in turn. Each phase is a scene of its own: the tree of the text with the sections and keys that the phase
 * gives in the place of those around it. */
#include "scene_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a phase says of itself ---- */

typedef struct phase_values {
    char *name;
    int64_t steps;
    int optimizer;
} phase_values;

static const char *const optimizers[] = {[KR_OPTIMIZER_KEEP] = "keep", [KR_OPTIMIZER_RESET] = "reset", NULL};
static const kr_parameter phase_parameters[] = {{.name = "name",
                                                 .doc = "as rewind, results and --set phases.NAME call it",
                                                 .type = KR_TEXT,
                                                 .flags = KR_REQUIRED,
                                                 .offset = offsetof(phase_values, name)},
                                                {.name = "steps",
                                                 .doc = "its length; those of all phases add up to ensemble.steps",
                                                 .unit = "steps",
                                                 .type = KR_INTEGER,
                                                 .flags = KR_REQUIRED,
                                                 .offset = offsetof(phase_values, steps),
                                                 .minimum = 1,
                                                 .maximum = 1e18},
                                                {.name = "optimizer",
                                                 .doc = "keep: momenta and buffers go on; reset: they begin anew",
                                                 .type = KR_CHOICE,
                                                 .offset = offsetof(phase_values, optimizer),
                                                 .initial = KR_OPTIMIZER_KEEP,
                                                 .choices = optimizers},
                                                KR_END};
const kr_descriptor kr_phase_descriptor = {
    .name = "phases",
    .doc =
        "what happens in turn: a list; besides these keys, prune, rewind, sections in place of the scene's (landscape, dynamics, "
        "noise, schedule, keep, escape; without a name their keys alone), and settings: {KEY: VALUE, ...} as for --set. A schedule "
        "begins anew unless schedule: {continue: true}",
    .parameters = phase_parameters,
    .values_size = sizeof(phase_values)};

static const char *const prune_by[] = {
    [KR_PRUNE_MAGNITUDE] = "magnitude", [KR_PRUNE_RANDOM] = "random", [KR_PRUNE_INITIAL_MAGNITUDE] = "initial_magnitude", NULL};
static const char *const prune_scopes[] = {[KR_PRUNE_GLOBAL] = "global", [KR_PRUNE_LAYER] = "layer", NULL};
static const kr_parameter prune_parameters[] = {
    {.name = "fraction",
     .doc = "share of the coordinates that may go, which stay at 0 from then on",
     .type = KR_NUMBER,
     .flags = KR_REQUIRED | KR_BELOW_MAXIMUM,
     .offset = offsetof(kr_prune, fraction),
     .minimum = 0,
     .maximum = 1},
    {.name = "by",
     .doc = "which go: the smallest at present, any, or the smallest at step 0; each particle its own",
     .type = KR_CHOICE,
     .offset = offsetof(kr_prune, by),
     .choices = prune_by},
    {.name = "scope",
     .doc = "the fraction is of all together, or of each layer of a network",
     .type = KR_CHOICE,
     .offset = offsetof(kr_prune, scope),
     .choices = prune_scopes},
    {.name = "biases",
     .doc = "biases of a network may go as well as weights; of other landscapes every coordinate may",
     .type = KR_SWITCH,
     .offset = offsetof(kr_prune, biases)},
    {.name = "iterative",
     .doc = "the fraction is of what earlier phases have left; false: of everything, with what is pruned already",
     .type = KR_SWITCH,
     .offset = offsetof(kr_prune, iterative),
     .initial = 1},
    KR_END};
const kr_descriptor kr_prune_descriptor = {
    .name = "prune",
    .doc = "coordinates that stop at the beginning of a phase (phases.prune): at 0, without noise",
    .reference = "J. Frankle, M. Carbin, The lottery ticket hypothesis, ICLR 2019",
    .parameters = prune_parameters,
    .values_size = sizeof(kr_prune)};

static const kr_parameter rewind_parameters[] = {{.name = "phase",
                                                  .doc = "an earlier phase",
                                                  .type = KR_TEXT,
                                                  .flags = KR_REQUIRED,
                                                  .offset = offsetof(kr_rewind_values, phase)},
                                                 {.name = "step",
                                                  .doc = "of that phase; 0: when it had begun",
                                                  .unit = "steps",
                                                  .type = KR_INTEGER,
                                                  .offset = offsetof(kr_rewind_values, step),
                                                  .minimum = 0,
                                                  .maximum = 1e18},
                                                 KR_END};
const kr_descriptor kr_rewind_descriptor = {
    .name = "rewind",
    .doc = "each particle goes back to where it was (phases.rewind), at the beginning of a phase, when it has been pruned",
    .parameters = rewind_parameters,
    .values_size = sizeof(kr_rewind_values)};

/* ---- names and lengths ---- */

static const char *const overridden[] = {"landscape", "dynamics", "noise", "schedule", "keep", "escape", NULL};
static const char *const others[] = {"prune", "rewind",   "settings", "landscape", "dynamics",
                                     "noise", "schedule", "keep",     "escape",    NULL};

static kr_status refuse(const kr_tree *node, kr_error *error) {
    return kr_tree_fail(node, error);
}

/* Sections that stand for the whole run. */
static kr_status check_keys(const kr_registry *registry, const kr_tree *node, kr_error *error) {
    const char *sections[KR_MAX_SECTIONS + 1];
    kr_scene_section_names(registry, sections);
    for (const kr_tree *entry = node->child; entry; entry = entry->next) {
        if (kr_section_is_among(entry->key, overridden) || !kr_section_is_among(entry->key, sections)) continue;
        kr_fail(error, KR_BAD_ARGUMENT,
                strcmp(entry->key, "ensemble")
                    ? "'%s' is of the whole run; put it beside phases, not into one"
                    : "'%s' is of the whole run (a phase goes on with the particles where they are, without "
                      "start or burn-in); put it beside phases, not into one",
                entry->key);
        return kr_tree_fail_key(entry, error);
    }
    return KR_OK;
}

bool kr_phase_is_name(const char *name) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return *name && strlen(name) <= 60 && !name[strspn(name, letters)] && name[strspn(name, "0123456789")];
}

static kr_status check_name(const kr_scene *scene, const kr_tree *node, const char *name, kr_error *error) {
    const kr_tree *place = kr_tree_find(node, "name");
    if (!kr_phase_is_name(name)) {
        kr_fail(error, KR_BAD_ARGUMENT,
                "'%.80s' is no name for a phase: up to 60 letters, digits, _ and -, not digits alone, as in --set "
                "phases.NAME.steps=100",
                name);
        return refuse(place, error);
    }
    for (size_t i = 0; i < scene->phase_count; i++)
        if (!strcmp(scene->phases[i].name, name)) {
            kr_fail(error, KR_BAD_ARGUMENT, "phase %zu is called '%s' already; phases have names of their own", i, name);
            return refuse(place, error);
        }
    return KR_OK;
}

static const kr_tree *find_continue(const kr_tree *node) {
    const kr_tree *schedule = kr_tree_find(node, "schedule");
    return schedule && schedule->kind == KR_TREE_MAP ? kr_tree_find(schedule, "continue") : NULL;
}

static kr_status read_continue(kr_scene *scene, kr_phase *phase, const kr_tree *node, kr_error *error) {
    static const kr_parameter row = {.name = "continue", .type = KR_SWITCH, .offset = offsetof(kr_phase, continues)};
    const kr_tree *entry = find_continue(node);
    if (!entry) return KR_OK;
    kr_status status = kr_section_assign_entry(&(kr_settings){.values = phase}, &row, entry, NULL, error);
    if (status || !phase->continues || scene->phase_count > 0) return status;
    kr_fail(error, KR_BAD_ARGUMENT, "there is no phase before the first one, whose schedule could continue");
    return refuse(entry, error);
}

static kr_status read_phase(kr_scene *scene, const kr_tree *node, kr_error *error) {
    if (node->kind != KR_TREE_MAP)
        return kr_section_wrong_kind(node, "a phase", "a mapping such as {name: first, steps: 1000}", error);
    kr_phase *phase = &scene->phases[scene->phase_count];
    kr_settings settings = {0};
    kr_status status = check_keys(scene->registry, node, error);
    if (!status) status = kr_settings_create(&settings, &kr_phase_descriptor, error);
    if (!status) status = kr_section_assign(&settings, node, "key of a phase", others, NULL, NULL, false, error);
    if (!status) {
        phase_values *read = settings.values;
        phase->steps = read->steps;
        phase->optimizer = read->optimizer;
        if (!(status = check_name(scene, node, read->name, error))) {
            phase->name = read->name;
            read->name = NULL; /* the scene owns it now */
        }
    }
    kr_settings_destroy(&settings);
    if (!status) status = read_continue(scene, phase, node, error);
    if (!status) scene->phase_count++;
    return status;
}

/* Whether --set gives the length of a phase: then the run's follows. */
static bool is_length_set(const kr_tree *list) {
    for (const kr_tree *entry = list->child; entry; entry = entry->next) {
        const kr_tree *steps = kr_tree_find(entry, "steps");
        if (entry->set || (steps && steps->set)) return true;
    }
    return false;
}

static kr_status settle_length(kr_scene *scene, const kr_tree *tree, const kr_tree *list, kr_error *error) {
    kr_ensemble_settings *ensemble = scene->ensemble.values;
    const kr_tree *given = kr_tree_find(kr_tree_find(tree, "ensemble"), "steps");
    double sum = 0;
    int64_t steps = 0;
    for (size_t i = 0; i < scene->phase_count; i++) sum += (double)scene->phases[i].steps;
    if (sum > 1e18) {
        kr_fail(error, KR_BAD_ARGUMENT, "the phases have %g steps together; at most 1e18 are allowed", sum);
        return refuse(list, error);
    }
    for (size_t i = 0; i < scene->phase_count; i++) {
        kr_phase *phase = &scene->phases[i];
        phase->begin = (uint64_t)steps;
        phase->origin = phase->continues ? scene->phases[i - 1].origin : phase->begin;
        steps += phase->steps;
    }
    if (!given || ensemble->steps == steps || (is_length_set(list) && !given->set)) {
        ensemble->steps = steps;
        return KR_OK;
    }
    kr_fail(error, KR_BAD_ARGUMENT,
            "steps is %lld, and those of the phases add up to %lld; make them equal, or leave ensemble.steps out",
            (long long)ensemble->steps, (long long)steps);
    return refuse(given, error);
}

kr_status kr_scene_read_phases(kr_scene *scene, const kr_tree *tree, kr_error *error) {
    const kr_tree *list = kr_tree_find(tree, "phases");
    if (!list || kr_tree_is_null(list)) return KR_OK;
    if (list->kind != KR_TREE_LIST)
        return kr_section_wrong_kind(list, "phases", "a list of phases, [{name: first, steps: 1000}, ...]", error);
    size_t count = kr_tree_count(list);
    if (count > KR_MAX_PHASES) {
        kr_fail(error, KR_BAD_ARGUMENT, "there are %zu phases; at most %d are allowed", count, KR_MAX_PHASES);
        return refuse(list, error);
    }
    if (!count) return KR_OK;
    if (!(scene->phases = calloc(count, sizeof *scene->phases)))
        return kr_fail(error, KR_NO_MEMORY, "out of memory while reading phases");
    kr_status status = KR_OK;
    for (const kr_tree *entry = list->child; entry && !status; entry = entry->next) status = read_phase(scene, entry, error);
    return status ? status : settle_length(scene, tree, list, error);
}

/* ---- prune and rewind ---- */

static kr_status read_prune(kr_phase *phase, const kr_tree *node, kr_error *error) {
    const kr_tree *section;
    kr_settings settings = {0};
    kr_status status = kr_section_find(node, "prune", &section, error);
    if (status || !section) return status;
    status = kr_settings_create(&settings, &kr_prune_descriptor, error);
    if (!status) status = kr_section_assign(&settings, section, "key of prune", NULL, NULL, NULL, false, error);
    if (!status) memcpy(&phase->prune, settings.values, sizeof phase->prune);
    phase->prunes = !status;
    kr_settings_destroy(&settings);
    return status;
}

kr_status kr_scene_find_phase(const kr_scene *scene, const char *name, size_t *number, kr_error *error) {
    const char *names[KR_MAX_PHASES + 1] = {NULL};
    for (size_t i = 0; i < scene->phase_count; i++) {
        char own[24];
        snprintf(own, sizeof own, "%zu", i);
        names[i] = scene->phases[i].name;
        *number = i;
        if (!strcmp(name, names[i]) || !strcmp(name, own)) return KR_OK;
    }
    if (!scene->phase_count) return kr_fail(error, KR_BAD_ARGUMENT, "there is no phase '%.80s': the scene has no phases", name);
    const char *near = kr_nearest_name(name, names);
    if (near) return kr_fail(error, KR_BAD_ARGUMENT, "there is no phase '%.80s'; did you mean '%s'?", name, near);
    char all[400] = "";
    for (size_t i = 0, used = 0; i < scene->phase_count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    return kr_fail(error, KR_BAD_ARGUMENT, "there is no phase '%.80s'; there are %s", name, all);
}

/* What is kept is what a phase names, so any step of an earlier phase can be. */
static kr_status settle_rewind(kr_scene *scene, kr_phase *phase, const kr_tree *section, const kr_rewind_values *values,
                               kr_error *error) {
    const kr_tree *name = kr_tree_find(section, "phase"), *step = kr_tree_find(section, "step");
    kr_status status = kr_scene_find_phase(scene, values->phase, &phase->rewind_phase, error);
    if (status) return refuse(name, error);
    const kr_phase *to = &scene->phases[phase->rewind_phase];
    if (to >= phase) {
        kr_fail(error, KR_BAD_ARGUMENT, "particles of phase '%s' can go back to an earlier phase only, and '%s' is %s", phase->name,
                to->name, to == phase ? "itself" : "a later one");
        return refuse(name, error);
    }
    phase->rewind_step = values->step;
    if (values->step <= to->steps) return KR_OK;
    kr_fail(error, KR_BAD_ARGUMENT, "step %lld is beyond phase '%s', which has %lld steps", (long long)values->step, to->name,
            (long long)to->steps);
    return refuse(step ? step : section, error);
}

static kr_status read_rewind(kr_scene *scene, kr_phase *phase, const kr_tree *node, kr_error *error) {
    const kr_tree *section;
    kr_settings settings = {0};
    kr_status status = kr_section_find(node, "rewind", &section, error);
    if (status || !section) return status;
    status = kr_settings_create(&settings, &kr_rewind_descriptor, error);
    if (!status) status = kr_section_assign(&settings, section, "key of rewind", NULL, NULL, NULL, false, error);
    if (!status) status = settle_rewind(scene, phase, section, settings.values, error);
    phase->rewinds = !status;
    kr_settings_destroy(&settings);
    return status;
}

/* ---- the settings of a phase ---- */

/* A section with a name stands in place of the one around; of one without, every key does. */
static kr_status put_section(kr_tree *tree, const kr_tree *section, kr_error *error) {
    char key[KR_SCENE_KEY];
    bool whole = section->kind != KR_TREE_MAP || kr_tree_find(section, "name");
    if (kr_tree_is_null(section)) return KR_OK;
    if (whole) {
        kr_status status = kr_tree_put(tree, section->key, section, error);
        kr_tree *put = kr_tree_find(tree, section->key), *own = status ? NULL : kr_tree_find(put, "continue");
        if (own && !strcmp(section->key, "schedule")) kr_tree_remove(put, own);
        return status;
    }
    for (const kr_tree *entry = section->child; entry; entry = entry->next) {
        if (!strcmp(section->key, "schedule") && !strcmp(entry->key, "continue")) continue;
        snprintf(key, sizeof key, "%.30s.%.30s", section->key, entry->key);
        kr_status status = kr_tree_put(tree, key, entry, error);
        if (status) return kr_tree_fail_key(entry, error);
    }
    return KR_OK;
}

static kr_status put_settings(kr_tree *tree, const char *prefix, const kr_tree *map, kr_error *error) {
    kr_status status = KR_OK;
    for (const kr_tree *entry = map->child; entry && !status; entry = entry->next) {
        char key[200], first[KR_SCENE_KEY];
        snprintf(key, sizeof key, "%s%s%.80s", prefix, *prefix ? "." : "", entry->key);
        snprintf(first, sizeof first, "%.*s", (int)strcspn(key, "."), key);
        if (!kr_section_is_among(first, overridden)) {
            kr_fail(error, KR_BAD_ARGUMENT,
                    "a phase can't change %s; it can change keys of landscape, dynamics, noise, schedule, keep and escape", key);
            status = kr_tree_fail_key(entry, error);
        } else if (entry->kind == KR_TREE_MAP && !strchr(key, '.')) {
            status = put_settings(tree, key, entry, error);
        } else if ((status = kr_tree_put(tree, key, entry, error))) {
            kr_tree_fail_key(entry, error);
        }
    }
    return status;
}

/* The tree around, without what is not of a phase. before: that of the phase whose schedule goes on; NULL: none does. */
static kr_status make_tree(kr_tree **made, const kr_tree *tree, const kr_tree *before, const kr_tree *node, kr_error *error) {
    static const char *const left_out[] = {"phases", "lesson"};
    const kr_tree *settings;
    if (!(*made = kr_tree_copy(tree))) return kr_fail(error, KR_NO_MEMORY, "out of memory while reading phases");
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) {
        kr_tree *entry = kr_tree_find(*made, left_out[i]);
        if (entry) kr_tree_remove(*made, entry);
    }
    kr_status status = kr_section_find(node, "settings", &settings, error);
    const kr_tree *schedule = kr_tree_find(before, "schedule");
    if (schedule && !status) status = kr_tree_put(*made, "schedule", schedule, error);
    for (size_t i = 0; overridden[i] && !status; i++) {
        const kr_tree *section = kr_tree_find(node, overridden[i]);
        if (section) status = put_section(*made, section, error);
    }
    return status || !settings ? status : put_settings(*made, "", settings, error);
}

/* Steps of a phase with those whose schedules go on with it. */
static int64_t schedule_steps(const kr_scene *scene, size_t number) {
    uint64_t origin = scene->phases[number].origin;
    int64_t steps = 0;
    for (size_t i = 0; i < scene->phase_count; i++) steps += scene->phases[i].origin == origin ? scene->phases[i].steps : 0;
    return steps;
}

static kr_status differs(const kr_tree *node, const char *section, const char *what, kr_error *error) {
    const kr_tree *place = kr_tree_find(node, section);
    kr_fail(error, KR_BAD_ARGUMENT, "%s", what);
    return kr_tree_fail(place ? place : node, error);
}

/* What the particles of a run have in common. */
static kr_status check_against(const kr_scene *scene, const kr_scene *own, const kr_tree *node, kr_error *error) {
    const kr_escape_settings *mine = kr_scene_escape(own), *all = kr_scene_escape(scene);
    size_t dim = 0, before = 0;
    kr_status status = kr_scene_dimension(own, &dim, error);
    if (!status) status = kr_scene_dimension(scene, &before, error);
    if (status) return status;
    if (dim && before && dim != before) { /* 0: files will say it, to the run */
        const kr_tree *place = kr_tree_find(node, "landscape");
        kr_fail(error, KR_BAD_ARGUMENT,
                "the landscape '%s' of this phase has %zu coordinates and that of the scene has %zu; particles keep theirs",
                own->landscape.about->name, dim, before);
        return kr_tree_fail(place ? place : node, error);
    }
    if (mine->renewal != all->renewal || mine->bridge != all->bridge)
        return differs(node, "escape", "escape.renewal and escape.bridge are of the whole run; put them beside phases", error);
    if (mine->method == KR_METHOD_SPLITTING)
        return differs(node, "escape",
                       "a splitting follows paths at settings that stay; leave phases out, or use escape.method count", error);
    return KR_OK;
}

/* *merged: the tree of the phase before (NULL: there is none), and afterwards of this one. */
static kr_status resolve_phase(kr_scene *scene, size_t number, const kr_tree *tree, const kr_tree *node, bool typed,
                               kr_tree **merged, kr_error *error) {
    kr_phase *phase = &scene->phases[number];
    kr_scene *own = &phase->scene;
    kr_tree *made = NULL;
    *own = (kr_scene){.registry = scene->registry,
                      .name = strdup(scene->name),
                      .directory = strdup(scene->directory),
                      .schedule_steps = schedule_steps(scene, number)};
    kr_status status = own->name && own->directory ? KR_OK : kr_fail(error, KR_NO_MEMORY, "out of memory while reading phases");
    if (!status) status = read_prune(phase, node, error);
    if (!status) status = read_rewind(scene, phase, node, error);
    if (!status) status = make_tree(&made, tree, phase->continues ? *merged : NULL, node, error);
    kr_tree_destroy(*merged);
    *merged = made;
    if (!status) status = kr_scene_resolve(own, made, error);
    if (!status) status = kr_scene_settle_paths(own, typed ? made : NULL, error);
    if (!status) status = kr_scene_resolve_check(own, made, error);
    if (!status) {
        ((kr_ensemble_settings *)own->ensemble.values)->steps = kr_scene_ensemble(scene)->steps;
        status = kr_scene_note_places(own, made, error);
    }
    return status ? status : check_against(scene, own, node, error);
}

kr_status kr_scene_resolve_phases(kr_scene *scene, const kr_tree *tree, bool typed, kr_error *error) {
    const kr_tree *list = kr_tree_find(tree, "phases");
    kr_status status = KR_OK;
    size_t number = 0;
    kr_tree *merged = NULL;
    if (!scene->phase_count) return KR_OK;
    for (const kr_tree *entry = list->child; entry && !status; entry = entry->next)
        status = resolve_phase(scene, number++, tree, entry, typed, &merged, error);
    kr_tree_destroy(merged);
    return status;
}
