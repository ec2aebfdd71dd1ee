"""Random input events, the same for the same seed: no crash, no hang, and with sanitizers no leak and no error.

    test_random_input.py [SECONDS] [--seed N] [SCENE]...

Every scene gets its share of the seconds, in a window that is closed at the end as a window manager does it. KRAMERS names the
program; with a build of Clang's AddressSanitizer leaks are looked for, too (GCC's leak checker does not bear X11).
"""
import argparse
import os
import random
import subprocess
import time

import driver

SCENES = ["double_well", "muller_brown", "spline", "styblinski_tang", "digits", "lesson_restart"]
KEYS = ("space Down Up Left Right Home End Prior Next Tab Tab Tab Tab Return Escape BackSpace Delete Insert KP_Enter F1 F5 comma period "
        "plus minus equal 0 question a b c d e g h i j k l m n o p r s t u w x y z bracketleft slash 1 5 9").split()
MODIFIERS = ["", "", "", "", "", "shift+", "ctrl+", "alt+", "ctrl+shift+", "super+"]
TEXTS = ["0", "1", "2", "-1", "0.01", "1e-3", "50", "300", "nan", "inf", "1e400", "abc", " ", "[1, 2, 3, 4]", "[0.5, -0.5]", "é", "\"'",
         "1e", "{x: 1}", "true", "12345678901234567890", "%n%s", "x" * 90]
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sanitizer_leaks.txt")


def leaks_can_be_found():
    """GCC's leak checker does not bear X11; its sanitizers come as a shared library, Clang's are built in."""
    return "libasan" not in subprocess.run(["ldd", driver.KRAMERS], capture_output=True, text=True).stdout


# Whatever is typed, memory stays within a small machine: what is too large is refused as on a machine without memory.
ENVIRONMENT = {"ASAN_OPTIONS": f"detect_leaks={int(leaks_can_be_found())}:max_allocation_size_mb=600:allocator_may_return_null=1:exitcode=99",
               # OpenGL's drivers leak and are unloaded before the end, when nobody can tell any more whose leak it is.
               "SDL_RENDER_DRIVER": "software", "SDL_FRAMEBUFFER_ACCELERATION": "0",
               "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
               "TSAN_OPTIONS": "ignore_noninstrumented_modules=1",  # races of other people's libraries
               "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}:print_suppressions=0"}


class Hand:
    """One hand on the mouse and one on the keyboard, both led by a random number generator."""

    def __init__(self, window, seed):
        self.window = window
        self.random = random.Random(seed)
        self.events = 0
        self.down = set()
        self.size = (1280, 800)
        self.controls = []
        self.films = 0

    def place(self):
        """Mostly on a control, else anywhere."""
        r = self.random
        if self.controls and r.random() < 0.6:
            x, y, width, height = r.choice(self.controls)
            return x + r.random() * width, y + r.random() * height
        return r.uniform(-5, self.size[0] + 5), r.uniform(-5, self.size[1] + 5)

    def look(self):
        d = self.window.read()
        self.controls = [c["rectangle"] for c in d["controls"] if c["visible"] > 0.1] if d else []

    def move(self):
        self.window.mouse(*(max(v, 0) for v in self.place()))
        self.events += 1

    def button(self):
        button = self.random.choice([1, 1, 1, 1, 2, 3])
        down = button not in self.down
        self.window.display.button(button, down)
        (self.down.add if down else self.down.discard)(button)
        self.events += 1

    def click(self):
        self.move()
        self.release()
        for _ in range(self.random.choice([1, 1, 1, 2])):
            self.window.click_here(self.random.choice([1, 1, 1, 1, 3]))
            self.events += 2

    def drag(self):
        self.click()
        self.window.display.button(1, True)
        for _ in range(self.random.randint(2, 8)):
            self.move()
            time.sleep(0.002)
        self.window.display.button(1, False)
        self.events += 2

    def release(self):
        for button in self.down:
            self.window.display.button(button, False)
            self.events += 1
        self.down.clear()

    def wheel(self):
        notches = self.random.randint(-4, 4)
        self.window.wheel(notches)
        self.events += 2 * abs(notches)

    def key(self):
        name = self.random.choice(MODIFIERS) + self.random.choice(KEYS)
        for _ in range(self.random.choice([1, 1, 1, 1, 2, 5])):
            self.window.key(name)
            self.events += 2 + 2 * name.count("+")

    def type(self):
        text = self.random.choice(TEXTS)
        self.window.type(text)
        self.window.key(self.random.choice(["Return", "Return", "Escape", "Tab"]))
        self.events += 2 * len(text) + 2

    def resize(self):
        r = self.random
        self.size = r.choice([(1280, 800), (640, 480), (480, 360), (1920, 1080), (r.randint(480, 1900), r.randint(360, 1200))])
        self.window.display.resize(self.window.id, *self.size)
        self.events += 1

    def film(self):
        """Short ones: pictures take room on the disk."""
        for _ in range(2):
            self.window.key("v")
            time.sleep(0.1)
            self.events += 2

    def alive(self):
        """The window follows a change of its size: it does not hang."""
        self.release()
        self.size = (900 + self.random.randint(0, 300), 700 + self.random.randint(0, 90))
        self.window.display.resize(self.window.id, *self.size)
        self.window.wait(lambda d: (d["window"]["width"], d["window"]["height"]) == self.size,
                         f"the window answers after {self.events} events", patience=max(60, driver.PATIENCE))

    def play(self, seconds):
        actions = [self.move] * 20 + [self.button] * 8 + [self.click] * 30 + [self.drag] * 12 + [self.wheel] * 10 + [self.key] * 30 + \
                  [self.type] * 8 + [self.resize]
        end = time.monotonic() + seconds
        looked = asked = time.monotonic()
        while time.monotonic() < end:
            self.random.choice(actions)()
            now = time.monotonic()
            if now - looked > 0.2:
                self.look()
                looked = now
            if now - asked > 5:
                self.alive()
                if self.random.random() < 0.15:
                    self.film()
                asked = time.monotonic()
            time.sleep(self.random.choice([0, 0.001, 0.002, 0.004, 0.02]))
        self.alive()


def run(display, scene, seconds, seed, size=(1280, 800)):
    window = driver.Window(display, scene, "--set", "ensemble.particles=500", size=size, environment=ENVIRONMENT)
    hand = Hand(window, f"{seed} {scene}")
    hand.play(seconds)
    status = window.quit(patience=120)
    said = window.said()
    bad = [word for word in ("ERROR: ", "runtime error", "WARNING: ThreadSanitizer", "Traceback") if word in said]
    assert status == 0 and not bad, f"{scene}, seed {seed}: status {status} after {hand.events} events\n{said}"
    window.discard()
    return hand.events


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("seconds", nargs="?", type=float, default=30)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("scenes", nargs="*", default=[])
    asked_for = options.parse_args()
    scenes = asked_for.scenes or SCENES
    driver.need_programs()
    own = driver.Display()
    began, events = time.monotonic(), 0
    try:
        for name in scenes:
            done = run(own, name, asked_for.seconds / len(scenes), asked_for.seed)
            print(f"{name}: {done} events", flush=True)
            events += done
    finally:
        own.close()
    print(f"{events} events in {time.monotonic() - began:.0f} s, no crash, no hang")
