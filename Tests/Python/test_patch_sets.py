"""Patches that are left out, padded or go along with others."""

import json
import unittest

import numpy as np
import safetensors.numpy
import webdataset
import xxhash

from workshop import Workshop, tokens


def smallest(key, seed, blocks, count):
    """The blocks of the smallest hashes, in raster order."""
    ranked = sorted(
        blocks, key=lambda block: xxhash.xxh64(f"{seed}/{key}/{block}".encode()).intdigest())
    return sorted(ranked[:count])


class Choices(Workshop):
    """select, sample and mask."""

    cut = {"stage": "unfold", "kernel_size": 4, "stride": 4}

    def inputs(self, sizes=((16, 20), (8, 8), (12, 30))):
        return {f"d/{number}": self.array(f"d/{number}.npy", (3, *size))
                for number, size in enumerate(sizes)}

    def test_sample(self):
        images = self.inputs()
        for keys, count in (
                ({"count": 3}, lambda blocks: 3), ({"count": 1000}, lambda blocks: blocks),
                ({"fraction": 0.4}, lambda blocks: max(1, int(0.4 * blocks + 0.5))),
                ({"fraction": 0.01, "seed": 9}, lambda blocks: 1)):
            folder = self.run_stages(
                self.cut, {"stage": "sample"} | keys,
                {"stage": "encode", "format": "npy", "layout": "tokens"},
                output=json.dumps(keys), arguments=["-j", "2"])
            for key, image in images.items():
                all_tokens = tokens(image, 4)
                kept = smallest(
                    key, keys.get("seed", 0), range(len(all_tokens)), count(len(all_tokens)))
                found = np.load(folder / f"{key}.npy")
                self.assertEqual(found.dtype, np.uint8)
                np.testing.assert_array_equal(found, all_tokens[kept])

    def test_mask(self):
        images = self.inputs([(16, 20)] * 3)
        stages = [
            {"stage": "crop", "size": [16, 20]}, self.cut,
            {"stage": "mask", "ratio": 0.75, "seed": 2}]
        folder = self.run_stages(
            *stages, {"stage": "encode", "format": "safetensors", "images_per_shard": 2})
        shards = [
            safetensors.numpy.load_file(folder / f"data-0000{number}.safetensors")
            for number in (0, 1)]
        self.assertEqual(set(shards[0]), {"patches", "ids_restore", "mask"})
        patches, restore, mask = (
            np.concatenate([shard[name] for shard in shards])
            for name in ("patches", "ids_restore", "mask"))
        self.assertEqual((restore.dtype, mask.dtype), (np.int64, np.uint8))
        for number, (key, image) in enumerate(images.items()):
            every = tokens(image, 4)
            kept = smallest(key, 2, range(20), 5)
            np.testing.assert_array_equal(patches[number], every[kept])
            np.testing.assert_array_equal(
                np.nonzero(mask[number] == 0)[0], kept)
            # As the decoder of MAE puts them back.
            rest = [block for block in range(20) if block not in kept]
            shuffled = np.concatenate([patches[number], every[rest]])
            np.testing.assert_array_equal(shuffled[restore[number]], every)
        single = self.run_stages(
            *stages,
            {"stage": "encode", "format": "npy", "layout": "tokens"}, output="single")
        for number, key in enumerate(images):
            for name, values in (("", patches), (".ids_restore", restore), (".mask", mask)):
                np.testing.assert_array_equal(
                    np.load(single / f"{key}{name}.npy"), values[number])
        sharded = self.run_stages(
            *stages,
            {"stage": "encode", "format": "npy", "images_per_shard": 3}, output="sharded")
        np.testing.assert_array_equal(np.load(sharded / "data-00000.npy"), patches)
        np.testing.assert_array_equal(np.load(sharded / "data-00000.mask.npy"), mask)
        np.testing.assert_array_equal(np.load(sharded / "data-00000.ids_restore.npy"), restore)

    def test_mask_of_images_of_differing_sizes(self):
        images = self.inputs()
        folder = self.run_stages(
            self.cut, {"stage": "mask", "ratio": 0.5},
            {"stage": "encode", "format": "webdataset", "images_per_shard": 5})
        samples = list(
            webdataset.WebDataset(
                str(folder / "data-00000.tar"), shardshuffle=False).decode())
        self.assertEqual([sample["__key__"] for sample in samples], list(images))
        for sample in samples:
            every = tokens(images[sample["__key__"]], 4)
            kept = smallest(sample["__key__"], 0, range(len(every)), len(every) // 2)
            np.testing.assert_array_equal(sample["npy"], every[kept])
            np.testing.assert_array_equal(np.nonzero(sample["mask.npy"] == 0)[0], kept)
        self.run_stages(
            self.cut, {"stage": "mask", "ratio": 0.5},
            {"stage": "encode", "format": "npy", "images_per_shard": 5}, output="npy", status=78)
        self.assertIn("has a place for every block", self.errors)

    def test_select(self):
        images = self.inputs()
        for figure, of in (
                ("mean", lambda rows: rows.mean(1)), ("std", lambda rows: rows.std(1))):
            every = {key: tokens(image, 4).astype("float64") for key, image in images.items()}
            bound = float(np.median(np.concatenate([of(rows) for rows in every.values()])))
            folder = self.run_stages(
                self.cut, {"stage": "select", "by": figure, "min": bound},
                {"stage": "encode", "format": "npy", "images_per_shard": 2}, output=figure)
            dataset, rows = self.index(folder)
            for row in rows:
                values = every[row["key"]]
                kept = np.nonzero(of(values) >= bound)[0]
                self.assertEqual(row["blocks"], kept.tolist())
                shard = np.load(folder / row["shard"])
                np.testing.assert_array_equal(
                    shard[row["first_patch"]:row["first_patch"] + row["patches"]], values[kept])
            report = [json.loads(line) for line in (folder / "report.jsonl").open()]
            for line, row in zip(report, rows):
                self.assertEqual(line["dropped"], line["blocks"] - row["patches"])

    def test_entropy_and_tiles(self):
        image = self.array("a.npy", (1, 8, 16))
        image[:, :, 4:8] = 7
        image[:, :4, 8:12] = np.arange(16).reshape(4, 4)
        np.save(self.root / "in" / "a.npy", image)
        folder = self.run_stages(
            self.cut, {"stage": "select", "by": "entropy", "min": 4},
            {"stage": "encode", "format": "imagefolder"})
        rows = [json.loads(line) for line in (folder / "metadata.jsonl").open()]
        every = tokens(image, 4)
        expected = [
            block for block, row in enumerate(every) if len(set(row.tolist())) == 16]
        self.assertEqual([row["patch_index"] for row in rows], expected)
        self.assertIn("a_r0_c2.png", [row["file_name"] for row in rows])
        self.assertEqual(len(list(folder.glob("*.png"))), len(rows))

    def test_fold_after_sample(self):
        image = self.array("a.npy", (2, 12, 12))
        folder = self.run_stages(
            {"stage": "unfold", "kernel_size": 4, "stride": 2}, {"stage": "sample", "count": 7},
            {"stage": "fold", "uncovered": "zero"}, {"stage": "encode", "format": "npy"})
        kept = smallest("a", 0, range(25), 7)
        reached = np.zeros((12, 12), bool)
        for block in kept:
            y, x = block // 5 * 2, block % 5 * 2
            reached[y:y + 4, x:x + 4] = True
        np.testing.assert_array_equal(np.load(folder / "a.npy"), image * reached)
        self.run_stages(
            {"stage": "unfold", "kernel_size": 4, "stride": 2}, {"stage": "sample", "count": 7},
            {"stage": "fold"}, {"stage": "encode", "format": "npy"}, output="none", status=78)
        self.assertIn("uncovered", self.errors)


class Models(Workshop):
    """What models take beside patches."""

    def test_naflex(self):
        shapes = {"a": (40, 90), "b": (200, 30), "c": (1, 1)}
        for name, size in shapes.items():
            self.array(f"{name}.npy", (3, *size))
        preset = {"stage": "preset", "name": "siglip2-naflex", "patches": "model"}
        folder = self.run_stages(
            preset, {"stage": "encode", "format": "safetensors", "images_per_shard": 5})
        read = safetensors.numpy.load_file(folder / "data-00000.safetensors")
        self.assertEqual(
            {name: (values.shape, values.dtype.name) for name, values in read.items()},
            {"pixel_values": ((3, 256, 768), "float32"),
             "pixel_attention_mask": ((3, 256), "int32"),
             "spatial_shapes": ((3, 2), "int64")})
        for number in range(3):
            rows, columns = read["spatial_shapes"][number]
            count = rows * columns
            self.assertLessEqual(count, 256)
            self.assertEqual(
                read["pixel_attention_mask"][number].tolist(), [1] * count + [0] * (256 - count))
            self.assertFalse(read["pixel_values"][number, count:].any())
            self.assertTrue(read["pixel_values"][number, :count].any(axis=1).all())
        single = self.run_stages(preset, {"stage": "encode", "format": "npy"}, output="single")
        for number, name in enumerate("abc"):
            np.testing.assert_array_equal(
                np.load(single / f"{name}.npy"), read["pixel_values"][number])
            for part in ("pixel_attention_mask", "spatial_shapes"):
                np.testing.assert_array_equal(
                    np.load(single / f"{name}.{part}.npy"), read[part][number])

    def test_qwen2vl(self):
        self.array("a.npy", (3, 60, 90))
        folder = self.run_stages(
            {"stage": "preset", "name": "qwen2vl", "patches": "model"},
            {"stage": "encode", "format": "webdataset", "images_per_shard": 5})
        (sample,) = webdataset.WebDataset(
            str(folder / "data-00000.tar"), shardshuffle=False).decode()
        _, rows, columns = sample["image_grid_thw.npy"]
        self.assertEqual(sample["npy"].shape, (rows * columns, 1176))
        halves = sample["npy"].reshape(-1, 3, 2, 196)
        np.testing.assert_array_equal(halves[:, :, 0], halves[:, :, 1])


if __name__ == "__main__":
    unittest.main()
