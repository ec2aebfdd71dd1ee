"""A signal at any moment of a slow scene is answered within a second, what was measured is kept, and the file goes on."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

KRAMERS = os.environ["KRAMERS"]
ALL = "KRAMERS_TEST_ALL" in os.environ
SANITIZED = bool(os.environ.get("KRAMERS_SANITIZED"))
LIMIT = 1.0 if not SANITIZED else 5.0  # seconds

ENDLESS = ["--set", "ensemble.steps=1000000000"]
NETWORK = "landscape={name: network, data: digits, hidden: [%s]}"
ON_NETWORK = ["--set", "ensemble.start={random: xavier}", "--set", "escape.until=[]", "--set", "schedule.lr=0.001", "--set",
              "dynamics={name: sgd}", "--set", "trajectory.every=1000000", "--set", "trajectory.particles=1"]
SLOW_SCHEDULE = ["--set", "schedule={name: cosine, lr: 0.1}", "--set", "ensemble.steps=30000000"]
SIX = " + ".join(f"({c}^2 - 1)^2" for c in "uvwxyz") + " + 0.1*u*v*w*x*y*z + 0.1*sin(3*u*v)"

# (name, arguments, whether it has a file, seconds over which signals are spread)
SCENES = [
    ("steps", ["run", *ENDLESS], True, 1.5),
    ("burn_in", ["run", "--set", "ensemble.start.burn_in=1000000000"], True, 1.5),
    ("boltzmann_10d", ["run", "--set", "landscape={name: styblinski_tang, dim: 10}", "--set", "ensemble.start={gibbs: 0}", "--set",
                       "escape.until=[]"], True, 1.5),
    ("boltzmann_2d", ["run", "muller_brown", "--set", "ensemble.start={gibbs: 0}", "--set", "ensemble.particles=1000000"], True, 4),
    ("boltzmann_coupled", ["run", "--set", "landscape={name: rosenbrock, dim: 10}", "--set", "ensemble.start={gibbs: 0}", "--set",
                           "ensemble.particles=1000000", "--set", "escape.until=[]", "--set", "schedule.lr=0.0001"], True, 4),
    ("sweep", ["sweep", *ENDLESS, "--vary", "dynamics.temperature=0.2:0.4:8"], True, 2),
    ("sweep_large", ["sweep", "--set", "ensemble.particles=64", "--set", "ensemble.steps=1000", "--vary",
                     "dynamics.temperature=0.2:0.4:100", "--vary", "ensemble.seed=1:100:100"], True, 4),
    ("sweep_slow_points", ["sweep", "--set", "ensemble.start.burn_in=1000000000", "--vary", "dynamics.temperature=0.2:0.4:4"], True, 2),
    # Gaps, one for each point, of coordinates by themselves and of coupled ones; the survival along a schedule, for minutes; a search with
    # thousands of starts.
    ("gap_theory_2d", ["sweep", "--set", "landscape={name: himmelblau}", "--set", "escape.until=[]", "--set",
                       "ensemble={particles: 2, steps: 1}", "--set", "schedule.lr=0.00001", "--vary", "dynamics.temperature=4:5:500"], True, 3),
    ("gap_theory", ["sweep", "--set", "landscape={name: rastrigin, dim: 2}", "--set", "escape.until=[]", "--set",
                    "ensemble={particles: 2, steps: 1}", "--set", "schedule.lr=0.0001", "--vary", "dynamics.temperature=1:2:500"], True, 3),
    ("survival_theory", ["theory", *SLOW_SCHEDULE], False, 3),
    ("theory_at_the_end", ["run", *SLOW_SCHEDULE, "--set", "ensemble.particles=2", "--set", "escape.renewal=false"], True, 3),
    ("critical_points", ["theory", "--set", "landscape={name: formula, potential: '" + SIX + "', variables: [u, v, w, x, y, z]}", "--set",
                         "escape.until=[]", "--set", "ensemble.start={point: [1]}", "--critical-points"], False, 3),
    ("splitting", ["run", "--set", "escape.method=splitting", "--set", "escape.replicas=100000", "--set",
                   "dynamics.temperature=0.05"], False, 3),
    ("sharpness", ["run", *ENDLESS, *ON_NETWORK, "--set", NETWORK % "32", "--set", "ensemble.particles=16", "--set",
                   "sharpness.every=10"], True, 5),
    ("gradient_noise", ["run", *ENDLESS, *ON_NETWORK, "--set", NETWORK % "32", "--set", "ensemble.particles=16", "--set",
                        "gradient_noise.every=10"], True, 4),
    ("evaluate", ["run", *ENDLESS, *ON_NETWORK, "--set", NETWORK % "128", "--set", "ensemble.particles=16", "--set",
                  "evaluate.every=1"], True, 3),
    ("large_network", ["run", *ENDLESS, *ON_NETWORK, "--set", NETWORK % "512", "--set", "ensemble.particles=16"], True, 6),
    ("large_network_sharpness", ["run", *ENDLESS, *ON_NETWORK, "--set", NETWORK % "512", "--set", "ensemble.particles=4", "--set",
                                 "sharpness.every=10"], True, 6),
    # Single steps that take seconds: many particles on a dear formula, and noise from whole Hessians.
    ("long_step", ["run", *ENDLESS, "--set", "landscape={name: formula, potential: '" + SIX + "', variables: [u, v, w, x, y, z]}", "--set",
                   "escape.until=[]", "--set", "ensemble.start={point: [1]}", "--set", "ensemble.particles=1000000", "--set",
                   "trajectory={every: 1000000, particles: 1}", "--set", "schedule.lr=0.001"], True, 12),
    ("long_noise", ["run", *ENDLESS, "--set", "landscape={name: rosenbrock, dim: 250}", "--set", "escape.until=[]", "--set",
                    "noise={name: curvature, full: true}", "--set", "schedule.lr=0.00001", "--set", "ensemble.particles=128", "--set",
                    "trajectory={every: 1000000, particles: 1}"], True, 8),
    ("minibatches", ["run", *ENDLESS, *ON_NETWORK, "--set", NETWORK % "512", "--set", "ensemble.particles=64", "--set",
                     "noise={name: minibatch, batch_size: 256}"], True, 6),
    ("snapshots_end", ["run", *ON_NETWORK, "--set", NETWORK % "32", "--set", "ensemble={particles: 64, steps: 400}", "--set",
                       "snapshots.every=20"], True, 15),
]


def one(name, arguments, has_file, delay, number, directory):
    """What is wrong, and the seconds to the end."""
    file = os.path.join(directory, "x.csv" if arguments[0] == "sweep" else "x.h5")
    for left in os.listdir(directory):
        os.remove(os.path.join(directory, left))
    command = [KRAMERS, *arguments]
    if arguments[0] != "theory":
        command += ["--quiet", "--threads", "2"]
    if has_file:
        command += ["-o", file]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=directory)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        pass
    if process.poll() is not None:
        text = process.communicate()[1].decode(errors="replace")
        return None if process.returncode == 0 else f"ended with {process.returncode}: {text[-300:]}", 0.0, "ended before"
    began = time.monotonic()
    process.send_signal(number)
    try:
        _, text = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "not answered in a minute", 60, ""
    seconds = time.monotonic() - began
    text = text.decode(errors="replace")
    code = process.returncode
    wrong = None
    if code not in (128 + number, -number, 0):
        wrong = f"status {code}: {text[-300:]}"
    elif code == -number and arguments[0] != "theory" and delay > 0.2:
        wrong = "died of the signal"
    elif seconds > LIMIT:
        wrong = f"answered after {seconds:.2f} s"
    left = [name for name in os.listdir(directory) if name.endswith((".part", ".new"))]
    if not wrong and left:
        wrong = f"left {left}"
    return wrong, seconds, text.strip().splitlines()[-1] if text.strip() else ""


def main():
    wanted = sys.argv[1:]
    chance = random.Random(7)
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        for name, arguments, has_file, span in SCENES:
            if wanted and name not in wanted:
                continue
            early = 0
            count = int(os.environ.get("KRAMERS_SIGNALS", "12" if ALL else "1"))
            slowest = 0.0
            said = {}
            for i in range(count):
                delay = span * (i + chance.random()) / count
                number = chance.choice((signal.SIGINT, signal.SIGTERM))
                fault, seconds, line = one(name, arguments, has_file, delay, number, directory)
                slowest = max(slowest, seconds)
                key = line.replace("SIGTERM", "SIG").replace("SIGINT", "SIG").replace(directory, "")[:90]
                said[key] = said.get(key, 0) + 1
                early += line == "ended before"
                if fault:
                    wrong += 1
                    print(f"{name} after {delay:.2f} s: {fault}", flush=True)
            if early == count:
                wrong += 1
                print(f"{name}: all ended before their signal came: too short to test anything", flush=True)
            print(f"{name}: {count} signals, slowest answer {slowest:.2f} s; {json.dumps(said)}", flush=True)
    print(f"{wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
