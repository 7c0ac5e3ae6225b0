/// The format of a file that errors tell of.
public enum FileFormat: String, Hashable, Sendable, CaseIterable {
  /// Portable Network Graphics.
  case png
  /// JPEG.
  case jpeg
  /// NumPy's array file.
  case npy
  /// WebP.
  case webp
  /// Tag Image File Format.
  case tiff
  /// Named tensors in one file.
  case safetensors
  /// The files that tell of a folder of arrays.
  case dataset

  /// The format of an image's file.
  public init(_ format: ImageFormat) {
    switch format {
    case .png: self = .png
    case .jpeg: self = .jpeg
    case .npy: self = .npy
    case .webp: self = .webp
    case .tiff: self = .tiff
    }
  }

  /// The format's name in messages.
  public var name: String {
    switch self {
    case .png: ImageFormat.png.name
    case .jpeg: ImageFormat.jpeg.name
    case .npy: ImageFormat.npy.name
    case .webp: ImageFormat.webp.name
    case .tiff: ImageFormat.tiff.name
    case .safetensors: "safetensors"
    case .dataset: "dataset"
    }
  }
}
