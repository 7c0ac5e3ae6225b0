import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// The dataset that one stage writes.
final class DatasetOutput: Sendable {
  /// What is found out of all items together.
  struct Basis: Sendable {
    /// What all images have in common; `nil` where no input can be planned.
    var reference: PlannedDataset?
    /// The labels, sorted by bytes.
    var classes: [String] = []
    /// Tells it from that of other items.
    var digest = ""
    /// Where pictures of patches lie.
    var folders = TileFolders([])
  }

  /// Where it goes.
  let destination: Destination
  /// How it is made.
  let files: DatasetFiles
  /// The kind of file.
  let format: OutputFormat
  /// What the stage is called in messages: `stages[3] (encode)`.
  private let stage: String
  private let labels: LabelTable?
  private let samples = SampleMembers()
  private let basis = Locked(Basis())

  /// Makes ready for a stage.
  ///
  /// - Throws: `LabelTableError` where the table of labels cannot be read.
  init(
    _ destination: Destination, _ files: DatasetFiles, format: OutputFormat, of stageName: String,
    resolving path: (String) -> String
  ) throws(LabelTableError) {
    self.destination = destination
    stage = "stages[\(destination.stageIndex)] (\(stageName))"
    self.files = files
    self.format = format
    if case .file(let file) = files.labels {
      labels = try LabelTable(path(file))
    } else {
      labels = nil
    }
  }

  /// What all images have in common, as far as that has been looked at.
  var common: Basis { basis.withLock { $0 } }

  /// Where pictures of patches lie.
  var folders: TileFolders { common.folders }

  /// Takes what all images have in common.
  ///
  /// - Parameters:
  ///   - items: all of them.
  ///   - reference: what the first one gives that can be planned.
  ///   - blockCount: how many blocks an item has; asked where pictures of patches must be counted.
  func take(
    _ items: ItemList, reference: PlannedDataset?, blockCount: (Item) -> Int
  ) {
    var folders = TileFolders([])
    if holdsTiles {
      folders = TileFolders(
        items.map { (key: key(of: $0), part: part(of: $0), count: blockCount($0)) })
    }
    var classes: Set<PathKey> = []
    if files.labels != nil {
      for item in items {
        if let label = label(of: item) { classes.insert(PathKey(label)) }
      }
    }
    take(reference: reference, classes: classes.sorted().map(\.path), folders: folders)
  }

  /// Takes what all images have in common, as it was found out.
  ///
  /// - Parameters:
  ///   - reference: what the first one gives that can be planned.
  ///   - classes: the labels, sorted by bytes.
  ///   - folders: where pictures of patches lie.
  func take(reference: PlannedDataset?, classes: [String], folders: TileFolders) {
    var basis = Basis(reference: reference, classes: classes, folders: folders)
    let form = reference.map { "\($0.form)" } ?? ""
    let digested = form + "\n" + basis.classes.joined(separator: "\n")
    basis.digest = XXHash64.hash(digested.utf8).hexadecimal
    self.basis.withLock { $0 = basis }
  }

  /// What an item is called: its output's name without extension, and without dots.
  func key(of item: Item) -> String {
    if item.member != nil { return item.memberKey + item.viewSuffix }
    var path = destination.basePath(for: item)
    let folder = destination.directory
    if !folder.isEmpty, folder != ".", path.utf8.starts(with: (folder + "/").utf8) {
      path = String(path.utf8.dropFirst(folder.utf8.count + 1)) ?? path
    }
    let name = Path.split(name: Path.name(of: path)).stem.replacing(".", with: "_")
    return Path.join(Path.folder(of: path), name)
  }

  /// The number of the part that an item is in.
  ///
  /// The views of an image are in the same one.
  func part(of item: Item) -> Int {
    guard let split = files.split else { return 0 }
    var image = item
    image.view = nil
    return split.part(of: key(of: image))
  }

  /// The label of an item; `nil` where there is none.
  func label(of item: Item) -> String? {
    switch files.labels {
    case .folder:
      let parts = Path.normalizedParts(item.member ?? item.name)
      return parts.count > 1 ? parts[0] : nil
    case .file: return labels?[item.name] ?? labels?[item.fileName]
    case nil: return nil
    }
  }

  /// Whether arrays of several images become one, stacked or joined.
  var holdsArraysOfMany: Bool {
    files.imagesPerShard != nil && (format == .npy || format == .safetensors)
  }

  /// How many files the images of a shard share.
  var filesPerShard: Int {
    1 + (format == .npy ? common.reference?.form.companions.count ?? 0 : 0)
  }

  /// The paths of the files of many images.
  func paths(of place: ShardPlace) -> [String] {
    let part = files.split?.names[place.part] ?? "data"
    let digits = String(place.number)
    let number = String(repeating: "0", count: max(5 - digits.count, 0)) + digits
    let companions = format == .npy ? common.reference?.form.companions ?? [] : []
    return ([""] + companions.map { ".\($0.name)" }).map {
      Path.join(
        destination.directory, "\(part)-\(number)\($0).\(destination.fileExtension)")
    }
  }

  /// Whether a file may be one of many images.
  func isShard(_ name: String) -> Bool {
    let end = ".\(destination.fileExtension)"
    return (files.split?.names ?? ["data"]).contains { part in
      guard name.hasPrefix(part + "-"), name.hasSuffix(end) else { return false }
      // Files of arrays that go along have a word behind the number.
      let number = name.dropFirst(part.count + 1).prefix { $0 != "." }
      return number.count >= 5 && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
  }

  /// Refuses an image that does not go with the others.
  ///
  /// - Parameters:
  ///   - item: the input.
  ///   - planned: what it gives.
  /// - Throws: the failure of this item.
  func check(_ item: Item, _ planned: PlannedDataset) throws(InputFailure) {
    func refuse(_ reason: String, _ key: String) -> InputFailure {
      InputFailure(
        .plan, "\(stage).\(key): \(reason)", stageIndex: destination.stageIndex, key: key,
        isPlanning: true)
    }
    if let form = common.reference?.form, form != planned.form {
      throw refuse(
        "it gives \(planned.form), and the first input that can be planned gives \(form); a dataset has one "
          + "kind: \"color\" of load, or \"dtype\" or \"bit_depth\" here, bring inputs to it",
        "format")
    }
    if files.labels != nil, label(of: item) == nil {
      let name = item.fileName.printable
      throw refuse(
        labels.map {
          "'\($0.path.printable)' has no label for it; expected a line with '\(name)' as file_name, its path "
            + "from the folder that was loaded"
        } ?? "it lies in no folder that names its label", "labels")
    }
    if format == .webdataset, !TarShard.holds(key: key(of: item)) {
      throw refuse("its key is too long for a member of a ustar archive", "format")
    }
  }

  /// What an image gives.
  ///
  /// - Throws: `InputFailure` where what stands beside it in an archive cannot go along.
  func entry(
    of item: Item, _ planned: PlannedDataset, source: ImageShape, array: ValueArray?,
    blocks: [Int]?, picture: AtomicFile?
  ) throws(InputFailure) -> DatasetEntry {
    let key = key(of: item)
    let members = try samples.members(of: item)
    var label = label(of: item)
    if files.labels == nil, let found = members.first(where: { $0.suffix == "cls" }) {
      label = String(decoding: found.bytes, as: UTF8.self).trimmingPrefix { $0.isWhitespace }
        .split(whereSeparator: \.isNewline).first.map(String.init)
    }
    var patchCount: Int?
    if case .patches(let order, _, _) = planned.form.contents {
      patchCount = array.map {
        order.isOneRowPerBlock && planned.paddedBlockCount == nil
          ? $0.shape[0] : blocks?.count ?? planned.blockCount
      }
    }
    return DatasetEntry(
      key: key, array: array, companions: planned.companions, members: members,
      picture: picture.map { ($0, files.picture.format.fileExtension) },
      patchCount: patchCount,
      row: DatasetRow.members(
        key: key, item: item, source: source, planned: planned, patchCount: patchCount,
        blocks: blocks,
        label: label, split: files.split?.names[part(of: item)],
        unlike: common.reference),
      classNumber: label.flatMap { label in
        common.classes.firstIndex { $0.utf8.elementsEqual(label.utf8) }
      })
  }
}

extension PlannedDataset {
  /// Blocks of the whole grid.
  var blockCount: Int { gridSize.map { $0.height * $0.width } ?? 0 }
}

extension PlannedDataset.Form: CustomStringConvertible {
  /// What an image gives in words: `tokens of 768 float32`.
  package var description: String {
    switch contents {
    case .patches(let order, let channels, let size):
      "\(order.rawValue) patches of \(channels) × \(size) \(storedType.rawValue)"
    case .image(let channels, let size):
      "images of \(channels)\(size.map { " × \($0)" } ?? " channels") \(storedType.rawValue)"
    }
  }
}
