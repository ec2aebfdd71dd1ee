"""Where figures get their numbers: committed rows of results, and the program's own theories and runs."""
import csv
import hashlib
import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import kramers


def column(rows, name):
    return np.array([row[name] if row[name] is not None else np.nan for row in rows], dtype=float)


def _value(text):
    if text == "":
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _seeds(seeds):
    """" (seeds 1 to 8)"; nothing where there is none."""
    several = sorted(seeds)
    words = ", ".join(map(str, several)) if len(several) < 5 else f"{several[0]} to {several[-1]}"
    return f" (seed{'s' if len(several) > 1 else ''} {words})" if several else ""


class Source:
    """Rows of results in a folder, and answers of the program, each asked for once."""

    def __init__(self, results=None):
        self.results = Path(results) if results is not None else Path(__file__).resolve().parent.parent / "tests"
        self._scratch = tempfile.TemporaryDirectory(prefix="kramers-figures-")
        self._known = {}
        self._used = set()

    def start(self):
        """From now on it is noted what is asked for; see inputs() and words()."""
        self._used = set()

    def inputs(self):
        """The files that answers since start() came from: rows, and the program where it was asked."""
        return {one for what, one, _ in self._used if what == "file"}

    def words(self):
        """The same for a reader: scenes with the seeds of their runs, rows, the program's version."""
        found = {"scene": {}, "rows": {}}
        for what, one, seed in self._used:
            if what in found:
                found[what].setdefault(Path(one).name, set()).update([] if seed is None else [seed])
        parts = {what: ", ".join(name + _seeds(seeds) for name, seeds in sorted(ones.items())) for what, ones in found.items()}
        return "; ".join([f"{what}: {words}" for what, words in parts.items() if words] + [kramers.version()])

    def _note(self, scene, seed=None):
        self._used |= {("scene", str(scene), seed), ("file", kramers.program(), None)}

    def note_rows(self, path, rows):
        """That rows of this file are used, which may say of which scene and seed they are."""
        self._used.add(("file", str(path), None))
        seeds = {int(row["seed"]) for row in rows if row.get("seed")}
        self._used |= {("rows", str(path), seed) for seed in seeds or [None]} | {("scene", row["scene"], None) for row in rows if row.get("scene")}

    def rows(self, name):
        """results_NAME.csv as dicts; numbers are numbers, empty cells None."""
        path = self.results / f"results_{name}.csv"
        try:
            with path.open(newline="") as file:
                rows = [{key: _value(text) for key, text in row.items()} for row in csv.DictReader(file)]
        except OSError as error:
            raise kramers.KramersError(f"{path}: {error.strerror}; name the folder of the result rows with --results (tests/ of the source)",
                                       3) from None
        self.note_rows(path, rows)
        if not rows:
            raise kramers.KramersError(f"{path}: no rows in it", 3)
        return rows

    @staticmethod
    def yaml(text):
        return kramers._yaml(text)

    @staticmethod
    def _key(what, scene, settings):
        return hashlib.sha256(json.dumps([what, scene, settings], sort_keys=True).encode()).hexdigest()

    def _once(self, what, scene, settings, ask):
        key = self._key(what, scene, settings)
        if key not in self._known:
            self._known[key] = ask()
        return self._known[key]

    def theories(self, scene, settings):
        """kramers.theory for each of these settings; several at once, since each is a process of its own."""
        self._note(scene)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(lambda one: self._once("theory", scene, one, lambda: kramers.theory(scene, one)), settings))

    def theory_lines(self, scene, key, values, what, names):
        """{name: what each theory predicts over the values of one key}; NaN where it does not apply."""
        found = self.theories(scene, [{key: float(value)} for value in values])
        lines = {name: np.array([one[name].get(what) or np.nan for one in found], dtype=float) for name in names}
        return {name: line for name, line in lines.items() if np.isfinite(line).any()}

    def curvature(self, scene, settings):
        """Largest curvature at the start: the learning rate's product with it over the learning rate."""
        return self.theories(scene, [settings])[0]["linear_stability"]["lr_times_curvature"] / settings["schedule.lr"]

    def scene(self, name):
        """A shipped scene, every parameter resolved."""
        self._note(scene=name)
        return self._once("scene", name, {}, lambda: kramers.run(name, {"ensemble": {"particles": 1, "steps": 1}}))["scene"]

    def run(self, scene, settings=None):
        """(JSON, recording) of a run. One thread: every number is the same with more, and threads that wait for each other after every
        recorded step cost more than they gain."""
        settings = settings or {}
        path = Path(self._scratch.name) / f"{self._key('run', scene, settings)}.h5"
        found = self._once("run", scene, settings, lambda: (kramers.run(scene, settings, output=path, threads=1), kramers.open(path)))
        self._note(scene, found[0]["scene"]["ensemble"]["seed"])
        return found

    def runs(self, scene, settings):
        """run for each of these settings, several at once."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(lambda one: self.run(scene, one), settings))

    def critical_points(self, scene):
        self._note(scene)
        return self._once("critical points", scene, {}, lambda: kramers.critical_points(scene))
