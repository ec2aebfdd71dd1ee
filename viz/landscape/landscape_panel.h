/* Inside the landscape panel: what its parts share. Each part has one task and is tested by itself. */
#ifndef KR_LANDSCAPE_PANEL_H
#define KR_LANDSCAPE_PANEL_H

#include "draw/plot.h"
#include "model/frame.h"
#include "model/present.h"

#include <kramers/data_sum.h>
#include <kramers/stationary_density.h>

/* Camera: which part of the plane is seen. Units per pixel, y up. In one dimension y is the energy. */
typedef struct kr_camera {
    kr_rectangle area; /* on the canvas */
    double x, y;       /* seen in the middle of the area */
    double per_x, per_y;
} kr_camera;

typedef struct kr_box {
    double low_x, high_x, low_y, high_y; /* low > high: empty */
} kr_box;

kr_point kr_camera_pixel(const kr_camera *camera, double x, double y);
kr_point kr_camera_world(const kr_camera *camera, kr_point pixel);
kr_box kr_camera_seen(const kr_camera *camera);
/* Shows the box. equal: one scale for both axes, unless the box would become very narrow. */
void kr_camera_fit(kr_camera *camera, kr_rectangle area, kr_box box, bool equal);
/* The same middle in a changed area; span: the same part is seen, else the scale stays. */
void kr_camera_resize(kr_camera *camera, kr_rectangle area, bool span);
void kr_camera_zoom(kr_camera *camera, kr_point about, double factor_x, double factor_y); /* factor > 1: closer */
void kr_camera_pan(kr_camera *camera, double right, double down);                         /* moves the picture, pixels */

bool kr_camera_same(const kr_camera *a, const kr_camera *b);

extern const kr_box kr_empty_box;
void kr_box_add(kr_box *box, double x, double y); /* what is not finite is left out */
void kr_box_join(kr_box *box, kr_box other);
void kr_box_widen(kr_box *box, double fraction);

/* The plane of a landscape that is shown: two coordinates with the others at the start's values, or through the mean of an
 * ensemble along its two leading principal directions. */
typedef struct kr_plane {
    size_t dim;
    bool principal;
    size_t first, second;      /* coordinates shown, when not principal */
    double share[2];           /* of the variance, when principal */
    double *origin;            /* [dim]; owns the following too */
    double *along_x, *along_y; /* [dim] unit vectors */
    uint64_t version;          /* grows whenever it changes */
} kr_plane;

kr_status kr_plane_place(kr_plane *plane, size_t dim, const double *start, size_t first, size_t second, kr_error *error);
/* false: the ensemble has no two directions; the plane stays. */
bool kr_plane_principal(kr_plane *plane, const kr_snapshot_variant *ensemble);
/* The same in many dimensions, from no more particles than that takes a moment. */
bool kr_plane_principal_of_few(kr_plane *plane, const kr_snapshot_variant *ensemble);
void kr_plane_destroy(kr_plane *plane);
/* Of particles from..from + n of the ensemble; n is at most KR_PLANE_BATCH. x and y point into scratch or the snapshot. */
enum { KR_PLANE_BATCH = 1024 };
typedef struct kr_projected {
    const float *x, *y;
    float scratch[2 * KR_PLANE_BATCH];
} kr_projected;
void kr_plane_project(const kr_plane *plane, const kr_snapshot_variant *ensemble, size_t from, size_t n, kr_projected *out);
kr_point kr_plane_point(const kr_plane *plane, const double *position);
void kr_plane_lift(const kr_plane *plane, size_t n, const double *x, const double *y, double *points); /* [dim][n] */

/* Minima, saddles and maxima in the plane that is shown. */
typedef struct kr_place {
    double x, y, energy;
    size_t index;   /* as of kr_critical_point */
    int64_t number; /* of a minimum; -1: none, or not known */
} kr_place;

enum { KR_MOST_PLACES = 512 };
typedef struct kr_places {
    size_t count;
    kr_place place[KR_MOST_PLACES];
} kr_places;

/* Known critical points that lie on the plane; on a plane of principal directions all of them, as they are seen on it. Of separable
 * landscapes with too many: those of V on the plane, without numbers. */
void kr_places_find(kr_places *places, const kr_analysis *analysis, const kr_plane *plane);

/* How energies become colours: low is the first colour of the map, high and all above the last. Contours at multiples of step. */
typedef struct kr_tone {
    double low, high, step;
} kr_tone;

/* The round number (1, 2 or 5 times a power of ten) that cuts a span into at most pieces parts. */
double kr_round_step(double span, int pieces);
/* From what is seen in the box: wells and saddles stay visible however high the walls are. */
kr_status kr_tone_choose(kr_tone *tone, const kr_landscape *landscape, const kr_plane *plane, kr_box box, const kr_places *places,
                         kr_error *error);

/* The heat map of V with contours and hill shading. A coarse one is there at once, the fine one is computed in slices of time. */
typedef struct kr_layer {
    int spacing; /* pixels between values */
    int width, height, valued, shaded;
    size_t capacity;
    float *value;    /* [height][width] */
    uint32_t *pixel; /* [height][width] */
} kr_layer;

typedef struct kr_map {
    kr_layer rough, fine;
    bool fine_done;
    int width, height;
    size_t capacity;
    uint32_t *pixel;       /* [height][width]: what is shown */
    const kr_layer *shown; /* what pixel was made of; NULL: nothing yet */
    uint64_t made;         /* grows whenever pixel changes */
    bool cut;              /* some energies are above the last colour */
    double *point;         /* batch of points to evaluate; grows */
    size_t point_capacity;
    /* of what the map was made */
    uint64_t version, plane_version;
    kr_camera camera;
    kr_tone tone;
    uint64_t tone_shape;
    double relief;       /* height over width */
    uint32_t palette[2]; /* of the theme's map: first and last colour */
} kr_map;

/* whole: finish now, whatever it takes (pictures); else at most about 5 ms. */
kr_status kr_map_update(kr_map *map, const kr_landscape *landscape, uint64_t version, const kr_plane *plane,
                        const kr_camera *camera, const kr_tone *tone, const kr_theme *theme, bool whole, kr_error *error);
void kr_map_destroy(kr_map *map);
double kr_map_relief(const kr_map *map); /* of kr_map_shade */
/* Rows of pixels from values: colour, relief, contour lines. Reads the rows above and below. */
uint32_t kr_map_hatched(uint32_t color); /* of the stripes where energies are above the last colour */
void kr_map_shade(const kr_layer *layer, const kr_tone *tone, const uint32_t *palette, double relief, int from, int to);

/* The same in two parts, for pixels that lie otherwise than the values: how bright each value of the layer is, [height][width]; and
 * the colours of n pixels, of which value, up and down have one more at both ends. */
void kr_map_light(const kr_layer *layer, const kr_tone *tone, double relief, float *shade);
void kr_map_ink(size_t n, const kr_tone *tone, double half_width, const float *value, const float *up, const float *down,
                const float *shade, const uint32_t *palette, uint32_t *pixel);

typedef struct kr_span {
    int first, last; /* first > last: empty */
} kr_span;

/* Density of particles: counts in square cells of a few pixels. */
typedef struct kr_density {
    int cell; /* pixels */
    int columns, rows;
    size_t capacity;
    uint32_t *count; /* [rows][columns], and one more for those that are not seen */
    float *smooth;
    kr_span *span; /* [rows] columns that are not empty */
    uint64_t visible;
    double brightest; /* count of the last colour, which follows the densest cell */
} kr_density;

kr_status kr_density_count(kr_density *density, const kr_camera *camera, const kr_plane *plane, const kr_snapshot_variant *ensemble,
                           int cell, kr_error *error);
/* Counts become places in the palette, in smooth, and soft the palette that they are places of; false: nobody is seen. */
bool kr_density_tones(kr_density *density, const uint32_t *palette, uint32_t soft[KR_MAP_COLORS]);
/* Blends it over the canvas. */
void kr_density_paint(kr_density *density, kr_canvas *canvas, const kr_camera *camera, const uint32_t *palette);
void kr_density_destroy(kr_density *density);

/* Dots with trails: what particles leave behind on the pixels fades by a factor from snapshot to snapshot. */
typedef struct kr_trails {
    int width, height;
    size_t capacity;
    uint8_t *ink; /* [height][width] */
    uint64_t number, plane_version;
    kr_camera camera;
    size_t previous_count, previous_capacity;
    float *previous; /* pixels of the particles in the last snapshot, x then y */
} kr_trails;

enum { KR_TRAIL_LENGTHS = 8 };
extern const int kr_trail_snapshots[KR_TRAIL_LENGTHS]; /* until a trail has faded to a tenth; 0: none */
kr_status kr_trails_update(kr_trails *trails, const kr_camera *camera, const kr_plane *plane, const kr_snapshot_variant *ensemble,
                           uint64_t number, int length, kr_error *error);
void kr_trails_paint(const kr_trails *trails, kr_canvas *canvas, kr_color color);
void kr_trails_destroy(kr_trails *trails);

/* A dot of any radius as a mask, at a quarter of a pixel: for thousands of them. */
enum { KR_DOT_SIZE = 64, KR_DOT_PLACES = 4 };
typedef struct kr_dot {
    double radius;
    int size;
    uint8_t rim[KR_DOT_PLACES][KR_DOT_PLACES][KR_DOT_SIZE][KR_DOT_SIZE],
        core[KR_DOT_PLACES][KR_DOT_PLACES][KR_DOT_SIZE][KR_DOT_SIZE];
} kr_dot;
double kr_dot_radius(double radius); /* the nearest there is */
void kr_dot_make(kr_dot *dot, double radius);
void kr_dot_draw(const kr_dot *dot, kr_canvas *canvas, double x, double y, kr_color core, kr_color rim);

/* One dimension: the stationary density, and what it is. */
typedef struct kr_stationary {
    bool made, known;
    char what[160]; /* for the legend: which density, or why there is none */
    kr_stationary_density density;
    uint64_t version, moment; /* of the analysis that all this is of */
    double learning_rate;
} kr_stationary;

/* variant 0: the scene's dynamics, then those of compare; window: where to begin to look for the support. */
kr_status kr_stationary_update(kr_stationary *stationary, const kr_analysis *analysis, size_t variant, double learning_rate,
                               kr_interval window, kr_error *error);
void kr_stationary_destroy(kr_stationary *stationary);

/* The particle that is followed, and where it was in the last snapshots. */
enum { KR_FOLLOWED_POINTS = 512 };
typedef struct kr_followed {
    uint64_t particle; /* UINT64_MAX: none */
    size_t variant;    /* in whose picture it was picked */
    uint64_t told;     /* particle in the last snapshot; only a change of it is adopted */
    uint64_t number, departure, plane_version, generation;
    size_t count;                       /* in all; the ring holds the last of them */
    kr_point point[KR_FOLLOWED_POINTS]; /* in the plane */
    kr_point phase[KR_FOLLOWED_POINTS]; /* in the phase plane */
} kr_followed;

/* Control points of a drawn landscape while they are moved. */
enum { KR_CONTROL_POINTS = 64 };
typedef struct kr_control_points {
    size_t count, held;                                     /* held SIZE_MAX: none */
    double x[KR_CONTROL_POINTS], energy[KR_CONTROL_POINTS]; /* as drawn: energies times scale */
    double scale;
    uint64_t version;                  /* of the analysis that these are newer than */
    bool ours;                         /* shown instead of the scene's until it has caught up */
    double until;                      /* ... or at the latest then */
    bool changed;                      /* to be sent */
    double sent[2][KR_CONTROL_POINTS]; /* the lists of the last change */
} kr_control_points;

typedef enum kr_gesture {
    KR_GESTURE_NONE,
    KR_GESTURE_PRESSED,
    KR_GESTURE_PAN,
    KR_GESTURE_TURN,
    KR_GESTURE_CONTROL_POINT
} kr_gesture;
enum { KR_LOOK_AUTO, KR_LOOK_DENSITY, KR_LOOK_DOTS };

/* Where a surface is seen from, in radians: turned about the upright axis; looked at from above by pitch, pi/2: straight down. */
typedef struct kr_turn {
    double yaw, pitch;
} kr_turn;

typedef struct kr_surface kr_surface; /* landscape_surface.h */

/* A particle on a surface: pixels of its place, how far away it is, whether nothing is before it. */
typedef struct kr_ball {
    float x, y, away;
    bool shown;
} kr_ball;

struct kr_landscape_panel {
    kr_landscape_view view;                     /* as the user wants it; what does not apply is shown flat */
    kr_landscape_view shown;                    /* in the last frame */
    kr_camera phase, step;                      /* of these views; per_x 0: not placed */
    double separatrix[8];                       /* energies of saddles in the phase plane */
    double phase_step;                          /* between curves of the phase plane */
    size_t separatrices, orbits, stable_orbits; /* orbits: of period 2 */
    kr_turn turn;
    kr_surface *surface;
    bool stirred;                                                 /* the view has just changed, and may again */
    double stirred_at;                                            /* seconds of the input */
    kr_dot glint;                                                 /* light on a ball, and the point that a hidden one leaves */
    size_t balls[KR_MAX_VARIANTS], hidden_balls[KR_MAX_VARIANTS]; /* of the last surface that was drawn */
    const kr_landscape_type *type;                                /* of the landscape that the camera was placed for */
    size_t dim;
    uint64_t version; /* of the analysis that tone and essential belong to */
    uint64_t shape;   /* of the landscape, where it changes with the step, that places belong to */
    bool moved;       /* the user has moved the camera */
    kr_box essential; /* minima, saddles, start and targets when the camera was placed */
    kr_box reach;     /* where they have been since then; empty where the landscape does not move */
    kr_camera camera; /* its area is the first picture's */
    size_t columns;   /* of pictures */
    size_t pictures;  /* side by side */
    kr_rectangle picture[KR_MAX_VARIANTS];
    kr_plane plane;
    int direction_x, direction_y; /* of the plane: coordinate, or dim for principal directions */
    kr_places places;
    uint64_t plane_step, plane_generation; /* when principal directions were found last */
    uint64_t tone_plane;                   /* version of the plane that tone and places belong to */
    kr_tone tone;
    uint64_t tone_shape;
    kr_map map;
    kr_density density[KR_MAX_VARIANTS];
    kr_trails trails[KR_MAX_VARIANTS];
    kr_stationary stationary[KR_MAX_VARIANTS];
    double density_top; /* of the density's axis in one dimension */
    int legend_place;
    int trail_length, look;
    kr_dot dot;
    kr_followed followed;
    kr_control_points control;
    kr_gesture gesture;
    kr_point pressed_at, last_mouse;
    bool drop_waits; /* a click that may become a double one */
    kr_point drop_at;
    double drop_time;
};

/* Camera at its first place. */
kr_box kr_landscape_essential_box(const kr_analysis *analysis, const kr_plane *plane, const kr_places *places);
kr_box kr_landscape_home_box(const kr_analysis *analysis, const kr_plane *plane, const kr_places *places,
                             const kr_snapshot *snapshot);
/* One dimension: x from the above, and the energies that show wells and barriers. */
kr_box kr_landscape_home_line(const kr_analysis *analysis, const kr_plane *line, const kr_places *places,
                              const kr_snapshot *snapshot);

/* Ticks and numbers along the left and lower edge of an area; margins are fixed, so that the camera stays when numbers change. */
double kr_landscape_left_margin(const kr_theme *theme);
double kr_landscape_lower_margin(const kr_theme *theme);
void kr_landscape_ticks_x(const kr_frame *frame, kr_rectangle area, double low, double high, const char *label);
void kr_landscape_ticks_y(const kr_frame *frame, kr_rectangle area, double low, double high, const char *label, bool grid);

enum { KR_LANDSCAPE_BALLS = 300 }; /* in one dimension, of all variants together */

/* Levels of energy and targets in one dimension: lines and bands are drawn first, names after the balls. */
enum { KR_MOST_LEVELS = 64 };
typedef struct kr_level {
    double energy, y; /* pixels */
    kr_color color;
    const char *name;
} kr_level;

typedef struct kr_landscape_levels {
    size_t count, taken, targets;
    kr_level level[KR_MOST_LEVELS];
    kr_interval target[KR_MOST_LEVELS]; /* pixels across that belong to targets */
    kr_rectangle place[KR_MOST_LEVELS]; /* where something is written already */
} kr_landscape_levels;

void kr_landscape_name_levels(kr_landscape_levels *levels, const kr_landscape_panel *panel, const kr_frame *frame,
                              const kr_camera *camera, kr_color ground);
/* The pictures, into areas that the panel has laid out. */
void kr_landscape_draw_line(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_landscape_draw_plane(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_landscape_draw_marks(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera);
/* What start, target and stripes look like, in the upper right corner. */
/* Of each menu of directions, which stand in the upper right corner, and of both together; 0: there are none. */
double kr_landscape_menu_width(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area, bool *stacked);
double kr_landscape_menus_height(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_landscape_draw_legend(const kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_landscape_draw_density_strip(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
/* Where a ball stands whose particle is at x: on the curve, its radius away from it. */
double kr_landscape_energy_at(const kr_landscape *landscape, double x); /* one coordinate */
/* Middle of a ball of this radius that lies on the curve, from the heights half a pixel to the left of x, at x and to the right. */
kr_point kr_landscape_ball_at(const kr_camera *camera, double radius, double x, double left, double energy, double right);
kr_point kr_landscape_ball(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, double x);
/* Areas of one size, as square as can be; returns the number of columns. */
size_t kr_landscape_split(kr_rectangle area, size_t count, double gap, kr_rectangle *parts);

/* As a surface in three dimensions, where that is what is shown. */
bool kr_landscape_solid(const kr_landscape_panel *panel);
double kr_landscape_solid_scale(const kr_landscape_panel *panel); /* pixels that half the longer side of its base is long */
extern const kr_turn kr_landscape_first_turn;
void kr_landscape_turn(kr_landscape_panel *panel, double right, double up);   /* radians */
void kr_landscape_turn_by_keys(kr_landscape_panel *panel, int right, int up); /* steps */
/* Flat or on the surface; shown: whether nothing lies before it. NAN: the surface has no such point. */
kr_point kr_landscape_pixel(const kr_landscape_panel *panel, const kr_camera *camera, double x, double y, bool *shown);
/* Back; false: nothing of the landscape is seen there. */
bool kr_landscape_world(const kr_landscape_panel *panel, const kr_camera *camera, kr_point pixel, kr_point *world);
/* A line of the plane with a casing, flat or on the surface. */
void kr_landscape_line(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t count,
                       const kr_point *world, double width, double dash, kr_color color, kr_color casing);
bool kr_landscape_place_surface(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_landscape_draw_surface(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera);
void kr_landscape_draw_balls(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t variant,
                             kr_color color);
void kr_landscape_draw_surface_axes(const kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera,
                                    const char *x_name, const char *y_name, kr_rectangle corner);
void kr_landscape_surface_caption(const kr_landscape_panel *panel, char *text, size_t size);

/* why: the reason where the landscape has no such view. */
bool kr_landscape_view_applies(const kr_analysis *analysis, const kr_snapshot *snapshot, kr_landscape_view view, char *why,
                               size_t size);
kr_landscape_view kr_landscape_shown_view(const kr_landscape_panel *panel, const kr_frame *frame);
/* Position and momentum, and from one position to the next. */
void kr_landscape_draw_phase(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_landscape_draw_step(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
/* Position along the direction across, and momentum, of a particle whose velocity was copied; false: it was not. */
bool kr_landscape_phase_of(const kr_landscape_panel *panel, const kr_snapshot_variant *ensemble, size_t particle, kr_point *at);
/* A curve of energy in the phase plane above it: momentum from x[n] and V[n], points[2 n + 2]; where it turns back, it is 0.
 * Returns how many points; those that are no numbers are gaps. The lower half has the opposite sign. */
size_t kr_landscape_energy_curve(size_t n, const double *x, const double *potential, double energy, kr_point *points);
/* What the mouse moves: the camera of the view that is shown. */
kr_camera *kr_landscape_camera(kr_landscape_panel *panel);
/* The button in the lower left corner that changes the view; empty: there is no room for it. */
kr_rectangle kr_landscape_view_corner(const kr_frame *frame, kr_rectangle area);
void kr_landscape_draw_view_button(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);

/* Text on a plate in a corner of the area, that can be read on any map. */
/* An energy as it is shown: 0 where nobody sees that it is another. */
const char *kr_landscape_energy_text(const kr_camera *camera, double energy, char *text, size_t size);
double kr_landscape_caption_room(const kr_frame *frame, kr_rectangle area); /* for the text of a caption */
void kr_landscape_caption(const kr_frame *frame, kr_rectangle area, bool right, bool below, kr_color color, const char *text);
/* Where the mouse is, and the energy there. */
void kr_landscape_draw_readout(kr_landscape_panel *panel, const kr_frame *frame);

/* Following. */
void kr_landscape_follow_update(kr_landscape_panel *panel, const kr_frame *frame);
void kr_landscape_draw_followed(kr_landscape_panel *panel, const kr_frame *frame, const kr_camera *camera, size_t variant);
/* The particle nearest to a pixel; UINT64_MAX: none within reach pixels. */
uint64_t kr_landscape_nearest(const kr_landscape_panel *panel, const kr_analysis *analysis, const kr_snapshot_variant *ensemble,
                              const kr_camera *camera, kr_point pixel, double reach);

/* Mouse and keys. */
void kr_landscape_input(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_landscape_menus(kr_landscape_panel *panel, const kr_frame *frame, kr_rectangle area);
bool kr_landscape_choose_directions(kr_landscape_panel *panel, const kr_frame *frame, int x, int y);
/* "drop X [Y ...]" with as many digits as a pixel needs; false: no room. */
bool kr_landscape_drop_text(const kr_camera *camera, const kr_plane *plane, size_t dim, kr_point pixel, char *text, size_t size);

/* Drawn landscapes. */
bool kr_control_points_load(kr_control_points *control, const kr_analysis *analysis, double seconds); /* false: no such landscape */
size_t kr_control_points_hit(const kr_control_points *control, const kr_camera *camera, kr_point pixel, double reach);
void kr_control_points_move(kr_control_points *control, double x, double energy);
bool kr_control_points_add(kr_control_points *control, double x, double energy);
bool kr_control_points_remove(kr_control_points *control, size_t point);
/* What it sends; the lists are the control's own. */
void kr_control_points_settings(kr_control_points *control, kr_setting setting[2]);
void kr_control_points_send(kr_control_points *control, const kr_frame *frame);
void kr_control_points_draw(const kr_control_points *control, const kr_frame *frame, const kr_camera *camera);

/* Whether there is a landscape. */
static inline bool kr_landscape_known(const kr_analysis *analysis) {
    return analysis && analysis->model.landscape.type;
}

/* Networks that begin at random or from a file: no one place is their start. */
static inline bool kr_landscape_starts_anywhere(const kr_analysis *analysis) {
    kr_start_kind kind = analysis->scene.start.kind;
    return kr_landscape_data(&analysis->model.landscape) && (kind == KR_START_RANDOM || kind == KR_START_FILE);
}

#endif
