#!/usr/bin/env python3
"""Runs notebooks from their first cell to their last and keeps what they print and draw in them, so that they show pictures where they
are browsed.

    python3 execute.py                    # those that changed since they were run
    python3 execute.py 02_warm_restarts.ipynb
    python3 execute.py --again            # all

A notebook remembers a sum of its code and of the Python files beside it that it uses. No times and no counts are kept: equal outputs give
equal files. Needed besides what notebooks need: nbformat, nbclient, ipykernel."""
import argparse
import hashlib
import os
import re
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
LONGEST = 300  # seconds; alone on two cores each takes less than 60
LARGEST = 400_000  # bytes of a notebook with its outputs


def all_notebooks():
    return sorted(HERE.glob("*.ipynb")) + sorted(HERE.glob("claims/*.ipynb"))


def _modules(path, code):
    """The Python files beside the notebook, or above it, that the code imports, and those that these import."""
    found, texts = set(), ["\n".join(code)]
    while texts:
        names = re.findall(r"^[ \t]*(?:import|from) (\w+)", texts.pop(), re.M)
        new = {one for name in names for folder in (path.parent, HERE) if (one := folder / f"{name}.py").exists()} - found
        texts += [one.read_text() for one in sorted(new)]
        found |= new
    return sorted(found)


def _rows(path, code):
    """The rows of a claim, and of the results of tests that the code names."""
    names = re.findall(r"""rows\(["'](\w+)["']""", "\n".join(code))
    return [one for one in (path.with_suffix(".csv"), *(HERE.parent / "tests" / f"results_{name}.csv" for name in sorted(set(names)))) if one.exists()]


def inputs(path, notebook):
    """A sum of the code, of the Python files that it imports, and of the rows that it shows."""
    own = path.with_suffix(".py")  # of a claim
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"] + ([own.read_text()] if own.exists() else [])
    parts = [text.encode() for text in code] + [one.read_bytes() for one in _modules(path, code) + _rows(path, code)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_current(path):
    import nbformat
    notebook = nbformat.read(path, as_version=4)
    return notebook.metadata.get("kramers", {}).get("inputs") == inputs(path, notebook)


def run(path):
    """The notebook as it is after a run; what went wrong is nbclient's exception."""
    import nbformat
    from nbclient import NotebookClient
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(path.parent), str(HERE), os.environ.get("PYTHONPATH", "")])
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # of a debugger that warns otherwise, and is not used
    with tempfile.TemporaryDirectory() as scratch:  # a notebook that writes into the folder it runs in leaves nothing
        NotebookClient(notebook, timeout=LONGEST, kernel_name="python3", resources={"metadata": {"path": scratch}}, record_timing=False).execute()
    return notebook


def problems(notebook):
    """What must not be in the outputs, or must."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    said = [output.get("text") or output.get("evalue") for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    found = [f"it writes to stderr: {said}"] if said else []
    if not any("image/png" in output.get("data", {}) for output in outputs):
        found.append("it shows no picture")
    return found


def _joined(outputs):
    """What was printed in a row as one output: it comes in pieces that depend on how fast the machine is."""
    found = []
    for output in outputs:
        if found and output.output_type == "stream" == found[-1].output_type and output.name == found[-1].name:
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def keep(path, notebook):
    """Writes it with its outputs, without what differs from run to run."""
    import nbformat
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        cell.execution_count = None
        cell.metadata.pop("execution", None)
        cell.outputs = _joined(cell.outputs)
        for output in cell.outputs:
            if "execution_count" in output:
                output["execution_count"] = None
    notebook.metadata["kramers"] = {"inputs": inputs(path, notebook)}
    notebook.metadata.pop("language_info", None)
    text = nbformat.writes(notebook) + "\n"
    if len(text) > LARGEST:
        raise ValueError(f"{path.name} would have {len(text)} bytes with its outputs, more than {LARGEST}: draw smaller, print less")
    path.write_text(text)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="execute.py", description="Run notebooks and keep their outputs.")
    parser.add_argument("notebook", nargs="*", type=Path, help="those that changed if none is given")
    parser.add_argument("--again", action="store_true", help="all, also those that did not change")
    options = parser.parse_args(arguments)
    bad = 0
    for path in [path.resolve() for path in options.notebook] or [path for path in all_notebooks() if options.again or not is_current(path)]:
        started = time.monotonic()
        notebook = run(path)
        wrong = problems(notebook)
        for one in wrong:
            print(f"{path.name}: {one}", file=sys.stderr)
        if not wrong:
            keep(path, notebook)
            print(f"{path.name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
        bad += bool(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
