import ArgumentParser
import Glibc
import Tessera
import TesseraFiles
import TesseraPipeline

/// `tessera kernel-matrix`.
struct KernelMatrixCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel-matrix",
    abstract: "Write the convolutions of a pipeline as one matrix, for small images.",
    discussion: """
      Row r of the matrix makes value r of the result from all values of the image, both in the order \
      channel, row, column: matrix @ image.ravel(). The transpose of a convolution's matrix is the \
      transposed convolution. Biases are left out.

      EXAMPLE
        tessera kernel-matrix filter.json --size 16x12x1 --output matrix.npy
      """)

  @OptionGroup var pipeline: PipelineArguments

  @Option(
    help: ArgumentHelp(
      "Width, height and channels (3 if left out) of the image.", valueName: "WxHxC"),
    transform: { try ImageSizeArgument($0) })
  var size: ImageSizeArgument

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The .npy file to write.", valueName: "file"),
    completion: .file(extensions: ["npy"]))
  var output: String

  @Flag(help: "Replace a file that is there.")
  var overwrite = false

  func validate() throws {
    try UnnamedPath.check([output], as: "--output")
    guard Path.split(name: Path.name(of: output)).fileExtension.lowercased() == "npy" else {
      throw ValidationError("--output '\(output)': expected the name of a .npy file")
    }
  }

  func run() throws {
    let planner = try pipeline.planner()
    let matrix: KernelMatrix
    do throws(KernelMatrixError) {
      matrix = try planner.kernelMatrix(of: size.shape)
    } catch .planning(let error) {
      throw failure(error.stageIndex, error.key, error.description, in: planner)
    } catch .stage(let index, let name) {
      let error = KernelMatrixError.stage(index: index, name: name)
      throw failure(index, nil, error.description, in: planner)
    } catch .noConvolution {
      throw CommandFailure(.badPipeline, KernelMatrixError.noConvolution.description)
    } catch {
      throw CommandFailure(.usage, error.description)
    }
    do throws(FileError) {
      try matrix.write(to: output, replacing: overwrite)
    } catch  where error.code == EEXIST {
      throw CommandFailure(
        .cannotCreate, "'\(output.printable)' exists already; --overwrite replaces it",
        file: output)
    } catch {
      throw CommandFailure(
        error.operation == .create ? .cannotCreate : .cannotWrite, error.description, file: output)
    }
    Console.note(
      "\(output.printable): \(matrix.output) from \(matrix.input)"
        + (matrix.leavesOutBias ? ", without the bias" : ""))
  }

  private func failure(
    _ stage: Int, _ key: String?, _ sentence: String, in planner: Planner
  ) -> CommandFailure {
    let place = planner.pipeline.location(stage: stage, key: key)
    return CommandFailure(
      .badPipeline, (place.map { "\($0.description): " } ?? "") + sentence)
  }
}
