#include "h5md.h"
#include "landscape_map.h"
#include "schedule_curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    OWN_ELEMENTS = 8 + KR_MAX_DRIVEN,
    FRAMES_MOST = 64 << 20,
    PARTS_LEAST = 20,
    EVENT_ROWS = 4096,
    EVENTS_LEAST = 1 << 18,
    EVENTS_MOST = 1 << 21,
    EVENT_BYTES = 28,      /* of a passage in the file: three numbers of eight bytes and one of four */
    OWN_RESULTS = 24 << 10 /* of what is written at the end, measured */
};

static kr_element *add(kr_trajectory *t, kr_element element) {
    t->element[t->elements] = element;
    return &t->element[t->elements++];
}

static void add_driven(kr_trajectory *t, const kr_drive *drive) {
    for (size_t i = 0; i < kr_drive_count(drive) && t->driven_count < KR_MAX_DRIVEN; i++) {
        const char *name = kr_drive_number(drive, i)->name;
        size_t k = 0;
        while (k < t->driven_count && strcmp(t->driven[k].name, name) != 0) k++;
        if (k < t->driven_count) continue;
        add(t, kr_element_make(name, false, 0, 0, 0,
                               t->drives > 1 ? "of the step that comes next; NaN: it does not change in this phase"
                                             : "of the step that comes next"));
        t->driven_count++;
    }
}

static kr_status plan_elements(kr_trajectory *t, kr_error *error) {
    t->element = calloc(OWN_ELEMENTS + kr_trajectory_observed_most(t), sizeof *t->element);
    if (!t->element) return kr_fail(error, KR_NO_MEMORY, "There is no memory for a trajectory.");
    size_t n = (size_t)t->particles, width = t->width;
    t->position = add(t, kr_element_make("position", true, 2, n, width, "coordinates; NaN: the particle is no longer finite"));
    if (t->dynamics->type->velocity) t->velocity = add(t, kr_element_make("velocity", true, 2, n, width, "momentum at mass 1"));
    if (kr_scene_trajectory(t->scene)->force)
        t->force =
            add(t, kr_element_make("force", true, 2, n, width, "minus the gradient of the landscape, weight decay included"));
    t->learning_rate = add(t, kr_element_make("learning_rate", false, 0, 0, 0, "of the step that comes next"));
    t->driven = t->element + t->elements;
    for (size_t d = 0; d < t->drives; d++) add_driven(t, t->drive[d]);
    if (t->dynamics->type->temperature)
        t->temperature = add(
            t,
            kr_element_make("temperature", false, 0, 0, 0,
                            "leading-order prediction at this learning rate, gradient noise averaged over the recorded particles"));
    t->potential = add(t, kr_element_make("potential_energy", false, 0, 0, 0, "mean over all finite particles"));
    if (t->velocity)
        t->kinetic = add(t, kr_element_make("kinetic_energy", false, 0, 0, 0, "mean over all finite particles, mass 1"));
    kr_status status = kr_trajectory_observed_plan(t, error);
    size_t wells = kr_basins_count(t->basins);
    if (wells > 0)
        t->population = add(t, kr_element_make("well_population", false, 1, wells, 0,
                                               "fraction of the finite particles in the basin of each minimum"));
    return status;
}

static size_t frame_bytes(const kr_element *element, size_t elements) {
    size_t words = 2; /* step and time */
    for (size_t i = 0; i < elements; i++) words += element[i].words;
    return 8 * words;
}

/* The smallest power of two with which frames outweigh the checkpoint, so that checkpoints at most double the writing; less where
 * memory is short, and so that a run is saved at least PARTS_LEAST times. A function of the scene alone. */
static uint64_t choose_flush(uint64_t frames, size_t bytes, size_t checkpoint_bytes) {
    uint64_t flush = 1, most = frames / PARTS_LEAST;
    while (flush * bytes < checkpoint_bytes && 2 * flush <= most && 2 * flush * bytes <= FRAMES_MOST) flush *= 2;
    return flush;
}

static uint64_t frames_of(const kr_scene *scene) {
    uint64_t every = (uint64_t)kr_scene_trajectory(scene)->every;
    return every ? (uint64_t)kr_scene_ensemble(scene)->steps / every + 1 : 0;
}

static uint64_t flush_of(const kr_scene *scene, size_t bytes, size_t checkpoint_bytes) {
    int64_t wanted = kr_scene_trajectory(scene)->flush;
    return wanted > 0 ? (uint64_t)wanted : choose_flush(frames_of(scene), bytes, checkpoint_bytes);
}

/* They outweigh the checkpoint like frames, within limits. */
static size_t events_flush_of(size_t checkpoint_words) {
    size_t events = 8 * checkpoint_words / sizeof(kr_event);
    return events < EVENTS_LEAST ? EVENTS_LEAST : events > EVENTS_MOST ? EVENTS_MOST : events;
}

uint64_t kr_trajectory_save_every(const kr_scene *scene) {
    uint64_t every = (uint64_t)kr_scene_trajectory(scene)->every, part = (uint64_t)kr_scene_ensemble(scene)->steps / PARTS_LEAST;
    return every ? every : part ? part : 1;
}

kr_status kr_trajectory_plan(kr_trajectory *t, kr_error *error) {
    const kr_trajectory_settings *settings = kr_scene_trajectory(t->scene);
    uint64_t all = (uint64_t)kr_scene_ensemble(t->scene)->particles;
    t->every = (uint64_t)settings->every;
    t->save_every = kr_trajectory_save_every(t->scene);
    t->particles = settings->particles > 0 && (uint64_t)settings->particles < all ? (uint64_t)settings->particles : all;
    t->dim = t->landscape->dim;
    t->mdanalysis = settings->profile == KR_PROFILE_MDANALYSIS;
    t->width = t->mdanalysis ? 3 : t->dim;
    if (t->width < t->dim)
        return kr_fail(
            error, KR_BAD_ARGUMENT,
            "trajectory.profile mdanalysis holds three dimensions, the landscape has %zu. Use trajectory.profile native.", t->dim);
    kr_status status = kr_basins_create(&t->basins, t->landscape, error);
    if (status != KR_OK) return status;
    status = plan_elements(t, error);
    if (status == KR_OK) status = kr_trajectory_kept_plan(t, error);
    if (status != KR_OK) return status;
    t->flush = flush_of(t->scene, frame_bytes(t->element, t->elements), 8 * t->checkpoint_words);
    t->events_flush = events_flush_of(t->checkpoint_words);
    return KR_OK;
}

/* Frames and passages that wait for the next flush, what a frame is made from, and HDF5's caches with what it has of the code. */
static double waiting_bytes(const kr_scene *scene, const kr_trajectory_run *run, double frame, double steps_of_flush) {
    double particles = (double)kr_scene_ensemble(scene)->particles;
    double together = fmin(particles, 4096), dim = (double)run->dim, frames = (double)frames_of(scene);
    double events =
        fmin(run->events * fmin(steps_of_flush / fmax(run->steps, 1), 1), (double)events_flush_of(run->checkpoint_words));
    double flush = (double)flush_of(scene, (size_t)frame, 8 * run->checkpoint_words);
    double from = (dim + 1) * together + (run->velocity ? dim * particles : 0.0);
    return fmin(flush, frames) * frame + 1.5 * sizeof(kr_event) * events + 8.0 * from + KR_HDF5_BYTES;
}

kr_trajectory_need kr_trajectory_needs(const kr_scene *scene, const kr_trajectory_run *run) {
    const kr_trajectory_settings *settings = kr_scene_trajectory(scene);
    double all = (double)kr_scene_ensemble(scene)->particles, frames = (double)frames_of(scene);
    double particles = settings->particles > 0 ? fmin((double)settings->particles, all) : all;
    double width = settings->profile == KR_PROFILE_MDANALYSIS ? 3.0 : (double)run->dim;
    double arrays = 1.0 + (run->velocity ? 1.0 : 0.0) + (settings->force ? 1.0 : 0.0);
    double frame = 8.0 * (particles * width * arrays + 8.0), every = (double)kr_trajectory_save_every(scene);
    double flush = frames > 0 ? (double)flush_of(scene, (size_t)frame, 8 * run->checkpoint_words) : 1.0;
    double fixed = 16.0 * (double)run->checkpoint_words + 8.0 * particles + 512.0 * 1024.0;
    if (!((const kr_schedule_type *)(const void *)scene->schedule.about)->constant) fixed += 384.0 * 1024.0; /* its curve */
    double flushes = fmax(run->steps / (every * flush), run->events / (double)events_flush_of(run->checkpoint_words));
    return (kr_trajectory_need){.file = fixed + frames * frame,
                                .event = EVENT_BYTES,
                                .memory = waiting_bytes(scene, run, frame, every * flush),
                                .flushes = flushes + 1.0};
}

/* The file has its static parts and both checkpoints already, but no frame of the steps that were done here. */
double kr_trajectory_grown(const kr_trajectory *t, double steps, double events) {
    struct stat about;
    double now = stat(kr_store_path(t->store), &about) == 0 ? (double)about.st_size : 0.0;
    double frames = t->every ? (double)t->waiting + floor(steps / (double)t->every) : 0.0;
    double rows = events > 0 ? ceil(events / EVENT_ROWS) * EVENT_ROWS : 0.0;
    return now + frames * (double)frame_bytes(t->element, t->elements) + rows * EVENT_BYTES + OWN_RESULTS;
}

kr_status kr_trajectory_layout(kr_trajectory *t, kr_error *error) {
    kr_h5 h5;
    if (!kr_store_begin(t->store, &h5, error)) return h5.status;
    kr_h5md_begin(&h5, t->width);
    kr_h5md_elements(&h5, t->element, t->elements, t->flush);
    kr_h5md_numbers(&h5, t->particles);
    kr_trajectory_kept_layout(&h5, t);
    kr_h5md_scene(&h5, &t->recorded, t->scene_text, t->flush);
    kr_checkpoint_layout(&h5, t);
    hid_t events = kr_event_type(true);
    kr_h5_series(&h5, h5.file, kr_events_path, events, 0, NULL, EVENT_ROWS);
    H5Tclose(events);
    kr_landscape_map_write(&h5, t->scene, t->landscape, t->dynamics);
    kr_schedule_curve_write(&h5, t->scene);
    return kr_store_end(t->store, &h5, true);
}
