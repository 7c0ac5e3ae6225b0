"""Patches that become images again: stored ones, a model's, and those of other libraries."""

import itertools
import json
import unittest

import numpy as np
import safetensors.numpy
from PIL import Image

from workshop import Workshop, tokens

CUT = {"stage": "unfold", "kernel_size": [4, 3], "stride": [3, 2], "padding": 1, "edge": "pad"}
NORMALIZE = {"stage": "normalize", "mean": [0.4, 0.5, 0.6], "std": [0.2, 0.25, 0.3]}


class Rebuild(Workshop):
    """load with layout, dataset or geometry, then fold."""

    def pictures(self, sizes=((17, 20), (8, 9), (12, 31)), mode="RGB"):
        """Pictures below `in`, by the keys of a dataset."""
        pictures = {}
        for number, (height, width) in enumerate(sizes):
            shape = (height, width) if mode in ("L", "I;16") else (height, width, len(mode))
            limit = 65_536 if mode == "I;16" else 256
            values = self.random.integers(0, limit, shape)
            values = values.astype(np.uint16 if mode == "I;16" else np.uint8)
            path = self.root / "in" / "d" / f"{number}.x.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(values).save(path)
            pictures[f"d/{number}_x"] = values
        return pictures

    def rebuild(self, load, *stages, output="back", status=0):
        """Runs load, some stages and encode, and gives the output folder."""
        done = self.run_pipeline([{"stage": "load"} | load, *stages, {"stage": "encode"}], output)
        self.assertEqual(done.returncode, status, done.stderr)
        self.errors = done.stderr
        return self.root / output

    def check(self, folder, pictures, largest=0):
        for key, values in pictures.items():
            found = np.asarray(Image.open(folder / f"{key}.png"))
            self.assertEqual(found.dtype, values.dtype)
            self.assertEqual(found.shape, values.shape)
            difference = np.abs(found.astype(int) - values.astype(int)).max()
            self.assertLessEqual(difference, largest, key)

    def test_every_format_and_type(self):
        """Every way to store joined patches, of images that differ in size, comes back."""
        for mode in ("RGB", "L", "RGBA", "LA", "I;16"):
            pictures = self.pictures(mode=mode)
            channels = {"L": 1, "I;16": 1, "LA": 1}.get(mode, 3)
            normalize = NORMALIZE | {
                key: NORMALIZE[key][:channels] for key in ("mean", "std")}
            for number, (form, dtype, layout) in enumerate(itertools.product(
                    ("npy", "safetensors", "webdataset"), (None, "float32", "float16", "bfloat16"),
                    ("tokens", "tokens_channels_last", "patches"))):
                if dtype == "bfloat16" and form != "safetensors":
                    continue
                if mode != "RGB" and (form, layout) != ("safetensors", "tokens_channels_last"):
                    continue
                stages = [CUT] if dtype is None else [normalize, CUT]
                keys = {} if dtype is None else {"dtype": dtype}
                name = f"{mode}{number}".replace(";", "")
                self.run_stages(
                    *stages, {
                        "stage": "encode", "format": form, "images_per_shard": 2,
                        "layout": layout} | keys, output=name)
                back = self.rebuild({"dataset": name}, {"stage": "fold"}, output=name + "b")
                largest = {"float16": 1, "bfloat16": 2}.get(dtype, 0)
                if mode == "I;16" and largest:
                    largest *= 256
                self.check(back, pictures, largest)

    def test_stacked(self):
        """Images of one size, in orders that need it too."""
        pictures = self.pictures([(18, 24)] * 5)
        for form, layout in itertools.product(
                ("npy", "safetensors", "webdataset"),
                ("torch", "windows", "tokens", "qwen2vl", "patches")):
            cut = {"stage": "unfold", "kernel_size": [3, 4], "stride": [3, 4]}
            name = form + layout
            self.run_stages(
                {"stage": "crop", "size": [18, 24]}, cut,
                {"stage": "encode", "format": form, "images_per_shard": 2, "layout": layout},
                output=name)
            back = self.rebuild({"dataset": name}, {"stage": "fold"}, output=name + "b")
            self.check(back, pictures)

    def test_left_out(self):
        """Blocks that were let go are 0, the others where they were."""
        pictures = self.pictures([(16, 24)] * 3)
        cut = {"stage": "unfold", "kernel_size": 4, "stride": 4}
        for choice in ({"stage": "mask", "ratio": 0.6}, {"stage": "sample", "count": 5},
                       {"stage": "select", "by": "mean", "min": 0.5}):
            name = choice["stage"]
            scale = [{"stage": "normalize"}] if name == "select" else []
            self.run_stages(
                *scale, {"stage": "crop", "size": [16, 24]}, cut, choice,
                {"stage": "encode", "format": "safetensors", "images_per_shard": 2}, output=name)
            _, rows = self.index(self.root / name)
            back = self.rebuild(
                {"dataset": name}, {"stage": "fold", "uncovered": "zero"}, output=name + "b")
            expected = {}
            for row in rows:
                image = np.zeros_like(pictures[row["key"]])
                for block in row.get("blocks", range(24)):
                    y, x = block // 6 * 4, block % 6 * 4
                    image[y:y + 4, x:x + 4] = pictures[row["key"]][y:y + 4, x:x + 4]
                expected[row["key"]] = image
            self.check(back, expected)
            if any("blocks" in row for row in rows):
                self.rebuild(
                    {"dataset": name}, {"stage": "fold"}, output=name + "e", status=78)

    def test_models(self):
        """Presets' own patches, padded and merged ones among them."""
        pictures = self.pictures([(50, 61), (120, 33)])
        for preset in ("siglip2-naflex", "qwen2vl", "mae", "clip", "dinov2"):
            self.run_stages(
                {"stage": "preset", "name": preset, "patches": "model"},
                {"stage": "encode", "format": "safetensors", "images_per_shard": 2},
                output=preset)
            made = self.run_stages(
                {"stage": "preset", "name": preset}, {"stage": "encode"}, output=preset + "d")
            back = self.rebuild({"dataset": preset}, {"stage": "fold"}, output=preset + "b")
            self.check(back, {
                key: np.asarray(Image.open(made / f"{key.replace('_x', '.x')}.png"))
                for key in pictures})

    def test_a_models_output(self):
        """Other arrays under the names of the dataset's, of another type and number of channels."""
        pictures = self.pictures([(16, 24)] * 3)
        cut = {"stage": "unfold", "kernel_size": 4, "stride": 4}
        made = self.run_stages(
            {"stage": "crop", "size": [16, 24]}, cut,
            {"stage": "encode", "format": "npy", "images_per_shard": 2}, output="made")
        (self.root / "model").mkdir()
        (self.root / "single").mkdir()
        _, rows = self.index(made)
        for shard in sorted({row["shard"] for row in rows}):
            np.save(self.root / "model" / shard, 255 - np.load(made / shard))
        for row in rows:
            shard = np.load(made / row["shard"])
            number = row["first_patch"] // row["patches"]
            path = self.root / "single" / f"{row['key']}.npy"
            path.parent.mkdir(exist_ok=True)
            np.save(path, shard[number].reshape(24, 3, 16)[:, 0].astype(">f8"))
        back = self.rebuild({"dataset": "made", "path": "model"}, {"stage": "fold"})
        self.check(back, {key: 255 - values for key, values in pictures.items()})
        done = self.run_pipeline(
            [{"stage": "load", "dataset": "made", "path": "single"}, {"stage": "fold"},
             {"stage": "encode", "format": "npy"}], "gray")
        self.assertEqual(done.returncode, 0, done.stderr)
        gray = self.root / "gray"
        for key, values in pictures.items():
            np.testing.assert_array_equal(np.load(gray / f"{key}.npy")[0], values[..., 0])

    def test_arrays_of_others(self):
        """A torch unfold, MAE's and NaFlex's patches, with no dataset at all."""
        image = self.random.integers(0, 256, (3, 20, 28)).astype(np.uint8)
        cut = tokens(image, 8, 4)
        cases = {
            "one": (cut.T, "torch"), "rows": (cut, "tokens"), "many": (cut.T[None], "torch"),
            "big": (cut.astype(">f4"), "tokens"), "wide": (cut.astype(np.int64), "tokens"),
            "blocks": (cut.reshape(-1, 3, 8, 8), "patches")}
        for name, (array, layout) in cases.items():
            folder = self.root / "of" / name
            folder.mkdir(parents=True)
            np.save(folder / "a.b.npy", np.ascontiguousarray(array))
            back = self.run_stages(
                {"stage": "fold"}, {"stage": "encode", "format": "npy"},
                load={"path": f"of/{name}", "layout": layout, "geometry": {
                    "output_size": [20, 28], "kernel_size": 8, "stride": 4}},
                output=name + "b")
            key = "a_b_00000" if name == "many" else "a_b"
            np.testing.assert_array_equal(np.load(back / f"{key}.npy"), image)

    def test_naflex_of_timm(self):
        """Patches with their places, in any order, of images that differ in size."""
        images = [self.random.random((3, 16 * rows, 16 * columns)).astype(np.float32)
                  for rows, columns in ((2, 3), (4, 1))]
        patches = np.zeros((2, 8, 768), np.float32)
        coordinates = np.zeros((2, 8, 2), np.int64)
        valid = np.zeros((2, 8), bool)
        for number, image in enumerate(images):
            rows, columns = image.shape[1] // 16, image.shape[2] // 16
            places = [(y, x) for y in range(rows) for x in range(columns)]
            for row, place in enumerate(self.random.permutation(places)):
                y, x = (int(side) * 16 for side in place)
                patches[number, row] = image[:, y:y + 16, x:x + 16].transpose(1, 2, 0).reshape(-1)
                coordinates[number, row] = place
                valid[number, row] = True
        folder = self.root / "timm"
        folder.mkdir()
        safetensors.numpy.save_file(
            {"patches": patches, "patch_coord": coordinates, "patch_valid": valid},
            folder / "batch.safetensors")
        (self.root / "loose").mkdir()
        np.save(self.root / "loose" / "batch.npy", patches)
        np.save(self.root / "loose" / "batch.patch_coord.npy", coordinates)
        np.save(self.root / "loose" / "batch.patch_valid.npy", valid)
        for name in ("timm", "loose"):
            back = self.run_stages(
                {"stage": "fold"}, {"stage": "encode", "format": "npy"},
                load={"path": name, "layout": "tokens_channels_last",
                      "geometry": {"kernel_size": 16}}, output=name + "b")
            for number, image in enumerate(images):
                np.testing.assert_array_equal(
                    np.load(back / f"batch_0000{number}.npy"), image)

    def test_what_goes_along_counts(self):
        """Patches whose places have changed are other inputs."""
        folder = self.root / "n"
        folder.mkdir()
        np.save(folder / "a.npy", np.arange(4, dtype=np.uint8).reshape(4, 1))
        places = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        np.save(folder / "a.patch_coord.npy", places)
        load = {"path": "n", "layout": "tokens", "geometry": {"kernel_size": 1}}
        stages = [{"stage": "fold"}, {"stage": "encode", "format": "npy"}]
        made = self.run_stages(*stages, load=load)
        np.testing.assert_array_equal(np.load(made / "a.npy"), [[[0, 1], [2, 3]]])
        np.save(folder / "a.patch_coord.npy", places[::-1])
        self.run_stages(*stages, load=load, status=65)
        self.run_stages(*stages, load=load, arguments=["--overwrite"])
        np.testing.assert_array_equal(np.load(made / "a.npy"), [[[3, 2], [1, 0]]])

    def test_a_refused_run_keeps_shards(self):
        """What another pipeline has written stays, and its index tells the truth."""
        self.pictures([(16, 24)] * 3)
        cut = {"stage": "unfold", "kernel_size": 4, "stride": 4}
        encode = {"stage": "encode", "format": "npy", "images_per_shard": 2}
        crop = {"stage": "crop", "size": [16, 24]}
        made = self.run_stages(crop, cut, encode)
        self.run_stages(crop, cut, encode | {"dtype": "float32"}, status=65)
        dataset, _ = self.index(made)
        for shard in dataset["shards"]:
            self.assertTrue((made / shard["file"]).is_file())

    def test_what_does_not_fit(self):
        """Each mistake has its own words, and the other images come back."""
        pictures = self.pictures([(16, 24)] * 4)
        cut = {"stage": "unfold", "kernel_size": 4, "stride": 4}
        made = self.run_stages(
            {"stage": "crop", "size": [16, 24]}, cut,
            {"stage": "encode", "format": "npy", "images_per_shard": 2}, output="made")
        shard = (made / "data-00001.npy").read_bytes()
        (made / "data-00001.npy").write_bytes(shard[:-10])
        back = self.rebuild({"path": "made", "layout": "tokens"}, {"stage": "fold"}, status=65)
        self.assertIn("d/3_x", self.errors)
        self.assertIn("the file has", self.errors)
        self.check(back, dict(list(pictures.items())[:3]))
        (made / "data-00001.npy").unlink()
        self.rebuild({"dataset": "made"}, {"stage": "fold"}, output="b2", status=65)
        self.assertIn("d/2_x", self.errors)
        (made / "data-00001.npy").write_bytes(shard)
        for change, text in (
                (("images.jsonl", '"grid":[4,6]', '"grid":[4,5]'), "blocks"),
                (("images.jsonl", '"key":"d/0_x"', '"key":"../d/0_x"'), "stays inside"),
                (("images.jsonl", '"key":"d/1_x"', '"key":"d/0_x"'), "already"),
                (("dataset.json", '"patches":48', '"patches":47'), "48"),
                (("dataset.json", '"kernel_size":[4,4]', '"kernel_size":[4,5]'), "kernel_size"),
                (("dataset.json", '"version":1', '"version":2'), "version"),
                (("images.jsonl", '"size":[16,24]', '"size":[16]'), "images.jsonl:1"),
                (("dataset.json", "{", "["), "dataset.json:1"),
                (("images.jsonl", '"grid":[4,6]', '"grid":[4611686018427387904,4]'), "grid"),
                (("dataset.json", '"kernel_size":[4,4]',
                  '"kernel_size":[4294967296,4294967296]'), "kernel_size"),
                (("images.jsonl", '"first_patch":24', '"first_patch":9223372036854775807'),
                 "first_patch"),
                (("dataset.json", '"images":4', '"images":5'), "expected 5 lines")):
            file, old, new = change
            text_before = (made / file).read_text()
            self.assertIn(old, text_before)
            (made / file).write_text(text_before.replace(old, new, 1))
            name = f"e{abs(hash(change))}"
            done = self.run_pipeline(
                [{"stage": "load", "dataset": "made"}, {"stage": "fold"}, {"stage": "encode"}],
                name)
            self.assertIn(done.returncode, (65, 66), (change, done.stderr))
            self.assertIn(text, done.stderr)
            (made / file).write_text(text_before)
        # Grids that the order or the array cannot have, and shapes larger than their files.
        claim = b"(1000000000000, 4, 768)"
        header = (self.root / "claim.npy")
        np.save(header, np.zeros((1, 4, 768), np.uint8))
        data = header.read_bytes()
        header.write_bytes(data[:128].replace(b"(1, 4, 768), }" + b" " * (len(claim) - 11), claim + b", }"))
        np.save(self.root / "odd.npy", np.zeros((9, 2), np.uint8))
        np.save(self.root / "wide.npy", np.zeros((2, 8, 1, 1, 1), np.uint8))
        np.save(self.root / "told.npy", np.zeros((1, 8, 1), np.uint8))
        np.save(self.root / "told.spatial_shapes.npy", np.array([[2, 3]]))
        for name, layout, geometry, text in (
                ("claim", "tokens", {"output_size": 32, "kernel_size": 16, "stride": 16}, "bytes"),
                ("odd", "qwen2vl", {"output_size": 3, "kernel_size": 1}, "even"),
                ("wide", "windows", {"output_size": 4, "kernel_size": 1}, "blocks"),
                ("told", "tokens", {"output_size": 2, "kernel_size": 1}, "output_size")):
            self.run_stages(
                {"stage": "fold"}, {"stage": "encode"}, output=name + "o", status=65,
                load={"path": f"{name}.npy", "layout": layout, "geometry": geometry})
            self.assertIn(text, self.errors)
        np.save(self.root / "x.npy", np.zeros((5, 48), np.uint8))
        self.run_stages(
            {"stage": "fold"}, {"stage": "encode"},
            load={"path": "x.npy", "layout": "tokens",
                  "geometry": {"output_size": 16, "kernel_size": 4, "stride": 4}},
            output="x", status=65)
        self.assertIn("expected 16 patches", self.errors)


if __name__ == "__main__":
    unittest.main()
