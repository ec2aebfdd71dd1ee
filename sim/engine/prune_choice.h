/* The choice of what goes, of one particle after the other. */
#ifndef KR_PRUNE_CHOICE_H
#define KR_PRUNE_CHOICE_H

#include <kramers/prune.h>

/* Coordinates that may go, in groups that each lose the same fraction. */
typedef struct kr_prunable {
    size_t *coordinate; /* [end[groups - 1]] */
    size_t *end;        /* [groups]: behind the last of each group */
    size_t groups;
} kr_prunable;

/* A coordinate and what it is sorted by. */
typedef struct kr_prune_rank {
    double size;
    size_t coordinate;
} kr_prune_rank;

bool kr_prune_has_layers(const kr_landscape *landscape);
/* KR_NO_MEMORY without a message. Destroy it also then. */
kr_status kr_prunable_find(kr_prunable *prunable, const kr_prune *how, const kr_landscape *landscape);
void kr_prunable_destroy(kr_prunable *prunable);
/* Those of the smallest size, coordinate i at size[i * stride], lose their bit in kept[i * kept_stride]. rank: room for all. */
void kr_prune_particle(const kr_prunable *prunable, const kr_prune *how, const double *size, size_t stride, kr_prune_rank *rank,
                       uint64_t *kept, size_t kept_stride, uint64_t bit);

#endif
