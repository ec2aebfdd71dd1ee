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


class Source:
    """Rows of results in a folder, and answers of the program, each asked for once."""

    def __init__(self, results=None):
        self.results = Path(results) if results is not None else Path(__file__).resolve().parent.parent / "tests"
        self._scratch = tempfile.TemporaryDirectory(prefix="kramers-figures-")
        self._known = {}

    def rows(self, name):
        """results_NAME.csv as dicts; numbers are numbers, empty cells None."""
        path = self.results / f"results_{name}.csv"
        try:
            with path.open(newline="") as file:
                rows = [{key: _value(text) for key, text in row.items()} for row in csv.DictReader(file)]
        except OSError as error:
            raise kramers.KramersError(f"{path}: {error.strerror}; name the folder of the result rows with --results (tests/ of the source)",
                                       3) from None
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
        return self._once("scene", name, {}, lambda: kramers.run(name, {"ensemble": {"particles": 1, "steps": 1}}))["scene"]

    def run(self, scene, settings=None):
        """(JSON, recording) of a run. One thread: every number is the same with more, and threads that wait for each other after every
        recorded step cost more than they gain."""
        settings = settings or {}
        path = Path(self._scratch.name) / f"{self._key('run', scene, settings)}.h5"
        return self._once("run", scene, settings, lambda: (kramers.run(scene, settings, output=path, threads=1), kramers.open(path)))

    def runs(self, scene, settings):
        """run for each of these settings, several at once."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(lambda one: self.run(scene, one), settings))

    def critical_points(self, scene):
        return self._once("critical points", scene, {}, lambda: kramers.critical_points(scene))
