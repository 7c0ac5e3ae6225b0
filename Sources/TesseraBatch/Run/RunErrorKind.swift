/// What ended a whole run in a word, for programs; docs/reports.md tells of each.
package enum RunErrorKind: String, Sendable, CaseIterable {
  case usage, unreadable, pipeline, conflict, exists, create, write, interrupted, bug, plan,
    incomplete
  case noInput = "no_input"
  case inUse = "in_use"
}
