/* The numbers that observers declare for every frame (kr_frame_data), as elements of a trajectory. */
#include "h5md.h"

#include <stdlib.h>
#include <string.h>

/* Of this observer; ends with a row without a name. */
static const kr_frame_data *rows_of(const kr_observer *observer) {
    static const kr_frame_data none = {.name = NULL};
    return observer->type->frame_data ? observer->type->frame_data : &none;
}

size_t kr_trajectory_observed_most(const kr_trajectory *t) {
    size_t most = 0;
    for (size_t i = 0; i < t->observer_count; i++)
        for (const kr_frame_data *row = rows_of(t->observers[i]); row->name; row++) most++;
    return most;
}

kr_status kr_trajectory_observed_plan(kr_trajectory *t, kr_error *error) {
    t->frame_source = calloc(kr_trajectory_observed_most(t) + 1, sizeof *t->frame_source);
    if (!t->frame_source) return kr_fail(error, KR_NO_MEMORY, "There is no memory for a trajectory.");
    for (size_t i = 0; i < t->observer_count; i++) {
        const kr_observer *observer = t->observers[i];
        for (const kr_frame_data *row = rows_of(observer); row->name; row++) {
            size_t count = row->count ? row->count(observer) : 1;
            if (count == 0) continue;
            kr_element *element = &t->element[t->elements++];
            *element = kr_element_make(row->name, false, row->count ? 1 : 0, row->count ? count : 0, 0, row->doc);
            element->unit = row->unit;
            t->frame_source[t->frame_sources++] = (kr_frame_source){element, observer, row};
        }
    }
    return KR_OK;
}

static const double *numbers_of(const kr_frame_source *source) {
    if (source->row->numbers) return source->row->numbers(source->observer);
    return (const double *)(const void *)((const char *)source->observer + source->row->offset);
}

kr_status kr_trajectory_observed_frame(kr_trajectory *t, const kr_view *view, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t i = 0; i < t->observer_count && status == KR_OK; i++)
        if (t->observers[i]->type->frame) status = t->observers[i]->type->frame(t->observers[i], view, error);
    for (size_t i = 0; i < t->frame_sources && status == KR_OK; i++) {
        const kr_element *element = t->frame_source[i].element;
        memcpy(element->waiting + (size_t)t->waiting * element->words, numbers_of(&t->frame_source[i]),
               element->words * sizeof(double));
    }
    return status;
}
