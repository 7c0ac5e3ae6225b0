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

  @Test(
    "An empty folder takes the separators beside it along, and the extension stays",
    arguments: [
      ("{dir}/{stem}.png", "cat.png"), ("{dir}-{stem}.npy", "cat.npy"),
      ("{parent}_{stem}.png", "cat.png"), ("{root}.{stem}.png", "cat.png"),
      ("{root} {stem}.png", "cat.png"), ("{dir} - {stem}.png", "cat.png"),
      ("{dir}__{stem}.png", "cat.png"), ("{root}-{dir}-{stem}.png", "cat.png"),
      ("{root}{dir}-{stem}.png", "cat.png"), ("{root}/{dir}/{stem}.png", "cat.png"),
      ("{dir}-/{stem}.png", "cat.png"), ("{dir}/-{stem}.png", "-cat.png"),
      ("{stem}-{dir}.png", "cat.png"), ("{stem}.{dir}.png", "cat.png"),
      ("{stem}-{dir}-{ext}.png", "cat-jpg.png"), ("x/{dir}-{stem}.png", "x/cat.png"),
      ("x/{dir}/{stem}.png", "x/cat.png"), ("x-{dir}x.png", "xx.png"),
      ("{dir}x-{stem}.png", "x-cat.png"), ("{dir}.png", ".png"), ("x/{dir}.png", "x/.png"),
      ("x/-{dir}.png", "x/-.png"), ("{dir}-.png", ".png"), ("{ext}{dir}-{stem}.png", "jpg-cat.png"),
    ])
  func emptyFolder(_ template: String, _ name: String) throws {
    let template = try NameTemplate(template)
    #expect(template.name { $0.rawValue.hasSuffix("m") ? "cat" : $0 == .ext ? "jpg" : "" } == name)
  }

  @Test(
    "A folder that is not empty keeps what separates it, and so does what is no folder",
    arguments: [
      ("{root}{dir}-{stem}.png", "r-cat.png"), ("{root}-{dir}-{stem}.png", "r-cat.png"),
      ("{dir}{root}-{stem}.png", "r-cat.png"), ("{stem}-{ext}.png", "cat-.png"),
      ("{ext}-{stem}.png", "-cat.png"), ("{stem}-{dir}{root}.png", "cat-r.png"),
    ])
  func fullFolder(_ template: String, _ name: String) throws {
    let template = try NameTemplate(template)
    #expect(template.name { [.stem: "cat", .root: "r"][$0] ?? "" } == name)
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
