"""Cosine suits Adam and RMSprop: how far runs still move at the end, who overshoots, and what momentum does when the rate drops."""
import numpy as np

from claims import Estimate, Setting, Verdict, ratio
from figure_points import estimates, with_bars
from figure_rates import plain_log
from figure_style import PATHS, letter, new_picture

TITLE = "Cosine suits Adam and RMSprop"
CLAIM = ("Under a cosine, which falls smoothly to zero, Adam and RMSprop neither overshoot nor oscillate at the end, where a constant rate or sudden drops leave "
         "both.")
MEASURE = ("Mean loss above the minimum over the last 5 % of 2000 steps, in a parabola and in a tilted double well with constant gradient noise, for Adam, "
           "RMSprop, momentum 0.9 and SGD under five schedules, each with the "
           "one of eight rates that ends lowest with another seed; the same in the parabola without noise. How far descent without noise passes the minimum of "
           "the parabola. The temperature of Adam at constant rates "
           "beside lr σ / 2. And the mean loss in the parabola behind a drop of the rate to a tenth, with momentum as PyTorch and as Sutskever write it.")
OBJECTIONS = (("A constant rate is the only one that oscillates; any rival that falls would do.",
               "A line, an exponential and drops by a tenth stand beside it, each at its own best rate. What does as well as a cosine, or better, is named above."),
              ("Adam's rate means something else than SGD's: equal rates are no comparison.",
               "No rate is compared with another. Each optimizer has a grid of its own, wide enough that its best rate under a cosine is inside (of SGD in the "
               "double well the largest at which no more than 1 % run away), and "
               "schedules are compared within an optimizer."))
WATCH = ("lesson_landing", "lesson_adam")
HEIGHT = 0.5
PARABOLA, WELL = "claim_10_parabola.yaml", "claim_10_double_well.yaml"
NAMES = {PARABOLA: "parabola", WELL: "double well"}
STEPS = 2000
OPTIMIZERS = {"adam": "Adam", "rmsprop": "RMSprop", "momentum": "momentum 0.9", "sgd": "SGD"}
LARGEST = {(PARABOLA, "adam"): 0.32, (PARABOLA, "rmsprop"): 0.32, (PARABOLA, "momentum"): 0.04, (PARABOLA, "sgd"): 0.64,
           (WELL, "adam"): 0.8, (WELL, "rmsprop"): 0.8, (WELL, "momentum"): 0.02, (WELL, "sgd"): 0.1}
FAMILIES = ("cosine", "line", "exponential to 1 %", "a tenth each third", "constant")
LEVELS = (0.02, 0.1, 0.3)  # of the way to the minimum, behind it
DELAYS = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200)
DROP, DROP_RATE = 1000, 0.02
HEATS = (0.003, 0.01, 0.03, 0.1, 0.3)  # constant rates of Adam
TUNED, REPORTED = 101, 1  # seeds
LAST = {"statistics.every": STEPS // 200, "statistics.discard": STEPS - STEPS // 20}


def rates(scene, optimizer):
    """A factor of two between them in the parabola, of the root of two in the double well."""
    power = 1 if scene == PARABOLA else 0.5
    return tuple(float(f"{LARGEST[scene, optimizer] * 2 ** (-power * place):.3g}") for place in range(8))


def schedule(family, rate):
    return {"cosine": {"schedule.name": "cosine", "schedule.lr": rate},
            "line": {"schedule.name": "linear", "schedule.lr": rate},
            "exponential to 1 %": {"schedule.name": "exponential", "schedule.lr": rate, "schedule.factor": 0.01 ** (1 / STEPS)},
            "a tenth each third": {"schedule.name": "step", "schedule.lr": rate, "schedule.every": -(-STEPS // 3)},
            "constant": {"schedule.name": "constant", "schedule.lr": rate}}[family]


def end(optimizer, family, rate, noisy=True):
    return {"dynamics.name": optimizer, **schedule(family, rate), "ensemble.steps": STEPS, **LAST, **({} if noisy else {"noise": {"name": "none"}, "ensemble.particles": 64})}


def overshoot(optimizer, family, rate, level):
    """Without noise: who is farther behind the minimum than this part of the way to it."""
    return {"dynamics.name": optimizer, **schedule(family, rate), "ensemble.steps": STEPS, "noise": {"name": "none"}, "ensemble.particles": 64, "escape.renewal": False,
            "escape.until": {"coordinate": 0, "below": -3 * level}}


def dropped(convention, delay):
    about = {"dynamics": {"name": "momentum", "convention": convention}} if convention != "sgd" else {"dynamics.name": "sgd"}
    rate = DROP_RATE if convention != "sgd" else 10 * DROP_RATE  # the same temperature
    return {**about, "schedule": {"name": "step", "lr": rate, "every": DROP, "factor": 0.1}, "ensemble.steps": DROP + delay, "ensemble.start": {"minimum": 0}, "ensemble.particles": 16384}


def heat(rate):
    return {"dynamics.name": "adam", "schedule.name": "constant", "schedule.lr": rate, "ensemble.steps": int(max(3000, 60 / rate)), "statistics.every": max(20, int(2 / rate)), "statistics.discard": int(max(2000, 30 / rate))}


def settings():
    yield Setting(WELL, {"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": {"minimum": 0}}, 1, ("mean.potential",), True)
    for convention in ("pytorch", "sutskever", "sgd"):
        for delay in DELAYS:
            yield Setting(PARABOLA, dropped(convention, delay), 1, ("mean.potential",), delay == 20)
    for rate in HEATS:
        yield Setting(PARABOLA, heat(rate), 1, ("mean.configurational_temperature", "temperature"))
    for optimizer in OPTIMIZERS:
        for family in FAMILIES:
            for scene in NAMES:
                for rate in rates(scene, optimizer):
                    for seed in (TUNED, REPORTED):
                        yield Setting(scene, end(optimizer, family, rate), seed, ("mean.potential",), rate == rates(scene, optimizer)[2] and seed == REPORTED)
            for rate in rates(PARABOLA, optimizer):
                yield Setting(PARABOLA, end(optimizer, family, rate, False), 1, ("mean.potential",))
                for level in LEVELS if family in ("cosine", "a tenth each third", "constant") else ():
                    yield Setting(PARABOLA, overshoot(optimizer, family, rate, level), 1, ("escape.crossed_fraction",))


def loss(rows, scene, optimizer, family, rate, seed=REPORTED):
    lowest = rows.at({"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": {"minimum": 0}}, "mean.potential", 1).value if scene == WELL else 0
    return Estimate(*(value - lowest for value in rows.at(end(optimizer, family, rate), "mean.potential", seed, scene=scene)))


def best(rows, scene, optimizer, family):
    """(rate that ends lowest with the other seed, loss)."""
    rate = min(rates(scene, optimizer), key=lambda one: loss(rows, scene, optimizer, family, one, TUNED).value)
    return rate, loss(rows, scene, optimizer, family, rate)


def over_cosine(rows, scene, optimizer, family):
    return ratio(best(rows, scene, optimizer, family)[1], best(rows, scene, optimizer, "cosine")[1])


def passed(rows, optimizer, family):
    """Of each rate, how far behind the minimum descent without noise gets, at least, as a part of the way to it; 0 where not even the first level."""
    return [max((level for level in LEVELS if rows.at(overshoot(optimizer, family, rate, level), "escape.crossed_fraction", 1).value == 1), default=0.0) for rate in rates(PARABOLA, optimizer)]


def behind_the_drop(rows, convention):
    """[(steps since the drop, mean loss)]."""
    return [(delay, rows.at(dropped(convention, delay), "mean.potential", 1)) for delay in DELAYS]


def rise(rows, convention):
    """The largest mean loss behind the drop over that at the drop, and when."""
    found = behind_the_drop(rows, convention)
    delay, top = max(found, key=lambda one: one[1].value)
    return ratio(top, found[0][1]), delay


def verdict(rows):
    sudden = [over_cosine(rows, scene, optimizer, family).low > 1 for scene in NAMES for optimizer in ("adam", "rmsprop") for family in ("a tenth each third", "constant")]
    smooth = [over_cosine(rows, scene, optimizer, "line").high < 1 for scene in NAMES for optimizer in ("adam", "rmsprop")]
    same = passed(rows, "adam", "cosine") == passed(rows, "adam", "constant") and any(passed(rows, "adam", "cosine"))
    effect = over_cosine(rows, WELL, "adam", "a tenth each third")
    if not all(sudden) or any(smooth):
        return Verdict("fails", "", "mean loss of the last 5 %, Adam, double well, a tenth each third / cosine", effect, rows.runs())
    return Verdict("holds when" if same else "holds", "it is about the end, against constant rates and drops; on the way down Adam overshoots as at a constant rate, and a line ends as low" if same else "",
                   "mean loss of the last 5 %, Adam, double well, a tenth each third / cosine", effect, rows.runs())


def said(one, digits=2):
    return f"{one.value:.{digits}f} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def reading(rows):
    lines = []
    for scene, place in NAMES.items():
        for optimizer, name in OPTIMIZERS.items():
            rate, loss_ = best(rows, scene, optimizer, "cosine")
            lines.append(f"{name}, {place}: cosine (rate {rate}) ends {loss_.value:.2g} ({loss_.low:.2g} to {loss_.high:.2g}) above the minimum; " + "; ".join(
                f"{family} {said(over_cosine(rows, scene, optimizer, family))} times that" for family in FAMILIES[1:]) + ".")
    lines.append("What a cosine does for Adam and RMSprop it does for SGD as well: nothing of it is special to them.")
    largest = rates(PARABOLA, "rmsprop")[0]
    still = {family: rows.at(end("rmsprop", family, largest, False), "mean.potential", 1).value for family in FAMILIES}
    adam = rows.at(end("adam", "constant", largest, False), "mean.potential", 1).value
    lines.append(f"Without noise RMSprop at the constant rate {largest} never comes to rest: it jumps between −lr/2 and lr/2, a mean loss of {still['constant']:.4f} (lr²/8 = {largest**2 / 8:.4f}). A cosine from that rate leaves {still['cosine']:.0e}, "
                 f"a line {still['line']:.0e}, a tenth each third {still['a tenth each third']:.0e}, the exponential {still['exponential to 1 %']:.0e}. Adam "
                 f"comes to rest at a constant rate as well ({adam:.0e}).")
    for optimizer in ("adam", "momentum", "rmsprop"):
        lines.append(f"{OPTIMIZERS[optimizer]} without noise passes the minimum of the parabola by at least " + ", ".join(
            f"{100 * one:.0f} % of the way under cosine and {100 * other:.0f} % at a constant rate of {rate}" for rate, one, other in zip(rates(PARABOLA, optimizer), passed(rows, optimizer, "cosine"), passed(rows, optimizer, "constant")) if one or other) + ".")
    for convention, name in (("sutskever", "momentum as Sutskever writes it"), ("pytorch", "momentum as PyTorch writes it"), ("sgd", "SGD")):
        found, delay = rise(rows, convention)
        lines.append(f"Behind a drop of the rate to a tenth the mean loss of {name} " + (f"first rises to {said(found)} times its value, after {delay} steps." if delay else "falls from the first step on."))
    heats = [(rate, rows.at(heat(rate), "mean.configurational_temperature", 1), rows.at(heat(rate), "temperature", 1).value) for rate in HEATS]
    lines.append("Adam's temperature at a constant rate over lr σ / 2: " + ", ".join(f"{one.value / law:.3f} ({one.low / law:.3f} to {one.high / law:.3f}) at {rate}" for rate, one, law in heats) +
                 ". It falls in proportion to the rate, as that of SGD does.")
    return "\n\n".join(lines)


LOOKS = {"line": (2, "s", True), "exponential to 1 %": (2, "^", False), "a tenth each third": (1, "D", True), "constant": (3, "P", True)}


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        panels = picture.subplots(1, 3, width_ratios=(1, 1, 1.2))
        for axes, (scene, name), panel in zip(panels, NAMES.items(), "ab"):
            for shift, (family, (color, marker, filled)) in enumerate(LOOKS.items()):
                value, bars = with_bars([over_cosine(rows, scene, optimizer, family) for optimizer in OPTIMIZERS])
                axes.errorbar(value, np.arange(len(value)) + 0.15 * (1.5 - shift), xerr=bars, fmt=marker, color=colors[color],
                              markersize=0.55 * style.font, markerfacecolor=colors[color] if filled else style.paper, elinewidth=style.line, capsize=0.2 * style.font, linestyle="none", label=family, zorder=5)
            axes.axvline(1, color=colors[0], linewidth=1.1 * style.line, label="cosine")
            axes.set_xscale("log")
            plain_log(axes.xaxis, (0.5, 1, 2, 4))
            axes.set_yticks(range(len(OPTIMIZERS)), ["Adam", "RMSprop", "mom.", "SGD"] if axes is panels[0] or style.stacked else [""] * 4)
            axes.invert_yaxis()
            axes.set_xlabel("loss at the end / that of cosine")
            letter(axes, f"({panel}) {name}", style)
        for convention, label, color, marker in (("sutskever", "Sutskever", 1, "D"), ("pytorch", "PyTorch", 0, "o"), ("sgd", "SGD", 3, "^")):
            found = behind_the_drop(rows, convention)
            estimates(panels[2], [delay for delay, _ in found], [one for _, one in found], style, label, colors[color], marker, scale=1 / found[0][1].value)
        panels[2].set_xlim(-3, 105)
        panels[2].set_ylim(bottom=0)
        panels[2].set_xlabel("steps since the drop of the rate")
        panels[2].set_ylabel("mean loss / that at the drop")
        letter(panels[2], "(c) momentum 0.9, parabola", style)
        handles, labels = panels[0].get_legend_handles_labels()
        picture.legend_below(panels[0], 0.5, handles[:3], labels[:3])
        picture.legend_below(panels[1], 0.5, handles[3:], labels[3:])
        panels[2].legend(loc="upper right")
    return picture
