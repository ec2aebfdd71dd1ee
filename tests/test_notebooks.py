"""Notebooks run from their first cell to their last with the program that was just built, in bounded time, and show a picture: those that
changed since their outputs were kept, and two of the others; all with KRAMERS_TEST_ALL."""
import importlib.util
import os
import sys
import time
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))


def skip_without(*packages):
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        print(f"skipped: the Python packages {', '.join(missing)} are missing")
        sys.exit(77)


def fails(path):
    """What is wrong with it, after a run."""
    import execute
    started = time.monotonic()
    try:
        found = execute.problems(execute.run(path))
    except Exception as error:  # whatever nbclient says of a cell
        found = [f"it fails:\n{str(error)[-4000:]}"]
    print(f"{path.name}: {time.monotonic() - started:.0f} s")
    return found


def main():
    skip_without("nbformat", "nbclient", "ipykernel", "h5py", "matplotlib", "yaml")
    assert os.environ.get("KRAMERS"), "the environment variable KRAMERS must name the program to test"
    import execute
    paths = execute.all_notebooks()
    sample = {path for path in paths if path.stem.startswith(("02_", "claim_01_"))}  # cheap ones of both kinds
    assert len(sample) == 2
    failures = [(path.name, "it is larger than its outputs may be") for path in paths if path.stat().st_size > execute.LARGEST]
    for path in paths:
        if os.environ.get("KRAMERS_TEST_ALL") or path in sample or not execute.is_current(path):
            failures += [(path.name, problem) for problem in fails(path)]
    for name, problem in failures:
        print(f"{name}: {problem}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
