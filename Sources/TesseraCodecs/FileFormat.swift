/// The format of a file that errors tell of.
public enum FileFormat: String, Hashable, Sendable, CaseIterable {
  /// Portable Network Graphics.
  case png
  /// JPEG.
  case jpeg
  /// NumPy's array file.
  case npy
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
    }
  }

  /// The format's name in messages.
  public var name: String {
    switch self {
    case .png: ImageFormat.png.name
    case .jpeg: ImageFormat.jpeg.name
    case .npy: ImageFormat.npy.name
    case .safetensors: "safetensors"
    case .dataset: "dataset"
    }
  }
}
