"""How users of PyTorch prepare photographs for DINOv2."""

import torch
from PIL import Image
from torchvision import transforms
from torchvision.io import decode_jpeg, read_file
from torchvision.transforms import v2

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

ON_PILLOW = transforms.Compose(
    [
        transforms.Resize(256, interpolation=transforms.InterpolationMode.BICUBIC),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, DEVIATION),
    ]
)
ALONE = v2.Compose(
    [
        v2.Resize(256, interpolation=v2.InterpolationMode.BICUBIC, antialias=True),
        v2.CenterCrop(224),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(MEAN, DEVIATION),
    ]
)


def pillow(file):
    """With Pillow's decoder and resize: the pixels that the models were published with."""
    with Image.open(file) as image:
        return ON_PILLOW(image.convert("RGB"))


def as_processor(file):
    """The same as Hugging Face's processor crops: of an odd rest, half is rounded down."""
    resize, crop, *rest = ON_PILLOW.transforms
    with Image.open(file) as image:
        image = resize(image.convert("RGB"))
    top, left = ((side - size) // 2 for side, size in zip(image.size[::-1], crop.size))
    image = transforms.functional.crop(image, top, left, *crop.size)
    return transforms.Compose(rest)(image)


def torchvision_alone(file):
    """The fastest that torchvision has: its own decoder, and its own resize of bytes."""
    return ALONE(decode_jpeg(read_file(str(file))))


class Images(torch.utils.data.Dataset):
    """Files, and what is made of each."""

    def __init__(self, files, make):
        self.files = files
        self.make = make

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        return self.make(self.files[index])
