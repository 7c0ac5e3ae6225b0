"""tessera.Dataset, beside what NumPy and safetensors read of the same files."""

import json
import os
import pickle
import shutil

import numpy as np
import pytest
from safetensors import safe_open

import tessera
from conftest import CROP, UNFOLD, pipeline, unfolded


def lines(folder):
    return [json.loads(line) for line in (folder / "images.jsonl").read_text("utf-8").splitlines()]


def by_hand(folder):
    """The patches of each image, as docs/datasets.md says where they are."""
    info = json.loads((folder / "dataset.json").read_text("utf-8"))
    first = {shard["file"]: shard["first_image"] for shard in info["shards"]}
    for number, row in enumerate(lines(folder)):
        if info["format"] == "npy":
            values = np.load(folder / row["shard"])
        else:
            with safe_open(folder / row["shard"], framework="numpy") as shard:
                values = shard.get_tensor("patches")
        if info["joined"]:
            yield row, values[row["first_patch"]:row["first_patch"] + row["patches"]]
        else:
            yield row, values[number - first[row["shard"]]]


@pytest.fixture(scope="session", params=["npy", "safetensors"])
def format(request):
    return request.param


@pytest.fixture(scope="session", params=["joined", "stacked"])
def folder(request, made, format):
    stages = [UNFOLD] if request.param == "joined" else [CROP, UNFOLD]
    return made(f"{format}-{request.param}", *stages, format=format, images_per_shard=4)


def test_items_are_what_the_files_hold(folder):
    dataset = tessera.Dataset(folder)
    known = list(by_hand(folder))
    assert len(dataset) == len(known) == 6
    assert dataset.joined == folder.name.endswith("joined")
    for index, (row, values) in enumerate(known):
        item = dataset[index]
        assert item["key"] == row["key"] and set(item) == {"patches", "key"}
        np.testing.assert_array_equal(item["patches"], values)
        assert item["patches"].dtype == np.uint8 and len(item["patches"]) == row["patches"]
    assert len(dataset[0]["patches"]) != len(dataset[1]["patches"]) or not dataset.joined
    assert [item["key"] for item in dataset] == dataset.keys == [row["key"] for row, _ in known]
    assert dataset.rows == lines(folder)


def test_items_are_the_pixels(made, photos):
    """Against images of the same run that nothing has cut."""
    images = made("pixels", format="npy")
    dataset = tessera.Dataset(made("npy-joined", UNFOLD, format="npy", images_per_shard=4))
    for item in dataset:
        image = np.load(images / f"{item['key']}.npy")
        np.testing.assert_array_equal(item["patches"], unfolded(image))


def test_indices(folder):
    dataset = tessera.Dataset(folder)
    assert dataset[-1]["key"] == dataset[5]["key"] and dataset[-6]["key"] == dataset[0]["key"]
    assert dataset[np.int64(2)]["key"] == dataset.keys[2]
    for index in (6, -7):
        with pytest.raises(IndexError, match=f"no image {index} among 6"):
            dataset[index]
    for index in ("a", 1.0, None, [1]):
        with pytest.raises(TypeError, match="an integer or a slice"):
            dataset[index]
    part = dataset[1:-1:2]
    assert isinstance(part, tessera.Dataset) and len(part) == 2
    assert part.keys == dataset.keys[1:-1:2] and part[-1]["key"] == dataset.keys[3]
    np.testing.assert_array_equal(part[1]["patches"], dataset[3]["patches"])
    assert dataset[::-1].keys == dataset.keys[::-1] and len(dataset[6:]) == 0


def test_copies_and_views(folder):
    dataset = tessera.Dataset(folder)
    before = dataset[0]["patches"].copy()
    dataset[0]["patches"][:] = 7
    np.testing.assert_array_equal(dataset[0]["patches"], before)
    view = tessera.Dataset(folder, copy=False)[0]["patches"]
    np.testing.assert_array_equal(view, before)
    with pytest.raises(ValueError):
        view[:] = 7


def test_pickle(folder):
    dataset = tessera.Dataset(folder)[1:]
    values = dataset[0]["patches"]
    text = pickle.dumps(dataset)
    assert len(text) < 20_000
    copied = pickle.loads(text)
    assert copied.keys == dataset.keys
    np.testing.assert_array_equal(copied[0]["patches"], values)


def test_labels_and_splits(made, format):
    folder = made(f"{format}-labels", CROP, UNFOLD, format=format, images_per_shard=2,
                  labels="folder", split={"val": 0.4, "seed": 1})
    rows = lines(folder)
    dataset = tessera.Dataset(folder)
    assert dataset.classes == ["cat", "dog"] and dataset.splits == ["train", "val"]
    for row, item in zip(rows, dataset):
        assert dataset.classes[item["label"]] == row["label"] == row["key"].split("/")[0]
    parts = {name: tessera.Dataset(folder, split=name) for name in dataset.splits}
    for name, part in parts.items():
        assert part.keys == [row["key"] for row in rows if row["split"] == name]
        assert part.splits == [name] and 0 < len(part) < 6
    by_key = {row["key"]: values for row, values in by_hand(folder)}
    for item in parts["val"]:
        np.testing.assert_array_equal(item["patches"], by_key[item["key"]])
    with pytest.raises(tessera.DatasetError, match="'train', 'val'"):
        tessera.Dataset(folder, split="test")


def test_what_goes_along(made, format):
    folder = made(
        f"{format}-mask", CROP, UNFOLD, {"stage": "mask", "ratio": 0.75}, format=format,
        images_per_shard=4)
    for row, item in zip(lines(folder), tessera.Dataset(folder)):
        assert item["patches"].shape == (4, 768) and item["mask"].shape == (16,)
        np.testing.assert_array_equal(np.flatnonzero(item["mask"] == 0), sorted(row["blocks"]))
        np.testing.assert_array_equal(
            np.argsort(item["ids_restore"])[:4], row["blocks"])


def test_images_without_patches(made, format):
    folder = made(f"{format}-images", CROP, format=format, images_per_shard=4)
    dataset = tessera.Dataset(folder)
    assert dataset.layout == "images" and set(dataset[0]) == {"image", "key"}
    for (_, values), item in zip(by_hand(folder), dataset):
        assert item["image"].shape == (3, 64, 64)
        np.testing.assert_array_equal(item["image"], values)


def test_bfloat16(made):
    cut = [{"stage": "normalize"}, CROP, UNFOLD]
    rounded = tessera.Dataset(
        made("bfloat16", *cut, format="safetensors", images_per_shard=4, dtype="bfloat16"))
    exact = tessera.Dataset(
        made("float32", *cut, format="safetensors", images_per_shard=4, dtype="float32"))
    for found, known in zip(rounded, exact):
        assert found["patches"].dtype == np.float32
        np.testing.assert_allclose(found["patches"], known["patches"], rtol=2 ** -8)
        assert np.any(found["patches"] != known["patches"])


def test_other_formats_are_refused(made):
    for kind, word in [("webdataset", "the package webdataset"), ("imagefolder", "ImageFolder")]:
        folder = made(kind, UNFOLD, format=kind,
                      **({"images_per_shard": 4} if kind == "webdataset" else {}))
        with pytest.raises(tessera.DatasetError, match=word):
            tessera.Dataset(folder)


def test_damage_is_told(made, tmp_path):
    with pytest.raises(tessera.DatasetError, match="dataset.json is not there"):
        tessera.Dataset(tmp_path)
    whole = made("npy-stacked", CROP, UNFOLD, format="npy", images_per_shard=4)

    def damaged(name):
        return shutil.copytree(whole, tmp_path / name)

    folder = damaged("cut")
    os.truncate(folder / "data-00001.npy", 500)
    dataset = tessera.Dataset(folder)
    assert dataset[3]["key"] == dataset.keys[3]
    with pytest.raises(tessera.DatasetError, match="expected .* bytes, found 500"):
        dataset[4]
    folder = damaged("absent")
    (folder / "data-00000.npy").unlink()
    with pytest.raises(tessera.DatasetError, match="is not there, and dataset.json names it"):
        tessera.Dataset(folder)[0]
    folder = damaged("lines")
    text = (folder / "images.jsonl").read_text().splitlines(keepends=True)
    (folder / "images.jsonl").write_text("".join(text[:-1]))
    with pytest.raises(tessera.DatasetError, match="expected 6 lines, found 5"):
        tessera.Dataset(folder)
    folder = damaged("text")
    (folder / "dataset.json").write_text("{")
    with pytest.raises(tessera.DatasetError, match="dataset.json"):
        tessera.Dataset(folder)
    tensors = made("safetensors-stacked", CROP, UNFOLD, format="safetensors", images_per_shard=4)
    for place, value in [(0, 0xFF), (7, 0x7F)]:
        folder = shutil.copytree(tensors, tmp_path / f"header-{place}")
        shard = bytearray((folder / "data-00000.safetensors").read_bytes())
        shard[place] = value
        (folder / "data-00000.safetensors").write_bytes(shard)
        with pytest.raises(tessera.DatasetError, match="data-00000.safetensors"):
            tessera.Dataset(folder)[0]


def test_torch_loader(folder):
    data = pytest.importorskip("torch.utils.data")
    dataset = tessera.Dataset(folder)
    known = [values for _, values in by_hand(folder)]
    for workers, context in [(0, None), (2, "fork"), (2, "spawn")]:
        loader = data.DataLoader(
            dataset, batch_size=None if dataset.joined else 4, num_workers=workers,
            multiprocessing_context=context)
        found = list(loader)
        keys = [key for batch in found
                for key in ([batch["key"]] if dataset.joined else batch["key"])]
        assert keys == dataset.keys
        rows = [rows for batch in found
                for rows in ([batch["patches"]] if dataset.joined else batch["patches"])]
        for one, values in zip(rows, known):
            np.testing.assert_array_equal(one.numpy(), values)
