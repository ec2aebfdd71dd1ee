"""Momentum: the schedule pumps energy in and friction takes it out. The ledger of a cosine and of warm restarts."""
import math
import statistics

from claims import Estimate, Setting, Verdict, ratio
from figure_points import estimates
from figure_rates import plain_log
from figure_style import PATHS, letter, new_picture

TITLE = "The schedule pumps energy in and friction takes it out"
CLAIM = ("With momentum the schedule does work: each warm restart kicks energy into the velocity, which carries runs over barriers, and friction takes it out "
         "again as the rate falls.")
MEASURE = ("The energy of heavy balls (momentum 0.9) in a symmetric double well, as the program books it: work by changes of the learning rate, heat from the "
           "gradient noise, friction. Over one cosine of 2000 steps, and in the fifth cycle "
           "of warm restarts with periods from 10 to 1000 steps; ten seeds with 1024 particles each. And who has crossed after twenty cycles, 16 384 particles "
           "for each period; all of it as PyTorch writes momentum (the buffer stays when the "
           "rate changes) and as Sutskever does (the velocity stays).")
OBJECTIONS = (("Kinetic energy is a matter of definition: in the other convention the kick is none.",
               "That is why both stand here. The trajectories are measured, too: by who crosses, which is no matter of definition, the two conventions differ "
               "only where cycles are short."),
              ("The ledger of a mean hides rare particles that a kick carries over.",
               "Crossings do not: if kicks made them, a restart that kicks and one that does not would differ in them. They are counted at every period, with "
               "the same noise."))
WATCH = ("lesson_heavy_ball", "lesson_restart")
HEIGHT = 0.54
SCENE = "claim_06_double_well.yaml"
PERIODS = (10, 20, 50, 100, 200, 500, 1000)
CYCLE = 5  # looked at
CYCLES = 20  # until crossings are counted
CONVENTIONS = {"pytorch": "PyTorch", "sutskever": "Sutskever"}
SEEDS = tuple(range(1, 11))
STUDENT = 2.262157163  # 95 % of Student's distribution with nine degrees of freedom
ACCOUNTS = ("energy.work", "energy.noise_heat", "energy.friction")
ALL = (*ACCOUNTS, "energy.shadow", "energy.start", "energy.kinetic", "energy.potential", "energy.residual")
MOST = 0.5  # share of the energy from which on the schedule may be said to pump it


def cosine(convention):
    return {"dynamics.convention": convention, "schedule": {"name": "cosine", "lr": 0.01, "lr_min": 0.0001}, "ensemble.steps": 2000, "energy.every": 2000}


def standing():
    return {"schedule": {"name": "constant", "lr": 0.01}, "ensemble.steps": 2000, "energy.every": 2000}


def cycles(convention, period, steps):
    return {"dynamics.convention": convention, "schedule.period": period, "ensemble.steps": steps, "energy.every": steps}


def crossing(convention, period):
    return {"dynamics.convention": convention, "schedule.period": period, "ensemble.steps": CYCLES * period, "ensemble.particles": 16384, "escape.renewal": False,
            "escape.until": {"coordinate": 0, "above": 1}}


def looks(period):
    """Steps: behind the kick that begins the cycle, before the one that ends it, behind that."""
    return (CYCLE - 1) * period, CYCLE * period - 1, CYCLE * period


def settings():
    for seed in SEEDS:
        yield Setting(SCENE, standing(), seed, ("energy.kinetic",), seed == 1)
        for convention in CONVENTIONS:
            yield Setting(SCENE, cosine(convention), seed, ALL, seed == 1)
    for convention in CONVENTIONS:
        for period in PERIODS:
            yield Setting(SCENE, crossing(convention, period), 1000 + period, ("escape.crossed_fraction",))
            for seed in SEEDS:
                for steps in looks(period):
                    yield Setting(SCENE, cycles(convention, period, steps), seed, ACCOUNTS, period == 20 and seed == 1)


def over_seeds(values):
    """Mean of independent seeds with Student's interval."""
    half = STUDENT * statistics.stdev(values) / math.sqrt(len(values))
    return Estimate(statistics.mean(values), statistics.mean(values) - half, statistics.mean(values) + half)


def of_cosine(rows, convention, account):
    return over_seeds([rows.at(cosine(convention), account, seed).value for seed in SEEDS])


def of_cycle(rows, convention, period):
    """Of the fifth cycle, over the seeds: energy that the kick at its end puts in, heat from the noise, friction, work while the rate falls, and the
    kick's share of what comes in (kick and noise)."""
    start, before, behind = looks(period)

    def booked(account, steps, seed):
        return rows.at(cycles(convention, period, steps), account, seed).value

    kick = [booked("energy.work", behind, seed) - booked("energy.work", before, seed) for seed in SEEDS]
    falling = [booked("energy.work", before, seed) - booked("energy.work", start, seed) for seed in SEEDS]
    heat = [booked("energy.noise_heat", behind, seed) - booked("energy.noise_heat", start, seed) for seed in SEEDS]
    friction = [booked("energy.friction", behind, seed) - booked("energy.friction", start, seed) for seed in SEEDS]
    return {"kick": over_seeds(kick), "falling": over_seeds(falling), "heat": over_seeds(heat), "friction": over_seeds(friction),
            "share": over_seeds([one / (one + other) for one, other in zip(kick, heat)])}


def crossed(rows, convention, period):
    return rows.at(crossing(convention, period), "escape.crossed_fraction", 1000 + period)


def verdict(rows):
    pumped = [period for period in PERIODS if of_cycle(rows, "pytorch", period)["share"].low > MOST]
    effect = of_cycle(rows, "pytorch", 200)["share"]
    return Verdict("holds when" if pumped else "fails", f"momentum is as PyTorch writes it and cycles are as short as its memory, at most {max(pumped)} steps" if pumped else "",
                   "the kick's share of the energy that comes in, restarts every 200 steps, PyTorch", effect, rows.runs())


def said(one, digits=3):
    return f"{one.value:.{digits}f} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def reading(rows):
    lines = []
    for convention, name in CONVENTIONS.items():
        work, heat, friction = (of_cosine(rows, convention, account) for account in ACCOUNTS)
        lines.append(f"{name}, one cosine over 2000 steps, in barriers: work by the schedule {said(work)}, heat from the noise {said(heat, 2)}, friction {said(friction, 2)}.")
    for period in (10, 50, 200, 1000):
        kick, other = of_cycle(rows, "pytorch", period), of_cycle(rows, "sutskever", period)
        lines.append(f"Restarts every {period} steps, PyTorch: the kick puts in {said(kick['kick'])}, the fall of the rate takes {said(Estimate(-kick['falling'].value, -kick['falling'].high, -kick['falling'].low))} of it, "
                     f"the noise heats by {said(kick['heat'])}: the kick's share of what comes in is {said(Estimate(*(100 * one for one in kick['share'])), 1)} "
                     f"%. Sutskever: the kick puts in {said(other['kick'], 4)}, the fall {said(other['falling'])}.")
    lines.append("Crossed after twenty cycles, PyTorch over Sutskever: " + "; ".join(f"{said(ratio(crossed(rows, 'pytorch', period), crossed(rows, 'sutskever', period)), 2)} at period {period}"
                                                                              for period in PERIODS if crossed(rows, "sutskever", period).value > 0.001) +
                 ". In cycles as short as the memory a push of the noise moves a particle by the mean of the rates to come in PyTorch's convention and by the "
                 "rate of its own step in Sutskever's, so that the heat goes as the square of the mean, 1/4 "
                 "of that of the largest rate, against the mean of the squares, 3/8: Sutskever's particles are hotter.")
    hot = over_seeds([rows.at(standing(), "energy.kinetic", seed).value for seed in SEEDS])
    lines.append(f"A particle at the constant rate 0.01 has the kinetic energy {said(hot)}: a kick makes the velocity as hot as that rate would at once, where the noise needs 1/(1 − μ) = 10 steps, and no hotter but for the slope "
                 "that the buffer has gathered.")
    lines.append(f"Books close: what the accounts do not explain is at most {max(abs(rows.at(cosine(convention), 'energy.residual', seed).value) for convention in CONVENTIONS for seed in SEEDS):.0e} barriers.")
    return "\n\n".join(lines)


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subplots(1, 2)
        found = {convention: [of_cycle(rows, convention, period) for period in PERIODS] for convention in CONVENTIONS}
        for words, convention, key, sign, color, marker, filled in (("heat from the noise", "pytorch", "heat", 1, 1, "D", True), ("to friction", "pytorch", "friction", -1, 2, "s", True),
                                                                    ("kick of the restart", "pytorch", "kick", 1, 0, "o", True), ("taken as the rate falls", "pytorch", "falling", -1, 0, "o", False),
                                                                    ("given as the rate falls, Sutskever", "sutskever", "falling", 1, 3, "^", True)):
            estimates(left, PERIODS, [one[key] for one in found[convention]], style, words, colors[color], marker, filled, scale=sign)
        left.set_yscale("log")
        left.set_ylabel("energy in one cycle / barrier")
        letter(left, "(a) the ledger", style)
        used = [period for period in PERIODS if crossed(rows, "sutskever", period).value > 0.001]
        over = [ratio(crossed(rows, "pytorch", period), crossed(rows, "sutskever", period)) for period in used]
        estimates(right, used, over, style, "crossed in 20 cycles, PyTorch / Sutskever", colors[3], "^", line="")
        estimates(right, PERIODS, [one["share"] for one in found["pytorch"]], style, "share of the kick in what comes in", colors[0], "o")
        right.axhline(1, color=style.faint, linewidth=0.8 * style.line, linestyle=(0, (5, 1.6)))
        right.set_ylim(bottom=0)
        right.set_ylabel("ratio")
        letter(right, "(b) what the kick is worth", style)
        for axes in (left, right):
            axes.set_xscale("log")
            axes.set_xlabel("steps from restart to restart")
            plain_log(axes.xaxis, (10, 50, 200, 1000))
        picture.legend_below(left)
        picture.legend_below(right)
    return picture
