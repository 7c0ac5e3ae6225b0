import TesseraCore

/// Everything that a run of one pipeline on one image will do: every shape, type and byte, known
/// before a pixel is read.
///
/// A plan cannot fail for reasons of shape.
///
/// A plan is a graph: windows hold rows, nodes read one window and write another or a file.
public struct Plan: Sendable {
  /// What a node does.
  package enum Work: Sendable {
    case orient(Int, stored: Size)
    case pointwise(PointwiseMap)
    case statistics(ImageStatisticsMap)
    case wrap(rowsBefore: Int, rowsAfter: Int)
    case convolution(ConvolutionStep.Recipe)
    case byteConvolution(ConvolutionStep.Recipe, Affine)
    case patches(UnfoldGeometry, [TileTransform], FoldGeometry, PaddedRows)
    case encodeImage(EncodeTap, ImageFile)
    case encodePatches(EncodeTap, PatchFile, UnfoldGeometry, [TileTransform], PaddedRows)
    case compare(CompareTap)
  }

  /// A step or a sink, between its windows.
  package struct Node: Sendable {
    package var work: Work
    package var stageIndex: Int
    package var input: Int
    /// The window that is written; sinks have none.
    package var output: Int?
    package var bandUnits = 1
    /// Whether the node also reads the image as it was loaded.
    package var readsLoaded: Bool { if case .compare = work { true } else { false } }
    /// Whether the node needs the whole image before it starts.
    package var isBarrier = false
    /// Bytes of working memory, of all workers together.
    package var scratchBytes = 0
  }

  /// Rows in memory between two nodes.
  package struct Window: Sendable {
    package var format: RowWindow.Format
    package var height: Int
    /// Rows that are held at most.
    package var capacity = 1
    /// Bytes of the rows that are held at most.
    package var byteCount: Int { capacity * format.bytesPerRow }
    /// The image whose rows they are.
    package var shape: ImageShape {
      ImageShape(
        channels: format.channels * format.valuesPerPixel, height: height,
        width: format.width / format.valuesPerPixel)
    }
  }

  /// A stage and what flows after it.
  package struct StageRow: Sendable {
    package var index: Int
    package var name: String
    package var layout: Layout
  }

  /// The pipeline's stages, with what flows after each.
  package var stages: [StageRow] = []
  /// The image as it is loaded, oriented and in the colours asked for.
  public internal(set) var source: SourcePlan
  package var windows: [Window] = []
  package var nodes: [Node] = []
  /// Threads that one image may use.
  package var workers = 1
  /// Rows that are decoded at once.
  package var bandHeight = 1
  /// Window of the image as loaded.
  package var loadedWindow = 0

  /// Bytes that one image takes at most: windows, working memory, and what its decoder holds.
  public var byteCount: Int {
    windows.map(\.byteCount).reduce(0, +) + nodes.map(\.scratchBytes).reduce(0, +)
      + source.byteCount + bandHeight * source.rowBytes
  }

  /// Blocks of all unfolds together.
  public internal(set) var blockCount = 0
}
