"""What a step of training costs a small network, beside PyTorch: 512 networks of 64-8-10 units on the digits, batches of 16, one thread.

    network.py [--build DIRECTORY] [--seconds S] [--output NAME]

Runs bench/network, bench/ceiling and network_peers.py in several processes and keeps the fastest of each; prints a table, and writes
bench/results/NAME-network.json and -network.md (NAME: the processor's).
"""
import argparse
import pathlib

import run

PROCESSES = 4


def smallest(rows):
    """Of dictionaries alike, the smallest of each number."""
    return {key: min(row[key] for row in rows) if isinstance(value, (int, float)) else value for key, value in rows[0].items()}


def measure(build, seconds):
    ours, peers = [], []
    ceilings = {row["isa"]: row["fma"] for row in run.run_json(build / "bench" / "ceiling", single=True)}
    for _ in range(PROCESSES):
        ours.append(run.run_json(build / "bench" / "network", single=True))
        peers.append(run.run_json("/usr/bin/python3", run.HERE / "network_peers.py", seconds / PROCESSES, single=True))
    rows = [smallest(alike) for alike in zip(*ours)]
    for row in rows:
        row["fma_per_ns"] = ceilings[row["isa"]]
        row["gradient_share"], row["step_share"] = (row["products"] / (1e3 * row[part] * row["fma_per_ns"]) for part in ("gradient", "step"))
    if peers[0]["torch"] is None:
        return rows, None
    torch = {"torch": peers[0]["torch"], **{kind: smallest([peer[kind] for peer in peers]) for kind in ("float64", "float32")}}
    return rows, torch


def verdict(rows, torch):
    step = min(row["step"] for row in rows)
    if torch is None:
        return "PyTorch (python3-torch) is not installed: nothing to compare with."
    own = torch["float64"]
    return f"{own['batched'] / step:.1f} times as fast as PyTorch with all networks at once, {own['one'] / step:.0f} times as with one after the other."


def table(rows, torch, host):
    lines = [f"Microseconds for each network and step, fastest of many in {PROCESSES} processes; float64 and one thread unless it says otherwise.", "",
             run.describe(host), "", verdict(rows, torch), "", "| program | step | gradient alone | its share of the most fused products | of the step |",
             "|---|---:|---:|---:|---:|"]
    lines += [f"| kramers, {row['isa']} | {row['step']:.2f} | {row['gradient']:.2f} | {row['gradient_share']:.0%} | {row['step_share']:.0%} |" for row in rows]
    if torch:
        for kind in ("float64", "float32"):
            lines += [f"| PyTorch {torch['torch']}, {what}, {kind} | {torch[kind][key]:.1f} | | | |"
                      for key, what in (("by_hand", "baddbmm, backward by hand"), ("autograd", "baddbmm, autograd"), ("one", "one network after the other"))]
    lines += ["", f"A step has {rows[0]['products']} fused products for each network; of the most that one processor does when it does nothing else "
              + ", ".join(f"({row['isa']}: {row['fma_per_ns']:.1f} in a nanosecond)" for row in rows) + ". A step of ours draws the batch, "
              "gathers it, and moves the network; PyTorch's batches are numbers made beforehand."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=run.HERE.parent / "build" / "release")
    parser.add_argument("--seconds", type=float, default=8, help="time of each of PyTorch's programs")
    parser.add_argument("--output", help="name of the result files (default: the processor's)")
    options = parser.parse_args()
    host = run.machine(options.build)
    rows, torch = measure(options.build, options.seconds)
    run.write(options.output, "-network", host, {"verdict": verdict(rows, torch), "rows": rows, "torch": torch}, table(rows, torch, host))


if __name__ == "__main__":
    main()
