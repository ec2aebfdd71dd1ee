/* Parameter tables: one descriptor drives defaults, parsing, range checks, messages, help, sliders, HDF5 attributes and docs.
 *
 * A plug-in keeps its parameters in a plain struct and describes each member by one row of a kr_parameter table. The table
 * ends with a row whose name is NULL (KR_END).
 */
#ifndef KRAMERS_PARAMETER_H
#define KRAMERS_PARAMETER_H

#include <kramers/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

KR_BEGIN_DECLARATIONS

typedef enum kr_parameter_type {
    KR_NUMBER,   /* double */
    KR_INTEGER,  /* int64_t */
    KR_NATURAL,  /* uint64_t, for what may need all 64 bits */
    KR_SWITCH,   /* bool */
    KR_CHOICE,   /* int, index into choices */
    KR_TEXT,     /* char *, owned by the values */
    KR_LIST,     /* kr_list: one number or a list of numbers */
    KR_SCHEDULES /* no value: schedules, which are children of the settings; one, or with KR_SEVERAL a list of them */
} kr_parameter_type;

typedef struct kr_list {
    double *value; /* owned by the values */
    size_t count;
} kr_list;

enum {
    KR_ABOVE_MINIMUM = 1, /* minimum itself is not allowed */
    KR_BELOW_MAXIMUM = 2, /* maximum itself is not allowed */
    KR_LOG_SCALE = 4,     /* a slider should be logarithmic */
    KR_REQUIRED = 8,      /* there is no default: a scene must give it */
    KR_PATH = 16,     /* of a text: the name of a file; relative to the file that names it (file_path.h). With choices it may also
                       * be one of these, and a file is what has a '.' or a '/' in its name */
    KR_SHAPES = 32,   /* a text from which further parameters follow: kr_descriptor.specialise */
    KR_NAMES = 64,    /* a text that is a list of names, "x, y", written as [x, y] */
    KR_PAIRS = 128,   /* a list that may be written as one of lists, [[a, b], [c, d]]: they are strung together */
    KR_SEVERAL = 512, /* of schedules: a list of parts, each with its length */
    KR_FIXED = 256    /* of a number: it sizes arrays, or what is read or solved once; no schedule may drive it */
};

typedef struct kr_parameter {
    const char *name;   /* "task.classes" behind a row "task": written as task: {classes: ...} */
    const char *symbol; /* as in formulas and papers; NULL if none */
    const char *doc;    /* one line for people */
    const char *unit;   /* NULL: dimensionless */
    kr_parameter_type type;
    unsigned flags;
    size_t offset;
    double initial;          /* default: number, integer, switch (0 or 1), index of a choice, single entry of a list (NAN: empty) */
    double minimum, maximum; /* of numbers, integers and each entry of a list; both 0: no limits */
    const char
        *initial_text; /* default of a text (NULL: none), of a list of several numbers ("[1, 2]"), and of schedules in a scene */
    const char *const *choices; /* ends with NULL */
    const char *also;           /* a second name that is understood when read; NULL: none */
} kr_parameter;

/* The last row of every table. */
#define KR_END                                                                                                                     \
    { .name = NULL }

/* The same thing in another library. */
typedef struct kr_twin {
    const char *library; /* "PyTorch"; NULL ends a table */
    const char *call; /* "StepLR(step_size=every, gamma=factor)": its keys, and what they are in the names of this plug-in; NULL: */
    const char *differs; /* there is none. Where the numbers are not the same; NULL: they are, up to rounding */
} kr_twin;

/* What every plug-in and every scene section says of itself. First member of each plug-in struct. */
typedef struct kr_descriptor kr_descriptor;
struct kr_descriptor {
    const char *name;
    const char *doc;       /* one line for people */
    const char *reference; /* paper; NULL if none */
    const char *equation;  /* what it computes, with the symbols of its parameters; lines end with \n; NULL if none */
    const kr_parameter *parameters;
    size_t values_size;   /* sizeof the struct of values */
    int rank;             /* place among its kind, where their order is not that of their names; 0: behind those that have one */
    const kr_twin *twins; /* its equals in other libraries; NULL: none are named */

    /* Optional, where parameters follow from texts among the values (KR_SHAPES), as the names of a formula do: *special becomes the
     * descriptor (of a plug-in, the plug-in) that values ask for, with the rows of this one at the same offsets. Equal texts give
     * the same pointer, which stays valid. keys: names that further parameters may have; NULL: any. */
    kr_status (*specialise)(const kr_descriptor *self, const void *values, const char *const *keys, const kr_descriptor **special,
                            kr_error *error);
    const kr_descriptor *general; /* of such a one: where it comes from; otherwise NULL */
    const char *bound; /* of a plug-in whose step costs more than three of the plainest: what it costs; NULL: it does not */
    const char *bench; /* of a landscape that is nothing by default, or is large: what bench --all measures instead, "points: 64" */
    const kr_parameter *drives; /* of a schedule that was made for one: the number that follows it (schedule.h); otherwise NULL */
};

typedef struct kr_child kr_child;

/* A descriptor with one set of values. */
typedef struct kr_settings {
    const kr_descriptor *about;
    void *values;       /* owned; about->values_size bytes */
    kr_child *child;    /* [child_count], in the order in which they were added; owned */
    size_t child_count; /* settings that stand where a value could, or belong to these */
} kr_settings;

/* Settings inside settings: the schedule that a number follows, a part of a sequence, the warmup of either. */
struct kr_child {
    const kr_parameter *row; /* of the parent, whose value it is; NULL: a section of its own, called as its descriptor (warmup) */
    kr_settings settings;
};

/* Allocates values and fills in every default. */
KR_API kr_status kr_settings_create(kr_settings *settings, const kr_descriptor *about, kr_error *error);
KR_API kr_status kr_settings_copy(kr_settings *to, const kr_settings *from, kr_error *error);
KR_API void kr_settings_destroy(kr_settings *settings);
/* After its texts have changed: the settings get the descriptor that these ask for, what both have stays. Others are left alone. */
KR_API kr_status kr_settings_specialise(kr_settings *settings, const char *const *keys, kr_error *error);
/* The same descriptor with the same values. */
KR_API bool kr_settings_equal(const kr_settings *a, const kr_settings *b);

/* Children of these settings. The first one of this row, or (row NULL) of this descriptor; NULL:
 * there is none. */
KR_API kr_settings *kr_settings_child(const kr_settings *settings, const kr_parameter *row, const kr_descriptor *about);
/* One more, with every default; it stays at its place until the next one is added or one is removed. */
KR_API kr_status kr_settings_add_child(kr_settings *settings, const kr_parameter *row, const kr_descriptor *about,
                                       kr_settings **child, kr_error *error);
/* All of this row; with row NULL all that there are. */
KR_API void kr_settings_remove_children(kr_settings *settings, const kr_parameter *row);
/* Those of the other settings, in rows of the same names; others are left out. */
KR_API kr_status kr_settings_copy_children(kr_settings *to, const kr_settings *from, kr_error *error);
KR_API bool kr_settings_children_equal(const kr_settings *a, const kr_settings *b);

/* The row called name, or NULL. */
KR_API const kr_parameter *kr_parameter_find(const kr_descriptor *about, const char *name);
/* The first row after this one that is written within `row`: "task.classes" within "task"; after NULL: of all; NULL: there is none.
 */
KR_API const kr_parameter *kr_parameter_within(const kr_descriptor *about, const kr_parameter *row, const kr_parameter *after);
/* Whether this value of the row names a file. */
KR_API bool kr_parameter_names_file(const kr_parameter *parameter, const char *value);

/* Range-checked assignment. On failure the message names parameter, value and allowed range; the value is unchanged. */
KR_API kr_status kr_set_number(kr_settings *settings, const kr_parameter *parameter, double value, kr_error *error);
KR_API kr_status kr_set_integer(kr_settings *settings, const kr_parameter *parameter, int64_t value, kr_error *error);
KR_API kr_status kr_set_natural(kr_settings *settings, const kr_parameter *parameter, uint64_t value, kr_error *error);
KR_API kr_status kr_set_switch(kr_settings *settings, const kr_parameter *parameter, bool value, kr_error *error);
KR_API kr_status kr_set_text(kr_settings *settings, const kr_parameter *parameter, const char *value,
                             kr_error *error); /* also choices */
KR_API kr_status kr_set_list(kr_settings *settings, const kr_parameter *parameter, const double *value, size_t count,
                             kr_error *error);
/* From text as a person types it ("0.1", "true", "[1, 2]", "cosine"). */
KR_API kr_status kr_set_from_text(kr_settings *settings, const kr_parameter *parameter, const char *text, kr_error *error);

/* A value on its way to a parameter or from one. Text and list are borrowed. */
typedef struct kr_parameter_value {
    kr_parameter_type type;
    union {
        double number;
        int64_t integer;
        uint64_t natural;
        bool on;
        int choice;       /* index into the choices of the parameter that it is for */
        const char *text; /* also the name of a choice */
        kr_list list;
    };
} kr_parameter_value;

KR_API kr_parameter_value kr_number_value(double number);
KR_API kr_parameter_value kr_integer_value(int64_t integer);
KR_API kr_parameter_value kr_natural_value(uint64_t natural);
KR_API kr_parameter_value kr_switch_value(bool on);
KR_API kr_parameter_value kr_text_value(const char *text);
KR_API kr_parameter_value kr_list_value(const kr_list *list);

/* Range-checked, whatever the type of the value, as far as the parameter can take it: an integer for a number, one number for a
 * list, the name of a choice. */
KR_API kr_status kr_set_value(kr_settings *settings, const kr_parameter *parameter, kr_parameter_value value, kr_error *error);
/* Text and list are those of the settings. */
KR_API kr_parameter_value kr_get_value(const kr_settings *settings, const kr_parameter *parameter);
/* Whether it stands for "not given": a number that is not finite, no text, an empty list. Such a value is not written. */
KR_API bool kr_parameter_value_absent(kr_parameter_value value);
/* In one line of YAML, as --set takes it. parameter: knows the names of choices; NULL where there are none. */
KR_API void kr_parameter_value_print(FILE *out, const kr_parameter *parameter, kr_parameter_value value);

/* As double (switch and choice too; NAN for text and list). */
KR_API double kr_get_number(const kr_settings *settings, const kr_parameter *parameter);
/* Convenience for code that only knows a name: the value of number, integer, switch or choice, fallback if there is no such row. */
KR_API double kr_get_by_name(const kr_descriptor *about, const void *values, const char *name, double fallback);

/* Whether a number is finite and within the limits of its row. */
KR_API bool kr_parameter_allows(const kr_parameter *parameter, double value);
/* The allowed range as people write it, for instance "0 < h <= 1e6". Returns buffer. */
KR_API const char *kr_parameter_range(const kr_parameter *parameter, char *buffer, size_t size);

/* The name nearest to wrong by edit distance among names (ends with NULL), or NULL when none is near. */
KR_API const char *kr_nearest_name(const char *wrong, const char *const *names);

KR_END_DECLARATIONS

#endif
