"""Cosine in each task of two: what is learned of the new one against what is kept of the old one."""
import numpy as np

import figure_networks
from claims import Estimate, Verdict, network_rows, source

TITLE = "Cosine per task balances plasticity and stability"
CLAIM = "A cosine that begins anew with each task learns the new task (plasticity) and keeps the old one (stability) better than a constant learning rate."
MEASURE = ("Small networks, 1024 of them, learn digits 0 to 4 and then 5 to 9 (the scene `continual_digits`), under a cosine in each task and at constant rates, five rates each: "
           "test accuracy on the new task against what is left of the old one.")
OBJECTIONS = (("A constant rate is compared at the same number, where it is larger on average than a cosine.",
               "Rates are not compared at the same number but at the same accuracy on the new task, between the two nearest constant rates."),
              ("One pair of tasks, without anything against forgetting.",
               "One pair it is; classes of the second task never occur in the first, so that forgetting is strong. Methods against forgetting are beyond the claim."))
WATCH = ("lesson_continual_learning",)
HEIGHT = 0.5
SCENE, HELD_BY = "continual_digits", "tests/test_physics_networks.c"
RATES = ("0.02", "0.05", "0.1", "0.2", "0.5")
OLD_AFTER, NEW_AFTER = 2, 3  # of [phase][task]


def rows():
    return network_rows("networks_continual", SCENE)


def curve(rows, name):
    """[(rate, new task, old task after it)] in the order of the new task."""
    found = [(rate, *(rows.one("phase_tasks.test_accuracy", index=index, schedule__name=name, schedule__lr=rate) for index in (NEW_AFTER, OLD_AFTER))) for rate in RATES]
    return sorted(found, key=lambda one: one[1].value)


def above(rows):
    """[(rate of the cosine, what it keeps of the old task less what a constant rate keeps that learns the new one as well)]."""
    constant, found = curve(rows, "constant"), []
    for rate, new, old in curve(rows, "cosine"):
        for (_, new_low, old_low), (_, new_high, old_high) in zip(constant, constant[1:]):
            if new_low.value <= new.value <= new_high.value:
                share = (new.value - new_low.value) / (new_high.value - new_low.value)
                slope = (old_high.value - old_low.value) / (new_high.value - new_low.value)
                kept = (1 - share) * old_low.value + share * old_high.value
                half = [(one.high - one.low) / 2 for one in (old, old_low, old_high, new)]
                error = np.sqrt(half[0] ** 2 + ((1 - share) * half[1]) ** 2 + (share * half[2]) ** 2 + (slope * half[3]) ** 2)
                value = old.value - kept
                found.append((rate, Estimate(float(value), float(value - error), float(value + error))))
    return found


def verdict(rows):
    found = above(rows)
    rate, largest = max(found, key=lambda one: abs(one[1].value))
    better = sum(one.low > 0 for _, one in found)
    worse = sum(one.high < 0 for _, one in found)
    word = "holds" if better and not worse else "fails" if not better else "holds when"
    return Verdict(word, "" if word != "holds when" else f"the rate is {', '.join(rate for rate, one in found if one.low > 0)}",
                   f"accuracy kept on the old task, cosine (lr {rate}) less a constant rate that learns the new one as well", largest, rows.runs())


def reading(rows):
    lines = [f"Cosine with the largest rate {rate} keeps {100 * one.value:+.1f} ({100 * one.low:+.1f} to {100 * one.high:+.1f}) percentage points of the old task beside a constant rate that learns the "
             "new one as well." for rate, one in above(rows)]
    lines.append("All points lie near one curve: what is kept of the old task follows from how well the new one is learned, not from the schedule. A cosine is a smaller rate.")
    return "\n\n".join(lines)


def draw(rows, style):
    return figure_networks.continual_digits(source(), style)
