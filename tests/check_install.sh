#!/usr/bin/env bash
# check_install.sh BUILD_DIRECTORY COMPILER CMAKE: installs into an empty directory, moves it, and builds and runs tests/consumer.c
# against it once with pkg-config and once with CMake's find_package, and tests/consumer.cpp as C++. All must count the same events, and
# the installed command must run by itself and find its own scenes and data.
set -euo pipefail
build=$1 compiler=$2 cmake=$3
source=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$cmake" --install "$build" --prefix "$work/first" >"$work/install.log"
mv "$work/first" "$work/moved"
library=$(dirname "$(find "$work/moved" -name kramers.pc)")
for file in bin/kramers include/kramers/kramers.h include/kramers/version.h share/kramers/scenes/double_well.yaml; do
    [[ -e "$work/moved/$file" ]] || { echo "not installed: $file"; exit 1; }
done

export PKG_CONFIG_PATH=$library
read -ra flags <<<"$(pkg-config --cflags --libs kramers)"
"$compiler" -std=c17 -Wall -Wextra -Werror "$source/consumer.c" -o "$work/with_pkgconfig" "${flags[@]}"
first=$(LD_LIBRARY_PATH=$(dirname "$library") "$work/with_pkgconfig")
if command -v g++ >/dev/null; then
    g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror "$source/consumer.cpp" -o "$work/in_cxx" "${flags[@]}"
    in_cxx=$(LD_LIBRARY_PATH=$(dirname "$library") "$work/in_cxx")
    [[ "$in_cxx" == "$first" ]] || { echo "C++ counts $in_cxx, C $first"; exit 1; }
fi
unset PKG_CONFIG_PATH

cat >"$work/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.22)
project(consumer LANGUAGES C)
find_package(kramers 0.1 REQUIRED)
add_executable(consumer $source/consumer.c)
target_link_libraries(consumer PRIVATE kramers::kramers)
END
"$cmake" -S "$work" -B "$work/build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$work/moved" >"$work/cmake.log"
"$cmake" --build "$work/build" >>"$work/cmake.log" || { cat "$work/cmake.log"; exit 1; }
second=$("$work/build/consumer")

echo "pkg-config: $first; CMake: $second; command: $("$work/moved/bin/kramers" --version)"
[[ "$first" == "$second" && "${first##* }" -gt 0 ]] || { echo "the two programs differ, or counted nothing"; exit 1; }
unset KRAMERS_DATA
(cd "$work" && "$work/moved/bin/kramers" run digits --set ensemble.steps=100 --set ensemble.particles=64 --quiet >/dev/null 2>&1)
mv "$work/moved/share/kramers/data/digits_three_minima.h5" "$work/elsewhere.h5" # what is found is beside the program, nowhere else
if (cd "$work" && "$work/moved/bin/kramers" run digits --set ensemble.steps=100 --quiet >/dev/null 2>"$work/error"); then
    echo "the moved program found its data elsewhere"
    exit 1
fi
"$work/moved/bin/kramers" run "$work/moved/share/kramers/scenes/double_well.yaml" --set ensemble.steps=1000 --quiet >/dev/null
