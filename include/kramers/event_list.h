/* First passages that somebody keeps: a list that grows.
 *
 *     kr_event_list list = {0};
 *     if (!kr_event_list_add(&list, view.recent, view.recent_count)) ...   // after each kr_ensemble_advance
 *     list.count = 0;                                                     // forgets them and keeps the memory
 *     kr_event_list_destroy(&list);
 */
#ifndef KRAMERS_EVENT_LIST_H
#define KRAMERS_EVENT_LIST_H

#include <kramers/api.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

KR_BEGIN_DECLARATIONS

/* One first passage. */
typedef struct kr_event {
    uint64_t step; /* steps done when the particle was seen in the target; the first step gives 1 */
    uint64_t particle;
    uint64_t duration; /* steps since it left the start */
    uint32_t target;
} kr_event;

typedef struct kr_event_list {
    kr_event *event; /* [count]; owned */
    size_t count, capacity;
} kr_event_list;

/* Appends copies. false: memory is short, and the list is as it was. */
KR_API bool kr_event_list_add(kr_event_list *list, const kr_event *event, size_t count);
/* The list may be used again afterwards. */
KR_API void kr_event_list_destroy(kr_event_list *list);

KR_END_DECLARATIONS

#endif
