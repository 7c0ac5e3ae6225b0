import pathlib

import torch
import webdataset


class WebPatches(torch.utils.data.IterableDataset):
    def __init__(self, folder, part="data", shuffle=0):
        shards = sorted(str(path) for path in pathlib.Path(folder).glob(f"{part}-*.tar"))
        self.samples = webdataset.WebDataset(
            shards, shardshuffle=len(shards) if shuffle else False, empty_check=False)
        self.samples = self.samples.shuffle(shuffle).decode()

    def __iter__(self):
        for sample in self.samples:
            yield torch.from_numpy(sample["npy"]), sample["__key__"]
