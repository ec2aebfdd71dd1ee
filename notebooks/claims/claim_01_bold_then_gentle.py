"""Cosine stays bold for long, then lands gently: where the steps are spent, and what comes of it."""
from claims import Setting, Verdict, ratio
from figure_points import estimates
from figure_style import PATHS, letter, new_picture

TITLE = "Cosine stays bold for long, then lands gently"
CLAIM = ("Cosine annealing keeps the learning rate near its largest value for a long first part, so that many basins are seen, and near "
         "zero for a long last part, so that the end is quiet.")
MEASURE = ("The share of the steps above 90 % and below 10 % of the largest rate. On twenty-five equal wells in the plane (SGD with "
           "isotropic noise, 9000 steps, from the middle one): basins seen in the first third of the run, and the loss above the minimum at its "
           "end, for nine largest rates of each schedule.")
OBJECTIONS = (("Rivals are badly tuned: exponential and step decay have more than one number.",
               "Four exponentials (to 10 %, 1 %, 0.1 % and 0.01 % of the rate), three step decays, lines to zero and to a tenth stand beside it. Each "
               "has the largest rate of a grid of nine that lands lowest among those that see as many basins as asked for, and that rate is "
               "chosen with another seed than the one reported."),
              ("One landscape with equal wells favours whoever ends with small steps.",
               "Equal wells separate the two halves of the claim: which well is reached does not change the loss. What deeper wells are worth is claim 5."))
WATCH = ("lesson_bold_gentle",)
HEIGHT = 0.5
STEPS, THIRD = 9000, 3000
RATES = (0.0125, 0.0177, 0.025, 0.0354, 0.05, 0.0707, 0.1, 0.1414, 0.17)  # times the curvature of a well: 0.125 to 1.7
BOLD = (2, 5, 10, 14)  # basins seen in the first third, at least; a constant rate sees 17.5
SCENE = "claim_01_equal_wells.yaml"
# Families of a schedule: name in the figure -> what it sets.
FAMILIES = {
    "cosine": {"name": "cosine", "lr_min": 0, "steps": STEPS},
    "line to zero": {"name": "linear", "lr_end": 0, "steps": STEPS},
    "line to a tenth": {"name": "linear", "lr_end": 0.1, "steps": STEPS},  # of the rate; see settings()
    "exponential to 10 %": {"name": "exponential", "factor": 0.1 ** (1 / STEPS)},
    "exponential to 1 %": {"name": "exponential", "factor": 0.01 ** (1 / STEPS)},
    "exponential to 0.1 %": {"name": "exponential", "factor": 0.001 ** (1 / STEPS)},
    "exponential to 0.01 %": {"name": "exponential", "factor": 0.0001 ** (1 / STEPS)},
    "a tenth each third": {"name": "step", "every": STEPS // 3, "factor": 0.1},
    "a hundredth at half": {"name": "step", "every": STEPS // 2, "factor": 0.01},
    "half each tenth": {"name": "step", "every": STEPS // 10, "factor": 0.5},
    "constant": {"name": "constant"},
}
SHAPES = ("cosine", "line to zero", "exponential to 1 %", "a tenth each third", "constant")  # of figure (a)
TUNED, REPORTED = 101, 1  # seeds


def schedule(family, rate):
    about = dict(FAMILIES[family], lr=rate)
    if family == "line to a tenth":
        about["lr_end"] = 0.1 * rate
    return {f"schedule.{key}": value for key, value in about.items()}


def settings():
    yield Setting(SCENE, {"schedule.name": "constant", "schedule.lr": 1e-12, "ensemble.steps": 1}, REPORTED, ("mean.potential",), True)
    for family in FAMILIES:
        shares = ("schedule.above_0.9", "schedule.below_0.1") if family in SHAPES else ()
        for rate in RATES:
            for seed in (TUNED, REPORTED):
                whole = schedule(family, rate)
                quick = rate == RATES[5] and seed == REPORTED
                yield Setting(SCENE, {**whole, "ensemble.steps": STEPS}, seed, ("mean.potential", *(shares if quick else ())), quick)
                yield Setting(SCENE, {**whole, "ensemble.steps": THIRD, "snapshots.every": THIRD // 30}, seed, ("snapshots.distinct_basins",), quick)


def found(rows, family, seed):
    """[(rate, basins of the first third, loss above the minimum)] over the grid."""
    lowest = rows.one("mean.potential", ensemble__steps=1).value
    line = []
    for rate in RATES:
        loss = rows.at({**schedule(family, rate), "ensemble.steps": STEPS}, "mean.potential", seed)
        seen = rows.at({**schedule(family, rate), "ensemble.steps": THIRD, "snapshots.every": THIRD // 30}, "snapshots.distinct_basins", seed)
        line.append((rate, seen, type(loss)(loss.value - lowest, loss.low - lowest, loss.high - lowest)))
    return line


def best(rows, family, bold):
    """At the rate that lands lowest with the other seed, of those that see so many basins: (rate, basins, loss above the minimum)."""
    able = [(loss.value, rate) for rate, seen, loss in found(rows, family, TUNED) if seen.value >= bold]
    return next(one for one in found(rows, family, REPORTED) if one[0] == min(able)[1]) if able else None


def against_rivals(rows, bold):
    """(the other schedule that lands lowest, its loss over that of cosine)."""
    landed = {family: one for family in FAMILIES if (one := best(rows, family, bold))}
    cosine = landed.pop("cosine")
    name = min(landed, key=lambda family: landed[family][2].value)
    return name, ratio(landed[name][2], cosine[2])


def verdict(rows):
    wins = [bold for bold in BOLD if against_rivals(rows, bold)[1].low > 1]
    losses = [bold for bold in BOLD if against_rivals(rows, bold)[1].high < 1]
    bold = min(wins) if wins else BOLD[-1]
    name, effect = against_rivals(rows, bold)
    word = "holds" if not losses else "holds when" if wins else "fails"
    return Verdict(word, f"at least {bold} of 25 basins shall be seen" if word == "holds when" else "",
                   f"final loss above the minimum, best other schedule ({name}) / cosine, with {bold} basins", effect, rows.runs())


def reading(rows):
    shares = {family: [rows.of(f"schedule.{name}", **{key.replace(".", "__"): value for key, value in schedule(family, RATES[5]).items()},
                               ensemble__steps=STEPS)[0][1].value for name in ("above_0.9", "below_0.1")] for family in SHAPES}
    lines = [f"Cosine spends {100 * shares['cosine'][0]:.1f} % of the steps above 90 % of its largest rate and {100 * shares['cosine'][1]:.1f} % below 10 %; "
             f"a line {100 * shares['line to zero'][0]:.1f} % and {100 * shares['line to zero'][1]:.1f} %, an exponential to 1 % "
             f"{100 * shares['exponential to 1 %'][0]:.1f} % and {100 * shares['exponential to 1 %'][1]:.1f} %."]
    for bold in BOLD:
        name, effect = against_rivals(rows, bold)
        lines.append(f"Where at least {bold} basins are seen in the first third, the best other schedule ({name}) ends at {effect.value:.2f} "
                     f"({effect.low:.2f} to {effect.high:.2f}) times the loss of cosine above the minimum.")
    lines.append("Long exponentials spend few steps at large rates and many at tiny ones: they land lowest, down to where the rate falls faster than a "
                 "particle relaxes, and see few basins. A line, a tenth each third and an exponential to 1 % are worse than cosine on both counts.")
    return "\n\n".join(lines)


LOOKS = {"cosine": (0, "o", True), "line to zero": (1, "s", True), "exponential to 1 %": (2, "^", True), "exponential to 0.01 %": (2, "v", False),
         "a tenth each third": (3, "D", True), "half each tenth": (3, "P", False)}


def draw(rows, style):
    colors = PATHS[style.dark]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subplots(1, 2, width_ratios=(0.8, 1))
        for place, family in enumerate(reversed(SHAPES)):
            keys = {key.replace(".", "__"): value for key, value in schedule(family, RATES[5]).items()}
            above, below = (100 * rows.of(f"schedule.{name}", ensemble__steps=STEPS, **keys)[0][1].value for name in ("above_0.9", "below_0.1"))
            for start, width, color in ((0, above, colors[1]), (above, 100 - above - below, style.faint), (100 - below, below, colors[0])):
                left.barh(place, width, left=start, color=color, height=0.6)
        left.set_yticks(range(len(SHAPES)), reversed(SHAPES))
        left.set_xlabel("share of the steps (%)")
        letter(left, "(a) above 90 %, between, below 10 % of the rate", style)
        for family, (color, marker, filled) in LOOKS.items():
            line = found(rows, family, REPORTED)
            seen, loss = [one[1] for one in line], [one[2] for one in line]
            estimates(right, [one.value for one in seen], loss, style, family, colors[color], marker, filled)
        right.set_yscale("log")
        right.set_xlabel("basins seen in the first third, of 25")
        right.set_ylabel("final loss above the minimum")
        letter(right, "(b) the largest rate grows along each line", style)
        picture.legend_below(right, 0.4, ncols=2, columnspacing=0.8)
    return picture
