"""Frames per second of the window, and what the simulation keeps of its speed while it is drawn.

    window.py [--build DIRECTORY] [--seconds S] [--rounds N] [--output NAME]

Opens `kramers view muller_brown` under Xvfb, 1280x800 without a graphics processor, with 100 000 and with a million particles at full
speed on one thread, and runs the same scene headless on one thread. Rounds alternate between the two, so that a busy machine slows
both; the median round counts. Prints a table, and writes bench/results/NAME-window.json and .md (NAME: the processor's). Needs Xvfb.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run  # noqa: E402

SCENE = "muller_brown"
# Particles: frames per second that are wanted on two processors of 2024, and the share of its speed that the simulation is to keep.
WANTED = {100_000: 60, 1_000_000: 30}
WANTED_SHARE = 0.8
ROUGH_SPEED = 150e6  # particle-steps per second: how many steps a headless run gets


def headless(build, particles, seconds):
    steps = max(20, int(ROUGH_SPEED * seconds / particles))
    result = run.run_json(build / "kramers", "run", SCENE, "--set", f"ensemble.particles={particles}", "--set",
                          f"ensemble.steps={steps}", "--threads", 1, "--json", "--quiet", single=True)
    return result["particle_steps"] / result["wall_seconds"]


def window(build, particles, seconds):
    return run.run_json("xvfb-run", "-a", "-s", "-screen 0 1280x800x24", build / "kramers", "view", SCENE, "--set",
                        f"ensemble.particles={particles}", "--speed", "max", "--threads", 1, "--seconds", seconds + 1, "--json",
                        single=True)


def measure(build, seconds, rounds):
    results = []
    for particles in WANTED:
        pairs = [(window(build, particles, seconds), headless(build, particles, seconds)) for _ in range(rounds)]
        results.append({"particles": particles, "driver": pairs[0][0]["driver"],
                        "size": [pairs[0][0]["width"], pairs[0][0]["height"]],
                        "frames_per_second": [shown["frames_per_second"] for shown, _ in pairs],
                        "particle_steps_per_second": [shown["particle_steps_per_second"] for shown, _ in pairs],
                        "headless_particle_steps_per_second": [alone for _, alone in pairs],
                        "share": [shown["particle_steps_per_second"] / alone for shown, alone in pairs]})
    return results


def table(results, host):
    middle = statistics.median
    lines = [f"The window on `{SCENE}` at full speed, {results[0]['size'][0]}x{results[0]['size'][1]} under Xvfb ({results[0]['driver']} "
             f"drawing), and the same scene headless; one thread for the simulation. Median of {len(results[0]['share'])} rounds.", "",
             f"{host['processor']}, {host['processors']} processors{' (virtual machine)' if host['virtual'] else ''}; "
             f"{host['compiler']}; {host['system']}; load before {host['load_before']:.1f}.", "",
             "| particles | frames/s | million particle-steps/s | headless | share kept |", "|---:|---:|---:|---:|---:|"]
    for r in results:
        lines.append(f"| {r['particles']:,} | {middle(r['frames_per_second']):.0f} | "
                     f"{middle(r['particle_steps_per_second']) / 1e6:.1f} | "
                     f"{middle(r['headless_particle_steps_per_second']) / 1e6:.1f} | {100 * middle(r['share']):.0f} % |")
    return "\n".join(lines + [""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=run.HERE.parent / "build" / "release")
    parser.add_argument("--seconds", type=float, default=4, help="time of one measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", help="name of the result files (default: the processor's)")
    options = parser.parse_args()
    if not shutil.which("xvfb-run"):
        sys.exit("window.py: xvfb-run is missing (package xvfb)")
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    host = run.machine(options.build)
    results = measure(options.build, options.seconds, options.rounds)
    name = options.output or re.sub(r"[^a-z0-9]+", "-", host["processor"].lower()).strip("-")
    folder = run.HERE / "results"
    folder.mkdir(exist_ok=True)
    text = table(results, host)
    (folder / f"{name}-window.json").write_text(json.dumps({"machine": host, "results": results}, indent=1) + "\n")
    (folder / f"{name}-window.md").write_text(text)
    print(text)
    slow = [f"{r['particles']:,} particles: {statistics.median(r['frames_per_second']):.0f} frames/s, "
            f"{100 * statistics.median(r['share']):.0f} % of the headless speed" for r in results
            if statistics.median(r["frames_per_second"]) < WANTED[r["particles"]] or statistics.median(r["share"]) < WANTED_SHARE]
    if slow:
        sys.exit("window.py: slower than wanted: " + "; ".join(slow))


if __name__ == "__main__":
    main()
