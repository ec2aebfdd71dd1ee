/* Rows of a kr_snapshot_results. */
#ifndef KR_SNAPSHOT_ROWS_H
#define KR_SNAPSHOT_ROWS_H

#include "snapshot_results.h"

extern const kr_result_row kr_snapshot_rows[];

#endif
