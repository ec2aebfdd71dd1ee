/* The end of a session: what it overwrites, appended to the file as a journal, then done, then cut off. */
#ifndef KR_STORE_JOURNAL_H
#define KR_STORE_JOURNAL_H

#include "store_session.h"

/* Both give 0, or a number of errno.
 *
 * After a failed commit the file is as it was before the session; with *broken the journal is in it, and nothing more may be
 * written before it is opened anew. provisional: leaves behind itself what it has overwritten. */
int kr_journal_commit(kr_store_session *session, bool provisional, bool *broken);
/* Completes an interrupted session when its journal is whole and, with take_back, undoes a provisional one; in memory only where
 * the session is not writable. EBADMSG: a journal that no session has written. */
int kr_journal_recover(kr_store_session *session, bool take_back);

#endif
