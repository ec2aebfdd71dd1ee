#include <kramers/registry.h>

#include "registry_tables.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TABLES = 8, MOST_NAMES = 256 };

/* The generated tables with theories and observers in the order of their rank. Filled once, never changed. */
static kr_registry tables[MOST_TABLES];
static size_t table_count;
static const kr_theory_type *ranked[MOST_NAMES];
static const kr_descriptor *observers[KR_MAX_OBSERVERS + 1];
static pthread_once_t prepared = PTHREAD_ONCE_INIT;

/* Feature by feature: Clang 14 does not know the level names. A processor with AVX2, FMA and BMI2 has the rest of x86-64-v3. */
static bool processor_runs(const char *isa) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    if (!strcmp(isa, "v3")) return v3;
    if (!strcmp(isa, "v4"))
        return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
#endif
    return !strcmp(isa, "baseline");
}

static int by_rank(const void *a, const void *b) {
    const kr_theory_type *left = *(const kr_theory_type *const *)a, *right = *(const kr_theory_type *const *)b;
    if (left->rank != right->rank) return left->rank < right->rank ? -1 : 1;
    return strcmp(left->about.name, right->about.name);
}

static int by_place(const void *a, const void *b) {
    const kr_descriptor *left = *(const kr_descriptor *const *)a, *right = *(const kr_descriptor *const *)b;
    if (left->rank != right->rank) return (unsigned)left->rank - 1 < (unsigned)right->rank - 1 ? -1 : 1; /* 0 is last */
    return strcmp(left->name, right->name);
}

/* Every plug-in begins with its descriptor. */
static void prepare_observers(void) {
    size_t count = 0;
    const kr_descriptor *const *all = (const void *)kr_registry_tables[0].observers;
    for (; all[count] && count < KR_MAX_OBSERVERS; count++) observers[count] = all[count];
    qsort(observers, count, sizeof *observers, by_place);
}

static void prepare(void) {
    size_t theories = 0;
    prepare_observers();
    for (const kr_theory_type *const *theory = kr_registry_tables[0].theories; *theory && theories < MOST_NAMES - 1; theory++)
        ranked[theories++] = *theory;
    qsort(ranked, theories, sizeof *ranked, by_rank);
    for (const kr_registry *table = kr_registry_tables; table->isa && table_count < MOST_TABLES; table++) {
        tables[table_count] = *table;
        tables[table_count].observers = (const void *)observers;
        tables[table_count++].theories = ranked;
    }
}

size_t kr_registry_available(const kr_registry **registries, size_t capacity) {
    pthread_once(&prepared, prepare);
    size_t count = 0;
    for (size_t i = 0; i < table_count; i++)
        if (processor_runs(tables[i].isa)) {
            if (count < capacity) registries[count] = &tables[i];
            count++;
        }
    return count;
}

kr_status kr_registry_find(const char *isa, const kr_registry **registry, kr_error *error) {
    const kr_registry *available[MOST_TABLES];
    size_t count = kr_registry_available(available, MOST_TABLES);
    const char *from = "";
    if (!isa && (isa = getenv("KRAMERS_ISA"))) from = " (from KRAMERS_ISA)";
    if (!isa || !*isa || !strcmp(isa, "auto")) {
        *registry = available[0];
        return KR_OK;
    }
    char names[128] = "auto";
    for (size_t i = 0, used = 4; i < count; i++) {
        if (!strcmp(available[i]->isa, isa)) {
            *registry = available[i];
            return KR_OK;
        }
        used += (size_t)snprintf(names + used, sizeof names - used, ", %s", available[i]->isa);
    }
    for (size_t i = 0; i < table_count; i++)
        if (!strcmp(tables[i].isa, isa))
            return kr_fail(error, KR_BAD_ARGUMENT, "this processor cannot run instruction set '%s'%s; it has %s", isa, from, names);
    return kr_fail(error, KR_BAD_ARGUMENT, "unknown instruction set '%s'%s; this processor has %s", isa, from, names);
}

kr_status kr_descriptor_find(const char *kind, const void *list, const char *name, const kr_descriptor **found, kr_error *error) {
    const kr_descriptor *const *descriptors = list;
    const char *names[MOST_NAMES];
    size_t count = 0, used = 0;
    char all[700] = "";
    for (; *descriptors && count < MOST_NAMES - 1; descriptors++) {
        if (!strcmp((*descriptors)->name, name)) {
            *found = *descriptors;
            return KR_OK;
        }
        names[count++] = (*descriptors)->name;
        if (used < sizeof all)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", (*descriptors)->name);
    }
    names[count] = NULL;
    const char *near = kr_nearest_name(name, names);
    if (near) return kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; did you mean '%s'?", kind, name, near);
    return kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; there are %s", kind, name, count ? all : "none");
}
