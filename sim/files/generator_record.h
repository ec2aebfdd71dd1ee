/* Which generator made the random numbers of a file. */
#ifndef KR_GENERATOR_RECORD_H
#define KR_GENERATOR_RECORD_H

#include "hdf5/hdf5_layer.h"

#include <kramers/status.h>

/* KR_BAD_ARGUMENT, with what to do, where the numbers of `file` are not those of this version. recorded: the name that the file
 * gives; NULL: none, as versions before the name was kept. version: of kramers that made it; NULL: it does not say. */
kr_status kr_generator_check(const char *file, const char *recorded, const char *version, kr_error *error);

/* An attribute of parent. */
void kr_h5_generator(kr_h5 *h5, hid_t parent);
/* As kr_generator_check, by the attributes of /parameters/kramers; nothing where h5 has failed already. */
void kr_h5md_check_generator(kr_h5 *h5);

#endif
