/* What the window asks of the simulation. */
#include "simulation_state.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kr_simulation_end_replay(kr_simulation *s) {
    if (s->replaying) kr_session_record_destroy(&s->record);
    s->replaying = false;
}

kr_status kr_simulation_settings_changed(kr_simulation *s, kr_error *error) {
    const kr_scene *now = kr_session_scene(s->session);
    for (size_t v = 0; v < KR_MAX_VARIANTS; v++) kr_measure_forget(s->measure[v]);
    s->step_seconds = NAN; /* steps may have become a thousand times longer */
    s->chunk = 1;
    s->dirty = true;
    if (s->version && kr_scene_equal(&s->scene, now) && s->scene.lesson_count == now->lesson_count) return KR_OK;
    kr_scene copy;
    kr_status status = kr_scene_copy(&copy, now, error);
    if (status != KR_OK) return status;
    kr_scene_destroy(&s->scene);
    s->scene = copy;
    s->version++;
    return KR_OK;
}

/* Takes the scene. */
static void push_undo(kr_simulation *s, kr_scene before) {
    if (s->undo_count == KR_MOST_UNDO) {
        kr_scene_destroy(&s->undo[0]);
        memmove(s->undo, s->undo + 1, (KR_MOST_UNDO - 1) * sizeof *s->undo);
        s->undo_count--;
    }
    s->undo[s->undo_count++] = before;
}

/* The first key that a command sets, "" for other commands; false when it is too long. */
static bool key_of(const kr_command *command, char *key, size_t size) {
    const char *text = command->kind == KR_COMMAND_SET ? command->setting->key : command->text;
    if (command->kind == KR_COMMAND_INTERVENE) {
        if (!text || strncmp(text, "set ", 4) != 0) return false;
        text += 4 + strspn(text + 4, " ");
    } else if (command->kind != KR_COMMAND_SET) {
        return false;
    }
    size_t length = strcspn(text, "= ");
    if (length >= size) return false;
    memcpy(key, text, length);
    key[length] = '\0';
    return true;
}

/* A text, or (NULL) settings. */
static kr_status intervene(kr_simulation *s, const char *text, const kr_setting *setting, size_t count) {
    kr_error error = {.status = KR_OK};
    kr_status status =
        text ? kr_session_intervene(s->session, text, &error) : kr_session_set_all(s->session, setting, count, &error);
    if (status == KR_OK) status = kr_simulation_settings_changed(s, &error);
    if (status == KR_OK) kr_simulation_done_by_hand(s);
    if (status != KR_OK) kr_simulation_say(s, "%s", error.message);
    return status;
}

static void undo(kr_simulation *s) {
    s->last_key[0] = '\0';
    if (!s->undo_count) {
        kr_simulation_say(s, "nothing to undo");
        return;
    }
    kr_scene before = s->undo[--s->undo_count];
    char *settings = NULL, *text = NULL;
    if (kr_scene_write(&before, &settings, NULL) == KR_OK && (text = malloc(strlen(settings) + sizeof "scene "))) {
        strcpy(text, "scene ");
        strcat(text, settings);
        intervene(s, text, NULL, 0);
    }
    free(text);
    free(settings);
    kr_scene_destroy(&before);
}

/* A copy of the scene of the phases; false: there are none. */
static bool keep_phases(const kr_simulation *s, kr_scene *phased) {
    const kr_scene *now = kr_session_phased_scene(s->session);
    return now->phase_count && kr_scene_copy(phased, now, NULL) == KR_OK;
}

static void change(kr_simulation *s, const kr_command *command) {
    char key[sizeof s->last_key] = "";
    kr_scene before, phased;
    bool copied = kr_scene_copy(&before, &s->scene, NULL) == KR_OK, kept = keep_phases(s, &phased);
    double now = kr_seconds_now();
    bool sets = key_of(command, key, sizeof key),
         goes_on = sets && !s->synchronous && !strcmp(key, s->last_key) && now - s->last_set < 0.7;
    uint64_t version = s->version;
    bool done = intervene(s, command->text, command->setting, command->count) == KR_OK;
    snprintf(s->last_key, sizeof s->last_key, "%s", key);
    s->last_set = now;
    /* Of other phases what was before is their scene, too. */
    bool changed = s->version != version, replanned = kept && done && !kr_scene_equal(&phased, kr_session_phased_scene(s->session));
    if (replanned && copied) {
        kr_scene_destroy(&before);
        before = phased;
    } else if (kept) {
        kr_scene_destroy(&phased);
    }
    if (done && copied && ((changed && !goes_on) || replanned))
        push_undo(s, before);
    else if (copied)
        kr_scene_destroy(&before);
}

static void save(kr_simulation *s, const char *file) {
    kr_error error = {.status = KR_OK};
    if (kr_session_save(s->session, file, false, &error) == KR_OK) {
        kr_simulation_forget_unsaved(s);
        kr_simulation_say(s, "saved the session: kramers view %s", file);
    } else {
        kr_simulation_say(s, "%s", error.message);
    }
}

/* Whether the next command is a later value of the same key: the mouse moves faster than ensembles are set up. */
static bool is_superseded(kr_simulation *s, const kr_command *command) {
    const kr_command *next = kr_ring_peek(&s->ring);
    char key[128], later[128];
    return next && next->kind == command->kind && next->count == command->count && key_of(command, key, sizeof key) &&
           key_of(next, later, sizeof later) && !strcmp(key, later);
}

static void do_intervention(kr_simulation *s, const kr_command *command) {
    if (s->replaying) {
        kr_simulation_end_replay(s);
        kr_simulation_say(s, "the replay stops here: from now on it is yours");
    }
    if (command->text && !strcmp(command->text, "undo"))
        undo(s);
    else
        change(s, command);
}

static void do_command(kr_simulation *s, const kr_command *command) {
    uint64_t generation = kr_session_generation(s->session);
    switch (command->kind) {
    case KR_COMMAND_INTERVENE:
    case KR_COMMAND_SET:
        if (!is_superseded(s, command)) do_intervention(s, command);
        if (kr_session_generation(s->session) != generation) kr_simulation_resume(s);
        break;
    case KR_COMMAND_PLAY:
        s->playing = command->count != 0;
        s->paused_at_event = false;
        s->waiting_steps = 0;
        s->credit = 0.0;
        break;
    case KR_COMMAND_STEP:
        s->playing = false;
        s->waiting_steps += command->count;
        break;
    case KR_COMMAND_SPEED:
        s->speed = command->number;
        s->credit = 0.0;
        break;
    case KR_COMMAND_FOLLOW: s->followed = command->count; break;
    case KR_COMMAND_PAUSE:
    case KR_COMMAND_QUOTED: kr_simulation_set_pause(s, command); break;
    case KR_COMMAND_SAVE: save(s, command->text); break;
    case KR_COMMAND_GUARD: kr_simulation_begin_unsaved(s, command->text); break;
    }
}

bool kr_simulation_read_commands(kr_simulation *s) {
    kr_command command;
    bool any = false;
    while (kr_ring_take(&s->ring, &command)) {
        do_command(s, &command);
        free(command.text);
        free(command.setting);
        any = s->dirty = true;
    }
    return any;
}

/* ---- the window's side ---- */

static bool put(kr_simulation *s, kr_command command) {
    if (kr_ring_put(&s->ring, command)) return true;
    free(command.text);
    free(command.setting);
    return false;
}

static bool put_text(kr_simulation *s, kr_command_kind kind, const char *text) {
    char *copy = strdup(text);
    /* cppcheck-suppress memleak */ /* put takes it, or frees it */
    return copy && put(s, (kr_command){.kind = kind, .text = copy});
}

bool kr_simulation_intervene(kr_simulation *s, const char *text) {
    return put_text(s, KR_COMMAND_INTERVENE, text);
}

bool kr_simulation_set_all(kr_simulation *s, const kr_setting *setting, size_t count) {
    kr_setting *kept = kr_settings_keep(setting, count);
    return kept && put(s, (kr_command){.kind = KR_COMMAND_SET, .count = count, .setting = kept});
}

bool kr_simulation_set(kr_simulation *s, const char *key, kr_parameter_value value) {
    return kr_simulation_set_all(s, &(kr_setting){key, value}, 1);
}

bool kr_simulation_save(kr_simulation *s, const char *file) {
    return put_text(s, KR_COMMAND_SAVE, file);
}

bool kr_simulation_guard(kr_simulation *s, const char *name) {
    return put_text(s, KR_COMMAND_GUARD, name);
}

bool kr_simulation_play(kr_simulation *s, bool play) {
    return put(s, (kr_command){.kind = KR_COMMAND_PLAY, .count = play});
}

bool kr_simulation_single_step(kr_simulation *s, uint64_t steps) {
    return put(s, (kr_command){.kind = KR_COMMAND_STEP, .count = steps});
}

bool kr_simulation_speed(kr_simulation *s, double steps_per_second) {
    return put(s, (kr_command){.kind = KR_COMMAND_SPEED, .number = steps_per_second});
}

bool kr_simulation_pause_at(kr_simulation *s, kr_pause what, uint64_t step) {
    return put(s, (kr_command){.kind = KR_COMMAND_PAUSE, .number = what, .count = step});
}

bool kr_simulation_pause_at_steps(kr_simulation *s, size_t count, const uint64_t *steps) {
    char text[24 * KR_QUOTED_STEPS] = "";
    for (size_t i = 0, used = 0; i < count && i < KR_QUOTED_STEPS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %" PRIu64, steps[i]);
    return put_text(s, KR_COMMAND_QUOTED, text);
}

bool kr_simulation_follow(kr_simulation *s, uint64_t particle) {
    return put(s, (kr_command){.kind = KR_COMMAND_FOLLOW, .count = particle});
}
