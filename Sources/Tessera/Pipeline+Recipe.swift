import TesseraCore
import TesseraFiles
import TesseraPipeline

/// The version of Tessera.
public enum TesseraVersion {
  /// As `tessera --version` prints it.
  public static let text = "0.1.0"
}

extension Pipeline {
  /// What changes with everything but the inputs that an output depends on, and the version of
  /// Tessera: the stages, and the arrays that they name.
  ///
  /// For ``BatchOptions/recipe``.
  public var recipe: String {
    var text = digest
    for stage in stages {
      for (_, path) in stage.arrayPaths {
        // An array that cannot be read is reported where it is loaded.
        text += (try? FileDigest(of: resolve(path)))?.hash.hexadecimal ?? path
      }
    }
    return XXHash64.hash(text.utf8).hexadecimal
  }
}
