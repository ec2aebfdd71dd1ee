"""One cosine cycle is controlled cooling: who ends in the deeper well, and at which temperature the wells part."""
import math

import numpy as np

from claims import CONFIDENT, Estimate, Setting, Verdict, line_through, ratio
from figure_points import estimates
from figure_rates import plain_log
from figure_style import PATHS, letter, new_picture

TITLE = "One cosine cycle is controlled cooling"
CLAIM = ("Under one cosine the temperature lr σ²/2 falls slowly enough for particles to settle where the loss is deeper; a sudden drop of the rate is a quench, "
         "which leaves "
         "them where they happen to be.")
MEASURE = ("In a tilted double well, from the shallow minimum, the share that ends in the shallow well and the mean loss above the minimum, for cooling times of "
           "10² to 10⁵ steps: a cosine "
           "beside a quench (constant, then a tenth or a hundredth of the rate for the last fifth), a tenth of the rate each third, an exponential, a line and a "
           "constant rate, each with the one of eight largest rates (nine in short runs; and of two depths of the quench) that "
           "ends lowest at that time with another seed. Beside a cosine and a quench from the rate 0.05 the exact occupation, for which the density is "
           "propagated step by step.")
OBJECTIONS = (("A quench from too hot a start is a straw man.",
               "It is, and that is the condition of the verdict. With the best temperature for each time and the better of two depths, chosen with another seed, "
               "a quench ends from 1000 steps on within a "
               "sixth of the loss of cosine, on either side. But it must know that temperature, which falls with the time; a cosine passes it wherever it "
               "begins, as panel (c) shows."),
              ("Two wells in one dimension: any slow schedule would do, it need not be a cosine.",
               "It need not: a line ends as low at every time, and lower at 10⁵. The claim says that a cosine cools, not that nothing else does; an exponential, "
               "which spends half of the "
               "steps below a tenth of the rate, cools too fast through the temperatures at which the wells part."))
WATCH = ("lesson_cooling",)
HEIGHT = 0.5
SCENE = "claim_05_double_well.yaml"
TIMES = (100, 300, 1000, 3000, 10000, 30000, 100000)
RATES = tuple(float(f"{0.0707 * 2 ** (-i / 2):.3g}") for i in range(8))
HOTTEST, BRIEF = 0.1, 3000  # up to so many steps a rate more, of those schedules that lose no more than 1 % of their particles there
LESSON_RATE, NOISE = 0.05, 4
TUNED, REPORTED = 101, 1  # seeds
SADDLE, KICK = 0.06274705, 2.2
ABRUPT, SLOW = ("quench", "a tenth each third"), ("line", "exponential to 1 %")
DEPTHS = {"tenth": 0.1, "hundredth": 0.01}
FAMILIES = ("cosine", *ABRUPT, *SLOW, "constant")
STATIONARY = tuple(float(f"{rate:.3g}") for rate in np.geomspace(0.0125, 0.1, 13))  # learning rates


def schedule(family, rate, time):
    name, _, depth = family.partition(" to a ")
    if name == "quench":
        return {"schedule": {"name": "sequence", "parts": [{"name": "constant", "lr": rate, "steps": time - time // 5}, {"name": "constant", "lr": float(f"{rate * DEPTHS[depth]:.6g}")}]}}
    return {"cosine": {"schedule.name": "cosine", "schedule.lr": rate},
            "line": {"schedule.name": "linear", "schedule.lr": rate},
            "exponential to 1 %": {"schedule.name": "exponential", "schedule.lr": rate, "schedule.factor": 0.01 ** (1 / time)},
            "a tenth each third": {"schedule.name": "step", "schedule.lr": rate, "schedule.every": -(-time // 3)},
            "constant": {"schedule.name": "constant", "schedule.lr": rate}}[family]


def tunings(family, time):
    """[(schedule, rate)] that a family chooses from."""
    rates = (HOTTEST, *RATES) if time <= BRIEF else RATES
    return [(kind, rate) for kind in ([f"quench to a {depth}" for depth in DEPTHS] if family == "quench" else [family]) for rate in rates]


def cooled(family, rate, time):
    return {**schedule(family, rate, time), "ensemble.steps": time, **({"ensemble.max_diverged": 1} if rate == HOTTEST else {})}


def exact(family, time):
    """Settings whose survival is the share of the shallow well. In the last step a slope moves all particles by -2.2, over a target that nobody reaches
    before: who arrives is who would have been left of the saddle. A cosine is followed until its rate is a tenth; behind that nobody crosses."""
    last = round(time * math.acos(-0.8) / math.pi) if family == "cosine" else time - time // 5
    rate = LESSON_RATE * (1 + math.cos(math.pi * last / time)) / 2 if family == "cosine" else LESSON_RATE
    about = {"schedule": {"name": "cosine", "lr": LESSON_RATE, "steps": time}} if family == "cosine" else {"schedule": {"name": "constant", "lr": LESSON_RATE}}
    slope = {"name": "sequence", "parts": [{"name": "constant", "value": 0.25, "steps": last}, {"name": "constant", "value": float(f"{0.25 + KICK / rate:.12g}")}]}
    return {**about, "ensemble.steps": last + 1, "ensemble.particles": 64, "landscape.tilt": slope, "escape.renewal": False, "escape.until": {"coordinate": 0, "below": SADDLE - KICK}}


def standing(rate):
    """A constant rate, of which the stationary law is asked."""
    return {"schedule.name": "constant", "schedule.lr": rate, "ensemble.steps": 1, "ensemble.particles": 64}


PLAIN = {"quench": "quench to a hundredth"}
EXACT = {"cosine": TIMES[:5], "quench": TIMES[:4]}


def settings():
    for start in ({"minimum": 0}, {"minimum": 1}, {"point": SADDLE}):
        yield Setting(SCENE, {"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": start}, 1, ("mean.potential",), True)
    for rate in STATIONARY:
        yield Setting(SCENE, standing(rate), 1, ("escape.theory.stationary.population_1",), True)
    for family, times in EXACT.items():
        for time in times:
            yield Setting(SCENE, exact(family, time), 1, ("escape.crossed_fraction_chain", "escape.survival.chain_accuracy"), time <= 300)
    for time in TIMES:
        for family in FAMILIES:
            for kind, rate in tunings(family, time):
                for seed in (TUNED, REPORTED):
                    yield Setting(SCENE, cooled(kind, rate, time), seed, ("mean.potential", "mean.well_population", *(("diverged",) if rate == HOTTEST else ())), time <= 1000 and seed == REPORTED and rate == RATES[2])


def level(rows, start):
    """The loss at a place."""
    return rows.at({"schedule.lr": 1e-12, "ensemble.steps": 1, "ensemble.start": start}, "mean.potential", 1).value


def at(rows, family, rate, time, seed=REPORTED):
    """(mean loss above the deep minimum, share in the shallow well)."""
    loss, lowest = rows.at(cooled(family, rate, time), "mean.potential", seed), level(rows, {"minimum": 0})
    return Estimate(*(value - lowest for value in loss)), rows.at(cooled(family, rate, time), "mean.well_population", seed, 1)


def keeps(rows, changed):
    """Whether at most 1 % run away; the mean loss is none where one that does so has not got there yet."""
    return rows.at(changed, "diverged", TUNED).value <= 0.01 * 4096 and rows.at(changed, "mean.potential", TUNED).value is not None


def best(rows, family, time):
    """The same at the rate (and depth) that ends lowest with the other seed, and that rate."""
    safe = [one for one in tunings(family, time) if one[1] != HOTTEST or keeps(rows, cooled(*one, time))]
    kind, rate = min(safe, key=lambda one: at(rows, *one, time, TUNED)[0].value)
    return (*at(rows, kind, rate, time), rate)


def propagated(rows, family):
    """[(time, exact share of the shallow well)]."""
    return [(time, 1 - rows.at(exact(family, time), "escape.crossed_fraction_chain", 1).value) for time in EXACT[family]]


def freezing(rows, share):
    """The temperature at which the stationary law has this share in the shallow well."""
    line = [(rows.at(standing(rate), "escape.theory.stationary.population_1", 1).value,
             rate * NOISE**2 / 2) for rate in STATIONARY]
    # ln(share) is nearly a straight line in 1/T.
    return float(1 / np.interp(math.log(share), [math.log(one) for one, _ in line], [1 / heat for _, heat in line]))


def against(rows, family, time, place=0):
    """Loss (place 0) or share of the shallow well (1) of a rival over that of cosine."""
    return ratio(best(rows, family, time)[place], best(rows, "cosine", time)[place])


def untuned(rows, family, time, rate):
    """Loss of a rival over that of cosine, both from this rate."""
    return ratio(at(rows, family, rate, time)[0], at(rows, "cosine", rate, time)[0])


def rival(rows, families, time):
    """The best of these, by the loss reported."""
    return min(families, key=lambda family: best(rows, family, time)[0].value)


def exponent(rows, family, first=1000):
    """Of the loss above the minimum in the cooling time, negative."""
    times = [time for time in TIMES if time >= first]
    used = [best(rows, family, time)[0] for time in times]
    slope = line_through([math.log(time) for time in times], [math.log(one.value) for one in used], [(one.high - one.low) / (2 * CONFIDENT * one.value) for one in used])[0]
    return Estimate(-slope.value, -slope.high, -slope.low)


def verdict(rows):
    wins = [time for time in TIMES if all(against(rows, family, time).low > 1 for family in ABRUPT)]
    if wins == list(TIMES):
        return Verdict("holds", "", "mean loss above the minimum after 10⁵ steps, better sudden schedule / cosine", against(rows, rival(rows, ABRUPT, TIMES[-1]), TIMES[-1]), rows.runs())
    effect = min((untuned(rows, kind, TIMES[-1], LESSON_RATE) for kind in ("quench to a tenth", "quench to a hundredth")), key=lambda one: one.value)
    return Verdict("holds when" if effect.low > 1 else "fails", f"the run begins hotter than a quench should; each from its best rate, it is ahead at {len(wins)} of {len(TIMES)} times" if effect.low > 1 else "",
                   "mean loss above the minimum after 10⁵ steps from the rate 0.05, quench / cosine", effect, rows.runs())


def said(one, scale=1, digits=2):
    return f"{scale * one.value:.{digits}f} ({scale * one.low:.{digits}f} to {scale * one.high:.{digits}f})"


def reading(rows):
    lines = []
    for time in (100, 1000, 10000, 100000):
        sudden, slow, (loss, share, rate) = rival(rows, ABRUPT, time), rival(rows, SLOW, time), best(rows, "cosine", time)
        lines.append(f"{time} steps: cosine (rate {rate}) leaves {said(share, 100, 1)} % in the shallow well, a loss of {said(loss, 1, 3)} above the minimum; the better sudden schedule ({sudden}) "
                     f"ends at {said(against(rows, sudden, time))} times that, the better slow one ({slow}) at {said(against(rows, slow, time))} times.")
    hot = untuned(rows, "quench to a hundredth", TIMES[-1], LESSON_RATE)
    lines.append(f"Both from the rate 0.05, whatever the time, the quench ends at {said(hot)} times the loss of cosine after 10⁵ steps.")
    worst = max((abs(at(rows, PLAIN.get(family, family), LESSON_RATE, time)[1].value - share) / ((one := at(rows, PLAIN.get(family, family), LESSON_RATE, time)[1]).high - one.low) * 2, family, time)
                for family in EXACT for time, share in propagated(rows, family))
    lines.append(f"The exact occupation is missed by at most {worst[0]:.1f} half-widths of an interval, over {sum(map(len, EXACT.values()))} points.")
    heat = [(time, freezing(rows, at(rows, "cosine", LESSON_RATE, time)[1].value)) for time in TIMES if time >= 3000]
    lines.append("A cosine from the rate 0.05 (temperature 0.4) freezes at the temperature " + ", ".join(f"{one:.3f} in {time} steps" for time, one in heat) +
                 ": that is where the stationary law has the share in which the cosine ends. A quench has the share of the temperature from which it falls.")
    depth, climb = level(rows, {"minimum": 1}) - level(rows, {"minimum": 0}), level(rows, {"point": SADDLE}) - level(rows, {"minimum": 1})
    power = exponent(rows, "cosine")
    lines.append(f"From 10³ to 10⁵ steps what cosine leaves above the minimum falls as a power {said(power, 1, 3)} of the cooling time; two levels {depth:.3f} apart behind a barrier of {climb:.3f} "
                 f"end as {depth / climb:.3f} but for logarithms of the time (Huse and Fisher 1986), which is not reached. Of the quench the power is "
                 f"{said(exponent(rows, 'quench'), 1, 3)}, of a line {said(exponent(rows, 'line'), 1, 3)}.")
    return "\n\n".join(lines)


LOOKS = {"cosine": (0, "o", True), "line": (2, "s", True), "exponential to 1 %": (2, "^", False), "quench": (1, "D", True), "a tenth each third": (1, "v", False), "constant": (3, "P", True)}


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, middle, right = picture.subplots(1, 3)
        for family in ("cosine", "quench"):
            color, marker, _ = LOOKS[family]
            share = [at(rows, PLAIN.get(family, family), LESSON_RATE, time)[1] for time in TIMES]
            estimates(left, TIMES, share, style, f"{family}, measured", colors[color], marker, line="", scale=100)
            left.plot(*zip(*((time, 100 * one) for time, one in propagated(rows, family))), color=colors[color], linewidth=1.1 * style.line, label=f"{family}, exact")
        left.set_ylabel("left in the shallow well (%)")
        left.set_ylim(3, 100)
        letter(left, "(a) from the learning rate 0.05", style)
        for family, (color, marker, filled) in LOOKS.items():
            for axes, x, found in ((middle, TIMES, [best(rows, family, time)[0] for time in TIMES]), (right, RATES, [lowest_of_depths(rows, family, rate) for rate in RATES])):
                estimates(axes, x, found, style, family, colors[color], marker, filled)
        middle.set_ylabel("mean loss above the minimum")
        letter(middle, "(b) from the best rate", style)
        letter(right, "(c) after 10⁵ steps", style)
        for axes in (left, middle, right):
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_xlabel("steps")
            plain_log(axes.yaxis, (5, 10, 20, 50, 100) if axes is left else (0.02, 0.05, 0.1, 0.2, 0.5))
        right.set_xlabel("learning rate at the start")
        plain_log(right.xaxis, (0.01, 0.03, 0.07))
        picture.legend_below(left)
        handles, labels = middle.get_legend_handles_labels()
        for axes, some in ((middle, slice(0, 3)), (right, slice(3, 6))):
            picture.legend_below(axes, 0.5, handles[some], labels[some])
    return picture


def lowest_of_depths(rows, family, rate):
    """The loss after the longest time from this rate; of a quench that of the depth which the other seed chooses."""
    kind = min((kind for kind, one in tunings(family, TIMES[-1]) if one == rate), key=lambda kind: at(rows, kind, rate, TIMES[-1], TUNED)[0].value)
    return at(rows, kind, rate, TIMES[-1])[0]
