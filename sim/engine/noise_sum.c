/* The type of several noise models at once: its values are those of the parts one behind the other, its parameters theirs with the
 * part's name before them. Types are kept by their parts, so that equal scenes have equal descriptors, and as long as the program
 * runs, since settings and results borrow them. A program sees few of them. */
#include <kramers/noise.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, NAME = 64 };

typedef struct sum {
    kr_noise_type type;
    struct sum *next;
    kr_noise_part part[KR_MAX_NOISE_PARTS];
    char name[KR_MAX_NOISE_PARTS * NAME];
    char (*row_name)[2][NAME]; /* [rows]: by the part's name and by its number */
    kr_parameter *row;
} sum;

static sum *known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t count_rows(const kr_noise_type *type) {
    size_t count = 0;
    for (const kr_parameter *row = type->about.parameters; row && row->name; row++) count++;
    return count;
}

static bool is_alone(const kr_noise_type *const *part, size_t count, size_t number) {
    for (size_t i = 0; i < count; i++)
        if (i != number && !strcmp(part[i]->about.name, part[number]->about.name)) return false;
    return true;
}

/* The parameters of a part, whose values begin at this offset, into rows; returns how many. */
static size_t describe_part(sum *s, const kr_noise_type *const *part, size_t count, size_t number, size_t first) {
    size_t rows = 0;
    for (const kr_parameter *row = part[number]->about.parameters; row && row->name; row++, rows++) {
        char(*name)[NAME] = s->row_name[first + rows];
        bool alone = is_alone(part, count, number);
        snprintf(name[0], NAME, "%s.%s", part[number]->about.name, row->name);
        snprintf(name[1], NAME, "%zu.%s", number, row->name);
        kr_parameter *own = &s->row[first + rows];
        *own = *row;
        own->offset = s->part[number].offset + row->offset;
        own->name = name[alone ? 0 : 1];
        own->also = alone ? name[1] : NULL;
    }
    return rows;
}

static void describe(sum *s, const kr_noise_type *const *part, size_t count) {
    size_t offset = 0, rows = 0, used = 0;
    for (size_t i = 0; i < count; i++) {
        s->part[i] = (kr_noise_part){.type = part[i], .offset = offset};
        offset += (part[i]->about.values_size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        rows += describe_part(s, part, count, i, rows);
        used += (size_t)snprintf(s->name + used, sizeof s->name - used, "%s%.40s", i ? " + " : "", part[i]->about.name);
    }
    s->type = (kr_noise_type){.about = {.name = s->name,
                                        .doc = "several models at once, each with random numbers of its own",
                                        .parameters = s->row,
                                        .values_size = offset},
                              .parts = s->part,
                              .part_count = count};
}

static sum *make(const kr_noise_type *const *part, size_t count) {
    size_t rows = 0;
    for (size_t i = 0; i < count; i++) rows += count_rows(part[i]);
    sum *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->row = calloc(rows + 1, sizeof *s->row);
    s->row_name = calloc(rows + 1, sizeof *s->row_name);
    if (s->row && s->row_name) {
        describe(s, part, count);
        return s;
    }
    free(s->row);
    free(s->row_name);
    free(s);
    return NULL;
}

static bool same(const sum *s, const kr_noise_type *const *part, size_t count) {
    bool equal = s->type.part_count == count;
    for (size_t i = 0; equal && i < count; i++) equal = s->part[i].type == part[i];
    return equal;
}

static size_t draws_of(const kr_noise_type *type) {
    return kr_noise_draws(&(kr_noise){.type = type});
}

kr_status kr_noise_sum(const kr_noise_type *const *part, size_t count, const kr_noise_type **found, kr_error *error) {
    *found = NULL;
    size_t draws = 0, samplers = 0;
    if (!count || count > KR_MAX_NOISE_PARTS)
        return kr_fail(error, KR_BAD_ARGUMENT, "noise is a list of 1 to %d models, not of %zu", KR_MAX_NOISE_PARTS, count);
    for (size_t i = 0; i < count; i++) draws += draws_of(part[i]), samplers += part[i]->sampler != NULL;
    if (samplers > 1)
        return kr_fail(error, KR_BAD_ARGUMENT, "a gradient is that of one batch: noise has %zu models that sample; leave one",
                       samplers);
    if (draws > KR_MAX_NOISE_DRAWS)
        return kr_fail(error, KR_BAD_ARGUMENT, "these models need %zu random numbers for each coordinate and step; there are %d",
                       draws, KR_MAX_NOISE_DRAWS);
    pthread_mutex_lock(&lock);
    for (sum *s = known; s && !*found; s = s->next)
        if (same(s, part, count)) *found = &s->type;
    sum *made = *found ? NULL : make(part, count);
    if (made) {
        made->next = known;
        known = made;
        *found = &made->type;
    }
    pthread_mutex_unlock(&lock);
    return *found ? KR_OK : kr_fail(error, KR_NO_MEMORY, "there is not enough memory for a list of noise models");
}
