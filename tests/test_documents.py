"""What the documents promise: links lead somewhere, the layout of files is that of files, Python examples run, and the README's commands
are ones of the program. test_documents.py KRAMERS"""
import fnmatch
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

SOURCE, KRAMERS = pathlib.Path(__file__).resolve().parent.parent, sys.argv[1]
PAGES = sorted(page for folder in (".", "docs", "viz", "notebooks", "data", "bench") for page in (SOURCE / folder).glob("*.md"))
NETWORKS = """landscape: {name: network, data: moons, hidden: [4]}
noise: {name: minibatch}
schedule: {name: cosine_restarts, lr: 0.1, period: 100}
ensemble: {start: {random: kaiming_uniform}}
snapshots: {at: cycle_ends}
evaluate: {every: 100}
sharpness: {every: 100}
gradient_noise: {every: 100}
"""
SMALL = ["--set", "ensemble.steps=400", "--set", "ensemble.particles=16", "--set", "trajectory.every=100"]


def run(*command, **options):
    return subprocess.run([KRAMERS, *command], check=True, capture_output=True, text=True, **options).stdout


def blocks(page, language=""):
    return [text for name, text in re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(), flags=re.S | re.M) if name == language]


class Documents(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page in PAGES:
            text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M)
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                there = (page.parent / file).resolve() if file else page
                self.assertTrue(there.exists(), f"{page.name}: {target}")
                if anchor and there.suffix == ".md":
                    titles = re.findall(r"^#+ (.*)$", there.read_text(), flags=re.M)
                    names = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
                    # Headings of the same name are numbered from the second on.
                    anchors = {name + (f"-{names[:i].count(name)}" if name in names[:i] else "") for i, name in enumerate(names)}
                    self.assertIn(anchor, anchors, f"{page.name}: {target}")

    def test_layout_of_files(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("the Python package h5py is missing")
        layout = next(block for block in blocks(SOURCE / "docs/guide.md") if block.startswith("/particles"))
        lines = [re.match(r"(/\S+) +(.*)", line).groups() if " " in line else (line, "") for line in layout.splitlines()]
        self.assertGreater(len(lines), 15)
        scenes = {"overdamped": ["double_well"], "momentum": ["muller_brown", "--set", "trajectory.force=true"], "once": ["restart_escape"], "driven": ["coupled_batch_size"]}
        seen = set()
        with tempfile.TemporaryDirectory() as scratch:
            pathlib.Path(scratch, "networks.yaml").write_text(NETWORKS)
            scenes["networks"] = [pathlib.Path(scratch, "networks.yaml")]
            for name, words in scenes.items():
                file = pathlib.Path(scratch, f"{name}.h5")
                run("run", *words, "--quiet", *SMALL, "-o", file)
                with h5py.File(file, "r") as content:
                    known = [f"/{group}/{member}" for group in ("particles", "observables") if group in content for member in content[group]]
                    there = {path for path, _ in lines if path in content or "*" in path and
                             any(fnmatch.fnmatch(f"{member}/value", path) for member in known)}
                    for path, about in lines:
                        if not about.startswith("*"):
                            self.assertIn(path, there, name)
                    seen |= there
                    for group in ("particles/trajectory", "observables"):
                        for member in content[group]:
                            told = any(path.startswith(f"/{group}/{member}") or fnmatch.fnmatch(f"/{group}/{member}/value", path)
                                       for path, _ in lines)
                            self.assertTrue(member == "box" or told, f"{name}: /{group}/{member}")
        self.assertEqual(seen, {path for path, _ in lines})

    def test_python_of_the_readme_runs(self):
        try:
            import h5py, matplotlib, numpy, yaml  # noqa: E401, F401
        except ImportError as missing:
            self.skipTest(f"the Python package {missing.name} is missing")
        (program,) = blocks(SOURCE / "README.md", "python")
        self.assertEqual(len(program.strip().splitlines()), 3)
        with tempfile.TemporaryDirectory() as scratch:
            environment = dict(os.environ, KRAMERS=KRAMERS, PYTHONPATH=str(SOURCE / "notebooks"), PYTHONDONTWRITEBYTECODE="1", MPLCONFIGDIR=scratch)
            done = subprocess.run([sys.executable, "-c", program], cwd=scratch, env=environment, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("chain", done.stdout)
            self.assertEqual(pathlib.Path(scratch, "run.pdf").read_bytes()[:4], b"%PDF")

    def test_numbers_that_change_are_as_the_guide_says(self):
        (section,) = re.findall(r"^## Numbers that change\n(.*?)^## ", (SOURCE / "docs/guide.md").read_text(), flags=re.S | re.M)
        (scene,) = (block for block in blocks(SOURCE / "docs/guide.md", "yaml") if block in section)
        (commands,) = (block for block in blocks(SOURCE / "docs/guide.md") if block in section)
        with tempfile.TemporaryDirectory() as scratch:
            pathlib.Path(scratch, "scene.yaml").write_text(scene)
            said = run("run", pathlib.Path(scratch, "scene.yaml"), "--quiet", *SMALL)
            for name in ("landscape.barrier", "dynamics.temperature", "dynamics.weight_decay", "noise.batch_size"):
                self.assertRegex(said, rf"\n  {name} ", said)
            invariants = re.findall(r"^\| `([^`]*)` \|", section.partition("| `keep` |")[2], flags=re.M)
            self.assertEqual(invariants, ["lr*dynamics.weight_decay", "lr/noise.batch_size", "lr*noise.sigma", "temperature", "friction"])
            for kept in invariants:
                said = run("run", "--quiet", *SMALL, "--set", f"keep=[{kept}]", "--set", "noise=isotropic", "--set", "schedule={name: cosine, lr: 0.02, lr_min: 0.01}",
                           "--set", "dynamics={name: momentum, weight_decay: 0.1}" if kept in ("friction", "lr*dynamics.weight_decay") else "dynamics=sgd")
                held = re.search(rf"^ *keep {re.escape(kept)}: held (?:exactly|to (\S+))", said, flags=re.M)
                self.assertTrue(held, said)
                self.assertLess(float(held[1] or 0), 1e-12, kept)
            rows = {row["name"]: row["may_follow"] for row in json.loads(run("list", "landscapes", "phi4_chain", "--json"))["parameters"]}
            self.assertEqual(rows, {"barrier": True, "coupling": True, "dim": False, "periodic": False})
            self.assertIn("It can't follow a schedule.", run("list", "landscapes", "phi4_chain"))
            for command in commands.splitlines():
                name, *words = shlex.split(command, comments=True)
                self.assertEqual(name, "kramers")
                small = SMALL if words[0] != "theory" else []
                subprocess.run([KRAMERS, *words, *small], check=True, capture_output=True, text=True, cwd=scratch)

    def test_time_is_as_the_guide_says(self):
        text = (SOURCE / "docs/guide.md").read_text()
        rows = {name: clock for names, clock in re.findall(r"^\| (`[^|]*) \| ([^|]*lr) \|", text, flags=re.M) for name in re.findall(r"`(\w+)`", names)}
        for one in json.loads(run("list", "dynamics", "--json")):
            self.assertEqual(rows[one["name"]].replace("√lr", "sqrt(lr)"), one["time_per_step"], one["name"])
        for name, step in (("sgld", 0.01), ("momentum", 0.01), ("langevin", 0.1), ("hamiltonian", 0.1)):
            result = json.loads(run("run", "--json", "--quiet", "--set", f"dynamics={name}", "--set", "schedule.lr=0.01", *SMALL))
            self.assertAlmostEqual(result["time"], 400 * step, places=9)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
