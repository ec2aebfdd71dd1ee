"""Restarts leave sharp minima for flat ones, and flat ones generalise: shares of two wells under three noises, and the curvature of networks."""
import math

import numpy as np

from claims import CONFIDENT, Estimate, Setting, Verdict, difference, ratio
from figure_points import estimates
from figure_rates import plain_log
from figure_style import PATHS, letter, new_picture

TITLE = "Restarts leave sharp minima for flat ones, and flat ones generalise"
CLAIM = "A warm restart throws runs out of sharp minima, and they settle in flatter ones; flat minima generalise better."
MEASURE = ("In a landscape with one sharp and one flat minimum of equal depth, from the sharp one, the share in the flat one after each of eight cycles of 500 "
           "steps, with isotropic noise and with noise whose variance follows the curvature (equal at the sharp minimum), beside one "
           "cosine and a constant rate over the same 4000 steps, each with the one of eight rates that leaves fewest in the sharp one with another seed. For "
           "minibatch noise, networks on digits (batches of 16): the largest eigenvalue of the Hessian after one, two, three and six cycles of 300 steps beside "
           "one "
           "cosine over as many steps, at seven rates. And over 256 networks of one setting the rank correlation of that eigenvalue with the test accuracy.")
OBJECTIONS = (("The curvature of a network falls with its loss, whatever the schedule: more cycles are more steps.",
               "That is why a cosine over as many steps stands beside the restarts, at the same rates; what is left between them is what restarts do."),
              ("A rank correlation between networks is one of the training loss with itself.",
               "It is given with the training loss held fixed, too (partial rank correlation)."))
WATCH = ("lesson_sharp_flat", "sharp_or_flat")
HEIGHT = 0.72
SCENE, NETWORK = "claim_08_sharp_flat.yaml", "digits_network"
NOISES = {"isotropic": {"noise": {"name": "isotropic", "sigma": 5.5}}, "curvature": {"noise": {"name": "curvature", "strength": 1.6, "epsilon": 1}}}
RATES = (0.0476, 0.04, 0.0336, 0.0283, 0.0238, 0.02, 0.0168, 0.0141)
PERIOD, CYCLES, STEPS = 500, (1, 2, 3, 4, 5, 6, 7, 8), 4000
SCHEDULES = ("restarts", "one cosine", "constant")
NETWORK_RATES = (0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
NETWORK_PERIOD, NETWORK_CYCLES = 300, (1, 2, 3, 6)
ONE_RATE, ONE_SEEDS = 0.7, tuple(range(1001, 1257))
TUNED, REPORTED = 101, 1  # seeds
LOOK = {"gradient_noise.every": 0, "sharpness.probes": 2, "sharpness.directions": 1}


def schedule(name, rate, period, steps):
    return {"restarts": {"schedule": {"name": "cosine_restarts", "lr": rate, "lr_min": 0, "period": period}},
            "one cosine": {"schedule": {"name": "cosine", "lr": rate, "lr_min": 0}},
            "constant": {"schedule": {"name": "constant", "lr": rate}}}[name] | {"ensemble.steps": steps}


def wells(noise, name, rate, steps=STEPS, start=0):
    return {**NOISES[noise], **schedule(name, rate, PERIOD, steps), "ensemble.start": {"minimum": start}}


def standing(noise, rate):
    """A constant rate, of which the stationary law is asked."""
    return {**NOISES[noise], "schedule": {"name": "constant", "lr": rate}, "ensemble.steps": 1, "ensemble.particles": 64}


def networks(name, rate, cycles, looked=True):
    steps = NETWORK_PERIOD * cycles
    return {**schedule(name, rate, NETWORK_PERIOD, steps), "ensemble.particles": 64, "evaluate.every": steps, "sharpness.every": steps if looked else 0, **LOOK}


def one_network():
    steps = NETWORK_PERIOD * NETWORK_CYCLES[-1]
    return {**schedule("restarts", ONE_RATE, NETWORK_PERIOD, steps), "ensemble.particles": 1, "evaluate.every": steps, "sharpness.every": steps, **LOOK}


def settings():
    for noise in NOISES:
        for rate in RATES:
            yield Setting(SCENE, standing(noise, rate), 1, ("escape.theory.stationary.population_1",), rate == RATES[3])
            for name in SCHEDULES:
                for seed in (TUNED, REPORTED):
                    yield Setting(SCENE, wells(noise, name, rate), seed, ("mean.well_population", "diverged"), rate == RATES[3] and seed == REPORTED)
            yield Setting(SCENE, wells(noise, "restarts", rate, start=1), REPORTED, ("mean.well_population", "diverged"))
            for cycles in CYCLES[:-1]:
                yield Setting(SCENE, wells(noise, "restarts", rate, cycles * PERIOD), REPORTED, ("mean.well_population", "diverged"))
    for rate in NETWORK_RATES:
        for name in ("restarts", "one cosine"):
            yield Setting(NETWORK, networks(name, rate, NETWORK_CYCLES[-1], False), TUNED, ("evaluate.train_loss", "evaluate.test_accuracy"))
            for cycles in NETWORK_CYCLES if name == "restarts" else NETWORK_CYCLES[1:]:
                yield Setting(NETWORK, networks(name, rate, cycles), REPORTED, ("evaluate.train_loss", "evaluate.test_accuracy", "sharpness.largest"))
    for seed in ONE_SEEDS:
        yield Setting(NETWORK, one_network(), seed, ("sharpness.largest", "evaluate.test_accuracy", "evaluate.test_loss", "evaluate.train_loss"))


def flat(rows, changed, seed=REPORTED):
    """Share in the flat minimum; None where more than 1 % have run away."""
    if rows.at(changed, "diverged", seed).value > 0.01 * 2048:
        return None
    return rows.at(changed, "mean.well_population", seed, 1)


def best_rate(rows, noise, name):
    """At which most are in the flat minimum with the other seed."""
    found = {rate: share for rate in RATES if (share := flat(rows, wells(noise, name, rate), TUNED))}
    return max(found, key=lambda rate: found[rate].value)


def course(rows, noise, rate):
    """[(cycles, flat share)] under restarts."""
    return [(0, Estimate(0.0, 0.0, 0.0))] + [(cycles, flat(rows, wells(noise, "restarts", rate, cycles * PERIOD))) for cycles in CYCLES]


def stationary(rows, noise, rate):
    return rows.at(standing(noise, rate), "escape.theory.stationary.population_1", 1).value


def network_rate(rows, name):
    """With the highest test accuracy after 1800 steps with the other seed."""
    return max(NETWORK_RATES, key=lambda rate: rows.at(networks(name, rate, NETWORK_CYCLES[-1], False), "evaluate.test_accuracy", TUNED).value)


def network(rows, name, rate, cycles, quantity="sharpness.largest"):
    """One cycle of restarts is one cosine."""
    return rows.at(networks("restarts" if cycles == 1 else name, rate, cycles), quantity, REPORTED)


def over_one_cosine(rows, rate):
    """Largest eigenvalue after six cycles over that after one cosine of as many steps."""
    return ratio(*(network(rows, name, rate, NETWORK_CYCLES[-1]) for name in ("restarts", "one cosine")))


def _ranks(values):
    """From 1 up, those that are equal share the mean of their ranks."""
    values = np.asarray(values)
    order, count = np.unique(values, return_inverse=True, return_counts=True)[1:]
    return (np.cumsum(count) - (count - 1) / 2)[order]


def _interval(correlation, count):
    """Of a rank correlation: Fisher's transformation, with the variance of Fieller, Hartley and Pearson 1957."""
    half = CONFIDENT * math.sqrt(1.06 / (count - 3))
    return Estimate(correlation, math.tanh(math.atanh(correlation) - half), math.tanh(math.atanh(correlation) + half))


def correlations(rows):
    """(rank correlation of the largest eigenvalue with the test accuracy, the same with the training loss held fixed)."""
    sharp, accuracy, loss = (_ranks([rows.at(one_network(), quantity, seed).value for seed in ONE_SEEDS]) for quantity in ("sharpness.largest", "evaluate.test_accuracy", "evaluate.train_loss"))
    together = np.corrcoef([sharp, accuracy, loss])
    plain, first, second = together[0, 1], together[0, 2], together[1, 2]
    partial = (plain - first * second) / math.sqrt((1 - first**2) * (1 - second**2))
    return _interval(plain, len(ONE_SEEDS)), _interval(partial, len(ONE_SEEDS) - 1)


def verdict(rows):
    share = {noise: flat(rows, wells(noise, "restarts", best_rate(rows, noise, "restarts"))) for noise in NOISES}
    other = {noise: flat(rows, wells(noise, "one cosine", best_rate(rows, noise, "one cosine"))) for noise in NOISES}
    flatter = over_one_cosine(rows, network_rate(rows, "restarts"))
    plain, partial = correlations(rows)
    restarts_do_it = all(difference(share[noise], other[noise]).low > 0.05 for noise in NOISES) and flatter.high < 1
    general = partial.high < 0
    words = "largest eigenvalue of networks after six cycles / after one cosine of as many steps"
    if restarts_do_it and general:
        return Verdict("holds", "", words, flatter, rows.runs())
    heat_does_it = all(one.low > 0.5 for one in share.values())
    if heat_does_it and flatter.high < 1:
        return Verdict("holds when", "it is about leaving: heat does that, with restarts or without; among networks of one setting the flatter read "
                       + ("better" if general else "worse" if partial.low > 0 else "not measurably better than their training loss says"), words, flatter, rows.runs())
    return Verdict("fails", "", words, flatter, rows.runs())


def said(one, digits=3):
    return f"{one.value:.{digits}f} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def reading(rows):
    lines = []
    for noise in NOISES:
        parts = []
        for name in SCHEDULES:
            rate = best_rate(rows, noise, name)
            parts.append(f"{name} {said(Estimate(*(100 * value for value in flat(rows, wells(noise, name, rate)))), 1)} % (rate {rate})")
        lines.append(f"Noise {'that follows the curvature' if noise == 'curvature' else 'that is the same everywhere'}: in the flat minimum end, from the sharp one, " + "; ".join(parts) + ".")
    heat = best_rate(rows, "isotropic", "restarts")
    lines.append(f"The stationary law of a constant rate has {100 * stationary(rows, 'isotropic', heat):.1f} % in the flat minimum at {heat} with the same noise everywhere, all entropy since both are equally deep, and "
                 f"{100 * stationary(rows, 'curvature', best_rate(rows, 'curvature', 'restarts')):.2f} % with noise that follows the curvature. From the flat "
                 f"minimum restarts at {heat} lead to {said(Estimate(*(100 * value for value in flat(rows, wells('isotropic', 'restarts', heat, start=1)))), 1)} "
                 f"%: "
                 "the start is forgotten.")
    for name in ("restarts", "one cosine"):
        rate = network_rate(rows, name)
        lines.append(f"Networks, {name}, at the rate with the best test accuracy ({rate}): " + "; ".join(
            f"{cycles * NETWORK_PERIOD} steps: largest eigenvalue {said(network(rows, name, rate, cycles), 2)}, training loss "
            f"{network(rows, name, rate, cycles, 'evaluate.train_loss').value:.3f}, test accuracy "
            f"{said(Estimate(*(100 * value for value in network(rows, name, rate, cycles, 'evaluate.test_accuracy'))), 1)} %" for cycles in NETWORK_CYCLES) + ".")
    lines.append("Largest eigenvalue after six cycles over that after one cosine of as many steps: " + ", ".join(f"{said(over_one_cosine(rows, rate), 2)} at {rate:g}" for rate in NETWORK_RATES) + ".")
    plain, partial = correlations(rows)
    lines.append(f"Over {len(ONE_SEEDS)} networks at the rate {ONE_RATE} the rank correlation of the largest eigenvalue with the test accuracy is {said(plain, 2)}, with the training loss held fixed {said(partial, 2)}.")
    across = _across(rows)
    lines.append(f"Over the {across[1]} means of all rates and lengths it is {said(across[0], 2)}: there flatter ends are those that were trained further.")
    return "\n\n".join(lines)


def _across(rows):
    """Rank correlation of mean eigenvalue and mean accuracy over settings, and their number."""
    places = [(name, rate, cycles) for name in ("restarts", "one cosine") for rate in NETWORK_RATES for cycles in NETWORK_CYCLES if cycles > 1 or name == "restarts"]
    pairs = [_ranks([network(rows, *place, quantity).value for place in places]) for quantity in ("sharpness.largest", "evaluate.test_accuracy")]
    return _interval(float(np.corrcoef(pairs)[0, 1]), len(places)), len(places)


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        first, second, third, fourth = picture.subplots(4, 1) if style.stacked else picture.subplots(2, 2).flat
        for noise, color, marker in (("curvature", 1, "D"), ("isotropic", 0, "o")):
            rate = best_rate(rows, noise, "restarts")
            found = course(rows, noise, rate)
            estimates(first, [cycles for cycles, _ in found], [share for _, share in found], style, f"{noise} noise", colors[color], marker, scale=100)
            first.axhline(100 * stationary(rows, noise, rate), color=colors[color], linewidth=0.9 * style.line, linestyle=(0, (1.2, 1.2)))
            for name, filled in (("restarts", True), ("one cosine", False)):
                shares = [(one, share) for one in RATES if (share := flat(rows, wells(noise, name, one)))]
                estimates(second, [one for one, _ in shares], [share for _, share in shares], style, f"{noise}, {name}", colors[color], marker, filled, scale=100)
        first.set_xlabel("cycles")
        first.set_ylabel("in the flat minimum (%)")
        first.legend(loc="lower right")
        second.set_xlabel("largest learning rate")
        second.set_xscale("log")
        plain_log(second.xaxis, (0.015, 0.02, 0.03, 0.045))
        second.set_ylabel("in the flat minimum (%)")
        second.legend(loc="lower right", borderaxespad=0.1, handlelength=1.0, handletextpad=0.4)
        rate = network_rate(rows, "restarts")
        for name, color, marker in (("restarts", 0, "o"), ("one cosine", 2, "s")):
            estimates(third, [cycles * NETWORK_PERIOD for cycles in NETWORK_CYCLES], [network(rows, name, rate, cycles) for cycles in NETWORK_CYCLES], style, name, colors[color], marker)
        third.set_ylim(bottom=0)
        third.set_xlabel("steps")
        third.set_ylabel("largest eigenvalue of the Hessian")
        third.legend(loc="upper right")
        sharp, accuracy = ([rows.at(one_network(), quantity, seed).value for seed in ONE_SEEDS] for quantity in ("sharpness.largest", "evaluate.test_accuracy"))
        fourth.plot(sharp, 100 * np.array(accuracy), "o", color=colors[0], markersize=0.35 * style.font, alpha=0.7, linestyle="none")
        fourth.set_xlabel("largest eigenvalue of the Hessian")
        fourth.set_ylabel("test accuracy (%)")
        for axes, words in ((first, "(a) restarts, dotted: stationary"), (second, "(b) after 4000 steps"), (third, f"(c) networks, rate {rate:g}"), (fourth, f"(d) {len(ONE_SEEDS)} networks after 1800 steps")):
            letter(axes, words, style)
    return picture
