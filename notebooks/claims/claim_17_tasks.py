"""Cosine in each task of two: what is learned of the new one against what is kept of the old one."""
import math

import numpy as np

from claims import Estimate, Setting, Verdict
from figure_points import estimates
from figure_rates import plain_log
from figure_style import PATHS, letter, new_picture

TITLE = "Cosine per task balances plasticity and stability"
CLAIM = "A cosine that begins anew with each task learns the new task (plasticity) and keeps the old one (stability) better than a constant learning rate."
MEASURE = ("Small networks learn five of the ten digits for 500 steps, then the other five for 100, for six pairs of such tasks, 256 networks each: test "
           "accuracy on the new task, and what is left of the old one, under a cosine in each task, a line in each, four cosine cycles in each and a constant "
           "rate, at seven largest rates. What a schedule keeps is set beside what constant rates keep that learn the new task as well (between the two "
           "nearest), at those rates of either of which no other is better on both tasks; and the mean accuracy on both tasks at the rate at which networks with another seed have most of it. "
           "Pairs of tasks are what intervals are over: Student's t with five degrees of freedom.")
OBJECTIONS = (("A constant rate is compared at the same number, where it is larger on average than a cosine.",
               "Rates are not compared at the same number but at the same accuracy on the new task, or each schedule has its own best rate for the mean of both "
               "tasks."),
              ("One pair of tasks may favour anybody, and classes that never come again are no fair test of keeping.",
               "Six pairs, two of which are others in the opposite order, and the interval is one over pairs. Classes of the second task never occur in the first, so that forgetting "
               "is strong: what differs between schedules would show. Methods against forgetting are beyond the claim."))
WATCH = ("lesson_continual_learning",)
HEIGHT = 0.5
SCENE = "claim_17_digits.yaml"
# The digits of the first task; the others are those of the second.
FIRST = ((0, 1, 2, 3, 4), (5, 6, 7, 8, 9), (0, 2, 4, 6, 8), (1, 3, 5, 7, 9), (0, 1, 4, 7, 9), (0, 3, 5, 6, 8))
RATES = (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28)
SCHEDULES = {"cosine": {"schedule.name": "cosine"}, "line": {"schedule.name": "linear"},
             "restarts": {"schedule.name": "cosine_restarts", "phases.first.schedule.period": 125, "phases.second.schedule.period": 25},
             "constant": {"schedule.name": "constant"}}
RIVALS = ("cosine", "line", "restarts")  # of a constant rate
LOOKS = dict(zip(SCHEDULES, "o^Ds"))
TUNED, REPORTED, FEW = 101, 1, 64  # seeds; networks of the other one
STUDENT = 2.570581836  # 95 % with five degrees of freedom
OLD, NEW = "phases.second.tasks.first.test_accuracy", "phases.second.tasks.second.test_accuracy"


def changes(name, rate, pair, seed=REPORTED):
    second = [digit for digit in range(10) if digit not in FIRST[pair]]
    return {"landscape.task.classes": list(FIRST[pair]), "phases.second.landscape.task.classes": second, **SCHEDULES[name], "schedule.lr": rate,
            **({"ensemble.particles": FEW} if seed == TUNED else {})}


def settings():
    for pair in range(len(FIRST)):
        for name in SCHEDULES:
            for rate in RATES:
                for seed in (TUNED, REPORTED):
                    yield Setting(SCENE, changes(name, rate, pair, seed), seed, (OLD, NEW), rate == RATES[3] and pair == 0 and seed == REPORTED)


def over_pairs(values):
    """The mean with Student's interval."""
    values = np.asarray(values)
    half = STUDENT * values.std(ddof=1) / math.sqrt(values.size)
    return Estimate(float(values.mean()), float(values.mean() - half), float(values.mean() + half))


def ends(rows, name, rate, pair, seed=REPORTED):
    """(accuracy on the new task, on the old one)."""
    changed = changes(name, rate, pair, seed)
    return rows.at(changed, NEW, seed).value, rows.at(changed, OLD, seed).value


def front(rows, name, pair):
    """[(new, old)] at the rates of which no other is better on both, in the order of the new task."""
    found = sorted(ends(rows, name, rate, pair) for rate in RATES)
    return [one for one in found if not any(other[0] > one[0] and other[1] > one[1] for other in found)]


def kept(rows, name, rate, pair):
    """Accuracy on the old task less that under a constant rate that learns the new one as well; None where there is none, or where the
    schedule itself is better on both tasks at another rate."""
    new, old = ends(rows, name, rate, pair)
    constant = front(rows, "constant", pair)
    if (new, old) not in front(rows, name, pair) or not constant[0][0] <= new <= constant[-1][0]:
        return None
    return old - float(np.interp(new, *zip(*constant)))


def kept_in_pair(rows, name, pair):
    """The mean over the rates at which there is something to compare with."""
    return float(np.mean([one for rate in RATES if (one := kept(rows, name, rate, pair)) is not None]))


def both(rows, name, rate, pair, seed=REPORTED):
    return sum(ends(rows, name, rate, pair, seed)) / 2


def best_rate(rows, name, pair):
    return max(RATES, key=lambda rate: both(rows, name, rate, pair, TUNED))


def balanced(rows, name):
    """Mean accuracy on both tasks at the best rate, of each pair."""
    return np.array([both(rows, name, best_rate(rows, name, pair), pair) for pair in range(len(FIRST))])


def kept_by(rows, name):
    return over_pairs([kept_in_pair(rows, name, pair) for pair in range(len(FIRST))])


def verdict(rows):
    effect, balance = kept_by(rows, "cosine"), over_pairs(balanced(rows, "cosine") - balanced(rows, "constant"))
    words = "accuracy kept on the old task, cosine less a constant rate that learns the new one as well, over six pairs of tasks"
    if effect.low > 0 and balance.low > 0:
        return Verdict("holds", "", words, effect, rows.runs())
    if effect.low <= 0 and balance.low <= 0:
        return Verdict("fails" if min(effect.high, balance.high) < 0 else "undecided", "", words, effect, rows.runs())
    return Verdict("holds when", "the new task is learned as well" if effect.low > 0 else "the mean of both tasks at the best rate is meant", words, effect, rows.runs())


def reading(rows):
    def points(one):
        return f"{100 * one.value:+.2f} ({100 * one.low:+.2f} to {100 * one.high:+.2f})"
    lines = [f"Beside constant rates that learn the new task as well, a {name} in each task keeps {points(kept_by(rows, name))} percentage points of the old one."
             if name != "restarts" else f"Four cosine cycles in each task keep {points(kept_by(rows, name))}." for name in RIVALS]
    lines.append("Pair by pair a cosine keeps " + ", ".join(
        f"{100 * kept_in_pair(rows, 'cosine', pair):+.1f} ({''.join(map(str, FIRST[pair]))} first)" for pair in range(len(FIRST))) + ".")
    mean = {name: over_pairs(balanced(rows, name)) for name in SCHEDULES}
    lines.append("Mean accuracy on both tasks, each at its best rate: " + "; ".join(f"{name} {100 * mean[name].value:.1f} %" for name in SCHEDULES) +
                 "; less that of a constant rate, in percentage points: " + "; ".join(
                     f"{name} {points(over_pairs(balanced(rows, name) - balanced(rows, 'constant')))}" for name in RIVALS) + ".")
    return "\n\n".join(lines)


def draw(rows, style):
    colors = dict(zip(SCHEDULES, PATHS[style.dark]))
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subplots(1, 2)
        for name in SCHEDULES:
            places = [np.array([ends(rows, name, rate, pair) for pair in range(len(FIRST))]).T for rate in RATES]
            estimates(left, [100 * new.mean() for new, _ in places], [over_pairs(old) for _, old in places], style,
                      name if name in ("constant", "restarts") else f"{name} in each task", colors[name], LOOKS[name], name != "constant", scale=100)
        for shift, name in zip((-0.06, 0, 0.06), RIVALS):
            found = [[one for pair in range(len(FIRST)) if (one := kept(rows, name, rate, pair)) is not None] for rate in RATES]
            some = [(rate, over_pairs(one)) for rate, one in zip(RATES, found) if len(one) == len(FIRST)]  # that over fewer would be another interval
            estimates(right, [rate * (1 + shift) for rate, _ in some], [one for _, one in some], style, None, colors[name], LOOKS[name], scale=100)
        right.axhline(0, color=style.faint, linewidth=0.8 * style.line)
        right.set_xscale("log")
        plain_log(right.xaxis, RATES[1:-1])
        left.set_xlabel("new task, test accuracy (%)")
        left.set_ylabel("old task after it (%)")
        right.set_xlabel("largest learning rate")
        right.set_ylabel("percentage points of the old task")
        letter(left, "(a) old against new, means over six pairs of tasks", style)
        letter(right, "(b) kept beside constant rates that learn as well", style)
        left.legend(loc="upper right")
    return picture
