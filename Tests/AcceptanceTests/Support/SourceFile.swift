import Foundation

/// A Swift file of the modules.
struct SourceFile {
  /// Its path from `Sources/` on.
  var path: String
  var text: String

  /// The module that it belongs to.
  var module: String { String(path.prefix { $0 != "/" }) }

  /// Every Swift file under `Sources/`, by path.
  static let all: [SourceFile] = {
    let root = Repository.path + "/Sources"
    let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
      (try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)).map {
        SourceFile(path: path, text: $0)
      }
    }
  }()
}
