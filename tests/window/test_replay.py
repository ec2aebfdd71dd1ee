"""Twenty interventions by hand, kept with key k, replay to identical bits; and a file that says otherwise is not believed."""
import glob
import os
import re
import shutil
import subprocess
import time

import driver
from test_controls import Checked


def drag_slider(window, identity, fraction):
    control = window.reveal(identity)
    x, y, width, height = control["track"]
    window.drag(control["knob"], y + height / 2, x + fraction * width, y + height / 2)


def intervene(window, checked):
    """Each of these is felt at another step: the simulation runs all the time."""
    picture = window.read()["pictures"][0]["rectangle"]
    actions = [
        lambda: drag_slider(window, "controls.dynamics.temperature", 0.6),
        lambda: window.key("w"),
        lambda: drag_slider(window, "controls.schedule.lr", 0.45),
        lambda: window.key("g"),
        lambda: drag_slider(window, "controls.landscape.barrier", 0.55),
        lambda: checked.choose("controls.dynamics.name", "langevin"),
        lambda: drag_slider(window, "controls.dynamics.friction", 0.55),
        lambda: window.key("z"),
        lambda: window.click(picture[0] + 0.3 * picture[2], picture[1] + 0.3 * picture[3]),
        lambda: checked.choose("controls.schedule.name", "cosine_restarts", by_keys=True),
        lambda: window.key("w"),
        lambda: checked.choose("controls.dynamics.name", "momentum"),
        lambda: drag_slider(window, "controls.dynamics.momentum", 0.7),
        lambda: checked.choose("controls.noise.name", "student_t"),  # isotropic noise came with the dynamics
        lambda: drag_slider(window, "controls.noise.sigma", 0.4),
        lambda: window.push("controls.reset"),
        lambda: drag_slider(window, "controls.landscape.tilt", 0.55),
        lambda: window.key("z"),
        lambda: window.push("controls.seed"),
        lambda: window.push("controls.restart"),
    ]
    for number, action in enumerate(actions, start=1):
        before = window.read()["simulation"]["interventions"]
        action()
        window.wait(lambda d: d["simulation"]["interventions"] > before, f"intervention {number}")
        window.wait(lambda d: d["simulation"]["controls_current"], "the controls know of it")
        time.sleep(0.05)
    return len(actions)


def frames_to_the_end(file):
    """What a replay without a display says at the end of the record."""
    done = subprocess.run([driver.KRAMERS, "view", file, "--frames", "2", "--speed", "100000000", "--describe", "end.json"],
                          cwd=os.path.dirname(file), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stderr


def main(display):
    window = driver.Window(display, "double_well", "--set", "ensemble.particles=200", "--speed", "20000")
    checked = Checked(window)
    checked.open_sections()
    count = intervene(window, checked)
    time.sleep(0.2)
    window.key("k")
    until = time.monotonic() + driver.PATIENCE
    while not glob.glob(os.path.join(window.folder, "*.h5")) and time.monotonic() < until:
        time.sleep(0.02)
    window.wait(lambda d: "saved the session" in d["window"]["message"], "key k keeps the session")
    file = glob.glob(os.path.join(window.folder, "*.h5"))[0]
    logged = window.read()["simulation"]["interventions"]
    assert logged >= count, (logged, count)
    assert window.quit() == 0, window.said()

    said = frames_to_the_end(file)
    assert "every number equals the recorded one" in said, said
    print(f"{logged} interventions replay to the same bits without a display")

    replay = driver.Window(display, file, "--speed", "max")
    replay.wait(lambda d: "every number equals the recorded one" in d["window"]["message"], "the window replays to the same bits", 60)
    assert replay.read()["simulation"]["interventions"] == logged
    assert replay.quit() == 0, replay.said()
    replay.discard()

    # One bit of the recorded digest turned: the same numbers are other numbers now.
    import h5py
    false = os.path.join(window.folder, "false.h5")
    shutil.copy(file, false)
    with h5py.File(false, "r+") as data:
        places = []
        data.visititems(lambda name, item: places.extend((name, key) for key in item.attrs if "digest" in key) or
                        (places.append((name, None)) if "digest" in name else None))
        assert places, "the digest is in the file"
        name, key = places[0]
        item = data[name]
        value = item.attrs[key] if key else item[()]
        if isinstance(value, (bytes, str)):
            text = value.decode() if isinstance(value, bytes) else value
            turned = re.sub(r"[0-9a-f]$", lambda m: "0" if m[0] != "0" else "1", text)
            item.attrs.modify(key, turned) if key else item.__setitem__((), turned)
        else:
            item.attrs.modify(key, value ^ type(value)(1)) if key else item.__setitem__((), value ^ type(value)(1))
    subprocess.run([driver.KRAMERS, "check", "--accept", false], check=True, stdout=subprocess.DEVNULL)  # its checksums are forged, too
    said = frames_to_the_end(false)
    assert "differ from the recorded ones" in said, said
    print("they replay in the window, too, and a file with another digest is not believed")
    window.discard()


if __name__ == "__main__":
    driver.need_programs()
    try:
        import h5py  # noqa: F401
    except ImportError:
        driver.skip("Python's h5py not found (package python3-h5py)")
    own = driver.Display()
    try:
        main(own)
    finally:
        own.close()
