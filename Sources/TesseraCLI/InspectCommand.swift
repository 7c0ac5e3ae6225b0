import ArgumentParser
import Glibc
import Tessera
import TesseraBatch
import TesseraFiles

/// `tessera inspect`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tell what a dataset, an array, a tar archive or an image holds.",
    discussion: """
      Shapes, types, counts and the geometry of patches, and figures of all values. A picture of it \
      shows patches in their places with gaps, or a sample of many images.

      EXAMPLES
        tessera run Pipelines/clip_dataset.json
        tessera inspect out/clip_dataset
            A dataset: what dataset.json and its shards say, and figures of all patches.
        tessera inspect out/clip_dataset --grid sample.png
            A sample of its images as well, drawn from their patches.
        tessera inspect out/clip_dataset --grid one.png --image camera-gray
            The patches of one image.
        tessera inspect out/clip_dataset/data-00000.npy --quick --json
            What a file says of itself, for programs, without reading its values.
        tessera inspect photos --grid photos.png
            A folder of images.
      """)

  @Argument(
    help: "A dataset, a folder of images, or a .npy, .safetensors, .tar or image file.",
    completion: .file())
  var path: String

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Leave out figures for which all values must be read.")
  var quick = false

  @Option(
    help: ArgumentHelp("Draw patches or images to this PNG file.", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var grid: String?

  @Option(
    help: ArgumentHelp("Draw only the image with this key.", valueName: "key"))
  var image: String?

  @Option(
    help: ArgumentHelp("Draw only this channel, counted from 0.", valueName: "n"))
  var channel: Int?

  @Option(
    help: ArgumentHelp("Draw this tensor of a .safetensors file.", valueName: "name"))
  var tensor: String?

  @Flag(help: "Replace the file of --grid if it exists.")
  var overwrite = false

  func validate() throws {
    try UnnamedPath.check([path], as: "a path to look at")
    try UnnamedPath.check([grid], as: "--grid")
    guard grid == nil else { return }
    for (isGiven, name) in [
      (image != nil, "--image"), (channel != nil, "--channel"), (tensor != nil, "--tensor"),
      (overwrite, "--overwrite"),
    ] where isGiven {
      throw ValidationError("\(name) says what --grid draws, and there is no --grid")
    }
  }

  func run() throws {
    SignalWatch()
    if let grid { try check(grid) }
    do throws(InspectionError) {
      let found = try Inspection(
        of: path, takesStatistics: !quick, cancellation: SignalWatch.cancellation)
      if json { Console.emit(found.json) } else { Console.print(found.text) }
      guard let grid else { return }
      try draw(grid)
    } catch {
      throw failure(error)
    }
  }

  private func draw(_ grid: String) throws(InspectionError) {
    var options = ContactSheet.Options()
    (options.image, options.channel, options.tensor) = (image, channel, tensor)
    let sheet = try ContactSheet(of: path, options, cancellation: SignalWatch.cancellation)
    do throws(FileError) {
      try sheet.write(to: grid, replacing: overwrite)
    } catch {
      throw .output(error)
    }
    let count =
      sheet.pictureCount == sheet.totalCount
      ? "\(sheet.totalCount)" : "\(sheet.pictureCount) of \(sheet.totalCount)"
    Console.note("\(grid): \(sheet.size.width) × \(sheet.size.height) pixels, \(count) drawn")
  }

  /// Refuses a place for the picture before anything is read.
  private func check(_ grid: String) throws(CommandFailure) {
    guard Path.split(name: Path.name(of: grid)).fileExtension.lowercased() == "png" else {
      throw CommandFailure(
        .usage, "--grid '\(grid.printable)': expected the name of a .png file", file: grid)
    }
    guard let status = FileStatus(of: grid) else { return }
    if status.kind == .folder {
      throw CommandFailure(.cannotCreate, "'\(grid.printable)' is a folder", file: grid)
    }
    if status.identity == FileStatus(of: path)?.identity {
      throw CommandFailure(
        .cannotCreate, "'\(grid.printable)' is what is looked at, and is never written over",
        file: grid)
    }
    if !overwrite { throw Self.exists(grid) }
  }

  private static func exists(_ grid: String) -> CommandFailure {
    CommandFailure(
      .cannotCreate, "'\(grid.printable)' exists already; --overwrite replaces it", file: grid)
  }

  private func failure(_ error: InspectionError) -> CommandFailure {
    switch error {
    case .unreadable(let error): CommandFailure(error)
    case .nothing(let error): CommandFailure(error)
    case .request(let text): CommandFailure(.usage, text, file: path)
    case .cancelled: CommandFailure(.interrupted, "interrupted")
    case .output(let error) where error.code == EEXIST: Self.exists(error.path)
    case .output(let error):
      CommandFailure(
        error.operation == .create ? .cannotCreate : .cannotWrite, error.description,
        file: error.path)
    case .file, .dataset, .archive, .picture:
      CommandFailure(.failedInputs, error.description, file: path)
    }
  }
}
