// The program of consumer.c in C++, which tests/check_install.sh builds against the installed library: the same events.
#include <kramers/kramers.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

void check(kr_status status, const kr_error &error) {
    if (status != KR_OK) throw std::runtime_error(error.message);
}

struct run_deleter {
    void operator()(kr_run *run) const { kr_run_destroy(run); }
};

} // namespace

int main() try {
    kr_error error;
    const kr_registry *registry = nullptr;
    kr_scene scene;
    kr_run *made = nullptr;
    const std::vector<const char *> overrides{"ensemble.steps=2000", "ensemble.particles=640", "dynamics.temperature=1"};
    kr_run_options options{};
    options.threads = 1;
    check(kr_registry_find(nullptr, &registry, &error), error);
    check(kr_scene_load(&scene, registry, nullptr, overrides.data(), overrides.size(), &error), error);
    check(kr_run_create(&made, &scene, &options, &error), error);
    const std::unique_ptr<kr_run, run_deleter> run(made);
    while (!kr_run_finished(run.get())) check(kr_run_advance(run.get(), &error), error);
    std::printf("%s %llu\n", KR_VERSION, static_cast<unsigned long long>(kr_run_result(run.get())->escape.events));
    kr_scene_destroy(&scene);
    return 0;
} catch (const std::exception &failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
}
