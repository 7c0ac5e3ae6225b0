import TesseraCore
import TesseraFiles
import TesseraPipeline

/// The version of Tessera.
public enum TesseraVersion {
  /// As `tessera --version` prints it.
  public static let text = "0.8.0"
}

extension Pipeline {
  /// What changes with everything that an output depends on but the inputs and the version of Tessera.
  ///
  /// It knows the stages, the arrays that they name, and how the folders of several outputs lie to
  /// each other. Where inputs are and where outputs go does not count.
  ///
  /// For ``BatchOptions/recipe``.
  public var recipe: String {
    let folders = relativeOutputFolders.joined(separator: "\0")
    return Self.hash(digestWithoutPlaces + folders + arrays)
  }

  /// What version 0.1 told pipelines apart by, at first and later, for
  /// ``BatchOptions/formerRecipes``.
  public var formerRecipes: [String] {
    [fowlerNollVoDigest, digest].map { Self.hash($0 + arrays) }
  }

  /// FNV-1a of 64 bits over the stages as compact JSON.
  private var fowlerNollVoDigest: String {
    compactText.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }.hexadecimal
  }

  private var arrays: String {
    var text = ""
    for stage in stages {
      for path in stage.arrayPaths + stage.documentPaths.map(\.path) {
        // An array that cannot be read is reported where it is loaded.
        text += FileDigest(ofFile: ByteSource(path: resolve(path)))?.hash.hexadecimal ?? path
      }
    }
    return text
  }

  private static func hash(_ text: String) -> String { XXHash64.hash(text.utf8).hexadecimal }
}
