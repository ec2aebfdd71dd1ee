"""Whatever ends a window: what was done in it is kept, and replays to the same numbers; and whatever becomes of the file or the
screen that it shows, it stays or says why it ends."""
import glob
import os
import shutil
import signal
import subprocess
import sys
import time

import driver

HOW_TO_GO_ON = "what was done is kept: 'kramers view {}' repeats it and goes on from there"


def window_of(display, *arguments, **more):
    return driver.Window(display, *arguments, **{"size": (900, 700), **more})


def intervene(window, keys=("g", "w", "g")):
    """Returns how many interventions there are then."""
    for key in keys:
        before = window.read()["simulation"]["interventions"]
        window.key(key)
        window.wait(lambda d: d["simulation"]["interventions"] > before, f"key {key}")
    return window.read()["simulation"]["interventions"]


def kept(window):
    return [os.path.basename(name) for name in glob.glob(os.path.join(window.folder, "*.h5"))]


def wait_for(good, what):
    until = time.monotonic() + driver.PATIENCE
    while not good():
        assert time.monotonic() < until, f"never came: {what}"
        time.sleep(0.01)


def replays(window, file, actions):
    """Without a display, to the end of the record; which has all actions."""
    import h5py
    with h5py.File(os.path.join(window.folder, file)) as data:
        texts = data["/parameters/kramers/session/interventions/text"]
        assert len(texts) == actions, (len(texts), actions)
    done = subprocess.run([driver.KRAMERS, "view", file, "--frames", "1", "--speed", "100000000", "--size", "500x400"],
                          cwd=window.folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "every number equals the recorded one" in done.stderr, done.stderr


def polite_signals(display):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        window = window_of(display, "double_well", "--set", "ensemble.particles=200")
        actions = intervene(window)
        began = time.monotonic()
        window.process.send_signal(number)
        assert window.end() == 128 + number
        seconds = time.monotonic() - began
        files = kept(window)
        assert len(files) == 1 and files[0].endswith(".unsaved.h5"), files
        wanted = f"kramers: interrupted by {number.name}; {HOW_TO_GO_ON.format(files[0])}\n"
        assert window.said() == wanted, window.said()
        if number == signal.SIGTERM:
            replays(window, files[0], actions)
        print(f"{number.name}: kept within {seconds:.2f} s")
        window.discard()


def nothing_done_nothing_kept(display):
    """The step of a lesson that the window begins with is nobody's action."""
    window = window_of(display, "lesson_restart")
    window.process.send_signal(signal.SIGTERM)
    assert window.end() == 128 + signal.SIGTERM
    assert window.said() == "kramers: interrupted by SIGTERM\n" and not kept(window), (window.said(), kept(window))
    window.discard()


def the_display_breaks():
    """Also where nobody has done anything, and where the film and the session were asked for."""
    for arguments, acts, wanted in (((), True, HOW_TO_GO_ON), ((), False, None), (("-o", "asked.h5"), True, HOW_TO_GO_ON)):
        own = driver.Display()
        window = window_of(own, "double_well", *arguments)
        actions = intervene(window) if acts else 0
        own.server.kill()
        assert window.end() == 3
        files = kept(window)
        assert len(files) == (1 if acts else 0), files
        says = "kramers: the display is gone: the connection to it broke" + (f"; {wanted.format(files[0])}" if acts else "") + "\n"
        assert window.said() == says, window.said()
        assert not arguments or files == ["asked.h5"], files
        if acts:
            replays(window, files[0], actions)
        window.discard()
        own.close()


def killed(display):
    """kill -9, a second after the last action; before, the same file is replaced by the next one."""
    window = window_of(display, "double_well", "--set", "ensemble.particles=200")
    intervene(window)
    wait_for(lambda: kept(window), "what is done is kept as it happens")
    actions = intervene(window)
    time.sleep(1.3)
    window.process.kill()
    window.end()
    files = kept(window)
    assert len(files) == 1, files
    replays(window, files[0], actions)
    print("killed: nothing lost")
    window.discard()


def closed_and_saved(display):
    """Who closes the window does not want it; what is saved is not kept twice; two windows keep theirs apart."""
    window = window_of(display, "double_well")
    intervene(window)
    wait_for(lambda: len(kept(window)) == 1, "kept while the window is open")
    before = set(kept(window))
    window.key("k")
    window.wait(lambda d: "saved the session" in d["window"]["message"], "key k")
    wait_for(lambda: len(kept(window)) == 1 and not before & set(kept(window)), "saved instead")
    intervene(window)
    wait_for(lambda: len(kept(window)) == 2, "what is done after that is kept again")
    assert window.quit() == 0
    assert len(kept(window)) == 1 and window.said() == "", (kept(window), window.said())
    window.discard()


def nowhere_to_write(display):
    """Where the working directory takes no files, here since it is gone, those are in the folder for the state of programs."""
    state = os.path.join(os.path.dirname(driver.KRAMERS), "window-test-state")
    shutil.rmtree(state, ignore_errors=True)
    gone = ["sh", "-c", "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" \"$@\"", driver.KRAMERS]
    for home in (state, "/proc/none"):  # nor there: it is said, while there is time
        window = window_of(display, "double_well", program=gone, environment={"XDG_STATE_HOME": home})
        intervene(window, ("w",))
        file = os.path.join(home, "kramers", "kramers-double_well-0001.unsaved.h5")
        if home == state:
            wait_for(lambda: os.path.exists(file), "kept elsewhere")
        else:
            window.wait(lambda d: "save this session with k, it can't be kept as it happens" in d["window"]["message"], "a message")
        window.process.send_signal(signal.SIGTERM)
        assert window.end() == 128 + signal.SIGTERM
        assert (HOW_TO_GO_ON.format(file) if home == state else "what was done could not be kept: kramers-double_well") in window.said(), window.said()
        window.discard()
    shutil.rmtree(state)


def stopped(display):
    """SIGSTOP and SIGCONT: a recording goes on where it was."""
    window = window_of(display, "double_well", "--speed", "2000", "--set", "ensemble.steps=100000000")
    window.wait(lambda d: d["simulation"]["step"] > 0, "it plays")
    window.process.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    step = window.read()["simulation"]["step"]
    window.process.send_signal(signal.SIGCONT)
    now = window.wait(lambda d: d["simulation"]["step"] > step, "it goes on")["simulation"]["step"]
    assert now - step < 2000, (step, now)  # not the 3000 of the time between
    assert window.quit() == 0
    window.discard()


def a_display_that_hangs():
    """What is done is in the file already: the second signal ends the window at once."""
    own = driver.Display()
    window = window_of(own, "double_well")
    actions = intervene(window)
    time.sleep(1.3)
    own.server.send_signal(signal.SIGSTOP)
    time.sleep(0.3)
    window.process.send_signal(signal.SIGTERM)
    try:
        window.process.wait(3)
    except subprocess.TimeoutExpired:
        assert "another signal ends it at once" in window.said(), window.said()
        window.process.send_signal(signal.SIGTERM)
    assert window.end() == 128 + signal.SIGTERM
    own.server.send_signal(signal.SIGCONT)
    files = kept(window)
    assert len(files) == 1, files
    replays(window, files[0], actions)
    window.discard()
    own.close()


FFMPEG = """#!{}
import signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda *_: sys.exit(255))
with open(sys.argv[-1], "wb") as film:
    while part := sys.stdin.buffer.read(65536):
        film.write(part)
"""


def film(display):
    """The signal goes to the whole group of processes, as from a keyboard, and to ffmpeg too, as from who ends a batch job: the film is
    finished, by a program that stands for ffmpeg."""
    folder = os.path.join(os.path.dirname(driver.KRAMERS), "window-test-ffmpeg")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "ffmpeg"), "w") as file:
        file.write(FFMPEG.format(sys.executable))
    os.chmod(file.name, 0o755)
    for number in (signal.SIGINT, signal.SIGHUP):
        window = window_of(display, "double_well", "--record", "film.mp4", size=(480, 360), own_group=True,
                           environment={"PATH": f"{folder}:{os.environ['PATH']}"})
        window.wait(lambda d: d["simulation"]["step"] > 0, "it plays")
        time.sleep(0.5)
        child = int(subprocess.run(["pgrep", "-P", str(window.process.pid)], capture_output=True, text=True).stdout.split()[0])
        os.kill(child, number)
        os.killpg(window.process.pid, number)
        assert window.end() == 128 + number, window.said()
        size = os.path.getsize(os.path.join(window.folder, "film.mp4"))
        pictures = size // (480 * 360 * 4)
        assert pictures > 5 and size == pictures * 480 * 360 * 4, size
        assert f"wrote film.mp4: {pictures} pictures" in window.said(), window.said()
        window.discard()
    shutil.rmtree(folder)


def files_that_change(display):
    """A recording that is shown while its run is repeated otherwise, removed, cut off."""
    def record(window, particles):
        subprocess.run([driver.KRAMERS, "run", "double_well", "--quiet", "--force", "-o", "live.h5", "--set",
                        f"ensemble.particles={particles}", "--set", "ensemble.steps=2000", "--set", "trajectory.every=5"],
                       cwd=window, check=True, capture_output=True)

    def cut(file):
        with open(file, "r+b") as data:
            data.truncate(os.path.getsize(file) // 3)

    for what in ("fewer", "removed", "cut", "text"):
        folder = os.path.join(os.path.dirname(driver.KRAMERS), "window-test-files")
        os.makedirs(folder, exist_ok=True)
        file = os.path.join(folder, "live.h5")
        record(folder, 40)
        window = window_of(display, file, "--speed", "10")
        window.wait(lambda d: d["simulation"]["step"] > 10, "it plays")
        if what == "fewer":
            record(folder, 10)
        elif what == "removed":
            os.remove(file)
        elif what == "cut":
            cut(file)
        else:
            with open(file, "w") as data:
                data.write("no file of ours\n")
        d = window.wait(lambda d: "cannot be read; has the file been replaced or damaged" in d["window"]["message"], f"file: {what}")
        assert not d["simulation"]["playing"]
        window.key("space", "Down", "x")
        time.sleep(0.2)
        assert window.quit() == 0, window.said()
        window.discard()
        print(f"file: {what}: the window stays")
        shutil.rmtree(folder)


def sizes(display):
    """Smaller than anything fits, and larger than any screen."""
    window = window_of(display, "double_well")
    for width, height in ((1, 1), (60, 2000), (2000, 40), (8000, 6000), (900, 700)):
        window.display.resize(window.id, width, height)
        window.wait(lambda d: (d["window"]["width"], d["window"]["height"]) == (width, height), f"a window of {width} x {height}")
        window.key("h", "h")
    assert window.quit() == 0, window.said()
    window.discard()


if __name__ == "__main__":
    driver.need_programs()
    try:
        import h5py  # noqa: F401
    except ImportError:
        driver.skip("Python's h5py not found (package python3-h5py)")
    screen = driver.Display()
    try:
        tests = (polite_signals, nothing_done_nothing_kept, killed, closed_and_saved, nowhere_to_write, stopped, film, files_that_change, sizes)
        for test in tests:
            began = time.monotonic()
            test(screen)
            print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    finally:
        screen.close()
    the_display_breaks()
    a_display_that_hangs()
