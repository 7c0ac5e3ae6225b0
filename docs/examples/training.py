"""Trains a linear classifier on the patches of photographs that lie in a folder for each class."""

import sys

import torch
from torch.utils.data import DataLoader

import tessera

PIPELINE = {"version": 1, "stages": [
    {"stage": "load"},
    {"stage": "preset", "name": "clip", "patches": "model"},
    {"stage": "encode", "format": "npy", "images_per_shard": 1000, "labels": "folder"}]}

photos, tokens = sys.argv[1:]
report = tessera.run(PIPELINE, input=photos, output=tokens, check=True)
dataset = tessera.Dataset(tokens)
loader = DataLoader(dataset, batch_size=32, shuffle=True, num_workers=2)
model = torch.nn.Linear(dataset[0]["patches"].shape[-1], len(dataset.classes))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

for epoch in range(5):
    losses = []
    for batch in loader:  # patches: (B, 49, 3072), label: (B)
        logits = model(batch["patches"]).mean(dim=1)
        loss = torch.nn.functional.cross_entropy(logits, batch["label"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch}: {report.counts.total} images, loss {sum(losses) / len(losses):.3f}")
