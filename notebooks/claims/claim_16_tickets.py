"""Lottery tickets found under one schedule and trained again under another: is a ticket best where it was found?"""
import functools

import numpy as np

from claims import Estimate, Setting, Verdict, difference
from figure_points import estimates
from figure_style import PATHS, letter, new_picture

TITLE = "A lottery ticket carries its schedule's imprint"
CLAIM = ("Which weights survive pruning depends on the schedule of the training before, so that a ticket learns best under the schedule that found it.")
MEASURE = ("Networks on digits learn for 5 epochs under a cosine, a rate that falls to a tenth twice, a constant one, or three cosine cycles; 50, 80 or 95 % "
           "of the weights go, the smallest ones; what is left goes back to its "
           "start and learns again under each of the four. Test accuracy of all sixteen combinations, beside tickets drawn by lot and, at 80 %, tickets that "
           "go back to step 90 only. The schedule that finds has its best of eight "
           "rates by the networks before pruning, and each combination its own best of eight for learning again, both of networks with another seed. The "
           "advantage of the diagonal is the mean "
           "accuracy where both schedules are the same less that where they differ; every schedule is once on it as finder and once as learner, so that good "
           "finders and good learners do not count.")
OBJECTIONS = (("A large rate moves weights farther and finds other tickets; that is the rate, not the schedule.",
               "Each finds with the rate that is best for it. What differs between finders is shown as it is, the spread of the row means, beside the "
               "advantage of the diagonal, which only a match of the two can give."),
              ("The combinations share their starts and data, and an advantage may hide in the noise between networks.",
               "They share them on purpose. The interval treats them as independent, which makes it too wide rather than too narrow for a contrast of the same "
               "networks; it is small beside what random "
               "tickets lose."))
WATCH = ("lesson_lottery_ticket",)
HEIGHT = 0.46
SCENE, DENSE = "claim_16_digits.yaml", "claim_16_dense.yaml"
STEPS = 450
SCHEDULES = {"cosine": {"name": "cosine"}, "steps": {"name": "step", "every": STEPS // 3, "factor": 0.1},
             "constant": {"name": "constant"}, "restarts": {"name": "cosine_restarts", "period": STEPS // 3}}
RATES = (0.12, 0.2, 0.33, 0.55, 0.91, 1.5, 2.5, 4.1)
FRACTIONS = (0.5, 0.8, 0.95)
LATE, LATE_FRACTION = STEPS // 5, 0.8
NOTHING = 0.1
TUNED, REPORTED, PARTICLES = 101, 1, 64
ACCURACY = "evaluate.test_accuracy"


def schedule(name, rate):
    return {**SCHEDULES[name], "lr": rate}


def settings():
    for name in SCHEDULES:
        for rate in RATES:
            yield Setting(DENSE, {"schedule": schedule(name, rate)}, TUNED, (ACCURACY,), name == "steps" and rate in (0.33, 0.55, 0.91))


@functools.lru_cache(maxsize=64)
def finding_rate(rows, name):
    return max(RATES, key=lambda one: rows.one(ACCURACY, scene=DENSE, seed=TUNED, schedule=schedule(name, one)).value)


def changes(rows, fraction, find, learn, rate, **more):
    return {"phases.dense.schedule": schedule(find, finding_rate(rows, find)), "phases.ticket.prune.fraction": fraction, "phases.ticket.schedule": schedule(learn, rate), **more}


def combinations():
    return ((fraction, find, learn) for fraction in FRACTIONS for find in SCHEDULES for learn in SCHEDULES)


def reported(rows):
    """First the rates of learning again, and what is chosen by them once they are there."""
    tuned = [Setting(SCENE, changes(rows, *combination, rate), TUNED, (ACCURACY,)) for combination in combinations() for rate in RATES]
    yield from tuned
    if not all(tickets(rows, *combination, rate) for combination in combinations() for rate in RATES):
        return
    for fraction, find, learn in combinations():
        rate = learning_rate(rows, fraction, find, learn)
        kinds = [{}] + ([{"phases.ticket.prune.by": "random"}] if find == learn else []) + ([{"phases.ticket.rewind.step": LATE}] if fraction == LATE_FRACTION else [])
        for kind in kinds:
            yield Setting(SCENE, {**changes(rows, fraction, find, learn, rate, **kind), "ensemble.particles": PARTICLES}, REPORTED, (ACCURACY, "evaluate.train_loss"))


def tickets(rows, fraction, find, learn, rate, seed=TUNED, by=None, step=None, quantity=ACCURACY):
    wanted = {key.replace(".", "__"): value for key, value in changes(rows, fraction, find, learn, rate).items()}
    return rows.of(quantity, scene=SCENE, seed=seed, phases__ticket__prune__by=by, phases__ticket__rewind__step=step, **wanted)


@functools.lru_cache(maxsize=256)
def learning_rate(rows, fraction, find, learn):
    return max(RATES, key=lambda one: tickets(rows, fraction, find, learn, one)[0][1].value)


def at_best(rows, fraction, find, learn, **kind):
    return tickets(rows, fraction, find, learn, learning_rate(rows, fraction, find, learn), REPORTED, **kind)[0][1]


def mean(estimates):
    """Of independent ones."""
    value = float(np.mean([one.value for one in estimates]))
    half = float(np.sqrt(np.sum([((one.high - one.low) / 2) ** 2 for one in estimates])) / len(estimates))
    return Estimate(value, value - half, value + half)


def diagonal(rows, fraction, **kind):
    same = [at_best(rows, fraction, find, find, **kind) for find in SCHEDULES]
    other = [at_best(rows, fraction, find, learn, **kind) for find in SCHEDULES for learn in SCHEDULES if find != learn]
    return difference(mean(same), mean(other))


def found_by(rows, fraction, find):
    return mean([at_best(rows, fraction, find, learn) for learn in SCHEDULES])


def by_lot(rows, fraction):
    """What tickets are ahead of random ones, mean over the schedules."""
    return difference(mean([at_best(rows, fraction, one, one) for one in SCHEDULES]), mean([at_best(rows, fraction, one, one, by="random") for one in SCHEDULES]))


def verdict(rows):
    found = {fraction: diagonal(rows, fraction) for fraction in FRACTIONS}
    ahead = [fraction for fraction, one in found.items() if one.low > 0]
    shown = max(ahead, key=lambda one: found[one].value) if ahead else LATE_FRACTION
    effect = f"test accuracy of tickets under the schedule that found them less under others, {100 * shown:.0f} % pruned"
    if not ahead:  # and it could not be more than a tenth of what a ticket is worth beside a random one
        nothing = all(one.high < NOTHING * by_lot(rows, fraction).value for fraction, one in found.items())
        return Verdict("fails" if nothing else "undecided", "", effect, found[shown], rows.runs())
    if len(ahead) == len(found):
        return Verdict("holds", "", effect, found[shown], rows.runs())
    return Verdict("holds when", " or ".join(f"{100 * one:.0f} %" for one in ahead) + " are pruned", effect, found[shown], rows.runs())


def reading(rows):
    def points_of(one):
        return f"{100 * one.value:+.2f} ({100 * one.low:+.2f} to {100 * one.high:+.2f})"
    lines = []
    for fraction in FRACTIONS:
        means = {find: found_by(rows, fraction, find) for find in SCHEDULES}
        best, worst = max(means, key=lambda one: means[one].value), min(means, key=lambda one: means[one].value)
        lines.append(f"{100 * fraction:.0f} % pruned: the schedule that found a ticket is worth {points_of(diagonal(rows, fraction))} percentage points to it. "
                     f"As finders the schedules differ by {points_of(difference(means[best], means[worst]))} "
                     f"({best} the best, {worst} the worst), and a ticket is ahead of a random one by {points_of(by_lot(rows, fraction))}.")
    lines.append(f"With tickets that go back to step {LATE} instead of 0, {100 * LATE_FRACTION:.0f} % pruned, the advantage of the diagonal is "
                 f"{points_of(diagonal(rows, LATE_FRACTION, step=LATE))}.")
    best = {fraction: max(SCHEDULES, key=lambda one: found_by(rows, fraction, one).value) for fraction in FRACTIONS}
    lines.append("A ticket does carry something of the schedule that found it: how good it is, for whatever schedule comes after. "
                 f"The best finder at {100 * FRACTIONS[-1]:.0f} % is {best[FRACTIONS[-1]]}, at {100 * FRACTIONS[0]:.0f} % {best[FRACTIONS[0]]}; it has no "
                 "preference for its own schedule.")
    edge = sum(learning_rate(rows, *one) in (RATES[0], RATES[-1]) for one in combinations())
    lines.append(f"The best rate for learning again is at an end of the grid in {edge} of {len(list(combinations()))} combinations.")
    lines.append("Filled marks are tickets under the schedule that found them. Best rates of the finders: " + ", ".join(f"{find} {finding_rate(rows, find):g}" for find in SCHEDULES) + ".")
    return "\n\n".join(lines)


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        panels = picture.subplots(1, 3)
        for axes, fraction, mark in zip(panels, FRACTIONS, "abc"):
            for place, (find, color, marker) in enumerate(zip(SCHEDULES, colors, "os^D")):
                found = [at_best(rows, fraction, find, learn) for learn in SCHEDULES]
                x = np.arange(len(SCHEDULES)) + 0.17 * (place - 1.5)
                estimates(axes, x, found, style, f"found by {find}", color, marker, False, "", 100)
                estimates(axes, x[place:place + 1], found[place:place + 1], style, None, color, marker, line="", scale=100)
            axes.set_xticks(range(len(SCHEDULES)), SCHEDULES, rotation=40, ha="right", rotation_mode="anchor")
            axes.set_xlabel("learns again under")
            letter(axes, f"({mark}) {100 * fraction:.0f} % pruned", style)
        panels[0].set_ylabel("test accuracy (%)")
        handles, labels = panels[0].get_legend_handles_labels()
        for axes, some in ((panels[0], slice(0, 2)), (panels[1], slice(2, 4))):
            picture.legend_below(axes, 0.5, handles[some], labels[some])
    return picture
