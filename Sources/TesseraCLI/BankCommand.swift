import ArgumentParser
import Glibc
import Tessera
import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraFiles
import TesseraPipeline

/// `tessera bank`.
struct BankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bank",
    abstract: "List and draw the kernels of a bank, or of a file.",
    discussion: """
      Each kernel is drawn by itself: 0 is mid-gray, its largest magnitude white or black; its number \
      stands below it.

      EXAMPLES
        tessera bank lm --png lm.png
            Leung and Malik's 48 filters: their names, and a picture of them.
        tessera bank gabor --set 'wavelengths=[4,8,16]' --set orientations=8
            What a bank with other parameters holds.
      """)

  @Argument(
    help:
      "A bank's name, a .json file with a bank as in a pipeline, or a .npy or .safetensors file of kernels.",
    completion: .custom { _, _, _ in NamedKernels.banks })
  var source: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Give the bank a parameter, such as sigma=2. May be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @Option(
    help: ArgumentHelp("Take this tensor of a .safetensors file.", valueName: "name"))
  var tensor: String?

  @Option(
    help: ArgumentHelp("Draw the kernels to this PNG file.", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var png: String?

  @Flag(help: "Replace the file of --png if it exists.")
  var overwrite = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    try UnnamedPath.check([source], as: "a bank")
    try UnnamedPath.check([png], as: "--png")
    if overwrite, png == nil {
      throw ValidationError("--overwrite says what --png may do, and there is no --png")
    }
    if !settings.isEmpty, isArray {
      throw ValidationError("--set gives a bank parameters, and \(source.printable) is an array")
    }
    if isSafetensors, tensor == nil {
      throw ValidationError(
        "a .safetensors file holds arrays by their names: give one with --tensor")
    }
    if tensor != nil, !isSafetensors {
      throw ValidationError("--tensor names an array in a .safetensors file")
    }
  }

  private var isSafetensors: Bool { source.lowercased().hasSuffix(".safetensors") }
  private var isArray: Bool { isSafetensors || source.lowercased().hasSuffix(".npy") }

  func run() throws {
    if let png { try check(png) }
    let kernels = try read()
    if let png { try write(kernels, to: png) }
    if json {
      Console.emit(KernelListing(kernels).json)
    } else {
      Console.print(KernelListing(kernels).text)
    }
  }

  private func write(_ kernels: NamedKernels, to png: String) throws {
    let sheet: KernelSheet
    do throws(InspectionError) {
      sheet = try KernelSheet(kernels)
    } catch {
      throw CommandFailure(.usage, error.description, file: source)
    }
    do throws(FileError) {
      try sheet.write(to: png, replacing: overwrite)
    } catch {
      if error.code == EEXIST { throw Self.exists(png) }
      throw CommandFailure(
        error.operation == .create ? .cannotCreate : .cannotWrite, error.description,
        file: error.path)
    }
    Console.note("\(png.printable): \(sheet.size.width) × \(sheet.size.height) pixels")
  }

  private func read() throws(CommandFailure) -> NamedKernels {
    if isArray {
      do throws(CodecError) {
        return try NamedKernels(weights: source, tensor: tensor)
      } catch {
        let isMissing = FileStatus(of: source) == nil
        throw CommandFailure(
          isMissing ? .nothingToDo : .failedInputs, "\(source.printable): \(error.description)",
          file: source)
      }
    }
    if source.lowercased().hasSuffix(".json") {
      let text = try PipelineArguments.text(of: source)
      return try CommandFailure.pipeline { () throws(PipelineFileError) in
        try NamedKernels(parsing: text, file: source, settings: settings, label: "--set")
      }
    }
    guard NamedKernels.banks.contains(source) else {
      let nearest = Spelling.nearest(to: source, in: NamedKernels.banks)
      throw CommandFailure(
        .usage,
        "there is no bank '\(source.printable)'; "
          + (nearest.map { "did you mean '\($0)'?" }
            ?? "there are \(NamedKernels.banks.joined(separator: ", "))"))
    }
    return try CommandFailure.pipeline { () throws(PipelineFileError) in
      try NamedKernels(bank: source, settings: settings, label: "--set")
    }
  }

  /// Refuses a place for the picture before anything is read.
  private func check(_ png: String) throws(CommandFailure) {
    guard Path.split(name: Path.name(of: png)).fileExtension.lowercased() == "png" else {
      throw CommandFailure(
        .usage, "--png '\(png.printable)': expected the name of a .png file", file: png)
    }
    guard let status = FileStatus(of: png) else { return }
    if status.kind == .folder {
      throw CommandFailure(.cannotCreate, "'\(png.printable)' is a folder", file: png)
    }
    if !overwrite { throw Self.exists(png) }
  }

  private static func exists(_ png: String) -> CommandFailure {
    CommandFailure(
      .cannotCreate, "'\(png.printable)' exists already; --overwrite replaces it", file: png)
  }
}
