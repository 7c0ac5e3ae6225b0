import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraPipeline

/// The line of `images.jsonl` that tells of one image.
enum DatasetRow {
  /// What is known of an image before it has a place in a shard.
  ///
  /// - Parameters:
  ///   - key: what it is called.
  ///   - item: the input.
  ///   - source: the image as it was loaded.
  ///   - planned: what it gives.
  ///   - patchCount: how many patches came; `nil` for images.
  ///   - blocks: the numbers of the blocks that are left; `nil` where all are there.
  ///   - label: its label, where there are some.
  ///   - split: the part that it is in, where there are some.
  ///   - reference: what `dataset.json` tells of all: how values came from pixels is told where it differs.
  /// - Returns: the members in order.
  static func members(
    key: String, item: Item, source: ImageShape, planned: PlannedDataset, patchCount: Int?,
    blocks: [Int]?, label: String?, split: String?, unlike reference: PlannedDataset?
  ) -> [JSONMember] {
    var members = [
      JSONMember("key", JSONValue(.string(key))),
      JSONMember("source", JSONValue(.string(item.name))),
      JSONMember("width", JSONValue(source.width)), JSONMember("height", JSONValue(source.height)),
      JSONMember("size", JSONValue([planned.size.height, planned.size.width])),
    ]
    if let view = item.view { members.append(JSONMember("view", JSONValue(view))) }
    if let grid = planned.gridSize {
      members.append(JSONMember("grid", JSONValue([grid.height, grid.width])))
    }
    if let pixels = planned.pixelType, pixels != reference?.pixelType {
      members.append(JSONMember("pixels", JSONValue(.string(pixels.rawValue))))
    }
    if let normalization = planned.normalization, normalization != reference?.normalization {
      members.append(JSONMember("normalize", normalization.description))
    }
    if let patchCount { members.append(JSONMember("patches", JSONValue(patchCount))) }
    if let blocks { members.append(JSONMember("blocks", JSONValue(blocks))) }
    if let label { members.append(JSONMember("label", JSONValue(.string(label)))) }
    if let split { members.append(JSONMember("split", JSONValue(.string(split)))) }
    return members
  }

  /// The line, without its end.
  ///
  /// - Parameters:
  ///   - members: what `members` gave.
  ///   - shard: the name of the file that the image is in; `nil` where it has its own.
  ///   - firstPatch: its first patch, counted from the first one of the shard.
  /// - Returns: an object's text.
  static func text(_ members: [JSONMember], shard: String?, firstPatch: Int) -> String {
    let place = ["patches", "blocks", "label", "split"]
    var all = members.filter { !place.contains($0.key) }
    if let shard { all.append(JSONMember("shard", JSONValue(.string(shard)))) }
    let patches = members.filter { $0.key == "patches" }
    if shard != nil, !patches.isEmpty {
      all.append(JSONMember("first_patch", JSONValue(firstPatch)))
    }
    all += patches + members.filter { ["blocks", "label", "split"].contains($0.key) }
    return JSONWriter.compact(JSONValue(.object(all)))
  }
}

extension JSONValue {
  /// An integer.
  init(_ integer: Int) { self.init(.number(JSONNumber(integer))) }

  /// A list of integers.
  init(_ integers: [Int]) { self.init(.array(integers.map { JSONValue($0) })) }
}
