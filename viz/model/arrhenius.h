/* The present scene at a few temperatures, run beside each other in a thread of its own with what it leaves of the processor: mean
 * first-passage times with intervals, beside theory at the same temperatures. Nothing runs unless somebody looks. */
#ifndef KR_ARRHENIUS_H
#define KR_ARRHENIUS_H

#include <kramers/escape.h>
#include <kramers/scene.h>

enum { KR_ARRHENIUS_POINTS = 5 };

typedef struct kr_arrhenius_point {
    double temperature;
    kr_escape_estimate escape;
    double exact, kramers; /* mean steps; NAN: no such theory, or not yet */
} kr_arrhenius_point;

typedef struct kr_arrhenius {
    bool begun, applies;
    char why[200]; /* it does not apply; one sentence */
    size_t count;
    kr_arrhenius_point point[KR_ARRHENIUS_POINTS]; /* from the hottest to the coldest */
    char exact_name[64], kramers_name[64];         /* theories; empty: none */
} kr_arrhenius;

/* ln of mean steps over 1/T as a straight line, each point weighted by its error. The slope is the barrier, but for how the
 * prefactor changes with T. */
typedef struct kr_arrhenius_fit {
    size_t points;                       /* that have at least ten passages */
    double slope, half_width, intercept; /* half_width: of the 95 % interval; NAN: fewer than three points */
} kr_arrhenius_fit;
kr_arrhenius_fit kr_arrhenius_fit_measured(const kr_arrhenius *arrhenius);
/* The line through the theory at the same points, with the same weights. NAN: the exact one is not known at all of them, or the
 * formula does not apply to three of them. */
double kr_arrhenius_slope_exact(const kr_arrhenius *arrhenius);
double kr_arrhenius_slope_kramers(const kr_arrhenius *arrhenius);

/* The barrier as it is measured: the slope of the formula, whose prefactor does not change with T, and what the measured slope has
 * beyond that of the exact theory. NAN: one of these is not known. The fit's half_width is its error. */
double kr_arrhenius_barrier(const kr_arrhenius *arrhenius);

typedef struct kr_arrhenius_runs kr_arrhenius_runs;

kr_status kr_arrhenius_runs_create(kr_arrhenius_runs **runs, kr_error *error);
void kr_arrhenius_runs_destroy(kr_arrhenius_runs *runs);
/* What is known of this version of the scene so far; asks for more. Runs go on for a second or so after the last look, and until
 * all means are known to 2 %. still: no thread; each look does the same number of steps, so that pictures are the same every time.
 */
void kr_arrhenius_runs_look(kr_arrhenius_runs *runs, const kr_scene *scene, uint64_t version, bool still, kr_arrhenius *out);

#endif
