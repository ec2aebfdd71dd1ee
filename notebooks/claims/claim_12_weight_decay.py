"""Learning rate times weight decay kept constant: is the regularisation steady?"""
import numpy as np

from claims import Setting, Verdict, difference, quarters
from figure_points import estimates
from figure_style import PATHS, letter, new_picture

TITLE = "Learning rate × weight decay constant keeps the regularisation steady"
CLAIM = ("While the learning rate falls, weight decay with a fixed λ regularises less and less; a λ that grows so that lr × λ stays keeps the regularisation "
         "steady.")
MEASURE = ("In a parabola around 1, where a cosine from 0.1 to a twentieth of it ends, with λ fixed and with lr × λ kept, beside the exact minimum of loss and "
           "decay. Networks on digits, a fifth of whose "
           "training labels are drawn by lot, 12 epochs of SGD and AdamW under a cosine to a twentieth: the length of the weights over the run, and the test "
           "accuracy, for five strengths, "
           "each with the best of seven learning rates of networks with another seed.")
OBJECTIONS = (("At the same number, kept decay is simply more decay.",
               "It is, by 1.9 times over the run; so the two are compared at the best of strengths three and a half times apart over a range of 150, and both "
               "the length of the weights and the accuracy are "
               "shown against the strength."),
              ("SGD's weight decay is not AdamW's.",
               "Both are measured. In SGD the two are the same formula, lr × λ off every weight in a step, and only AdamW divides the gradient by its size; "
               "the verdict is of both."))
WATCH = ("lesson_coupled", "coupled_weight_decay")
HEIGHT = 0.72
PULL, DIGITS = "claim_12_pull.yaml", "claim_12_digits.yaml"
TUNED, REPORTED = 101, 1  # seeds
STEPS, LOWEST = 1080, 1 / 20  # the cosine's end over its start
KEEP = ["lr*dynamics.weight_decay"]
STRENGTHS = (8.5e-05, 0.0003, 0.00105, 0.0037, 0.013)  # lr times weight decay, at the start
RATES = {"sgd": (0.125, 0.18, 0.25, 0.36, 0.5, 0.72, 1.0), "adamw": (0.002, 0.003, 0.0045, 0.0067, 0.01, 0.015, 0.0225)}
NAMES = {"sgd": "SGD", "adamw": "AdamW"}
PULLS = (0.03, 0.1, 0.3, 1.0)  # weight decay at the start, of the parabola
COURSE_RATE, COURSE_STRENGTH = {"sgd": 0.5, "adamw": 0.01}, 0.00105  # of the courses of the norm
FRAMES = 24


def weight_decay(strength, rate):
    return float(f"{strength / rate:.6g}")


def changes(dynamics, rate, strength, kept):
    about = {"dynamics.name": dynamics, "schedule.lr": rate, "schedule.lr_min": float(f"{LOWEST * rate:.6g}"), "dynamics.weight_decay": weight_decay(strength, rate)}
    return {**about, "keep": KEEP} if kept else about


def settings():
    for pull in PULLS:
        for kept in (False, True):
            yield Setting(PULL, {"dynamics.weight_decay": pull, **({"keep": KEEP} if kept else {})}, REPORTED, ("mean.position",), True)
    for dynamics, rates in RATES.items():
        for strength, kept in ((0, False), (COURSE_STRENGTH, False), (COURSE_STRENGTH, True)):
            yield Setting(DIGITS, {**changes(dynamics, COURSE_RATE[dynamics], strength, kept), "trajectory": {"every": STEPS // FRAMES, "particles": 128}},
                          2, ("trajectory.norm",), kept)
    for dynamics, rates in RATES.items():
        for strength in (0, *STRENGTHS):
            for kept in (False, True) if strength else (False,):
                for rate in rates:
                    for seed in (TUNED, REPORTED):
                        yield Setting(DIGITS, {**changes(dynamics, rate, strength, kept), "evaluate.every": STEPS}, seed,
                                      ("evaluate.train_loss", "evaluate.test_loss", "evaluate.test_accuracy"))


def wanted(dynamics, rate, strength, kept):
    return {"scene": DIGITS, "dynamics__name": dynamics, "schedule__lr": rate, "dynamics__weight_decay": weight_decay(strength, rate), "keep": KEEP if kept else None}


def at_best(rows, dynamics, strength, kept, quantity="evaluate.test_accuracy"):
    """At the rate that the other seed chose by its test accuracy."""
    rate = max(RATES[dynamics], key=lambda one: rows.one("evaluate.test_accuracy", seed=TUNED, **wanted(dynamics, one, strength, kept)).value)
    return rows.one(quantity, seed=REPORTED, **wanted(dynamics, rate, strength, kept))


def best_strength(rows, dynamics, kept):
    return max(STRENGTHS, key=lambda one: max(rows.one("evaluate.test_accuracy", seed=TUNED, **wanted(dynamics, rate, one, kept)).value for rate in RATES[dynamics]))


def end(rows, pull, kept):
    return rows.one("mean.position", scene=PULL, dynamics__weight_decay=pull, keep=KEEP if kept else None)


def bottom(pull, kept):
    """The minimum of (x - 1)²/2 + λ x²/2 at the end of the run."""
    return 1 / (1 + np.asarray(pull) / (LOWEST if kept else 1))


def course(rows, dynamics, strength, kept):
    found = wanted(dynamics, COURSE_RATE[dynamics], strength, kept)
    return [rows.one("trajectory.norm", seed=2, index=frame, **found) for frame in range(FRAMES + 1)]


def drop(rows, dynamics, kept):
    """What is left at the end of the longest that the weights were on the way."""
    found = course(rows, dynamics, COURSE_STRENGTH, kept)
    return found[-1].value / max(one.value for one in found)


def gain(rows, dynamics):
    return difference(*(at_best(rows, dynamics, best_strength(rows, dynamics, kept), kept) for kept in (True, False)))


def verdict(rows):
    steadier = {dynamics: drop(rows, dynamics, True) > drop(rows, dynamics, False) for dynamics in RATES}
    gains = {dynamics: gain(rows, dynamics) for dynamics in RATES}
    shown = max(gains, key=lambda one: abs(gains[one].value))
    effect = f"test accuracy, lr × λ kept less λ fixed, each at its best strength and rate ({NAMES[shown]})"
    better = [NAMES[one] for one in gains if gains[one].low > 0]
    if not any(steadier.values()) and not better:
        return Verdict("fails", "", effect, gains[shown], rows.runs())
    if all(steadier.values()):
        return Verdict("holds", "", effect, gains[shown], rows.runs())
    return Verdict("holds when", "steady means accuracy (" + ", ".join(better) + "), not the length of the weights", effect, gains[shown], rows.runs())


def reading(rows):
    worst = max(abs(end(rows, pull, kept).value - float(bottom(pull, kept))) for pull in PULLS for kept in (False, True))
    pull = PULLS[1]
    lines = [f"In the parabola the run ends within {worst:.3f} of the minimum of loss and decay, which λ alone decides, not lr × λ: with λ = {pull} fixed at "
             f"{end(rows, pull, False).value:.3f}, with lr × λ kept at "
             f"{end(rows, pull, True).value:.3f}. What is steady is the part that a step takes off; against it the loss pulls with lr × gradient, which falls, "
             "so that the regularisation grows as 1 / lr."]
    for dynamics in RATES:
        free, fixed, kept = (course(rows, dynamics, strength, which) for strength, which in ((0, False), (COURSE_STRENGTH, False), (COURSE_STRENGTH, True)))
        lines.append(f"{NAMES[dynamics]}, lr × λ = {COURSE_STRENGTH:g} at the start: the weights end at a length of {free[-1].value:.2f} ({free[-1].low:.2f} "
                     f"to {free[-1].high:.2f}) without decay, {fixed[-1].value:.2f} "
                     f"({fixed[-1].low:.2f} to {fixed[-1].high:.2f}) with λ fixed, {100 * drop(rows, dynamics, False):.0f} % of their longest, and "
                     f"{kept[-1].value:.2f} ({kept[-1].low:.2f} to {kept[-1].high:.2f}) with the "
                     f"product kept, {100 * drop(rows, dynamics, True):.0f} % of it.")
        one, other = (at_best(rows, dynamics, best_strength(rows, dynamics, which), which) for which in (False, True))
        none, effect = at_best(rows, dynamics, 0, False), gain(rows, dynamics)
        lines.append(f"{NAMES[dynamics]} reads {100 * none.value:.2f} % ({100 * none.low:.2f} to {100 * none.high:.2f}) of the test digits without decay, "
                     f"{100 * one.value:.2f} % with λ fixed (best: lr × λ = "
                     f"{best_strength(rows, dynamics, False):g}), {100 * other.value:.2f} % with the product kept (best: "
                     f"{best_strength(rows, dynamics, True):g}): {100 * effect.value:+.2f} ({100 * effect.low:+.2f} to "
                     f"{100 * effect.high:+.2f}) percentage points.")
    return "\n\n".join(lines)


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        pull, accuracy, sgd, adamw = quarters(picture)
        fine = np.geomspace(PULLS[0], PULLS[-1], 100)
        for kept, label, color, marker in ((False, "λ fixed", colors[0], "o"), (True, "lr × λ kept", colors[1], "s")):
            pull.plot(fine, bottom(fine, kept), color=color, linewidth=style.line)
            estimates(pull, PULLS, [end(rows, one, kept) for one in PULLS], style, label, color, marker, line="")
        pull.set_xscale("log")
        pull.set_ylim(0, 1.05)
        pull.set_xlabel("λ at the start")
        pull.set_ylabel("position at the end")
        pull.legend(loc="lower left")
        letter(pull, "(a) parabola around 1; lines: minimum", style)
        steps = np.arange(FRAMES + 1) * (STEPS // FRAMES)
        for axes, dynamics, mark in ((sgd, "sgd", "c"), (adamw, "adamw", "d")):
            for strength, kept, label, color, marker in ((0, False, "no decay", colors[2], "^"), (COURSE_STRENGTH, False, "λ fixed", colors[0], "o"),
                                                         (COURSE_STRENGTH, True, "lr × λ kept", colors[1], "s")):
                estimates(axes, steps, course(rows, dynamics, strength, kept), style, label, color, marker, every=3)
            axes.set_ylim(bottom=0)
            axes.set_xlabel("step")
            axes.set_ylabel("length of the weights")
            axes.legend(loc="lower right")
            letter(axes, f"({mark}) networks, {NAMES[dynamics]}", style)
        for dynamics, filled in (("sgd", True), ("adamw", False)):
            for kept, color, marker in ((False, colors[0], "o"), (True, colors[1], "s")):
                estimates(accuracy, STRENGTHS, [at_best(rows, dynamics, one, kept) for one in STRENGTHS], style,
                     f"{NAMES[dynamics]}, {'kept' if kept else 'fixed'}", color, marker, filled, scale=100)
        accuracy.set_xscale("log")
        accuracy.set_ylim(81, 88.5)
        accuracy.set_xlabel("lr × λ at the start")
        accuracy.set_ylabel("test accuracy (%)")
        accuracy.legend(loc="lower left")
        letter(accuracy, "(b) networks, best rate each", style)
    return picture
