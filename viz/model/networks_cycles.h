/* Probabilities of the test data's classes at the ends of cycles, and ensembles of them. */
#ifndef KR_NETWORKS_CYCLES_H
#define KR_NETWORKS_CYCLES_H

#include "networks.h"

struct kr_cycles {
    size_t networks, data, classes; /* of what is kept */
    float *kept[KR_KEPT_CYCLES];    /* [data][classes][networks], the newest last; NULL: not yet */
};

void kr_cycles_destroy(kr_cycles *cycles);
/* out->count says how many ends are kept so far; 0 begins anew. Without test data with classes nothing is kept. */
kr_status kr_cycles_keep(kr_cycles *cycles, const kr_view *view, kr_cycle_ensembles *out, kr_error *error);

#endif
