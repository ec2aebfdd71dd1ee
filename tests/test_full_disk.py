"""The disk is full at any size of the output (RLIMIT_FSIZE): one message and status 3, what was there before is valid as it was, and with
room again the same command or `resume` ends with the bytes of an undisturbed process. Sizes are sampled; KRAMERS_TEST_ALL tries many."""
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

KRAMERS = os.environ["KRAMERS"]
SIZES = 40 if "KRAMERS_TEST_ALL" in os.environ else 5
SMALL = ["--quiet", "--threads", "1"]
RUN = ["run", *SMALL, "--set", "ensemble.particles=16", "--set", "ensemble.steps=200", "--set", "trajectory.every=2", "--set",
       "trajectory.flush=4", "-o", "t.h5"]
SWEEP = ["sweep", *SMALL, "--set", "ensemble.particles=8", "--set", "ensemble.steps=50", "--vary", "schedule.lr=0.01:0.05:6", "-o"]

# (name, before, command, result, command that goes on)
CASES = [
    ("run", None, RUN, "t.h5", ["resume", *SMALL, "t.h5"]),
    ("resume", RUN, ["resume", *SMALL, "--steps", "400", "t.h5"], "t.h5", ["resume", *SMALL, "--steps", "400", "t.h5"]),
    ("sweep in CSV", None, [*SWEEP, "t.csv"], "t.csv", [*SWEEP, "t.csv"]),
    ("sweep in HDF5", None, [*SWEEP, "t.h5"], "t.h5", [*SWEEP, "t.h5"]),
    ("saved part of a table", [*SWEEP, "s.csv"], ["check", "s.csv", "--save", "t.csv"], "t.csv", ["check", "s.csv", "--save", "t.csv", "--force"]),
    ("saved part of a trajectory", [*RUN[:-1], "s.h5"], ["check", "s.h5", "--save", "t.h5"], "t.h5", ["check", "s.h5", "--save", "t.h5"]),
]


def run(arguments, limit=None):
    def full():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run([KRAMERS, *arguments], capture_output=True, text=True, check=False, timeout=120,
                          preexec_fn=full if limit is not None else None)


def read(name):
    with open(name, "rb") as file:
        return file.read()


def clean(before):
    for name in os.listdir("."):
        os.remove(name)
    for name in os.listdir("../before"):
        shutil.copy("../before/" + name, name)


def try_size(name, before, command, result, go_on, size, whole):
    clean(before)
    old = {file: read(file) for file in os.listdir(".")}
    done = run(command, size)
    said = [line for line in done.stderr.splitlines() if line.startswith("kramers: ") and "warning" not in line]
    if done.returncode == 0:
        return None if read(result) == whole else "other bytes with status 0"
    if done.returncode != 3 or len(said) != 1:
        return f"status {done.returncode}: {done.stderr[-300:]}"
    left = [file for file in os.listdir(".") if file.endswith(".part") and file not in ("t.h5.part",)]
    if left:
        return f"{left} stays behind"
    for file, text in old.items():
        if file != result and read(file) != text:
            return f"{file} was changed"
    if result in old and run(["check", result]).returncode:
        return f"{result} is damaged: {run(['check', result]).stdout}"
    again = run(go_on if os.path.exists(result) or go_on[0] != "resume" else command)
    if again.returncode or read(result) != whole:
        return f"not gone on with: {again.returncode} {again.stderr[-300:]}"
    return None


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        for name in ("before", "work"):
            os.mkdir(os.path.join(directory, name))
        os.chdir(os.path.join(directory, "work"))
        for name, before, command, result, go_on in CASES:
            for file in os.listdir("../before"):
                os.remove("../before/" + file)
            clean(None)
            if before and run(before).returncode:
                sys.exit(f"{name}: what comes before fails")
            for file in os.listdir("."):
                shutil.copy(file, "../before/" + file)
            if run(command).returncode:
                sys.exit(f"{name}: fails by itself")
            whole = read(result)
            largest = max(os.path.getsize(file) for file in os.listdir("."))
            sizes = sorted({0, largest - 1, *(largest * k // SIZES for k in range(1, SIZES))})
            for size in sizes:
                fault = try_size(name, before, command, result, go_on, size, whole)
                if fault:
                    wrong += 1
                    print(f"{name}, {size} of {largest} bytes: {fault}", flush=True)
            print(f"{name}: {len(sizes)} sizes up to {largest} bytes", flush=True)
        os.chdir("/")
    print(f"{wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
