/* What is counted of a block of words. Cheap counts are taken of every block, dear ones in turn. */
#include "stream_isa.h"

#include <string.h>

static vector_words load(const uint32_t *word) {
    vector_words v;
    memcpy(&v, word, sizeof v);
    return v;
}

/* ---- cells ---- */

static void count_halves(const uint32_t *restrict word, uint32_t *restrict lower, uint32_t *restrict upper) {
    for (size_t i = 0; i < STREAM_BLOCK; i++) {
        lower[word[i] & 0xffff]++;
        upper[word[i] >> 16]++;
    }
}

static const unsigned pair_lags[PAIR_LAGS] = {1, 2, 3, 4, 16, 64, 1024, 4096};

/* A byte of a word, the highest or the lowest, with that of the word a lag later; every word is in one pair. Many blocks of one lag
 * in succession, so that the table stays in the cache. */
static void count_pairs(const uint32_t *restrict word, word_counts *counts) {
    enum { SUCCESSION = 64 };
    uint64_t turn_of = counts->blocks / SUCCESSION;
    unsigned which = (unsigned)(turn_of % PAIR_LAGS), lag = pair_lags[which];
    unsigned shift = turn_of / PAIR_LAGS % 2 ? 0 : 24;
    size_t whole = STREAM_BLOCK / (2 * lag) * 2 * lag;
    for (size_t start = 0; start < whole; start += 2 * lag)
        for (size_t i = start; i < start + lag; i++)
            counts->pair[which][(word[i] >> shift & 0xff) << 8 | (word[i + lag] >> shift & 0xff)]++;
    counts->pairs[which] += whole / 2;
}

static unsigned ones(uint32_t x) {
    x -= x >> 1 & 0x55555555;
    x = (x & 0x33333333) + (x >> 2 & 0x33333333);
    return ((x + (x >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24;
}

static void count_weights(const uint32_t *restrict word, uint64_t *restrict weight) {
    static uint8_t weights[STREAM_BLOCK];
    for (size_t i = 0; i < STREAM_BLOCK; i++) weights[i] = (uint8_t)ones(word[i]);
    for (size_t i = 0; i < STREAM_BLOCK; i += 2) weight[weights[i] * WEIGHTS + weights[i + 1]]++;
}

/* ---- equal bits ---- */

/* Adds a vector to numbers that stand upright: bit b of digit[k] is binary digit k of the count of bit b. */
static inline void add_upright(vector_words *digit, size_t digits, vector_words carry) {
    for (size_t k = 0; k < digits; k++) {
        vector_words sum = digit[k] ^ carry;
        carry &= digit[k];
        digit[k] = sum;
    }
}

static inline vector_words full_adder(vector_words *a, vector_words b, vector_words c) {
    vector_words half = *a ^ b, carry = (*a & b) | (half & c);
    *a = half ^ c;
    return carry;
}

/* different[b] += how often bit b of a[n] and b[n] is not the same; n below 2^16 vectors. */
static void count_different(size_t n, const uint32_t *restrict a, const uint32_t *restrict b, uint64_t different[32]) {
    enum { LOW = 3, DIGITS = 13 };
    vector_words digit[LOW + DIGITS] = {0};
    size_t i = 0;
    for (; i + 8 * WORDS_WIDE <= n; i += 8 * WORDS_WIDE) {
        vector_words v[8], twos[4], fours[2];
        for (size_t k = 0; k < 8; k++) v[k] = load(a + i + k * WORDS_WIDE) ^ load(b + i + k * WORDS_WIDE);
        for (size_t k = 0; k < 4; k++) twos[k] = full_adder(&digit[0], v[2 * k], v[2 * k + 1]);
        for (size_t k = 0; k < 2; k++) fours[k] = full_adder(&digit[1], twos[2 * k], twos[2 * k + 1]);
        add_upright(digit + LOW, DIGITS, full_adder(&digit[2], fours[0], fours[1]));
    }
    for (size_t k = 0; k < LOW + DIGITS; k++)
        for (size_t lane = 0; lane < WORDS_WIDE; lane++)
            for (unsigned bit = 0; bit < 32; bit++) different[bit] += (uint64_t)(digit[k][lane] >> bit & 1) << k;
    for (; i < n; i++)
        for (unsigned bit = 0; bit < 32; bit++) different[bit] += (a[i] ^ b[i]) >> bit & 1;
}

static void turn(const uint32_t *restrict word, unsigned bits, uint32_t *restrict turned) {
    for (size_t i = 0; i < STREAM_BLOCK; i++) turned[i] = word[i] << bits | word[i] >> (32 - bits);
}

static void count_match(const uint32_t *word, uint32_t *scratch, size_t which, word_counts *counts) {
    const uint32_t *other = word;
    size_t lag = 0;
    if (which < 64) {
        lag = which + 1;
    } else if (which < MATCH_LAGS) {
        lag = (size_t)128 << (which - 64);
    } else {
        size_t turns = which - MATCH_LAGS;
        lag = turns >= MATCH_TURNS;
        turn(word, (unsigned)(1 + (lag ? turns - MATCH_TURNS : turns)), scratch);
        other = scratch;
    }
    count_different(STREAM_BLOCK - lag, word, other + lag, counts->different[which]);
    counts->matched[which] += STREAM_BLOCK - lag;
}

/* With the block that differs in one index. */
static void count_neighbour(const stream_source *source, const uint32_t *word, uint32_t *scratch, word_counts *counts) {
    size_t which = counts->blocks % NEIGHBOURS;
    kr_draw place = stream_place(source, counts->blocks);
    switch (which) {
    case 0: place.seed++; break;
    case 1: place.seed ^= UINT64_C(1) << 32; break;
    case 2: place.step++; break;
    case 3: place.step ^= UINT64_C(1) << 32; break;
    case 4: place.stream++; break;
    case 5: place.coordinate++; break;
    case 6: place.seed++, place.step--; break;
    default: place.coordinate++, place.step--; break;
    }
    STREAM(words)(source, place, scratch);
    count_different(STREAM_BLOCK, word, scratch, counts->neighbour[which]);
    counts->neighbours[which] += STREAM_BLOCK;
}

/* ---- gaps and runs: over the ends of blocks ---- */

/* Eight bytes that are 0 or 1 to eight bits. */
static uint64_t pack(const uint8_t *flag) {
    uint64_t bits = 0, eight;
    for (int k = 0; k < 8; k++) {
        memcpy(&eight, flag + 8 * k, sizeof eight);
        bits |= (eight * UINT64_C(0x0102040810204080) >> 56) << 8 * k;
    }
    return bits;
}

static void count_gaps(const uint32_t *restrict word, word_counts *counts) {
    uint8_t hit[64];
    uint64_t open = counts->gap_open;
    for (size_t start = 0; start < STREAM_BLOCK; start += 64) {
        for (size_t i = 0; i < 64; i++) hit[i] = word[start + i] < (UINT32_C(1) << (32 - GAP_BITS));
        uint64_t bits = pack(hit), at = 0;
        for (; bits; bits &= bits - 1) {
            uint64_t place = (uint64_t)__builtin_ctzll(bits), gap = open + place - at;
            counts->gap[gap < GAPS ? gap : GAPS]++;
            open = 0;
            at = place + 1;
        }
        open += 64 - at;
    }
    counts->gap_open = open;
}

/* Runs upwards; the word that ends one is left out, which makes the next one independent of it (Knuth, 3.3.2, exercise 14). */
static void count_runs(const uint32_t *restrict word, word_counts *counts) {
    uint8_t down[64];
    int64_t start = counts->run_start;
    for (int64_t base = 0; base < STREAM_BLOCK; base += 64) {
        down[0] = word[base] < (base ? word[base - 1] : counts->last);
        for (int64_t i = 1; i < 64; i++) down[i] = word[base + i] < word[base + i - 1];
        uint64_t bits = pack(down);
        for (; bits; bits &= bits - 1) {
            int64_t end = base + __builtin_ctzll(bits);
            if (end <= start) continue;
            counts->run[end - start < RUNS ? end - start : RUNS]++;
            start = end + 1;
        }
    }
    counts->run_start = start - STREAM_BLOCK;
    counts->last = word[STREAM_BLOCK - 1];
}

/* ---- ranks ---- */

enum { MATRICES = 16, MATRIX = 32 }; /* row r of matrix m is word 16 r + m */

/* One matrix a lane. A row that is reduced by all before it has none of their leading bits, and so the smaller of v and v ^ row is
 * v without the leading bit of row. */
static void rank_lanes(const uint32_t *restrict word, uint64_t *restrict rank) {
    vector_words row[MATRIX], independent = {0};
    for (size_t r = 0; r < MATRIX; r++) {
        vector_words v = load(word + r * MATRICES);
        for (size_t p = 0; p < r; p++) {
            vector_words other = v ^ row[p];
            v ^= row[p] & (vector_words)(other < v);
        }
        row[r] = v;
        independent -= (vector_words)(v != 0);
    }
    for (size_t lane = 0; lane < WORDS_WIDE; lane++) rank[independent[lane]]++;
}

static void count_ranks(const uint32_t *restrict word, uint64_t *restrict rank) {
    for (size_t start = 0; start < STREAM_BLOCK; start += (size_t)MATRIX * MATRICES)
        for (size_t lane = 0; lane < MATRICES; lane += WORDS_WIDE) rank_lanes(word + start + lane, rank);
}

/* ---- birthdays and collisions ---- */

static void sort(uint32_t *restrict key, uint32_t *restrict other) {
    enum { DIGIT = 11, PLACES = 1 << DIGIT };
    for (int pass = 0; pass < 3; pass++) {
        uint32_t place[PLACES] = {0}, sum = 0;
        for (size_t i = 0; i < BIRTHDAYS; i++) place[key[i] >> DIGIT * pass & (PLACES - 1)]++;
        for (size_t k = 0; k < PLACES; k++) {
            uint32_t count = place[k];
            place[k] = sum;
            sum += count;
        }
        for (size_t i = 0; i < BIRTHDAYS; i++) other[place[key[i] >> DIGIT * pass & (PLACES - 1)]++] = key[i];
        uint32_t *swap = key;
        key = other;
        other = swap;
    }
    memcpy(other, key, BIRTHDAYS * sizeof *key); /* after an odd number of passes it lies in what was the other */
}

/* Equal ones among the spacings around a year of 2^32 days. */
static void count_birthdays(const uint32_t *restrict word, word_counts *counts) {
    uint32_t day[BIRTHDAYS], room[BIRTHDAYS], spacing[BIRTHDAYS];
    memcpy(day, word, sizeof day);
    sort(day, room);
    for (size_t i = 0; i < BIRTHDAYS; i++) spacing[i] = day[(i + 1) % BIRTHDAYS] - day[i];
    sort(spacing, room);
    for (size_t i = 1; i < BIRTHDAYS; i++) counts->birthday_same += spacing[i] == spacing[i - 1];
    counts->birthday_sets++;
}

/* Balls into urns, by some bits of the words. */
static void count_collisions(const uint32_t *restrict word, word_counts *counts) {
    static uint64_t urn[(1 << URN_BITS) / 64];
    unsigned shift = (unsigned)(counts->blocks % (32 - URN_BITS + 1));
    memset(urn, 0, sizeof urn);
    for (size_t i = 0; i < BALLS; i++) {
        uint32_t ball = word[i] >> shift & ((1 << URN_BITS) - 1);
        counts->collisions += urn[ball / 64] >> ball % 64 & 1;
        urn[ball / 64] |= UINT64_C(1) << ball % 64;
    }
    counts->ball_sets++;
}

void STREAM(count_words)(const stream_source *source, const uint32_t *word, uint32_t *scratch, word_counts *counts) {
    uint64_t block = counts->blocks;
    count_halves(word, counts->half[0], counts->half[1]);
    count_pairs(word, counts);
    count_weights(word, counts->weight);
    count_gaps(word, counts);
    count_runs(word, counts);
    count_ranks(word, counts->rank);
    for (size_t k = 0; k < MATCHES_A_BLOCK; k++) count_match(word, scratch, (block * MATCHES_A_BLOCK + k) % MATCHES, counts);
    count_neighbour(source, word, scratch, counts);
    count_birthdays(word + block % (STREAM_BLOCK / BIRTHDAYS) * BIRTHDAYS, counts);
    count_collisions(word + block % (STREAM_BLOCK / BALLS) * BALLS, counts);
    counts->blocks++;
}
