import Testing

@testable import TesseraConfiguration

@Suite struct NameTemplateTests {
  private static let values: [NameTemplate.Placeholder: String] = [
    .dir: "a/b", .stem: "cat", .ext: "jpg", .channel: "2", .parent: "b", .root: "r/in",
  ]

  @Test(
    "Placeholders are replaced and the rest stays",
    arguments: [
      ("{dir}/{stem}-{ext}.png", "a/b/cat-jpg.png"), ("plain.png", "plain.png"),
      ("{stem}{stem}", "catcat"), ("{root}/{parent}_{stem}.png", "r/in/b_cat.png"),
      ("x/{channel}/{stem}.npy", "x/2/cat.npy"),
    ])
  func names(_ template: String, _ name: String) throws {
    let parsed = try NameTemplate(template)
    #expect(parsed.name { Self.values[$0] ?? "" } == name)
    #expect(parsed.description == template)
    #expect(parsed.namesChannels == template.contains("{channel}"))
  }

  @Test("A literal name stands for itself", arguments: ["a{1}.png", "{stem}", "report.jsonl"])
  func literal(_ name: String) {
    #expect(NameTemplate(literal: name).name { _ in "x" } == name)
  }

  @Test("An empty folder takes its slash along")
  func emptyFolder() throws {
    let template = try NameTemplate("{dir}/{stem}.png")
    #expect(template.name { $0 == .stem ? "cat" : "" } == "cat.png")
  }

  @Test(
    "Templates that cannot name a file are refused",
    arguments: [
      ("{stem", .unmatchedBrace), ("stem}", .unmatchedBrace), ("{}", .unknownPlaceholder("")),
      ("{name}.png", .unknownPlaceholder("name")), ("../{stem}", .leavesFolder),
      ("a/../../{stem}", .leavesFolder), ("/{stem}", .leavesFolder), ("a\0b", .leavesFolder),
      ("{dir}/", .noFileName), ("", .noFileName), (".", .noFileName), ("{dir}/.", .noFileName),
      ("report.jsonl", .reserved("report.jsonl")),
      ("{dir}/./report.jsonl", .reserved("report.jsonl")),
      ("x/.tessera/{stem}.png", .reserved(".tessera")),
      (".tessera{stem}", .reserved(".tessera{stem}")),
      ("{stem}.tessera-part", .reserved("{stem}.tessera-part")),
    ] as [(String, NameTemplateError)])
  func refused(_ template: String, _ error: NameTemplateError) {
    #expect(throws: error) { try NameTemplate(template) }
  }
}
