import TesseraConfiguration

/// A processor whose runs can be planned once and done in parts.
package protocol PlannableProcessor: InputProcessor {
  /// What was found out of all items together, once they have been looked at.
  var common: JSONValue { get }

  /// What was found out of an input beyond its name.
  ///
  /// - Parameter views: the items that it comes as.
  /// - Returns: `nil` where nothing was, of this one or any.
  func note(on views: ArraySlice<Item>) -> JSONValue?

  /// Whether names of outputs say where the channel stands, so that it may be anywhere.
  var namesChannels: Bool { get }

  /// Takes what was found out of all inputs when they were planned, in place of looking at them.
  ///
  /// - Parameters:
  ///   - common: ``common`` as it was.
  ///   - inputs: some of the inputs, with what was noted on each.
  /// - Returns: whether it is that of a plan.
  func take(common: JSONValue, of inputs: PlannedInputs) -> Bool
}
