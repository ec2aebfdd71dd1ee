"""Noise of the updates from augmentation, against its intensity; and what it is worth to keep it while the learning rate falls."""
import math

import numpy as np

from claims import CONFIDENT, Estimate, Setting, Verdict, difference, line_through, quarters
from figure_points import estimates
from figure_style import PATHS, letter, new_picture

TITLE = "Noise of the updates from augmentation goes as learning rate × intensity"
CLAIM = ("Augmentation of a given intensity adds noise to the updates in proportion to learning rate × intensity; as the rate falls the intensity should grow, "
         "so that the "
         "product, and with it the exploration, stays.")
MEASURE = ("One step with all data from one trained network, each particle with its own augmentation: the variance of the update against the standard "
           "deviation of what is added to the pixels, and against "
           "shifts by 1 to 3 pixels, at three learning rates; the same in a mean of parabolas, beside the exact law. Then networks on digits whose rate halves "
           "three times: with no augmentation, with the same "
           "throughout, with learning rate × intensity kept and with learning rate × intensity² kept: the temperature over the run, and the test accuracy, "
           "each with the best of seven rates and four "
           "intensities of networks with another seed.")
OBJECTIONS = (("Kept intensity is more intensity, and more augmentation helps by itself.",
               "Each way has its own best intensity of four, over a factor of eight, and its own best rate; no augmentation stands beside them, and the "
               "accuracy is shown against the intensity at the end of the run."),
              ("Adding noise to pixels is not what people call augmentation.",
               "Shifts of whole images are measured too. They have no small intensity, one pixel being the least, and their noise grows with a smaller power: "
               "the law is one of small disturbances."))
WATCH = ("lesson_augmentation",)
HEIGHT = 0.76
TRAINED, DATA, DIGITS = "claim_13_trained.yaml", "claim_13_data.yaml", "claim_13_digits.yaml"
INTENSITIES, SHIFTS, STEP_RATES = (0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8), (1, 2, 3), (0.01, 0.1, 1)
PULLS = (0.25, 0.5, 1.0, 2.0, 4.0)  # intensities of the parabolas, whose centers vary by 1
SMALL = 0.05  # up to here the exponent is that of a small intensity
RATES = (0.18, 0.25, 0.36, 0.5, 0.72, 1.0, 1.44)
PHASES, PART = ("first", "second", "third", "fourth"), 180
TUNED, REPORTED = 101, 1  # seeds
# Of each way: by what the intensity grows when the rate halves, intensities at the start.
WAYS = {"none": (1, (0,)), "constant": (1, (0.05, 0.1, 0.2, 0.4)), "lr × intensity kept": (2, (0.0125, 0.025, 0.05, 0.1)),
        "lr × intensity² kept": (math.sqrt(2), (0.035, 0.07, 0.14, 0.28))}
COURSE = {"none": 0, "constant": 0.2, "lr × intensity kept": 0.05, "lr × intensity² kept": 0.14}
COURSE_RATE = 0.5


def phased(rate, way, intensity):
    return {f"phases.{name}.{key}": float(f"{value:.6g}") for place, name in enumerate(PHASES)
            for key, value in (("schedule.lr", rate / 2**place), ("noise.augment_jitter", intensity * WAYS[way][0]**place))}


def settings():
    for rate in STEP_RATES:
        for intensity in INTENSITIES:
            yield Setting(TRAINED, {"noise.augment_jitter": intensity, "schedule.lr": rate}, 1, ("trajectory.spread",), rate == 1 and intensity in (0.05, 0.8))
    for shift in SHIFTS:
        yield Setting(TRAINED, {"noise.augment_jitter": 0, "noise.augment_shift": shift}, 1, ("trajectory.spread",))
    for intensity in (0, *PULLS):
        yield Setting(DATA, {"noise.augment_jitter": intensity}, 1, ("mean.position_variance", "temperature"), True)
    for way, intensity in COURSE.items():
        yield Setting(DIGITS, {**phased(COURSE_RATE, way, intensity), "gradient_noise": {"every": PART, "particles": 64}}, 2,
                      ("gradient_noise.series_temperature_measured", "gradient_noise.temperature_measured"))
    for way, (_, intensities) in WAYS.items():
        for intensity in intensities:
            for rate in RATES:
                for seed in (TUNED, REPORTED):
                    yield Setting(DIGITS, {**phased(rate, way, intensity), "evaluate.every": PART * len(PHASES)}, seed,
                                  ("evaluate.train_loss", "evaluate.test_loss", "evaluate.test_accuracy"))


def update_variance(rows, intensity, rate=1, shift=None):
    """Sum over the weights of the variance of one step from augmentation, over the square of the learning rate."""
    kind = {"noise__augment_jitter": intensity, "schedule__lr": rate} if shift is None else {"noise__augment_shift": shift}
    one = rows.one("trajectory.spread", scene=TRAINED, index=1, **kind)
    return Estimate(*(number / rate**2 for number in one))


def power(x, estimates):
    """Exponent of the root of the variance."""
    slope = line_through(np.log(x), [math.log(one.value) / 2 for one in estimates], [(one.high - one.low) / (4 * CONFIDENT * one.value) for one in estimates])[0]
    return slope


def exponents(rows):
    """Of the noise in the intensity: small ones, large ones, shifts."""
    def over(some):
        return power(some, [update_variance(rows, one) for one in some])
    small, large = [one for one in INTENSITIES if one <= SMALL], [one for one in INTENSITIES if one >= 0.2]
    return over(small), over(large), power(SHIFTS, [update_variance(rows, None, shift=one) for one in SHIFTS])


def in_proportion_until(rows):
    """The largest intensity up to which the noise is within a tenth of proportional to the intensity."""
    first = math.sqrt(update_variance(rows, INTENSITIES[0]).value) / INTENSITIES[0]
    good = [one for one in INTENSITIES if abs(math.sqrt(update_variance(rows, one).value) / one / first - 1) < 0.1]
    return max(good)


def parabola(rows, intensity):
    """(variance measured, exact)."""
    temperature, product = rows.one("temperature", scene=DATA, noise__augment_jitter=0).value, 0.1
    return rows.one("mean.position_variance", scene=DATA, noise__augment_jitter=intensity), (temperature + product * intensity**2 / (2 * 10)) / (1 - product / 2)


def of_run(rows, way, intensity, rate, seed, quantity="evaluate.test_accuracy", index=0):
    return rows.one(quantity, scene=DIGITS, seed=seed, index=index, **{key.replace(".", "__"): value for key, value in phased(rate, way, intensity).items()})


def chosen(rows, way):
    """(intensity, rate) at which networks with the other seed read most."""
    return max(((intensity, rate) for intensity in WAYS[way][1] for rate in RATES), key=lambda one: of_run(rows, way, *one, TUNED).value)


def at_best(rows, way, quantity="evaluate.test_accuracy"):
    return of_run(rows, way, *chosen(rows, way), REPORTED, quantity)


def course(rows, way):
    """Temperature at the end of each phase; with an interval that at the end of the run."""
    found = [of_run(rows, way, COURSE[way], COURSE_RATE, 2, "gradient_noise.series_temperature_measured", place + 1) for place in range(len(PHASES) - 1)]
    return [Estimate(one.value, one.value, one.value) for one in found] + [of_run(rows, way, COURSE[way], COURSE_RATE, 2, "gradient_noise.temperature_measured")]


def verdict(rows):
    small = exponents(rows)[0]
    gain = difference(at_best(rows, "lr × intensity kept"), at_best(rows, "constant"))
    law = abs(small.value - 1) < 0.1
    about = "exponent of the noise of an update in the intensity, up to " + f"{SMALL:g} of the range of a pixel"
    if not law:
        return Verdict("fails", "", about, small, rows.runs())
    if gain.low > 0:
        return Verdict("holds", "", about, small, rows.runs())
    return Verdict("holds when", f"the noise of an update is meant and the intensity is at most {in_proportion_until(rows):g}; keeping the product " +
                   ("loses accuracy" if gain.high < 0 else "gains nothing measurable"), about, small, rows.runs())


def reading(rows):
    small, large, shifts = exponents(rows)
    lines = [f"The noise of an update (root of its variance) goes as the intensity to the power {small.value:.3f} ({small.low:.3f} to {small.high:.3f}) up to "
             f"{SMALL:g}, {large.value:.3f} ({large.low:.3f} to {large.high:.3f}) "
             f"from 0.2 on, and with shifts of 1 to 3 pixels {shifts.value:.2f} ({shifts.low:.2f} to {shifts.high:.2f}). With the learning rate it goes in "
             "proportion, to "
             f"{max(abs(update_variance(rows, one, rate).value / update_variance(rows, one).value - 1) for one in INTENSITIES for rate in STEP_RATES):.0e} "
             "over two decades, as the formula of a step has it."]
    worst = max(abs(one.value - exact) / ((one.high - one.low) / 2) for one, exact in (parabola(rows, intensity) for intensity in PULLS))
    lines.append(f"In the parabolas the exact variance, lr (s² + a²) / (B k (2 − lr k)), is missed by at most {worst:.1f} half-widths of an interval. The "
                 "temperature is lr (s² + a²) / (2 B): to keep it, lr × intensity² "
                 "would have to stay; with lr × intensity kept it grows as 1 / lr.")
    for way in COURSE:
        found = course(rows, way)
        lines.append(f"{way[0].upper() + way[1:]}: the temperature of the training loss is {1e3 * found[0].value:.2f}e-3 at the end of the first phase, "
                     f"{1e3 * found[-1].value:.2f}e-3 ({1e3 * found[-1].low:.2f} to {1e3 * found[-1].high:.2f}) at that of "
                     f"the last (lr {COURSE_RATE:g} to {COURSE_RATE / 8:g}, intensity {COURSE[way]:g} at the start).")
    for way in WAYS:
        one, (intensity, rate) = at_best(rows, way), chosen(rows, way)
        lines.append(f"{way[0].upper() + way[1:]}: {100 * one.value:.2f} % ({100 * one.low:.2f} to {100 * one.high:.2f}) of the test digits at its best, "
                     f"intensity {intensity:g} at the start and lr {rate:g}.")
    gain = difference(at_best(rows, "lr × intensity kept"), at_best(rows, "constant"))
    lines.append(f"Keeping lr × intensity, less the same intensity throughout: {100 * gain.value:+.2f} ({100 * gain.low:+.2f} to {100 * gain.high:+.2f}) "
                 "percentage points.")
    return "\n\n".join(lines)


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        update, law, heat, accuracy = quarters(picture)
        found = [update_variance(rows, one) for one in INTENSITIES]
        estimates(update, INTENSITIES, found, style, "added to pixels", colors[0], "o", line="")
        fine = np.array([INTENSITIES[0], INTENSITIES[-1]])
        update.plot(fine, found[0].value * (fine / INTENSITIES[0]) ** 2, color=style.ink, linewidth=style.line, label="in proportion to intensity²")
        update.set_xscale("log")
        update.set_yscale("log")
        update.set_xlabel("intensity (range of a pixel: 1)")
        update.set_ylabel("variance of an update / lr²")
        update.legend(loc="upper left")
        letter(update, "(a) one step from a trained network", style)
        fine = np.geomspace(PULLS[0], PULLS[-1], 100)
        law.plot(fine, [parabola(rows, 0)[1] + 0.1 * one**2 / 20 / 0.95 for one in fine], color=style.ink, linewidth=style.line, label="exact")
        estimates(law, PULLS, [parabola(rows, one)[0] for one in PULLS], style, "measured", colors[0], "o", line="")
        law.set_xscale("log")
        law.set_yscale("log")
        law.set_xlabel("intensity / that of the data")
        law.set_ylabel("stationary variance")
        law.legend(loc="upper left")
        letter(law, "(b) parabolas at lr k = 0.1", style)
        for (way, (_, intensities)), color, marker in zip(WAYS.items(), (style.ink, *colors), "Dos^"):
            estimates(heat, (1, 2, 3, 4), course(rows, way), style, way, color, marker, scale=1e3)
            ends = [one * WAYS[way][0] ** 3 for one in intensities]
            best = [max((of_run(rows, way, one, rate, TUNED).value, rate) for rate in RATES)[1] for one in intensities]
            some = [of_run(rows, way, one, rate, REPORTED) for one, rate in zip(intensities, best)]
            if way == "none":
                accuracy.axhspan(100 * some[0].low, 100 * some[0].high, color=style.faint, alpha=0.35, linewidth=0, label="none")
            else:
                estimates(accuracy, ends, some, style, way, color, marker, scale=100)
        heat.set_yscale("log")
        heat.set_xticks((1, 2, 3, 4))
        heat.set_xlabel("phase; the rate halves from each to the next")
        heat.set_ylabel("temperature / 10⁻³")
        heat.legend(loc="lower left")
        letter(heat, "(c) networks", style)
        accuracy.set_xscale("log")
        accuracy.set_xticks((0.05, 0.1, 0.2, 0.4, 0.8), ("0.05", "0.1", "0.2", "0.4", "0.8"))
        accuracy.set_xticks((), minor=True)
        accuracy.set_xlabel("intensity at the end")
        accuracy.set_ylabel("test accuracy (%)")
        accuracy.legend(loc="lower left")
        letter(accuracy, "(d) networks, best rate each", style)
    return picture
