"""Makes embeddings/: weights of patch embeddings as the libraries save them, and what these give.

    python3 -m venv venv && venv/bin/pip install numpy torch timm transformers safetensors
    venv/bin/python Tests/Vectors/make_embeddings.py

Images follow from seeds (`splitmix.py`), as do the weights of the convolutions; timm and
transformers start theirs at random, and save them. expected.safetensors holds the tokens (L, M) of
each case, without class tokens. Ran with torch 2.15, timm 1.0.31, transformers 5.24.
"""

import os

import numpy as np
import torch
from safetensors.torch import save_file
from timm.models.vision_transformer import VisionTransformer
from transformers import ViTConfig, ViTModel

from splitmix import signed_unit

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "embeddings")
OUTPUTS = 8


def values(seed, *shape):
    return torch.from_numpy(
        np.array(signed_unit(seed, int(np.prod(shape))), dtype=np.float32).reshape(shape))


def tokens(image, weight, bias, stride):
    layer = torch.nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2:], stride=stride)
    layer.weight.data, layer.bias.data = weight.float(), bias.float()
    # Sums in float64: the exact result, near enough.
    return layer.double()(image.double()[None])[0].flatten(1).T.float().contiguous()


os.makedirs(FOLDER, exist_ok=True)
torch.manual_seed(0)
expected, layers = {}, {}
# Of each: seed and size of the image, kernel, stride, type of the stored weights.
CASES = {
    "conv4": (1, (12, 20), (4, 4), (4, 4), torch.float32),
    "rest": (2, (13, 22), (4, 4), (4, 4), torch.float32),
    "conv14": (3, (28, 42), (14, 14), (14, 14), torch.float32),
    "oblong": (4, (9, 21), (2, 5), (2, 5), torch.float32),
    "overlap": (5, (12, 20), (4, 4), (2, 3), torch.float32),
    "brain": (6, (12, 20), (4, 4), (4, 4), torch.bfloat16),
    "half": (7, (12, 20), (4, 4), (4, 4), torch.float16),
}
for name, (seed, size, kernel, stride, dtype) in CASES.items():
    weight = (values(100 + seed, OUTPUTS, 3, *kernel) / 8).to(dtype)
    bias = values(200 + seed, OUTPUTS).to(dtype)
    layers[f"{name}.proj.weight"], layers[f"{name}.proj.bias"] = weight, bias
    expected[name] = tokens(values(seed, 3, *size), weight, bias, stride)
save_file(layers, os.path.join(FOLDER, "torch.safetensors"))

image = values(8, 3, 12, 12)[None]
vit = VisionTransformer(
    img_size=12, patch_size=4, embed_dim=OUTPUTS, depth=0, num_heads=1, num_classes=0).eval()
torch.nn.init.normal_(vit.patch_embed.proj.bias)
torch.nn.init.normal_(vit.pos_embed)
with torch.no_grad():
    expected["timm"] = vit.patch_embed(image)[0].contiguous()
    expected["timm_position"] = vit._pos_embed(vit.patch_embed(image))[0, 1:].contiguous()
save_file(vit.state_dict(), os.path.join(FOLDER, "timm.safetensors"))

image = values(9, 3, 28, 28)[None]
model = ViTModel(ViTConfig(
    hidden_size=OUTPUTS, image_size=28, patch_size=14, num_hidden_layers=0, num_attention_heads=1,
    intermediate_size=4), add_pooling_layer=False).eval()
torch.nn.init.normal_(model.embeddings.patch_embeddings.projection.bias)
torch.nn.init.normal_(model.embeddings.position_embeddings)
with torch.no_grad():
    expected["hf"] = model.embeddings.patch_embeddings(image)[0].contiguous()
    expected["hf_position"] = model.embeddings(image)[0, 1:].contiguous()
model.save_pretrained(FOLDER)
os.rename(os.path.join(FOLDER, "model.safetensors"), os.path.join(FOLDER, "hf.safetensors"))
os.remove(os.path.join(FOLDER, "config.json"))

save_file(expected, os.path.join(FOLDER, "expected.safetensors"))
