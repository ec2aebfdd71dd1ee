"""check_libm.py BUILD_DIRECTORY

What decides about positions, events and learning rates calls no function of libm whose last bits differ between processors and C
libraries, only those that IEEE 754 makes exact. Read off the undefined symbols of the object files. GSL's random distributions and
special functions count as libm, which they call.
"""
import pathlib
import re
import subprocess
import sys

ROOMS = ("landscapes", "sim/engine", "sim/dynamics", "sim/noise", "sim/schedules", "sim/geometry", "sim/formula", "sim/splitting", "sim/scene",
         "sim/run", "sim/numerics/scalar_math.c")
EXACT = set("sqrt fma fabs floor ceil trunc rint nearbyint round lround llround lrint llrint fmod ldexp scalbn frexp modf copysign "
            "fmin fmax nextafter".split())
ALLOWED = {  # file: name, and why its last bits reach no position
    ("sim/geometry/minima_graph.c", "log"),  # determinants, for the prefactors of rates
    ("sim/run/run_estimate.c", "log"),  # what a run is said to need, to a tenth
    ("sim/run/run_estimate.c", "log1p"),  # the same
    ("sim/run/run_estimate.c", "expm1"),  # the same
    ("sim/splitting/splitting.c", "gsl_cdf_tdist_Pinv"),  # the ends of a confidence interval
    ("landscapes/double_well.c", "gsl_poly_solve_cubic"),  # rounded to float, where Newton's method begins
    ("landscapes/double_well_bath.c", "gsl_poly_solve_cubic"),  # the same
    ("landscapes/styblinski_tang.c", "gsl_poly_solve_cubic"),  # the same
}
GSL = re.compile(r"gsl_(ran|sf|cdf)_|gsl_(log1p|expm1|pow_|poly_(solve|complex_solve)_cubic)")


def undefined(object_files):
    """Pairs of an object file and a symbol that it leaves undefined."""
    command = ["nm", "--undefined-only", "--print-file-name", "--format=posix", *map(str, object_files)]
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        file, symbol = line.split(": ", 1)
        yield file, symbol.split()[0]


def functions_of_libm():
    library = subprocess.run(["cc", "-print-file-name=libm.so.6"], check=True, capture_output=True, text=True).stdout.strip()
    out = subprocess.run(["nm", "--dynamic", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    return {re.sub(r"@.*", "", line.split()[-1]) for line in out.splitlines()}


def main():
    inexact = functions_of_libm() - EXACT
    files, found, elsewhere = set(), set(), set()
    for file, name in undefined(pathlib.Path(sys.argv[1], "CMakeFiles").rglob("*.c.o")):
        source = re.sub(r".*\.dir/", "", file).removesuffix(".o")
        wrong = name in inexact or GSL.match(name)
        if not source.startswith(ROOMS):
            elsewhere |= {name} if wrong else set()
            continue
        files.add(file)
        found |= {(source, name)} if wrong else set()
    if not {"exp", "log", "pow"} <= elsewhere or "cos" not in inexact:
        sys.exit("the solvers call exp, log and pow, and this check does not see it")
    for source, name in sorted(found - ALLOWED):
        print(f"{source} calls {name}, whose last bits differ between machines: use kramers/vector_math.h or kramers/scalar_math.h")
    for source, name in sorted(ALLOWED - found):
        print(f"{source} no longer calls {name}: take the exception out of check_libm.py")
    print(f"{len(files)} object files")
    sys.exit(1 if found != ALLOWED or len(files) < 60 else 0)


if __name__ == "__main__":
    main()
