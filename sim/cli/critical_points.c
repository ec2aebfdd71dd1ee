/* kramers theory --critical-points: where a landscape's minima and saddles are, which saddle joins which minima, and the
 * minimum-energy paths over them. */
#include "command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 1000, MOST_PATHS = 64, LISTED = 6, TEXT = 512 };
#define NOWHERE INT64_MIN

typedef struct saddle {
    size_t point;      /* in points */
    int64_t joins[2];  /* numbers of minima; NOWHERE: the descent ends in none */
    double barrier[2]; /* from each */
    kr_path path;      /* count 0: none */
} saddle;

typedef struct picture {
    kr_landscape landscape;
    kr_critical_points points;
    int64_t *number; /* of each point that is a minimum */
    saddle *saddles;
    size_t saddle_count;
} picture;

/* Minima numbered from 0, but for a periodic landscape, whose number 0 is the one in [-period/2, period/2). */
static void number_minima(picture *p) {
    int64_t next = 0;
    for (size_t i = 0; i < p->points.count; i++)
        if (p->points.point[i].index == 0) p->number[i] = next++;
}

/* In a periodic landscape the next minimum may be in the next period. */
static kr_status periodic_ends(picture *p, saddle *s, double at[2], kr_error *error) {
    double top = p->points.point[s->point].position[0];
    for (int64_t number = -1; number <= 1; number++) {
        double x;
        kr_status status = kr_minimum_position(&p->landscape, number, &x, error);
        if (status != KR_OK) return status;
        int side = x > top;
        if (side && s->joins[1] != NOWHERE) continue;
        s->joins[side] = number;
        at[side] = x;
    }
    return KR_OK;
}

static kr_status find_ends(picture *p, saddle *s, double *at, kr_error *error) {
    size_t dim = p->points.dim, ends[2];
    if (p->landscape.type->period > 0) {
        kr_status status = periodic_ends(p, s, at, error);
        if (status != KR_OK) return status;
    } else {
        kr_status status = kr_saddle_ends(&p->landscape, &p->points, s->point, ends, error);
        if (status != KR_OK) return status;
        for (int side = 0; side < 2; side++) {
            if (ends[side] == SIZE_MAX) continue;
            s->joins[side] = p->number[ends[side]];
            memcpy(at + (size_t)side * dim, p->points.point[ends[side]].position, dim * sizeof *at);
        }
    }
    for (int side = 0; side < 2; side++) {
        double energy;
        if (s->joins[side] == NOWHERE) continue;
        kr_landscape_energy(&p->landscape, 1, at + (size_t)side * dim, &energy);
        s->barrier[side] = p->points.point[s->point].energy - energy;
    }
    return KR_OK;
}

static kr_status add_saddle(picture *p, size_t point, kr_error *error) {
    size_t dim = p->points.dim;
    saddle *s = &p->saddles[p->saddle_count++];
    *s = (saddle){.point = point, .joins = {NOWHERE, NOWHERE}, .barrier = {NAN, NAN}};
    double *corner = calloc(5 * dim, sizeof *corner), *at = corner + 3 * dim;
    if (!corner) return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the table of critical points");
    kr_status status = find_ends(p, s, at, error);
    if (status == KR_OK && s->joins[0] != NOWHERE && s->joins[1] != NOWHERE && s->joins[0] != s->joins[1] &&
        p->saddle_count <= MOST_PATHS) {
        memcpy(corner, at, dim * sizeof *corner);
        memcpy(corner + dim, p->points.point[point].position, dim * sizeof *corner);
        memcpy(corner + 2 * dim, at + dim, dim * sizeof *corner);
        status = kr_path_relax(&s->path, &p->landscape, 3, corner, 0, error);
    }
    free(corner);
    return status;
}

static void release(picture *p) {
    for (size_t k = 0; k < p->saddle_count; k++)
        if (p->saddles[k].path.count) kr_path_destroy(&p->saddles[k].path);
    free(p->saddles);
    free(p->number);
    kr_critical_points_destroy(&p->points);
    if (p->landscape.type) kr_landscape_destroy(&p->landscape);
}

static kr_status open_landscape(picture *p, const kr_scene *scene, kr_error *error) {
    kr_dynamics dynamics;
    kr_status status =
        kr_dynamics_create(&dynamics, (const kr_dynamics_type *)scene->dynamics.about, scene->dynamics.values, error);
    if (status != KR_OK) return status;
    return kr_landscape_create(&p->landscape, (const kr_landscape_type *)scene->landscape.about, scene->landscape.values,
                               scene->directory, kr_dynamics_weight_decay(&dynamics), error);
}

static kr_status explore(picture *p, kr_error *error) {
    p->number = calloc(p->points.count + 1, sizeof *p->number);
    p->saddles = calloc(p->points.count + 1, sizeof *p->saddles);
    if (!p->number || !p->saddles)
        return kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the table of critical points");
    number_minima(p);
    kr_status status = KR_OK;
    for (size_t i = 0; status == KR_OK && i < p->points.count; i++)
        if (p->points.point[i].index == 1) status = add_saddle(p, i, error);
    return status;
}

/* ---- for people ---- */

static const char *list_text(size_t count, const double *value, int digits, char *text) {
    size_t used = 0;
    for (size_t i = 0; i < count && i < LISTED; i++)
        used += (size_t)snprintf(text + used, TEXT - used, "%s%.*g", i ? ", " : "", digits, value[i]);
    if (count > LISTED) snprintf(text + used, TEXT - used, ", ... %zu numbers", count);
    return text;
}

static void print_point(const picture *p, size_t i) {
    const kr_critical_point *point = &p->points.point[i];
    char name[64], line[3 * TEXT], position[TEXT], eigenvalues[TEXT];
    if (point->index == 0)
        snprintf(name, sizeof name, "minimum %lld", (long long)p->number[i]);
    else if (point->index < p->points.dim || p->points.dim == 1)
        snprintf(name, sizeof name, point->index == 1 ? "saddle" : "index %zu", point->index);
    else
        snprintf(name, sizeof name, "maximum");
    snprintf(line, sizeof line, "V = %.6g at (%s), eigenvalues %s", point->energy,
             list_text(p->points.dim, point->position, 5, position), list_text(p->points.dim, point->eigenvalues, 5, eigenvalues));
    printf("%-12s", name);
    kr_print_wrapped(stdout, line, 12, 12, kr_width(stdout));
}

static const char *end_text(int64_t number, char *text, size_t size) {
    if (number == NOWHERE)
        snprintf(text, size, "nowhere");
    else
        snprintf(text, size, "%lld", (long long)number);
    return text;
}

static void print_saddle(const picture *p, const saddle *s) {
    char a[32], b[32], line[TEXT], position[TEXT];
    int used = snprintf(line, sizeof line, "%s - %s", end_text(s->joins[0], a, sizeof a), end_text(s->joins[1], b, sizeof b));
    printf("%-12s", line);
    used = snprintf(line, sizeof line, "over (%s), barrier",
                    list_text(p->points.dim, p->points.point[s->point].position, 4, position));
    for (int side = 0; side < 2; side++)
        if (s->joins[side] != NOWHERE && used < (int)sizeof line)
            used += snprintf(line + used, sizeof line - (size_t)used, "%s %.5g from %lld",
                             side && s->joins[0] != NOWHERE ? "," : "", s->barrier[side], (long long)s->joins[side]);
    if (s->path.count && used < (int)sizeof line)
        snprintf(line + used, sizeof line - (size_t)used, "; path of length %.4g, %zu images", s->path.length[s->path.count - 1],
                 s->path.count);
    kr_print_wrapped(stdout, line, 12, 12, kr_width(stdout));
}

static void print_table(const picture *p) {
    if (p->points.count == 0) puts("no critical points");
    for (size_t i = 0; i < p->points.count; i++) print_point(p, i);
    if (p->landscape.type->period > 0 && p->points.count)
        printf(p->landscape.weight_decay == 0 ? "Everything repeats with period %.6g; the next minima are -1 and 1.\n"
                                              : "These are of the period %.6g around 0; with weight decay the others differ.\n",
               p->landscape.type->period);
    if (p->saddle_count) puts("\nMinima joined by a saddle");
    for (size_t k = 0; k < p->saddle_count; k++) print_saddle(p, &p->saddles[k]);
    if (p->saddle_count > MOST_PATHS) printf("Paths are given over the first %d saddles.\n", (int)MOST_PATHS);
}

/* ---- JSON ---- */

static json_object *numbers(size_t count, const double *value) {
    json_object *array = json_object_new_array();
    for (size_t i = 0; i < count; i++) json_object_array_add(array, kr_json_number(value[i]));
    return array;
}

static json_object *json_point(const picture *p, size_t i) {
    const kr_critical_point *point = &p->points.point[i];
    json_object *object = json_object_new_object();
    json_object_object_add(object, "minimum", point->index == 0 ? json_object_new_int64(p->number[i]) : NULL);
    json_object_object_add(object, "index", json_object_new_int64((int64_t)point->index));
    json_object_object_add(object, "energy", kr_json_number(point->energy));
    json_object_object_add(object, "position", numbers(p->points.dim, point->position));
    json_object_object_add(object, "eigenvalues", numbers(p->points.dim, point->eigenvalues));
    return object;
}

static json_object *json_path(const kr_path *path) {
    json_object *object = json_object_new_object(), *positions = json_object_new_array();
    for (size_t k = 0; k < path->count; k++) json_object_array_add(positions, numbers(path->dim, path->position + k * path->dim));
    json_object_object_add(object, "images", json_object_new_int64((int64_t)path->count));
    json_object_object_add(object, "length", kr_json_number(path->length[path->count - 1]));
    json_object_object_add(object, "highest", kr_json_number(path->highest));
    json_object_object_add(object, "position", positions);
    json_object_object_add(object, "energy", numbers(path->count, path->energy));
    return object;
}

static json_object *json_saddle(const saddle *s) {
    json_object *object = json_object_new_object(), *joins = json_object_new_array();
    for (int side = 0; side < 2; side++)
        json_object_array_add(joins, s->joins[side] == NOWHERE ? NULL : json_object_new_int64(s->joins[side]));
    json_object_object_add(object, "point", json_object_new_int64((int64_t)s->point));
    json_object_object_add(object, "joins", joins);
    json_object_object_add(object, "barrier", numbers(2, s->barrier));
    json_object_object_add(object, "path", s->path.count ? json_path(&s->path) : NULL);
    return object;
}

static json_object *period(const picture *p) {
    return p->landscape.type->period > 0 ? kr_json_number(p->landscape.type->period) : NULL;
}

static void print_json(const picture *p) {
    json_object *object = json_object_new_object(), *points = json_object_new_array(), *saddles = json_object_new_array();
    for (size_t i = 0; i < p->points.count; i++) json_object_array_add(points, json_point(p, i));
    for (size_t k = 0; k < p->saddle_count; k++) json_object_array_add(saddles, json_saddle(&p->saddles[k]));
    json_object_object_add(object, "landscape", json_object_new_string(p->landscape.type->about.name));
    json_object_object_add(object, "period", period(p));
    json_object_object_add(object, "points", points);
    json_object_object_add(object, "saddles", saddles);
    json_object_object_add(object, "coordinates", NULL);
    kr_json_print(object);
}

/* After the points of coordinate first: those up to next have the same. */
static void say_alike(size_t first, size_t next) {
    if (next == first + 2)
        printf("The same for coordinate %zu\n", first + 1);
    else if (next > first + 2)
        printf("The same for coordinates %zu to %zu\n", first + 1, next - 1);
}

/* Products too many to list: the critical points of each coordinate alone. */
static kr_status report_axes(picture *p, bool json, kr_error *error) {
    json_object *object = json_object_new_object(), *axes = json_object_new_array();
    kr_status status = KR_OK;
    enum { MOST_AXES = 64 };
    size_t listed = json || p->landscape.dim < MOST_AXES ? p->landscape.dim : MOST_AXES, first = 0;
    char *last = NULL;
    if (!json) puts("The coordinates are independent: critical points are the products of those of each.");
    for (size_t axis = 0; status == KR_OK && axis < listed; axis++) {
        status = kr_critical_points_find(&p->landscape, axis, &p->points, error);
        if (status != KR_OK) break;
        p->number = calloc(p->points.count + 1, sizeof *p->number);
        json_object *points = json_object_new_array();
        if (p->number) number_minima(p);
        for (size_t i = 0; p->number && i < p->points.count; i++) json_object_array_add(points, json_point(p, i));
        const char *now = json_object_to_json_string(points);
        if (!json && p->number && !(last && !strcmp(last, now))) {
            say_alike(first, axis);
            printf("Coordinate %zu\n", axis);
            for (size_t i = 0; i < p->points.count; i++) print_point(p, i);
            first = axis;
            free(last);
            last = strdup(now);
        }
        json_object_array_add(axes, points);
        if (!p->number) status = kr_fail(error, KR_NO_MEMORY, "there is not enough memory for the table of critical points");
        free(p->number);
        p->number = NULL;
        kr_critical_points_destroy(&p->points);
    }
    if (!json && status == KR_OK) say_alike(first, listed);
    if (!json && listed < p->landscape.dim) printf("... %zu coordinates in all\n", p->landscape.dim);
    free(last);
    json_object_object_add(object, "landscape", json_object_new_string(p->landscape.type->about.name));
    json_object_object_add(object, "period", period(p));
    json_object_object_add(object, "points", NULL);
    json_object_object_add(object, "saddles", NULL);
    json_object_object_add(object, "coordinates", axes);
    if (json && status == KR_OK)
        kr_json_print(object);
    else
        json_object_put(object);
    return status;
}

kr_status kr_report_critical_points(const kr_scene *scene, bool json, kr_error *error) {
    picture p = {.number = NULL};
    kr_error many;
    kr_status status = open_landscape(&p, scene, error);
    if (status == KR_OK) kr_warn_of_landscape(&p.landscape);
    if (status == KR_OK && kr_critical_points_all(&p.landscape, MOST_POINTS, &p.points, &many) != KR_OK) {
        if (many.status == KR_BAD_ARGUMENT && p.landscape.type->separable) {
            status = report_axes(&p, json, error);
        } else {
            status = many.status;
            if (error) *error = many;
        }
        release(&p);
        return status;
    }
    if (status == KR_OK) status = explore(&p, error);
    if (status == KR_OK && json)
        print_json(&p);
    else if (status == KR_OK)
        print_table(&p);
    release(&p);
    return status;
}
