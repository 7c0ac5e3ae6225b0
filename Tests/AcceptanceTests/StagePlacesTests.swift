import Testing

/// A stage is one file and one line of the catalogue.
@Suite struct StagePlacesTests {
  struct Stage: Hashable, CustomTestStringConvertible {
    var type: String
    var name: String
    var testDescription: String { name }

    /// Whether a file is the stage's own: Type.swift or Type+Topic.swift.
    func owns(_ file: SourceFile) -> Bool {
      let start = "TesseraPipeline/Stages/\(type)"
      return file.path == start + ".swift" || file.path.hasPrefix(start + "+")
    }
  }

  static let catalogue = "TesseraPipeline/Document/StageCatalogue.swift"

  /// Every stage of the catalogue: its type, and its name in the file of that type.
  static let stages: [Stage] = {
    let lines = SourceFile.all.first { $0.path == catalogue }?.text ?? ""
    return lines.matches(of: /StageType\((\w+)\.self\)/).compactMap { match in
      let type = String(match.1)
      let file = SourceFile.all.first { $0.path == "TesseraPipeline/Stages/\(type).swift" }
      let name = file?.text.firstMatch(of: /static let name = "([^"]+)"/)?.1
      return name.map { Stage(type: type, name: String($0)) }
    }
  }()

  static let texts = SourceFile.all.map { (file: $0, text: SwiftText($0.text)) }

  /// Files where a word means something else: keys of `fold`, `normalize` and datasets, and values of `edge` and `small`.
  static let otherMeanings = [
    "normalize": [
      "TesseraPipeline/Stages/Fold.swift", "Tessera/Dataset/DatasetIndex.swift",
      "Tessera/Dataset/DatasetRow.swift", "Tessera/Dataset/DatasetDescription.swift",
      "Tessera/Dataset/DatasetImages.swift", "Tessera/Patches/DatasetReading.swift",
      "Tessera/Inspect/InspectionReading+Dataset.swift",
      "Tessera/Dataset/DatasetIndex+Description.swift",
    ],
    "preset": [
      "TesseraPipeline/Stages/Normalize.swift", "Tessera/Dataset/DatasetIndex.swift",
      "Tessera/Dataset/DatasetDescription.swift",
      "Tessera/Inspect/InspectionReading+Dataset.swift",
      "Tessera/Dataset/DatasetIndex+Description.swift",
    ],
    "pad": [
      "TesseraPipeline/Stages/Fold.swift", "TesseraCore/Window.swift",
      "TesseraPipeline/Stages/Crop.swift",
    ],
    // An array that goes along with patches.
    "mask": [
      "Tessera/Patches/PatchArrays.swift", "Tessera/Patches/GeometryReading.swift",
      "TesseraPipeline/Plan/PlannedDataset.swift",
    ],
  ]

  /// Files that put stages together, as a pipeline file does.
  static let compositions = [
    "TesseraPipeline/Stages/Preset+Steps.swift",
    "TesseraPipeline/Document/DrawingStages.swift",
    "TesseraPipeline/Document/RoundTripStages.swift",
  ]

  @Test("All stages of the catalogue have their file")
  func found() {
    let lines = Self.texts.first { $0.file.path == Self.catalogue }?.file.text ?? ""
    #expect(Self.stages.count == lines.matches(of: /\n    StageType\(/).count)
    #expect(Self.stages.count >= 11)
  }

  @Test(
    "Code names a stage's type, and asks for its name, only in its own file and the catalogue",
    arguments: stages)
  func places(of stage: Stage) {
    for (file, text) in Self.texts where !stage.owns(file) {
      if file.path != Self.catalogue {
        #expect(!text.words.contains(stage.type), "\(file.path) names the type")
      }
      if Self.otherMeanings[stage.name]?.contains(file.path) == true { continue }
      // A preset is written in stages of other names.
      if Self.compositions.contains(file.path) { continue }
      // Sentences may speak of stages; what stands in quotes of its own is the word of the file.
      for literal in text.literals {
        let quotes = ["\\\"\(stage.name)\\\"", "\"\(stage.name)\""]
        let isName = literal == stage.name || quotes.contains { literal.contains($0) }
        #expect(!isName, "\(file.path): \"\(literal)\"")
      }
    }
  }

  @Test("No sentence outside of the stages names one of them in backticks", arguments: stages)
  func backticks(of stage: Stage) {
    // The pages of stages speak of each other.
    let others = Self.texts.filter { !$0.file.path.hasPrefix("TesseraPipeline/Stages/") }
    for (file, text) in others {
      let isNamed = text.literals.contains { $0.contains("`\(stage.name)`") }
      #expect(!isNamed, "\(file.path)")
    }
  }
}
