import TesseraCodecs
import TesseraCore
import TesseraFiles

/// Files of arrays: .npy and safetensors.
enum ArrayTarget {
  /// Values that a small input may claim.
  private static let mostValues = 1 << 16

  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let path = try folder.write(bytes, to: "array")
    if ImageFormat.sniff(bytes) == .npy {
      try checkImages(path)
      try checkArray(path, in: folder)
      try checkStream(bytes)
      checkOutline { () throws(CodecError) in [try ArrayOutline.npy(ByteSource(path: path))] }
      try checkStored { () throws(CodecError) in [try StoredArray.npy(ByteSource(path: path))] }
    } else {
      try checkTensors(path, bytes)
    }
  }

  /// An array as an image, with its channels first and last.
  private static func checkImages(_ path: String) throws {
    _ = try DecodedImage.checked(path)
    var options = DecodedImage.lenient
    options.npyLayout = .hwc
    options.roundsArrays = true
    let image: DecodedImage
    do throws(CodecError) {
      image = try DecodedImage(path, options)
    } catch {
      _ = error.description
      return
    }
    try image.checkMetadata()
  }

  /// An array of weights, written and read again.
  private static func checkArray(_ path: String, in folder: ScratchFolder) throws {
    let array: NPYArray
    do throws(CodecError) {
      array = try NPYArray.load(path: path, maxValues: mostValues)
    } catch {
      _ = error.description
      return
    }
    let file = folder.path("written.npy")
    let writer = try NPYFileWriter(path: file, shape: array.shape, storedType: .float32)
    try array.values.withUnsafeBytes { try writer.append($0) }
    try writer.finish()
    let again = try NPYArray.load(path: file)
    try expect(again.shape == array.shape, "an array that is written keeps its sides")
    try expect(
      again.values.map(\.bitPattern) == array.values.map(\.bitPattern),
      "an array that is written keeps its values")
    var floats: [Float] = []
    try NPYFileReader(path: file).forEachPiece { bytes, position in
      if position == floats.count {
        floats += bytes.bindMemory(to: Float.self)
      }
    }
    try expect(
      floats.map(\.bitPattern) == array.values.map(\.bitPattern), "pieces make up the array")
  }

  /// The same array as it comes through a pipe.
  private static func checkStream(_ bytes: [UInt8]) throws {
    guard let array = try? StreamedArray(bytes) else { return }
    try expect(array.dataOffset <= bytes.count, "a header ends within its bytes")
    try expect(
      try StreamedArray(Array(bytes[..<array.dataOffset])) == array,
      "a header does not hang on what follows it")
    let size = array.valueByteCount
    let count = min((bytes.count - array.dataOffset) / size, mostValues)
    var floats = [Float](repeating: 0, count: count)
    bytes.withUnsafeBytes { bytes in
      floats.withUnsafeMutableBufferPointer { floats in
        guard let base = bytes.baseAddress, let target = floats.baseAddress else { return }
        try? array.copyFloats(count, from: base + array.dataOffset, to: target)
      }
    }
  }

  /// What `inspect` tells of arrays.
  private static func checkOutline(_ arrays: () throws(CodecError) -> [ArrayOutline]) {
    do throws(CodecError) {
      for array in try arrays() { _ = try array.statistics() }
    } catch {
      _ = error.description
    }
  }

  /// Arrays that patches lie in.
  private static func checkStored(_ arrays: () throws(CodecError) -> [StoredArray]) throws {
    let stored: [StoredArray]
    do throws(CodecError) { stored = try arrays() } catch { return }
    for array in stored {
      do throws(CodecError) { _ = try array.integers(limit: mostValues) } catch {}
      if array.byteCount <= 8 * mostValues {
        do throws(CodecError) { _ = try array.values() } catch { _ = error.description }
      }
      if let first = array.shape.first, first > 0 {
        let slice = array.slice(first / 2..<first)
        try expect(slice.byteCount <= array.byteCount, "a slice has no more bytes than its array")
      }
      checkPatches(array)
    }
  }

  /// An array as patches that make up an image.
  private static func checkPatches(_ array: StoredArray) {
    for order in PatchOrder.allCases where order.rank == array.shape.count {
      checkPatches(array, order)
    }
  }

  private static func checkPatches(_ array: StoredArray, _ order: PatchOrder) {
    let rows =
      switch order {
      case .torch: array.shape[1]
      case .windows: array.shape[0].saturating(times: array.shape[1])
      default: array.shape[0]
      }
    var patches = StoredPatches(
      order: order, channels: 1, window: Window(kernelSize: Size(2), stride: Size(2)),
      size: Size(4), gridSize: Size(2), rowCount: rows)
    // As a dataset says it: all blocks, or some.
    if rows < 4, !order.needsWholeGrid { patches.blocks = Array(0..<rows) }
    for blocks in [nil, patches.blocks] {
      patches.blocks = blocks
      read(patches, array)
    }
  }

  private static func read(_ patches: StoredPatches, _ array: StoredArray) {
    do throws(CodecError) {
      let reader = try ImageReader(patches, in: array, options: DecodedImage.lenient)
      try reader.skipRows(reader.header.shape.height)
      _ = try reader.finish()
    } catch {
      _ = error.description
    }
  }

  private static func checkTensors(_ path: String, _ bytes: [UInt8]) throws {
    let file: SafetensorsFile
    do throws(CodecError) {
      file = try SafetensorsFile(path: path)
    } catch {
      _ = error.description
      return
    }
    try expect(
      SafetensorsFile.isLikely(firstBytes: bytes), "a file that is read is known by its start")
    for tensor in file.tensors {
      try expect(
        tensor.byteOffset + tensor.byteCount <= bytes.count, "a tensor lies within its file")
      try expect(file[tensor.name] == tensor, "a tensor is found by its name")
      _ = file.holdings(near: String(tensor.name.dropLast()))
      do throws(CodecError) {
        _ = try file.array(of: tensor, maxValues: mostValues)
      } catch {
        _ = error.description
      }
    }
    checkOutline { ArrayOutline.tensors(of: file) }
    try checkStored { () throws(CodecError) in
      try Array(StoredArray.safetensors(ByteSource(path: path)).values)
    }
  }
}
