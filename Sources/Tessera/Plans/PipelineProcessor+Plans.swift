import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraPipeline
import TesseraThreads

/// The image of a dataset that speaks for all, as a plan keeps it.
struct ReferenceImage: Sendable {
  let header: ImageHeader
  let identity: ImageIdentity

  init(_ header: ImageHeader, _ identity: ImageIdentity) {
    self.header = header
    self.identity = identity
  }

  /// Reads what ``json`` is; `nil` where it is something else.
  init?(_ json: JSONValue) {
    guard let header = json["header"].flatMap(ImageHeader.init), let key = json["key"]?.string,
      let view = json["view"]?.number?.integer
    else { return nil }
    self.init(header, ImageIdentity(key: key, view: view))
  }

  var json: JSONValue {
    [
      "key": JSONValue(.string(identity.key)),
      "view": .integer(identity.view), "header": header.json ?? .init(.null),
    ]
  }
}

extension PipelineProcessor: PlannableProcessor {
  package var common: JSONValue {
    if datasets.isEmpty { return .init(.null) }
    let classes = datasets.map { dataset in
      JSONMember(
        String(dataset.destination.stageIndex),
        JSONValue(.array(dataset.common.classes.map { JSONValue(.string($0)) })))
    }
    return [
      "reference": reference.withLock(\.self)?.json ?? .init(.null),
      "classes": JSONValue(.object(classes)),
    ]
  }

  package func note(on views: ArraySlice<Item>) -> JSONValue? {
    let tiles = datasets.filter(\.holdsTiles)
    if tiles.isEmpty { return nil }
    return JSONValue(
      .object(
        tiles.map { dataset in
          let numbers = views.map { item -> JSONValue in
            dataset.folders.firstNumber(of: dataset.key(of: item))
              .map(JSONValue.integer) ?? .init(.null)
          }
          return JSONMember(
            String(dataset.destination.stageIndex), JSONValue(.array(numbers)))
        }))
  }

  package var namesChannels: Bool {
    destinations.contains { $0.nameTemplate?.namesChannels == true }
  }

  package func take(common: JSONValue, of inputs: PlannedInputs) -> Bool {
    if datasets.isEmpty { return true }
    guard let told = common["reference"] else { return false }
    var plan: Plan?
    if !told.isNull {
      guard let image = ReferenceImage(told) else { return false }
      plan = try? plans.plan(image.header, of: image.identity, by: planner)
      if plan == nil { return false }
      reference.withLock { $0 = image }
    }
    for dataset in datasets {
      let stage = String(dataset.destination.stageIndex)
      guard let classes = common["classes"]?[stage]?.elements else { return false }
      var folders = TileFolders([])
      if dataset.holdsTiles {
        guard inputs.notes.count == inputs.items.withoutViews.count else { return false }
        for (item, note) in zip(inputs.items.withoutViews, inputs.notes) {
          for (view, number) in (note[stage]?.elements ?? []).enumerated() {
            var item = item
            item.view = inputs.items.viewCount == nil ? nil : view
            // It counts pictures of all inputs before this one.
            if let number = number.number?.count {
              folders.take(number, of: dataset.key(of: item))
            }
          }
        }
      }
      dataset.take(
        reference: plan?.dataset(ofStage: dataset.destination.stageIndex),
        classes: classes.compactMap(\.string), folders: folders)
    }
    return true
  }
}
