import Testing

@testable import TesseraBatch

/// What a run does unless it is told otherwise.
struct BatchOptionsTests {
  @Test("Nothing is replaced, read again or retried, and locks are needed, unless that is said")
  func defaults() {
    let options = BatchOptions(recipe: "r", folder: "out")
    #expect(options.jobs == 1 && options.memoryLimit == nil && options.version == "")
    #expect(!options.failsFast && !options.overwrites && !options.verifiesDone)
    #expect(!options.retriesFailed && options.needsLock && !options.waitsForLock)
    #expect(!options.writesOneFile && options.otherFolders == [] && options.stateFolder == nil)
    #expect(options.recipe == "r" && options.reportPath == "out/report.jsonl")
    #expect(!options.ownsStateFolder && options.planned == nil)
    #expect(BatchOptions(recipe: "", folder: nil).reportPath == nil)
    #expect(BatchOptions(recipe: "", folder: nil, jobs: -3).jobs == 1)
  }
}
