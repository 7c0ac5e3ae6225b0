"""Makes safetensors/types.safetensors, as the library itself writes it, and types.txt beside it.

Needs PyTorch and safetensors:

    python3 make_safetensors.py

A line of types.txt: name, dtype, sides with x between, values as float32's bits in hexadecimal.
"""

import numpy as np
import torch
from safetensors.torch import save_file

values = torch.tensor([-1.5, 0.0, 0.25, 3.0, 96.0, -2.0])
tensors = {
  "model.weight.F32": (values * 1.1).reshape(2, 3),
  "half": torch.tensor([6e-8, -0.0, 65504.0, float("inf")], dtype=torch.float16).reshape(2, 1, 2),
  "brain": torch.tensor([1e38, -3.140625, 1e-40, 0.0], dtype=torch.bfloat16),
  "double": values.double().reshape(1, 6),
  "byte": torch.arange(250, 256).to(torch.uint8),
  "signed": torch.arange(-3, 3, dtype=torch.int8),
  "short": torch.arange(-30000, 30001, 30000, dtype=torch.int16),
  "int": torch.tensor([-(1 << 31), 1 << 24], dtype=torch.int32),
  "long": torch.tensor([-(1 << 62), 7], dtype=torch.int64),
  "truth": torch.tensor([True, False]),
  "number": torch.tensor(2.5),
  "empty": torch.zeros(0, 3),
  "größe": torch.ones(1),
}
save_file(tensors, "safetensors/types.safetensors", metadata={"format": "pt", "note": 'a "b"'})
names = {
  torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64",
  torch.uint8: "U8", torch.int8: "I8", torch.int16: "I16", torch.int32: "I32",
  torch.int64: "I64", torch.bool: "BOOL",
}
with open("safetensors/types.txt", "w") as lines:
  for name, tensor in tensors.items():
    bits = tensor.to(torch.float32).numpy().ravel().view(np.uint32)
    sides = "x".join(map(str, tensor.shape)) or "-"
    print(name, names[tensor.dtype], sides, *(f"{b:08x}" for b in bits), file=lines)
