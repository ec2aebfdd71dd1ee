#!/usr/bin/env bash
# check_package.sh BUILD_DIRECTORY CPACK: packs the build as a Debian package, unpacks it into an empty directory that stands for /, and
# runs the program there on shipped scenes: scenes, data and the Python module are those of the package.
set -euo pipefail
build=$1 cpack=$2
if ! command -v dpkg-deb >/dev/null || ! command -v dpkg-shlibdeps >/dev/null; then
    echo "skipped: dpkg-deb or dpkg-shlibdeps is missing"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset KRAMERS_DATA
export SDL_VIDEODRIVER=dummy

"$cpack" -G DEB --config "$build/CPackConfig.cmake" -B "$work/packed" >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log"; exit 1; }
package=$(echo "$work"/packed/*.deb)
[[ "$(basename "$package")" == kramers_*_"$(dpkg --print-architecture)".deb ]] || { echo "name: $package"; exit 1; }
depends=$(dpkg-deb -f "$package" Depends)
for wanted in libc6 libgsl libhdf5 libyaml libjson-c fonts-dejavu-core; do
    [[ "$depends" == *"$wanted"* ]] || { echo "Depends lacks $wanted: $depends"; exit 1; }
done
if dpkg-deb -c "$package" | awk '{print $6}' | grep -vE '^\./(usr/(bin|include|lib|share)?(/.*)?)?$'; then
    echo "these are outside /usr"
    exit 1
fi

dpkg-deb -x "$package" "$work/root"
kramers=$work/root/usr/bin/kramers
cd "$work"
"$kramers" run digits --set ensemble.steps=200 --set ensemble.particles=64 --quiet >/dev/null 2>&1
"$kramers" run --set ensemble.steps=2000 --quiet -o run.h5 >/dev/null 2>&1
if ldd "$kramers" | grep SDL2 >/dev/null; then
    "$kramers" view --frames 2 --screenshot window.png
    [[ -s window.png ]]
fi
if /usr/bin/python3 -c 'import h5py, numpy, matplotlib, yaml' 2>/dev/null; then
    /usr/bin/python3 -B root/usr/share/kramers/notebooks/kramers.py run.h5 -o run.png
    KRAMERS='' PATH=$work/root/usr/bin:$PATH PYTHONPATH=root/usr/share/kramers/notebooks /usr/bin/python3 -B -c \
        'import kramers; assert "root/usr/bin" in kramers.program(), kramers.program(); assert kramers.theory()["chain"]["mfpt_steps"] > 1e4'
fi
# The data are the package's own: without them there is no other copy that is taken, not the source's either.
echo broken >"$work/root/usr/share/kramers/data/digits_three_minima.h5"
if "$kramers" run digits --set ensemble.steps=200 --quiet >/dev/null 2>error; then
    echo "data were found elsewhere"
    exit 1
fi
grep -q "root/usr/share/kramers/data/digits_three_minima.h5" error || { cat error; exit 1; }
echo "$(basename "$package"): $(dpkg-deb -c "$package" | wc -l) files; depends on $depends"
