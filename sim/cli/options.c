#include "command.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void refuse(const char *option, const char *wanted, const char *given) {
    fprintf(stderr, "kramers: %s needs %s, not '%.80s'\n", option, wanted, given);
    exit(2);
}

static int64_t integer(const char *option, const char *wanted, const char *text, int64_t low, int64_t high) {
    int64_t value;
    double number;
    if (!kr_integer_parse(text, &value)) {
        /* 1e6 is an integer too */
        if (!kr_number_parse(text, &number) || !(number >= -1e18 && number <= 1e18) || number != (double)(int64_t)number)
            refuse(option, wanted, text);
        value = (int64_t)number;
    }
    if (value < low || value > high) refuse(option, wanted, text);
    return value;
}

static const char *file_name(const char *option, const char *text) {
    if (!*text) refuse(option, "a file name", text);
    return text;
}

static void size(const char *option, const char *text, int *width, int *height) {
    char after;
    if (sscanf(text, "%dx%d%c", width, height, &after) != 2 || *width < 320 || *height < 240 || *width > 16384 || *height > 16384)
        refuse(option, "WIDTHxHEIGHT in pixels, at least 320x240", text);
}

static void add_text(const char ***list, size_t *count, const char *text) {
    const char **larger = realloc(*list, (*count + 1) * sizeof *larger);
    if (!larger) {
        fputs("kramers: out of memory\n", stderr);
        exit(3);
    }
    *list = larger;
    larger[(*count)++] = text;
}

static void part(const char *text, int64_t *part, int64_t *parts) {
    static const char wanted[] = "I/N, part I of N, with I from 1 to N";
    char own[64];
    const char *slash = strchr(text, '/');
    if (!slash || slash - text >= (long)sizeof own) refuse("--part", wanted, text);
    snprintf(own, sizeof own, "%.*s", (int)(slash - text), text);
    if (!kr_integer_parse(own, part) || !kr_integer_parse(slash + 1, parts) || *part < 1 || *part > *parts || *parts > 1000000)
        refuse("--part", wanted, text);
}

static kr_durability durability(const char *text) {
    for (int i = 0; kr_durability_names[i]; i++)
        if (!strcmp(text, kr_durability_names[i])) return (kr_durability)i;
    refuse("--durability", "none, flush or fsync", text);
    return KR_DURABILITY_FLUSH;
}

static error_t parse(int key, char *text, struct argp_state *state) {
    kr_options *o = state->input;
    switch (key) {
    case KR_OPTION_SET: add_text(&o->set, &o->set_count, text); break;
    case KR_OPTION_VARY: add_text(&o->vary, &o->vary_count, text); break;
    case KR_OPTION_PLUGIN: add_text(&o->plugin, &o->plugin_count, file_name("--plugin", text)); break;
    case KR_OPTION_OUTPUT: o->output = file_name("--output", text); break;
    case KR_OPTION_DIRECTORY:
        if (!*text) refuse("--directory", "a directory", text);
        o->directory = text;
        break;
    case KR_OPTION_JSON: o->json = true; break;
    case KR_OPTION_QUIET: o->quiet = true; break;
    case KR_OPTION_VERBOSE: o->verbose = true; break;
    case KR_OPTION_CRITICAL_POINTS: o->critical_points = true; break;
    case KR_OPTION_FORCE: o->force = true; break;
    case KR_OPTION_ALL: o->all = true; break;
    case KR_OPTION_DURABILITY: o->durability = durability(text); break;
    case KR_OPTION_SAVE: o->save = file_name("--save", text); break;
    case KR_OPTION_ACCEPT: o->accept = true; break;
    case KR_OPTION_PHASE: o->phase = text; break;
    case KR_OPTION_THREADS: o->threads = (int)integer("--threads", "an integer from 1 to 4096", text, 1, 4096); break;
    case KR_OPTION_ISA: o->isa = text; break;
    case KR_OPTION_SECONDS:
        if (!kr_number_parse(text, &o->seconds) || !(o->seconds > 0 && o->seconds <= 3600))
            refuse("--seconds", "a number above 0, at most 3600", text);
        break;
    case KR_OPTION_STEPS: o->steps = integer("--steps", "a positive integer", text, 1, INT64_MAX); break;
    case KR_OPTION_SEED:
        o->branch = true;
        if (!kr_natural_parse(text, &o->seed)) refuse("--seed", "an integer from 0 to 18446744073709551615", text);
        break;
    case KR_OPTION_FRAMES: o->frames = integer("--frames", "a positive integer", text, 1, INT64_MAX); break;
    case KR_OPTION_SCREENSHOT: o->screenshot = file_name("--screenshot", text); break;
    case KR_OPTION_RECORD: o->record = file_name("--record", text); break;
    case KR_OPTION_DESCRIBE: o->describe = file_name("--describe", text); break;
    case KR_OPTION_SIZE: size("--size", text, &o->width, &o->height); break;
    case KR_OPTION_SCALE:
        if (!kr_number_parse(text, &o->scale) || !(o->scale >= 0.5 && o->scale <= 8))
            refuse("--scale", "a number from 0.5 to 8", text);
        break;
    case KR_OPTION_LIGHT: o->light = true; break;
    case KR_OPTION_PRESENT: o->present = true; break;
    case KR_OPTION_VIEW: o->view = text; break;
    case KR_OPTION_OPEN: o->open = text; break;
    case KR_OPTION_LANGUAGE: o->language = text; break;
    case KR_OPTION_LESSON_STEP:
        o->lesson_step =
            !strcmp(text, "none") ? -1 : integer("--lesson-step", "a step of the lesson from 1 on, or none", text, 1, 1000);
        break;
    case KR_OPTION_SPEED:
        if (!strcmp(text, "max"))
            o->speed = INFINITY;
        else if (!kr_number_parse(text, &o->speed) || !(o->speed > 0))
            refuse("--speed", "a number of steps per second above 0, or max", text);
        break;
    case KR_OPTION_PAUSED: o->paused = true; break;
    case KR_OPTION_PART: part(text, &o->part, &o->parts); break;
    case KR_OPTION_MERGE: o->merges = true; break;
    case KR_OPTION_COLUMNS:
        if (!text[strspn(text, ", ")]) refuse("--columns", "all, or names between commas", text);
        o->columns = text;
        break;
    case ARGP_KEY_ARG:
        if (o->merges) { /* options come before arguments, whatever their order was */
            add_text(&o->merge, &o->merge_count, file_name("--merge", text));
            break;
        }
        if (o->argument_limit == KR_ANY_ARGUMENTS) {
            add_text(&o->files, &o->file_count, file_name("FILE", text));
            break;
        }
        if (o->argument_count == o->argument_limit) {
            fprintf(stderr, "kramers: '%.80s' is one argument too many\n", text);
            exit(2);
        }
        o->argument[o->argument_count++] = text;
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void kr_options_parse(kr_options *options, size_t argument_limit, const struct argp_option *rows, const char *arguments,
                      const char *doc, int argc, char **argv) {
    *options = (kr_options){.argument_limit = argument_limit};
    const struct argp parser = {rows, parse, arguments, doc, NULL, NULL, NULL};
    error_t failed = argp_parse(&parser, argc, argv, 0, NULL, options);
    if (failed) {
        fprintf(stderr, "kramers: %s\n", kr_errno_text(failed));
        exit(3);
    }
}

kr_status kr_registry_with_plugins(const kr_options *options, const char *isa, const kr_registry **registry, kr_error *error) {
    kr_plugin_paths paths;
    *registry = NULL;
    kr_status status = kr_plugin_paths_find(&paths, options->plugin, options->plugin_count, error);
    if (status != KR_OK) return status;
    status = kr_registry_open(registry, isa, (const char *const *)paths.path, paths.count, error);
    kr_plugin_paths_destroy(&paths);
    return status;
}

kr_status kr_options_registry(kr_options *options, kr_error *error) {
    return kr_registry_with_plugins(options, options->isa, &options->registry, error);
}

void kr_options_free(kr_options *options) {
    kr_registry_close(options->registry);
    free(options->plugin);
    free(options->set);
    free(options->vary);
    free(options->merge);
    free(options->files);
}
