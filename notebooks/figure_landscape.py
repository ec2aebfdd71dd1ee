"""The left side of the picture of a run: the landscape with sample paths."""
from collections import namedtuple

import numpy as np
from matplotlib import patheffects
from matplotlib.ticker import MaxNLocator

from figure_style import HEAT, ON_HEAT, PATHS, TARGET, coordinate_axis, in_powers, letter, note, number, span, step_axis

# ---- paths --------------------------------------------------------------------------------------------------------------------

Path = namedtuple("Path", "step x end")
Path.__doc__ = """One particle on its way out: x[points, coordinate] at step[points].

end: "arrived" (the next step in the file is another passage), "lost" (it diverged) or "going on"."""


def first_passage(recording, particle, last, most, thinned):
    """Frames of a particle from step 0 to its first arrival, `last`, or divergence: at most so many of them, every n-th of all or,
    not thinned, those before the arrival (the first ones where there is none)."""
    mine = recording.events["step"][recording.events["particle"] == particle]
    arrival = int(mine.min()) if mine.size and mine.min() <= last else None
    stop = int(np.searchsorted(recording.step, last if arrival is None else arrival - 1, side="right"))
    stride = max(1, -(-stop // most)) if thinned else 1
    start = (stop - 1) % stride if thinned else max(0, stop - most) if arrival is not None else 0
    frames = slice(start, stop if thinned or arrival is not None else min(stop, most), stride)
    step, x = recording.step[frames].astype(float), recording.positions(particle, frames)
    finite = np.isfinite(x).all(axis=1)
    if not finite.all():
        return Path(step[finite], x[finite], "lost")
    return Path(step, x, "going on") if arrival is None else Path(np.append(step, arrival), x, "arrived")


def sample_paths(recording, count, most, last=np.inf, thinned=False):
    """The first `count` particles of the file on their first way out."""
    paths = [first_passage(recording, particle, last, most, thinned) for particle in range(min(count, recording.particles))]
    return [path for path in paths if len(path.x)] if recording.frames > 1 else []


def visited(paths, coordinate):
    """Where the paths go; of one that diverges, not where it goes last."""
    found = []
    for path in paths:
        x = path.x[:, coordinate]
        found += span(x[: -(len(x) // 10) - 5] if path.end == "lost" else x) if len(x) > 10 or path.end != "lost" else []
    return found


def faces(recording, coordinate):
    """[(target number, value, side)] of the targets that are limits of this coordinate; side is +1 for `above`."""
    found = []
    for index, target in enumerate(recording.targets):
        if target.get("coordinate", None if "minimum" in target else 0) == coordinate:
            found += [(index, float(target[key]), side) for key, side in (("below", -1), ("above", 1)) if target.get(key) is not None]
    return [face for face in found if np.isfinite(face[1])]


def balls(recording):
    """[(target number, center, radius)]"""
    land = recording.landscape
    found = []
    for index, target in enumerate(recording.targets):
        if "minimum" in target and land is not None and land["target_center"] is not None:
            found.append((index, land["target_center"][index], float(target.get("radius", 0.0))))
    return found


# ---- one dimension ------------------------------------------------------------------------------------------------------------


def line(top, below, recording, style):
    """Potential above, paths below with time running down, on one axis of x."""
    land = recording.landscape
    # First passages only, and no longer than most of them take: what an eye can follow.
    duration = recording.events["duration"]
    last = np.inf if duration.size == 0 or not recording.constant_rate else 1.5 * float(duration.mean())
    paths = sample_paths(recording, 4, 300, last, thinned=True)
    limits = faces(recording, 0) + [(index, center[0] + side * radius, 0) for index, center, radius in balls(recording) for side in (-1, 1)]
    points = visited(paths, 0) + [value for _, value, _ in limits]
    if land is not None:
        points += [land["start"][0]] + nearby(land, points + [land["start"][0]])
    low, high = span(points, 0.08)
    below.set_xlim(low, high)
    if land is None:
        note(top, "the file holds no landscape\n(written by an older kramers?)", style)
        top.set_yticks([])
    else:
        potential(top, land, (low, high), limits, style)
    top.tick_params(labelbottom=False)
    warm = land is not None and land["temperature"] is not None and land["temperature"] > 0
    letter(top, "potential" + (f"; shaded: T = {number(land['temperature'])} above the start" if warm else ""), style)
    kymograph(below, paths, limits, style)
    shade_targets(top, recording, style, (low, high))
    shade_targets(below, recording, style, (low, high))


def nearby(land, points):
    """Critical points between the outermost of these, and the next one on each side."""
    known = np.sort(np.concatenate([land[kind][:, 0] for kind in ("minima", "saddles") if land[kind] is not None and len(land[kind])] or [[]]))
    low, high = span(points)
    inside = known[(known >= low) & (known <= high)]
    return list(inside) + list(known[known < low][-1:]) + list(known[known > high][:1])


def shade_targets(axes, recording, style, window):
    for _, value, side in faces(recording, 0):
        axes.axvline(value, color=TARGET[style.dark], linewidth=0.9 * style.line, zorder=1.5)
        axes.axvspan(value, window[1] if side > 0 else window[0], color=TARGET[style.dark], alpha=0.12, linewidth=0, zorder=0.5)
    for _, center, radius in balls(recording):
        axes.axvspan(center[0] - radius, center[0] + radius, color=TARGET[style.dark], alpha=0.12, linewidth=0, zorder=0.5)


def potential(axes, land, window, limits, style):
    x, energy = land["axes"][0], land["energy"]
    start = float(land["start"][0])
    at_start = float(np.interp(start, x, energy))
    temperature = land["temperature"]
    inside = (x >= window[0]) & (x <= window[1])
    shown = [at_start] + [float(np.interp(value, x, energy)) for _, value, _ in limits]
    for kind in ("minima", "saddles"):
        if land[kind] is not None:
            here = (land[kind][:, 0] >= window[0]) & (land[kind][:, 0] <= window[1])
            shown += list(land[f"{kind}_energy"][here])
    if temperature is not None and temperature > 0:
        shown.append(at_start + 2 * temperature)
    low, high = span(shown)
    # Below there is room for the word "start", whose letters are higher beside the axes the smaller these are.
    room = 2.2 * style.font / 72 / (axes.get_position().height * axes.figure.get_figheight())
    axes.set_ylim(low - max(0.24, 1.45 * room / (1 - room)) * (high - low), high + 0.45 * (high - low))
    axes.plot(x[inside], energy[inside], color=style.ink, linewidth=1.5 * style.line, zorder=3)
    if temperature is not None and temperature > 0:
        level = at_start + temperature
        below = (energy <= level) & inside
        # Only the part of the level that belongs to the well of the start.
        here = int(np.abs(x - start).argmin())
        outside = np.flatnonzero(~below)
        left, right = outside[outside < here][-1:], outside[outside > here][:1]
        part = slice(int(left[0]) + 1 if left.size else 0, int(right[0]) if right.size else x.size)
        axes.fill_between(x[part], energy[part], level, color=PATHS[style.dark][0], alpha=0.35, linewidth=0, zorder=2)
    axes.plot([start], [at_start], "o", color=style.paper, markeredgecolor=style.ink, markersize=0.7 * style.font,
              markeredgewidth=1.2 * style.line, zorder=4, clip_on=False)
    axes.annotate("start", (start, at_start), (0, -0.6 * style.font), textcoords="offset points", ha="center", va="top")
    for value, side in {(value, side) for _, value, side in limits if side}:
        axes.annotate("target", (value, axes.get_ylim()[1]), (-0.3 * side * style.font, 0), textcoords="offset points",
                      ha="right" if side > 0 else "left", va="top", color=TARGET[style.dark])
    coordinate_axis(axes.yaxis, "potential V", 4)
    barrier(axes, land, limits, start, at_start, style)


def barrier(axes, land, limits, start, at_start, style):
    """Height of the highest top on the way to a target; of several targets, the lowest such."""
    faces_ = [value for _, value, _ in limits]
    if not faces_ or land["saddles"] is None:
        return
    ways = []
    for target in faces_:
        tops = [(energy, place[0]) for energy, place in zip(land["saddles_energy"], land["saddles"])
                if min(start, target) < place[0] < max(start, target)]
        ways += [max(tops)] if tops else []
    if not ways or min(ways)[0] <= at_start:
        return
    top, place = min(ways)
    axes.plot([start, place], [at_start, at_start], color=style.faint, linewidth=0.7 * style.line, linestyle=(0, (2, 2)), zorder=1)
    axes.annotate("", (place, top), (place, at_start), arrowprops=dict(arrowstyle="<->", color=style.faint, linewidth=0.9 * style.line, shrinkA=0, shrinkB=0))
    words = f"ΔV = {number(top - at_start)}"
    if land["temperature"] is not None and land["temperature"] > 0:
        words += f" = {number((top - at_start) / land['temperature'])} T"
    axes.annotate(words, (place, top), (0, 0.4 * style.font), textcoords="offset points", va="bottom", ha="center",
                  path_effects=[patheffects.withStroke(linewidth=2.5 * style.line, foreground=style.paper)])


def kymograph(axes, paths, limits, style):
    coordinate_axis(axes.xaxis, "coordinate x", 7)
    axes.set_ylabel("step")
    letter(axes, "paths" if len(paths) != 1 else "path", style)
    step_axis(axes.yaxis)
    if not paths:
        note(axes, "no frames in this file", style)
        axes.set_yticks([])
        return
    for path, color in zip(paths, PATHS[style.dark]):
        x, step = path.x[:, 0], path.step
        axes.plot(x, step[:x.size], color=color, linewidth=0.6 * style.line, alpha=0.9, zorder=2)
        if path.end == "arrived":
            # Where it was seen is not in the file, only when: the nearest face of a target stands for the place.
            face = min((value for _, value, _ in limits), key=lambda value: abs(value - x[-1]), default=x[-1])
            axes.plot([x[-1], face], [step[x.size - 1], step[-1]], color=color, linewidth=0.6 * style.line, linestyle=":", zorder=2)
            axes.plot(face, step[-1], "o", color=color, markersize=0.6 * style.font, zorder=3)
        elif path.end == "lost":
            axes.plot(x[-1], step[-1], "X", color=color, markersize=0.8 * style.font, zorder=3)
    axes.set_ylim(1.04 * max(path.step[-1] for path in paths), 0)


# ---- two and more dimensions --------------------------------------------------------------------------------------------------


def plane(axes, bar, recording, style):
    land = recording.landscape
    paths = sample_paths(recording, 3, 100)
    ball = balls(recording)
    window = []
    for axis in range(2):
        points = visited(paths, axis) + [land["start"][axis]] + [value for _, value, _ in faces(recording, axis)]
        points += [center[axis] + side * radius for _, center, radius in ball for side in (-1, 1)]
        for kind in ("minima", "saddles"):
            points += list(land[kind][:, axis]) if land[kind] is not None else []
        low, high = span(points, 0.12)
        window.append((max(low, land["axes"][axis][0]), min(high, land["axes"][axis][-1])))
    levels = heat_levels(land, window)
    window, equal = to_scale(axes, land, window)
    axes.set_xlim(window[0])
    axes.set_ylim(window[1])
    heat_map(axes, bar, land, levels, style)
    if equal:
        axes.set_aspect("equal", adjustable="box", anchor="N")
        fit_bar(axes, bar)
    halo = [patheffects.Stroke(linewidth=1.6 * style.line, foreground="black", alpha=0.5), patheffects.Normal()]
    for path, color in zip(paths, ON_HEAT):
        axes.plot(path.x[:, 0], path.x[:, 1], color=color, linewidth=0.8 * style.line, zorder=3, solid_joinstyle="round", path_effects=halo)
        axes.plot(*path.x[-1, :2], {"arrived": "D", "lost": "X", "going on": "."}[path.end], color=color, markeredgecolor="black",
                  markersize=0.6 * style.font, zorder=4.5)
    mark_plane(axes, recording, land, style)
    more = " (slice through the start)" if land["slice"] is not None else "" if equal else " (scales differ)"
    coordinate_axis(axes.xaxis, "coordinate x₀", 5, more)
    coordinate_axis(axes.yaxis, "coordinate x₁", 7)
    marks = {"★ start": True, "● minimum": shown(land["minima"]), "× saddle": shown(land["saddles"]),
             "◆ last before the target": any(path.end == "arrived" for path in paths)}
    letter(axes, ("  " if style.stacked else "   ").join(name for name, there in marks.items() if there), style)


def fit_bar(axes, bar):
    """The colour bar of a map to scale is as high as the map, wherever that is now."""
    if axes.get_aspect() == "auto":
        return
    axes.figure.draw_without_rendering()
    inside, beside = axes.get_position(), bar.get_position()
    bar.set_position((min(beside.x0, inside.x1 + 0.4 * beside.width), inside.y0, beside.width, inside.height))


FLATTEST = 6.0  # of a map with equal scales; beyond that it is a strip in which nothing is seen


def to_scale(axes, land, window):
    """(the window, widened as far as there are energies so that a map with equal scales fills the axes; whether it is to have equal scales)."""
    box = axes.get_position()
    shape = (box.width * axes.figure.get_figwidth(), box.height * axes.figure.get_figheight())
    scale = max((high - low) / side for (low, high), side in zip(window, shape))
    found = []
    for (low, high), side, axis in zip(window, shape, land["axes"]):
        more = 0.5 * (scale * side - (high - low))
        below, above = low - axis[0], axis[-1] - high
        # What there is not on one side, the other side may give.
        left = min(below, more + max(more - above, 0.0))
        found.append((low - left, high + min(above, 2 * more - left)))
    part = [(high - low) / (scale * side) for (low, high), side in zip(found, shape)]
    return (found, True) if min(part) * FLATTEST >= 1.0 else (window, False)


def heat_levels(land, window):
    """Levels of contours that show minima and saddles of the window: up to somewhat above the highest saddle."""
    x, y = land["axes"]
    energy = land["energy"]
    inside = energy[np.ix_((y >= window[1][0]) & (y <= window[1][1]), (x >= window[0][0]) & (x <= window[0][1]))]
    inside = inside[np.isfinite(inside)]
    low = float(inside.min())
    tops = land["saddles_energy"] if land["saddles_energy"] is not None and len(land["saddles_energy"]) else []
    high = max(tops) + 0.6 * (max(tops) - low) if len(tops) else float(np.quantile(inside, 0.7))
    high = min(high, float(inside.max()))
    return MaxNLocator(14).tick_values(low, high if high > low else low + 1.0)


def heat_map(axes, bar, land, levels, style):
    """bar: axes of the colour bar."""
    x, y = land["axes"]
    image = axes.imshow(land["energy"], origin="lower", extent=(x[0], x[-1], y[0], y[-1]), aspect="auto", cmap=HEAT[style.dark], vmin=levels[0],
                        vmax=levels[-1], interpolation="bilinear", zorder=0)
    axes.contour(x, y, land["energy"], levels=levels, colors="black", linewidths=0.4 * style.line, alpha=0.35,
                 linestyles="solid", zorder=1)
    formatter, words = in_powers(levels[0], levels[-1])
    ticks = [tick for tick in MaxNLocator(8).tick_values(levels[0], levels[-1]) if levels[0] <= tick <= levels[-1]]
    bar = axes.figure.colorbar(image, cax=bar, extend="max", extendfrac=0.03, ticks=ticks, format=formatter)
    bar.set_label("potential V" + words)
    bar.outline.set_linewidth(0.4 * style.line)
    bar.outline.set_edgecolor(style.faint)


def shown(points):
    """Whether so many critical points are drawn."""
    return points is not None and 0 < len(points) <= 64


def mark_plane(axes, recording, land, style):
    outline = [patheffects.withStroke(linewidth=2.2 * style.line, foreground="black")]
    for axis, lines, spans in ((0, axes.axvline, axes.axvspan), (1, axes.axhline, axes.axhspan)):
        for _, value, side in faces(recording, axis):
            lines(value, color=TARGET[True], linewidth=1.2 * style.line, zorder=2, path_effects=outline)
            far = (axes.get_xlim, axes.get_ylim)[axis]()[1 if side > 0 else 0]
            spans(value, far, color=TARGET[True], alpha=0.22, linewidth=0, zorder=1.5)
    for _, center, radius in balls(recording):
        turn = np.linspace(0, 2 * np.pi, 181)
        axes.plot(center[0] + radius * np.cos(turn), center[1] + radius * np.sin(turn), color=TARGET[True], linewidth=1.2 * style.line,
                  zorder=4, path_effects=outline)
    if shown(land["minima"]):
        axes.plot(*land["minima"].T, "o", color="white", markeredgecolor="black", markersize=0.6 * style.font, linestyle="none", zorder=5)
        numbers = land["minima_number"] if land["minima_number"] is not None else []
        for place, name in zip(land["minima"], numbers):
            axes.annotate(str(name), place, (0.55 * style.font, 0.45 * style.font), textcoords="offset points", color="white",
                          path_effects=outline, zorder=6)
    if shown(land["saddles"]):
        axes.plot(*land["saddles"].T, "x", color="white", markersize=0.6 * style.font, markeredgewidth=1.2 * style.line, linestyle="none",
                  zorder=5, path_effects=outline)
    axes.plot(*land["start"][:2], "*", color="white", markeredgecolor="black", markersize=1.5 * style.font, markeredgewidth=0.7 * style.line,
              zorder=6)
