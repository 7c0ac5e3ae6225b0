import Glibc
import TesseraCodecs
import Testing

@testable import TesseraEngine

/// What is said of programs does not hang on how quick they are.
struct ChildProcessTests {
  @Test("What a program says before it is asked is read as its answer")
  func unasked() throws {
    let child = try ChildProcess(ChildCommand(path: "/bin/echo", arguments: ["echo", "loading"]))
    for _ in 0..<10_000 where !child.hasWritten { usleep(1000) }
    var (question, answer): ([Float], [Float]) = ([1], [0])
    var scratch = [Float](repeating: 0, count: PatchConversation.scratchCount)
    try question.withUnsafeMutableBufferPointer { question in
      try answer.withUnsafeMutableBufferPointer { answer in
        try scratch.withUnsafeMutableBufferPointer { scratch in
          let (asked, told) = (
            try #require(question.baseAddress), try #require(answer.baseAddress)
          )
          var talk = PatchConversation(
            .init(values: asked, pitch: 1, count: 1, sides: [1, 1, 1]),
            answer: .init(values: told, pitch: 1, count: 1, sides: [1, 1, 1]),
            scratch: try #require(scratch.baseAddress))
          let interruption = #expect(throws: ChildProcess.Interruption.self) {
            try child.exchange(&talk, seconds: 10) { false }
          }
          guard case .failure(let reason)? = interruption else {
            Issue.record("\(String(describing: interruption))")
            return
          }
          #expect("\(reason)".contains("something else than an .npy array: \"loadin"), "\(reason)")
        }
      }
    }
  }
}
