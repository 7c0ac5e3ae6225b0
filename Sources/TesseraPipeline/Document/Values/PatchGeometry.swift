import TesseraConfiguration
import TesseraCore

/// How stored patches make an image, where no dataset tells.
public struct PatchGeometry: Hashable, Sendable {
  /// Height and width of the image [px]; `nil` where the file tells how many patches lie in rows and
  /// columns, and none overlap.
  public var outputSize: Size?
  /// Where the blocks lie; its edge is `drop`, or `pad` for the last ones to reach outside.
  public var window: Window
  /// Planes of a patch; `nil` leaves them to its length.
  public var channels: Int?

  /// Says where blocks of a size lie.
  public init(_ window: Window, outputSize: Size? = nil, channels: Int? = nil) {
    self.window = window
    self.outputSize = outputSize
    self.channels = channels
  }
}

extension ParameterKind where Value == PatchGeometry {
  private static let expected = "{\"output_size\": [224, 224], \"kernel_size\": 16, \"stride\": 16}"
  private static let size = ParameterKind<Size>.pair(in: Limits.image)
  private static let side = ParameterKind<Size>.pair(in: Limits.window)
  private static let padding = ParameterKind<Size>.pair(in: Limits.padding)
  private static let channels = ParameterKind<Int>.integer(in: Limits.groups)
  private static let edge = ParameterKind<EdgePolicy>.word
  private static let keys = [
    "output_size", "kernel_size", "stride", "padding", "dilation", "edge", "halo", "channels",
  ]

  /// An object with the keys of `fold`, `edge` and `channels`; `kernel_size` is required.
  static var geometry: Self {
    ParameterKind(
      expected: expected,
      schema: [
        "type": "object",
        "properties": [
          "output_size": size.schema, "kernel_size": side.schema, "stride": side.schema,
          "padding": padding.schema, "dilation": side.schema, "edge": edge.schema,
          "halo": padding.schema, "channels": channels.schema,
        ],
        "required": ["kernel_size"], "additionalProperties": false,
      ],
      read: { value, findings in
        guard
          let values = findings.members(of: value, keys: keys, expected: expected)?.values
        else { return nil }
        let before = findings.count
        func member<Member>(_ key: String, _ kind: ParameterKind<Member>) -> Member? {
          values[key].flatMap { value in
            findings.within(.key(key)) { kind.read(value, &$0) }
          }
        }
        let kernelSize = member("kernel_size", side)
        if values["kernel_size"] == nil {
          findings.add(
            .rule("expected the key \"kernel_size\", found no such key"), at: value.position)
        }
        let outputSize = member("output_size", size)
        var window = Window(kernelSize: kernelSize ?? Size(1))
        // Without a size blocks lie side by side.
        if outputSize == nil { window.stride = window.kernelSize }
        if let stride = member("stride", side) { window.stride = stride }
        if let size = member("padding", padding) { window.padding = .symmetric(size) }
        if let dilation = member("dilation", side) { window.dilation = dilation }
        if let edge = member("edge", edge) { window.edge = edge }
        if let halo = member("halo", padding) { window.halo = halo }
        let geometry = PatchGeometry(
          window, outputSize: outputSize, channels: member("channels", channels))
        guard findings.count == before else { return nil }
        var sideBySide = Window(kernelSize: window.kernelSize, stride: window.kernelSize)
        sideBySide.halo = window.halo
        if outputSize == nil, window != sideBySide {
          findings.add(
            .rule(
              "expected the key \"output_size\" where blocks overlap, have gaps or reach outside, "
                + "found no such key"), at: value.position)
          return nil
        }
        return geometry
      },
      write: { geometry in
        var members: [JSONMember] = []
        if let outputSize = geometry.outputSize {
          members.append(JSONMember("output_size", size.write(outputSize)))
        }
        let window = geometry.window
        members.append(JSONMember("kernel_size", side.write(window.kernelSize)))
        if geometry.outputSize != nil, window.stride != Size(1) {
          members.append(JSONMember("stride", side.write(window.stride)))
        }
        if case .symmetric(let size) = window.padding, size != Size(0) {
          members.append(JSONMember("padding", padding.write(size)))
        }
        if window.dilation != Size(1) {
          members.append(JSONMember("dilation", side.write(window.dilation)))
        }
        if window.edge != .drop { members.append(JSONMember("edge", edge.write(window.edge))) }
        if window.halo != Size(0) {
          members.append(JSONMember("halo", padding.write(window.halo)))
        }
        if let count = geometry.channels {
          members.append(JSONMember("channels", channels.write(count)))
        }
        return JSONValue(.object(members))
      })
  }
}
