#!/usr/bin/env python3
"""Every object and attribute of a valid file of each kind, changed in each way that a damaged or forged file can be; every verb that
reads the kind ends in time with a documented status, names what it refuses, and touches no other file.

    KRAMERS=build/release/kramers RENEW_CHECKSUMS=build/release/tests/renew_checksums tests/test_mutated_files.py [--part N] [--kind NAME] [--verbose]

--part N runs every Nth mutant (those of ./dev test); the default is all of them. A table says how often each mutation was refused,
had no effect on what was printed, or changed it as other numbers in a valid file do. KRAMERS_TEST_ALL in the environment means 1."""
import argparse
import collections
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy
    from mutations import mutants
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

KRAMERS = os.path.abspath(os.environ["KRAMERS"])
RENEW = os.path.abspath(os.environ["RENEW_CHECKSUMS"])
WITH_CHECKSUMS = {"trajectory", "session", "sweep"}
SANITIZED = os.environ.get("KRAMERS_SANITIZED") == "1"
MEMORY, SECONDS, WAIT = 2 << 30, 10, 60
VICTIM = b"not to be touched\n" * 100

# ---- valid files ----

TRAJECTORY = """
landscape: {name: double_well, barrier: 0.3}
dynamics: {name: langevin, temperature: 0.3, friction: 0.5}
schedule: {name: cosine_restarts, lr: 0.1, lr_min: 0.01, period: 20}
ensemble: {particles: 5, steps: 60, seed: 3}
histogram: {every: 10}
autocorrelation: {every: 5}
snapshots: {at: cycle_ends}
phases:
  - {name: first, steps: 30}
  - {name: second, steps: 30, dynamics: {temperature: 0.4}}
trajectory: {every: 10, flush: 2}
"""
QUICK = ["--quiet", "--threads", "1"]


def call(*arguments):
    done = subprocess.run([KRAMERS, *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{arguments}: {done.stderr}")


def scene(text):
    with open("scene.yaml", "w", encoding="utf-8") as out:
        out.write(text)


def make_trajectory(path):
    scene(TRAJECTORY)
    call("run", "scene.yaml", *QUICK, "-o", path)


def make_session(path):
    scene("landscape: {name: double_well}\nensemble: {particles: 5, steps: 100}\n")
    call("view", "scene.yaml", "--frames", "3", "--size", "640x400", "-o", path)


SWEEP = ["--vary", "schedule.lr=0.01,0.02", "--set", "ensemble.particles=4", "--set", "ensemble.steps=10"]


def make_sweep(path):
    call("sweep", *SWEEP, "-o", path)


def plane():
    x, y = numpy.linspace(-2, 2, 6), numpy.linspace(-1, 1, 5)
    return x, y, (x[None, :] ** 2 - 1) ** 2 + y[:, None] ** 2


def make_surface(path):
    with h5py.File(path, "w") as f:
        f["xcoordinates"], f["ycoordinates"], f["train_loss"] = plane()


def make_tool_surface(path):
    with h5py.File(path, "w") as f:
        x, y, value = plane()
        f["dir_file"] = b"model_weights.h5"
        f["xcoordinates"], f["ycoordinates"], f["train_loss"] = x, y, value.T.astype("f4")


def make_line(path):
    with h5py.File(path, "w") as f:
        f["xcoordinates"], f["train_loss"] = numpy.linspace(-2, 2, 9), (numpy.linspace(-2, 2, 9) ** 2 - 1) ** 2


def make_mixture(path):
    with h5py.File(path, "w") as f:
        f["centres"], f["weights"] = numpy.array([[-1.0], [1.0], [2.0]]), numpy.array([1.0, 2.0, 1.0])


def make_schedule(path):
    with h5py.File(path, "w") as f:
        f["group/rates"] = numpy.linspace(0.1, 0.01, 20)


def make_start(path):
    with h5py.File(path, "w") as f:
        f["rows"] = numpy.linspace(-1, 1, 5)[:, None]


def make_data(path):
    rng = numpy.random.default_rng(1)
    with h5py.File(path, "w") as f:
        for group, classes in ("", 2), ("tasks/first/", 2), ("tasks/second/", 3):
            for part, count in ("train", 12), ("test", 6):
                f[f"{group}x_{part}"] = rng.normal(size=(count, 4))
                f[f"{group}y_{part}"] = numpy.arange(count) % classes


def run(*settings, more=()):
    values = [s for setting in ("ensemble.particles=5", "ensemble.steps=20", *settings) for s in ("--set", setting)]
    return ["run", *more, *QUICK, "--json", *values]


VIEW = ["view", "FILE", "--frames", "1", "--size", "320x240", "--screenshot", "picture.png"]
KINDS = {
    "trajectory": (make_trajectory, {"resume": ["resume", "FILE", "--steps", "80", *QUICK, "--json"], "view": VIEW}),
    "session": (make_session, {"view": VIEW}),
    "sweep": (make_sweep, {"sweep": ["sweep", *SWEEP, "-o", "FILE"]}),
    "surface": (make_surface, {"run": run("landscape={name: surface, file: FILE}")}),
    "tool surface": (make_tool_surface, {"run": run("landscape={name: surface, file: FILE}")}),
    "line": (make_line, {"run": run("landscape={name: table, file: FILE, dataset: train_loss}")}),
    "mixture": (make_mixture, {"run": run("landscape={name: gaussian_mixture, file: FILE, variance: 0.2, dim: 1}")}),
    "schedule": (make_schedule, {"run": run("schedule={name: table, file: FILE, dataset: rates}")}),
    "start": (make_start, {"run": run("ensemble.start={file: FILE, dataset: rows}")}),
    "data": (make_data, {"run": run("landscape={name: network, data: ./FILE, hidden: [2]}", "schedule.lr=0.1"),
                         "task": run("landscape={name: network, data: ./FILE, hidden: [2], task: second}", "schedule.lr=0.1")}),
}

# ---- verbs ----

def limits():
    if not SANITIZED:  # which has terabytes of shadow
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS * (10 if SANITIZED else 1),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# What is not there says something by itself.
SAID_OTHERWISE = {"/dir_file": ["landscape.order"], "/train_loss": ["has no minimum"], "/group/rates": ["no longer finite"],
                  "/xcoordinates": ["two points at x"], "/centres": ["the centre of mode"], "/weights": ["the weight of mode"], "/parameters": ["is damaged"],
                  "/parameters/kramers": ["is damaged"], "/parameters/kramers/landscape_grid/axis0": ["landscape_grid"],
                  "/parameters/kramers/landscape_grid/energy": ["landscape_grid"]}
CHECKSUMS = "/parameters/kramers/checksums"  # which say themselves, when they are others, that the file is


def names_below(valid):
    """Of each group, the objects in it: what a verb misses when the group is another."""
    below = collections.defaultdict(list)
    with h5py.File(valid, "r") as f:
        names = []
        f.visit(names.append)
        for name in names:
            for i in (i for i, c in enumerate(name) if c == "/"):
                below["/" + name[:i]].append(name.rsplit("/", 1)[1])
    return below


def judge(done, what, before, baseline, reading_only, below):
    """One of refused, same, other; or what is wrong."""
    text = done.stderr.decode(errors="replace")
    if b"Sanitizer" in done.stderr or b"runtime error" in done.stderr:
        return "!sanitizer: " + text
    if done.returncode < 0 or done.returncode > 4:
        return f"!status {done.returncode}: {text}"
    with open("victim.txt", "rb") as victim:
        if victim.read() != VICTIM:
            return "!another file was written"
    if done.returncode == 0:
        if reading_only is not None and reading_only != open("mutant.h5", "rb").read():
            return "!a reader has changed the file"
        return "same" if done.stdout == baseline else "other"
    messages = [line for line in text.splitlines() if line.startswith("kramers:") and "warning:" not in line]
    if len(messages) != 1:
        return f"!{len(messages)} messages: {text}"
    if before != open("mutant.h5", "rb").read():
        return "!refused, and the file is another: " + text
    said = messages[0][len("kramers:"):]
    path, _, key = what.partition("@")
    names = [key] if key else [path.rsplit("/", 1)[1], path, *below.get(path, []), *SAID_OTHERWISE.get(path, [])]
    if not any(name and name in said for name in names) and not (path.startswith(CHECKSUMS) and "is damaged" in said):
        return "?does not name it: " + said
    return "refused"


def renew_checksums(path):
    """Who forges a file forges its checksums too: with the old ones, any change is refused as damage. False: HDF5 cannot do it."""
    return subprocess.run([RENEW, path], check=False, capture_output=True, timeout=WAIT).returncode == 0


def clean(out):
    return re.sub(rb'"wall_seconds": [^\n]*', b"", out)


def try_kind(kind, part, residue, counts, problems, verbose):
    make, verbs = KINDS[kind]
    if os.path.exists("valid.h5"):
        os.remove("valid.h5")
    make("valid.h5")
    arguments = {verb: [a.replace("FILE", "mutant.h5") for a in command] for verb, command in verbs.items()}
    sanitizers = "allocator_may_return_null=1:max_allocation_size_mb=2048:hard_rss_limit_mb=2048:" + os.environ.get("ASAN_OPTIONS", "")
    environment = dict(os.environ, SDL_VIDEODRIVER="dummy", KRAMERS_PLUGINS="", ASAN_OPTIONS=sanitizers)

    def read(verb):
        done = subprocess.run([KRAMERS, *arguments[verb]], capture_output=True, timeout=WAIT, preexec_fn=limits, env=environment,
                              stdin=subprocess.DEVNULL)
        done.stdout = clean(done.stdout)
        return done
    below = names_below("valid.h5")
    baseline = {}
    for verb in verbs:
        shutil.copy("valid.h5", "mutant.h5")
        done = read(verb)
        if done.returncode:
            sys.exit(f"{kind}: {verb} fails on the valid file: {done.stderr.decode()}")
        baseline[verb] = done.stdout
    for number, (what, name, change) in enumerate(mutants("valid.h5")):
        if number % (part * (10 if kind == "sweep" else 1)) != residue:  # which has two hundred columns of the same kind
            continue
        shutil.copy("valid.h5", "mutated.h5")
        try:
            with h5py.File("mutated.h5", "r+") as f:
                if change(f) is False:
                    continue
        except (TypeError, ValueError, OSError, KeyError, RuntimeError, OverflowError, IndexError) as reason:
            counts[kind, name, "", "not made"] += 1
            if verbose > 1:
                print(f"{kind}: {what} {name}: not made: {reason}", flush=True)
            continue
        renewed = renew_checksums("mutated.h5") if kind in WITH_CHECKSUMS else True
        for verb in verbs:
            shutil.copy("mutated.h5", "mutant.h5")
            with open("mutant.h5", "rb") as mutant:
                before = mutant.read()
            try:
                outcome = judge(read(verb), what, before, baseline[verb], before if verb in ("view", "run", "task") else None, below)
            except subprocess.TimeoutExpired:
                outcome = "!hangs"
            if outcome[0] == "?" and not renewed and "damaged" in outcome:
                outcome = "refused"
            if outcome[0] in "!?":
                problems.append(f"{kind}: {verb}: {what} {name}: {outcome[1:].strip()}")
                print(problems[-1][:1500], flush=True)
                shutil.copy("mutated.h5", os.path.join(KEEP, f"{len(problems)}.h5")) if KEEP else None
                outcome = "WRONG" if outcome[0] == "!" else "unnamed"
            elif verbose and outcome == "other":
                print(f"{kind}: {verb}: {what} {name}: other", flush=True)
            counts[kind, name, verb, outcome] += 1


KEEP = os.environ.get("KRAMERS_KEEP_MUTANTS")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", type=int, default=1 if os.environ.get("KRAMERS_TEST_ALL") else 151)
    parser.add_argument("--residue", type=int, default=0, help="number of a mutation, modulo part (of sweeps 10 parts)")
    parser.add_argument("--kind", action="append")
    parser.add_argument("--verbose", action="count", default=0)
    chosen = parser.parse_args()
    counts, problems = collections.Counter(), []
    with tempfile.TemporaryDirectory(prefix="kramers_mutate_") as folder:
        os.chdir(folder)
        with open("victim.txt", "wb") as victim:
            victim.write(VICTIM)
        os.mkfifo("pipe")
        for kind in chosen.kind or KINDS:
            try_kind(kind, chosen.part, chosen.residue, counts, problems, chosen.verbose)
        os.chdir("/")
    outcomes = ["refused", "same", "other", "unnamed", "WRONG"]
    print(f"{'kind':13} {'mutation':25} {'verb':7}" + "".join(f"{o:>9}" for o in outcomes))
    for kind, name, verb in sorted({k[:3] for k in counts}):
        print(f"{kind:13} {name:25} {verb:7}" + "".join(f"{counts[kind, name, verb, o] or '':>9}" for o in outcomes) +
              (f" {counts[kind, name, verb, 'not made']} not made" if counts[kind, name, verb, "not made"] else ""))
    for kind in chosen.kind or KINDS:
        print(kind, {o: sum(n for k, n in counts.items() if k[0] == kind and k[3] == o) for o in [*outcomes, "not made"]})
    print("all", {o: sum(n for k, n in counts.items() if k[3] == o) for o in [*outcomes, "not made"]})
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
