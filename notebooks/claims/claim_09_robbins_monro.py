"""Robbins and Monro's rates converge; restarts give that up. Who has the lower loss, and the better basin, after how many steps?"""
import math

from claims import CONFIDENT, Estimate, Setting, Verdict, difference, line_through, ratio
from figure_points import estimates
from figure_style import PATHS, letter, new_picture

TITLE = "Robbins and Monro's rates converge; restarts give that up and win in finite time"
CLAIM = ("A learning rate that falls as k^−p with 1/2 < p ≤ 1 is guaranteed to converge. Cosine restarts, whose rate does not tend to zero, have no such "
         "guarantee, and find the better basin sooner.")
MEASURE = ("In a parabola the mean loss against the step for p = 0.55, 0.75 and 1. In a tilted double well, from the shallow minimum, the share in the deeper well and the mean loss "
           "at the end of budgets of 10³ to 3·10⁵ steps: rates of Robbins and Monro with three powers, restarts every 1000 steps, restarts every fifth of the budget, and one "
           "cosine; each as it has the lowest mean loss at that budget with another seed, over a grid of eight largest rates.")
OBJECTIONS = (("Any schedule wins if the others may not be tuned for the budget.",
               "Each is tuned for each budget by its mean loss, over eight rates, with another seed; Robbins and Monro's rates also over three steps from which they fall, "
               "100, 1000 and 10 000, and three powers stand beside each other."),
              ("The guarantee is about infinite time.",
               "It is, and it is one for a stationary point, not for the better one: that is why both are shown, the loss and the share in the deeper well. At 3·10⁵ steps the order is "
               "the one at 10⁵."))
WATCH = ("lesson_robbins_monro",)
HEIGHT = 0.5
BUDGETS = (1000, 3000, 10000, 30000, 100000, 300000)
RATES = tuple(float(f"{0.005 * 2 ** (i / 2):.3g}") for i in range(8))
WELL, PARABOLA = "claim_09_double_well.yaml", "claim_09_parabola.yaml"
TUNED, REPORTED = 101, 1  # seeds
DECAYS = (0.01, 0.001, 0.0001)  # of Robbins and Monro's rates: they fall from the 100th, 1000th, 10 000th step on
FAMILIES = {
    "p = 0.55": {"name": "inverse_time", "decay": DECAYS, "power": 0.55},
    "p = 0.75": {"name": "inverse_time", "decay": DECAYS, "power": 0.75},
    "p = 1": {"name": "inverse_time", "decay": DECAYS, "power": 1},
    "restarts of 1000": {"name": "cosine_restarts", "lr_min": 0, "period": 1000},
    "five restarts": {"name": "cosine_restarts", "lr_min": 0, "period": None},
    "one cosine": {"name": "cosine", "lr_min": 0},
}
GUARANTEED = ("p = 0.55", "p = 0.75", "p = 1")
POWERS, STEPS = (0.55, 0.75, 1), (1000, 3000, 10000, 30000, 100000)


def tunings(family, budget):
    """All settings of a family that a budget chooses from."""
    about = dict(FAMILIES[family])
    if about.get("period", 0) is None:
        about["period"] = budget // 5
    for decay in about.pop("decay", (None,)):
        for rate in RATES:
            chosen = {**about, "lr": rate, **({} if decay is None else {"decay": decay})}
            yield {**{f"schedule.{key}": value for key, value in chosen.items()}, "ensemble.steps": budget}


def settings():
    for power in POWERS:
        for steps in STEPS:
            yield Setting(PARABOLA, {"schedule.power": power, "ensemble.steps": steps}, 1000 + steps, ("mean.potential",), steps <= 3000)
    for family in FAMILIES:
        for budget in BUDGETS:
            for changed in tunings(family, budget):
                for seed in (TUNED, REPORTED):
                    yield Setting(WELL, changed, seed, ("mean.potential", "mean.well_population"), budget == 1000 and seed == REPORTED and changed["schedule.lr"] == RATES[3])
    yield Setting(WELL, {"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": {"minimum": 0}}, 1, ("mean.potential",), True)


def best(rows, family, budget):
    """(loss above the deep minimum, share in the deeper well) at the setting that the other seed chose."""
    lowest = rows.one("mean.potential", scene=WELL, schedule__lr=1e-12).value
    chosen = min(tunings(family, budget), key=lambda one: rows.at(one, "mean.potential", TUNED, scene=WELL).value)
    loss = rows.at(chosen, "mean.potential", REPORTED, scene=WELL)
    return Estimate(*(number - lowest for number in loss)), rows.at(chosen, "mean.well_population", REPORTED, scene=WELL)


def lowest_of(rows, families, budget):
    return min(((best(rows, family, budget), family) for family in families), key=lambda one: one[0][0].value)


def parabola(rows, power):
    """[(step, mean loss)]."""
    return [(steps, rows.one("mean.potential", scene=PARABOLA, schedule__power=power, ensemble__steps=steps)) for steps in STEPS]


def exponent(rows, power):
    used = parabola(rows, power)[-3:]
    slope = line_through([math.log(step) for step, _ in used], [math.log(one.value) for _, one in used],
                         [(one.high - one.low) / (2 * CONFIDENT * one.value) for _, one in used])[0]
    return Estimate(-slope.value, -slope.high, -slope.low)


def effects(rows):
    """[(budget, loss of the best guaranteed rate over that of the better restarts, names)]."""
    found = []
    for budget in BUDGETS:
        (kept, name), (restarts, other) = lowest_of(rows, GUARANTEED, budget), lowest_of(rows, ("restarts of 1000", "five restarts"), budget)
        found.append((budget, ratio(kept[0], restarts[0]), name, other))
    return found


def ahead_in_the_basin(rows):
    """Budgets at which the share of the better restarts in the deeper well is above that of the best guaranteed rate, beyond the interval."""
    return [budget for budget, _, name, other in effects(rows) if difference(best(rows, other, budget)[1], best(rows, name, budget)[1]).low > 0]


def verdict(rows):
    found = effects(rows)
    wins = [one for one in found if one[1].low > 1]
    losses = [one for one in found if one[1].high < 1]
    basin = ahead_in_the_basin(rows)
    shown = found[-1]
    effect = f"mean loss above the minimum, best rate of Robbins and Monro / better restarts, {shown[0]} steps"
    if not wins or losses:
        return Verdict("fails" if losses and not wins else "undecided", "", effect, shown[1], rows.runs())
    if len(wins) == len(found) and 2 * len(basin) > len(found):
        return Verdict("holds", "", effect, shown[1], rows.runs())
    return Verdict("holds when", f"the loss at the end counts ({len(wins)} of {len(found)} budgets); in the better basin restarts are ahead at {len(basin)} of {len(found)}", effect,
                   shown[1], rows.runs())


def reading(rows):
    lines = ["In the parabola the mean loss falls as the rate does: exponents " + ", ".join(
        f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f}) at p = {power}" for power in POWERS for one in (exponent(rows, power),)) + " from 10⁴ to 10⁵ steps."]
    for budget, effect, name, other in effects(rows):
        (loss, share), (here, there) = best(rows, name, budget), best(rows, other, budget)
        lines.append(f"{budget} steps: {name} ends {loss.value:.3f} above the minimum with {100 * share.value:.0f} % in the deeper well, {other} {here.value:.3f} with "
                     f"{100 * there.value:.0f} %; ratio of the losses {effect.value:.2f} ({effect.low:.2f} to {effect.high:.2f}).")
    lines.append("What restarts are ahead by is the landing: they end each cycle at zero, while the rate of Robbins and Monro that has come so far is still warm.")
    (alone, share) = best(rows, "one cosine", BUDGETS[-1])
    lines.append(f"One cosine over {BUDGETS[-1]} steps ends {alone.value:.3f} ({alone.low:.3f} to {alone.high:.3f}) above it with {100 * share.value:.0f} %.")
    return "\n\n".join(lines)


LOOKS = {"p = 0.55": (0, "o", False), "p = 0.75": (0, "s", True), "p = 1": (0, "^", False), "restarts of 1000": (1, "D", True), "five restarts": (1, "v", False), "one cosine": (2, "P", True)}


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        panels = picture.subplots(1, 3)
        for power, color, marker in zip(POWERS, colors, "os^"):
            estimates(panels[0], STEPS, [one for _, one in parabola(rows, power)], style, f"p = {power}", color, marker)
        panels[0].set_yscale("log")
        panels[0].set_ylabel("mean loss")
        panels[0].legend(loc="lower left")
        for family, (color, marker, filled) in LOOKS.items():
            found = [best(rows, family, budget) for budget in BUDGETS]
            for axes, place, scale in ((panels[1], 1, 100), (panels[2], 0, 1)):
                estimates(axes, BUDGETS, [one[place] for one in found], style, family if place else None, colors[color], marker, filled, scale=scale)
        panels[1].set_ylabel("in the deeper well (%)")
        panels[2].set_ylabel("mean loss above the minimum")
        panels[2].set_yscale("log")
        for axes, title in zip(panels, ("(a) parabola", "(b) two wells", "(c) two wells")):
            axes.set_xscale("log")
            axes.set_xlabel("steps")
            letter(axes, title, style)
        handles, labels = panels[1].get_legend_handles_labels()
        for axes, some in ((panels[1], slice(0, 3)), (panels[2], slice(3, 6))):
            picture.legend_below(axes, 0.5, handles[some], labels[some])
    return picture
