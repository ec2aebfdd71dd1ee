"""check_vectorised.py COMPILE_COMMANDS SOURCE_DIRECTORY ISA... [FILE.c...]

Compiles every kernel file, or those that are named, again with exactly the build's own command for each instruction set, plus GCC's
report of vectorised loops, and fails when a file in which there is a loop, its own or one of a header beside it, is not named in its
report. A file that is written in vectors (lanes.h) is looked at in assembler: its products and sums must be those of the whole register.
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

KERNEL_FOLDERS = ("landscapes", "sim/dynamics", "sim/noise", "sim/engine/kernels")


def sources(file):
    """The file and the headers beside it that it includes."""
    headers = (file.parent / name for name in re.findall(r'#include "(\w+\.h)"', file.read_text()))
    return [file, *(header for header in headers if header.exists())]


def has_loop(file):
    return any(re.search(r"\bfor \(", source.read_text()) for source in sources(file))


def vectorised_lines(command, directory, file):
    """Lines of the file, or of a header beside it, whose loop GCC vectorised, and the vectors' bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch, "report")
        words = shlex.split(command)
        words[words.index("-o") + 1] = str(pathlib.Path(scratch, "object.o"))
        for option in ("-MF", "-MT"):
            if option in words:
                words[words.index(option) + 1] = str(pathlib.Path(scratch, "dependencies"))
        subprocess.run(words + [f"-fopt-info-vec-optimized={report}"], cwd=directory, check=True)
        text = report.read_text() if report.exists() else ""
    names = "|".join(re.escape(str(source)) for source in sources(file))
    pattern = f"(?:{names})" + r":(\d+):\d+: optimized: .*loop vectorized using (\d+) byte vectors"
    return {(int(line), int(size)) for line, size in re.findall(pattern, text)}


REGISTER = {"v4": ("zmm", 64), "v3": ("ymm", 32)}


def by_hand(file):
    text = file.read_text()
    return any(f'#include "{name}"' in text for name in ("lanes.h", "box_muller.h"))


def lanes_lines(command, directory, isa):
    """Numbers of fused multiplications in assembler, those of whole registers as lines with their bytes; none if others are more."""
    with tempfile.TemporaryDirectory() as scratch:
        assembler = pathlib.Path(scratch, "file.s")
        words = shlex.split(command)
        words[words.index("-o") + 1] = str(assembler)
        words[words.index("-c")] = "-S"
        for option in ("-MF", "-MT"):
            if option in words:
                words[words.index(option) + 1] = str(pathlib.Path(scratch, "dependencies"))
        subprocess.run(words, cwd=directory, check=True)
        fused = re.findall(r"^\s*vfn?m\w+\s.*$", assembler.read_text(), re.M)
    register, size = REGISTER[isa]
    whole = [number for number, line in enumerate(fused) if f"%{register}" in line]
    return {(number, size) for number in whole} if 2 * len(whole) > len(fused) else set()


def main():
    commands, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    isas = [word for word in sys.argv[3:] if not word.endswith(".c")]
    named = [pathlib.Path(word).resolve() for word in sys.argv[3:] if word.endswith(".c")]
    files = named or sorted(file for folder in KERNEL_FOLDERS for file in (source / folder).glob("*.c"))
    jobs = []
    for entry in json.loads(commands.read_text()):
        isa = re.search(r"-DKR_ISA=(\w+)", entry["command"])
        file = pathlib.Path(entry["file"]).resolve()
        if isa and isa.group(1) in isas and file in files:
            jobs.append((isa.group(1), file, entry))
    if len(jobs) != len(files) * len(isas):
        sys.exit(f"{len(jobs)} compile commands for {len(files)} kernel files and {len(isas)} instruction sets")
    failed = 0
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda job: lanes_lines(job[2]["command"], job[2]["directory"], job[0]) if by_hand(job[1]) else
                         vectorised_lines(job[2]["command"], job[2]["directory"], job[1]), jobs)
    for (isa, file, _), lines in zip(jobs, found):
        name = file.relative_to(source)
        if lines:
            what = "fused products" if by_hand(file) else "loops"
            print(f"{isa:9} {name}: {len({line for line, _ in lines})} {what}, {max(size for _, size in lines)} byte vectors")
        elif has_loop(file):
            print(f"{isa:9} {name}: NO LOOP IS VECTORISED")
            failed += 1
        else:
            print(f"{isa:9} {name}: has no loop")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
