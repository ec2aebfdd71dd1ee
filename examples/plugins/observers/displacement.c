/* How far particles have come: the mean square of their distance from the start now, as the diffusion of a washboard shows it, and
 * the largest distance that any of them had at a sample. */
#include <kramers/observer.h>

#include <math.h>
#include <string.h>

typedef struct settings {
    int64_t every;
} settings;

typedef struct displacement {
    kr_observer observer; /* first */
    const double *start;
    uint64_t samples;
    double mean_square, largest;
} displacement;

static kr_status begin(kr_observer *self, const kr_observer_setup *setup, kr_error *error) {
    (void)error;
    ((displacement *)self)->start = setup->problem.start;
    return KR_OK;
}

/* Coordinate i of particle p is position[i * stride + p]; who diverged or has arrived for good does not count. */
static kr_status measure(kr_observer *self, const kr_view *view, kr_error *error) {
    (void)error;
    displacement *d = (displacement *)self;
    double sum = 0, moving = 0;
    for (size_t p = 0; p < view->particles; p++) {
        if (view->stopped_at[p]) continue;
        double square = 0;
        for (size_t i = 0; i < view->dim; i++) {
            double way = view->position[i * view->stride + p] - d->start[i];
            square += way * way;
        }
        d->largest = fmax(d->largest, sqrt(square));
        sum += square;
        moving++;
    }
    d->mean_square = sum / moving;
    return KR_OK;
}

static kr_status sample(kr_observer *self, const kr_view *view, kr_error *error) {
    ((displacement *)self)->samples++;
    return measure(self, view, error);
}

/* Measures without a trace: a run that goes on must not know that somebody asked. */
static kr_status end(kr_observer *self, const kr_view *view, kr_error *error) {
    displacement *d = (displacement *)self;
    double largest = d->largest;
    kr_status status = measure(self, view, error);
    d->largest = largest;
    return status;
}

/* What a stopped run needs to go on. */
static size_t state_words(const kr_observer *self) {
    (void)self;
    return 2;
}

static void save(const kr_observer *self, uint64_t *words) {
    const displacement *d = (const displacement *)self;
    words[0] = d->samples;
    memcpy(words + 1, &d->largest, sizeof *words);
}

static void restore(kr_observer *self, const uint64_t *words) {
    displacement *d = (displacement *)self;
    d->samples = words[0];
    memcpy(&d->largest, words + 1, sizeof *words);
}

/* Name in JSON, kind, rank, unit and what it is; then what it is called in the report, in HDF5 files and in sweeps. */
static const kr_result_row rows[] = {
    KR_ROW("displacement.samples", COUNT, 0, NULL, "samples taken", KR_AT("samples"), KR_AT("displacement/samples"),
           KR_AT("displacement_samples"), .offset = offsetof(displacement, samples)),
    KR_ROW("displacement.mean_square", NUMBER, 0, "length^2", "mean squared distance from the start", KR_AT("mean square"),
           KR_AT("displacement/mean_square"), KR_AT("displacement_mean_square"), .offset = offsetof(displacement, mean_square)),
    KR_ROW("displacement.largest", NUMBER, 0, "length", "largest distance of a particle at a sample", KR_AT("largest"),
           KR_AT("displacement/largest"), KR_AT("displacement_largest"), .offset = offsetof(displacement, largest)),
    KR_RESULT_END};

/* Goes with the frames of a trajectory, as /observables/mean_square_displacement. */
static const kr_frame_data frame_data[] = {{.name = "mean_square_displacement",
                                            .doc = "from the start, of all moving particles",
                                            .unit = "length^2",
                                            .offset = offsetof(displacement, mean_square)},
                                           {.name = NULL}};

static const kr_parameter parameters[] = {KR_OBSERVER_EVERY(settings, 100, "steps between samples; 0: none are taken"), KR_END};

KR_OBSERVER = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "how far particles have come from the start",
                         .parameters = parameters,
                         .values_size = sizeof(settings)},
               .size = sizeof(displacement),
               .begin = begin,
               .sample = sample,
               .end = end,
               .state_words = state_words,
               .save = save,
               .restore = restore,
               .rows = rows,
               .frame = end,
               .frame_data = frame_data};
