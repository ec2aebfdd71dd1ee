#include <kramers/exponential.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Upper tail of A^2 (1 + 0.6 / n) for the exponential with estimated mean: D'Agostino and Stephens 1986, table 4.14. Their last
 * formula has a minimum at 10; beyond 4 it is continued along its tangent. */
static double upper_tail(double a) {
    if (a < 0.26) return 1.0 - exp(-12.2204 + 67.459 * a - 110.3 * a * a);
    if (a < 0.51) return 1.0 - exp(-6.1327 + 20.218 * a - 18.663 * a * a);
    if (a < 0.95) return exp(0.9209 - 3.353 * a + 0.300 * a * a);
    double b = fmin(a, 4.0);
    return exp(0.731 - 3.009 * b + 0.15 * b * b + (a - b) * (-3.009 + 0.30 * b));
}

kr_exponential kr_exponential_test(size_t n, double *time) {
    kr_exponential result = {.intervals = n, .variation = NAN, .statistic = NAN, .p_value = NAN};
    if (n < 8) return result;
    double mean = 0.0, square = 0.0, sum = 0.0, count = (double)n;
    qsort(time, n, sizeof *time, ascending);
    for (size_t i = 0; i < n; i++) mean += time[i] / count;
    for (size_t i = 0; i < n; i++) square += (time[i] - mean) * (time[i] - mean);
    for (size_t i = 0; i < n; i++) /* ln F of the i-th smallest, ln(1 - F) of the i-th largest */
        sum += (2.0 * (double)i + 1.0) * (log(-expm1(-time[i] / mean)) - time[n - 1 - i] / mean);
    result.variation = sqrt(square / (count - 1.0)) / mean;
    result.statistic = (-count - sum / count) * (1.0 + 0.6 / count);
    result.p_value = upper_tail(result.statistic);
    return result;
}

static void keep_half(kr_passages *passages) {
    size_t kept = 0;
    passages->particles = (passages->particles + 1) / 2;
    for (size_t i = 0; i < passages->count; i++)
        if (passages->event[i].particle < passages->particles) passages->event[kept++] = passages->event[i];
    passages->count = kept;
}

bool kr_passages_add(kr_passages *passages, const kr_view *view) {
    if (!passages->particles) passages->particles = view->particles;
    for (size_t i = 0; i < view->recent_count; i++) {
        if (view->recent[i].particle >= passages->particles) continue;
        if (passages->count == KR_MOST_PASSAGES && passages->particles > 1) keep_half(passages);
        if (passages->count == KR_MOST_PASSAGES || view->recent[i].particle >= passages->particles) continue;
        if (passages->count == passages->capacity) {
            size_t capacity = passages->capacity ? 2 * passages->capacity : 256;
            kr_event *grown = realloc(passages->event, capacity * sizeof *grown);
            if (!grown) {
                kr_passages_destroy(passages);
                return false;
            }
            passages->event = grown;
            passages->capacity = capacity;
        }
        passages->event[passages->count++] = view->recent[i];
    }
    return true;
}

void kr_passages_destroy(kr_passages *passages) {
    free(passages->event);
    *passages = (kr_passages){0};
}

static int by_particle_then_step(const void *left, const void *right) {
    const kr_event *a = left, *b = right;
    if (a->particle != b->particle) return a->particle < b->particle ? -1 : 1;
    return a->step < b->step ? -1 : a->step > b->step;
}

/* What a particle's clock shows that ended in no passage. */
static double unfinished(const kr_view *view, uint64_t particle) {
    if (view->departure[particle] == KR_ABSORBED) return 0.0;
    uint64_t until = view->frozen_at[particle] ? view->frozen_at[particle] : view->step;
    return until > view->departure[particle] ? (double)(until - view->departure[particle]) : 0.0;
}

/* splitmix64's finaliser: uniform numbers in (0, 1) that depend on their place only. */
static double uniform(uint64_t place) {
    uint64_t z = (place + 1) * 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return ((double)((z ^ (z >> 31)) >> 12) + 0.5) * 0x1p-52;
}

kr_exponential kr_passages_test(const kr_passages *passages, const kr_view *view) {
    size_t n = passages->count;
    kr_event *event = malloc((n + 1) * sizeof *event);
    double *time = malloc((n + 1) * sizeof *time), carried = 0.0, sum = 0.0;
    kr_exponential result = {.variation = NAN, .statistic = NAN, .p_value = NAN};
    if (event && time && n) {
        memcpy(event, passages->event, n * sizeof *event);
        qsort(event, n, sizeof *event, by_particle_then_step);
        for (uint64_t p = 0, i = 0; p < passages->particles; p++) {
            for (; i < n && event[i].particle == p; i++) {
                time[i] = carried + (double)event[i].duration;
                sum += time[i];
                carried = 0.0;
            }
            carried += unfinished(view, p);
        }
        double chance = fmin((double)n / sum, 1.0 - 1e-12), rate = -log1p(-chance);
        for (size_t i = 0; i < n; i++) time[i] += -log1p(-uniform(i) * chance) / rate - 1.0;
        result = kr_exponential_test(n, time);
    }
    free(event);
    free(time);
    return result;
}
