#!/usr/bin/env python3
"""The page docs/reference.md, made from what the program says of itself: reference.py KRAMERS [--write | --check]

Without an option the page is printed. --check: exit status 1 when docs/reference.md is not what the program says.
"""
import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent / "reference.md"
KINDS = {"landscapes": "Landscapes", "dynamics": "Dynamics", "noise": "Gradient noise", "schedules": "Schedules", "theories": "Theories",
         "observers": "Observers", "sections": "Sections of a scene"}
DRIVEN = ("landscapes", "dynamics", "noise")
HEAD = """# Reference

*Made by `./dev reference` from the descriptors in the source; `kramers list KIND NAME` says the same. Change the source, not this page.*

Symbols: x position, p momentum of mass 1, V the landscape, g its gradient, n the gradient noise, H the Hessian; eta the learning rate,
h its square root; T the temperature; xi independent standard normals; x' is x one step later.

Numbers of landscapes, dynamics and gradient noise may follow a schedule instead, or the learning rate (`keep`), but for those marked *stays*:
see [numbers that change](guide.md#numbers-that-change).
"""


def cell(text):
    return " ".join(str(text).split()).replace("|", "\\|")


def value(row):
    if row.get("required"):
        return "required"
    given = row.get("default")
    return "" if given is None else f"`{json.dumps(given, ensure_ascii=False)}`".replace('"', "")


def allowed(row):
    if row.get("choices"):
        return ", ".join(f"`{choice}`" for choice in row["choices"])
    low, high = row.get("minimum"), row.get("maximum")
    if low is None and high is None:
        return {"switch": "`true`, `false`"}.get(row["type"], "")
    left = "" if low is None else f"{low:g} {'<' if row.get('exclusive_minimum') else '≤'} "
    right = "" if high is None else f" {'<' if row.get('exclusive_maximum') else '≤'} {high:g}"
    return f"{left}{row.get('symbol') or row['name']}{right}"


def one(kind, entry):
    yield f"\n### {entry['name']}\n\n{cell(entry['doc'])}."
    if entry.get("equation"):
        yield f"\n```\n{entry['equation']}\n```"
    if entry.get("time_per_step") == "lr":
        yield "\nTime: a step lasts lr, as in the gradient flow."
    elif entry.get("time_per_step"):
        yield f"\nTime: a step lasts {entry['time_per_step']}, as in an equation of motion of second order."
    if entry.get("sums"):
        sums = entry["sums"]
        yield f"\nOver all steps: the sum of lr diverges {sums['lr_diverges']}; that of lr^2 converges {sums['lr_squared_converges']}."
    if entry.get("parameters"):
        yield "\n| key | meaning | default | allowed |\n|---|---|---|---|"
    for row in entry.get("parameters") or ():
        unit = f", in {row['unit']}" if row.get("unit") else ""
        stays = "; *stays*" if kind in DRIVEN and row["type"] in ("number", "integer", "list") and not row["may_follow"] else ""
        yield f"| `{row['name']}` | {cell(row['doc'])}{cell(unit)}{stays} | {cell(value(row))} | {cell(allowed(row))} |"
    twins = [twin for twin in entry.get("twins") or () if twin.get("library")]
    if twins:
        yield "\n| elsewhere | call | |\n|---|---|---|"
    for twin in twins:
        call = f"`{twin['call']}`" if twin.get("call") else ""
        yield f"| {twin['library']} | {cell(call)} | {cell(twin.get('differs') or 'equal')} |"
    if entry.get("reference"):
        yield f"\n{cell(entry['reference'])}"


def page(program):
    known = json.loads(subprocess.run([program, "list", "--json"], check=True, capture_output=True, text=True).stdout)
    lines, seen = [HEAD], {}

    def anchor(name):  # as headings of the same name are numbered
        seen[name] = seen.get(name, -1) + 1
        return f"#{name}" if not seen[name] else f"#{name}-{seen[name]}"

    for kind, title in KINDS.items():
        names = ", ".join(f"[{entry['name']}]({anchor(entry['name'])})" for entry in known[kind])
        lines.append(f"- {title}: {names}")
    for kind, title in KINDS.items():
        lines.append(f"\n## {title}")
        for entry in known[kind]:
            lines += one(kind, entry)
    return "\n".join(lines) + "\n"


def main():
    text = page(sys.argv[1])
    if "--write" in sys.argv:
        PAGE.write_text(text)
    elif "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text() != text:
            sys.exit("docs/reference.md is not what the program says of itself: ./dev reference writes it anew")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
