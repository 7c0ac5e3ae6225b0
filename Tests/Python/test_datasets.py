"""Datasets as NumPy, safetensors, webdataset and datasets read them."""

import hashlib
import io
import json
import os
import tarfile
import unittest

import numpy as np
import safetensors.numpy
import webdataset

from workshop import Workshop, tokens

SIZES = [(40, 33), (16, 16), (25, 64), (31, 17), (8, 9), (24, 24), (50, 8)]


class Arrays(Workshop):
    """Patches of images of differing sizes."""

    def inputs(self):
        return {
            f"{folder}/{number:02}": self.array(f"{folder}/{number:02}.npy", (3, *size))
            for number, size in enumerate(SIZES) for folder in ("cat", "dog")}

    def stages(self, **keys):
        return [
            {"stage": "unfold", "kernel_size": 8, "stride": 8},
            {"stage": "encode", "images_per_shard": 4} | keys]

    def check_index(self, folder, images, suffix):
        dataset, rows = self.index(folder)
        self.assertEqual([row["key"] for row in rows], sorted(images))
        self.assertEqual(dataset["images"], len(images))
        self.assertEqual(dataset["patches"], sum(row["patches"] for row in rows))
        first = 0
        for number, shard in enumerate(dataset["shards"]):
            self.assertEqual(shard["file"], f"data-{number:05}.{suffix}")
            self.assertEqual(shard["bytes"], (folder / shard["file"]).stat().st_size)
            inside = [row for row in rows if row["shard"] == shard["file"]]
            self.assertEqual((shard["first_image"], shard["images"]), (first, len(inside)))
            place = 0
            for row in inside:
                self.assertEqual(row["first_patch"], place)
                place += row["patches"]
            self.assertEqual(shard["patches"], place)
            first += len(inside)
        for row in rows:
            _, height, width = images[row["key"]].shape
            self.assertEqual((row["height"], row["width"]), (height, width))
            self.assertEqual(row["size"], [height, width])
            self.assertEqual(row["grid"], [height // 8, width // 8])
        return dataset, rows

    def test_npy(self):
        images = self.inputs()
        for layout in (None, "tokens", "tokens_channels_last", "patches"):
            with self.subTest(layout=layout):
                keys = {"layout": layout} if layout else {}
                folder = self.run_stages(
                    *self.stages(format="npy", **keys), output=f"out-{layout}")
                dataset, rows = self.check_index(folder, images, "npy")
                self.assertEqual(dataset["layout"], layout or "tokens")
                for row in rows:
                    shard = np.load(folder / row["shard"], mmap_mode="r", allow_pickle=False)
                    found = shard[row["first_patch"]:row["first_patch"] + row["patches"]]
                    expected = tokens(images[row["key"]], 8)
                    if layout == "patches":
                        expected = expected.reshape(-1, 3, 8, 8)
                    if layout == "tokens_channels_last":
                        expected = expected.reshape(-1, 3, 64).transpose(0, 2, 1).reshape(-1, 192)
                    np.testing.assert_array_equal(found, expected)

    def test_safetensors(self):
        images = self.inputs()
        for dtype in ("uint8", "uint16", "float16", "float32"):
            with self.subTest(dtype=dtype):
                folder = self.run_stages(
                    *self.stages(format="safetensors", dtype=dtype), output=f"out-{dtype}")
                dataset, rows = self.check_index(folder, images, "safetensors")
                for shard in dataset["shards"]:
                    read = safetensors.numpy.load_file(folder / shard["file"])
                    self.assertEqual(set(read), {"patches", "offsets"})
                    self.assertEqual(read["patches"].dtype, dtype)
                    inside = [row for row in rows if row["shard"] == shard["file"]]
                    ends = [row["first_patch"] for row in inside] + [shard["patches"]]
                    self.assertEqual(read["offsets"].tolist(), ends)
                    scale = 257 if dtype == "uint16" else 1
                    for row, (begin, end) in zip(inside, zip(ends, ends[1:])):
                        np.testing.assert_array_equal(
                            read["patches"][begin:end],
                            tokens(images[row["key"]], 8).astype(dtype) * scale)

    def test_webdataset(self):
        images = self.inputs()
        folder = self.run_stages(*self.stages(format="webdataset", labels="folder"))
        dataset, rows = self.check_index(folder, images, "tar")
        self.assertEqual(dataset["classes"], ["cat", "dog"])
        urls = [str(folder / shard["file"]) for shard in dataset["shards"]]
        samples = list(webdataset.WebDataset(urls, shardshuffle=False).decode())
        self.assertEqual([sample["__key__"] for sample in samples], [row["key"] for row in rows])
        for sample, row in zip(samples, rows):
            np.testing.assert_array_equal(sample["npy"], tokens(images[row["key"]], 8))
            self.assertEqual(sample["json"], row)
            self.assertEqual(sample["cls"], ["cat", "dog"].index(row["label"]))
            self.assertEqual(row["label"], row["key"].split("/")[0])
        for url in urls:
            for member in tarfile.open(url):
                self.assertEqual(
                    (member.uid, member.gid, member.mtime, member.mode), (0, 0, 0, 0o644))
                self.assertEqual((member.uname, member.gname), ("", ""))

    def test_huggingface_reads_webdataset(self):
        import datasets

        images = self.inputs()
        folder = self.run_stages(*self.stages(format="webdataset"))
        read = datasets.load_dataset(
            "webdataset", data_files=str(folder / "data-*.tar"), split="train", streaming=True)
        rows = list(read)
        self.assertEqual([row["__key__"] for row in rows], sorted(images))
        for row in rows:
            np.testing.assert_array_equal(row["npy"], tokens(images[row["__key__"]], 8))

    def test_the_same_bytes_for_any_number_of_workers(self):
        self.inputs()
        for form in ("npy", "safetensors", "webdataset"):
            digests = []
            for jobs in ("1", "3"):
                folder = self.run_stages(
                    *self.stages(format=form), output=f"{form}-{jobs}", arguments=["-j", jobs])
                digests.append({
                    path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                    for path in folder.iterdir()
                    if path.name == "dataset.json" or path.name.startswith(("data-", "images"))})
            self.assertEqual(*digests)

    def test_a_name_that_is_no_text_has_its_row(self):
        self.array("b.npy", (3, 16, 16))
        path = self.root / "in" / os.fsdecode(b"a\xff.npy")
        path.write_bytes((self.root / "in" / "b.npy").read_bytes())
        for form in ("npy", "safetensors", "webdataset"):
            out = self.run_stages(
                {"stage": "unfold", "kernel_size": 8, "stride": 8},
                {"stage": "encode", "format": form, "images_per_shard": 2}, output=form)
            dataset, rows = self.index(out)
            self.assertEqual(dataset["images"], 2)
            self.assertEqual([row["source"] for row in rows], [path.name, "b.npy"])
            self.assertTrue((self.root / "in" / rows[0]["source"]).exists())

    def test_a_failed_image_leaves_no_hole(self):
        images = self.inputs()
        broken = self.root / "in" / "cat" / "02.npy"
        whole = broken.read_bytes()
        broken.write_bytes(whole[:-100])
        del images["cat/02"]
        for form in ("npy", "safetensors", "webdataset"):
            with self.subTest(format=form):
                folder = self.run_stages(*self.stages(format=form), output=form, status=65)
                suffix = "tar" if form == "webdataset" else form
                dataset, rows = self.check_index(folder, images, suffix)
                self.assertEqual([shard["images"] for shard in dataset["shards"]], [3, 4, 4, 2])
                if form == "safetensors":
                    for shard in dataset["shards"]:
                        read = safetensors.numpy.load_file(folder / shard["file"])
                        inside = [row for row in rows if row["shard"] == shard["file"]]
                        np.testing.assert_array_equal(
                            read["patches"],
                            np.concatenate([tokens(images[row["key"]], 8) for row in inside]))
                # Told again, and nothing is made anew, until that is asked for.
                before = (folder / dataset["shards"][0]["file"]).stat().st_mtime_ns
                self.run_stages(*self.stages(format=form), output=form, status=65)
                after = (folder / dataset["shards"][0]["file"]).stat().st_mtime_ns
                self.assertEqual(before, after)
                self.assertIn("cat/02", self.errors)
                others = {
                    shard["file"]: (folder / shard["file"]).stat().st_mtime_ns
                    for shard in dataset["shards"][1:]}
                self.run_stages(
                    *self.stages(format=form), output=form, status=65,
                    arguments=["--retry-failed"])
                again = (folder / dataset["shards"][0]["file"]).stat().st_mtime_ns
                self.assertNotEqual(after, again)
                for name, time in others.items():
                    self.assertEqual((folder / name).stat().st_mtime_ns, time)

    def test_shards_of_more_images_go(self):
        images = self.inputs()
        for form in ("npy", "webdataset"):
            folder = self.run_stages(*self.stages(format=form), output=form)
            suffix = "tar" if form == "webdataset" else form
            self.assertTrue((folder / f"data-00003.{suffix}").exists())
            for key in list(images)[:2]:
                (self.root / "in" / f"{key}.npy").rename(self.root / key.replace("/", "-"))
            (folder / f"data-00009.{suffix}").write_bytes(b"somebody's")
            self.run_stages(*self.stages(format=form), output=form)
            shards = sorted(path.name for path in folder.glob("data-*"))
            self.assertEqual(
                shards, [f"data-0000{number}.{suffix}" for number in (0, 1, 2, 9)])
            # Of another cut, too, where that replaces the first one.
            self.run_stages(
                *self.stages(format=form, images_per_shard=12), output=form,
                arguments=["--overwrite"])
            shards = sorted(path.name for path in folder.glob("data-*"))
            self.assertEqual(shards, [f"data-0000{number}.{suffix}" for number in (0, 9)])
            for key in list(images)[:2]:
                (self.root / key.replace("/", "-")).rename(self.root / "in" / f"{key}.npy")

    def test_one_file_per_image(self):
        images = self.inputs()
        folder = self.run_stages(
            {"stage": "unfold", "kernel_size": 8, "stride": 8},
            {"stage": "encode", "format": "safetensors", "layout": "tokens"})
        for key, image in images.items():
            read = safetensors.numpy.load_file(folder / f"{key}.safetensors")
            np.testing.assert_array_equal(read["patches"], tokens(image, 8))
        self.assertFalse((folder / "dataset.json").exists())


class Tiles(Workshop):
    """A picture per patch."""

    stages = [{"stage": "unfold", "kernel_size": [6, 8], "stride": [5, 8], "edge": "pad",
               "padding": 1}]

    def inputs(self):
        return {
            f"{folder}/{number}": self.array(f"{folder}/{number}.npy", (channels, 20, 30))
            for number in range(3) for folder, channels in (("cat", 3), ("dog", 3))}

    def test_imagefolder(self):
        import datasets
        from PIL import Image

        images = self.inputs()
        folder = self.run_stages(
            *self.stages, {"stage": "encode", "format": "imagefolder", "labels": "folder"})
        rows = [json.loads(line) for line in (folder / "metadata.jsonl").open()]
        dataset, lines = self.index(folder)
        self.assertEqual(len(rows), dataset["patches"])
        self.assertEqual({tuple(row) for row in rows}, {tuple(rows[0])})
        padded = {
            key: np.pad(image, ((0, 0), (1, 10), (1, 10))) for key, image in images.items()}
        for row in rows:
            key = row["source"].removesuffix(".npy")
            self.assertEqual(
                row["file_name"], f"{key}_r{row['grid_row']}_c{row['grid_col']}.png")
            self.assertEqual((row["y"], row["x"]), (row["grid_row"] * 5 - 1, row["grid_col"] * 8 - 1))
            picture = np.asarray(Image.open(folder / row["file_name"])).transpose(2, 0, 1)
            y, x = row["y"] + 1, row["x"] + 1
            np.testing.assert_array_equal(picture, padded[key][:, y:y + 6, x:x + 8])
            inside = images[key][
                :, row["valid_y"]:row["valid_y"] + row["valid_height"],
                row["valid_x"]:row["valid_x"] + row["valid_width"]]
            top, left = row["valid_y"] - row["y"], row["valid_x"] - row["x"]
            np.testing.assert_array_equal(
                picture[:, top:top + inside.shape[1], left:left + inside.shape[2]], inside)
        read = datasets.load_dataset("imagefolder", data_dir=str(folder), split="train")
        self.assertEqual(len(read), len(rows))
        self.assertEqual(set(read.column_names), set(rows[0]) - {"file_name"} | {"image"})
        folders = {path.name for path in folder.iterdir() if path.is_dir()}
        self.assertEqual(folders, {"cat", "dog"})

    def test_split_imagefolder(self):
        import datasets

        for number in range(20):
            self.array(f"{number}.npy", (1, 8, 8))
        folder = self.run_stages(
            {"stage": "unfold", "kernel_size": 4, "stride": 4},
            {"stage": "encode", "format": "imagefolder", "split": {"test": 0.3}})
        read = datasets.load_dataset("imagefolder", data_dir=str(folder))
        rows = self.index(folder)[1]
        for part in ("train", "test"):
            self.assertEqual(
                len(read[part]), sum(row["patches"] for row in rows if row["split"] == part))
            self.assertIn("patch_index", read[part].column_names)

    def test_tiles_of_large_folders_lie_in_subfolders(self):
        for number in range(3):
            self.array(f"{number}.npy", (1, 64, 64))
        folder = self.run_stages(
            {"stage": "unfold", "kernel_size": 1},
            {"stage": "encode", "format": "tiles"})
        self.assertFalse((folder / "metadata.jsonl").exists())
        counts = {
            path.name: len(list(path.iterdir())) for path in folder.iterdir() if path.is_dir()}
        self.assertEqual(counts, {"0000": 9999, "0001": 2289})
        again = self.run_stages(
            {"stage": "unfold", "kernel_size": 1}, {"stage": "encode", "format": "tiles"})
        self.assertIn("3 done before", self.errors)


class Parts(Workshop):
    """Splits, labels and keys."""

    def test_split(self):
        names = [f"{number}.npy" for number in range(60)]
        for name in names:
            self.array(name, (1, 4, 4))
        stages = [
            {"stage": "unfold", "kernel_size": 4},
            {"stage": "encode", "format": "npy", "images_per_shard": 10,
             "split": {"val": 0.2, "test": 0.1, "seed": 3}}]
        folder = self.run_stages(*stages)
        dataset, rows = self.index(folder)
        parts = [row["split"] for row in rows]
        self.assertEqual(parts, sorted(parts, key=["train", "val", "test"].index))
        for part in ("train", "val", "test"):
            keys = [row["key"] for row in rows if row["split"] == part]
            self.assertEqual(keys, sorted(keys))
            self.assertGreater(len(keys), 0)
        for row in rows:
            self.assertEqual(row["shard"].split("-")[0], row["split"])
            shard = np.load(folder / row["shard"])
            np.testing.assert_array_equal(
                shard[row["first_patch"]],
                np.load(self.root / "in" / row["source"]).reshape(-1))
        # An image stays in its part when others come.
        self.array("new.npy", (1, 4, 4))
        again = self.index(self.run_stages(*stages))[1]
        before = {row["key"]: row["split"] for row in rows}
        for row in again:
            self.assertEqual(before.get(row["key"], row["split"]), row["split"])

    def test_table_of_labels(self):
        for name in ("a.npy", "b/c.npy", "d.npy"):
            self.array(name, (1, 4, 4))
        (self.root / "labels.csv").write_text(
            'label,file_name\n"tabby, striped",a.npy\nowl,b/c.npy\n')
        stages = [
            {"stage": "unfold", "kernel_size": 4},
            {"stage": "encode", "format": "webdataset", "images_per_shard": 10,
             "labels": {"file": "labels.csv"}}]
        folder = self.run_stages(*stages, status=65)
        self.assertIn("no label", self.errors)
        dataset, rows = self.index(folder)
        self.assertEqual(dataset["classes"], ["owl", "tabby, striped"])
        self.assertEqual(
            {row["key"]: row["label"] for row in rows},
            {"a": "tabby, striped", "b/c": "owl"})

    def test_mistakes_are_told(self):
        self.array("a.npy", (1, 4, 4))
        cut = {"stage": "unfold", "kernel_size": 4}
        encode = {"stage": "encode", "format": "npy", "images_per_shard": 10}
        table = self.root / "labels.csv"
        for text, status, message in (
                ("file_name,label\nb.npy,x\n", 78, "'a.npy' as file_name"),
                ('file_name,label\n"a.npy,x\n', 78, "labels.csv:2: expected a quote that closes"),
                ("name,label\na.npy,x\n", 78, "labels.csv:1: expected the columns"),
                ("file_name,label\na.npy\n", 78, "labels.csv:2: expected a file_name and a label"),
                ("file_name,label\na.npy,x\na.npy,y\n", 78, "has the label 'x' already")):
            table.write_text(text)
            self.run_stages(
                cut, encode | {"labels": {"file": "labels.csv"}}, status=status)
            self.assertIn(message, self.errors)
        for stages, message in (
                ([cut, encode | {"layout": "torch"}], "joined one row per block"),
                ([encode], "bring them to it with resize or crop"),
                ([cut, encode, encode | {"format": "webdataset"}], "a folder of its own"),
                ([cut, encode | {"path": "a"}, encode | {"path": "b", "images_per_shard": 3}],
                 "another number"),
                ([cut, encode | {"dtype": "bfloat16"}], "goes only into"),
                ([cut, encode | {"split": {"val": 1.5}}], "add up to less than 1"),
                ([cut, {"stage": "encode", "format": "webdataset"}], "images_per_shard"),
                ([{"stage": "encode", "format": "tiles"}], "cut it with unfold"),
                ([cut, {"stage": "encode", "format": "npy", "split": {"val": 0.5}}],
                 "applies only to datasets")):
            self.run_stages(*stages, status=78)
            self.assertIn(message, self.errors)
        self.assertEqual(list((self.root / "out").rglob("data*")), [])

    def test_new_classes_make_shards_anew(self):
        self.array("dog/1.npy", (1, 4, 4))
        stages = [
            {"stage": "unfold", "kernel_size": 4},
            {"stage": "encode", "format": "webdataset", "images_per_shard": 1,
             "labels": "folder"}]
        self.run_stages(*stages)
        self.array("cat/1.npy", (1, 4, 4))
        folder = self.run_stages(*stages)
        dataset, rows = self.index(folder)
        for row in rows:
            with tarfile.open(folder / row["shard"]) as tar:
                number = int(tar.extractfile(row["key"] + ".cls").read())
            self.assertEqual(dataset["classes"][number], row["label"])

    def test_keys_have_no_dots_and_none_twice(self):
        self.array("a.b.npy", (1, 4, 4))
        stages = [
            {"stage": "unfold", "kernel_size": 4},
            {"stage": "encode", "format": "webdataset", "images_per_shard": 10}]
        folder = self.run_stages(*stages)
        self.assertEqual([row["key"] for row in self.index(folder)[1]], ["a_b"])
        self.array("a_b.npy", (1, 4, 4))
        self.run_stages(*stages, output="other", status=73)
        self.assertIn("a_b", self.errors)
        self.assertFalse((self.root / "other").exists())

    def test_an_image_of_another_kind_fails(self):
        self.array("a.npy", (3, 8, 8))
        self.array("b.npy", (1, 8, 8))
        self.array("c.npy", (3, 8, 8), "uint16")
        folder = self.run_stages(
            {"stage": "unfold", "kernel_size": 4},
            {"stage": "encode", "format": "npy", "images_per_shard": 10}, status=65)
        self.assertEqual([row["key"] for row in self.index(folder)[1]], ["a"])
        report = [json.loads(line) for line in (folder / "report.jsonl").open()]
        self.assertEqual(
            [line["error"] and line["error"]["kind"] for line in report], [None, "plan", "plan"])

    def test_pictures_in_webdataset(self):
        images = {name: self.array(f"{name}.npy", (3, 5, 4)) for name in "ab"}
        folder = self.run_stages(
            {"stage": "encode", "format": "webdataset", "images_per_shard": 10})
        samples = list(
            webdataset.WebDataset(
                str(folder / "data-00000.tar"), shardshuffle=False).decode("rgb8"))
        for sample in samples:
            np.testing.assert_array_equal(
                sample["png"], images[sample["__key__"]].transpose(1, 2, 0))


class Archives(Workshop):
    """Inputs in tar archives, as WebDataset shards are."""

    stages = [
        {"stage": "unfold", "kernel_size": 4, "stride": 4},
        {"stage": "encode", "format": "webdataset", "images_per_shard": 3}]

    def pack(self, path, members, form=tarfile.USTAR_FORMAT):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path, "w", format=form) as tar:
            for name, content in members:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))

    def picture(self, number, size=(8, 8)):
        from PIL import Image

        values = self.random.integers(0, 256, (*size, 3)).astype("uint8")
        buffer = io.BytesIO()
        Image.fromarray(values).save(buffer, "PNG")
        return values.transpose(2, 0, 1), buffer.getvalue()

    def test_shards_of_pictures(self):
        for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            images = {}
            for shard in range(2):
                members = []
                for number in range(4):
                    folder = "long" * 30 + "/" if form != tarfile.USTAR_FORMAT else ""
                    key = f"s{shard}/ßtraße/{folder}{number:05}"
                    images[key], content = self.picture(number, (8, 4 * (number + 1)))
                    members += [
                        (f"{key}.seg.png", content), (f"{key}.cls", b"%d" % number),
                        (f"{key}.json", b'{"a": 1}'), (f"{key}.txt", "Bär".encode())]
                self.pack(self.root / "in" / f"train-{shard:06}.tar", members, form)
            folder = self.run_stages(*self.stages, output=f"out-{form}")
            dataset, rows = self.index(folder)
            self.assertEqual([row["key"] for row in rows], sorted(images))
            for row in rows:
                shard = row["key"][1]
                self.assertEqual(
                    row["source"], f"train-00000{shard}.tar/{row['key']}.seg.png")
                self.assertEqual(row["label"], str(int(row["key"][-5:])))
            urls = [str(folder / shard["file"]) for shard in dataset["shards"]]
            for sample, row in zip(
                    webdataset.WebDataset(urls, shardshuffle=False).decode(), rows):
                np.testing.assert_array_equal(sample["npy"], tokens(images[row["key"]], 4))
                self.assertEqual(sample["txt"], "Bär")
                self.assertEqual(sample["cls"], int(row["label"]))
                self.assertEqual(sample["json"], row)
                self.assertEqual(sample["sample.json"], {"a": 1})
            self.run_stages(*self.stages, output=f"out-{form}")
            self.assertIn("8 done before", self.errors)

    def test_plain_outputs(self):
        _, content = self.picture(0)
        self.pack(self.root / "in" / "a.tar", [("x/1.png", content), ("x/.hidden.png", content)])
        folder = self.run_stages({"stage": "encode", "format": "png"})
        self.assertEqual(
            [str(path.relative_to(folder)) for path in folder.rglob("*.png")], ["a.tar/x/1.png"])

    def test_hostile_names(self):
        _, content = self.picture(0)
        self.pack(
            self.root / "in" / "a.tar",
            [("../../x.png", content), ("/etc/y.png", content), ("z.png", content)])
        folder = self.run_stages(*self.stages, status=65)
        self.assertEqual([row["key"] for row in self.index(folder)[1]], ["z"])
        self.assertEqual(self.errors.count("stays inside of the archive"), 2)

    def test_archive_that_is_cut(self):
        members = [(f"{number}.png", self.picture(number, (40, 40))[1]) for number in range(3)]
        self.pack(self.root / "in" / "a.tar", members)
        path = self.root / "in" / "a.tar"
        whole = path.read_bytes()
        for cut in (100, 512, 3000, 6000, len(whole) - 12000):
            path.write_bytes(whole[:cut])
            self.run_stages(*self.stages, output=f"cut-{cut}", status=65)
        self.assertIn("1.png", whole[:8000].decode("latin1"))

    def test_keys_of_two_archives(self):
        _, content = self.picture(0)
        for name in "ab":
            self.pack(self.root / "in" / f"{name}.tar", [("1.png", content)])
        self.run_stages(*self.stages, status=73)


if __name__ == "__main__":
    unittest.main()
