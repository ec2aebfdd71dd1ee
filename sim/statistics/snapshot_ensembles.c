/* What the mean probability of several networks predicts on the test data, beside one network alone and beside one at the mean of
 * their parameters.
 *
 * Snapshot ensembles: G. Huang et al., ICLR 2017; weight averaging: P. Izmailov et al., UAI 2018. Test data come in tiles, so that
 * the predictions of a block of particles stay in the cache, however many data there are. */
#include "snapshot_results.h"

#include <kramers/block.h>
#include <kramers/data_sum.h>
#include <kramers/interrupt.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 64 };

/* Of one thread. */
typedef struct room {
    double *x, *sum_x;            /* [dim][KR_GRANULE] of a member; of the members so far */
    double *probability, *sum;    /* [TILE][classes][KR_GRANULE] */
    uint32_t *likeliest, *before; /* [TILE][KR_GRANULE] class, of this snapshot and of the one after it */
} room;

typedef struct task {
    const kr_snapshot_set *set;
    const kr_data_sum *sum;
    kr_data test;
    kr_snapshot_results *results;
} task;

static bool make_room(room *r, const task *t) {
    size_t x = t->set->landscape->dim * KR_GRANULE, tile = TILE * t->test.classes * KR_GRANULE;
    r->x = malloc((2 * x + 2 * tile) * sizeof *r->x);
    r->likeliest = malloc((size_t)2 * TILE * KR_GRANULE * sizeof *r->likeliest);
    if (!r->x || !r->likeliest) return false;
    r->sum_x = r->x + x;
    r->probability = r->sum_x + x;
    r->sum = r->probability + tile;
    r->before = r->likeliest + (size_t)TILE * KR_GRANULE;
    return true;
}

static void predict(const task *t, size_t datum, size_t count, size_t n, const double *x, double *probability) {
    t->sum->predict(t->set->landscape, count, t->test.input + datum * t->test.inputs, n, x, probability);
}

static void add(size_t count, const double *restrict from, double *restrict to) {
    for (size_t i = 0; i < count; i++) to[i] += from[i];
}

/* The lowest number of equals. */
static void find_likeliest(const task *t, size_t count, size_t n, const double *probability, uint32_t *likeliest) {
    size_t classes = t->test.classes;
    for (size_t m = 0; m < count; m++)
        for (size_t p = 0; p < n; p++) {
            const double *each = probability + m * classes * n + p;
            uint32_t best = 0;
            for (uint32_t c = 1; c < classes; c++)
                if (each[c * n] > each[best * n]) best = c;
            likeliest[m * n + p] = best;
        }
}

/* Adds the tile to accuracy[n] and log_loss[n], as shares of all test data. sum: probabilities of so many members, added. */
static void score(const task *t, size_t datum, size_t count, size_t n, const double *sum, size_t members, uint32_t *likeliest,
                  double *accuracy, double *log_loss) {
    double share = 1.0 / (double)t->test.count;
    find_likeliest(t, count, n, sum, likeliest);
    for (size_t m = 0; m < count; m++) {
        uint32_t label = t->test.label[datum + m];
        for (size_t p = 0; p < n; p++) {
            double probability = sum[(m * t->test.classes + label) * n + p] / (double)members;
            if (likeliest[m * n + p] == label) accuracy[p] += share;
            log_loss[p] -= share * log(fmax(probability, DBL_MIN)); /* one that has underflowed has no logarithm */
        }
    }
}

/* Where the scores of `kind` with m + 1 members are, from particle or group number first on. */
static double *scores(const task *t, int kind, int which, size_t m, size_t first) {
    return t->results->list[kind + which].number + m * t->results->particles + first;
}

static void begin_scores(const task *t, int kind, size_t m, size_t first, size_t n) {
    memset(scores(t, kind, KR_ACCURACY, m, first), 0, n * sizeof(double));
    memset(scores(t, kind, KR_LOG_LOSS, m, first), 0, n * sizeof(double));
}

/* Over the numbers of one network alone: those of its own particle. */
static void gain_over(const task *t, int kind, size_t m, size_t first, size_t n, const double *accuracy, const double *log_loss) {
    for (size_t p = 0; p < n; p++) {
        scores(t, kind, KR_ACCURACY_GAIN, m, first)[p] = scores(t, kind, KR_ACCURACY, m, first)[p] - accuracy[p];
        scores(t, kind, KR_LOG_LOSS_GAIN, m, first)[p] = log_loss[p] - scores(t, kind, KR_LOG_LOSS, m, first)[p];
    }
}

/* ---- the last snapshots of each particle ---- */

static void count_disagreement(const task *t, size_t pair, size_t first, size_t count, size_t n, const room *r) {
    double *disagreement = t->results->list[KR_SNAPSHOT_DISAGREEMENT].number + pair * t->results->particles + first;
    double share = 1.0 / (double)t->test.count;
    for (size_t m = 0; m < count; m++)
        for (size_t p = 0; p < n; p++)
            if (r->likeliest[m * n + p] != r->before[m * n + p]) disagreement[p] += share;
}

/* A tile of the data, from the last snapshot back: what one predicts is added to what those after it did. */
static void score_tile(const task *t, room *r, size_t first, size_t n, size_t datum, size_t count) {
    const kr_snapshot_set *set = t->set;
    size_t numbers = count * t->test.classes * n, size = set->landscape->dim * n, members = t->results->members;
    memset(r->sum, 0, numbers * sizeof *r->sum);
    memset(r->sum_x, 0, size * sizeof *r->sum_x);
    for (size_t m = 0; m < set->count && !kr_interrupt_wanted(); m++) {
        size_t s = set->count - 1 - m;
        kr_snapshot_gather(set, s, set->particle + first, n, r->x);
        predict(t, datum, count, n, r->x, r->probability);
        find_likeliest(t, count, n, r->probability, r->likeliest);
        if (m > 0) count_disagreement(t, s, first, count, n, r);
        memcpy(r->before, r->likeliest, count * n * sizeof *r->before);
        if (m >= members) continue;
        add(numbers, r->probability, r->sum);
        score(t, datum, count, n, r->sum, m + 1, r->likeliest, scores(t, KR_SNAPSHOT_ENSEMBLE, KR_ACCURACY, m, first),
              scores(t, KR_SNAPSHOT_ENSEMBLE, KR_LOG_LOSS, m, first));
        add(size, r->x, r->sum_x);
        if (m == 0) continue;
        for (size_t i = 0; i < size; i++) r->x[i] = r->sum_x[i] / (double)(m + 1);
        predict(t, datum, count, n, r->x, r->probability);
        score(t, datum, count, n, r->probability, 1, r->likeliest, scores(t, KR_SNAPSHOT_AVERAGE, KR_ACCURACY, m, first),
              scores(t, KR_SNAPSHOT_AVERAGE, KR_LOG_LOSS, m, first));
    }
}

/* One member by itself is the same in whatever way more of them are put together. */
static void copy_single(const task *t, int kind, size_t first, size_t n) {
    for (int which = KR_ACCURACY; which <= KR_LOG_LOSS; which++)
        memcpy(scores(t, kind, which, 0, first), scores(t, KR_SNAPSHOT_ENSEMBLE, which, 0, first), n * sizeof(double));
}

static void score_block(const task *t, room *r, size_t first) {
    size_t left = t->set->particles - first, n = left < KR_GRANULE ? left : KR_GRANULE, members = t->results->members;
    const double *accuracy = scores(t, KR_SNAPSHOT_ENSEMBLE, KR_ACCURACY, 0, first),
                 *log_loss = scores(t, KR_SNAPSHOT_ENSEMBLE, KR_LOG_LOSS, 0, first);
    for (size_t m = 0; m < members; m++) {
        begin_scores(t, KR_SNAPSHOT_ENSEMBLE, m, first, n);
        begin_scores(t, KR_SNAPSHOT_AVERAGE, m, first, n);
    }
    for (size_t pair = 0; pair + 1 < t->set->count; pair++)
        memset(t->results->list[KR_SNAPSHOT_DISAGREEMENT].number + pair * t->results->particles + first, 0, n * sizeof(double));
    for (size_t datum = 0; datum < t->test.count; datum += TILE)
        score_tile(t, r, first, n, datum, t->test.count - datum < TILE ? t->test.count - datum : TILE);
    copy_single(t, KR_SNAPSHOT_AVERAGE, first, n);
    copy_single(t, KR_SNAPSHOT_INDEPENDENT, first, n);
    copy_single(t, KR_SNAPSHOT_SEPARATE, first, n);
    for (size_t m = 0; m < members; m++) {
        gain_over(t, KR_SNAPSHOT_ENSEMBLE, m, first, n, accuracy, log_loss);
        gain_over(t, KR_SNAPSHOT_AVERAGE, m, first, n, accuracy, log_loss);
    }
}

/* ---- groups of particles ---- */

/* Groups first .. first + n - 1 of `members` successive particles each, at one snapshot. */
static void score_groups(const task *t, room *r, int kind, size_t members, size_t snapshot, size_t first, size_t n) {
    size_t particle[KR_GRANULE];
    double *accuracy = scores(t, kind, KR_ACCURACY, members - 1, first),
           *log_loss = scores(t, kind, KR_LOG_LOSS, members - 1, first);
    begin_scores(t, kind, members - 1, first, n);
    for (size_t datum = 0; datum < t->test.count; datum += TILE) {
        size_t count = t->test.count - datum < TILE ? t->test.count - datum : TILE;
        memset(r->sum, 0, count * t->test.classes * n * sizeof *r->sum);
        for (size_t j = 0; j < members && !kr_interrupt_wanted(); j++) {
            for (size_t g = 0; g < n; g++) particle[g] = t->set->particle[(first + g) * members + j];
            kr_snapshot_gather(t->set, snapshot, particle, n, r->x);
            predict(t, datum, count, n, r->x, r->probability);
            add(count * t->test.classes * n, r->probability, r->sum);
        }
        score(t, datum, count, n, r->sum, members, r->likeliest, accuracy, log_loss);
    }
}

/* Over what the group's particles do alone at the end, on average. */
static void gain_of_groups(const task *t, int kind, size_t members, size_t groups) {
    for (size_t g = 0; g < groups; g++) {
        double accuracy = 0, log_loss = 0;
        for (size_t j = 0; j < members; j++) {
            accuracy += scores(t, KR_SNAPSHOT_ENSEMBLE, KR_ACCURACY, 0, g * members)[j] / (double)members;
            log_loss += scores(t, KR_SNAPSHOT_ENSEMBLE, KR_LOG_LOSS, 0, g * members)[j] / (double)members;
        }
        gain_over(t, kind, members - 1, g, 1, &accuracy, &log_loss);
    }
}

/* The snapshot nearest to 1/m of the steps up to the last one; false: none is within a twentieth of that. */
static bool find_part(const kr_snapshot_set *set, size_t m, size_t *snapshot) {
    double wanted = (double)set->step[set->count - 1] / (double)m, nearest = INFINITY;
    *snapshot = 0;
    for (size_t s = 0; s < set->count; s++) {
        double off = fabs((double)set->step[s] - wanted);
        if (off < nearest) nearest = off, *snapshot = s;
    }
    return nearest <= 0.05 * wanted;
}

/* ---- all of it ---- */

static kr_status begin_lists(const task *t, kr_error *error) {
    kr_snapshot_results *results = t->results;
    kr_status status = kr_snapshot_list_begin(results, KR_SNAPSHOT_DISAGREEMENT, t->set->count - 1, error);
    for (int list = KR_SNAPSHOT_ENSEMBLE; list < KR_SNAPSHOT_LISTS && status == KR_OK; list++)
        status = kr_snapshot_list_begin(results, list, results->members, error);
    return status;
}

/* Blocks of particles, then for each kind and number of members blocks of groups; groups of one are the particles. */
static void score_all(const task *t, room *r) {
    const kr_snapshot_set *set = t->set;
#pragma omp for schedule(dynamic, 1)
    for (size_t first = 0; first < set->particles; first += KR_GRANULE) score_block(t, r, first);
    for (size_t m = 2; m <= t->results->members; m++) {
        size_t groups = set->particles / m, part;
        bool near = find_part(set, m, &part);
#pragma omp for schedule(dynamic, 1)
        for (size_t first = 0; first < groups; first += KR_GRANULE) {
            size_t n = groups - first < KR_GRANULE ? groups - first : KR_GRANULE;
            if (near) score_groups(t, r, KR_SNAPSHOT_INDEPENDENT, m, part, first, n);
            score_groups(t, r, KR_SNAPSHOT_SEPARATE, m, set->count - 1, first, n);
        }
    }
}

kr_status kr_snapshot_ensembles(const kr_snapshot_set *set, kr_snapshot_results *results, kr_error *error) {
    const kr_data_sum *sum = kr_landscape_data(set->landscape);
    if (!sum || !sum->predict) return KR_OK;
    task t = {.set = set, .sum = sum, .test = sum->data(set->landscape, KR_DATA_TEST), .results = results};
    if (!t.test.count || !t.test.classes) return KR_OK;
    kr_status status = begin_lists(&t, error);
    if (status != KR_OK) return status;
    bool enough = true;
#pragma omp parallel num_threads(set->threads)
    {
        room r = {0};
        bool mine = make_room(&r, &t);
#pragma omp critical
        enough = enough && mine;
#pragma omp barrier
        if (enough) score_all(&t, &r);
        free(r.x);
        free(r.likeliest);
    }
    if (!enough) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the predictions of snapshots");
    if ((status = kr_interrupt_check(error)) != KR_OK) return status;
    for (size_t m = 1; m <= results->members; m++) {
        size_t groups = set->particles / m, part;
        if (find_part(set, m, &part)) {
            results->independent_step[m - 1] = (double)set->step[part];
            gain_of_groups(&t, KR_SNAPSHOT_INDEPENDENT, m, groups);
        }
        gain_of_groups(&t, KR_SNAPSHOT_SEPARATE, m, groups);
    }
    for (int list = KR_SNAPSHOT_DISAGREEMENT; list < KR_SNAPSHOT_LISTS; list++)
        if (list == KR_SNAPSHOT_DISAGREEMENT || list >= KR_SNAPSHOT_ENSEMBLE) kr_snapshot_list_end(results, list);
    return KR_OK;
}
