#include "look_record.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_WORDS = 3, SERIES_WORDS = sizeof(kr_series) / sizeof(uint64_t) };

static size_t numbers_of(const kr_looks *looks) {
    return looks->columns * looks->particles;
}

kr_status kr_look_record_create(kr_look_record *record, const kr_observer_setup *setup, int64_t wanted, size_t columns,
                                double bytes_for_each, kr_error *error) {
    size_t particles = kr_looks_particles(wanted, setup->particles);
    *record = (kr_look_record){.shown_step = NAN};
    kr_status status = kr_looks_create(&record->last, particles, columns, bytes_for_each, error);
    if (status == KR_OK) status = kr_looks_create(&record->now, particles, columns, bytes_for_each, error);
    if (status != KR_OK) return status;
    record->sorted = malloc(particles * sizeof *record->sorted);
    return record->sorted ? KR_OK : kr_fail(error, KR_NO_MEMORY, "not enough memory to look at %zu particles", particles);
}

void kr_look_record_destroy(kr_look_record *record) {
    kr_looks_destroy(&record->last);
    kr_looks_destroy(&record->now);
    free(record->sorted);
}

kr_observer_need kr_look_record_need(const kr_observer_setup *setup, int64_t wanted, size_t columns, double bytes_for_each) {
    double particles = (double)kr_looks_particles(wanted, setup->particles), numbers = (double)columns * particles;
    double threads = setup->threads > 0 ? (double)setup->threads : (double)omp_get_max_threads();
    double side_by_side = fmin((double)kr_looks_width(bytes_for_each), particles);
    return (kr_observer_need){.words = HEAD_WORDS + SERIES_WORDS + numbers,
                              .scratch = 8.0 * (particles + numbers) + threads * bytes_for_each * side_by_side};
}

void kr_look_record_add(kr_look_record *record, const kr_view *view, const double number[KR_SERIES_WIDTH]) {
    kr_series_add(&record->series, view->step, number);
    record->samples++;
    record->step = view->step;
    record->shown_step = (double)view->step;
    record->learning_rate = view->learning_rate;
}

static bool is_newest(const kr_look_record *record, const kr_view *view) {
    return record->samples && record->step == view->step;
}

bool kr_look_record_recall(kr_look_record *record, const kr_view *view) {
    if (!is_newest(record, view)) return false;
    memcpy(record->now.number, record->last.number, numbers_of(&record->last) * sizeof(double));
    return true;
}

double kr_look_record_rate(const kr_look_record *record, const kr_view *view) {
    return is_newest(record, view) ? record->learning_rate : view->learning_rate;
}

size_t kr_look_record_words(const kr_look_record *record) {
    return HEAD_WORDS + SERIES_WORDS + numbers_of(&record->last);
}

void kr_look_record_save(const kr_look_record *record, uint64_t *words) {
    words[0] = record->samples;
    words[1] = record->step;
    memcpy(words + 2, &record->learning_rate, sizeof *words);
    memcpy(words + HEAD_WORDS, &record->series, sizeof record->series);
    memcpy(words + HEAD_WORDS + SERIES_WORDS, record->last.number, numbers_of(&record->last) * sizeof *words);
}

void kr_look_record_restore(kr_look_record *record, const uint64_t *words) {
    record->samples = words[0];
    record->step = words[1];
    record->shown_step = words[0] ? (double)words[1] : NAN;
    memcpy(&record->learning_rate, words + 2, sizeof *words);
    kr_series_restore(&record->series, words + HEAD_WORDS);
    memcpy(record->last.number, words + HEAD_WORDS + SERIES_WORDS, numbers_of(&record->last) * sizeof *words);
}
