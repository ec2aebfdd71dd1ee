"""The figure bath: an entropic barrier in 2 to 10 000 dimensions. Points are the committed rows of tests/results_bath.csv in the limit of
small learning rates, lines are theories as `kramers theory` gives them. Error bars are 95 %."""
import numpy as np
from figure_points import points
from figure_rates import NORMAL_95, plain_log
from figure_source import column
from figure_style import PATHS, letter, new_picture

TILT = 2.0  # (d - 1) ln(k_right / k_left)


def settings(source, dims):
    """Of the scene in these dimensions, at one tilt."""
    left = source.scene("bath")["landscape"]["k_left"]
    return [{"landscape.dim": int(dim), "landscape.k_right": float(left * np.exp(TILT / (dim - 1)))} for dim in dims]


def theories(source, dims):
    found = source.theories("bath", settings(source, dims))
    return {name: np.array([one[name]["spectral_gap"] for one in found]) for name in ("spectral_gap", "adiabatic")}, \
        np.array([one["stationary"]["population_0"] for one in found])


def bath(source, style):
    """Rates out of both wells and their sum against the dimension, beside the exact gap and the adiabatic one."""
    rows = [row for row in source.rows("bath") if row["learning_rate"] == 0]
    dims = column(rows, "dim")
    grid = np.unique(np.round(np.geomspace(2, 10000, 25)))
    gap, left = theories(source, grid)
    exact = column(rows, "spectral_gap")
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        axes, below = picture.subplots(1, 2)
        for at, (side, words, share) in enumerate((("right", "out of the right well", left), ("left", "out of the left well", 1 - left))):
            color, error = PATHS[style.dark][at], NORMAL_95 * column(rows, f"rate_{side}_error")
            points(axes, dims, column(rows, f"rate_{side}"), error, style, f"measured, {words}", color, "os"[at])
            axes.plot(grid, gap["spectral_gap"] * share, color=color, linewidth=1.5 * style.line, zorder=3)
            axes.plot(grid, gap["adiabatic"] * share, color=color, linestyle=(0, (5, 1.6)), linewidth=1.3 * style.line, zorder=2)
        letter(axes, "(a) rates out of the wells; dashed: adiabatic", style)
        axes.set_ylabel("rate (1 / time)")
        axes.set_ylim(0.0, 1.45 * column(rows, "rate_right").max())
        axes.legend(loc="upper left", handletextpad=0.3)
        relaxation, error = column(rows, "relaxation_rate"), NORMAL_95 * column(rows, "relaxation_error")
        below.axhline(1, color=style.faint, linewidth=1.2 * style.line, zorder=1, label="exact, in (x₀, r)")
        below.plot(grid, gap["adiabatic"] / gap["spectral_gap"], color=style.ink, linestyle=(0, (5, 1.6)), linewidth=1.3 * style.line,
                   label="adiabatic (fast walls)", zorder=2)
        points(below, dims, relaxation / exact, error / exact, style, "measured")
        letter(below, "(b) relaxation rate / exact gap", style)
        below.set_ylabel("λ / exact")
        below.legend(loc="lower left")
        low, high = (relaxation - error) / exact, (relaxation + error) / exact
        below.set_ylim(low.min() - 0.1, max(1.1, high.max() + 0.01))
        for one in (axes, below):
            one.set_xscale("log")
            one.set_xlabel("dimensions d")
            plain_log(one.xaxis, (2, 10, 100, 1000, 10000))
    return picture
