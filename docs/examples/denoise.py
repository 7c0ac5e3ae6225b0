#!/usr/bin/env python3
import sys
from types import SimpleNamespace

import torch
from numpy.lib import format


def median(x):  # of 3 × 3 pixels: a stand-in for a model of your own
    wide = torch.nn.functional.pad(x, (1, 1, 1, 1), mode="replicate")
    return wide.unfold(2, 3, 1).unfold(3, 3, 1).flatten(4).median(dim=4).values


model = torch.jit.load(sys.argv[1]).eval() if sys.argv[1:] else median
pipe = SimpleNamespace(read=sys.stdin.buffer.read, write=sys.stdout.buffer.write)
while sys.stdin.buffer.peek(1):
    with torch.inference_mode():
        format.write_array(pipe, model(torch.from_numpy(format.read_array(pipe))).numpy())
    sys.stdout.buffer.flush()
