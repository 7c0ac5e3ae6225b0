import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraPipeline
import TesseraThreads

/// Proves that a dataset of patches has lost nothing: its sources go through the stages before the cut once
/// more, and are compared with what the stored patches make.
public final class RoundTrip: Sendable {
  /// What the comparison of one image came to.
  public struct Image: Sendable {
    /// What it is called.
    public let key: String
    /// How the two images differ; `nil` where one of them could not be made.
    public let difference: Difference?
    /// Why not.
    public let failure: InputFailure?

    /// Whether nothing was lost.
    public var isExact: Bool { difference?.isExact == true }
  }

  /// How an image that was put together differs from the one that was cut.
  public struct Difference: Hashable, Sendable {
    /// The largest difference of any value, in units of the source's pixels.
    public let largest: Double
    /// Peak signal-to-noise ratio [dB]; infinite where all values are the same.
    public let psnr: Double
    /// The value of full intensity: 255, 65535, or 1 for floats.
    public let maximum: Double
    /// Values that were compared: those that a patch holds.
    public let valueCount: Int
    /// Whether values differ by no more than their stored type rounds.
    public let isExact: Bool
  }

  /// The dataset.
  public let dataset: DatasetDescription
  /// Stages that changed patches before they were stored: what is put together then is something else.
  public let changes: [String]
  private let images: DatasetImages
  private let sources: SourceFiles
  private let direct: Planner
  private let rebuilt: Planner
  private let arrays: PatchArrays
  private let reading: DatasetReading
  private let storedType: StoredType

  /// Reads what the dataset tells of itself.
  ///
  /// - Parameters:
  ///   - folder: the dataset.
  ///   - source: the folder that was loaded.
  ///   - cancellation: ends the reading early.
  /// - Throws: ``DatasetError`` where it is no dataset of patches, or does not tell of its stages;
  ///   ``PipelineFileError`` where those are none that this version reads; ``KernelSelectionError``.
  public init(
    _ folder: String, source: String, cancellation: Cancellation = Cancellation()
  ) throws {
    do throws(FileError) {
      _ = try FileStatus(at: source)
    } catch {
      throw DiscoveryError.unreadable(error)
    }
    let keys = try DatasetKeys(folder, cancellation)
    dataset = keys.description
    images = keys.images
    let path = DatasetDescription.path(in: folder)
    guard dataset.window != nil, dataset.layout != nil else {
      throw DatasetError(
        path, line: nil,
        dataset.window == nil
          ? "the dataset holds images, and one of patches was expected"
          : "the dataset has a picture for each patch, and one of arrays was expected")
    }
    guard let stages = dataset.stages, stages.elements?.isEmpty == false else {
      throw DatasetError(
        path, line: nil,
        "expected the key \"stages\", the stages that made the patches, found no such key")
    }
    guard let type = StoredType(rawValue: dataset.dtype), type.elementType != nil else {
      throw DatasetError(
        path, line: nil, "\"dtype\": expected a type of pixels, found \(dataset.dtype)")
    }
    storedType = type
    let parts = try RoundTripStages(stages, of: folder)
    changes = parts.changes
    guard parts.direct.stages.allSatisfy({ $0.programs.isEmpty }) else {
      throw DatasetError(
        path, line: nil,
        "\"stages\": a stage before the cut runs a program, which is only ever taken from a pipeline file"
      )
    }
    direct = try Planner(parts.direct, kernels: .selected())
    rebuilt = try Planner(parts.rebuilt, kernels: .selected())
    arrays = PatchArrays(PatchInputs(dataset: folder), datasetFolder: folder)
    sources = SourceFiles(source)
    reading = DatasetReading(keys, nil, ArrayFiles())
    _ = try arrays.take(folder, cancellation)
  }

  /// Compares all images.
  ///
  /// - Parameters:
  ///   - jobs: images that are worked on at once.
  ///   - cancellation: ends the comparison between images.
  ///   - onImage: called with each image, in the order of the dataset.
  /// - Throws: ``DatasetError`` where a line of the dataset is wrong; ``DiscoveryError`` where its files
  ///   cannot be looked at.
  public func run(
    jobs: Int, cancellation: Cancellation = Cancellation(), onImage: (Image) -> Void
  ) throws {
    let found = try arrays.found(
      in: [.path(dataset.folder)], by: direct.source.inputs.everything, outputFolders: [],
      cancellation)
    // In the order of the dataset, a few at a time.
    var waiting: [(DatasetImage, Item)] = []
    let items = Dictionary(found.items.map { (PathKey($0.name), $0) }) { first, _ in first }
    func flush() {
      for image in compared(waiting, jobs: jobs, cancellation) { onImage(image) }
      waiting = []
    }
    try images.forEach(cancellation) { (image, _) throws(DatasetError) in
      // What nothing holds fails by itself.
      let item =
        items[PathKey(image.key)]
        ?? Item(file: Path.join(dataset.folder, image.key), name: image.key)
      waiting.append((image, item))
      if waiting.count >= 8 * jobs { flush() }
    }
    if !cancellation.isCancelled { flush() }
  }

  private func compared(
    _ images: [(DatasetImage, Item)], jobs: Int, _ cancellation: Cancellation
  ) -> [Image] {
    let results = Locked([Image?](repeating: nil, count: images.count))
    let next = Counter(limit: images.count)
    Workers.run(
      max(1, min(jobs, images.count)),
      { [self] in
        while !cancellation.isCancelled, let index = next.take() {
          let image = compare(images[index].0, images[index].1, cancellation)
          results.withLock { $0[index] = image }
        }
      }, attend: {})
    return results.withLock { $0 }.compactMap(\.self)
  }

  private func compare(
    _ image: DatasetImage, _ item: Item, _ cancellation: Cancellation
  ) -> Image {
    do throws(InputFailure) {
      let source = try sources.item(of: image)
      let original = try values(
        of: source, as: image.identity(of: source), by: direct, cancellation
      ) {
        () throws(CodecError) in
        try ImageReader(
          source: source.source, options: direct.decodeOptions, cancellation: cancellation)
      }
      let stored = try values(of: item, as: image.identity(of: source), by: rebuilt, cancellation) {
        () throws(CodecError) in
        try arrays.reader(of: item, options: rebuilt.decodeOptions, cancellation)
      }
      let difference = try Difference(original, stored, of: image, in: dataset, as: storedType)
      return Image(key: image.key, difference: difference, failure: nil)
    } catch {
      return Image(key: image.key, difference: nil, failure: error)
    }
  }

  /// What a pipeline makes of an item, in memory.
  private func values(
    of item: Item, as identity: ImageIdentity, by planner: Planner, _ cancellation: Cancellation,
    _ open: () throws(CodecError) -> ImageReader
  ) throws(InputFailure) -> RoundTripImage {
    let reader: ImageReader
    do throws(CodecError) {
      reader = try open()
    } catch {
      throw InputFailure(input: error)
    }
    // As it is, as floats, and where they count.
    let (plan, result) = try planner.executed(
      reader, header: reader.header, as: identity, copies: 4, cancellation)
    guard let layout = plan.finalLayout, let array = result.arrays.first?.array else {
      throw InputFailure(.bug, "a pipeline that ends in an array has made none")
    }
    return RoundTripImage(array: array, layout: layout)
  }
}

extension InputSelection {
  /// As if no glob kept anything out.
  fileprivate var everything: InputSelection {
    var all = self
    (all.include, all.exclude, all.recursive, all.views) = ([], [], true, nil)
    return all
  }
}

extension DatasetImage {
  /// What random choices of its stages followed from.
  fileprivate func identity(of source: Item) -> ImageIdentity {
    var item = source
    item.view = view
    return item.identity
  }
}
