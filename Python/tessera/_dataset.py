"""Datasets that `encode` wrote, as docs/datasets.md describes them."""

from __future__ import annotations

import json
import math
import operator
import os
import pathlib
import struct
from typing import Any, Iterator, Mapping, Optional, Union, overload

import numpy as np

from ._command import PathLike

_OTHER_READERS = {
    "webdataset": "read it with the package webdataset, as docs/datasets.md shows",
    "imagefolder": "read it with datasets.load_dataset(\"imagefolder\", data_dir=…), or with "
                   "torchvision.datasets.ImageFolder",
    "tiles": "its files are pictures, a file each; format imagefolder has a table of them besides",
}
_VALUES = ("patches", "pixel_values")
"""What the tensor of patches or images is called in safetensors."""
_TYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
    "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8",
    # NumPy has no bfloat16: the upper halves of float32, which they become when they are read.
    "BF16": "<u2",
}


class DatasetError(ValueError):
    """A folder is no dataset that can be read, or its files are not as it says."""


class Dataset:
    """The images of a dataset in `npy` or `safetensors` shards, in their order.

    Shards are mapped into memory when they are first asked for: nothing is read but what is used.
    An item is a dict:

    - "patches": the patches of the image as an array, in the dataset's `layout`: (L, D) with
      tokens, (L, C, kH, kW) with patches. L is the same for all images where the dataset is
      stacked, and not where it is joined. In a dataset of images, "image" takes its place: (C, H,
      W).
    - "key": what the image is called.
    - "label": the number of its class in `classes`, where the dataset has labels.
    - each array that goes along, by its name: "mask", "ids_restore", "pixel_attention_mask" and so
      on.

    It is what `torch.utils.data.DataLoader` takes, also with workers: it may be pickled, and each
    process maps the shards by itself.

    Args:
        path: The folder that has dataset.json.
        split: "train" or "val": the images of that part alone. None: all.
        copy: Whether items are copies, which may be written to. Without it, they are views of the
            files, but for bfloat16, and writing to them raises ValueError.

    Raises:
        DatasetError: The folder is no dataset, or of a format that is not read here.
        OSError: Its files cannot be read.
    """

    def __init__(
        self, path: PathLike, *, split: Optional[str] = None, copy: bool = True
    ) -> None:
        self.path: pathlib.Path = pathlib.Path(path)
        self.copy = copy
        index = self.path / "dataset.json"
        try:
            text = index.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            raise DatasetError(
                f"{index} is not there: a dataset has one once its run has ended") from None
        self.info: Mapping[str, Any] = _parsed(text, index)
        """What dataset.json holds."""
        if not isinstance(self.info, dict) or self.info.get("version") != 1:
            raise DatasetError(f"{index}: expected a dataset of version 1")
        kind = self.info.get("format")
        if kind in _OTHER_READERS:
            raise DatasetError(f"{self.path}: Dataset reads npy and safetensors, and this is "
                               f"{kind}: {_OTHER_READERS[kind]}")
        if kind not in ("npy", "safetensors"):
            raise DatasetError(f"{index}: there is no format {kind!r}")
        self._rows: list[Mapping[str, Any]] = _rows(self.path / "images.jsonl")
        if len(self._rows) != self.info["images"]:
            raise DatasetError(
                f"{self.path / 'images.jsonl'}: expected {self.info['images']} lines, found "
                f"{len(self._rows)}")
        self._first: dict[str, int] = {
            shard["file"]: shard["first_image"] for shard in self.info["shards"]}
        self._numbers: dict[str, int] = {
            name: number for number, name in enumerate(self.info.get("classes", []))}
        self._order: range | list[int] = range(len(self._rows))
        if split is not None:
            chosen = [
                number for number, row in enumerate(self._rows) if row.get("split") == split]
            if not chosen:
                raise DatasetError(
                    f"{self.path}: there is no image in split {split!r}; there are "
                    f"{', '.join(map(repr, self.splits)) or 'no splits'}")
            self._order = chosen
        self._shards: dict[str, dict[str, _Array]] = {}

    @property
    def format(self) -> str:
        """npy or safetensors."""
        return str(self.info["format"])

    @property
    def layout(self) -> str:
        """The order of a patch's values, such as tokens; images where nothing was cut."""
        return str(self.info["layout"])

    @property
    def joined(self) -> bool:
        """Whether patches of all images are joined, so that their number differs between images."""
        return bool(self.info["joined"])

    @property
    def classes(self) -> list[str]:
        """The labels, in the order that "label" counts in; empty where there are none."""
        return list(self.info.get("classes", []))

    @property
    def splits(self) -> list[str]:
        """The splits of the images that are in here, sorted; empty where there are none."""
        return sorted({row["split"] for row in self.rows if "split" in row})

    @property
    def rows(self) -> list[Mapping[str, Any]]:
        """The line of images.jsonl of each image: its source, size, grid, label and so on."""
        return [self._rows[number] for number in self._order]

    @property
    def keys(self) -> list[str]:
        """What the images are called."""
        return [row["key"] for row in self.rows]

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> Dataset: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[dict[str, Any], Dataset]:
        """An image; counted from the end where the index is negative. A slice is a dataset of
        those.

        Raises:
            IndexError: There is no such image.
            TypeError: The index is no integer and no slice.
            DatasetError: The shard is not as dataset.json says.
        """
        if isinstance(index, slice):
            part = Dataset.__new__(Dataset)
            part.__dict__.update(self.__dict__)
            part._order = self._order[index]
            return part
        try:
            place = operator.index(index)
        except TypeError:
            raise TypeError(
                f"expected an integer or a slice, found {type(index).__name__}") from None
        if not -len(self) <= place < len(self):
            raise IndexError(f"there is no image {place} among {len(self)}")
        return self._item(self._order[place])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(self._item, self._order)

    def __repr__(self) -> str:
        return (f"Dataset({str(self.path)!r}: {len(self)} images, {self.format}, {self.layout}, "
                f"{self.info['dtype']})")

    def __getstate__(self) -> dict[str, Any]:
        # Maps of files are not sent to another process: it makes its own.
        return {**self.__dict__, "_shards": {}}

    def _item(self, number: int) -> dict[str, Any]:
        row = self._rows[number]
        name = row["shard"]
        arrays = self._shards.get(name)
        if arrays is None:
            arrays = self._shards[name] = self._open(name)
        place = number - self._first[name]
        item: dict[str, Any] = {}
        for called, array in arrays.items():
            if called == "offsets":
                continue
            values = array.values
            if called in _VALUES and self.joined:
                begin = row["first_patch"]
                values = values[begin:begin + row["patches"]]
            else:
                values = values[place]
            if array.is_bfloat16:
                values = (values.astype("<u4") << np.uint32(16)).view("<f4")
            elif self.copy:
                values = np.array(values)
            item["image" if self.layout == "images" and called in _VALUES else
                 "patches" if called in _VALUES else called] = values
        item["key"] = row["key"]
        if "label" in row:
            item["label"] = self._numbers[row["label"]]
        return item

    def _open(self, name: str) -> dict[str, _Array]:
        """The arrays of a shard, checked against what dataset.json says of it."""
        path = self.path / name
        told = next(shard for shard in self.info["shards"] if shard["file"] == name)
        try:
            size = os.stat(path).st_size
        except FileNotFoundError:
            raise DatasetError(f"{path} is not there, and dataset.json names it") from None
        if size != told["bytes"]:
            raise DatasetError(
                f"{path}: expected {told['bytes']} bytes, found {size}; tessera verify tells more")
        if self.format == "npy":
            arrays = {"patches": _npy(path)}
            for beside in sorted(self.path.glob(f"{path.stem}.*.npy")):
                arrays[beside.name[len(path.stem) + 1:-len(".npy")]] = _npy(beside)
        else:
            arrays = _safetensors(path)
        for called, array in arrays.items():
            if called == "offsets":
                continue
            joined = called in _VALUES and self.joined
            expected = told["patches"] if joined else told["images"]
            if array.values.ndim == 0 or len(array.values) != expected:
                raise DatasetError(
                    f"{path}: {called} is {array.values.shape}, and dataset.json wants {expected} "
                    "along the first side")
        return arrays


class _Array:
    """An array of a shard."""

    def __init__(self, values: np.ndarray, is_bfloat16: bool = False) -> None:
        self.values = values
        self.is_bfloat16 = is_bfloat16


def _parsed(text: str, path: pathlib.Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DatasetError(f"{path}: {error}") from None


def _rows(path: pathlib.Path) -> list[Mapping[str, Any]]:
    with open(path, encoding="utf-8", errors="surrogateescape") as lines:
        return [_parsed(line, path) for line in lines]


def _npy(path: pathlib.Path) -> _Array:
    try:
        # A plain array: a memmap of its own for every item costs more than the item.
        return _Array(np.asarray(np.load(path, mmap_mode="r", allow_pickle=False)))
    except ValueError as error:
        raise DatasetError(f"{path}: {error}") from None


def _safetensors(path: pathlib.Path) -> dict[str, _Array]:
    """All tensors of a file: 8 bytes of length, a header in JSON, and their bytes."""
    content = np.asarray(np.memmap(path, dtype="u1", mode="r"))
    if len(content) < 8:
        raise DatasetError(f"{path}: expected a header, found {len(content)} bytes")
    length, = struct.unpack("<Q", content[:8].tobytes())
    if length > len(content) - 8:
        raise DatasetError(f"{path}: its header is longer than the file")
    base = 8 + length
    header = _parsed(content[8:base].tobytes().decode("utf-8", "replace"), path)
    tensors = {}
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        begin, end = tensor["data_offsets"]
        kind = _TYPES.get(tensor["dtype"])
        if kind is None:
            raise DatasetError(f"{path}: {name} is {tensor['dtype']}, which is not read")
        shape = tuple(tensor["shape"])
        if end - begin != math.prod(shape) * np.dtype(kind).itemsize or not (
                0 <= begin <= end <= len(content) - base):
            raise DatasetError(f"{path}: {name} does not fit the bytes that the header gives it")
        values = np.ndarray(shape, kind, buffer=content, offset=base + begin)
        tensors[name] = _Array(values, tensor["dtype"] == "BF16")
    return tensors
