#include <kramers/registry.h>
#include <kramers/twins.h>

#include "kernels.h"
#include "registry_tables.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_TABLES = 8, MOST_NAMES = 256 };

/* The generated tables with theories and observers in the order of their rank. Filled once, never changed. */
static kr_registry tables[MOST_TABLES];
static size_t table_count;
static const kr_descriptor *theories[KR_MAX_THEORIES + 1], *observers[KR_MAX_OBSERVERS + 1];
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

/* Observers by their rank, those without one last. */
static int by_place(const void *a, const void *b) {
    const kr_descriptor *left = *(const kr_descriptor *const *)a, *right = *(const kr_descriptor *const *)b;
    if (left->rank != right->rank) return (unsigned)left->rank - 1 < (unsigned)right->rank - 1 ? -1 : 1; /* 0 is last */
    return strcmp(left->name, right->name);
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const kr_descriptor *const *)a)->name, (*(const kr_descriptor *const *)b)->name);
}

void kr_registry_sort(kr_plugin_kind kind, const kr_descriptor **list, size_t count) {
    qsort(list, count, sizeof *list, kind == KR_PLUGIN_THEORY ? by_rank : kind == KR_PLUGIN_OBSERVER ? by_place : by_name);
}

size_t kr_registry_limit(kr_plugin_kind kind) {
    return kind == KR_PLUGIN_THEORY ? KR_MAX_THEORIES : kind == KR_PLUGIN_OBSERVER ? KR_MAX_OBSERVERS : MOST_NAMES - 1;
}

static void sorted(kr_plugin_kind kind, const kr_descriptor **list) {
    const kr_descriptor *const *all = kr_registry_descriptors(&kr_registry_tables[0], kind);
    size_t count = 0;
    for (; count < kr_registry_limit(kind) && all[count]; count++) list[count] = all[count];
    kr_registry_sort(kind, list, count);
}

static void prepare(void) {
    sorted(KR_PLUGIN_THEORY, theories);
    sorted(KR_PLUGIN_OBSERVER, observers);
    for (const kr_registry *table = kr_registry_tables; table->isa && table_count < MOST_TABLES; table++) {
        tables[table_count] = *table;
        kr_registry_set(&tables[table_count], KR_PLUGIN_OBSERVER, observers);
        kr_registry_set(&tables[table_count++], KR_PLUGIN_THEORY, theories);
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

const kr_kernels *kr_kernels_here(void) {
    const kr_registry *registry;
    if (kr_registry_find(NULL, &registry, NULL) != KR_OK) kr_registry_available(&registry, 1);
    return registry->kernels;
}

const char *const kr_plugin_kind_names[KR_PLUGIN_KINDS][2] = {[KR_PLUGIN_LANDSCAPE] = {"landscape", "landscapes"},
                                                              [KR_PLUGIN_DYNAMICS] = {"dynamics", "dynamics"},
                                                              [KR_PLUGIN_NOISE] = {"noise", "noise"},
                                                              [KR_PLUGIN_SCHEDULE] = {"schedule", "schedules"},
                                                              [KR_PLUGIN_THEORY] = {"theory", "theories"},
                                                              [KR_PLUGIN_OBSERVER] = {"observer", "observers"}};

/* The one place where lists of plug-ins become lists of descriptors and back: every plug-in struct begins with its descriptor. */
const kr_descriptor *const *kr_registry_descriptors(const kr_registry *registry, kr_plugin_kind kind) {
    const void *list = NULL;
    switch (kind) {
    case KR_PLUGIN_LANDSCAPE: list = registry->landscapes; break;
    case KR_PLUGIN_DYNAMICS: list = registry->dynamics; break;
    case KR_PLUGIN_NOISE: list = registry->noises; break;
    case KR_PLUGIN_SCHEDULE: list = registry->schedules; break;
    case KR_PLUGIN_THEORY: list = registry->theories; break;
    case KR_PLUGIN_OBSERVER: list = registry->observers; break;
    case KR_PLUGIN_KINDS: break;
    }
    return list;
}

void kr_registry_set(kr_registry *registry, kr_plugin_kind kind, const kr_descriptor *const *list) {
    const void *plugins = list;
    switch (kind) {
    case KR_PLUGIN_LANDSCAPE: registry->landscapes = plugins; break;
    case KR_PLUGIN_DYNAMICS: registry->dynamics = plugins; break;
    case KR_PLUGIN_NOISE: registry->noises = plugins; break;
    case KR_PLUGIN_SCHEDULE: registry->schedules = plugins; break;
    case KR_PLUGIN_THEORY: registry->theories = plugins; break;
    case KR_PLUGIN_OBSERVER: registry->observers = plugins; break;
    case KR_PLUGIN_KINDS: break;
    }
}

static const void *find(const kr_registry *registry, kr_plugin_kind kind, const char *name, kr_error *error) {
    const kr_descriptor *about;
    const kr_descriptor *const *list = kr_registry_descriptors(registry, kind);
    return kr_descriptor_find(kr_plugin_kind_names[kind][0], list, name, &about, error) == KR_OK ? about : NULL;
}

kr_status kr_find_landscape(const kr_registry *registry, const char *name, const kr_landscape_type **found, kr_error *error) {
    *found = find(registry, KR_PLUGIN_LANDSCAPE, name, error);
    return *found ? KR_OK : KR_BAD_ARGUMENT;
}

kr_status kr_find_dynamics(const kr_registry *registry, const char *name, const kr_dynamics_type **found, kr_error *error) {
    *found = find(registry, KR_PLUGIN_DYNAMICS, name, error);
    return *found ? KR_OK : KR_BAD_ARGUMENT;
}

kr_status kr_find_noise(const kr_registry *registry, const char *name, const kr_noise_type **found, kr_error *error) {
    *found = find(registry, KR_PLUGIN_NOISE, name, error);
    return *found ? KR_OK : KR_BAD_ARGUMENT;
}

kr_status kr_find_schedule(const kr_registry *registry, const char *name, const kr_schedule_type **found, kr_error *error) {
    *found = find(registry, KR_PLUGIN_SCHEDULE, name, error);
    return *found ? KR_OK : KR_BAD_ARGUMENT;
}

kr_status kr_find_theory(const kr_registry *registry, const char *name, const kr_theory_type **found, kr_error *error) {
    *found = find(registry, KR_PLUGIN_THEORY, name, error);
    return *found ? KR_OK : KR_BAD_ARGUMENT;
}

kr_status kr_find_observer(const kr_registry *registry, const char *name, const kr_observer_type **found, kr_error *error) {
    *found = find(registry, KR_PLUGIN_OBSERVER, name, error);
    return *found ? KR_OK : KR_BAD_ARGUMENT;
}

kr_status kr_descriptor_find(const char *kind, const kr_descriptor *const *list, const char *name, const kr_descriptor **found,
                             kr_error *error) {
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
    const char *near = kr_nearest_name(name, names), *without = kr_twin_without(name);
    const kr_twin *twin;
    const kr_descriptor *equal = kr_twin_find(list, name, &twin);
    bool same = near && !strcasecmp(near, name);
    if (equal && !same)
        return kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; %s's is '%s' here", kind, name, twin->library, equal->name);
    if (without && !same) return kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; %s", kind, name, without);
    if (near) return kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; did you mean '%s'?", kind, name, near);
    return kr_fail(error, KR_BAD_ARGUMENT, "unknown %s '%.80s'; there are %s", kind, name, count ? all : "none");
}
