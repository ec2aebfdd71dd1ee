#!/usr/bin/env python3
"""Runs kramers from Python, reads what it wrote, and draws it.

    import kramers
    result = kramers.run("double_well", set={"dynamics.temperature": 0.25}, output="run.h5")
    result["escape"]["mfpt_steps"]
    recording = kramers.open("run.h5")
    recording.step, recording.position[frame, particle, coordinate], recording.survival()
    kramers.figure(recording)
    table = kramers.sweep("double_well", {"dynamics.temperature": [0.2, 0.25, 0.3]}, output="sweep.csv")
    table["rate"], table["chain.rate"]

    python3 kramers.py run.h5 -o run.png --dark --size slide
    python3 kramers.py sweep.csv -o sweep.pdf

No physics is computed here: energies, rates and predictions come from the program or from the file it wrote; what is
added is bookkeeping and statistics (survival curves). Needs NumPy, h5py, PyYAML and, for pictures, Matplotlib.
"""
import argparse
import csv
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from functools import cached_property
from pathlib import Path

try:
    import h5py
    import numpy as np
except ImportError as missing:
    if __name__ != "__main__":
        raise
    print(f"kramers.py: the Python package {missing.name} is missing; on Debian and Ubuntu: "
          "apt install python3-h5py python3-numpy python3-matplotlib python3-yaml", file=sys.stderr)
    sys.exit(3)


class KramersError(RuntimeError):
    """What went wrong, in one sentence, and the exit status that goes with it (2: request, 3: file, 4: diverged).

    result holds what was measured before a run diverged."""

    def __init__(self, message, status, result=None):
        super().__init__(message)
        self.status = status
        self.result = result


# ---- running the program ------------------------------------------------------------------------------------------------------


def program():
    """Path of the kramers binary: the environment variable KRAMERS, the build beside this file, or PATH."""
    named = os.environ.get("KRAMERS")
    built = Path(__file__).resolve().parent.parent / "build" / "release" / "kramers"
    found = shutil.which(named) if named else str(built) if built.exists() else shutil.which("kramers")
    if found is None:
        where = f"KRAMERS={named} is no program" if named else f"neither {built} nor PATH has it"
        raise KramersError(f"kramers is not built: {where}. Build it (./dev run) or set the environment variable KRAMERS.", 3)
    return found


@functools.cache
def version():
    """"kramers 1.2.3", as the program says it."""
    return subprocess.run([program(), "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def _settings(values, prefix=""):
    """{"dynamics": {"temperature": 0.3}} and {"dynamics.temperature": 0.3} alike, as KEY=VALUE texts. JSON is YAML too."""
    for key, value in (values or {}).items():
        if isinstance(value, dict) and not key.endswith(("start", "until")):
            yield from _settings(value, f"{prefix}{key}.")
        else:
            if isinstance(value, (np.generic, np.ndarray)):
                value = value.tolist()
            yield f"{prefix}{key}={value if isinstance(value, str) else json.dumps(value)}"


def _call(verb, scene=None, set=None, options=()):
    with tempfile.TemporaryDirectory() as scratch:
        sections = []
        if isinstance(scene, dict):  # its files are named here, not in a file of their own
            sections = [f"{key}={json.dumps(value)}" for key, value in scene.items()]
            scene = Path(scratch) / "scene.yaml"
            scene.write_text("{}")
        command = [program(), verb, *([str(scene)] if scene is not None else []), "--json", *options]
        for setting in [*sections, *_settings(set)]:
            command += ["--set", setting]
        done = subprocess.run(command, capture_output=True, text=True)
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        answer = None
    if done.returncode != 0 or answer is None:
        message = done.stderr.strip() or f"{' '.join(command)} ended with status {done.returncode} and no JSON"
        raise KramersError(message, done.returncode or 3, answer)
    return answer


def run(scene=None, set=None, output=None, force=False, threads=None):
    """Runs a scene (a file, the name of a shipped one, or a dict; None is double_well) and returns the parsed JSON.

    set overrides keys: {"dynamics.temperature": 0.3} or {"dynamics": {"temperature": 0.3}}. output is the HDF5 file to write.
    Raises KramersError; after a divergence its result holds what was measured."""
    options = ["--quiet"]
    options += ["-o", str(output)] if output is not None else []
    options += ["--force"] if force else []
    options += ["--threads", str(threads)] if threads is not None else []
    return _call("run", scene, set, options)


class Sweep(dict):
    """The table of a sweep: column -> array over the points, numbers where all are. varied: the keys."""

    def __init__(self, path):
        super().__init__()
        self.name = Path(path).name
        try:
            if str(path).endswith((".h5", ".hdf5")):
                with h5py.File(path, "r") as file:
                    columns = {name: column[()] for name, column in file["columns"].items()}
                    text = file["header"][()]
                    heads = list(columns)
                keys = [one.split("=")[0].strip() for one in _yaml(text.decode() if isinstance(text, bytes) else str(text))["vary"]]
            else:
                with Path(path).open(newline="") as file:
                    rows = list(csv.DictReader(file))
                heads = list(rows[0]) if rows else []
                columns = {name: np.array([row[name] for row in rows]) for name in heads}
                keys = heads[heads.index("point") + 1:heads.index("seed")] if {"point", "seed"} <= set(heads) else []
        except (OSError, KeyError) as error:
            raise KramersError(f"{path}: is no table of a sweep that can be read: {error}", 3) from None
        if "point" not in heads or "seed" not in heads:
            raise KramersError(f"{path}: is no table of a sweep: it has no columns point and seed", 3)
        for name in heads:
            self[name] = self._column(columns[name])
        self.varied = keys

    @staticmethod
    def _column(values):
        if values.dtype.kind in "iuf":
            return values.astype(float)
        texts = [value.decode() if isinstance(value, bytes) else str(value) for value in values]
        try:
            return np.array([float(text) if text else np.nan for text in texts])
        except ValueError:
            return np.array(texts)

    def __len__(self):
        return len(self["point"])


def _specification(values):
    if isinstance(values, str):
        return values
    return ",".join(value if isinstance(value, str) else json.dumps(value.item() if isinstance(value, np.generic) else value) for value in values)


def sweep(scene=None, vary=None, set=None, output=None, force=False, threads=None):
    """Runs a scene at every point of a grid and returns the table, a Sweep.

    vary: {"dynamics.temperature": [0.2, 0.3]}, or a text as for --vary: {"schedule.lr": "1e-3:1e-1:5:log"}. output is the CSV (or, for
    .h5, HDF5) file to write, from which the same call goes on. Points that diverge or cannot be run have a status that says so."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(output) if output is not None else Path(scratch) / "sweep.csv"
        options = ["--quiet", "-o", str(file)] + (["--force"] if force else [])
        options += ["--threads", str(threads)] if threads is not None else []
        for key, values in (vary or {}).items():
            options += ["--vary", f"{key}={_specification(values)}"]
        try:
            _call("sweep", scene, set, options)
        except KramersError as error:
            if not (error.result or {}).get("points"):
                raise
        return Sweep(file)


def theory(scene=None, set=None):
    """What every theory predicts for a scene, without a run: a dict from its name to {mfpt_steps, rate, ...}."""
    return {one["name"]: one for one in _call("theory", scene, set)}


def critical_points(scene=None, set=None):
    """Minima, saddles and the minimum-energy paths between them: the JSON of `kramers theory --critical-points`."""
    return _call("theory", scene, set, ["--critical-points"])


def catalogue(*what):
    """What kramers has: `kramers list --json` with these words, e.g. catalogue("landscapes")."""
    return _call("list", options=what)


def table(result):
    """Measured beside every theory that predicts a mean, as text: mean steps, how far each is from what was measured, and z. Why the others
    predict none is in their "why"."""
    escape = result["escape"]
    mean, (low, high) = escape["mfpt_steps"], escape["mfpt_steps_ci95"]
    lines = [f"{'':<16}{'mean steps':>12}  {'95 % interval':<24}{'off by':>8}{'z':>8}"]
    if mean is None:
        lines.append(f"{'measured':<16}{'–':>12}  above {low:.6g}")
    else:
        lines.append(f"{'measured':<16}{mean:>12.6g}  {f'{low:.6g} … {high:.6g}':<24}{'':>8}{escape['events']:>8} passages")
    for one in escape["theory"]:
        if one.get("mfpt_steps") is None:
            continue
        off = "" if mean is None else f"{100 * (one['mfpt_steps'] / mean - 1):+.1f} %"
        z = "" if one.get("z") is None else f"{one['z']:+.1f}"
        lines.append(f"{one['name']:<16}{one['mfpt_steps']:>12.6g}  {'':<24}{off:>8}{z:>8}")
    return "\n".join(lines)


# ---- reading what it wrote ----------------------------------------------------------------------------------------------------

Survival = namedtuple("Survival", "step estimate low high at_risk events censored")
Survival.__doc__ = """Kaplan-Meier estimate of the survival function after each step in step (first entry 0), with a 95 % band.

at_risk: how many were still under observation just before; events and censored: totals."""


def kaplan_meier(durations, censored):
    """Survival function from the durations of passages seen to their end and of those still on their way.

    Ends of renewals that repeat until a fixed time are as good as independent ones (Pena, Strawderman and Hollander 2001).
    The band is Greenwood's variance on the scale log(-log S), where it stays between 0 and 1."""
    durations, censored = np.asarray(durations), np.asarray(censored)
    step, count = np.unique(durations, return_counts=True)
    everything = np.sort(np.concatenate([durations, censored]))
    at_risk = everything.size - np.searchsorted(everything, step, side="left")
    estimate = np.cumprod(1.0 - count / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(count / (at_risk * (at_risk - count)))) / np.abs(np.log(estimate))
        low, high = estimate ** np.exp(1.96 * spread), estimate ** np.exp(-1.96 * spread)
    ended = estimate <= 0.0
    low[ended], high[ended] = 0.0, high[~ended][-1] if (~ended).any() else 1.0

    def first(start, rest):
        return np.concatenate([[start], rest])

    return Survival(first(0, step), first(1.0, estimate), first(1.0, low), first(1.0, high), first(everything.size, at_risk),
                    durations.size, censored.size)


def _yaml(text):
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML 1.2 numbers: 1e-3 is one, which YAML 1.1 denies."""

    Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"),
                                 list("-+0123456789."))
    return yaml.load(text, Loader)


def _text(value):
    if isinstance(value, np.ndarray):
        value = value.item()
    return value.decode() if isinstance(value, bytes) else str(value)


def _plain(value):
    """Python's own types; None for NaN."""
    if isinstance(value, bytes):
        return value.decode()
    value = value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.decode() if isinstance(value, bytes) else None if isinstance(value, float) and np.isnan(value) else value


class Recording:
    """A file written by kramers. Arrays are read when asked for, and the file is closed in between, so that a run that is
    still going on is not disturbed. Each array is as one flush of the run left it, or one before; two that are asked for one after
    the other can be of different flushes."""

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.exists():
            raise KramersError(f"{path}: there is no such file", 3)
        self._commits = 0
        self._commits = self._whole(self._find_commits)
        if self._get("parameters/kramers") is None and self._get("particles/trajectory") is None:
            raise KramersError(f"{path}: an HDF5 file, but not one of kramers (no /parameters/kramers in it)", 3)

    def _open(self):
        try:
            # Without a lock: one held by a reader would stop the run that wants to go on writing.
            return h5py.File(self.path, "r", locking=False)
        except OSError as error:
            if self.path.is_dir():
                raise KramersError(f"{self.path}: a directory, not a file", 3) from None
            if not os.access(self.path, os.R_OK):
                raise KramersError(f"{self.path}: cannot be read (permissions)", 3) from None
            what = "not an HDF5 file" if "signature" in str(error) else "a broken HDF5 file (was it cut short?)"
            raise KramersError(f"{self.path}: {what}", 3) from None

    def _look(self):
        """The number of the last commit, past HDF5's cache, and what the file system says; both change with the file."""
        about = self.path.stat()
        number = 0
        if self._commits:
            with self.path.open("rb") as file:
                file.seek(self._commits)
                rows = np.frombuffer(file.read(96), "<u8")
            number = int(rows[::6].max()) if rows.size == 12 else -1
        return number, (about.st_ino, about.st_size, about.st_mtime_ns)

    def _whole(self, read):
        """What `read` gives of one flush: again, if the number of the commit has changed meanwhile; what cannot be read is tried
        again as long as the file changes."""
        for attempt in range(100):
            before, failed = self._look(), None
            try:
                value = read()
            except KramersError as error:
                failed = error
                time.sleep(0.005)
            after = self._look()
            if failed is None and before[0] == after[0]:
                return value
            if failed is not None and attempt >= 2 and before == after:
                raise failed
        raise failed or KramersError(f"{self.path}: changes faster than it can be read", 3)

    def _find_commits(self):
        with self._open() as file:
            rows = file.get("parameters/kramers/checkpoint/commit")
            return (rows.id.get_offset() or 0) if isinstance(rows, h5py.Dataset) and rows.shape == (2, 6) else 0

    def _get(self, name, where=()):
        """Data set or attribute `name` ("group/name"), or None. A group answers with its attributes."""
        return self._whole(lambda: self._read(name, where))

    def _read(self, name, where):
        with self._open() as file:
            try:
                if name not in file:
                    parent, _, last = name.rpartition("/")
                    return file[parent].attrs.get(last) if parent in file else None
                node = file[name]
                return dict(node.attrs) if isinstance(node, h5py.Group) else node[where]
            except (OSError, RuntimeError) as error:
                raise KramersError(f"{self.path}: /{name} cannot be read: {error}", 3) from None

    def _shape(self, name):
        def read():
            with self._open() as file:
                return file[name].shape if name in file else None
        return self._whole(read)

    def __repr__(self):
        return f"<kramers recording {self.path.name}: {self.frames} frames of {self.particles} particles, {self.dim} dimensions>"

    # What was asked for

    @cached_property
    def scene(self):
        """The resolved scene as nested dicts; empty when the file has none."""
        text = self._get("parameters/kramers/scene")
        return {} if text is None else _yaml(_text(text))

    @cached_property
    def version(self):
        """Of the program that wrote the file; None where it does not say."""
        text = self._get("h5md/creator/version")
        return None if text is None else _text(text)

    @cached_property
    def landscape(self):
        """The landscape as stored for drawing: axes (one or two), energy, start, minima, saddles, ...; None when the file has
        no such group."""
        group = self._get("parameters/kramers/landscape_grid")
        if group is None:
            return None
        names = ("energy", "start", "minima", "minima_energy", "minima_number", "saddles", "saddles_energy", "target_center")
        found = {name: self._get(f"parameters/kramers/landscape_grid/{name}") for name in names}
        axes = [self._get(f"parameters/kramers/landscape_grid/axis{i}") for i in range(2)]
        return found | {"axes": [axis for axis in axes if axis is not None], "temperature": group.get("temperature"),
                        "slice": _text(group["slice"]) if "slice" in group else None}

    @property
    def dim(self):
        """Dimensions of the landscape (the profile mdanalysis pads positions to three)."""
        shape = self._shape("parameters/kramers/landscape_grid/start")
        return shape[0] if shape else (self._shape("particles/trajectory/position/value") or (0, 0, 0))[2]

    @property
    def targets(self):
        """The targets of the scene: dicts with coordinate and above or below, or minimum and radius."""
        until = self.scene.get("escape", {}).get("until") or []
        return [until] if isinstance(until, dict) else until

    # Frames

    @cached_property
    def step(self):
        found = self._get("particles/trajectory/position/step")
        return np.zeros(0, dtype=np.int64) if found is None else found

    @cached_property
    def time(self):
        return self._get("particles/trajectory/position/time")

    @property
    def frames(self):
        return len(self.step)

    @property
    def particles(self):
        """How many particles the frames hold (the first so many of the ensemble)."""
        return (self._shape("particles/trajectory/position/value") or (0, 0, 0))[1]

    def positions(self, particle=slice(None), frame=slice(None)):
        """position[frame, particle, coordinate] of some particles and frames, without reading the others."""
        return self._get("particles/trajectory/position/value", (frame, particle, slice(0, self.dim)))

    @cached_property
    def position(self):
        return self.positions()

    @cached_property
    def velocity(self):
        found = self._get("particles/trajectory/velocity/value")
        return None if found is None else found[..., :self.dim]

    @cached_property
    def schedule(self):
        """(step, learning rate of this step) with every cycle, jump and corner, of all steps that the scene asks for; a straight line leads
        from one to the next. In files without it (of older versions, sessions of the window): what the frames say."""
        group = "parameters/kramers/schedule_curve"
        step, rate = self._get(f"{group}/step"), self._get(f"{group}/learning_rate")
        return self.learning_rate if step is None or rate is None else (step.astype(np.int64), rate)

    @cached_property
    def learning_rate(self):
        """Of the frames: (step, learning rate of the step that comes next)."""
        value = self._get("observables/learning_rate/value")
        if value is None:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        return self._get("observables/learning_rate/step"), value

    def observable(self, name):
        """(step, value) of what the run recorded for all particles: potential_energy, kinetic_energy, well_population, temperature, ...; None
        where the file has no such series."""
        value = self._get(f"observables/{name}/value")
        return None if value is None else (self._get(f"observables/{name}/step"), value)

    @cached_property
    def means(self):
        """Means over the ensemble at the end, or over time where the scene has `statistics`: potential, kinetic_temperature,
        configurational_temperature, ..., each with NAME_error where it is known."""
        found = self._get("parameters/mean")
        return {} if not isinstance(found, dict) else {name: _plain(value) for name, value in found.items()}

    def result(self, observer):
        """What an observer said at the end of the run, as a dict: recording.result("evaluate")["test_accuracy_ci95"],
        recording.result("snapshots")["ensemble_accuracy_gain"] (a list over m), ...; empty where the run had no such observer, or was killed.
        `kramers list columns` names the rows."""
        def read():
            with self._open() as file:
                group = file.get(f"parameters/{observer}")
                return {} if not isinstance(group, h5py.Group) else dict(group.attrs) | {name: node[()] for name, node in group.items()
                                                                                         if isinstance(node, h5py.Dataset)}
        found = self._whole(read)
        return {name: _plain(value) for name, value in found.items()}

    @cached_property
    def snapshots(self):
        """(step, position [snapshot, particle, coordinate]) that the observer snapshots kept; None where it kept none."""
        value = self._get("particles/snapshots/position/value")
        return None if value is None else (self._get("particles/snapshots/position/step"), value)

    # Escape

    @cached_property
    def events(self):
        """First passages: a structured array of particle, step, duration and target."""
        found = self._get("parameters/escape/events")
        kinds = [("particle", "u8"), ("step", "u8"), ("duration", "u8"), ("target", "u4")]
        return np.zeros(0, dtype=kinds) if found is None else found

    @cached_property
    def summary(self):
        """What the run said at its end: steps, diverged, events, exposure_steps, mfpt_steps, mfpt_steps_ci95, rate, ...; None when
        it was killed before. A number that there is not (the mean of no events) is None."""
        found = self._get("parameters/escape/summary")
        return None if found is None else {name: _plain(value) for name, value in found.items()}

    @cached_property
    def theories(self):
        """Predictions stored with the run: dicts with name, reference, and what is predicted (mfpt_steps, mfpt_time, rate, ...,
        z); where a theory does not apply, name, applies: False and why."""
        rows = self._get("parameters/escape/theory")
        return [] if rows is None else [{name: value for name in rows.dtype.names if (value := _plain(row[name])) not in (None, "")}
                                        | {"applies": bool(row["applies"])} for row in rows]

    @property
    def renewal(self):
        """Whether a particle that arrives starts again."""
        return bool(self.scene.get("escape", {}).get("renewal", True))

    @property
    def constant_rate(self):
        """Whether every step so far had the same learning rate."""
        step, rate = self.schedule
        rate = rate[step <= self.last_step]
        return rate.size == 0 or bool(np.all(rate == rate[0]))

    @property
    def last_step(self):
        """How far the file goes."""
        if self.summary is not None:
            return int(self.summary["steps"])
        last = [self.step[-1] if self.frames else 0, self.events["step"].max(initial=0)]
        return int(max(last))

    @cached_property
    def diverged(self):
        """[(particle, step)] of the particles that are no longer finite. Of a run that was killed, those with frames only, at the
        first frame that is not finite."""
        if self.summary is not None:
            found = self._get("parameters/escape/diverged")
            return np.zeros((0, 2), dtype=np.int64) if found is None else found.astype(np.int64)
        gone = np.full(self.particles, -1, dtype=np.int64)
        for stop in range(self.frames, 0, -256):
            start = max(stop - 256, 0)
            bad = ~np.isfinite(self.positions(frame=slice(start, stop))).all(axis=2)
            if not bad.any():
                break
            gone[bad.any(axis=0)] = self.step[start:stop][bad[:, bad.any(axis=0)].argmax(axis=0)]
        if not self.renewal:
            gone[self.events["particle"][self.events["particle"] < self.particles]] = -1  # these arrived, and stay away
        particle = np.flatnonzero(gone >= 0)
        return np.stack([particle, gone[particle]], axis=1)

    @property
    def survival_predicted(self):
        """Survival that kramers predicted step by step of the run, {"step": ..., "chain": ..., "adiabatic": ...}; parts that are not in
        the file are absent. chain propagates the exact density from step to step, adiabatic multiplies rates at the momentary learning rate."""
        columns = {name: self._get(f"parameters/escape/survival/{name}") for name in ("step", "chain", "adiabatic")}
        return {name: column for name, column in columns.items() if column is not None}

    def survival(self, clock="duration"):
        """Kaplan-Meier estimate of survival before the first passage, passages still under way included as censored.

        clock "duration": steps since a particle last left the start, all passages; "step": steps of the run, the first passage
        of each particle only, which is what a changing learning rate calls for.

        A particle that diverged counts as censored from then on."""
        events = self.events
        ensemble = int(self.scene.get("ensemble", {}).get("particles", self.particles))
        end = np.full(max(ensemble, int(events["particle"].max(initial=0)) + 1), self.last_step)
        end[self.diverged[:, 0]] = self.diverged[:, 1]
        last = np.zeros(end.size, dtype=np.int64)
        if clock == "step" or not self.renewal:
            mine = events[np.unique(events["particle"], return_index=True)[1]]
            gone = np.zeros(end.size, dtype=bool)
            gone[mine["particle"]] = True
            return kaplan_meier(mine["step"].astype(np.int64), end[~gone])
        np.maximum.at(last, events["particle"], events["step"].astype(np.int64))
        return kaplan_meier(events["duration"].astype(np.int64), np.maximum(end - last, 0))


def open(path):  # noqa: A001, as gzip.open and h5py.File do
    """A Recording of this file; see there."""
    return path if isinstance(path, Recording) else Recording(path)


# ---- drawing ------------------------------------------------------------------------------------------------------------------


def figure(recording, size="paper", dark=False, title=None):
    """A Matplotlib figure of a run: landscape with sample paths, survival measured and predicted, schedule.

    recording: a file's name or a Recording. size: "paper" (7 inches wide), "column" (3.4 inches, for one of two columns) or
    "slide" (16:9)."""
    from kramers_figure import draw  # Matplotlib is slow to import and not needed for reading
    return draw(open(recording), size=size, dark=dark, title=title)


def sweep_figure(table, size="paper", dark=False, title=None):
    """A Matplotlib figure of a sweep: what was measured with its interval, beside the theories, over what was varied.

    table: a file's name or a Sweep."""
    from figure_sweep import draw
    try:
        return draw(table if isinstance(table, Sweep) else Sweep(table), size=size, dark=dark, title=title)
    except ValueError as error:
        raise KramersError(str(error), 2) from None


def _is_sweep(path):
    if not str(path).endswith((".h5", ".hdf5")):
        return True
    try:
        with h5py.File(path, "r") as file:
            return "columns" in file
    except OSError:
        return False


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="kramers.py", description="Draw a run or a sweep that kramers wrote.")
    parser.add_argument("file", metavar="FILE.h5|FILE.csv")
    parser.add_argument("-o", "--output", metavar="PICTURE", help="PNG, PDF or SVG by its name; the file's with .png if not given")
    parser.add_argument("--dark", action="store_true", help="light on dark, for projectors")
    parser.add_argument("--size", choices=("paper", "column", "slide"), default="paper",
                        help="7 inches wide, 3.4 inches with all panels below each other, or 16:9 with large letters")
    parser.add_argument("--dpi", type=int, help="dots per inch of a PNG; 200 on paper, 300 in a column, 144 on a slide")
    parser.add_argument("--title", help="instead of the summary of the scene")
    options = parser.parse_args(arguments)
    output = Path(options.output or Path(options.file).with_suffix(".png"))
    try:
        if output.suffix.lower() not in (".png", ".pdf", ".svg"):
            raise KramersError(f"{output}: the name must end with .png, .pdf or .svg", 2)
        if options.dpi is not None and not 20 <= options.dpi <= 1200:
            raise KramersError(f"--dpi {options.dpi}: must be between 20 and 1200", 2)
        try:
            draw = sweep_figure if _is_sweep(options.file) else figure
            drawn = draw(options.file, size=options.size, dark=options.dark, title=options.title)
        except ImportError as missing:
            raise KramersError(f"the Python package {missing.name} is missing; on Debian and Ubuntu: "
                               "apt install python3-matplotlib python3-yaml", 3) from None
        try:
            drawn.save(output, options.dpi)
        except OSError as error:
            raise KramersError(f"{output}: cannot be written: {error.strerror or error}", 3) from None
    except KramersError as error:
        print(f"kramers.py: {error}", file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
