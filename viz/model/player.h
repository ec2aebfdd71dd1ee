/* A trajectory file shown as if it were running: its frames become snapshots. */
#ifndef KR_PLAYER_H
#define KR_PLAYER_H

#include "snapshot.h"

typedef struct kr_player kr_player;

/* overrides: as --set, for a file that does not say which landscape its particles moved on. */
kr_status kr_player_open(kr_player **player, const kr_registry *registry, const char *file, const char *const *overrides,
                         size_t override_count, kr_error *error);
void kr_player_close(kr_player *player);

const kr_scene *kr_player_scene(const kr_player *player);
size_t kr_player_frames(const kr_player *player);
size_t kr_player_frame(const kr_player *player);

void kr_player_play(kr_player *player, bool play); /* from the first frame again when it is at the last */
void kr_player_seek(kr_player *player, size_t frame);
void kr_player_move(kr_player *player, int64_t frames);
void kr_player_speed(kr_player *player, double frames_per_second);
void kr_player_follow(kr_player *player, uint64_t particle);

/* Moves on to this time (seconds of any clock that runs forward) and returns the frame that is due. When that one can't be read, it
 * stays at the frame that is shown. */
kr_status kr_player_advance(kr_player *player, double seconds, const kr_snapshot **snapshot, kr_error *error);

#endif
