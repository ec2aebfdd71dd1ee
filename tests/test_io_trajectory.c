/* H5MD files: what is in them, equal bytes from equal runs, and that an interrupted write costs nothing that was flushed. */
#include "assert_close.h"

#include <kramers/kramers.h>

#include "killed_process.h"
#include "sanitized.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_OVERRIDES = 32 };

static const kr_registry *registry(void) {
    const kr_registry *found;
    kr_error error;
    if (kr_registry_find(NULL, &found, &error) != KR_OK) fail_msg("%s", error.message);
    return found;
}

/* A small scene: 100 particles, 10 recorded, a frame every 10 steps, four frames a flush. */
static void load(kr_scene *scene, const kr_registry *isa, ...) {
    const char *overrides[MOST_OVERRIDES] = {"ensemble.particles=100",  "ensemble.steps=400", "trajectory.every=10",
                                             "trajectory.particles=10", "trajectory.flush=4", "dynamics.temperature=0.5",
                                             "schedule.lr=0.05"};
    size_t count = 7;
    va_list more;
    va_start(more, isa);
    for (const char *text; (text = va_arg(more, const char *)) != NULL;) overrides[count++] = text;
    va_end(more);
    kr_error error;
    if (kr_scene_load(scene, isa, NULL, overrides, count, &error) != KR_OK) fail_msg("%s", error.message);
}

#define good(call)                                                                                                                 \
    do {                                                                                                                           \
        if ((call) != KR_OK) fail_msg("%s: %s", #call, error.message);                                                             \
    } while (0)

static void run_to(kr_run *run, uint64_t step) {
    kr_error error;
    while (!kr_run_finished(run) && kr_run_view(run).step < step) good(kr_run_advance(run, &error));
}

static void run_all(const kr_scene *scene, const char *file, int threads) {
    kr_error error;
    kr_run *run;
    kr_run_options options = {.output = file, .overwrite = true, .threads = threads};
    good(kr_run_create(&run, scene, &options, &error));
    run_to(run, UINT64_MAX);
    good(kr_run_finish(run, &error));
    kr_run_destroy(run);
}

static char *slurp(const char *file, size_t *size) {
    FILE *in = fopen(file, "rb");
    assert_non_null(in);
    fseek(in, 0, SEEK_END);
    *size = (size_t)ftell(in);
    rewind(in);
    char *bytes = malloc(*size + 1);
    assert_int_equal(fread(bytes, 1, *size, in), *size);
    fclose(in);
    return bytes;
}

static void spill(const char *file, const char *bytes, size_t size) {
    FILE *out = fopen(file, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

static bool same_bytes(const char *a, const char *b) {
    size_t size[2];
    char *bytes[2] = {slurp(a, &size[0]), slurp(b, &size[1])};
    bool same = size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0;
    free(bytes[0]);
    free(bytes[1]);
    return same;
}

/* ---- reading with plain HDF5, as a stranger would ---- */

static size_t read_numbers(hid_t file, const char *path, double *out, size_t most) {
    hid_t set = H5Dopen2(file, path, H5P_DEFAULT);
    if (set < 0) fail_msg("%s is not in the file", path);
    hid_t space = H5Dget_space(set);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    assert_in_range(count, 0, most);
    assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
    H5Sclose(space);
    H5Dclose(set);
    return (size_t)count;
}

static hid_t open_plain(const char *name) {
    hid_t file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) fail_msg("%s does not open", name);
    return file;
}

static void frames_are_those_of_the_ensemble(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error;
    kr_run *run;
    static double position[41 * 20], force[41 * 20], velocity[41 * 20], expected[41 * 20], step[64], time[64], rate[64],
        numbers[200];
    double expected_rate[41], expected_time[41];
    load(&scene, registry(), "landscape.dim=2", "dynamics.name=langevin", "schedule={name: cosine, lr: 0.02}",
         "trajectory.force=true", "landscape.stiffness=3", NULL);
    kr_run_options options = {.output = "frames.h5", .overwrite = true};
    good(kr_run_create(&run, &scene, &options, &error));
    for (size_t frame = 0; frame <= 40; frame++) {
        run_to(run, 10 * frame);
        kr_view view = kr_run_view(run);
        assert_int_equal(view.step, 10 * frame);
        for (size_t p = 0; p < 10; p++)
            for (size_t i = 0; i < 2; i++) expected[frame * 20 + 2 * p + i] = view.position[i * view.stride + p];
        expected_rate[frame] = view.learning_rate;
        expected_time[frame] = view.time;
    }
    good(kr_run_finish(run, &error));
    kr_run_destroy(run);
    hid_t file = open_plain("frames.h5");
    assert_int_equal(read_numbers(file, "/particles/trajectory/position/value", position, 820), 820);
    assert_int_equal(read_numbers(file, "/particles/trajectory/force/value", force, 820), 820);
    assert_int_equal(read_numbers(file, "/particles/trajectory/velocity/value", velocity, 820), 820);
    assert_int_equal(read_numbers(file, "/observables/learning_rate/step", step, 64), 41);
    assert_int_equal(read_numbers(file, "/observables/learning_rate/time", time, 64), 41);
    assert_int_equal(read_numbers(file, "/observables/learning_rate/value", rate, 64), 41);
    assert_memory_equal(position, expected, sizeof expected);
    for (size_t f = 0; f < 41; f++) {
        assert_true(step[f] == 10.0 * (double)f && time[f] == expected_time[f] && rate[f] == expected_rate[f]);
        assert_true(
            rate[f] ==
            kr_schedule_at(
                &(kr_schedule){.type = (const void *)scene.schedule.about, .values = scene.schedule.values, .steps = 400}, 10 * f));
    }
    for (size_t k = 0; k < 410; k++) { /* the double well's gradient by hand */
        double x = position[2 * k], y = position[2 * k + 1];
        assert_close(force[2 * k], -4.0 * x * (x * x - 1.0), 1e-13, 1e-14);
        assert_close(force[2 * k + 1], -3.0 * y, 1e-15, 0.0);
    }
    assert_int_equal(read_numbers(file, "/particles/trajectory/id", numbers, 200), 10);
    assert_int_equal(read_numbers(file, "/observables/well_population/value", numbers, 200), 82);
    assert_true(numbers[0] == 1.0 && numbers[1] == 0.0 && numbers[2 * 40] + numbers[2 * 40 + 1] == 1.0);
    assert_int_equal(read_numbers(file, "/observables/temperature/value", numbers, 200), 41);
    assert_true(numbers[7] == 0.5);
    assert_int_equal(read_numbers(file, "/observables/kinetic_energy/value", numbers, 200), 41);
    /* 200 momenta squared at T = 1/2: mean 1/2, standard deviation 0.05 */
    assert_in_range((uint64_t)(1000.0 * numbers[40]), 250, 750);
    H5Fclose(file);
    kr_scene_destroy(&scene);
}

static void steps_and_times_are_one_data_set(void **state) {
    (void)state;
    kr_scene scene;
    load(&scene, registry(), NULL);
    run_all(&scene, "links.h5", 0);
    kr_scene_destroy(&scene);
    hid_t file = open_plain("links.h5");
    H5O_info_t a, b;
    assert_true(H5Oget_info_by_name(file, "/particles/trajectory/position/step", &a, H5P_DEFAULT) >= 0);
    assert_true(H5Oget_info_by_name(file, "/observables/potential_energy/step", &b, H5P_DEFAULT) >= 0);
    assert_true(a.addr == b.addr);
    H5Fclose(file);
}

static void events_are_counted_and_kept(void **state) {
    (void)state;
    kr_scene scene;
    load(&scene, registry(), NULL);
    run_all(&scene, "events.h5", 0);
    kr_scene_destroy(&scene);
    hid_t file = open_plain("events.h5"), summary = H5Gopen2(file, "/parameters/escape/summary", H5P_DEFAULT);
    int64_t events = 0;
    hid_t attribute = H5Aopen(summary, "events", H5P_DEFAULT);
    assert_true(attribute >= 0 && H5Aread(attribute, H5T_NATIVE_INT64, &events) >= 0);
    H5Aclose(attribute);
    hid_t set = H5Dopen2(file, "/parameters/escape/events", H5P_DEFAULT), space = H5Dget_space(set);
    size_t count = (size_t)H5Sget_simple_extent_npoints(space);
    assert_true(count > 50);
    assert_int_equal(count, events);
    hid_t type = H5Tcreate(H5T_COMPOUND, 3 * sizeof(uint64_t));
    H5Tinsert(type, "particle", 0, H5T_NATIVE_UINT64);
    H5Tinsert(type, "step", 8, H5T_NATIVE_UINT64);
    H5Tinsert(type, "duration", 16, H5T_NATIVE_UINT64);
    uint64_t *rows = malloc(count * 3 * sizeof *rows), left[100] = {0};
    assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows) >= 0);
    for (size_t i = 0; i < count; i++) {
        const uint64_t *row = rows + 3 * i;
        assert_true(row[0] < 100 && row[1] >= 1 && row[1] <= 400);
        if (i > 0) assert_true(row[1] > row[-2] || (row[1] == row[-2] && row[0] > row[-3]));
        assert_true(row[2] == row[1] - left[row[0]]); /* a fresh clock after each */
        left[row[0]] = row[1];
    }
    free(rows);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(set);
    assert_true(H5Lexists(file, "/parameters/escape/theory", H5P_DEFAULT) > 0);
    H5Gclose(summary);
    H5Fclose(file);
}

static void equal_runs_make_equal_bytes(void **state) {
    (void)state;
    kr_scene scene;
    load(&scene, registry(), NULL);
    run_all(&scene, "equal_1.h5", 1);
    sleep(1); /* times of modification would differ now */
    run_all(&scene, "equal_2.h5", 2);
    kr_scene_destroy(&scene);
    assert_true(same_bytes("equal_1.h5", "equal_2.h5"));
    const kr_registry *isas[8];
    size_t count = kr_registry_available(isas, 8);
    for (size_t i = 0; i < count; i++) {
        load(&scene, isas[i], "trajectory.file=somewhere.h5", NULL);
        run_all(&scene, "equal_2.h5", 1);
        kr_scene_destroy(&scene);
        assert_true(same_bytes("equal_1.h5", "equal_2.h5"));
    }
    load(&scene, registry(), "ensemble.seed=2", NULL); /* the comparison can fail */
    run_all(&scene, "equal_2.h5", 1);
    kr_scene_destroy(&scene);
    assert_false(same_bytes("equal_1.h5", "equal_2.h5"));
}

/* ---- interruption ---- */

enum { MOST_NUMBERS = 200000 };

/* Frames that can be read whole, and a hash of their positions. */
static uint64_t frames_in(const char *name, uint64_t *sum) {
    static double values[MOST_NUMBERS], step[4096];
    hid_t file = open_plain(name);
    size_t count = read_numbers(file, "/particles/trajectory/position/value", values, MOST_NUMBERS);
    size_t steps = read_numbers(file, "/particles/trajectory/position/step", step, 4096);
    for (size_t i = 0; i < count; i++) *sum = *sum * 31 + (uint64_t)(int64_t)(1e9 * values[i]);
    H5Fclose(file);
    return steps;
}

/* The first frames of both files are equal. */
static void assert_begins_like(const char *name, const char *whole, uint64_t frames) {
    static double a[MOST_NUMBERS], b[MOST_NUMBERS], step[4096];
    hid_t file = open_plain(name);
    assert_true(read_numbers(file, "/particles/trajectory/position/step", step, 4096) >= frames);
    for (uint64_t i = 0; i < frames; i++) assert_true(step[i] == 10.0 * (double)i);
    size_t most = read_numbers(file, "/particles/trajectory/position/value", a, MOST_NUMBERS);
    H5Fclose(file);
    file = open_plain(whole);
    size_t count = read_numbers(file, "/particles/trajectory/position/value", b, MOST_NUMBERS);
    size_t all = read_numbers(file, "/particles/trajectory/position/step", step, 4096);
    H5Fclose(file);
    assert_true(most >= frames * (count / all));
    assert_memory_equal(a, b, (size_t)frames * (count / all) * sizeof *a);
}

static void resume_all(const char *file, uint64_t steps, int64_t seed, const char *output) {
    kr_error error;
    kr_run *run;
    kr_scene scene = {0};
    kr_run_options options = {.output = output, .overwrite = true, .threads = 1};
    good(kr_run_resume(&run, &scene, file, steps, seed >= 0 ? &(uint64_t){(uint64_t)seed} : NULL, &options, &error));
    run_to(run, UINT64_MAX);
    good(kr_run_finish(run, &error));
    kr_run_destroy(run);
    kr_scene_destroy(&scene);
}

/* Dies after k writes (the last one half done when torn) and gives the frames that had been flushed before. */
static uint64_t die_after(const kr_scene *scene, long k, bool torn, uint64_t flush) {
    kr_error error;
    kr_run *run;
    kr_run_options options = {.output = "killed.h5", .overwrite = true, .threads = 1};
    uint64_t flushed = 0;
    killed.writes = 0;
    killed.stop_after = k;
    killed.tear = torn;
    good(kr_run_create(&run, scene, &options, &error));
    while (!kr_run_finished(run) && killed.writes < k) {
        flushed = (kr_run_view(run).step / 10 + 1) / flush * flush;
        if (kr_run_advance(run, &error) != KR_OK) break; /* what it reads back is not what it wrote */
    }
    if (killed.writes < k) kr_run_finish(run, &error);
    kr_run_destroy(run);
    killed.stop_after = -1;
    killed.tear = false;
    return flushed;
}

/* The process dies after every write to the disk that there is from a step on, also in the middle of it. */
static void kill_everywhere(const kr_scene *scene, uint64_t from, uint64_t to) {
    kr_error error;
    kr_run *run;
    kr_run_options options = {.output = "whole.h5", .overwrite = true, .threads = 1};
    uint64_t flush = (uint64_t)kr_scene_trajectory(scene)->flush;
    killed.writes = 0;
    good(kr_run_create(&run, scene, &options, &error));
    run_to(run, from);
    long first = killed.writes + 1; /* before that a new file has another name */
    run_to(run, to);
    long last = killed.writes;
    run_to(run, UINT64_MAX);
    good(kr_run_finish(run, &error));
    kr_run_destroy(run);
    if (to == UINT64_MAX) last = killed.writes;
    assert_true(last - first > 30);
    /* Every write, or every fourth of them; sanitizers look at the code, not at every instant. */
    for (long k = first; k <= last; k += SANITIZED ? 11 : is_sampled() ? 4 : 1) {
        uint64_t flushed = die_after(scene, k, false, flush);
        assert_begins_like("killed.h5", "whole.h5", flushed);
        resume_all("killed.h5", 0, -1, NULL);
        if (!same_bytes("killed.h5", "whole.h5")) fail_msg("killed after write %ld of %ld: other bytes", k, last);
        die_after(scene, k, true, flush);
        resume_all("killed.h5", 0, -1, NULL);
        if (!same_bytes("killed.h5", "whole.h5")) fail_msg("killed in write %ld of %ld: other bytes", k, last);
    }
    print_message("killed after and in %s of %ld writes: opens with its flushed frames, resumes to the same bytes\n",
                  is_sampled() ? "some" : "each", last - first + 1);
}

static void a_kill_costs_nothing_that_was_flushed(void **state) {
    (void)state;
    kr_scene scene;
    load(&scene, registry(), "ensemble.steps=170", NULL);
    kill_everywhere(&scene, 0, UINT64_MAX);
    kr_scene_destroy(&scene);
}

/* The 65th chunk splits the root of HDF5's tree of chunks, the 122nd one of its leaves. */
static void nor_does_a_kill_while_a_tree_grows(void **state) {
    (void)state;
    kr_scene scene;
    load(&scene, registry(), "ensemble.steps=650", "ensemble.particles=1100", "trajectory.particles=1100", "trajectory.flush=1",
         NULL);
    kill_everywhere(&scene, 630, 650);
    kr_scene_destroy(&scene);
    load(&scene, registry(), "ensemble.steps=1220", "ensemble.particles=1100", "trajectory.particles=1100", "trajectory.flush=1",
         NULL);
    kill_everywhere(&scene, 1200, 1220);
    kr_scene_destroy(&scene);
}

static void damage_of_the_newest_checkpoint_costs_one_flush(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error;
    kr_run *run;
    kr_run_options options = {.output = "damaged.h5", .overwrite = true};
    load(&scene, registry(), NULL);
    run_all(&scene, "whole.h5", 1);
    good(kr_run_create(&run, &scene, &options, &error));
    run_to(run, 200);
    kr_run_destroy(run);
    hid_t file = H5Fopen("damaged.h5", H5F_ACC_RDWR, H5P_DEFAULT);
    uint64_t commit[2][6];
    hid_t set = H5Dopen2(file, "/parameters/kramers/checkpoint/commit", H5P_DEFAULT);
    H5Dread(set, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, commit);
    H5Dclose(set);
    int newest = commit[0][0] > commit[1][0] ? 0 : 1;
    set = H5Dopen2(file, newest ? "/parameters/kramers/checkpoint/slot_1" : "/parameters/kramers/checkpoint/slot_0", H5P_DEFAULT);
    long place = (long)H5Dget_offset(set);
    H5Dclose(set);
    H5Fclose(file);
    FILE *raw = fopen("damaged.h5", "r+b");
    fseek(raw, place + 80, SEEK_SET);
    int byte = fgetc(raw);
    fseek(raw, place + 80, SEEK_SET);
    fputc(byte ^ 1, raw);
    fclose(raw);
    resume_all("damaged.h5", 0, -1, NULL);
    uint64_t sum[2] = {0};
    assert_int_equal(frames_in("damaged.h5", &sum[0]), 41);
    assert_int_equal(frames_in("whole.h5", &sum[1]), 41);
    assert_true(sum[0] == sum[1]);
    kr_scene_destroy(&scene);
}

static void resume_goes_further(void **state) {
    (void)state;
    kr_scene scene;
    uint64_t sum[2] = {0};
    load(&scene, registry(), "ensemble.steps=600", NULL);
    run_all(&scene, "long.h5", 1);
    kr_scene_destroy(&scene);
    load(&scene, registry(), NULL);
    run_all(&scene, "short.h5", 1);
    kr_scene_destroy(&scene);
    resume_all("short.h5", 600, -1, NULL);
    assert_int_equal(frames_in("long.h5", &sum[0]), 61);
    assert_int_equal(frames_in("short.h5", &sum[1]), 61);
    assert_true(sum[0] == sum[1]);
}

static void branch_has_another_future(void **state) {
    (void)state;
    kr_scene scene;
    static double old[8192], same[8192], other[8192];
    load(&scene, registry(), NULL);
    run_all(&scene, "root.h5", 1);
    kr_scene_destroy(&scene);
    size_t size[2];
    char *before = slurp("root.h5", &size[0]);
    resume_all("root.h5", 600, 1, "same.h5"); /* the old seed: the same future */
    resume_all("root.h5", 600, 7, "other.h5");
    char *after = slurp("root.h5", &size[1]);
    assert_true(size[0] == size[1] && memcmp(before, after, size[0]) == 0);
    free(before);
    free(after);
    resume_all("root.h5", 600, -1, NULL);
    hid_t file = open_plain("root.h5");
    size_t count = read_numbers(file, "/particles/trajectory/position/value", old, 8192);
    H5Fclose(file);
    file = open_plain("same.h5");
    size_t rest = read_numbers(file, "/particles/trajectory/position/value", same, 8192);
    H5Fclose(file);
    file = open_plain("other.h5");
    assert_int_equal(read_numbers(file, "/particles/trajectory/position/value", other, 8192), rest);
    H5Fclose(file);
    assert_int_equal(count, 610);
    assert_int_equal(rest, 210); /* the frame of the branching and what follows */
    assert_memory_equal(old + count - rest, same, rest * sizeof *old);
    assert_memory_equal(same, other, 10 * sizeof *old);
    for (size_t k = 10; k < rest; k++) assert_true(same[k] != other[k]);
}

/* ---- refusals ---- */

static kr_status refused(const kr_scene *scene, const char *output, bool overwrite, kr_error *error) {
    kr_run *run;
    kr_run_options options = {.output = output, .overwrite = overwrite};
    kr_status status = kr_run_create(&run, scene, &options, error);
    if (status == KR_OK) kr_run_destroy(run);
    return status;
}

static void bad_places_are_refused(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error;
    load(&scene, registry(), NULL);
    run_all(&scene, "there.h5", 1);
    assert_int_equal(refused(&scene, "there.h5", false, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "--force"));
    assert_int_equal(refused(&scene, "no/such/directory.h5", false, &error), KR_IO);
    assert_non_null(strstr(error.message, "no/such/directory.h5"));
    assert_int_equal(refused(&scene, ".", true, &error), KR_IO);
    assert_int_equal(refused(&scene, "/dev/full", true, &error), KR_IO);
    kr_scene_destroy(&scene);
    load(&scene, registry(), "trajectory.profile=mdanalysis", "landscape.dim=4", NULL);
    assert_int_equal(refused(&scene, "four.h5", true, &error), KR_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "native"));
    assert_int_equal(access("four.h5", F_OK), -1);
    kr_scene_destroy(&scene);
}

static void other_files_are_not_resumed(void **state) {
    (void)state;
    kr_error error;
    kr_run *run;
    kr_scene scene = {0};
    kr_run_options options = {0};
    spill("text.h5", "This is no HDF5 file, and long enough to be asked for its superblock.", 70);
    assert_int_equal(kr_run_resume(&run, &scene, "text.h5", 0, NULL, &options, &error), KR_IO);
    assert_int_equal(kr_run_resume(&run, &scene, "missing.h5", 0, NULL, &options, &error), KR_IO);
    assert_non_null(strstr(error.message, "missing.h5"));
    hid_t file = H5Fcreate("stranger.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_int_equal(kr_run_resume(&run, &scene, "stranger.h5", 0, NULL, &options, &error), KR_IO);
    assert_non_null(strstr(error.message, "written by kramers"));
    load(&scene, registry(), NULL);
    run_all(&scene, "cut.h5", 1);
    kr_scene_destroy(&scene);
    assert_int_equal(truncate("cut.h5", 20000), 0);
    assert_int_equal(kr_run_resume(&run, &scene, "cut.h5", 0, NULL, &options, &error), KR_IO);
}

/* Sections of the scene's text are groups with attributes, too. */
static void every_section_is_stored(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error;
    char *text, path[128];
    int sections = 0;
    load(&scene, registry(), "statistics.every=10", "energy.every=10", "dynamics.name=langevin", NULL);
    run_all(&scene, "sections.h5", 1);
    good(kr_scene_write(&scene, &text, &error));
    hid_t file = open_plain("sections.h5");
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        size_t length = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
        if (!length || line[length] != ':') continue;
        snprintf(path, sizeof path, "/parameters/kramers/%.*s", (int)length, line);
        if (H5Lexists(file, path, H5P_DEFAULT) <= 0) fail_msg("%s is not in the file", path);
        hid_t group = H5Gopen2(file, path, H5P_DEFAULT);
        assert_true(H5Aget_num_attrs(group) > 0);
        H5Gclose(group);
        sections++;
    }
    assert_true(sections >= 8);
    double above = 0;
    hid_t attribute = H5Aopen_by_name(file, "/parameters/kramers/escape/until/0", "above", H5P_DEFAULT, H5P_DEFAULT);
    H5Aread(attribute, H5T_NATIVE_DOUBLE, &above);
    H5Aclose(attribute);
    assert_true(above == scene.targets[0].above);
    assert_int_equal(H5Aexists_by_name(file, "/parameters/kramers/escape/until/0", "below", H5P_DEFAULT), 0);
    assert_int_equal(H5Aexists_by_name(file, "/parameters/kramers/escape/until/0", "radius", H5P_DEFAULT), 0);
    assert_true(H5Aexists_by_name(file, "/parameters/kramers/ensemble/start", "minimum", H5P_DEFAULT) > 0);
    H5Fclose(file);
    free(text);
    kr_scene_destroy(&scene);
}

/* ---- what observers add to frames ---- */

typedef struct counter {
    kr_observer observer;
    double number, list[3];
} counter;

static kr_status count_frame(kr_observer *observer, const kr_view *view, kr_error *error) {
    (void)error;
    counter *c = (counter *)observer;
    c->number = (double)view->step;
    for (int i = 0; i < 3; i++) c->list[i] = (double)view->step + 0.25 * i;
    return KR_OK;
}

static size_t three(const kr_observer *observer) {
    (void)observer;
    return 3;
}

static size_t none(const kr_observer *observer) {
    (void)observer;
    return 0;
}

static const double *list_of(const kr_observer *observer) {
    return ((const counter *)observer)->list;
}

static const kr_frame_data counted[] = {
    {.name = "counter_number", .doc = "the step", .offset = offsetof(counter, number)},
    {.name = "counter_list", .doc = "and a little more", .unit = "steps", .count = three, .numbers = list_of},
    {.name = "counter_none", .doc = "never there", .count = none, .numbers = list_of},
    {.name = NULL}};
static const kr_observer_type counter_type = {.frame = count_frame, .frame_data = counted};

static void observers_add_their_numbers_to_frames(void **state) {
    (void)state;
    kr_scene scene;
    kr_error error;
    kr_model model;
    kr_run *run;
    kr_trajectory *trajectory;
    counter own = {.observer.type = &counter_type};
    kr_observer *observers[] = {&own.observer};
    uint64_t checkpoint = 7;
    double number[5], list[15];
    char unit[6] = "";
    load(&scene, registry(), "ensemble.steps=40", NULL);
    good(kr_model_create(&model, &scene, &error));
    good(kr_run_create(&run, &scene, &(kr_run_options){.threads = 1, .cadence = 10}, &error));
    good(kr_trajectory_create(&trajectory, "observed.h5", true, &scene, &model.landscape, &model.dynamics, NULL, 0, observers, 1, 1,
                              &error));
    for (uint64_t step = 0; step <= 40; step += 10) {
        run_to(run, step);
        kr_view view = kr_run_view(run);
        good(kr_trajectory_sample(trajectory, &view, &error));
        if (step == 20 || step == 40) good(kr_trajectory_flush(trajectory, &checkpoint, &error));
        if (step != 20) continue;
        kr_trajectory_destroy(trajectory); /* and goes on with the file as it is */
        good(kr_trajectory_reopen(&trajectory, "observed.h5", &scene, &model.landscape, &model.dynamics, NULL, 0, observers, 1, 1,
                                  &error));
    }
    kr_trajectory_destroy(trajectory);
    kr_run_destroy(run);
    kr_model_destroy(&model);
    kr_scene_destroy(&scene);

    hid_t file = open_plain("observed.h5");
    assert_int_equal(read_numbers(file, "/observables/counter_number/value", number, 5), 5);
    assert_int_equal(read_numbers(file, "/observables/counter_list/value", list, 15), 15);
    for (int f = 0; f < 5; f++) {
        assert_true(number[f] == 10.0 * f);
        for (int i = 0; i < 3; i++) assert_true(list[3 * f + i] == 10.0 * f + 0.25 * i);
    }
    hid_t attribute = H5Aopen_by_name(file, "/observables/counter_list/value", "unit", H5P_DEFAULT, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    assert_int_equal(H5Tget_size(type), 5);
    assert_true(H5Aread(attribute, type, unit) >= 0);
    assert_string_equal(unit, "steps");
    H5Tclose(type);
    H5Aclose(attribute);
    assert_int_equal(H5Aexists_by_name(file, "/observables/counter_number/value", "unit", H5P_DEFAULT), 0);
    assert_int_equal(H5Lexists(file, "/observables/counter_none", H5P_DEFAULT), 0);
    H5Fclose(file);
}

int main(void) {
    char directory[] = "/tmp/kramers_trajectory_XXXXXX";
    if (!mkdtemp(directory) || chdir(directory) != 0) return 1;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {cmocka_unit_test(frames_are_those_of_the_ensemble),
                                       cmocka_unit_test(steps_and_times_are_one_data_set),
                                       cmocka_unit_test(events_are_counted_and_kept),
                                       cmocka_unit_test(equal_runs_make_equal_bytes),
                                       cmocka_unit_test(every_section_is_stored),
                                       cmocka_unit_test(observers_add_their_numbers_to_frames),
                                       cmocka_unit_test(a_kill_costs_nothing_that_was_flushed),
                                       cmocka_unit_test(nor_does_a_kill_while_a_tree_grows),
                                       cmocka_unit_test(damage_of_the_newest_checkpoint_costs_one_flush),
                                       cmocka_unit_test(resume_goes_further),
                                       cmocka_unit_test(branch_has_another_future),
                                       cmocka_unit_test(bad_places_are_refused),
                                       cmocka_unit_test(other_files_are_not_resumed)};
    if (getenv("KRAMERS_TEST_SKIP")) cmocka_set_skip_filter(getenv("KRAMERS_TEST_SKIP")); /* a round that has less time */
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed == 0 && chdir("/") == 0) {
        char command[64];
        snprintf(command, sizeof command, "rm -r %s", directory);
        if (system(command) != 0) return 1;
    }
    return failed;
}
