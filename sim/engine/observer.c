/* A sample of an ensemble that stands still, in the same parts as from inside the loop. */
#include "observed.h"

#include <kramers/block.h>
#include <kramers/interrupt.h>
#include <kramers/observer.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PARTICLES = 1024, MOST_NUMBERS = 1 << 16 };

/* Whole granules. */
static size_t part_size(const kr_view *view) {
    size_t size = MOST_NUMBERS / view->dim / KR_GRANULE * KR_GRANULE;
    return size < KR_GRANULE ? KR_GRANULE : size < MOST_PARTICLES ? size : MOST_PARTICLES;
}

static size_t room_for(const kr_view *view, size_t size) {
    return ((1 + view->auxiliary_count + 3) * view->dim + 4) * size;
}

/* Observers with sums over the loss take a gradient and a product with the Hessian of a granule besides. */
double kr_observer_look_bytes(const kr_view *view, int threads) {
    size_t size = part_size(view), parts = ((size_t)view->particles + size - 1) / size;
    double working = (double)threads < (double)parts ? (double)threads : (double)parts;
    return 8.0 * working * (double)(room_for(view, size) + 2 * view->dim * KR_GRANULE);
}

/* [dim][width] from [dim][stride], with NaN beyond the particles. */
static const double *gather(const kr_view *view, const double *from, size_t first, size_t count, size_t width, double **room) {
    double *to = *room;
    for (size_t i = 0; i < view->dim; i++) {
        memcpy(to + i * width, from + i * view->stride + first, count * sizeof *to);
        for (size_t p = count; p < width; p++) to[i * width + p] = NAN;
    }
    *room += view->dim * width;
    return to;
}

static kr_status look(kr_observer *self, const kr_view *view, size_t first, size_t size, int thread, double *room, double *sums,
                      kr_error *error) {
    size_t left = (size_t)view->particles - first, count = left < size ? left : size;
    size_t width = kr_padded(count);
    kr_observer_part part = {.view = *view, .first = first, .thread = thread, .sums = sums};
    part.view.particles = count;
    part.view.stride = width;
    part.view.position = gather(view, view->position, first, count, width, &room);
    for (size_t a = 0; a < view->auxiliary_count; a++)
        part.view.auxiliary[a] = gather(view, view->auxiliary[a], first, count, width, &room);
    part.view.departure = view->departure + first;
    part.view.stopped_at = view->stopped_at + first;
    for (size_t a = 0; view->ledger[0] && a < KR_LEDGER_ACCOUNTS; a++) part.view.ledger[a] = view->ledger[a] + first;
    if (view->ledger[0]) {
        part.view.ledger_gross = view->ledger_gross + first;
        part.view.ledger_start = view->ledger_start + first;
    }
    part.work = room;
    return self->type->sample_part(self, &part, error);
}

static kr_status look_at_all(kr_observer *self, const kr_view *view, double *sums, kr_error *error) {
    size_t size = part_size(view), parts = ((size_t)view->particles + size - 1) / size;
    int threads = self->threads < 1 ? 1 : (size_t)self->threads < parts ? self->threads : (int)parts, next = 0;
    kr_status status = KR_OK;
#pragma omp parallel num_threads(threads)
    {
        kr_error own;
        int thread;
        double *room = malloc(room_for(view, size) * sizeof *room);
        kr_status mine = room ? KR_OK : kr_fail(&own, KR_NO_MEMORY, "not enough memory to look at %zu particles", size);
#pragma omp atomic capture
        thread = next++;
#pragma omp for schedule(dynamic, 1)
        for (size_t p = 0; p < parts; p++)
            if (mine == KR_OK && (mine = kr_interrupt_check(&own)) == KR_OK)
                mine = look(self, view, p * size, size, thread, room, sums, &own);
#pragma omp critical
        if (mine != KR_OK && status == KR_OK) {
            status = mine;
            if (error) *error = own;
        }
        free(room);
    }
    return status;
}

kr_status kr_observer_sample_parts(kr_observer *self, const kr_view *view, kr_error *error) {
    size_t width = self->type->part_sums ? self->type->part_sums(self) : 0;
    double *sums = width ? malloc(width * sizeof *sums) : NULL;
    if (width && !sums) return kr_fail(error, KR_NO_MEMORY, "not enough memory for the sums of %s", self->type->about.name);
    kr_status status = look_at_all(self, view, sums, error);
    if (status == KR_OK) status = self->type->join(self, view, sums, error);
    free(sums);
    return status;
}
