"""The environments in which PyTorch may be fastest on this machine: measure in each, and take the fastest."""

import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

AS_SHIPPED = "as shipped"
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "268435456"}
LIBRARY = pathlib.Path(__file__).resolve().parents[3] / "target" / "any-maker.so"

CPU = pathlib.Path("/proc/cpuinfo")

# PyTorch's library for products asks this of itself, and uses AVX-512 only if the answer is yes.
MAKER = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"


def processor():
    """As it names itself, or at least its kind."""
    lines = CPU.read_text().splitlines() if CPU.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def environments():
    """Variables for a process of PyTorch, by name: none; memory is kept; and on processors that are not Intel's, AVX-512 is used for products, too."""
    found = {AS_SHIPPED: {}, "memory kept": KEEP_MEMORY}
    about = CPU.read_text() if CPU.exists() else ""
    if "avx512f" in about and "GenuineIntel" not in about:
        compiler = shutil.which("cc")
        if not compiler:
            print("no C compiler: PyTorch's products are not tuned for this processor", file=sys.stderr)
        elif any(mark in str(LIBRARY) for mark in " :"):
            print(f"PyTorch's products are not tuned for this processor: no library is loaded from a path with spaces or colons, {LIBRARY}",
                  file=sys.stderr)
        else:
            build(compiler)
            first = [str(LIBRARY), os.environ.get("LD_PRELOAD", "")]
            found["memory kept, AVX-512"] = KEEP_MEMORY | {"LD_PRELOAD": ":".join(filter(None, first))}
    return found


def build(compiler):
    """Makes the library. Another process that does the same, or uses it, meets a whole one."""
    LIBRARY.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=LIBRARY.parent) as folder:
        made = pathlib.Path(folder) / LIBRARY.name
        subprocess.run([compiler, "-x", "c", "-shared", "-fPIC", "-o", made, "-"], input=MAKER, text=True, check=True)
        os.replace(made, LIBRARY)
