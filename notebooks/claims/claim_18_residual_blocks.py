"""Cosine and residual blocks: does the schedule matter more, or less, where layers have a shortcut?"""
import numpy as np

from claims import Estimate, Setting, Verdict, difference, quarters
from figure_points import estimates
from figure_style import PATHS, letter, new_picture

TITLE = "Cosine suits residual blocks"
CLAIM = ("In networks of residual blocks a cosine trains the non-linear part while its rate is large and leaves the shortcut clean when it is small: deep "
         "networks with shortcuts gain "
         "more from it than those without.")
MEASURE = ("Networks on digits with 2, 4, 8 and 12 layers of 8 units, 8 epochs, with and without shortcuts, under a cosine, a rate that falls to a tenth "
           "twice, and a constant one: how many train (quantiles of the training "
           "accuracy over the networks), test accuracy, and by what the length of all weights grows; each with the best of eight rates of networks with "
           "another seed. The interaction is what cosine is ahead of the constant rate "
           "with shortcuts, less what it is ahead without. Not measured is how large the signal in a branch is beside the one in its shortcut: of what the claim says, the verdict "
           "is about the gain, not about a clean shortcut.")
OBJECTIONS = (("Rates that suit a plain network are too large for one with shortcuts, and the other way round.",
               "Each combination of depth, shortcut and schedule has its own best rate, over a range of 50; all three schedules are run over the whole grid."),
              ("Plain deep networks fail for want of a better start, not of a shortcut, and what does not train has no schedule to gain from.",
               "The start is PyTorch's for all. Where nothing trains there is indeed nothing to gain, which is why the interaction is given for each depth, "
               "beside how many plain networks "
               "train there."))
WATCH = ("lesson_residual_block",)
HEIGHT = 0.76
SCENE = "claim_18_digits.yaml"
DEPTHS, SKIPS = (2, 4, 8, 12), (True, False)
RATES = (0.03, 0.053, 0.093, 0.16, 0.29, 0.5, 0.88, 1.55)
STEPS = 720
SCHEDULES = {"cosine": {}, "steps": {"schedule.name": "step", "schedule.every": STEPS // 3, "schedule.factor": 0.1}, "constant": {"schedule.name": "constant"}}
TUNED, REPORTED, PARTICLES = 101, 1, 256
QUANTILES = "evaluate.train_accuracy_quantiles"  # at 0.05, 0.25, 0.5, 0.75, 0.95
SHARES = (95, 75, 50, 25, 5)  # per cent of the networks above each
TRAINED = 0.8  # training accuracy of a network that trains


def changes(depth, skip, schedule, rate):
    return {"landscape.hidden": [8] * depth, "landscape.residual": "true" if skip else "false", **SCHEDULES[schedule], "schedule.lr": rate}


def combinations():
    return ((depth, skip, schedule) for depth in DEPTHS for skip in SKIPS for schedule in SCHEDULES)


def settings():
    for depth, skip, schedule in combinations():
        for rate in RATES:
            yield Setting(SCENE, changes(depth, skip, schedule, rate), TUNED, ("evaluate.test_accuracy", QUANTILES), depth == 2 and rate == 0.5)


def reported(rows):
    for depth, skip, schedule in combinations():
        yield Setting(SCENE, {**changes(depth, skip, schedule, best_rate(rows, depth, skip, schedule)), "ensemble.particles": PARTICLES, "trajectory.particles": PARTICLES}, REPORTED,
                      ("evaluate.train_loss", "evaluate.test_accuracy", QUANTILES, "trajectory.norm"))


def of(rows, quantity, depth, skip, schedule, rate, seed, index=0):
    wanted = {"schedule__name": None, **{key.replace(".", "__"): value for key, value in changes(depth, skip, schedule, rate).items()}}
    return rows.one(quantity, seed=seed, index=index, **wanted)


def best_rate(rows, *combination):
    return max(RATES, key=lambda one: of(rows, "evaluate.test_accuracy", *combination, one, TUNED).value)


def at_best(rows, quantity, *combination, index=0):
    return of(rows, quantity, *combination, best_rate(rows, *combination), REPORTED, index)


def ahead(rows, depth, skip, quantity="evaluate.test_accuracy", other="constant"):
    return difference(at_best(rows, quantity, depth, skip, "cosine"), at_best(rows, quantity, depth, skip, other))


def interaction(rows, depth):
    return difference(ahead(rows, depth, True), ahead(rows, depth, False))


def train(rows, *combination):
    """Of the networks, in words."""
    above = [share for place, share in enumerate(SHARES) if at_best(rows, QUANTILES, *combination, index=place).value > TRAINED]
    return f"at least {max(above)} %" if above else f"less than {SHARES[-1]} %"


def growth(rows, *combination):
    """Length of the weights at the end over that at the start."""
    last, first = (at_best(rows, "trajectory.norm", *combination, index=frame) for frame in (1, 0))
    return Estimate(*(number / first.value for number in last))


def at_chance(rows, depth):
    """Plain networks of this depth learn nothing, whatever the schedule: one digit of ten is read by guessing."""
    return all(at_best(rows, "evaluate.test_accuracy", depth, False, schedule).value < 0.2 for schedule in SCHEDULES)


def layers(depths):
    return " or ".join(map(str, depths)) + " layers"


def verdict(rows):
    found = {depth: interaction(rows, depth) for depth in DEPTHS}
    more = [depth for depth, one in found.items() if one.low > 0]
    less = [depth for depth, one in found.items() if one.high < 0]
    nothing = [depth for depth in DEPTHS if at_chance(rows, depth)]
    depth = max(found, key=lambda one: abs(found[one].value))
    effect = f"interaction of cosine (less constant) with the shortcut, test accuracy, {depth} layers"
    if not more:
        return Verdict("fails", "", effect, found[depth], rows.runs())
    if set(more) <= set(nothing):
        return Verdict("holds when", f"plain networks learn nothing at all ({layers(nothing)}); where they do, a cosine gains as much without shortcuts",
                       effect, found[depth], rows.runs())
    if len(more) == len(DEPTHS):
        return Verdict("holds", "", effect, found[depth], rows.runs())
    return Verdict("holds when", f"there are {layers(more)}" + (f"; with {layers(less)} plain networks gain more" if less else ""), effect, found[depth], rows.runs())


def reading(rows):
    def percent(one, sign=""):
        return f"{100 * one.value:{sign}.1f} ({100 * one.low:{sign}.1f} to {100 * one.high:{sign}.1f})"
    lines = []
    for depth in DEPTHS:
        lines.append(f"{depth} layers: with shortcuts {train(rows, depth, True, 'cosine')} of the networks train (to {100 * TRAINED:.0f} %) under a cosine and "
                     f"{train(rows, depth, True, 'constant')} at a constant rate; cosine reads {percent(ahead(rows, depth, True), '+')} percentage points more "
                     "digits than "
                     f"a constant rate, {percent(ahead(rows, depth, True, other='steps'), '+')} more than steps; without, "
                     f"{train(rows, depth, False, 'cosine')} and {train(rows, depth, False, 'constant')} train, and it reads "
                     f"{percent(ahead(rows, depth, False), '+')} more. Interaction: {percent(interaction(rows, depth), '+')} points.")
    for skip, word in ((True, "With"), (False, "Without")):
        lines.append(f"{word} shortcuts the weights grow, at the best rates, " + "; ".join(
            f"{growth(rows, depth, skip, 'cosine').value:.2f} times under a cosine and {growth(rows, depth, skip, 'constant').value:.2f} times at a constant "
            f"rate with {depth} layers" for depth in DEPTHS) + ".")
    return "\n\n".join(lines)


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        trains, accuracy, gain, norm = quarters(picture)
        for skip in SKIPS:
            for schedule, color, marker in zip(SCHEDULES, colors, "os^"):
                label = f"{schedule}, {'shortcut' if skip else 'plain'}"
                worst = [at_best(rows, QUANTILES, depth, skip, schedule).value for depth in DEPTHS]
                trains.plot(DEPTHS, 100 * np.array(worst), color=color, linewidth=1.1 * style.line, linestyle="-" if skip else (0, (5, 1.6)),
                            marker=marker, markersize=0.55 * style.font,
                            markerfacecolor=color if skip else style.paper, label=label)
                for axes, values, scale in ((accuracy, [at_best(rows, "evaluate.test_accuracy", depth, skip, schedule) for depth in DEPTHS], 100),
                                            (norm, [growth(rows, depth, skip, schedule) for depth in DEPTHS], 1)):
                    estimates(axes, DEPTHS, values, style, None, color, marker, skip, scale=scale)
        for skip, label, color, marker in ((True, "with shortcuts", colors[0], "o"), (False, "without", colors[1], "s")):
            estimates(gain, DEPTHS, [ahead(rows, depth, skip) for depth in DEPTHS], style, label, color, marker, skip, scale=100)
        estimates(gain, DEPTHS, [interaction(rows, depth) for depth in DEPTHS], style, "interaction", style.ink, "D", scale=100)
        gain.axhline(0, color=style.faint, linewidth=0.8 * style.line)
        for axes, name, title in ((trains, "training accuracy (%)", "(a) reached by 95 % of the networks"), (accuracy, "test accuracy (%)", "(b) best rate each"),
                                  (gain, "percentage points of accuracy", "(c) cosine less constant rate"), (norm, "length of weights, end / start", "(d) growth of the weights")):
            axes.set_xscale("log")
            axes.set_xticks(DEPTHS, [str(depth) for depth in DEPTHS])
            axes.set_xticks((), minor=True)
            axes.set_xlabel("layers")
            axes.set_ylabel(name)
            letter(axes, title, style)
        gain.set_ylim(-2.5, 6)
        gain.legend(loc="upper left")
        norm.set_ylim(0, 9)
        norm.legend(*trains.get_legend_handles_labels(), loc="upper right", ncols=2, columnspacing=0.8)
    return picture
