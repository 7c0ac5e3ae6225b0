import TesseraCodecs
import TesseraConfiguration
import TesseraFiles

/// The arrays that the stages of a pipeline read from files.
struct StageArrays {
  private(set) var values: [ArrayReference.Identity: NPYArray] = [:]
  /// What is wrong with them.
  private(set) var diagnostics: [Diagnostic] = []

  /// Reads every array once.
  init(_ pipeline: Pipeline) {
    var files: [PathKey: SafetensorsFile] = [:]
    for (index, stage) in pipeline.stages.enumerated() {
      for array in stage.arrays where values[array.identity] == nil {
        do throws(Problem) {
          let value = try Self.read(array, at: pipeline.resolve(array.path), &files)
          values[array.identity] = value
          try Self.check(value, array)
        } catch {
          diagnostics.append(
            pipeline.diagnostic(
              stage: index, key: error.key, expected: error.expected,
              found: "\"\(array.path)\": \(error.found)"))
        }
      }
    }
  }

  /// Why an array is not taken.
  private struct Problem: Error {
    var key: String
    var expected: String
    var found: String

    init(_ array: ArrayReference, _ found: String) {
      key = array.key
      let format = array.tensor == nil ? ".npy" : ".safetensors"
      expected = "a readable \(format) file of finite numbers"
      self.found = found
    }

    /// There is no tensor of that name.
    init(unnamed array: ArrayReference, in file: SafetensorsFile, _ name: String) {
      key = array.tensorKey ?? array.key
      expected = "the name of a tensor in the file"
      found = "no \(JSONWriter.quoted(name)); \(file.holdings(near: name))"
    }
  }

  /// Files with several arrays stay open until all are read.
  private static func read(
    _ array: ArrayReference, at path: String, _ files: inout [PathKey: SafetensorsFile]
  ) throws(Problem) -> NPYArray {
    let file: SafetensorsFile
    let name: String
    do throws(CodecError) {
      guard let tensor = array.tensor else { return try NPYArray.load(path: path) }
      name = tensor
      if let open = files[PathKey(path)] {
        file = open
      } else {
        file = try SafetensorsFile(path: path)
        files[PathKey(path)] = file
      }
      if let tensor = file[name] { return try file.array(of: tensor) }
    } catch {
      throw Problem(array, error.description)
    }
    throw Problem(unnamed: array, in: file, name)
  }

  private static func check(_ value: NPYArray, _ array: ArrayReference) throws(Problem) {
    guard let place = value.values.firstIndex(where: { !$0.isFinite }) else { return }
    let owner = array.tensor.map { "tensor \(JSONWriter.quoted($0)), " } ?? ""
    throw Problem(array, "\(owner)value \(place) is \(value.values[place])")
  }
}
