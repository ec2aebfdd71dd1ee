"""Networks from step to step: loss and accuracy on training and test data, the largest curvature beside the limit of stability, and the
temperature of the gradient noise beside the one that is found."""
import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

from figure_course import fits_logarithm, numbers
from figure_style import PATHS, letter, note, number, step_axis, usable


def trained(recording):
    """Whether losses on data were evaluated."""
    return series(recording, "evaluate", "train_loss") is not None


def series(recording, observer, name):
    """(step, value) of what an observer found, once for each time it looked; None: it did not."""
    found, steps = recording.observable(f"{observer}_{name}"), recording.observable(f"{observer}_step")
    if found is None or steps is None or not len(found[1]):
        return None
    step, first = np.unique(steps[1], return_index=True)
    good = np.isfinite(step)
    return (step[good], found[1][first[good]]) if good.any() else None


def band(axes, recording, name, words, color, style):
    """Mean over the networks, and where nine of ten are."""
    found, quantiles = series(recording, "evaluate", name), series(recording, "evaluate", f"{name}_quantiles")
    if found is None or not np.isfinite(found[1]).any():
        return []
    axes.plot(*found, color=color, linewidth=1.3 * style.line, label=words, marker="o", markersize=0.35 * style.font)
    if quantiles is not None:
        axes.fill_between(quantiles[0], quantiles[1][:, 0], quantiles[1][:, -1], color=color, alpha=0.22, linewidth=0)
    return found[1][np.isfinite(found[1])]


def losses(axes, recording, style):
    letter(axes, "loss: mean, and nine of ten networks", style)
    step_axis(axes.xaxis)
    axes.set_ylabel("loss")
    drawn = np.concatenate([band(axes, recording, f"{part}_loss", words, color, style)
                            for part, words, color in zip(("train", "test"), ("training data", "test data"), PATHS[style.dark])])
    axes.set_xlim(0, max(recording.last_step, 1))
    if drawn.size and drawn.min() > 0 and (fits_logarithm(drawn) or drawn.max() > 10 * drawn.min()):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda value, _: number(value))
    else:
        axes.set_ylim(bottom=0)
        numbers(axes)
    axes.legend(loc="upper right", borderaxespad=0.2)


def accuracies(axes, recording, style):
    letter(axes, "share of the data read correctly", style)
    step_axis(axes.xaxis)
    axes.set_xlabel("step")
    axes.set_ylabel("accuracy")
    drawn = np.concatenate([band(axes, recording, f"{part}_accuracy", None, color, style) for part, color in zip(("train", "test"), PATHS[style.dark])])
    axes.set_xlim(0, max(recording.last_step, 1))
    if drawn.size:
        axes.set_ylim(0, 1.02)
    else:
        note(axes, "the data have no classes", style)
        axes.set_yticks([])


def stability(axes, recording, style):
    """lr times the largest curvature of each network that was looked at. False: none was."""
    found, limit = series(recording, "sharpness", "lr_times_largest"), recording.result("sharpness").get("stability_limit")
    if found is None:
        return False
    step, value = found[0], found[1].reshape(len(found[0]), -1)
    letter(axes, "learning rate × largest curvature", style)
    axes.set_ylabel("η λ")
    color = PATHS[style.dark][2]
    axes.plot(step, np.nanmean(value, axis=1), color=color, linewidth=1.3 * style.line, marker="o", markersize=0.35 * style.font)
    low, high = np.nanquantile(value, (0.05, 0.95), axis=1)
    axes.fill_between(step, low, high, color=color, alpha=0.22, linewidth=0)
    if usable(limit):
        axes.axhline(limit, color=style.ink, linewidth=0.8 * style.line, linestyle=(0, (5, 1.6)))
        axes.annotate(f"unstable beyond {number(limit)}", (1, limit), xycoords=("axes fraction", "data"), xytext=(0, 2), textcoords="offset points", ha="right")
        axes.set_ylim(0, 1.25 * max(limit, np.nanmax(high)))
    axes.set_xlim(0, max(recording.last_step, 1))
    step_axis(axes.xaxis)
    numbers(axes)
    return True


def temperatures(axes, recording, style):
    """What the gradient noise implies, and what is found. False: there is neither."""
    names = (("temperature_measured", "found"), ("temperature_weighted", "by curvature"), ("temperature", "mean"))
    drawn = [(words, color, found) for (name, words), color in zip(names, (PATHS[style.dark][3], *PATHS[style.dark]))
             if (found := noise_series(recording, name)) is not None and (found[1] > 0).any()]
    if not drawn:
        return False
    letter(axes, "temperature found, and that of the noise", style)
    axes.set_ylabel("T")
    axes.set_xlabel("step")
    for words, color, (step, value) in drawn:
        axes.plot(step[value > 0], value[value > 0], color=color, linewidth=1.3 * style.line, label=words, marker="o", markersize=0.35 * style.font)
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * (high / low) ** 0.65)
    axes.yaxis.set_major_locator(LogLocator(10, numticks=4))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlim(0, max(recording.last_step, 1))
    step_axis(axes.xaxis)
    axes.legend(loc="upper right", ncols=3, borderaxespad=0.1, handlelength=1.2, handletextpad=0.4, columnspacing=0.8)
    return True


def noise_series(recording, name):
    found = recording.result("gradient_noise")
    step, value = found.get("series_step"), found.get(f"series_{name}")
    return None if step is None or value is None else (np.asarray(step), np.asarray(value, dtype=float))
