#include "scene_tree.h"
#include "yaml_problem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* Names in a map are looked for one by one, and scenes are written by people. */
enum { DEEPEST = 16, MOST_ENTRIES = 4096 };

typedef struct reader {
    yaml_parser_t parser;
    const char *text;
    size_t length;
    const char *source;
    bool set; /* the text is the VALUE of --set */
    kr_error *error;
} reader;

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
}

static kr_status fail_at(const reader *in, yaml_mark_t mark) {
    const kr_tree place = {.source = in->source, .set = in->set, .line = (int)mark.line + 1, .column = (int)mark.column + 1};
    return kr_tree_fail(&place, in->error);
}

static kr_status refuse(const reader *in, yaml_mark_t mark, const char *what) {
    kr_fail(in->error, KR_BAD_ARGUMENT, "%s", what);
    return fail_at(in, mark);
}

/* ---- what the parser refuses ---- */

static char character_at(const reader *in, yaml_mark_t mark) {
    const char *at = in->text, *end = in->text + in->length;
    if (in->length >= 3 && !memcmp(at, "\xef\xbb\xbf", 3)) at += 3;
    for (size_t line = mark.line; line > 0 && at < end; at++)
        if (*at == '\n' || (*at == '\r' && (at + 1 == end || at[1] != '\n'))) line--;
    for (size_t column = mark.column; column > 0 && at < end; column--) do
            at++;
        while (at < end && ((unsigned char)*at & 0xc0) == 0x80);
    return at < end ? *at : '\0';
}

/* What the parser has against it, with the place. */
static kr_status syntax_error(const reader *in) {
    const yaml_parser_t *p = &in->parser;
    if (p->error == YAML_MEMORY_ERROR) return no_memory(in->error);
    const char *problem = p->problem ? p->problem : "this is no YAML", *context = p->context ? p->context : "";
    if (strstr(problem, "end of stream") && strstr(context, "quoted")) {
        kr_fail(in->error, KR_BAD_ARGUMENT, "this quotation mark has no other that ends the text");
        return fail_at(in, p->context_mark);
    }
    if (!strstr(problem, "cannot start any token")) {
        char begun[48] = "";
        if (*context && p->context_mark.line != p->problem_mark.line && !in->set)
            snprintf(begun, sizeof begun, " (what is read here begins in line %zu)", p->context_mark.line + 1);
        kr_fail(in->error, KR_BAD_ARGUMENT, "%s%s", kr_yaml_problem(problem), begun);
    } else if (character_at(in, p->problem_mark) == '\t') {
        kr_fail(in->error, KR_BAD_ARGUMENT, "tab character may not be used as indentation; use blanks");
    } else {
        kr_fail(in->error, KR_BAD_ARGUMENT, "a text that begins with '%c' needs quotation marks",
                character_at(in, p->problem_mark));
    }
    return fail_at(in, p->problem_mark);
}

/* Length of the UTF-8 sequence at text; 0 where there is none, or a character that no text has: controls, and marks of other line
 * ends, which YAML 1.1 and 1.2 understand differently. */
static size_t character(const unsigned char *text, size_t left) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (*text < 0x80) return *text >= 0x20 || *text == '\n' || *text == '\r' || *text == '\t' ? *text != 0x7f : 0;
    size_t length = *text >= 0xf0 && *text < 0xf5 ? 4 : *text >= 0xe0 && *text < 0xf0 ? 3 : *text >= 0xc2 && *text < 0xe0 ? 2 : 0;
    if (!length || length > left) return 0;
    uint32_t code = *text & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (text[i] & 0x3fu);
    }
    if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
    return code >= 0xa0 && code != 0x2028 && code != 0x2029 && code != 0xfeff && code != 0xfffe && code != 0xffff ? length : 0;
}

/* Before the parser, which knows only the offset of what it refuses here. A mark of the byte order may stand at the beginning. */
static kr_status check_characters(const reader *in) {
    yaml_mark_t mark = {0};
    const char *text = in->text;
    for (size_t i = in->length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0; i < in->length;) {
        size_t step = character((const unsigned char *)text + i, in->length - i);
        if (!step) {
            kr_fail(in->error, KR_BAD_ARGUMENT, "byte 0x%02x is no UTF-8 text; is this a scene?", (unsigned)(unsigned char)text[i]);
            return fail_at(in, mark);
        }
        mark.column++;
        if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == in->length || text[i + 1] != '\n'))) mark.line++, mark.column = 0;
        i += step;
    }
    return KR_OK;
}

/* ---- events to nodes ---- */

static kr_status next_event(reader *in, yaml_event_t *event) {
    return yaml_parser_parse(&in->parser, event) ? KR_OK : syntax_error(in);
}

static kr_tree *new_tree(const reader *in, kr_tree_kind kind, int line, int column) {
    kr_tree *tree = malloc(sizeof *tree);
    if (tree) *tree = (kr_tree){.kind = kind, .plain = true, .line = line, .column = column, .source = in->source, .set = in->set};
    return tree;
}

static kr_status read_node(reader *in, yaml_event_t *event, unsigned depth, kr_tree **out);

static kr_status too_many(const reader *in, const kr_tree *tree) {
    kr_fail(in->error, KR_BAD_ARGUMENT, "this map has more than %d entries; is this a scene?", (int)MOST_ENTRIES);
    return kr_tree_fail(tree, in->error);
}

static kr_status read_list(reader *in, unsigned depth, kr_tree *list) {
    kr_tree **end = &list->child;
    for (;;) {
        yaml_event_t event;
        kr_status status = next_event(in, &event);
        if (status) return status;
        if (event.type == YAML_SEQUENCE_END_EVENT) return yaml_event_delete(&event), KR_OK;
        if ((status = read_node(in, &event, depth, end))) return status;
        if ((*end)->line <= 0) (*end)->line = list->line, (*end)->column = list->column;
        end = &(*end)->next;
    }
}

static kr_status read_entry(reader *in, yaml_event_t *event, unsigned depth, kr_tree *map, kr_tree **out) {
    if (event->type != YAML_SCALAR_EVENT) {
        kr_status status =
            refuse(in, event->start_mark,
                   event->type == YAML_ALIAS_EVENT ? "aliases are not used in scenes" : "a key must be a plain name");
        yaml_event_delete(event);
        return status;
    }
    kr_tree *key = NULL;
    yaml_event_t value;
    kr_status status = read_node(in, event, depth, &key);
    if (!status) {
        const kr_tree *twin = kr_tree_find(map, key->text);
        if (twin) {
            kr_fail(in->error, KR_BAD_ARGUMENT, "'%.80s' stands here for the second time; the first is in line %d", key->text,
                    twin->key_line);
            status = kr_tree_fail(key, in->error);
        }
    }
    if (!status) status = next_event(in, &value);
    if (!status && !(status = read_node(in, &value, depth, out))) {
        (*out)->key = key->text;
        key->text = NULL;
        (*out)->key_line = key->line;
        (*out)->key_column = key->column;
        if ((*out)->line <= 0) (*out)->line = key->line, (*out)->column = key->column;
    }
    kr_tree_destroy(key);
    return status;
}

static kr_status read_map(reader *in, unsigned depth, kr_tree *map) {
    kr_tree **end = &map->child;
    for (size_t entries = 0;; entries++) {
        yaml_event_t event;
        kr_status status = next_event(in, &event);
        if (status) return status;
        if (event.type == YAML_MAPPING_END_EVENT) return yaml_event_delete(&event), KR_OK;
        if (entries == MOST_ENTRIES) return yaml_event_delete(&event), too_many(in, map);
        if ((status = read_entry(in, &event, depth, map, end))) return status;
        end = &(*end)->next;
    }
}

/* A value that is not there has no place. */
static kr_status read_scalar(const reader *in, const yaml_event_t *event, kr_tree *scalar) {
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    scalar->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (scalar->plain && !length) scalar->line = 0;
    if (!(scalar->text = strndup(text, length))) return no_memory(in->error);
    if (strlen(scalar->text) == length) return KR_OK;
    kr_fail(in->error, KR_BAD_ARGUMENT, "a text must not contain a zero byte");
    return kr_tree_fail(scalar, in->error);
}

static bool has_anchor(const yaml_event_t *event) {
    return event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor != NULL
           : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor != NULL
                                                      : event->data.mapping_start.anchor != NULL;
}

static bool has_tag(const yaml_event_t *event) {
    if (event->type == YAML_SEQUENCE_START_EVENT) return event->data.sequence_start.tag != NULL;
    if (event->type == YAML_MAPPING_START_EVENT) return event->data.mapping_start.tag != NULL;
    /* "! text" has lost its tag, but not what it means. */
    return event->data.scalar.tag || (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !event->data.scalar.plain_implicit);
}

/* Takes the event. *out is part of the tree even on failure. */
static kr_status read_node(reader *in, yaml_event_t *event, unsigned depth, kr_tree **out) {
    yaml_event_type_t type = event->type;
    yaml_mark_t mark = event->start_mark;
    kr_status status = KR_OK;
    if (type == YAML_ALIAS_EVENT)
        status = refuse(in, mark, "aliases are not used in scenes");
    else if (has_anchor(event))
        status = refuse(in, mark, "anchors are not used in scenes");
    else if (has_tag(event))
        status = refuse(in, mark, "tags are not used in scenes");
    else if (depth > DEEPEST)
        status = refuse(in, mark, "this is nested too deeply for a scene");
    if (status) return yaml_event_delete(event), status;

    kr_tree_kind kind = type == YAML_MAPPING_START_EVENT    ? KR_TREE_MAP
                        : type == YAML_SEQUENCE_START_EVENT ? KR_TREE_LIST
                                                            : KR_TREE_SCALAR;
    *out = new_tree(in, kind, (int)mark.line + 1, (int)mark.column + 1);
    if (!*out)
        status = no_memory(in->error);
    else if (kind == KR_TREE_SCALAR)
        status = read_scalar(in, event, *out);
    yaml_event_delete(event);
    if (!status && kind == KR_TREE_MAP) status = read_map(in, depth + 1, *out);
    if (!status && kind == KR_TREE_LIST) status = read_list(in, depth + 1, *out);
    return status;
}

static kr_status read_stream(reader *in, kr_tree **out) {
    bool done = false;
    for (int documents = 0; !done;) {
        yaml_event_t event;
        kr_status status = next_event(in, &event);
        if (status) return status;
        switch (event.type) {
        case YAML_MAPPING_START_EVENT:
        case YAML_SEQUENCE_START_EVENT:
        case YAML_SCALAR_EVENT:
        case YAML_ALIAS_EVENT:
            if ((status = read_node(in, &event, 0, out))) return status;
            continue;
        case YAML_DOCUMENT_START_EVENT:
            if (documents++) status = refuse(in, event.start_mark, "a second document begins here; a scene is one document");
            break;
        default: done = event.type == YAML_STREAM_END_EVENT;
        }
        yaml_event_delete(&event);
        if (status) return status;
    }
    if (!*out && !(*out = new_tree(in, KR_TREE_MAP, 1, 1))) return no_memory(in->error);
    return KR_OK;
}

kr_status kr_tree_parse(kr_tree **tree, const char *source, bool set, const char *text, size_t length, kr_error *error) {
    reader in = {.text = text, .length = length, .source = source, .set = set, .error = error};
    kr_status status = check_characters(&in);
    *tree = NULL;
    if (status) return status;
    if (!yaml_parser_initialize(&in.parser)) return no_memory(error);
    yaml_parser_set_input_string(&in.parser, (const unsigned char *)text, length);
    status = read_stream(&in, tree);
    yaml_parser_delete(&in.parser);
    if (status) {
        kr_tree_destroy(*tree);
        *tree = NULL;
    }
    return status;
}
