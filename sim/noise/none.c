#include <kramers/noise.h>

static const kr_parameter parameters[] = {KR_END};

KR_NOISE = {.about = {.name = KR_PLUGIN_NAME,
                      .equation = "n = 0",
                      .doc = "the gradient of the whole loss: no gradient noise",
                      .parameters = parameters,
                      .values_size = 0},
            .is_zero = true};
