#include <kramers/model.h>
#include <kramers/problem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ASSIGNMENTS = 64 };

typedef struct owned {
    kr_problem problem; /* what callers see */
    kr_scene scene;
    kr_model model;
} owned;

typedef struct assignments {
    char *text[MOST_ASSIGNMENTS]; /* "KEY=VALUE" as for --set; owned */
    size_t count;
    kr_status status; /* the first failure */
    kr_error *error;
} assignments;

static void add(assignments *list, const char *format, const char *a, int length, const char *b) {
    char *text = NULL;
    size_t size;
    if (list->status != KR_OK) return;
    FILE *out = list->count < MOST_ASSIGNMENTS ? open_memstream(&text, &size) : NULL;
    if (out) {
        fprintf(out, format, a, length, b);
        fclose(out);
    }
    if (text)
        list->text[list->count++] = text;
    else
        list->status = kr_fail(list->error, KR_BAD_ARGUMENT, "a problem has more than %d parameters.", MOST_ASSIGNMENTS);
}

/* Length of a word that ends at a blank, or at ends, outside of brackets and quotes. */
static size_t word_length(const char *text, const char *ends) {
    size_t length = 0;
    int depth = 0;
    char quote = 0;
    for (; text[length]; length++) {
        char c = text[length];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '[' || c == '{')
            depth++;
        else if (c == ']' || c == '}')
            depth--;
        else if (depth <= 0 && strchr(ends, c))
            break;
    }
    return length;
}

/* "NAME key=value ..." */
static void add_plugin(assignments *list, const char *section, const char *text) {
    static const char blanks[] = " \t\n";
    bool first = true;
    for (text += text ? strspn(text, blanks) : 0; text && *text && list->status == KR_OK; first = false) {
        size_t length = word_length(text, blanks);
        if (memchr(text, '=', length))
            add(list, "%s.%.*s", section, (int)length, text);
        else if (first)
            add(list, "%s.name=%.*s", section, (int)length, text);
        else
            list->status = kr_fail(list->error, KR_BAD_ARGUMENT,
                                   "%s: '%.*s' is no KEY=VALUE; a text is 'NAME key=value key=value'.", section, (int)length, text);
        text += length;
        text += strspn(text, blanks);
    }
}

/* "key=value ..." as "{key: value, ...}". */
static void write_map(assignments *list, FILE *out, const char *key, const char *text, size_t length) {
    static const char blanks[] = " \t\n;";
    const char *end = text + length, *between = "{";
    for (text += strspn(text, blanks); text < end && list->status == KR_OK; between = ", ") {
        size_t word = word_length(text, blanks);
        const char *equal = memchr(text, '=', word);
        if (equal)
            fprintf(out, "%s%.*s: %.*s", between, (int)(equal - text), text, (int)(word - (size_t)(equal - text) - 1), equal + 1);
        else
            list->status = kr_fail(list->error, KR_BAD_ARGUMENT, "%s: '%.*s' is no KEY=VALUE.", key, (int)word, text);
        text += word;
        text += strspn(text, blanks);
    }
    fputs("}", out);
}

/* One map, or with several set a list of those between semicolons. */
static void add_maps(assignments *list, const char *key, const char *text, bool several) {
    char *maps = NULL;
    size_t size;
    if (!text || !text[strspn(text, " \t\n;")] || list->status != KR_OK) return;
    FILE *out = open_memstream(&maps, &size);
    if (!out) {
        list->status = kr_fail(list->error, KR_NO_MEMORY, "no memory for the text of a problem.");
        return;
    }
    if (several) fputs("[", out);
    for (const char *between = ""; *text; between = ", ") {
        size_t length = several ? word_length(text, ";") : strlen(text);
        fputs(between, out);
        write_map(list, out, key, text, length);
        text += length;
        text += strspn(text, " \t\n;");
    }
    if (several) fputs("]", out);
    fclose(out);
    add(list, "%s=%.*s", key, (int)strlen(maps), maps);
    free(maps);
}

/* Messages about an assignment begin with --set, an option that was not given here: it is cut off. */
static void forget_option(kr_error *error) {
    static const char option[] = "--set ";
    size_t length = sizeof option - 1;
    if (error && !strncmp(error->message, option, length))
        memmove(error->message, error->message + length, strlen(error->message + length) + 1);
}

static kr_status make(owned *o, const kr_registry *registry, const assignments *list, kr_error *error) {
    kr_status status = registry ? KR_OK : kr_registry_find(NULL, &registry, error);
    if (status == KR_OK)
        status = kr_scene_parse(&o->scene, registry, "problem", ".", "", (const char *const *)list->text, list->count, error);
    if (status != KR_OK) return status;
    if (o->scene.start.kind != KR_START_MINIMUM && o->scene.start.kind != KR_START_POINT)
        status = kr_fail(error, KR_BAD_ARGUMENT,
                         "ensemble.start: a problem starts at a minimum or a point; 'gibbs', 'random' and 'file' are for scenes.");
    if (status == KR_OK) status = kr_model_create(&o->model, &o->scene, error);
    if (status != KR_OK)
        kr_scene_destroy(&o->scene);
    else
        o->problem = kr_model_problem(&o->model);
    return status;
}

kr_status kr_problem_create(kr_problem **problem, const kr_problem_text *text, kr_error *error) {
    assignments list = {.error = error};
    owned *o = calloc(1, sizeof *o);
    *problem = NULL;
    if (!o) return kr_fail(error, KR_NO_MEMORY, "no memory for a problem.");
    add_plugin(&list, "landscape", text->landscape);
    add_plugin(&list, "dynamics", text->dynamics);
    add_plugin(&list, "noise", text->noise);
    add_plugin(&list, "schedule", text->schedule);
    add_maps(&list, "ensemble.start", text->start, false);
    add_maps(&list, "escape.until", text->until, true);
    kr_status status = list.status == KR_OK ? make(o, text->registry, &list, error) : list.status;
    for (size_t i = 0; i < list.count; i++) free(list.text[i]);
    if (status == KR_OK) {
        *problem = &o->problem;
        return KR_OK;
    }
    forget_option(error);
    free(o);
    return status;
}

void kr_problem_destroy(kr_problem *problem) {
    owned *o = (owned *)problem; /* it is the first member */
    if (!o) return;
    kr_model_destroy(&o->model);
    kr_scene_destroy(&o->scene);
    free(o);
}

kr_ensemble_setup kr_ensemble_setup_default(const kr_problem *problem) {
    kr_ensemble_setup setup = {.landscape = problem->landscape,
                               .noise = problem->noise,
                               .dynamics = problem->dynamics,
                               .schedule = problem->schedule,
                               .start = problem->start,
                               .burn_in = problem->burn_in,
                               .bridge = problem->bridge,
                               .absorb = !problem->renewal,
                               .targets = problem->targets,
                               .target_count = problem->target_count,
                               .particles = 4096,
                               .seed = 1};
    /* KRAMERS_ISA may name nothing that this processor has. */
    if (kr_registry_find(NULL, &setup.registry, NULL) != KR_OK) kr_registry_find("auto", &setup.registry, NULL);
    return setup;
}
