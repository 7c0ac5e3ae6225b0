import TesseraCodecs

/// A kind of file that `encode` writes, or of dataset.
public enum OutputFormat: String, Hashable, Sendable, CaseIterable {
  /// A picture per image, Portable Network Graphics.
  case png
  /// A picture per image, JPEG.
  case jpeg
  /// A picture per image, WebP.
  case webp
  /// A picture per image, TIFF.
  case tiff
  /// NumPy arrays, of an image or of many.
  case npy
  /// Safetensors files, of an image or of many.
  case safetensors
  /// Tar files of many images, as WebDataset reads them.
  case webdataset
  /// A picture per patch, with a metadata.jsonl, as Hugging Face's imagefolder reads it.
  case imagefolder
  /// A picture per patch.
  case tiles
}

extension OutputFormat {
  /// The format of a file of one image; `nil` for datasets.
  var imageFormat: ImageFormat? {
    switch self {
    case .png: .png
    case .jpeg: .jpeg
    case .npy: .npy
    case .webp: .webp
    case .tiff: .tiff
    case .safetensors, .webdataset, .imagefolder, .tiles: nil
    }
  }

  /// Extensions of the files in lower case, the usual one first.
  var extensions: [String] {
    switch self {
    case .safetensors: ["safetensors"]
    case .webdataset: ["tar"]
    case .imagefolder, .tiles: ImageFormat.png.extensions
    case .png, .jpeg, .npy, .webp, .tiff: imageFormat?.extensions ?? []
    }
  }

  /// Formats of a picture per image.
  static let pictures: [Self] = [.png, .jpeg, .webp, .tiff]
  /// Formats that hold arrays.
  static let arrays: [Self] = [.npy, .safetensors, .webdataset]
  /// Formats whose files always are those of a dataset.
  static let datasets: [Self] = [.webdataset, .imagefolder, .tiles]
  /// Formats that hold a picture per patch.
  static let picturesOfPatches: [Self] = [.imagefolder, .tiles]
}

/// The format of the pictures in a dataset.
public enum PictureFormat: String, Hashable, Sendable, CaseIterable {
  /// Portable Network Graphics.
  case png
  /// JPEG.
  case jpeg

  /// The format as codecs know it.
  package var imageFormat: ImageFormat { self == .png ? .png : .jpeg }
}
