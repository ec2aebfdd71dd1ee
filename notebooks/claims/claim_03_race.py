"""In a finite budget cosine beats step, linear, exponential and constant: the race, on five landscapes and in networks."""
import math

import numpy as np

from claims import Estimate, Setting, Verdict, ratio
from figure_points import estimates
from figure_rates import plain_log
from figure_style import PATHS, letter, new_picture

TITLE = "In a finite budget cosine beats step, linear, exponential, constant"
CLAIM = ("Given the same number of steps, and the best learning rate each, cosine annealing ends at a lower loss than step decay, a line, an exponential or a "
         "constant rate.")
MEASURE = ("The final mean loss above the minimum after 10², 10³, 10⁴ and 10⁵ steps of SGD with constant gradient noise on an ill-conditioned parabola, a "
           "bending river valley, a tilted double well, the Müller–Brown surface and "
           "ripples on a parabola (Rastrigin), 1024 runs each; and the training loss of 1024 networks on digits after 10², 10³ and 3·10³ steps with minibatches "
           "of 16 (10⁴ steps were left out for their cost). Every schedule has the best of eight rates for each landscape and budget, "
           "exponential (to 1 % or 0.1 %) and step decay (a tenth each third or half each tenth) the better of two shapes as well, all chosen with another seed.")
OBJECTIONS = (("The rivals are tuned over fewer numbers than people tune.",
               "They have more: exponential and step decay choose a shape besides the rate, a cosine has none to choose. All grids are the same for all "
               "schedules of a landscape and budget; where "
               "the best rate is the largest of a grid, more than 1 % of the runs are lost beyond it, and where it is the smallest (Müller–Brown in 100 steps) "
               "nothing gets out and whoever moves least ends lowest."),
              ("Means of few runs in a landscape with wells hide who wins.",
               "The intervals are those of the reported runs, which are not those that chose the rate; a rank is counted only where the interval of a ratio "
               "excludes 1, and a draw is called one."))
WATCH = ("lesson_race",)
HEIGHT = 0.62
BUDGETS = (100, 1000, 10000, 100000)
NETWORK, NETWORK_BUDGETS = "digits_network", (100, 1000, 3000)
TUNED, REPORTED = 101, 1  # seeds
# Largest rate of the grid for each budget, and the factor between neighbours.
GRIDS = {"claim_03_parabola.yaml": ((0.8, 0.8, 0.2, 0.05), 2), "claim_03_river_valley.yaml": ((0.2, 0.2, 0.05, 0.0125), 2),
         "claim_03_double_well.yaml": ((0.141, 0.141, 0.0707, 0.0707), 2**0.5), "claim_03_muller_brown.yaml": ((0.07, 0.07, 0.07, 0.07), 2**0.5),
         "claim_03_rastrigin.yaml": ((0.2, 0.1, 0.1, 0.1), 2**0.5), NETWORK: ((4.0, 2.8, 2.0), 2**0.5)}
NAMES = dict(zip(GRIDS, ("parabola", "river valley", "double well", "Müller–Brown", "Rastrigin", "networks")))
LOWEST = ("claim_03_double_well.yaml", "claim_03_muller_brown.yaml")  # of the others it is 0
FAMILIES = {"cosine": ("cosine",), "line": ("line",), "exponential": ("exponential to 1 %", "exponential to 0.1 %"), "step": ("a tenth each third", "half each tenth"), "constant": ("constant",)}
RIVALS = tuple(family for family in FAMILIES if family != "cosine")
LOST = 0.01


def budgets(scene):
    return NETWORK_BUDGETS if scene == NETWORK else BUDGETS


def rates(scene, budget):
    largest, factor = GRIDS[scene]
    return tuple(float(f"{largest[budgets(scene).index(budget)] * factor ** -place:.3g}") for place in range(8))


def schedule(shape, rate, budget):
    return {"cosine": {"schedule.name": "cosine", "schedule.lr": rate, "schedule.lr_min": 0},
            "line": {"schedule.name": "linear", "schedule.lr": rate},
            "exponential to 1 %": {"schedule.name": "exponential", "schedule.lr": rate, "schedule.factor": 0.01 ** (1 / budget)},
            "exponential to 0.1 %": {"schedule.name": "exponential", "schedule.lr": rate, "schedule.factor": 0.001 ** (1 / budget)},
            "a tenth each third": {"schedule.name": "step", "schedule.lr": rate, "schedule.every": -(-budget // 3), "schedule.factor": 0.1},
            "half each tenth": {"schedule.name": "step", "schedule.lr": rate, "schedule.every": -(-budget // 10), "schedule.factor": 0.5},
            "constant": {"schedule.name": "constant", "schedule.lr": rate}}[shape]


def changes(scene, shape, rate, budget, seed):
    few = (64 if scene == NETWORK else 256) if seed == TUNED else 1024
    more = {"evaluate.every": budget, "sharpness.every": 0, "gradient_noise.every": 0, "ensemble.max_diverged": 1} if scene == NETWORK else {}
    return {**schedule(shape, rate, budget), "ensemble.steps": budget, "ensemble.particles": few, **more}


def measured(scene, shape, rate, budget, seed, quick=False):
    quantities = ("evaluate.train_loss", "evaluate.test_accuracy") if scene == NETWORK else ("mean.potential",)
    return Setting(scene, changes(scene, shape, rate, budget, seed), seed, (*quantities, "diverged"), quick)


def lowest_point():
    return {"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": {"minimum": 0}}


def settings():
    for scene in LOWEST:
        yield Setting(scene, lowest_point(), 1, ("mean.potential",), True)
    for scene in GRIDS:
        for budget in budgets(scene):
            for shapes in FAMILIES.values():
                for shape in shapes:
                    for rate in rates(scene, budget):
                        yield measured(scene, shape, rate, budget, TUNED, scene != NETWORK and budget <= 1000 and rate == rates(scene, budget)[2])


def loss(rows, scene, shape, rate, budget, seed):
    """Above the minimum; None where more than 1 % have run away."""
    changed = changes(scene, shape, rate, budget, seed)
    if rows.at(changed, "diverged", seed, scene=scene).value > LOST * changed["ensemble.particles"]:
        return None
    if scene == NETWORK:
        return rows.at(changed, "evaluate.train_loss", seed, scene=scene)
    lowest = rows.at(lowest_point(), "mean.potential", 1, scene=scene).value if scene in LOWEST else 0
    return Estimate(*(value - lowest for value in rows.at(changed, "mean.potential", seed, scene=scene)))


def choice(rows, scene, family, budget):
    """(shape, rate) that ends lowest with the other seed."""
    found = {(shape, rate): loss(rows, scene, shape, rate, budget, TUNED) for shape in FAMILIES[family] for rate in rates(scene, budget)}
    return min((one for one in found if found[one]), key=lambda one: found[one].value)


def reported(rows):
    """What is reported: each family at what it chose."""
    for scene in GRIDS:
        for budget in budgets(scene):
            for family in FAMILIES:
                try:
                    yield measured(scene, *choice(rows, scene, family, budget), budget, REPORTED, scene != NETWORK and budget <= 1000)
                except KeyError:  # not measured yet
                    pass


def ended(rows, scene, family, budget):
    """Loss of the reported runs."""
    return loss(rows, scene, *choice(rows, scene, family, budget), budget, REPORTED)


def over_cosine(rows, scene, family, budget):
    """Loss of a rival over that of cosine."""
    return ratio(ended(rows, scene, family, budget), ended(rows, scene, "cosine", budget))


def cells():
    return [(scene, budget) for scene in GRIDS for budget in budgets(scene)]


def standing(rows, scene, budget):
    """(rivals that end lower than cosine beyond the interval, rivals that end higher beyond it)."""
    over = {family: over_cosine(rows, scene, family, budget) for family in RIVALS}
    return [family for family, one in over.items() if one.high < 1], [family for family, one in over.items() if one.low > 1]


def tally(rows, family):
    """(cells where it ends higher than cosine, where lower, both beyond the interval)."""
    found = [standing(rows, *cell) for cell in cells()]
    return sum(family in behind for _, behind in found), sum(family in ahead for ahead, _ in found)


def typical(rows, family):
    """Geometric mean over all landscapes and budgets of its loss over that of cosine."""
    found = [over_cosine(rows, *cell[:1], family, cell[1]) for cell in cells()]
    middle = float(np.mean([math.log(one.value) for one in found]))
    half = float(np.sqrt(np.sum([(math.log(one.high / one.low) / 2) ** 2 for one in found]))) / len(found)
    return Estimate(math.exp(middle), math.exp(middle - half), math.exp(middle + half))


def verdict(rows):
    count = len(cells())
    beaten = [family for family in RIVALS if typical(rows, family).low > 1]
    level = [family for family in RIVALS if family not in beaten]
    name = min(RIVALS, key=lambda family: typical(rows, family).value)
    effect = Verdict("holds", "", f"loss above the minimum, {name} / cosine, geometric mean over {count} landscapes and budgets", typical(rows, name), rows.runs())
    if not level:
        return effect
    if not beaten:
        return effect._replace(word="fails")

    def scores(families):
        return ", ".join(f"{family} (ahead at {behind}, behind at {ahead})" for family in families for behind, ahead in (tally(rows, family),))
    return effect._replace(word="holds when", when=f"the rival is {scores(beaten)}, on the whole of {count} landscapes and budgets; {scores(level)} ends as low or lower")


def said(one, digits=2):
    return f"{one.value:.{digits}f} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def power(budget):
    return {100: "10²", 1000: "10³", 3000: "3·10³", 10000: "10⁴", 100000: "10⁵"}[budget]


def reading(rows):
    ahead = {family: [f"{NAMES[scene]} {power(budget)}" for scene, budget in cells() if family in standing(rows, scene, budget)[0]] for family in RIVALS}
    lines = ["Losses of the rivals over that of cosine, geometric mean over all landscapes and budgets: " + ", ".join(f"{family} {said(typical(rows, family))}" for family in RIVALS) + ".",
             "Cosine is beaten, beyond the interval, by " + "; ".join(f"{family} at {', '.join(places)}" for family, places in ahead.items() if places) + ". On the parabola and in the river valley the order changes with the budget: an exponential ends "
             "above cosine in 10² steps and below it in 10⁵."]
    for scene, name in NAMES.items():
        parts = []
        for budget in budgets(scene):
            ahead, behind = standing(rows, scene, budget)
            parts.append(f"{power(budget)} steps: rank {1 + len(ahead)}" + (f" to {len(RIVALS) + 1 - len(behind)}" if len(ahead) + len(behind) < len(RIVALS) else "") + " (" +
                         ", ".join(f"{family} {said(over_cosine(rows, scene, family, budget))}" for family in RIVALS) + ")")
        lines.append(f"Cosine on {name}, rank of five and the losses of the others over its own. " + "; ".join(parts) + ".")
    accuracy = [(family, rows.at(changes(NETWORK, *choice(rows, NETWORK, family, 3000), 3000, REPORTED), "evaluate.test_accuracy", REPORTED, scene=NETWORK)) for family in FAMILIES]
    lines.append("Test accuracy of the networks after 3·10³ steps: " + ", ".join(f"{family} {said(Estimate(*(100 * value for value in one)), 1)} %" for family, one in accuracy) + ".")
    return "\n\n".join(lines)


LOOKS = {"line": (2, "s", True), "exponential": (2, "^", False), "step": (1, "D", True), "constant": (3, "P", True)}


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        panels = picture.subplots(6, 1) if style.stacked else picture.subplots(2, 3).reshape(-1)
        for place, (axes, (scene, name), mark) in enumerate(zip(panels, NAMES.items(), "abcdef")):
            for family, (color, marker, filled) in LOOKS.items():
                found = [over_cosine(rows, scene, family, budget) for budget in budgets(scene)]
                estimates(axes, budgets(scene), found, style, family, colors[color], marker, filled)
            axes.axhline(1, color=colors[0], linewidth=1.3 * style.line, label="cosine")
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_ylim(0.3, 12)
            plain_log(axes.yaxis, (0.5, 1, 2, 5, 10))
            letter(axes, f"({mark}) {name}", style)
            if style.stacked or place % 3 == 0:
                axes.set_ylabel("loss / that of cosine")
            if place > 2 and not style.stacked or place == 5:
                axes.set_xlabel("steps")
        handles, labels = panels[0].get_legend_handles_labels()
        for place, some in ((5, slice(0, 5)),) if style.stacked else ((3, slice(0, 2)), (4, slice(2, 4)), (5, slice(4, 5))):
            picture.legend_below(panels[place], 0.5, handles[some], labels[some], ncols=3 if style.stacked else 2)
    return picture
