import TesseraConfiguration
import TesseraCore

extension Pipeline {
  /// Gives an image another size, in memory: floats over channel, row, column.
  ///
  /// A box takes its pixels from one block alone where each block becomes a whole number of pixels.
  ///
  /// - Parameters:
  ///   - size: height and width.
  ///   - isPicture: whether colours become RGB, composed over white.
  /// - Returns: the pipeline.
  /// - Throws: `PipelineFileError`.
  package static func drawing(
    at size: Size, isPicture: Bool
  ) throws(PipelineFileError) -> Pipeline {
    let colors = isPicture ? #""color": "rgb", "alpha": "matte", "# : ""
    return try Pipeline(
      parsing: #"""
        {
          "version": 1,
          "stages": [
            { "stage": "load", \#(colors)"dtype": "float32", "max_pixels": 1000000000000 },
            { "stage": "resize", "size": [\#(size.height), \#(size.width)], "filter": "box" },
            { "stage": "encode", "format": "npy" }
          ]
        }
        """#)
  }
}

extension PatchInputs {
  /// The patches of a dataset.
  package init(dataset: String) { self.init(layout: nil, dataset: dataset, geometry: nil) }
}

extension InputSelection {
  /// All that there is.
  package static let all = InputSelection(
    path: nil, list: nil, include: [], exclude: [], recursive: true, followLinks: false,
    views: nil)
}
