"""What the figures of a folder were made of, so that only those are drawn again whose inputs changed.

figures.json in the folder has of each file the SHA-256 of its own bytes and of everything it came from: the Python files here, the rows, and
the program where it was asked. A file that is missing, or was changed by somebody, is drawn again as well."""
import hashlib
import json
from pathlib import Path

from figure_style import write_whole

NAME = "figures.json"


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Record:
    def __init__(self, folder):
        self.path = Path(folder) / NAME
        self._digests = {}
        try:
            self.files = json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):  # one that cannot be read is none
            self.files = {}
        if not isinstance(self.files, dict):
            self.files = {}

    def _digest(self, path):
        """Of an input, read once; None where it is gone."""
        if path not in self._digests:
            try:
                self._digests[path] = digest(path)
            except OSError:
                self._digests[path] = None
        return self._digests[path]

    def is_current(self, path):
        """Whether the file is there as it was written, and all that it came from is as it was."""
        about = self.files.get(path.name)
        try:
            return bool(about) and digest(path) == about["own"] and all(self._digest(one) == value for one, value in about["inputs"].items())
        except (OSError, KeyError, TypeError, AttributeError):
            return False

    def add(self, path, inputs):
        self.files[path.name] = {"own": digest(path), "inputs": {str(one): self._digest(str(one)) for one in sorted(inputs)}}
        write_whole(self.path, (json.dumps(self.files, indent=1, sort_keys=True) + "\n").encode())
