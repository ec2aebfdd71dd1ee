/* Escape from one well along one coordinate: its minimum, and on each side with a target the barrier before it. */
#ifndef KR_ESCAPE_WELL_H
#define KR_ESCAPE_WELL_H

#include <kramers/theory.h>

typedef struct kr_exit {
    double end;                    /* the nearest edge of the target */
    double top, curvature, height; /* of the barrier; V'' < 0 */
    double beyond;                 /* how far the end lies beyond the top; negative before it */
    bool in_other_well;            /* the end is where V'' > 0 again */
} kr_exit;

typedef struct kr_escape_well {
    double position, energy, curvature; /* of the minimum */
    size_t exits;
    kr_exit exit[2];
} kr_escape_well;

/* The minimum below the start. false: refused, with the reason in out. */
bool kr_escape_well_find(kr_problem_1d *line, kr_escape_well *well, kr_prediction *out);
/* Then the ways out, for particles of this temperature: each barrier must be higher, and a side without a target must hold it. */
bool kr_escape_well_leave(kr_problem_1d *line, double temperature, kr_escape_well *well, kr_prediction *out);

/* sqrt(V''(a) |V''(b)|) / (2 pi) exp(-(V(b) - V(a)) / T), times the share of the exit. */
/* Of an exit that is not in the other well, for what (a theory) is about those that are: why not. */
void kr_exit_refuse(const kr_exit *exit, double temperature, const char *what, kr_prediction *out);
double kr_exit_rate(const kr_escape_well *well, const kr_exit *exit, double temperature);
/* How many times more often than the other well the end is passed: 1 in the other well, 2 at the top, from where half of the
 * particles fall back, and at u thermal lengths beyond the top 2 / (1 + erf u). */
double kr_exit_share(const kr_exit *exit, double temperature);

#endif
