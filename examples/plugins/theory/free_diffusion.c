/* The passage time without any force, reflected at the start: (b - a)^2 / (2 T). A lower bound on what climbing costs: if a
 * measured time is near it, the barrier does not matter. */
#include <kramers/theory.h>

#include <math.h>

static const kr_parameter parameters[] = {KR_END};

static void predict(const kr_problem *problem, kr_prediction *out) {
    kr_problem_1d line;
    if (!kr_problem_1d_make(problem, &line, out)) return;
    double temperature = kr_problem_1d_temperature(&line);
    if (!isfinite(temperature)) {
        kr_theory_refuse(out, "the noise depends on the position, so there is no one temperature");
        return;
    }
    if (!(temperature > 0)) {
        kr_theory_refuse(out, "nothing diffuses at temperature 0");
        return;
    }
    kr_interval exits = kr_problem_1d_exits(&line);
    double distance = fmin(line.start - exits.low, exits.high - line.start);
    if (!isfinite(distance)) {
        kr_theory_refuse(out, "there is no target on the line");
        return;
    }
    out->mfpt_time = distance * distance / (2 * temperature);
}

KR_THEORY = {.about = {.name = KR_PLUGIN_NAME,
                       .doc = "passage time if there were no force at all",
                       .reference = "A. Einstein, Ann. Phys. 322, 549 (1905)",
                       .parameters = parameters},
             .rank = 0,
             .predict = predict};
