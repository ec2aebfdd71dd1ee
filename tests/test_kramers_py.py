"""notebooks/kramers.py against the program: what it reads is what was run, what it draws can be read, and what is broken is said."""
import csv
import importlib.util
import itertools
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import unittest
import warnings
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
missing = [package for package in ("numpy", "h5py", "yaml", "matplotlib") if importlib.util.find_spec(package) is None]
if missing:
    print(f"skipped: the Python packages {', '.join(missing)} are missing")
    sys.exit(77)
if not os.environ.get("KRAMERS"):
    sys.exit("the environment variable KRAMERS must name the program to test")

import h5py  # noqa: E402
import numpy as np  # noqa: E402

sys.path.insert(0, str(NOTEBOOKS))
import figure_style  # noqa: E402
import kramers  # noqa: E402
from legible import LOOKS, assert_legible  # noqa: E402

SCRATCH = Path(tempfile.mkdtemp(prefix="kramers-py-"))

SMALL = {"ensemble": {"particles": 300, "steps": 20000}, "trajectory": {"every": 100, "particles": 20}, "dynamics.temperature": 0.3}
TWO_DIMENSIONS = {"landscape": {"name": "muller_brown"}, "dynamics": {"name": "sgld", "temperature": 15},
                  "schedule": {"name": "constant", "lr": 1e-4}, "ensemble": {"particles": 100, "steps": 4000, "start": {"minimum": 2}},
                  "escape": {"until": [{"minimum": 1, "radius": 0.1}, {"coordinate": 1, "above": 1.4}]},
                  "trajectory": {"every": 10, "particles": 10}}


def recorded(name, scene=None, set=None):
    """A run into SCRATCH/name.h5, made once: (JSON, recording)."""
    if name not in recorded.made:
        recorded.made[name] = kramers.run(scene, set, output=SCRATCH / f"{name}.h5")
    return recorded.made[name], kramers.open(SCRATCH / f"{name}.h5")


recorded.made = {}


class KaplanMeier(unittest.TestCase):
    def test_equals_published_example(self):
        """Remission of leukaemia under 6-mercaptopurine (Freireich 1963; Kaplan-Meier and Greenwood in Kalbfleisch and
        Prentice, The Statistical Analysis of Failure Time Data)."""
        ends = [6, 6, 6, 7, 10, 13, 16, 22, 23]
        censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
        curve = kramers.kaplan_meier(ends, censored)
        self.assertEqual(list(curve.step), [0, 6, 7, 10, 13, 16, 22, 23])
        np.testing.assert_allclose(curve.estimate[1:], [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], atol=6e-4)
        self.assertEqual(list(curve.at_risk[1:]), [21, 17, 15, 12, 11, 7, 6])
        # The band from the published standard errors, on the scale log(-log S).
        error = np.array([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346])
        spread = 1.96 * error / (curve.estimate[1:] * -np.log(curve.estimate[1:]))
        np.testing.assert_allclose(curve.low[1:], curve.estimate[1:] ** np.exp(spread), atol=2e-3)
        np.testing.assert_allclose(curve.high[1:], curve.estimate[1:] ** np.exp(-spread), atol=2e-3)

    def test_everybody_arrives_and_nobody_does(self):
        curve = kramers.kaplan_meier([1, 2, 3, 4], [])
        np.testing.assert_allclose(curve.estimate, [1, 0.75, 0.5, 0.25, 0])
        self.assertTrue(np.isfinite(curve.low).all() and np.isfinite(curve.high).all())
        curve = kramers.kaplan_meier([], [5, 5])
        self.assertEqual((list(curve.step), list(curve.estimate), curve.censored), ([0], [1.0], 2))

    def test_covers_the_truth(self):
        """Exponential passages in renewal until a fixed time: the 95 % band at one point holds the truth 95 % of the time. 400
        repeats: 356 to 396 is +-5.5 standard deviations about 380 (p < 1e-6); the naive curve without censored ones is never inside."""
        generator = np.random.default_rng(7)
        inside = naive = 0
        for _ in range(400):
            clock = np.cumsum(generator.geometric(0.01, size=(50, 60)), axis=1)
            before = np.concatenate([np.zeros((50, 1), dtype=int), clock], axis=1)
            ends = np.diff(before, axis=1)[clock <= 300]
            open_ = 300 - np.where(before <= 300, before, 0).max(axis=1)
            for way, censored in (("all", open_), ("naive", [])):
                curve = kramers.kaplan_meier(ends, censored)
                at = np.searchsorted(curve.step, 150, side="right") - 1
                hit = curve.low[at] <= 0.99 ** 150 <= curve.high[at]
                inside, naive = inside + (hit and way == "all"), naive + (hit and way == "naive")
        self.assertTrue(356 <= inside <= 396, inside)
        self.assertLess(naive, 100)


class Reading(unittest.TestCase):
    def test_equals_what_the_run_said(self):
        result, recording = recorded("small", set=SMALL)
        escape = result["escape"]
        self.assertGreater(escape["events"], 500)
        self.assertEqual(recording.events.size, escape["events"])
        self.assertEqual(recording.summary["events"], escape["events"])
        self.assertEqual(recording.summary["mfpt_steps"], escape["mfpt_steps"])
        self.assertEqual(recording.summary["mfpt_steps_ci95"], escape["mfpt_steps_ci95"])
        self.assertEqual(recording.last_step, 20000)
        self.assertEqual({one["name"]: one.get("mfpt_steps") for one in recording.theories if one["applies"]},
                         {one["name"]: one.get("mfpt_steps") for one in escape["theory"] if one.get("applies", True)})
        self.assertEqual(recording.scene["ensemble"]["particles"], 300)
        self.assertIsInstance(recording.scene["schedule"]["lr"], float)

    def test_durations_and_censored_add_up_to_the_exposure(self):
        result, recording = recorded("small", set=SMALL)
        curve = recording.survival()
        total = float(recording.events["duration"].sum())
        last = np.zeros(300)
        np.maximum.at(last, recording.events["particle"], recording.events["step"])
        self.assertEqual(total + (20000 - last).sum(), result["escape"]["exposure_steps"])
        self.assertEqual(curve.censored, 300)
        # Every clock starts where the last passage of that particle ended.
        for particle in range(20):
            mine = recording.events[recording.events["particle"] == particle]
            np.testing.assert_array_equal(np.diff(np.concatenate([[0], mine["step"]]).astype(int)), mine["duration"])

    def test_frames(self):
        _, recording = recorded("small", set=SMALL)
        self.assertEqual(recording.position.shape, (201, 20, 1))
        np.testing.assert_array_equal(recording.step, np.arange(0, 20001, 100))
        np.testing.assert_allclose(recording.position[0], -1.0, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(recording.positions(3, slice(5, 9)), recording.position[5:9, 3])
        np.testing.assert_allclose(recording.learning_rate[1], 0.01)
        self.assertIsNone(recording.velocity)

    def test_landscape_is_the_landscape(self):
        land = recorded("small", set=SMALL)[1].landscape
        x, energy = land["axes"][0], land["energy"]
        np.testing.assert_allclose(energy, (x**2 - 1) ** 2, rtol=1e-13, atol=1e-15)
        self.assertTrue(x[0] < -1.5 and x[-1] > 1.5)
        np.testing.assert_allclose(land["minima"][:, 0], [-1, 1], atol=1e-9)
        np.testing.assert_allclose(land["saddles"], [[0]], atol=1e-9)
        np.testing.assert_allclose(land["saddles_energy"], [1], atol=1e-12)
        self.assertEqual((list(land["minima_number"]), list(land["start"]), land["temperature"]), ([0, 1], [-1.0], 0.3))

    def test_landscape_of_two_dimensions(self):
        land = recorded("plane", set=TWO_DIMENSIONS)[1].landscape
        self.assertEqual(land["energy"].shape, (201, 201))
        # Known values (Mueller and Brown 1979), to the digits of the grid's nearest points.
        np.testing.assert_allclose(land["minima"], [[-0.558223634633, 1.441725841805], [-0.050010822998, 0.466694104872],
                                                    [0.623499404931, 0.028037758529]], atol=1e-8)
        np.testing.assert_allclose(np.sort(land["saddles_energy"]), [-72.248940112, -40.664843509], rtol=1e-8)
        near = [np.abs(axis - value).argmin() for axis, value in zip(land["axes"], land["minima"][0])]
        self.assertAlmostEqual(land["energy"][near[1], near[0]], -146.6995, delta=0.5)
        np.testing.assert_allclose(land["target_center"][0], land["minima"][1], atol=1e-9)
        self.assertTrue(np.isnan(land["target_center"][1]).all())

    def test_minima_of_a_periodic_landscape_have_the_scene_s_numbers(self):
        land = recorded("washboard", set={"landscape": {"name": "washboard", "force": 0.5}, "escape.until": {"coordinate": 0, "below": -1.5, "above": 1.5},
                                          **{key: SMALL[key] for key in ("ensemble", "trajectory")}})[1].landscape
        np.testing.assert_allclose(land["minima"][:, 0] - land["minima_number"], land["start"][0], atol=1e-9)
        self.assertIn(0, land["minima_number"])

    def test_many_dimensions_are_a_slice(self):
        recording = recorded("many", set={"landscape": {"name": "styblinski_tang", "dim": 16}, "dynamics.temperature": 5.0, "schedule.lr": 0.002,
                                          "escape.until": {"coordinate": 0, "above": 2.0}, **{key: SMALL[key] for key in ("ensemble", "trajectory")}})[1]
        self.assertEqual((recording.dim, len(recording.landscape["axes"])), (16, 2))
        self.assertIn("start", recording.landscape["slice"])
        self.assertEqual(recording.landscape["minima"].shape, (4, 2))

    def test_padding_of_the_mdanalysis_profile_is_not_seen(self):
        _, recording = recorded("padded", set={**SMALL, "trajectory": {"every": 100, "particles": 20, "profile": "mdanalysis"}})
        _, native = recorded("small", set=SMALL)
        np.testing.assert_array_equal(recording.position, native.position)

    def test_observers_and_snapshots(self):
        said, recording = recorded("networks", set={
            "landscape": {"name": "network", "data": "moons", "points": 40, "hidden": [4]}, "noise": {"name": "minibatch", "batch_size": 8},
            "dynamics.name": "sgd", "schedule.lr": 0.1, "ensemble.particles": 10, "ensemble.steps": 60, "escape.until": [],
            "ensemble.start": {"random": "kaiming_uniform"}, "evaluate.every": 20, "snapshots": {"every": 30}, "trajectory.every": 30})
        self.assertEqual(recording.result("evaluate")["test_accuracy_ci95"], said["evaluate"]["test_accuracy_ci95"])
        self.assertEqual(recording.result("snapshots")["ensemble_accuracy_gain"], said["snapshots"]["ensemble_accuracy_gain"])
        self.assertEqual(recording.result("histogram"), {})
        step, position = recording.snapshots
        self.assertEqual(step.tolist(), [30, 60])
        self.assertEqual(position.shape, (2, 10, 4 * 3 + 2 * 5))
        np.testing.assert_array_equal(position[1], recording.position[-1])
        self.assertIsNone(recorded("small", set=SMALL)[1].snapshots)

    def test_reader_does_not_lock_the_writer_out(self):
        recording = recorded("small", set=SMALL)[1]
        copy = SCRATCH / "locked.h5"
        shutil.copy(recording.path, copy)
        reader = kramers.open(copy)
        with reader._open() as held:
            self.assertIn("particles", held)
            writing = subprocess.run([sys.executable, "-c", f"import h5py; h5py.File({str(copy)!r}, 'r+').attrs['note'] = 1"], capture_output=True)
            self.assertEqual(writing.returncode, 0, writing.stderr)


class Running(unittest.TestCase):
    def test_theory_and_catalogue(self):
        self.assertAlmostEqual(kramers.theory(set={"schedule.lr": 0.0125})["chain"]["mfpt_steps"], 14389.65248, delta=14389.65248e-6)
        self.assertIn("double_well", str(kramers.catalogue("landscapes")))

    def test_scene_as_dict(self):
        scene = {"landscape": {"name": "double_well"}, "ensemble": {"particles": 8, "steps": 10}}
        self.assertEqual(kramers.run(scene)["scene"]["ensemble"]["particles"], 8)

    def test_scene_as_dict_names_files_from_here(self):
        digits = Path(__file__).resolve().parent.parent / "data" / "digits_three_minima.h5"
        scene = {"landscape": {"name": "surface", "file": os.path.relpath(digits)}, "ensemble": {"particles": 8, "steps": 10}}
        self.assertEqual(kramers.run(scene)["scene"]["landscape"]["name"], "surface")

    def test_sweep(self):
        """As a table, and as the readers of CSV that everybody has take it by themselves."""
        file, vary = SCRATCH / "sweep.csv", {"dynamics.temperature": [0.3, -1, 0.5], "schedule.lr": "0.02,0.05"}
        table = kramers.sweep(set={"ensemble.particles": 64, "ensemble.steps": 2000}, vary=vary, output=file)
        self.assertEqual(table.varied, ["dynamics.temperature", "schedule.lr"])
        self.assertEqual(list(table["status"]), ["done"] * 2 + ["impossible"] * 2 + ["done"] * 2)
        self.assertTrue(np.all(table["rate"][[0, 1, 4, 5]] > 0) and np.all(np.isnan(table["rate"][2:4])))
        with file.open(newline="") as text:
            rows = list(csv.DictReader(text))
        self.assertEqual([float(row["dynamics.temperature"]) for row in rows], [0.3, 0.3, -1, -1, 0.5, 0.5])
        numbers = np.genfromtxt(file, delimiter=",", names=True)
        np.testing.assert_array_equal(numbers["rate"], table["rate"])
        if importlib.util.find_spec("pandas"):
            import pandas
            np.testing.assert_array_equal(pandas.read_csv(file)["rate"], table["rate"])
        other = kramers.sweep(set={"ensemble.particles": 64, "ensemble.steps": 2000}, vary=vary, output=SCRATCH / "sweep.h5")
        self.assertEqual(other.varied, table.varied)
        np.testing.assert_array_equal(other["rate"], table["rate"])
        for source in (file, SCRATCH / "sweep.h5"):
            for picture in ("sweep.pdf", "sweep.png"):
                self.assertEqual(kramers.main([str(source), "-o", str(SCRATCH / picture)]), 0)
                self.assertGreater((SCRATCH / picture).stat().st_size, 5000)
        for size, dark in LOOKS:
            assert_legible(self, kramers.sweep_figure(file, size=size, dark=dark), size, "sweep", ["dynamics.temperature", "escape rate", "chain", "lr 0.05"])

    def test_errors_carry_message_and_status(self):
        with self.assertRaises(kramers.KramersError) as caught:
            kramers.run(set={"landscape.name": "doublewell"})
        self.assertEqual(caught.exception.status, 2)
        self.assertIn("double_well", str(caught.exception))
        with self.assertRaises(kramers.KramersError) as caught:
            kramers.run({"landscape": {"name": "harmonic"}, "schedule": {"lr": 3.0}, "ensemble": {"particles": 8, "steps": 2000}})
        self.assertEqual(caught.exception.status, 4)
        self.assertGreater(caught.exception.result["diverged"], 0)

    def test_program_that_is_not_there(self):
        before = os.environ["KRAMERS"]
        os.environ["KRAMERS"] = "/nowhere/kramers"
        try:
            with self.assertRaisesRegex(kramers.KramersError, "/nowhere/kramers"):
                kramers.run()
        finally:
            os.environ["KRAMERS"] = before


def command(*arguments, limit=None, anew=False):
    """What the command says and returns. A copy of this process, in which Matplotlib is there already; with anew a process as a user
    starts it. limit: bytes that a file may have, as on a disk that is nearly full."""
    words = [str(word) for word in arguments]
    if anew:
        done = subprocess.run([sys.executable, str(NOTEBOOKS / "kramers.py"), *words], capture_output=True, text=True)
        return done.returncode, done.stderr
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                sys.stderr = said
                if limit is not None:
                    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                status = kramers.main(words)
            except SystemExit as end:
                status = end.code
            except BaseException:
                traceback.print_exc(file=said)
            finally:
                said.flush()
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        return status, said.read()


class CommandLine(unittest.TestCase):
    def refused(self, status, words, *arguments):
        code, message = command(*arguments)
        self.assertEqual((code, message.count("\n")), (status, 1), message)
        self.assertNotIn("Traceback", message)
        self.assertIn(words, message)

    def test_broken_files(self):
        path = recorded("small", set=SMALL)[1].path
        half, noise, empty, other = (SCRATCH / f"{name}.h5" for name in ("half", "noise", "empty", "other"))
        half.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        noise.write_bytes(bytes(range(256)) * 100)
        empty.write_bytes(b"")
        with h5py.File(other, "w") as file:
            file["something"] = 1
        self.refused(3, "no such file", SCRATCH / "nothing.h5")
        self.refused(3, "a broken HDF5 file", half)
        self.refused(3, "not an HDF5 file", noise)
        self.refused(3, "not an HDF5 file", empty)
        self.refused(3, "not one of kramers", other)
        self.refused(3, "directory", SCRATCH)

    def test_disk_that_is_full(self):
        """A picture is there whole or not at all, and what was there before stays."""
        path = recorded("small", set=SMALL)[1].path
        for suffix in ("png", "pdf", "svg"):
            picture, link = SCRATCH / f"cut.{suffix}", SCRATCH / f"full.{suffix}"
            picture.write_bytes(b"before")
            self.assertEqual(command(path, "-o", picture, limit=8192), (3, f"kramers.py: {picture}: cannot be written: File too large\n"))
            self.assertEqual(picture.read_bytes(), b"before")
            picture.unlink()
            self.assertEqual(command(path, "-o", picture, limit=8192)[0], 3)
            self.assertFalse(picture.exists())
            link.symlink_to("/dev/full")
            self.assertEqual(command(path, "-o", link)[0], 3)
        self.assertEqual([file.name for file in SCRATCH.glob("*.part")], [])

    def test_bad_requests(self):
        path = recorded("small", set=SMALL)[1].path
        self.refused(2, ".pdf", path, "-o", SCRATCH / "picture.gif")
        self.refused(2, "dpi", path, "-o", SCRATCH / "picture.png", "--dpi", 5)
        self.refused(3, "cannot be written", path, "-o", "/nowhere/picture.png")
        self.assertEqual(command("--bogus", path)[0], 2)
        self.assertEqual(command()[0], 2)

    def test_formats_and_sizes(self):
        path = recorded("small", set=SMALL)[1].path
        starts = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
        for suffix, start in starts.items():
            for turn in (1, 2):  # in processes with different hashes of strings
                picture = SCRATCH / f"picture{turn}.{suffix}"
                self.assertEqual(command(path, "-o", picture, anew=turn == 1), (0, ""))
                self.assertEqual(picture.read_bytes()[: len(start)], start)
            self.assertEqual((SCRATCH / f"picture1.{suffix}").read_bytes(), (SCRATCH / f"picture2.{suffix}").read_bytes())
        for size, dark, dpi, pixels in (("paper", [], 100, (700, 450)), ("column", [], 100, (340, None)), ("slide", ["--dark"], 72, (960, 540))):
            picture = SCRATCH / "sized.png"
            self.assertEqual(command(path, "-o", picture, "--size", size, "--dpi", dpi, *dark), (0, ""))
            header = picture.read_bytes()[16:24]
            found = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")
            self.assertEqual(found, (pixels[0], pixels[1] or found[1]))  # a column is as high as its panels need
            self.assertLessEqual(found[1], 900)


def lab(color):
    """Ottosson's OKLab of a colour #rrggbb, in which equal distances look equally far apart."""
    rgb = np.array([int(color[at:at + 2], 16) for at in (1, 3, 5)]) / 255
    rgb = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]] @ rgb)
    return [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099], [0.0259040371, 0.7827717662, -0.8086757660]] @ cones


class Pictures(unittest.TestCase):
    """Each in every size and colour: without a warning, all words inside the picture, at least 8 points high (7 in a column), none over another."""

    def legible(self, recording, words=()):
        for size, dark in (("paper", False), ("column", False), ("slide", True)):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                picture = kramers.figure(recording, size=size, dark=dark)
            assert_legible(self, picture, size, recording.path.name, words)

    def test_one_dimension(self):
        self.legible(recorded("small", set=SMALL)[1], ["chain", "quadrature", "kramers", "measured", "start", "target"])

    def test_two_dimensions_and_several_targets(self):
        self.legible(recorded("plane", set=TWO_DIMENSIONS)[1], ["by target", "saddle"])

    def test_periodic(self):
        Reading().test_minima_of_a_periodic_landscape_have_the_scene_s_numbers()
        self.legible(kramers.open(SCRATCH / "washboard.h5"))

    def test_sixteen_dimensions(self):
        Reading().test_many_dimensions_are_a_slice()
        self.legible(kramers.open(SCRATCH / "many.h5"), ["slice"])

    def test_padded(self):
        Reading().test_padding_of_the_mdanalysis_profile_is_not_seen()
        self.legible(kramers.open(SCRATCH / "padded.h5"))

    def test_no_escape_asked_for(self):
        scene = {"landscape": {"name": "harmonic", "dim": 3, "stiffness": 2.0}, "ensemble": {"particles": 10, "steps": 500},
                 "trajectory": {"every": 10}}
        _, recording = recorded("harmonic", scene, {"escape": None})
        self.legible(recording, ["mean energy of all particles", "where they were", "mean potential", "configurational temperature"])

    def test_no_event_and_one_particle(self):
        _, recording = recorded("cold", set={"dynamics.temperature": 0.02, "ensemble": {"particles": 1, "steps": 2000}, "trajectory.every": 20})
        self.assertEqual(recording.events.size, 0)
        self.legible(recording, ["no passage", "above"])

    def test_restarts(self):
        schedule = {"name": "cosine_restarts", "lr": 0.05, "lr_min": 0.001, "period": 2500, "period_mult": 2}
        self.legible(recorded("restarts", set={**SMALL, "schedule": schedule})[1], ["cosine restarts", "first passage of each particle"])

    def panels(self, recording, size="paper"):
        picture = kramers.figure(recording, size=size)
        return picture, {axes.get_title(loc="left").split(",")[0]: axes for axes in picture.axes}

    def test_survival_and_schedule_share_their_steps(self):
        """Also where all is over early, which the schedule then says; and the survival fills its panel."""
        hot = {"schedule": {"name": "cosine_restarts", "lr": 0.05, "period": 500}, "noise": {"name": "isotropic", "sigma": 4}, "dynamics.name": "sgd",
               "ensemble": {"particles": 200, "steps": 30000}}
        cool = {**hot, "ensemble": {"particles": 2000, "steps": 500}, "schedule": {"name": "cosine", "lr": 0.04}}
        for name, scene in (("early", hot), ("late", cool)):
            _, recording = recorded(f"steps_{name}", set=scene)
            for size in ("paper", "column"):
                _, panels = self.panels(recording, size)
                curve, rate = panels["survival before the first passage"], panels["schedule"]
                self.assertEqual(curve.get_xlim(), rate.get_xlim(), (name, size))
                self.assertEqual("the first" in rate.get_title(loc="left"), name == "early")
                reached = recording.survival("step").estimate
                if reached.min() > 0.5:
                    low, high = curve.get_ylim()
                    self.assertGreater(1 - reached.min(), 0.3 * (high - low), "half empty")

    def test_start_stands_above_the_axis(self):
        recording = recorded("small", set=SMALL)[1]
        for size in ("paper", "column", "slide"):
            picture, panels = self.panels(recording, size)
            axes = next(axes for name, axes in panels.items() if name.startswith("potential"))
            picture.canvas.draw()
            (word,) = (text for text in axes.texts if text.get_text() == "start")
            self.assertGreater(word.get_window_extent().y0, axes.get_window_extent().y0 + 1, size)

    def test_momentum_and_noise(self):
        self.legible(recorded("momentum", set={**{key: SMALL[key] for key in ("ensemble", "trajectory")}, "dynamics": {"name": "momentum"},
                                               "noise": {"name": "isotropic", "sigma": 2.0}})[1], ["isotropic noise"])

    def test_diverged(self):
        """Beyond stability the quartic well loses its particles one by one."""
        scene = {"landscape": {"name": "double_well"}, "dynamics": {"name": "sgld", "temperature": 0.2}, "schedule": {"lr": 0.2},
                 "ensemble": {"particles": 200, "steps": 2000, "max_diverged": 1.0}, "trajectory": {"every": 1, "particles": 20},
                 "escape": {"until": {"minimum": 1, "radius": 0.3}}}
        result, recording = recorded("diverged", scene)
        self.assertTrue(0 < result["diverged"] < 200)
        self.assertEqual(len(recording.diverged), result["diverged"])
        # Those with frames are not finite from just then on.
        for particle, step in recording.diverged[recording.diverged[:, 0] < 20]:
            finite = np.isfinite(recording.position[:, particle, 0])
            np.testing.assert_array_equal(finite, recording.step < step)
        curve, last = recording.survival(), np.zeros(200)
        np.maximum.at(last, recording.events["particle"], recording.events["step"])
        end = np.full(200, recording.last_step)
        end[recording.diverged[:, 0]] = recording.diverged[:, 1]
        self.assertEqual(curve.at_risk[0], recording.events.size + 200)
        exposure = recording.events["duration"].sum() + np.maximum(end - last, 0).sum()
        self.assertAlmostEqual(exposure / result["escape"]["exposure_steps"], 1, delta=1e-3)
        self.legible(recording)

    def test_schedule_is_the_scene_s(self):
        """Between frames that are too far apart, or all at the same place of a cycle, the learning rate is drawn as it was."""
        def cosine(step, period, mult=1):
            if mult == 1:
                step %= period
            while step >= period:
                step, period = step - period, period * mult
            return 0.001 + 0.049 * (1 + math.cos(math.pi * step / period)) / 2

        for name, period, mult, steps in (("few", 1000, 1, 10000), ("aliased", 200, 1, 20000), ("growing", 300, 2, 40000), ("dense", 7, 1, 1000000)):
            schedule = {"name": "cosine_restarts", "lr": 0.05, "lr_min": 0.001, "period": period, "period_mult": mult}
            _, recording = recorded(name, set={"schedule": schedule, "escape": None, "ensemble": {"particles": 8, "steps": steps}, "trajectory": {"every": max(steps // 50, 200), "particles": 2}})
            self.assertFalse(recording.constant_rate, name)
            line = next(axes for axes in kramers.figure(recording).axes if axes.get_title(loc="left") == "schedule").lines[0]
            step, rate = line.get_xdata(), line.get_ydata()
            np.testing.assert_allclose(rate[:-1], [cosine(int(one), period, mult) for one in step[:-1]], rtol=1e-12)
            self.assertEqual(step[-1], steps)
            if name == "dense":  # every tenth pixel of the axis is black from bottom to top
                for low in np.arange(0, steps, steps / 50):
                    here = rate[(step >= low) & (step < low + steps / 50)]
                    self.assertTrue(here.min() < 0.0035 and here.max() == 0.05, (name, low))
                continue
            every, near = np.arange(steps), (0.06 if name == "aliased" else 1e-3) * 0.05  # a cycle of five pixels
            np.testing.assert_allclose(np.interp(every, step, rate), [cosine(int(one), period, mult) for one in every], atol=near)
            self.assertEqual((np.diff(rate) > 0.04).sum(), sum(cosine(one, period, mult) - cosine(one - 1, period, mult) > 0.04 for one in range(1, steps)))

    def test_schedules_of_every_name(self):
        """At every vertex what `kramers run` used there: frames at each step say so."""
        for name in [one["name"] for one in kramers.catalogue("schedules")]:
            required = {"table": {"values": [0.01, 0.02]}, "sequence": {"parts": [{"name": "constant", "lr": 0.01, "steps": 500}, {"name": "linear", "lr": 0.02, "steps": 500}]}}
            _, recording = recorded(f"schedule_{name}", set={"schedule": {"name": name, **required.get(name, {}), "warmup": {"steps": 100}},
                                                             "ensemble": {"particles": 4, "steps": 3000}, "trajectory": {"every": 1, "particles": 1}})
            step, rate = recording.schedule
            np.testing.assert_array_equal(rate, recording.learning_rate[1][step], name)

    def test_schedule_of_a_run_that_ended_early_and_went_on(self):
        _, recording = recorded("early", set={"schedule": {"name": "cosine_restarts", "period": 500}, "ensemble": {"particles": 300, "steps": 10**9, "until_events": 20},
                                              "dynamics.temperature": 0.4, "trajectory": {"every": 1000, "particles": 2}})
        step, rate = recording.schedule
        self.assertLess(recording.last_step, 10**6)
        here = step < recording.last_step
        self.assertGreater((np.diff(rate[here]) > 0.009).sum(), recording.last_step / 500 - 2)
        copy = SCRATCH / "further.h5"
        shutil.copy(recorded("stopped", set={"schedule": {"name": "cosine_restarts", "lr": 0.05, "lr_min": 0.001, "period": 1000},
                                             "ensemble": {"particles": 8, "steps": 10000}, "trajectory": {"every": 200, "particles": 2}})[1].path, copy)
        subprocess.run([os.environ["KRAMERS"], "resume", copy, "--steps", "15000", "--quiet"], check=True, capture_output=True)
        step, rate = kramers.open(copy).schedule
        self.assertEqual((step[-1], (np.diff(rate) > 0.04).sum()), (14999, 14))

    def test_logarithmic_where_it_helps(self):
        """An end near 0 (a cosine, a start in the minimum) is not worth twenty decades; an exponential fall is."""
        for name, set, scales in (("cosine_free", {"schedule": {"name": "cosine", "lr": 0.01}, "escape": None, **{key: SMALL[key] for key in ("ensemble", "trajectory")}}, ("linear", "linear")),
                                  ("exponential_free", {"landscape": {"name": "harmonic"}, "dynamics": {"name": "sgd"}, "schedule": {"name": "exponential", "lr": 0.1, "factor": 0.9995},
                                                        "escape": None, "ensemble": {"particles": 8, "steps": 20000, "start": {"point": [2]}}, "trajectory": {"every": 100}}, ("log", "log"))):
            axes = {one.get_title(loc="left"): one for one in kramers.figure(recorded(name, set=set)[1]).axes}
            self.assertEqual((axes["mean energy of all particles"].get_yscale(), axes["schedule"].get_yscale()), scales, name)

    def test_maps_are_to_scale(self):
        """A ball is round, and the map fills its place as far as there are energies."""
        for name, scene in (("plane", TWO_DIMENSIONS), ("flat_bowl", {"landscape": {"name": "harmonic", "dim": 2, "stiffness": [1, 4]}, "escape": None, **{key: SMALL[key] for key in ("ensemble", "trajectory")}})):
            for size in ("paper", "column", "slide"):
                picture = kramers.figure(recorded(name, set=scene)[1], size=size)
                axes = picture.axes[0]
                picture.canvas.draw()
                box = axes.get_window_extent()
                across, up = np.ptp(axes.get_xlim()) / box.width, np.ptp(axes.get_ylim()) / box.height
                self.assertAlmostEqual(across / up, 1, delta=0.01, msg=(name, size))
                bar = picture.axes[1].get_window_extent()
                self.assertAlmostEqual(bar.y0, box.y0, delta=1)
                self.assertAlmostEqual(bar.height / box.height, 1, delta=0.04)  # and the tip above it
        scene = {"landscape": {"name": "harmonic", "dim": 2, "stiffness": [1, 4000]}, "schedule.lr": 1e-4, "escape": None, **{key: SMALL[key] for key in ("ensemble", "trajectory")}}
        self.legible(recorded("gutter", set=scene)[1], ["scales differ"])

    def test_no_two_theories_share_a_colour(self):
        names = [name for name in figure_style.THEORY[False] if name] + [f"plugin_{i}" for i in range(len(figure_style.THEORY[False][None]))]
        for dark in (False, True):
            looks = figure_style.looks(names, dark)
            marks = [figure_style.INK[dark], figure_style.FAINT[dark], figure_style.TARGET[dark]]
            colors = [lab(color) for color, _ in looks.values()]
            for one, other in itertools.combinations(colors, 2):
                self.assertGreater(np.linalg.norm(one - other), 0.07)  # 0.02 is what an eye can tell apart
            for one, other in itertools.product(colors, map(lab, marks)):
                self.assertGreater(np.linalg.norm(one - other), 0.05)
            for color, _ in looks.values():
                self.assertGreater(abs(lab(color)[0] - lab(figure_style.PAPER[dark])[0]), 0.2)
            many = figure_style.looks([f"plugin_{i}" for i in range(60)], dark)
            self.assertEqual(len({color for color, _ in many.values()}), 60)

    def test_names_are_whole(self):
        copy = SCRATCH / "long_names.h5"
        shutil.copy(recorded("small", set=SMALL)[1].path, copy)
        with h5py.File(copy, "r+") as file:
            rows = file["parameters/escape/theory"][:]
            kinds = [(name, "S64" if name == "name" else rows.dtype[name]) for name in rows.dtype.names]
            longer = np.zeros(rows.size + 9, dtype=kinds)
            for name in rows.dtype.names:
                longer[name][: rows.size] = rows[name]
                longer[name][rows.size:] = rows[name][-1]
            longer["mfpt_steps"] = 12345.0
            longer["applies"] = 1
            longer["name"][rows.size:] = [f"a_theory_of_a_plug_in_with_a_long_name_{i}".encode() for i in range(9)]
            del file["parameters/escape/theory"]
            file["parameters/escape/theory"] = longer
        recording = kramers.open(copy)
        self.legible(recording, ["pollak grabert hanggi", "effective temperature"])
        for size in ("paper", "column", "slide"):
            words = " ".join(text.get_text() for text in kramers.figure(recording, size=size).findobj(lambda one: hasattr(one, "get_text")))
            self.assertNotIn("…", words)
            self.assertEqual(words.count("a theory of a plug"), 9)

    def test_long_titles_are_whole(self):
        _, recording = recorded("small", set=SMALL)
        title = "a title that somebody wrote with more words than there is room for in one line of a picture " * 2
        for size in ("paper", "column", "slide"):
            picture = kramers.figure(recording, size=size, title=title.strip())
            assert_legible(self, picture, size, "title")
            self.assertIn(title.strip(), " ".join(text.get_text() for text in picture.texts))

    def test_without_renewal(self):
        result, recording = recorded("once", set={**SMALL, "escape.renewal": False})
        curve = recording.survival()
        self.assertEqual(curve.events + curve.censored, 300)
        self.assertEqual(curve.events, result["escape"]["events"])
        # Without censoring before the end the estimate is the plain fraction.
        np.testing.assert_allclose(curve.estimate, [(recording.events["step"] > step).sum() / 300 + curve.censored / 300 for step in curve.step],
                                   rtol=1e-12)
        self.assertEqual(len(recording.diverged), 0)
        self.legible(recording)

    def test_predicted_under_a_schedule(self):
        result, recording = recorded("restarts", "restart_escape", {"ensemble.particles": 2000})
        said, found = result["escape"]["survival"], recording.survival_predicted
        for name in ("step", "chain", "adiabatic"):
            np.testing.assert_array_equal(found[name], said[name])
        curve = recording.survival("step")
        measured = curve.estimate[np.searchsorted(curve.step, found["step"], side="right") - 1]
        np.testing.assert_allclose(measured, said["measured"], rtol=1e-12)
        self.legible(recording)

    def test_killed(self):
        """Without summary and theories, as a run leaves it that is killed between two flushes."""
        copy = SCRATCH / "killed.h5"
        shutil.copy(recorded("small", set=SMALL)[1].path, copy)
        with h5py.File(copy, "r+") as file:
            for name in ("summary", "theory"):
                del file[f"parameters/escape/{name}"]
            for series in ("particles/trajectory/position/value", "particles/trajectory/position/step", "particles/trajectory/position/time",
                           "observables/learning_rate/value"):
                file[series].resize(51, axis=0)
        recording = kramers.open(copy)
        self.assertIsNone(recording.summary)
        self.legible(recording, ["so far"])

    def test_very_many_events(self):
        copy = SCRATCH / "many_events.h5"
        shutil.copy(recorded("small", set=SMALL)[1].path, copy)
        with h5py.File(copy, "r+") as file:
            events = file["parameters/escape/events"]
            few = events[:]
            del file["parameters/escape/events"]
            file["parameters/escape/events"] = np.tile(few, -(-400000 // few.size))
        self.legible(kramers.open(copy))


if __name__ == "__main__":
    try:
        unittest.main()
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
