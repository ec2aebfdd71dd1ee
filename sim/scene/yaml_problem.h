/* What libyaml has against a text, in words that say what to do. */
#ifndef KR_YAML_PROBLEM_H
#define KR_YAML_PROBLEM_H

/* problem: libyaml's own words (yaml_parser_t). One that is not known comes back as it is. */
const char *kr_yaml_problem(const char *problem);

#endif
