"""The counts of bench/roofline.py: what it takes single instructions for, and that the hot loop has the same arithmetic with every
instruction set, as it must have the same bits. Arguments: SOURCE BUILD."""

import json
import pathlib
import subprocess
import sys

SOURCE, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "bench"))
import roofline  # noqa: E402


def kinds(instruction):
    mnemonic, _, operands = instruction.partition(" ")
    counted = roofline.classify(mnemonic, operands.strip())
    assert counted.pop("instruction") > 0, instruction
    return {kind: number for kind, number in counted.items() if number}


EXAMPLES = {
    "vfmadd213pd zmm4,zmm5,zmm6": {"vector_instruction": 1, "fused": 8},
    "vfnmadd231pd ymm4,ymm5,YMMWORD PTR [rdi+rax*1]": {"vector_instruction": 1, "fused": 4, "load": 4},
    "vmulsd xmm0,xmm0,QWORD PTR [rip+0x1234]": {"vector_instruction": 1, "fused": 1, "load": 1},
    "vaddpd zmm1,zmm1,QWORD PTR [rip+0x1234]{1to8}": {"vector_instruction": 1, "sum": 8, "load": 1},
    "vcmpltpd k1,zmm1,zmm2": {"vector_instruction": 1, "sum": 8},
    "vdivpd zmm1,zmm1,zmm2": {"vector_instruction": 1, "divide": 8},
    "vsqrtpd ymm1,ymm1": {"vector_instruction": 1, "sqrt": 4},
    "vpmuludq zmm1,zmm2,zmm3": {"vector_instruction": 1, "multiply": 8},
    "vpxorq zmm1,zmm2,zmm3": {"vector_instruction": 1},
    "vmovupd zmm1,ZMMWORD PTR [rdi+rax*8]": {"load": 8},
    "vmovapd YMMWORD PTR [rdx],ymm3": {"store": 4},
    "vmovapd zmm1,zmm2": {},
    "vmovapd zmm1{k1},zmm2": {"vector_instruction": 1},
    "vbroadcastsd zmm1,QWORD PTR [rip+0x10]": {"load": 1},
    "vgatherqpd zmm1{k1},QWORD PTR [rdi+zmm2*8]": {"vector_instruction": 1, "load": 8},
    "kortestb k1,k2": {"vector_instruction": 1},
    "add rax,0x40": {},
    "add QWORD PTR [rax],0x1": {"load": 1, "store": 1},
    "mov QWORD PTR [rsp+0x8],rax": {"store": 1},
    "cmp QWORD PTR [rsp+0x8],rax": {"load": 1},
    "lea rax,[rdi+rsi*8]": {},
    "rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]": {"load": 1 / 8, "store": 1 / 8},
}
for instruction, expected in EXAMPLES.items():
    assert kinds(instruction) == expected, f"{instruction}: {kinds(instruction)}, not {expected}"


def run_json(*command, single=False):
    return json.loads(subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True, text=True).stdout)


counted = roofline.counts(BUILD, ["bench_sgld_double_well"], run_json)
sums = {isa: sum(loops.values(), roofline.collections.Counter()) for (_, isa), loops in counted.items()}
assert sums, "no instruction set was counted"
for isa, count in sums.items():
    first = next(iter(sums.values()))
    # x + x for 2 x is the compiler's choice
    for kind in (("fused", "sum"), ("divide",), ("sqrt",)):
        here, there = sum(count[part] for part in kind), sum(first[part] for part in kind)
        # Roots of two vectors beyond the last of some granules are begun and not used, and vectors are longer or shorter.
        tolerance = 0.03 if kind == ("sqrt",) else 0.01
        assert abs(here - there) <= tolerance * there, f"{kind}: {here} a particle-step with {isa}, {there} with another"
    assert min(count[kind] for kind in ("fused", "load", "store", "vector_instruction")) > 1, (isa, count)
