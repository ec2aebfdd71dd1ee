#include <kramers/path.h>

#include "critical_lines.h"
#include "minima_graph.h"
#include "string_method.h"
#include "walls.h"

#include <kramers/critical_points.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 65, PROFILE = 2000 };

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "not enough memory for a path");
}

static double distance(size_t dim, const double *a, const double *b) {
    double square = 0.0;
    for (size_t i = 0; i < dim; i++) square += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(square);
}

/* Corners of the first guess; a leg ends at each minimum. */
typedef struct route {
    size_t dim, count, capacity;
    double *corner; /* [count][dim] */
    bool *stop;     /* [count] a minimum, or an end */
} route;

static bool add(route *r, const double *point, bool stop) {
    if (r->count && distance(r->dim, r->corner + (r->count - 1) * r->dim, point) <= kr_same_within(0)) {
        r->stop[r->count - 1] = r->stop[r->count - 1] || stop;
        return true;
    }
    if (r->count == r->capacity) {
        size_t capacity = 2 * r->capacity + 8;
        double *corner = realloc(r->corner, capacity * r->dim * sizeof *corner);
        if (corner) r->corner = corner;
        bool *stops = realloc(r->stop, capacity * sizeof *stops);
        if (stops) r->stop = stops;
        if (!corner || !stops) return false;
        r->capacity = capacity;
    }
    memcpy(r->corner + r->count * r->dim, point, r->dim * sizeof *point);
    r->stop[r->count++] = stop;
    return true;
}

/* Separable landscapes. */

typedef struct move {
    size_t coordinate;
    double climb, change; /* energy from the first end to the highest point and to the last */
} move;

/* Downhill moves first, by the height they climb; then the uphill ones, in the order in which they would be undone from the other
 * end. */
static int compare_moves(const void *a, const void *b) {
    const move *x = a, *y = b;
    bool down_x = x->change <= 0.0, down_y = y->change <= 0.0;
    if (down_x != down_y) return down_x ? -1 : 1;
    double left = down_x ? x->climb : y->climb - y->change, right = down_x ? y->climb : x->climb - x->change;
    return left < right ? -1 : left > right ? 1 : (x->coordinate > y->coordinate) - (x->coordinate < y->coordinate);
}

static move make_move(const kr_landscape *landscape, const double *from, const double *to, size_t coordinate, double *point) {
    move m = {.coordinate = coordinate};
    double first = 0.0;
    memcpy(point, from, landscape->dim * sizeof *point);
    for (size_t k = 0; k <= PROFILE; k++) {
        double energy;
        point[coordinate] = from[coordinate] + (to[coordinate] - from[coordinate]) * (double)k / PROFILE;
        kr_landscape_energy(landscape, 1, point, &energy);
        if (k == 0) first = energy;
        m.climb = fmax(m.climb, energy - first);
        m.change = energy - first;
    }
    return m;
}

/* A coordinate on its own: every minimum and maximum between the ends is a corner. */
static bool add_move(route *r, const kr_landscape *landscape, size_t coordinate, double *at, double to, kr_error *error,
                     kr_status *status) {
    kr_minima_graph graph;
    double from = at[coordinate], period = landscape->type->period;
    double low = fmin(from, to) - period, high = fmax(from, to) + period;
    *status = kr_minima_graph_make(&graph, landscape, 1, &coordinate, low, high, error);
    if (*status != KR_OK) return false;
    bool done = true;
    size_t stops = graph.node_count + graph.edge_count;
    for (size_t k = 0; done && k < stops; k++) { /* the nearest of those ahead, one after the other */
        double next = to;
        bool found = false, minimum = false;
        for (size_t p = 0; p < stops; p++) {
            bool node = p < graph.node_count;
            double x = graph.positions[node ? graph.node[p].position : graph.edge[p - graph.node_count].saddle.position];
            if (!(to > from ? x > at[coordinate] && x < next : x < at[coordinate] && x > next)) continue;
            next = x;
            found = true;
            minimum = node;
        }
        if (!found) break;
        at[coordinate] = next;
        done = add(r, at, minimum);
    }
    kr_minima_graph_destroy(&graph);
    at[coordinate] = to;
    return done && add(r, at, true);
}

static kr_status route_separable(route *r, const kr_landscape *landscape, const double *from, const double *to, kr_error *error) {
    size_t count = 0, dim = landscape->dim;
    move *moves = malloc(dim * sizeof *moves);
    double *at = malloc(dim * sizeof *at);
    kr_status status = KR_OK;
    bool done = moves && at && add(r, from, true);
    for (size_t i = 0; done && i < dim; i++)
        if (fabs(from[i] - to[i]) > kr_same_within(from[i])) moves[count++] = make_move(landscape, from, to, i, at);
    if (done) {
        qsort(moves, count, sizeof *moves, compare_moves);
        memcpy(at, from, dim * sizeof *at);
    }
    for (size_t k = 0; done && k < count; k++)
        done = add_move(r, landscape, moves[k].coordinate, at, to[moves[k].coordinate], error, &status);
    free(moves);
    free(at);
    return done ? KR_OK : status != KR_OK ? status : no_memory(error);
}

/* Coupled landscapes: the way over the graph of minima whose highest saddle is lowest. */

/* through[node]: the edge by which it is reached; SIZE_MAX: not at all. Kruskal's tree would do as well; this is Prim's. */
static void spread(const kr_minima_graph *g, size_t start, size_t *through, bool *reached) {
    for (size_t node = 0; node < g->node_count; node++) {
        through[node] = SIZE_MAX;
        reached[node] = node == start;
    }
    for (size_t grown = 1; grown < g->node_count; grown++) {
        size_t best = SIZE_MAX;
        for (size_t e = 0; e < g->edge_count; e++) {
            const kr_graph_edge *edge = &g->edge[e];
            if (edge->end[0] == SIZE_MAX || edge->end[1] == SIZE_MAX || reached[edge->end[0]] == reached[edge->end[1]]) continue;
            if (best == SIZE_MAX || edge->saddle.energy < g->edge[best].saddle.energy) best = e;
        }
        if (best == SIZE_MAX) return;
        size_t to = g->edge[best].end[reached[g->edge[best].end[0]]];
        through[to] = best;
        reached[to] = true;
    }
}

static const double *place_of(const kr_minima_graph *g, const kr_graph_point *point) {
    return g->positions + point->position * g->coordinate_count;
}

static bool add_way_back(route *r, const kr_minima_graph *g, size_t end, const size_t *through) {
    bool done = add(r, place_of(g, &g->node[end]), true);
    for (size_t node = end; done && through[node] != SIZE_MAX;) {
        const kr_graph_edge *edge = &g->edge[through[node]];
        node = edge->end[edge->end[0] == node];
        done = add(r, place_of(g, &edge->saddle), false) && add(r, place_of(g, &g->node[node]), true);
    }
    return done;
}

/* Followed backwards from `to`, since the tree grows from `from`. */
static kr_status route_coupled(route *r, const kr_landscape *landscape, const double *from, const double *to, kr_error *error) {
    kr_minima_graph graph;
    size_t first, last, *through = NULL;
    bool *reached = NULL, done = true;
    kr_status status = kr_minima_graph_make(&graph, landscape, 0, NULL, 0.0, 0.0, error);
    if (status != KR_OK) return status;
    if ((status = kr_minima_graph_locate(&graph, landscape, from, &last, error)) == KR_OK &&
        (status = kr_minima_graph_locate(&graph, landscape, to, &first, error)) == KR_OK) {
        through = malloc((graph.node_count + 1) * sizeof *through);
        reached = calloc(graph.node_count + 1, sizeof *reached);
        done = through && reached && add(r, from, true);
        if (done && first != SIZE_MAX && last != SIZE_MAX) {
            spread(&graph, first, through, reached);
            if (reached[last]) done = add_way_back(r, &graph, last, through);
        }
        done = done && add(r, to, true);
        if (!done) status = no_memory(error);
    }
    free(through);
    free(reached);
    kr_minima_graph_destroy(&graph);
    return status;
}

/* Images. */

static kr_status allocate(kr_path *path, const route *r, size_t images, kr_error *error) {
    size_t legs = 0;
    for (size_t c = 1; c < r->count; c++) legs += r->stop[c];
    if (legs == 0) return kr_fail(error, KR_BAD_ARGUMENT, "a path needs two different ends");
    path->dim = r->dim;
    path->count = legs * (images - 1) + 1;
    path->storage = calloc(path->count, (r->dim + 2) * sizeof *path->storage);
    path->leg = calloc(legs + 1, sizeof *path->leg);
    if (!path->storage || !path->leg) return no_memory(error);
    path->position = path->storage;
    path->length = path->position + path->count * r->dim;
    path->energy = path->length + path->count;
    return KR_OK;
}

/* Whether the route is the path as it stands: in a sum over coordinates, and along the floor between straight walls. */
static bool needs_no_relaxation(const kr_landscape *landscape, const route *r) {
    if (landscape->type->separable) return true;
    if (!kr_has_walls(landscape) || kr_walls_bend(landscape)) return false;
    for (size_t k = 0; k < r->count; k++)
        for (size_t i = 1; i < r->dim; i++)
            if (r->corner[k * r->dim + i] != 0) return false;
    return true;
}

static kr_status relax_legs(kr_path *path, const kr_landscape *landscape, const route *r, size_t images, kr_error *error) {
    kr_status status = KR_OK;
    for (size_t begin = 0, end = 1; status == KR_OK && end < r->count; end++) {
        if (!r->stop[end]) continue;
        double *leg = path->position + path->leg[path->leg_count] * path->dim, deviation;
        kr_string_divide(path->dim, end - begin + 1, r->corner + begin * path->dim, images, leg);
        if (!needs_no_relaxation(landscape, r)) {
            status = kr_string_relax(landscape, images, leg, &deviation, error);
            path->deviation = fmax(path->deviation, deviation);
        }
        path->leg[path->leg_count + 1] = path->leg[path->leg_count] + images - 1;
        path->leg_count++;
        begin = end;
    }
    return status;
}

static void measure(kr_path *path, const kr_landscape *landscape) {
    for (size_t k = 0; k < path->count; k++) {
        kr_landscape_energy(landscape, 1, path->position + k * path->dim, &path->energy[k]);
        path->length[k] =
            k ? path->length[k - 1] + distance(path->dim, path->position + (k - 1) * path->dim, path->position + k * path->dim)
              : 0.0;
    }
}

/* Energy of the highest point: the saddle that Newton's method finds from the highest image, if it is near. */
static kr_status find_top(kr_path *path, const kr_landscape *landscape, const route *r, kr_error *error) {
    size_t top = 0;
    for (size_t k = 1; k < path->count; k++)
        if (path->energy[k] > path->energy[top]) top = k;
    path->highest = path->energy[top];
    bool corners = needs_no_relaxation(landscape, r);
    for (size_t c = 0; corners && c < r->count; c++) { /* maxima are corners */
        double energy;
        kr_landscape_energy(landscape, 1, r->corner + c * r->dim, &energy);
        path->highest = fmax(path->highest, energy);
    }
    if (corners || top == 0 || top + 1 == path->count) return KR_OK;
    const double *image = path->position + top * path->dim;
    double spacing = fmax(path->length[top + 1] - path->length[top], path->length[top] - path->length[top - 1]);
    kr_critical_points points;
    kr_status status = kr_critical_points_refine(landscape, 1, image, &points, error);
    if (status != KR_OK) return status;
    if (points.count == 1 && points.point[0].index == 1 && distance(path->dim, points.point[0].position, image) < 2.0 * spacing)
        path->highest = points.point[0].energy;
    kr_critical_points_destroy(&points);
    return KR_OK;
}

static kr_status finish(kr_path *path, const kr_landscape *landscape, route *r, size_t images, kr_status status, kr_error *error) {
    *path = (kr_path){.dim = landscape->dim};
    if (images == 0) images = IMAGES;
    if (status == KR_OK && images < 3)
        status = kr_fail(error, KR_BAD_ARGUMENT, "a path needs at least 3 images a leg, not %zu", images);
    if (status == KR_OK) status = allocate(path, r, images, error);
    if (status == KR_OK) status = relax_legs(path, landscape, r, images, error);
    if (status == KR_OK) {
        measure(path, landscape);
        status = find_top(path, landscape, r, error);
    }
    free(r->corner);
    free(r->stop);
    if (status != KR_OK) kr_path_destroy(path);
    return status;
}

kr_status kr_path_create(kr_path *path, const kr_landscape *landscape, const double *from, const double *to, size_t images,
                         kr_error *error) {
    route r = {.dim = landscape->dim};
    kr_status status = landscape->type->separable ? route_separable(&r, landscape, from, to, error)
                                                  : route_coupled(&r, landscape, from, to, error);
    return finish(path, landscape, &r, images, status, error);
}

kr_status kr_path_relax(kr_path *path, const kr_landscape *landscape, size_t corner_count, const double *corner, size_t images,
                        kr_error *error) {
    route r = {.dim = landscape->dim};
    kr_status status = KR_OK;
    for (size_t c = 0; status == KR_OK && c < corner_count; c++)
        if (!add(&r, corner + c * r.dim, c == 0 || c + 1 == corner_count)) status = no_memory(error);
    return finish(path, landscape, &r, images, status, error);
}

void kr_path_destroy(kr_path *path) {
    free(path->storage);
    free(path->leg);
    *path = (kr_path){.dim = 0};
}

/* Progress. */

enum { CHUNK = 64 };

/* Replaces what was found before where the segment from a, whose direction is d (squared length length2 > 0), is nearer. */
static void try_segment(size_t dim, const double *restrict a, const double *restrict d, double inverse, double at, double length,
                        const double *restrict x, double *restrict along, double *restrict square, double *restrict nearest,
                        double *restrict progress) {
    for (size_t p = 0; p < CHUNK; p++) along[p] = 0.0;
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < CHUNK; p++) along[p] += (x[i * CHUNK + p] - a[i]) * d[i];
    for (size_t p = 0; p < CHUNK; p++) {
        double t = along[p] * inverse;
        t = t > 0.0 ? t : 0.0;
        along[p] = t < 1.0 ? t : 1.0;
        square[p] = 0.0;
    }
    for (size_t i = 0; i < dim; i++)
        for (size_t p = 0; p < CHUNK; p++) {
            double r = x[i * CHUNK + p] - a[i] - along[p] * d[i];
            square[p] += r * r;
        }
    for (size_t p = 0; p < CHUNK; p++) {
        bool nearer = square[p] < nearest[p];
        nearest[p] = nearer ? square[p] : nearest[p];
        progress[p] = nearer ? at + along[p] * length : progress[p];
    }
}

void kr_path_progress(const kr_path *path, size_t n, size_t stride, const double *x, double *progress) {
    size_t dim = path->dim, segments = path->count - 1;
    double total = path->length[segments], along[CHUNK], square[CHUNK], nearest[CHUNK], result[CHUNK];
    double *work = malloc((dim * CHUNK + dim * segments) * sizeof *work), *column = work, *direction = work + dim * CHUNK;
    for (size_t p = 0; !work && p < n; p++) progress[p] = NAN;
    if (!work) return;
    for (size_t k = 0; k < segments * dim; k++) direction[k] = path->position[k + dim] - path->position[k];
    for (size_t first = 0; first < n; first += CHUNK) {
        size_t width = n - first < CHUNK ? n - first : CHUNK;
        for (size_t i = 0; i < dim; i++)
            for (size_t p = 0; p < CHUNK; p++) column[i * CHUNK + p] = p < width ? x[i * stride + first + p] : 0.0;
        for (size_t p = 0; p < CHUNK; p++) {
            nearest[p] = INFINITY;
            result[p] = NAN;
        }
        for (size_t k = 0; k < segments; k++) {
            double length = path->length[k + 1] - path->length[k];
            if (length > 0.0)
                try_segment(dim, path->position + k * dim, direction + k * dim, 1.0 / (length * length), path->length[k], length,
                            column, along, square, nearest, result);
        }
        for (size_t p = 0; p < width; p++) progress[first + p] = result[p] / total;
    }
    free(work);
}
