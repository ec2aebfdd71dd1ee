"""What a step of a coordinate costs with every dynamics, noise and landscape.

    all.py [--build DIRECTORY] [--seconds S] [--output NAME]

Runs `kramers bench --all` in several processes and keeps the fastest of each; prints a table, and writes bench/results/NAME-all.json and
-all.md (NAME: the processor's). What reaches less than a third of sgld's speed on double_well must say why, in its descriptor.
"""
import argparse
import pathlib
import sys

import run

PROCESSES = 3
SHARE = 1 / 3


def speed(row):
    return row["coordinate_steps_per_processor_second"] or 0


def measure(build, seconds):
    """Each row of the process that was fastest at it; shares anew, beside the fastest sgld on double_well."""
    best = {}
    for _ in range(PROCESSES):
        for row in run.run_json(build / "kramers", "bench", "--all", "--json", "--seconds", seconds, single=True)["rows"]:
            key = row["kind"], row["name"]
            best[key] = max(best.get(key, row), row, key=speed)
    reference = speed(best["landscape", "double_well"])
    for row in best.values():
        row["share"] = speed(row) / reference if speed(row) else None
    return list(best.values())


def silent(rows):
    return [row for row in rows if row["share"] is not None and row["share"] < SHARE and not row["bound"]]


def verdict(rows):
    measured = [row for row in rows if row["share"] is not None]
    fast = sum(row["share"] >= SHARE for row in measured)
    text = f"{fast} of {len(measured)} reach one third of the speed of sgld on double_well"
    if silent(rows):
        return text + "; no reason is stated for " + ", ".join(f"{row['kind']} {row['name']}" for row in silent(rows)) + "."
    return text + ("; for the others a reason is stated." if fast < len(measured) else ".")


def table(rows, host):
    lines = [f"Millions of coordinate-steps per second that one processor is busy, fastest of {PROCESSES} processes; share: of sgld on double_well.",
             "", run.describe(host), "", verdict(rows)]
    for kind, on in (("dynamics", "on double_well without gradient noise"), ("noise", "added to sgd on double_well"),
                     ("landscape", "with sgld")):
        lines += ["", f"**{kind}**, {on}", "", "| name | dim | speed | ns | share | what it costs, where the share is below 1/3 |",
                  "|---|---:|---:|---:|---:|---|"]
        for row in (row for row in rows if row["kind"] == kind):
            if row["share"] is None:
                lines.append(f"| `{row['name']}` | | | | | {row['refused']} |")
                continue
            why = (row["bound"] or "**no reason is stated**") if row["share"] < SHARE else ""
            lines.append(f"| `{row['name']}` | {row['dim']} | {speed(row) / 1e6:.0f} | {1e9 / speed(row):.3g} | {row['share']:.2f} | {why} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=run.HERE.parent / "build" / "release")
    parser.add_argument("--seconds", type=float, default=0.5, help="time of one measurement")
    parser.add_argument("--output", help="name of the result files (default: the processor's)")
    options = parser.parse_args()
    host = run.machine(options.build)
    rows = measure(options.build, options.seconds)
    run.write(options.output, "-all", host, {"verdict": verdict(rows), "rows": rows}, table(rows, host))
    if silent(rows):
        sys.exit("all.py: " + verdict(rows))


if __name__ == "__main__":
    main()
