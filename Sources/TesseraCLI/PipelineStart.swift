/// A pipeline to start from: one of the files in `Starts`.
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

  /// The file's bytes: a pipeline for the images of the folder in which the file lies.
  ///
  /// It writes into `out`, from where it takes nothing.
  var content: [UInt8] {
    switch self {
    case .roundtrip: PackageResources.roundtrip_json
    case .filter: PackageResources.filter_json
    case .tiles: PackageResources.tiles_json
    case .vit: PackageResources.vit_json
    case .denoise: PackageResources.denoise_json
    }
  }

  /// The name of the schema beside it.
  static let schemaName = "pipeline.schema.json"
}
