/* Where things are in every file of ours. */
#ifndef KR_H5MD_NAMES_H
#define KR_H5MD_NAMES_H

#define KR_H5_SCENE_TEXT "/parameters/kramers/scene"
enum { KR_H5_SCENE_MOST = 64 << 20 }; /* bytes of its text */
/* The loss on a grid, for whoever shows the file (landscape_map.h). */
#define KR_LANDSCAPE_GRID "/parameters/kramers/landscape_grid"
/* What only recorded sessions have (session.h). */
#define KR_SESSION_GROUP "/parameters/kramers/session"
/* Two rows of KR_COMMIT_FIELDS words, written in turn, the number of the commit first. */
#define KR_COMMITS "/parameters/kramers/checkpoint/commit"
enum { KR_COMMIT_FIELDS = 6 };
/* Checksums of the file's blocks (store_checksum.h). */
#define KR_CHECKSUM_GROUP "/parameters/kramers/checksums"

/* Of /parameters/kramers in trajectories and sessions, of the root in tables of sweeps: the number of the file's format. 1, without
 * the attribute: of all versions before it; 2: with checksums (store_anchor.h). */
#define KR_FORMAT_ATTRIBUTE "format"
enum { KR_FILE_FORMAT = 2 };

#endif
