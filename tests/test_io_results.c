/* The table of results is what every place shows: each of its rows is in JSON, in the HDF5 file, in the columns of a sweep and in
 * the terminal's report, with one value, or has a reason not to be; and JSON and files have nothing beside it. */
#include <kramers/run.h>
#include <kramers/sweep.h>

#include <hdf5.h>

#include "sanitized.h"
#include "sweep_table.h"

enum { MOST_ROWS = 512 };

static kr_result_part parts[KR_MAX_PARTS];
static size_t part_count;
static const char *seen[MOST_ROWS]; /* names of rows that had a value somewhere */
static size_t seen_count;

static void see(const char *name) {
    for (size_t i = 0; i < seen_count; i++)
        if (!strcmp(seen[i], name)) return;
    assert_true(seen_count < MOST_ROWS);
    seen[seen_count++] = name;
}

static bool is_seen(const char *name) {
    for (size_t i = 0; i < seen_count; i++)
        if (!strcmp(seen[i], name)) return true;
    return false;
}

/* ---- the rows by themselves ---- */

static void check_place(const kr_result_row *row, const char *place, const kr_row_place *at) {
    bool name = at->name && *at->name, why = at->why_not && *at->why_not;
    if (name == why) fail_msg("%s: %s has %s a name and a reason not to be there", row->name, place, name ? "both" : "neither of");
}

static void check_rows(const kr_result_row *rows) {
    for (const kr_result_row *row = rows; row->name; row++) {
        check_place(row, "the terminal", &row->terminal);
        check_place(row, "HDF5", &row->hdf5);
        check_place(row, "a sweep", &row->sweep);
        if (row->json.name) fail_msg("%s: its name in JSON is the row's", row->name);
        if (!row->doc || !*row->doc) fail_msg("%s says nothing of itself", row->name);
        if ((row->kind == KR_VALUE_RECORDS) != (row->entries && row->entry)) fail_msg("%s: records have entries", row->name);
        if (row->entries) check_rows(row->entries);
    }
}

static void every_row_has_a_place_or_a_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < part_count; i++) check_rows(parts[i].rows);
}

static void no_two_columns_have_one_name(void **state) {
    (void)state;
    kr_error error;
    const kr_registry *registry;
    kr_sweep_column *column;
    size_t count;
    assert_int_equal(kr_registry_find(NULL, &registry, &error), KR_OK);
    assert_int_equal(kr_sweep_columns_list(registry, &column, &count, &error), KR_OK);
    json_object *listed = run_json("kramers list columns --json", 0);
    assert_int_equal(json_object_array_length(listed), count);
    for (size_t i = 0; i < count; i++) {
        assert_true(column[i].doc && *column[i].doc);
        assert_string_equal(json_object_get_string(member(json_object_array_get_idx(listed, i), "name")), column[i].name);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(column[i].name, column[k].name)) fail_msg("two columns are called %s", column[i].name);
    }
    json_object_put(listed);
    kr_sweep_columns_free(column, count);
    run("kramers list columns mfpt_steps_low", 0);
    assert_contains("list columns", "out", "interval");
    run("kramers list columns mfpt_step", 2);
    assert_contains("list columns", "err", "did you mean 'mfpt_steps'?");
}

/* ---- one run in all places ---- */

typedef struct outcome {
    json_object *json;
    char *text;  /* of the report */
    hid_t file;  /* negative: a splitting writes none */
    table sweep; /* its row 0 is this run */
} outcome;

/* false: no such key. *value NULL: it is null. */
static bool find(json_object *object, const char *path, json_object **value) {
    char copy[200];
    snprintf(copy, sizeof copy, "%s", path);
    *value = object;
    for (char *key = strtok(copy, "."); key; key = strtok(NULL, "."))
        if (!*value || !json_object_object_get_ex(*value, key, value)) return false;
    return true;
}

static bool is_number(const kr_result_row *row) {
    return !row->rank && (row->kind == KR_VALUE_NUMBER || row->kind == KR_VALUE_COUNT || row->kind == KR_VALUE_SWITCH);
}

/* Every group on the way must be there, too. */
static bool exists(hid_t file, const char *path) {
    char part[200];
    for (size_t i = 1; i <= strlen(path); i++)
        if (path[i] == '/' || !path[i]) {
            snprintf(part, sizeof part, "%.*s", (int)i, path);
            if (H5Lexists(file, part, H5P_DEFAULT) <= 0) return false;
        }
    return true;
}

static void check_hdf5(hid_t file, const kr_result_row *row, json_object *value) {
    char path[200], group[200];
    bool list = row->rank > 0 && !(row->hdf5.flags & KR_AS_ATTRIBUTE);
    snprintf(path, sizeof path, "/parameters/%s", row->hdf5.name);
    const char *name = strrchr(path, '/') + 1;
    snprintf(group, sizeof group, "%.*s", (int)(name - 1 - path), path);
    bool there = list ? exists(file, path) : exists(file, group) && H5Aexists_by_name(file, group, name, H5P_DEFAULT) > 0;
    bool keyed = json_object_is_type(value, json_type_object);
    bool wanted = value && !(list && (keyed ? json_object_object_length(value) : (int)json_object_array_length(value)) == 0);
    if (wanted && !there) fail_msg("%s is not in the file, as %s", row->name, path);
    if (!wanted && list && there) fail_msg("%s is in the file, and there is none", row->name);
    if (!wanted || !is_number(row)) return;
    double number = NAN;
    hid_t attribute = H5Aopen_by_name(file, group, name, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Aread(attribute, H5T_NATIVE_DOUBLE, &number) >= 0);
    H5Aclose(attribute);
    if (number != json_object_get_double(value)) fail_msg("%s is %.17g in the file", row->name, number);
}

static void check_cell(const table *sweep, const char *column, double number) {
    char text[256], head[256];
    for (size_t i = 0; strchr(sweep->line[0], ',') && i < 1000; i++) {
        const char *rest = sweep->line[0];
        for (size_t k = 0; k < i && rest; k++) rest = strchr(rest, ',') ? strchr(rest, ',') + 1 : NULL;
        if (!rest) break;
        if (strcmp(field(sweep->line[0], i, text), column) != 0) continue;
        field(sweep->line[1], i, head);
        double found = *head ? strtod(head, NULL) : NAN;
        if (!(found == number || (isnan(number) && (isnan(found) || found == 0 || isinf(found)))))
            fail_msg("%s is %s, and %.17g in JSON", column, head, number);
        return;
    }
    fail_msg("no column %s", column);
}

static void check_sweep(const table *sweep, const kr_result_row *row, json_object *value) {
    char column[128];
    if (row->sweep.flags & KR_EACH_ENTRY) return; /* below */
    if (row->rank) {
        check_cell(sweep, row->sweep.name, value ? (double)json_object_array_length(value) : NAN);
    } else if (row->kind == KR_VALUE_INTERVAL) {
        for (size_t i = 0; i < 2; i++) {
            json_object *end = value ? json_object_array_get_idx(value, i) : NULL;
            snprintf(column, sizeof column, "%s_%s", row->sweep.name, i ? "high" : "low");
            check_cell(sweep, column, end ? json_object_get_double(end) : NAN);
        }
    } else if (is_number(row)) {
        check_cell(sweep, row->sweep.name, value ? json_object_get_double(value) : NAN);
    }
}

/* A number of the report that rounds this one: three digits at least, two of an error or of a mean count. */
static bool has_number(const char *text, double number, double relative) {
    for (const char *at = text; *at; at++) {
        if (!strchr("+-.0123456789", *at) || (at > text && strchr("+-.0123456789e", at[-1]))) continue;
        char *end;
        double found = strtod(at, &end);
        if (end > at && fabs(found - number) <= fmax(relative * fabs(number), fabs(number) >= 20 ? 0.5 : 0)) return true;
    }
    return false;
}

static void check_terminal(const char *text, const kr_result_row *row, json_object *value) {
    unsigned flags = row->terminal.flags;
    double number = value && is_number(row) ? json_object_get_double(value) : NAN;
    if (!value || ((flags & KR_UNLESS_ZERO) && number == 0) || (flags & KR_UNLESS_SAME)) return;
    if (!(flags & KR_BESIDE) && !strstr(text, row->terminal.name)) fail_msg("no line '%s' for %s", row->terminal.name, row->name);
    if (!(flags & KR_BESIDE) || row->kind == KR_VALUE_SWITCH || !is_number(row) || number == 0) return;
    if (!strcmp(row->name, "wall_seconds")) return; /* another run's */
    if (!has_number(text, number, strstr(row->name, "_error") ? 0.051 : 0.0051))
        fail_msg("%s, %g, is not in\n%s", row->name, number, text);
}

static void check_everywhere(const outcome *o) {
    for (size_t i = 0; i < part_count; i++)
        for (const kr_result_row *row = parts[i].rows; row->name; row++) {
            json_object *value = NULL;
            bool there = find(o->json, row->name, &value);
            if (there == (row->json.why_not != NULL)) fail_msg("%s is %s in JSON", row->name, there ? "there" : "not there");
            if (!there) continue;
            if (value) see(row->name);
            if (row->hdf5.name && o->file >= 0) check_hdf5(o->file, row, value);
            if (row->sweep.name) check_sweep(&o->sweep, row, value);
            if (row->terminal.name) check_terminal(o->text, row, value);
        }
}

/* ---- nothing beside the table ---- */

static const kr_result_row *row_of(const char *path) {
    const void *source;
    return kr_result_find(parts, part_count, path, &source);
}

static void check_keys(json_object *object, const char *path) {
    json_object_object_foreach(object, key, value) {
        char inner[256];
        snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", key);
        if (!strcmp(inner, "scene") || row_of(inner)) continue;
        if (!json_object_is_type(value, json_type_object)) fail_msg("%s is in JSON and not in the table", inner);
        check_keys(value, inner);
    }
}

typedef struct walk {
    const char *group;
    size_t found;
} walk;

static bool is_a_place(const char *path) {
    for (size_t i = 0; i < part_count; i++)
        for (const kr_result_row *row = parts[i].rows; row->name; row++)
            if (row->hdf5.name && !strcmp(row->hdf5.name, path)) return true;
    return false;
}

static herr_t check_attribute(hid_t object, const char *name, const H5A_info_t *about, void *data) {
    (void)object, (void)about;
    walk *w = data;
    char path[256];
    snprintf(path, sizeof path, "%s%s%s", w->group, *w->group ? "/" : "", name);
    if (!is_a_place(path)) fail_msg("%s is in the file and not in the table", path);
    w->found++;
    return 0;
}

static herr_t check_object(hid_t file, const char *name, const H5O_info_t *about, void *data) {
    walk *w = data, inner = {.group = name};
    if (!strcmp(name, ".")) return 0;
    if (!strncmp(name, "kramers", 7) || !strcmp(name, "escape/events") || !strcmp(name, "escape/diverged")) return 0;
    if (about->type == H5O_TYPE_DATASET && !is_a_place(name)) fail_msg("%s is in the file and not in the table", name);
    H5Aiterate_by_name(file, name, H5_INDEX_NAME, H5_ITER_INC, NULL, check_attribute, &inner, H5P_DEFAULT);
    w->found += inner.found + (about->type == H5O_TYPE_DATASET);
    return 0;
}

/* ---- predictions ---- */

/* Of the theory chain: each row as a key, as a member of the table in the file, and as a column. */
static void check_theory(const outcome *o, json_object *theory, size_t index) {
    hid_t set = o->file >= 0 ? H5Dopen2(o->file, "/parameters/escape/theory", H5P_DEFAULT) : -1;
    hid_t type = set >= 0 ? H5Dget_type(set) : -1;
    for (const kr_result_row *row = kr_theory_rows; row->name; row++) {
        json_object *value;
        char column[128];
        if (row->kind == KR_VALUE_NAMED) continue;
        if (!json_object_object_get_ex(theory, row->name, &value)) fail_msg("a theory without %s", row->name);
        if (type >= 0 && row->hdf5.name && H5Tget_member_index(type, row->hdf5.name) < 0)
            fail_msg("%s is no member of the table of theories", row->hdf5.name);
        snprintf(column, sizeof column, "%s.%s", json_object_get_string(member(theory, "name")), row->sweep.name);
        if (row->sweep.name) check_cell(&o->sweep, column, value ? json_object_get_double(value) : NAN);
    }
    if (set >= 0) {
        hid_t column = H5Tcreate(H5T_COMPOUND, sizeof(double));
        double *number = calloc(64, sizeof *number);
        H5Tinsert(column, "mfpt_steps", 0, H5T_NATIVE_DOUBLE);
        assert_true(H5Dread(set, column, H5S_ALL, H5S_ALL, H5P_DEFAULT, number) >= 0);
        json_object *steps = member(theory, "mfpt_steps");
        assert_true(steps ? number[index] == json_object_get_double(steps) : isnan(number[index]));
        free(number);
        H5Tclose(column);
        H5Tclose(type);
        H5Dclose(set);
    }
}

static void check_theories(const outcome *o) {
    json_object *theories = member(o->json, "escape.theory");
    size_t count = json_object_array_length(theories);
    assert_true(count > 10 && count < 64);
    for (size_t i = 0; i < count; i++) check_theory(o, json_object_array_get_idx(theories, i), i);
}

/* ---- runs between which every row has a value; reports are whole with --verbose ---- */

static void check_run(const char *settings, bool file) {
    char command[2048];
    outcome o = {.file = -1};
    walk w = {.group = ""};
    snprintf(command, sizeof command, "kramers run --quiet --verbose %s --set ensemble.seed=7 %s", settings,
             file ? "-o all.h5 --force" : "");
    run(command, 0);
    o.text = read_file("out");
    snprintf(command, sizeof command, "kramers run --quiet --json %s --set ensemble.seed=7", settings);
    o.json = run_json(command, 0);
    snprintf(command, sizeof command, "kramers sweep --columns all --quiet %s --vary ensemble.seed=7 -o all.csv --force", settings);
    run(command, 0);
    o.sweep = read_table("all.csv");
    if (file) o.file = H5Fopen("all.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(!file || o.file >= 0);
    check_everywhere(&o);
    check_keys(o.json, "");
    check_theories(&o);
    if (file) {
        hid_t group = H5Gopen2(o.file, "/parameters", H5P_DEFAULT);
        H5Ovisit(group, H5_INDEX_NAME, H5_ITER_INC, check_object, &w);
        H5Gclose(group);
        H5Fclose(o.file);
        assert_true(w.found > 20);
    }
    json_object_put(o.json);
    free(o.text);
    free(o.sweep.text);
}

static void every_row_is_everywhere(void **state) {
    (void)state;
    if (SANITIZED) { /* one with most rows, one of splitting: the others differ in what is measured, not in how it is shown */
        check_run("--set dynamics='{name: langevin, friction: 1}' --set dynamics.temperature=0.4 --set ensemble.particles=64 --set "
                  "ensemble.steps=600 --set escape.renewal=false --set 'histogram={every: 50}' --set energy.every=100 --set "
                  "statistics.every=50",
                  true);
        check_run("splitting --set escape.replicas=64 --set escape.repeats=3", false);
        return;
    }
    check_run(
        "--set dynamics='{name: langevin, friction: 1}' --set schedule.lr=0.02 --set dynamics.temperature=0.4 --set escape=null "
        "--set ensemble.particles=512 --set ensemble.steps=6000 --set transitions.every=5 --set energy.every=100 --set "
        "autocorrelation.every=5 --set "
        "statistics.every=50",
        true);
    check_run("--set dynamics='{name: langevin, friction: 1}' --set dynamics.temperature=0.4 --set ensemble.particles=512 --set "
              "ensemble.steps=6000 --set escape.renewal=false --set 'histogram={every: 50}'",
              true);
    check_run("--set dynamics=sgld --set dynamics.temperature=0.3 --set escape=null --set ensemble.particles=512 --set "
              "ensemble.steps=6000 --set transitions.every=5 --set 'histogram={every: 50, bins: 20}' --set "
              "'autocorrelation={every: 5, length: 200}' --set 'average={every: 10}'",
              true);
    check_run("--set ensemble.particles=512 --set ensemble.steps=6000 --set escape.renewal=false --set dynamics.temperature=0.4",
              true);
    check_run(
        "--set ensemble.particles=512 --set ensemble.steps=6000 --set dynamics.temperature=0.4 --set 'escape.until=[{coordinate: "
        "0, above: 1}, {minimum: 1, radius: 0.1}]'",
        true);
    check_run("--set ensemble.particles=4096 --set ensemble.steps=60 --set dynamics.temperature=0.4", true);
    check_run("--set ensemble.particles=64 --set ensemble.steps=60 --set schedule.lr=0.15 --set dynamics.temperature=0.5 --set "
              "escape=null --set "
              "ensemble.max_diverged=1",
              true);
    check_run("--set dynamics=hmc --set ensemble.particles=512 --set ensemble.steps=600 --set dynamics.temperature=0.4", true);
    check_run("--set dynamics=sgd --set 'noise={name: isotropic, sigma: 3}' --set 'schedule={name: cosine, lr_min: 0.002}' --set "
              "ensemble.particles=512 "
              "--set ensemble.steps=600 --set 'keep=[lr/noise.batch_size]' --set "
              "'landscape.tilt={name: linear, value: 0, value_end: 0.1}'",
              true);
    check_run("--set 'phases=[{name: hot, steps: 300, dynamics: {temperature: 0.6}}, {name: cold, steps: 300}]' --set "
              "ensemble.particles=512",
              true);
    check_run("--set 'landscape={name: network, data: moons, points: 60, hidden: [4]}' --set dynamics=sgd --set 'noise={name: "
              "minibatch, batch_size: 8}' --set 'schedule={name: cosine_restarts, lr: 0.5, lr_min: 0.01, period: 100}' --set "
              "escape=null --set "
              "'ensemble.start={random: kaiming_uniform}' --set ensemble.particles=100 --set ensemble.steps=300 --set "
              "evaluate.every=70 --set 'snapshots={at: cycle_ends}' --set 'sharpness={every: 300}' --set 'gradient_noise={every: "
              "300}'",
              true);
    check_run("--set ensemble.particles=64 --set ensemble.steps=600 --set dynamics.temperature=0.4 --set 'snapshots={every: 200}' "
              "--set 'sharpness={every: 600}'",
              true);
    check_run(
        "--set landscape=mean_of_quadratics --set dynamics.temperature=0.4 --set escape=null --set ensemble.particles=64 --set "
        "ensemble.steps=60 --set 'gradient_noise={every: 60}'",
        true);
    check_run("splitting --set escape.replicas=64 --set escape.repeats=3", false);
    check_run("--set dynamics='{name: langevin, friction: 1}' --set dynamics.temperature=0.2 --set escape.method=splitting --set "
              "escape.replicas=64 --set escape.repeats=3",
              false);
    for (size_t i = 0; i < part_count; i++)
        for (const kr_result_row *row = parts[i].rows; row->name; row++)
            if (!row->json.why_not && !is_seen(row->name)) fail_msg("no run of this test has %s", row->name);
}

/* The end of a run in a well whose directions relax at different speeds: the slowest one has seen too little. */
static void thermalisation_is_that_of_the_slowest_direction(void **state) {
    (void)state;
    json_object *points = run_json("kramers theory muller_brown --critical-points --json", 0);
    json_object *curvature = member(json_object_array_get_idx(member(points, "points"), 1), "eigenvalues");
    double least = json_object_get_double(json_object_array_get_idx(curvature, 0)),
           most = json_object_get_double(json_object_array_get_idx(curvature, 1));
    assert_true(least > 0 && most > 4 * least);
    for (int enough = 0; enough < 2; enough++) {
        char command[300];
        double lr = 1e-5, time = (enough ? 6 : 3) / least;
        assert_true(time * most > 5);
        snprintf(
            command, sizeof command,
            "kramers run muller_brown --json --quiet --set dynamics='{name: sgld, temperature: 1}' --set ensemble.start.minimum=0 "
            "--set schedule.lr=%g "
            "--set ensemble.particles=64 --set ensemble.steps=%.0f",
            lr, ceil(time / lr));
        json_object_put(run_json(command, 0));
        char *text = read_file("out");
        if ((strstr(text, "not thermalised") == NULL) != (enough == 1))
            fail_msg("%g relaxation times: %s a warning", time * least, enough ? "there is" : "no");
        free(text);
    }
    json_object_put(points);
}

static int enter(void **state) {
    const kr_registry *registry;
    if (kr_registry_find(NULL, &registry, NULL)) return -1;
    part_count = kr_result_parts(registry, NULL, parts);
    return enter_directory(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_place_or_a_reason),
        cmocka_unit_test(no_two_columns_have_one_name),
        cmocka_unit_test(every_row_is_everywhere),
        cmocka_unit_test(thermalisation_is_that_of_the_slowest_direction),
    };
    return cmocka_run_group_tests(tests, enter, leave_directory);
}
