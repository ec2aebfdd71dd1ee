"""Snapshots along one run as an ensemble: what they gain, beside networks of their own for the same steps."""
import figure_networks
from claims import Verdict, difference, network_rows, source
from figure_style import number

TITLE = "Snapshots along one run give a diverse ensemble at the price of one"
CLAIM = "The states at the ends of cosine cycles lie in different basins, and their predictions together are better than those of the last one, for the price of one run."
MEASURE = ("Small networks on digits, 1024 of them, ten cosine cycles of 450 steps each (the scene `snapshot_ensemble`): gain in test accuracy and log loss of the last "
           "m snapshots over the last one, of their averaged weights, and of m networks that share the same steps; the loss barrier on the line between "
           "snapshots; at three largest rates.")
OBJECTIONS = (("The cycles are too short or too cold to leave a basin.",
               "Largest rates of 0.5, 1 and 1.5 stand beside each other; the barrier between snapshots grows with the rate but stays small, and the last networks are the best at 1."),
              ("Independent networks with a tenth of the steps are hardly trained.",
               "They gain least with ten networks and most with two or five: the comparison is with the best of them, and each has the same sum of steps as the one run."))
WATCH = ("lesson_snapshot_ensemble",)
HEIGHT = 0.5
SCENE, HELD_BY = "snapshot_ensemble", "tests/test_physics_networks.c"
LR = "1"  # the largest rate at which the last networks are the best


def rows():
    return network_rows("networks_snapshots", SCENE)


def gain(rows, kind, m, what="accuracy"):
    return rows.one(f"snapshots.{kind}_{what}_gain", index=m - 1, schedule__lr=LR, schedule__period=None)


def verdict(rows):
    best = max((gain(rows, "independent", m) for m in (2, 5, 10)), key=lambda one: one.value)
    effect = difference(gain(rows, "ensemble", 10), best)
    word = "fails" if effect.high < 0 else "holds" if effect.low > 0 else "undecided"
    return Verdict(word, "", "test accuracy of ten snapshots together less that of the best set of independent networks with the same steps", effect, rows.runs())


def reading(rows):
    lines = []
    ten = gain(rows, "ensemble", 10)
    lines.append(f"Ten snapshots together read {100 * ten.value:.2f} ({100 * ten.low:.2f} to {100 * ten.high:.2f}) percentage points more digits than the last one alone; "
                 + "; ".join(f"{m} networks of their own with the same steps {100 * one.value:.2f} ({100 * one.low:.2f} to {100 * one.high:.2f})" for m in (2, 5, 10)
                             for one in (gain(rows, "independent", m),)) + ".")
    loss, own = gain(rows, "ensemble", 10, "log_loss"), gain(rows, "independent", 5, "log_loss")
    lines.append(f"The log loss falls by {loss.value:.3f} ({loss.low:.3f} to {loss.high:.3f}) with ten snapshots, by {own.value:.3f} ({own.low:.3f} to {own.high:.3f}) with five networks.")
    barrier = rows.one("snapshots.barrier", index=8, schedule__lr=LR, schedule__period=None)
    start = rows.one("snapshots.barrier", index=0, schedule__lr=LR, schedule__period=None)
    lines.append(f"The loss rises by {number(start.value, 2)} ({number(start.low, 2)} to {number(start.high, 2)}) on the line from the first snapshot to the second and by "
                 f"{number(barrier.value, 2)} ({number(barrier.low, 2)} to {number(barrier.high, 2)}) on that from the ninth to the tenth: they lie in one valley. A snapshot costs nothing and gains something; diverse it is not.")
    return "\n\n".join(lines)


def draw(rows, style):
    return figure_networks.snapshot_ensemble(source(), style)
