import TesseraBatch
import TesseraEngine
import TesseraPipeline

extension InputResult {
  /// Takes over what the run of an image gave.
  mutating func take(_ image: ImageResult, of pipeline: Pipeline) {
    warnings += image.warnings + image.warnings(of: pipeline)
    isPartial = image.isPartial
    metrics = image.metrics
    stageTimes = image.stageTimes
    saturatedFraction = image.saturatedFraction
    droppedBlocks = image.droppedBlocks
  }
}

extension ImageResult {
  /// What was odd about the values, each with its stage.
  func warnings(of pipeline: Pipeline) -> [String] {
    stageWarnings.map { index, warning in
      "stages[\(index)] (\(type(of: pipeline.stages[index]).name)): \(warning)"
    }
  }

  /// What comparisons measured, in order of the stages.
  var metrics: [Metric] { figures.map { Metric($0.metric.rawValue, $0.value) } }

  /// Time by stage.
  var stageTimes: [StageTime] {
    secondsByStage.map { StageTime(stageIndex: $0.stageIndex, seconds: $0.seconds) }
  }

  /// Share of values that an integer output had to clip, 0…1; `nil` where nothing was converted.
  var saturatedFraction: Double? {
    counts.quantized > 0 ? Double(counts.saturated) / Double(counts.quantized) : nil
  }
}
