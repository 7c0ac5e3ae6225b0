"""Makes the files in Corpus/ that searches begin with; those of findings are left alone.

Needs nothing but Python. Run it in its own folder:

    python3 make_corpus.py

Their names begin with "seed-". JPEG files are those of Tests/TesseraCodecsTests/Vectors with other
segments.
"""

import glob
import io
import json
import os
import struct
import tarfile
import zlib

VECTORS = "../TesseraCodecsTests/Vectors"


def write(target, name, data):
  os.makedirs(f"Corpus/{target}", exist_ok=True)
  with open(f"Corpus/{target}/seed-{name}", "wb") as file:
    file.write(data)


def read(path):
  with open(path, "rb") as file:
    return file.read()


def tiff(orientation, order="<"):
  """Exif data with an orientation, a resolution, a directory of its own and a thumbnail."""
  start = {"<": b"II*\0", ">": b"MM\0*"}[order]
  entry = lambda tag, kind, count, value: struct.pack(order + "HHII", tag, kind, count, value)
  short = lambda value: struct.unpack(order + "I", struct.pack(order + "HH", value, 0))[0]
  first = struct.pack(order + "H", 5) + entry(0x0112, 3, 1, short(orientation)) + entry(
    0x011A, 5, 1, 140) + entry(0x011B, 5, 1, 140) + entry(0x0128, 3, 1, short(2)) + entry(
      0x8769, 4, 1, 100) + struct.pack(order + "I", 148)
  own = struct.pack(order + "H", 2) + entry(0xA002, 4, 1, 6) + entry(0xA003, 4, 1, 4) + bytes(4)
  second = struct.pack(order + "H", 2) + entry(0x0201, 4, 1, 178) + entry(0x0202, 4, 1, 4) + bytes(4)
  body = start + struct.pack(order + "I", 8) + first
  body += bytes(100 - len(body)) + own
  body += bytes(140 - len(body)) + struct.pack(order + "II", 300, 1) + second
  return body + b"\xff\xd8\xff\xd9"


def profile(space=b"RGB "):
  """The beginning of an ICC profile, with tags."""
  tags = struct.pack(">I", 2) + b"rXYZ" + struct.pack(">II", 156, 20) + b"rTRC" + struct.pack(
    ">II", 176, 14)
  data = tags + b"XYZ \0\0\0\0" + struct.pack(">iii", 28578, 14581, 911)
  data += b"curv\0\0\0\0" + struct.pack(">IH", 1, 563)
  head = bytearray(128)
  head[0:4] = struct.pack(">I", 128 + len(data))
  head[8:12] = b"\x02\x10\0\0"
  head[12:24] = b"mntr" + space + b"XYZ "
  head[36:40] = b"acsp"
  head[68:80] = struct.pack(">iii", 63190, 65536, 54061)
  return bytes(head) + data


# PNG


def chunk(kind, data=b""):
  return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, color, before=(), interlace=0, after=()):
  channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
  rows, step = b"", 7
  passes = [(0, 0, 1, 1)] if not interlace else [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
  for x, y, across, along in passes:
    columns = (width - x + across - 1) // across
    for row in range(y, height, along) if columns > 0 else ():
      count = (columns * channels * depth + 7) // 8
      rows += bytes([row % 5]) + bytes((row * 31 + index * step) % 256 for index in range(count))
  parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace))]
  parts += before
  parts += [chunk(b"IDAT", zlib.compress(rows)), *after, chunk(b"IEND")]
  return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def make_png():
  palette = chunk(b"PLTE", bytes(range(48)))
  for color, depths in [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 4]), (4, [8]), (6, [8, 16])]:
    for depth in depths:
      before = [palette] if color == 3 else []
      write("png", f"{color}-{depth}", png(5, 4, depth, color, before, interlace=depth % 3 == 1))
  write("png", "palette-alpha", png(5, 4, 4, 3, [palette, chunk(b"tRNS", bytes(range(9)))]))
  write("png", "key", png(5, 4, 8, 2, [chunk(b"tRNS", bytes(6))]))
  icc = chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile()))
  write("png", "metadata", png(3, 2, 8, 2, [
    icc, chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)), chunk(b"eXIf", tiff(6))]))
  write("png", "colors", png(3, 2, 8, 2, [
    chunk(b"cICP", bytes([9, 16, 0, 1])), chunk(b"sRGB", b"\0"),
    chunk(b"gAMA", struct.pack(">I", 45455)), chunk(b"sBIT", b"\5\6\5"),
    chunk(b"cHRM", struct.pack(">8I", *range(31270, 31278))), chunk(b"bKGD", bytes(6)),
    chunk(b"mDCV", bytes(24)), chunk(b"cLLI", bytes(8))]))
  packet = b'<x:xmpmeta xmlns:tiff="a"><rdf tiff:Orientation="8"/></x:xmpmeta>'
  write("png", "text", png(3, 2, 8, 0, after=[
    chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet),
    chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n      8\n49492a0008000000\n"))]))
  write("png", "cut", png(9, 9, 8, 6)[:-40])


# JPEG


def segment(marker, data):
  return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def make_webp_and_tiff():
  for name in ["lossy-3-37x19", "lossless-4-1x1", "lossy-4-80x64", "metadata", "animation"]:
    write("webp", name, read(f"{VECTORS}/webp/{name}.webp"))
  for name in ["strips-u1-3-packbits", "tiles-f4-1-packbits", "planes-u1-3-lzw", "bits-group4",
               "palette-11"]:
    write("tiff", name, read(f"{VECTORS}/tiff/{name}.tif"))


def make_jpeg():
  small = {name: read(f"{VECTORS}/jpeg/{name}.jpg")
           for name in ["gray", "one-pixel", "progressive-gray", "arithmetic", "sampling-2x2"]}
  for name, data in small.items():
    write("jpeg", name, data)
  xmp = b'http://ns.adobe.com/xap/1.0/\0<rdf tiff:Orientation="3"/>'
  parts = [profile()[:90], profile()[90:]]
  icc = b"".join(segment(0xE2, b"ICC_PROFILE\0" + bytes([index + 1, 2]) + part)
                 for index, part in enumerate(parts))
  for name, segments in [
      ("exif", segment(0xE1, b"Exif\0\0" + tiff(5))), ("exif-big", segment(0xE1, b"Exif\0\0" + tiff(8, ">"))),
      ("xmp", segment(0xE1, xmp)), ("icc", icc),
      ("mpo", segment(0xE2, b"MPF\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0xB001, 4, 1, 2, 0)))]:
    write("jpeg", name, small["gray"][:2] + segments + small["gray"][2:])
  write("jpeg", "two-pictures", small["one-pixel"] + small["one-pixel"])
  write("jpeg", "cut", small["sampling-2x2"][:-200])


# Arrays


def npy(descr, shape, data, fortran=False, version=1):
  text = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}".encode()
  text += b" " * (-(len(text) + 11) % 64) + b"\n"
  length = struct.pack("<H", len(text)) if version == 1 else struct.pack("<I", len(text))
  return b"\x93NUMPY" + bytes([version, 0]) + length + text + data


def safetensors(header, data=b""):
  text = json.dumps(header).encode()
  return struct.pack("<Q", len(text)) + text + data


def make_npy():
  values = struct.pack("<12f", *[0.5 * value for value in range(12)])
  write("npy", "f4", npy("<f4", (3, 4), values))
  write("npy", "f4-fortran", npy("<f4", (2, 2, 3), values, fortran=True))
  write("npy", "f8-big", npy(">f8", (2, 3), struct.pack(">6d", *range(6))))
  write("npy", "u1", npy("|u1", (2, 3, 3), bytes(range(18))))
  write("npy", "b1", npy("|b1", (2, 2), b"\0\1\1\0", version=2))
  write("npy", "i8", npy("<i8", (3,), struct.pack("<3q", -1, 0, 1), version=3))
  write("npy", "f2", npy("<f2", (2, 2, 1), struct.pack("<4e", 0, 1, -1, 0.5)))
  write("npy", "number", npy("<u2", "()", b"\1\2"))
  write("npy", "none", npy("<i4", (0, 4), b""))
  write("npy", "patches", npy("|u1", (4, 4), bytes(range(16))))
  write("npy", "patches-few", npy("<u2", (4, 2), bytes(range(16))))
  write("npy", "patches-planes", npy("<f2", (4, 1, 2, 2), bytes(range(32))))
  write("npy", "windows", npy("|u1", (2, 2, 2, 2, 1), bytes(range(16))))
  tensor = lambda kind, shape, start, end: {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
  write("npy", "tensors", safetensors({
    "__metadata__": {"format": "pt"}, "a.weight": tensor("F32", [2, 2], 0, 16),
    "a.bias": tensor("BF16", [2], 16, 20), "n": tensor("I64", [], 20, 28)}, bytes(28)))
  write("npy", "tensors-none", safetensors({}))
  write("npy", "tensors-types", safetensors({
    kind: tensor(kind, [1], 8 * index, 8 * index + size) for index, (kind, size) in enumerate([
      ("F64", 8), ("U64", 8), ("I64", 8)])}, bytes(24)))


# Archives


def tar(form, members):
  data = io.BytesIO()
  with tarfile.open(fileobj=data, mode="w", format=form) as archive:
    for name, content, change in members:
      member = tarfile.TarInfo(name)
      member.size = len(content)
      for key, value in change.items():
        setattr(member, key, value)
      archive.addfile(member, io.BytesIO(content))
  return data.getvalue().rstrip(b"\0") + bytes(1024)


def make_tar():
  plain = [("a.png", b"one", {}), ("b/c.png", b"two", {})]
  write("tar", "ustar", tar(tarfile.USTAR_FORMAT, plain))
  write("tar", "gnu", tar(tarfile.GNU_FORMAT, [("n" * 120, b"long", {})]))
  write("tar", "pax", tar(tarfile.PAX_FORMAT, [
    ("é/" + "m" * 110, b"long", {"pax_headers": {"comment": "a", "mtime": "1.5"}})]))
  write("tar", "kinds", tar(tarfile.GNU_FORMAT, [
    ("d", b"", {"type": tarfile.DIRTYPE}), ("s", b"", {"type": tarfile.SYMTYPE, "linkname": "a"}),
    ("h", b"", {"type": tarfile.LNKTYPE, "linkname": "a.png"}), *plain]))
  sparse = {"pax_headers": {"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                            "GNU.sparse.name": "a", "GNU.sparse.realsize": "512"}}
  write("tar", "sparse", tar(tarfile.PAX_FORMAT, [("s", b"1\n0\n3\n".ljust(512, b"\0") + b"abc", sparse)]))
  image = png(5, 4, 8, 2)
  write("tar", "samples", tar(tarfile.USTAR_FORMAT, [
    ("a/1.png", image, {}), ("a/1.cls", b"7\n", {}), ("a/1.json", b'{"a": [1]}', {}),
    ("b.png", png(3, 3, 8, 2), {}), ("b.txt", b"a caption", {}), ("../c.png", image, {}),
    ("/d.png", image, {}), ("e", read(f"{VECTORS}/jpeg/gray.jpg"), {})]))
  write("tar", "same-names", tar(tarfile.USTAR_FORMAT, [("b.png", image, {})] * 2))
  write("tar", "cut", tar(tarfile.USTAR_FORMAT, plain)[:700])


# Documents


def make_json():
  for path in sorted(glob.glob("../../Pipelines/*.json")):
    name = os.path.basename(path)[:-len(".json")]
    if name != "pipeline.schema":
      write("json", name, json.dumps(json.loads(read(path)), separators=(",", ":")).encode())
  write("json", "values", b'\xef\xbb\xbf{"a\\u00e9\\ud83d\\ude00\\udc80":[1e-9,-0.0,1.5E+300,9007199254740993,true,null],"":{}}')
  stages = [
    {"stage": "load", "path": "."}, {"stage": "random_resized_crop", "size": 16}, {"stage": "flip"},
    {"stage": "unfold", "kernel_size": [3, 5], "stride": 2, "padding": "same"},
    {"stage": "transform.dct"}, {"stage": "transform.idct"}, {"stage": "fold"},
    {"stage": "encode", "path": "out", "format": "npy"}]
  write("json", "random", json.dumps({"version": 1, "stages": stages}).encode())


def make_lists():
  write("lists", "lines", b"F\xef\xbb\xbf# list\r\na.png\r\n../b c.png\n\n/tmp/d\xff.png")
  write("lists", "nuls", b"Fa\nb.png\0c.png\0\0./d/../e.png\0")
  write("lists", "wide", b"F\xff\xfea\0.\0p\0")
  write("lists", "labels", b'Lfile_name,label\r\na.png,cat\n"b ""1"".png","x,\ny"\n')
  write("lists", "labels-open", b'Llabel,more,file_name\n1,2,"a')
  write("lists", "numbers", b"S0,3-5,7-6,999999999")
  write("lists", "glob", b"G**/{a,b{1,2}}*[!0-9].p?g\nx/y/a1z.png")
  write("lists", "glob-stars", b"G**/*a*b*\nx/aab")
  write("lists", "template", b"T{stem}_{channel}/{index}.png")
  plan = {
    "version": 2, "tessera": "0.1.0", "kernels": "avx2", "codecs": ["libpng 1.6.39"],
    "digest": "0123456789abcdef", "root": [{"path": "/data", "name": ""}], "output": None,
    "inputs": 2, "inputs_xxh64": "0123456789abcdef", "inputs_by": "content", "views": 2,
    "parts": [2], "images_per_file": 1, "shards": [{"first": 0, "count": 2}],
    "pipeline_folder": "/p", "pipeline": {"version": 1, "stages": []}, "common": None}
  lines = ['{"path":"a.png","size":1,"xxh64":"0123456789abcdef"}',
           '{"path":"b","size":2,"root":0,"file":"x.tar","member":"b.png","offset":512,"note":{}}', ""]
  done = {"shard": 0, "plan": "DIGEST", "inputs": 4, "failed": 1, "report": "ef46db3751d8e999",
          "seconds": 1.5, "host": "h"}
  running = {"shard": 0, "host": "h", "process": 1, "ended": 1, "failed": 0, "inputs": 4, "rate": 2.5}
  parts = [json.dumps(plan), "\n".join(lines), json.dumps(done), json.dumps(running)]
  write("lists", "plan", b"P" + "\0".join(parts).encode())
  two = {**plan, "shards": [{"first": 0, "count": 1}, {"first": 1, "count": 1}]}
  write("lists", "plan-running", b"P" + "\0".join(
    [json.dumps(two), parts[1], "", parts[3], parts[3]]).encode())
  write("lists", "plan-dataset", b"P" + dataset_plan().encode())
  write("lists", "plan-empty", b"P" + json.dumps(
    {**plan, "parts": [0], "shards": [{"first": 0, "count": 0}], "inputs": 0, "views": None}).encode() + b"\0")


def dataset_plan():
  """A plan as `tessera plan` writes it, and its inputs."""
  header = {
    "format": "png", "shape": [3, 7, 9], "type": "uint8", "colors": "rgb", "states_colors": True,
    "alpha": False, "inverted_cmyk": False, "orientation": 1, "bits": 8, "whole": False,
    "planes": False, "column_step": None, "decoder_bytes": 196880, "decoder": "libpng 1.6.39"}
  stages = [{"stage": "load", "path": "in"}, {"stage": "unfold", "kernel_size": 2, "stride": 2},
            {"stage": "encode", "path": "out", "format": "imagefolder"}]
  plan = {
    "version": 2, "tessera": "0.6.0", "kernels": "avx2", "codecs": [], "digest": "f3a5151ff53d72cb",
    "root": [{"path": "/in", "name": "in"}], "output": None, "inputs": 2,
    "inputs_xxh64": "36e3485ff007788b", "inputs_by": "content", "views": None, "parts": [2],
    "images_per_file": 1, "shards": [{"first": 0, "count": 1}, {"first": 1, "count": 1}],
    "pipeline_folder": "/", "pipeline": {"version": 1, "stages": stages},
    "common": {"reference": {"key": "a", "view": 0, "header": header}, "classes": {"2": []}}}
  lines = [f'{{"path":"{name}.png","size":257,"xxh64":"dab12f3e69b4b982","note":{{"2":[{note}]}}}}\n'
           for name, note in [("a", "null"), ("b", "9")]]
  return json.dumps(plan) + "\0" + "".join(lines)


def make_datasets():
  """What tells of a dataset, and its only file, parted by NULs."""
  description = {
    "version": 1, "tessera": "0.6.0", "pipeline": "892cf4d0b1a67e77", "format": "npy",
    "layout": "tokens", "dtype": "uint8", "patch": [1, 2, 2], "joined": True,
    "geometry": {
      "kernel_size": [2, 2], "stride": [2, 2], "padding": [0, 0], "dilation": [1, 1],
      "padding_mode": "zeros", "edge": "drop"},
    "stages": [{"stage": "load"}, {"stage": "unfold", "kernel_size": 2, "stride": 2}],
    "images": 2, "patches": 7, "decoders": ["libpng 1.6.39"],
    "shards": [{
      "file": "data-00000.npy", "bytes": 156, "xxh64": "e2a7939870d46289", "first_image": 0,
      "images": 2, "patches": 7}]}
  values = bytes(range(28))
  array = npy("|u1", (7, 4), values)

  def row(key, first, patches, **more):
    return {
      "key": key, "source": key + ".png", "width": 5, "height": 4, "size": [4, 5],
      "grid": [2, 2], "shard": "data-00000.npy", "first_patch": first, "patches": patches} | more

  a, b = row("a", 0, 4), row("b", 4, 3, blocks=[0, 1, 3], label="x")

  def dataset(name, changes, rows, file):
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    write("datasets", name, b"\0".join([
      json.dumps(description | changes).encode(), lines.encode(), file]))

  dataset("joined", {}, [a, b], array)
  dataset("far", {}, [a | {"first_patch": 1 << 62}, b], array)
  dataset("same-keys", {}, [a, a], array)
  dataset("normalized", {
    "dtype": "float32", "pixels": "uint8",
    "normalize": {"scale": 0.00392156862745098, "mean": [0.5], "std": [0.25]},
  }, [a, b], npy("<f4", (7, 4), struct.pack("<28f", *values)))
  one = {"joined": False, "images": 1, "patches": 4, "shards": [
    description["shards"][0] | {"images": 1, "patches": 4}]}
  dataset("torch", one | {"layout": "torch"}, [a], npy("<u2", (1, 4, 4), bytes(range(32))))
  dataset(
    "windows", one | {"layout": "windows"}, [a],
    npy("|u1", (1, 2, 2, 2, 2, 1), bytes(range(16))))
  tensors = {
    "a": {"dtype": "U8", "shape": [4, 4], "data_offsets": [0, 16]},
    "b": {"dtype": "U8", "shape": [3, 4], "data_offsets": [16, 28]}}
  dataset(
    "safetensors", {"format": "safetensors"},
    [row | {"shard": "data-00000.safetensors"} for row in (a, b)], safetensors(tensors, values))
  members = [("a.npy", npy("|u1", (4, 4), values[:16]), {})]
  dataset(
    "tar", {"format": "webdataset"}, [a | {"shard": "data-00000.tar"}],
    tar(tarfile.USTAR_FORMAT, members))
  pictures = {"split": "train", "view": 1}
  description = {
    key: value for key, value in description.items() if key not in ("layout", "patch", "geometry")}
  dataset("pictures", {}, [a | pictures], b"")


def make_records():
  item = "a.png\t3\t17\t0123456789abcdef\t{}\t\t\t"
  failed = "b.png\t3\t17\t\t\tmalformed\t1\tno%09end"
  lines = [
    f"record\tdone\trecipe\t0.1.0\t.\t1\t{item}\ta.npy\t128\t0123456789abcdef",
    f"record\tstarted\trecipe\t0.1.0\t.\t2\t{item}\t{failed}\ta.npy\tnew\t\tb.npy\tforeign\t",
    f"record\treleased\trecipe\t0.1.0\tsub\t1\t{failed}",
    "see\t../other", "begun\tsub/%25"]
  for index, line in enumerate(lines):
    write("records", f"line-{index}", line.encode())
  write("records", "lines", "\n".join(lines + lines[:1]).encode())
  write("records", "first-version", (
    "done\ta.png\t3\t17\trecipe-0.1.0\t{}\ta.npy\t128\t0123456789abcdef\n"
    "shard\tstarted\trecipe-0.1.0\t1\ta.png\t3\t17\t{}\t\t\t\ta.npy\t128\t0123456789abcdef").encode())
  write("records", "report", b"\n".join([
    b'{"source":"a.png","status":"ok","error":null,"shape":[1,2],"seconds":0.5}',
    b'{"source":"a.png","status":"skipped","error":null,"seconds":0}',
    b'{"source":"a.png","status":"failed","error":{"kind":"malformed"},"seconds":0}']))


def make_children():
  four = struct.pack("<9f", *range(9))
  write("children", "one", b"\0\3" + npy("<f4", (1, 1, 1, 1), four[:4]))
  write("children", "patches", b"\1\1" + npy("<u2", (5, 1, 1, 3), bytes(range(30))))
  write("children", "fortran", b"\2\7" + npy("<f8", (4, 2, 3, 4), bytes(768), fortran=True))
  write("children", "many", b"\3\xff" + npy("|b1", (300, 1, 8, 8), bytes(200)))
  write("children", "whole", b"\3\xff" + npy("|u1", (300, 1, 8, 8), bytes(range(256)) * 75))
  write("children", "surplus", b"\0\1" + npy("<f4", (1, 1, 1, 1), four[:5]))
  write("children", "words", b"\0\1Traceback (most recent call last):")


def make_pipeline():
  def pipeline(*stages, color=None):
    load = {"stage": "load", "path": "."} | ({"color": color} if color else {})
    return json.dumps({"version": 1, "stages": [load, *stages]}, separators=(",", ":")).encode() + b"\0"

  encode = lambda form="npy", **more: {"stage": "encode", "path": "out", "format": form, **more}
  unfold = {"stage": "unfold", "kernel_size": 3, "stride": 2, "padding": 1}
  rgb, deep = png(9, 7, 8, 2), png(9, 7, 16, 0)
  jpeg = read(f"{VECTORS}/jpeg/gray.jpg")
  array = npy("<f4", (1, 4, 4), struct.pack("<16f", *range(16)))
  for name, stages, image in [
      ("unfold", [unfold, encode()], rgb), ("fold", [unfold, {"stage": "fold"}, encode("png")], rgb),
      ("resize", [{"stage": "resize", "size": [5, 6]}, encode("png")], jpeg),
      ("crop", [{"stage": "crop", "size": 4}, {"stage": "pad", "amount": 2, "padding_mode": "reflect"}, encode()], deep),
      ("median", [{"stage": "median", "kernel_size": 3}, encode("png")], deep),
      ("normalize", [{"stage": "normalize", "mean": 0.5, "std": 0.5}, encode()], array),
      ("convolve", [{"stage": "convolve", "bank": {"name": "sobel"}}, encode()], array),
      ("dct", [unfold, {"stage": "transform.dct"}, {"stage": "transform.idct"}, {"stage": "fold"}, encode()], array),
      ("random", [{"stage": "random_resized_crop", "size": 4}, {"stage": "flip"}, encode("jpeg")], rgb)]:
    write("pipeline", name, pipeline(*stages) + image)
  for path in sorted(glob.glob("../../Pipelines/*.json")):
    text = json.loads(read(path))
    if "stages" in text and not any(stage.get("stage") == "transform.command" for stage in text["stages"]):
      name = os.path.basename(path)[:-len(".json")]
      write("pipeline", "shipped-" + name, json.dumps(text, separators=(",", ":")).encode() + b"\0" + rgb)


if __name__ == "__main__":
  for old in glob.glob("Corpus/*/seed-*"):
    os.remove(old)
  for make in [make_png, make_jpeg, make_webp_and_tiff, make_npy, make_tar, make_json, make_lists,
               make_datasets, make_records, make_children, make_pipeline]:
    make()
