#include <kramers/generator.h>

/* Changes whenever a number's bits do (kernels/philox.h, kernels/box_muller.h). 1e-10: what the normals are good to, relatively. */
const char *kr_generator_name(void) {
    return "philox4x32-10, box-muller 1e-10";
}
