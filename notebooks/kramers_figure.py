"""The picture of a run: landscape with sample paths, survival measured beside predicted, schedule. Used through kramers.py."""
from figure_landscape import line, plane
from figure_style import make_style, new_picture, number, whole
from figure_survival import rows_of_table, schedule, survival, table


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
    style = make_style(size, dark)
    with new_picture(style) as picture:
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
    return picture


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
