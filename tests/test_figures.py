"""notebooks/figures.py: every figure is drawn from the committed rows, in every size and colour, and can be read; what is broken is
said in one line."""
import csv
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings
import zlib
from pathlib import Path

TESTS = Path(__file__).resolve().parent
NOTEBOOKS = TESTS.parent / "notebooks"
missing = [package for package in ("numpy", "h5py", "yaml", "matplotlib") if importlib.util.find_spec(package) is None]
if missing:
    print(f"skipped: the Python packages {', '.join(missing)} are missing")
    sys.exit(77)
if not os.environ.get("KRAMERS"):
    sys.exit("the environment variable KRAMERS must name the program to test")

import numpy as np  # noqa: E402

sys.path.insert(0, str(NOTEBOOKS))
import figures  # noqa: E402
import kramers  # noqa: E402
from figure_source import Source  # noqa: E402
from legible import LOOKS, assert_legible  # noqa: E402

SCRATCH = Path(tempfile.mkdtemp(prefix="kramers-figures-test-"))
SOURCE = Source()  # theories and runs are asked for once


def drawn_points(picture):
    """Everything that was drawn with markers: [(x, y)] arrays."""
    return [np.array(line.get_data(), dtype=float) for axes in picture.axes for line in axes.get_lines() if line.get_marker() not in ("None", None, "")]


class Figures(unittest.TestCase):
    def legible(self, name, words):
        """In all looks with KRAMERS_TEST_ALL, else in the first and one other."""
        found, others = {}, LOOKS[1:]
        for size, dark in LOOKS if os.environ.get("KRAMERS_TEST_ALL") else (LOOKS[0], others[zlib.crc32(name.encode()) % len(others)]):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                found[size, dark] = figures.figure(name, SOURCE, dark, size)
            assert_legible(self, found[size, dark], size, name, words)
        return found["paper", False]

    def shows(self, picture, x, y):
        """That some series of markers is just these points."""
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        for points in drawn_points(picture):
            if points.shape == (2, x.size) and np.allclose(np.sort(points[0]), np.sort(x), rtol=1e-9) and np.allclose(np.sort(points[1]), np.sort(y), rtol=1e-9):
                return
        self.fail("the points of the rows are not in the picture")

    def test_turnover(self):
        picture = self.legible("turnover", ["Klein", "momentum", "friction", "maximum"])
        rows = SOURCE.rows("turnover")
        self.shows(picture, [row["friction"] for row in rows], [row["decay_rate"] for row in rows])
        self.shows(picture, [row["friction"] for row in rows], [2 * row["passage_rate"] for row in rows])
        # The theory at the rows' frictions is what the rows say.
        line = SOURCE.theory_lines("turnover", "dynamics.friction", [row["friction"] for row in rows], "spectral_gap", ["klein_kramers"])
        np.testing.assert_allclose(line["klein_kramers"], [row["klein_kramers"] for row in rows], rtol=2e-6)

    def test_arrhenius(self):
        picture = self.legible("arrhenius", ["1 / T", "barrier"])
        for name in ("arrhenius", "tilted"):
            rows = [row for row in SOURCE.rows("arrhenius") if row["sweep"] == name]
            self.shows(picture, [1 / row["temperature"] for row in rows], [row["rate"] for row in rows])

    def test_levy(self):
        picture = self.legible("levy", ["single jumps", "Gaussian", "height", "distance"])
        rows = [row for row in SOURCE.rows("levy") if row["varied"] == "height"]
        self.shows(picture, [row["barrier"] for row in rows], [row["mfpt_steps"] for row in rows])
        self.shows(picture, [row["barrier"] for row in rows], [row["mfpt_steps"] / row["levy"] for row in rows])
        import figure_noise
        found = SOURCE.theories("levy", [figure_noise.well(row["barrier"], 1) for row in rows])
        np.testing.assert_allclose([one["levy"]["mfpt_steps"] for one in found], [row["levy"] for row in rows], rtol=1e-6)

    def test_interference(self):
        picture = self.legible("interference", ["period of the pulses", "crossed", "measured"])
        rows = [row for row in SOURCE.rows("interference") if row["ratio"] == 1]
        self.shows(picture, [row["phase_fraction"] for row in rows], [row["measured"] for row in rows])

    def test_coupled_batch_size(self):
        picture = self.legible("coupled_batch_size", ["learning rate", "crossed", "temperature", "whole batches"])
        for keep in (None, "lr/noise.batch_size"):
            rows = [row for row in SOURCE.rows("coupled_batch_size") if row["keep"] == keep and row["sigma"] == 4]
            self.shows(picture, [row["lr_min"] for row in rows], [row["measured"] for row in rows])
            rows = [row for row in SOURCE.rows("coupled_temperature") if row["keep"] == keep and row["landscape"] == "double_well"]
            self.shows(picture, [row["step"] for row in rows], [row["measured"] for row in rows])

    def test_coupled_weight_decay(self):
        picture = self.legible("coupled_weight_decay", ["learning rate", "crossed", "weight decay", "mean x"])
        for keep in (None, "lr*dynamics.weight_decay"):
            for quantity in ("crossed", "square"):
                rows = [row for row in SOURCE.rows("coupled_weight_decay")
                        if row["keep"] == keep and row["quantity"] == quantity and row["weight_decay"] == 0.4]
                self.shows(picture, [row["lr_min"] for row in rows], [row["measured"] for row in rows])

    def test_sharp_or_flat(self):
        picture = self.legible("sharp_or_flat", ["learning rate", "batch size", "curvature", "Xie"])
        import figure_rates
        pairs = figure_rates.pairs(SOURCE)
        self.assertEqual(len(pairs), sum(row["chain_ratio"] is not None for row in SOURCE.rows("sharp_or_flat")))
        cold = [pair for pair in pairs if not pair["sgld"] and pair["epsilon"] == 0]
        for key, fixed, value, count in (("rate", "batch_size", 1, 3), ("batch_size", "rate", 0.02, 2)):
            series = [pair for pair in cold if pair[fixed] == value]
            self.assertEqual(len(series), count)
            self.shows(picture, [pair[key] for pair in series], [pair["ratio"] for pair in series])
        # No pair is left out but those of SGLD at other temperatures.
        drawn = np.concatenate([points[1] for points in drawn_points(picture)])
        for pair in pairs:
            if not pair["sgld"] or pair["temperature"] == 0.3:
                self.assertTrue(np.isclose(drawn, pair["ratio"], rtol=1e-9).any(), pair)
        # The exact time is the one that the rows have, also where the estimate cannot reach it.
        for pair in cold:
            exact = SOURCE.theories("sharp_or_flat", [{**figure_rates.family(pair["rate"], pair["batch_size"], 0), **figure_rates.FLAT}])[0]
            self.assertAlmostEqual(exact["chain"]["mfpt_steps"] / pair["chain"], 1, delta=1e-6)
            self.assertAlmostEqual(exact["xie"]["s_implied"], pair["s_implied"], delta=1e-4)
            self.assertEqual(pair["out_of_range"] > 1, not 0 < pair["s_implied"] < 1)
        # At batch size 1 no value of the constant reaches the exact time; the less noise, the farther from it.
        one = sorted((pair["rate"], pair["out_of_range"]) for pair in cold if pair["batch_size"] == 1)
        self.assertEqual([rate for rate, _ in one], [0.01, 0.015, 0.02])
        self.assertTrue(one[0][1] > one[1][1] > one[2][1] > 1, one)
        self.assertGreater(max(pair["ratio"] for pair in cold), 1800)

    def test_restart_escape(self):
        picture = self.legible("restart_escape", ["adiabatic", "exact chain", "learning"])
        rows = SOURCE.rows("restart")
        self.shows(picture, [500 * row["cycle"] for row in rows], [row["measured"] for row in rows])
        # The run of the curve is the run of the rows.
        import figure_runs
        said, _ = SOURCE.run("restart_escape", figure_runs.RESTARTS)
        self.assertAlmostEqual(said["escape"]["survival"]["measured"][-1], rows[-1]["measured"], delta=1e-6)

    def test_catapult(self):
        picture = self.legible("catapult", ["stability", "crisis", "flat minimum"])
        gone = [row for row in SOURCE.rows("catapult") if row["events"] > 0]
        self.shows(picture, [row["lr_times_curvature"] for row in gone], [row["step"] for row in gone])

    def test_cyclical_sgld(self):
        picture = self.legible("cyclical_sgld", ["limit of", "share of particles", "T = 0.01"])
        rows = SOURCE.rows("cyclical_sgld")
        for temperature in (1, 0.01):
            mine = [row for row in rows[1:] if row["temperature"] == temperature]
            self.shows(picture, [row["lr_times_curvature"] for row in mine], [row["distinct"] for row in mine])
        ends = SOURCE.rows("cyclical_occupation")
        self.shows(picture, [2 * row["mode"] - 4 for row in ends], [row["share"] for row in ends])
        self.assertAlmostEqual(sum(row["expected"] for row in ends), 1, delta=1e-4)

    def test_bath(self):
        picture = self.legible("bath", ["adiabatic", "exact", "dimensions d", "out of the left well"])
        rows = [row for row in SOURCE.rows("bath") if row["learning_rate"] == 0]
        self.assertEqual([row["dim"] for row in rows], [2, 3, 5, 10, 30, 100, 1000, 10000])
        for side in ("left", "right"):
            self.shows(picture, [row["dim"] for row in rows], [row[f"rate_{side}"] for row in rows])
        self.shows(picture, [row["dim"] for row in rows], [row["relaxation_rate"] / row["spectral_gap"] for row in rows])
        # The theory at the rows' dimensions is what the rows say; the tilt is the same in all of them.
        import figure_bath
        gap, left = figure_bath.theories(SOURCE, [row["dim"] for row in rows])
        for name, column in (("spectral_gap", gap["spectral_gap"]), ("adiabatic", gap["adiabatic"]), ("share_exact", left)):
            np.testing.assert_allclose(column, [row[name] for row in rows], rtol=1e-6)

    def test_muller_brown(self):
        picture = self.legible("muller_brown", ["potential V", "−40.67", "−72.25", "Eyring"])
        rows = [row for row in SOURCE.rows("paths") if row["landscape"] == "muller_brown"]
        self.shows(picture, [row["measured_rate"] / row["eyring_kramers"] for row in rows], range(len(rows)))
        self.assertEqual({row["temperature"] for row in rows if row["quantity"] == "relaxation"}, {15.0, 25.0})
        # Every minimum of the landscape is marked where it is (Mueller and Brown 1979).
        marked = {tuple(np.round(points[:, 0], 6)) for points in drawn_points(picture) if points.shape == (2, 1)}
        for place in ((-0.558224, 1.441726), (-0.050011, 0.466694), (0.623499, 0.028038), (-0.822002, 0.624313), (0.212487, 0.292988)):
            self.assertTrue(any(np.allclose(place, one, atol=2e-6) for one in marked), place)
        self.intervals_hold_the_exact_gap(rows)
        # In a file of curves the map is an image of 300 dots per inch at least.
        inches = picture.axes[0].get_window_extent().width / picture.dpi
        picture.save(SCRATCH / "map.pdf")
        widths = [int(found) for found in re.findall(rb"/Width (\d+)", (SCRATCH / "map.pdf").read_bytes())]
        self.assertGreaterEqual(max(widths), 0.98 * 300 * inches)

    def intervals_hold_the_exact_gap(self, rows):
        """What relaxes has k + k' beside it, which no one-way rate has: a diamond out of its bar would be a wrong number or a wrong label."""
        for row in rows:
            if row["quantity"] == "relaxation":
                self.assertLess(abs(row["measured_rate"] - row["spectral_gap"]), 1.96 * row["error"], row)


class Saving(unittest.TestCase):
    def test_a_file_does_not_depend_on_those_saved_before_it(self):
        """Two figures whose layout moves from drawing to drawing while it is not stopped."""
        def files(name, order):
            picture, found = figures.figure(name, SOURCE, size="column"), {}
            for suffix in order:
                path = SCRATCH / f"order.{suffix}"
                picture.save(path)
                found.setdefault(suffix, path.read_bytes())
                self.assertEqual(found[suffix], path.read_bytes(), (name, suffix))
            return found
        for name in ("arrhenius", "coupled_batch_size"):
            one, other = files(name, ("pdf", "svg", "png", "pdf")), files(name, ("png", "pdf", "svg", "png"))
            self.assertEqual([suffix for suffix in one if one[suffix] != other[suffix]], [], name)


class CommandLine(unittest.TestCase):
    def command(self, *arguments):
        done = subprocess.run([sys.executable, str(NOTEBOOKS / "figures.py"), *map(str, arguments)], capture_output=True, text=True, cwd=SCRATCH)
        return done.returncode, done.stderr

    def test_formats(self):
        code, said = self.command("muller_brown", "--format", "png,pdf,svg", "-o", SCRATCH / "made")
        self.assertEqual((code, said.count("Wrote")), (0, 12), said)
        for suffix, start in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
            for ground in ("", "_dark", "_column", "_column_dark"):
                self.assertEqual((SCRATCH / "made" / f"muller_brown{ground}.{suffix}").read_bytes()[: len(start)], start)
        before = {path.name: path.read_bytes() for path in (SCRATCH / "made").iterdir()}
        self.assertEqual(self.command("muller_brown", "--again", "--format", "png,pdf,svg", "--size", "column", "--light", "-o", SCRATCH / "made")[0], 0)
        now = {path.name: path.read_bytes() for path in (SCRATCH / "made").iterdir()}
        self.assertEqual([name for name in sorted(before | now) if before.get(name) != now.get(name)], [])

    def test_only_what_changed_is_drawn_again(self):
        """A picture that is gone or was changed, and those whose rows changed; the file says what it came from."""
        results, made = SCRATCH / "rows", SCRATCH / "again"
        results.mkdir()
        shutil.copy(TESTS / "results_catapult.csv", results)
        shutil.copy(TESTS / "results_bath.csv", results)
        asked = ("bath", "catapult", "--results", results, "--format", "pdf,svg", "--size", "column", "--light", "-o", made)
        self.assertEqual(self.command(*asked)[1].count("Wrote"), 4)
        code, said = self.command(*asked)
        self.assertEqual((code, said.count("Wrote"), said.count("4 files are as they were")), (0, 0, 1), said)
        (made / "bath_column.svg").unlink()
        (made / "catapult_column.pdf").write_bytes(b"")
        code, said = self.command(*asked)
        self.assertEqual((code, said.count("Wrote"), said.count("bath_column.svg"), said.count("catapult_column.pdf")), (0, 2, 1, 1), said)
        with (results / "results_catapult.csv").open("a") as file:
            file.write((results / "results_catapult.csv").read_text().splitlines()[-1] + "\n")
        code, said = self.command(*asked)
        self.assertEqual((code, said.count("Wrote"), said.count("catapult")), (0, 2, 2), said)
        (made / "figures.json").write_text("[")
        self.assertEqual(self.command(*asked)[1].count("Wrote"), 4)
        words = (made / "catapult_column.svg").read_text()[:2000]
        for part in ("<dc:title>catapult</dc:title>", "scene: catapult (seed", "rows: results_catapult.csv", kramers.version()):
            self.assertIn(part, words)
        self.assertIn(b"results_catapult.csv", (made / "catapult_column.pdf").read_bytes())

    def test_list_has_what_there_is(self):
        done = subprocess.run([sys.executable, str(NOTEBOOKS / "figures.py"), "--list"], capture_output=True, text=True)
        self.assertEqual(done.stdout.split(), [*figures.drawings(), *figures.claims_of()])
        self.assertEqual(list(figures.drawings()), list(figures.HEIGHT))

    def test_bad_requests(self):
        with (SCRATCH / "results_turnover.csv").open("w", newline="") as file:
            csv.writer(file).writerow(["friction"])
        for status, words, arguments in ((2, "no figure 'turnovr'", ["turnovr"]), (2, "no format 'gif'", ["turnover", "--format", "gif"]),
                                         (2, "dpi", ["turnover", "--dpi", 5]), (3, "No such file", ["arrhenius", "--results", SCRATCH]),
                                         (3, "results_turnover.csv", ["turnover", "--results", SCRATCH]),
                                         (3, "cannot be written", ["turnover", "-o", "/proc/nowhere"])):
            code, message = self.command(*arguments)
            self.assertEqual((code, message.count("\n")), (status, 1), message)
            self.assertIn(words, message)


if __name__ == "__main__":
    try:
        unittest.main()
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
