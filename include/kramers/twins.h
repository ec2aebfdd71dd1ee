/* What a plug-in is called elsewhere: the same schedule or optimizer in PyTorch, optax and Keras. Lists show it, and names from
 * there are understood as hints in errors; they are never keys of a scene. */
#ifndef KRAMERS_TWINS_H
#define KRAMERS_TWINS_H

#include <kramers/parameter.h>

KR_BEGIN_DECLARATIONS

/* Whether it is what name says, which may have dots before it; case does not count. */
KR_API bool kr_twin_is_named(const kr_twin *twin, const char *name);

/* "PyTorch's T_0 is 'period' here", for a key of a twin's call. false: no twin has it. */
KR_API bool kr_twin_key_hint(const kr_descriptor *about, const char *key, char *text, size_t size);
/* The same of a list, with the names of all that have it: "..., in 'cyclic', 'step'"; first those whose own parameter it is. */
KR_API bool kr_twin_key_hint_among(const kr_descriptor *const *list, const char *key, char *text, size_t size);
/* The first in a list with a twin of this name, and the twin; NULL: none. */
KR_API const kr_descriptor *kr_twin_find(const kr_descriptor *const *list, const char *name, const kr_twin **found);
/* For names and keys from there that have no equal here: what to do instead; NULL: not known either. */
KR_API const char *kr_twin_without(const char *word);

KR_END_DECLARATIONS

#endif
