"""Figures of numbers that follow the learning rate: coupled_batch_size, coupled_weight_decay. Points are the committed rows of
tests/results_coupled_*.csv, lines join the exact numbers of the same rows. Error bars are 95 %."""
import numpy as np

from figure_points import points
from figure_rates import NORMAL_95, plain_log
from figure_source import column
from figure_style import PATHS, letter, new_picture, number

SLOW = (0, (1.2, 1.2))

# ---- batch size ---------------------------------------------------------------------------------------------------------------


def coupled_batch_size(source, style):
    """Crossings against the end of the schedule, per time as well, and temperatures through a run, with and without lr / batch size."""
    rows = source.rows("coupled_batch_size")
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        shares, temperatures = picture.subplots(1, 2, width_ratios=(1, 1.1))
        sigmas = sorted({row["sigma"] for row in rows if row["keep"] == "lr/noise.batch_size"})
        for sigma, color, marker in zip(sigmas, PATHS[style.dark], "sv^"):
            for keep in ("lr/noise.batch_size", None):
                mine = [row for row in rows if row["sigma"] == sigma and row["keep"] == keep]
                start = number(mine[0]["temperature_start"], 2)
                one_share(shares, mine, color, marker, style, f"T = {start}, kept" if keep else f"from T = {start} down", bool(keep))
        shares.set_xscale("log")
        shares.set_yscale("log")
        shares.set_ylim(0.004, 1.3)
        shares.yaxis.set_major_formatter(lambda value, _: number(value))
        plain_log(shares.xaxis, (0.0015, 0.003, 0.006, 0.012, 0.03))
        shares.set_xlabel("learning rate at the end, from 0.03")
        shares.set_ylabel("crossed within 1000 steps")
        letter(shares, "(a) measured, and exact (lines)", style)
        picture.legend_below(shares, ncols=2)
        through(temperatures, source.rows("coupled_temperature"), style)
    return picture


def one_share(axes, rows, color, marker, style, label, filled):
    x, measured = column(rows, "lr_min"), column(rows, "measured")
    error = NORMAL_95 * np.sqrt(measured * (1 - measured) / column(rows, "particles"))
    axes.plot(x, column(rows, "chain"), color=color, linewidth=1.2 * style.line, linestyle="-" if filled else (0, (5, 1.6)), zorder=2)
    points(axes, x, measured, error, style, label, color, marker, filled=filled)


def through(axes, rows, style):
    """Configurational temperatures of the double well under SGD."""
    series = ((None, "batch size 1", "o"), ("lr/noise.batch_size", "lr / batch size kept", "s"),
              ("{product: lr/noise.batch_size, integer: true}", "in whole batches, 10 to 2", "^"))
    for (keep, label, marker), color in zip(series, PATHS[style.dark]):
        mine = [row for row in rows if row["landscape"] == "double_well" and row["keep"] == keep]
        x, exact, measured = (column(mine, name) for name in ("step", "exact", "measured"))
        if "integer" not in str(keep):  # whose temperature jumps between these steps
            axes.plot(x, exact, color=color, linewidth=1.2 * style.line, zorder=2)
            axes.plot(x, column(mine, "predicted"), color=color, linewidth=1.0 * style.line, linestyle=SLOW, zorder=1)
        points(axes, x, measured, NORMAL_95 * column(mine, "error"), style, label, color, marker)
    axes.set_ylim(0, 0.36)
    axes.set_xlim(0, 1040)
    axes.set_xlabel("step")
    axes.set_ylabel("temperature")
    letter(axes, "(b) measured, exact (lines), lr σ² / (2B) (dotted)", style)
    axes.figure.legend_below(axes, ncols=2)


# ---- weight decay -------------------------------------------------------------------------------------------------------------


def coupled_weight_decay(source, style):
    """Crossings, and how far out weights are in the end, against the end of the schedule: decay in the loss and decoupled."""
    rows = source.rows("coupled_weight_decay")
    decays = sorted({row["weight_decay"] for row in rows})
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        shares, sizes = picture.subplots(1, 2)
        for decay, color, marker in zip(decays, PATHS[style.dark], "sv^o"):
            for keep in (None, "lr*dynamics.weight_decay"):
                for axes, quantity in ((shares, "crossed"), (sizes, "square")):
                    mine = [row for row in rows if row["weight_decay"] == decay and row["keep"] == keep and row["quantity"] == quantity]
                    one_decay(axes, mine, color, marker, style, number(decay) if keep else None, bool(keep))
        shares.set_ylabel("crossed to x > 0.5 within 2000 steps")
        sizes.set_ylabel("mean x² at the end")
        letter(shares, "(a) measured, exact (lines), sum of rates (dotted)", style)
        letter(sizes, "(b) measured, exact (lines), equilibrium (dotted)", style)
        for axes in (shares, sizes):
            axes.set_xscale("log")
            plain_log(axes.xaxis, (0.003, 0.006, 0.012, 0.03))
            axes.set_xlabel("learning rate at the end, from 0.03")
            axes.set_ylim(bottom=0)
        shares.set_ylim(0, 1)
        shares.legend(loc="upper right", ncols=4, columnspacing=1.0, title="weight decay at the start; filled: lr × decay is kept")
    return picture


def one_decay(axes, rows, color, marker, style, label, filled):
    x, exact, measured = (column(rows, name) for name in ("lr_min", "exact", "measured"))
    axes.plot(x, exact, color=color, linewidth=1.2 * style.line, linestyle="-" if filled else (0, (5, 1.6)), zorder=2)
    if filled:
        axes.plot(x, column(rows, "adiabatic"), color=color, linewidth=1.0 * style.line, linestyle=SLOW, zorder=1)
    points(axes, x, measured, NORMAL_95 * column(rows, "error"), style, label, color, marker, filled=filled)
