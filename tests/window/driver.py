"""A real window on a display of its own, moved by real key and mouse events, and read through its description.

Events go the way of xdotool (its library, libxdo: the XTEST extension of the X server): for the program they are what a hand does.
What is on the screen is read from the file of kramers view --describe.
"""
import atexit
import ctypes
import ctypes.util
import glob
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
PATIENCE = float(os.environ.get("KRAMERS_TEST_PATIENCE", "20"))  # seconds until something is held to never happen
KRAMERS = os.path.abspath(os.environ.get("KRAMERS", "build/release/kramers"))


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def need_programs():
    missing = [name for name in ("Xvfb", "xdotool") if not shutil.which(name)]
    if missing:
        skip(f"{' and '.join(missing)} not found (packages xvfb and xdotool; ./dev test installs them)")
    try:
        import yaml  # noqa: F401
    except ImportError:
        skip("Python's yaml not found (package python3-yaml)")


class Display:
    """An X server without a screen; the server itself chooses a number that is free."""

    def __init__(self, width=1920, height=1700):
        reading, writing = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset"],
            pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writing)
        atexit.register(self.close)
        number = ""
        while not number.endswith("\n") and select.select([reading], [], [], PATIENCE)[0]:
            part = os.read(reading, 16).decode()
            if not part:
                break
            number += part
        os.close(reading)
        number = number.strip()
        if not number:
            self.close()
            raise RuntimeError("Xvfb does not start")
        self.name = f":{number}"
        self.xdo = ctypes.CDLL("libxdo.so.3")
        self.xdo.xdo_new.restype = ctypes.c_void_p
        self.xdo.xdo_new.argtypes = [ctypes.c_char_p]
        self.x11 = ctypes.CDLL("libX11.so.6")
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
        self.hand = ctypes.c_void_p(self.xdo.xdo_new(self.name.encode()))
        self.connection = ctypes.c_void_p(self.x11.XOpenDisplay(self.name.encode()))
        self.x11.XInternAtom.restype = ctypes.c_ulong
        # A window that is gone is a failure that is told below, not the end of this program as Xlib has it.
        self.ignore = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda display, event: 0)
        self.x11.XSetErrorHandler(self.ignore)

    def close(self):
        atexit.unregister(self.close)
        self.server.terminate()
        self.server.wait()

    # ---- events ----

    def move(self, x, y):
        self.xdo.xdo_move_mouse(self.hand, int(x), int(y), 0)

    def button(self, button, down):
        (self.xdo.xdo_mouse_down if down else self.xdo.xdo_mouse_up)(self.hand, ctypes.c_ulong(0), button)

    def key(self, name, down=None):
        """A key with modifiers as of xdotool: "s", "shift+Tab", "Page_Down"."""
        call = {None: "xdo_send_keysequence_window", True: "xdo_send_keysequence_window_down",
                False: "xdo_send_keysequence_window_up"}[down]
        getattr(self.xdo, call)(self.hand, ctypes.c_ulong(0), name.encode(), 0)

    def type(self, text):
        self.xdo.xdo_enter_text_window(self.hand, ctypes.c_ulong(0), text.encode(), 0)

    def resize(self, window, width, height):
        self.xdo.xdo_set_window_size(self.hand, ctypes.c_ulong(window), width, height, 0)

    def to_corner(self, window):
        self.xdo.xdo_move_window(self.hand, ctypes.c_ulong(window), 0, 0)

    def focus(self, window):
        self.xdo.xdo_focus_window(self.hand, ctypes.c_ulong(window))

    def ask_to_close(self, window):
        """What the cross in the title bar does."""

        class Message(ctypes.Structure):
            _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("sent", ctypes.c_int), ("display", ctypes.c_void_p),
                        ("window", ctypes.c_ulong), ("message", ctypes.c_ulong), ("format", ctypes.c_int),
                        ("data", ctypes.c_long * 5), ("padding", ctypes.c_long * 24)]

        atom = self.x11.XInternAtom
        event = Message(type=33, window=window, message=atom(self.connection, b"WM_PROTOCOLS", 0), format=32)
        event.data[0] = atom(self.connection, b"WM_DELETE_WINDOW", 0)
        self.x11.XSendEvent(self.connection, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(event))
        self.x11.XFlush(self.connection)


class Window:
    """kramers view in a folder of its own."""

    def __init__(self, display, *arguments, size=(1280, 1600), environment=None, program=None, own_group=False):
        self.display = display
        self.folder = tempfile.mkdtemp(prefix="kramers-window-")
        self.file = os.path.join(self.folder, "description.json")
        self.errors = open(os.path.join(self.folder, "stderr"), "w+b")
        command = (program or [KRAMERS]) + ["view", "--describe", self.file]
        if size:
            command += ["--size", f"{size[0]}x{size[1]}"]
        self.process = subprocess.Popen(
            command + [str(a) for a in arguments], cwd=self.folder, stderr=self.errors, stdout=self.errors, start_new_session=own_group,
            env={**os.environ, "DISPLAY": display.name, "SDL_VIDEODRIVER": "x11", **(environment or {})})
        atexit.register(self.discard)
        self.wait(lambda d: d, "the window opens")
        found = subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--pid", str(self.process.pid)],
                               env={**os.environ, "DISPLAY": display.name}, capture_output=True, text=True, timeout=PATIENCE)
        if not found.stdout.split():
            found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "kramers"], capture_output=True, text=True,
                                   env={**os.environ, "DISPLAY": display.name}, timeout=PATIENCE)
        self.id = int(found.stdout.split()[-1])
        display.to_corner(self.id)  # places in the window are places on the screen
        display.focus(self.id)
        self.mouse(640, 300)

    # ---- reading ----

    def said(self):
        self.errors.flush()
        with open(self.errors.name, errors="replace") as file:
            return file.read()

    def read(self):
        try:
            with open(self.file, errors="replace") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def wait(self, good, what, patience=None):
        """The first description that is good."""
        until = time.monotonic() + (patience or PATIENCE)
        while True:
            d = self.read()
            if d is not None and good(d):
                return d
            if self.process.poll() is not None:
                raise AssertionError(f"the window has ended ({self.process.returncode}) before: {what}\n{self.said()}")
            if time.monotonic() > until:
                raise AssertionError(f"never came: {what}\n  message: {d and d['window']['message']}\n"
                                     f"  simulation: {d and d['simulation']}\n{self.said()}")
            time.sleep(0.004)

    def control(self, identity, d=None):
        for control in (d or self.read())["controls"]:
            if control["identity"] == identity and control["kind"] != "entry":
                return control
        return None

    def settled(self, after=None):
        """Simulation and controls say the same, and a change after this version has arrived."""
        return self.wait(lambda d: d["simulation"]["controls_current"] and
                         (after is None or d["simulation"]["version"] > after), f"a change after version {after}")

    # ---- doing ----

    def mouse(self, x, y):
        self.display.move(x, y)

    def press(self, x, y, button=1):
        self.mouse(x, y)
        self.display.button(button, True)

    def release(self, button=1):
        self.display.button(button, False)

    def click(self, x, y, button=1):
        self.press(x, y, button)
        self.release(button)

    def drag(self, x, y, to_x, to_y, button=1):
        self.press(x, y, button)
        time.sleep(0.03)  # a frame in which the press is seen where it was
        for part in (0.25, 0.5, 0.75, 1):
            self.mouse(x + part * (to_x - x), y + part * (to_y - y))
            time.sleep(0.012)
        time.sleep(0.02)
        self.release(button)

    def wheel(self, notches):
        for _ in range(abs(notches)):
            self.click_here(4 if notches > 0 else 5)

    def click_here(self, button):
        self.display.button(button, True)
        self.display.button(button, False)

    def key(self, *names):
        for i, name in enumerate(names):
            if i and names[i - 1] == name:
                time.sleep(0.006)  # what comes sooner is a key that is held, and repeats itself
            self.display.key(name)

    def type(self, text):
        self.display.type(text)

    def middle(self, identity):
        x, y, width, height = self.reveal(identity)["rectangle"]
        return x + width / 2, y + height / 2

    def reveal(self, identity):
        """Scrolls the column of controls until the control is seen."""
        for _ in range(80):
            d = self.read()
            control = self.control(identity, d)
            if control is None:
                raise AssertionError(f"there is no control {identity}")
            if control["visible"] > 0.999:
                return control
            x, y, width, height = d["window"]["controls"]
            below = control["rectangle"][1] > y + height / 2
            self.mouse(x + 3, y + height / 2)  # beside the controls: the wheel over a number changes it
            self.wheel(-2 if below else 2)
            before = control["rectangle"][1]
            self.wait(lambda e: self.control(identity, e) is None or self.control(identity, e)["rectangle"][1] != before,
                      f"{identity} scrolls")
        raise AssertionError(f"{identity} cannot be scrolled into view")

    def push(self, identity):
        self.click(*self.middle(identity))

    def saved(self):
        """The settings as key s saves them."""
        import yaml
        before = set(glob.glob(os.path.join(self.folder, "kramers-*.yaml")))
        self.key("s")
        until = time.monotonic() + PATIENCE
        while True:
            new = set(glob.glob(os.path.join(self.folder, "kramers-*.yaml"))) - before
            for name in new:
                with open(name) as file:
                    text = file.read()
                if text:  # else it is being written
                    return yaml.safe_load(text)
            if time.monotonic() > until:
                raise AssertionError(f"key s saves no scene: {self.read()['window']}")
            time.sleep(0.005)

    def quit(self, patience=PATIENCE):
        """Asks the window to close as a window manager does; its exit status."""
        self.display.ask_to_close(self.id)
        return self.end(patience)

    def end(self, patience=PATIENCE):
        try:
            status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait()
            raise AssertionError(f"the window does not close\n{self.said()}")
        return status

    def discard(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        atexit.unregister(self.discard)
        self.errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)
