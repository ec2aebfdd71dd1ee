"""Measured values with their intervals, as all figures draw them."""
import numpy as np

DASHED = (0, (5, 1.6))


def points(axes, x, y, error, style, label=None, color=None, marker="o", filled=True):
    """error: half of an interval, or how far it reaches down and up."""
    color = color or style.ink
    return axes.errorbar(x, y, yerr=error, fmt=marker, color=color, markersize=0.55 * style.font, markeredgewidth=1.0 * style.line,
                         markerfacecolor=color if filled else style.paper, elinewidth=1.0 * style.line, capsize=0.2 * style.font,
                         label=label, zorder=5, linestyle="none")


def with_bars(triples, scale=1.0):
    """(values, how far intervals reach down and up) of (value, low, high); scale: one number, or one for each. One that is negative turns
    the interval."""
    value, one, other = (scale * np.array([triple[k] for triple in triples]) for k in range(3))
    return value, np.array([value - np.minimum(one, other), np.maximum(one, other) - value])


def estimates(axes, x, triples, style, label=None, color=None, marker="o", filled=True, line=None, scale=1.0, every=1):
    """(value, low, high) over x. line: how they are joined; None: through filled marks a line, through empty ones a dashed one; "": by none.
    every: so many of them have no mark between two that have one."""
    value, bars = with_bars(triples, scale)
    if line != "":
        axes.plot(x, value, color=color, linewidth=1.1 * style.line, linestyle=line or ("-" if filled else DASHED), zorder=2)
    return points(axes, np.asarray(x)[::every], value[::every], bars[:, ::every], style, label, color, marker, filled)
