"""Figures of small networks: snapshot_ensemble, lottery_ticket, continual_digits, residual_depth. All points are the committed rows of
tests/results_networks_*.csv: means over at least 1000 networks with 95 % intervals, most of them smaller than the marks."""
import numpy as np

from figure_points import DASHED, estimates
from figure_rates import plain_log
from figure_style import PATHS, letter, new_picture


def settings(row):
    """The changes of a row, as a dict of texts."""
    return dict(change.split("=", 1) for change in row["setting"].split())


def numbers(rows, quantity, **wanted):
    """{index: (value, low, high)} of the rows with these settings; keys have '_' for '.'."""
    return {int(row["index"]): (row["value"], row["low"], row["high"]) for row in rows if row["quantity"] == quantity and
            all(settings(row).get(key.replace("__", ".")) == value for key, value in wanted.items()) and row["value"] is not None and
            np.isfinite(row["value"])}


# ---- snapshots ----------------------------------------------------------------------------------------------------------------


def snapshot_ensemble(source, style):
    """What the last m snapshots gain over the last one, beside averaged weights and independent networks; barriers between them."""
    rows = source.rows("networks_snapshots")
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        gains, losses, barriers = picture.subplots(1, 3)
        for quantity, name, color, marker in (("ensemble", "predictions of the last m", colors[0], "o"),
                                              ("average", "their weights, averaged", colors[1], "s"),
                                              ("independent", "m networks, 1/m of the steps", colors[2], "^")):
            for axes, what, scale in ((gains, "accuracy_gain", 100), (losses, "log_loss_gain", 1)):
                found = numbers(rows, f"snapshots.{quantity}_{what}", schedule__lr="1", schedule__period=None)
                estimates(axes, [m + 1 for m in found], list(found.values()), style, name if axes is gains else None, color, marker, scale=scale)
        gains.set_ylabel("accuracy gained (percentage points)")
        losses.set_ylabel("log loss gained")
        for axes in (gains, losses):
            axes.axhline(0, color=style.ink, linewidth=0.6 * style.line, zorder=1)
            axes.set_xlabel("snapshots m")
            axes.set_xticks((1, 4, 7, 10))
        for lr, color, marker in zip(("0.5", "1", "1.5"), (colors[3], *colors), "vDp"):
            found = numbers(rows, "snapshots.barrier", schedule__lr=lr, schedule__period=None)
            estimates(barriers, [cycle + 1 for cycle in found], list(found.values()), style, f"lr {lr}", color, marker)
        barriers.set_xlabel("cycle")
        barriers.set_ylabel("loss barrier to the next snapshot")
        barriers.set_xticks((1, 3, 5, 7, 9))
        letter(gains, "(a) accuracy", style)
        letter(losses, "(b) log loss", style)
        letter(barriers, "(c) on the line between", style)
        picture.legend_below(gains)
        picture.legend_below(barriers, ncols=3, columnspacing=0.8, title="largest rate of a cycle")
    return picture


# ---- tickets ------------------------------------------------------------------------------------------------------------------

BOTH = 3  # of the matrix of two phases: after the second, on its data


def lottery_ticket(source, style):
    """Test accuracy of tickets and of as many weights chosen at random against what is left."""
    rows = source.rows("networks_tickets")
    colors = PATHS[style.dark]
    fractions = ("0.5", "0.8", "0.9", "0.95")
    left = [100 * (1 - float(fraction)) for fraction in fractions]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        axes = picture.subplots()
        whole = numbers(rows, "phase_tasks.test_accuracy", phases__ticket__prune__fraction="0.5", phases__ticket__prune__by="magnitude")[0]
        axes.axhline(100 * whole[0], color=style.ink, linewidth=0.8 * style.line, linestyle=(0, (5, 1.6)), label="all weights", zorder=1)
        for by, name, color, marker in (("magnitude", "the largest after training, put back to their start", colors[0], "o"),
                                        ("random", "chosen at random, put back to their start", colors[1], "s")):
            found = [numbers(rows, "phase_tasks.test_accuracy", phases__ticket__prune__fraction=fraction, phases__ticket__prune__by=by,
                             phases__ticket__rewind__step=None)[BOTH] for fraction in fractions]
            estimates(axes, left, found, style, name, color, marker, scale=100)
        axes.set_xscale("log")
        plain_log(axes.xaxis, (5, 10, 20, 50))
        axes.set_xlabel("weights left (%)")
        axes.set_ylabel("test accuracy (%)")
        axes.set_ylim(20, 100)
        picture.legend_below(axes)
    return picture


# ---- tasks --------------------------------------------------------------------------------------------------------------------


def continual_digits(source, style):
    """What is left of the first task against what is learned of the second."""
    rows = source.rows("networks_continual")
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, front = picture.subplots(1, 2)
        for name, words, color, marker, filled in (("cosine", "annealed in each task", colors[0], "o", True),
                                                   ("constant", "constant rate", colors[1], "s", False)):
            rates = ("0.02", "0.05", "0.1", "0.2", "0.5")
            found = [numbers(rows, "phase_tasks.test_accuracy", schedule__name=name, schedule__lr=rate) for rate in rates]
            x = [float(rate) for rate in rates]
            estimates(left, x, [one[0] for one in found], style, None, color, marker, filled, "-", 100)
            estimates(left, x, [one[2] for one in found], style, None, color, marker, filled, DASHED, 100)
            estimates(front, [100 * one[BOTH][0] for one in found], [one[2] for one in found], style, words, color, marker, filled, "-", 100)
        left.set_xscale("log")
        plain_log(left.xaxis, (0.02, 0.05, 0.1, 0.2, 0.5))
        left.set_xlabel("learning rate")
        left.set_ylabel("test accuracy (%)")
        front.set_xlabel("second task, test accuracy (%)")
        front.set_ylabel("first task after the second (%)")
        for axes in (left, front):
            axes.set_ylim(bottom=0)
        letter(left, "(a) first task: before the second, after (dashed)", style)
        letter(front, "(b) old against new", style)
        front.legend(loc="upper right")
    return picture


# ---- depth --------------------------------------------------------------------------------------------------------------------


def residual_depth(source, style):
    """Test accuracy after 1000 steps against the number of hidden layers, with and without the shortcut."""
    rows = source.rows("networks_depth")
    colors = PATHS[style.dark]
    depths = (1, 2, 4, 8, 16)
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        for axes, rate, name in zip(picture.subplots(1, 2, sharey=True), ("0.1", "0.4"), "ab"):
            for residual, words, color, marker in (("true", "with shortcut", colors[0], "o"), ("false", "without", colors[1], "s")):
                found = [numbers(rows, "evaluate.test_accuracy", landscape__hidden=f"[{','.join(['8'] * depth)}]",
                                 landscape__residual=residual, schedule__lr=rate)[0] for depth in depths]
                estimates(axes, depths, found, style, words, color, marker, scale=100)
            axes.set_xscale("log")
            plain_log(axes.xaxis, depths)
            axes.set_xlabel("hidden layers")
            axes.set_ylim(0, 100)
            axes.axhline(10, color=style.ink, linewidth=0.8 * style.line, linestyle=(0, (1.2, 1.2)), label="by chance", zorder=1)
            letter(axes, f"({name}) learning rate {rate}", style)
            if name == "a":
                axes.set_ylabel("test accuracy (%)")
                axes.legend(loc="center left")
    return picture
