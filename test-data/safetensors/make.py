"""Writes golden.safetensors with the reference implementation: pip install numpy safetensors; python make.py

One tensor of each type that Coppice reads, a scalar and an empty one, and metadata that are no ASCII.
"""

import pathlib

import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "fc1.weight": np.array([[0.5, -1.25, 3.0], [1e-30, -0.0, 65504.0]], dtype=np.float32),
        "fc1.positions": np.array([0, 7, 2_000_000_000, -1], dtype=np.int32),
        "steps": np.array([1 << 40, -5], dtype=np.int64),
        "pixels": np.array([[0, 127, 255]], dtype=np.uint8),
        "scale": np.array(2.5, dtype=np.float32),
        "empty": np.zeros((0, 4), dtype=np.float32),
    },
    pathlib.Path(__file__).with_name("golden.safetensors"),
    metadata={"made by": "safetensors for Python", "Gewicht": "größer als 0 – ≥"},
)
