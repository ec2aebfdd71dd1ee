"""The rooms of the house are in order, and the check that says so can fail. Arguments: SOURCE BUILD COMPILER."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import check_rooms

SOURCE, BUILD, COMPILER = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]


def copy(folder):
    """The sources and the object files, where they can be spoilt."""
    for part in ("sim", "viz", "landscapes", "include", "cmake"):
        shutil.copytree(SOURCE / part, folder / part)
    for path in BUILD.rglob("*.c.o"):
        if path.relative_to(BUILD).parts[0] not in ("tests", "bench"):
            target = folder / "build" / path.relative_to(BUILD)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return folder


def spoil(folder, file, text):
    """Adds text to a source file and compiles it where the build had put it."""
    with open(folder / file, "a") as out:
        out.write(text)
    (target,) = (folder / "build").rglob(file + ".o")
    before = target.read_bytes()
    alone = folder / "alone.c"  # the added text is enough: what the file itself uses is known to be in order
    alone.write_text(text)
    subprocess.run([COMPILER, "-c", "-I", folder / "include", "-I", folder / "sim", alone, "-o", target], check=True)
    return lambda: target.write_bytes(before)


def found(folder):
    return [p for p in check_rooms.check(folder, folder / "build") if "README" not in p]


problems = check_rooms.check(SOURCE, BUILD)
assert not problems, "\n".join(["", *problems])

with tempfile.TemporaryDirectory() as name:
    folder = copy(pathlib.Path(name))
    assert found(folder) == []

    original = (folder / "sim/base/status.c").read_text()
    (folder / "sim/base/status.c").write_text('#include "run/run_state.h"\n' + original)
    assert found(folder) == ["sim/base/status.c includes run/run_state.h (sim/run/run_state.h): from base up to run"], found(folder)
    (folder / "sim/base/status.c").write_text(original)

    mend = spoil(folder, "sim/geometry/minima.c", "void kr_run_destroy(void *run);\nvoid kr_spoilt(void) { kr_run_destroy(0); }\n")
    assert found(folder) == ["sim/geometry/minima.c uses kr_run_destroy (sim/run/run.c): from geometry up to run"], found(folder)
    mend()

    (folder / "viz/draw/canvas.h").write_text('#include "engine/block_storage.h"\n')
    assert any("public headers only" in p for p in found(folder)), found(folder)
    shutil.copy(SOURCE / "viz/draw/canvas.h", folder / "viz/draw/canvas.h")

    spoil(folder, "sim/base/status.c", "void kr_parameter_spoilt(void);\nvoid kr_status_spoilt(void) { kr_parameter_spoilt(); }\n")
    spoil(folder, "sim/base/parameter.c", "void kr_status_spoilt(void);\nvoid kr_parameter_spoilt(void) { kr_status_spoilt(); }\n")
    assert any(p.startswith("base: a circle of 2 files") for p in found(folder)), found(folder)

print("Rooms in order; a wrong include, a call upwards, a private header in the window and a circle are found.")
