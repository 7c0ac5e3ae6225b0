import CTesseraCPU

/// The processors of the machine.
package enum Processors {
  /// How many of them this process may use: a good number of workers.
  package static var count: Int { Int(tessera_processor_count()) }
}
