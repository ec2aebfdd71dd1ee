"""The picture of a run: landscape with sample paths, survival measured beside predicted, schedule. Used through kramers.py."""
from figure_course import loss, populations, rows_of_means, schedule, spread, wells
from figure_landscape import fit_bar, line, plane
from figure_style import make_style, new_picture, number, room_for_labels, whole, width, wrapped
from figure_training import accuracies, losses, stability, temperatures, trained
from figure_survival import Table, rows_of_table, survival

BETWEEN = "  ·  "
HEAD = 4.4  # above the panels
LOWEST, LOWEST_COURSE = 4.4, 10.0  # of what is above the table
BASE = 3.8  # below the lowest panel of a half
STACKED, STACKED_COURSE, STACKED_LEFT = 11.0, 20.0, 22.0  # the same, and the left half, where one half stands on the other
BETWEEN_HALVES = 2.4 + BASE


class Places:
    """Axes by their edges, in letters' heights from the lower left corner, so that words fit at every size. Over one column of a paper the left half
    stands above the right one, each as wide as the picture."""

    def __init__(self, picture, style):
        self.picture = picture
        self.em = [style.font / 72 / side for side in style.size]  # of the figure's width and height
        self.bottom, self.top = BASE, 1.0 / self.em[1] - HEAD
        self.middle, self.end = (0.0, 1.0 - 0.6 * self.em[0]) if style.stacked else (0.5, 0.5)  # where the right half begins and the left one ends
        self.halves = []  # [(axes, left limit)], for room_for_labels
        self.map = None  # (axes, colour bar)

    def axes(self, left, right, bottom, top, **more):
        """left: letters from the left edge, 0.5 for the right half, "table" for one without labels on its left, or None for a colour bar in the
        left half; right: 0.5 or 1.0."""
        x = {0.5: self.middle + 7.0 * self.em[0], "table": self.middle + 1.6 * self.em[0], None: self.end - 5.6 * self.em[0]}.get(left)
        x = (7.0 if self.middle == 0 else left) * self.em[0] if x is None else x
        end = {1.0: 1.0 - 2.6 * self.em[0], 0.5: self.end - (2.0 if not self.middle else 0.2) * self.em[0], 0.49: self.end - 6.4 * self.em[0]}[right]
        if left is None:
            end = x + self.em[0]
        axes = self.picture.add_axes((x, bottom * self.em[1], end - x, (top - bottom) * self.em[1]), **more)
        if left is not None and left != "table":
            self.halves.append((axes, self.middle if left == 0.5 else 0.0))
        return axes


def draw(recording, size="paper", dark=False, title=None):
    style = make_style(size, dark)
    escapes = bool(recording.targets or recording.events.size)
    room = (1.0 if style.stacked else 0.5) * 72 * style.size[0] / style.font - 1.6 - 2.6  # of the table: from the middle to where the axes end
    table = Table(rows_of_table(recording, style) if escapes else rows_of_means(recording), room, style)
    room = (72 * style.size[0] / style.font - 3.0) / 1.1
    lines = wrapped(title, room, style) if title is not None else wrapped(summary(recording), room, style, BETWEEN)
    least = (STACKED if escapes else STACKED_COURSE) if style.stacked else (LOWEST if escapes else LOWEST_COURSE)
    right = BASE + 5.0 + 2.6 + table.height + 3.7 + least
    style = taller(style, right + (BETWEEN_HALVES + STACKED_LEFT if style.stacked else 0), 1.5 * (len(lines) - 1))
    with new_picture(style) as picture:
        place = Places(picture, style)
        place.top -= 1.5 * (len(lines) - 1)
        for at, text in enumerate(lines):
            longest = width(text, style) * style.font / 72 / (style.size[0] - 3 * style.font / 72)
            picture.text(0.5, 1.0 - (0.9 + 1.5 * at) * place.em[1], text, fontsize=min(1.1, 1 / longest if longest else 1.1) * style.font,
                         ha="center", va="top", color=style.ink)
        if style.stacked:
            place.bottom = right + BETWEEN_HALVES
        left_half(place, recording, style)
        if style.stacked:
            place.bottom, place.top = BASE, right
        right_half(place, recording, table, style, escapes)
        if style.stacked:
            picture.wrap_words()
        room_for_labels(picture, style, place.halves)
        if place.map:
            fit_bar(*place.map)
    picture.about = {"Title": title or summary(recording), "Description": origin(recording)}
    return picture


def origin(recording):
    """For the picture's file: the run's file, its seed, the program's version."""
    seed, version = recording.scene.get("ensemble", {}).get("seed"), recording.version
    return "; ".join([f"run: {recording.path.name}"] + ([f"seed {seed}"] if seed is not None else []) + ([f"kramers {version}"] if version else []))


def taller(style, needed, head):
    """Many rows in the table or lines in the title make the picture higher, not its other parts smaller."""
    inches = max((needed + HEAD) * style.font / 72, style.size[1]) + head * style.font / 72
    return style._replace(size=(style.size[0], inches))


def left_half(place, recording, style):
    if trained(recording):
        middle = 0.5 * (place.bottom + place.top)
        losses(place.axes(6.4, 0.5, middle + 2.2, place.top), recording, style)
        accuracies(place.axes(6.4, 0.5, place.bottom, middle - 1.9), recording, style)
        return
    land = recording.landscape
    if land is not None and len(land["axes"]) == 2:
        place.map = place.axes(6.4, 0.49, place.bottom, place.top), place.axes(None, 0.5, place.bottom, place.top)
        plane(*place.map, recording, style)
        return
    middle = place.bottom + 0.54 * (place.top - place.bottom)
    top = place.axes(6.6, 0.5, middle + 1.6, place.top)
    line(top, place.axes(6.6, 0.5, place.bottom, middle - 1.0, sharex=top), recording, style)


def right_half(place, recording, table, style, escapes):
    under = BASE + 5.0 + 2.6 + table.height
    until = None
    if escapes:
        above = place.axes(0.5, 1.0, under + 3.7, place.top)
        survival(above, recording, style)
        until = None if recording.constant_rate else above.get_xlim()[1]  # one axis of steps for both
    else:
        course(place, recording, under + (3.7 if table.rows else 2.4), style)
    table.draw(place.axes("table", 1.0, under - table.height, under))
    schedule(place.axes(0.5, 1.0, BASE, BASE + 5.0), recording, style, until)


def course(place, recording, bottom, style):
    """Without a target: the energy from step to step, and below it who is where."""
    several = wells(recording) is not None
    middle = bottom + 0.5 * (place.top - bottom)
    top = place.axes(0.5, 1.0, middle + (0.9 if several else 2.2), place.top)
    if not (trained(recording) and stability(top, recording, style)):
        loss(top, recording, style)
    if several:
        top.tick_params(labelbottom=False)
        populations(place.axes(0.5, 1.0, bottom, middle - 0.9), recording, style)
        return
    below = place.axes(0.5, 1.0, bottom, middle - 1.9)
    if not (trained(recording) and temperatures(below, recording, style)):
        spread(below, recording, style)


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
    return BETWEEN.join(words)
