#include "tiles.h"

#include "first_passage.h"

static bool divisible(const kr_ensemble_setup *setup) {
    bool noise_alone = true;
    for (size_t i = 0; i < kr_noise_part_count(setup->noise); i++) {
        kr_noise part = kr_noise_part_of(setup->noise, i);
        kr_noise_input kind = kr_noise_needs(&part, true);
        noise_alone =
            noise_alone &&
            (part.type->is_zero || (part.type->by_coordinate && (kind == KR_NOISE_INPUT_NONE || kind == KR_NOISE_INPUT_CURVATURE)));
    }
    return setup->landscape->type->separable && setup->landscape->type->tiles && setup->dynamics->type->by_coordinate &&
           noise_alone && !setup->ledger && !setup->bridge;
}

size_t kr_tile_width(const kr_ensemble_setup *setup, size_t block_size) {
    size_t dim = setup->landscape->dim,
           most = KR_FIRST_LEVEL_CACHE / (sizeof(double) * block_size * (kr_block_doubles(setup) / dim));
    if (most == 0) most = 1;
    if (2 * most >= dim || !divisible(setup)) return dim; /* a little too large costs less than two tiles do */
    size_t tiles = (dim + most - 1) / most;
    return (dim + tiles - 1) / tiles;
}

/* The tile's gradient, normals and noise stand where those of the first coordinates would. */
static bool step_by_tiles(kr_ensemble *e, kr_worker *worker, const kr_controls *controls) {
    const kr_block *block = &worker->block;
    kr_landscape landscape = *block->landscape;
    kr_block tile = *block;
    const kr_dynamics *dynamics = kr_dynamics_at(e, controls);
    bool news = false;
    tile.landscape = &landscape;
    for (size_t i = 0; i < block->dim; i += tile.dim) {
        tile.coordinate = landscape.coordinate = i;
        tile.dim = landscape.dim = block->dim - i < worker->tile ? block->dim - i : worker->tile;
        tile.position = block->position + i * block->n;
        if (block->kept) tile.kept = block->kept + i * block->kept_stride;
        for (size_t a = 0; a < e->auxiliary_count; a++) tile.auxiliary[a] = block->auxiliary[a] + i * block->n;
        tile.outside = SIZE_MAX;
        e->setup.dynamics->type->step(dynamics, controls, &tile);
        news = kr_anything_new(e, &tile, worker->still) || news; /* while the tile is in the cache */
    }
    return news || kr_in_a_ball(e, block, worker->still);
}

bool kr_step(kr_ensemble *e, kr_worker *worker, const kr_controls *controls) {
    kr_block *block = &worker->block;
    if (worker->tile < block->dim) {
        bool news = step_by_tiles(e, worker, controls);
        kr_block_enter(block, controls[1].moment);
        return news;
    }
    if (e->setup.bridge) kr_bridge_keep(e, worker);
    block->outside = SIZE_MAX;
    e->setup.dynamics->type->step(kr_dynamics_at(e, controls), controls, block);
    if (block->ledger) {
        kr_ledger_finish_step(block);
        kr_ledger_rate(block, kr_dynamics_at(e, &controls[0]), controls[0].learning_rate, kr_dynamics_at(e, &controls[1]),
                       controls[1].learning_rate);
        if (controls[1].moment) kr_ledger_landscape(block, controls[1].moment->landscape);
    }
    if (e->setup.bridge) {
        kr_bridge(e, worker, controls);
        block->outside = SIZE_MAX;
    }
    kr_block_enter(block, controls[1].moment);
    return kr_anything_new(e, block, worker->still) || kr_in_a_ball(e, block, worker->still);
}
