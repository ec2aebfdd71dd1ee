/* Generated data: M points of two inputs in each part, of two classes in turn, label[m] = m mod 2 = c. With u uniform in (0, 1):
 *
 *     moons    c = 0: (cos pi u, sin pi u)                 c = 1: (1 - cos pi u, 1/2 - sin pi u)
 *     spirals  u (cos a, sin a), a = 2 pi (7/4 u + c/2): two arms of one and three quarters of a turn
 *     rings    (1 + c)/2 (cos 2 pi u, sin 2 pi u)
 *
 * and to both inputs noise times a normal is added. u of point m is the first number of the pair (kr_uniform_pair) of the counter
 * (m, 0, part, KR_DATASET_STREAM << 24), the normals are those (kr_normal_pair) of (m, 1, part, KR_DATASET_STREAM << 24); part is 0
 * to train and 1 to test. Label noise draws from part 2: where the first number of (m, 0, 2, ...) is below label_noise, the class
 * is 1 + floor((classes - 1) second) further on, around the circle; m counts all training data, whatever the task. */
#ifndef KR_DATASET_POINTS_H
#define KR_DATASET_POINTS_H

#include "dataset.h"
#include "dataset_part.h"

/* KR_STREAM_DATA of block.h, which is above this room; and of its counters' third words the one that mean_of_quadratics has. */
enum { KR_DATASET_STREAM = 73, KR_DATASET_PARABOLAS = 3 };

typedef enum kr_dataset_points { KR_DATASET_MOONS, KR_DATASET_SPIRALS, KR_DATASET_RINGS } kr_dataset_points;

/* Both parts; shape: without the points. */
kr_status kr_dataset_points_make(kr_dataset_part part[2], kr_dataset_points kind, const kr_dataset_source *source, bool shape,
                                 kr_error *error);

/* The class of training datum m, which was `label`. */
uint32_t kr_dataset_noisy_label(uint32_t label, size_t m, size_t classes, double probability, uint64_t seed);

#endif
