/// A program to run beside this process, and what it is told.
package struct ChildCommand: Hashable, Sendable {
  /// The file of the program.
  package var path: String
  /// What it gets as arguments, its own name as it was written the first of them.
  package var arguments: [String]

  package init(path: String, arguments: [String]) {
    self.path = path
    self.arguments = arguments
  }
}
