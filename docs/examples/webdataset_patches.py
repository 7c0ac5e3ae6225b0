import json
import pathlib

import torch
import webdataset


class WebPatches(torch.utils.data.IterableDataset):
    def __init__(self, folder, part="data", shuffle=0):
        folder = pathlib.Path(folder)
        shards = json.loads((folder / "dataset.json").read_text("utf-8"))["shards"]
        names = [shard["file"] for shard in shards if shard["file"].startswith(part + "-")]
        samples = webdataset.WebDataset(
            [str(folder / name) for name in names],
            shardshuffle=len(names) if shuffle else False, empty_check=False)
        self.samples = samples.shuffle(shuffle).decode()

    def __iter__(self):
        for sample in self.samples:
            yield torch.from_numpy(sample["npy"]), sample["__key__"]
