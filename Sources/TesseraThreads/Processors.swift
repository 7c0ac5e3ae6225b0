import CTesseraCPU

/// What there is to run threads on.
package enum Processors {
  /// Processors that this process may use.
  package static var count: Int { Int(tessera_processor_count()) }
}
