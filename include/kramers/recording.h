/* Reading a trajectory file frame by frame: what kramers run wrote, and other H5MD files with a group of particles. */
#ifndef KRAMERS_RECORDING_H
#define KRAMERS_RECORDING_H

#include <kramers/scene.h>

KR_BEGIN_DECLARATIONS

typedef struct kr_recording kr_recording;

/* Opens for reading only. A file that is no H5MD file, or has no frames, is an error that says so. */
KR_API kr_status kr_recording_open(kr_recording **recording, const char *file, kr_error *error);
KR_API void kr_recording_close(kr_recording *recording);

KR_API size_t kr_recording_frames(const kr_recording *recording);
KR_API size_t kr_recording_particles(const kr_recording *recording);
KR_API size_t kr_recording_dim(const kr_recording *recording);
/* YAML text of the scene that made it, or NULL (a file of another program); borrowed. */
KR_API const char *kr_recording_scene(const kr_recording *recording);
/* That scene, where there is one; paths of overrides begin in the working directory. */
KR_API kr_status kr_recording_scene_load(const kr_recording *recording, kr_scene *scene, const kr_registry *registry,
                                         const char *const *overrides, size_t count, kr_error *error);
/* Whether the registry has the plug-ins that the file was made with: where they are missing, its scene cannot be understood. */
KR_API kr_status kr_recording_check_plugins(const kr_recording *recording, const kr_registry *registry, kr_error *error);

/* Any of the outputs may be NULL. position, velocity: [dim][particles]; velocity is filled with NAN where the file has none;
 * learning_rate NAN where it is not recorded. */
KR_API kr_status kr_recording_frame(kr_recording *recording, size_t frame, uint64_t *step, double *time, double *learning_rate,
                                    double *position, double *velocity, kr_error *error);

KR_END_DECLARATIONS

#endif
