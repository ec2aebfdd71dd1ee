/* What of a file survives a loss of power. The end of a process, however sudden, loses nothing that was flushed in any case: every
 * flush is whole or not there. */
#ifndef KRAMERS_DURABILITY_H
#define KRAMERS_DURABILITY_H

#include <kramers/api.h>

KR_BEGIN_DECLARATIONS

typedef enum kr_durability {
    KR_DURABILITY_FLUSH, /* the default: what there is at the end is on the disk before the result is said. Power lost during the
                            run can cost the file; that it is damaged is seen */
    KR_DURABILITY_NONE,  /* when it comes to the disk is left to the system */
    KR_DURABILITY_FSYNC  /* every flush is on the disk before the run goes on, written in an order with which a loss of power at any
                            moment leaves a file that opens and that the run goes on from */
} kr_durability;

/* In the order of kr_durability; ends with NULL. */
KR_API extern const char *const kr_durability_names[];

KR_END_DECLARATIONS

#endif
