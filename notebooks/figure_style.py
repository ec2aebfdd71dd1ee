"""What all pictures share: colours, sizes, the figure that keeps its style, numbers in words, marks on axes."""
import io
import os
from collections import namedtuple
from contextlib import contextmanager

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap, hsv_to_rgb, to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from matplotlib.ticker import FuncFormatter, LogFormatterMathtext, LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

# Okabe and Ito's colours, which the colour-blind can tell apart; the dark set is the same hues, lighter.
INK = {False: "#1c1c1c", True: "#ececec"}
PAPER = {False: "#ffffff", True: "#14171c"}
FAINT = {False: "#8a8a8a", True: "#8d949e"}
# Of each theory its own, the same in every picture; those of plug-ins take the spare ones. No two are alike, to each other, to the ink or
# to the marks of targets, on either paper (tests/test_kramers_py.py).
THEORY = {
    False: {"chain": "#D55E00", "quadrature": "#0072B2", "kramers": "#009E73", "finite_rate": "#CC79A7", "eyring_kramers": "#B8860B", "ito": "#56B4E9",
            "adiabatic": "#6A3D9A", "transition_state": "#57542B", "kramers_friction": "#8A63FE", "energy_diffusion": "#72AD0C",
            "melnikov_meshkov": "#791038", "pollak_grabert_hanggi": "#C0259C", "klein_kramers": "#051D8C", "xie": "#1E7729",
            "effective_temperature": "#955E90", "spectral_gap": "#FE4986",
            None: ["#2F4362", "#D15FEA", "#3265F3", "#4C271A", "#7D7728", "#928FD4", "#013F0B", "#4C0E62", "#2B37C9"]},
    True: {"chain": "#FF9A5A", "quadrature": "#62B8F0", "kramers": "#35D6A4", "finite_rate": "#F0A6CF", "eyring_kramers": "#F5C342", "ito": "#B9DDF7",
           "adiabatic": "#C3A5E8", "transition_state": "#B2B98D", "kramers_friction": "#9956EF", "energy_diffusion": "#A5F134",
           "melnikov_meshkov": "#E949B1", "pollak_grabert_hanggi": "#FE76F5", "klein_kramers": "#2289D0", "xie": "#44C21D",
           "effective_temperature": "#B66875", "spectral_gap": "#E92C47",
           None: ["#A09601", "#B3E7A8", "#A24019", "#209A5C", "#807149", "#3C740D", "#625E83", "#A70593", "#2351DE"]},
}
DASHES = {"chain": "-", "quadrature": (0, (5, 1.6)), "kramers": (0, (1.2, 1.2)), "adiabatic": (0, (1.2, 1.2))}
MORE_DASHES = [(0, (6, 1.5, 1.2, 1.5)), (0, (3, 1)), (0, (8, 2)), (0, (2, 1, 2, 2.5)), (0, (5, 1, 1, 1, 1, 1))]
PATHS = {False: ["#4477AA", "#AA3377", "#BB8800", "#228833"], True: ["#7FB2E5", "#E58FC0", "#E8C65A", "#7CCB8A"]}
ON_HEAT = ["#FF8C1A", "#FFFFFF", "#F0409A"]
HEAT = {False: matplotlib.colormaps["YlGnBu_r"], True: ListedColormap(matplotlib.colormaps["viridis"](np.linspace(0.0, 0.62, 256)))}
TARGET = {False: "#C1272D", True: "#FF7B72"}

# stacked: panels that stand beside each other stand below each other instead.
Style = namedtuple("Style", "size font line dpi stacked dark ink paper faint")
# paper: over two columns; column: over one, where journals ask for letters of 7 points and 300 dots per inch.
SIZES = {"paper": dict(size=(7.0, 4.5), font=8.0, line=1.0, dpi=200, stacked=False), "column": dict(size=(3.4, 2.6), font=7.0, line=0.9, dpi=300, stacked=True),
         "slide": dict(size=(40 / 3, 7.5), font=15.0, line=1.9, dpi=144, stacked=False)}
STACKED = 0.66, 0.36  # heights of a stacked panel, and of each further one of its column, beside the width
PAGE = 9.0  # inches: no picture is higher
VECTOR_DPI = 300  # of what is made of dots in PDF and SVG, such as maps
SETTLED = 8  # drawings at most until a layout no longer moves


def write_whole(path, content):
    """All of it or, with an OSError that names the file, nothing: what was there before stays."""
    path = os.path.realpath(path)
    plain = os.path.isfile(path) or not os.path.exists(path)
    beside = f"{path}.{os.getpid()}.part" if plain else path
    try:
        with open(beside, "wb") as file:
            file.write(content)
        if plain:
            os.replace(beside, path)
    except OSError as error:
        if plain and os.path.exists(beside):
            os.remove(beside)
        raise OSError(error.errno, error.strerror, str(path)) from None


class Picture(Figure):
    """A Matplotlib figure that keeps its style when it is saved or shown in a notebook."""

    style = None
    about = None  # what the file says of the picture: {"Title": ..., "Description": ...}
    inputs = frozenset()  # the files it came from, besides the Python files of this folder
    _stacks = ()
    _below = ()

    def legend_below(self, axes, middle=0.5, handles=None, labels=None, **more):
        """A legend under the axes' label, its middle at this part of the axes' width."""
        given = (handles, labels) if handles is not None else ()
        self._below = (*self._below, (axes, middle, axes.legend(*given, loc="upper center", bbox_to_anchor=(middle, -0.2), borderaxespad=0.0, **more)))

    def subplots(self, nrows=1, ncols=1, **more):
        """As Matplotlib's; in a stacked style the columns stand below each other, and the picture is as high as they need."""
        if self.style is None or not self.style.stacked:
            return super().subplots(nrows, ncols, **more)
        self.set_size_inches(self.style.size[0], min(PAGE, self.style.size[0] * ncols * (STACKED[0] + (nrows - 1) * STACKED[1])))
        if ncols == 1:
            return super().subplots(nrows, ncols, **more)
        heights = [*more.get("height_ratios", [1] * nrows)] * ncols
        column = super().subplots(nrows * ncols, 1, height_ratios=heights, squeeze=False)
        grid = column.reshape(ncols, nrows).T
        for place, axes in np.ndenumerate(grid):
            if more.get("sharey") and place[1]:
                axes.sharey(grid[place[0], 0])
            if more.get("sharex") and place[0]:
                axes.sharex(grid[0, place[1]])
            if more.get("sharex") and place[0] < nrows - 1:
                axes.tick_params(labelbottom=False)
        self._stacks = (*self._stacks, grid)
        return grid[0] if nrows == 1 else grid

    def subfigures(self, nrows=1, ncols=1, **more):
        """As subplots."""
        if self.style is None or not self.style.stacked or nrows != 1:
            return super().subfigures(nrows, ncols, **more)
        self.set_size_inches(self.style.size[0], self.style.size[0] * ncols * (STACKED[0] + STACKED[1]))
        return super().subfigures(ncols, 1)

    def finish(self):
        """The label of a shared axis stands at the first of a row: panels that are no longer in it need it as well. Words that are longer
        than their side of the picture go on in another line. And ticks that are made later would not know the settings."""
        for grid in self._stacks:
            for (row, column), axes in np.ndenumerate(grid):
                if column and not axes.get_ylabel() and axes.get_shared_y_axes().joined(axes, grid[row, 0]):
                    axes.set_ylabel(grid[row, 0].get_ylabel())
        for axis in (axis for axes in self.axes for axis in (axes.xaxis, axes.yaxis)):
            if isinstance(axis.get_major_formatter(), LogFormatterMathtext):  # whose powers are smaller than the smallest letters
                axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        for axes in self.axes:  # how many ticks there are must not depend on settings that end with new_picture
            axes.tick_params(which="both", labelsize=self.style.font)
        self._settle()
        if self.style.stacked:
            self.wrap_words()
        for _ in range(3 if self._below else 1):  # the lower the legends, the less high the axes
            for axes, middle, legend in self._below:
                box, label = axes.get_window_extent(), axes.xaxis.get_tightbbox(self.canvas.get_renderer())
                legend.set_bbox_to_anchor((middle, (label.y0 - 0.5 * self._em() - box.y0) / box.height), axes.transAxes)
            self._settle()
        # From now on all stands where it is: a layout that each drawing moves a little would make a file depend on those saved before it.
        # The layout's solver goes through its constraints in an order of chance, so that last digits differ, which names in SVG are made of.
        self.set_layout_engine("none")
        for axes in self.axes:
            axes.set_position(np.round(axes.get_position(original=True).bounds, 6))

    def _settle(self):
        """Draws until the layout no longer moves anything."""
        place = None
        for _ in range(SETTLED):
            self.draw_without_rendering()
            before, place = place, np.array([axes.get_position().bounds for axes in self.axes])
            if before is not None and np.allclose(before, place, rtol=0, atol=5e-4):
                break

    def _em(self):
        return self.style.font * self.dpi / 72

    def wrap_words(self):
        for axes in self.axes:
            box = axes.get_window_extent()
            for text, room in ((axes.yaxis.label, box.height), (axes.xaxis.label, box.width), (axes._left_title, self.bbox.width - box.x0)):
                text.set_text("\n".join(line for part in text.get_text().split("\n") for line in wrapped(part, room / self._em(), self.style)))

    def save(self, path, dpi=None):
        # The program's name and the date would make equal runs differ.
        nothing = {".png": {"Software": None}, ".pdf": {"CreationDate": None, "Creator": None, "Producer": None}, ".svg": {"Date": None}}
        suffix = str(path)[-4:].lower()
        dots = dpi or (self.style.dpi if suffix == ".png" else max(self.style.dpi, VECTOR_DPI))
        words = {{"Description": "Subject"}.get(key, key) if suffix == ".pdf" else key: text for key, text in (self.about or {}).items()}
        whole_picture = io.BytesIO()
        with matplotlib.rc_context({"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "kramers"}):
            self.savefig(whole_picture, format=suffix[1:] if suffix in nothing else None, dpi=dots, facecolor=self.style.paper,
                         metadata={**nothing.get(suffix, nothing[".png"]), **words})
        if hasattr(path, "write"):
            path.write(whole_picture.getvalue())
        else:
            write_whole(path, whole_picture.getvalue())

    def _repr_png_(self):
        target = io.BytesIO()
        self.savefig(target, format="png", dpi=110, facecolor=self.style.paper)
        return target.getvalue()


def make_style(size="paper", dark=False, height=None):
    """height: of the picture beside its width, instead of the usual one."""
    about = dict(SIZES[size])
    if height is not None:
        about["size"] = (about["size"][0], height * about["size"][0])
    return Style(dark=dark, ink=INK[dark], paper=PAPER[dark], faint=FAINT[dark], **about)


@contextmanager
def new_picture(style):
    """An empty picture; what is drawn inside the with-statement has the style's fonts and colours."""
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
        picture = Picture(figsize=style.size, facecolor=style.paper, dpi=style.dpi)  # where words are measured as they will be drawn
        FigureCanvasAgg(picture)
        picture.style = style
        yield picture
        picture.finish()


# ---- words --------------------------------------------------------------------------------------------------------------------


def number(value, digits=3):
    """To so many significant digits, as people write it: 14 400, 0.01, 2.5×10⁶."""
    if value is None or not np.isfinite(value):
        return "–"
    if value != 0 and not 1e-3 <= abs(value) < 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"10{power}" if mantissa == "1" else f"{mantissa}×10{power}".replace("-", "−")
    if abs(value) >= 10 ** (digits - 1):
        return whole(round(value, digits - 1 - int(np.floor(np.log10(abs(value)))))).replace("-", "−")
    return f"{value:.{digits}g}".replace("-", "−")


def whole(value):
    return f"{int(value):,}".replace(",", "\u2009")


def step_axis(axis):
    axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: whole(value) if abs(value) < 1e6 else number(value)))


def in_powers(low, high):
    """(formatter of numbers of such a range, what its axis's label says): where they are very small or large, they are given in a power of ten."""
    largest = max(abs(low), abs(high))
    power = int(np.floor(np.log10(largest))) if 0 < largest < np.inf and not 0.02 <= largest < 2e4 else 0
    if power:
        words = " / 10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return FuncFormatter(lambda value, _: f"{value / 10.0**power:.6g}".replace("-", "−")), words
    plain = ScalarFormatter(useOffset=False)
    plain.set_scientific(False)
    return plain, ""


def coordinate_axis(axis, label, most, more=""):
    """Ticks of a coordinate or an energy, at most so many, and its label, with more words behind it."""
    formatter, words = in_powers(*axis.get_view_interval())
    axis.set_label_text(label + words + more)
    axis.set_major_locator(MaxNLocator(most))
    axis.set_major_formatter(formatter)


def room_for_labels(picture, style, halves):
    """Moves the left edge of axes until their labels are inside the picture (or right of its middle, for those of the right half), and takes
    ticks away until their labels stand apart. halves: [(axes, how far to the left they may reach, as a part of the width)], those that
    stand below each other one after the other."""
    picture.draw_without_rendering()
    renderer, width = picture.canvas.get_renderer(), picture.bbox.width
    for least in sorted({least for _, least in halves}):
        mine = [axes for axes, where in halves if where == least]
        lack = max(least * width + 2 - axes.get_tightbbox(renderer).x0 for axes in mine)
        for axes in mine if lack > 0 else ():
            box = axes.get_position(original=True)
            axes.set_position((box.x0 + lack / width, box.y0, box.width - lack / width, box.height))
    for axes in picture.axes:
        for most in (4, 3, 2):
            boxes = [label.get_window_extent(renderer) for label in axes.get_xticklabels() if label.get_visible() and label.get_text()]
            inside = sorted((box.x0, box.x1) for box in boxes)
            if all(right[0] - left[1] > 0.4 * style.font * picture.dpi / 72 for left, right in zip(inside, inside[1:])):
                break
            if axes.get_xscale() == "linear":
                axes.xaxis.set_major_locator(MaxNLocator(most))
                picture.draw_without_rendering()


def note(axes, text, style, where="center"):
    spot = {"center": (0.5, 0.5, "center", "center"), "top": (0.98, 0.97, "right", "top"), "bottom": (0.03, 0.04, "left", "bottom")}[where]
    axes.text(*spot[:2], text, transform=axes.transAxes, ha=spot[2], va=spot[3], color=style.ink, linespacing=1.35,
              bbox=dict(facecolor=style.paper, edgecolor="none", alpha=0.75, pad=1.5))


def letter(axes, text, style):
    axes.set_title(text, loc="left", fontsize=style.font, color=style.ink, pad=0.5 * style.font)


def decades(axes):
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(10, subs=(1.0,) if low < 0.02 and high > 30 * low else (1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value >= 1e-3 else number(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def looks(names, dark):
    """{name: (colour, dashes)} of these theories: never twice the same colour."""
    found, spare = {}, iter(THEORY[dark][None])
    for order, name in enumerate(names):
        if name is None or name in found:
            continue
        color = THEORY[dark].get(name) or next(spare, None) or another_color(len(found), dark)
        found[name] = color, DASHES.get(name, MORE_DASHES[order % len(MORE_DASHES)])
    return found


def another_color(order, dark):
    """Beyond those that are chosen: hues by the golden ratio."""
    return to_hex(hsv_to_rgb((0.618034 * order % 1.0, 0.45 if dark else 0.8, 0.93 if dark else 0.62 - 0.013 * (order % 11))))


def width(text, style):
    """Of a text in letters' heights: TrueType outlines have points at their extremes, and get_extents would solve for those of each curve."""
    if not text.strip():
        return 0.0
    return TextPath((0, 0), text, size=style.font, prop=FontProperties(family="DejaVu Sans")).vertices[:, 0].max() / style.font


def wrapped(text, room, style, between=" "):
    """The words of a text over as few lines as fit into so many letters' heights; a word that is too long stands alone, whole."""
    lines = [""]
    for word in text.split(between):
        longer = lines[-1] + between + word if lines[-1] else word
        if lines[-1] and width(longer, style) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def usable(value):
    return value is not None and np.isfinite(value) and value > 0


def span(values, margin=0.0):
    """Smallest interval with all finite values, widened on both sides by this part of its width."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    width = high - low if high > low else 1.0
    return low - margin * width, high + margin * width
