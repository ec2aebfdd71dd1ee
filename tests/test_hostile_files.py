#!/usr/bin/env python3
"""Small files that claim or unpack to more than memory, files in which one loses the way, and what is no regular file, in the place of
every file that a verb reads: one message with the name, a documented status, no memory and no time."""
import os
import resource
import socket
import subprocess
import sys
import tempfile
import zlib
from contextlib import contextmanager

from h5md_file import need

h5py, numpy = need("h5py", "numpy")
KRAMERS, RENEW = (os.path.abspath(os.environ[name]) for name in ("KRAMERS", "RENEW_CHECKSUMS"))
SANITIZED = os.environ.get("KRAMERS_SANITIZED") == "1"
MEMORY, SECONDS = 2 << 30, 20
SMALL = ["--quiet", "--threads", "1", "--set", "ensemble.particles=5", "--set", "ensemble.steps=20"]
READERS = {
    "surface": "landscape={name: surface, file: FILE}",
    "line": "landscape={name: table, file: FILE, dataset: train_loss}",
    "mixture": "landscape={name: gaussian_mixture, file: FILE, variance: 0.2, dim: 1}",
    "schedule": "schedule={name: table, file: FILE, dataset: train_loss, column: 0}",
    "start": "ensemble.start={file: FILE, dataset: train_loss}",
    "data": "landscape={name: network, data: ./FILE, hidden: [2]}",
}


def limits():
    if not SANITIZED:  # which has terabytes of shadow
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def refuse(arguments, *names, status=(2, 3)):
    sanitizers = "allocator_may_return_null=1:max_allocation_size_mb=2048:hard_rss_limit_mb=2048:" + os.environ.get("ASAN_OPTIONS", "")
    environment = dict(os.environ, SDL_VIDEODRIVER="dummy", ASAN_OPTIONS=sanitizers)
    done = subprocess.run([KRAMERS, *arguments], capture_output=True, text=True, timeout=120, preexec_fn=limits, env=environment,
                          stdin=subprocess.DEVNULL, check=False)
    messages = [line for line in done.stderr.splitlines() if "warning:" not in line]
    assert done.returncode in status and len(messages) == 1, (arguments, done.returncode, done.stderr)
    assert all(name in messages[0] for name in names), (arguments, names, messages)
    assert "no memory" not in messages[0] and "not enough memory" not in messages[0], messages


def read(reader, file, *names):
    refuse(["run", *SMALL, "--set", READERS[reader].replace("FILE", file)], *names)


def view(file):
    return ["view", file, "--frames", "1", "--size", "320x240", "--screenshot", "picture.png"]


def claim(group, name, shape, dtype="f8"):
    """Values that nobody has written."""
    group.create_dataset(name, shape, dtype=dtype, chunks=tuple(min(n, 1024) for n in shape))


def unpack_to(group, name, shape, chunk, dtype="f8"):
    """Zeros that are really there, packed a thousand times; the same packed bytes again and again."""
    made = group.create_dataset(name, shape, dtype=dtype, chunks=chunk, compression="gzip")
    packed = zlib.compress(bytes(int(numpy.prod(chunk)) * numpy.dtype(dtype).itemsize), 9)
    for at in numpy.ndindex(*[-(-n // c) for n, c in zip(shape, chunk)]):
        made.id.write_direct_chunk(tuple(i * c for i, c in zip(at, chunk)), packed)


def test_claims():
    with h5py.File("claims.h5", "w") as f:
        claim(f, "xcoordinates", (2_000_000_000,))
        claim(f, "ycoordinates", (2_000_000_000,))
        claim(f, "train_loss", (50_000, 40_000))
        claim(f, "x_train", (1_000_000_000, 4))
        claim(f, "y_train", (1_000_000_000,), "i8")
        claim(f, "centres", (1_000_000_000, 1))
    assert os.path.getsize("claims.h5") < 20_000
    read("surface", "claims.h5", "coordinates")
    read("line", "claims.h5", "train_loss")
    read("mixture", "claims.h5", "centres")
    read("start", "claims.h5", "train_loss")
    read("schedule", "claims.h5", "train_loss")
    read("data", "claims.h5", "train")


def test_packed_zeros():
    """24 GB out of 24 MB, and what just fits into no memory limit of the format itself."""
    with h5py.File("packed.h5", "w") as f:
        f["xcoordinates"] = numpy.arange(8000.0)
        f["ycoordinates"] = numpy.arange(16000.0)
        unpack_to(f, "train_loss", (16000, 8000), (1000, 8000))
        unpack_to(f, "x_train", (3_000_000_000, 1), (8_000_000, 1))
        f["y_train"] = numpy.zeros(4, "i8")
        unpack_to(f, "centres", (90_000_000, 1), (9_000_000, 1))
    read("surface", "packed.h5", "train_loss", "claims more values")
    read("start", "packed.h5", "train_loss")
    read("mixture", "packed.h5", "centres", "claims more values")
    read("data", "packed.h5", "x_train")


@contextmanager
def forged(name):
    """A file of ours, to be changed; who forges a file forges its checksums, too."""
    with h5py.File(name, "r+") as f:
        yield f
    subprocess.run([RENEW, name], check=False, capture_output=True)


def trajectory(name):
    subprocess.run([KRAMERS, "run", "double_well", *SMALL, "--set", "trajectory.every=5", "-f", "-o", name], check=True,
                   capture_output=True)
    return forged(name)


def test_trajectories():
    for packed in False, True:
        for shape, chunk in (((5, 1_000_000_000, 1), (1, 8_000_000, 1)), ((1_000_000_000, 5, 1), (2_000_000, 5, 1))):
            with trajectory("large.h5") as f:
                for element in "position", "velocity":
                    group = f.require_group(f"particles/trajectory/{element}")
                    if "value" in group:
                        del group["value"]
                    if packed:
                        unpack_to(group, "value", shape, chunk)
                    else:
                        claim(group, "value", shape)
                for clock in "step", "time":
                    del f["particles/trajectory/position"][clock]
                    f["particles/trajectory/position"][clock] = 1
            refuse(view("large.h5"), "large.h5", "position")
            refuse(["resume", "large.h5", "--quiet", "--steps", "40"], "large.h5", "/particles/trajectory/")
    with trajectory("slots.h5") as f:
        group = f["parameters/kramers/checkpoint"]
        for slot in "slot_0", "slot_1":
            del group[slot]
            claim(group, slot, (1 << 40,), "u8")
    refuse(["resume", "slots.h5", "--quiet"], "slots.h5", "/parameters/kramers/checkpoint/slot_")
    with trajectory("scene.h5") as f:
        group = f["parameters/kramers"]
        del group["scene"]
        group.create_dataset("scene", shape=(), dtype="S2000000000")
    refuse(["resume", "scene.h5", "--quiet"], "scene.h5", "/parameters/kramers/scene")
    refuse(view("scene.h5"), "scene.h5", "/parameters/kramers/scene")


def test_sessions():
    subprocess.run([KRAMERS, "view", "double_well", "--frames", "1", "--size", "320x240", "-f", "-o", "session.h5"], check=True,
                   capture_output=True)
    with forged("session.h5") as f:
        group = f["parameters/kramers/session"].require_group("interventions")
        for name in list(group):
            del group[name]
        claim(group, "text", (1_000_000_000,), "S64")
        claim(group, "step", (1_000_000_000,), "u8")
        claim(group, "epoch", (1_000_000_000,), "u8")
    refuse(view("session.h5"), "session.h5", "interventions/text")
    with forged("session.h5") as f:
        group = f["parameters/kramers/session/interventions"]
        del group["text"]
        unpack_to(group, "text", (1_000_000_000,), (1_000_000,), "S8")
    refuse(view("session.h5"), "session.h5", "interventions/text")


def test_mazes():
    """Groups in groups, and links without number."""
    with h5py.File("deep.h5", "w") as f:
        group = f.id
        for _ in range(5000):
            group = h5py.h5g.create(group, b"g")
    read("surface", "deep.h5", "deep.h5", "too many groups")
    with h5py.File("wide.h5", "w", libver="latest") as f:
        for i in range(250_000):
            f.id.links.create_soft(b"%d" % i, b"/nowhere")
    read("surface", "wide.h5", "wide.h5", "too many links")
    with h5py.File("knot.h5", "w") as f:
        for name in "abcdef":
            group = f.create_group(name)
        for name in "abcdef":
            for other in "abcdef":
                f[name][other] = f[other]
    read("surface", "knot.h5", "no data set 'train_loss'")


def test_long_attributes():
    subprocess.run([KRAMERS, "view", "double_well", "--frames", "1", "--size", "320x240", "-f", "-o", "long.h5"], check=True,
                   capture_output=True)
    with forged("long.h5") as f:
        f["parameters/kramers/session"].attrs["directory"] = numpy.bytes_(b"x" * 60_000)
    refuse(view("long.h5"), "long.h5", "directory is too long")


def test_what_is_no_regular_file():
    os.mkfifo("pipe")
    os.mkdir("folder")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    for name, kind in ("pipe", "pipe"), ("folder", "directory"), ("socket", "socket"), ("/dev/zero", "device"):
        for reader in READERS:
            refuse(["run", *SMALL, "--set", READERS[reader].replace("./FILE", os.path.join(".", name)).replace("FILE", name)], name, kind)
        refuse(["resume", name, "--quiet"], name, kind)
        refuse(["run", *SMALL, "--plugin", name if name[0] == "/" else "./" + name], name, kind)
    with trajectory("named.h5") as f:
        text = f["parameters/kramers/scene"][()].decode()
        begin, end = text.index("landscape:"), text.index("\n", text.index("landscape:"))
        while text[end + 1] == " ":
            end = text.index("\n", end + 1)
        del f["parameters/kramers/scene"]
        f["parameters/kramers/scene"] = numpy.bytes_((text[:begin] + "landscape: {name: surface, file: pipe}" + text[end:]).encode())
    # Another landscape than that of the run is refused before its file is opened.
    refuse(["resume", "named.h5", "--quiet", "--steps", "40"], "/parameters/kramers/landscape")
    refuse(view("named.h5"), "pipe", "a pipe")


def test_endless_text():
    with open("endless.csv", "wb") as f:
        f.truncate(100 << 30)
    read("surface", "endless.csv", "endless.csv:1", "no text")
    with open("endless.csv", "wb") as f:
        f.write(b"1 " * 1_000_000)
    read("surface", "endless.csv", "endless.csv:1", "more than")
    with open("claims.npy", "wb") as f:
        numpy.lib.format.write_array_header_1_0(f, {"descr": "<f8", "fortran_order": False, "shape": (50_000, 40_000)})
    read("surface", "claims.npy", "claims.npy")


def test_flipped_bits():
    """Of what says what is in the file: HDF5 itself crashes on some. Sixty of them, all under KRAMERS_TEST_ALL."""
    x, y = numpy.linspace(-2, 2, 6), numpy.linspace(-1, 1, 5)
    with h5py.File("surface.h5", "w") as f:
        f["xcoordinates"], f["ycoordinates"] = x, y
        f.create_dataset("train_loss", data=(x[None, :] ** 2 - 1) ** 2 + y[:, None] ** 2, chunks=(2, 3), compression="gzip")
    with open("surface.h5", "rb") as f:
        valid = f.read()
    bits = [(place, bit) for place in range(len(valid)) if valid[place] for bit in range(8)]
    if "KRAMERS_TEST_ALL" not in os.environ:
        bits = [bits[i] for i in numpy.random.default_rng(1).choice(len(bits), 60, replace=False)]
    refused = 0
    for place, bit in bits:
        flipped = bytearray(valid)
        flipped[place] ^= 1 << bit
        with open("flipped.h5", "wb") as f:
            f.write(flipped)
        done = subprocess.run([KRAMERS, "run", *SMALL, "--set", READERS["surface"].replace("FILE", "flipped.h5")], capture_output=True,
                              text=True, errors="replace", timeout=120, preexec_fn=limits,
                              stdin=subprocess.DEVNULL, check=False)
        assert done.returncode in (0, 2, 3, 4), (place, bit, done.returncode, done.stderr)
        assert done.returncode == 0 or "kramers: " in done.stderr, (place, bit)
        refused += done.returncode != 0
    print(f"{len(bits)} bits flipped: {refused} refused")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="kramers_hostile_") as folder:
        os.chdir(folder)
        for name, test in list(globals().items()):
            if name.startswith("test_") and (len(sys.argv) < 2 or name in sys.argv[1:]):
                test()
                print(f"{name}: ok", flush=True)
        os.chdir("/")
