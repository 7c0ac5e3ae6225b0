import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads

/// What a plan is made from.
package struct PlanRequest: Sendable {
  /// How the inputs are divided.
  package var division: ShardDivision
  /// Whether inputs are known by their sizes alone, so that none need be read.
  package var skipsDigests = false
  /// The pipeline as it runs, every change applied.
  package var pipeline: JSONValue
  /// The folder that paths in it start at.
  package var pipelineFolder: String
  /// The folder that takes the place of the pipeline's; `nil`: those of the pipeline.
  package var output: String?
  /// The instruction set whose arithmetic all shards are to use.
  package var kernels: String
  /// The libraries that read and write files, with their versions.
  package var codecs: [String]

  /// Asks for shards.
  package init(
    _ division: ShardDivision, pipeline: JSONValue, pipelineFolder: String, output: String?,
    kernels: String, codecs: [String]
  ) {
    self.division = division
    self.pipeline = pipeline
    self.pipelineFolder = pipelineFolder
    self.output = output
    self.kernels = kernels
    self.codecs = codecs
  }
}

/// A plan with the text of its list of inputs.
package struct MadePlan: Sendable {
  /// The plan.
  package let plan: RunPlan
  /// Its list of inputs.
  let inputs: [UInt8]
  /// Sentences on what was odd but accepted.
  package let warnings: [String]
}

extension BatchRun where Processor: PlannableProcessor {
  /// Plans the run as shards, and writes nothing.
  ///
  /// - Parameters:
  ///   - request: how it is divided.
  ///   - cancellation: ends the planning early.
  /// - Returns: the plan; `nil` where the planning was ended.
  /// - Throws: ``PlanError`` where the run would be refused.
  package func planned(
    _ request: PlanRequest, cancellation: Cancellation
  ) throws(PlanError) -> MadePlan? {
    processor.look(at: inputs.items, cancellation: cancellation)
    let planner: ShardPlanner<Processor>
    do throws(BatchError) {
      planner = try ShardPlanner(processor, items: arranged, options: options)
      try checkReport()
      _ = try IndexPlaces(processor.index(of: inputs.items), overwriting: options.overwrites)
      try planner.checkInputs()
    } catch {
      throw .batch(error)
    }
    let views = inputs.items.viewCount ?? 1
    let ends = arranged.ends.map { $0 / views }
    let perFile = max(processor.itemsPerShard, 1)
    let unit = perFile > 1 ? perFile / Self.commonDivisor(perFile, views) : 1
    let shards = RunPlan.shards(of: ends, unit: unit, request.division)
    try checkParts(of: shards, views: views, planner)
    let list = inputs.items.withoutViews
    let hashes = request.skipsDigests ? nil : hashes(of: list, cancellation)
    if cancellation.isCancelled { return nil }
    var lines = ListOfInputs(processor, views: views)
    for (number, item) in list.enumerated() {
      lines.append(item, at: number, of: inputs.items, hash: hashes?[number])
    }
    let plan = RunPlan(
      version: options.version, kernels: request.kernels, codecs: request.codecs,
      pipeline: request.pipeline,
      pipelineFolder: Path.absolute(request.pipelineFolder), recipe: options.recipe,
      output: request.output.map(Path.absolute), roots: lines.roots,
      viewCount: inputs.items.viewCount, inputsDigest: XXHash64.hash(lines.text).hexadecimal,
      hasDigests: !request.skipsDigests, ends: ends, itemsPerFile: perFile, shards: shards,
      common: processor.common)
    let unread = (hashes ?? []).indices.filter { hashes?[$0] == nil }
    let warnings = unread.first.map { first in
      "\(unread.count.counted("input")) could not be read, '\(list[first].shownPath.printable)' among them: a "
        + "change that keeps the size is not seen"
    }
    return MadePlan(plan: plan, inputs: lines.text, warnings: [warnings].compactMap(\.self))
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : commonDivisor(b, a % b)
  }

  /// Refuses items of different shards that may have files per channel of one name: how many channels
  /// they have, nobody knows before they are opened.
  private func checkParts(
    of shards: [Range<Int>], views: Int, _ planner: ShardPlanner<Processor>
  ) throws(PlanError) {
    func shard(of item: Int) -> Int {
      // The last one that begins before it: those without inputs begin where the next one does.
      (shards.partitioningIndex { $0.lowerBound > item / views }) - 1
    }
    var failure: PlanError?
    let items = inputs.items
    planner.names.forEachOutput { path, item in
      if failure != nil { return }
      let own = planner.shards.index(of: item)
      var others: [Int] = []
      if let base = Self.base(deriving: path) {
        others = planner.names.others(writing: base, than: own)
      }
      if processor.namesChannels { others += planner.names.others(derivingTo: path, than: own) }
      guard
        let other = others.first(where: {
          shard(of: $0) != shard(of: item) && processor.writes(path, for: items[$0])
        })
      else { return }
      failure = .sharedOutput(
        path, first: items[other].shownPath, second: items[item].shownPath)
    }
    if let failure { throw failure }
  }

  /// The name from which one such as `stem.channel.png` derives; `nil` where it can be nobody else's.
  private static func base(deriving path: String) -> String? {
    let (stem, fileExtension) = Path.split(name: Path.name(of: path))
    guard let dot = stem.utf8.lastIndex(of: UInt8(ascii: ".")), dot > stem.startIndex else {
      return nil
    }
    return Path.join(Path.folder(of: path), "\(stem[..<dot]).\(fileExtension)")
  }

  private func hashes(of items: ItemList, _ cancellation: Cancellation) -> [UInt64?] {
    let hashes = Monitor([UInt64?](repeating: nil, count: items.count))
    Workers.run(options.jobs, piecesBelow: items.count) { piece in
      let found = piece.map { index in
        cancellation.isCancelled
          ? nil : FileDigest(ofFile: items[index].source, cancellation: cancellation)?.hash
      }
      hashes.withLock { $0.replaceSubrange(piece, with: found) }
    }
    return hashes.withLock { $0 }
  }
}

/// The list of inputs while it is made.
private struct ListOfInputs<Processor: PlannableProcessor> {
  private let processor: Processor
  private let views: Int
  private(set) var roots: [RunPlan.Root] = []
  private var numbers: [RunPlan.Root: Int] = [:]
  private(set) var text: [UInt8] = []

  init(_ processor: Processor, views: Int) {
    self.processor = processor
    self.views = views
  }

  mutating func append(_ item: Item, at number: Int, of items: ItemList, hash: UInt64?) {
    let (folder, file) = Self.place(of: item)
    let root = RunPlan.Root(path: folder, name: item.root)
    let place = numbers[root] ?? roots.count
    if place == roots.count {
      roots.append(root)
      numbers[root] = place
    }
    let note = processor.note(on: items[number * views..<(number + 1) * views].map(\.self)[...])
    let line = PlannedInputLines(roots: roots).text(
      of: item, root: place, file: file,
      PlannedInputs.Identity(byteCount: item.byteCount, hash: hash), note: note)
    text += line.utf8
  }

  /// The folder that a name counts from, and the path from there where it is not the name.
  private static func place(of item: Item) -> (folder: String, file: String?) {
    let (path, name) = (Path.absolute(item.source.path), item.fileName.utf8)
    if item.member == nil, path.utf8.count > name.count {
      let folder = path.utf8.dropLast(name.count)
      if path.utf8.suffix(name.count).elementsEqual(name),
        folder.last == UInt8(ascii: "/")
      {
        let folder = folder.count > 1 ? folder.dropLast() : folder
        return (String(Substring(folder)), nil)
      }
    }
    return (Path.folder(of: path), Path.name(of: path))
  }
}
