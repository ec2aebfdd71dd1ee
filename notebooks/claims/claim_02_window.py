"""Too large overshoots, too small is trapped: the window of learning rates between, under five schedules."""
import math

import numpy as np

from claims import Estimate, Setting, Verdict
from figure_points import estimates
from figure_rates import plain_log
from figure_style import PATHS, letter, new_picture

TITLE = "Too large overshoots, too small is trapped"
CLAIM = ("There is a window of learning rates: above it steps overshoot, which they must where the rate is more than 2 over the curvature; below it a run stays "
         "where it began.")
MEASURE = ("The final loss against the largest rate, over a factor of fifty, on a tilted double well and the Müller–Brown surface (3000 steps of SGD with "
           "isotropic noise from a minimum that is not the deepest) and of "
           "small networks on digits (1000 steps, minibatches of 16), under five schedules. The window is where the loss is at most twice the best of that "
           "schedule and not more than 1 % of the "
           "runs have run away (lines of the figure end there). Beside it the edge of plain descent without noise, and in networks lr × the largest curvature at "
           "the end.")
OBJECTIONS = (("The window depends on the budget: with enough steps a small rate gets out as well.",
               "It does, by a logarithm: ten times as many steps move the lower edge in the double well by the factor given above. The upper edge does not wait."),
              ("Everybody knows 2 over the curvature; the large rates here are just unstable.",
               "Without noise the edge is there. With noise it is elsewhere: in the double well runs are lost from half of it on, since the noise of a large "
               "rate carries them to where the walls are steeper; on the "
               "Müller–Brown surface a rate that falls may begin beyond it, since nobody is at rest in the sharpest minimum by then. In networks the edge is not "
               "a number of the landscape at all: the curvature follows the rate."))
WATCH = ("lesson_window",)
HEIGHT = 0.52
WELL, SURFACE, NETWORK = "claim_02_double_well.yaml", "claim_02_muller_brown.yaml", "digits_network"
CURVATURE = {WELL: 8.7282, SURFACE: 40.682}  # of the deepest minimum, the largest
STEPS = {WELL: 3000, SURFACE: 3000, NETWORK: 1000}
RATES = {WELL: tuple(float(f"{0.2 * 2 ** (-i / 4):.3g}") for i in range(23)), SURFACE: tuple(float(f"{0.14 * 2 ** (-i / 4):.3g}") for i in range(23)),
         NETWORK: (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)}
NAMES = {WELL: "double well", SURFACE: "Müller–Brown", NETWORK: "networks"}
FAMILIES = ("constant", "cosine", "line", "exponential to 1 %", "a tenth each third")
PRODUCTS = (1.8, 1.9, 1.95, 1.99, 2.01, 2.05, 2.1, 2.2)  # lr times curvature, without noise
LONGER = 30000
EXACT = RATES[WELL][6:13:2]
SEED = 1
LOST = 0.01
SMALL_NETWORKS = {"ensemble.particles": 64, "evaluate.every": 1000, "gradient_noise.every": 0}


def schedule(family, rate, steps):
    return {"cosine": {"schedule.name": "cosine", "schedule.lr": rate, "schedule.lr_min": 0},
            "line": {"schedule.name": "linear", "schedule.lr": rate},
            "exponential to 1 %": {"schedule.name": "exponential", "schedule.lr": rate, "schedule.factor": 0.01 ** (1 / steps)},
            "a tenth each third": {"schedule.name": "step", "schedule.lr": rate, "schedule.every": -(-steps // 3)},
            "constant": {"schedule.name": "constant", "schedule.lr": rate}}[family]


def changes(scene, family, rate, steps=None):
    more = {**SMALL_NETWORKS, "sharpness.every": 1000 if family == "constant" else 0, "sharpness.particles": 16, "ensemble.max_diverged": 1} if scene == NETWORK else {}
    return {**schedule(family, rate, steps or STEPS[scene]), "ensemble.steps": steps or STEPS[scene], **more}


def edge(product):
    """Plain descent, at this product of learning rate and curvature, from a hundredth beside the deep minimum."""
    return {"noise": {"name": "none"}, "schedule.name": "constant", "schedule.lr": float(f"{product / CURVATURE[WELL]:.6g}"), "ensemble.start": {"point": -1.04}, "ensemble.particles": 64}


def exact(rate):
    """Settings whose chance to arrive is the exact share of the deeper well at a constant rate: in the last step a slope moves all particles by -2.5, over a
    target that nobody reaches before (as in claim 5)."""
    slope = {"name": "sequence", "parts": [{"name": "constant", "value": 0.25, "steps": STEPS[WELL]}, {"name": "constant", "value": float(f"{0.25 + 2.5 / rate:.12g}")}]}
    return {"schedule.name": "constant", "schedule.lr": rate, "ensemble.steps": STEPS[WELL] + 1, "ensemble.particles": 64, "landscape.tilt": slope, "escape.renewal": False,
            "escape.until": {"coordinate": 0, "below": 0.06274705 - 2.5}}


def settings():
    for scene in (WELL, SURFACE):
        yield Setting(scene, {"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": {"minimum": 0}}, 1, ("mean.potential",), True)
    for product in PRODUCTS:
        yield Setting(WELL, edge(product), 1, ("mean.potential", "diverged"), True)
    for rate in EXACT:
        yield Setting(WELL, exact(rate), 1, ("escape.crossed_fraction_chain",), rate == EXACT[-1])
    for scene in (WELL, SURFACE):
        for family in FAMILIES:
            for rate in RATES[scene]:
                yield Setting(scene, changes(scene, family, rate), SEED, ("mean.potential", "mean.well_population", "diverged"), rate == RATES[scene][6])
    for family in ("constant", "cosine"):
        for rate in RATES[WELL]:
            yield Setting(WELL, changes(WELL, family, rate, LONGER), 1, ("mean.potential", "diverged"))
    for family in FAMILIES:
        for rate in RATES[NETWORK]:
            more = ("sharpness.lr_times_largest",) if family == "constant" else ()
            yield Setting(NETWORK, changes(NETWORK, family, rate), SEED, ("evaluate.train_loss", "evaluate.test_accuracy", "diverged", *more))


def loss(rows, scene, family, rate, steps=None):
    """Above the minimum; None where more than 1 % have run away."""
    changed, runs = changes(scene, family, rate, steps), 64 if scene == NETWORK else 2048
    if rows.at(changed, "diverged", SEED, scene=scene).value > LOST * runs:
        return None
    if scene == NETWORK:
        return rows.at(changed, "evaluate.train_loss", SEED, scene=scene)
    lowest = rows.at({"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": {"minimum": 0}}, "mean.potential", 1, scene=scene).value
    return Estimate(*(value - lowest for value in rows.at(changed, "mean.potential", SEED, scene=scene)))


def line(rows, scene, family, steps=None):
    """[(rate, loss)] upwards, without the rates at which runs are lost."""
    return sorted((rate, one) for rate in RATES[scene] if (one := loss(rows, scene, family, rate, steps=steps)) is not None)


def lost(rows, scene, family):
    """The smallest rate at which more than 1 % run away; None: none does."""
    return min((rate for rate in RATES[scene] if loss(rows, scene, family, rate) is None), default=None)


def _edges(found, most, which):
    """(lower, upper) rate between which the loss is at most so much, straight lines between the logarithms; an end of the grid where it still is."""
    rate = np.log([one for one, _ in found])
    value = np.log([getattr(one, which) for _, one in found])
    good = np.flatnonzero(value <= math.log(most))
    if good.size == 0:
        return None
    first, last = good[0], good[-1]
    low = rate[first] if first == 0 else np.interp(math.log(most), [value[first], value[first - 1]], [rate[first], rate[first - 1]])
    high = rate[last] if last == len(rate) - 1 else np.interp(math.log(most), [value[last], value[last + 1]], [rate[last], rate[last + 1]])
    return math.exp(low), math.exp(high)


def window(rows, scene, family, steps=None, most=None):
    """(lower edge, upper edge, width as their ratio), Estimates. Where runs are lost before the loss is twice the best, the upper edge is between two rates of the grid."""
    found = line(rows, scene, family, steps)
    most = most or 2 * min(one.value for _, one in found)
    value, wide, narrow = (_edges(found, most, which) for which in ("value", "low", "high"))
    upper = Estimate(value[1], narrow[1], wide[1])
    above = lost(rows, scene, family)
    if upper.high >= found[-1][0] and above is not None:
        upper = Estimate(math.sqrt(upper.low * above), upper.low, above)
    return Estimate(value[0], wide[0], narrow[0]), upper, Estimate(upper.value / value[0], upper.low / narrow[0], upper.high / wide[0])


def both_sides(rows, scene, family):
    """The loss at the smallest rate over the best; whether large ones are lost or end above twice the best."""
    found = line(rows, scene, family)
    best = min(one.value for _, one in found)
    return found[0][1].low > 2 * best, lost(rows, scene, family) is not None or found[-1][1].low > 2 * best


def verdict(rows):
    windows = {(scene, family): all(both_sides(rows, scene, family)) for scene in RATES for family in FAMILIES}
    without = [f"{family} rates on {NAMES[scene]}" for (scene, family), there in windows.items() if not there]
    word = "holds" if not without else "holds when" if all(there for (_, family), there in windows.items() if family != "constant") else "fails"
    return Verdict(word, f"the rate falls in the end (no window: {', '.join(without)})" if word == "holds when" else "",
                   "largest over smallest rate of the window, cosine, networks", window(rows, NETWORK, "cosine")[2], rows.runs())


def said(one, digits=3):
    return f"{one.value:.{digits}g} ({one.low:.{digits}g} to {one.high:.{digits}g})"


def reading(rows):
    lowest = rows.at({"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": {"minimum": 0}}, "mean.potential", 1, scene=WELL).value
    settled = [product for product in PRODUCTS if rows.at(edge(product), "mean.potential", 1).value < lowest + 1e-6]
    lines = [f"Without noise descent in the double well comes to rest up to lr × curvature = {max(settled)} and not at {min(set(PRODUCTS) - set(settled))}."]
    for scene in RATES:
        lines.append(f"Width of the window, the largest over the smallest rate, {NAMES[scene]}: " + "; ".join(
            f"{family} {said(window(rows, scene, family)[2])}" for family in FAMILIES if all(both_sides(rows, scene, family))) + ".")
    for scene in (WELL, SURFACE):
        lines.append(f"Upper edge of the window times the largest curvature, {NAMES[scene]}: " + "; ".join(
            f"{family} {said(Estimate(*(CURVATURE[scene] * value for value in window(rows, scene, family)[1])))}" for family in FAMILIES if all(both_sides(rows, scene, family))) + ".")
    start = rows.at(changes(SURFACE, "constant", RATES[SURFACE][-1]), "mean.potential", SEED, scene=SURFACE).value - rows.at(
        {"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": {"minimum": 0}}, "mean.potential", 1, scene=SURFACE).value
    best = min(one.value for _, one in line(rows, SURFACE, "constant"))
    lines.append(f"A constant rate on the Müller–Brown surface ends at best {best:.3f} above the minimum, where the smallest rate, which never leaves its start, ends at {start:.3f}: what is hot enough to get out is too hot to stay.")
    shares = [(rate, rows.at(changes(WELL, "constant", rate), "mean.well_population", SEED, 0, WELL), rows.at(exact(rate), "escape.crossed_fraction_chain", 1).value) for rate in EXACT]
    worst = max(abs(share.value - chance) / (share.high - share.low) * 2 for _, share, chance in shares)
    lines.append("Who got out of the shallow well at a constant rate, measured and by exact propagation of the density: " + ", ".join(
        f"{100 * share.value:.1f} % and {100 * chance:.1f} % at {rate}" for rate, share, chance in shares) + f"; at most {worst:.1f} half-widths of an interval apart.")
    level = 2 * min(one.value for family in FAMILIES for _, one in line(rows, NETWORK, family))
    lines.append("Held to one loss, twice the lowest of all, the window of networks is " + "; ".join(
        f"{said(window(rows, NETWORK, family, most=level)[2])} wide under {family}" if _edges(line(rows, NETWORK, family), level, "high") else f"none under {family}" for family in FAMILIES) + ".")
    factors = {family: window(rows, WELL, family)[0].value / window(rows, WELL, family, LONGER)[0].value for family in ("constant", "cosine")}
    lines.append(f"Ten times as many steps lower the smaller edge in the double well by a factor {factors['cosine']:.2f} under cosine, {factors['constant']:.2f} at a constant rate.")
    sharp = [(rate, rows.at(changes(NETWORK, "constant", rate), "sharpness.lr_times_largest", SEED, scene=NETWORK)) for rate in RATES[NETWORK]]
    lines.append("Networks at a constant rate: lr × the largest curvature at the end is " + ", ".join(f"{said(one, 2)} at {rate:g}" for rate, one in sharp if rate in (0.1, 0.7, 1.4, 2.0, 2.8)) + ".")
    return "\n\n".join(lines)


LOOKS = {"constant": (3, "P", True), "cosine": (0, "o", True), "line": (2, "s", True), "exponential to 1 %": (2, "^", False), "a tenth each third": (1, "D", True)}


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        panels = picture.subplots(1, 3)
        for axes, scene, title, ticks in zip(panels, RATES, ("(a) double well", "(b) Müller–Brown", "(c) networks on digits"), ((0.005, 0.02, 0.1), (0.005, 0.02, 0.1), (0.02, 0.2, 2))):
            for family, (color, marker, filled) in LOOKS.items():
                rates, found = zip(*line(rows, scene, family))
                estimates(axes, rates, found, style, family, colors[color], marker, filled)
            if scene in CURVATURE:
                axes.axvline(2 / CURVATURE[scene], color=style.faint, linewidth=1.2 * style.line, linestyle=(0, (1.2, 1.2)), label="2 / curvature")
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_xlabel("learning rate at the start")
            plain_log(axes.xaxis, ticks)
            plain_log(axes.yaxis, (0.1, 0.2, 0.5, 1) if scene != NETWORK else (0.05, 0.2, 1, 5))
            letter(axes, title, style)
        panels[0].set_ylabel("final loss above the minimum")
        panels[2].set_ylabel("final training loss")
        handles, labels = panels[0].get_legend_handles_labels()
        for axes, some in zip(panels, (slice(0, 2), slice(2, 4), slice(4, 6))):
            picture.legend_below(axes, 0.5, handles[some], labels[some])
    return picture
