"""Figures of single runs: restart_escape, catapult, muller_brown. Curves are runs made for the figure, points the committed rows of
tests/results_*.csv. Error bars and bands are 95 %."""
import numpy as np
from matplotlib import patheffects
from matplotlib.ticker import MaxNLocator

from figure_landscape import heat_levels, heat_map
from figure_points import points
from figure_rates import NORMAL_95, theory_color
from figure_source import column
from figure_style import PATHS, TARGET, letter, new_picture, number, step_axis

# ---- restarts -----------------------------------------------------------------------------------------------------------------

# The run whose survival the rows hold.
RESTARTS = {"ensemble": {"particles": 65536, "seed": 20261123}, "trajectory": {"every": 1, "particles": 1}}


def restart_escape(source, style):
    """Survival over warm restarts: measured, propagated step by step as the exact chain, and adiabatic; the learning rate on top."""
    rows = source.rows("restart")
    said, recording = source.run("restart_escape", RESTARTS)
    survival = {name: np.array(part) for name, part in said["escape"]["survival"].items() if isinstance(part, list)}
    step, chain = survival["step"], survival["chain"]
    period = said["scene"]["schedule"]["period"]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        top, axes, below = picture.subplots(3, 1, sharex=True, height_ratios=(0.9, 2.6, 1.3))
        top.plot(*recording.schedule, color=style.ink, linewidth=1.2 * style.line)
        top.set_ylim(0, 1.15 * recording.schedule[1].max())
        top.set_ylabel("learning\nrate η")
        top.yaxis.set_major_locator(MaxNLocator(3))
        for one, scale in ((axes, 1.0), (below, chain)):
            one.fill_between(step, survival["low"] / scale, survival["high"] / scale, color=style.ink, alpha=0.2, linewidth=0, zorder=1)
            one.plot(step, survival["measured"] / scale, color=style.ink, linewidth=1.1 * style.line, zorder=3,
                     label=f"measured, {number(said['scene']['ensemble']['particles'], 5)} particles" if one is axes else None)
            for name, words, dash in (("chain", "exact chain, step by step", (0, (5, 1.6))),
                                      ("adiabatic", "adiabatic: rates at the momentary η", (0, (1.2, 1.2)))):
                one.plot(step, survival[name] / scale, color=theory_color(name, style), linestyle=dash, linewidth=1.5 * style.line, zorder=4,
                         label=words if one is axes else None)
            at = (column(rows, "cycle") * period).astype(int)
            beside = 1.0 if one is axes else column(rows, "chain")
            found, low, high = (column(rows, name) / beside for name in ("measured", "low", "high"))
            points(one, at, found, np.array([found - low, high - found]), style, "measured at the end of each cycle" if one is axes else None)
            for restart in range(period, int(step[-1]), period):
                one.axvline(restart, color=style.faint, linewidth=0.6 * style.line, linestyle=(0, (2, 3)), zorder=0)
        axes.set_ylabel("survival S")
        axes.set_ylim(None, 1.01)
        picture.legend_below(below, 0.5, *axes.get_legend_handles_labels(), ncols=1 if style.stacked else 2)
        below.set_ylabel("S / exact")
        below.yaxis.set_major_locator(MaxNLocator(4))
        below.set_xlabel("step")
        below.set_xlim(0, 1.01 * step[-1])
        step_axis(below.xaxis)
    return picture


# ---- catapult -----------------------------------------------------------------------------------------------------------------

ORBIT = 150  # last steps of a run that show where it moves


def catapult(source, style):
    """Gradient descent without noise beyond learning rate x curvature = 2: orbits that grow until they cross the barrier."""
    rows = source.rows("catapult")
    product, rate = column(rows, "lr_times_curvature"), column(rows, "learning_rate")
    curvature = product[0] / rate[0]
    crisis = rows[0]["crisis"]
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subfigures(1, 2, width_ratios=(1, 1.25))
        potential, path = left.subplots(2, 1, sharex=True, height_ratios=(1, 1.35))
        orbits, times = right.subplots(2, 1, sharex=True, height_ratios=(1.35, 1))
        shown = rows[int(np.flatnonzero(column(rows, "events") > 0)[1])]
        _, recording = source.run("catapult", {"schedule.lr": shown["learning_rate"], "escape": None, "ensemble.steps": 60})
        flight(potential, path, recording, shown, style)
        orbit_diagram(orbits, source, curvature, crisis, recording.landscape, style)
        escape_times(times, source, rows, curvature, crisis, style)
    return picture


def flight(potential, path, recording, row, style):
    land, x = recording.landscape, recording.positions(0)[:, 0]
    place, energy = land["axes"][0], land["energy"]
    window = (-1.45, 2.2)
    inside = (place >= window[0]) & (place <= window[1])
    potential.plot(place[inside], energy[inside], color=style.ink, linewidth=1.4 * style.line)
    top = float(land["saddles_energy"].max())
    potential.set_ylim(-0.5 * top, 2.2 * top)
    potential.plot(x[0], np.interp(x[0], place, energy), "o", color=style.paper, markeredgecolor=style.ink, markersize=0.7 * style.font,
                   markeredgewidth=1.2 * style.line, zorder=4)
    potential.annotate("start", (x[0], 0), (0, -0.6 * style.font), textcoords="offset points", ha="center", va="top")
    potential.set_ylabel("potential V")
    letter(potential, "(a) sharp and flat minimum", style)
    path.plot(x, recording.step, ".-", color=PATHS[style.dark][0], linewidth=0.6 * style.line, markersize=0.5 * style.font)
    for name, dash in (("minima", "-"), ("saddles", (0, (2, 2)))):
        for one in land[name]:
            path.axvline(one[0], color=style.faint, linewidth=0.7 * style.line, linestyle=dash, zorder=0)
    path.set_ylim(recording.step[-1], 0)
    path.set_xlim(window)
    path.set_xlabel("coordinate x")
    path.set_ylabel("step")
    letter(path, f"(b) one path, η V″ = {number(row['lr_times_curvature'])}", style)


def orbit_diagram(axes, source, curvature, crisis, land, style):
    """Where gradient descent moves after 1000 steps, over the learning rate."""
    values = np.concatenate([np.linspace(1.8, 2.0, 5)[:-1], np.linspace(2.0, 0.999 * crisis, 130), np.linspace(1.003 * crisis, 3.7, 16)])
    settings = {"escape": None, "ensemble.steps": 1000 + ORBIT, "trajectory.every": 1}
    found = source.runs("catapult", [{**settings, "schedule.lr": float(value / curvature)} for value in values])
    for value, (_, recording) in zip(values, found):
        x = recording.positions(0)[-ORBIT:, 0]
        color = PATHS[style.dark][0] if x[-1] < land["saddles"][0, 0] else TARGET[style.dark]
        axes.plot(np.full(x.size, value), x, ".", color=color, markersize=0.14 * style.font, markeredgewidth=0, zorder=3)
    limits(axes, crisis, style)
    for name, place in (("flat minimum", land["minima"][-1, 0]), ("top of the barrier", land["saddles"][0, 0]), ("sharp minimum", land["minima"][0, 0])):
        axes.axhline(place, color=style.faint, linewidth=0.7 * style.line, linestyle=(0, (2, 2)) if "top" in name else "-", zorder=0)
        below = name == "sharp minimum"  # and below the orbits about it
        axes.annotate(name, (2.0, place - 0.15 * below), (0.4 * style.font, 0 if below else 0.2 * style.font), textcoords="offset points", ha="left",
                      va="top" if below else "bottom")
    axes.set_ylabel("coordinate x")
    axes.set_ylim(-1.6, 1.45 * land["minima"][-1, 0])
    letter(axes, "(c) where it moves, steps 1000 to 1150", style)


def limits(axes, crisis, style):
    for value in (2.0, crisis):
        axes.axvline(value, color=TARGET[style.dark], linewidth=0.9 * style.line, linestyle=(0, (5, 1.6)), zorder=1)


def escape_times(axes, source, rows, curvature, crisis, style):
    values = np.geomspace(1.0005, 3.7 / crisis, 50) * crisis
    found = source.runs("catapult", [{"schedule.lr": float(value / curvature), "ensemble.steps": 20000, "trajectory.every": 20000} for value in values])
    step = [recording.events["step"][0] if recording.events.size else np.nan for _, recording in found]
    axes.plot(values, step, ".", color=PATHS[style.dark][0], markersize=0.4 * style.font, zorder=3, label="runs")
    gone = [row for row in rows if row["events"] > 0]
    axes.plot(column(gone, "lr_times_curvature"), column(gone, "step"), "o", color=style.ink, markersize=0.6 * style.font, zorder=4,
              label="in the table of results", markerfacecolor="none", markeredgewidth=1.1 * style.line)
    limits(axes, crisis, style)
    axes.annotate("stability\nη V″ = 2", (2.0, 1), (0.4 * style.font, 0), xycoords=("data", "axes fraction"), textcoords="offset points", ha="left", va="top")
    axes.annotate(f"crisis\nη V″ = {number(crisis, 4)}", (crisis, 1), (-0.4 * style.font, 0), xycoords=("data", "axes fraction"),
                  textcoords="offset points", ha="right", va="top")
    axes.set_yscale("log")
    axes.set_ylim(1, None)
    axes.set_xlim(1.78, 3.72)
    axes.set_ylabel("steps to escape")
    axes.set_xlabel("learning rate × curvature of the sharp minimum, η V″")
    axes.legend(loc="lower left", bbox_to_anchor=(0.12, 0.0), handletextpad=0.2)
    letter(axes, "(d) when it leaves", style)


# ---- Mueller-Brown ------------------------------------------------------------------------------------------------------------

WINDOW = ((-1.45, 1.15), (-0.65, 2.5))  # where minima, saddles and the paths between them are


def muller_brown(source, style):
    """The surface with its critical points and minimum-energy paths; the energy along them; rates measured beside theory."""
    found = source.critical_points("muller_brown")
    # A run of one step: it is the file that holds the surface for drawing.
    _, recording = source.run("muller_brown", {"ensemble": {"particles": 1, "steps": 1}, "trajectory": {"every": 1, "particles": 1}, "escape": None})
    with new_picture(style) as picture:
        picture.set_layout_engine("constrained")
        left, right = picture.subfigures(1, 2, width_ratios=(1.3, 1))
        axes = left.subplots()
        profile, rates = right.subplots(2, 1, height_ratios=(1, 1.2))
        surface(axes, recording.landscape, found, style)
        energy_along(profile, found, style)
        measured_rates(rates, source, style)
    return picture


def surface(axes, land, found, style):
    levels = heat_levels(land, WINDOW)
    heat_map(axes, axes.inset_axes((1.03, 0, 0.045, 1)), land, levels, style)
    axes.set_xlim(WINDOW[0])
    axes.set_ylim(WINDOW[1])
    axes.set_aspect("equal")
    outline = [patheffects.withStroke(linewidth=2.4 * style.line, foreground="black")]
    for saddle in found["saddles"]:
        axes.plot(*np.array(saddle["path"]["position"]).T, color="white", linewidth=1.4 * style.line, linestyle=(0, (4, 1.2)), zorder=3,
                  path_effects=outline)
    for point in found["points"]:
        minimum = point["minimum"] is not None
        axes.plot(*point["position"], "o" if minimum else "X", color="white", markeredgecolor="black", markersize=(0.8 if minimum else 1.0) * style.font,
                  zorder=5)
        name = f"{point['minimum']}" if minimum else f"{number(point['energy'], 3)}"
        axes.annotate(name, point["position"], (0.7 * style.font, 0.5 * style.font), textcoords="offset points", color="white",
                      path_effects=outline, zorder=6)
    axes.set_xlabel("coordinate x₀")
    axes.set_ylabel("coordinate x₁")
    letter(axes, "(a) ● minimum   ✖ saddle", style)


def energy_along(axes, found, style):
    """Both paths one after the other; position along them is arc length."""
    at, marks = 0.0, {}
    for saddle in found["saddles"]:
        place, energy = np.array(saddle["path"]["position"]), np.array(saddle["path"]["energy"])
        length = at + np.concatenate([[0], np.cumsum(np.hypot(*np.diff(place, axis=0).T))])
        axes.plot(length, energy, color=PATHS[style.dark][0], linewidth=1.4 * style.line, zorder=3)
        ends = [energy[0], energy[-1]]
        for where, value, name in ((length[0], ends[0], saddle["joins"][0]), (length[-1], ends[1], saddle["joins"][1])):
            marks[where] = (value, name)
        top = int(energy.argmax())
        axes.plot(length[top], energy[top], "X", color=style.ink, markersize=0.8 * style.font, zorder=4)
        axes.annotate(f"{number(energy[top], 4)}", (length[top], energy[top]), (0, 0.6 * style.font), textcoords="offset points", ha="center", va="bottom")
        at = length[-1]
    for where, (value, name) in marks.items():
        side = "left" if where == 0.0 else "right"  # where the path comes from above
        axes.plot(where, value, "o", color=style.ink, markersize=0.7 * style.font, zorder=4)
        axes.annotate(f"{name}: {number(value, 4)}", (where, value), (0, -0.7 * style.font), textcoords="offset points", ha=side, va="top")
    axes.margins(x=0.13, y=0.28)
    axes.set_xlabel("length along the path")
    axes.set_ylabel("potential V")
    letter(axes, "(b) minimum-energy path", style)


def measured_rates(axes, source, style):
    """Every measured rate of the rows over the Eyring-Kramers value of the same rate (Langer's with friction), and beside what relaxes
    the exact spectral gap: both are the sum of the rates there and back."""
    rows = sorted((row for row in source.rows("paths") if row["landscape"] == "muller_brown"),
                  key=lambda row: (row["friction"] or 0, row["quantity"] != "relaxation", -row["temperature"]))
    estimate = column(rows, "eyring_kramers")
    places = np.arange(len(rows))
    axes.axvline(1, color=theory_color("eyring_kramers", style), linewidth=1.3 * style.line, zorder=1, label="Eyring–Kramers, Langer")
    both = np.array([row["quantity"] == "relaxation" for row in rows])
    axes.plot((column(rows, "spectral_gap") / estimate)[both], places[both], "D", color=theory_color("spectral_gap", style), markerfacecolor=style.paper,
              markersize=0.75 * style.font, linestyle="none", zorder=4, label="spectral gap, k + k′ (exact)")
    axes.errorbar(column(rows, "measured_rate") / estimate, places, xerr=NORMAL_95 * column(rows, "error") / estimate, fmt="o", color=style.ink,
                  markersize=0.45 * style.font, elinewidth=1.1 * style.line, capsize=0.25 * style.font, zorder=5, label="measured")
    axes.set_yticks(places, [row_words(row) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0.62, 1.06)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel("rate / Eyring–Kramers")
    axes.figure.figure.legend_below(axes, 0.3, ncols=2, columnspacing=1.0, handletextpad=0.4)
    letter(axes, "(c) rates 2 → 0 (k), back (k′)", style)


def row_words(row):
    """Which rate a row has, and of what."""
    rate = "k + k′" if row["quantity"] == "relaxation" else "k" if row["start"] == 2 else "k′"
    return ", ".join([rate, f"T = {number(row['temperature'])}"] + ([f"γ = {number(row['friction'])}"] if row["friction"] else []))
