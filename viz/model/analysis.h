/* What is known about the present scene. Settings, model and critical points are made at once, which takes about a millisecond;
 * path, theories and predicted survival can take seconds and are made in a thread of their own, for the newest version only. */
#ifndef KR_ANALYSIS_H
#define KR_ANALYSIS_H

#include "frame.h"

typedef struct kr_analyser kr_analyser;

kr_status kr_analyser_create(kr_analyser **analyser, kr_error *error);
/* Ends after the theory that is being computed. */
void kr_analyser_destroy(kr_analyser *analyser);

/* The analysis of this version of the settings, valid until the next call, with what the thread has finished so far. When the scene
 * cannot be made into a model the last analysis stays. wait: everything is known on return. */
kr_status kr_analyser_update(kr_analyser *analyser, uint64_t version, const kr_scene *scene, bool wait,
                             const kr_analysis **analysis, kr_error *error);
/* The analysis is about this snapshot from now on: numbers that change with the step are those of its step. */
void kr_analyser_look(kr_analyser *analyser, const kr_snapshot *snapshot, bool wait);
/* Grows whenever the thread has finished something more, which the next update then has. */
uint64_t kr_analyser_progress(const kr_analyser *analyser);

#endif
