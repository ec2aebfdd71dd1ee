#!/usr/bin/env python3
"""The claims about cosine annealing, each measured: settings, committed rows, verdicts, the page.

    python3 claims.py make [N...]      measure what is missing of these claims (all if none is given), draw, write notebooks and the page
    python3 claims.py check [N...]     measure a part of the rows again: every number must come out as committed
    python3 claims.py list

A claim is a file claim_NN_NAME.py that says what is run (settings of scenes), what is read of the results (paths into the JSON of
`kramers run`), and what follows from the rows. Rows are in claim_NN_NAME.csv: a setting as `--set` takes it, the seed, the quantity, the
number of independent particles or networks, and its value with a 95 % interval. Equal settings and seeds give equal bits, so anybody
gets the same rows. No physics is computed here.
"""
import argparse
import csv
import functools
import importlib
import io
import json
import math
import os
import sys
import tempfile
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402

import kramers  # noqa: E402
from figure_style import make_style, write_whole  # noqa: E402

COLUMNS = ("scene", "setting", "seed", "quantity", "index", "runs", "value", "low", "high")
CONFIDENT = 1.959963984540054  # standard deviations of a normal variable: 95 %

# scene: a file of this folder or one of the shipped ones; changes: KEY -> value; quick: measured again by every `check`.
Setting = namedtuple("Setting", "scene changes seed quantities quick", defaults=(False,))
Estimate = namedtuple("Estimate", "value low high")
# word: holds, holds when, fails; when: the condition; effect: what the estimate is of; runs: independent ones behind it.
Verdict = namedtuple("Verdict", "word when effect estimate runs")


# ---- rows ---------------------------------------------------------------------------------------------------------------------


def _text(value):
    """As the program takes it and without a blank."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def text_of(changes):
    return " ".join(f"{key}={_text(value)}" for key, value in changes.items())


def printed(value):
    return "" if value is None else str(value) if isinstance(value, int) else f"{value:.10g}"


def _step(value, name):
    """One name further down; an item of a list by its name or number."""
    if isinstance(value, list):
        return value[int(name)] if name.lstrip("-").isdigit() else next(one for one in value if one["name"] == name)
    return value[name]


def _reach(result, path):
    value = result
    for name in path.split("."):
        value = _step(value, name)
    return value


def _interval(result, path, value):
    """(low, high) beside the value or list; (None, None) where nothing says how exact it is."""
    parent, _, last = path.rpartition(".")
    beside = _reach(result, parent) if parent else result
    if isinstance(beside, dict) and beside.get(f"{last}_ci95") is not None:
        return beside[f"{last}_ci95"]
    if isinstance(beside, dict) and beside.get(f"{last}_error") is not None:
        error = np.asarray(beside[f"{last}_error"], dtype=float) * CONFIDENT
        pairs = np.stack([np.asarray(value, dtype=float) - error, np.asarray(value, dtype=float) + error], axis=-1)
        return pairs.tolist()
    return None


def _curve_share(recording, quantity):
    """schedule.above_0.9 or schedule.below_0.1: the share of the steps with a rate beyond so much of the largest."""
    step, rate = recording.schedule  # a straight line leads from one to the next
    curve = np.interp(np.arange(int(step[-1]) + 1), step, rate)
    word, level = quantity.removeprefix("schedule.").split("_")
    level = float(level) * curve.max()
    return float(np.mean(curve > level if word == "above" else curve < level))


def _of_frames(recording, quantity):
    """In each frame, over the particles with its interval: trajectory.norm is the mean length of their vectors, trajectory.spread their
    mean square distance from the point in their middle."""
    if quantity == "trajectory.norm":
        each = np.sqrt(np.sum(np.square(recording.position), axis=-1))
    else:
        count = recording.position.shape[1]
        each = np.sum(np.square(recording.position - recording.position.mean(axis=1, keepdims=True)), axis=-1) * count / (count - 1)
    mean, half = each.mean(axis=1), CONFIDENT * each.std(axis=1, ddof=1) / math.sqrt(each.shape[1])
    return mean.tolist(), np.stack([mean - half, mean + half], axis=-1).tolist()


def _measured(quantity, result, recording):
    """(value or list, interval or intervals, or None)."""
    if quantity.startswith("schedule."):
        return _curve_share(recording, quantity), None
    if quantity.startswith("trajectory."):
        return _of_frames(recording, quantity)
    value = _reach(result, quantity)
    return value, _interval(result, quantity, value)


def _rows_of(setting, result, recording):
    for quantity in setting.quantities:
        value, pair = _measured(quantity, result, recording)
        several = isinstance(value, list)
        for index, one in enumerate(value if several else [value]):
            low, high = (None, None) if pair is None else pair[index] if several else pair
            yield {"scene": setting.scene, "setting": text_of(setting.changes), "seed": str(setting.seed), "quantity": quantity, "index": str(index),
                   "runs": str(result["scene"]["ensemble"]["particles"]), "value": printed(one), "low": printed(low), "high": printed(high)}


def measure(setting):
    """The rows of a setting, as texts."""
    # As texts, so that the program gets what stands in the row: kramers.run would take a section that is a dict as so many keys of it.
    changes = {key: _text(value) for key, value in {**setting.changes, "ensemble.seed": setting.seed}.items()}
    needs_file = any(quantity.startswith(("schedule.", "trajectory.")) for quantity in setting.quantities)
    with tempfile.TemporaryDirectory(prefix="kramers-claims-") as scratch:
        output = Path(scratch) / "run.h5" if needs_file else None
        own = HERE / setting.scene  # a scene of a claim stands beside it
        result = kramers.run(own if own.exists() else setting.scene, changes, output=output, threads=1)
        recording = kramers.open(output) if needs_file else None
        return list(_rows_of(setting, result, recording))


class Rows:
    """What was measured of a claim: rows.of(quantity, KEY=value...) finds by keys of the setting ('__' stands for '.')."""

    def __init__(self, texts):
        self.texts = texts
        self._changes = [dict(part.split("=", 1) for part in row["setting"].split()) for row in texts]
        self._places = None

    def of(self, quantity, scene=None, seed=None, index=0, **wanted):
        """[(changes, Estimate)] of the rows that have it; a value None stands for keys that a setting must not have."""
        keys = {key.replace("__", "."): None if value is None else _text(value) for key, value in wanted.items()}
        return [(changes, Estimate(*(float(row[name]) if row[name] else None for name in ("value", "low", "high"))))
                for row, changes in zip(self.texts, self._changes)
                if row["quantity"] == quantity and row["index"] == str(index) and (scene is None or row["scene"] == scene) and
                (seed is None or row["seed"] == str(seed)) and all(changes.get(key) == value for key, value in keys.items())]

    def one(self, quantity, **wanted):
        found = self.of(quantity, **wanted)
        if len(found) != 1:
            raise KeyError(f"{len(found)} rows of {quantity} with {wanted}")
        return found[0][1]

    def at(self, changes, quantity, seed, index=0, scene=None):
        """The Estimate of a setting that is known to its last key; found at once, where of() looks through all rows."""
        if self._places is None:
            self._places = {(row["setting"], row["seed"], row["quantity"], row["index"], scene): row for row in self.texts for scene in (row["scene"], None)}
        row = self._places[text_of(changes), str(seed), quantity, str(index), scene]
        return Estimate(*(float(row[name]) if row[name] else None for name in ("value", "low", "high")))

    def runs(self):
        """Independent runs behind all rows: of each setting and seed once."""
        return sum({(row["scene"], row["setting"], row["seed"]): int(row["runs"]) for row in self.texts}.values())


@functools.cache
def source():
    """Committed rows of tests and answers of the program, each asked for once."""
    from figure_source import Source
    return Source()


def network_rows(name, scene):
    """Of tests/results_NAME.csv, which a test of the suite measures anew."""
    path = HERE.parent.parent / "tests" / f"results_{name}.csv"
    with path.open(newline="") as file:
        rows = [{**{key: row[key] for key in ("setting", "seed", "quantity", "index", "value", "low", "high")}, "scene": scene, "runs": row["networks"]}
                for row in csv.DictReader(file)]
    source().note_rows(path, rows)
    return Rows(rows)


def ratio(above, below):
    """Of two independent estimates, on a logarithmic scale."""
    error = math.hypot(*((one.high - one.low) / (2 * CONFIDENT * one.value) for one in (above, below)))
    value = above.value / below.value
    return Estimate(value, value * math.exp(-CONFIDENT * error), value * math.exp(CONFIDENT * error))


def difference(one, other):
    half = math.hypot((one.high - one.low) / 2, (other.high - other.low) / 2)
    return Estimate(one.value - other.value, one.value - other.value - half, one.value - other.value + half)


def line_through(x, y, errors):
    """Weighted least squares: (slope, value at 0) as Estimates, from independent errors (standard deviations) of y."""
    x, y, weight = np.asarray(x), np.asarray(y), 1 / np.asarray(errors) ** 2
    middle = np.average(x, weights=weight)
    spread = np.sum(weight * (x - middle) ** 2)
    slope = np.sum(weight * (x - middle) * y) / spread
    start = np.average(y, weights=weight) - slope * middle
    half = CONFIDENT / math.sqrt(spread), CONFIDENT * math.sqrt(1 / np.sum(weight) + middle**2 / spread)
    return tuple(Estimate(float(value), float(value - width), float(value + width)) for value, width in zip((slope, start), half))


def quarters(picture):
    """Four panels in the order in which they are read, also where they stand below each other."""
    grid = picture.subplots(2, 2)
    return (grid.T if picture.style.stacked else grid).flatten()


# ---- a claim ------------------------------------------------------------------------------------------------------------------


class Claim:
    """One claim_NN_NAME.py: TITLE, CLAIM, MEASURE, OBJECTIONS [(what a referee says, the answer)], HEIGHT (of the picture beside its width),
    settings() -> [Setting], verdict(rows) -> Verdict, reading(rows) -> text, draw(rows, style) -> Picture; and if it has them, WATCH (shipped scenes and
    lessons that show it in motion) and reported(rows) -> [Setting] (what is run with what the rows of settings() choose). Where a test of the suite
    has the rows already, it says rows() and HELD_BY, the test, instead of settings()."""

    def __init__(self, path):
        self.stem = path.stem
        self.number = int(path.stem.split("_")[1])
        self.module = importlib.import_module(path.stem)
        self.title = self.module.TITLE
        self.csv = HERE / f"{self.stem}.csv"
        self.picture = HERE / "pictures" / f"{self.stem}.png"
        self.notebook = HERE / f"{self.stem}.ipynb"

        self.held_by = getattr(self.module, "HELD_BY", None)
        self.watch = getattr(self.module, "WATCH", ())

    def settings(self):
        """Those that the module has, and, once all of these are measured, those that it chooses by their rows."""
        if self.held_by:
            return []
        first, chosen = list(self.module.settings()), getattr(self.module, "reported", None)
        if chosen is None or self._without_rows(first):
            return first
        return first + list(chosen(self.rows()))

    def rows(self):
        if self.held_by:
            return self.module.rows()
        try:
            with self.csv.open(newline="") as file:
                return Rows(list(csv.DictReader(file)))
        except FileNotFoundError:
            return Rows([])

    def missing(self):
        """Settings without rows."""
        return self._without_rows(self.settings())

    def _without_rows(self, settings):
        if self.held_by:
            return []
        there = {(row["scene"], row["setting"], row["seed"]) for row in self.rows().texts}
        return [one for one in settings if (one.scene, text_of(one.changes), str(one.seed)) not in there]

    def write(self, texts, whole=False):
        """All rows, in the order of the settings. What no setting asks for any more goes once nothing is missing (whole): before that, rows may be
        of settings that others choose."""
        if self.held_by:
            return
        order = {(one.scene, text_of(one.changes), str(one.seed)): place for place, one in enumerate(self.settings())}
        kept = [row for row in texts if not whole or (row["scene"], row["setting"], row["seed"]) in order]
        kept.sort(key=lambda row: order.get((row["scene"], row["setting"], row["seed"]), len(order)))
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
        write_whole(self.csv, text.getvalue().encode())

    def verdict(self):
        return self.module.verdict(self.rows())

    def reading(self):
        return self.module.reading(self.rows())

    def figure(self, dark=False, size="paper"):
        asked = source()
        asked.start()
        rows = self.rows()
        if not self.held_by:
            asked.note_rows(self.csv, rows.texts)
        picture = self.module.draw(rows, make_style(size, dark, None if size == "slide" else self.module.HEIGHT))
        picture.about = {"Title": f"Claim {self.number}: {self.title}", "Description": asked.words()}
        picture.inputs = asked.inputs() | {str(one) for one in HERE.glob("*.py")}
        return picture


def load(number=None):
    """The claim of this number, or all, in order."""
    found = sorted((Claim(path) for path in HERE.glob("claim_*.py")), key=lambda one: one.number)
    if number is None:
        return found
    chosen = [one for one in found if one.number == number]
    if not chosen:
        raise kramers.KramersError(f"there is no claim {number}; there are {', '.join(str(one.number) for one in found)}", 2)
    return chosen[0]


# ---- measuring ----------------------------------------------------------------------------------------------------------------


def _measure_missing(claim):
    """Rows are kept as they come, so that a process that is stopped loses at most what it is at."""
    missing, texts = claim.missing(), claim.rows().texts
    started = kept = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done, rows in enumerate(pool.map(measure, missing), start=1):
            texts += rows
            if time.monotonic() - kept > 5 or done == len(missing):
                claim.write(texts)
                kept = time.monotonic()
            left = (time.monotonic() - started) / done * (len(missing) - done)
            if sys.stderr.isatty():
                print(f"\rclaim {claim.number}: {done} of {len(missing)} settings, about {left:.0f} s left  ", end="", file=sys.stderr, flush=True)
    if missing:
        print(f"claim {claim.number}: {len(missing)} settings measured in {time.monotonic() - started:.0f} s", file=sys.stderr)


def make(numbers):
    for claim in load() if not numbers else [load(number) for number in numbers]:
        while claim.missing():
            _measure_missing(claim)
        claim.write(claim.rows().texts, whole=True)
        claim.picture.parent.mkdir(exist_ok=True)
        claim.figure().save(claim.picture)
        verdict = claim.verdict()
        print(f"{claim.number:2d}  {verdict.word} {verdict.when}  {claim.title}".rstrip())
    import claims_page
    claims_page.write_all(load())


def check(numbers, everything=False):
    """Settings whose rows do not come out as committed: [(claim, setting, row as committed, row now)]."""
    different = []
    for claim in load() if not numbers else [load(number) for number in numbers]:
        committed = claim.rows().texts
        chosen = [one for one in claim.settings() if everything or one.quick]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for setting, now in zip(chosen, pool.map(measure, chosen)):
                key = (setting.scene, text_of(setting.changes), str(setting.seed))
                before = [row for row in committed if (row["scene"], row["setting"], row["seed"]) == key]
                different += [(claim, setting, old, new) for old, new in zip(before, now) if old != new]
                if len(before) != len(now):
                    different.append((claim, setting, f"{len(before)} rows", f"{len(now)} rows"))
    return different


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="claims.py", description="Measure the claims about cosine annealing.")
    parser.add_argument("verb", choices=("make", "check", "list"))
    parser.add_argument("number", nargs="*", type=int, metavar="N", help="of claims; all if none is given")
    parser.add_argument("--all", action="store_true", help="check: all rows, not a part")
    options = parser.parse_args(arguments)
    try:
        if options.verb == "make":
            make(options.number)
        elif options.verb == "list":
            for claim in load():
                print(f"{claim.number:2d}  {claim.title}")
        else:
            different = check(options.number, options.all)
            for claim, setting, before, now in different:
                print(f"claim {claim.number}, {text_of(setting.changes)}: was {before}, is {now}", file=sys.stderr)
            print(f"{'all rows come out as committed' if not different else f'{len(different)} rows differ'}")
            return 1 if different else 0
    except kramers.KramersError as error:
        print(f"claims.py: {error}", file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.modules["claims"] = sys.modules["__main__"]  # claims import this module by its name
    sys.exit(main())
