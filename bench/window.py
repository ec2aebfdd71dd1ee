"""Frames per second of the window, and what the simulation keeps of its speed while it is drawn.

    window.py [--build DIRECTORY] [--seconds S] [--rounds N] [--output NAME]

Opens `kramers view muller_brown` under Xvfb, 1280x800 without a graphics processor, with 100 000 and with a million particles at full
speed on one thread, and runs the same scene headless on one thread. Rounds alternate between the two; the median round counts. The
share is measured twice: of particle-steps per second, which other programs disturb, and per second of the simulation thread's own
processor time, which they disturb less. Prints a table, and writes bench/results/NAME-window.json and .md (NAME: the processor's). Needs Xvfb.
"""
import argparse
import os
import pathlib
import resource
import shutil
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run  # noqa: E402

SCENE = "muller_brown"
# Particles: frames per second that are wanted on two processors of 2024, and the share of its speed that the simulation is to keep.
WANTED = {100_000: 60, 1_000_000: 30}
WANTED_SHARE = 0.8
ROUGH_SPEED = 150e6  # particle-steps per second: how many steps a headless run gets


def timed_run(build, particles, steps):
    """Steps, seconds and processor seconds of a headless run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = run.run_json(build / "kramers", "run", SCENE, "--set", f"ensemble.particles={particles}", "--set",
                          f"ensemble.steps={steps}", "--threads", 1, "--json", "--quiet", single=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return result["particle_steps"], result["wall_seconds"], after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def headless(build, particles, seconds):
    """From two runs of different length, so that making the ensemble and the final means do not count."""
    steps = max(20, int(ROUGH_SPEED * seconds / particles))
    few, many = timed_run(build, particles, steps // 4), timed_run(build, particles, steps)
    done = many[0] - few[0]
    return {"particle_steps_per_second": done / (many[1] - few[1]), "particle_steps_per_processor_second": done / (many[2] - few[2])}


def window(build, particles, seconds):
    return run.run_json("xvfb-run", "-a", "-s", "-screen 0 1280x800x24", build / "kramers", "view", SCENE, "--set",
                        f"ensemble.particles={particles}", "--speed", "max", "--threads", 1, "--seconds", seconds + 1, "--json",
                        single=True)


def measure(build, seconds, rounds):
    results = []
    for particles in WANTED:
        pairs = [(window(build, particles, seconds), headless(build, particles, seconds)) for _ in range(rounds)]
        speed, busy_speed = "particle_steps_per_second", "particle_steps_per_processor_second"
        results.append({"particles": particles, "driver": pairs[0][0]["driver"],
                        "size": [pairs[0][0]["width"], pairs[0][0]["height"]],
                        "window": [shown for shown, _ in pairs], "headless": [alone for _, alone in pairs],
                        "frames_per_second": statistics.median(shown["frames_per_second"] for shown, _ in pairs),
                        "snapshots_per_second": statistics.median(shown["snapshots_per_second"] for shown, _ in pairs),
                        "drawing_ms": statistics.median(1e3 * shown["drawing_processor_seconds"] / shown["frames"]
                                                        for shown, _ in pairs),
                        "speed": statistics.median(shown[speed] for shown, _ in pairs),
                        "headless_speed": statistics.median(alone[speed] for _, alone in pairs),
                        "share": statistics.median(shown[speed] / alone[speed] for shown, alone in pairs),
                        "share_of_processor_time": statistics.median(shown[busy_speed] / alone[busy_speed] for shown, alone in pairs)})
    return results


def table(results, host):
    lines = [f"The window on `{SCENE}` at full speed, {results[0]['size'][0]}x{results[0]['size'][1]} under Xvfb ({results[0]['driver']} "
             f"drawing), and the same scene headless; one thread for the simulation. Median of {len(results[0]['window'])} rounds.", "",
             run.describe(host), "",
             "| particles | frames/s | new snapshots/s | ms of processor time a frame | million particle-steps/s | headless | share kept | share per "
             "processor second |", "|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for r in results:
        lines.append(f"| {r['particles']:,} | {r['frames_per_second']:.0f} | {r['snapshots_per_second']:.0f} | "
                     f"{r['drawing_ms']:.1f} | {r['speed'] / 1e6:.1f} | {r['headless_speed'] / 1e6:.1f} | {100 * r['share']:.0f} % | {100 * r['share_of_processor_time']:.0f} % |")
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
    run.write(options.output, "-window", host, {"results": results}, table(results, host))
    slow = [f"{r['particles']:,} particles: {r['frames_per_second']:.0f} frames/s, {100 * r['share']:.0f} % of the headless speed"
            for r in results if r["frames_per_second"] < WANTED[r["particles"]] or r["share"] < WANTED_SHARE]
    if slow:
        sys.exit("window.py: slower than wanted: " + "; ".join(slow))


if __name__ == "__main__":
    main()
