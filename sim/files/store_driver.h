/* The HDF5 file driver that works on a session. */
#ifndef KR_STORE_DRIVER_H
#define KR_STORE_DRIVER_H

#include "store_session.h"

/* fresh: nothing is in the file yet. Under the lock. Negative: HDF5's error stack says why. */
hid_t kr_store_driver_open(kr_store_session *session, bool fresh);

#endif
