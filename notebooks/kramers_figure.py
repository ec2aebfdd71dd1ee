"""The picture of a run: landscape with sample paths, survival measured beside predicted, schedule. Used through kramers.py."""
from collections import namedtuple

import matplotlib
import numpy as np
from matplotlib import patheffects
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

# Okabe and Ito's colours, which the colour-blind can tell apart; the dark set is the same hues, lighter.
INK = {False: "#1c1c1c", True: "#ececec"}
PAPER = {False: "#ffffff", True: "#14171c"}
FAINT = {False: "#8a8a8a", True: "#8d949e"}
THEORY = {
    False: {"chain": "#D55E00", "quadrature": "#0072B2", "kramers": "#009E73", None: ["#CC79A7", "#B8860B", "#56B4E9", "#6A3D9A"]},
    True: {"chain": "#FF9A5A", "quadrature": "#62B8F0", "kramers": "#35D6A4", None: ["#F0A6CF", "#F5C342", "#B9DDF7", "#C3A5E8"]},
}
DASHES = {"chain": "-", "quadrature": (0, (5, 1.6)), "kramers": (0, (1.2, 1.2)), None: [(0, (6, 1.5, 1.2, 1.5)), (0, (3, 1)), (0, (8, 2))]}
PATHS = {False: ["#4477AA", "#AA3377", "#BB8800", "#228833"], True: ["#7FB2E5", "#E58FC0", "#E8C65A", "#7CCB8A"]}
ON_HEAT = ["#FF8C1A", "#FFFFFF", "#F0409A"]
HEAT = {False: matplotlib.colormaps["YlGnBu_r"], True: ListedColormap(matplotlib.colormaps["viridis"](np.linspace(0.0, 0.62, 256)))}
TARGET = {False: "#C1272D", True: "#FF7B72"}

Style = namedtuple("Style", "size font line dpi dark ink paper faint")
SIZES = {"paper": dict(size=(7.0, 4.5), font=8.0, line=1.0, dpi=200), "slide": dict(size=(40 / 3, 7.5), font=15.0, line=1.9, dpi=144)}

MAX_STAIRS = 3000  # drawn per survival curve


class Picture(Figure):
    """A Matplotlib figure that keeps its style when it is saved or shown in a notebook."""

    style = None

    def save(self, path, dpi=None):
        # The program's name and the date would make equal runs differ.
        nothing = {".png": {"Software": None}, ".pdf": {"CreationDate": None, "Creator": None, "Producer": None}, ".svg": {"Date": None}}
        suffix = str(path)[-4:].lower()
        with matplotlib.rc_context({"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "kramers"}):
            self.savefig(path, dpi=dpi or self.style.dpi, facecolor=self.style.paper, metadata=nothing.get(suffix))

    def _repr_png_(self):
        import io
        target = io.BytesIO()
        self.savefig(target, format="png", dpi=110, facecolor=self.style.paper)
        return target.getvalue()


class Places:
    """Axes by their edges, in letters' heights from the lower left corner, so that words fit at every size."""

    def __init__(self, picture, style):
        self.picture = picture
        self.em = [style.font / 72 / side for side in style.size]  # of the figure's width and height
        self.top = 1.0 / self.em[1] - 4.4

    def axes(self, left, right, bottom, top, **more):
        """left: letters from the left edge, 0.5 for the right half, or None for a colour bar in the left half; right: 0.5 or 1.0."""
        x = {0.5: 0.5 + 7.0 * self.em[0], None: 0.5 - 5.6 * self.em[0]}.get(left)
        x = left * self.em[0] if x is None else x
        end = {1.0: 1.0 - 2.6 * self.em[0], 0.5: 0.5 - 0.2 * self.em[0], 0.49: 0.5 - 6.4 * self.em[0]}[right]
        if left is None:
            end = x + self.em[0]
        return self.picture.add_axes((x, bottom * self.em[1], end - x, (top - bottom) * self.em[1]), **more)


def draw(recording, size="paper", dark=False, title=None):
    style = Style(dark=dark, ink=INK[dark], paper=PAPER[dark], faint=FAINT[dark], **SIZES[size])
    settings = {
        "font.family": "DejaVu Sans", "font.size": style.font, "axes.titlesize": style.font, "axes.labelsize": style.font,
        "xtick.labelsize": style.font, "ytick.labelsize": style.font, "legend.fontsize": style.font,
        "text.color": style.ink, "axes.labelcolor": style.ink, "axes.edgecolor": style.faint, "xtick.color": style.ink,
        "ytick.color": style.ink, "axes.facecolor": style.paper, "figure.facecolor": style.paper, "lines.linewidth": style.line,
        "axes.linewidth": 0.6 * style.line, "xtick.major.width": 0.6 * style.line, "ytick.major.width": 0.6 * style.line,
        "xtick.major.size": 0.35 * style.font, "ytick.major.size": 0.35 * style.font, "axes.spines.top": False,
        "axes.spines.right": False, "legend.frameon": False, "axes.unicode_minus": True, "mathtext.fontset": "dejavusans",
    }
    with matplotlib.rc_context(settings):
        picture = Picture(figsize=style.size, facecolor=style.paper)
        FigureCanvasAgg(picture)
        picture.style = style
        place = Places(picture, style)
        picture.text(0.5, 1.0 - 0.9 * place.em[1], title if title is not None else summary(recording), fontsize=1.1 * style.font,
                     ha="center", va="top", color=style.ink)
        land = recording.landscape
        if land is not None and len(land["axes"]) == 2:
            plane(place.axes(6.4, 0.49, 3.8, place.top), place.axes(None, 0.5, 3.8, place.top), recording, style)
        else:
            middle = 3.8 + 0.54 * (place.top - 3.8)
            top = place.axes(6.6, 0.5, middle + 1.6, place.top)
            line(top, place.axes(6.6, 0.5, 3.8, middle - 1.0, sharex=top), recording, style)
        rows = rows_of_table(recording)
        under = 3.8 + 5.0 + 2.6 + 1.5 * len(rows)
        survival(place.axes(0.5, 1.0, under + 3.7, place.top), recording, style)
        table(place.axes(0.5, 1.0, under - 1.5 * len(rows), under), rows, style)
        schedule(place.axes(0.5, 1.0, 3.8, 3.8 + 5.0), recording, style)
        picture.draw_without_rendering()  # ticks made later would not know the settings
    return picture


# ---- words --------------------------------------------------------------------------------------------------------------------


def number(value, digits=3):
    """To so many significant digits, as people write it: 14 400, 0.01, 2.5×10⁶."""
    if value is None or not np.isfinite(value):
        return "–"
    if value != 0 and not 1e-3 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"10{power}" if mantissa == "1" else f"{mantissa}×10{power}"
    if abs(value) >= 10 ** (digits - 1):
        return whole(round(value, digits - 1 - int(np.floor(np.log10(abs(value)))))).replace("-", "−")
    return f"{value:.{digits}g}".replace("-", "−")


def whole(value):
    return f"{int(value):,}".replace(",", "\u2009")


def summary(recording):
    scene = recording.scene
    words = [scene.get("landscape", {}).get("name", recording.path.stem).replace("_", " ")]
    dynamics, noise, schedule = (scene.get(part, {}) for part in ("dynamics", "noise", "schedule"))
    words += [dynamics["name"].upper() if dynamics.get("name") in ("sgd", "sgld") else dynamics["name"]] if "name" in dynamics else []
    words += [f"T = {number(dynamics['temperature'])}"] if "temperature" in dynamics else []
    words += [f"{noise['name']} noise"] if noise.get("name", "none") != "none" else []
    if "lr" in schedule:
        words += [f"η = {number(schedule['lr'])}" if recording.constant_rate else f"{schedule.get('name', '')} η ≤ {number(schedule['lr'])}".replace("_", " ")]
    particles = scene.get("ensemble", {}).get("particles", recording.particles)
    words += [f"{whole(particles)} particle{'s' if particles != 1 else ''}, {whole(recording.last_step)} steps"]
    wanted = scene.get("ensemble", {}).get("steps")
    if recording.summary is None and wanted and wanted > recording.last_step:
        words[-1] += f" of {whole(wanted)}"
    return "  ·  ".join(words)


def step_axis(axis):
    axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: whole(value) if abs(value) < 1e6 else number(value)))


def note(axes, text, style, where="center"):
    spot = {"center": (0.5, 0.5, "center", "center"), "top": (0.98, 0.97, "right", "top"), "bottom": (0.03, 0.04, "left", "bottom")}[where]
    axes.text(*spot[:2], text, transform=axes.transAxes, ha=spot[2], va=spot[3], color=style.ink, linespacing=1.35,
              bbox=dict(facecolor=style.paper, edgecolor="none", alpha=0.75, pad=1.5))


def letter(axes, text, style):
    axes.set_title(text, loc="left", fontsize=style.font, color=style.ink, pad=0.5 * style.font)


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


def span(values, margin=0.0):
    """Smallest interval with all finite values, widened on both sides by this part of its width."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    width = high - low if high > low else 1.0
    return low - margin * width, high + margin * width


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
    top.xaxis.set_major_locator(MaxNLocator(7))
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
    axes.set_ylim(low - 0.24 * (high - low), high + 0.45 * (high - low))
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
    axes.set_ylabel("potential V")
    barrier(axes, land, limits, start, at_start, style)
    axes.yaxis.set_major_locator(MaxNLocator(4))


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
    axes.set_xlabel("coordinate x")
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
    axes.set_xlim(window[0])
    axes.set_ylim(window[1])
    axes.xaxis.set_major_locator(MaxNLocator(5))
    heat_map(axes, bar, land, window, style)
    halo = [patheffects.Stroke(linewidth=1.6 * style.line, foreground="black", alpha=0.5), patheffects.Normal()]
    for path, color in zip(paths, ON_HEAT):
        axes.plot(path.x[:, 0], path.x[:, 1], color=color, linewidth=0.8 * style.line, zorder=3, solid_joinstyle="round", path_effects=halo)
        axes.plot(*path.x[-1, :2], {"arrived": "D", "lost": "X", "going on": "."}[path.end], color=color, markeredgecolor="black",
                  markersize=0.6 * style.font, zorder=4.5)
    mark_plane(axes, recording, land, style)
    axes.set_xlabel("coordinate $x_0$")
    axes.set_ylabel("coordinate $x_1$")
    if land["slice"] is not None:
        axes.set_xlabel("coordinate $x_0$ (slice through the start)")
    letter(axes, "   ".join(["★ start", "● minimum", "× saddle"] + ["◆ last before the target"] * any(path.end == "arrived" for path in paths)), style)


def heat_map(axes, bar, land, window, style):
    x, y = land["axes"]
    energy = land["energy"]
    inside = energy[np.ix_((y >= window[1][0]) & (y <= window[1][1]), (x >= window[0][0]) & (x <= window[0][1]))]
    inside = inside[np.isfinite(inside)]
    low = float(inside.min())
    tops = land["saddles_energy"] if land["saddles_energy"] is not None and len(land["saddles_energy"]) else []
    high = max(tops) + 0.6 * (max(tops) - low) if len(tops) else float(np.quantile(inside, 0.7))
    high = min(high, float(inside.max()))
    levels = MaxNLocator(14).tick_values(low, high if high > low else low + 1.0)
    image = axes.imshow(energy, origin="lower", extent=(x[0], x[-1], y[0], y[-1]), aspect="auto", cmap=HEAT[style.dark], vmin=levels[0],
                        vmax=levels[-1], interpolation="bilinear", zorder=0)
    axes.contour(x, y, energy, levels=levels, colors="black", linewidths=0.4 * style.line, alpha=0.35,
                 linestyles="solid", zorder=1)
    bar = axes.figure.colorbar(image, cax=bar, extend="max", extendfrac=0.03)
    bar.set_label("potential V")
    bar.outline.set_linewidth(0.4 * style.line)
    bar.outline.set_edgecolor(style.faint)


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
    if land["minima"] is not None and len(land["minima"]) <= 64:
        axes.plot(*land["minima"].T, "o", color="white", markeredgecolor="black", markersize=0.6 * style.font, linestyle="none", zorder=5)
        numbers = land["minima_number"] if land["minima_number"] is not None else []
        for place, name in zip(land["minima"], numbers):
            axes.annotate(str(name), place, (0.55 * style.font, 0.45 * style.font), textcoords="offset points", color="white",
                          path_effects=outline, zorder=6)
    if land["saddles"] is not None and len(land["saddles"]) <= 64:
        axes.plot(*land["saddles"].T, "x", color="white", markersize=0.6 * style.font, markeredgewidth=1.2 * style.line, linestyle="none",
                  zorder=5, path_effects=outline)
    axes.plot(*land["start"][:2], "*", color="white", markeredgecolor="black", markersize=1.5 * style.font, markeredgewidth=0.7 * style.line,
              zorder=6)


# ---- survival -----------------------------------------------------------------------------------------------------------------


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


def decades(axes):
    low = axes.get_ylim()[0]
    axes.yaxis.set_major_locator(LogLocator(10, subs=(1.0,) if low < 0.02 else (1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value >= 1e-3 else number(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def thin(size):
    return np.arange(size) if size <= MAX_STAIRS else np.unique(np.round(np.linspace(0, size - 1, MAX_STAIRS)).astype(int))


def look(name, order, dark):
    """Colour and dashes of a theory's curve, the same in every picture for those of one dimension."""
    if name in DASHES:
        return THEORY[dark][name], DASHES[name]
    return THEORY[dark][None][order % len(THEORY[dark][None])], DASHES[None][order % len(DASHES[None])]


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


def usable(value):
    return value is not None and np.isfinite(value) and value > 0


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
