"""The learning rate is a thermostat: how hot the particles are against the learning rate."""
import math

import numpy as np

from claims import CONFIDENT, Setting, Verdict, line_through
from figure_points import estimates
from figure_style import PATHS, letter, new_picture

TITLE = "The learning rate is a thermostat"
CLAIM = ("Gradient noise of variance σ² over batches of B makes the temperature T = lr σ² / (2 B): turning the learning rate turns the temperature "
         "in proportion.")
MEASURE = ("The configurational temperature ⟨|∇V|²⟩ / ⟨ΔV⟩ of SGD with isotropic noise, stationary, over three decades of the learning rate: in a parabola, "
           "where the exact law is T / (1 − lr k / 2) with the curvature k, and in the left well of a quartic double well with less noise than gets over its "
           "barrier. And of small networks on digits with minibatches of 16, at four constant learning rates after 2000 steps: the temperature that "
           "the covariance of the gradients implies, and the one that is found.")
OBJECTIONS = (("A parabola is made for it.",
               "The double well is not, and its temperature leaves the line at the same product of learning rate and curvature, to one place of the grid; "
               "only beyond a product of 1.3, where steps overshoot, are the two wells told apart."),
              ("Real gradient noise is neither isotropic nor constant.",
               "It is not, and that is where the claim ends: in networks the covariance of the gradients falls as the loss does, and a larger learning rate "
               "gets farther in the same steps, so that the temperature grows with a power well below one. What still holds is that the temperature found is the one "
               "that the noise of that moment implies."))
WATCH = ("lesson_temperature",)
HEIGHT = 0.46
PRODUCTS = (0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.09, 0.11, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.3, 1.6, 1.8)  # learning rate times curvature
WELLS = {"parabola": ("claim_04_parabola.yaml", 1.0, 1), "double well": ("claim_04_double_well.yaml", 8.0, 2)}  # the curvature of the start, seed
NETWORK_RATES = (0.05, 0.1, 0.2, 0.5)
PROPORTIONAL = 0.05  # beyond so much lr T is not what the claim says


def settings():
    for scene, curvature, seed in WELLS.values():
        for product in PRODUCTS:
            relaxation = max(1.0, 1 / product)
            yield Setting(scene, {"schedule.lr": float(f"{product / curvature:.6g}"), "ensemble.steps": int(60 * relaxation), "statistics.every": max(1, int(relaxation / 2)),
                                  "statistics.discard": int(20 * relaxation)}, seed, ("mean.configurational_temperature", "temperature"), product > 0.05)
    for rate in NETWORK_RATES:
        yield Setting("digits_network", {"schedule.name": "constant", "schedule.lr": rate, "ensemble.particles": 64, "evaluate.every": 2000, "sharpness.every": 0,
                                         "gradient_noise.every": 2000}, 1, ("gradient_noise.temperature_weighted", "gradient_noise.temperature_measured"))


def heats(rows, name):
    """[(lr times curvature, measured temperature, lr σ²/(2B))]."""
    scene, curvature, _ = WELLS[name]
    return [(product, rows.one("mean.configurational_temperature", scene=scene, schedule__lr=(lr := float(f"{product / curvature:.6g}"))),
             rows.one("temperature", scene=scene, schedule__lr=lr).value) for product in PRODUCTS]


def networks(rows):
    """[(lr, implied, found)]."""
    return [(rate, *(rows.one(f"gradient_noise.temperature_{kind}", scene="digits_network", schedule__lr=rate) for kind in ("weighted", "measured")))
            for rate in NETWORK_RATES]


def exponent(rows, name, most):
    """Of T as a power of the learning rate, where lr times curvature is at most so much."""
    used = [one for one in heats(rows, name) if one[0] <= most]
    return line_through([math.log(product) for product, *_ in used], [math.log(one.value) for _, one, _ in used],
                        [(one.high - one.low) / (2 * CONFIDENT * one.value) for _, one, _ in used])[0]


def network_exponent(rows):
    used = networks(rows)
    return line_through([math.log(rate) for rate, *_ in used], [math.log(found.value) for *_, found in used],
                        [(found.high - found.low) / (2 * CONFIDENT * found.value) for *_, found in used])[0]


def limit(rows, name):
    """The largest lr times curvature up to which the measured temperature is within 5 % of lr σ²/(2B) (interval and all)."""
    good = [product for product, one, law in sorted(heats(rows, name)) if one.low <= (1 + PROPORTIONAL) * law and one.high >= (1 - PROPORTIONAL) * law]
    return max(good)


def verdict(rows):
    most = min(limit(rows, name) for name in WELLS)
    return Verdict("holds when", f"the noise does not change with the weights and lr × curvature is at most {most:.2g}",
                   "exponent of T in the learning rate, double well", exponent(rows, "double well", most), rows.runs())


def reading(rows):
    lines = []
    for name in WELLS:
        power = exponent(rows, name, limit(rows, name))
        largest = heats(rows, name)[-1]
        lines.append(f"In the {name} the temperature follows lr σ²/(2B) within 5 % up to lr × curvature = {limit(rows, name):.2g}, with the exponent "
                     f"{power.value:.4f} ({power.low:.4f} to {power.high:.4f}); at {largest[0]:.2g} it is {largest[1].value / largest[2]:.2f} "
                     f"({largest[1].low / largest[2]:.2f} to {largest[1].high / largest[2]:.2f}) times as hot.")
    worst = max(abs(one.value / (law / (1 - product / 2)) - 1) / ((one.high - one.low) / (2 * one.value)) for product, one, law in heats(rows, "parabola"))
    lines.append(f"The exact law of the parabola, T / (1 − lr k / 2), is missed by at most {worst:.1f} half-widths of an interval, over {len(PRODUCTS)} points.")
    power = network_exponent(rows)
    rate, implied, found = networks(rows)[-1]
    lines.append(f"In networks after 2000 steps the exponent is {power.value:.2f} ({power.low:.2f} to {power.high:.2f}), since the noise changes with the weights. At lr "
                 f"{rate} the noise implies {1e4 * implied.value:.2f}e-4 ({1e4 * implied.low:.2f} to {1e4 * implied.high:.2f}) and {1e4 * found.value:.2f}e-4 "
                 f"({1e4 * found.low:.2f} to {1e4 * found.high:.2f}) is found.")
    return "\n\n".join(lines)


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subplots(1, 2)
        fine = np.geomspace(PRODUCTS[0], PRODUCTS[-1], 200)
        left.plot(fine, 1 / (1 - fine / 2), color=style.ink, linewidth=style.line, label="exact in a parabola, 1 / (1 − lr k / 2)")
        left.axhline(1, color=style.faint, linewidth=0.8 * style.line, linestyle=(0, (5, 1.6)), label="proportional to the learning rate")
        for (name, color, marker) in (("parabola", colors[0], "o"), ("double well", colors[1], "s")):
            found = heats(rows, name)
            estimates(left, [one[0] for one in found], [one[1] for one in found], style, name, color, marker, line="", scale=1 / np.array([one[2] for one in found]))
        left.set_xscale("log")
        left.set_yscale("log")
        left.set_yticks((1, 2, 4, 8), ("1", "2", "4", "8"))
        left.set_yticks((), minor=True)
        left.set_xlabel("learning rate × curvature")
        left.set_ylabel("temperature / (lr σ² / 2B)")
        left.legend(loc="upper left")
        letter(left, "(a) wells, constant noise", style)
        for kind, label, color, marker in ((1, "implied by the noise of the gradients", colors[2], "^"), (2, "found", colors[3], "D")):
            found = networks(rows)
            estimates(right, [one[0] for one in found], [one[kind] for one in found], style, label, color, marker, line="", scale=1e4)
        right.set_xscale("log")
        right.set_xticks(NETWORK_RATES, [str(rate) for rate in NETWORK_RATES])
        right.set_xticks((), minor=True)
        right.set_ylim(bottom=0)
        right.set_xlabel("learning rate")
        right.set_ylabel("temperature / 10⁻⁴")
        right.legend(loc="best")
        letter(right, "(b) networks after 2000 steps", style)
    return picture
