#!/usr/bin/env python3
"""Draws the figures of the shipped scenes from the committed result rows and from runs.

    python3 figures.py                            # all, for two columns and for one, light and dark, PDF, SVG and PNG, into out/figures
    python3 figures.py turnover --format svg --light -o .
"""
import argparse
import itertools
import sys
from pathlib import Path

import kramers

HEIGHT = {"turnover": 0.74, "arrhenius": 0.6, "sharp_or_flat": 0.72, "restart_escape": 0.62, "catapult": 0.6, "muller_brown": 0.6, "cyclical_sgld": 0.5, "bath": 0.45,
          "levy": 0.62, "interference": 0.62, "coupled_batch_size": 0.58, "coupled_weight_decay": 0.5,
          "snapshot_ensemble": 0.5, "lottery_ticket": 0.6, "continual_digits": 0.5, "residual_depth": 0.5}  # of the width
FORMATS = ("pdf", "svg", "png")
SIZES = ("paper", "column", "slide")
HERE = Path(__file__).resolve().parent


def drawings():
    import figure_bath
    import figure_coupled
    import figure_cyclical
    import figure_networks
    import figure_noise
    import figure_rates
    import figure_runs
    return {"turnover": figure_rates.turnover, "arrhenius": figure_rates.arrhenius, "sharp_or_flat": figure_rates.sharp_or_flat,
            "restart_escape": figure_runs.restart_escape, "catapult": figure_runs.catapult, "muller_brown": figure_runs.muller_brown,
            "cyclical_sgld": figure_cyclical.cyclical_sgld, "bath": figure_bath.bath, "levy": figure_noise.levy,
            "interference": figure_noise.interference, "coupled_batch_size": figure_coupled.coupled_batch_size,
            "coupled_weight_decay": figure_coupled.coupled_weight_decay,
            "snapshot_ensemble": figure_networks.snapshot_ensemble, "lottery_ticket": figure_networks.lottery_ticket,
            "continual_digits": figure_networks.continual_digits, "residual_depth": figure_networks.residual_depth}


def claims_of():
    """{name: claim} of the claims that were measured; none where the folder is not, as in an installed module."""
    folder = HERE / "claims"
    if not folder.is_dir():
        return {}
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    import claims
    return {claim.stem: claim for claim in claims.load()}


def names():
    return [*HEIGHT, *claims_of()]


def figure(name, source, dark=False, size="paper"):
    """The picture of this name; its save() writes PNG, PDF or SVG, with what it was made of in the file."""
    from figure_style import make_style
    source.start()
    if name in HEIGHT:
        picture = drawings()[name](source, make_style(size, dark, None if size == "slide" else HEIGHT[name]))
        picture.about = {"Title": name, "Description": source.words()}
        picture.inputs = source.inputs()
        return picture
    return claims_of()[name].figure(dark, size)


def file_name(name, size, dark, suffix):
    return f"{name}{'' if size == 'paper' else '_' + size}{'_dark' if dark else ''}.{suffix}"


def draw_all(options):
    from figure_record import Record
    from figure_source import Source
    source = Source(options.results)
    options.output.mkdir(parents=True, exist_ok=True)
    record, kept = Record(options.output), 0
    for name, size, dark in itertools.product(options.name, options.size, options.dark):
        paths = [options.output / file_name(name, size, dark, suffix) for suffix in options.format]
        wanted = [path for path in paths if options.again or options.dpi or not record.is_current(path)]
        kept += len(paths) - len(wanted)
        picture = figure(name, source, dark, size) if wanted else None
        for path in wanted:
            picture.save(path, options.dpi)
            print(f"Wrote {path}", file=sys.stderr)
            if not options.dpi:
                record.add(path, picture.inputs | {str(one) for one in HERE.glob("*.py")})
    if kept:
        print(f"{kept} files are as they were, since nothing that they come from changed; --again draws them all", file=sys.stderr)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="figures.py", description="Draw the figures of the shipped scenes.")
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"of {', '.join(HEIGHT)}, or of a claim (see --list); all if none is given")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/figures"), metavar="FOLDER", help="out/figures if not given")
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="where results_*.csv are; tests/ of the source if not given")
    parser.add_argument("--format", type=lambda text: text.split(","), default=list(FORMATS), metavar="FORMAT,...", help="pdf, svg, png; all if not given")
    parser.add_argument("--size", type=lambda text: text.split(","), default=["paper", "column"], metavar="SIZE,...",
                        help="paper: 7 inches wide, over two columns; column: 3.4 inches, over one; slide: 16:9 with large letters; paper,column if not given")
    parser.add_argument("--dpi", type=int, help="dots per inch of a PNG; 200 on paper, 300 in a column, 144 on a slide")
    parser.add_argument("--again", action="store_true", help="also draw what is as it was")
    ground = parser.add_mutually_exclusive_group()
    ground.add_argument("--light", dest="dark", action="store_const", const=(False,), help="only dark on light")
    ground.add_argument("--dark", dest="dark", action="store_const", const=(True,), help="only light on dark")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    parser.set_defaults(dark=(False, True))
    options = parser.parse_args(arguments)
    try:
        if options.list:
            print("\n".join(names()))
            return 0
        options.name = options.name or names()
        for kind, given, known in (("figure", options.name, names()), ("format", options.format, FORMATS), ("size", options.size, SIZES)):
            for one in given:
                if one not in known:
                    raise kramers.KramersError(f"there is no {kind} '{one}'; there are {', '.join(known)}", 2)
        if options.dpi is not None and not 20 <= options.dpi <= 1200:
            raise kramers.KramersError(f"--dpi {options.dpi}: must be between 20 and 1200", 2)
        draw_all(options)
    except kramers.KramersError as error:
        print(f"figures.py: {error}", file=sys.stderr)
        return error.status
    except ImportError as missing:
        print(f"figures.py: the Python package {missing.name} is missing; on Debian and Ubuntu: apt install python3-matplotlib python3-yaml",
              file=sys.stderr)
        return 3
    except OSError as error:
        print(f"figures.py: {error.filename or 'stdout'}: cannot be written: {error.strerror}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
