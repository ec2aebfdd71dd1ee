/* Inside the network panel: what its parts share. */
#ifndef KR_NETWORK_PANEL_H
#define KR_NETWORK_PANEL_H

#include "draw/plot.h"
#include "model/frame.h"

#include <kramers/data_sum.h>

/* Whose classes are shown. */
typedef enum kr_whose { KR_ONE_NETWORK, KR_MEAN_OF_NETWORKS, KR_ONE_AND_MEAN, KR_WHOSE } kr_whose;

/* A picture of classes, and of what it was made. */
typedef struct kr_region_picture {
    int width, height;
    size_t capacity;
    uint32_t *pixel; /* [height][width] */
    float *margin;   /* [height][width]: by how much the likeliest class leads */
    uint64_t made, version;
    bool dark, mean;
} kr_region_picture;

struct kr_network_panel {
    kr_whose whose;
    kr_region_picture picture[2 * KR_MAX_VARIANTS];
    size_t image; /* of the test data, else of the training data */
    /* Probabilities of its classes: of the followed network, and of the mean of some. */
    uint64_t guessed; /* snapshot that they are of */
    size_t guessed_image, classes, averaged;
    double *one, *mean; /* [classes] */
};

/* Colours that colour-blind people tell apart (Okabe and Ito), lighter and darker ones from the eighth on. */
kr_color kr_class_color(const kr_theme *theme, size_t label);

/* The main dynamics' data; NULL: none. */
const kr_data_sum *kr_network_data(const kr_frame *frame, kr_data *train, kr_data *test);

/* Classes over two inputs, with the data; pictures side by side. */
void kr_network_draw_regions(kr_network_panel *panel, const kr_frame *frame, kr_rectangle area);
void kr_region_picture_destroy(kr_region_picture *picture);
/* Weights of the first layer as images, one a unit. */
void kr_network_draw_weights(const kr_network_panel *panel, const kr_frame *frame, kr_rectangle area);
/* Equal tiles in an area, each with room for text below it. */
typedef struct kr_tiles {
    double area_width, area_height, gap, below, aspect; /* aspect: width over height */
    double least, widest;                               /* width of one that is legible; of one that is not wide, at most */
    size_t columns;                                     /* what is found */
    double width, height;
} kr_tiles;

static inline double kr_tile_width(const kr_tiles *tiles, size_t columns) {
    return (tiles->area_width + tiles->gap) / (double)columns - tiles->gap;
}

static inline double kr_tile_height(const kr_tiles *tiles, size_t shown, size_t columns) {
    double rows = (double)((shown + columns - 1) / columns);
    return (tiles->area_height + tiles->gap) / rows - tiles->gap - tiles->below;
}

/* The largest tiles for all units, or where those are not legible, as many as are; 0: there is no room. */
size_t kr_tiles_arrange(kr_tiles *tiles, size_t units);

/* One image, and the probabilities of its classes. */
void kr_network_draw_image(kr_network_panel *panel, const kr_frame *frame, kr_rectangle area);

/* A line of small text at the top of the area, which gets smaller by it. */
void kr_network_title(const kr_frame *frame, kr_rectangle *area, kr_color color, const char *text);

#endif
