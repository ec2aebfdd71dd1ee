"""What a run did from step to step: its schedule, and where there is no target the loss, the shares of the minima or the spread."""
import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from figure_style import PATHS, coordinate_axis, letter, note, number, step_axis, usable, whole

MAX_BINS = 60
STAIRS = 200  # steps up to which a rate is drawn as it is held, from one step to the next


# ---- schedule -----------------------------------------------------------------------------------------------------------------


def schedule(axes, recording, style, until=None):
    """until: only up to this step, where all that stands above it is over by then."""
    step, rate = recording.schedule
    axes.set_xlabel("step")
    axes.set_ylabel("learning rate η")
    stop = max(recording.last_step, 1)
    early = until is not None and until < stop
    letter(axes, f"schedule, the first {whole(int(until))} of {whole(stop)} steps" if early else "schedule", style)
    stop = until if early else stop
    step_axis(axes.xaxis)
    if step.size == 0:
        note(axes, "no frames in this file", style)
        axes.set_yticks([])
        return
    shown = step <= stop
    step, rate = np.append(step[shown], stop), np.append(rate[shown], np.interp(stop, step, rate))
    axes.plot(step, rate, color=style.ink, linewidth=1.3 * style.line, drawstyle="steps-post" if stop <= STAIRS else "default")
    axes.set_xlim(0, stop)
    if fits_logarithm(np.interp(np.linspace(0, stop, 1000), step, rate)):
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, 1.15 * float(rate.max()) if rate.max() > 0 else 1)
        numbers(axes)


def fits_logarithm(values):
    """Where much of a curve would otherwise lie on the axis; an end or a beginning that is near 0 is not worth decades. values: at even steps."""
    values = values[np.isfinite(values)]
    return bool(values.size and values.min() > 0 and np.quantile(values, 0.4) < values.max() / 30)


def numbers(axes):
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


# ---- without a target ---------------------------------------------------------------------------------------------------------


def loss(axes, recording, style):
    """Mean potential energy over the steps, and the kinetic one where there is a momentum."""
    letter(axes, "mean energy of all particles", style)
    step_axis(axes.xaxis)
    axes.set_ylabel("energy")
    drawn = []
    for name, words, dash in (("potential_energy", "potential", "-"), ("kinetic_energy", "kinetic", (0, (4, 1.5)))):
        found = recording.observable(name)
        if found is not None and np.isfinite(found[1]).any():
            drawn.append(found[1][np.isfinite(found[1])])
            axes.plot(*found, color=style.ink, linestyle=dash, linewidth=1.3 * style.line, label=words, marker="o" if len(found[0]) == 1 else None)
    if not drawn:
        note(axes, "no frames in this file", style)
        axes.set_yticks([])
        return
    axes.set_xlim(0, max(recording.last_step, 1))
    low, high = min(part.min() for part in drawn), max(part.max() for part in drawn)
    if low > 0 and fits_logarithm(drawn[0]):
        axes.set_yscale("log")
    else:
        axes.set_ylim(min(low, 0) if low > -0.2 * (high - low) else low - 0.1 * (high - low), high + (0.25 if len(drawn) == 1 else 0.6) * (high - low or abs(high) or 1.0))
        numbers(axes)
    if len(drawn) > 1:
        axes.legend(loc="upper right", ncols=2, borderaxespad=0.1, handlelength=1.6)


def wells(recording):
    """(step, share of each minimum) where there are several; None otherwise."""
    found = recording.observable("well_population")
    return found if found is not None and len(found[0]) and found[1].shape[1] > 1 else None


def populations(axes, recording, style):
    """Shares of the minima that held most at some time."""
    step, share = wells(recording)
    fullest = np.sort(np.argsort(-np.nanmax(share, axis=0), kind="stable")[: len(PATHS[style.dark])])
    letter(axes, "share in the basin of each minimum", style)
    axes.set_ylabel("share")
    axes.set_xlabel("step")
    step_axis(axes.xaxis)
    for well, color in zip(fullest, PATHS[style.dark]):
        axes.plot(step, share[:, well], color=color, linewidth=1.3 * style.line, label=str(well), marker="o" if len(step) == 1 else None)
    axes.set_xlim(0, max(recording.last_step, 1))
    axes.set_ylim(0, 1.38)
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.set_yticks([0, 0.5, 1])
    axes.legend(loc="upper right", ncols=len(fullest), borderaxespad=0.1, handlelength=1.0, columnspacing=0.9, handletextpad=0.4)


def spread(axes, recording, style):
    """Where the recorded particles were in the second half of the run: histograms of the first coordinates."""
    letter(axes, "where they were, second half of the run", style)
    axes.set_ylabel("density / highest")
    position = recording.positions(frame=slice(recording.frames // 2, None)) if recording.frames else np.zeros((0, 0, 1))
    names = []
    for coordinate, color in zip(range(position.shape[2]), PATHS[style.dark]):
        x = position[..., coordinate].ravel()
        x = x[np.isfinite(x)]
        low, high = np.quantile(x, (0.001, 0.999)) if x.size else (0.0, 0.0)
        if not high > low:
            continue
        height, edge = np.histogram(x, bins=int(np.clip(np.sqrt(x.size), 5, MAX_BINS)), range=(low - 0.05 * (high - low), high + 0.05 * (high - low)))
        axes.stairs(height / height.max(), edge, color=color, linewidth=1.3 * style.line, label="x" + str(coordinate).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")))
        names.append(coordinate)
    if not names:
        note(axes, "no frames in this file" if not position.size else "nobody moved", style)
        axes.set_yticks([])
        return
    axes.set_ylim(0, 1.1)
    axes.set_yticks([0, 0.5, 1])
    coordinate_axis(axes.xaxis, "coordinate", 5)
    if position.shape[2] > 1:
        axes.legend(loc="upper right", ncols=1, borderaxespad=0.1, handlelength=1.2)


MEANS = (("potential", "mean potential"), ("kinetic_temperature", "kinetic temperature"), ("configurational_temperature", "configurational temperature"))


def rows_of_means(recording):
    """[(name, None, value, "")] of the run's means, with the temperature that is predicted to leading order."""
    found, rows = recording.means, []
    for name, words in MEANS:
        value, error = found.get(name), found.get(f"{name}_error")
        if value is not None and np.isfinite(value):
            rows.append((words, None, f"{number(value, 4)} ± {number(error, 2)}" if usable(error) else number(value, 4), ""))
    found = recording.result("evaluate")
    for name, words in (("test_accuracy", "test accuracy, mean"), ("test_loss", "test loss, mean")):
        if usable(found.get(name)):
            low, high = found[f"{name}_ci95"]
            rows.append((words, None, f"{number(found[name], 4)} ± {number(0.5 * (high - low), 2)}", ""))
    predicted = recording.observable("temperature")
    if rows and predicted is not None and len(predicted[1]) and usable(predicted[1][-1]):
        rows.append(("predicted T, leading order", None, number(predicted[1][-1], 4), ""))
    return rows
