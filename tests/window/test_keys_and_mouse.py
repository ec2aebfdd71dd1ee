"""Every line of the help page does what it says, with the keyboard and with the mouse.

    test_keys_and_mouse.py [NAME]...
"""
import glob
import os
import struct
import subprocess
import sys
import time

import driver
from test_controls import Checked, saved_value

SETTINGS = ["--set", "ensemble.particles=64"]


def simulation(window):
    return window.read()["simulation"]


def wait_for(window, key, good, what=None):
    return window.wait(lambda d: good(d["simulation"][key]), what or key)["simulation"]


def wait_window(window, key, value):
    return window.wait(lambda d: d["window"][key] == value, f"{key} becomes {value}")


def close_to(a, b, within=1e-9):
    return all(abs(u - v) <= within * max(abs(u), abs(v), 1e-300) or abs(u - v) < 1e-12 for u, v in zip(a, b))


def playing(display):
    window = driver.Window(display, "double_well", "--paused", *SETTINGS, size=(1280, 800))
    assert simulation(window)["step"] == 0
    window.key("Down")
    wait_for(window, "step", lambda s: s == 1, "down: one step")
    window.key("shift+Down")
    wait_for(window, "step", lambda s: s == 101, "shift down: a hundred steps")
    window.push("bar step")
    wait_for(window, "step", lambda s: s == 102, "the button: one step")
    window.key("space")
    wait_for(window, "step", lambda s: s > 110, "space: plays")
    window.key("space")
    wait_for(window, "playing", lambda p: not p, "space: pauses")
    window.push("bar play")
    wait_for(window, "playing", lambda p: p, "the button plays")
    window.push("bar play")
    wait_for(window, "playing", lambda p: not p, "the button pauses")
    step = simulation(window)["step"]
    time.sleep(0.2)
    assert simulation(window)["step"] == step, "it goes on though it is paused"

    speed = simulation(window)["speed"]
    window.key("period")
    wait_for(window, "speed", lambda s: s == 2 * speed, "period: faster")
    window.key("comma", "comma")
    wait_for(window, "speed", lambda s: s == speed / 2, "comma: slower")
    window.key("m")
    wait_for(window, "speed", lambda s: s is None, "m: as fast as it goes")
    window.key("m")
    wait_for(window, "speed", lambda s: s == speed, "m: 1x again")

    window.key("Home")
    now = wait_for(window, "generation", lambda e: e == 1, "Home: reset")
    assert now["step"] == 0
    seed = window.saved()["ensemble"]["seed"]
    window.key("g")
    wait_for(window, "generation", lambda e: e == 2, "g: everything anew")
    assert window.saved()["ensemble"]["seed"] == seed + 1
    window.key("z")
    wait_for(window, "generation", lambda e: e == 3, "z: undo")
    assert window.saved()["ensemble"]["seed"] == seed
    window.push("controls.seed")
    wait_for(window, "generation", lambda e: e == 4, "the button: new seed")
    assert window.saved()["ensemble"]["seed"] == seed + 1
    window.push("controls.undo")
    wait_for(window, "generation", lambda e: e == 5, "the button: undo")
    assert window.saved()["ensemble"]["seed"] == seed
    window.push("controls.reset")
    wait_for(window, "generation", lambda e: e == 6, "the button: reset")
    end(window, by="q")


def restarting(display):
    window = driver.Window(display, "double_well", "--paused", *SETTINGS, "--set", "schedule={name: cosine, lr: 0.05, steps: 200}")
    first = simulation(window)["learning_rate"]
    for restart in (lambda: window.key("w"), lambda: window.push("controls.restart")):
        before = simulation(window)
        window.key("shift+Down")
        low = wait_for(window, "step", lambda s: s == before["step"] + 100)
        assert low["learning_rate"] < 0.6 * first, low
        restart()
        window.key("Down")
        high = wait_for(window, "schedule_origin", lambda s: s == low["step"], "the schedule begins anew")
        high = wait_for(window, "step", lambda s: s == low["step"] + 1)
        assert high["learning_rate"] > 0.99 * first, high
        assert high["generation"] == 0, "a warm restart leaves the particles where they are"
        shown = [text["text"] for text in window.read()["texts"]]
        assert any("step " in text for text in shown)
    end(window)


def looking(display):
    """Zoom, pan, r, trails, looks; a click drops the ensemble; following."""
    for scene, dim in (("double_well", 1), ("muller_brown", 2)):
        window = driver.Window(display, scene, "--paused", *SETTINGS, size=(1280, 800))
        picture = window.read()["pictures"][0]
        x, y, width, height = picture["rectangle"]
        home = picture["across"] + picture["up"]
        seen = lambda d: d["pictures"][0]["across"] + d["pictures"][0]["up"]  # noqa: E731
        at = (x + 0.3 * width, y + 0.4 * height)
        window.mouse(*at)
        window.wheel(2)
        d = window.wait(lambda d: seen(d)[1] - seen(d)[0] < 0.75 * (home[1] - home[0]), "the wheel zooms")
        world = home[0] + 0.3 * (home[1] - home[0])  # what is under the mouse stays there
        assert abs(seen(d)[0] + 0.3 * (seen(d)[1] - seen(d)[0]) - world) < 0.01 * (home[1] - home[0]), (home, seen(d))
        zoomed = seen(d)
        window.drag(*at, at[0] + 100, at[1] + 60)
        d = window.wait(lambda d: seen(d) != zoomed and close_to([seen(d)[0]], [zoomed[0] - 100 / width * (zoomed[1] - zoomed[0])], 1e-6),
                        "a drag moves the view by the mouse's way")
        assert close_to([seen(d)[3]], [zoomed[3] + 60 / height * (zoomed[3] - zoomed[2])], 1e-6)
        assert d["simulation"]["generation"] == 0, "a drag drops nobody"
        window.key("r")
        window.wait(lambda d: close_to(seen(d), home), "r: the view is reset")

        trail = window.read()["pictures"][0]["trail_length"]
        window.key("i")
        window.wait(lambda d: d["pictures"][0]["trail_length"] == trail + 1, "i: longer trails")
        window.key("o", "o")
        window.wait(lambda d: d["pictures"][0]["trail_length"] == trail - 1, "o: shorter trails")
        if dim == 2:
            window.key("b")
            window.wait(lambda d: d["pictures"][0]["look"] == "density", "b: density")
            window.key("b")
            window.wait(lambda d: d["pictures"][0]["look"] == "automatic", "b: dots")

        # where nobody has arrived already
        place = (x + 0.2 * width, y + 0.35 * height) if dim == 1 else (x + 0.55 * width, y + 0.6 * height)
        window.click(*place)
        d = window.wait(lambda d: d["simulation"]["generation"] == 1 and d["simulation"]["controls_current"], "a click drops the ensemble")
        across, up = d["pictures"][0]["across"], d["pictures"][0]["up"]
        point = window.saved()["ensemble"]["start"]["point"]
        point = point if isinstance(point, list) else [point]
        wanted = [home[0] + (place[0] + 0.5 - x) / width * (home[1] - home[0]), home[3] - (place[1] + 0.5 - y) / height * (home[3] - home[2])]
        for i in range(dim):
            pixel = ((home[1] - home[0]) / width, (home[3] - home[2]) / height)[i]
            assert abs(point[i] - wanted[i]) <= 1.5 * pixel, (point, wanted)
        assert close_to(d["variants"][0]["first_particle"], point, 1e-6), "the particles are there"

        window.key("x")
        wait_for(window, "followed", lambda f: f is not None, "x follows a particle")
        window.key("shift+x")
        wait_for(window, "followed", lambda f: f == 1, "shift x: the next one")
        window.key("x")
        wait_for(window, "followed", lambda f: f is None, "x: nobody")
        window.mouse(*place)
        window.display.key("shift", True)
        window.click(*place)
        time.sleep(0.1)
        window.display.key("shift", False)
        wait_for(window, "followed", lambda f: f is not None, "shift click follows the nearest")
        end(window)

    window = driver.Window(display, "styblinski_tang", "--paused", *SETTINGS, size=(1280, 800))
    directions = lambda d: d["pictures"][0]["directions"]  # noqa: E731
    first = directions(window.read())
    window.key("j")
    across = directions(window.wait(lambda d: directions(d)[0] != first[0], "j: next coordinate across"))
    window.key("l")
    window.wait(lambda d: directions(d)[1] != across[1] and directions(d)[0] == across[0], "l: next coordinate up")
    window.key("shift+Down")
    wait_for(window, "step", lambda s: s == 100)
    window.key("p")
    window.wait(lambda d: directions(d)[0] == d["variants"][0]["dim"], "p: principal directions")
    end(window)


def views(display):
    """The views of the landscape: 1, 2 and the button; a surface is turned by drags and arrows, and zoomed."""
    window = driver.Window(display, "muller_brown", "--paused", *SETTINGS, size=(1280, 800))
    picture = lambda d: d["pictures"][0]  # noqa: E731
    window.key("2")
    d = window.wait(lambda d: picture(d)["view"] == "surface" and "turned" in picture(d), "2: a surface")
    assert "parallel projection" in picture(d)["projection"] and picture(d)["balls"] == 64
    yaw, pitch = picture(d)["turned"]
    window.key("Right")
    window.wait(lambda d: close_to(picture(d)["turned"], [yaw + 7.5, pitch], 1e-6), "right: turned")
    window.key("shift+Right")
    window.wait(lambda d: close_to(picture(d)["turned"], [yaw + 7.5, pitch + 7.5], 1e-6), "shift right: tilted")
    x, y, width, height = picture(d)["rectangle"]
    window.drag(x + 0.5 * width, y + 0.5 * height, x + 0.5 * width - 40, y + 0.5 * height + 20)
    d = window.wait(lambda d: picture(d)["turned"][0] < yaw and picture(d)["turned"][1] > pitch + 7.5, "a drag turns it")
    assert d["simulation"]["generation"] == 0, "a drag drops nobody"
    across = picture(d)["across"]
    window.key("9")
    window.wait(lambda d: picture(d)["across"][1] - picture(d)["across"][0] < 0.9 * (across[1] - across[0]), "9: zoomed in")
    window.key("8")
    window.wait(lambda d: close_to(picture(d)["across"], across, 1e-6), "8: zoomed out")
    window.key("r")
    window.wait(lambda d: close_to(picture(d)["turned"], [yaw, pitch], 1e-6), "r: as it was")
    window.key("1")
    window.wait(lambda d: picture(d)["view"] == "flat", "1: flat")
    window.push("landscape view")
    window.wait(lambda d: picture(d)["view"] == "surface", "the button: the next view")
    window.key("F2")
    wait_window(window, "menu", True)
    window.type("styblinski")
    window.wait(lambda d: any(t["text"] == "styblinski_tang" for t in d["texts"]) and not any(t["text"] == "lesson_adam" for t in d["texts"]),
                "the search finds it")
    window.key("Return")
    window.wait(lambda d: "styblinski_tang" in d["window"]["name"] and d.get("pictures"), "another scene, of more coordinates")
    d = window.read()
    assert picture(d)["view"] == "surface", "the view is the next scene's too, where it has it"
    end(window)

    window = driver.Window(display, "double_well", "--paused", *SETTINGS, size=(1280, 800))
    window.key("2")
    window.wait(lambda d: "two coordinates" in d["window"]["message"], "2: says why there is no surface of one coordinate")
    assert picture(window.read())["view"] == "flat"
    end(window)


def views_of_one_coordinate(display):
    """3: the phase plane, 4: from step to step, with an orbit where lr x curvature > 2."""
    picture = lambda d: d["pictures"][0]  # noqa: E731
    window = driver.Window(display, "heavy_ball", "--paused", *SETTINGS, size=(1280, 800))
    window.key("3")
    d = window.wait(lambda d: picture(d)["view"] == "phase", "3: the phase plane")
    assert close_to(picture(d)["separatrix"], [1], 1e-9), picture(d)
    window.key("4")
    window.wait(lambda d: "depends on more than the position" in d["window"]["message"], "4: says why there is none")
    end(window)
    window = driver.Window(display, "double_well", "--paused", "--set", "dynamics.name=sgd", "--set", "schedule.lr=0.3", "--view", "step",
                           *SETTINGS, size=(1280, 800))
    window.wait(lambda d: picture(d)["view"] == "step" and picture(d)["stable_orbits"] == 2, "two orbits, one around each minimum")
    x, y, width, height = picture(window.read())["rectangle"]
    window.mouse(x + 0.6 * width, y + 0.5 * height)
    window.wait(lambda d: any("from the mouse" in t["text"] for t in d["texts"]), "the way begins at the mouse")
    end(window)


def instruments_on_demand(display):
    """Escape times and Arrhenius are closed until their titles are clicked; Arrhenius then measures in the background."""
    window = driver.Window(display, "double_well", *SETTINGS, "--set", "dynamics.temperature=0.4", size=(1280, 900))
    texts = lambda d: [t["text"] for t in d["texts"]]  # noqa: E731
    assert not any("on their way" in t for t in texts(window.read()))
    window.push("instrument escape times")
    window.wait(lambda d: any("on their way" in t for t in texts(d)), "the histogram says who is censored")
    window.push("instrument arrhenius")
    window.wait(lambda d: any("\u00b1" in t and "barrier" in t for t in texts(d)), "a barrier with its interval")
    end(window)


def drawing_a_landscape(display):
    window = driver.Window(display, "spline", "--paused", *SETTINGS, size=(1280, 800))
    points = lambda d: [c for c in d["controls"] if c["kind"] == "point"]  # noqa: E731
    before = points(window.read())
    saved = window.saved()["landscape"]
    assert [p["value"] for p in before] == [list(pair) for pair in zip(saved["x"], saved["energy"])]
    x, y, width, height = before[2]["rectangle"]
    window.drag(x + width / 2, y + height / 2, x + width / 2 + 12, y + height / 2 - 60)
    d = window.wait(lambda d: d["simulation"]["version"] > 1 and d["simulation"]["controls_current"] and
                    points(d)[2]["value"][1] > before[2]["value"][1], "a point follows the mouse")
    time.sleep(1.2)  # until the panel shows the scene's own points again
    d = window.settled()
    saved = window.saved()["landscape"]
    assert [p["value"] for p in points(d)] == [list(pair) for pair in zip(saved["x"], saved["energy"])]
    new = points(d)[2]["rectangle"]
    assert abs(new[0] - x - 12) < 3 and abs(new[1] - y + 60) < 3, (new, x, y)
    assert d["simulation"]["generation"] == 0, "particles go on"
    count = len(before)
    x, y, width, height = points(d)[1]["rectangle"]
    window.click(x + width / 2, y + height / 2, button=3)
    window.wait(lambda d: len(points(d)) == count - 1, "a right click removes a point")
    time.sleep(1.2)
    picture = window.read()["pictures"][0]["rectangle"]
    spot = (picture[0] + 0.5 * picture[2], picture[1] + 0.25 * picture[3])
    window.click(*spot)
    window.click(*spot)
    window.wait(lambda d: len(points(d)) == count, "a double click adds a point")
    time.sleep(1.2)
    d = window.settled()
    saved = window.saved()["landscape"]
    assert len(saved["x"]) == count and [p["value"][0] for p in points(d)] == saved["x"]
    window.push("controls.points.add")
    window.wait(lambda d: len(points(d)) == count + 1, "the button adds a point")
    window.push("controls.points.remove")
    window.wait(lambda d: len(points(d)) == count, "the button removes a point")
    end(window)


def comparing(display):
    window = driver.Window(display, "double_well", "--paused", *SETTINGS)
    checked = Checked(window)
    checked.open_sections()
    for count, name in enumerate(("momentum", "langevin", "sgd"), start=1):
        window.push("controls.compare.add")
        d = window.wait(lambda d: d["window"]["open"] == "controls.compare.add", "the menu opens")
        entries = window.control("controls.compare.add", d)["entries"]
        window.key(*["Down"] * entries.index(name), "Return")
        window.wait(lambda d: len(d["variants"]) == count + 1 and d["simulation"]["controls_current"], f"{name} beside the others")
        assert [one["name"] for one in window.saved()["compare"]][-1] == name
        assert window.read()["variants"][-1]["dynamics"] == name
    assert window.control("controls.compare.add") is None, "four are the most"
    print(f"compared: {', '.join(checked.all('controls.compare.'))}", flush=True)
    window.push("controls.compare.0.more")
    d = window.wait(lambda d: d["window"]["open"] == "controls.compare.0.more", "the menu opens")
    entries = window.control("controls.compare.0.more", d)["entries"]
    window.key(*["Down"] * entries.index("another schedule"), "Return")
    window.wait(lambda d: window.control("controls.compare.0.schedule.lr", d) and d["simulation"]["controls_current"], "a schedule of its own")
    rate = window.saved()["schedule"]["lr"]
    assert window.saved()["compare"][0]["schedule"]["lr"] == rate / 2
    window.key("z")
    window.wait(lambda d: not window.control("controls.compare.0.schedule.lr", d), "undo takes it away")
    window.push("controls.compare.1.gone")
    window.wait(lambda d: [v["dynamics"] for v in d["variants"]] == ["sgld", "momentum", "sgd"], "one is taken away")
    assert [one["name"] for one in window.saved()["compare"]] == ["momentum", "sgd"]
    window.key("z")
    window.wait(lambda d: len(d["variants"]) == 4, "undo brings it back")
    end(window)


def lessons(display):
    window = driver.Window(display, "lesson_temperature", "--paused", size=(1280, 800))
    steps = window.read()["window"]["lesson_steps"]
    captions = []
    for step in range(1, steps + 1):
        wait_window(window, "lesson_step", step)
        time.sleep(0.15)
        d = window.read()
        captions.append([t["text"] for t in d["texts"] if t["rectangle"][1] > d["window"]["lesson"][1]])
        if step < steps:
            window.key("Next")
    assert len({tuple(caption) for caption in captions}) == steps, "each step has its own caption"
    time.sleep(0.1)
    assert window.read()["window"]["lesson_step"] == steps
    last = window.settled() and window.saved()
    window.key("Prior")
    wait_window(window, "lesson_step", steps - 1)
    window.push("lesson.next")
    wait_window(window, "lesson_step", steps)
    window.settled()
    time.sleep(0.2)
    assert {k: v for k, v in window.saved().items() if k != "lesson"} == {k: v for k, v in last.items() if k != "lesson"}
    window.push("lesson.previous")
    wait_window(window, "lesson_step", steps - 1)
    end(window)


def leading(display):
    """Menu, next lesson, pauses; the title."""
    window = driver.Window(display, "double_well", *SETTINGS, size=(640, 480))
    window.key("F2")
    wait_window(window, "menu", True)
    window.type("cosine step decay")
    window.wait(lambda d: sum(t["text"] == "lesson_cooling" for t in d["texts"]) == 1 and
                not any(t["text"] == "lesson_adam" for t in d["texts"]), "the search finds one lesson")
    window.key("Return")
    wait_window(window, "name", "lesson_cooling")
    assert wait_window(window, "menu", False)["window"]["lesson_step"] == 1
    wait_for(window, "step", lambda s: s > 100, "it plays")
    d = window.read()
    assert d["window"]["instruments"][2] > 0, "instruments in the smallest window, as the lesson speaks of them"
    step = next(t for t in d["texts"] if t["text"].startswith("step "))
    assert step["rectangle"][1] < d["window"]["bar"][3]

    steps = window.read()["window"]["lesson_steps"]
    window.key(*["Next"] * (steps - 1))
    wait_window(window, "lesson_step", steps)
    window.push("lesson.next")
    wait_window(window, "name", "lesson_restart")
    window.key("m")
    paused = window.wait(lambda d: not d["simulation"]["playing"] and d["simulation"]["step"] > 0, "a pause where the caption quotes a step")
    assert paused["simulation"]["step"] == 3000 and "the lesson speaks of it" in paused["window"]["message"], paused["window"]["message"]
    window.key("Next")
    window.wait(lambda d: d["window"]["lesson_step"] == 2 and d["simulation"]["playing"], "the next step plays on")

    window.key("F2")
    wait_window(window, "menu", True)
    window.type("warm_restarts")
    line = window.wait(lambda d: any(t["text"] == "warm_restarts" for t in d["texts"]) and
                       not any(t["text"] == "lesson_restart" and t["rectangle"][1] > 60 for t in d["texts"]), "found")
    x, y, width, height = next(t["rectangle"] for t in line["texts"] if t["text"] == "warm_restarts")
    window.click(x + width / 2, y + height / 2)
    wait_window(window, "name", "warm_restarts")
    window.key("F3")
    window.wait(lambda d: "begins anew" in d["window"]["message"], "F3 says where it pauses")
    window.key("m")
    at = window.wait(lambda d: not d["simulation"]["playing"] and d["simulation"]["step"] > 0, "a pause at the restart")["simulation"]
    assert at["step"] in (1000, 3000, 7000, 15000), at["step"]
    window.key("F3", "space")
    escaped = window.wait(lambda d: "has escaped" in d["window"]["message"], "a pause at the next escape")["simulation"]
    assert not escaped["playing"] and escaped["step"] > at["step"], escaped
    window.key("F2", "Escape")
    end(window)

    window = driver.Window(display, "double_well", *SETTINGS, size=(1280, 800))
    window.push("controls.landscape.name")
    entry = lambda d: next((c for c in d["controls"] if c["kind"] == "entry" and c["label"] == "muller_brown"), None)
    x, y, width, height = entry(window.wait(entry, "the menu opens"))["rectangle"]
    window.click(x + width / 3, y + height / 2)
    wait_window(window, "name", "muller_brown")
    window.wait(lambda d: "learning rate, temperature" in d["window"]["message"], "what was changed is said")
    until = time.monotonic() + driver.PATIENCE  # the server has the title a moment later than the window
    title = ""
    while "muller_brown" not in title:
        assert time.monotonic() < until, title
        title = subprocess.run(["xdotool", "getwindowname", str(window.id)], env={**os.environ, "DISPLAY": display.name},
                               capture_output=True, text=True, check=True).stdout
    window.push("controls.pause")
    entry = lambda d: next((c for c in d["controls"] if c["kind"] == "entry" and c["label"] == "pause at a step"), None)
    x, y, width, height = entry(window.wait(entry, "the menu opens"))["rectangle"]
    window.click(x + width / 3, y + height / 2)
    window.wait(lambda d: window.control("controls.pause.step", d), "the step can be set")
    window.key("m")
    wait_for(window, "playing", lambda p: not p, "a pause at the step")
    assert simulation(window)["step"] == float(window.control("controls.pause.step")["value"])
    end(window)


def appearance(display):
    window = driver.Window(display, "double_well", *SETTINGS, size=(1280, 800))
    window.key("F5")
    window.wait(lambda d: d["window"]["presenter"] and d["window"]["controls"][2] == 0, "F5: no controls")
    window.key("F5")
    wait_window(window, "presenter", False)
    window.key("t")
    wait_window(window, "dark", False)
    window.key("t")
    wait_window(window, "dark", True)
    scale = window.read()["window"]["scale"]
    window.key("plus")
    window.wait(lambda d: d["window"]["scale"] > 1.1 * scale, "plus: larger text")
    window.key("minus", "minus")
    window.wait(lambda d: d["window"]["scale"] < 0.9 * scale, "minus: smaller text")
    window.key("0")
    wait_window(window, "scale", scale)
    for key, column in (("c", "controls"), ("n", "instruments")):
        window.key(key)
        window.wait(lambda d: d["window"][column][2] == 0, f"{key}: {column} off")
        window.key(key)
        window.wait(lambda d: d["window"][column][2] > 0, f"{key}: {column} on")
    for key in ("h", "F1", "question"):
        window.key(key)
        d = wait_window(window, "help", True)
        shown = {text["text"] for text in d["texts"]}
        assert "Keys and mouse" in shown and "warm restart now: the schedule begins anew" in shown
        window.key("Escape" if key == "F1" else "h")
        wait_window(window, "help", False)
    window.push("bar help")
    wait_window(window, "help", True)
    window.click(640, 400)
    d = wait_window(window, "help", False)
    assert d["simulation"]["generation"] == 0, "a click on the help page drops nobody"

    window.key("d")
    before = wait_window(window, "frozen", True)["simulation"]["step"]
    time.sleep(0.3)
    assert window.read()["simulation"]["step"] == before, "the drawing stands still"
    window.key("d")
    wait_for(window, "step", lambda s: s > before + 100, "the simulation has gone on")

    for size in ((640, 480), (1920, 1080), (480, 360), (1280, 800)):
        display.resize(window.id, *size)
        d = window.wait(lambda d: (d["window"]["width"], d["window"]["height"]) == size, f"the size becomes {size}")
        bar = window.control("bar help", d)["rectangle"]
        assert bar[0] + bar[2] <= size[0], "what is on the bar stays in the window"
    window.key("f")
    window.wait(lambda d: d["window"]["width"] > 1280, "f: full screen")  # back again takes a window manager
    end(window)


def keeping(display):
    window = driver.Window(display, "double_well", *SETTINGS, size=(1280, 800))
    window.key("e")
    picture = wait_file(window, "*.png")
    with open(picture, "rb") as file:
        head = file.read(24)
    assert head[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", head[16:24]) == (1280, 800), head
    window.key("v")
    wait_window(window, "film", True)
    time.sleep(0.4)
    window.key("v")
    wait_window(window, "film", False)
    film = [name for name in glob.glob(os.path.join(window.folder, "kramers-double_well-*"))
            if name.endswith(".mp4") or os.path.isdir(name)]
    assert film and (os.path.isfile(film[0]) and os.path.getsize(film[0]) or os.listdir(film[0])), "there is a film"
    window.push("controls.save")
    scene = wait_file(window, "kramers_scene.yaml")
    assert subprocess.run([driver.KRAMERS, "theory", scene], capture_output=True).returncode == 0, "what is saved can be read"
    window.key("k")
    assert subprocess.run([driver.KRAMERS, "view", wait_file(window, "*.h5"), "--frames", "1"], capture_output=True).returncode == 0
    window.key("Tab")
    window.wait(lambda d: d["window"]["focus"], "Tab leads to a control")
    end(window, by="q")


def wait_file(window, pattern):
    until = time.monotonic() + driver.PATIENCE
    while time.monotonic() < until:
        found = [name for name in glob.glob(os.path.join(window.folder, pattern)) if os.path.getsize(name)]
        if found:
            time.sleep(0.2)  # until it is whole
            return found[0]
        time.sleep(0.01)
    raise AssertionError(f"no file {pattern}: {os.listdir(window.folder)}")


def end(window, by=None):
    if by:
        window.key(by)
        status = window.end()
    else:
        status = window.quit()
    assert status == 0 and not window.said().strip(), f"status {status}: {window.said()}"
    window.discard()


TESTS = [playing, restarting, looking, views, views_of_one_coordinate, instruments_on_demand, drawing_a_landscape, comparing, lessons,
         leading, appearance, keeping]

if __name__ == "__main__":
    driver.need_programs()
    own = driver.Display()
    try:
        for test in TESTS:
            if sys.argv[1:] and test.__name__ not in sys.argv[1:]:
                continue
            began = time.monotonic()
            test(own)
            print(f"{test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
    finally:
        own.close()
