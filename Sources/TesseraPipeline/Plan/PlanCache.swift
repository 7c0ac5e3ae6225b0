import TesseraCodecs
import TesseraThreads

/// Plans of headers that have been met: folders hold many images of few sizes.
package final class PlanCache: Sendable {
  private struct Kept {
    var plans: [ImageHeader: Plan] = [:]
    /// Bytes of their tables.
    var byteCount = 0
  }

  /// Plans that are kept; when there are more, all are forgotten.
  private static let limit = 256
  /// Bytes of tables that are kept beside those of the last plan: memory that no plan tells of.
  private static let byteLimit = 1 << 21

  private let kept = Monitor(Kept())

  package init() {}

  /// The plan of an image with a header.
  ///
  /// - Parameters:
  ///   - header: what its file says of itself.
  ///   - image: which one it is: where that counts, nothing is kept.
  ///   - planner: the same one in every call.
  ///   - cancellation: asked while it is planned.
  /// - Returns: what `planner` makes of it.
  /// - Throws: `PlanningError` where a stage cannot work on such an image.
  package func plan(
    _ header: ImageHeader, of image: ImageIdentity = .example, by planner: Planner,
    cancellation: Cancellation = Cancellation()
  ) throws(PlanningError) -> Plan {
    if planner.isRandom { return try planner.plan(header, of: image, cancellation) }
    if let plan = kept.withLock({ $0.plans[header] }) { return plan }
    let plan = try planner.plan(header, of: image, cancellation)
    let byteCount = plan.work.tableByteCount
    kept.withLock { kept in
      if kept.plans.count == Self.limit || kept.byteCount + byteCount > Self.byteLimit {
        kept = Kept()
      }
      kept.plans[header] = plan
      kept.byteCount += byteCount
    }
    return plan
  }
}
