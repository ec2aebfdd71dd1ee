"""How the speed of kramers depends on dimension, observers, threads and the size of the ensemble.

    scaling.py [--build DIRECTORY] [--seconds S] [--rounds N] [--only TABLE] [--output NAME]

Every number is one of `kramers bench SCENE --set ...`, which times runs from the inside, without their start, theories and end. Rounds go
through all configurations one after the other, so that a busy moment of the machine strikes all alike, and the fastest counts. Writes
bench/results/NAME-scaling.json and .md (NAME: the processor's).
"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run  # noqa: E402

DIMENSIONS = (1, 2, 5, 10, 32, 100, 316, 1000, 3162, 10000)
COORDINATES = 2**19  # of an ensemble, where that is from 64 to 4096 particles
# Passages are rare, as in most runs: each costs a look at all coordinates of its block.
ANY_DIMENSION = {
    "styblinski_tang, sgld": ("bench_sgd_styblinski_tang", "noise={name: none}", "dynamics={name: sgld, temperature: 2}",
                              "ensemble.start={minimum: 0}", "escape.until={coordinate: 0, above: 2.5}"),
    "styblinski_tang, sgd with curvature noise": ("bench_sgd_styblinski_tang", "noise.strength=9", "ensemble.start={minimum: 0}",
                                                  "escape.until={coordinate: 0, above: 2.5}"),
    "double_well, sgld": ("bench_sgld_double_well", "dynamics.temperature=0.1")}
LARGEST_RISE = 0.15  # of the cost of a coordinate, from one dimension to ten thousand
OBSERVED = {"double_well, momentum": ("heavy_ball", "ensemble.particles=4096", "escape.until=[]"),
            "muller_brown, langevin": ("bench_langevin_muller_brown", "escape.until=[]")}
OBSERVERS = ("none", "transitions", "statistics", "histogram", "energy")
CADENCE = 100
WORKLOADS = tuple(f"bench_{name}" for name in run.WORKLOADS)
LARGE = {"bench_sgld_double_well": 4_000_000, "bench_langevin_muller_brown": 1_000_000, "bench_sgd_styblinski_tang": 200_000}
SMALL = (1, 4, 16, 64, 128, 256, 1024)


def particles_of(dim):
    return min(4096, max(64, COORDINATES // dim // 64 * 64))


def configurations(processors):
    """(table, row, column): (scene, settings, threads)."""
    chosen = {}
    for dim in DIMENSIONS:
        for name, (scene, *settings) in ANY_DIMENSION.items():
            size = (f"landscape.dim={dim}", f"ensemble.particles={particles_of(dim)}")
            chosen["dimensions", dim, name] = (scene, (*settings, *size), 1)
    for observer in OBSERVERS:
        for name, (scene, *settings) in OBSERVED.items():
            cadence = () if observer == "none" else (f"{observer}.every={CADENCE}",)
            chosen["observers", observer, name] = (scene, (*settings, *cadence), 1)
    threads = sorted({1, min(2, processors), processors})
    for scene in WORKLOADS:
        for count in threads:
            chosen["threads", (scene, 4096), count] = (scene, (), count)
            chosen["threads", (scene, LARGE[scene]), count] = (scene, (f"ensemble.particles={LARGE[scene]}",), count)
            for particles in SMALL:
                if count <= 2:
                    chosen["ensembles", (scene, particles), count] = (scene, (f"ensemble.particles={particles}",), count)
    return chosen


def bench(build, seconds, scene, settings, threads):
    """What kramers bench says of one run: ns for a particle and step, elapsed and of a processor's time."""
    words = [word for setting in settings for word in ("--set", setting)]
    entry = run.run_json(build / "kramers", "bench", scene, "--json", "--isa", "auto", "--threads", threads, "--seconds", seconds, *words)
    measured = entry["scenes"][0]
    row = measured["runs"][0]
    return {"isa": row["isa"], "particles": measured["particles"], "dim": measured["dim"], "ns": 1e9 / row["particle_steps_per_second"],
            "busy_ns": 1e9 / row["particle_steps_per_processor_second"]}


def measure(build, seconds, rounds, chosen):
    results = {}
    for round_number in range(rounds):
        for key, (scene, settings, threads) in chosen.items():
            measured = bench(build, seconds, scene, settings, threads)
            before = results.get(key, measured)
            results[key] = {"table": key[0], "row": key[1], "column": key[2], "scene": scene, "settings": settings, "threads": threads,
                            **measured, **{clock: min(measured[clock], before[clock]) for clock in ("ns", "busy_ns")}}
        print(f"round {round_number + 1} of {rounds}", file=sys.stderr)
    return results


# ---- tables ----


def dimension_table(results):
    ns = {key[1:]: result["busy_ns"] / result["dim"] for key, result in results.items() if key[0] == "dimensions"}
    particles = {key[1]: result["particles"] for key, result in results.items() if key[0] == "dimensions"}
    if not ns:
        return []
    lines = ["**Dimension**", "", "ns of a processor's time for a coordinate and step, and how many times that is of one dimension. Passages are rare.",
             "", "| dimension | particles | " + " | ".join(f"{name} | times" for name in ANY_DIMENSION) + " |",
             "|---:|---:|" + "---:|---:|" * len(ANY_DIMENSION)]
    for dim in DIMENSIONS:
        cells = " | ".join(f"{ns[dim, name]:.2f} | {ns[dim, name] / ns[1, name]:.2f}" for name in ANY_DIMENSION)
        lines.append(f"| {dim} | {particles[dim]} | {cells} |")
    lines.append("")
    for name in ANY_DIMENSION:
        least, most = min(ns[dim, name] for dim in DIMENSIONS), max(ns[dim, name] for dim in DIMENSIONS)
        rise = 100 * (most / least - 1)
        lines.append(f"{name}: the cost of a coordinate varies by {rise:.0f} %, "
                     f"{'within' if rise <= 100 * LARGEST_RISE else 'more than'} the {100 * LARGEST_RISE:.0f} % that are wanted.")
        lines.append("")
    return lines


def observer_table(results):
    ns = {key[1:]: result["busy_ns"] for key, result in results.items() if key[0] == "observers"}
    if not ns:
        return []
    lines = ["**Observers**", "", f"ns of a processor's time for a particle and step, 4096 particles, with each observer at a cadence of {CADENCE} "
             "steps, and what that is above none. `energy` keeps the ledger at every step.", "",
             "| observer | " + " | ".join(f"{name} | more" for name in OBSERVED) + " |", "|---|" + "---:|---:|" * len(OBSERVED)]
    for observer in OBSERVERS:
        cells = []
        for name in OBSERVED:
            more = 100 * (ns[observer, name] / ns["none", name] - 1)
            cells += [f"{ns[observer, name]:.3g}", "" if observer == "none" else f"{round(more):+d} %"]
        lines.append(f"| {observer} | {' | '.join(cells)} |")
    return lines + [""]


def thread_table(results):
    speed = {key[1:]: 1e3 / result["ns"] for key, result in results.items() if key[0] == "threads"}
    if not speed:
        return []
    threads = sorted({column for _, column in speed})
    lines = ["**Threads**", "", "Millions of particle-steps per second, and how many times that is of one thread.", "",
             "| workload | particles | 1 thread | " + " | ".join(f"{count} threads | times" for count in threads[1:]) + " |",
             "|---|---:|---:|" + "---:|---:|" * len(threads[1:])]
    for row in dict.fromkeys(row for row, _ in speed):
        cells = "".join(f" | {speed[row, count]:.1f} | {speed[row, count] / speed[row, 1]:.2f}" for count in threads[1:])
        lines.append(f"| {row[0]} | {row[1]:,} | {speed[row, 1]:.1f}{cells} |")
    return lines + [""]


def ensemble_table(results):
    step = {key[1:]: result["ns"] * result["particles"] for key, result in results.items() if key[0] == "ensembles"}
    if not step:
        return []
    threads = sorted({column for _, column in step})
    heads = [f"{scene.removeprefix('bench_')}, {count} thread{'s' if count > 1 else ''}" for scene in WORKLOADS for count in threads]
    lines = ["**Small ensembles**", "", "ns for a step of the whole ensemble.", "", "| particles | " + " | ".join(heads) + " |",
             "|---:|" + "---:|" * len(heads)]
    for particles in SMALL:
        cells = [f"{step[(scene, particles), count]:.0f}" for scene in WORKLOADS for count in threads]
        lines.append(f"| {particles} | {' | '.join(cells)} |")
    return lines + ["", "Random numbers come for 64 particles at once, so one particle costs as much as 64. A thread works on a block: as many "
                    "particles as fit into the first-level cache, 64 in high dimensions. Steps of a particle depend on each other, so "
                    "its time cannot be shared out, and an ensemble of one block keeps one thread busy. Many small ensembles do keep "
                    "all of them busy: `kramers sweep --vary ensemble.seed=1:64:64` runs seeds side by side, a thread each.", ""]


def table(results, host):
    isas = sorted({result["isa"] for result in results.values()})
    lines = [f"How the speed of kramers depends on what is simulated. Instruction set {', '.join(isas)}; fastest of many short repeats.", "",
             run.describe(host), ""]
    for part in (dimension_table, observer_table, thread_table, ensemble_table):
        lines += part(results)
    return "\n".join(lines)


def main():
    tables = ("dimensions", "observers", "threads", "ensembles")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=run.HERE.parent / "build" / "release")
    parser.add_argument("--seconds", type=float, default=0.3, help="time of one measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=tables, help="one of the tables, which is printed and not written")
    parser.add_argument("--output", help="name of the result files (default: the processor's)")
    options = parser.parse_args()
    host = run.machine(options.build)
    chosen = {key: value for key, value in configurations(host["processors"]).items() if options.only in (None, key[0])}
    results = measure(options.build, options.seconds, options.rounds, chosen)
    text = table(results, host)
    if options.only:
        print(text)
    else:
        run.write(options.output, "-scaling", host, {"results": list(results.values())}, text)


if __name__ == "__main__":
    main()
