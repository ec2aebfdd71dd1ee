#include "yaml_problem.h"

#include <stddef.h>
#include <string.h>

/* By a piece of libyaml's message; the first that fits. */
static const struct {
    const char *piece, *text;
} known[] = {
    {"mapping values are not allowed",
     "a ':' has no place here: quotation marks belong around a text with ': ' in it, and a map begins on a line of its own"},
    {"could not find expected ':'", "a key needs a ':' behind it, as in KEY: VALUE"},
    {"did not find expected key", "a key is expected here, as in KEY: VALUE, indented like those before it"},
    {"did not find expected '-'", "the next entry of the list is expected here, with a '-' indented like those before it"},
    {"expected ',' or ']'", "the list needs ',' or ']' here"},
    {"expected ',' or '}'", "the map needs ',' or '}' here"},
    {"block sequence entries are not allowed", "a list with '-' begins on a line of its own; in one line it is [a, b]"},
    {"mapping keys are not allowed", "keys with '?' are not used in scenes; write KEY: VALUE"},
    {"unknown escape character", "this '\\' says nothing in double quotation marks; write \\\\, or take single ones"},
    {"hexdecimal number", "\\x, \\u and \\U are followed by 2, 4 and 8 hexadecimal digits"},
    {"Unicode character escape", "\\x, \\u and \\U are followed by the number of a character"},
    {"indentation indicator", "the indentation behind '|' or '>' is a number from 1 to 9, or left out"},
    {"comment or line break", "behind '|' or '>' the text begins on the next line"},
    {"tab character", "tab character may not be used as indentation; use blanks"},
    {"control characters", "a control character stands here; is this a scene?"},
    {"UTF-8", "this is no UTF-8 text; is this a scene?"},
    {"surrogate", "this is no text in UTF-16; is this a scene?"},
    {"invalid Unicode", "this is no character of Unicode; is this a scene?"},
    {"<document start>", "the scene is over before this; is the indentation right?"},
    {"document indicator", "a scene is one document: '---' and '...' have no place in a text"},
    {"end of stream", "the scene ends in the middle of a text"},
    {"node content", "a value is expected here"},
    {"unexpected ':'", "quotation marks belong around a text with ':' in it"},
    {"alias", "aliases are not used in scenes"},
    {"anchor", "anchors are not used in scenes"},
    {"alphabetic or numeric",
     "a name is expected behind '&' or '*', which are not used in scenes; quotation marks make them a text"},
    {"whitespace", "a blank is missing here"},
    {"tag", "tags (!) are not used in scenes"},
    {"'!'", "tags (!) are not used in scenes"},
    {"'>'", "tags (!) are not used in scenes"},
    {"URI", "tags (!) are not used in scenes"},
    {"directive", "directives (%) are not used in scenes"},
    {"version", "directives (%) are not used in scenes"},
    {"incompatible YAML", "directives (%) are not used in scenes"},
    {"digit", "directives (%) are not used in scenes"},
};

const char *kr_yaml_problem(const char *problem) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(problem, known[i].piece)) return known[i].text;
    return problem;
}
