import Glibc
import TesseraCore

/// A faster way to the same bits: it looks at neighbouring operators and puts another in their place.
///
/// To add one: a file in Rewrites/, a line in `Rewrites.all`.
package protocol Rewrite: Sendable {
  /// The word by which it is switched, and `explain` tells that it was taken.
  var name: String { get }
  /// Changes a graph where the rewrite fits, and returns whether it did.
  func apply(to graph: inout Graph) -> Bool
}

/// A rewrite of a run of neighbouring operators by others, wherever it stands.
package protocol LocalRewrite: Rewrite {
  /// What stands in place of the first `count` of some links; `nil` where they do not fit.
  func replacement(
    for links: ArraySlice<Graph.Link>
  ) -> (count: Int, operators: [any Operator])?
}

extension LocalRewrite {
  package func apply(to graph: inout Graph) -> Bool {
    var isTaken = false
    var index = 0
    while index < graph.links.count {
      if let (count, operators) = replacement(for: graph.links[index...]) {
        // The work is told under the stage that ends it.
        let stage = graph.links[index + count - 1].stageIndex
        graph.links.replaceSubrange(
          index..<index + count, with: operators.map { Graph.Link($0, stageIndex: stage) })
        isTaken = true
      }
      index += 1
    }
    return isTaken
  }
}

/// The rewrites that there are, and those that are in force.
package enum Rewrites {
  /// Every rewrite, in the order in which they are tried.
  package static let all: [any Rewrite] = [
    DirectConvolution(), CopiedBlocks(), NormalizedBlocks(), PixelStrips(), IntegerStrips(),
    CroppedResize(), ResizedPixels(),
  ]

  /// The rewrites that a list of names keeps: all without one, none for `none`.
  ///
  /// - Throws: `RewriteSelectionError` for a name that no rewrite has.
  package static func selected(_ names: String?) throws(RewriteSelectionError) -> [any Rewrite] {
    guard let names, !names.isEmpty else { return all }
    if names == "none" { return [] }
    let wanted = names.split(separator: ",").map(String.init)
    if let unknown = wanted.first(where: { name in !all.contains { $0.name == name } }) {
      throw RewriteSelectionError(name: unknown)
    }
    return all.filter { wanted.contains($0.name) }
  }

  /// The rewrites that the environment's `TESSERA_REWRITES` keeps.
  ///
  /// - Throws: `RewriteSelectionError` for a name that no rewrite has.
  package static func selected() throws(RewriteSelectionError) -> [any Rewrite] {
    try selected(getenv("TESSERA_REWRITES").map { String(cString: $0) })
  }
}

/// `TESSERA_REWRITES` names a rewrite that does not exist.
public struct RewriteSelectionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name that was found.
  public let name: String

  /// One sentence with the names that there are.
  public var description: String {
    let known = Rewrites.all.map(\.name).joined(separator: ", ")
    return "TESSERA_REWRITES names \"\(name.printable)\"; expected none, or some of \(known)"
  }
}
