"""kramers check of every kind of file, also while somebody writes it: text and status."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

KRAMERS = os.environ["KRAMERS"]
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SLOW = ["--quiet", "--threads", "1"]
ENDLESS = [*SLOW, "--set", "ensemble.steps=100000000", "--set", "trajectory.every=1000", "--set", "trajectory.flush=1"]
SWEEP = ["sweep", *SLOW, "--set", "ensemble.steps=20000", "--vary", "dynamics.temperature=0.2:0.4:2000", "-o"]
FEW = ["sweep", *SLOW, "--set", "ensemble.particles=16", "--set", "ensemble.steps=50"]
wrong = 0


def run(*arguments):
    return subprocess.run([KRAMERS, *arguments], capture_output=True, text=True, check=False, timeout=120)


def check(what, file, status, *texts, absent=()):
    global wrong
    done = run("check", file)
    said = done.stdout + done.stderr
    bad = [text for text in texts if text not in said] + ["no " + text for text in absent if text in said]
    if done.returncode != status or bad:
        wrong += 1
        print(f"{what}: status {done.returncode}, not {status}; missing {bad}: {said}", flush=True)
    if status in (0, 5):
        one = json.loads(run("check", "--json", file).stdout)[0]
        if one["whole"] != (status == 0) or one["being_written"] != ("it is being written" in texts):
            wrong += 1
            print(f"{what}: JSON says {one}", flush=True)


def while_running(what, arguments, file, grown, *texts):
    """Of the file while it grows, and after its process was killed."""
    process = subprocess.Popen([KRAMERS, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        if os.path.exists(file) and os.path.getsize(file) > grown:
            break
        time.sleep(0.05)
    check(what, file, 0, "it is being written", "whole", *texts, absent=("DAMAGED", "cannot be resumed"))
    process.send_signal(signal.SIGKILL)
    process.wait()
    check(what + ", killed", file, 0, "whole", *texts, absent=("being written", "DAMAGED"))


def damage(file, place, count=4096):
    with open(file, "r+b") as out:
        out.seek(place)
        old = out.read(count)
        out.seek(place)
        out.write(bytes(b ^ 255 for b in old))


def main():
    while_running("a trajectory", ["run", *ENDLESS, "-o", "t.h5"], "t.h5", 300000, "t.h5: trajectory, format 2", "frames: ")
    check("a trajectory that can go on", "t.h5", 0, "not complete, goes on from step")
    while_running("a table in CSV", [*SWEEP, "t.csv"], "t.csv", 12000, "t.csv: sweep in CSV, format 2", "of 2000 points")
    while_running("rows of an HDF5 table", [*SWEEP, "s.h5"], "s.h5.part", 12000, "s.h5.part: sweep in CSV", "of 2000 points")
    run(*FEW, "--vary", "schedule.lr=0.01,0.02", "-o", "w.h5")
    check("a table in HDF5", "w.h5", 0, "w.h5: sweep, format 2", "whole")
    damage("w.h5", 40960)
    check("a damaged table in HDF5", "w.h5", 5, "DAMAGED")
    run("sweep", *SLOW, "--set", "escape={method: splitting, replicas: 16, repeats: 2}", "--vary", "dynamics.temperature=0.3,0.4", "-o", "p.csv")
    check("a table of splittings", "p.csv", 0, "2 of 2 points", "whole")
    with open("p.json", "w", encoding="utf-8") as out:
        out.write(run("run", *SLOW, "--set", "escape={method: splitting, replicas: 16, repeats: 2}", "--json").stdout)
    check("the result of a splitting", "p.json", 3, "p.json: is not an HDF5 file, or it is damaged")
    shutil.copy(os.path.join(SOURCE, "data", "digits_three_minima.h5"), "surface.h5")
    check("a surface", "surface.h5", 0, "surface.h5: HDF5 that kramers has not written", "it has no checksums", "whole")
    damage("surface.h5", 0)
    check("a surface without its beginning", "surface.h5", 3, "surface.h5: is not an HDF5 file, or it is damaged")
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    if "view" in run("--help").stdout:  # else it was built without the window
        run("view", "--set", "ensemble.particles=20", "--frames", "2", "--size", "320x240", "-o", "session.h5")
        check("a session", "session.h5", 0, "session.h5: session, format 2", "frames: ", "whole", absent=("cannot be resumed",))
        damage("session.h5", os.path.getsize("session.h5") // 2)
        check("a damaged session", "session.h5", 5, "session.h5: session", "DAMAGED", "kramers check session.h5 --save")
    os.mkfifo("pipe")
    check("a pipe", "pipe", 3, "pipe")
    check("nothing", "nowhere.h5", 3, "nowhere.h5': No such file")
    print(f"{wrong} wrong")
    return 1 if wrong else 0


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    result = main()
    os.chdir("/")
sys.exit(result)
