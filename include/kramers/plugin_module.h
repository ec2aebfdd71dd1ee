/* What a shared object with plug-ins built outside the tree exports: one object called kr_plugin_exports. The CMake function
 * kramers_add_plugin writes and compiles it; it need not be written by hand. Functions of the library are found in the program that
 * loads the object, which therefore is not linked with the library.
 */
#ifndef KRAMERS_PLUGIN_MODULE_H
#define KRAMERS_PLUGIN_MODULE_H

#include <kramers/observer.h>
#include <kramers/registry.h>
#include <kramers/version.h>

/* Grows by one whenever a struct that plug-ins see changes its meaning; their sizes are compared besides. */
#define KR_PLUGIN_INTERFACE 2u
#define KR_PLUGIN_LAYOUT                                                                                                           \
    ((unsigned)(sizeof(kr_registry) + 3 * sizeof(kr_descriptor) + 5 * sizeof(kr_parameter) + 7 * sizeof(kr_landscape_type) +       \
                11 * sizeof(kr_dynamics_type) + 13 * sizeof(kr_noise_type) + 17 * sizeof(kr_schedule_type) +                       \
                19 * sizeof(kr_theory_type) + 23 * sizeof(kr_problem) + 29 * sizeof(kr_prediction) + 31 * sizeof(kr_landscape) +   \
                37 * sizeof(kr_dynamics) + 41 * sizeof(kr_observer_type) + 43 * sizeof(kr_view) + 47 * sizeof(kr_result_row)))

typedef struct kr_plugin_module {
    unsigned interface, layout; /* the first two members for ever: KR_PLUGIN_INTERFACE and KR_PLUGIN_LAYOUT */
    const char *version;        /* KR_VERSION of the headers */
    const kr_registry *tables;  /* one for each instruction set that it was compiled for; ends with isa NULL; no kernels */
} kr_plugin_module;

#endif
