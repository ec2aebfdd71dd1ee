#include "landscape_map.h"

#include "h5md_names.h"

#include "scene/scene_parts.h"

#include "geometry/coupled_minima.h"

#include "hdf5/hdf5_read.h"
#include "hdf5/hdf5_write.h"

#include <kramers/critical_points.h>
#include <kramers/data_sum.h>
#include <kramers/interrupt.h>
#include <kramers/theory.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_POINTS = 1001, MAX_MARKS = 1024, MAX_PERIODS = 64, POINTS_MOST = 4096 };

/* A critical point of what is drawn. */
typedef struct mark {
    double x[2], energy;
    bool minimum, numbered;
    int64_t number;
} mark;

typedef struct map {
    const kr_scene *scene;
    const kr_landscape *landscape;
    size_t axes;            /* drawn: 1 or 2 */
    double *start, *center; /* [dim], [targets][dim] */
    double temperature;
    double low[2], high[2];
    mark *marks;
    size_t mark_count;
} map;

static bool periodic(const kr_landscape *landscape) {
    return landscape->type->period > 0.0 && landscape->weight_decay == 0.0;
}

static kr_status place_points(map *m, kr_error *error) {
    kr_status status = kr_start_place(&m->scene->start, m->landscape, NULL, m->start, error);
    for (size_t t = 0; status == KR_OK && t < m->scene->target_count; t++)
        status = kr_target_place(&m->scene->targets[t], m->landscape, NULL, m->center + t * m->landscape->dim, error);
    return status;
}

/* Leading-order temperature at the start at the schedule's largest rate; NAN if there is none. */
static double temperature_at_start(const map *m, const kr_dynamics *dynamics) {
    kr_noise noise = {.type = (const kr_noise_type *)(const void *)m->scene->noise.about,
                      .values = m->scene->noise.values,
                      .dim = m->landscape->dim};
    kr_problem problem = {.landscape = m->landscape, .noise = &noise, .dynamics = dynamics, .start = m->start};
    kr_schedule schedule;
    if (kr_schedule_create(&schedule, &m->scene->schedule, m->scene->directory, m->scene->warmup, 1, NULL) != KR_OK) return NAN;
    double largest = kr_schedule_largest(&schedule);
    kr_schedule_destroy(&schedule);
    return kr_problem_temperature(&problem, largest);
}

static void add_mark(map *m, mark point) {
    if (m->mark_count < MAX_MARKS) {
        m->marks[m->mark_count++] = point;
    }
}

/* The interval of coordinate axis that start and targets need. */
static void needed(const map *m, size_t axis, double *low, double *high) {
    *low = *high = m->start[axis];
    for (size_t t = 0; t < m->scene->target_count; t++) {
        const kr_target *target = &m->scene->targets[t];
        double bounds[2] = {target->below, target->above};
        if (target->radius > 0.0) {
            double center = m->center[t * m->landscape->dim + axis];
            bounds[0] = center - target->radius;
            bounds[1] = center + target->radius;
        } else if (target->coordinate != axis) {
            continue;
        }
        for (int side = 0; side < 2; side++) {
            if (isfinite(bounds[side])) {
                *low = fmin(*low, bounds[side]);
                *high = fmax(*high, bounds[side]);
            }
        }
    }
}

/* Repeats the critical points of one period over what start and targets need and one period more on each side. */
static kr_status mark_periods(map *m, const kr_critical_points *points, kr_error *error) {
    double period = m->landscape->type->period, low, high, origin;
    needed(m, 0, &low, &high);
    double first = floor(low / period) - 1.0, last = fmin(ceil(high / period) + 1.0, first + MAX_PERIODS);
    kr_status status = kr_minimum_position(m->landscape, 0, &origin, error);
    size_t minima = 0;
    for (size_t i = 0; i < points->count; i++) {
        minima += points->point[i].index == 0;
    }
    for (double k = first; status == KR_OK && k <= last; k += 1.0) {
        for (size_t i = 0; i < points->count; i++) {
            bool minimum = points->point[i].index == 0;
            if (points->point[i].index <= 1) {
                double x = points->point[i].position[0] + k * period;
                int64_t number = (int64_t)round((x - origin) / period);
                add_mark(m, (mark){.x = {x, 0.0}, .minimum = minimum, .numbered = minimum && minima == 1, .number = number});
            }
        }
    }
    return status;
}

/* Critical points of a separable landscape in the plane of the first two coordinates: products of those of each. */
static void mark_product(map *m, const kr_critical_points *first, const kr_critical_points *second) {
    for (size_t i = 0; i < first->count; i++) {
        for (size_t j = 0; j < second->count; j++) {
            size_t index = first->point[i].index + second->point[j].index;
            if (index <= 1) {
                add_mark(m, (mark){.x = {first->point[i].position[0], second->point[j].position[0]}, .minimum = index == 0});
            }
        }
    }
}

/* In so many dimensions nobody looks for saddles. */
static kr_status mark_minima(map *m, kr_error *error) {
    kr_coupled_minima minima;
    kr_status status = kr_coupled_minima_find(m->landscape, &minima, error);
    for (size_t i = 0; status == KR_OK && i < minima.count; i++) {
        const double *x = minima.position + i * minima.dim;
        add_mark(m, (mark){.x = {x[0], m->axes == 2 ? x[1] : 0.0}, .minimum = true});
    }
    if (status == KR_OK) kr_coupled_minima_destroy(&minima);
    return status;
}

static kr_status find_marks(map *m, kr_error *error) {
    kr_critical_points points = {0}, second = {0};
    if (!m->landscape->type->candidates) return KR_OK; /* nobody knows where they are */
    if (kr_coupled_is_large(m->landscape)) return mark_minima(m, error);
    kr_status status = kr_critical_points_find(m->landscape, 0, &points, error);
    if (status == KR_OK && m->landscape->dim == 1 && periodic(m->landscape)) {
        status = mark_periods(m, &points, error);
    } else if (status == KR_OK && m->landscape->type->separable && m->axes == 2) {
        status = kr_critical_points_find(m->landscape, 1, &second, error);
        if (status == KR_OK) {
            mark_product(m, &points, &second);
        }
        kr_critical_points_destroy(&second);
    } else if (status == KR_OK) {
        for (size_t i = 0; i < points.count; i++) {
            if (points.point[i].index <= 1) {
                const double *x = points.point[i].position;
                add_mark(m, (mark){.x = {x[0], m->axes == 2 ? x[1] : 0.0}, .minimum = points.point[i].index == 0});
            }
        }
    }
    kr_critical_points_destroy(&points);
    /* In one and two dimensions the points come in the order in which minima are numbered. */
    for (size_t i = 0, number = 0; status == KR_OK && m->landscape->dim <= 2 && !periodic(m->landscape) && i < m->mark_count; i++) {
        if (m->marks[i].minimum) {
            m->marks[i].numbered = true;
            m->marks[i].number = (int64_t)number++;
        }
    }
    return status;
}

/* The whole diagonal is as many passes over the data as there are coordinates; two will do. */
static kr_status curvature_of_axes(const map *m, double *curvature, kr_error *error) {
    size_t dim = m->landscape->dim;
    if (!kr_landscape_data(m->landscape) || !m->landscape->type->hessian_times) {
        kr_landscape_curvature(m->landscape, 1, m->start, curvature);
        return KR_OK;
    }
    double *unit = calloc(2 * dim, sizeof *unit), *product = unit + dim;
    kr_status status = unit ? KR_OK : kr_fail(error, KR_NO_MEMORY, "There is no memory for the curvature in %zu dimensions.", dim);
    for (size_t axis = 0; axis < m->axes && status == KR_OK; axis++) {
        unit[axis] = 1.0;
        status = kr_landscape_hessian_times(m->landscape, 1, m->start, unit, product, error);
        curvature[axis] = product[axis];
        unit[axis] = 0.0;
    }
    free(unit);
    return status;
}

static kr_status choose_range(map *m, kr_error *error) {
    double *curvature = malloc(m->landscape->dim * sizeof *curvature);
    if (curvature == NULL) {
        return kr_fail(error, KR_NO_MEMORY, "There is no memory for the %zu curvatures of a landscape.", m->landscape->dim);
    }
    kr_status status = curvature_of_axes(m, curvature, error);
    for (size_t axis = 0; axis < m->axes && status == KR_OK; axis++) {
        double low, high;
        needed(m, axis, &low, &high);
        for (size_t i = 0; i < m->mark_count; i++) {
            low = fmin(low, m->marks[i].x[axis]);
            high = fmax(high, m->marks[i].x[axis]);
        }
        double thermal = 6.0 * sqrt(fmax(m->temperature, 0.0) / fabs(curvature[axis]));
        if (isfinite(thermal)) {
            low = fmin(low, m->start[axis] - thermal);
            high = fmax(high, m->start[axis] + thermal);
        }
        double margin = high > low ? (m->axes == 1 ? 0.6 : 0.4) * (high - low) : 1.0;
        m->low[axis] = low - margin;
        m->high[axis] = high + margin;
    }
    free(curvature);
    return status;
}

/* Energies of n points that differ from the start in the drawn coordinates only; x1 is NULL on a line. work: [dim][n]. */
static void energies(const map *m, size_t n, const double *x0, const double *x1, double *work, double *energy) {
    for (size_t i = 0; i < m->landscape->dim; i++) {
        for (size_t p = 0; p < n; p++) {
            work[i * n + p] = i == 0 ? x0[p] : i == 1 ? x1[p] : m->start[i];
        }
    }
    kr_landscape_energy(m->landscape, n, work, energy);
}

static void fill_axis(double low, double high, size_t n, double *x) {
    for (size_t i = 0; i < n; i++) {
        double part = (double)i / (double)(n - 1);
        x[i] = low * (1.0 - part) + high * part;
    }
}

/* Along each axis of the plane. Where an energy is a pass over data, a coarse picture has to do. */
static size_t plane_points(const kr_landscape *landscape) {
    enum { FINE = 201, COARSE = 21 };
    return kr_landscape_data(landscape) ? COARSE : FINE;
}

/* columns 0: a list. */
static void write_data(kr_h5 *h5, hid_t group, const char *name, hid_t type, const void *data, size_t rows, size_t columns) {
    hsize_t size[2] = {rows, columns};
    kr_h5_plain(h5, group, name, type, columns > 0 ? 2 : 1, size, data);
}

/* All minima, or all saddles. work: at least 4 MAX_MARKS doubles. */
static void write_marks(const map *m, kr_h5 *h5, hid_t group, bool minimum, double *work) {
    double *position = work, *energy = work + 2 * MAX_MARKS;
    int64_t number[MAX_MARKS];
    size_t count = 0;
    bool numbered = minimum;
    for (size_t i = 0; i < m->mark_count; i++) {
        const mark *point = &m->marks[i];
        if (point->minimum == minimum) {
            for (size_t axis = 0; axis < m->axes; axis++) {
                position[count * m->axes + axis] = point->x[axis];
            }
            energy[count] = point->energy;
            number[count++] = point->number;
            numbered = numbered && point->numbered;
        }
    }
    write_data(h5, group, minimum ? "minima" : "saddles", H5T_NATIVE_DOUBLE, position, count, m->axes);
    write_data(h5, group, minimum ? "minima_energy" : "saddles_energy", H5T_NATIVE_DOUBLE, energy, count, 0);
    if (numbered) write_data(h5, group, "minima_number", H5T_NATIVE_INT64, number, count, 0);
}

/* Everything but the grid itself. */
static void write_description(const map *m, kr_h5 *h5, hid_t group, double *work) {
    static const char slice[] = "plane of coordinates 0 and 1 through the start";
    size_t dim = m->landscape->dim;
    write_data(h5, group, "start", H5T_NATIVE_DOUBLE, m->start, dim, 0);
    write_marks(m, h5, group, true, work);
    write_marks(m, h5, group, false, work);
    if (m->scene->target_count > 0)
        write_data(h5, group, "target_center", H5T_NATIVE_DOUBLE, m->center, m->scene->target_count, dim);
    if (isfinite(m->temperature)) kr_h5_number(h5, group, "temperature", m->temperature);
    if (dim > 2) {
        hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, sizeof slice - 1);
        kr_h5_attribute(h5, group, "slice", type, 0, slice);
        H5Tclose(type);
    }
}

static void write_grid(const map *m, kr_h5 *h5, hid_t group, double *work) {
    size_t columns = m->axes == 1 ? LINE_POINTS : plane_points(m->landscape), rows = m->axes == 1 ? 1 : columns;
    double *axis0 = work, *axis1 = axis0 + columns, *same = axis1 + rows, *energy = same + columns,
           *points = energy + rows * columns;
    fill_axis(m->low[0], m->high[0], columns, axis0);
    if (m->axes == 2) {
        fill_axis(m->low[1], m->high[1], rows, axis1);
    }
    for (size_t row = 0; row < rows && !kr_interrupt_wanted(); row++) {
        kr_interrupt_progress("picture of the landscape for the file", (double)row / (double)rows);
        for (size_t i = 0; m->axes == 2 && i < columns; i++) {
            same[i] = axis1[row];
        }
        energies(m, columns, axis0, same, points, energy + row * columns);
    }
    write_data(h5, group, "axis0", H5T_NATIVE_DOUBLE, axis0, columns, 0);
    if (m->axes == 2) write_data(h5, group, "axis1", H5T_NATIVE_DOUBLE, axis1, rows, 0);
    if (m->axes == 1)
        write_data(h5, group, "energy", H5T_NATIVE_DOUBLE, energy, columns, 0);
    else
        write_data(h5, group, "energy", H5T_NATIVE_DOUBLE, energy, rows, columns);
}

static void write_map(map *m, kr_h5 *h5, double *work) {
    for (size_t i = 0; i < m->mark_count; i++) {
        energies(m, 1, &m->marks[i].x[0], &m->marks[i].x[1], work, &m->marks[i].energy);
    }
    hid_t group = kr_h5_group(h5, h5->file, KR_LANDSCAPE_GRID);
    write_grid(m, h5, group, work);
    write_description(m, h5, group, work);
    kr_h5_close(group);
}

void kr_landscape_map_write(kr_h5 *h5, const kr_scene *scene, const kr_landscape *landscape, const kr_dynamics *dynamics) {
    kr_error *error = h5->error;
    size_t dim = landscape->dim, columns = dim == 1 ? LINE_POINTS : plane_points(landscape), rows = dim == 1 ? 1 : columns;
    size_t words = (rows + dim + 2) * columns + rows + 4 * MAX_MARKS;
    map m = {.scene = scene, .landscape = landscape, .axes = dim == 1 ? 1 : 2};
    m.start = malloc(dim * sizeof *m.start);
    m.center = malloc((scene->target_count * dim + 1) * sizeof *m.center);
    m.marks = malloc(MAX_MARKS * sizeof *m.marks);
    double *work = malloc(words * sizeof *work);
    kr_status status = h5->status;
    if (status == KR_OK && (m.start == NULL || m.center == NULL || m.marks == NULL || work == NULL)) {
        status =
            kr_fail(error, KR_NO_MEMORY, "There is no memory for a grid of %zu energies in %zu dimensions.", rows * columns, dim);
    }
    if (status == KR_OK) {
        status = place_points(&m, error);
    }
    if (status == KR_OK) {
        m.temperature = temperature_at_start(&m, dynamics);
        status = find_marks(&m, error);
    }
    if (status == KR_OK) {
        status = choose_range(&m, error);
    }
    h5->status = status;
    if (status == KR_OK) {
        write_map(&m, h5, work);
        if (kr_h5_good(h5)) h5->status = kr_interrupt_check(error);
    }
    free(m.start);
    free(m.center);
    free(m.marks);
    free(work);
}

bool kr_landscape_map_agrees(kr_h5 *h5, const kr_landscape *landscape) {
    if (landscape->dim > 2 || !kr_h5_exists(h5, KR_LANDSCAPE_GRID "/energy")) return true; /* or it could not be saved */
    hsize_t columns = 0, rows = 1, size[2];
    double *axis0 = kr_h5_read_all(h5, KR_LANDSCAPE_GRID "/axis0", KR_H5_DOUBLE, 1, POINTS_MOST, &columns), *axis1 = NULL;
    if (landscape->dim == 2) axis1 = kr_h5_read_all(h5, KR_LANDSCAPE_GRID "/axis1", KR_H5_DOUBLE, 1, POINTS_MOST, &rows);
    double *energy = kr_h5_good(h5) ? malloc((size_t)(rows * columns + 1) * sizeof *energy) : NULL;
    double *points = kr_h5_good(h5) ? malloc((size_t)(3 * columns + 1) * sizeof *points) : NULL;
    if (kr_h5_good(h5) && (!energy || !points)) kr_h5_no_memory(h5, "the landscape's energies");
    size[0] = landscape->dim == 2 ? rows : columns;
    size[1] = columns;
    bool agrees = true,
         read = kr_h5_good(h5) && kr_h5_read(h5, KR_LANDSCAPE_GRID "/energy", KR_H5_DOUBLE, (int)landscape->dim, size, energy);
    for (size_t row = 0; read && row < rows; row++) {
        for (size_t i = 0; i < columns; i++) {
            points[i] = axis0[i];
            if (axis1) points[columns + i] = axis1[row];
        }
        kr_landscape_energy(landscape, (size_t)columns, points, points + 2 * columns);
        agrees = agrees && memcmp(points + 2 * columns, energy + row * columns, (size_t)columns * sizeof *energy) == 0;
    }
    free(axis0);
    free(axis1);
    free(energy);
    free(points);
    return agrees;
}
