import TesseraFiles

/// In which subfolder each picture of a patch lies, where a folder would hold too many.
///
/// Folders of 10 000 files and more are more than readers of image folders take.
struct TileFolders: Sendable {
  /// Files that a folder holds at most.
  static let mostFiles = 9_999
  /// Files beside pictures that lie in the output folder: the report, the index, records and lock.
  private static let otherFiles = 8

  /// The number of the first picture of each key in its folder, for folders that have subfolders.
  private var firstNumbers: [PathKey: Int]

  /// Counts pictures folder by folder.
  ///
  /// - Parameter keys: what images are called, with the part of the dataset that each is in, and how
  ///   many pictures it gives.
  init(_ keys: [(key: String, part: Int, count: Int)]) {
    var totals: [PathKey: Int] = [:]
    func folder(_ each: (key: String, part: Int, count: Int)) -> PathKey {
      PathKey("\(each.part)/\(Path.folder(of: each.key))")
    }
    for each in keys { totals[folder(each), default: 0] += each.count }
    var numbers: [PathKey: Int] = [:]
    var next: [PathKey: Int] = [:]
    for each in keys {
      let folder = folder(each)
      guard totals[folder, default: 0] + Self.otherFiles > Self.mostFiles else { continue }
      numbers[PathKey(each.key)] = next[folder, default: 0]
      next[folder, default: 0] += each.count
    }
    firstNumbers = numbers
  }

  /// The number of the first picture of an image in its folder; `nil` where that has no subfolders.
  func firstNumber(of key: String) -> Int? { firstNumbers[PathKey(key)] }

  /// Takes the number of the first picture of an image.
  mutating func take(_ number: Int, of key: String) { firstNumbers[PathKey(key)] = number }

  /// The subfolder of a picture; `nil` where its folder has none.
  ///
  /// - Parameters:
  ///   - key: what the image is called.
  ///   - picture: the number of the picture among those of the image.
  /// - Returns: four digits, or more.
  func subfolder(of key: String, picture: Int) -> String? {
    guard let first = firstNumbers[PathKey(key)] else { return nil }
    let digits = String((first + picture) / Self.mostFiles)
    return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
  }

  /// Whether a name is one of a subfolder.
  static func isSubfolder(_ name: some StringProtocol) -> Bool {
    name.utf8.count >= 4 && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}
