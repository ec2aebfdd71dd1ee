/* What commands say: tables for people, JSON, messages. */
#ifndef KR_REPORT_H
#define KR_REPORT_H

#include <kramers/kramers.h>

#include <json-c/json.h>

/* ---- messages.c ---- */

/* "kramers: <message>" on stderr; returns the exit status of the error. */
int kr_complain(const kr_error *error);
/* To stderr, one line for each. */
void kr_warn_of_landscape(const kr_landscape *landscape);
/* Flushes stdout; a closed pipe or a full device gets a message and changes status to 3 where it was 0. */
int kr_flush_output(int status);
/* Width of the terminal at a stream, 80 where it is none; COLUMNS goes before. */
int kr_width(FILE *stream);
bool kr_is_terminal(FILE *stream);
/* Whether it is a terminal that erases a line when it is told to: not one without TERM or with TERM=dumb, which shows escape
 * sequences as they are. */
bool kr_erases_lines(FILE *stream);
/* Texts for people: "1.2 GB", "2 min 10 s". */
const char *kr_bytes_text(double bytes, char *buffer, size_t size);
const char *kr_seconds_text(double seconds, char *buffer, size_t size);
/* A number in this format, "-" where it is not finite: no table says nan. Returns text. */
enum { KR_KNOWN_TEXT = 48 };
const char *kr_known(double value, const char *format, char text[KR_KNOWN_TEXT]);
/* text broken between words, lines after the first indented. */
void kr_print_wrapped(FILE *out, const char *text, int first, int indent, int width);

/* A line of a list on stdout: the name, and what it is in a column beside it. about NULL: the name alone. */
void kr_print_named(const char *name, const char *about);

/* ---- json.c ---- */

json_object *kr_json_number(double value); /* null where it is not finite */
json_object *kr_json_numbers(const double *value, size_t n);
json_object *kr_json_scene(const kr_scene *scene);
json_object *kr_json_value(const kr_settings *settings, const kr_parameter *parameter);
/* Prints and releases it. */
void kr_json_print(json_object *object);

/* ---- result_json.c: rows of results, every one of them, null where there is nothing ---- */

json_object *kr_json_theory(const kr_theory_result *theory);
json_object *kr_json_result(const kr_scene *scene, const kr_result *result);

/* ---- scene_report.c ---- */

void kr_report_scene(FILE *out, const kr_scene *scene);
/* Texts for people; return text. */
const char *kr_start_text(const kr_scene *scene, char *text, size_t size);
const char *kr_target_text(const kr_target *target, char *text, size_t size);

/* ---- theory_report.c ---- */

/* verbose: every number by itself with all digits, and why theories do not apply. */
void kr_report_theories(FILE *out, const kr_theory_result *theories, size_t count, bool verbose);
/* The measured mean and its interval, with as many digits as this supports, and the theories below. */
void kr_report_passages(FILE *out, const kr_result *result, bool verbose);
/* Where no passages are measured: what the theories say of the rest. The gaps stand in the table of transitions, if there is one.
 */
void kr_report_beside_means(FILE *out, const kr_result *result, bool verbose);
/* Decimals that show half of an interval with two digits, negative where places before the point are rounded. */
enum { KR_DECIMALS_UNKNOWN = -1000 };
int kr_decimals(kr_interval ends);
/* value so, with three significant digits at least, and an exponent where the plain form is longer than width or of more than seven
 * digits; "-" where it is not finite. */
const char *kr_rounded(double value, int decimals, int width, char text[KR_KNOWN_TEXT]);

/* ---- line_report.c: a line for each row that has a label ---- */

void kr_report_lines(FILE *out, const kr_result_part *part);

/* ---- measured_report.c: what is a table or a sentence for people ---- */

/* And how far times between passages are from exponential ones; verbose: how likely that is by chance. */
void kr_report_survival(FILE *out, const kr_result *result, bool verbose);
void kr_report_transitions(FILE *out, const kr_result *result, const kr_result_part *parts, size_t count);

/* ---- result_report.c ---- */

/* before: particle-steps that an earlier process has done. */
void kr_report_result(FILE *out, const kr_scene *scene, const kr_result *result, uint64_t before, bool verbose);

/* ---- cycle_survival_report.c ---- */

json_object *kr_json_cycle_survival(const kr_cycle_survival *cycles);
void kr_report_cycle_survival(FILE *out, const kr_cycle_survival *cycles);

#endif
