"""The environment in which PyTorch is fastest on this machine, whatever its processor."""

import pathlib
import shutil
import subprocess
import sys

KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "268435456"}
TARGET = pathlib.Path(__file__).resolve().parents[3] / "target"

# PyTorch's library for products asks this of itself, and uses AVX-512 only if the answer is yes.
MAKER = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"


def environment():
    """Variables for a process of PyTorch: memory is kept, and AVX-512 used for products on processors of any maker."""
    return KEEP_MEMORY | unlocked()


def unlocked():
    cpu = pathlib.Path("/proc/cpuinfo")
    about = cpu.read_text() if cpu.exists() else ""
    if "avx512f" not in about or "GenuineIntel" in about:
        return {}
    compiler = shutil.which("cc")
    if compiler is None:
        print("no C compiler: PyTorch's products are not tuned for this processor", file=sys.stderr)
        return {}
    library = TARGET / "any-maker.so"
    TARGET.mkdir(exist_ok=True)
    subprocess.run([compiler, "-x", "c", "-shared", "-fPIC", "-o", library, "-"], input=MAKER, text=True, check=True)
    return {"LD_PRELOAD": str(library)}
