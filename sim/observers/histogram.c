/* Where particles are: a histogram of one coordinate over the cadence, beside the stationary density that theory gives.
 *
 * Counts are integers, so that neither threads nor checkpoints can be seen in them; each thread has its own. */
#include <kramers/critical_points.h>
#include <kramers/observer.h>
#include <kramers/stationary_density.h>

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MINIMA = 1000, WHY = 160, APART = 8 }; /* words between what two threads write */

typedef struct settings {
    int64_t every, discard, coordinate, bins;
    double low, high; /* NAN: chosen */
} settings;

typedef struct histogram {
    kr_observer observer;
    size_t bins, coordinate;
    double low, high;
    uint64_t samples;
    size_t width;                     /* of a thread's counts: beyond the bins room for what is not in them */
    uint64_t *counts;                 /* [threads][width] bins, below, above */
    uint64_t *word;                   /* what a checkpoint keeps: samples, positions, below, above, count[bins] */
    uint64_t positions, below, above; /* of word, for the rows */
    double *expected;                 /* [bins] probabilities; NULL: there is no theory of them */
    char law[16], why[WHY];           /* of the theory; why there is none */
    double total_variation, temperature;
} histogram;

enum { SAMPLES, POSITIONS, BELOW, ABOVE, COUNT };

/* ---- what theory expects ---- */

/* Of the steps themselves where that is known, else in continuous time. */
static void expect(histogram *h, const kr_stationary_density *density) {
    const kr_density_curve *curve = density->steps.count ? &density->steps : &density->continuous;
    double width = (h->high - h->low) / (double)h->bins;
    for (size_t i = 0; i < h->bins; i++)
        h->expected[i] = kr_density_mass(curve, h->low + (double)i * width, h->low + (double)(i + 1) * width);
    snprintf(h->law, sizeof h->law, "%s", kr_stationary_law_name(density->law));
    h->temperature = density->temperature;
}

/* The minima and the start, and as much room again around them. */
static void range_of_minima(histogram *h, const kr_observer_setup *setup) {
    const kr_landscape *landscape = setup->problem.landscape;
    int64_t minima = 0;
    double *position = malloc(landscape->dim * sizeof *position);
    h->low = h->high = setup->problem.start[h->coordinate];
    if (position && kr_minimum_count(landscape, &minima, NULL) == KR_OK)
        for (int64_t m = 0; m < minima && m < MOST_MINIMA; m++)
            if (kr_minimum_position(landscape, m, position, NULL) == KR_OK) {
                h->low = fmin(h->low, position[h->coordinate]);
                h->high = fmax(h->high, position[h->coordinate]);
            }
    free(position);
    double room = fmax(h->high - h->low, 1.0);
    h->low -= room;
    h->high += room;
}

/* To numbers of two digits, outwards: they are easy to read, and the last digits of a theory do not shift the bins. */
static void round_range(histogram *h) {
    double unit = pow(10.0, floor(log10(h->high - h->low)) - 1.0);
    h->low = floor(h->low / unit) * unit;
    h->high = ceil(h->high / unit) * unit;
}

/* Where all but a millionth of it is, on either side. */
static void range_of_density(histogram *h, const kr_density_curve *curve) {
    enum { PIECES = 1000 };
    const double cut = 1e-6, piece = (curve->high - curve->low) / PIECES;
    h->low = curve->low;
    h->high = curve->high;
    for (int i = 1; i < PIECES && kr_density_mass(curve, curve->low, curve->low + i * piece) < cut; i++)
        h->low = curve->low + i * piece;
    for (int i = 1; i < PIECES && kr_density_mass(curve, curve->high - i * piece, curve->high) < cut; i++)
        h->high = curve->high - i * piece;
}

static void choose_range(histogram *h, const settings *wanted, const kr_observer_setup *setup,
                         const kr_stationary_density *density) {
    if (!isfinite(wanted->low) || !isfinite(wanted->high)) {
        if (density->law != KR_STATIONARY_UNKNOWN)
            range_of_density(h, &density->continuous);
        else
            range_of_minima(h, setup);
        round_range(h);
    }
    if (isfinite(wanted->low)) h->low = wanted->low;
    if (isfinite(wanted->high)) h->high = wanted->high;
    if (h->low < h->high) return;
    if (isfinite(wanted->low))
        h->high = h->low + 1.0;
    else
        h->low = h->high - 1.0;
}

/* ---- the observer ---- */

static kr_status begin(kr_observer *observer, const kr_observer_setup *setup, kr_error *error) {
    histogram *h = (histogram *)observer;
    const settings *wanted = setup->values;
    const kr_interval anywhere = {NAN, NAN};
    kr_stationary_density density;
    h->bins = (size_t)wanted->bins;
    h->coordinate = (size_t)wanted->coordinate;
    h->total_variation = h->temperature = NAN;
    h->word = calloc(COUNT + h->bins, sizeof *h->word);
    h->expected = calloc(h->bins, sizeof *h->expected);
    h->width = h->bins + 2 + APART;
    h->counts = calloc((size_t)observer->threads * h->width, sizeof *h->counts);
    if (!h->word || !h->counts || !h->expected) return kr_fail(error, KR_NO_MEMORY, "not enough memory for %zu bins", h->bins);
    kr_status status = kr_stationary_density_create(&density, &setup->problem, h->coordinate, NAN, anywhere, error);
    if (status != KR_OK) return status;
    choose_range(h, wanted, setup, &density);
    if (density.law == KR_STATIONARY_UNKNOWN)
        snprintf(h->why, sizeof h->why, "%s", density.why);
    else if (density.part == KR_STATIONARY_VALLEY)
        snprintf(h->why, sizeof h->why, "%s",
                 h->coordinate == 0 && setup->problem.landscape->type->period > 0
                     ? "the landscape goes on without end; nothing is stationary"
                     : "with a target it is known for gradient descent only");
    else
        expect(h, &density);
    if (h->why[0]) {
        free(h->expected);
        h->expected = NULL;
    }
    kr_stationary_density_destroy(&density);
    return KR_OK;
}

/* Number of the bin: bins for below, bins + 1 for above. */
static void find_bins(const histogram *h, size_t n, const double *x, uint32_t *bin) {
    double low = h->low, high = h->high, per_length = (double)h->bins / (high - low);
    uint32_t last = (uint32_t)h->bins - 1;
    for (size_t p = 0; p < n; p++) {
        double inside = x[p] >= low && x[p] < high ? (x[p] - low) * per_length : 0.0;
        uint32_t number = (uint32_t)(int32_t)inside;
        number = number < last ? number : last;
        number = x[p] < low ? last + 1 : number;
        bin[p] = !(x[p] < high) ? last + 2 : number;
    }
}

static kr_status sample_part(kr_observer *observer, const kr_observer_part *part, kr_error *error) {
    (void)error;
    const histogram *h = (const histogram *)observer;
    const kr_view *view = &part->view;
    uint64_t *count = h->counts + (size_t)part->thread * h->width;
    uint32_t *bin = (uint32_t *)(void *)part->work;
    find_bins(h, view->particles, view->position + h->coordinate * view->stride, bin);
    for (size_t p = 0; p < view->particles; p++)
        if (!view->stopped_at[p]) count[bin[p]]++;
    return KR_OK;
}

static kr_status join(kr_observer *observer, const kr_view *view, const double *sums, kr_error *error) {
    (void)view, (void)sums, (void)error;
    ((histogram *)observer)->samples++;
    return KR_OK;
}

static void collect(const histogram *h, uint64_t *word) {
    if (word != h->word) memcpy(word, h->word, (COUNT + h->bins) * sizeof *word);
    word[SAMPLES] = h->samples;
    for (int t = 0; t < h->observer.threads; t++) {
        const uint64_t *count = h->counts + (size_t)t * h->width;
        for (size_t i = 0; i < h->bins; i++) {
            word[COUNT + i] += count[i];
            word[POSITIONS] += count[i];
        }
        word[BELOW] += count[h->bins];
        word[ABOVE] += count[h->bins + 1];
        word[POSITIONS] += count[h->bins] + count[h->bins + 1];
    }
}

/* Half the sum of the differences of all probabilities; what lies outside the bins is one more of them. */
static double compare(const histogram *h) {
    double positions = (double)h->positions, inside = 0.0, sum = 0.0;
    if (!h->expected || !h->positions) return NAN;
    for (size_t i = 0; i < h->bins; i++) {
        sum += fabs((double)h->word[COUNT + i] / positions - h->expected[i]);
        inside += h->expected[i];
    }
    return 0.5 * (sum + fabs((double)(h->below + h->above) / positions - (1.0 - inside)));
}

static kr_status end(kr_observer *observer, const kr_view *view, kr_error *error) {
    (void)view, (void)error;
    histogram *h = (histogram *)observer;
    collect(h, h->word);
    memset(h->counts, 0, (size_t)observer->threads * h->width * sizeof *h->counts);
    h->positions = h->word[POSITIONS];
    h->below = h->word[BELOW];
    h->above = h->word[ABOVE];
    h->total_variation = compare(h);
    return KR_OK;
}

static void destroy(kr_observer *observer) {
    histogram *h = (histogram *)observer;
    free(h->word);
    free(h->counts);
    free(h->expected);
}

static size_t state_words(const kr_observer *observer) {
    return COUNT + ((const histogram *)observer)->bins;
}

static void save(const kr_observer *observer, uint64_t *words) {
    collect((const histogram *)observer, words);
}

static void restore(kr_observer *observer, const uint64_t *words) {
    histogram *h = (histogram *)observer;
    memcpy(h->word, words, state_words(observer) * sizeof *words);
    memset(h->counts, 0, (size_t)observer->threads * h->width * sizeof *h->counts);
    h->samples = h->word[SAMPLES];
}

static kr_status check(const void *values, const kr_observer_scene *scene, const char **key, kr_error *error) {
    const settings *s = values;
    (void)scene;
    *key = "high";
    if (!(s->low >= s->high)) return KR_OK;
    return kr_fail(error, KR_BAD_ARGUMENT, "histogram.low = %g must be less than histogram.high = %g", s->low, s->high);
}

static kr_observer_need need(const kr_observer_setup *setup) {
    double bins = (double)((const settings *)setup->values)->bins;
    double threads = setup->threads > 0 ? (double)setup->threads : (double)omp_get_max_threads();
    return (kr_observer_need){.words = COUNT + bins, .scratch = 8.0 * bins * (1.0 + threads)};
}

/* The tails of a histogram that chose its range itself may be cut off. */
static bool warning(const kr_observer *observer, size_t number, char *text, size_t size) {
    const histogram *h = (const histogram *)observer;
    double outside = (double)(h->below + h->above) / (double)h->positions;
    if (number > 0 || !(outside > 0.01)) return false;
    snprintf(text, size, "%.3g %% of the positions lie outside the histogram, %g to %g; give histogram.low and histogram.high",
             100.0 * outside, h->low, h->high);
    return true;
}

/* ---- results ---- */

static bool counts(const void *source, kr_value *value) {
    const histogram *h = source;
    return kr_value_list(value, h->word + COUNT, h->bins, 0);
}

static bool expected(const void *source, kr_value *value) {
    const histogram *h = source;
    return kr_value_list(value, h->expected, h->bins, 0);
}

static bool coordinate(const void *source, kr_value *value) {
    return kr_value_count(value, ((const histogram *)source)->coordinate);
}

static const kr_result_row rows[] = {
    KR_ROW("histogram.samples", COUNT, 0, NULL, "samples taken", KR_AT("samples"), KR_AT("histogram/samples"),
           KR_AT("histogram_samples"), .offset = offsetof(histogram, samples)),
    KR_ROW("histogram.positions", COUNT, 0, NULL, "positions of moving particles that were looked at, in all samples",
           KR_AT("positions"), KR_AT("histogram/positions"), KR_AT("histogram_positions"),
           .offset = offsetof(histogram, positions)),
    KR_ROW("histogram.coordinate", COUNT, 0, NULL, "the coordinate", KR_AT("coordinate"), KR_AT("histogram/coordinate"),
           KR_AT("histogram_coordinate"), .get = coordinate),
    KR_ROW("histogram.low", NUMBER, 0, "length", "lower end of the first bin", KR_AT("from"), KR_AT("histogram/low"),
           KR_AT("histogram_low"), .offset = offsetof(histogram, low)),
    KR_ROW("histogram.high", NUMBER, 0, "length", "upper end of the last bin", KR_AT("to"), KR_AT("histogram/high"),
           KR_AT("histogram_high"), .offset = offsetof(histogram, high)),
    KR_ROW("histogram.below", COUNT, 0, NULL, "positions below the first bin", KR_AT("below"), KR_AT("histogram/below"),
           KR_AT("histogram_below"), .offset = offsetof(histogram, below)),
    KR_ROW("histogram.above", COUNT, 0, NULL, "positions above the last bin", KR_AT("above"), KR_AT("histogram/above"),
           KR_AT("histogram_above"), .offset = offsetof(histogram, above)),
    KR_ROW("histogram.law", TEXT, 0, NULL, "where the expected probabilities come from", KR_AT("theory"), KR_AT("histogram/law"),
           KR_NOT("a column of a sweep is a number"), .offset = offsetof(histogram, law)),
    KR_ROW("histogram.why", TEXT, 0, NULL, "why no probabilities are expected", KR_AT("no theory"), KR_AT("histogram/why"),
           KR_NOT("a column of a sweep is a number"), .offset = offsetof(histogram, why)),
    KR_ROW("histogram.temperature", NUMBER, 0, "energy", "of the expected Boltzmann distribution", KR_AT("temperature of theory"),
           KR_AT("histogram/temperature"), KR_AT("histogram_temperature"), .offset = offsetof(histogram, temperature)),
    KR_ROW("histogram.total_variation", NUMBER, 0, NULL,
           "half the sum of the differences between measured and expected probabilities", KR_AT("distance from theory"),
           KR_AT("histogram/total_variation"), KR_AT("histogram_total_variation"), .offset = offsetof(histogram, total_variation)),
    KR_ROW("histogram.count", COUNT, 1, NULL, "positions in each bin", KR_NOT(KR_WHY_LONG), KR_AT("histogram/count"),
           KR_NOT(KR_WHY_LIST), .get = counts),
    KR_ROW("histogram.expected", NUMBER, 1, NULL, "probability of each bin in the stationary density of theory",
           KR_NOT(KR_WHY_LONG), KR_AT("histogram/expected"), KR_NOT(KR_WHY_LIST), .get = expected),
    KR_RESULT_END};

static const kr_parameter parameters[] = {
    KR_OBSERVER_EVERY(settings, 100, "steps between samples of the positions; 0: no histogram"),
    KR_OBSERVER_DISCARD(settings, "steps before the first sample"),
    {.name = "coordinate",
     .symbol = "i",
     .doc = "the coordinate that is looked at",
     .type = KR_INTEGER,
     .offset = offsetof(settings, coordinate),
     .minimum = 0,
     .maximum = 1e9},
    {.name = "bins",
     .doc = "bins of equal width",
     .type = KR_INTEGER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(settings, bins),
     .initial = 200,
     .minimum = 1,
     .maximum = 1e7},
    {.name = "low",
     .doc = "lower end of the first bin; not given: where the stationary density begins, or below the minima",
     .unit = "length",
     .type = KR_NUMBER,
     .offset = offsetof(settings, low),
     .initial = NAN},
    {.name = "high",
     .doc = "upper end of the last bin; not given: where the stationary density ends, or above the minima",
     .unit = "length",
     .type = KR_NUMBER,
     .offset = offsetof(settings, high),
     .initial = NAN},
    KR_END};

KR_OBSERVER = {.about = {.name = KR_PLUGIN_NAME,
                         .doc = "histogram of one coordinate beside the stationary density",
                         .parameters = parameters,
                         .values_size = sizeof(settings),
                         .rank = 4},
               .presence = KR_OBSERVER_WITH_SECTION,
               .check = check,
               .need = need,
               .size = sizeof(histogram),
               .begin = begin,
               .sample = kr_observer_sample_parts,
               .sample_part = sample_part,
               .join = join,
               .end = end,
               .destroy = destroy,
               .state_words = state_words,
               .save = save,
               .restore = restore,
               .rows = rows,
               .warning = warning};
