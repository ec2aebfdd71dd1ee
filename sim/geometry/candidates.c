#include <kramers/candidates.h>
#include <kramers/memory_miss.h>

#include <stdlib.h>

size_t kr_candidates_on_line(const kr_landscape *self, double low, double high, size_t cells, size_t capacity, double *points) {
    size_t found = 0;
    double width = (high - low) / (double)cells, left = low, slope_left;
    kr_landscape_gradient(self, 1, &left, &slope_left);
    for (size_t i = 1; i <= cells; i++) {
        double right = low + width * (double)i, slope_right;
        kr_landscape_gradient(self, 1, &right, &slope_right);
        if ((slope_left < 0 && slope_right >= 0) || (slope_left > 0 && slope_right <= 0) || (slope_left == 0 && i == 1)) {
            if (found < capacity) points[found] = left + (right - left) * slope_left / (slope_left - slope_right);
            found++;
        }
        left = right;
        slope_left = slope_right;
    }
    return found;
}

/* Slopes [2][nx] along the row of the grid at this y; point is work space of the same size. */
static void row_slopes(const kr_landscape *self, size_t nx, const double *x, double y, double *point, double *slope) {
    for (size_t i = 0; i < nx; i++) {
        point[i] = x[i];
        point[nx + i] = y;
    }
    kr_landscape_gradient(self, nx, point, slope);
}

/* strictly: a slope of 0 counts for neither sign. */
static bool changes_sign(const double *below, const double *above, bool strictly) {
    const double slope[4] = {below[0], below[1], above[0], above[1]};
    bool negative = false, positive = false;
    for (int k = 0; k < 4; k++) {
        negative = negative || (strictly ? slope[k] < 0 : slope[k] <= 0);
        positive = positive || (strictly ? slope[k] > 0 : slope[k] >= 0);
    }
    return negative && positive;
}

static size_t in_plane(const kr_landscape *self, bool strictly, size_t nx, const double *x, size_t ny, const double *y,
                       size_t capacity, double *points) {
    double *work = malloc(6 * nx * sizeof *work), *point = work, *below = work + 2 * nx, *above = work + 4 * nx;
    if (!work || ny == 0) {
        if (!work) kr_memory_miss();
        free(work);
        return 0;
    }
    size_t found = 0;
    row_slopes(self, nx, x, y[0], point, above);
    for (size_t j = 1; j < ny; j++) {
        double *swap = below;
        below = above;
        above = swap;
        row_slopes(self, nx, x, y[j], point, above);
        for (size_t i = 1; i < nx; i++) {
            if (!changes_sign(below + i - 1, above + i - 1, strictly) ||
                !changes_sign(below + nx + i - 1, above + nx + i - 1, strictly))
                continue;
            if (found < capacity) {
                points[2 * found] = 0.5 * (x[i - 1] + x[i]);
                points[2 * found + 1] = 0.5 * (y[j - 1] + y[j]);
            }
            found++;
        }
    }
    free(work);
    return found;
}

size_t kr_candidates_in_plane(const kr_landscape *self, size_t nx, const double *x, size_t ny, const double *y, size_t capacity,
                              double *points) {
    return in_plane(self, false, nx, x, ny, y, capacity, points);
}

size_t kr_candidates_off_plains(const kr_landscape *self, size_t nx, const double *x, size_t ny, const double *y, size_t capacity,
                                double *points) {
    return in_plane(self, true, nx, x, ny, y, capacity, points);
}

size_t kr_candidates_in_box(const kr_landscape *self, const double low[2], const double high[2], size_t cells, size_t capacity,
                            double *points) {
    size_t n = cells + 1, found = 0;
    double *x = malloc(2 * n * sizeof *x), *y = x + n;
    for (size_t i = 0; x && i < n; i++) {
        x[i] = low[0] + (high[0] - low[0]) * (double)i / (double)cells;
        y[i] = low[1] + (high[1] - low[1]) * (double)i / (double)cells;
    }
    if (x)
        found = kr_candidates_in_plane(self, n, x, n, y, capacity, points);
    else
        kr_memory_miss();
    free(x);
    return found;
}
