/* Normals, and what is done with them at once: stored, or added to an array while they are in registers, which saves a pass over
 * memory where loads and stores cost nothing beside the arithmetic of the normals.
 *
 * Counter: (group of four particles, step, stream and coordinate); key: the seed and only the seed, so that runs with different
 * seeds are never lagged copies of each other. A granule of 64 particles takes 16 calls of four 32-bit words; output q of call j
 * belongs to particle 16 q + j of the granule, so that all loads and stores are contiguous. */
#include "normals.h"
#include "box_muller.h"
#include "philox.h"

#include <kramers/block.h>

enum { CALLS = KR_GRANULE / 4, GRANULES = 16 };
_Static_assert((int)CALLS == (int)PHILOX_RUN, "the normals of a granule are one run of calls");
_Static_assert(CALLS % LANES == 0, "a vector of pairs belongs to one granule");

/* What becomes of the normals of one coordinate. */
typedef enum purpose { STORE, ADD, ADD_DESCENDING, ADD_SPREAD } purpose;

typedef struct sink {
    double amplitude, keep;
    double low, high;
    lanes_words between;          /* how many results are, in each lane */
    const double *restrict other; /* the direction of descent, or variances */
    double *restrict out;
} sink;

static inline void use(purpose what, sink *s, size_t at, lanes_numbers radius, lanes_numbers part) {
    lanes_numbers normal = radius * part, value = normal;
    if (what != STORE) value = numbers_load(s->out + at);
    switch (what) {
    case STORE: break;
    case ADD: value = numbers_fma(numbers_of(s->amplitude), normal, numbers_of(s->keep) * value); break;
    case ADD_DESCENDING:
        value = numbers_fma(numbers_of(s->keep), numbers_load(s->other + at), value);
        value = numbers_fma(numbers_of(s->amplitude), normal, value);
        s->between = words_count_between(s->between, value, numbers_of(s->low), numbers_of(s->high));
        break;
    case ADD_SPREAD: value = numbers_fma(radius, part, value); break;
    }
    numbers_store(s->out + at, value);
}

/* Where the pair of a word goes: the first, and the second CALLS further on. Words of a granule are the first ones of its calls,
 * which all come before the second ones. */
static inline size_t place_of(size_t i, size_t calls, size_t at) {
    size_t call = i < calls ? i : i - calls;
    return at + call / CALLS * KR_GRANULE + call % CALLS + (i < calls ? 0 : 2 * CALLS);
}

/* Spread by variances, the numbers of a pair have radii of their own: sqrt(v r^2), one root for each instead of one for r and one
 * for each v, since a processor has one slow unit for roots. */
static inline radii radii_of(purpose what, const constants *c, const sink *s, reduced l, size_t place) {
    lanes_numbers square = square_of(c, l);
    if (what == ADD_SPREAD)
        return (radii){.first = numbers_root(square * numbers_load(s->other + place)),
                       .second = numbers_root(square * numbers_load(s->other + place + CALLS))};
    lanes_numbers radius = numbers_root(square);
    return (radii){.first = radius, .second = radius};
}

/* The pairs of the words of some granules, which go to the numbers from `at` on; first come the first words of all calls, then the
 * second ones.
 *
 * In three stages, one vector behind the other: from word to normal a pair takes some ninety cycles, of which twenty are its square
 * root, and a processor sees only about a hundred instructions ahead. So each pass of the loop begins with one vector, goes on with
 * the one before and ends with the one before that, which have nothing to do with each other. */
static inline void use_words(purpose what, sink *shared, size_t calls, const uint64_t *restrict words, size_t at) {
    sink here = *shared; /* in registers: the results might be stored into what is shared */
    const size_t last = 2 * calls - LANES;
    const constants *c = &box_muller_constants;
    radii radius = radii_of(what, c, &here, reduce(c, words_load(words)), place_of(0, calls, at));
    reduced next = reduce(c, words_load(words + LANES));
    for (size_t i = 0; i <= last; i += LANES) {
        size_t place = place_of(i, calls, at), after = i < last ? i + LANES : last;
        lanes_numbers first, second;
        radii own = radius;
        c = lanes_hide(c);
        reduced begun = reduce(c, words_load(words + (i + 2 * LANES < last ? i + 2 * LANES : last)));
        radius = radii_of(what, c, &here, next, place_of(after, calls, at));
        next = begun;
        own = signed_of(c, words_load(words + i), own);
        direction_of(c, words_load(words + i), &first, &second);
        use(what, &here, place, own.first, first);
        use(what, &here, place + CALLS, own.second, second);
    }
    shared->between = here.between;
}

/* Granule by granule of [dim][n], several at once, also of different coordinates. */
static inline void draw(purpose what, kr_draw d, size_t dim, size_t n, sink *s) {
    /* On a page of its own: where the stack begins differs from process to process, and without this one of five was a sixth slower
     * with 16 dimensions. */
    _Alignas(4096) uint64_t words[2 * GRANULES * CALLS];
    philox_run runs[GRANULES];
    philox_shared shared = philox_prepare(kr_draw_step(&d), d.seed);
    size_t granules = dim * (n / KR_GRANULE), coordinate = 0, within = 0;
    for (size_t done = 0; done < granules; done += GRANULES) {
        size_t count = granules - done < GRANULES ? granules - done : GRANULES;
        for (size_t g = 0; g < count; g++) {
            runs[g].group = (uint32_t)((d.first + within) / 4);
            runs[g].place = (uint32_t)d.stream << 24 | (uint32_t)(d.coordinate + coordinate);
            within += KR_GRANULE;
            if (within == n) within = 0, coordinate++;
        }
        philox_pairs(&shared, runs, count, words, words + count * CALLS);
        use_words(what, s, count * CALLS, words, done * KR_GRANULE);
    }
}

void KR_KERNEL(normals)(kr_draw d, size_t dim, size_t n, double *restrict out) {
    draw(STORE, d, dim, n, &(sink){.out = out});
}

void KR_KERNEL(shake)(kr_draw d, size_t dim, size_t n, double amplitude, double keep, double *restrict x) {
    draw(ADD, d, dim, n, &(sink){.amplitude = amplitude, .keep = keep, .out = x});
}

size_t KR_KERNEL(descend_and_shake)(kr_draw d, size_t dim, size_t n, double amplitude, double descent,
                                    const double *restrict direction, double low, double high, double *restrict x) {
    uint64_t between[LANES], outside = dim * n;
    sink s = {.amplitude = amplitude, .keep = descent, .other = direction, .out = x, .low = low, .high = high};
    s.between = words_of(0);
    draw(ADD_DESCENDING, d, dim, n, &s);
    words_store(between, s.between);
    for (size_t lane = 0; lane < LANES; lane++) outside -= between[lane];
    return outside;
}

void KR_KERNEL(spread_noise)(kr_draw d, size_t dim, size_t n, const double *restrict variance, double *restrict gradient) {
    draw(ADD_SPREAD, d, dim, n, &(sink){.other = variance, .out = gradient});
}
