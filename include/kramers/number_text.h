/* Numbers to text and back, the same in every locale. */
#ifndef KRAMERS_NUMBER_TEXT_H
#define KRAMERS_NUMBER_TEXT_H

#include <kramers/api.h>

#include <stdbool.h>
#include <stdint.h>

KR_BEGIN_DECLARATIONS

enum { KR_NUMBER_TEXT = 40 };

/* The shortest text that reads back as the same double; ".inf", "-.inf" and ".nan" as in YAML. Integers below 1e15 have no
 * exponent. buffer has KR_NUMBER_TEXT places and is returned. */
KR_API const char *kr_number_text(double value, char *buffer);

/* The same in a form that YAML 1.1 readers (PyYAML) take for a number too: "1.0e+9". */
KR_API const char *kr_number_yaml(double value, char *buffer);

/* A whole text as a number in YAML's core schema (decimal; blanks around it are allowed). False: it is none. Beyond the
 * largest double gives an infinity. */
KR_API bool kr_number_parse(const char *text, double *value);

/* Decimal integers without fraction and exponent that fit; larger and exact ones like 1e5 go through kr_number_parse. */
KR_API bool kr_integer_parse(const char *text, int64_t *value);
KR_API bool kr_natural_parse(const char *text, uint64_t *value); /* the same from 0 to 2^64 - 1 */

KR_END_DECLARATIONS

#endif
