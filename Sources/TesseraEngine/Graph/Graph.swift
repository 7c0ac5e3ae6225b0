/// A pipeline lowered for one size of image: where rows come from, and the operators in order.
package struct Graph: Sendable {
  /// An operator and the stage that lowered to it.
  package struct Link: Sendable {
    /// The operation.
    package var work: any Operator
    /// The stage, counted from 0.
    package var stageIndex: Int

    package init(_ work: any Operator, stageIndex: Int) {
      self.work = work
      self.stageIndex = stageIndex
    }
  }

  /// The image's file, and how it becomes rows.
  package var source: SourcePlan
  /// Whether rows keep the form in which they were decoded: pixel after pixel, not plane by plane.
  package var keepsPixels = false
  /// The operators, in the order in which values flow.
  package var links: [Link] = []
  /// Names of the rewrites that were taken, in order.
  package private(set) var rewrites: [String] = []

  package init(source: SourcePlan) { self.source = source }

  /// Appends what a stage lowered to.
  package mutating func append(_ operators: [any Operator], stage: Int) {
    links += operators.map { Link($0, stageIndex: stage) }
  }

  /// Takes every rewrite of a list that fits, in its order.
  package mutating func rewrite(by rewrites: [any Rewrite]) {
    for rewrite in rewrites where rewrite.apply(to: &self) {
      self.rewrites.append(rewrite.name)
    }
  }
}
