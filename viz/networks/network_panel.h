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
/* One image, and the probabilities of its classes. */
void kr_network_draw_image(kr_network_panel *panel, const kr_frame *frame, kr_rectangle area);

/* A line of small text at the top of the area, which gets smaller by it. */
void kr_network_title(const kr_frame *frame, kr_rectangle *area, kr_color color, const char *text);

#endif
