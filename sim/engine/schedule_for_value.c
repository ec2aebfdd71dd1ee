/* Schedules that a number follows instead of the learning rate. They are the same functions of the same values; only their rows
 * have other names and limits. Such descriptors are kept as long as the program runs, since settings borrow them; a program sees
 * few. */
#include <kramers/schedule.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 32, TEXT = 400 };

typedef struct adapted {
    kr_schedule_type type;
    struct adapted *next;
    const kr_schedule_type *general;
    kr_parameter rows[MOST_ROWS + 1];
    char doc[MOST_ROWS][TEXT], about[TEXT], equation[2 * TEXT];
} adapted;

static adapted *known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool kr_parameter_may_follow(const kr_parameter *row) {
    bool number = row->type == KR_NUMBER || row->type == KR_INTEGER || (row->type == KR_LIST && !(row->flags & KR_PAIRS));
    return number && !(row->flags & KR_FIXED);
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* text with "learning rate", "rate" and the word "lr" (lr_min, ...) as "value"; cut where it is too long. */
static const char *reword(const char *text, char *out, size_t size) {
    static const char *const words[] = {"learning rate", "rate", "lr"};
    size_t used = 0;
    if (!text) return NULL;
    for (const char *c = text; *c && used + 1 < size;) {
        size_t length = 0;
        for (size_t w = 0; w < 3 && !length; w++) {
            size_t candidate = strlen(words[w]);
            bool begins = c == text || !is_letter(c[-1]);
            if (begins && !strncmp(c, words[w], candidate) && !is_letter(c[candidate])) length = candidate;
        }
        if (length && used + 6 < size) {
            memcpy(out + used, "value", 5);
            used += 5;
            c += length;
        } else {
            out[used++] = *c++;
        }
    }
    out[used] = 0;
    return out;
}

static const char *name_of_value(const char *name) {
    static const char *const pairs[][2] = {{"lr", "value"}, {"lr_min", "value_min"}, {"lr_end", "value_end"}, {"values", "values"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (!strcmp(name, pairs[i][0])) return pairs[i][1];
    return NULL;
}

/* A list of numbers whose entries all follow begins with its first. */
static double initial_of(const kr_parameter *row) {
    return row->initial == row->initial ? row->initial : row->minimum;
}

static void adapt(adapted *a, const kr_schedule_type *type, const kr_parameter *row) {
    size_t count = 0;
    a->general = type;
    a->type = *type;
    for (const kr_parameter *of = type->about.parameters; of && of->name && count < MOST_ROWS; of++, count++) {
        const char *name = name_of_value(of->name);
        kr_parameter *to = &a->rows[count];
        *to = *of;
        to->doc = reword(of->doc, a->doc[count], TEXT);
        if (!name) continue;
        to->name = name;
        to->symbol = NULL;
        to->unit = row->unit;
        to->flags = row->flags & (KR_ABOVE_MINIMUM | KR_BELOW_MAXIMUM | KR_LOG_SCALE);
        to->minimum = row->minimum;
        to->maximum = row->maximum;
        if (!strcmp(of->name, "lr") && of->initial == of->initial) to->initial = initial_of(row);
    }
    a->type.about.parameters = a->rows;
    a->type.about.doc = reword(type->about.doc, a->about, TEXT);
    a->type.about.equation = reword(type->about.equation, a->equation, 2 * TEXT);
    a->type.about.general = &type->about;
    a->type.about.drives = row;
    a->type.about.twins = NULL;
}

const kr_schedule_type *kr_schedule_for_value(const kr_schedule_type *type, const kr_parameter *row) {
    adapted *found = NULL;
    pthread_mutex_lock(&lock);
    for (adapted *a = known; a && !found; a = a->next)
        if (a->general == type && a->type.about.drives == row) found = a;
    if (!found && (found = calloc(1, sizeof *found))) {
        adapt(found, type, row);
        found->next = known;
        known = found;
    }
    pthread_mutex_unlock(&lock);
    return found ? &found->type : NULL;
}
