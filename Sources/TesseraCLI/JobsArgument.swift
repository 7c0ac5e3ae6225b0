import ArgumentParser
import Tessera
import TesseraBatch

/// How many images a command works on at once.
struct JobsArgument: ParsableArguments {
  @Option(
    name: [.customShort("j", allowingJoined: true), .long],
    help: ArgumentHelp(
      "How many images to work on at once; one per core if left out.", valueName: "n"),
    transform: { try WorkerCount($0) })
  var jobs: WorkerCount?

  /// What was asked for, or one for each processor.
  var count: Int { jobs?.count ?? BatchOptions.processorCount }
}
