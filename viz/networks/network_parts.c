/* What the parts of the panel share. */
#include "network_panel.h"

#include <math.h>

bool kr_network_panel_applies(const kr_analysis *analysis) {
    if (!analysis || !analysis->model.landscape.type) return false;
    const kr_data_sum *sum = kr_landscape_data(&analysis->model.landscape);
    return sum && sum->predict && sum->data(&analysis->model.landscape, KR_DATA_TRAIN).classes > 0;
}

const kr_data_sum *kr_network_data(const kr_frame *frame, kr_data *train, kr_data *test) {
    if (!kr_network_panel_applies(frame->analysis)) return NULL;
    const kr_landscape *landscape = &frame->analysis->model.landscape;
    const kr_data_sum *sum = kr_landscape_data(landscape);
    *train = sum->data(landscape, KR_DATA_TRAIN);
    *test = sum->data(landscape, KR_DATA_TEST);
    return sum;
}

kr_color kr_class_color(const kr_theme *theme, size_t label) {
    static const kr_color dark[8] = {0xff56b4e9, 0xffe69f00, 0xff1fc08e, 0xffcc79a7,
                                     0xfff0e442, 0xffe8663c, 0xff4c7fe0, 0xffa9b0bb},
                          light[8] = {0xff0072b2, 0xffe08a00, 0xff009e73, 0xffc0609a,
                                      0xffc9b800, 0xffd55e00, 0xff3f4fb5, 0xff6b7280};
    kr_color color = theme->dark ? dark[label % 8] : light[label % 8];
    return label < 8 ? color : kr_color_mix(color, label % 16 < 8 ? 0xffffffff : 0xff000000, 0.4);
}

void kr_network_title(const kr_frame *frame, kr_rectangle *area, kr_color color, const char *text) {
    const kr_theme *theme = frame->theme;
    double row = 1.5 * theme->small;
    kr_text_fit(frame->fonts, frame->canvas, area->x, area->y + 0.5 * row, area->width, theme->small, KR_BOLD, KR_LEFT, color,
                text);
    area->y += row;
    area->height = fmax(0, area->height - row);
}
