"""The observer of examples/plugins/observers/displacement.c where every observer must appear without anything else knowing of it.

check(kramers, KEY=VALUE, ...): a kramers that has it, in this environment.
"""
import csv
import json
import os
import pathlib
import subprocess
import tempfile

try:
    import h5py
except ImportError:
    h5py = None

SCENE = """
landscape: harmonic
dynamics: {name: sgld, temperature: 0.5}
schedule: {lr: 0.01}
ensemble: {particles: 4000, steps: 800, start: {point: 0}}
trajectory: {every: 200}
displacement: {every: 100}
"""


def run(environment, *words):
    words = [str(word) for word in words]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=dict(os.environ, OMP_NUM_THREADS="2", **environment))
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}"
    return done.stdout


def check(kramers, **environment):
    with tempfile.TemporaryDirectory() as scratch:
        scene, file, table = (pathlib.Path(scratch, name) for name in ("scene.yaml", "run.h5", "table.csv"))
        scene.write_text(SCENE)
        assert "displacement" in run(environment, kramers, "list", "observers")
        text = run(environment, kramers, "run", scene, "--quiet", "-o", file)
        assert "mean square" in text and "How far particles have come" in text, text
        out = run(environment, kramers, "run", scene, "--quiet", "--json", "--set", "trajectory.file=" + str(pathlib.Path(scratch, "other.h5")))
        result = json.loads(out[out.index("{"):])
        assert result["scene"]["displacement"] == {"every": 100}, result["scene"]
        measured = result["displacement"]
        # x^2 has mean T / (1 - eta / 2) once the start is forgotten, and sqrt(2 / 4000) of that for an error: p < 1e-6 beyond five.
        mean = 0.5 / (1 - 0.01 / 2)
        assert measured["samples"] == 9 and abs(measured["mean_square"] - mean) < 5 * mean * (2 / 4000) ** 0.5, measured
        assert measured["largest"] ** 2 > measured["mean_square"], measured
        # A cadence is a number like any other: --vary reaches it, and each point has the row.
        run(environment, kramers, "sweep", scene, "--vary", "displacement.every=100,400", "--vary", "dynamics.temperature=0.5,1", "-o", table)
        rows = list(csv.DictReader(line for line in table.read_text().splitlines() if not line.startswith("#")))
        assert [float(row["displacement_samples"]) for row in rows] == [9, 9, 3, 3], rows
        hot, cold = (float(rows[i]["displacement_mean_square"]) for i in (1, 0))
        assert abs(hot / cold - 2) < 0.4, (hot, cold)
        if h5py is None:
            print("without the module h5py: what is in the HDF5 file was not looked at")
            return measured
        with h5py.File(file) as h5:
            stored = h5["parameters/displacement"].attrs
            assert all(stored[name] == value for name, value in measured.items()), (dict(stored), measured)
            assert h5["parameters/kramers/displacement"].attrs["every"] == 100
            series = h5["observables/mean_square_displacement/value"][:]
            assert len(series) == 5 and series[0] == 0 and series[-1] == measured["mean_square"], series
        return measured
