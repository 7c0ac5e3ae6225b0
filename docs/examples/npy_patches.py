import json
import pathlib

import numpy as np
import torch


class NpyPatches(torch.utils.data.Dataset):
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        dataset = json.loads((self.folder / "dataset.json").read_text("utf-8"))
        self.first = {shard["file"]: shard["first_image"] for shard in dataset["shards"]}
        lines = (self.folder / "images.jsonl").read_text("utf-8").splitlines()
        self.rows = [json.loads(line) for line in lines]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        row = self.rows[index]
        shard = np.load(self.folder / row["shard"], mmap_mode="r")
        if shard.ndim == 3:  # (N, L, D)
            tokens = shard[index - self.first[row["shard"]]]
        else:  # (sum of L, D)
            tokens = shard[row["first_patch"]:row["first_patch"] + row["patches"]]
        return torch.from_numpy(np.array(tokens)), row["key"]
