import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline

extension DatasetIndex {
  /// The members of `dataset.json`.
  var description: [JSONMember] {
    var members = heading
    let common = dataset.common
    if let planned = common.reference {
      members += planned.description(
        layout: dataset.holdsTiles ? "image" : nil, holdsArrays: dataset.holdsArraysOfMany)
    }
    members.append(JSONMember("stages", stages))
    members.append(JSONMember("images", JSONValue(imageCount)))
    if case .patches = common.reference?.form.contents {
      members.append(JSONMember("patches", JSONValue(patchCount)))
    }
    let classes = dataset.files.labels == nil ? foundLabels.sorted().map(\.path) : common.classes
    if dataset.files.labels != nil || !classes.isEmpty {
      members.append(
        JSONMember("classes", JSONValue(.array(classes.map { JSONValue(.string($0)) }))))
    }
    let names = decoders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    members.append(
      JSONMember("decoders", JSONValue(.array(names.map { JSONValue(.string($0)) }))))
    if dataset.files.imagesPerShard != nil {
      members.append(JSONMember("shards", JSONValue(.array(shards.map(\.description)))))
    }
    return members
  }
}

extension DatasetIndex.Shard {
  fileprivate var description: JSONValue {
    [
      "file": JSONValue(.string(name)), "bytes": JSONValue(byteCount),
      "xxh64": JSONValue(.string(hash)), "first_image": JSONValue(firstImage),
      "images": JSONValue(imageCount), "patches": JSONValue(patchCount),
    ]
  }
}

extension PlannedDataset {
  /// What all images have in common, as members of `dataset.json`.
  ///
  /// - Parameters:
  ///   - layout: what stands in place of the order of patches.
  ///   - holdsArrays: whether arrays of several images become one.
  /// - Returns: the members in order.
  fileprivate func description(layout: String?, holdsArrays: Bool) -> [JSONMember] {
    var members: [JSONMember] = []
    let dtype = JSONMember("dtype", JSONValue(.string(form.storedType.rawValue)))
    switch form.contents {
    case .patches(let order, let channels, let size):
      members += [
        JSONMember("layout", JSONValue(.string(layout ?? order.rawValue))), dtype,
        JSONMember("patch", JSONValue([channels, size.height, size.width])),
      ]
    case .image(let channels, let size):
      members += [JSONMember("layout", "images"), dtype]
      if let size {
        members.append(JSONMember("image", JSONValue([channels, size.height, size.width])))
      }
    }
    if holdsArrays { members.append(JSONMember("joined", JSONValue(.bool(form.isJoined)))) }
    if let window { members.append(JSONMember("geometry", window.description)) }
    if let channelNames {
      let names = channelNames.map { JSONValue(.string($0)) }
      members.append(JSONMember("channel_names", JSONValue(.array(names))))
    }
    if hasAlpha { members.append(JSONMember("alpha", JSONValue(.bool(true)))) }
    if let pixelType, pixelType != .float32 {
      members.append(JSONMember("pixels", JSONValue(.string(pixelType.rawValue))))
    }
    if let preset { members.append(JSONMember("preset", JSONValue(.string(preset)))) }
    if let normalization {
      members.append(JSONMember("normalize", normalization.description))
    }
    return members
  }
}

extension StoredNormalization {
  /// An object with scale, mean and std.
  var description: JSONValue {
    let list = { (values: [Double]) in
      JSONValue(.array(values.map { JSONValue(.number(JSONNumber($0))) }))
    }
    return [
      "scale": JSONValue(.number(JSONNumber(scale))), "mean": list(mean), "std": list(std),
    ]
  }
}

extension Window {
  /// The keys of an unfold.
  fileprivate var description: JSONValue {
    let pair = { (size: Size) in JSONValue([size.height, size.width]) }
    let before: JSONValue
    switch padding {
    case .symmetric(let size): before = pair(size)
    case .same: before = "same"
    }
    var members = [
      JSONMember("kernel_size", pair(kernelSize)), JSONMember("stride", pair(stride)),
      JSONMember("padding", before), JSONMember("dilation", pair(dilation)),
      JSONMember("padding_mode", JSONValue(.string(paddingMode.rawValue))),
      JSONMember("edge", JSONValue(.string(edge.rawValue))),
    ]
    if halo != Size(0) { members.append(JSONMember("halo", pair(halo))) }
    return JSONValue(.object(members))
  }
}
