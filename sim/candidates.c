#include "candidates.h"

size_t kr_candidates_on_line(const kr_landscape *self, double low, double high, size_t cells, size_t capacity, double *points) {
    size_t found = 0;
    double width = (high - low) / (double)cells, left = low, slope_left;
    kr_landscape_gradient(self, 1, &left, &slope_left);
    for (size_t i = 1; i <= cells; i++) {
        double right = low + width * (double)i, slope_right;
        kr_landscape_gradient(self, 1, &right, &slope_right);
        if ((slope_left < 0 && slope_right >= 0) || (slope_left > 0 && slope_right <= 0) || (slope_left == 0 && i == 1)) {
            if (found < capacity)
                points[found] = left + (right - left) * slope_left / (slope_left - slope_right);
            found++;
        }
        left = right;
        slope_left = slope_right;
    }
    return found;
}

size_t kr_candidates_in_plane(const double low[2], const double high[2], size_t count, size_t capacity, double *points) {
    for (size_t k = 0; k < count * count && k < capacity; k++) {
        points[2 * k] = low[0] + (high[0] - low[0]) * (double)(k / count) / (double)(count - 1);
        points[2 * k + 1] = low[1] + (high[1] - low[1]) * (double)(k % count) / (double)(count - 1);
    }
    return count * count;
}
