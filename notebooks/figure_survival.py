"""The right side of the picture of a run with targets: survival measured beside predicted, the table of means."""
import numpy as np

from figure_style import decades, letter, looks, note, number, step_axis, usable, whole, width, wrapped

MAX_STAIRS = 3000  # drawn per survival curve


def survival(axes, recording, style):
    constant = recording.constant_rate
    letter(axes, "survival before the first passage", style)
    axes.set_xlabel("steps since leaving the start" if constant else "step (first passage of each particle)")
    axes.set_ylabel("still on their way")
    step_axis(axes.xaxis)
    curve = recording.survival("duration" if constant else "step")
    stop = max(recording.last_step, 1)
    if curve.events == 0:
        no_escape(axes, recording, stop, style)
        return
    # Where few are left the estimate says nothing: the curve ends where ten are at risk, or with the data.
    shown = max(int(np.searchsorted(-curve.at_risk, -10, side="right")), min(curve.step.size, 10))
    step, estimate, low, high = (part[:shown] for part in curve[:4])
    smallest = float(estimate[estimate > 0].min())
    linear, floor = smallest > 0.5, max(smallest / 1.6, 1e-5)  # linear also where all leave at one step
    least = 0.0 if linear else floor / 10
    keep = thin(step.size)
    axes.fill_between(step[keep], np.maximum(low[keep], least), high[keep], step="post", color=style.ink, alpha=0.22, linewidth=0, zorder=2)
    axes.step(step[keep], np.maximum(estimate[keep], least), where="post", color=style.ink, linewidth=1.5 * style.line, zorder=3)
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
    if linear:
        below = 1.0 - min(float(part.min()) for part in [low[keep], *(line.get_ydata() for line in axes.lines)] if len(part))
        axes.set_ylim(max(0.0, 1.0 - 1.6 * below), 1.0 + 0.1 * below)  # words stand below the curves
        return
    axes.set_yscale("log")
    axes.set_ylim(floor, 1.15)
    decades(axes)


def thin(size):
    return np.arange(size) if size <= MAX_STAIRS else np.unique(np.round(np.linspace(0, size - 1, MAX_STAIRS)).astype(int))


def predicted(axes, recording, reach, style):
    step = np.linspace(0, reach, 400)
    look = looks_of(recording, style)
    for one in recording.theories:
        if usable(one.get("mfpt_steps")):
            color, dash = look[one["name"]]
            axes.plot(step, np.exp(-step / one["mfpt_steps"]), color=color, linestyle=dash, linewidth=1.3 * style.line,
                      zorder=2.5 if one["name"] == "chain" else 4)


SCHEDULED = {"chain": "step by step", "adiabatic": "adiabatic"}  # in words


def looks_of(recording, style):
    return looks([one["name"] for one in recording.theories if usable(one.get("mfpt_steps"))] + list(SCHEDULED), style.dark)


def predicted_by_step(axes, recording, style):
    """Survival under the schedule, as the file has it."""
    found = recording.survival_predicted
    for name, words in SCHEDULED.items():
        if name in found:
            color, dash = looks_of(recording, style)[name]
            axes.plot(found["step"], found[name], color=color, linestyle=dash, linewidth=1.3 * style.line, zorder=4, label=words)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best", frameon=False)


def rows_of_table(recording, style):
    """[(name, (colour, dashes) or None, mean, z)]: what stands below the survival curve."""
    found = recording.summary or {}
    mean, limits = found.get("mfpt_steps"), found.get("mfpt_steps_ci95") or (None, None)
    look, own = looks_of(recording, style), (style.ink, "-")
    rows = [("", None, "mean steps", "z" if any(one.get("z") is not None for one in recording.theories) else "")]
    if usable(mean):
        rows.append(("measured", own, interval(mean, limits, recording.events.size), ""))
    elif recording.summary is not None and recording.constant_rate and usable(limits[0]):
        rows.append(("measured", own, f"above {number(limits[0])} (95 %)", ""))
    else:
        rows.append(("measured", own, f"{whole(recording.events.size)} passages so far", ""))
    for one in recording.theories:
        if usable(one.get("mfpt_steps")):
            z = one.get("z")
            rows.append((one["name"].replace("_", " "), look[one["name"]], mean_steps(one["mfpt_steps"]),
                         "" if z is None else f"{z:+.1f}".replace("-", "−")))
    if len(recording.targets) > 1 and recording.events.size:
        share = np.bincount(recording.events["target"], minlength=len(recording.targets)) / recording.events.size
        texts = [f"{part:.1%}".replace("%", "\u2009%") for part in share]
        rows += [("" if first else "by target", None, ", ".join(texts[first:first + 3]), "") for first in range(0, len(texts), 3)]
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


KEY = 2.9  # of a row: its piece of line, in letters' heights


class Table:
    """Rows of (name, (colour, dashes) or None, value, last column), the first one faint. Names are never cut: what does not fit beside the
    numbers goes on in a second line. room: letters' heights."""

    def __init__(self, rows, room, style):
        self.rows, self.style = rows, style
        self.key = KEY + 0.5 if any(row[1] is not None for row in rows) else 0.0
        self.value = max((width(row[2], style) for row in rows), default=0)
        self.last = max((width(row[3], style) for row in rows), default=0)
        least = room - self.key - 0.8 - self.value - (0.8 + self.last if self.last else 0)
        self.names = [wrapped(row[0], least, style) for row in rows]
        self.name = max((width(line, style) for name in self.names for line in name), default=0)
        self.height = 1.5 * len(rows) + 1.2 * sum(len(name) - 1 for name in self.names)

    def draw(self, axes):
        style, y = self.style, 0.0
        axes.set_axis_off()
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlim(0, 1)
        axes.set_ylim(max(self.height, 1), 0)
        for at, (row, name) in enumerate(zip(self.rows, self.names)):
            middle = y + 0.75
            if row[1] is not None:
                color, dash = row[1]
                axes.annotate("", (0, middle), (KEY * style.font, 0), textcoords="offset points",
                              arrowprops=dict(arrowstyle="-", color=color, linestyle=dash, linewidth=1.5 * style.line, shrinkA=0, shrinkB=0))
            color = style.faint if at == 0 and not row[0] else style.ink
            value = self.key + self.name + 0.8
            words = [(0, self.key, middle + 1.2 * line, text, "left") for line, text in enumerate(name)]
            for x, shift, where, text, side in words + [(0, value, middle, row[2], "left"), (1, 0, middle, row[3], "right")]:
                axes.annotate(text, (x, where), (shift * style.font, 0), textcoords="offset points", ha=side, va="center", color=color)
            y += 1.5 + 1.2 * (len(name) - 1)


def no_escape(axes, recording, stop, style):
    axes.plot([0, stop], [1, 1], color=style.ink, linewidth=1.5 * style.line, zorder=3)
    axes.set_xlim(0, stop)
    axes.set_ylim(0, 1.15)
    if recording.constant_rate:
        predicted(axes, recording, stop, style)
    note(axes, f"no passage in {number(recording.summary['exposure_steps'])} particle-steps" if recording.summary else "no passage so far", style)
