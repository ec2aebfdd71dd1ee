"""Figures of rates: turnover, arrhenius, sharp_or_flat. Points are the committed rows of tests/results_*.csv, lines are theories as
`kramers theory` gives them. Error bars are 95 %."""
import numpy as np
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

from figure_points import points
from figure_source import column
from figure_style import PATHS, THEORY, letter, new_picture, number, wrapped

NORMAL_95 = 1.959964  # standard errors

TURNOVER = {  # the theories, from the exact one to the crudest: words, dashes, width
    "klein_kramers": ("Klein–Kramers gap (exact)", "-", 1.8),
    "pollak_grabert_hanggi": ("Pollak–Grabert–Hänggi", (0, (5, 1.6)), 1.3),
    "melnikov_meshkov": ("Mel’nikov–Meshkov", (0, (1.2, 1.2)), 1.5),
    "kramers_friction": ("Kramers, strong friction", (0, (6, 1.5, 1.2, 1.5)), 1.3),
    "energy_diffusion": ("energy diffusion", (0, (3, 1)), 1.3),
    "transition_state": ("transition state", (0, (8, 2)), 1.3),
}


def theory_color(name, style):
    return THEORY[style.dark][name]


def plain_log(axis, places):
    """A logarithmic axis with these ticks, written out."""
    axis.set_major_locator(FixedLocator(places))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axis.set_minor_locator(NullLocator())


# ---- turnover -----------------------------------------------------------------------------------------------------------------


def turnover(source, style):
    """Relaxation rate of the populations against friction, measured from core sets, with the raw first passage beside it."""
    rows = source.rows("turnover")
    friction, decay = column(rows, "friction"), column(rows, "decay_rate")
    # Straight where friction is low, and there the exact gap takes longest.
    grid = np.concatenate([np.geomspace(friction.min() / 1.3, 0.1, 9)[:-1], np.geomspace(0.1, friction.max() * 1.3, 48)])
    lines = source.theory_lines("turnover", "dynamics.friction", grid, "spectral_gap", TURNOVER)
    exact = column(rows, "klein_kramers")
    twice = 2 * column(rows, "passage_rate")
    spread = NORMAL_95 / np.sqrt(column(rows, "passages"))
    error = NORMAL_95 * column(rows, "decay_rate_error")
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        axes, below = picture.subplots(2, 1, sharex=True, height_ratios=(3.2, 1.3))
        for name, (words, dash, width) in TURNOVER.items():
            if name in lines:
                axes.plot(grid, lines[name], color=theory_color(name, style), linestyle=dash, linewidth=width * style.line, label=words, zorder=3)
                below.plot(grid, lines[name] / lines["klein_kramers"], color=theory_color(name, style), linestyle=dash, linewidth=width * style.line,
                           zorder=3)
        points(axes, friction, decay, error, style, "measured, decay of core-set populations")
        points(axes, friction, twice, spread * twice, style, "measured, twice the rate of first passages", marker="s", filled=False)
        maximum(axes, below, source, style)
        axes.set_yscale("log")
        axes.set_xscale("log")
        axes.set_xlim(grid[0], grid[-1])
        axes.set_ylim(0.6 * decay.min(), 2.6 * lines["transition_state"].max())
        axes.set_ylabel("relaxation rate λ = 2k (1 / time)")
        if style.stacked:
            picture.set_size_inches(style.size[0], 1.45 * style.size[0])
            picture.legend_below(below, 0.5, *axes.get_legend_handles_labels(), handlelength=3.2, labelspacing=0.35)
        else:
            axes.legend(loc="lower center", bbox_to_anchor=(0.5, 0.0), handlelength=3.2, labelspacing=0.35)
        momentum_axis(axes, source.scene("turnover")["schedule"]["lr"], grid, style)
        below.axhspan(0.95, 1.05, color=style.faint, alpha=0.3, linewidth=0, zorder=1)
        points(below, friction, decay / exact, error / exact, style)
        points(below, friction, twice / exact, spread * twice / exact, style, marker="s", filled=False)
        below.set_ylim(0.8, 1.9)
        below.set_ylabel("λ / exact")
        below.set_xlabel("friction γ (1 / time)")
        plain_log(below.xaxis, [value for value in (0.01, 0.1, 1, 10) if grid[0] <= value <= grid[-1]])
        below.xaxis.set_minor_locator(LogLocator(10, subs=range(2, 10)))
        below.xaxis.set_minor_formatter(NullFormatter())
        below.annotate("±5 %", (0.0175, 1.05), (0, 0.1 * style.font), textcoords="offset points", ha="center", va="bottom")
    return picture


def maximum(axes, below, source, style):
    """Where the exact gap is largest, from a finer grid about it."""
    fine = np.geomspace(0.3, 2.0, 41)
    gap = source.theory_lines("turnover", "dynamics.friction", fine, "spectral_gap", ["klein_kramers"])["klein_kramers"]
    top = int(gap.argmax())
    look = dict(color=style.faint, linewidth=0.9 * style.line, linestyle=(0, (2, 2)), zorder=1)
    axes.plot([fine[top]] * 2, [gap[top], 10 * gap[top]], **look)
    below.axvline(fine[top], **look)
    axes.annotate(f"maximum at γ = {number(fine[top], 2)}", (fine[top], 1.6 * gap[top]), (0.6 * style.font, 0), textcoords="offset points",
                  ha="left", va="bottom", zorder=6)


def momentum_axis(axes, rate, friction, style):
    """Friction as momentum of the heavy ball at one learning rate: γ = (1 - μ) / √η."""
    top = axes.twiny()
    top.set_xscale("log")
    top.set_xlim(axes.get_xlim())
    momentum = [value for value in (0.999, 0.99, 0.9, 0.5, 0.0) if friction[0] < (1 - value) / np.sqrt(rate) < friction[-1]]
    top.xaxis.set_major_locator(FixedLocator([(1 - value) / np.sqrt(rate) for value in momentum]))
    top.xaxis.set_major_formatter(FixedFormatter([f"{value:g}" for value in momentum]))
    top.xaxis.set_minor_locator(NullLocator())
    top.spines["top"].set_visible(True)
    top.set_xlabel(f"momentum μ = 1 − γ√η at learning rate η = {number(rate)}", labelpad=0.6 * style.font)


# ---- Arrhenius ----------------------------------------------------------------------------------------------------------------

SWEEPS = {"arrhenius": ("SGLD: T", "o"), "batch_size": ("SGD: batch size", "s"), "learning_rate": ("SGD: learning rate", "^"),
          "tilted": ("SGLD, tilted well: T", "D")}  # what was varied, marker


def arrhenius(source, style):
    """ln rate against 1/T with the fitted line; what the exact theory leaves of it; the slopes beside the barrier."""
    sweeps = {}
    for row in source.rows("arrhenius"):
        sweeps.setdefault(row["sweep"], []).append(row)
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subfigures(1, 2, width_ratios=(1.45, 1))
        axes, below = left.subplots(2, 1, sharex=True, height_ratios=(2.4, 1))
        slopes = right.subplots(1, 1)
        for (name, rows), color in zip(sweeps.items(), PATHS[style.dark]):
            words, marker = SWEEPS.get(name, (name.replace("_", " "), "o"))
            one_sweep(axes, below, rows, words, marker, color, style)
        letter(axes, "(a) rate out of the well", style)
        axes.set_yscale("log")
        axes.set_ylabel("escape rate k (1 / time)")
        axes.legend(loc="lower left", title="measured; varied:", alignment="left", title_fontsize=style.font, handletextpad=0.3)
        letter(below, "(b) beside the exact chain; those of one T stand side by side", style)
        below.axhline(1, color=style.faint, linewidth=0.8 * style.line, zorder=1)
        below.set_ylabel("k / exact")
        below.set_xlabel("1 / T  (1 / energy)")
        compare_slopes(slopes, sweeps, style)
    return picture


def one_sweep(axes, below, rows, words, marker, color, style):
    inverse, rate, chain = 1 / column(rows, "temperature"), column(rows, "rate"), column(rows, "chain")
    spread = NORMAL_95 / np.sqrt(column(rows, "events"))
    order = np.argsort(inverse)
    points(axes, inverse, rate, spread * rate, style, words, color, marker, filled=marker == "o")
    # The fit's line has the slope that the rows give; it goes through the mean of ln rate weighted by events, as every such fit does.
    weight, slope = column(rows, "events"), fitted(rows)["slope"]
    middle = np.average(inverse, weights=weight), np.average(np.log(rate), weights=weight)
    ends = np.array([inverse.min() - 0.1, inverse.max() + 0.1])
    axes.plot(ends, np.exp(middle[1] - slope * (ends - middle[0])), color=color, linewidth=1.0 * style.line, zorder=2)
    shift = {"o": -0.045, "s": -0.015, "^": 0.015, "D": 0.045}[marker]  # so that bars at one temperature stand side by side
    points(below, inverse[order] + shift, (rate / chain)[order], (spread * rate / chain)[order], style, None, color, marker, filled=marker == "o")


def fitted(rows):
    """Slope, corrected slope, its error and the barrier: in the last row of a sweep."""
    return rows[-1]


def compare_slopes(axes, sweeps, style):
    letter(axes, "(c) slope of −ln k over 1/T", style)
    axes.axvspan(0.98, 1.02, color=style.faint, alpha=0.3, linewidth=0, zorder=1)
    axes.axvline(1, color=style.faint, linewidth=0.8 * style.line, zorder=1)
    for at, ((name, rows), color) in enumerate(zip(sweeps.items(), PATHS[style.dark])):
        found = fitted(rows)
        words, marker = SWEEPS.get(name, (name, "o"))
        axes.plot(found["slope"] / found["barrier"], at, marker, color=color, markerfacecolor=style.paper, markersize=0.65 * style.font, zorder=4)
        axes.errorbar(found["corrected"] / found["barrier"], at, xerr=NORMAL_95 * found["error"] / found["barrier"], fmt=marker, color=color,
                      markersize=0.65 * style.font, elinewidth=1.1 * style.line, capsize=0.25 * style.font, zorder=5)
        axes.annotate(words, (0.93, at), (0, 0.9 * style.font), textcoords="offset points", va="bottom", ha="left", color=style.ink)
        axes.annotate(f"{number(found['corrected'], 4)} ± {number(NORMAL_95 * found['error'], 1)}; ΔV = {number(found['barrier'], 4)}",
                      (0.93, at), (0, -0.9 * style.font), textcoords="offset points", va="top", ha="left", color=style.ink)
    axes.set_ylim(len(sweeps) - 0.4, -0.6)
    axes.set_xlim(0.928, 1.032)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("slope / barrier ΔV; grey: within 2 %\nopen: of the line; filled: corrected\nby the exact theory; ± are 95 %")


# ---- sharp or flat ------------------------------------------------------------------------------------------------------------

SHARP, FLAT = {"ensemble.start": {"minimum": 0}, "escape.until": {"coordinate": 0, "above": 1}}, \
              {"ensemble.start": {"minimum": 1}, "escape.until": {"coordinate": 0, "below": -1}}


def pairs(source):
    """Each row of the flat minimum with the row of the sharp one before it: what was varied, the measured ratio of rates and its relative
    error. Two rows belong together when everything but where they start is the same."""
    rows = source.rows("sharp_or_flat")
    found = []
    for sharp, flat in zip(rows, rows[1:]):
        same = all(sharp[key] == flat[key] for key in ("landscape", "dynamics", "noise", "learning_rate"))
        if not same or "sharp_flat" not in flat["landscape"] or "minimum: 1" not in flat["start"]:
            continue
        settings = {key: source.yaml(flat[key]) for key in ("landscape", "dynamics", "noise")}
        found.append({"rate": flat["learning_rate"], "barrier": settings["landscape"]["barrier"], "sgld": settings["dynamics"]["name"] == "sgld",
                      "temperature": settings["dynamics"].get("temperature"), "batch_size": settings["noise"].get("batch_size"),
                      "epsilon": settings["noise"].get("epsilon"), "ratio": flat["mfpt_steps"] / sharp["mfpt_steps"],
                      "error": NORMAL_95 * np.sqrt(1 / flat["events"] + 1 / sharp["events"]), "chain": flat["chain"], "flat": flat["mfpt_steps"],
                      "flat_error": NORMAL_95 / np.sqrt(flat["events"]), "out_of_range": flat["out_of_range"], "s_implied": flat["s_implied"]})
    return found


def family(rate, batch_size, epsilon, barrier=1.0):
    """Settings of SGD; equal numbers give equal settings, which are asked for once."""
    return {"landscape": {"name": "sharp_flat", "barrier": float(barrier)}, "dynamics": {"name": "sgd"}, "schedule.lr": float(rate),
            "noise": {"name": "curvature", "strength": 20, "epsilon": int(epsilon), "batch_size": float(batch_size)}}


def thermal(rate):
    return {"landscape": {"name": "sharp_flat", "barrier": 1.0}, "dynamics": {"name": "sgld", "temperature": 0.3}, "noise": {"name": "none"},
            "schedule.lr": rate}


# Of each column of panels: what is varied, its ticks, and the series: words, order of colour, marker, the settings at a value, the values
# of the line, and which of the pairs are its points.
PANELS = [
    ("learning rate η", "rate", (0.005, 0.01, 0.02, 0.04), [
        ("SGD, ε = 1", 0, "o", lambda x: family(x, 1, 1), np.geomspace(0.009, 0.034, 8), lambda p: not p["sgld"] and p["epsilon"] == 1 and p["batch_size"] == 1),
        ("SGD, ε = 0", 1, "s", lambda x: family(x, 1, 0), np.array([0.01, 0.012, 0.015, 0.02]),
         lambda p: not p["sgld"] and p["epsilon"] == 0 and p["batch_size"] == 1),
        ("SGLD, T = 0.3", 3, "^", thermal, np.geomspace(0.005, 0.04, 6), lambda p: p["sgld"] and p["temperature"] == 0.3)]),
    ("batch size B", "batch_size", (0.5, 1, 2, 4), [
        ("η = 0.01", 2, "v", lambda x: family(0.01, x, 1), np.geomspace(0.4, 1.2, 6), lambda p: not p["sgld"] and p["epsilon"] == 1 and p["rate"] == 0.01),
        ("η = 0.02", 0, "o", lambda x: family(0.02, x, 1), np.geomspace(0.5, 2.4, 7),
         lambda p: not p["sgld"] and p["epsilon"] == 1 and p["rate"] == 0.02 and p["barrier"] == 1),
        ("η = 0.04", 3, "D", lambda x: family(0.04, x, 1), np.geomspace(1.0, 4.8, 7), lambda p: not p["sgld"] and p["epsilon"] == 1 and p["rate"] == 0.04),
        ("η = 0.02, ε = 0", 1, "s", lambda x: family(0.02, x, 0), np.array([1.0, 1.4, 2.0]),
         lambda p: not p["sgld"] and p["epsilon"] == 0 and p["rate"] == 0.02)]),
    ("curvature of the sharp minimum\n(energy / length²)", "barrier", (10, 20, 40), [
        ("η = 0.02, B = 2", 0, "o", lambda x: family(0.02, 2, 1, x), np.geomspace(0.5, 2.2, 7),
         lambda p: not p["sgld"] and p["epsilon"] == 1 and p["rate"] == 0.02 and p["batch_size"] == 2)]),
]


def sharp_or_flat(source, style):
    """Ratio of the rates out of the sharp and the flat minimum, and the published estimate for the flat one beside the exact time."""
    measured = pairs(source)
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        grid = picture.subplots(2, 3, sharex="col", sharey="row", height_ratios=(1.25, 1))
        for at, (words, key, ticks, series) in enumerate(PANELS):
            for one in series:
                one_series(grid[0, at], grid[1, at], source, key, one, measured, style)
            panel_axes(grid[0, at], grid[1, at], words, ticks, "abc"[at], style)
            letter(grid[1, at], f"({'def'[at]})", style)
        grid[0, 0].set_ylabel("rate out of sharp / out of flat")
        grid[1, 0].set_ylabel("time out of flat / exact")
        explain(picture, style)
    return picture


def one_series(top, below, source, key, series, measured, style):
    words, color, marker, settings, values, mine = series
    color = PATHS[style.dark][color]
    scale = source.curvature("sharp_or_flat", {**settings(1.0), **SHARP}) if key == "barrier" else 1.0
    sharp = source.theories("sharp_or_flat", [{**settings(value), **SHARP} for value in values])
    flat = source.theories("sharp_or_flat", [{**settings(value), **FLAT} for value in values])
    for name, dash, width in (("chain", "-", 1.4), ("ito", (0, (1.2, 1.2)), 1.2)):
        line = [(a[name].get("mfpt_steps") or np.nan) / (b[name].get("mfpt_steps") or np.nan) for a, b in zip(flat, sharp)]
        there = np.isfinite(line)  # over values that the theory refuses the line goes straight
        top.plot(values[there] * scale, np.array(line)[there], color=color, linestyle=dash, linewidth=width * style.line, zorder=2)
    chosen = [pair for pair in measured if mine(pair)]
    x = column(chosen, key) * scale
    ratio, error = column(chosen, "ratio"), column(chosen, "error")
    points(top, x, ratio, ratio * error, style, words, color, marker)
    points(below, x, column(chosen, "flat") / column(chosen, "chain"), column(chosen, "flat_error"), style, None, color, marker)
    estimate(below, values * scale, flat, color, style)


def estimate(axes, x, flat, color, style):
    """The published estimate over the exact time. It is exponential in its free constant s; from its value at s = 1/2 and the s that
    would give the exact time, its values at 0 and at 1 follow."""
    ratio, low, high = [], [], []
    for one in flat:
        if not (one["xie"].get("applies") and one["chain"].get("applies")):
            ratio, low, high = (part + [np.nan] for part in (ratio, low, high))
            continue
        found = np.log(one["xie"]["mfpt_steps"] / one["chain"]["mfpt_steps"])
        steepness = found / (one["xie"]["s"] - one["xie"]["s_implied"])
        ratio.append(np.exp(found))
        low.append(np.exp(found - steepness * one["xie"]["s"]))
        high.append(np.exp(found + steepness * (1 - one["xie"]["s"])))
    axes.plot(x, ratio, color=color, linestyle=(0, (5, 1.6)), linewidth=1.3 * style.line, zorder=3)
    axes.fill_between(x, low, high, color=color, alpha=0.16, linewidth=0, zorder=1)


def panel_axes(top, below, words, ticks, name, style):
    top.set_xscale("log")
    top.set_yscale("log")
    below.set_yscale("log")
    top.set_ylim(1.5, 9000)
    below.set_ylim(0.001, 60)
    below.axhline(1, color=style.faint, linewidth=0.8 * style.line, zorder=1)
    below.set_xlabel(words)
    plain_log(below.xaxis, ticks)
    for axis, places in ((top.yaxis, (1, 10, 100, 1000)), (below.yaxis, (0.01, 0.1, 1, 10))):
        plain_log(axis, places)
    letter(top, f"({name})", style)
    top.legend(loc="upper left" if len(top.get_legend_handles_labels()[0]) > 3 else "upper right", handletextpad=0.2, borderaxespad=0.1)


def explain(picture, style):
    words = ("Points: measured. Above, lines: exact chain; dotted: Itô quadrature, which is none where the noise vanishes (ε = 0). Below, dashed: "
             "estimate of Xie, Sato and Sugiyama 2021 for SGD with s = 1/2, shaded: all that it can give with 0 < s < 1.")
    picture.supxlabel("\n".join(wrapped(words, 0.97 * 72 * style.size[0] / style.font, style)), fontsize=style.font, color=style.ink, ha="left", x=0.01)
