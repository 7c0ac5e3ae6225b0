import ArgumentParser
import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraKernels
import TesseraPipeline

/// `tessera roundtrip`.
struct RoundtripCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roundtrip",
    abstract: "Prove that the patches of a dataset still make the images that they were cut from.",
    discussion: """
      Sends each source through the stages before the cut, puts the stored patches together, and \
      compares the two. Ends with 65 where an image is not exact: integers must be the same, floats \
      may differ by what their stored type rounds.

      EXAMPLES
        tessera run Pipelines/clip_dataset.json -i photos -o patches
        tessera roundtrip patches --source photos
      """)

  @Argument(help: "The folder of the dataset.", completion: .directory)
  var dataset: String

  @Option(
    help: ArgumentHelp("The folder that was loaded.", valueName: "folder"), completion: .directory)
  var source: String

  @OptionGroup var jobs: JobsArgument

  @Flag(help: "One JSON object on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Show only images that are not exact.")
  var quiet = false

  func validate() throws {
    try UnnamedPath.check([dataset], as: "a dataset")
    try UnnamedPath.check([source], as: "--source")
  }

  func run() throws {
    SignalWatch()
    let trip: RoundTrip
    do {
      trip = try RoundTrip(dataset, source: source, cancellation: SignalWatch.cancellation)
    } catch {
      throw Self.failure(error)
    }
    var listing = RoundtripListing(isJSON: json, isQuiet: quiet)
    do {
      try trip.run(
        jobs: jobs.count, cancellation: SignalWatch.cancellation
      ) { listing.add($0) }
    } catch {
      throw Self.failure(error)
    }
    listing.finish(changes: trip.changes)
    if SignalWatch.isRequested {
      throw CommandFailure(.interrupted, "interrupted: not every image has been compared")
    }
    if !listing.isExact { throw CommandFailure(.failedInputs) }
  }

  /// How the command ends where nothing can be compared.
  private static func failure(_ error: any Error) -> CommandFailure {
    switch error {
    case let error as DatasetError:
      CommandFailure(.nothingToDo, error.description, file: error.path)
    case let error as PipelineFileError:
      CommandFailure(
        .nothingToDo, "the stages of dataset.json cannot be run here: \(error.description)")
    case let error as DiscoveryError: CommandFailure(error)
    case let error as KernelSelectionError: CommandFailure(.usage, error.description)
    default: CommandFailure(.bug, "\(error)")
    }
  }
}

/// What is told of the images of a round trip.
private struct RoundtripListing {
  private let isJSON: Bool
  private let isQuiet: Bool
  private var exactCount = 0
  private var count = 0
  private var failedCount = 0
  private var leastPSNR = Double.infinity

  init(isJSON: Bool, isQuiet: Bool) {
    (self.isJSON, self.isQuiet) = (isJSON, isQuiet)
  }

  /// Whether nothing was lost.
  var isExact: Bool { exactCount == count && count > 0 }

  private static let start = "{\"images\":[\n"

  mutating func add(_ image: RoundTrip.Image) {
    if isJSON {
      Console.write((count == 0 ? Self.start : ",\n") + JSONWriter.compact(image.json))
    } else if let failure = image.failure {
      Console.error("\(image.key): \(failure)")
    } else if !isQuiet || !image.isExact {
      Console.print("\(image.key): \(image.text)")
    }
    count += 1
    if image.isExact { exactCount += 1 }
    if image.failure != nil { failedCount += 1 }
    if let psnr = image.difference?.psnr { leastPSNR = min(leastPSNR, psnr) }
  }

  func finish(changes: [String]) {
    if isJSON {
      let list = changes.map(JSONWriter.quoted).joined(separator: ",")
      Console.emit(
        (count == 0 ? Self.start : "")
          + "\n],\"exact\":\(exactCount),\"failed\":\(failedCount),\"count\":\(count),\"changed_by\":[\(list)]}"
      )
      return
    }
    let images = count.counted("image")
    let least = leastPSNR.isFinite ? "; least PSNR \(leastPSNR.rounded(to: 2)) dB" : ""
    let failed = failedCount == 0 ? "" : ", \(failedCount) failed"
    Console.note("\(images): \(exactCount) exact\(failed)\(least)")
    if !isExact, !changes.isEmpty {
      Console.note(
        "\(changes.joined(separator: ", ")) changed the patches before they were stored: they make another "
          + "image")
    }
  }
}

extension RoundTrip.Image {
  fileprivate var text: String {
    guard let difference else { return "" }
    if difference.psnr == .infinity { return "exact, every value the same" }
    let figures =
      "largest difference \(difference.largest.rounded(to: 6)) of \(difference.maximum.rounded(to: 0)), PSNR "
      + "\(difference.psnr.rounded(to: 2)) dB"
    return difference.isExact ? "exact but for rounding: \(figures)" : figures
  }

  fileprivate var json: JSONValue {
    var members = [
      JSONMember("key", JSONValue(.string(key))), JSONMember("exact", JSONValue(.bool(isExact))),
    ]
    if let difference {
      let number = { (value: Double) in JSONValue(.number(JSONNumber(value))) }
      if difference.largest.isFinite {
        members.append(JSONMember("largest_difference", number(difference.largest)))
      }
      members.append(
        JSONMember(
          "psnr", difference.psnr.isFinite ? number(difference.psnr) : JSONValue(.null)))
      members.append(JSONMember("maximum", number(difference.maximum)))
      members.append(JSONMember("values", number(Double(difference.valueCount))))
    }
    if let failure { members.append(JSONMember("error", JSONValue(.string("\(failure)")))) }
    return JSONValue(.object(members))
  }
}

extension Double {
  /// The number with some digits behind the point, those at its end that are 0 left out.
  fileprivate func rounded(to digits: Int) -> String {
    guard isFinite else { return "\(self)" }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    return JSONNumber((self * scale).rounded() / scale).text
  }
}
