#include "scene_tree.h"

#include <libfyaml.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 16 };

typedef struct reader {
    struct fy_parser *parser;
    struct fy_diag *diag;
    const char *source;
    bool set; /* the text is the VALUE of --set */
    kr_error *error;
} reader;

void kr_tree_destroy(kr_tree *tree) {
    while (tree) {
        kr_tree *next = tree->next;
        kr_tree_destroy(tree->child);
        free(tree->key);
        free(tree->text);
        free(tree);
        tree = next;
    }
}

kr_tree *kr_tree_find(const kr_tree *map, const char *key) {
    for (kr_tree *entry = map ? map->child : NULL; entry; entry = entry->next)
        if (entry->key && !strcmp(entry->key, key)) return entry;
    return NULL;
}

bool kr_tree_is_null(const kr_tree *tree) {
    if (tree->kind != KR_TREE_SCALAR || !tree->plain) return false;
    return !*tree->text || !strcmp(tree->text, "~") || !strcmp(tree->text, "null") || !strcmp(tree->text, "Null") ||
           !strcmp(tree->text, "NULL");
}

size_t kr_tree_count(const kr_tree *tree) {
    size_t count = 0;
    for (const kr_tree *entry = tree->child; entry; entry = entry->next) count++;
    return count;
}

void kr_tree_relabel(kr_tree *tree, const char *source) {
    for (; tree; tree = tree->next) {
        tree->source = source;
        tree->line = tree->key_line = 0;
        kr_tree_relabel(tree->child, source);
    }
}

void kr_tree_remove(kr_tree *parent, kr_tree *entry) {
    for (kr_tree **at = &parent->child; *at; at = &(*at)->next)
        if (*at == entry) {
            *at = entry->next;
            entry->next = NULL;
            kr_tree_destroy(entry);
            return;
        }
}

static kr_status fail_place(const kr_tree *tree, int line, int column, kr_error *error) {
    kr_status status = error ? error->status : KR_BAD_ARGUMENT; /* texts have no other faults */
    if (tree->set || line <= 0) return kr_fail_at(error, status, "%s", tree->source);
    return kr_fail_at(error, status, "%s:%d:%d", tree->source, line, column);
}

kr_status kr_tree_fail(const kr_tree *tree, kr_error *error) {
    return fail_place(tree, tree->line, tree->column, error);
}

kr_status kr_tree_fail_key(const kr_tree *tree, kr_error *error) {
    return tree->key ? fail_place(tree, tree->key_line, tree->key_column, error) : kr_tree_fail(tree, error);
}

kr_status kr_tree_fail_under(const kr_tree *tree, const char *key, kr_error *error) {
    const kr_tree *node = NULL;
    for (const kr_tree *at = tree; at && *key; key += *key == '.') {
        size_t length = strcspn(key, "."), digits = strspn(key, "0123456789");
        const kr_tree *next = at->child;
        if (at->kind == KR_TREE_LIST) {
            for (unsigned long number = digits == length ? strtoul(key, NULL, 10) : 0; next && number > 0; number--)
                next = next->next;
        } else {
            while (next && (!next->key || strlen(next->key) != length || strncmp(next->key, key, length) != 0)) next = next->next;
        }
        if (next) node = next;
        if (at->kind != KR_TREE_LIST || digits == length) key += length;
        at = next;
    }
    return node ? kr_tree_fail(node, error) : error ? error->status : KR_BAD_ARGUMENT;
}

static kr_status no_memory(kr_error *error) {
    return kr_fail(error, KR_NO_MEMORY, "out of memory while reading a scene");
}

static kr_tree *new_tree(const reader *in, kr_tree_kind kind, int line, int column) {
    kr_tree *tree = calloc(1, sizeof *tree);
    if (!tree) return NULL;
    *tree = (kr_tree){.kind = kind, .plain = true, .line = line, .column = column, .source = in->source, .set = in->set};
    return tree;
}

/* The parser's own message, with its place. */
static kr_status syntax_error(const reader *in) {
    void *previous = NULL;
    struct fy_diag_error *first = fy_diag_errors_iterate(in->diag, &previous);
    if (!first) return kr_fail(in->error, KR_BAD_ARGUMENT, "%s: this is no YAML", in->source);
    const kr_tree place = {.source = in->source, .set = in->set, .line = first->line, .column = first->column};
    kr_fail(in->error, KR_BAD_ARGUMENT, "%s", first->msg);
    return kr_tree_fail(&place, in->error);
}

static kr_status refuse(const reader *in, struct fy_event *event, const char *what) {
    const struct fy_mark *mark = event ? fy_event_start_mark(event) : NULL;
    const kr_tree place = {
        .source = in->source, .set = in->set, .line = mark ? mark->line + 1 : 0, .column = mark ? mark->column + 1 : 0};
    kr_fail(in->error, KR_BAD_ARGUMENT, "%s", what);
    return kr_tree_fail(&place, in->error);
}

static kr_status read_node(const reader *in, struct fy_event *event, unsigned depth, kr_tree **out);

static kr_status read_list(const reader *in, unsigned depth, kr_tree *list) {
    kr_tree **end = &list->child;
    for (;;) {
        struct fy_event *event = fy_parser_parse(in->parser);
        if (!event) return syntax_error(in);
        if (event->type == FYET_SEQUENCE_END) return fy_parser_event_free(in->parser, event), KR_OK;
        kr_status status = read_node(in, event, depth, end);
        if (status) return status;
        if ((*end)->line <= 0) (*end)->line = list->line, (*end)->column = list->column;
        end = &(*end)->next;
    }
}

static kr_status read_entry(const reader *in, struct fy_event *event, unsigned depth, kr_tree *map, kr_tree **out) {
    if (event->type != FYET_SCALAR) {
        kr_status status =
            refuse(in, event, event->type == FYET_ALIAS ? "aliases are not used in scenes" : "a key must be a plain name");
        fy_parser_event_free(in->parser, event);
        return status;
    }
    kr_tree *key = NULL;
    kr_status status = read_node(in, event, depth, &key);
    if (status) return status;
    const kr_tree *twin = kr_tree_find(map, key->text);
    if (twin) {
        kr_fail(in->error, KR_BAD_ARGUMENT, "'%.80s' stands here for the second time; the first is in line %d", key->text,
                twin->key_line);
        status = kr_tree_fail(key, in->error);
    } else if (!(event = fy_parser_parse(in->parser))) {
        status = syntax_error(in);
    } else if (!(status = read_node(in, event, depth, out))) {
        (*out)->key = key->text;
        key->text = NULL;
        (*out)->key_line = key->line;
        (*out)->key_column = key->column;
        if ((*out)->line <= 0) (*out)->line = key->line, (*out)->column = key->column;
    }
    kr_tree_destroy(key);
    return status;
}

static kr_status read_map(const reader *in, unsigned depth, kr_tree *map) {
    kr_tree **end = &map->child;
    for (;;) {
        struct fy_event *event = fy_parser_parse(in->parser);
        if (!event) return syntax_error(in);
        if (event->type == FYET_MAPPING_END) return fy_parser_event_free(in->parser, event), KR_OK;
        kr_status status = read_entry(in, event, depth, map, end);
        if (status) return status;
        end = &(*end)->next;
    }
}

static kr_status read_scalar(const reader *in, const struct fy_event *event, kr_tree *scalar) {
    size_t length = 0;
    const char *text = event->scalar.value ? fy_token_get_text(event->scalar.value, &length) : "";
    enum fy_scalar_style style = event->scalar.value ? fy_token_scalar_style(event->scalar.value) : FYSS_PLAIN;
    scalar->plain = style == FYSS_PLAIN;
    if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) scalar->column--; /* the mark is behind the quotation mark */
    scalar->text = text ? strndup(text, length) : NULL;
    if (!scalar->text) return no_memory(in->error);
    if (strlen(scalar->text) == length) return KR_OK;
    kr_fail(in->error, KR_BAD_ARGUMENT, "a text must not contain a zero byte");
    return kr_tree_fail(scalar, in->error);
}

/* Takes the event. *out is part of the tree even on failure. */
static kr_status read_node(const reader *in, struct fy_event *event, unsigned depth, kr_tree **out) {
    kr_status status = KR_OK;
    if (event->type == FYET_ALIAS)
        status = refuse(in, event, "aliases are not used in scenes");
    else if (fy_event_get_anchor_token(event))
        status = refuse(in, event, "anchors are not used in scenes");
    else if (fy_event_get_tag_token(event))
        status = refuse(in, event, "tags are not used in scenes");
    else if (depth > DEEPEST)
        status = refuse(in, event, "this is nested too deeply for a scene");
    if (status) return fy_parser_event_free(in->parser, event), status;

    enum fy_event_type type = event->type;
    const struct fy_mark *mark = fy_event_start_mark(event);
    kr_tree_kind kind = type == FYET_MAPPING_START ? KR_TREE_MAP : type == FYET_SEQUENCE_START ? KR_TREE_LIST : KR_TREE_SCALAR;
    *out = new_tree(in, kind, mark ? mark->line + 1 : 0, mark ? mark->column + 1 : 0);
    if (!*out)
        status = no_memory(in->error);
    else if (type == FYET_SCALAR)
        status = read_scalar(in, event, *out);
    fy_parser_event_free(in->parser, event);
    if (!status && type == FYET_MAPPING_START) status = read_map(in, depth + 1, *out);
    if (!status && type == FYET_SEQUENCE_START) status = read_list(in, depth + 1, *out);
    return status;
}

static kr_status read_stream(const reader *in, kr_tree **out) {
    bool done = false;
    for (int documents = 0; !done;) {
        struct fy_event *event = fy_parser_parse(in->parser);
        kr_status status = KR_OK;
        if (!event) return syntax_error(in);
        switch (event->type) {
        case FYET_STREAM_END: done = true; break;
        case FYET_DOCUMENT_START:
            if (documents++) status = refuse(in, event, "a second document begins here; a scene is one document");
            break;
        case FYET_MAPPING_START:
        case FYET_SEQUENCE_START:
        case FYET_SCALAR:
        case FYET_ALIAS:
            status = read_node(in, event, 0, out);
            event = NULL;
            break;
        default: break;
        }
        if (event) fy_parser_event_free(in->parser, event);
        if (status) return status;
    }
    if (!*out && !(*out = new_tree(in, KR_TREE_MAP, 1, 1))) return no_memory(in->error);
    return KR_OK;
}

/* Length of the UTF-8 sequence at text, 0 where there is none or a control character that no text has. */
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
    return code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? length : 0;
}

/* libfyaml takes a byte that is no UTF-8 for the end of the text: what follows would be lost without a word. */
static kr_status check_characters(const reader *in, const char *text, size_t length) {
    kr_tree place = {.source = in->source, .set = in->set, .line = 1, .column = 1};
    for (size_t i = 0; i < length;) {
        size_t step = character((const unsigned char *)text + i, length - i);
        if (!step) {
            kr_fail(in->error, KR_BAD_ARGUMENT, "byte 0x%02x is no UTF-8 text; is this a scene?", (unsigned)(unsigned char)text[i]);
            return kr_tree_fail(&place, in->error);
        }
        if (text[i] == '\n') place.line++, place.column = 0;
        place.column++;
        i += step;
    }
    return KR_OK;
}

/* Messages are collected, never printed. */
static void print_nothing(struct fy_diag *diag, void *user, const char *text, size_t length) {
    (void)diag, (void)user, (void)text, (void)length;
}

static kr_status parse(kr_tree **tree, const char *source, bool set, const char *text, size_t length, kr_error *error) {
    reader in = {.source = source, .set = set, .error = error};
    kr_status status = check_characters(&in, text, length);
    *tree = NULL;
    if (status) return status;
    const struct fy_diag_cfg messages = {.output_fn = print_nothing, .level = FYET_ERROR, .module_mask = (1u << FYEM_MAX) - 1};
    if (!(in.diag = fy_diag_create(&messages))) return no_memory(error);
    fy_diag_set_collect_errors(in.diag, true);
    const struct fy_parse_cfg settings = {.flags = FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE, .diag = in.diag};
    if ((in.parser = fy_parser_create(&settings))) {
        status = fy_parser_set_string(in.parser, text, length) ? no_memory(error) : read_stream(&in, tree);
        fy_parser_destroy(in.parser);
    } else {
        status = no_memory(error);
    }
    fy_diag_destroy(in.diag);
    if (status) {
        kr_tree_destroy(*tree);
        *tree = NULL;
    }
    return status;
}

kr_status kr_tree_parse(kr_tree **tree, const char *source, const char *text, size_t length, kr_error *error) {
    return parse(tree, source, false, text, length, error);
}

/* The entry called key (length places) of a map, made when it is not there. */
static kr_tree *entry_of(kr_tree *map, const char *key, size_t length, const char *label) {
    kr_tree **at = &map->child;
    for (; *at; at = &(*at)->next)
        if ((*at)->key && strlen((*at)->key) == length && !strncmp((*at)->key, key, length)) return *at;
    const reader in = {.source = label, .set = true};
    *at = new_tree(&in, KR_TREE_MAP, 0, 0);
    if (*at && !((*at)->key = strndup(key, length))) {
        free(*at);
        *at = NULL;
    }
    return *at;
}

/* Makes node what value is, in its place among its neighbours. */
static void replace(kr_tree *node, kr_tree *value) {
    kr_tree_destroy(node->child);
    free(node->text);
    value->key = node->key;
    value->next = node->next;
    *node = *value;
    free(value);
}

/* A short form like `landscape: harmonic`, or null, becomes a map that can take further keys. key: what the short form says. */
static kr_status make_map(kr_tree *node, const char *key, kr_error *error) {
    if (node->kind == KR_TREE_SCALAR && !kr_tree_is_null(node)) {
        kr_tree *name = calloc(1, sizeof *name);
        if (!name || !(name->key = strdup(key))) return free(name), no_memory(error);
        *name = (kr_tree){.key = name->key,
                          .key_line = node->line,
                          .key_column = node->column,
                          .text = node->text,
                          .plain = node->plain,
                          .line = node->line,
                          .column = node->column,
                          .source = node->source,
                          .set = node->set};
        node->text = NULL;
        node->child = name;
    }
    free(node->text);
    node->text = NULL;
    node->kind = KR_TREE_MAP;
    return KR_OK;
}

/* Whether the entry of a list is called so: a name, or a map with one. */
static bool is_called(const kr_tree *entry, const char *name, size_t length) {
    const kr_tree *own = entry->kind == KR_TREE_MAP ? kr_tree_find(entry, "name") : entry;
    return own && own->kind == KR_TREE_SCALAR && strlen(own->text) == length && !strncmp(own->text, name, length);
}

/* The one entry of a list that has this name. */
static kr_status element_called(kr_tree *list, const char *name, size_t length, const char *label, kr_tree **element,
                                kr_error *error) {
    size_t count = 0;
    for (kr_tree *entry = list->child; entry; entry = entry->next)
        if (is_called(entry, name, length)) *element = entry, count++;
    if (count == 1) return KR_OK;
    if (count > 1)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s: %zu entries of the list are called '%.*s'; say their numbers, from 0", label,
                       count, (int)length, name);
    return kr_fail(error, KR_BAD_ARGUMENT,
                   "%s: a list is set as a whole, [...], or by the numbers of its entries, from 0, or the names that they have",
                   label);
}

/* Number key of a list, where the one after the last is made; or its entry of this name. */
static kr_status element_of(kr_tree *list, const char *key, size_t length, const char *label, kr_tree **element, kr_error *error) {
    size_t number = 0, count = kr_tree_count(list), digits = strspn(key, "0123456789");
    if (digits != length || length > 9) return element_called(list, key, length, label, element, error);
    for (size_t i = 0; i < length; i++) number = 10 * number + (size_t)(key[i] - '0');
    if (number > count)
        return kr_fail(error, KR_BAD_ARGUMENT, "%s: there is no entry %zu; the list has %zu, and the next would be %zu", label,
                       number, count, count);
    kr_tree **at = &list->child;
    for (size_t i = 0; i < number; i++) at = &(*at)->next;
    if (!*at) *at = new_tree(&(reader){.source = label, .set = true}, KR_TREE_MAP, 0, 0);
    *element = *at;
    return *at ? KR_OK : no_memory(error);
}

/* A plug-in becomes the first of a list of them. */
static kr_status make_list(kr_tree *map, kr_error *error) {
    kr_tree *first = calloc(1, sizeof *first);
    if (!first) return no_memory(error);
    *first = *map;
    first->key = NULL;
    first->next = NULL;
    map->kind = KR_TREE_LIST;
    map->child = first;
    return KR_OK;
}

/* Whether it is a list of plug-ins. */
static bool is_named(const kr_tree *list) {
    return list->child && (list->child->kind == KR_TREE_SCALAR || kr_tree_find(list->child, "name"));
}

/* Another plug-in stands in place of all of them. */
static void forget_list(kr_tree *list) {
    kr_tree_destroy(list->child);
    list->child = NULL;
    list->kind = KR_TREE_MAP;
}

static kr_status find_or_make(kr_tree **node, const char *key, const char *label, kr_error *error) {
    const char *said = strncmp(key, "keep.", 5) ? "name" : "product";
    for (const char *end = key + strlen(key); key < end;) {
        size_t length = strcspn(key, ".");
        kr_status status = (*node)->kind == KR_TREE_SCALAR ? make_map(*node, said, error) : KR_OK;
        if (status) return status;
        bool number = strspn(key, "0123456789") == length;
        if (!(*node)->child && number) (*node)->kind = KR_TREE_LIST;
        if ((*node)->kind == KR_TREE_MAP && number && kr_tree_find(*node, said)) status = make_list(*node, error);
        if ((*node)->kind == KR_TREE_LIST && is_named(*node) && length == 4 && !strncmp(key, "name", 4)) forget_list(*node);
        if (status) return status;
        if ((*node)->kind == KR_TREE_LIST)
            status = element_of(*node, key, length, label, node, error);
        else if (!(*node = entry_of(*node, key, length, label)))
            status = no_memory(error);
        if (status) return status;
        key += length + 1;
    }
    return KR_OK;
}

kr_status kr_tree_assignment(const char *assignment, const char *label, char **key, kr_tree **value, kr_error *error) {
    const char *equals = strchr(assignment, '=');
    *key = NULL;
    *value = NULL;
    if (!equals) return kr_fail(error, KR_BAD_ARGUMENT, "%s: needs KEY=VALUE, for instance ensemble.seed=7", label);
    for (const char *name = assignment; name <= equals; name += strcspn(name, ".=") + 1)
        if (*name == '.' || *name == '=') return kr_fail(error, KR_BAD_ARGUMENT, "%s: a name is missing in the key", label);
    if (!equals[1 + strspn(equals + 1, " \t\n")]) return kr_fail(error, KR_BAD_ARGUMENT, "%s: there is no value after '='", label);
    kr_status status = parse(value, label, true, equals + 1, strlen(equals + 1), error);
    if (status || (*key = strndup(assignment, (size_t)(equals - assignment)))) return status;
    kr_tree_destroy(*value);
    *value = NULL;
    return no_memory(error);
}

kr_status kr_tree_set(kr_tree *tree, const char *assignment, const char *label, kr_error *error) {
    char *key;
    kr_tree *value;
    kr_status status = kr_tree_assignment(assignment, label, &key, &value, error);
    if (status) return status;
    status = find_or_make(&tree, key, label, error);
    free(key);
    if (status) return kr_tree_destroy(value), status;
    replace(tree, value);
    return KR_OK;
}

kr_tree *kr_tree_copy(const kr_tree *from) {
    kr_tree *to = malloc(sizeof *to);
    if (!to) return NULL;
    *to = *from;
    to->key = NULL;
    to->next = to->child = NULL;
    to->text = from->text ? strdup(from->text) : NULL;
    bool enough = to->text || !from->text;
    kr_tree **end = &to->child;
    for (const kr_tree *entry = from->child; enough && entry; entry = entry->next, end = &(*end)->next) {
        enough = (*end = kr_tree_copy(entry)) && (!entry->key || ((*end)->key = strdup(entry->key)));
        if (!enough) break;
    }
    if (enough) return to;
    kr_tree_destroy(to);
    return NULL;
}

kr_status kr_tree_put(kr_tree *tree, const char *key, const kr_tree *value, kr_error *error) {
    kr_tree *copy = kr_tree_copy(value);
    if (!copy) return no_memory(error);
    kr_status status = find_or_make(&tree, key, value->source, error);
    if (status) return kr_tree_destroy(copy), status;
    replace(tree, copy);
    return KR_OK;
}
