"""Particle-steps per second of kramers beside NumPy and a plain GSL loop, in one run on one machine.

    run.py [--build DIRECTORY] [--seconds S] [--output NAME]

Runs `kramers bench`, bench/stages, roofline.py, bench/gsl_peer and bench/peers.py one after the other, each peer on one thread;
checks that the three programs agree on the mean first-passage time; prints a table, and writes bench/results/NAME.json and NAME.md with
the machine's description (NAME: the processor's). A speed is the fastest of many short repeats after a warm-up, in several processes.
No claim is made of differences below 10 %.
"""
import argparse
import json
import math
import os
import pathlib
import platform
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import roofline  # noqa: E402

WORKLOADS = {"sgld_double_well": "SGLD, double well", "langevin_muller_brown": "Langevin (BAOAB), Mueller-Brown",
             "sgd_styblinski_tang": "SGD with curvature noise, Styblinski-Tang in 16 dimensions"}
STAGES = ("normals", "noise", "gradient", "dynamics", "first_passage", "returns", "rest")
# Rough speeds of the peers on a present-day core, from which the size of one repeat follows: as many and as long ones as ours.
PEER_RATE = {"sgld_double_well": 100e6, "langevin_muller_brown": 25e6, "sgd_styblinski_tang": 7e6}
REPEATS = 50
PROCESSES = 4
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")}
# |z| above this between two programs' mean first-passage times: they do not simulate the same thing.
LARGEST_Z = 4


def run_json(*command, single=False):
    environment = dict(os.environ, **ONE_THREAD) if single else None
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True, text=True, env=environment)
    return json.loads(result.stdout)


def first_line(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "unknown"


def machine(build):
    """What the results say of the machine. The processor's name is the program's, which looks for it among the committed results."""
    brief = ("--seconds", 0.001, "--threads", 1, "--isa", "baseline", "--set", "ensemble.particles=1")
    said = run_json(build / "kramers", "bench", "double_well", "--json", *brief)["machine"]
    compiler = re.search(r"^CMAKE_C_COMPILER:[A-Z]+=(.*)$", (build / "CMakeCache.txt").read_text(), re.M).group(1)
    release = pathlib.Path("/etc/os-release").read_text()
    return {**said, "compiler": first_line(compiler, "--version"), "system": re.search(r'PRETTY_NAME="(.*)"', release).group(1),
            "kernel": platform.release(), "python": platform.python_version(),
            "gsl": first_line("pkg-config", "--modversion", "gsl")}


def file_name(host):
    return re.sub(r"[^a-z0-9]+", "-", host["processor"].lower()).strip("-")


def describe(host):
    """A line for the tables."""
    unusual = "" if host["build"] == "optimised" else f" ({host['build']})"
    return (f"{host['processor']}, {host['processors']} processors{' (virtual machine)' if host['virtual'] else ''}; "
            f"{host['compiler']}{unusual}; {host['system']}; load before {host['load_before']:.1f}.")


def write(name, kind, host, content, text):
    """bench/results/NAME and -KIND, as JSON and as a page to read. Those of other machines stay."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    stem = (name or file_name(host)) + kind
    (folder / f"{stem}.json").write_text(json.dumps({"machine": host, **content}, indent=1) + "\n")
    (folder / f"{stem}.md").write_text(text)
    print(text)


def disagreement(a, b):
    """z of two measured rates of rare, independent passages (nearly exponential times: the count's variance is its mean)."""
    if not a["events"] or not b["events"]:
        return math.inf
    return math.log(a["exposure_steps"] / a["events"] * b["events"] / b["exposure_steps"]) / math.sqrt(
        1 / a["events"] + 1 / b["events"])


def speed(entry):
    return entry["particle_steps_per_second"]


def fastest_process(*command):
    """Of some processes alike: where the system puts a process in memory may cost it a sixth for as long as it lives."""
    return max((run_json(*command, single=True) for _ in range(PROCESSES)), key=speed)


def our_runs(build, seconds):
    """The runs of each scene, each of the process that was fastest at it."""
    fastest = {}
    for _ in range(PROCESSES):
        for entry in run_json(build / "kramers", "bench", "--json", "--seconds", seconds)["scenes"]:
            known = fastest.setdefault(entry["scene"], entry["runs"])
            fastest[entry["scene"]] = [max(pair, key=speed) for pair in zip(known, entry["runs"])]
    return fastest


def measure(build, seconds):
    """Results of each workload, and the ceilings that they stand under."""
    seconds /= PROCESSES
    scenes = [f"bench_{name}" for name in WORKLOADS]
    ours = our_runs(build, seconds)
    stages = run_json(build / "bench" / "stages", *scenes, single=True)
    ceilings, entries = roofline.measure(build, scenes, stages, run_json)
    results = []
    for name in WORKLOADS:
        budget = int(PEER_RATE[name] * seconds / REPEATS)
        peers = [fastest_process("/usr/bin/python3", HERE / "peers.py", name, budget, REPEATS),
                 fastest_process(build / "bench" / "gsl_peer", name, budget, REPEATS)]
        runs = ours[f"bench_{name}"]
        best = runs[0]
        results.append({"workload": name, "kramers": runs, "numpy": peers[0], "gsl": peers[1],
                        "times_numpy": speed(best) / speed(peers[0]), "times_gsl": speed(best) / speed(peers[1]),
                        "z_numpy": disagreement(best, peers[0]), "z_gsl": disagreement(best, peers[1]),
                        "stages": [entry for entry in stages if entry["scene"] == f"bench_{name}"],
                        "roofline": [entry for entry in entries if entry["scene"] == f"bench_{name}"]})
    return results, ceilings


def table(results, ceilings, host):
    lines = [f"Millions of particle-steps per second, fastest of many short repeats in {PROCESSES} processes. One thread unless it says otherwise.", "",
             f"{describe(host)} NumPy {results[0]['numpy']['numpy']}, GSL {host['gsl']}.", ""]
    for result in results:
        name, numpy, gsl = result["workload"], result["numpy"], result["gsl"]
        lines += [f"**{WORKLOADS[name]}** (`bench_{name}`)", "", "| program | speed | times NumPy | times GSL | mean steps to passage |",
                  "|---|---:|---:|---:|---:|"]
        rows = [(f"kramers, {run['isa']}" + (f", {run['threads']} threads" if run["threads"] > 1 else ""), run)
                for run in result["kramers"]]
        rows += [(f"NumPy ({numpy['bit_generator']}, blocks of {numpy['particles']})", numpy), ("GSL (taus2, ziggurat)", gsl)]
        for label, run in rows:
            own = speed(run)
            error = run["mfpt_steps"] / math.sqrt(run["events"]) if run["events"] else math.nan
            lines.append(f"| {label} | {own / 1e6:.1f} | {own / speed(numpy):.2f} | "
                         f"{own / speed(gsl):.2f} | {run['mfpt_steps'] or math.nan:.0f} ± {error:.0f} |")
        lines += ["", "| instruction set | ns per particle-step | " + " | ".join(stage.replace("_", " ") for stage in STAGES) + " |",
                  "|---|---:|" + "---:|" * len(STAGES)]
        for entry in result["stages"]:
            lines.append(f"| {entry['isa']} | {entry['ns_per_particle_step']:.3g} | " +
                         " | ".join(f"{round(100 * entry[stage]['share'])} %" for stage in STAGES) + " |")
        lines += [*roofline.table(result["roofline"]), ""]
    return "\n".join(lines + roofline.ceiling_table(ceilings))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build" / "release")
    parser.add_argument("--seconds", type=float, default=4, help="time of one measurement")
    parser.add_argument("--output", help="name of the result files (default: the processor's)")
    options = parser.parse_args()
    host = machine(options.build)
    results, ceilings = measure(options.build, options.seconds)
    write(options.output, "", host, {"results": results, "ceilings": ceilings}, table(results, ceilings, host))
    wrong = [f"{result['workload']}: {peer}'s mean first-passage time differs by z = {result['z_' + peer]:.1f}"
             for result in results for peer in ("numpy", "gsl") if not abs(result["z_" + peer]) < LARGEST_Z]
    if wrong:
        sys.exit("run.py: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
