"""What all pictures share: colours, sizes, the figure that keeps its style, numbers in words, marks on axes."""
from collections import namedtuple
from contextlib import contextmanager

import matplotlib
import numpy as np
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
        picture = Picture(figsize=style.size, facecolor=style.paper)
        FigureCanvasAgg(picture)
        picture.style = style
        yield picture
        picture.draw_without_rendering()  # ticks made later would not know the settings


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


def step_axis(axis):
    axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: whole(value) if abs(value) < 1e6 else number(value)))


def note(axes, text, style, where="center"):
    spot = {"center": (0.5, 0.5, "center", "center"), "top": (0.98, 0.97, "right", "top"), "bottom": (0.03, 0.04, "left", "bottom")}[where]
    axes.text(*spot[:2], text, transform=axes.transAxes, ha=spot[2], va=spot[3], color=style.ink, linespacing=1.35,
              bbox=dict(facecolor=style.paper, edgecolor="none", alpha=0.75, pad=1.5))


def letter(axes, text, style):
    axes.set_title(text, loc="left", fontsize=style.font, color=style.ink, pad=0.5 * style.font)


def decades(axes):
    low = axes.get_ylim()[0]
    axes.yaxis.set_major_locator(LogLocator(10, subs=(1.0,) if low < 0.02 else (1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value >= 1e-3 else number(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def look(name, order, dark):
    """Colour and dashes of a theory's curve, the same in every picture for those of one dimension."""
    if name in DASHES:
        return THEORY[dark][name], DASHES[name]
    return THEORY[dark][None][order % len(THEORY[dark][None])], DASHES[None][order % len(DASHES[None])]


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
