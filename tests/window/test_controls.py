"""Every control of the column changes what it says: in the scene that key s saves, in the number that is shown, and in the
description, by mouse, wheel, arrow keys and typing, and undo takes it back.

    test_controls.py schedules|noises|dynamics|landscapes|driven|ensemble
"""
import math
import re
import subprocess
import sys
import json
import time

import driver

COUNTED = {"controls": 0, "changes": 0}
SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def number_of(shown):
    """The number that a text for people means: 4.57×10⁻⁶, 10⁻¹⁰, 22 624, −3."""
    text = shown.replace("\u2212", "-").translate({ord(blank): None for blank in " \u2009\u202f\u00a0"})
    text = re.sub(r"^(-?)10(?=[⁰¹²³⁴⁵⁶⁷⁸⁹⁻])", r"\g<1>1×10", text)
    match = re.fullmatch(r"(-?[\d.]+)(?:×10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+))?", text)
    if not match:
        raise AssertionError(f"{shown!r} is no number")
    return float(match[1]) * 10.0 ** int((match[2] or "⁰").translate(SUPERSCRIPT))


def saved_value(scene, identity):
    value = scene
    for word in identity.split(".")[1:]:
        if isinstance(value, list):
            value = value[int(word)]
        elif word in value:
            value = value[word]
        else:
            return 0 if word == "burn_in" else None  # none is not written
    return value


def equal(saved, value):
    if isinstance(value, float) and isinstance(saved, (int, float)) and not isinstance(saved, bool):
        return float(saved) == value
    if isinstance(value, str) and isinstance(saved, list):
        return [float(number) for number in value.strip("[]").split(",")] == [float(number) for number in saved]
    if isinstance(value, str) and isinstance(saved, (int, float)):
        return float(value.strip("[]")) == float(saved)
    return saved == value


class Checked:
    """The controls of one window."""

    def __init__(self, window):
        self.window = window

    def control(self, identity):
        return self.window.control(identity)

    def check(self, identity, before, how, expected=None):
        """A change has come, and everything says the same. Returns the new value."""
        window = self.window

        def arrived(d):
            control = window.control(identity, d)
            # A slow window is still at an earlier place of a drag when the mouse has been let go.
            return control and not control["held"] and d["simulation"]["controls_current"] and d["simulation"]["version"] > before["version"] and \
                control["value"] != before["value"] and (expected is None or control["value"] == expected)

        d = window.wait(arrived, f"{identity} changes by {how} from {before['value']}" +
                        ("" if expected is None else f" to {expected}"))
        # While events are still under way what is saved may be newer than what was read: it must come to rest.
        until = time.monotonic() + driver.PATIENCE
        while True:
            control = window.control(identity, d)
            saved = saved_value(window.saved(), identity)
            d = window.settled()
            if equal(saved, control["value"]) and window.control(identity, d)["value"] == control["value"]:
                break
            assert time.monotonic() < until, f"{identity} by {how}: saved {saved!r}, described {control['value']!r}"
            time.sleep(0.03)
        if control["kind"] == "slider":
            self.check_shown(identity, d, control)
        COUNTED["changes"] += 1
        return control["value"]

    def check_shown(self, identity, d, control):
        if control["value"] is None:  # not given
            assert control["shown"] == "\u2013", f"{identity} shows {control['shown']!r}"
            return
        value, shown = control["value"], number_of(control["shown"])
        digits = 9 if control["integer"] else 4
        off = 0.5001 * 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1) if value else 0
        assert abs(shown - value) <= off, f"{identity}: {control['shown']} is shown, the value is {value}"
        x, y, width, height = control["number"]
        there = [text["text"] for text in d["texts"]
                 if x - 1 <= text["rectangle"][0] <= x + width and y - 1 <= text["rectangle"][1] <= y + height]
        assert control["shown"] in there, f"{identity}: {control['shown']!r} is not drawn at its place, but {there}"

    def state(self, identity):
        d = self.window.settled()
        return {"version": d["simulation"]["version"], "value": self.window.control(identity, d)["value"]}

    def undo_until(self, identity, value, most):
        """z goes back step by step; what is dragged and typed in one go is one step."""
        for _ in range(most):
            before = self.state(identity)
            self.window.key("z")
            self.check(identity, before, "undo")
            if self.state(identity)["value"] == value:
                return
        raise AssertionError(f"{identity}: {most} times undo do not lead back to {value}, but to {self.state(identity)['value']}")

    def type_into(self, identity, x, y, text):
        window = self.window
        window.click(x, y)
        window.wait(lambda d: d["window"]["edited"] == identity, f"{identity} can be typed into")
        window.key("ctrl+a")
        window.type(text)
        window.wait(lambda d: window.control(identity, d)["typed"] == text, f"{text} stands in {identity}")
        window.key("Return")

    def slider(self, identity):
        window = self.window
        control = window.reveal(identity)
        original, (x, y, width, height) = control["value"], control["track"]
        before = self.state(identity)
        fraction = 0.35 if (control["knob"] - x) / width > 0.5 else 0.65
        window.drag(control["knob"], y + height / 2, x + fraction * width, y + height / 2)
        dragged = self.check(identity, before, "dragging")
        if control["integer"] and control["high"] - control["low"] < 3:
            return self.two_numbers(identity, original, dragged)
        before = self.state(identity)
        window.wheel(1 if fraction < 0.5 else -1)
        turned = self.check(identity, before, "the wheel")
        before = self.state(identity)
        window.key("Right" if fraction < 0.5 else "Left")
        stepped = self.check(identity, before, "an arrow key")
        forth = 1 if fraction < 0.5 else -1
        assert forth * (turned - dragged) > 0 and forth * (stepped - turned) > 0, f"{identity}: {dragged} {turned} {stepped}"
        typed = 0.5 * (stepped + (0 if original is None else original))  # None: not given
        typed = float(round(typed)) if control["integer"] else float(f"{typed:.3g}")
        before = self.state(identity)
        x, y, width, height = window.control(identity)["number"]
        if typed not in (stepped, original):
            self.type_into(identity, x + width - 8, y + height / 2, f"{typed:.10g}")
            self.check(identity, before, "typing", typed)
        self.undo_until(identity, original, 5)

    def two_numbers(self, identity, original, other):
        """A slider with hardly more than its ends."""
        window = self.window
        up = "Right" if other > original else "Left"
        for how, act, value in (("the wheel", lambda: window.wheel(-1 if up == "Right" else 1), original),
                                ("an arrow key", lambda: window.key(up), other)):
            before = self.state(identity)
            act()
            self.check(identity, before, how, value)
        before = self.state(identity)
        x, y, width, height = window.control(identity)["number"]
        self.type_into(identity, x + width - 8, y + height / 2, f"{original:.10g}")
        self.check(identity, before, "typing", original)
        return True

    def switch(self, identity):
        window = self.window
        before = original = self.state(identity)
        window.push(identity)
        self.check(identity, before, "the mouse", not before["value"])
        self.tab_to(identity)
        before = self.state(identity)
        window.key("space")
        self.check(identity, before, "the space bar", original["value"])
        window.key("Escape")  # gives the keyboard back

    def tab_to(self, identity):
        window = self.window
        focus = window.read()["window"]["focus"]
        for _ in range(200):
            if focus == identity:
                return
            before = focus
            window.key("Tab")
            focus = window.wait(lambda d: d["window"]["focus"] != before, f"Tab leads on from {before!r}")["window"]["focus"]
        raise AssertionError(f"Tab does not come to {identity}")

    def menu(self, identity, entries=None):
        """One other entry by mouse, back by keyboard."""
        control = self.window.reveal(identity)
        original = control["value"]
        others = [entry for entry in control["entries"] if entry != original]
        if not others:
            return
        self.choose(identity, others[0])
        self.choose(identity, original, by_keys=True)

    def choose(self, identity, entry, by_keys=False):
        window = self.window
        before = self.state(identity)
        window.push(identity)
        d = window.wait(lambda d: d["window"]["open"] == identity, f"{identity} opens")
        entries = window.control(identity, d)["entries"]
        if by_keys:
            marked = entries.index(before["value"])
            window.key(*["Down" if entries.index(entry) > marked else "Up"] * abs(entries.index(entry) - marked), "Return")
        else:
            line = None
            while not line:
                d = window.read()
                line = next((c for c in d["controls"] if c["kind"] == "entry" and c["label"] == entry), None)
                if not line:
                    window.key("Down")
                    time.sleep(0.03)
            x, y, width, height = line["rectangle"]
            window.click(x + width / 3, y + height / 2)
        self.check(identity, before, "the menu", entry)

    def field(self, identity):
        """A list of numbers: all of them a little larger."""
        control = self.window.reveal(identity)
        original = control["value"]
        try:
            numbers = [float(number) for number in original.strip("[]").split(",")]
        except ValueError:
            return False
        changed = ", ".join(f"{number * 1.25:.6g}" if number else "0.125" for number in numbers)
        before = self.state(identity)
        x, y, width, height = control["rectangle"]
        self.type_into(identity, x + width / 2, y + height / 2, f"[{changed}]")
        self.check(identity, before, "typing")
        self.undo_until(identity, original, 1)
        return True

    def all(self, wanted, left_out=()):
        """All controls whose identity begins so."""
        done = []
        for control in self.window.settled()["controls"]:
            identity, kind = control["identity"], control["kind"]
            if not identity.startswith(wanted) or identity in left_out or kind in ("button", "section", "entry"):
                continue
            if kind == "menu" and identity.endswith((".name", ".follow", ".add", ".more")):
                continue
            if identity == "controls.schedule.factor" and self.control("controls.schedule.mode"):
                self.choose("controls.schedule.mode", "exp_range")  # the only one in which it has an effect
            assert control["enabled"], f"{identity} is dead"
            if getattr(self, kind)(identity) is not False:
                done.append(identity)
        COUNTED["controls"] += len(done)
        return done

    def open_sections(self):
        while True:
            closed = [c["identity"] for c in self.window.read()["controls"]
                      if c["kind"] == "section" and c["identity"].startswith("controls.") and not c["value"]]
            if not closed:
                return
            self.window.push(closed[0])
            self.window.wait(lambda d: self.window.control(closed[0], d)["value"], f"{closed[0]} opens")


def names(kind):
    said = subprocess.run([driver.KRAMERS, "list", kind, "--json"], capture_output=True, text=True, check=True).stdout
    listed = json.loads(said)
    return [entry["name"] for entry in (listed[kind] if isinstance(listed, dict) else listed)]


def window_of(display, *arguments):
    return driver.Window(display, *arguments, "--paused", "--set", "ensemble.particles=16", size=(1280, 1600))


def through_menu(display, menu, prefix, every, *arguments):
    """Each entry of a menu of names, half of them by keyboard, and all parameters of each."""
    window = window_of(display, *arguments)
    checked = Checked(window)
    checked.open_sections()
    present = checked.control(menu)["value"]
    order = [name for name in every if name != present] + [present]
    for number, name in enumerate(order):
        checked.choose(menu, name, by_keys=number % 2 == 1)
        print(f"{name}: {', '.join(checked.all(prefix)) or 'no parameters'}", flush=True)
    assert window.quit() == 0, window.said()
    window.discard()


def schedules(display):
    through_menu(display, "controls.schedule.name", "controls.schedule.", names("schedules"), "double_well")


def noises(display):
    # Minibatches are drawn from data, and shifted where these are images.
    over_data = ["none", "minibatch"]
    through_menu(display, "controls.noise.name", "controls.noise.", [name for name in names("noise") if name != "minibatch"], "muller_brown")
    through_menu(display, "controls.noise.name", "controls.noise.", over_data, "digits_network")


def dynamics(display):
    through_menu(display, "controls.dynamics.name", "controls.dynamics.", names("dynamics"), "double_well",
                 "--set", "landscape.dim=2")


def landscapes(display):
    for scene in ("double_well", "muller_brown", "spline", "heavy_ball"):
        window = window_of(display, scene)
        checked = Checked(window)
        checked.open_sections()
        print(f"{scene}: {', '.join(checked.all('controls.landscape.'))}", flush=True)
        assert window.quit() == 0, window.said()
        window.discard()


def driven(display):
    """Numbers that follow a schedule: chosen by the menu beside the slider, moved by the schedule's own controls."""
    window = window_of(display, "double_well", "--set", "noise=[{name: isotropic}, {name: pulse}]")
    checked = Checked(window)
    checked.open_sections()
    for key in ("landscape.tilt", "dynamics.temperature", "noise.isotropic.sigma"):
        identity = f"controls.{key}"
        for schedule in ("cosine", "cosine_restarts"):
            window.push(f"{identity}.follow")
            window.wait(lambda d: d["window"]["open"] == f"{identity}.follow", f"{identity}.follow opens")
            entries = window.control(f"{identity}.follow")["entries"]
            window.key(*["Down"] * entries.index(schedule), "Return")
            window.wait(lambda d: (window.control(f"{identity}.name", d) or {}).get("value") == schedule, f"{key} follows {schedule}")
            if key != "noise.isotropic.sigma":  # a list in the saved scene
                print(f"{key}: {', '.join(checked.all(identity + '.'))}", flush=True)
            window.push(f"{identity}.constant")
            window.wait(lambda d: window.control(f"{identity}.follow", d), f"{key} is constant again")
            COUNTED["controls"] += 2
    assert window.quit() == 0, window.said()
    window.discard()


def ensemble(display):
    for prefix, override in (("controls.ensemble.", "escape.until=[]"), ("controls.escape.", "ensemble.seed=1"),
                             ("controls.ensemble.", "ensemble.start={point: [0.1]}")):
        window = window_of(display, "double_well", "--set", override)
        checked = Checked(window)
        checked.open_sections()
        print(", ".join(checked.all(prefix)), flush=True)
        assert window.quit() == 0, window.said()
        window.discard()


if __name__ == "__main__":
    driver.need_programs()
    own = driver.Display()
    began = time.monotonic()
    try:
        for word in sys.argv[1:] or ["schedules", "noises", "dynamics", "landscapes", "driven", "ensemble"]:
            globals()[word](own)
        print(f"{COUNTED['changes']} changes of {COUNTED['controls']} controls in {time.monotonic() - began:.1f} s")
        assert COUNTED["controls"] > 0
    finally:
        own.close()
