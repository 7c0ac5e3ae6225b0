import TesseraConfiguration
import TesseraFiles

/// An array that a stage reads from a file.
public struct ArrayReference: Hashable, Sendable {
  /// The key that names the file.
  public var key: String
  /// The file, as the pipeline has it.
  public var path: String
  /// The array's name in a .safetensors file; `nil` for the only one of a .npy file.
  public var tensor: String?
  /// The key that names the array.
  public var tensorKey: String?

  /// The array in a .npy file.
  public init(_ key: String, path: String) {
    self.key = key
    self.path = path
  }

  /// An array in a .safetensors file, or the one of a .npy file where it has no name.
  public init(_ key: String, path: String, tensor: String?, tensorKey: String) {
    self.key = key
    self.path = path
    self.tensor = tensor
    self.tensorKey = tensor.map { _ in tensorKey }
  }

  /// The array that two keys name: a file and a name in it, or a name alone in the file of another key;
  /// `nil` where neither is given.
  init?(
    _ file: (key: String, path: String?), _ tensor: (key: String, name: String?),
    beside other: (key: String, path: String?)
  ) {
    guard let path = file.path ?? (tensor.name == nil ? nil : other.path) else { return nil }
    self.init(
      file.path == nil ? other.key : file.key, path: path, tensor: tensor.name,
      tensorKey: tensor.key)
  }
}

extension ArrayReference {
  /// What tells arrays apart: bytes, for "é" in its two spellings names two files.
  struct Identity: Hashable {
    var path: PathKey
    var tensor: [UInt8]?
  }

  var identity: Identity {
    Identity(path: PathKey(path), tensor: tensor.map { Array($0.utf8) })
  }

  /// Whether a file holds arrays by names.
  static func hasNames(_ path: String) -> Bool { path.lowercased().hasSuffix(".safetensors") }

  /// What is wrong with a file and a name in it that two keys give.
  ///
  /// - Parameters:
  ///   - file: The key of the file, and what it says.
  ///   - tensor: The key of the name, and what it says.
  ///   - other: The key whose file the name is in, where its own has none.
  /// - Returns: Nothing where all is right.
  static func problems(
    _ file: (key: String, path: String?), _ tensor: (key: String, name: String?),
    beside other: (key: String, path: String?)? = nil
  ) -> [KeyProblem] {
    if let path = file.path, hasNames(path), tensor.name == nil {
      return [
        KeyProblem(
          file.key,
          "a .safetensors file holds arrays by their names: give one with the key \"\(tensor.key)\""
        )
      ]
    }
    guard tensor.name != nil else { return [] }
    let owner = file.path == nil ? other ?? file : file
    if let path = owner.path, hasNames(path) { return [] }
    let found =
      owner.path.map { ", and here that is \(JSONWriter.quoted($0))" } ?? ", which is not given"
    return [
      KeyProblem(tensor.key, "names an array in a .safetensors file of \"\(owner.key)\"\(found)")
    ]
  }
}

extension Stage {
  /// The files that its arrays are in, each once.
  package var arrayPaths: [String] {
    var known: Set<PathKey> = []
    return arrays.map(\.path).filter { known.insert(PathKey($0)).inserted }
  }
}

extension ParameterKind where Value == String {
  /// The path of a file with an array.
  static var arrayFile: Self { .path("the path of a .npy or .safetensors file") }

  /// What a file calls an array.
  static var tensorName: Self { .path("the name of a tensor") }
}
