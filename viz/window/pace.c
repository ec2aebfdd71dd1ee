#include "pace.h"

#include <math.h>

double kr_round_pace(double much, double seconds) {
    double rate = fmax(1.0, much / seconds), ten = pow(10, floor(log10(rate))), part = rate / ten;
    return ten * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

double kr_pace(const kr_scene *scene) {
    static const double one_by_one = 2;
    const kr_ensemble_settings *ensemble = kr_scene_ensemble(scene);
    bool each = ensemble->particles == 1 && kr_scene_trajectory(scene)->every == 1;
    return each ? one_by_one : kr_round_pace((double)ensemble->steps, 60);
}
