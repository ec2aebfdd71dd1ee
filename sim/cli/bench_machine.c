/* The machine in words. Its processor's name is also that of the files in bench/results. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The text behind "name : " of the first such line of /proc/cpuinfo; empty: there is none. */
static void field(const char *name, char *text, size_t size) {
    char line[8192]; /* the list of features is long */
    size_t length = strlen(name);
    FILE *file = fopen("/proc/cpuinfo", "r");
    *text = 0;
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, length)) continue;
        const char *value = line + length + strspn(line + length, "\t ");
        if (*value != ':') continue; /* a longer name */
        value += strspn(value, ": ");
        snprintf(text, size, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    if (file) fclose(file);
}

static void name_processor(char *text, size_t size) {
    char model[96], family[16], number[16], stepping[16];
    field("model name", model, sizeof model);
    field("cpu family", family, sizeof family);
    field("model", number, sizeof number);
    field("stepping", stepping, sizeof stepping);
    /* Virtual machines cut names down to the maker's line of products. */
    if (*model && *family && !strstr(model, "family"))
        snprintf(text, size, "%s (family %s, model %s, stepping %s)", model, family, number, stepping);
    else
        snprintf(text, size, "%s", *model ? model : "unknown processor");
}

static const char *build(void) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return "sanitizers";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return "sanitizers";
#endif
#endif
#if defined(__OPTIMIZE__)
    return "optimised";
#else
    return "not optimised";
#endif
}

kr_bench_machine kr_bench_this_machine(void) {
    kr_bench_machine machine = {.processors = sysconf(_SC_NPROCESSORS_ONLN), .build = build()};
    char flags[8192];
    name_processor(machine.processor, sizeof machine.processor);
    field("flags", flags, sizeof flags);
    machine.virtual_machine = strstr(flags, " hypervisor") != NULL;
    if (getloadavg(&machine.load, 1) != 1) machine.load = NAN;
    return machine;
}

json_object *kr_bench_machine_json(const kr_bench_machine *machine) {
    json_object *object = json_object_new_object();
    json_object_object_add(object, "processor", json_object_new_string(machine->processor));
    json_object_object_add(object, "processors", json_object_new_int64(machine->processors));
    json_object_object_add(object, "virtual", json_object_new_boolean(machine->virtual_machine));
    json_object_object_add(object, "load_before", kr_json_number(machine->load));
    json_object_object_add(object, "build", json_object_new_string(machine->build));
    return object;
}
