"""Every notebook runs from its first cell to its last with the program that was just built, in bounded time, and is committed
without outputs."""
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
LONGEST = 300  # seconds; alone on two cores each takes less than 60


def skip_without(*packages):
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        print(f"skipped: the Python packages {', '.join(missing)} are missing")
        sys.exit(77)


def run(path):
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    problems = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count):
            problems.append("it is committed with outputs")
            break
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        executed = Path(scratch) / path.name
        done = subprocess.run([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", f"--ExecutePreprocessor.timeout={LONGEST}",
                               "--output", str(executed), str(path)], capture_output=True, text=True, cwd=scratch)
        if done.returncode != 0:
            return problems + ["it fails:\n" + done.stderr[-4000:]]
        notebook = nbformat.read(executed, as_version=4)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    if any(output.output_type == "error" or output.get("name") == "stderr" for output in outputs):
        problems.append("it writes to stderr: " + str([output.get("text") or output.get("evalue") for output in outputs
                                                         if output.output_type == "error" or output.get("name") == "stderr"]))
    if not any("image/png" in output.get("data", {}) for output in outputs):
        problems.append("it shows no picture")
    print(f"{path.name}: {time.monotonic() - started:.0f} s, {len(outputs)} outputs")
    return problems


def main():
    skip_without("nbformat", "nbconvert", "nbclient", "ipykernel", "h5py", "matplotlib", "yaml")
    assert os.environ.get("KRAMERS"), "the environment variable KRAMERS must name the program to test"
    claims = sorted((NOTEBOOKS / "claims").glob("*.ipynb"))  # they are alike, and test_claims.py asserts what they assert
    paths = sorted(NOTEBOOKS.glob("*.ipynb")) + (claims if os.environ.get("KRAMERS_TEST_ALL") else claims[:1])
    failures = [(path.name, problem) for path in paths for problem in run(path)]
    for name, problem in failures:
        print(f"{name}: {problem}")
    return 1 if failures or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
