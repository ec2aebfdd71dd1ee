"""The n-th request for memory fails: every verb ends with a documented status and one message, and nothing crashes or leaks.

Requests are those of the program itself and of the libraries that give errors back. A listing run says through which functions each
one came; each way is tried once, in ./dev test a sample of them, with KRAMERS_TEST_ALL all requests of the shorter kinds.

Left out, by name: gsl_odeiv2_control_standard_new and gsl_linalg_LU_decomp of GSL 2.7 (crash without memory), libhdf5 1.10 (asserts and double frees behind failed requests of its own), libSDL2, libgomp (ends the process),
libc's streams. Their callers are reached through what they ask the program's own code for."""
import array
import os
import random
import subprocess
import sys
import tempfile

KRAMERS = os.environ["KRAMERS"]
FAULT = os.environ["KRAMERS_FAULT"]
PLUGIN = os.environ["KRAMERS_TEST_PLUGIN"]
ALL = "KRAMERS_TEST_ALL" in os.environ
SAMPLE = int(os.environ.get("KRAMERS_FAULT_SAMPLE", "4"))
SANITIZED = bool(os.environ.get("KRAMERS_SANITIZED"))
WINDOW = "view" in subprocess.run([KRAMERS, "--help"], capture_output=True, text=True, check=False).stdout
os.environ["SDL_VIDEODRIVER"] = "dummy"
OF = os.environ.get("KRAMERS_FAULT_OF", "libgsl,libjson-c")

SHORT = ["--threads", "1", "--quiet"]
FEW = ["--set", "ensemble.particles=20", "--set", "ensemble.steps=64"]


def kinds(directory):
    """(name, arguments, files that have to be there before)."""
    h5 = os.path.join(directory, "run.h5")
    yield "run", ["run", *SHORT, *FEW, "--set", "escape.until=[]", "--force", "-o", h5], None
    yield "resume", ["resume", *SHORT, "--steps", "96", h5], "run"
    yield "sweep", ["sweep", *SHORT, *FEW, "--vary", "schedule.lr=0.01,0.02", "--force", "-o", os.path.join(directory, "t.csv")], None
    yield "sweep_hdf5", ["sweep", *SHORT, *FEW, "--vary", "schedule.lr=0.01,0.02", "--force", "-o", os.path.join(directory, "t.h5")], None
    yield "theory", ["theory"], None
    yield "theory_2d", ["theory", "muller_brown"], None
    yield "theory_gap", ["theory", "--set", "landscape={name: himmelblau}", "--set", "escape.until=[]", "--set", "schedule.lr=0.0001", "--set",
                         "dynamics.temperature=20"], None
    yield "theory_survival", ["theory", "--set", "schedule={name: cosine, lr: 0.1}", "--set", "ensemble.steps=300"], None
    yield "theory_momentum", ["theory", "--set", "dynamics={name: langevin, friction: 0.1, temperature: 0.2}"], None
    yield "theory_levy", ["theory", "levy"], None
    yield "theory_phases", ["theory", "--set", "phases=[{name: a, steps: 100}, {name: b, steps: 100, dynamics: {temperature: 0.3}}]"], None
    if WINDOW:
        yield "session", ["view", "--frames", "1", "--size", "320x240", os.path.join(directory, "session.h5")], "session"
    plugin = ["--plugin", PLUGIN]
    foreign = ["--set", "landscape.name=triple_well", "--set", "schedule.name=inverse", "--set", "displacement.every=8", *FEW, "--set", "escape.until=[]"]
    yield "plugin_list", ["list", "landscapes", "triple_well", *plugin], None
    yield "plugin_run", ["run", *SHORT, *plugin, *foreign, "--force", "-o", os.path.join(directory, "p.h5")], None
    yield "plugin_theory", ["theory", *plugin, *foreign], None
    yield "check", ["check", h5], "run"
    yield "check_table", ["check", os.path.join(directory, "c.csv")], "table"
    yield "critical_points", ["theory", "muller_brown", "--critical-points"], None
    yield "list", ["list", "dynamics", "adam"], None
    yield "splitting", ["run", *SHORT, "--set", "escape={method: splitting, replicas: 16, repeats: 2}"], None
    yield "observers", ["run", *SHORT, *FEW, "--set", "escape.until=[]", "--set", "histogram.every=8", "--set", "autocorrelation.every=8", "--set",
                        "statistics.every=8", "--set", "transitions.every=8"], None
    yield "boltzmann", ["run", *SHORT, *FEW, "--set", "ensemble.start={gibbs: 0, burn_in: 8}"], None
    yield "network", ["run", *SHORT, "--set", "landscape={name: network, data: moons, points: 32, hidden: [3]}", "--set",
                      "ensemble={particles: 4, steps: 16}", "--set", "ensemble.start={random: xavier}", "--set", "escape.until=[]",
                      "--set", "schedule.lr=0.001", "--set", "sharpness.every=8", "--set", "gradient_noise.every=8", "--set",
                      "snapshots.every=8", "--set", "evaluate.every=8"], None


def start(arguments, at=0, places=None, report=None, directory="."):
    environment = dict(os.environ, LD_PRELOAD=FAULT, KR_FAULT_AT=str(at), KR_FAULT_OF=OF)
    if places:
        environment["KR_FAULT_PLACES"] = places
    if report:
        environment["KR_FAULT_REPORT"] = report
    return subprocess.run([KRAMERS, *arguments], capture_output=True, env=environment, cwd=directory, timeout=120, check=False,
                          stdin=subprocess.DEVNULL)


STATUS = {0, 2, 3, 4}  # and never 5 (damaged) for want of memory


def judge(done, reached):
    """What is wrong; None: nothing."""
    text = done.stderr.decode(errors="replace")
    if done.returncode not in STATUS:
        return f"status {done.returncode}"
    if "AddressSanitizer" in text or "LeakSanitizer" in text or "runtime error" in text:
        return "sanitizer"
    said = [line for line in text.splitlines() if line.startswith("kramers: ") and "warning" not in line and "could not be run; the others" not in line]
    if done.returncode and len(said) != 1:
        return f"{len(said)} messages"
    if "Success" in text or "no reason given" in text:
        return "an empty reason"
    return None


def try_kind(name, arguments, directory):
    places, report = os.path.join(directory, "places"), os.path.join(directory, "report")
    whole = start(arguments, 0, places, report)
    if whole.returncode:
        print(f"{name}: fails without a fault: {whole.stderr.decode()[-600:]}")
        return 0, 1
    way = array.array("L")
    with open(places, "rb") as file:
        way.frombytes(file.read())
    if not way:
        print(f"{name}: no request for memory was seen")
        return 0, 1
    if ALL and len(way) < 3000:
        tried = list(range(1, len(way) + 1))
    else:
        first = {}
        for n, number in enumerate(way, 1):
            first.setdefault(number, n)
        tried = sorted(first.values())
        if not ALL and len(tried) > SAMPLE:
            tried = sorted(random.Random(1).sample(tried, SAMPLE))
    wrong = 0
    statuses = {}
    for n in tried:
        if name == "resume":
            prepare(directory, "run")
        try:
            done = start(arguments, n, None, report)
            fault = judge(done, report)
        except subprocess.TimeoutExpired:
            done, fault = None, "hangs"
        statuses[done.returncode if done else "hangs"] = statuses.get(done.returncode if done else "hangs", 0) + 1
        if fault:
            wrong += 1
            with open(report, encoding="utf-8") as file:
                where = file.read().strip()
            print(f"{name} n={n}: {fault}; {where}; {done.stderr.decode(errors='replace')[-700:] if done else ''}", flush=True)
    print(f"{name}: {len(way)} requests through {len(set(way))} ways, {len(tried)} tried, statuses {statuses}, {wrong} wrong", flush=True)
    return len(tried), wrong


def prepare(directory, what):
    if what == "session":
        subprocess.run([KRAMERS, "view", *FEW, "--frames", "2", "--size", "320x240", "-o", os.path.join(directory, "session.h5")],
                       capture_output=True, check=True)
        return
    if what == "table":
        subprocess.run([KRAMERS, "sweep", *SHORT, *FEW, "--vary", "schedule.lr=0.01,0.02", "-o", os.path.join(directory, "c.csv")],
                       capture_output=True, check=True)
        return
    if os.path.exists(os.path.join(directory, "run.h5")):
        os.remove(os.path.join(directory, "run.h5"))
    subprocess.run([KRAMERS, "run", *SHORT, *FEW, "--set", "escape.until=[]", "--force", "-o", os.path.join(directory, "run.h5")],
                   capture_output=True, check=True)


def main():
    wanted = sys.argv[1:]
    wrong = tried = 0
    with tempfile.TemporaryDirectory() as directory:
        for name, arguments, before in kinds(directory):
            if wanted and name not in wanted:
                continue
            if before:
                prepare(directory, before)
            some, bad = try_kind(name, arguments, directory)
            tried += some
            wrong += bad
    print(f"{tried} tried, {wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
