"""What bounds each workload: its operations, counted one by one, under what the processor can do.

    roofline.py [--build DIRECTORY] [SCENE...]     prints the tables that run.py puts into bench/results

bench/instructions counts the instructions of a step by single-stepping, objdump says what they are, and bench/ceiling measures how
many of each kind the processor does in a nanosecond when it does nothing else. A kind's count over its ceiling is a time that no
arrangement of the same instructions can go below. Kinds share units (products, roots and 32-bit multiplications for instance), so
there is also the count of all vector instructions and of all instructions. The loops of a step come one after the other, so the
bound is the sum over the loops of the longest of these times of each. Normals and exponentials are no further operations but what
some of them are for: measured as a whole, counted by bench/stages and from the source (EXPONENTIALS).
"""
import argparse
import bisect
import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# kr_exp for each particle and step, read off the landscapes.
EXPONENTIALS = {"bench_langevin_muller_brown": 4}
# Kind: what it is called, what of bench/ceiling it stands under.
KINDS = {"fused": ("products and fused operations", "fma"), "sum": ("sums and comparisons", "add"),
         "multiply": ("32-bit multiplications", "multiply"), "divide": ("divisions", "divide"), "sqrt": ("square roots", "sqrt"),
         "divider": ("divisions and roots together", None), "load": ("loads", "load"), "store": ("stores", "store"),
         "vector_instruction": ("vector instructions", "vector_instruction"), "instruction": ("all instructions", "instruction")}
WHOLES = {"normal": "normals, as a whole", "exp": "exponentials, as a whole"}
# Functions of the hot loop whose names say little here.
LOOPS = {"draw": "normals", "outside": "first passage, finiteness", "add": "gradient noise", "variance": "variance of the noise",
         "step": "dynamics", "libc": "copies (libc)"}
FUSED = re.compile(r"v?(fn?m(add|sub)\w*|mul)[ps]d$")
SUM = re.compile(r"v?(add|sub|max|min|cmp\w*|u?comi)[ps]d$")
REGISTER = re.compile(r"\b([xyz])mm\d+")
BYTES = {"x": 16, "y": 32, "z": 64}
WIDTHS = {"zmmword": 64, "ymmword": 32, "xmmword": 16, "qword": 8, "dword": 4, "word": 2, "byte": 1}


def disassemble(path, addresses):
    """Address: (mnemonic, operands), as Intel writes them."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "-M", "intel", f"--start-address={min(addresses)}",
                           f"--stop-address={max(addresses) + 16}", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for address, words in re.findall(r"^\s*([0-9a-f]+):\t(.*)$", text, re.M):
        words = re.sub(r"\s+(#.*|<.*>)$", "", words.strip())
        words = re.sub(r"^(lock|bnd|notrack|cs|ds) +", "", words)
        mnemonic, _, operands = words.partition(" ")
        found[int(address, 16)] = (mnemonic, operands.strip())
    return found


def classify(mnemonic, operands):
    """Kinds of one execution, as numbers of doubles or 1 for an instruction."""
    kinds = collections.Counter()
    if mnemonic.startswith("rep"):  # a trap for each unit of a copy, of which the processor moves 32 bytes at a time
        size = WIDTHS[re.search(r"(\w+) PTR", operands).group(1).lower()]
        kinds.update(load=size / 8 * operands.startswith("movs"), store=size / 8, instruction=size / 32)
        return kinds
    kinds["instruction"] = 1
    registers = REGISTER.findall(operands)
    mask = re.search(r"\bk[1-7]\b", operands) is not None
    vector = bool(registers) or (mask and mnemonic.startswith("k"))
    width = max((BYTES[r] for r in registers), default=8)
    parts = re.split(r",(?![^\[]*\])", operands)
    place = next((i for i, part in enumerate(parts) if "[" in part), None)
    stays = mnemonic in ("lea", "nop", "nopw", "nopl", "prefetcht0", "prefetchw")
    if place is not None and not stays:
        named = re.search(r"(\w+) (?:ptr|bcst)", parts[place], re.I)
        size = width if "gather" in mnemonic else WIDTHS.get(named.group(1).lower(), 8) if named else 8
        reads = place > 0 or not (vector or mnemonic.startswith(("mov", "set")))
        writes = place == 0 and (vector or mnemonic not in ("cmp", "test", "jmp", "call", "push"))
        kinds.update(load=size / 8 * reads, store=size / 8 * writes)
    if mnemonic in ("push", "call"):
        kinds["store"] += 1
    if mnemonic in ("pop", "ret"):
        kinds["load"] += 1
    if not vector:
        return kinds
    lanes = 1 if re.search(r"s[ds]$", mnemonic) and "mov" not in mnemonic else width / 8
    moved = re.match(r"v?(mov[adu]|lddqu|broadcast|p?broadcast)", mnemonic) and (place is not None or not mask)
    kinds["vector_instruction"] += not moved  # loads, stores and renamed registers need no vector unit
    if re.match(r"v?div[ps]d", mnemonic):
        kinds["divide"] += lanes
    elif re.match(r"v?sqrt[ps]d", mnemonic):
        kinds["sqrt"] += lanes
    elif re.match(r"v?pmuludq", mnemonic):
        kinds["multiply"] += lanes
    elif FUSED.match(mnemonic):
        kinds["fused"] += lanes
    elif SUM.match(mnemonic):
        kinds["sum"] += lanes
    return kinds


def functions(path):
    """Addresses, ascending, and names."""
    lines = subprocess.run(["nm", "--defined-only", "-n", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    found = [line.split() for line in lines.splitlines()]
    found = [(int(words[0], 16), words[2]) for words in found if len(words) == 3 and words[1] in "tTwW"]
    return [address for address, _ in found], [name for _, name in found]


def counts(build, scenes, run_json):
    """(scene, isa): function: kind: how many a particle and step."""
    result = {}
    for entry in run_json(build / "bench" / "instructions", *scenes, single=True):
        loops = collections.defaultdict(collections.Counter)
        for part in entry["files"]:
            if not pathlib.Path(part["file"]).is_file():  # the kernel's own pages, by which a program reads the clock
                continue
            code = disassemble(part["file"], [address for address, _ in part["counts"]])
            begins, names = functions(part["file"])
            for address, times in part["counts"]:
                name = names[bisect.bisect(begins, address) - 1] if names else pathlib.Path(part["file"]).name
                name = name.partition(".")[0]  # the compiler's copies of a function are the same loop
                for kind, number in classify(*code[address]).items():
                    loops[name][kind] += times * number / entry["particle_steps"]
        result[entry["scene"], entry["isa"]] = loops
    return result


def times(count, ceiling):
    """The ns that each kind takes at its ceiling."""
    ns = {kind: count[kind] / ceiling[under] for kind, (_, under) in KINDS.items() if under}
    return {**ns, "divider": ns["divide"] + ns["sqrt"]}


def rows(count, ceiling, wholes):
    """What a particle-step has of each kind, and the ns at the ceiling; without kinds that there are hardly any of."""
    ns = times(count, ceiling)
    listed = [{"kind": kind, "count": count[kind] if under else count["divide"] + count["sqrt"], "ns": ns[kind]}
              for kind, (_, under) in KINDS.items()]
    listed += [{"kind": kind, "count": wholes[kind], "ns": wholes[kind] / ceiling[kind]} for kind in WHOLES]
    least = 0.002 * max(row["ns"] for row in listed)
    both = min(ns["divide"], ns["sqrt"]) > least
    return [row for row in listed if row["ns"] > least and (both or row["kind"] != "divider")]


def bounds(loops, ceiling):
    """Each loop with its longest time and the kind that this is of, longest first; what is short all together last."""
    listed = []
    for name, count in loops.items():
        ns = times(count, ceiling)
        kind = max(ns, key=ns.get)
        listed.append({"loop": LOOPS.get(name, name), "kind": kind, "ns": ns[kind], "instructions": count["instruction"]})
    listed.sort(key=lambda loop: -loop["ns"])
    total = sum(loop["ns"] for loop in listed)
    large = [loop for loop in listed if loop["ns"] >= 0.01 * total]
    return large + [{"loop": "others", "kind": None, "ns": total - sum(loop["ns"] for loop in large),
                     "instructions": sum(loop["instructions"] for loop in listed if loop not in large)}]


def measure(build, scenes, stages, run_json):
    """(ceilings, entries): what bench/ceiling gives, and of each scene and instruction set {scene, isa, ns_without_returns, rows,
    loops, bound_ns, instructions_per_cycle}. stages: what bench/stages gave."""
    if not (build / "bench" / "ceiling").exists() or not shutil.which("objdump"):
        return [], []  # no instruction set with vectors, or nobody to read it
    ceilings = run_json(build / "bench" / "ceiling", single=True)
    of_isa = {entry["isa"]: entry for entry in ceilings}
    counted = counts(build, scenes, run_json)
    entries = []
    for stage in stages:
        loops = counted.get((stage["scene"], stage["isa"]))
        if not loops:
            continue
        ceiling, measured = of_isa[stage["isa"]], stage["ns_without_returns"]
        wholes = {"normal": stage["normals_per_particle_step"], "exp": EXPONENTIALS.get(stage["scene"], 0)}
        count = sum(loops.values(), collections.Counter())
        listed = bounds(loops, ceiling)
        entries.append({"scene": stage["scene"], "isa": stage["isa"], "ns_without_returns": measured,
                        "rows": rows(count, ceiling, wholes), "loops": listed, "bound_ns": sum(loop["ns"] for loop in listed),
                        "instructions_per_cycle": count["instruction"] / measured / ceiling["cycle"]})
    return ceilings, entries


def verdict(entry):
    """What bounds it, in a few sentences."""
    measured, ns = entry["ns_without_returns"], {row["kind"]: row["ns"] for row in entry["rows"]}
    share = entry["bound_ns"] / measured
    by_kind = collections.Counter()
    for loop in entry["loops"]:
        if loop["kind"]:
            by_kind[loop["kind"]] += loop["ns"] / measured
    parts = [f"{KINDS[kind][0]} {100 * part:.0f} %" for kind, part in by_kind.most_common() if part >= 0.05]
    text = f"{entry['isa']}: {100 * share:.0f} % of the time is what the loops take at their nearest ceilings: {', '.join(parts)}. "
    if share < 0.9:
        text += "In the rest instructions wait for the results of others, or for caches beyond the first. "
    return text + (f"All loads alone would take {100 * ns['load'] / measured:.0f} %, stores {100 * ns['store'] / measured:.0f} %. "
                   f"{entry['instructions_per_cycle']:.1f} instructions a cycle.")


def side_by_side(entries, head, keys, name_of, cells_of):
    """Lines of a table with a group of columns for each instruction set."""
    heads = [f"{entry['isa']}: {head[1]}" for entry in entries]
    lines = [f"| {head[0]} | " + " | ".join(" | ".join([first, *head[2:]]) for first in heads) + " |",
             "|---|" + "---:|" * (len(head) - 1) * len(entries)]
    for key in keys:
        found = [cells_of(entry, key) for entry in entries]
        if any(found):
            cells = [cell for group in found for cell in (group or [""] * (len(head) - 1))]
            lines.append(f"| {name_of(key)} | {' | '.join(cells)} |")
    return lines


def table(entries):
    """The operations of one workload under their ceilings, its loops, and what this says."""
    if not entries:
        return []

    def percent(ns, entry):
        return f"{round(100 * ns / entry['ns_without_returns'])} %"

    def operation(entry, kind):
        row = next((row for row in entry["rows"] if row["kind"] == kind), None)
        return row and [f"{row['count']:.3g}", f"{row['ns']:.3g}", percent(row["ns"], entry)]

    def loop(entry, name):
        row = next((row for row in entry["loops"] if row["loop"] == name), None)
        return row and [KINDS[row["kind"]][0] if row["kind"] else "", f"{row['ns']:.3g}", percent(row["ns"], entry)]

    names = list(dict.fromkeys(row["loop"] for entry in entries for row in entry["loops"]))
    names = [name for name in names if name != "others"] + ["others"]
    lines = ["", *side_by_side(entries, ("operation", "in a particle-step", "ns at the ceiling", "of the time"), [*KINDS, *WHOLES],
                               lambda kind: KINDS[kind][0] if kind in KINDS else f"*{WHOLES[kind]}*", operation)]
    lines += ["", *side_by_side(entries, ("loop", "nearest ceiling", "ns at it", "of the time"), names, str, loop),
              "| together | " + " | ".join(f" | {entry['bound_ns']:.3g} | **{percent(entry['bound_ns'], entry)}**" for entry in entries) + " |",
              "| measured, without returns | " + " | ".join(f" | {entry['ns_without_returns']:.3g} | 100 %" for entry in entries) + " |"]
    return lines + [line for entry in entries for line in ("", verdict(entry))]


def ceiling_table(ceilings):
    """What one processor does when it does nothing else."""
    if not ceilings:
        return []
    names = {"fma": "products and fused operations", "add": "sums", "multiply": "32-bit multiplications", "divide": "divisions",
             "sqrt": "square roots", "load": "loads", "store": "stores", "normal": "normals", "exp": "exponentials",
             "vector_instruction": "vector instructions", "instruction": "instructions"}
    clock = max(entry["cycle"] for entry in ceilings)
    lines = ["**Ceilings of one processor**", "",
             f"Per ns, of numbers in the first-level cache; instructions as such. The clock was {clock:.2f} GHz.", "",
             "| instruction set | " + " | ".join(names.values()) + " |", "|---|" + "---:|" * len(names)]
    lines += [f"| {entry['isa']} | " + " | ".join(f"{entry[name]:.3g}" for name in names) + " |" for entry in ceilings]
    return lines + [""]


def main():
    sys.path.insert(0, str(HERE))
    import run
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build" / "release")
    parser.add_argument("scene", nargs="*", help="scenes (default: the three that the project measures itself by)")
    options = parser.parse_args()
    scenes = options.scene or [f"bench_{name}" for name in run.WORKLOADS]
    stages = run.run_json(options.build / "bench" / "stages", *scenes, single=True)
    ceilings, entries = measure(options.build, scenes, stages, run.run_json)
    print("\n".join(ceiling_table(ceilings)))
    for scene in scenes:
        print("\n".join([f"**{scene}**", *table([entry for entry in entries if entry["scene"] == scene]), ""]))


if __name__ == "__main__":
    main()
