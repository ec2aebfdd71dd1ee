"""Snapshots along one run as an ensemble: what they gain, beside networks of their own for the same steps."""
import figure_networks
from claims import Verdict, difference, network_rows, source
from figure_style import number

TITLE = "Snapshots along one run give a diverse ensemble at the price of one"
CLAIM = "The states at the ends of cosine cycles lie in different basins, and their predictions together are better than those of the last one, for the price of one run."
MEASURE = ("Small networks on digits, 1024 of them, ten cosine cycles of 450 steps each (the scene `snapshot_ensemble`): gain in test accuracy and log loss of the last "
           "m snapshots over the last one, of their averaged weights (as in stochastic weight averaging), and of m networks that share the same steps; the loss barrier on the line between "
           "snapshots; at three largest rates, (a) and (b) of the figure at the rate 1.")
OBJECTIONS = (("The cycles are too short or too cold to leave a basin.",
               "Largest rates of 0.5, 1 and 1.5 stand beside each other, and cycles three times as long. Hotter cycles part the snapshots a little more and gain more from "
               "them, but end in worse networks; with longer ones the gain stays as small, and what independent networks gain is larger at every rate."),
              ("Independent networks with a tenth of the steps are hardly trained.",
               "They gain least with ten networks and most with two or five: the comparison is with the best of them, and each has the same sum of steps as the one run."))
WATCH = ("lesson_snapshot_ensemble",)
HEIGHT = 0.5
SCENE, HELD_BY = "snapshot_ensemble", "tests/test_physics_networks.c"
RATES, OWN = ("0.5", "1", "1.5"), (2, 5, 10)  # largest rates; networks that share the steps of one run
TEN = 9  # index of the tenth snapshot


def rows():
    return network_rows("networks_snapshots", SCENE)


def of(rows, quantity, index, rate):
    return rows.one(f"snapshots.{quantity}", index=index, schedule__lr=rate, schedule__period=None)


def gain(rows, kind, m, rate, what="accuracy"):
    return of(rows, f"{kind}_{what}_gain", m - 1, rate)


def best_rate(rows):
    """At which ten snapshots together read most."""
    return max(RATES, key=lambda rate: of(rows, "ensemble_accuracy", TEN, rate).value)


def beside_own(rows, rate):
    """(ten snapshots less the best set of independent networks with the same steps, number of these)"""
    best = max(OWN, key=lambda m: gain(rows, "independent", m, rate).value)
    return difference(gain(rows, "ensemble", 10, rate), gain(rows, "independent", best, rate)), best


def verdict(rows):
    found = {rate: beside_own(rows, rate)[0] for rate in RATES}
    rate = best_rate(rows)
    word = "fails" if all(one.high < 0 for one in found.values()) else "holds" if found[rate].low > 0 else "undecided"
    return Verdict(word, "", f"test accuracy of ten snapshots together less that of the best set of independent networks with the same steps, at the rate ({rate}) best for snapshots",
                   found[rate], rows.runs())


def reading(rows):
    def points(one):
        return f"{100 * one.value:+.2f} ({100 * one.low:+.2f} to {100 * one.high:+.2f})"
    lines = []
    for rate in RATES:
        lines.append(f"Largest rate {rate}: the last network reads {100 * of(rows, 'test_accuracy', TEN, rate).value:.2f} % of the digits; ten snapshots together {points(gain(rows, 'ensemble', 10, rate))} percentage points more, "
                     f"their averaged weights {points(gain(rows, 'average', 10, rate))}; " + "; ".join(f"{m} networks of their own with the same steps {points(gain(rows, 'independent', m, rate))}" for m in OWN) + ".")
    three = {kind: rows.one(f"snapshots.{kind}_accuracy_gain", index=2, schedule__lr="1", schedule__period="1500", ensemble__particles=None) for kind in ("ensemble", "independent")}
    lines.append(f"With three cycles of 1500 steps at the rate 1 three snapshots gain {points(three['ensemble'])}, three networks of their own {points(three['independent'])}.")
    rate = best_rate(rows)
    lines.append("The log loss falls by " + "; ".join(f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f}) with {words} at the rate {rate}" for rate in RATES for words, one in (
        ("ten snapshots", gain(rows, "ensemble", 10, rate, "log_loss")), ("five networks", gain(rows, "independent", 5, rate, "log_loss")))) + ".")
    highest = max((of(rows, "barrier", index, rate) for index in range(TEN)), key=lambda one: one.value)
    hottest = max((of(rows, "barrier", index, RATES[-1]) for index in range(TEN)), key=lambda one: one.value)
    apart = of(rows, "disagreement", TEN - 1, rate)
    lines.append(f"The loss rises by at most {number(highest.value, 2)} on the lines from one snapshot to the next at the rate {rate}, by {number(hottest.value, 2)} ({number(hottest.low, 2)} to {number(hottest.high, 2)}) "
                 f"at {RATES[-1]}: they lie in one valley. The last two read {100 * apart.value:.2f} % of the digits differently. A snapshot costs nothing; diverse it is not.")
    return "\n\n".join(lines)


def draw(rows, style):
    return figure_networks.snapshot_ensemble(source(), style)
