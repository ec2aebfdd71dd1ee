/* Where things are in every file of ours. */
#ifndef KR_H5MD_NAMES_H
#define KR_H5MD_NAMES_H

#define KR_H5_SCENE_TEXT "/parameters/kramers/scene"
enum { KR_H5_SCENE_MOST = 64 << 20 }; /* bytes of its text */
/* What only recorded sessions have (session.h). */
#define KR_SESSION_GROUP "/parameters/kramers/session"

#endif
