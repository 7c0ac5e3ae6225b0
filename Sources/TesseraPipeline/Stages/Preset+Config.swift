import TesseraConfiguration
import TesseraCore
import TesseraEngine

extension PresetRecipe {
  /// Processors of Hugging Face whose work the keys of their files tell, without what follows their
  /// names in some versions: the family, and whether one number for a size is that of the shortest
  /// side.
  private static let processors: [(name: String, model: PresetModel, isShortest: Bool)] = [
    ("ViTImageProcessor", .vit, false), ("DeiTImageProcessor", .vit, false),
    ("BitImageProcessor", .dinov2, true), ("CLIPImageProcessor", .clip, true),
    ("DINOv3ViTImageProcessor", .dinov3, false), ("SiglipImageProcessor", .siglip, true),
    ("Siglip2ImageProcessor", .siglip2NaFlex, false),
    ("Qwen2VLImageProcessor", .qwen2VL, false),
  ]

  /// Keys that change no pixel.
  private static let silentKeys: Set<String> = [
    "image_processor_type", "feature_extractor_type", "processor_class", "image_processor_class",
    "auto_map", "transformers_version", "return_tensors", "input_data_format", "data_format",
    "backend", "use_fast", "_valid_processor_keys", "device", "disable_grouping",
    "default_to_square", "do_convert_rgb", "model_input_names", "name_or_path", "_commit_hash",
  ]

  /// Keys of every processor that tell what becomes of pixels.
  private static let commonKeys = [
    "do_resize", "size", "resample", "do_center_crop", "crop_size", "do_rescale",
    "rescale_factor", "do_normalize", "image_mean", "image_std", "do_pad", "pad_size",
  ]

  /// Keys of a family alone.
  private static func keys(of model: PresetModel) -> [String] {
    switch model {
    case .siglip2NaFlex: ["patch_size", "max_num_patches"]
    case .qwen2VL:
      ["patch_size", "min_pixels", "max_pixels", "merge_size", "temporal_patch_size"]
    default: []
    }
  }

  /// Reads what a `preprocessor_config.json` says.
  ///
  /// - Parameters:
  ///   - root: the file.
  ///   - stage: what the pipeline says beside its path.
  ///   - findings: takes everything that is wrong, or not known here.
  init(reading root: JSONValue, _ stage: Preset, _ findings: inout Findings) {
    var reader = ConfigReader(root: root)
    let type = reader.processor(among: Self.processors.map(\.name), &findings)
    let known = Self.processors.first { $0.name == type }
    let model = known?.model ?? .vit
    self.init(model, Preset())
    name = type ?? model.rawValue
    reader.refuseUnknown(Self.commonKeys + Self.keys(of: model), Self.silentKeys, &findings)
    patchSize = stage.patchSize ?? reader.integer("patch_size", &findings) ?? model.patchSize
    let isShortest = reader.flag("default_to_square", &findings).map { !$0 }
    readSizes(&reader, model, isShortest: isShortest ?? known?.isShortest ?? false, &findings)
    readValues(&reader, &findings)
    if let resample = reader.integer("resample", &findings) {
      let filters: [ResizeFilter] = [.nearest, .lanczos, .bilinear, .bicubic, .box, .hamming]
      if filters.indices.contains(resample) {
        filter = filters[resample]
      } else {
        reader.mismatch("resample", "an integer in 0…5, a filter of Pillow", &findings)
      }
    }
  }

  private mutating func readSizes(
    _ reader: inout ConfigReader, _ model: PresetModel, isShortest: Bool,
    _ findings: inout Findings
  ) {
    switch model {
    case .siglip2NaFlex:
      reader.refuse("size", "has no meaning beside \"max_num_patches\"", &findings)
      setPatches(most: reader.integer("max_num_patches", &findings) ?? 256)
    case .qwen2VL:
      readAreas(&reader, &findings)
    default:
      resizing = reader.resizing(isShortest: isShortest, &findings) ?? resizing
    }
    if reader.flag("do_resize", &findings) == false { resizing = .none }
    let crops = reader.flag("do_center_crop", &findings)
    let size = reader.square("crop_size", &findings)
    crop = crops ?? (crop != nil) ? size ?? crop : nil
    if crops == true, crop == nil {
      reader.mismatch("do_center_crop", "\"crop_size\" beside it", &findings)
    }
    if reader.flag("do_pad", &findings) == true {
      reader.refuse("do_pad", "asks for padding, which no preset has: a pad stage has", &findings)
    }
    reader.refuse("pad_size", "asks for padding, which no preset has", &findings)
  }

  private mutating func readAreas(_ reader: inout ConfigReader, _ findings: inout Findings) {
    for (key, only) in [("merge_size", 2), ("temporal_patch_size", 2)] {
      if let value = reader.integer(key, &findings), value != only {
        reader.mismatch(key, "\(only), as Qwen2-VL has it", &findings)
      }
    }
    let sides = reader.areas(&findings)
    let areas = Areas(
      least: reader.integer("min_pixels", &findings) ?? sides?.least ?? 3_136,
      most: reader.integer("max_pixels", &findings) ?? sides?.most ?? 12_845_056)
    if areas.isEmptyRange { reader.mismatch("min_pixels", "at most max_pixels", &findings) }
    setAreas(areas)
  }

  private mutating func readValues(_ reader: inout ConfigReader, _ findings: inout Findings) {
    let factor = reader.number("rescale_factor", .positive, &findings)
    if reader.flag("do_rescale", &findings) == false {
      rescaling = .none
    } else if let factor, factor != 1 / 255.0 {
      rescaling = .factor(factor)
    }
    let center = reader.numbers("image_mean", .any, &findings)
    let spread = reader.numbers("image_std", .positive, &findings)
    (mean, std) = (center ?? mean, spread ?? std)
    if reader.flag("do_normalize", &findings) == false { (mean, std) = (nil, nil) }
  }
}
