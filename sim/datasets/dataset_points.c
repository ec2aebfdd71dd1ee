#include "dataset_points.h"

#include "numerics/random_pair.h"

#include <stdlib.h>

enum { PLACE = KR_DATASET_STREAM << 24, LABELS = 2 };

static kr_random_pair point_of(kr_dataset_points kind, uint32_t class, double u) {
    kr_random_pair at;
    double c = class;
    switch (kind) {
    case KR_DATASET_MOONS:
        kr_sincos_turns(0.5 * u, &at.second, &at.first);
        return class ? (kr_random_pair){1 - at.first, 0.5 - at.second} : at;
    case KR_DATASET_SPIRALS:
        kr_sincos_turns(1.75 * u + 0.5 * c, &at.second, &at.first);
        return (kr_random_pair){u * at.first, u * at.second};
    case KR_DATASET_RINGS: break;
    }
    kr_sincos_turns(u, &at.second, &at.first);
    return (kr_random_pair){0.5 * (1 + c) * at.first, 0.5 * (1 + c) * at.second};
}

static void make_points(kr_dataset_part *part, uint32_t number, kr_dataset_points kind, double noise, uint64_t seed) {
    for (size_t m = 0; m < part->count; m++) {
        uint32_t class = m % 2;
        kr_random_pair uniform = kr_uniform_pair((uint32_t)m, 0, number, PLACE, seed);
        kr_random_pair normal = kr_normal_pair((uint32_t)m, 1, number, PLACE, seed);
        kr_random_pair point = point_of(kind, class, uniform.first);
        part->input[2 * m] = fma(noise, normal.first, point.first);
        part->input[2 * m + 1] = fma(noise, normal.second, point.second);
        part->label[m] = class;
    }
}

kr_status kr_dataset_points_make(kr_dataset_part part[2], kr_dataset_points kind, const kr_dataset_source *source, bool shape,
                                 kr_error *error) {
    for (uint32_t number = 0; number < 2; number++) {
        kr_dataset_part *own = &part[number];
        own->count = (size_t)source->points;
        own->inputs = own->classes = 2;
        if (shape) continue;
        own->input = malloc(own->count * 2 * sizeof *own->input);
        own->label = malloc(own->count * sizeof *own->label);
        if (!own->input || !own->label) return kr_fail(error, KR_NO_MEMORY, "there is no memory for %zu points", own->count);
        make_points(own, number, kind, source->noise, source->seed);
    }
    return KR_OK;
}

uint32_t kr_dataset_noisy_label(uint32_t label, size_t m, size_t classes, double probability, uint64_t seed) {
    kr_random_pair uniform = kr_uniform_pair((uint32_t)m, 0, LABELS, PLACE, seed);
    if (!(uniform.first < probability)) return label;
    return (uint32_t)((label + 1 + (size_t)((double)(classes - 1) * uniform.second)) % classes);
}
