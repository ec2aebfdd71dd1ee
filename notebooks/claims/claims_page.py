"""What is written of the claims: a notebook for each, the page with all verdicts, and the list of them that the program has (`kramers list claims`)."""
import json

from claims import HERE
from figure_style import number, write_whole

HEAD = """# Claims about cosine annealing, measured

Each claim is measured with the settings, seeds and rows that stand in the file beside it; every schedule has its own best learning rate, chosen
with other seeds than those reported. A verdict is *holds*, *holds when …*, *fails*, or *undecided* where the interval does not tell. Intervals are 95 %.
Each has a lesson that shows it in motion in one of its settings (`kramers list claims` names it); the verdict is of all settings.
`./dev claims` measures what is missing and writes this page; `./dev claims check` measures a part anew, to the last printed digit.

| | claim | verdict | effect (95 %) | runs |
|---:|---|---|---|---:|
"""


def said(verdict):
    return f"**{verdict.word}** {verdict.when}".strip()


def interval(estimate):
    return f"{number(estimate.value)} ({number(estimate.low)} to {number(estimate.high)})"


def page(claims):
    text = HEAD
    for claim in claims:
        verdict = claim.verdict()
        text += f"| {claim.number} | [{claim.title}](#claim-{claim.number}) | {said(verdict)} | {verdict.effect}: {interval(verdict.estimate)} | {verdict.runs} |\n"
    for claim in claims:
        text += f"\n<a id=\"claim-{claim.number}\"></a>\n\n## {claim.number} · {claim.title}\n\n{claim.module.CLAIM}\n\n"
        text += f"**Measured.** {claim.module.MEASURE}\n\n![{claim.title}](pictures/{claim.picture.name})\n\n{claim.reading()}\n\n"
        text += "".join(f"*“{objection}”* {answer}\n\n" for objection, answer in claim.module.OBJECTIONS)
        if claim.watch:
            text += "Watch it: " + ", ".join(f"`kramers view {name}`" for name in claim.watch) + ".\n\n"
        rows = f"[rows]({claim.csv.name})" if not claim.held_by else f"rows of [{claim.held_by.rpartition('/')[2]}](../../{claim.held_by})"
        text += f"[Notebook]({claim.notebook.name}) · {rows} · [settings]({claim.stem}.py)\n"
    return text


def listed(claims):
    """claims.json: cmake/claims_list.cmake puts it into the program. Effects to as many digits as the rows have."""
    found = []
    for claim in claims:
        verdict = claim.verdict()
        value, low, high = (float(f"{number:.10g}") for number in verdict.estimate)
        found.append({"number": claim.number, "title": claim.title, "claim": claim.module.CLAIM, "verdict": verdict.word, "when": verdict.when, "effect": verdict.effect, "value": value, "low": low, "high": high,
                      "runs": verdict.runs, "page": f"notebooks/claims/README.md#claim-{claim.number}", "notebook": f"notebooks/claims/{claim.notebook.name}", "watch": list(claim.watch)})
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _cell(kind, text):
    cell = {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
    if kind == "code":
        cell.update(execution_count=None, outputs=[])
    return cell


def notebook(claim):
    module, verdict = claim.module, claim.verdict()
    objections = "\n".join(f"* *“{objection}”* {answer}" for objection, answer in module.OBJECTIONS)
    cells = [
        _cell("markdown", f"# {claim.number} · {claim.title}\n\n{module.CLAIM}\n\n**Measured.** {module.MEASURE}"),
        _cell("code", f"import claims\n\nclaim = claims.load({claim.number})\nrows = claim.rows()\n"
                      f"print(len(rows.texts), 'rows of', rows.runs(), 'independent runs')\nclaim.figure()"),
        _cell("code", "print(claim.reading())"),
        _cell("markdown", "## Verdict\n\nIt follows from the rows, and is asserted of them:"),
        _cell("code", f"verdict = claim.verdict()\nprint(verdict.word, verdict.when)\nprint(verdict.effect + ':', verdict.estimate)\n"
                      f"assert (verdict.word, verdict.when) == ({verdict.word!r}, {verdict.when!r})"),
        _cell("markdown", f"## What a referee would say\n\n{objections}"),
    ] + ([] if claim.held_by else [
        _cell("markdown", "## A setting of it, run again\n\nEqual settings and seeds give equal bits: these rows come out as they are in the file."),
        _cell("code", "setting = next(one for one in claim.settings() if one.quick)\nagain = claims.measure(setting)\n"
                      "assert all(row in rows.texts for row in again)\nprint(claims.text_of(setting.changes))\n"
                      "print(*(f\"{row['quantity']}: {row['value']}\" for row in again), sep='\\n')"),
    ])
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    return {"cells": cells, "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}


def sources(one):
    """What a notebook says and does, without what came out of it."""
    return [(cell["cell_type"], "".join(cell["source"])) for cell in one["cells"]]


def _is_there(path, wanted):
    """Whether the notebook has these cells; then its outputs stay."""
    try:
        return sources(json.loads(path.read_text())) == sources(wanted)
    except (OSError, ValueError, KeyError):
        return False


def write_all(claims):
    for claim in claims:
        wanted = notebook(claim)
        if not _is_there(claim.notebook, wanted):
            write_whole(claim.notebook, (json.dumps(wanted, indent=1, ensure_ascii=False) + "\n").encode())
    write_whole(HERE / "README.md", page(claims).encode())
    write_whole(HERE / "claims.json", listed(claims).encode())
