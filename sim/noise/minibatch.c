/* The noise of a finite sum itself: the gradient over a batch of B data instead of all M (Robbins, Monro 1951).
 *
 * Each particle draws its own batches. One that goes through its data by epochs has drawn t = drawn + b of them when datum b of a
 * batch comes: t mod M is the place in epoch t / M, whose order is a permutation of its own. Epochs run on through batches that M
 * is no multiple of, and through batches whose size changes, so that each datum is used once in an epoch, always. Gradients of
 * another stream of random numbers (further ones of the same step) go through epochs of their own.
 *
 * No permutation is stored: it is a keyed bijection, evaluated at one place (Black, Rogaway, Ciphers with arbitrary finite domains,
 * CT-RSA 2002). A place L b + R of an a x b table, ab >= M, goes through rounds L += F(R) mod a, R += F(L) mod b, and again from
 * the start while it lands beyond M, which happens to hardly any since ab - M is less than a. a is even: were both odd, all of
 * these permutations would be even ones. The keys of the rounds are the particle's random numbers of the epoch.
 *
 * How many rounds: two places that share an R keep their distance L until R has been moved apart, and each pair of rounds leaves
 * one case of b. Measured over 10^6 keys, the law of two places is off by 3 percent after 6 rounds and by 0.3 after 8 for M = 100,
 * by 6.5 after 8 and by 0.7 after 14 for M = 5. So there are as many as b^(pairs) > 2^15 takes. */
#include <kramers/data_sum.h>

#include "engine/kernels.h"
#include "engine/kernels/philox.h"

#include <kramers/noise.h>

#include <string.h>

typedef enum method { EPOCH, WITH_REPLACEMENT, WITHOUT_REPLACEMENT } method;

typedef struct values {
    int64_t batch_size;
    int sampling;
    double augment_jitter;
    int64_t augment_shift;
} values;

/* Coordinates of a random number are 24 bits. */
enum { COORDINATES = 1 << 24, MOST_ROUNDS = 32, MOST_BATCH = 10000000 };
/* Data of one call of the landscape: their augmented inputs are to stay in the second-level cache. */
enum { PIECE = 32, AUGMENTED_PIECE = 8 };

static const char *const methods[] = {"epoch", "with_replacement", "without_replacement", NULL};
static const kr_parameter parameters[] = {
    {.name = "batch_size",
     .symbol = "B",
     .doc = "data of a gradient, a whole number; a schedule's is rounded",
     .unit = "data",
     .type = KR_INTEGER,
     .flags = KR_LOG_SCALE,
     .offset = offsetof(values, batch_size),
     .initial = 16,
     .minimum = 1,
     .maximum = MOST_BATCH},
    {.name = "sampling",
     .doc = "each datum once in an epoch, as training does it; or each batch by itself, with or without replacement",
     .type = KR_CHOICE,
     .flags = KR_FIXED,
     .offset = offsetof(values, sampling),
     .initial = EPOCH,
     .choices = methods},
    {.name = "augment_jitter",
     .symbol = "a",
     .doc = "standard deviation of what is added to each number of an input, anew whenever it is drawn",
     .type = KR_NUMBER,
     .flags = KR_LOG_SCALE | KR_FIXED,
     .offset = offsetof(values, augment_jitter),
     .initial = 0,
     .minimum = 0,
     .maximum = 1e6},
    {.name = "augment_shift",
     .symbol = "s",
     .doc = "images are moved by up to so many pixels in each direction, anew whenever they are drawn; 0 comes in at the edge",
     .unit = "pixels",
     .type = KR_INTEGER,
     .flags = KR_FIXED,
     .offset = offsetof(values, augment_shift),
     .initial = 0,
     .minimum = 0,
     .maximum = 1000},
    KR_END};

static bool augments(const values *v) {
    return v->augment_jitter > 0 || v->augment_shift > 0;
}

/* ---- the permutation ---- */

typedef struct shuffle {
    uint64_t count, columns, rows; /* columns * rows >= count */
    int rounds;
} shuffle;

static shuffle shuffle_of(uint64_t count) {
    uint64_t columns = 2 * ((uint64_t)sqrt((double)count) / 2);
    while (columns * columns < count || columns == 0) columns += 2;
    shuffle s = {.count = count, .columns = columns, .rows = (count + columns - 1) / columns, .rounds = 2};
    for (uint64_t left = 1; left < 1 << 15 && s.rounds < MOST_ROUNDS; left *= s.rows) s.rounds += 2;
    return s;
}

/* A number below range, of a value (the sum with the key's lower half counts modulo 2^32) and 64 bits of key. */
static inline lanes_words mixed(lanes_words value, lanes_words key, lanes_words range) {
    lanes_words p = words_product(value + key, words_of(PHILOX_M4x32_0));
    p = (p ^ LANES_DOWN(p, 32)) ^ LANES_DOWN(key, 32);
    p = words_product(p, words_of(PHILOX_M4x32_1));
    return LANES_DOWN(words_product(p ^ LANES_DOWN(p, 32), range), 32);
}

static inline lanes_words wrapped(lanes_words a, lanes_words range) {
    lanes_words rest = a - range;
    return rest + (range & (words_of(0) - LANES_DOWN(rest, 63)));
}

static inline uint64_t mixed_one(uint64_t value, uint64_t key, uint64_t range) {
    const uint64_t half = UINT64_C(0xffffffff);
    uint64_t p = ((value + key) & half) * PHILOX_M4x32_0;
    p = ((p ^ (p >> 32) ^ (key >> 32)) & half) * PHILOX_M4x32_1;
    return (((p ^ (p >> 32)) & half) * range) >> 32;
}

/* place, at or beyond count, goes through the rounds until it is not. */
static uint64_t walk(shuffle s, const uint64_t *key, uint64_t place) {
    while (place >= s.count) {
        uint64_t l = place / s.rows, r = place % s.rows;
        for (int round = 0; round < s.rounds; round += 2) {
            l = (l + mixed_one(r, key[(size_t)round * KR_GRANULE], s.columns)) % s.columns;
            r = (r + mixed_one(l, key[((size_t)round + 1) * KR_GRANULE], s.rows)) % s.rows;
        }
        place = l * s.rows + r;
    }
    return place;
}

/* index[KR_GRANULE]: what is at this place in the order of each particle, key[rounds][KR_GRANULE]. */
static void shuffled(shuffle s, uint64_t place, const uint64_t *restrict key, uint64_t *restrict index) {
    enum { SIDE = 4 }; /* vectors side by side, since each waits for its own products */
    const lanes_words columns = words_of(s.columns), rows = words_of(s.rows);
    for (size_t p = 0; p < KR_GRANULE; p += SIDE * LANES) {
        lanes_words l[SIDE], r[SIDE];
        for (size_t v = 0; v < SIDE; v++) l[v] = words_of(place / s.rows), r[v] = words_of(place % s.rows);
        for (int round = 0; round < s.rounds; round += 2) {
            const uint64_t *now = key + (size_t)round * KR_GRANULE + p;
            for (size_t v = 0; v < SIDE; v++) l[v] = wrapped(l[v] + mixed(r[v], words_load(now + v * LANES), columns), columns);
            for (size_t v = 0; v < SIDE; v++)
                r[v] = wrapped(r[v] + mixed(l[v], words_load(now + KR_GRANULE + v * LANES), rows), rows);
        }
        for (size_t v = 0; v < SIDE; v++) words_store(index + p + v * LANES, words_product(l[v], rows) + r[v]);
    }
}

/* Those that landed beyond; and all of them narrower. */
static void finish(shuffle s, const uint64_t *restrict key, uint64_t *restrict index, uint32_t *restrict out) {
    uint64_t beyond = 0;
    for (size_t p = 0; p < KR_GRANULE; p++) beyond |= s.count - 1 - index[p];
    for (size_t p = 0; beyond >> 63 && p < KR_GRANULE; p++) index[p] = walk(s, key + p, index[p]);
    for (size_t p = 0; p < KR_GRANULE; p++) out[p] = (uint32_t)index[p];
}

/* ---- which data ---- */

/* word[KR_GRANULE]: 64 random bits of each particle of a granule. */
static void words_of_granule(const philox_shared *shared, uint64_t first, unsigned stream, uint32_t coordinate,
                             uint64_t *restrict word) {
    const uint32_t group = (uint32_t)(first / 2), place = (uint32_t)stream << 24 | coordinate;
    const philox_run runs[2] = {{group, place}, {group + PHILOX_RUN, place}};
    philox_pairs(shared, runs, 2, word, word + KR_GRANULE / 2);
}

static philox_shared prepared(const kr_sampling *sampling, unsigned number, uint64_t step) {
    const kr_draw draw = {.step = step, .number = sampling->number + number};
    return philox_prepare(kr_draw_step(&draw), sampling->seed);
}

static void make_keys(const kr_sampling *sampling, shuffle s, uint64_t step, uint64_t first, uint32_t coordinate,
                      uint64_t *restrict key) {
    philox_shared shared = prepared(sampling, 0, step);
    for (int round = 0; round < s.rounds; round++)
        words_of_granule(&shared, first, sampling->stream, coordinate + (uint32_t)round, key + (size_t)round * KR_GRANULE);
}

/* word * count / 2^64: each number as likely as the others up to count / 2^64. */
static void scaled(uint64_t count, const uint64_t *restrict word, uint32_t *restrict out) {
    uint64_t index[KR_GRANULE];
    for (size_t p = 0; p < KR_GRANULE; p += LANES) {
        lanes_words w = words_load(word + p), range = words_of(count);
        words_store(index + p, LANES_DOWN(words_product(LANES_DOWN(w, 32), range) + LANES_DOWN(words_product(w, range), 32), 32));
    }
    for (size_t p = 0; p < KR_GRANULE; p++) out[p] = (uint32_t)index[p];
}

/* Epochs are counted where steps are in the counter of random numbers. Its highest two bits stay those of the step: those of a
 * burn-in and of a splitting begin with other bits than those of a run. */
static uint64_t step_of_epoch(uint64_t step, uint64_t epoch) {
    return (step & UINT64_C(3) << 62) | epoch;
}

/* Data begin .. end - 1 of the batch, index[end - begin][n], of the granule that begins with this particle of the block. The three
 * methods take random numbers of different coordinates. */
static void draw_granule(const kr_sampling *sampling, method how, shuffle s, size_t begin, size_t end, size_t granule,
                         uint32_t *index) {
    uint64_t key[MOST_ROUNDS * KR_GRANULE], number[KR_GRANULE], epoch = UINT64_MAX, first = sampling->first + granule;
    philox_shared shared = prepared(sampling, 0, sampling->step);
    for (size_t b = begin; b < end; b++) {
        uint32_t *out = index + (b - begin) * sampling->n + granule;
        if (how == WITH_REPLACEMENT) {
            words_of_granule(&shared, first, sampling->stream, 2 * MOST_ROUNDS + (uint32_t)b, number);
            scaled(s.count, number, out);
            continue;
        }
        uint64_t time = how == EPOCH ? sampling->drawn + b : b, now = time / s.count;
        if (now != epoch) {
            epoch = now;
            make_keys(sampling, s, how == EPOCH ? step_of_epoch(sampling->step, epoch) : sampling->step, first,
                      how == EPOCH ? 0 : MOST_ROUNDS, key);
        }
        shuffled(s, time % s.count, key, number);
        finish(s, key, number, out);
    }
}

/* ---- what is done to them ---- */

static void plain(size_t n, size_t inputs, const double *restrict data, const uint32_t *restrict index, double jitter,
                  double *restrict out) {
    for (size_t p = 0; p < n; p++) out[p] = fma(jitter, out[p], data[(size_t)index[p] * inputs]);
}

/* Pixel (row, column) of images whose first pixels, moved, are data[first[p]]: it comes from down[p] rows above and right[p]
 * columns before. */
static void moved(size_t n, uint32_t rows, uint32_t columns, uint32_t row, uint32_t column, const double *restrict data,
                  const int64_t *restrict first, const int32_t *restrict down, const int32_t *restrict right, double jitter,
                  double *restrict out) {
    const int64_t place = (int64_t)row * columns + column;
    for (size_t p = 0; p < n; p++) {
        bool inside = (row - (uint32_t)down[p] < rows) & (column - (uint32_t)right[p] < columns);
        double pixel = data[inside ? first[p] + place : 0];
        out[p] = fma(jitter, out[p], inside ? pixel : 0);
    }
}

static void place_first(size_t n, int64_t inputs, int64_t columns, const uint32_t *restrict index, const int32_t *restrict down,
                        const int32_t *restrict right, int64_t *restrict first) {
    for (size_t p = 0; p < n; p++) first[p] = index[p] * inputs - down[p] * columns - right[p];
}

/* Whole numbers from -most to most. */
static void draw_shifts(const kr_sampling *sampling, uint64_t most, size_t b, int32_t *restrict down, int32_t *restrict right) {
    philox_shared shared = prepared(sampling, 1, sampling->step);
    for (size_t granule = 0; granule < sampling->n; granule += KR_GRANULE) {
        uint64_t word[KR_GRANULE];
        words_of_granule(&shared, sampling->first + granule, sampling->stream, (uint32_t)b, word);
        for (size_t p = 0; p < KR_GRANULE; p++) {
            down[granule + p] = (int32_t)((word[p] >> 32) * (2 * most + 1) >> 32) - (int32_t)most;
            right[granule + p] = (int32_t)((word[p] & UINT64_C(0xffffffff)) * (2 * most + 1) >> 32) - (int32_t)most;
        }
    }
}

static void draw_jitter(const kr_sampling *sampling, size_t b, size_t inputs, double *input) {
    const kr_draw draw = {.seed = sampling->seed,
                          .first = sampling->first,
                          .step = sampling->step,
                          .stream = sampling->stream,
                          .number = sampling->number + 2,
                          .coordinate = (unsigned)(b * inputs)};
    sampling->kernels->normals(draw, inputs, sampling->n, input);
}

/* input[inputs][n] of datum b of the batch; shift[2][n] and first[n] are to work with. */
static void augment(const kr_sampling *sampling, const values *v, const kr_data *data, size_t b, const uint32_t *index,
                    int32_t *shift, int64_t *first, double *input) {
    size_t n = sampling->n, inputs = data->inputs;
    if (v->augment_jitter > 0)
        draw_jitter(sampling, b, inputs, input);
    else
        memset(input, 0, inputs * n * sizeof *input);
    if (v->augment_shift == 0) {
        for (size_t i = 0; i < inputs; i++) plain(n, inputs, data->input + i, index, v->augment_jitter, input + i * n);
        return;
    }
    draw_shifts(sampling, (uint64_t)v->augment_shift, b, shift, shift + n);
    place_first(n, (int64_t)inputs, (int64_t)data->columns, index, shift, shift + n, first);
    for (size_t i = 0; i < inputs; i++)
        moved(n, (uint32_t)data->rows, (uint32_t)data->columns, (uint32_t)(i / data->columns), (uint32_t)(i % data->columns),
              data->input, first, shift, shift + n, v->augment_jitter, input + i * n);
}

/* ---- the gradient ---- */

static kr_data training(const kr_landscape *landscape) {
    return landscape->type->data->data(landscape, KR_DATA_TRAIN);
}

static size_t piece_of(const values *v) {
    return augments(v) ? AUGMENTED_PIECE : PIECE;
}

/* Indices and shifts are 32 bits each, places 64. */
static size_t work(const kr_noise *self, const kr_landscape *landscape) {
    const values *v = self->values;
    return piece_of(v) / 2 + (augments(v) ? 2 + AUGMENTED_PIECE * training(landscape).inputs : 0);
}

static void scale(size_t count, double factor, double *restrict x) {
    for (size_t i = 0; i < count; i++) x[i] *= factor;
}

static void accumulate(size_t count, double factor, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < count; i++) to[i] = fma(factor, from[i], to[i]);
}

/* In pieces of a size that follows from nothing, since their means are summed. */
static void gradient(const kr_noise *self, const kr_sampling *sampling, const double *x, double *spare, double *work,
                     double *gradient) {
    const values *v = self->values;
    const kr_landscape *landscape = sampling->landscape;
    const kr_data data = training(landscape);
    const shuffle s = shuffle_of(data.count);
    size_t n = sampling->n, batch = (size_t)v->batch_size, piece = piece_of(v), count = landscape->dim * n;
    uint32_t *index = (void *)work;
    int32_t *shift = (void *)(work + piece / 2 * n);
    int64_t *first = (void *)(work + (piece / 2 + 1) * n);
    double *input = augments(v) ? work + (piece / 2 + 2) * n : NULL;
    for (size_t begin = 0; begin < batch; begin += piece) {
        size_t end = begin + piece < batch ? begin + piece : batch;
        double *to = begin ? spare : gradient, share = (double)(end - begin) / (double)batch;
        for (size_t granule = 0; granule < n; granule += KR_GRANULE)
            draw_granule(sampling, (method)v->sampling, s, begin, end, granule, index);
        for (size_t b = begin; input && b < end; b++)
            augment(sampling, v, &data, b, index + (b - begin) * n, shift, first, input + (b - begin) * data.inputs * n);
        landscape->type->data->gradient(landscape, n, end - begin, index, input, x, to);
        if (begin)
            accumulate(count, share, spare, gradient);
        else if (end < batch)
            scale(count, share, gradient);
    }
}

static uint64_t batch(const kr_noise *self) {
    return (uint64_t)((const values *)self->values)->batch_size;
}

static uint64_t most(const kr_noise *self, const kr_landscape *landscape) {
    const values *v = self->values;
    const kr_data data = training(landscape);
    uint64_t most = v->sampling == WITH_REPLACEMENT || data.count > MOST_BATCH ? MOST_BATCH : data.count;
    uint64_t numbers = v->augment_jitter > 0 ? COORDINATES / data.inputs : MOST_BATCH;
    return most < numbers ? most : numbers;
}

static kr_status fits(const kr_noise *self, const kr_landscape *landscape, kr_error *error) {
    const values *v = self->values;
    const char *name = landscape->type->about.name;
    if (!landscape->type->data)
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "noise 'minibatch' draws from data, and landscape '%s' is no mean over any; take one that is, such as network "
            "or mean_of_quadratics, or another noise, such as isotropic",
            name);
    const kr_data data = training(landscape);
    if (v->augment_shift > 0 && data.rows == 0)
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "noise 'minibatch': augment_shift %lld moves images, and the inputs of landscape '%s' are none; set it to 0",
                       (long long)v->augment_shift, name);
    if (v->sampling != WITH_REPLACEMENT && (uint64_t)v->batch_size > data.count)
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "noise 'minibatch': batch_size %lld is more than the %zu training data of landscape '%s'; at most %zu can be "
            "drawn, or more with sampling: with_replacement",
            (long long)v->batch_size, data.count, name, data.count);
    if ((uint64_t)v->batch_size > most(self, landscape))
        return kr_fail(error, KR_BAD_ARGUMENT,
                       "noise 'minibatch': batch_size %lld with jitter of %zu inputs: at most %llu can be drawn in a step",
                       (long long)v->batch_size, data.inputs, (unsigned long long)most(self, landscape));
    return KR_OK;
}

/* ---- for theories ---- */

static kr_noise_input input(const kr_noise *self, bool separable) {
    (void)self, (void)separable;
    return KR_NOISE_INPUT_SPREAD;
}

/* Of a mean of B numbers out of M, drawn without replacement: what is left of 1/B when all are drawn is nothing. */
static void variance(const kr_noise *self, size_t n, const double *energy, const double *spread, double *out) {
    (void)energy;
    const values *v = self->values;
    double m = (double)self->samples, b = (double)v->batch_size, share = 1 / b;
    if (v->sampling != WITH_REPLACEMENT && self->samples) share = self->samples > 1 ? (m - b) / ((m - 1) * b) : 0;
    for (size_t i = 0; i < n; i++) out[i] = share * spread[i];
}

static unsigned traits(const kr_noise *self) {
    const values *v = self->values;
    return KR_NOISE_NOT_GAUSSIAN | KR_NOISE_DIRECTED | (v->sampling == EPOCH ? KR_NOISE_REMEMBERS : 0u);
}

static const kr_noise_sampler sampler = {
    .size = offsetof(values, batch_size), .batch = batch, .most = most, .work = work, .gradient = gradient};

KR_NOISE = {.about = {.name = KR_PLUGIN_NAME,
                      .equation = "g = 1/B sum_b grad l_m(b)(x),  m(b) drawn from the M data",
                      .doc = "the noise of training itself: the gradient over a batch of the data, which each particle draws",
                      .reference = "H. Robbins, S. Monro, Ann. Math. Stat. 22, 400 (1951); of epochs: M. Guerbuezbalaban, A. "
                                   "Ozdaglar, P. A. Parrilo, Math. Program. 186, 49 (2021)",
                      .parameters = parameters,
                      .values_size = sizeof(values),
                      .bound = "a batch has sixteen gradients by default, each of a datum that the particle draws and looks up"},
            .input = input,
            .sampler = &sampler,
            .fits = fits,
            .variance = variance,
            .traits = traits};
