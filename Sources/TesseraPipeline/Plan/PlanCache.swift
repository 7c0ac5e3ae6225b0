import TesseraCodecs
import TesseraThreads

/// Plans of headers that have been met: folders hold many images of few sizes.
package final class PlanCache: Sendable {
  /// Plans that are kept; when there are more, all are forgotten.
  private static let limit = 256

  private let plans = Monitor<[ImageHeader: Plan]>([:])

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
    if let plan = plans.withLock({ $0[header] }) { return plan }
    let plan = try planner.plan(header, of: image, cancellation)
    plans.withLock { plans in
      if plans.count == Self.limit { plans.removeAll() }
      plans[header] = plan
    }
    return plan
  }
}
