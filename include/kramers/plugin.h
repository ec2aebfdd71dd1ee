/* Names of plug-ins come from their files: the build defines KR_PLUGIN (file name) and, for kernel files, KR_ISA. */
#ifndef KRAMERS_PLUGIN_H
#define KRAMERS_PLUGIN_H

#define KR_STRING_(x) #x
#define KR_STRING(x) KR_STRING_(x)
#define KR_PASTE_HOST_(kind, name) kr_plugin_##kind##_##name
#define KR_PASTE_HOST(kind, name) KR_PASTE_HOST_(kind, name)
#define KR_PASTE_KERNEL_(kind, name, isa) kr_plugin_##kind##_##name##_##isa
#define KR_PASTE_KERNEL(kind, name, isa) KR_PASTE_KERNEL_(kind, name, isa)

#define KR_PLUGIN_NAME KR_STRING(KR_PLUGIN)

/* The one object a plug-in file exports:  KR_LANDSCAPE = {.about = {...}, ...};  */
#define KR_DEFINE_KERNEL(type, kind)                                                                                               \
    extern const type KR_PASTE_KERNEL(kind, KR_PLUGIN, KR_ISA);                                                                    \
    const type KR_PASTE_KERNEL(kind, KR_PLUGIN, KR_ISA)
#define KR_DEFINE_HOST(type, kind)                                                                                                 \
    extern const type KR_PASTE_HOST(kind, KR_PLUGIN);                                                                              \
    const type KR_PASTE_HOST(kind, KR_PLUGIN)

#define KR_LANDSCAPE KR_DEFINE_KERNEL(kr_landscape_type, landscape)
#define KR_NOISE KR_DEFINE_KERNEL(kr_noise_type, noise)
#define KR_DYNAMICS KR_DEFINE_KERNEL(kr_dynamics_type, dynamics)
#define KR_SCHEDULE KR_DEFINE_HOST(kr_schedule_type, schedule)
#define KR_THEORY KR_DEFINE_HOST(kr_theory_type, theory)
#define KR_OBSERVER KR_DEFINE_HOST(kr_observer_type, observer)

#endif
