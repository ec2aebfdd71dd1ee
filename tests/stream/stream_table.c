#include "stream_isa.h"

#define TEXT_AGAIN(isa) #isa
#define TEXT(isa) TEXT_AGAIN(isa)

extern const stream_kernels STREAM(kernels);
const stream_kernels STREAM(kernels) = {.isa = TEXT(KR_ISA),
                                        .words = STREAM(words),
                                        .uniform = STREAM(uniform),
                                        .count_words = STREAM(count_words),
                                        .count_normals = STREAM(count_normals)};
