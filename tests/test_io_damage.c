/* Files that a disk has damaged: every flipped bit, lost block and cut end is seen before a run goes on, or is one that nobody
 * reads; what is before the damage can be saved. Files of earlier formats go on as before. */
#include "program.h"
#include "sanitized.h"

#include <kramers/kramers.h>
#include <kramers/recording.h>

#include <hdf5.h>

enum { FRAMES = 31, PARTICLES = 12, BLOCK = 4096 };
#define SET                                                                                                                        \
    " --quiet --threads 1 --durability none --set ensemble.particles=12 --set dynamics.temperature=0.5 --set schedule.lr=0.05"     \
    " --set trajectory.every=10 --set trajectory.flush=3 --set landscape.dim=2 --set ensemble.start={minimum:\\ 0}"

#define good(call)                                                                                                                 \
    do {                                                                                                                           \
        if ((call) != KR_OK) fail_msg("%s: %s", #call, error.message);                                                             \
    } while (0)

/* ---- bytes ---- */

typedef struct bytes {
    size_t size;
    unsigned char *at;
} bytes;

static bytes slurp(const char *name) {
    FILE *in = fopen(name, "rb");
    assert_non_null(in);
    fseek(in, 0, SEEK_END);
    bytes b = {.size = (size_t)ftell(in)};
    rewind(in);
    b.at = malloc(b.size + 1);
    assert_non_null(b.at);
    assert_int_equal(fread(b.at, 1, b.size, in), b.size);
    fclose(in);
    return b;
}

/* Copied from `of`, with a piece set to zero, a bit flipped or the end cut off. */
static void put(const char *name, bytes of, size_t zero, size_t count, size_t size) {
    unsigned char *copy = malloc(of.size);
    assert_non_null(copy);
    memcpy(copy, of.at, of.size);
    memset(copy + zero, 0, count);
    write_file(name, (const char *)copy, size);
    free(copy);
}

static void put_flipped(const char *name, bytes of, size_t at, int bit) {
    of.at[at] ^= (unsigned char)(1 << bit);
    write_file(name, (const char *)of.at, of.size);
    of.at[at] ^= (unsigned char)(1 << bit);
}

/* ---- what a resumed file says ---- */

typedef struct values {
    double position[FRAMES * PARTICLES * 2], time[FRAMES], rate[FRAMES], potential[FRAMES], kinetic[FRAMES];
    int64_t step[FRAMES];
    size_t frames;
    uint64_t event[4000];
    hsize_t events;
} values;

static hsize_t read_set(hid_t file, const char *path, hid_t type, void *out, size_t size) {
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(set);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    assert_true(set >= 0 && count >= 0 && (size_t)count * 8 <= size);
    assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    return (hsize_t)count;
}

static void read_events(hid_t file, values *v) {
    hid_t type = H5Tcreate(H5T_COMPOUND, 24);
    H5Tinsert(type, "particle", 0, H5T_NATIVE_UINT64);
    H5Tinsert(type, "step", 8, H5T_NATIVE_UINT64);
    H5Tinsert(type, "duration", 16, H5T_NATIVE_UINT64);
    v->events = read_set(file, "/parameters/escape/events", type, v->event, sizeof v->event / 3);
    H5Tclose(type);
}

static void read_values(const char *name, values *v) {
    memset(v, 0, sizeof *v);
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) fail_msg("%s does not open", name);
    v->frames = read_set(file, "/particles/trajectory/position/step", H5T_NATIVE_INT64, v->step, sizeof v->step);
    read_set(file, "/particles/trajectory/position/time", H5T_NATIVE_DOUBLE, v->time, sizeof v->time);
    read_set(file, "/particles/trajectory/position/value", H5T_NATIVE_DOUBLE, v->position, sizeof v->position);
    read_set(file, "/observables/learning_rate/value", H5T_NATIVE_DOUBLE, v->rate, sizeof v->rate);
    read_set(file, "/observables/potential_energy/value", H5T_NATIVE_DOUBLE, v->potential, sizeof v->potential);
    read_events(file, v);
    H5Fclose(file);
}

static kr_status go_on(const char *file, uint64_t steps, kr_error *error) {
    kr_scene scene = {0};
    kr_run *run;
    kr_run_options options = {.threads = 1, .durability = KR_DURABILITY_NONE};
    kr_status status = kr_run_resume(&run, &scene, file, steps, NULL, &options, error);
    if (status != KR_OK) return status;
    while (status == KR_OK && !kr_run_finished(run)) status = kr_run_advance(run, error);
    if (status == KR_OK) status = kr_run_finish(run, error);
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
    return status;
}

/* ---- the files ---- */

static bytes half; /* of 200 steps, to be gone on with */
static values whole;

static int make_files(void **state) {
    kr_error error;
    if (enter_directory(state)) return -1;
    run("kramers run" SET " --set ensemble.steps=200 -o half.h5 && cp half.h5 whole.h5", 0);
    half = slurp("half.h5");
    good(go_on("whole.h5", 300, &error));
    read_values("whole.h5", &whole);
    return whole.frames == FRAMES && whole.events > 5 ? 0 : -1;
}

static int remove_files(void **state) {
    free(half.at);
    return leave_directory(state);
}

/* Refused as damaged, or the values are those of a file that was not damaged. Which of them. */
static bool is_refused(const char *what, size_t at) {
    static values found;
    kr_error error = {.message = ""};
    kr_status status = go_on("damaged.h5", 300, &error);
    if (status != KR_OK) {
        if (!strstr(error.message, "damaged")) fail_msg("%s at %zu: %s", what, at, error.message);
        return true;
    }
    read_values("damaged.h5", &found);
    if (memcmp(&found, &whole, sizeof found) != 0) fail_msg("%s at %zu: went on to other values", what, at);
    return false;
}

static void flipped_bits_are_seen_or_harmless(void **state) {
    (void)state;
    int flips = is_sampled() ? 60 : 1500, refused = 0;
    uint64_t random = 7;
    for (int i = 0; i < flips; i++) {
        random = random * 6364136223846793005 + 1442695040888963407;
        size_t at = (size_t)(random >> 20) % half.size;
        put_flipped("damaged.h5", half, at, (int)(random >> 13) & 7);
        refused += is_refused("a flipped bit", at);
    }
    print_message("%d flipped bits of a file of %zu bytes: %d refused, %d harmless\n", flips, half.size, refused, flips - refused);
    assert_true(2 * refused > flips); /* else it was not looked at */
}

/* A bit that a resume reads: the last frame's position, the scene, a commit's row. */
static void what_is_read_is_seen(void **state) {
    static const char *const path[] = {"/particles/trajectory/position/step", "/parameters/kramers/scene",
                                       "/parameters/kramers/checkpoint/commit", "/parameters/kramers/landscape_grid/axis0"};
    (void)state;
    for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
        haddr_t place;
        hid_t file = H5Fopen("half.h5", H5F_ACC_RDONLY, H5P_DEFAULT), set = H5Dopen2(file, path[i], H5P_DEFAULT);
        place = H5Dget_offset(set);
        if (place == HADDR_UNDEF) { /* in chunks */
            hsize_t first = 0, size;
            assert_true(H5Dget_chunk_info_by_coord(set, &first, NULL, &place, &size) >= 0);
        }
        H5Dclose(set);
        H5Fclose(file);
        for (int bit = 0; bit < 8; bit++) {
            put_flipped("damaged.h5", half, (size_t)place + 1, bit);
            assert_true(is_refused(path[i], (size_t)place + 1));
        }
    }
}

static size_t frames_in(const char *name) {
    static values found;
    read_values(name, &found);
    assert_memory_equal(found.position, whole.position, found.frames * PARTICLES * 2 * sizeof(double));
    return found.frames;
}

/* The tree that says where a series is was cut off. */
static bool has_lost_its_frames(const char *name) {
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    static const char *const path[] = {"/particles/trajectory/position/step",  "/particles/trajectory/position/time",
                                       "/particles/trajectory/position/value", "/observables/learning_rate/value",
                                       "/observables/potential_energy/value",  "/parameters/escape/events"};
    bool lost = false;
    for (size_t i = 0; i < sizeof path / sizeof *path && !lost; i++) {
        char part[64];
        for (size_t n = 1; n <= strlen(path[i]) && !lost; n++)
            if (path[i][n] == '/' || !path[i][n]) {
                snprintf(part, sizeof part, "%.*s", (int)n, path[i]);
                lost = H5Lexists(file, part, H5P_DEFAULT) <= 0;
            }
    }
    H5Fclose(file);
    return lost;
}

/* 22 of them, in what a run has appended: zeroed, or the end cut off. */
static void lost_blocks_are_seen_and_the_rest_is_saved(void **state) {
    (void)state;
    kr_error error;
    kr_file_report report;
    size_t begin = half.size / 2 / BLOCK, end = half.size / BLOCK, seen = 0, saved = 0, most = 0;
    for (size_t i = 0; i < 22; i++) {
        size_t at = (begin + i * (end - begin) / 22) * BLOCK;
        bool zero = true;
        for (size_t k = 0; k < BLOCK && zero; k++) zero = half.at[at + k] == 0;
        put("damaged.h5", half, at, i % 2 ? 0 : BLOCK, i % 2 ? at : half.size);
        good(kr_file_check(&report, "damaged.h5", &error));
        assert_true(!report.whole || (zero && i % 2 == 0));
        seen += !report.whole || zero;
        if (kr_file_save(&report, "damaged.h5", "saved.h5", true, &error) != KR_OK) { /* the trees from the root were cut off */
            assert_non_null(strstr(error.message, "nothing can be read"));
            continue;
        }
        assert_true(report.frames <= 21);
        if (has_lost_its_frames("saved.h5")) continue;
        size_t frames = frames_in("saved.h5");
        assert_int_equal(frames, report.whole_frames);
        most = frames > most ? frames : most;
        good(kr_file_check(&report, "saved.h5", &error));
        assert_true(report.whole || *report.not_resumable); /* both checkpoints may be lost */
        if (report.resumable) {
            good(go_on("saved.h5", 300, &error));
            assert_int_equal(frames_in("saved.h5"), FRAMES);
            saved++;
        }
        assert_true(is_refused("a lost block", at) || zero);
    }
    print_message("22 lost blocks: %zu seen, %zu saved files go on\n", seen, saved);
    assert_int_equal(seen, 22);
    assert_true(saved > 11 && most == 21);
}

/* ---- the command ---- */

static void the_command_says_what_it_finds(void **state) {
    (void)state;
    run("kramers check half.h5", 0);
    assert_contains("check", "out", "trajectory, format 2");
    assert_contains("check", "out", "complete, ended at step 200");
    assert_contains("check", "out", "whole");
    put("damaged.h5", half, 0, 0, half.size - 5000);
    run("kramers check half.h5 damaged.h5", 5);
    assert_contains("check", "out", "5000 bytes are missing at its end");
    assert_contains("check", "out", "kramers check damaged.h5 --save NEW.h5");
    run("kramers check damaged.h5 --save new.h5 --force && exit 1 || kramers check new.h5", 0);
    run("kramers check new.h5 --save half.h5", 2); /* which is there */
    run("kramers check", 2);
    run("kramers check nothing.h5", 3);
    static const char *const keys[] = {"file",          "kind",      "bytes",          "checksums",     "whole",
                                       "being_written", "blocks",    "damaged_blocks", "missing_bytes", "damage",
                                       "lost_objects",  "frames",    "version",        "whole_frames",  "last_step",
                                       "complete",      "resumable", "format",         "generator"};
    json_object *list = run_json("kramers check --json half.h5", 0), *one = json_object_array_get_idx(list, 0);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!json_object_object_get_ex(one, keys[i], NULL)) fail_msg("no key %s", keys[i]);
    assert_int_equal(json_number(one, "last_step"), 200);
    json_object_put(list);
    list = run_json("kramers check --json damaged.h5", 5);
    one = json_object_array_get_idx(list, 0);
    assert_int_equal(json_number(one, "missing_bytes"), 5000);
    assert_false(json_object_get_boolean(member(one, "whole")));
    json_object_put(list);
}

/* By a program that knows nothing of checksums. */
static void changes_by_others_are_seen_and_accepted(void **state) {
    (void)state;
    int64_t number = 1;
    run("cp half.h5 noted.h5", 0);
    hid_t file = H5Fopen("noted.h5", H5F_ACC_RDWR, H5P_DEFAULT), root = H5Gopen2(file, "/", H5P_DEFAULT);
    hid_t space = H5Screate(H5S_SCALAR), made = H5Acreate2(root, "note", H5T_NATIVE_INT64, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(made, H5T_NATIVE_INT64, &number) >= 0);
    H5Aclose(made);
    H5Sclose(space);
    H5Gclose(root);
    H5Fclose(file);
    run("kramers resume noted.h5 --steps 300 --quiet", 3);
    assert_contains("resume", "err", "is damaged");
    run("kramers check noted.h5", 5);
    run("kramers check noted.h5 --accept && kramers resume noted.h5 --steps 300 --quiet", 0);
    assert_int_equal(frames_in("noted.h5"), FRAMES);
}

/* ---- sweeps, sessions, other formats ---- */

static void tables_are_checked(void **state) {
    (void)state;
    run("kramers sweep --quiet --set ensemble.particles=8 --set ensemble.steps=50 --vary schedule.lr=0.01,0.02,0.03 -o t.h5", 0);
    run("kramers check t.h5", 0);
    assert_contains("check", "out", "sweep, format 2");
    bytes table = slurp("t.h5");
    put_flipped("t.h5", table, table.size / 2, 3);
    free(table.at);
    run("kramers check t.h5", 5);
    run("kramers sweep --quiet --set ensemble.particles=8 --set ensemble.steps=50 --vary schedule.lr=0.01,0.02,0.03 -o t.h5", 3);
    assert_contains("sweep", "err", "is damaged");
}

#define TABLE                                                                                                                      \
    "kramers sweep --quiet --threads 1 --set ensemble.particles=8 --set ensemble.steps=50 --vary schedule.lr=0.01,0.02,0.03 -o "

static const struct {
    const char *damage; /* of t.csv and t.csv.yaml, or t.csv of a sweep with one row less */
    int status;         /* of check */
    const char *says;
    int resumed, merged; /* exit statuses */
    const char *message; /* of the resumed sweep; NULL: it makes the same table */
    bool saved;          /* --save keeps what is whole */
} tables[] = {
    {":", 0, "3 of 3 points", 0, 0, NULL, true},
    {"sed -i '3s/0.02/0.03/' t.csv", 5, "DAMAGED: 1 of its lines, the first: line 3", 3, 3, "t.csv:3: this line is not as", true},
    {"sed -i '3s/,done,/,dons,/' t.csv", 5, "the first: line 3", 3, 3, "without that line the same command", true},
    {"sed -i 3d t.csv", 5, "DAMAGED: 1 row was written and is not there", 0, 3, NULL, true},
    {"truncate -s -9 t.csv", 5, "1 row was written", 0, 3, NULL, true},
    {"sed -i '1s/seed/sead/' t.csv", 5, "DAMAGED: line 1, the columns", 3, 3, "t.csv:1: this line", false},
    {"sed -i 's/^3,/4,/;$p' t.csv; echo 7,1 >>t.csv", 5, "the first: line 6", 3, 3, "t.csv:6: this line", true},
    {"dd if=/dev/zero of=t.csv bs=1 seek=$(($(wc -c <t.csv) - 40)) count=20 conv=notrunc 2>/dev/null", 5, "DAMAGED", 0, 3, NULL,
     true},
    {"sed -i 's/  temperature: .*/  temperature: 0.3/' t.csv.yaml", 5, "t.csv.yaml, what it says of the sweep", 3, 3,
     "t.csv.yaml: what it says of the sweep is not as it was written", false},
    {"sed -i 's/^format: 2/format: 1/' t.csv.yaml", 5, "what it says of the sweep", 3, 3, "is not as it was written", false},
    {"sed -i 's/^format: 2/format: 3/' t.csv.yaml", 3, "", 3, 3, "t.csv.yaml: format 3, which this version", false},
    {"sed -i '/^checksums:/,$d' t.csv.yaml", 5, "what it says of the sweep", 3, 3, "is not as it was written", false},
    {"head -c 60 t.csv.yaml >y; mv y t.csv.yaml", 5, "what it says of the sweep", 3, 3, "is not as it was written", false},
    {"sed -i 's/^  - 1 ./  - 1 x/' t.csv.yaml", 5, "DAMAGED: 1 of the checksums", 0, 3, NULL, true},
    {"sed -i '/^  - 1 /d' t.csv.yaml", 0, "1 line was not finished: its point is made again", 0, 3, NULL, true},
    {"sed -i '/^format: /d;/^checksums:/,$d' t.csv.yaml", 0, "format 1", 0, 0, NULL, true},
    {"rm t.csv.yaml", 3, "", 3, 3, "t.csv exists and is no table of a sweep", false},
};

/* A table and the file beside it: whatever is damaged is refused, or made again. */
static void tables_in_csv_have_checksums(void **state) {
    (void)state;
    run(TABLE "whole.csv && grep -q '^format: 2$' whole.csv.yaml", 0);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char command[400];
        run("rm -f t.csv* saved.csv*; cp whole.csv t.csv; cp whole.csv.yaml t.csv.yaml", 0);
        run(tables[i].damage, 0);
        run("kramers check t.csv", tables[i].status);
        assert_contains(tables[i].damage, "out", tables[i].says);
        run("kramers sweep --merge t.csv >merged", tables[i].merged);
        if (tables[i].merged == 0) run("cmp merged whole.csv", 0);
        run("kramers check t.csv --save saved.csv", tables[i].saved ? tables[i].status : 3);
        if (tables[i].saved) run(TABLE "saved.csv && cmp saved.csv whole.csv && kramers check saved.csv", 0);
        snprintf(command, sizeof command, TABLE "t.csv%s", tables[i].message ? "" : " && cmp t.csv whole.csv");
        run(command, tables[i].resumed);
        if (tables[i].message) assert_contains(tables[i].damage, "err", tables[i].message);
    }
    run("cp whole.csv t.csv; cp whole.csv.yaml t.csv.yaml; sed -i 's/done/DONE/' t.csv; kramers check t.csv", 5);
    run("kramers check t.csv --accept && kramers check --json t.csv", 0);
    assert_contains("accepted", "out", "\"whole\":true");
    run("kramers check t.csv --save t.h5", 2);
    assert_contains("saved as HDF5", "err", "t.h5: what is saved of a table in CSV is one in CSV");
    run("kramers sweep --merge t.csv -o t.h5 --force && kramers check t.h5", 0);
}

/* Rows of a table without checksums count, and it gets them as it goes on: none is lost, whenever the process ends. */
static void tables_of_format_1_go_on(void **state) {
    (void)state;
    run(TABLE
        "whole.csv --columns all && head -3 whole.csv >one.csv && sed '/^format: /d;/^checksums:/,$d' whole.csv.yaml >one.csv.yaml",
        0);
    run("kramers check one.csv", 0);
    assert_contains("check", "out", "it has no checksums");
    run(TABLE "one.csv --columns all 2>told && cmp one.csv whole.csv && cmp one.csv.yaml whole.csv.yaml", 0);
}

/* Written by the version before there were format numbers. */
static void files_of_format_1_go_on(void **state) {
    (void)state;
    run("gzip -dc " KR_SOURCE_DIRECTORY "/tests/formats/trajectory_1.h5.gz >one.h5 && kramers check one.h5", 0);
    assert_contains("check", "out", "format 1");
    assert_contains("check", "out", "it has no checksums");
    run("kramers resume one.h5 --steps 80 --quiet && kramers check one.h5", 0);
    assert_contains("check", "out", "ended at step 80");
    run("kramers run --quiet --threads 1 --set ensemble.particles=2 --set ensemble.steps=80 --set trajectory.every=10 --set "
        "trajectory.flush=2 --set 'ensemble.start={minimum: 0}' -o two.h5",
        0);
    run("for d in position/value position/step position/time; do for f in one two; do h5dump -y -d "
        "/particles/trajectory/$d $f.h5 | tail -n +2 >$f.txt; done; cmp one.txt two.txt || exit 1; done",
        0);
    run("gzip -dc " KR_SOURCE_DIRECTORY "/tests/formats/sweep_1.h5.gz >one.h5 && kramers check one.h5 && kramers sweep --quiet "
        "--set ensemble.particles=4 --set ensemble.steps=50 --vary schedule.lr=0.01,0.02 -o one.h5",
        0);
    assert_contains("check", "out", "sweep, format 1");
}

static void later_formats_are_refused_by_number(void **state) {
    (void)state;
    int64_t number = 77;
    kr_error error;
    run("cp half.h5 later.h5", 0);
    hid_t file = H5Fopen("later.h5", H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t group = H5Gopen2(file, "/parameters/kramers", H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
    assert_true(H5Adelete(group, "format") >= 0);
    hid_t made = H5Acreate2(group, "format", H5T_NATIVE_INT64, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(made, H5T_NATIVE_INT64, &number) >= 0);
    H5Sclose(space);
    H5Gclose(group);
    H5Aclose(made);
    H5Fclose(file);
    good(kr_file_renew("later.h5", &error));
    run("kramers resume later.h5", 2);
    assert_contains("resume", "err", "is of file format 77, and this version reads formats up to 2");
    kr_recording *recording;
    assert_int_equal(kr_recording_open(&recording, "later.h5", &error), KR_BAD_ARGUMENT);
}

static void durability_changes_no_byte(void **state) {
    (void)state;
    run("for d in none flush fsync; do kramers run" SET " --durability $d --set ensemble.steps=100 -o $d.h5 || exit 1; done; "
        "cmp none.h5 flush.h5 && cmp none.h5 fsync.h5",
        0);
    run("kramers run --durability always", 2);
    assert_contains("run", "err", "none, flush or fsync");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(flipped_bits_are_seen_or_harmless),
                                       cmocka_unit_test(what_is_read_is_seen),
                                       cmocka_unit_test(lost_blocks_are_seen_and_the_rest_is_saved),
                                       cmocka_unit_test(the_command_says_what_it_finds),
                                       cmocka_unit_test(changes_by_others_are_seen_and_accepted),
                                       cmocka_unit_test(tables_are_checked),
                                       cmocka_unit_test(tables_in_csv_have_checksums),
                                       cmocka_unit_test(tables_of_format_1_go_on),
                                       cmocka_unit_test(files_of_format_1_go_on),
                                       cmocka_unit_test(later_formats_are_refused_by_number),
                                       cmocka_unit_test(durability_changes_no_byte)};
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
