/* Time of one frame of the landscape panel, of one processor: landscape_panel [SCENE WIDTH HEIGHT [VIEW]].
 * First frame: the rough map. Then the fine map comes in slices, and after that only the particles are drawn. While the camera
 * zooms, every frame has a new rough map; a surface is turned as well, and drawn in full anew each time. */
#include "landscape_panel_rig.h"

#include "landscape/landscape_panel.h"

#include <time.h>

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double draw(rig *r, kr_rectangle area) {
    double before = seconds();
    r->snapshot.number++;
    rig_draw(r, area, NULL);
    return 1e3 * (seconds() - before);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *scene, int width, int height, kr_landscape_view view, const char *particles, uint64_t steps) {
    enum { FRAMES = 101, SLICES = 30 };
    char setting[64];
    const char *const overrides[] = {setting, NULL};
    double time[FRAMES], slice = 0;
    rig r;
    snprintf(setting, sizeof setting, "ensemble.particles=%s", particles);
    rig_open(&r, scene, overrides, width, height, true, 1);
    r.frame.still = false;
    rig_advance(&r, steps);
    kr_rectangle area = {0, 0, width, height};
    kr_landscape_panel_view(r.panel, &r.analysis, &r.snapshot, view, NULL, 0);
    double first = draw(&r, area);
    for (int k = 0; k < SLICES; k++) slice = fmax(slice, draw(&r, area));
    for (int k = 0; k < FRAMES; k++) time[k] = draw(&r, area);
    qsort(time, FRAMES, sizeof *time, ascending);
    double moving[FRAMES];
    for (int k = 0; k < FRAMES; k++) {
        kr_camera_zoom(&r.panel->camera, (kr_point){0.3 * width, 0.6 * height}, k < FRAMES / 2 ? 1.01 : 1 / 1.01,
                       k < FRAMES / 2 ? 1.01 : 1 / 1.01);
        r.panel->moved = true;
        kr_landscape_turn(r.panel, 0.03, 0);
        moving[k] = draw(&r, area);
    }
    qsort(moving, FRAMES, sizeof *moving, ascending);
    printf("%-16s %5d x %-5d %9s   first %6.2f   largest slice %6.2f   median %6.2f   90 %% %6.2f   zooming %6.2f ms\n", scene,
           width, height, particles, first, slice, time[FRAMES / 2], time[FRAMES * 9 / 10], moving[FRAMES / 2]);
    rig_close(&r);
}

int main(int count, char **argument) {
    static const char *const particles[] = {"1", "4096", "20000", "100000", "1000000"};
    const char *scene = count > 1 ? argument[1] : "muller_brown";
    int width = count > 3 ? atoi(argument[2]) : 900, height = count > 3 ? atoi(argument[3]) : 700;
    kr_landscape_view view = KR_VIEW_FLAT;
    for (int k = 0; count > 4 && k < KR_LANDSCAPE_VIEWS; k++)
        if (!strcmp(argument[4], kr_landscape_view_name[k])) view = (kr_landscape_view)k;
    for (size_t k = 0; k < sizeof particles / sizeof *particles; k++) measure(scene, width, height, view, particles[k], 400);
    return 0;
}
