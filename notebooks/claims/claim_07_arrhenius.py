"""Escape is exponential in barrier over temperature: slopes of Arrhenius plots, and where large steps open another way."""
import math

import numpy as np

from claims import CONFIDENT, Estimate, Setting, Verdict, line_through
from figure_points import estimates
from figure_style import PATHS, letter, new_picture

TITLE = "Escape is exponential in barrier / temperature"
CLAIM = "The rate of escape is exp(−ΔV / T) times a prefactor: on a logarithmic scale against 1/T it falls along a straight line whose slope is the barrier ΔV."
MEASURE = ("Rates out of a quartic well with barrier 1 at six temperatures from 0.16 to 0.36, with SGD (isotropic noise, T = lr σ² / 2), SGLD, momentum 0.9 and Adam, the "
           "noise chosen so that the theory of each says the same temperature; the slope of the line through the six points beside the barrier, and beside it the "
           "slope of the exact theory where there is one. And the same slope of SGD at eight learning rates, up to 1.5 over the curvature of the well.")
OBJECTIONS = (("At barriers of three to six temperatures the prefactor bends the line.",
               "It does, by what the exact theory says: its own line through the same six temperatures has the slope that is given beside the measured one. What is "
               "left between the two is within the intervals."),
              ("Adam's temperature and time are a guess.",
               "Adam divides by the size of the noise: where that is much larger than the gradient, a step is one of SGD with the learning rate lr / σ, and the "
               "temperature lr σ / 2. With both its rates fall on those of SGD."))
WATCH = ("lesson_arrhenius", "arrhenius")
HEIGHT = 0.46
TEMPERATURES = tuple(float(f"{1 / inverse:.6g}") for inverse in np.linspace(1 / 0.36, 1 / 0.16, 6))
CURVATURE = 8.0
SCENE = "claim_07_double_well.yaml"
# Dynamics: learning rate, the theory that is exact for it, what heats it.
KINDS = {"sgd": (0.02, "chain"), "sgld": (0.02, "chain"), "momentum": (0.005, "klein_kramers"), "adam": (0.02, None)}
NAMES = {"sgd": "SGD", "sgld": "SGLD", "momentum": "momentum 0.9", "adam": "Adam"}
RATES = (0.0025, 0.00625, 0.0125, 0.025, 0.05, 0.0875, 0.125, 0.1875)  # of SGD: times the curvature 0.02 to 1.5


def heat(kind, rate, temperature):
    """Settings that make this temperature."""
    sigma = {"sgd": math.sqrt(2 * temperature / rate), "momentum": math.sqrt(2 * temperature * 0.1 / rate), "adam": 2 * temperature / rate}.get(kind)
    if sigma is None:
        return {"dynamics.name": kind, "dynamics.temperature": temperature}
    return {"dynamics.name": kind, "noise.name": "isotropic", "noise.sigma": float(f"{sigma:.8g}")}


def setting(kind, rate, temperature, quick=False):
    theory = KINDS[kind][1] if rate == KINDS[kind][0] else "chain"
    exact = {"chain": ("escape.theory.chain.mfpt_steps",), "klein_kramers": ("escape.theory.klein_kramers.rate",), None: ()}[theory]
    steps = int(min(200000, 1200 / rate)) if rate != 0.005 else 120000
    # Runs of one seed draw the same numbers, and their errors would be alike.
    seed = 1 + 1000 * TEMPERATURES.index(temperature) + 10 * list(KINDS).index(kind) + (100 * RATES.index(rate) if rate in RATES else 0)
    return Setting(SCENE, {**heat(kind, rate, temperature), "schedule.lr": rate, "ensemble.steps": steps}, seed,
                   ("escape.events", "escape.rate", "temperature", *exact), quick)


def settings():
    for kind, (rate, _) in KINDS.items():
        for temperature in TEMPERATURES:
            yield setting(kind, rate, temperature, temperature == TEMPERATURES[0])
    for rate in RATES:
        for temperature in TEMPERATURES:
            yield setting("sgd", rate, temperature)


def line(rows, kind, rate):
    """[(temperature, rate, exact rate or None)]."""
    found = []
    for temperature in TEMPERATURES:
        keys = {key.replace(".", "__"): value for key, value in heat(kind, rate, temperature).items()}
        keys["schedule__lr"] = rate
        exact = rows.of("escape.theory.chain.mfpt_steps", **keys)
        exact = [1 / (one.value * rate) for _, one in exact] or [one.value for _, one in rows.of("escape.theory.klein_kramers.rate", **keys)] or [None]
        # A step of Adam takes lr / sigma of time: it divides by the size of the noise.
        unit = keys["noise__sigma"] if kind == "adam" else 1.0
        found.append((temperature, Estimate(*(unit * number for number in rows.one("escape.rate", **keys))), exact[0]))
    return found


def slope(rows, kind, rate):
    """(minus the slope of ln rate against 1/T: measured, exact or None); the barrier is 1."""
    used = line(rows, kind, rate)
    inverse = [1 / temperature for temperature, *_ in used]
    errors = [(one.high - one.low) / (2 * CONFIDENT * one.value) for _, one, _ in used]
    measured = line_through(inverse, [math.log(one.value) for _, one, _ in used], errors)[0]
    exact = None if used[0][2] is None else -line_through(inverse, [math.log(one[2]) for one in used], errors)[0].value
    return Estimate(-measured.value, -measured.high, -measured.low), exact


def limit(rows):
    """The largest learning rate x curvature of SGD up to which the slope is within a tenth of the barrier."""
    good = 0
    for rate in RATES:
        if abs(slope(rows, "sgd", rate)[0].value - 1) > 0.1:
            break
        good = rate * CURVATURE
    return good


def verdict(rows):
    return Verdict("holds when", f"lr × curvature is at most {limit(rows):.2g}", "slope / barrier, SGD at lr × curvature 0.16", slope(rows, "sgd", 0.02)[0], rows.runs())


def reading(rows):
    lines = []
    for kind, (rate, theory) in KINDS.items():
        measured, exact = slope(rows, kind, rate)
        lines.append(f"{NAMES[kind]}: slope {measured.value:.3f} ({measured.low:.3f} to {measured.high:.3f}) barriers" + (f"; the theory beside it ({theory}) says {exact:.3f}." if exact else "."))
    sgd, adam = (line(rows, kind, KINDS[kind][0]) for kind in ("sgd", "adam"))
    shares = [there[1].value / here[1].value for here, there in zip(sgd, adam)]
    lines.append(f"Momentum's points lie off the theory where the barrier is low: klein_kramers is the relaxation between the wells, and a first passage comes sooner. Adam, "
                 f"in its own time, escapes at {min(shares):.2f} to {max(shares):.2f} times the rate of SGD at the same temperature.")
    largest = slope(rows, "sgd", RATES[-1])
    lines.append(f"SGD's slope is within a tenth of the barrier up to lr × curvature = {limit(rows):.2g}. At {RATES[-1] * CURVATURE:.2g} it is {largest[0].value:.2f} "
                 f"({largest[0].low:.2f} to {largest[0].high:.2f}), the exact theory says {largest[1]:.2f}: one kick outwards, and the next step of descent throws the particle over.")
    return "\n\n".join(lines)


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subplots(1, 2)
        for (kind, (rate, _)), color, marker in zip(KINDS.items(), colors, "osD^"):
            found = line(rows, kind, rate)
            inverse = np.array([1 / temperature for temperature, *_ in found])
            if found[0][2] is not None:
                left.plot(inverse, [exact for *_, exact in found], color=color, linewidth=style.line, zorder=2)
            estimates(left, inverse, [one for _, one, _ in found], style, NAMES[kind], color, marker, kind not in ("sgld", "adam"), "")
        left.set_yscale("log")
        left.set_xlabel("barrier / temperature")
        left.set_ylabel("escapes per unit of time, lr (Adam: lr / σ) a step")
        left.set_ylim(bottom=4e-4)
        left.legend(loc="lower left", title="points measured, lines exact")
        letter(left, "(a) four optimizers", style)
        found = [slope(rows, "sgd", rate) for rate in RATES]
        product = CURVATURE * np.array(RATES)
        right.plot(product, [exact for _, exact in found], color=colors[0], linewidth=style.line, label="exact chain")
        estimates(right, product, [one for one, _ in found], style, "measured", colors[0], "o", line="")
        right.axhline(1, color=style.faint, linewidth=0.8 * style.line, linestyle=(0, (5, 1.6)), label="the barrier")
        right.set_xscale("log")
        right.set_xticks((0.02, 0.1, 0.5, 1.5), ("0.02", "0.1", "0.5", "1.5"))
        right.set_xticks((), minor=True)
        right.set_ylim(0, 1.2)
        right.set_xlabel("learning rate × curvature")
        right.set_ylabel("slope / barrier")
        right.legend(loc="lower left")
        letter(right, "(b) SGD", style)
    return picture
