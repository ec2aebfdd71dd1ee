#include <kramers/event_list.h>

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

bool kr_event_list_add(kr_event_list *list, const kr_event *event, size_t count) {
    if (!count) return true;
    size_t needed = list->count + count;
    if (needed > list->capacity) {
        size_t capacity = needed > FIRST_CAPACITY ? 2 * needed : FIRST_CAPACITY;
        kr_event *grown = realloc(list->event, capacity * sizeof *grown);
        if (!grown) return false;
        list->event = grown;
        list->capacity = capacity;
    }
    memcpy(list->event + list->count, event, count * sizeof *event);
    list->count = needed;
    return true;
}

void kr_event_list_destroy(kr_event_list *list) {
    free(list->event);
    *list = (kr_event_list){0};
}
