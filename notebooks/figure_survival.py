"""The right side of the picture of a run: survival measured beside predicted, the table of means, the schedule."""
import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from figure_style import decades, letter, look, note, number, step_axis, usable, whole

MAX_STAIRS = 3000  # drawn per survival curve


def survival(axes, recording, style):
    constant = recording.constant_rate
    letter(axes, "survival before the first passage", style)
    axes.set_xlabel("steps since leaving the start" if constant else "step (first passage of each particle)")
    axes.set_ylabel("still on their way")
    step_axis(axes.xaxis)
    if not recording.targets and recording.events.size == 0:
        note(axes, "no escape was measured\n(the scene names no target)", style)
        axes.set_xticks([])
        axes.set_yticks([])
        return
    curve = recording.survival("duration" if constant else "step")
    stop = max(recording.last_step, 1)
    if curve.events == 0:
        no_escape(axes, recording, stop, style)
        return
    # Where few are left the estimate says nothing: the curve ends where ten are at risk, or with the data.
    shown = max(int(np.searchsorted(-curve.at_risk, -10, side="right")), min(curve.step.size, 10))
    step, estimate, low, high = (part[:shown] for part in curve[:4])
    floor = max(float(estimate[estimate > 0].min()) / 1.6, 1e-5)
    keep = thin(step.size)
    axes.fill_between(step[keep], np.maximum(low[keep], floor / 10), high[keep], step="post", color=style.ink, alpha=0.22, linewidth=0, zorder=2)
    axes.step(step[keep], np.maximum(estimate[keep], floor / 10), where="post", color=style.ink, linewidth=1.5 * style.line, zorder=3)
    reach = float(step[-1]) if step.size > 1 else stop
    # Beside a schedule the two share their steps, unless all is over early.
    axes.set_xlim(0, stop if not constant and reach > 0.25 * stop else reach * 1.03)
    if constant:
        predicted(axes, recording, reach * 1.03, style)
    if not constant:
        predicted_by_step(axes, recording, style)
    means = [one["mfpt_steps"] for one in recording.theories if usable(one.get("mfpt_steps"))]
    if constant and means:
        note(axes, "theories as a guide:\nexp(−steps / mean)", style, "top" if max(means) < reach else "bottom")
    if estimate.min() > 0.5:
        axes.set_ylim(0, 1.1)
        return
    axes.set_yscale("log")
    axes.set_ylim(floor, 1.15)
    decades(axes)


def thin(size):
    return np.arange(size) if size <= MAX_STAIRS else np.unique(np.round(np.linspace(0, size - 1, MAX_STAIRS)).astype(int))


def predicted(axes, recording, reach, style):
    step = np.linspace(0, reach, 400)
    for order, one in enumerate(recording.theories):
        if usable(one.get("mfpt_steps")):
            color, dash = look(one["name"], order, style.dark)
            axes.plot(step, np.exp(-step / one["mfpt_steps"]), color=color, linestyle=dash, linewidth=1.3 * style.line,
                      zorder=2.5 if one["name"] == "chain" else 4)


SCHEDULED = {"chain": ("chain", "step by step"), "adiabatic": ("kramers", "adiabatic")}  # look of, and words


def predicted_by_step(axes, recording, style):
    """Survival under the schedule, as the file has it."""
    found = recording.survival_predicted
    for name, (like, words) in SCHEDULED.items():
        if name in found:
            color, dash = look(like, 0, style.dark)
            axes.plot(found["step"], found[name], color=color, linestyle=dash, linewidth=1.3 * style.line, zorder=4, label=words)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best", frameon=False)


def rows_of_table(recording):
    """[(name, colour key, mean, z)]: what stands below the survival curve."""
    if not recording.targets and recording.events.size == 0:
        return []
    found = recording.summary or {}
    mean, limits = found.get("mfpt_steps"), found.get("mfpt_steps_ci95") or (None, None)
    rows = [("", None, "mean steps", "z" if any(one.get("z") is not None for one in recording.theories) else "")]
    if usable(mean):
        rows.append(("measured", -1, interval(mean, limits, recording.events.size), ""))
    elif recording.summary is not None and recording.constant_rate and usable(limits[0]):
        rows.append(("measured", -1, f"above {number(limits[0])} (95 %)", ""))
    else:
        rows.append(("measured", -1, f"{whole(recording.events.size)} passages so far", ""))
    for order, one in enumerate(recording.theories):
        if usable(one.get("mfpt_steps")):
            z = one.get("z")
            rows.append((one["name"].replace("_", " "), (one["name"], order), mean_steps(one["mfpt_steps"]),
                         "" if z is None else f"{z:+.1f}".replace("-", "−")))
    if len(recording.targets) > 1 and recording.events.size:
        share = np.bincount(recording.events["target"], minlength=len(recording.targets)) / recording.events.size
        rows.append(("by target", None, ", ".join(f"{part:.1%}".replace("%", "\u2009%") for part in share), ""))
    return rows


def mean_steps(value):
    return number(value, 5 if value >= 1e4 else 4)


def interval(mean, limits, events):
    """± where the exact interval is as good as symmetric."""
    if events >= 100:
        return f"{mean_steps(mean)} ± {number(0.5 * (limits[1] - limits[0]), 2)}"
    power = int(np.floor(np.log10(mean)))
    if power < 4:
        return f"{number(mean)} ({number(limits[0])}–{number(limits[1])})"
    digits = "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(power))
    return f"{mean / 10**power:.1f} ({limits[0] / 10**power:.1f}–{limits[1] / 10**power:.1f})·10{digits}"


def table(axes, rows, style):
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(rows), 1), 0)
    # Widths in letters' heights. Names that are too long for the picture are cut; the program's own table has them whole.
    figure = axes.get_figure()
    width = axes.get_position().width * figure.get_figwidth() * 72 / style.font
    room = width - 3.4 - 0.62 * max((len(row[2]) + len(row[3]) for row in rows), default=0) - 1.6
    longest = max(int(room / 0.62), 8)
    rows = [(name if len(name) <= longest else name[:longest - 1].rstrip() + "…", *rest) for name, *rest in rows]
    wide = 0.62 * max((len(row[0]) for row in rows), default=0)
    for at, (name, key, mean, z) in enumerate(rows):
        if key is not None:
            color, dash = (style.ink, "-") if key == -1 else look(*key, style.dark)
            axes.annotate("", (0, at + 0.5), (2.9 * style.font, 0), textcoords="offset points",
                          arrowprops=dict(arrowstyle="-", color=color, linestyle=dash, linewidth=1.5 * style.line, shrinkA=0, shrinkB=0))
        color = style.faint if at == 0 else style.ink
        for x, shift, text, side in ((0, 3.4, name, "left"), (0, 4.2 + wide, mean, "left"), (1, 0, z, "right")):
            axes.annotate(text, (x, at + 0.5), (shift * style.font, 0), textcoords="offset points", ha=side, va="center", color=color)


def no_escape(axes, recording, stop, style):
    axes.plot([0, stop], [1, 1], color=style.ink, linewidth=1.5 * style.line, zorder=3)
    axes.set_xlim(0, stop)
    axes.set_ylim(0, 1.15)
    if recording.constant_rate:
        predicted(axes, recording, stop, style)
    note(axes, f"no passage in {number(recording.summary['exposure_steps'])} particle-steps" if recording.summary else "no passage so far", style)


# ---- schedule -----------------------------------------------------------------------------------------------------------------


def schedule(axes, recording, style):
    step, rate = recording.learning_rate
    axes.set_xlabel("step")
    axes.set_ylabel("learning rate η")
    letter(axes, "schedule", style)
    step_axis(axes.xaxis)
    if step.size == 0:
        note(axes, "no frames in this file", style)
        axes.set_yticks([])
        return
    axes.plot(step, rate, color=style.ink, linewidth=1.3 * style.line, marker="o" if step.size == 1 else None)
    axes.set_xlim(0, max(float(step[-1]), 1))
    positive = rate[rate > 0]
    if positive.size and rate.max() > 300 * positive.min() and positive.size == rate.size and np.all(np.diff(rate) <= 0):
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, 1.15 * float(rate.max()) if rate.max() > 0 else 1)
        axes.yaxis.set_major_locator(MaxNLocator(3))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
