"""The rooms of sim/ and viz/ use each other in one direction only, by includes and by calls; no circle inside a room either.

    check_rooms.py SOURCE BUILD

The order is that of cmake/rooms.cmake. What calls what is read off the object files: who leaves a symbol undefined that another
file defines. What the build generates (the table of plug-ins) stands above all rooms and is handed down, so it does not count.
viz and cli may include public headers only. The last line of a room's README, "Uses: ...", names the rooms that it really uses.
Prints every edge that runs up and every circle; exit status 1 when there is one. check(SOURCE, BUILD) gives the same as a list of
texts. With --write as a third argument the lines of the READMEs are written anew.
"""

import collections
import pathlib
import re
import subprocess
import sys


class House:
    def __init__(self, source):
        self.source = pathlib.Path(source)
        text = (self.source / "cmake/rooms.cmake").read_text()
        lists = {name: body.split() for name, body in re.findall(r"^set\(KRAMERS_(\w+)([^)]*)\)", text, re.M)}
        self.floor = {room: i for i, room in enumerate(lists["ROOMS"])}
        self.plugins = set(lists["PLUGIN_ROOMS"])
        named = dict(entry.split("=") for entry in lists["HEADER_ROOMS"])
        self.files = [f.relative_to(self.source).as_posix() for folder in ("sim", "viz", "landscapes", "include/kramers")
                      for f in sorted((self.source / folder).rglob("*.[ch]"))]
        self.public = {}
        for file in self.files:
            stem = pathlib.PurePath(file).stem
            if file.startswith("include/") and stem != "kramers":
                rooms = {self.room(f) for f in self.files if f.startswith("sim/") and pathlib.PurePath(f).stem == stem}
                rooms = {r for r in rooms if r not in self.plugins and not r.startswith("cli")}
                self.public[stem] = named[stem] if stem in named else rooms.pop() if len(rooms) == 1 else None

    def room(self, file):
        parts = pathlib.PurePath(file).parts
        if parts[0] == "include":
            return self.public.get(pathlib.PurePath(file).stem)
        folder = "/".join(parts[:-1])
        folder = folder.removeprefix("sim/")
        while folder and folder not in self.floor:  # sim/engine/kernels belongs to engine
            folder = folder.rpartition("/")[0]
        return folder or None

    def includes(self):
        for file in self.files:
            if file == "include/kramers/kramers.h":
                continue
            folder = pathlib.PurePath(file).parent
            for kind, name in re.findall(r'^\s*#\s*include\s+([<"])([^">]+)[">]', (self.source / file).read_text(), re.M):
                if kind == "<":
                    targets = ["include/" + name]
                else:
                    targets = [(folder / name).as_posix(), "sim/" + name, "viz/" + name]
                for target in targets:
                    if target in self.files:
                        yield file, target, f"includes {name}"
                        break

    def calls(self, build):
        objects = {}
        for path in pathlib.Path(build).rglob("*.c.o"):
            inside = re.search(r"\.dir/(?:__/)*(.*)\.o$", path.as_posix())
            file = inside.group(1) if inside else ""
            file = file if file in self.files else "viz/" + file
            if file in self.files:
                objects.setdefault(file, []).append(path)
        file_of = {path.as_posix(): file for file, paths in objects.items() for path in paths}
        definer, wanted = {}, collections.defaultdict(set)
        symbols = subprocess.run(["nm", "-A", *file_of], capture_output=True, text=True, check=True).stdout
        for line in symbols.splitlines():
            path, _, rest = line.partition(".c.o:")
            file, fields = file_of[path + ".c.o"], rest.split()
            if len(fields) == 3 and fields[1] in "TDRBC":
                definer[fields[2]] = file
            elif len(fields) == 2 and fields[0] == "U":
                wanted[file].add(fields[1])
        for file, names in wanted.items():
            for name in sorted(names):
                if name in definer and definer[name] != file:
                    yield file, definer[name], f"uses {name}"


def circles(edges):
    """Strongly connected parts with more than one member, by Tarjan's algorithm."""
    graph = collections.defaultdict(set)
    for a, b in edges:
        graph[a].add(b)
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in sorted(graph[v]):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            part = []
            while not part or part[-1] != v:
                part.append(stack.pop())
            if len(part) > 1:
                found.append(sorted(part))

    for v in sorted(graph):
        if v not in index:
            visit(v)
    return found


def uses_line(house, used):
    names = sorted(used, key=house.floor.get)
    return "Uses: " + (", ".join(name.removeprefix("viz/") for name in names) if names else "nothing of this project") + "."


def check(source, build, write=False):
    house = House(source)
    problems = [f"{f}: lies in no room of cmake/rooms.cmake" for f in house.files if house.room(f) is None and f != "include/kramers/kramers.h"]
    inside, used = collections.defaultdict(dict), collections.defaultdict(set)
    for a, b, how in [*house.includes(), *house.calls(build)]:
        from_room, to_room = house.room(a), house.room(b)
        if from_room is None or to_room is None:
            continue
        if from_room != to_room:
            used[from_room].add(to_room)
        outer = from_room.startswith(("cli", "viz"))
        if outer and b.startswith("sim/") and not to_room.startswith("cli") and how.startswith("includes"):
            problems.append(f"{a} {how}: {from_room} may include public headers only")
        if from_room == to_room:
            inside[from_room].setdefault((a, b), how)
        elif house.floor[to_room] > house.floor[from_room] or (to_room in house.plugins and from_room in house.plugins):
            problems.append(f"{a} {how} ({b}): from {from_room} up to {to_room}")
    for room in house.floor:
        readme = house.source / (room if room.startswith(("viz", "landscapes")) else "sim/" + room) / "README.md"
        text, line = readme.read_text() if readme.exists() else "", uses_line(house, used[room])
        if write:
            readme.write_text(re.sub(r"^Uses:.*\n\Z", line + "\n", text, flags=re.M | re.S))
        elif not text.endswith(f"\n{line}\n"):
            problems.append(f"{room}: its README's last line is not '{line}'")
    for room, edges in inside.items():
        for circle in circles(edges):
            ties = [f"{a.rpartition('/')[2]} {how}" for (a, b), how in edges.items() if a in circle and b in circle]
            problems.append(f"{room}: a circle of {len(circle)} files: {'; '.join(ties)}")
    return sorted(problems)


if __name__ == "__main__":
    found = check(sys.argv[1], sys.argv[2], sys.argv[3:] == ["--write"])
    print("\n".join(found) if found else "Every edge runs down.")
    sys.exit(bool(found))
