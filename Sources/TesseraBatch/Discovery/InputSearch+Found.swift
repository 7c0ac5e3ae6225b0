import TesseraCore
import TesseraFiles

/// What a search gives in the end.
extension InputSearch {
  /// All that was found, each file once, in the order of names.
  mutating func found() -> DiscoveredInputs {
    var warnings: [String] = []
    if listedFolderCount > 0 {
      let folders = listedFolderCount.counted("folder")
      warnings.append("passed over \(folders) in a list: only files in lists are inputs")
    }
    if leftOutCount > 0 {
      let files = leftOutCount.counted("file")
      warnings.append(
        "left out \(files) by \"include\", \"exclude\" and \"recursive\" of the pipeline")
    }
    if sourceCount > 1 {
      let surplus = SurplusItems(items, sources, cancellation)
      items.keep { !surplus.contains($0) }
    }
    sources = []
    specialFiles.sort()
    unreadableFolders.sort()
    items.nameRoots()
    items.sort()
    return DiscoveredInputs(
      items: items, skippedCount: skippedCount, specialFiles: specialFiles,
      unreadableFolders: unreadableFolders, warnings: warnings + passedOver)
  }

  /// Why none of what was found can be asked for; `nil` where some of it can, or nothing was found.
  func refusal(of found: DiscoveredInputs) -> FileError? {
    guard let first = found.items.first.map({ refusals[PathKey($0.source.path)] }),
      found.items.allSatisfy({ refusals[PathKey($0.source.path)] != nil })
    else { return nil }
    return first
  }

  /// What walks have passed over, in sentences.
  private var passedOver: [String] {
    return [
      gone.phrase(
        "name that leads to nothing, a broken link or a file that is gone",
        "names that lead to nothing, broken links or files that are gone"),
      leavingLinks.phrase(
        "link that leads out of the folder that is loaded",
        "links that lead out of the folder that is loaded"
      )
      .map { "\($0); \"follow_links\": true of load has them followed" },
      loops.phrase(
        "link that leads back to a folder around the one that is loaded",
        "links that lead back to folders around the one that is loaded"),
    ].compactMap { $0.map { "passed over \($0)" } }
  }
}
