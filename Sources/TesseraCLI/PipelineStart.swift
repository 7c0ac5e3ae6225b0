import TesseraPipeline

/// A pipeline to start from.
enum PipelineStart: String, CaseIterable {
  case roundtrip, filter, tiles, vit, denoise

  /// What it makes of images, in a line.
  var summary: String {
    switch self {
    case .roundtrip: "cuts images up, puts them together again, and compares: nothing may be lost"
    case .filter: "blurs images, or filters them with any other bank of kernels"
    case .tiles: "cuts images into tiles of one size, a file each"
    case .vit: "makes the tokens of a vision transformer, a dataset that Python reads"
    case .denoise: "takes noise out of photographs"
    }
  }

  /// The name of its file.
  var fileName: String { "\(rawValue).json" }

  /// The file's text: a pipeline for the images of the folder in which the file lies.
  ///
  /// It writes into `out`, from where it takes nothing.
  var text: String {
    """
    {
      "$schema": "\(Self.schemaName)",
      "version": 1,
      "description": "\(description)",
      "stages": [
        { "stage": "load", "path": ".", "exclude": ["out/**"]\(loading) },
    \(stages)
      ]
    }

    """
  }

  /// The name of the schema beside it.
  static let schemaName = "pipeline.schema.json"

  /// What the pipeline does, and what to change in it.
  private var description: String {
    switch self {
    case .roundtrip:
      """
      Cuts every image into overlapping blocks, puts them together again, and fails any image of which \
      one value differs from what was loaded. To change: kernel_size, the side of a block, and stride, \
      the distance between two [pixels].
      """
    case .filter:
      """
      Blurs every image with a Gaussian; hidden colours of transparent pixels do not leak into their \
      neighbours. To change: sigma, the deviation of the Gaussian, and kernel_size, an odd side of at \
      least six times that [pixels]; or the bank: 'tessera bank unsharp' shows another one's kernels.
      """
    case .tiles:
      """
      Cuts every image into tiles, a PNG file each, named by row and column; those at the right and at \
      the bottom are filled up with the mirrored image. To change: kernel_size and stride, the side of a \
      tile and the distance between two [pixels]; edge to drop, to leave partial tiles out.
      """
    case .vit:
      """
      Makes a dataset of the 14 × 14 patches that a ViT-B/16 sees of every image, as float32 arrays: \
      resized, cropped to 224 × 224 and normalised as for ImageNet. To change: name, the model's family \
      ('tessera stages preset' lists them); images_per_shard, the images in a file; format to \
      safetensors or webdataset.
      """
    case .denoise:
      """
      Takes Gaussian noise out of photographs: the cosine coefficients of all 8 × 8 patches, without \
      those that noise explains. To change: sigma, the noise's standard deviation in units of 0 … 255; \
      twice as much smooths more, half as much keeps more detail.
      """
    }
  }

  /// How images are loaded, behind what is loaded.
  private var loading: String {
    switch self {
    case .roundtrip: #", "color": "rgb", "alpha": "keep""#
    case .filter: #", "color": "rgb", "alpha": "premultiply""#
    case .tiles: #", "color": "rgb", "alpha": "matte""#
    case .denoise: #", "color": "rgb""#
    // The preset's own processor decides.
    case .vit: ""
    }
  }

  /// The stages behind `load`, a line each.
  private var stages: String {
    switch self {
    case .roundtrip:
      """
          { "stage": "unfold", "kernel_size": 16, "stride": 7, "edge": "shift" },
          { "stage": "fold", "normalize": "count" },
          { "stage": "compare", "metrics": ["psnr", "max_abs"], "require": { "max_abs": 0 } },
          { "stage": "encode", "path": "out/roundtrip", "format": "png", "verify": true }
      """
    case .filter:
      """
          { "stage": "normalize" },
          {
            "stage": "convolve",
            "bank": { "name": "gaussian", "kernel_size": 13, "sigma": 2 },
            "padding": "same",
            "padding_mode": "reflect"
          },
          { "stage": "encode", "path": "out/filter", "format": "png" }
      """
    case .tiles:
      """
          { "stage": "unfold", "kernel_size": 256, "stride": 256, "edge": "pad", "padding_mode": "symmetric" },
          { "stage": "encode", "path": "out/tiles", "format": "tiles", "bit_depth": 8 }
      """
    case .vit:
      """
          { "stage": "preset", "name": "vit", "patches": "model" },
          { "stage": "encode", "path": "out/vit", "format": "npy", "images_per_shard": 256 }
      """
    case .denoise:
      """
          { "stage": "normalize" },
          { "stage": "unfold", "kernel_size": 8, "padding": 7, "padding_mode": "reflect" },
          { "stage": "transform.dct_threshold", "sigma": 10 },
          { "stage": "fold" },
          { "stage": "encode", "path": "out/denoise", "format": "png" }
      """
    }
  }
}
