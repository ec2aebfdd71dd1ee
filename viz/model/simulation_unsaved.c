/* What was done by hand and not saved is kept as it happens, so that a window that is killed, or whose display breaks, loses
 * nothing but the last second: a session file without trajectory, replaced by a newer one at most once a second, and removed when
 * the window is closed. */
#include "simulation_state.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double shortest_pause = 1.0; /* between two of these files, and so many times what writing one takes: */
static const double pause_of_cost = 20.0;
static const double pause_after_failure = 30.0;
enum { NAMES = 10000 };

/* ---- where ---- */

/* $XDG_STATE_HOME/kramers, or ~/.local/state/kramers, with the folders on the way to it. false: there is no home. */
static bool make_state_folder(char *folder, size_t size) {
    const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    bool given = base && *base == '/';
    int length = given ? snprintf(folder, size, "%s/kramers", base)
                       : snprintf(folder, size, "%s/.local/state/kramers", home && *home == '/' ? home : "");
    if ((!given && (!home || *home != '/')) || length < 0 || (size_t)length >= size) return false;
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0777);
        *slash = '/';
    }
    return mkdir(folder, 0700) == 0 || errno == EEXIST;
}

/* A name that nobody has, in this folder. */
static kr_status begin_in(kr_simulation *s, const char *folder, kr_error *error) {
    char file[sizeof s->unsaved_file];
    kr_status status = KR_IO;
    for (int number = 1; number < NAMES && status != KR_OK; number++) {
        int length = snprintf(file, sizeof file, "%s%s%s-%04d.unsaved.h5", folder, *folder ? "/" : "", s->unsaved_name, number);
        if (length < 0 || (size_t)length >= sizeof file) return kr_fail(error, KR_IO, "%s: this name is too long", folder);
        if (!access(file, F_OK)) continue;
        status = kr_session_save_log(s->session, file, false, error);
        if (status != KR_OK && access(file, F_OK)) return status; /* else another window was faster */
    }
    if (status == KR_OK) snprintf(s->unsaved_file, sizeof s->unsaved_file, "%s", file);
    return status;
}

/* In the working directory as everything else, or where that is not to be written to, in the folder for the state of programs. */
static kr_status begin(kr_simulation *s, kr_error *error) {
    char folder[512];
    kr_error ignored;
    kr_status status = begin_in(s, "", error);
    if (status == KR_OK || !make_state_folder(folder, sizeof folder)) return status;
    return begin_in(s, folder, &ignored) == KR_OK ? KR_OK : status;
}

/* ---- when ---- */

static size_t logged(const kr_simulation *s) {
    const kr_intervention *list;
    return kr_session_interventions(s->session, &list);
}

void kr_simulation_begin_unsaved(kr_simulation *s, const char *name) {
    snprintf(s->unsaved_name, sizeof s->unsaved_name, "%s", name);
    s->unsaved_next = -INFINITY;
}

void kr_simulation_done_by_hand(kr_simulation *s) {
    s->unsaved = *s->unsaved_name != '\0';
}

void kr_simulation_forget_unsaved(kr_simulation *s) {
    if (*s->unsaved_file) unlink(s->unsaved_file);
    *s->unsaved_file = '\0';
    s->unsaved = false;
}

kr_status kr_simulation_write_unsaved(kr_simulation *s, kr_error *error) {
    double began = kr_seconds_now();
    if (!s->unsaved || s->unsaved_written == logged(s) || began < s->unsaved_next) return KR_OK;
    kr_status status = *s->unsaved_file ? kr_session_save_log(s->session, s->unsaved_file, true, error) : begin(s, error);
    double pause = fmax(shortest_pause, pause_of_cost * (kr_seconds_now() - began));
    s->unsaved_next = began + (status == KR_OK ? pause : pause_after_failure);
    if (status == KR_OK) s->unsaved_written = logged(s);
    return status;
}

kr_status kr_simulation_finish_unsaved(kr_simulation *s, kr_error *error) {
    kr_status status = !s->unsaved || *s->unsaved_file ? KR_OK : begin(s, error);
    if (!*s->unsaved_file || kr_session_save(s->session, s->unsaved_file, true, NULL) == KR_OK) return status;
    kr_session_save_log(s->session, s->unsaved_file, true, NULL); /* where there is no room for more */
    return status;
}
