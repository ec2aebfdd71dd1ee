#include "landscape_map.h"

#include <kramers/critical_points.h>
#include <kramers/theory.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_POINTS = 1001, PLANE_POINTS = 201, MAX_MARKS = 1024, MAX_PERIODS = 64 };

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

static kr_status resolve_start(map *m, kr_error *error) {
    const kr_start *start = &m->scene->start;
    if (!start->at_point) {
        return kr_minimum_position(m->landscape, start->minimum, m->start, error);
    }
    for (size_t i = 0; i < m->landscape->dim; i++) {
        m->start[i] = start->point.value[start->point.count == 1 ? 0 : i];
    }
    return KR_OK;
}

static kr_status resolve_targets(map *m, kr_error *error) {
    size_t dim = m->landscape->dim;
    for (size_t t = 0; t < m->scene->target_count; t++) {
        const kr_target *target = &m->scene->targets[t];
        double *center = m->center + t * dim;
        for (size_t i = 0; i < dim; i++) {
            center[i] = NAN;
        }
        if (target->radius > 0.0) {
            kr_status status = kr_minimum_position(m->landscape, target->minimum, center, error);
            if (status != KR_OK) {
                return status;
            }
        }
    }
    return KR_OK;
}

/* Leading-order temperature at the start at the schedule's largest rate; NAN if there is none. */
static double temperature_at_start(const map *m, const kr_dynamics *dynamics) {
    kr_noise noise = {.type = (const kr_noise_type *)(const void *)m->scene->noise.about, .values = m->scene->noise.values};
    kr_problem problem = {.landscape = m->landscape, .noise = &noise, .dynamics = dynamics, .start = m->start};
    return kr_problem_temperature(&problem, kr_get_by_name(m->scene->schedule.about, m->scene->schedule.values, "lr", NAN));
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

static kr_status find_marks(map *m, kr_error *error) {
    kr_critical_points points = {0}, second = {0};
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

static kr_status choose_range(map *m, kr_error *error) {
    double *curvature = malloc(m->landscape->dim * sizeof *curvature);
    if (curvature == NULL) {
        return kr_fail(error, KR_NO_MEMORY, "There is no memory for the %zu curvatures of a landscape.", m->landscape->dim);
    }
    kr_landscape_curvature(m->landscape, 1, m->start, curvature);
    for (size_t axis = 0; axis < m->axes; axis++) {
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
    return KR_OK;
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

static bool write_data(hid_t group, const char *name, hid_t type, const void *data, size_t rows, size_t columns) {
    hsize_t size[2] = {rows, columns};
    hid_t space = H5Screate_simple(columns > 0 ? 2 : 1, size, NULL);
    hid_t plain = H5Pcreate(H5P_DATASET_CREATE); /* without modification times: equal runs make equal files */
    H5Pset_obj_track_times(plain, 0);
    hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT, plain, H5P_DEFAULT);
    bool good = set >= 0 && (rows == 0 || H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    if (set >= 0) {
        good = H5Dclose(set) >= 0 && good;
    }
    H5Pclose(plain);
    H5Sclose(space);
    return good;
}

static bool write_attribute(hid_t group, const char *name, hid_t type, const void *data) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, type, data) >= 0;
    if (attribute >= 0) {
        good = H5Aclose(attribute) >= 0 && good;
    }
    H5Sclose(space);
    return good;
}

static bool write_text(hid_t group, const char *name, const char *text) {
    hid_t type = H5Tcopy(H5T_C_S1);
    bool good = H5Tset_size(type, strlen(text)) >= 0 && write_attribute(group, name, type, text);
    H5Tclose(type);
    return good;
}

/* All minima, or all saddles. work: at least 4 MAX_MARKS doubles. */
static bool write_marks(const map *m, hid_t group, bool minimum, double *work) {
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
    bool good = write_data(group, minimum ? "minima" : "saddles", H5T_NATIVE_DOUBLE, position, count, m->axes) &&
                write_data(group, minimum ? "minima_energy" : "saddles_energy", H5T_NATIVE_DOUBLE, energy, count, 0);
    return good && (!numbered || write_data(group, "minima_number", H5T_NATIVE_INT64, number, count, 0));
}

/* Everything but the grid itself. */
static bool write_marginalia(const map *m, hid_t group, double *work) {
    size_t dim = m->landscape->dim;
    bool good = write_data(group, "start", H5T_NATIVE_DOUBLE, m->start, dim, 0) && write_marks(m, group, true, work) &&
                write_marks(m, group, false, work);
    if (good && m->scene->target_count > 0) {
        good = write_data(group, "target_center", H5T_NATIVE_DOUBLE, m->center, m->scene->target_count, dim);
    }
    if (good && isfinite(m->temperature)) {
        good = write_attribute(group, "temperature", H5T_NATIVE_DOUBLE, &m->temperature);
    }
    if (good && dim > 2) {
        good = write_text(group, "slice", "plane of coordinates 0 and 1 through the start");
    }
    return good;
}

static bool write_grid(const map *m, hid_t group, double *work) {
    size_t columns = m->axes == 1 ? LINE_POINTS : PLANE_POINTS, rows = m->axes == 1 ? 1 : PLANE_POINTS;
    double *axis0 = work, *axis1 = axis0 + columns, *same = axis1 + rows, *energy = same + columns,
           *points = energy + rows * columns;
    fill_axis(m->low[0], m->high[0], columns, axis0);
    if (m->axes == 2) {
        fill_axis(m->low[1], m->high[1], rows, axis1);
    }
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = 0; m->axes == 2 && i < columns; i++) {
            same[i] = axis1[row];
        }
        energies(m, columns, axis0, same, points, energy + row * columns);
    }
    bool good = write_data(group, "axis0", H5T_NATIVE_DOUBLE, axis0, columns, 0) &&
                (m->axes == 1 || write_data(group, "axis1", H5T_NATIVE_DOUBLE, axis1, rows, 0));
    return good && (m->axes == 1 ? write_data(group, "energy", H5T_NATIVE_DOUBLE, energy, columns, 0)
                                 : write_data(group, "energy", H5T_NATIVE_DOUBLE, energy, rows, columns));
}

static kr_status write_map(map *m, hid_t parent, double *work, kr_error *error) {
    for (size_t i = 0; i < m->mark_count; i++) {
        energies(m, 1, &m->marks[i].x[0], &m->marks[i].x[1], work, &m->marks[i].energy);
    }
    hid_t group = H5Gcreate2(parent, "landscape_grid", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool good = group >= 0 && write_grid(m, group, work) && write_marginalia(m, group, work);
    if (group >= 0) {
        good = H5Gclose(group) >= 0 && good;
    }
    return good ? KR_OK : kr_fail(error, KR_IO, "The landscape could not be written to the file (is the disk full?).");
}

kr_status kr_landscape_map_write(hid_t parent, const kr_scene *scene, const kr_landscape *landscape, const kr_dynamics *dynamics,
                                 kr_error *error) {
    size_t dim = landscape->dim, columns = dim == 1 ? LINE_POINTS : PLANE_POINTS, rows = dim == 1 ? 1 : PLANE_POINTS;
    size_t words = (rows + dim + 2) * columns + rows + 4 * MAX_MARKS;
    map m = {.scene = scene, .landscape = landscape, .axes = dim == 1 ? 1 : 2};
    m.start = malloc(dim * sizeof *m.start);
    m.center = malloc((scene->target_count * dim + 1) * sizeof *m.center);
    m.marks = malloc(MAX_MARKS * sizeof *m.marks);
    double *work = malloc(words * sizeof *work);
    kr_status status = KR_OK;
    if (m.start == NULL || m.center == NULL || m.marks == NULL || work == NULL) {
        status =
            kr_fail(error, KR_NO_MEMORY, "There is no memory for a grid of %zu energies in %zu dimensions.", rows * columns, dim);
    }
    if (status == KR_OK) {
        status = resolve_start(&m, error);
    }
    if (status == KR_OK) {
        status = resolve_targets(&m, error);
    }
    if (status == KR_OK) {
        m.temperature = temperature_at_start(&m, dynamics);
        status = find_marks(&m, error);
    }
    if (status == KR_OK) {
        status = choose_range(&m, error);
    }
    if (status == KR_OK) {
        status = write_map(&m, parent, work, error);
    }
    free(m.start);
    free(m.center);
    free(m.marks);
    free(work);
    return status;
}

/* malloc'd; NULL: there is none, or another size. count 0: any. */
static double *read_data(hid_t group, const char *name, size_t *count) {
    hid_t set = H5Lexists(group, name, H5P_DEFAULT) > 0 ? H5Dopen2(group, name, H5P_DEFAULT) : H5I_INVALID_HID;
    hid_t space = set >= 0 ? H5Dget_space(set) : H5I_INVALID_HID;
    hssize_t size = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
    double *data = size > 0 && (*count == 0 || *count == (size_t)size) ? malloc((size_t)size * sizeof *data) : NULL;
    if (data && H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
        free(data);
        data = NULL;
    }
    *count = (size_t)size;
    if (space >= 0) H5Sclose(space);
    if (set >= 0) H5Dclose(set);
    return data;
}

bool kr_landscape_map_agrees(hid_t parent, const kr_landscape *landscape) {
    hid_t group = H5Lexists(parent, "landscape_grid", H5P_DEFAULT) > 0 ? H5Gopen2(parent, "landscape_grid", H5P_DEFAULT) : -1;
    if (group < 0 || landscape->dim > 2) return true;
    size_t columns = 0, rows = 0;
    double *axis0 = read_data(group, "axis0", &columns), *axis1 = landscape->dim == 2 ? read_data(group, "axis1", &rows) : NULL;
    size_t count = columns * (landscape->dim == 2 ? rows : 1);
    double *energy = count ? read_data(group, "energy", &count) : NULL;
    double *points = malloc((3 * columns + 1) * sizeof *points);
    bool agrees = true;
    for (size_t row = 0; axis0 && energy && points && (axis1 || landscape->dim == 1) && row < count / columns; row++) {
        for (size_t i = 0; i < columns; i++) {
            points[i] = axis0[i];
            if (axis1) points[columns + i] = axis1[row];
        }
        kr_landscape_energy(landscape, columns, points, points + 2 * columns);
        agrees = agrees && memcmp(points + 2 * columns, energy + row * columns, columns * sizeof *energy) == 0;
    }
    free(axis0);
    free(axis1);
    free(energy);
    free(points);
    H5Gclose(group);
    return agrees;
}
