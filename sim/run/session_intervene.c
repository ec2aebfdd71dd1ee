/* Interventions: everything that can fail is done beside the session, and takes effect at once when nothing has failed. */
#include "scene/scene_parts.h"
#include "session_phases.h"
#include "session_plan.h"

#include <kramers/number_text.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for a session");
}

/* ---- the settings afterwards ---- */

/* Lines of text as assignments. */
static kr_status split_lines(char *text, const char ***line, size_t *count, kr_error *error) {
    size_t most = 1;
    for (const char *c = text; *c; c++) most += *c == '\n';
    *count = 0;
    if (!(*line = malloc(most * sizeof **line))) return no_memory(error);
    for (char *rest = text; rest;) {
        char *end = strchr(rest, '\n');
        if (end) *end = 0;
        if (rest[strspn(rest, " \t\r")]) (*line)[(*count)++] = rest + strspn(rest, " \t");
        rest = end ? end + 1 : NULL;
    }
    return KR_OK;
}

/* The session's settings with these changes. */
static kr_status changed_scene(const kr_session *session, const char *assignments, kr_scene *scene, kr_error *error) {
    char *copy = strdup(assignments);
    const char **line = NULL;
    size_t count = 0;
    kr_status status = copy ? split_lines(copy, &line, &count, error) : no_memory(error);
    if (status == KR_OK && !count)
        status = kr_fail(error, KR_BAD_ARGUMENT, "set needs KEY=VALUE, for instance set dynamics.temperature=0.3");
    if (status == KR_OK) status = kr_scene_change(scene, &session->scene, line, line, count, session->scene.name, error);
    free(line);
    free(copy);
    return status;
}

/* A lesson in it is not even looked at. Where it has phases, settings are those of the present one; other phases than the session's
 * take their place and begin with the first. */
static kr_status whole_scene(const kr_session *session, const char *text, kr_plan *plan, kr_error *error) {
    const char *no_lesson = "lesson=~";
    const kr_scene *now = &session->scene;
    kr_scene read;
    kr_status status = kr_scene_parse(&read, now->registry, now->name, now->directory, text, &no_lesson, 1, error);
    if (status != KR_OK) return status;
    size_t number = session->phase.number;
    if (read.phase_count && !kr_phase_lists_alike(&session->phased, &read)) {
        plan->replans = plan->again = true;
        number = 0;
        status = kr_scene_copy(&plan->phased, &read, error);
    }
    bool present = number < read.phase_count;
    if (status == KR_OK) status = kr_scene_copy(&plan->scene, present ? &read.phases[number].scene : &read, error);
    kr_scene_destroy(&read);
    return status;
}

/* "ensemble.start.point=[X, Y]" from numbers with spaces or commas between them. */
static kr_status dropped_scene(const kr_session *session, const char *numbers, kr_scene *scene, kr_error *error) {
    size_t size = strlen(numbers) + 40, count = 0;
    char *assignment = malloc(size), *copy = strdup(numbers), *rest = copy;
    kr_status status = assignment && copy ? KR_OK : no_memory(error);
    if (status == KR_OK) strcpy(assignment, "ensemble.start.point=[");
    while (status == KR_OK && *(rest += strspn(rest, " ,\t"))) {
        double number;
        size_t length = strcspn(rest, " ,\t");
        bool last = !rest[length];
        rest[length] = 0;
        if (!kr_number_parse(rest, &number)) {
            status = kr_fail(error, KR_BAD_ARGUMENT, "drop needs coordinates, for instance drop 0.5 -1, not '%.80s'", rest);
            break;
        }
        if (count++) strcat(assignment, ",");
        strcat(assignment, rest);
        rest += last ? length : length + 1;
    }
    size_t dim = session->variant[0].ensemble->dim;
    if (status == KR_OK && count != 1 && count != dim)
        status = kr_fail(error, KR_BAD_ARGUMENT, "drop has %zu coordinates; the landscape has %zu (one number stands for all)",
                         count, dim);
    if (status == KR_OK) status = changed_scene(session, strcat(assignment, "]"), scene, error);
    free(assignment);
    free(copy);
    return status;
}

/* The rest of the text when it begins with this word. */
static const char *after(const char *text, const char *word) {
    size_t length = strlen(word);
    if (strncmp(text, word, length) != 0 || (text[length] && !strchr(" \t\n", text[length]))) return NULL;
    return text + length + strspn(text + length, " \t");
}

static kr_status plan_scene(const kr_session *session, const char *text, kr_plan *plan, kr_error *error) {
    const char *rest;
    kr_status status;
    if ((rest = after(text, "set"))) {
        status = changed_scene(session, rest, &plan->scene, error);
    } else if ((rest = after(text, "scene"))) {
        status = whole_scene(session, rest + strspn(rest, "\r\n"), plan, error);
    } else if ((rest = after(text, "drop"))) {
        status = dropped_scene(session, rest, &plan->scene, error);
        plan->again = true;
    } else if (((rest = after(text, "restart")) || (rest = after(text, "reset"))) && !*rest) {
        plan->restart = text[2] == 's' && text[3] == 't';
        plan->again = !plan->restart;
        return kr_scene_copy(&plan->scene, &session->scene, error);
    } else if ((rest = after(text, "phase"))) {
        status = kr_plan_phase(session, plan, rest, error);
    } else if ((rest = after(text, "prune")) || (rest = after(text, "rewind")) || (rest = after(text, "optimizer"))) {
        status = (*text == 'p' ? kr_plan_prune : *text == 'r' ? kr_plan_rewind : kr_plan_optimizer)(plan, rest, error);
        if (status == KR_OK) status = kr_scene_copy(&plan->scene, &session->scene, error);
        return status;
    } else {
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "'%.80s' is no intervention; there are set KEY=VALUE, scene YAML, restart, reset, drop X [Y ...], prune "
                       "fraction=F, rewind phase=NAME step=K, optimizer reset, phase NAME",
                       text);
    }
    return status == KR_OK ? kr_plan_keep_lesson(session, &plan->scene, error) : status;
}

/* ---- and is done ---- */

/* Room for one more entry of the log. */
static bool make_room(kr_session *session) {
    if (session->logged < session->log_capacity) return true;
    size_t capacity = session->log_capacity ? 2 * session->log_capacity : 64;
    kr_intervention *log = realloc(session->log, capacity * sizeof *log);
    if (!log) return false;
    session->log = log;
    session->log_capacity = capacity;
    return true;
}

/* Takes the text. */
static kr_status act(kr_session *session, kr_plan *plan, char *text, kr_error *error) {
    kr_intervention entry = {.generation = session->generation, .step = kr_session_step(session), .text = text};
    kr_status status = make_room(session) ? kr_plan_make(session, plan, error) : no_memory(error);
    if (status != KR_OK) {
        free(text);
        return status;
    }
    kr_plan_carry_out(session, plan);
    session->log[session->logged++] = entry;
    return KR_OK;
}

kr_status kr_session_intervene(kr_session *session, const char *text, kr_error *error) {
    kr_plan plan = {.restart = false};
    char *copy = strdup(text + strspn(text, " \t\r\n"));
    kr_status status = copy ? plan_scene(session, copy, &plan, error) : no_memory(error);
    if (status == KR_OK)
        status = act(session, &plan, copy, error);
    else
        free(copy);
    kr_plan_drop(&plan);
    return status;
}

/* "set KEY=VALUE" of each, a line to each. */
static char *log_line(const kr_scene *scene, const kr_setting *setting, size_t count) {
    size_t size;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    bool good = out;
    for (size_t i = 0; i < count && good; i++) {
        char *line = kr_scene_setting_text(scene, &setting[i]);
        good = line && fprintf(out, "%s%s", i ? "\n" : "set ", line) > 0;
        free(line);
    }
    if (out && fclose(out)) good = false;
    if (good) return text;
    free(text);
    return NULL;
}

kr_status kr_session_set_all(kr_session *session, const kr_setting *setting, size_t count, kr_error *error) {
    kr_plan plan = {.restart = false};
    if (!count) return kr_fail(error, KR_BAD_ARGUMENT, "set has no KEY=VALUE; give one, for instance set dynamics.temperature=0.3");
    char *text = log_line(&session->scene, setting, count);
    kr_status status =
        text ? kr_scene_change_values(&plan.scene, &session->scene, setting, count, session->scene.name, error) : no_memory(error);
    if (status == KR_OK) status = kr_plan_keep_lesson(session, &plan.scene, error);
    if (status == KR_OK)
        status = act(session, &plan, text, error);
    else
        free(text);
    kr_plan_drop(&plan);
    return status;
}

kr_status kr_session_set(kr_session *session, const char *key, kr_parameter_value value, kr_error *error) {
    return kr_session_set_all(session, &(kr_setting){key, value}, 1, error);
}
