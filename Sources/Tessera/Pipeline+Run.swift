import TesseraBatch
import TesseraFiles
import TesseraKernels
import TesseraPipeline

extension Pipeline {
  /// Runs the pipeline on one file.
  ///
  /// What `load` says of paths does not count, everything else of it does. For folders, and for
  /// several files at once, there is `BatchRun`.
  ///
  /// - Parameters:
  ///   - path: a PNG, JPEG, WebP, TIFF or NPY file.
  ///   - outputDirectory: takes the place of the folder that holds all of the pipeline's; it is made where it does
  ///     not exist.
  ///   - overwrites: whether outputs that exist are replaced; the input never is.
  /// - Returns: the files that were written, the figures of `compare`, warnings and times.
  /// - Throws: `PipelineFileError` where the arrays that the pipeline names cannot be read or an
  ///   output folder is missing, `KernelSelectionError`, `BatchError` where the input
  ///   would be replaced, and `InputFailure` for everything that is the matter with this file: an output
  ///   that exists already and holds something else, a folder that cannot be made, or a bound of
  ///   `compare` that is missed, among them.
  @discardableResult
  public func run(
    on path: String, outputDirectory: String? = nil, overwrites: Bool = false
  ) throws -> InputResult {
    let processor = try PipelineProcessor(
      Planner(self, kernels: .selected()), outputDirectory: outputDirectory)
    return try processor.run(
      Item(file: path, name: Path.name(of: path)), overwrites: overwrites)
  }
}
