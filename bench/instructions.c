/* Which instructions the hot loop executes, counted one by one: with the trap flag set, the processor stops after every
 * instruction, and a signal handler notes where. No counters of the processor are needed, which virtual machines seldom have.
 *
 *     instructions SCENE...     prints one JSON array: for each scene and instruction set the particle-steps counted and, for each
 *                               file that holds code, [address in the file, times executed]; roofline.py disassembles them
 *
 * The count is the difference of a long and a short advance of one block, so that what an advance does once is not in it; neither
 * are returns to the start, since targets are where nobody arrives. What is left is the same in every step.
 */
#include "one_block.h"

#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

enum { SHORT = 1, LONG = 4, TRAP_FLAG = 0x100, SLOTS = 1 << 16 }; /* an instruction takes some ten microseconds */

/* Times executed by address: an open hash table that the handler may use, since it allocates nothing. */
static struct slot {
    uint64_t address;
    int64_t count;
} slots[SLOTS];
static int sign; /* of what is added: 0 while nothing is counted */

static void on_trap(int number, siginfo_t *info, void *context) {
    (void)number;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (info->si_code == SI_TKILL) { /* of count(): begin or end */
        if (sign)
            registers[REG_EFL] |= TRAP_FLAG;
        else
            registers[REG_EFL] &= ~(greg_t)TRAP_FLAG;
        return;
    }
    uint64_t address = (uint64_t)registers[REG_RIP], i = address * UINT64_C(0x9e3779b97f4a7c15) >> 48;
    while (slots[i].address && slots[i].address != address) i = (i + 1) % SLOTS;
    slots[i].address = address;
    slots[i].count += sign;
}

/* Adds what an advance executes, times sign_of. In one chunk, as without traps: what comes between chunks would be counted with
 * each step, since a step takes so long here that a chunk would have only one. */
static kr_status count(kr_ensemble *ensemble, uint64_t steps, int sign_of, kr_error *error) {
    ensemble->pace = LONG;
    sign = sign_of;
    raise(SIGTRAP);
    kr_status status = kr_ensemble_advance(ensemble, steps, error);
    sign = 0;
    raise(SIGTRAP);
    return status;
}

/* ---- output ---- */

typedef struct printer {
    bool first_file;
} printer;

static int by_address(const void *a, const void *b) {
    uint64_t left = ((const struct slot *)a)->address, right = ((const struct slot *)b)->address;
    return left < right ? -1 : left > right;
}

static void print_path(const char *name) {
    char path[4096];
    ssize_t length = *name ? -1 : readlink("/proc/self/exe", path, sizeof path - 1);
    if (length >= 0) path[length] = 0;
    printf("{\"file\": \"%s\", \"counts\": [", length >= 0 ? path : name);
}

static int print_object(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    printer *p = context;
    bool any = false;
    for (size_t h = 0; h < object->dlpi_phnum; h++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[h];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        uint64_t begin = object->dlpi_addr + part->p_vaddr, end = begin + part->p_memsz;
        for (size_t i = 0; i < SLOTS; i++) {
            if (slots[i].address < begin || slots[i].address >= end || slots[i].count <= 0) continue;
            if (!any) {
                printf(p->first_file ? "" : ",\n  ");
                print_path(object->dlpi_name);
            }
            printf("%s[%llu, %lld]", any ? ", " : "", (unsigned long long)(slots[i].address - object->dlpi_addr),
                   (long long)slots[i].count);
            any = true;
            p->first_file = false;
        }
    }
    if (any) printf("]}");
    return 0;
}

static kr_status count_scene(const char *name, const kr_registry *registry, bool first, kr_error *error) {
    one_block one;
    kr_status status = one_block_create(&one, name, registry, error);
    if (status != KR_OK) return status;
    one_block_remove_targets(&one);
    memset(slots, 0, sizeof slots);
    status = count(one.ensemble, SHORT, -1, error);
    if (status == KR_OK) status = count(one.ensemble, LONG, 1, error);
    if (status == KR_OK) {
        qsort(slots, SLOTS, sizeof *slots, by_address);
        printf("%s{\"scene\": \"%s\", \"isa\": \"%s\", \"particle_steps\": %zu, \"files\": [", first ? "" : ",\n ", name,
               registry->isa, (LONG - SHORT) * one.block->n);
        printer p = {.first_file = true};
        dl_iterate_phdr(print_object, &p);
        printf("]}");
    }
    one_block_destroy(&one);
    return status;
}

int main(int argc, char **argv) {
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &action, NULL);
    kr_error error = {.status = KR_OK};
    const kr_registry *registries[8];
    size_t registry_count = kr_registry_available(registries, 8);
    bool first = true;
    printf("[");
    for (int i = 1; i < argc; i++)
        for (size_t r = 0; r < registry_count; r++) {
            if (!strcmp(registries[r]->isa, "baseline"))
                continue; /* a path for correctness, whose fused operations are in software */
            if (count_scene(argv[i], registries[r], first, &error) != KR_OK) {
                fprintf(stderr, "instructions: %s\n", error.message);
                return 1;
            }
            first = false;
        }
    printf("]\n");
    return 0;
}
