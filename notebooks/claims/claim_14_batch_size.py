"""Learning rate over batch size sets the noise scale: equal ratios at very different batches, and growing the batch in place of decaying the rate."""
import math

import numpy as np

from claims import Estimate, Setting, Verdict, difference
from figure_points import estimates
from figure_style import PATHS, letter, new_picture

TITLE = "Learning rate over batch size sets the noise scale"
CLAIM = ("What minibatches do to a run depends on the learning rate and the batch size by their ratio alone, so that growing the batch is as good as decaying "
         "the "
         "learning rate, with fewer steps (Smith et al. 2018).")
MEASURE = ("At an equal ratio, over batch sizes: the stationary variance in a mean over 100 data with batches drawn with replacement, without, and in epochs, "
           "beside the exact laws; the rate "
           "of escape out of a double well at T = lr σ² / (2 B) = 0.25, beside the exact chain of steps; and networks on digits after 16 epochs, from batches "
           "of 4 to 128 at three ratios. "
           "Then 24 epochs in three parts: the rate falls to a quarter twice, or the batch grows fourfold twice, or neither; each as it reads the test digits "
           "best over nine rates with another seed.")
OBJECTIONS = (("The equality is a matter of small learning rates.",
               "It is, and how small is measured: against the product of learning rate and curvature, in a parabola, in a double well and in networks, where "
               "the curvature is the measured largest "
               "eigenvalue. The exact laws say the same of the first two."),
              ("Growing the batch and decaying the rate are tuned by the same rate, which need not suit both; and a constant rate may do as well.",
               "Each of the three has its own best of nine rates, chosen by networks with another seed, at the same number of digits seen; the constant rate "
               "at a constant batch stands beside them."))
WATCH = ("lesson_coupled", "coupled_batch_size", "lesson_temperature")
HEIGHT = 0.8
DATA, WELL, DIGITS = "claim_14_data.yaml", "claim_14_double_well.yaml", "claim_14_digits.yaml"
POINTS, RATIO = 100, 0.01  # data of the parabolas; lr / B there
BATCHES, SAMPLINGS = (1, 2, 5, 10, 20, 50, 80), ("with_replacement", "without_replacement", "epoch")
WELL_RATES, WELL_CURVATURE, WELL_RATIO = (0.002, 0.005, 0.01, 0.02, 0.04, 0.0625, 0.08, 0.1, 0.125, 0.16), 8, 0.03125
TRAINING, EPOCHS = 1437, 16
NETWORK_BATCHES, NETWORK_RATIOS = (4, 8, 16, 32, 64, 128), (1 / 512, 1 / 128, 1 / 32)
RATES = tuple(float(f"{0.0625 * 2 ** (i / 2):.4g}") for i in range(9))
PART = 720  # steps of the first third at batches of 16: eight epochs
TUNED, REPORTED = 101, 1  # seeds
WAYS = {
    "decaying the rate": lambda rate: {"schedule.name": "step", "schedule.lr": rate, "schedule.every": PART, "schedule.factor": 0.25, "ensemble.steps": 3 * PART},
    "growing the batch": lambda rate: {"schedule.lr": rate, "ensemble.steps": PART + PART // 4 + PART // 16,
                                       "phases": [{"name": f"batch_{16 * 4**part}", "steps": PART // 4**part, "noise": {"batch_size": 16 * 4**part}} for part in range(3)]},
    "neither": lambda rate: {"schedule.lr": rate, "ensemble.steps": 3 * PART},
}
MEASURED = ("evaluate.train_loss", "evaluate.test_loss", "evaluate.test_accuracy")
EQUAL = 0.1  # "until when": as long as the interval does not leave this part of the value at the smallest rate


def settings():
    for sampling in SAMPLINGS:
        for batch in BATCHES:
            rate = RATIO * batch
            relaxation = math.ceil(1 / rate)
            yield Setting(DATA, {"noise.batch_size": batch, "noise.sampling": sampling, "schedule.lr": float(f"{rate:.6g}"), "ensemble.steps": 30 * relaxation,
                                 "statistics.every": max(1, int(0.37 * relaxation)), "statistics.discard": 8 * relaxation}, 1, ("mean.position_variance", "temperature"), batch >= 10)
    for rate in WELL_RATES:
        yield Setting(WELL, {"schedule.lr": rate, "noise.batch_size": float(f"{rate / WELL_RATIO:.6g}"), "ensemble.steps": int(400 / rate)}, 2,
                      ("escape.rate", "escape.theory.chain.rate", "escape.theory.quadrature.rate"), rate > 0.1)
    for ratio in NETWORK_RATIOS:
        for batch in NETWORK_BATCHES:
            steps = EPOCHS * TRAINING // batch
            yield Setting(DIGITS, {"schedule.lr": ratio * batch, "noise.batch_size": batch, "ensemble.steps": steps, "evaluate.every": steps,
                                   "sharpness": {"every": steps, "particles": 64},
                                   "gradient_noise": {"every": steps, "particles": 64}}, 3,
                          (*MEASURED, "sharpness.lr_times_largest", "gradient_noise.temperature_weighted"), batch == 128)
    for way, about in WAYS.items():
        for rate in RATES:
            for seed in (TUNED, REPORTED):
                changed = about(rate)
                yield Setting(DIGITS, {**changed, "evaluate.every": changed["ensemble.steps"]}, seed, MEASURED, way == "growing the batch" and rate == 0.5 and seed == REPORTED)


def of_way(rows, way, rate, quantity, seed=REPORTED):
    wanted = {"schedule__name": None, "phases": None, **{key.replace(".", "__"): value for key, value in WAYS[way](rate).items()}}
    return rows.one(quantity, scene=DIGITS, seed=seed, **wanted)


def scaled(estimate, by):
    return Estimate(*(None if number is None else number / by for number in estimate))


def variances(rows, sampling):
    """[(lr times curvature, variance over lr s² / (2 B k) of data drawn with replacement)], s² being that of the data."""
    found = [(RATIO * batch, rows.one("mean.position_variance", noise__sampling=sampling, noise__batch_size=batch, scene=DATA)) for batch in BATCHES]
    law = rows.one("temperature", noise__sampling="with_replacement", noise__batch_size=1, scene=DATA).value
    return [(product, scaled(one, law)) for product, one in found]


def exact(product, sampling):
    """The variance in a parabola over lr s²/(2 B k); of batches without replacement (M - B) / (M - 1) of it."""
    return (1 - (product / RATIO - 1) / (POINTS - 1) if sampling == "without_replacement" else 1) / (1 - product / 2)


def escapes(rows):
    """[(lr times curvature, rate, exact rate of the chain)], both over the rate of continuous time."""
    found = []
    for rate in WELL_RATES:
        about = {"scene": WELL, "schedule__lr": rate}
        slow = rows.one("escape.theory.quadrature.rate", **about).value
        found.append((WELL_CURVATURE * rate, scaled(rows.one("escape.rate", **about), slow), rows.one("escape.theory.chain.rate", **about).value / slow))
    return found


def networks(rows, ratio, quantity):
    """[(lr times largest curvature, value)] over the batch sizes."""
    found = []
    for batch in NETWORK_BATCHES:
        about = {"scene": DIGITS, "schedule__lr": ratio * batch, "noise__batch_size": batch}
        found.append((rows.one("sharpness.lr_times_largest", **about).value, rows.one(quantity, **about)))
    return found


def equal_until(found):
    """The largest product up to which the value stays within EQUAL of that at the smallest; None: at all."""
    first, last = found[0][1].value, found[0][0]
    for product, one, *_ in found[1:]:
        if abs(one.value / first - 1) > EQUAL:
            return last
        last = product
    return None


def at_best(rows, way, quantity="evaluate.test_accuracy"):
    """(rate, value) at the rate that the other seed chose by its test accuracy."""
    rate = max(RATES, key=lambda one: of_way(rows, way, one, "evaluate.test_accuracy", TUNED).value)
    return rate, of_way(rows, way, rate, quantity)


def limits(rows):
    """{of what: the product of rate and curvature up to which it is the ratio alone that counts}."""
    found = {"the variance": equal_until(variances(rows, "with_replacement")), "the rate of escape": equal_until(escapes(rows))}
    for ratio in NETWORK_RATIOS:
        found[f"the training loss of networks at lr / B = 1/{1 / ratio:.0f}"] = equal_until(networks(rows, ratio, "evaluate.train_loss"))
    return found


def verdict(rows):
    effect = difference(at_best(rows, "growing the batch")[1], at_best(rows, "decaying the rate")[1])
    least = min(one for one in limits(rows).values() if one is not None)
    same = abs(effect.value) < 0.005 and max(-effect.low, effect.high) < 0.01
    fewer = 3 * PART / (PART + PART // 4 + PART // 16)
    about = f"test accuracy, growing the batch less decaying the rate, each at its best rate, with {fewer:.1f} times fewer steps"
    if not same:
        return Verdict("fails", "", about, effect, rows.runs())
    return Verdict("holds when", f"learning rate × curvature is at most {least:.2g} and batches are drawn alike and are a small part of the data", about, effect, rows.runs())


def reading(rows):
    worst = max(abs(one.value / exact(product, sampling) - 1) / ((one.high - one.low) / (2 * one.value)) for sampling in SAMPLINGS[:2] for product, one in variances(rows, sampling))
    lines = [f"In the parabola the exact laws are missed by at most {worst:.1f} half-widths of an interval. Equal to within {100 * EQUAL:.0f} % of the "
             "smallest batch at the same ratio are, as far "
             "as the grid tells: " + "; ".join(
                 f"{name}, " + ("everywhere" if limit is None else f"up to learning rate × curvature = {limit:.2g}") for name, limit in limits(rows).items()) + "."]
    (_, drawn), (product, epoch) = variances(rows, "with_replacement")[3], variances(rows, "epoch")[3]
    lines.append(f"The ratio is not all of it. Without replacement a batch of {BATCHES[-1]} of {POINTS} has a fifth of the noise. In epochs, where each datum "
                 "comes once before any comes again, the noise "
                 f"of successive steps cancels: the variance at a batch of {product / RATIO:.0f} is {epoch.value:.3f} ({epoch.low:.3f} to {epoch.high:.3f}) of "
                 f"lr s² / (2 B k) instead of {drawn.value:.3f}.")
    largest = escapes(rows)[-1]
    lines.append(f"At learning rate × curvature = {largest[0]:.2g} escape is {largest[1].value:.2f} ({largest[1].low:.2f} to {largest[1].high:.2f}) times as "
                 "fast as continuous time says of the same "
                 f"temperature, the exact chain says {largest[2]:.2f}.")
    for way in WAYS:
        (rate, accuracy), (_, loss) = at_best(rows, way), at_best(rows, way, "evaluate.train_loss")
        lines.append(f"{way.capitalize()}: best at lr = {rate:g}, {100 * accuracy.value:.2f} % ({100 * accuracy.low:.2f} to {100 * accuracy.high:.2f}) of the "
                     "test digits, training loss "
                     f"{loss.value:.4f} ({loss.low:.4f} to {loss.high:.4f}).")
    return "\n\n".join(lines)


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        (law, escape), (network, ways) = picture.subplots(2, 2)
        fine = np.geomspace(RATIO, 0.95, 200)
        for sampling, color, marker in zip(SAMPLINGS, colors, "os^"):
            if sampling != "epoch":
                law.plot(fine, exact(fine, sampling), color=color, linewidth=style.line)
            found = variances(rows, sampling)
            estimates(law, [one[0] for one in found], [one[1] for one in found], style, sampling.replace("_", " "), color, marker, line="")
        law.set_ylabel("variance / (lr s² / 2Bk)")
        law.set_ylim(0, 2.9)
        law.legend(loc="upper left")
        letter(law, "(a) parabolas; lines: exact", style)
        found = escapes(rows)
        escape.plot([one[0] for one in found], [one[2] for one in found], color=style.ink, linewidth=style.line, label="exact chain of steps")
        estimates(escape, [one[0] for one in found], [one[1] for one in found], style, "measured", colors[0], "o", line="")
        escape.set_yscale("log")
        escape.set_yticks((1, 2, 4), ("1", "2", "4"))
        escape.set_yticks((), minor=True)
        escape.set_ylabel("escape rate / continuous time")
        escape.legend(loc="upper left")
        letter(escape, "(b) double well at T = 0.25", style)
        for ratio, color, marker in zip(NETWORK_RATIOS, colors, "os^"):
            found = networks(rows, ratio, "evaluate.train_loss")
            first = found[0][1].value
            shown = [one for one in found if one[1].value < 5 * first]
            estimates(network, [one[0] for one in shown], [one[1] for one in shown], style, f"lr / B = 1/{1 / ratio:.0f}", color, marker, scale=1 / first)
        network.set_ylabel("training loss / at batches of 4")
        network.legend(loc="upper left")
        letter(network, "(c) networks, 16 epochs", style)
        for axes in (law, escape, network):
            axes.set_xscale("log")
            axes.set_xlabel("learning rate × " + ("largest curvature" if axes is network else "curvature"))
        for way, color, marker in zip(WAYS, colors, "os^"):
            estimates(ways, RATES, [scaled(of_way(rows, way, rate, "evaluate.test_accuracy"), 0.01) for rate in RATES], style, way, color, marker)
        ways.set_xscale("log")
        ways.set_xticks(RATES[::2], [f"{rate:g}" for rate in RATES[::2]])
        ways.set_xticks((), minor=True)
        ways.set_xlabel("learning rate at the start")
        ways.set_ylabel("test accuracy (%)")
        ways.legend(loc="lower right")
        letter(ways, "(d) networks, 24 epochs; squares cover circles", style)
    return picture
