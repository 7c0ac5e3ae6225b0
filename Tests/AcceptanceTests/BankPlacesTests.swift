import Testing

/// A bank of kernels is one file and one line of the catalogue.
@Suite struct BankPlacesTests {
  static let catalogue = "TesseraPipeline/Banks/KernelBankCatalogue.swift"

  /// The types of the catalogue.
  static let banks: [String] = {
    let text = SourceFile.all.first { $0.path == catalogue }?.text ?? ""
    return text.matches(of: /\n    bank\((\w+)\.self\)/).map { String($0.1) }
  }()

  @Test("All banks of the catalogue have their file")
  func found() {
    let files = Set(SourceFile.all.map(\.path))
    #expect(Self.banks.count >= 21)
    for bank in Self.banks { #expect(files.contains("TesseraPipeline/Banks/\(bank).swift")) }
  }

  @Test("Code names a bank's type only in its own file and in the catalogue", arguments: banks)
  func places(of bank: String) {
    for (file, text) in StagePlacesTests.texts
    where file.path != Self.catalogue && file.path != "TesseraPipeline/Banks/\(bank).swift" {
      #expect(!text.words.contains(bank), "\(file.path) names the type")
    }
  }
}
