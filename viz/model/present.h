/* The scene at the step that is shown: numbers that follow a schedule, or the learning rate, have the values of that step. Made
 * with an analysis, and set before each frame. */
#ifndef KR_PRESENT_H
#define KR_PRESENT_H

#include "frame.h"

/* Of an analysis whose scene and model are there. Leaves an analysis without what it could not make, which then is as at step 0. */
void kr_present_create(kr_analysis *analysis);
void kr_present_destroy(kr_analysis *analysis);
/* step: done; origin: of the last warm restart by hand. whole: everything is made anew, whatever it takes; else critical points are
 * only as often as they cost little. */
void kr_present_set(kr_analysis *analysis, uint64_t step, uint64_t origin, bool whole);

/* What is there now, of the main dynamics. */
const kr_landscape *kr_present_landscape(const kr_analysis *analysis);
const kr_critical_points *kr_present_critical(const kr_analysis *analysis);
/* Grows with every change of that landscape. */
uint64_t kr_present_shape(const kr_analysis *analysis);
/* The question to theories about the present moment as if it stayed; false: there is no such dynamics. */
bool kr_present_problem(const kr_analysis *analysis, size_t variant, kr_problem *problem);
/* Grows with every change of any number. */
uint64_t kr_present_moment(const kr_analysis *analysis);

/* The schedule of a variant's learning rate. */
const kr_schedule *kr_present_schedule(const kr_analysis *analysis, size_t variant);

/* The largest curvature of the landscape at the start, as of the last time that critical points were found; NAN: of losses over
 * data, and in many dimensions, it takes too long. */
double kr_present_curvature(const kr_analysis *analysis);
/* Beyond which learning rate times curvature is unstable for the main dynamics; INFINITY: never. */
double kr_present_stability_limit(const kr_analysis *analysis, double learning_rate);
/* That product at the largest rate of the schedule. */
double kr_present_largest_product(const kr_analysis *analysis);
/* Whether it is beyond the limit; then text is what a run is warned with. */
bool kr_present_stability_warning(const kr_analysis *analysis, char *text, size_t size);

/* The value of a driven number of a variant, called as in the scene's own sections; false: there is none. */
bool kr_present_value(const kr_analysis *analysis, size_t variant, const char *name, uint64_t step, double *value);

/* Curves over the step: first the numbers that are driven, then what gradient noise does by itself (pulses). */
enum { KR_MAX_CURVES = KR_MAX_DRIVEN + KR_MAX_NOISE_PARTS };
size_t kr_present_curves(const kr_analysis *analysis);
/* As a scene calls it, "dynamics.temperature"; of noise that changes by itself "noise.pulse". */
const char *kr_present_curve_name(const kr_analysis *analysis, size_t curve, char *text, size_t size);
double kr_present_curve_at(const kr_analysis *analysis, size_t curve, uint64_t step);
/* The next step at which a cycle or pulse begins or ends; UINT64_MAX: none. */
uint64_t kr_present_curve_jump(const kr_analysis *analysis, size_t curve, uint64_t step);

#endif
