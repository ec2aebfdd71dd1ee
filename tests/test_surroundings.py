"""What surrounds the program changes no result and loses nothing: variables of the environment that it and its libraries read, limits of
the process, and files that have several names. Where it cannot go on: one message with the remedy, status 3, old files as they were."""
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

KRAMERS = os.path.abspath(os.environ["KRAMERS"])
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ALL = "KRAMERS_TEST_ALL" in os.environ
SMALL = ["--quiet", "--threads", "2", "--set", "ensemble.particles=16", "--set", "ensemble.steps=600"]
ENDLESS = ["--quiet", "--threads", "1", "--set", "ensemble.particles=16", "--set", "ensemble.steps=2000000000", "--set",
           "trajectory.every=1000000"]
RUN = ["run", *SMALL, "-o", "t.h5"]
RESUME = ["resume", "--quiet", "--threads", "2", "t.h5", "--steps", "900"]
SWEEP = ["sweep", *SMALL, "--vary", "schedule.lr=0.01,0.02", "-o", "s.csv"]
LONG = "x" * 100000
wrong = tried = 0


def fault(text):
    global wrong
    wrong += 1
    print(text, flush=True)


def start(arguments, environment=None, limit=None, seconds=60):
    env = {"PATH": "/usr/bin:/bin", "HOME": os.getcwd(), "OMP_WAIT_POLICY": "passive", "SDL_VIDEODRIVER": "dummy", **(environment or {})}
    env = {key: value for key, value in env.items() if value is not None}

    def limits():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(*limit)

    return subprocess.run([KRAMERS, *arguments], capture_output=True, text=True, errors="replace", env=env, timeout=seconds, check=False,
                          preexec_fn=limits if limit else None, stdin=subprocess.DEVNULL)


def read(name):
    with open(name, "rb") as file:
        return file.read()


def messages(done):
    return [line for line in done.stderr.splitlines() if line and "warning:" not in line]


# ---- the environment ----

HARMLESS = [
    ("GSL_RNG_TYPE", "rubbish"), ("GSL_IEEE_MODE", "double-precision,trap-common"), ("HDF5_USE_FILE_LOCKING", "rubbish"),
    ("HDF5_PLUGIN_PATH", LONG), ("HDF5_PLUGIN_PRELOAD", "::"), ("HDF5_DRIVER", "rubbish"), ("HDF5_DRIVER", "split"), ("HDF5_PREFIX", "/nowhere"),
    ("HOME", None), ("HOME", "/dev/null"), ("HOME", LONG), ("HOME", "relative"), ("XDG_CONFIG_HOME", "relative"), ("XDG_CONFIG_HOME", LONG),
    ("TMPDIR", "/dev/full"), ("TMPDIR", LONG), ("LC_ALL", "de_DE.UTF-8"), ("LANG", "rubbish"), ("COLUMNS", "-5"), ("COLUMNS", "99999999999999999999"),
    ("TERM", LONG), ("NO_COLOR", ""), ("KRAMERS_PLUGINS", ":"), ("KRAMERS_ISA", ""), ("TZ", ":/dev/zero"), ("TZ", LONG), ("MALLOC_PERTURB_", "165"),
    ("MALLOC_CHECK_", "3"), ("OMP_NUM_THREADS", "100000"), ("OMP_THREAD_LIMIT", "1"), ("OMP_DYNAMIC", "true"), ("OMP_PROC_BIND", "true"),
    ("PATH", ""), ("POSIXLY_CORRECT", "1"),
]
REFUSED = [("KRAMERS_PLUGINS", "rubbish", 3, "named by --plugin, by KRAMERS_PLUGINS"), ("KRAMERS_PLUGINS", "/dev/zero", 3, "a regular file is needed"),
           ("KRAMERS_PLUGINS", LONG, 3, "cannot find plug-in"), ("KRAMERS_ISA", "rubbish", 2, "(from KRAMERS_ISA)"), ("KRAMERS_ISA", LONG, 2, "unknown instruction set")]


def outputs(environment):
    results = {}
    for command, file in ((RUN, "t.h5"), (RESUME, "t.h5"), (SWEEP, "s.csv")):
        done = start(command, environment)
        results[command[0]] = (done.returncode, messages(done), read(file) if os.path.exists(file) else None)
    for name in os.listdir("."):
        (os.remove if not os.path.isdir(name) else shutil.rmtree)(name)
    return results


def test_environment():
    global tried
    want = outputs({})
    for key, value in HARMLESS if ALL else HARMLESS[::3]:
        tried += 1
        got = outputs({key: value})
        for verb in want:
            if got[verb] != want[verb]:
                fault(f"{key}={str(value)[:40]}: {verb} {got[verb][:2]}")
    for key, value, status, text in REFUSED:
        tried += 1
        done = start(RUN, {key: value})
        if done.returncode != status or len(messages(done)) != 1 or text not in done.stderr or os.listdir("."):
            fault(f"{key}={value[:40]}: {done.returncode} {done.stderr[:300]} {os.listdir('.')}")


# ---- limits ----

def test_limits():
    global tried
    rows = [(resource.RLIMIT_STACK, 300 << 10, "ulimit -s"), (resource.RLIMIT_NOFILE, 4, "Too many open files"),
            (resource.RLIMIT_NOFILE, 5, None), (resource.RLIMIT_NOFILE, 6, None), (resource.RLIMIT_NOFILE, 7, None)]
    for which, most, text in rows:
        start(RUN)
        before = read("t.h5")
        for command in (RESUME, SWEEP, ["check", "t.h5"], [*RUN[:-1], "u.h5"]):
            tried += 1
            done = start(command, None, (which, (most, most)))
            if done.returncode == 0:
                continue
            if done.returncode != 3 or len(messages(done)) != 1 or (text and text not in done.stderr):
                fault(f"limit {which} of {most}: {command[0]}: {done.returncode} {done.stderr[-300:]}")
            if command is RESUME and (read("t.h5") != before or start(["check", "t.h5"]).returncode):
                fault(f"limit {which} of {most}: {command[0]} has changed the file")
        for name in os.listdir("."):
            os.remove(name)


# ---- several names of one file ----

def while_written(first, names, extra, what):
    """Others who want to write what a process is writing, by another name of it, are refused."""
    global tried
    with subprocess.Popen([KRAMERS, "run", *ENDLESS, "-o", first], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(300):
            if os.path.exists(first) and os.path.getsize(first) > 100000:
                break
            time.sleep(0.05)
        other = names()
        for command in (["resume", "--quiet", other], ["run", *ENDLESS, "--force", "-o", other], *extra(other)):
            tried += 1
            done = start(command, seconds=20)
            if done.returncode != 3 or f"{other}: kramers (process {process.pid}) is writing this file" not in done.stderr:
                fault(f"{what}: {command[0]}: {done.returncode} {done.stderr[-300:]}")
        process.send_signal(signal.SIGINT)
        process.wait(60)
    for name in (first, other):
        if start(["check", name]).returncode:
            fault(f"{what}: {name} is damaged")


def test_names():
    global tried
    tried += 1
    start(RUN)
    os.link("t.h5", "kept.h5")
    before = read("kept.h5")
    start([*RUN, "--force", "--set", "ensemble.seed=2"])
    if read("kept.h5") != before or read("t.h5") == before:
        fault("overwriting a name has changed what another name of the file holds")

    def link():
        os.link("w.h5", "w2.h5")
        return "w2.h5"

    while_written("w.h5", link, lambda other: [], "a hard link")
    os.mkdir("real")
    os.mkdir("bound")
    if subprocess.run(["mount", "--bind", "real", "bound"], capture_output=True, check=False).returncode:
        print("bind mounts are not allowed here: not tried")
        return
    try:
        while_written("real/x.h5", lambda: "bound/x.h5", lambda other: [["run", *ENDLESS, "-o", other]], "a bind mount")
    finally:
        subprocess.run(["umount", "bound"], check=False)


def main():
    for test in (test_environment, test_limits, test_names):
        with tempfile.TemporaryDirectory() as directory:
            os.chdir(directory)
            test()
            os.chdir(SOURCE)
    print(f"{tried} tried, {wrong} wrong")
    return 1 if wrong else 0


sys.exit(main())
