"""check_guide.py SOURCE_DIRECTORY CMAKE COMPILER

The plug-ins of examples/plugins, as a change of the tree: each file is put into the folder of its kind in a copy of the tree, where it
must build without a warning, be listed by the command, pass the contract tests, have its loops vectorised, and run in one scene.
(test_plugins.py builds them outside.)
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import observer_example


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode:
        sys.exit(f"{' '.join(str(word) for word in command)}\n{result.stdout}\nexit status {result.returncode}")
    return result.stdout


def place(path):
    """In the tree, of a file of examples/plugins."""
    return path if path.parts[0] == "landscapes" else pathlib.Path("sim", path)


def main():
    source, cmake, compiler = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    folder = source / "examples/plugins"
    examples = sorted(file.relative_to(folder) for file in folder.rglob("*.c"))
    if len({path.parts[0] for path in examples}) < 6:
        sys.exit(f"{examples} in examples/plugins are not of every kind of plug-in")
    with tempfile.TemporaryDirectory() as scratch:
        tree, build = pathlib.Path(scratch, "tree"), pathlib.Path(scratch, "build")
        shutil.copytree(source, tree, ignore=shutil.ignore_patterns("build", "out", ".git", "__pycache__"))
        for path in examples:
            if (tree / place(path)).exists():
                sys.exit(f"{path} of examples/plugins exists already")
            shutil.copy(folder / path, tree / place(path))
        # Kernels have their own -O3; the rest is the same as everywhere and only has to be there.
        run(cmake, "-S", tree, "-B", build, "-G", "Ninja", f"-DCMAKE_C_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Release",
            "-DCMAKE_C_FLAGS_RELEASE=-O1 -DNDEBUG", "-DKRAMERS_WINDOW=OFF", "-DKRAMERS_WERROR=ON")
        tests = [path.stem for path in sorted((tree / "tests").glob("test_contract_*.c"))]
        run(cmake, "--build", build, "--target", "kramers", *tests)
        kramers = build / "kramers"
        for path in examples:
            kind, name = path.parts[0], path.stem
            kind = {"theory": "theories"}.get(kind, kind)
            if name not in run(kramers, "list", kind):
                sys.exit(f"kramers list {kind} does not know {name}")
        only = [path.stem for path in examples if path.parts[0] == "landscapes"]
        for test in tests:
            for name in only if test == "test_contract_landscape" else [None]:  # the tree's own take long
                run(build / "tests" / test, cwd=build, env=dict(os.environ, **({"KRAMERS_TEST_LANDSCAPE": name} if name else {})))
        kernels = [tree / place(path) for path in examples if path.parts[0] in ("landscapes", "dynamics", "noise")]
        run(sys.executable, tree / "tests" / "check_vectorised.py", build / "compile_commands.json", tree, "v3", *kernels)
        settings = ("landscape.name=triple_well", "noise.name=saturating", "noise.strength=20", "dynamics.name=heun",
                    "schedule.name=inverse", "schedule.decay=1e-5", "ensemble.particles=640", "ensemble.steps=5000",
                    "escape.until.above=0")
        result = run(kramers, "run", "--quiet", "--json", *(word for setting in settings for word in ("--set", setting)),
                     env=dict(os.environ, OMP_NUM_THREADS="2"))
        escape = json.loads(result[result.index("{"):])["escape"]
        if not escape["events"]:
            sys.exit(f"the run of the examples counted {escape}")
        # From -1 to a target at 0, at the default temperature of 0.2: 1 / (2 * 0.2) = 2.5.
        theories = json.loads(run(kramers, "theory", "--json", "--set", "landscape.name=triple_well", "--set", "escape.until.above=0"))
        predicted = {theory["name"]: theory.get("mfpt_time") for theory in theories}["free_diffusion"]
        if abs(predicted - 2.5) > 1e-12:
            sys.exit(f"free_diffusion predicts {predicted}")
        observer_example.check(kramers)
        print(f"{len(examples)} examples build; {len(tests)} contract tests pass; {escape['events']} events")


if __name__ == "__main__":
    main()
