"""values.json: normalisation tables, per-image normalisation and quantisation, by NumPy.

    python Tests/Vectors/make_values.py        (numpy 2.4)

`tables`: what the image processors of Hugging Face transformers compute, in their order: the
value times 1/255 or 1/65535 in float64, rounded to float32, then minus the mean and divided by
the deviation in float32. One row per channel of the preset; 8-bit rows hold all 256 values, 16-bit
rows every 257th.

`per_image`: TensorFlow's per_image_standardization, (x − mean) / max(σ, 1/√N) over all channels
with the population deviation, and (x − min)/(max − min), 0 where the image is constant.

`quantize`: [low, high] to 0…maximum, round half to even, saturated. Values that fall close to a
tie without being one are left out: there the last bit of float32 would decide.
"""

from pathlib import Path

import numpy as np

from splitmix import packed, signed_unit, write_lines

PRESETS = {
    "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "clip": ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]),
    "vit": ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
}


def table(name, maximum):
    mean, std = PRESETS[name]
    values = np.arange(0, maximum + 1, maximum // 255)
    scaled = (values.astype(np.float64) * (1 / maximum)).astype(np.float32)
    rows = [(scaled - np.float32(m)) / np.float32(s) for m, s in zip(mean, std)]
    return {"preset": name, "mean": mean, "std": std, "maximum": maximum,
            "step": maximum // 255, "rows": [packed(row, "<f4") for row in rows]}


def per_image(seed, shape, scale, offset):
    image = (signed_unit(seed, *shape) * scale + offset).astype(np.float32).astype(np.float64)
    spread = image.max() - image.min()
    standardized = (image - image.mean()) / max(image.std(), 1 / np.sqrt(image.size))
    minmax = (image - image.min()) / spread if spread else np.zeros_like(image)
    return {"shape": list(shape), "values": packed(image, "<f4"),
            "standardize": packed(standardized, "<f8"), "minmax": packed(minmax, "<f8")}


def quantize(seed, low, high, maximum):
    span = high - low
    values = (signed_unit(seed, 200) * 0.7 * span + (low + high) / 2).astype(np.float32)
    if span == maximum:
        ties = np.array([0.5, 1.5, 2.5, 3.5, 127.5, maximum - 0.5, -0.5], dtype=np.float32)
        values = np.concatenate([values, ties + np.float32(low)])
    values = np.concatenate([values, np.array([low, high, low - span, high + span], np.float32)])
    exact = (values.astype(np.float64) - low) / span * maximum
    distance = np.abs(exact - np.floor(exact) - 0.5)
    kept = (distance == 0) | (distance > 0.01)
    codes = np.clip(np.rint(exact[kept]), 0, maximum).astype(np.int64)
    saturated = int(((exact[kept] < -0.5) | (exact[kept] > maximum + 0.5)).sum())
    return {"low": low, "high": high, "maximum": maximum, "values": packed(values[kept], "<f4"),
            "codes": codes.tolist(), "saturated": saturated}


def main():
    records = {
        "tables": [table(name, maximum) for name in PRESETS for maximum in (255, 65535)],
        "per_image": [
            per_image(11, (3, 5, 7), 1, 0), per_image(12, (1, 4, 4), 100, 128),
            per_image(13, (2, 3, 3), 0, 0.25), per_image(14, (1, 1, 1), 1, 0),
            per_image(15, (4, 8, 9), 1e-3, 0.5)],
        "quantize": [
            quantize(21 + i, *limits) for i, limits in enumerate([
                (0, 1, 255), (0, 1, 65535), (-1, 1, 255), (0, 255, 255), (0, 65535, 65535),
                (-2.5, 3, 255), (-1, 1, 65535)])],
    }
    write_lines(Path(__file__).with_name("values.json"), f"numpy {np.__version__}; make_values.py",
                **records)


if __name__ == "__main__":
    main()
