/* The claims about cosine annealing that notebooks/claims measures: verdicts, where they are explained, and what shows them in
 * motion. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text(json_object *claim, const char *key) {
    return json_object_get_string(json_object_object_get(claim, key));
}

static double number(json_object *claim, const char *key) {
    return json_object_get_double(json_object_object_get(claim, key));
}

/* "holds when ...", as the page says it. */
static void verdict_text(json_object *claim, char *out, size_t size) {
    const char *when = text(claim, "when");
    snprintf(out, size, "%s%s%s", text(claim, "verdict"), *when ? " " : "", when);
}

static void print_indented(const char *line, int indent) {
    printf("%*s", indent, "");
    kr_print_wrapped(stdout, line, indent, indent, kr_width(stdout));
}

static void print_claim(json_object *claim) {
    enum { INDENT = 4 };
    char verdict[600], line[1400];
    verdict_text(claim, verdict, sizeof verdict);
    printf("%2d  ", json_object_get_int(json_object_object_get(claim, "number")));
    kr_print_wrapped(stdout, text(claim, "title"), INDENT, INDENT, kr_width(stdout));
    print_indented(verdict, INDENT);
    printf("%*s%s\n", INDENT, "", text(claim, "page"));
    json_object *watch = json_object_object_get(claim, "watch");
    for (size_t i = 0; i < json_object_array_length(watch); i++) {
        snprintf(line, sizeof line, "kramers view %s", json_object_get_string(json_object_array_get_idx(watch, i)));
        print_indented(line, INDENT);
    }
}

static void print_details(json_object *claim) {
    enum { INDENT = 4 };
    char line[1400];
    print_claim(claim);
    putchar('\n');
    print_indented(text(claim, "claim"), INDENT);
    snprintf(line, sizeof line, "Effect (95 %%): %s: %.4g (%.4g to %.4g), %d independent runs.", text(claim, "effect"),
             number(claim, "value"), number(claim, "low"), number(claim, "high"),
             json_object_get_int(json_object_object_get(claim, "runs")));
    print_indented(line, INDENT);
    printf("%*s%s\n", INDENT, "", text(claim, "notebook"));
}

/* NULL: not enough memory. */
static json_object *all(void) {
    json_object *claims = NULL;
    json_tokener *tokener = json_tokener_new();
    for (const char *const *line = kr_claims_json; tokener && *line && !claims; line++)
        claims = json_tokener_parse_ex(tokener, *line, (int)strlen(*line));
    if (tokener) json_tokener_free(tokener);
    return claims;
}

static json_object *find(json_object *claims, const char *name) {
    char *end;
    long wanted = strtol(name, &end, 10);
    for (size_t i = 0; !*end && i < json_object_array_length(claims); i++) {
        json_object *claim = json_object_array_get_idx(claims, i);
        if (json_object_get_int(json_object_object_get(claim, "number")) == wanted) return claim;
    }
    return NULL;
}

/* With a name, the claim of this number and more of it. */
int kr_list_claims(const char *name, bool json) {
    json_object *claims = all(), *one = claims && name ? find(claims, name) : NULL;
    if (!claims) {
        kr_error error;
        (void)kr_fail(&error, KR_NO_MEMORY, "there is not enough memory for the list of claims");
        return kr_complain(&error);
    }
    if (name && !one) {
        fprintf(stderr, "kramers: there is no claim '%.80s'; 'kramers list claims' numbers them\n", name);
        json_object_put(claims);
        return 2;
    }
    if (json)
        kr_json_print(json_object_get(one ? one : claims));
    else if (one)
        print_details(one);
    else
        for (size_t i = 0; i < json_object_array_length(claims); i++) print_claim(json_object_array_get_idx(claims, i));
    json_object_put(claims);
    return 0;
}
