#!/bin/bash
# Every test of every stream, around and around, ten gigabytes more each time, until each has seen so many bytes:
#
#     nice -n 15 tests/stream/long_run.sh DIRECTORY [BYTES]      (1e12; about 40 minutes of a processor each)
#
# Counts and reports are kept in DIRECTORY, so that the same command goes on after it was stopped.
set -eu
program=$(cd "$(dirname "$0")/../.." && pwd)/build/release/tests/stream/random_stream
directory=${1:?where counts and reports are kept}
bytes=$(printf '%.0f' "${2:-1e12}")
mkdir -p "$directory"
cd "$directory"
found=0
for ((done = 0; done < bytes; )); do
    ((done = done + 10000000000 < bytes ? done + 10000000000 : bytes))
    for test in words:{particles,steps,coordinates,seeds} uniforms:{particles,steps,coordinates,seeds} normals:particles; do
        name=${test/:/_}
        "$program" test "${test%:*}" --order "${test#*:}" --bytes "$done" --keep "$name.counts" >"$name.new" || found=1
        mv "$name.new" "$name.txt"
        printf '%s\n' "$(head -n 1 "$name.txt")" "$(tail -n 1 "$name.txt")"
    done
done
exit $found
