"""What the Python tests of files share: the modules, or a visible skip (77); a file made by the command line."""
import importlib
import os
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore", category=DeprecationWarning)


def need(*names):
    found = []
    for name in names:
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            print(f"skipped: the module {name} is missing (apt install python3-{name.lower()})")
            sys.exit(77)
    return found if len(found) > 1 else found[0]


FOLDER = tempfile.TemporaryDirectory(prefix="kramers_h5md_")


def make(*settings, scene="double_well"):
    """Path of a file with these settings, KEY=VALUE."""
    path = os.path.join(FOLDER.name, f"{len(os.listdir(FOLDER.name))}.h5")
    command = [os.environ["KRAMERS"], "run", scene, "--quiet", "-o", path]
    for setting in ("ensemble.particles=50", "ensemble.steps=200", "trajectory.every=10", "trajectory.particles=7", *settings):
        command += ["--set", setting]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


def run(tests):
    """Calls every test_ function."""
    for name, test in list(tests.items()):
        if name.startswith("test_"):
            test()
            print(f"{name}: ok")
