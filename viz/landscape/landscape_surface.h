/* The landscape as a surface in three dimensions, seen in parallel projection: lengths that are parallel stay comparable wherever
 * they are. Its base is the part of the plane that a flat camera sees, its heights are the values of the flat map, and so are its
 * colours. What hides what is decided pixel by pixel. */
#ifndef KR_LANDSCAPE_SURFACE_H
#define KR_LANDSCAPE_SURFACE_H

#include "landscape_panel.h"

/* Where a point of the base (a to the right of the map, b up; the longer half of the base is 1) and a height z go:
 * across = a cos yaw + b sin yaw, away = b cos yaw - a sin yaw, up = away sin pitch + z cos pitch. */
typedef struct kr_solid {
    kr_rectangle area; /* on the canvas */
    kr_camera ground;
    kr_tone tone;
    double yaw, pitch;             /* radians; pitch pi/2: from above, which is the map */
    double half_x, half_y, height; /* of the base, and of energies at the end of the tone */
    double scale;                  /* pixels per unit */
    kr_point origin;               /* pixel of the middle of the base */
    double cos_yaw, sin_yaw, cos_pitch, sin_pitch;
} kr_solid;

typedef struct kr_solid_point {
    kr_point pixel;
    double away; /* from the viewer, in units of the base */
} kr_solid_point;

/* margin: pixels around that axes need. The scale does not depend on yaw, so that turning does not zoom. */
void kr_solid_place(kr_solid *solid, kr_rectangle area, const kr_camera *ground, const kr_tone *tone, kr_turn turn, double margin);
/* x, y in the plane; energies below and above the tone's are cut. */
kr_solid_point kr_solid_project(const kr_solid *solid, double x, double y, double energy);
/* The point of the plane that is seen at a pixel of the canvas so far away. */
kr_point kr_solid_ground(const kr_solid *solid, kr_point pixel, double away);

/* What is seen of the surface, in cells of one or more pixels. */
struct kr_surface {
    kr_solid solid;
    int cell, width, height; /* pixels of a cell; cells */
    size_t capacity;
    float *value, *shade,
        *away;       /* [height + 2][width + 2]: energy above the tone's lowest, NAN: nothing is there; light; distance */
    uint32_t *pixel; /* [height][width] with opacity */
    float *light;    /* of the map's values */
    size_t light_capacity;
    bool cut_above, cut_below; /* some of what is seen was cut */
    /* of what it was made */
    uint64_t made;
    bool dark;
    double cell_seconds; /* that a cell took; 0: not known */
};

/* quick: in larger cells where it would take longer than a frame has. light: as of kr_map_light. */
kr_status kr_surface_update(kr_surface *surface, const kr_solid *solid, const kr_map *map, const kr_theme *theme, bool quick,
                            kr_error *error);
void kr_surface_paint(const kr_surface *surface, kr_canvas *canvas, kr_point offset);
/* Trails and densities of the flat map lie on the surface. */
void kr_surface_paint_trails(const kr_surface *surface, const kr_trails *trails, kr_canvas *canvas, kr_point offset,
                             kr_color color);
void kr_surface_paint_density(const kr_surface *surface, const kr_density *density, const uint32_t *palette, kr_canvas *canvas,
                              kr_point offset);
/* How far away the surface is at a pixel of the canvas; NAN: it is not there. */
double kr_surface_away(const kr_surface *surface, kr_point pixel);
/* Whether a point on the surface is seen, and not behind another part of it. */
bool kr_surface_shows(const kr_surface *surface, const kr_solid_point *point);
void kr_surface_destroy(kr_surface *surface);

/* Energy above the tone's lowest at a point of the plane, between the values of the map. */
double kr_map_value(const kr_map *map, double x, double y);

/* Box and numbers around it: what lies behind the surface, and what before. taken: places that letters keep out of; count is
 * changed. */
enum { KR_SOLID_LETTERS = 96 };
typedef struct kr_letters {
    size_t count;
    kr_rectangle place[KR_SOLID_LETTERS];
} kr_letters;
void kr_solid_draw_back(const kr_solid *solid, const kr_frame *frame);
void kr_solid_draw_axes(const kr_solid *solid, const kr_frame *frame, const char *x_name, const char *y_name, kr_letters *letters);

#endif
