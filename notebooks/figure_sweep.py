"""The picture of a sweep: what was measured with its interval, beside the theories, over what was varied. Used through kramers.py."""
import itertools

import numpy as np

from figure_style import PATHS, THEORY, decades, make_style, new_picture, wrapped

# What is shown: the first that the table has.
QUANTITIES = (("rate", "rate", "escape rate"), ("relaxation_rate", "spectral_gap_steps", "relaxation rate"),
              ("crossed_fraction", None, "fraction that has crossed"), ("potential", None, "mean loss"))
MOST_THEORIES = 3
RANK = ("chain", "quadrature", "kramers", "spectral_gap")
MARKS = "osD^v<>P"


def draw(table, size="paper", dark=False, title=None):
    """table: a kramers.Sweep. x is the varied key with the most numbers; the others make lines of their own."""
    numeric = [key for key in table.varied if table[key].dtype.kind == "f" and key != "ensemble.seed"]
    quantity = next(((name, theory, label) for name, theory, label in QUANTITIES if np.isfinite(table.get(name, [np.nan])).any()), None)
    if not numeric or quantity is None:
        raise ValueError("there is nothing to draw: no number is varied" if not numeric else "there is nothing to draw: no point has a result")
    x_key = max(numeric, key=lambda key: len(set(table[key])))
    others = [key for key in table.varied if key not in (x_key, "ensemble.seed")]
    style = make_style(size, dark)
    with new_picture(style) as picture:
        if style.stacked:
            picture.set_layout_engine("constrained")
        axes = picture.subplots() if style.stacked else picture.add_axes((0.11, 0.14, 0.62, 0.74))
        groups = sorted(set(zip(*(table[key] for key in others)))) if others else [()]
        for number, (group, mark) in enumerate(zip(groups, itertools.cycle(MARKS))):
            chosen = np.ones(len(table), dtype=bool)
            for key, value in zip(others, group):
                chosen &= table[key] == value
            label = ", ".join(f"{key.split('.')[-1]} {value:g}" if isinstance(value, float) else f"{key.split('.')[-1]} {value}"
                              for key, value in zip(others, group)) or "measured"
            one_line(axes, table, x_key, quantity, chosen, label, PATHS[style.dark][number % 4], mark, style, number == 0)
        finish(picture, axes, table, x_key, quantity, title, style)
    return picture


def one_line(axes, table, x_key, quantity, chosen, label, color, mark, style, first):
    name, predicted, _ = quantity
    order = np.flatnonzero(chosen)[np.argsort(table[x_key][chosen], kind="stable")]
    x, y = table[x_key][order], table[name][order]
    low, high = (table.get(f"{name}_{end}", np.full(len(table), np.nan))[order] for end in ("low", "high"))
    errors = np.nan_to_num(np.maximum(0.0, np.array([y - low, high - y])), posinf=0.0)
    shown = np.isfinite(y) & (y > 0)
    axes.errorbar(x[shown], y[shown], errors[:, shown], fmt=mark, color=color, ms=2.2 * style.line + 2, lw=style.line, capsize=2 * style.line,
                  label=label, zorder=3)
    known = [theory for theory in RANK if predicted and np.isfinite(table.get(f"{theory}.{predicted}", [np.nan])).any()][:MOST_THEORIES]
    for theory in known:
        axes.plot(x, table[f"{theory}.{predicted}"][order], color=THEORY[style.dark].get(theory, color), lw=style.line,
                  label=theory if first else None, zorder=2)


def finish(picture, axes, table, x_key, quantity, title, style):
    x = table[x_key]
    positive = x[x > 0]
    if positive.size == x.size and x.max() > 20 * x.min():
        axes.set_xscale("log")
    if quantity[1]:
        axes.set_yscale("log")
        decades(axes)
    axes.set_xlabel(x_key)
    axes.set_ylabel(quantity[2])
    if style.stacked:
        room = 72 * style.size[0] / style.font - 2.0
        picture.suptitle("\n".join(wrapped(title or table.name, room / 1.1, style)), color=style.ink, fontsize=1.1 * style.font)
        picture.legend_below(axes, ncols=2, labelcolor=style.ink)
        return
    axes.set_title(title or table.name, color=style.ink, fontsize=1.1 * style.font)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), frameon=False, fontsize=style.font, labelcolor=style.ink)
