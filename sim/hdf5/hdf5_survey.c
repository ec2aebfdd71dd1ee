#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "hdf5_survey.h"

#include "hdf5_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PROCESSOR_SECONDS = 10,
    SECONDS = 60,       /* on the clock, with a machine that is busy otherwise */
    LINKS = 200000,     /* more are no file of data, and looking through them takes its time */
    DEPTH = 500,        /* of groups in groups */
    SLOTS = 1 << 19,    /* of the table of objects that were seen, a power of two */
    VALUES = 1 << 20,   /* bytes that are read of each object */
    UNPACKED = 1 << 28, /* bytes of a chunk; larger ones are left to their readers */
    UNPACKING_SECONDS = 1,
    ROWS_RANK = 32, /* as many axes as HDF5 has */
    KNOWN = 32
};
static const size_t MEMORY = (size_t)1 << 30; /* more than there is already */

/* What the child says, in memory that both have. */
typedef struct report {
    volatile bool done, changing;
    kr_h5_finding found; /* is: empty where the child has nothing to say */
} report;

/* Zeros, which cost nothing before they are written. */
static void *pages(size_t size, int whose) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, whose | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* ---- in the child ---- */

static hid_t type_in_memory(hid_t stored) {
    switch (H5Tget_class(stored)) {
    case H5T_INTEGER: return H5Tcopy(H5T_NATIVE_INT64);
    case H5T_FLOAT: return H5Tcopy(H5T_NATIVE_DOUBLE);
    default: return H5Tcopy(stored);
    }
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Of the object, or of an attribute: as much as goes into VALUES, as its own type or as the numbers that readers take. */
static void read_attribute(hid_t attribute) {
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute), memory = type >= 0 ? type_in_memory(type) : -1;
    hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
    size_t width = memory >= 0 ? larger(H5Tget_size(memory), H5Tget_size(type)) : 0;
    if (count > 0 && width > 0 && (size_t)count <= ((size_t)64 << 20) / width) {
        void *values = calloc((size_t)count, width);
        if (values && H5Aread(attribute, memory, values) >= 0 && H5Tdetect_class(memory, H5T_VLEN) <= 0 &&
            H5Tis_variable_str(memory) > 0)
            H5Dvlen_reclaim(memory, space, H5P_DEFAULT, values);
        free(values);
    }
    if (memory >= 0) H5Tclose(memory);
    if (space >= 0) H5Sclose(space);
    if (type >= 0) H5Tclose(type);
}

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info, void *context) {
    (void)info, (void)context;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute >= 0) {
        read_attribute(attribute);
        H5Aclose(attribute);
    }
    return 0;
}

/* The first rows, or as much of the first one as goes into VALUES; first: how much of each axis. */
static bool first_part(hid_t space, size_t width, hsize_t first[ROWS_RANK]) {
    hsize_t size[ROWS_RANK], room = VALUES / width;
    int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0 || rank > ROWS_RANK || room == 0 || H5Sget_simple_extent_dims(space, size, NULL) < 0) return false;
    for (int i = rank - 1; i >= 0; i--) {
        first[i] = size[i] < room ? size[i] : room;
        if (first[i] == 0) return false;
        room /= first[i];
    }
    return true;
}

static size_t count_of(int rank, const hsize_t size[ROWS_RANK]) {
    size_t count = 1;
    for (int i = 0; i < rank; i++) count *= (size_t)size[i];
    return count;
}

/* At the beginning and at the end of the data set. No byte more than is asked for, so that what is written behind them is seen
 * where that is looked for. */
static void read_ends(hid_t set, hid_t memory, size_t width) {
    hid_t space = H5Dget_space(set);
    hsize_t first[ROWS_RANK], size[ROWS_RANK], begin[ROWS_RANK] = {0};
    int rank = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
    bool any = rank == 0 ? width <= VALUES : rank > 0 && first_part(space, width, first);
    void *values = any ? malloc(count_of(rank, first) * width) : NULL;
    if (values && rank == 0) H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    for (int end = 0; values && rank > 0 && end < 2; end++) {
        H5Sget_simple_extent_dims(space, size, NULL);
        for (int i = 0; end && i < rank; i++) begin[i] = size[i] - first[i];
        hid_t here = H5Screate_simple(rank, first, NULL);
        if (here >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, first, NULL) >= 0)
            H5Dread(set, memory, here, space, H5P_DEFAULT, values);
        if (here >= 0) H5Sclose(here);
    }
    free(values);
    if (space >= 0) H5Sclose(space);
}

/* Values elsewhere are refused before they are read, by kr_h5_open_set; here they are passed over. */
static bool is_inside(hid_t plan) {
    return plan >= 0 && H5Pget_layout(plan) != H5D_VIRTUAL && H5Pget_external_count(plan) == 0;
}

/* Whether filters unpack it; chunk: its size along each axis. */
static bool is_packed(hid_t plan, int rank, hsize_t chunk[ROWS_RANK]) {
    return plan >= 0 && H5Pget_nfilters(plan) > 0 && H5Pget_chunk(plan, ROWS_RANK, chunk) == rank;
}

/* To the chunk behind this one; false: it was the last. */
static bool next_chunk(int rank, const hsize_t *size, const hsize_t *chunk, hsize_t *begin) {
    for (int i = rank - 1; i >= 0; i--) {
        if (size[i] - begin[i] > chunk[i]) return begin[i] += chunk[i], true;
        begin[i] = 0;
    }
    return false;
}

/* A filter may trust its bytes, and give fewer than the chunk has: every chunk by itself, as far as time goes. */
static void read_chunks(hid_t set, hid_t memory, size_t width, const hsize_t *chunk) {
    hid_t space = H5Dget_space(set);
    hsize_t size[ROWS_RANK], begin[ROWS_RANK] = {0}, part[ROWS_RANK];
    int rank = space >= 0 ? H5Sget_simple_extent_dims(space, size, NULL) : -1;
    double most = (double)width;
    bool any = rank > 0;
    for (int i = 0; i < rank; i++) {
        most *= (double)chunk[i];
        any = any && size[i] > 0;
    }
    void *values = any && most <= UNPACKED ? malloc((size_t)most) : NULL;
    static clock_t until; /* for the whole file: this process sees one */
    if (!until) until = clock() + (clock_t)UNPACKING_SECONDS * CLOCKS_PER_SEC;
    do {
        for (int i = 0; values && i < rank; i++) part[i] = size[i] - begin[i] < chunk[i] ? size[i] - begin[i] : chunk[i];
        hid_t here = values ? H5Screate_simple(rank, part, NULL) : H5I_INVALID_HID;
        if (here >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, part, NULL) >= 0)
            H5Dread(set, memory, here, space, H5P_DEFAULT, values);
        if (here >= 0) H5Sclose(here);
    } while (values && clock() < until && next_chunk(rank, size, chunk, begin));
    free(values);
    if (space >= 0) H5Sclose(space);
}

static void read_values(kr_h5_witness *witness, hid_t set, hid_t plan, hid_t memory, size_t width) {
    hsize_t chunk[ROWS_RANK];
    hid_t space = H5Dget_space(set);
    bool packed = space >= 0 && is_packed(plan, H5Sget_simple_extent_ndims(space), chunk);
    if (space >= 0) H5Sclose(space);
    kr_h5_witness_unpacks(witness, packed);
    read_ends(set, memory, width);
    if (packed && H5Tdetect_class(memory, H5T_VLEN) <= 0 && H5Tis_variable_str(memory) <= 0) read_chunks(set, memory, width, chunk);
    kr_h5_witness_unpacks(witness, false);
}

static void read_set(kr_h5_witness *witness, hid_t set) {
    hid_t plan = H5Dget_create_plist(set), type = H5Dget_type(set), memory = type >= 0 ? type_in_memory(type) : -1;
    H5Dget_storage_size(set); /* goes through all chunks */
    H5Dget_offset(set);
    size_t width = memory >= 0 ? larger(H5Tget_size(memory), H5Tget_size(type)) : 0;
    if (is_inside(plan) && width > 0 && width <= ((size_t)64 << 20)) read_values(witness, set, plan, memory, width);
    if (memory >= 0) H5Tclose(memory);
    if (type >= 0) H5Tclose(type);
    if (plan >= 0) H5Pclose(plan);
}

typedef struct walk {
    report *said;
    kr_h5_witness *witness;
    size_t links, depth;
    haddr_t *seen; /* [SLOTS] addresses + 1 of objects: links make cycles */
} walk;

/* Whether it is the first time. */
static bool is_new(walk *w, haddr_t address) {
    size_t at = (size_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 40) % SLOTS;
    while (w->seen[at] && w->seen[at] != address + 1) at = (at + 1) % SLOTS;
    bool new = !w->seen[at];
    w->seen[at] = address + 1;
    return new;
}

static herr_t refuse(walk *w, const char *is) {
    snprintf(w->said->found.is, sizeof w->said->found.is, "%s", is);
    return -1;
}

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *context);

/* What fails is left to the readers, which may not need it, and say what they need and cannot read. */
static herr_t visit(walk *w, hid_t object) {
    H5O_info_t about;
    hsize_t from = 0;
    if (H5Oget_info2(object, &about, H5O_INFO_BASIC) < 0 || !is_new(w, about.addr)) return 0;
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &from, visit_attribute, NULL);
    if (about.type == H5O_TYPE_DATASET) read_set(w->witness, object);
    if (about.type != H5O_TYPE_GROUP) return 0;
    if (++w->depth > DEPTH) return refuse(w, "is in too many groups, one in the other");
    H5Literate(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit_link, w);
    w->depth--;
    return *w->said->found.is ? -1 : 0;
}

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    walk *w = context;
    char *at = w->said->found.at;
    size_t length = strlen(at);
    if (++w->links > LINKS) return refuse(w, "has too many links in it to be looked through");
    if (info->type != H5L_TYPE_HARD) return 0;
    snprintf(at + length, sizeof w->said->found.at - length, "/%s", name);
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    herr_t result = object >= 0 ? visit(w, object) : 0;
    if (object >= 0) H5Oclose(object);
    if (result >= 0) at[length] = 0;
    return result;
}

static void limit(int resource, rlim_t most) {
    struct rlimit old;
    if (getrlimit(resource, &old) != 0) return;
    if (old.rlim_max != RLIM_INFINITY && old.rlim_max < most) most = old.rlim_max;
    setrlimit(resource, &(struct rlimit){most, most});
}

/* Bytes of address space that the process has; 0: not known. */
static size_t memory_in_use(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%lu", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Dies quietly, and soon. */
static void be_a_child(size_t in_use) {
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU, SIGALRM, SIGTERM};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) signal(fatal[i], SIG_DFL);
    signal(SIGINT, SIG_IGN);  /* the parent decides */
    signal(SIGXFSZ, SIG_IGN); /* writing fails, and is meant to */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CPU, PROCESSOR_SECONDS);
    if (in_use) limit(RLIMIT_AS, in_use + MEMORY);
    alarm(SECONDS); /* if the parent is no more */
    int nowhere = open("/dev/null", O_RDWR);
    if (nowhere >= 0) {
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
    }
}

static _Noreturn void look_through(report *r, const kr_h5_survey_of *of, kr_h5_witness *witness) {
    walk w = {.said = r, .witness = witness, .seen = pages(SLOTS * sizeof *w.seen, MAP_PRIVATE)};
    hid_t file = of->open(of->context), root = file >= 0 ? H5Oopen(file, "/", H5P_DEFAULT) : H5I_INVALID_HID;
    if (root >= 0 && w.seen) visit(&w, root);
    r->changing = true;
    if (root >= 0 && of->to_change && !*r->found.is) kr_h5_try_changes(root, r->found.at, sizeof r->found.at);
    if (root >= 0) H5Oclose(root);
    if (file >= 0) H5Fclose(file); /* may crash, too */
    r->done = true;
    _exit(0);
}

/* ---- in the parent ---- */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Until the child has closed its end, or time is over. */
static void wait_for(pid_t child, int end) {
    double until = now() + SECONDS;
    struct pollfd closed = {.fd = end, .events = POLLIN};
    for (double left = SECONDS; left > 0; left = until - now()) {
        int said = poll(&closed, 1, (int)(1000 * left) + 1);
        if (said > 0 || (said < 0 && errno != EINTR)) break;
    }
    if (now() >= until) kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
}

/* Whether the child came to the end; it may have said itself what is wrong. */
static bool judge(report *r, const kr_h5_witness *witness, bool late) {
    if (kr_h5_witness_differs(witness)) return false;
    if (r->done && kr_h5_witness_is_full(witness))
        r->found = (kr_h5_finding){"the file", "has too many structures to be looked through"};
    if (r->done && !*r->found.is) return true;
    if (!*r->found.at) snprintf(r->found.at, sizeof r->found.at, "its beginning");
    if (!*r->found.is)
        snprintf(r->found.is, sizeof r->found.is, "%s: the file is damaged",
                 late          ? "keeps HDF5 busy without an end"
                 : r->changing ? "cannot be changed without crashing HDF5 itself"
                               : "cannot be read without crashing HDF5 itself");
    return false;
}

/* *made: whether there was a child. */
static bool survey(report *r, const kr_h5_survey_of *file, kr_h5_witness *witness, bool *made) {
    int ends[2];
    bool sound = true;
    *made = false;
    if (pipe(ends) != 0) return true;
    size_t in_use = memory_in_use();
    double begin = now();
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_a_child(in_use);
        kr_h5_witness_begin(witness);
        look_through(r, file, witness);
    }
    close(ends[1]);
    *made = child > 0;
    if (child > 0) {
        wait_for(child, ends[0]);
        sound = judge(r, witness, now() - begin >= PROCESSOR_SECONDS);
    }
    close(ends[0]);
    return sound;
}

/* Those that were looked through; under the lock. */
static struct {
    struct stat about;
    bool changes, grows; /* tried to be changed; was growing, without a witness */
    kr_h5_witness *witness;
} known[KNOWN];
static size_t known_count;

static bool is_same(const struct stat *then, const struct stat *now, bool grows) {
    if (then->st_dev != now->st_dev || then->st_ino != now->st_ino) return false;
    if (grows) return then->st_size <= now->st_size;
    return then->st_size == now->st_size && then->st_mtim.tv_sec == now->st_mtim.tv_sec &&
           then->st_mtim.tv_nsec == now->st_mtim.tv_nsec;
}

static bool is_known(const kr_h5_survey_of *file, kr_h5_witness **witness) {
    for (size_t i = 0; i < KNOWN && i < known_count; i++) {
        if (!is_same(&known[i].about, file->about, file->grows) || known[i].changes < file->to_change) continue;
        if (!file->grows && (known[i].grows || kr_h5_witness_differs(known[i].witness))) continue;
        *witness = file->grows ? NULL : kr_h5_witness_share(known[i].witness);
        return true;
    }
    return false;
}

static void remember(const kr_h5_survey_of *file, kr_h5_witness *witness) {
    size_t at = known_count++ % KNOWN;
    kr_h5_witness_destroy(known[at].witness);
    known[at].about = *file->about;
    known[at].changes = file->to_change;
    known[at].grows = file->grows;
    known[at].witness = file->grows ? NULL : kr_h5_witness_share(witness);
}

bool kr_h5_survey(const kr_h5_survey_of *file, kr_h5_witness **witness, kr_h5_finding *finding) {
    *witness = NULL;
    if (is_known(file, witness)) return true;
    report *r = pages(sizeof *r, MAP_SHARED);
    if (!r) return true;
    if (!file->grows) *witness = kr_h5_witness_make();
    bool made, sound = survey(r, file, *witness, &made);
    *finding = r->found;
    munmap(r, sizeof *r);
    if (!made) { /* it has seen nothing */
        kr_h5_witness_destroy(*witness);
        *witness = NULL;
    }
    if (sound && made) remember(file, *witness);
    return sound;
}
