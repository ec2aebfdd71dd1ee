"""Plug-ins from outside the tree, built against the installed library: test_plugins.py SOURCE BUILD CMAKE COMPILER

Also the programs of examples/, as the README shows them. Plug-ins are found by --plugin, KRAMERS_PLUGINS and the user's settings; listed; the same bits from every instruction set; stored in
files, and asked for by resume. What is no plug-in, or not a fitting one, is refused with one clear message.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import observer_example

SOURCE, BUILD, CMAKE, COMPILER = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
SETTINGS = ("landscape.name=triple_well", "noise.name=saturating", "noise.strength=20", "dynamics.name=heun", "schedule.name=inverse",
            "schedule.decay=1e-5", "ensemble.particles=640", "ensemble.steps=1000", "trajectory.every=100", "escape.until.above=0")
SET = [word for setting in SETTINGS for word in ("--set", setting)]


def build(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout


class Plugins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.here = pathlib.Path(cls.scratch.name)
        build(CMAKE, "--install", BUILD, "--prefix", cls.here / "installed")
        build(CMAKE, "-S", SOURCE / "examples/plugins", "-B", cls.here / "plugins", f"-DCMAKE_C_COMPILER={COMPILER}",
              f"-DCMAKE_PREFIX_PATH={cls.here / 'installed'}", "-DCMAKE_C_FLAGS=-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror")
        build(CMAKE, "--build", cls.here / "plugins")
        cls.plugin = cls.here / "plugins/my_plugins.so"

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def kramers(self, *words, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("KRAMERS_")}
        clean |= {"XDG_CONFIG_HOME": str(self.here / "no_settings"), "OMP_NUM_THREADS": "2"} | environment
        return subprocess.run([str(word) for word in (self.here / "installed/bin/kramers", *words)], capture_output=True, text=True,
                              env=clean, cwd=self.here)

    def good(self, *words, **environment):
        done = self.kramers(*words, **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refused(self, status, text, *words, **environment):
        done = self.kramers(*words, **environment)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(done.stdout, "")

    def compile(self, name, text):
        (self.here / f"{name}.c").write_text(text)
        library = self.here / f"{name}.so"
        build(COMPILER, "-shared", "-fPIC", f"-I{self.here / 'installed/include'}", self.here / f"{name}.c", "-o", library)
        return library

    def test_run_has_the_same_bits_from_every_instruction_set(self):
        isas = [isa for isa in ("v4", "v3", "baseline")
                if self.kramers("run", "--isa", isa, "--quiet", "--set", "ensemble.steps=1", "--set", "ensemble.particles=64").returncode == 0]
        results = []
        for isa in isas:
            result = json.loads(self.good("run", "--quiet", "--json", "--isa", isa, "--plugin", self.plugin, *SET))
            result.pop("wall_seconds")
            results.append(result)
        self.assertGreater(results[0]["escape"]["events"], 0)
        for result in results[1:]:
            self.assertEqual(result, results[0])

    def test_programs(self):
        package = next((self.here / "installed").rglob("kramers.pc")).parent
        environment = dict(os.environ, PKG_CONFIG_PATH=str(package), LD_LIBRARY_PATH=str(package.parent))
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "kramers"], env=environment, capture_output=True, text=True,
                               check=True).stdout.split()
        printed = {}
        for name in ("ten_lines", "thirty_lines"):
            build(COMPILER, "-std=c17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", SOURCE / f"examples/{name}.c", "-o", self.here / name,
                  *flags)
            printed[name] = subprocess.run([self.here / name], env=environment, capture_output=True, text=True, check=True).stdout
        readme = (SOURCE / "README.md").read_text()
        self.assertIn((SOURCE / "examples/ten_lines.c").read_text().split("\n", 1)[1], readme)
        self.assertIn(f"./ten_lines\n{printed['ten_lines']}```", readme)
        self.assertRegex(printed["thirty_lines"], r"(?s)^measured +\d.* steps, 95 %.*\nkramers_friction +\d")
        wrong = subprocess.run([self.here / "thirty_lines", "duble_well"], env=environment, capture_output=True, text=True)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("did you mean 'double_well'?", wrong.stderr)

    def test_observer_of_a_plugin(self):
        measured = observer_example.check(self.here / "installed/bin/kramers", KRAMERS_PLUGINS=str(self.plugin))
        self.assertGreater(measured["samples"], 0)

    def test_theory_of_a_plugin(self):
        theories = json.loads(self.good("theory", "--json", "--plugin", self.plugin, "--set", "landscape.name=triple_well", "--set",
                                        "escape.until.above=0"))
        predicted = {theory["name"]: theory.get("mfpt_time") for theory in theories}
        self.assertAlmostEqual(predicted["free_diffusion"], 2.5, delta=1e-12)  # from -1 to 0 at temperature 0.2: 1 / (2 * 0.2)

    def test_list_names_them(self):
        self.assertIn("none", self.good("list", "plugins"))
        listed = json.loads(self.good("list", "--json", "--plugin", self.plugin))
        for kind, name in (("landscapes", "triple_well"), ("dynamics", "heun"), ("noise", "saturating"), ("schedules", "inverse"),
                           ("theories", "free_diffusion")):
            self.assertIn(name, [entry["name"] for entry in listed[kind]])
            names = [entry["name"] for entry in listed[kind]]
            if kind != "theories":
                self.assertEqual(names, sorted(names))
        self.assertEqual(listed["plugins"][0]["name"], "my_plugins.so")
        self.assertIn("my_plugins.so", self.good("list", "--plugin", self.plugin))

    def test_environment_and_settings(self):
        self.refused(2, "unknown landscape 'triple_well'", "theory", "--set", "landscape.name=triple_well")
        self.assertIn("triple_well", self.good("list", "landscapes", KRAMERS_PLUGINS=f":{self.plugin}:{self.plugin}:"))
        settings = self.here / "settings/kramers"
        settings.mkdir(parents=True)
        shutil.copy(self.plugin, settings / "mine.so")
        place = {"XDG_CONFIG_HOME": str(settings.parent)}
        (settings / "config.yaml").write_text("plugins: [mine.so]\n")
        self.assertIn("triple_well", self.good("list", "landscapes", **place))
        (settings / "config.yaml").write_text("")
        self.assertNotIn("triple_well", self.good("list", "landscapes", **place))
        (settings / "config.yaml").write_text("plugin: [mine.so]\n")
        self.refused(2, "did you mean 'plugins'?", "list", **place)
        (settings / "config.yaml").write_text("plugins: {a: b}\n")
        self.refused(2, "config.yaml:1:", "list", **place)

    def test_a_scene_cannot_name_one(self):
        (self.here / "scene.yaml").write_text(f"plugins: [{self.plugin}]\nlandscape: {{name: triple_well}}\n")
        self.refused(2, "plugins", "run", "scene.yaml")

    def test_every_verb_takes_them(self):
        for verb in ("run", "theory", "sweep", "view", "resume", "list", "bench"):
            self.assertIn("--plugin=FILE.so", self.good(verb, "--help"))
        table = self.good("sweep", "--quiet", "--plugin", self.plugin, "--vary", "landscape.barrier=1,2", *SET[:-2], "--set",
                          "ensemble.steps=10")
        self.assertEqual(len([line for line in table.splitlines() if not line.startswith("#")]), 3)

    def test_resume_asks_for_the_same(self):
        self.good("run", "--quiet", "--plugin", self.plugin, *SET, "-o", "run.h5")
        self.good("resume", "run.h5", "--quiet", "--steps", "2000", "--plugin", self.plugin)
        self.refused(2, "was made with plug-in my_plugins.so", "resume", "run.h5", "--quiet", "--steps", "3000")
        self.good("view", "run.h5", "--frames", "1", "--screenshot", "run.png", "--plugin", self.plugin)
        self.refused(2, "was made with plug-in my_plugins.so", "view", "run.h5", "--frames", "1", "--screenshot", "run.png")
        other = self.here / "other/my_plugins.so"
        other.parent.mkdir()
        other.write_bytes(self.plugin.read_bytes() + b"\0")
        self.refused(2, "another build of plug-in my_plugins.so", "resume", "run.h5", "--quiet", "--steps", "3000", "--plugin", other)
        self.good("run", "--quiet", "--set", "ensemble.steps=200", "--set", "ensemble.particles=64", "-o", "plain.h5")
        self.good("resume", "plain.h5", "--quiet", "--steps", "300", "--plugin", self.plugin)

    def test_what_is_no_plugin(self):
        self.refused(3, "cannot find plug-in missing.so: No such file", "run", "--plugin", "missing.so")
        (self.here / "text.so").write_text("no library\n")
        self.refused(3, "cannot load plug-in", "run", "--plugin", "text.so")
        self.refused(3, "cannot", "run", "--plugin", self.here)
        self.refused(2, "--plugin needs a file name", "run", "--plugin", "")
        self.refused(2, "a library without plug-ins of kramers", "run", "--plugin", self.compile("empty", "int kr_nothing;\n"))

    def test_what_does_not_fit(self):
        module = '#include <kramers/plugin_module.h>\nstatic const kr_registry tables[] = {{.isa = "%s"}, {.isa = 0}};\n' \
                 'KR_API const kr_plugin_module kr_plugin_exports = {%s, KR_PLUGIN_LAYOUT + %d, "%s", tables};\n'
        version = self.good("--version").split()[1]
        self.refused(2, "another version of kramers", "run", "--plugin",
                     self.compile("interface", module % ("baseline", "KR_PLUGIN_INTERFACE + 1", 0, version)))
        self.refused(2, "another version of kramers", "run", "--plugin",
                     self.compile("layout", module % ("baseline", "KR_PLUGIN_INTERFACE", 8, version)))
        self.refused(2, "was built for kramers 0.0.1", "run", "--plugin",
                     self.compile("version", module % ("baseline", "KR_PLUGIN_INTERFACE", 0, "0.0.1")))
        self.refused(2, "instruction set", "run", "--plugin",
                     self.compile("isa", module % ("abacus", "KR_PLUGIN_INTERFACE", 0, version)))
        self.good("list", "--plugin", self.compile("nothing", module % ("baseline", "KR_PLUGIN_INTERFACE", 0, version)))

    def test_names_that_are_taken(self):
        theory = '#include <kramers/plugin_module.h>\nstatic void predict(const kr_problem *p, kr_prediction *out) {{ (void)p, (void)out; }}\n' \
                 'static const kr_theory_type one = {{.about = {{.name = "{name}"}}, .predict = {predict}}};\n' \
                 'static const kr_theory_type *const theories[] = {{&one, 0}};\n' \
                 'static const kr_registry tables[] = {{{{.isa = "baseline", .theories = theories}}, {{.isa = 0}}}};\n' \
                 'KR_API const kr_plugin_module kr_plugin_exports = {{KR_PLUGIN_INTERFACE, KR_PLUGIN_LAYOUT, KR_VERSION, tables}};\n'
        self.refused(2, "two plug-ins called 'kramers' among the theories", "list", "--plugin",
                     self.compile("taken", theory.format(name="kramers", predict="predict")))
        self.refused(2, "theory 'mine' of plug-in", "list", "--plugin", self.compile("hollow", theory.format(name="mine", predict="0")))
        observer = '#include <kramers/observer.h>\n#include <kramers/plugin_module.h>\ntypedef struct s {{ int64_t every; }} s;\n' \
                   'typedef struct o {{ kr_observer observer; double x; }} o;\n' \
                   'static kr_status sample(kr_observer *o, const kr_view *v, kr_error *e) {{ (void)o, (void)v, (void)e; return KR_OK; }}\n' \
                   'static const kr_parameter every[] = {{KR_OBSERVER_EVERY(s, 0, "cadence"), KR_END}}, none[] = {{KR_END}};\n' \
                   'static const kr_result_row rows[] = {{KR_ROW("{row}", NUMBER, 0, NULL, "x", KR_AT("x"), KR_AT("{file}"), ' \
                   'KR_AT("{column}"), .offset = offsetof(o, x)), KR_RESULT_END}};\n' \
                   'static const kr_observer_type one = {{.about = {{.name = "{name}", .doc = "x", .parameters = {parameters}, ' \
                   '.values_size = sizeof(s)}}, .size = sizeof(o), .sample = sample, .rows = rows}};\n' \
                   'static const kr_observer_type *const observers[] = {{&one, 0}};\n' \
                   'static const kr_registry tables[] = {{{{.isa = "baseline", .observers = observers}}, {{.isa = 0}}}};\n' \
                   'KR_API const kr_plugin_module kr_plugin_exports = {{KR_PLUGIN_INTERFACE, KR_PLUGIN_LAYOUT, KR_VERSION, tables}};\n'
        fitting = {"name": "mine", "row": "mine.x", "file": "mine/x", "column": "mine_x", "parameters": "every"}
        self.good("list", "--plugin", self.compile("fitting", observer.format(**fitting)))
        for number, (key, value, text) in enumerate((("row", "mean.potential", "row 'mean.potential' of observer 'mine'"),
                                                     ("file", "mean/potential", "could be taken for another's"),
                                                     ("column", "potential", "could be taken for another's"),
                                                     ("parameters", "none", "no parameter 'every'"))):
            self.refused(2, text, "list", "--plugin", self.compile(f"unfit_{number}", observer.format(**fitting | {key: value})))
        sections = self.kramers("run", "--set", "x.y=1").stderr.partition("there are ")[2].strip().split(", ")
        self.assertIn("escape", sections)
        for name in [*sections, "mean", "kramers"]:
            like = {"name": name, "row": f"{name}.x", "file": f"{name}/x", "column": f"{name}_x"}
            done = self.kramers("list", "--plugin", self.compile(f"called_{name}", observer.format(**fitting | like)))
            self.assertEqual(done.returncode, 2, name)
            self.assertRegex(done.stderr, "has a name that scenes or results use already|two plug-ins called")
        copy = self.here / "copy.so"
        shutil.copy(self.plugin, copy)
        self.refused(2, "two plug-ins called 'triple_well'", "list", "--plugin", self.plugin, "--plugin", copy)
        self.good("list", "--plugin", self.plugin, "--plugin", self.plugin)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
