/* What the generated registry.c defines. */
#ifndef KR_REGISTRY_TABLES_H
#define KR_REGISTRY_TABLES_H

#include <kramers/registry.h>

/* Best first; ends with isa NULL. Includes tables that this processor may not be able to run. */
extern const kr_registry kr_registry_tables[];

#endif
