import TesseraConfiguration

/// Where the labels of a dataset's images come from.
public enum DatasetLabels: Hashable, Sendable {
  /// The first folder of the relative path.
  case folder
  /// The path of a table with the columns file_name and label.
  case file(String)
}

extension ParameterKind where Value == DatasetLabels {
  /// `"folder"`, or an object with the path of a table.
  static var labels: Self {
    let expected = "\"folder\", or {\"file\": \"labels.csv\"}"
    let path = ParameterKind<String>.path()
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [
        Schema.words(["folder"]),
        [
          "type": "object", "properties": ["file": path.schema], "required": ["file"],
          "additionalProperties": false,
        ],
      ]),
      read: { value, findings in
        if value.string == "folder" { return .folder }
        if let members = value.members, members.count == 1, members[0].key == "file" {
          return path.read(members[0].value, &findings).map { .file($0) }
        }
        findings.mismatch(
          value, expected: expected, suggestion: value.nearest(among: ["folder"]))
        return nil
      },
      write: { labels in
        switch labels {
        case .folder: "folder"
        case .file(let file): ["file": path.write(file)]
        }
      })
  }
}
