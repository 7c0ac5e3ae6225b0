import Tessera
import TesseraConfiguration
import TesseraPipeline

/// What kernels there are, for people and for programs.
struct KernelListing {
  private let kernels: NamedKernels

  init(_ kernels: NamedKernels) { self.kernels = kernels }

  /// A kernel in figures.
  private struct Entry {
    var name: String
    var sum: Double
    var magnitude: Double
  }

  private var entries: [Entry] {
    let array = kernels.kernels
    let taps = array.height * array.width
    return kernels.names.enumerated().map { index, name in
      let values = array.values[index * taps..<(index + 1) * taps]
      return Entry(
        name: name, sum: values.reduce(0, +), magnitude: values.reduce(0) { $0 + abs($1) })
    }
  }

  /// A line for all, then one for each: number, name, sum, sum of magnitudes.
  var text: String {
    let array = kernels.kernels
    let count = kernels.names.count
    let outputs = kernels.maximumRuns.map { ", \($0.count) maxima of them" } ?? ""
    let head =
      "\(kernels.title.printable): \(count) \(count == 1 ? "kernel" : "kernels") of "
      + "\(array.height) × \(array.width)\(outputs)"
    let rows =
      [["#", "name", "sum", "Σ|w|"]]
      + entries.enumerated().map { index, entry in
        [
          String(index), entry.name, Self.figure(entry.sum), Self.figure(entry.magnitude),
        ]
      }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }.joined(separator: "  ").trimmingEnd
    }
    return ([head, ""] + lines).joined(separator: "\n")
  }

  /// One object.
  var json: String {
    let array = kernels.kernels
    let list = entries.map { entry -> JSONValue in
      [
        "name": JSONValue(.string(entry.name)), "sum": JSONValue(.number(JSONNumber(entry.sum))),
        "magnitude": JSONValue(.number(JSONNumber(entry.magnitude))),
      ]
    }
    var members = [
      JSONMember("bank", JSONValue(.string(kernels.title))),
      JSONMember(
        "shape", JSONValue(.array(array.shape.map { JSONValue(.number(JSONNumber($0))) }))),
    ]
    if let runs = kernels.maximumRuns {
      members.append(
        JSONMember("maxima_of", JSONValue(.array(runs.map { JSONValue(.number(JSONNumber($0))) }))))
    }
    members.append(JSONMember("kernels", JSONValue(.array(list))))
    return JSONWriter.compact(JSONValue(.object(members)))
  }

  /// Four digits behind the point, and what is less than these tell is 0.
  private static func figure(_ value: Double) -> String {
    let rounded = (value * 1e4).rounded() / 1e4
    return rounded == rounded.rounded() && abs(rounded) < 1e9
      ? String(Int(rounded)) : String(rounded)
  }
}

extension String {
  /// Without spaces at its end.
  fileprivate var trimmingEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
