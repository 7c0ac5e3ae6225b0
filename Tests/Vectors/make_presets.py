"""Makes presets.json: what the processors of vision models make of the pictures of samples/.

    python3 -m venv venv && venv/bin/pip install pillow numpy torch torchvision transformers xxhash
    venv/bin/python Tests/Vectors/make_presets.py
    venv/bin/python Tests/Vectors/make_presets.py --check PATH/tessera    # every value of every pair
    venv/bin/python Tests/Vectors/make_presets.py --check PATH/tessera 7  # and of 50 windows of that seed
    venv/bin/python Tests/Vectors/make_presets.py --backends              # PIL against torchvision

Pictures are samples, or windows of them, turned as EXIF asks. The processors are those of
transformers that work with PIL, torchvision's own transforms on PIL images for imagenet, and for
dinov3 the only one there is, on tensors. Decoders do not count: on all samples used Pillow 13's
libjpeg-turbo 3 and libjpeg-turbo 2.1.5 give the same bytes. Samples of 16 bits have no peer.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import PIL
import torch
import torchvision
import transformers
import xxhash
from PIL import Image, ImageOps
from torchvision import transforms as tv
from transformers.image_transforms import convert_to_rgb
from transformers.models.bit.image_processing_bit import BitImageProcessor
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_clip import CLIPImageProcessor
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.dinov3_vit.image_processing_dinov3_vit import DINOv3ViTImageProcessor
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.siglip.image_processing_siglip import SiglipImageProcessor
from transformers.models.siglip2.image_processing_pil_siglip2 import Siglip2ImageProcessorPil
from transformers.models.siglip2.image_processing_siglip2 import Siglip2ImageProcessor
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil
from transformers.models.vit.image_processing_vit import ViTImageProcessor

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLES = os.path.join(HERE, "..", "..", "samples")
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
IMAGENET = dict(image_mean=MEAN, image_std=STD)
DINOV2 = dict(size={"shortest_edge": 256}, crop_size={"height": 224, "width": 224}, **IMAGENET)
PIXELS = {"shortest_edge": 3136, "longest_edge": 12845056}

# Of each: the processor on PIL, and that on torchvision.
PROCESSORS = {
    "vit": (ViTImageProcessorPil(), ViTImageProcessor()),
    "clip": (CLIPImageProcessorPil(), CLIPImageProcessor()),
    "dinov2": (BitImageProcessorPil(**DINOV2), BitImageProcessor(**DINOV2)),
    "mae": (ViTImageProcessorPil(**IMAGENET), ViTImageProcessor(**IMAGENET)),
    "siglip": (SiglipImageProcessorPil(), SiglipImageProcessor()),
    "siglip2": (SiglipImageProcessorPil(resample=2), SiglipImageProcessor(resample=2)),
    "siglip2-naflex": (Siglip2ImageProcessorPil(), Siglip2ImageProcessor()),
    "qwen2vl": (Qwen2VLImageProcessorPil(size=PIXELS), Qwen2VLImageProcessor(size=PIXELS)),
    "dinov3": (DINOv3ViTImageProcessor(), None),
}
TORCHVISION = tv.Compose(
    [tv.Resize(256), tv.CenterCrop(224), tv.ToTensor(), tv.Normalize(MEAN, STD)])
PRESETS = list(PROCESSORS) + ["imagenet"]
# Presets whose rows of patches are compared, rather than images.
PATCHES = {"siglip2-naflex": "tokens_channels_last", "qwen2vl": "qwen2vl"}

WHOLE = [
    "astronaut.jpg", "brick-interlaced.png", "camera-gray.jpg", "chelsea-rgb.png",
    "chelsea-rotated.jpg", "clock-gray-alpha.png", "coffee-cmyk.jpg", "coffee-rgba.png",
    "horse-1bit.png", "retina-palette.png", "rocket-progressive.jpg",
]
# Height and width of windows.
SIZES = [
    (1, 1), (1, 300), (300, 1), (2, 3), (3, 2), (7, 5), (16, 16), (17, 31), (28, 28), (5, 150),
    (150, 5), (29, 113), (113, 29), (64, 200), (120, 121), (121, 120), (13, 13), (99, 1), (1, 99),
    (140, 100), (100, 140), (150, 151), (223, 225), (224, 224), (225, 223), (224, 300),
    (300, 224), (256, 256), (255, 257), (257, 300), (300, 330), (349, 224), (340, 7), (6, 320),
    (14, 280), (160, 160), (111, 37), (37, 111), (128, 64), (64, 128), (300, 301), (41, 43),
    (150, 2), (2, 150), (88, 144),
]


def pictures():
    found = [dict(sample=name, window=None) for name in WHOLE]
    sizes = {name: load(dict(sample=name, window=None)).size for name in WHOLE}
    turn = 0
    for index, (height, width) in enumerate(SIZES):
        # The next sample that is large enough.
        for _ in WHOLE:
            name = WHOLE[turn % len(WHOLE)]
            turn += 1
            if sizes[name][0] >= width and sizes[name][1] >= height:
                break
        else:
            raise ValueError((height, width))
        top = (sizes[name][1] - height) * (index % 5) // 4
        left = (sizes[name][0] - width) * (index % 3) // 2
        found.append(dict(sample=name, window=[top, left, height, width]))
    return found


def windows(seed):
    """Other windows, of any size."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(50):
        sample = WHOLE[random.integers(len(WHOLE))]
        width, height = load(dict(sample=sample, window=None)).size
        # Small sides are as frequent as large ones.
        h, w = (int(np.exp(random.uniform(0, np.log(side + 0.99)))) for side in (height, width))
        top, left = int(random.integers(height - h + 1)), int(random.integers(width - w + 1))
        found.append(dict(sample=sample, window=[top, left, h, w]))
    return found


def load(picture):
    image = ImageOps.exif_transpose(Image.open(os.path.join(SAMPLES, picture["sample"])))
    if picture["window"]:
        top, left, height, width = picture["window"]
        image = image.crop((left, top, left + width, top + height))
    return image


def rgb(image):
    return Image.fromarray(convert_to_rgb(image, return_numpy=True))


def takes(preset, image):
    return preset != "qwen2vl" or max(image.size) <= 200 * min(image.size)


def values(preset, image, backend=0):
    """What a processor makes of an image: (3, H, W), or rows of patches without those of zeros."""
    # Some processors refuse what is not RGB: all of them get it as the others make it.
    image = rgb(image)
    if preset == "imagenet":
        return TORCHVISION(image).numpy()
    kind = "pt" if backend or preset == "dinov3" else "np"
    made = PROCESSORS[preset][backend](image, return_tensors=kind)
    array = np.asarray(made["pixel_values"], dtype=np.float32)
    if preset == "siglip2-naflex":
        height, width = np.asarray(made["spatial_shapes"])[0]
        return array[0, : height * width]
    return array if preset == "qwen2vl" else array[0]


def places(count):
    """Some places in an array, the first and the last among them."""
    return [(count - 1) * step // 47 for step in range(48)]


def make():
    rows = []
    for number, picture in enumerate(pictures()):
        image = load(picture)
        results = {}
        for preset in PRESETS:
            if not takes(preset, image):
                continue
            array = values(preset, image)
            result = dict(shape=list(array.shape))
            if preset == "dinov3":
                flat = array.ravel()
                result["values"] = [float("%.9g" % flat[place]) for place in places(flat.size)]
            else:
                result["xxh64"] = xxhash.xxh64(np.ascontiguousarray(array).tobytes()).hexdigest()
            results[preset] = result
        rows.append(dict(picture, results=results))
        print(number, picture, file=sys.stderr)
    versions = dict(
        pillow=PIL.__version__, transformers=transformers.__version__,
        torch=torch.__version__.split("+")[0],
        torchvision=torchvision.__version__.split("+")[0])
    lines = ",\n".join(json.dumps(row) for row in rows)
    with open(os.path.join(HERE, "presets.json"), "w") as file:
        file.write('{"made_with": %s,\n"pictures": [\n%s\n]}\n' % (json.dumps(versions), lines))


def check(tessera, pictures):
    """Compares every value of every picture and preset, through the command."""
    worst, equal, count = {}, {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for picture in pictures:
            image = load(picture)
            for preset in PRESETS:
                if not takes(preset, image):
                    continue
                stages = [dict(stage="load")]
                if picture["window"]:
                    top, left, height, width = picture["window"]
                    stages.append(dict(stage="crop", size=[height, width], offset=[top, left]))
                work = dict(stage="preset", name=preset)
                encode = dict(stage="encode", format="npy")
                if preset in PATCHES:
                    work["patches"] = "model"
                stages += [work, encode]
                pipeline = os.path.join(folder, "p.json")
                with open(pipeline, "w") as file:
                    json.dump(dict(version=1, stages=stages), file)
                sample = os.path.join(SAMPLES, picture["sample"])
                output = os.path.join(folder, "o.npy")
                subprocess.run(
                    [tessera, "run", pipeline, sample, "-o", output, "--overwrite"], check=True,
                    capture_output=True)
                ours, theirs = np.load(output), values(preset, image)
                assert ours.shape == theirs.shape, (picture, preset, ours.shape, theirs.shape)
                difference = float(np.abs(ours.astype(np.float64) - theirs).max())
                worst[preset] = max(worst.get(preset, 0), difference)
                count[preset] = count.get(preset, 0) + 1
                equal[preset] = equal.get(preset, 0) + int(np.array_equal(ours, theirs))
                if preset != "dinov3" and difference:
                    print("differs:", picture, preset, difference)
    for preset in PRESETS:
        print(f"{preset}: {equal[preset]} of {count[preset]} equal to the bit, "
              f"largest difference {worst[preset]:.3g}")


def backends():
    """How far the processors on torchvision are from those on PIL, in levels of bytes."""
    for preset, pair in PROCESSORS.items():
        if pair[1] is None:
            continue
        std = np.asarray(pair[0].image_std, dtype=np.float64)
        for kind, keep in [("photographs", False), ("strips", True)]:
            largest, changed, total = 0.0, 0, 0
            for picture in pictures():
                image = load(picture)
                isStrip = max(image.size) > 8 * min(image.size)
                if isStrip != keep or not takes(preset, image):
                    continue
                one, other = values(preset, image), values(preset, image, 1)
                if one.ndim == 3:
                    levels = np.abs(one - other) * std[:, None, None] * 255
                else:
                    levels = np.abs(one - other) * std.min() * 255
                largest = max(largest, float(levels.max()))
                changed += int((levels > 0.5).sum())
                total += levels.size
            print(f"{preset}, {kind}: up to {largest:.1f} levels, "
                  f"{100 * changed / total:.2f} % of values")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2], windows(int(sys.argv[3])) if sys.argv[3:] else pictures())
    elif sys.argv[1:] == ["--backends"]:
        backends()
    else:
        make()
