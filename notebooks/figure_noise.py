"""Figures of noise that is not white and Gaussian: levy, interference. Points are the committed rows of tests/results_*.csv, lines are
theories as `kramers theory` gives them. Error bars are 95 %."""
import numpy as np
from matplotlib.colors import LogNorm

from figure_points import points
from figure_rates import NORMAL_95, plain_log, theory_color
from figure_source import column
from figure_style import HEAT, PATHS, letter, new_picture, number

# ---- heavy tails --------------------------------------------------------------------------------------------------------------

GAUSSIAN = {"name": "isotropic", "sigma": 7}


def well(height, width):
    """The settings of a row: V = h ((x/w)^2 - 1)^2."""
    return {"landscape": {"name": "formula", "potential": "h*((x/w)^2-1)^2", "variables": ["x"], "h": float(height), "w": float(width)},
            "escape.until": {"coordinate": 0, "above": 0.9 * float(width)}}


def levy(source, style):
    """Mean exit time under alpha-stable noise against the height and the width of the barrier, and under Gaussian noise."""
    rows = source.rows("levy")
    height = [row for row in rows if row["varied"] == "height"]
    width = sorted((row for row in rows if row["varied"] == "width" or (row["varied"] == "height" and row["barrier"] == 1)),
                   key=lambda row: row["width"])
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        grid = picture.subplots(2, 2, sharex="col", sharey="row", height_ratios=(2.4, 1))
        panel(grid[:, 0], source, height, "barrier", np.geomspace(0.22, 9, 25), lambda x: well(x, 1), style)
        panel(grid[:, 1], source, width, "width", np.geomspace(0.37, 2.2, 25), lambda x: well(1, x), style)
        letter(grid[0, 0], "(a) height of the barrier, at width 1", style)
        letter(grid[0, 1], "(b) width, at height 1", style)
        grid[0, 0].set_ylim(800, 3e6)
        grid[0, 0].set_ylabel("mean steps until the other well")
        grid[1, 0].set_ylabel("measured / theory")
        grid[1, 0].set_ylim(0.93, 1.07)
        grid[1, 0].set_xlabel("height h of the barrier")
        grid[1, 1].set_xlabel("distance w from the minimum to the top")
        plain_log(grid[1, 0].xaxis, (0.25, 0.5, 1, 2, 4, 8))
        plain_log(grid[1, 1].xaxis, (0.4, 0.6, 0.8, 1, 1.25, 1.6, 2))
        grid[0, 1].legend(*grid[0, 0].get_legend_handles_labels(), loc="upper left", frameon=False)  # where no curve is
    return picture


def panel(axes, source, rows, key, values, settings, style):
    above, below = axes
    color = PATHS[style.dark][1]
    found = source.theories("levy", [settings(value) for value in values])
    jumps = np.array([one["levy"]["mfpt_steps"] for one in found])
    top = np.array([one["levy"]["distance"] for one in found])
    far = np.array([one["levy"]["distance_far"] for one in found])
    gauss = [one["chain"].get("mfpt_steps") or np.nan for one in source.theories("levy", [{**settings(value), "noise": GAUSSIAN} for value in values])]
    above.plot(values, jumps, color=color, linewidth=1.5 * style.line, label="single jumps", zorder=3)
    above.plot(values, jumps * (1 + (top / far) ** 1.5), color=color, linewidth=1.0 * style.line, linestyle=(0, (1.2, 1.2)),
               label="without those over the far wall", zorder=2)
    above.plot(values, gauss, color=theory_color("chain", style), linewidth=1.2 * style.line, linestyle=(0, (5, 1.6)),
               label="Gaussian noise, σ = 7 (exact)", zorder=2)
    mean, low, high = (column(rows, name) for name in ("mfpt_steps", "low", "high"))
    points(above, column(rows, key), mean, np.array([mean - low, high - mean]), style, "measured, α = 1.5, σ = 0.5")
    theory = column(rows, "levy")
    points(below, column(rows, key), mean / theory, np.array([mean - low, high - mean]) / theory, style)
    below.axhline(1, color=color, linewidth=1.0 * style.line, zorder=1)
    above.set_xscale("log")
    above.set_yscale("log")


# ---- two rhythms --------------------------------------------------------------------------------------------------------------


def interference(source, style):
    """Probability to have crossed within five restarts, over the period of the noise's pulses and the place of their beginning."""
    rows = source.rows("interference")
    ratios, phases = (sorted({row[key] for row in rows}) for key in ("ratio", "phase_fraction"))
    place = {(row["ratio"], row["phase_fraction"]): row for row in rows}
    chain = np.array([[place[ratio, phase]["chain"] for phase in phases] for ratio in ratios])
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subplots(1, 2, width_ratios=(1.15, 1))
        mesh = left.pcolormesh(np.arange(len(phases) + 1) / len(phases), np.arange(len(ratios) + 1), chain, cmap=HEAT[style.dark],
                               norm=LogNorm(chain.min(), chain.max()))
        left.set_yticks(np.arange(len(ratios)) + 0.5, [number(ratio) for ratio in ratios])
        left.set_xlabel("beginning of the pulse / its period")
        left.set_ylabel("period of the pulses / period of the restarts")
        letter(left, "(a) exact", style)
        bar = picture.colorbar(mesh, ax=left, location="bottom", aspect=35, ticks=[0.01, 0.02, 0.05, 0.1, 0.2, 0.5], pad=0.02)
        bar.ax.xaxis.set_major_formatter(lambda value, _: number(value))
        bar.ax.minorticks_off()
        bar.set_label("crossed within 1000 steps")
        for ratio, color, marker in zip((0.5, 0.75, 1, 2), PATHS[style.dark], "sv^o"):
            cut(right, [place[ratio, phase] for phase in phases], ratio, color, marker, style)
        letter(right, "(b) measured, and exact (lines)", style)
        right.set_yscale("log")
        right.set_ylim(0.006, 1)
        right.yaxis.set_major_formatter(lambda value, _: number(value))
        right.set_xlabel("beginning of the pulse / its period")
        picture.legend_below(right, 0.5, ncols=4, columnspacing=0.8, handletextpad=0.2, title="period of the pulses / of the restarts")
    return picture


def cut(axes, rows, ratio, color, marker, style):
    at, exact, measured = (column(rows, name) for name in ("phase_fraction", "chain", "measured"))
    error = NORMAL_95 * np.sqrt(measured * (1 - measured) / column(rows, "particles"))
    axes.plot(at, exact, color=color, linewidth=1.2 * style.line, zorder=3)
    points(axes, at, measured, error, style, number(ratio), color, marker, filled=ratio == 1)
