/* What tells the scene and what is compared with it from each other. */
#ifndef KR_VARIANT_TITLE_H
#define KR_VARIANT_TITLE_H

#include <kramers/scene.h>

/* Of the variant of this number (kr_scene_variant). Where all differ in the same section: its name there, and of the same name the
 * first parameter that differs: "momentum", "sgld T=0.2", "cosine", "η=0.1"; else what is not as in the scene: "momentum
 * isotropic", and the scene itself is "the scene". */
void kr_variant_title(const kr_scene *scene, size_t number, char *title, size_t size);

#endif
