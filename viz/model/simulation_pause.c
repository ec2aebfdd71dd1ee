/* Where the simulation pauses by itself: at a step, where the schedule begins anew, when a particle escapes; and at the steps that
 * a lesson speaks of. */
#include "simulation_state.h"

#include "draw/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

const char *kr_pause_refused(const kr_snapshot *snapshot, kr_pause what) {
    const kr_schedule_type *schedule = (const kr_schedule_type *)(const void *)snapshot->scene.schedule.about;
    if (what == KR_PAUSE_ESCAPE && !snapshot->scene.target_count) return "There is no target: nothing escapes.";
    return what == KR_PAUSE_RESTART && !schedule->next_cycle ? "This schedule never begins anew by itself." : NULL;
}

/* A later step with no more than one digit but zeros, at least thousands. */
static uint64_t round_step(uint64_t step) {
    uint64_t unit = 1000;
    while (step / unit >= 10) unit *= 10;
    return (step / unit + 1) * unit;
}

static uint64_t events(const kr_simulation *s) {
    uint64_t sum = 0;
    for (size_t v = 0; v < kr_session_variants(s->session); v++) sum += kr_session_view(s->session, v).events;
    return sum;
}

/* A later one than now, where it is the sooner one. */
static void take_sooner(uint64_t step, uint64_t now, uint64_t *next) {
    if (step > now && step < *next) *next = step;
}

static uint64_t next_quoted(const kr_simulation *s, uint64_t now) {
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < s->quoted_count; i++) take_sooner(s->quoted[i], now, &next);
    return next;
}

static uint64_t next_pause(const kr_simulation *s, uint64_t now) {
    uint64_t next = next_quoted(s, now);
    if (s->pause == KR_PAUSE_STEP) take_sooner(s->pause_step, now, &next);
    if (s->pause == KR_PAUSE_RESTART) take_sooner(kr_simulation_next_cycle(s, now), now, &next);
    if (s->pause == KR_PAUSE_ESCAPE) take_sooner(now + 1, now, &next); /* looked for after each step */
    return next;
}

uint64_t kr_simulation_to_pause(const kr_simulation *s, uint64_t steps) {
    uint64_t now = kr_session_step(s->session), next = next_pause(s, now);
    return next - now < steps ? next - now : steps;
}

static void pause(kr_simulation *s, const char *why) {
    char step[32];
    s->playing = false;
    s->paused_at_event = true;
    kr_simulation_say(s, "step %s: %s; space goes on", kr_text_number((double)kr_session_step(s->session), 12, step, sizeof step),
                      why);
}

void kr_simulation_begin_pause(kr_simulation *s) {
    s->pause_events = events(s);
    s->pause_next = s->pause == KR_PAUSE_RESTART ? kr_simulation_next_cycle(s, kr_session_step(s->session)) : UINT64_MAX;
}

void kr_simulation_pause_where_due(kr_simulation *s, uint64_t before) {
    uint64_t now = kr_session_step(s->session);
    if (!s->playing || now == before) return;
    if (s->pause == KR_PAUSE_ESCAPE && events(s) > s->pause_events) {
        s->pause = KR_PAUSE_NEVER;
        pause(s, "a particle has escaped");
    } else if (s->pause == KR_PAUSE_RESTART && now == s->pause_next) {
        pause(s, "the schedule begins anew");
    } else if (s->pause == KR_PAUSE_STEP && before < s->pause_step && now == s->pause_step) {
        pause(s, "the pause that was asked for"); /* which stays to be set anew */
    } else if (next_quoted(s, before) == now) {
        pause(s, "the lesson speaks of it");
    }
}

void kr_simulation_set_pause(kr_simulation *s, const kr_command *command) {
    if (command->kind == KR_COMMAND_PAUSE) {
        s->pause = (kr_pause)command->number;
        s->pause_step = command->count ? command->count : round_step(kr_session_step(s->session));
        return;
    }
    const char *at = command->text;
    char *end;
    for (s->quoted_count = 0; s->quoted_count < KR_QUOTED_STEPS && *at; at = end) {
        s->quoted[s->quoted_count++] = strtoumax(at, &end, 10);
        if (end == at) break;
    }
    kr_simulation_resume(s); /* another step of the lesson */
}

void kr_simulation_resume(kr_simulation *s) {
    s->playing |= s->paused_at_event;
    s->paused_at_event = false;
}
