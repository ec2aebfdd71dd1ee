"""Rhythms of noise and schedule interfere: crossings against period and phase of pulses of noise under warm restarts."""
import numpy as np

import figure_noise
from claims import CONFIDENT, Estimate, Rows, Verdict, ratio, source

TITLE = "Rhythms of noise and schedule interfere"
CLAIM = "Where the noise of the gradients has a rhythm of its own, as with phases of data or augmentation, its period and phase beside those of the warm restarts decide what the restarts do."
MEASURE = ("Crossings out of a well under cosine restarts with pulses of the noise (the scene `interference`): 16384 particles for each of the ratios of the periods and of the phases, beside the exact "
           "chain, propagated step by step.")
OBJECTIONS = (("Pulses that cover a fixed part of the steps heat more where the learning rate is large: that is no interference.",
               "It is the whole of it where the periods are equal; at other ratios the pulses drift through the cycles, and what is left of the effect is what the figure shows: two of the ratios are flat within 7 %."),
              ("A factor between extremes of many phases is biased upwards.",
               "The factor is that of the exact chain at the measured extremes to within the interval; the largest |z| of 108 rows beside the chain is 3.9, which "
               "chance gives once in a hundred: that row again (`kramers run interference --set noise.period=300 --set noise.width=75`) with the seeds 11, 12 and 13 and 65536 "
               "particles each is at z = -0.1, -0.7 and -0.3."))
WATCH = ("lesson_two_rhythms",)
HEIGHT = 0.62
HELD_BY = "tests/test_physics_interference.c"


class Crossings(Rows):
    def __init__(self, found):
        self.texts = found

    def runs(self):
        return int(sum(row["particles"] for row in self.texts))


def rows():
    return Crossings(source().rows("interference"))


def share(row):
    """Of the particles that crossed, with its interval (Wilson)."""
    n, crossed, z2 = row["particles"], row["crossed"], CONFIDENT**2
    middle = (crossed + z2 / 2) / (n + z2)
    half = CONFIDENT * np.sqrt(crossed * (1 - crossed / n) + z2 / 4) / (n + z2)
    return Estimate(crossed / n, float(middle - half), float(middle + half))


def extremes(rows, period_ratio):
    found = sorted((row for row in rows.texts if row["ratio"] == period_ratio), key=lambda row: row["measured"])
    return found[0], found[-1]


def verdict(rows):
    low, high = extremes(rows, 1)
    effect = ratio(share(high), share(low))
    return Verdict("holds" if effect.low > 1 else "undecided", "", "crossings with the best phase over those with the worst, equal periods", effect, rows.runs())


def reading(rows):
    lines = []
    for period_ratio in sorted({row["ratio"] for row in rows.texts}):
        low, high = extremes(rows, period_ratio)
        factor = ratio(share(high), share(low))
        lines.append(f"Period ratio {period_ratio:g}: {low['measured']:.4f} to {high['measured']:.4f} cross, a factor {factor.value:.3g} ({factor.low:.3g} to {factor.high:.3g}); the exact chain says "
                     f"{high['chain'] / low['chain']:.3g}.")
    lines.append(f"Over {len(rows.texts)} rows the largest |z| beside the exact chain is {max(abs(row['z']) for row in rows.texts):.1f}; rates of the momentary temperature (adiabatic) are off by up to "
                 f"{max(row['adiabatic'] / row['measured'] for row in rows.texts):.2f} times.")
    return "\n\n".join(lines)


def draw(rows, style):
    return figure_noise.interference(source(), style)
