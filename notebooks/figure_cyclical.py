"""Figure of cyclical SGLD on 25 modes: points are the committed rows of tests/results_cyclical_*.csv, error bars are 95 %."""
import numpy as np

from figure_source import column
from figure_points import points
from figure_rates import NORMAL_95
from figure_style import PATHS, letter, new_picture


def cyclical_sgld(source, style):
    """Where particles end cycles, and how many modes they see against the learning rate, hot and cold."""
    rows = source.rows("cyclical_sgld")
    first, controls = rows[0], rows[1:]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subplots(1, 2, width_ratios=(1, 1.6))
        occupation(left, source.rows("cyclical_occupation"), style)
        modes_seen(right, controls, first, style)
    return picture


def occupation(axes, rows, style):
    letter(axes, "(a) ends of cycles", style)
    mode, share, expected = 2 * column(rows, "mode") - 4, column(rows, "share"), column(rows, "expected")
    for place, value in zip(mode, expected):
        axes.plot([place - 0.8, place + 0.8], [value, value], color=PATHS[style.dark][0], linewidth=1.6 * style.line, zorder=3,
                  label="exact" if place == mode[0] else None)
    axes.axhline(0.2, color=style.faint, linewidth=0.8 * style.line, linestyle=(0, (2, 2)), zorder=1)
    error = np.array([share - column(rows, "low"), column(rows, "high") - share])
    points(axes, mode, share, error, style, "measured")
    axes.set_ylim(0.13, 0.27)
    axes.set_xticks(mode)
    axes.set_xlabel("mode along an axis, x")
    axes.set_ylabel("share of particles")
    axes.legend(loc="upper left", ncols=2, handlelength=1.4, columnspacing=1.0, borderaxespad=0.1)


def modes_seen(axes, rows, first, style):
    letter(axes, "(b) modes seen in 30 cycles", style)
    axes.axvline(2, color=style.faint, linewidth=0.9 * style.line, zorder=1)
    axes.annotate("limit of\nstability", (2, 22.5), (-0.4 * style.font, 0), textcoords="offset points", ha="right", va="center")
    for (temperature, marker), color in zip(((1, "o"), (0.01, "s")), PATHS[style.dark][1:]):
        mine = [row for row in rows if row["temperature"] == temperature]
        x, y = column(mine, "lr_times_curvature"), column(mine, "distinct")
        axes.plot(x, y, color=color, linewidth=0.8 * style.line, zorder=2)
        points(axes, x, y, NORMAL_95 * column(mine, "error"), style, f"T = {temperature:g}", color, marker)
    points(axes, [first["lr_times_curvature"]], [first["distinct"]], [NORMAL_95 * first["error"]], style, "the scene", None, "D", filled=False)
    axes.set_ylim(0, 25.5)
    axes.set_xlabel("largest learning rate × curvature of a mode")
    axes.set_ylabel("different modes, of 25")
    axes.legend(loc="upper left", handletextpad=0.3)
