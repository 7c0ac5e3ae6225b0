import TesseraCore
import Testing

/// The reader of the vectors against Tessera's own geometry, so that neither can drift unseen.
struct GeometryVectorsTests {
  static let vectors = Result { try GeometryVector.load() }

  @Test("Grids and coverage are PyTorch's on every geometry", arguments: try vectors.get())
  func gridsAndCoverage(vector: GeometryVector) throws {
    let grid = try vector.window.grid(on: Size(height: vector.size[0], width: vector.size[1]))
    #expect([grid.rows.count, grid.columns.count] == vector.grid)
    let columns = grid.columns.coverage()
    let counts = grid.rows.coverage().flatMap { row in columns.map { Float(row * $0) } }
    #expect(fnv1a(counts) == vector.coverage)
  }

  @Test("Unfolding value by value gives PyTorch's columns", arguments: try vectors.get())
  func unfoldedColumns(vector: GeometryVector) throws {
    let window = try vector.window
    let grid = try window.grid(on: Size(height: vector.size[0], width: vector.size[1]))
    let image = vector.image
    var columns: [Float] = []
    for channel in 0..<vector.channels {
      for i in 0..<vector.kernelSize[0] {
        for j in 0..<vector.kernelSize[1] {
          for top in grid.rows.starts {
            for left in grid.columns.starts {
              let row = window.paddingMode.source(
                of: top + i * vector.dilation[0], size: vector.size[0])
              let column = window.paddingMode.source(
                of: left + j * vector.dilation[1], size: vector.size[1])
              guard let row, let column else {
                columns.append(0)
                continue
              }
              columns.append(image[(channel * vector.size[0] + row) * vector.size[1] + column])
            }
          }
        }
      }
    }
    #expect(fnv1a(columns) == vector.unfold)
  }
}
