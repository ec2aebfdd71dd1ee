/* What the generated registry.c defines, and what registry.c and registry_open.c share. */
#ifndef KR_REGISTRY_TABLES_H
#define KR_REGISTRY_TABLES_H

#include <kramers/registry.h>

/* Best first; ends with isa NULL. Includes tables that this processor may not be able to run. */
extern const kr_registry kr_registry_tables[];

/* What kr_registry_open needs of registry.c: the order of a kind's list, how long it may be, and to put it into its place. */
void kr_registry_sort(kr_plugin_kind kind, const kr_descriptor **list, size_t count);
size_t kr_registry_limit(kr_plugin_kind kind);
void kr_registry_set(kr_registry *registry, kr_plugin_kind kind, const kr_descriptor *const *list);

#endif
