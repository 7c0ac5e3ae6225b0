import CTesseraFiles
import Glibc
import TesseraCore

/// Waiting until what was written would outlast a loss of power.
package enum DiskSync {
  /// Brings the bytes of an open file to the disk.
  ///
  /// - Throws: ``FileError`` with the path where they cannot be kept.
  package static func file(_ descriptor: Int32, _ path: String) throws(FileError) {
    while fsync(descriptor) != 0 {
      if errno == EINTR { continue }
      // What is no file of a disk has nothing to bring there.
      if errno == EINVAL || errno == EROFS || errno == ENOTSUP { return }
      throw FileError(.write, path)
    }
  }

  /// Brings the names in a folder to the disk.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - devices: those whose disks have everything already.
  /// - Throws: ``FileError`` with the folder where they cannot be kept.
  package static func folder(
    _ path: String, besides devices: Set<UInt> = []
  ) throws(FileError) {
    let path = path.isEmpty ? "." : path
    if !devices.isEmpty, let device = FileStatus(of: path)?.identity.device,
      devices.contains(device)
    {
      return
    }
    let folder: OpenFile
    do {
      folder = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY)
    } catch  where error.code == EACCES {
      // A folder in which files may be made, and which may not be read, keeps its names in time.
      return
    } catch {
      throw FileError(.write, path, code: error.code)
    }
    try file(folder.descriptor, path)
  }

  /// Whether the call tells of what could not be written: since Linux 5.8.
  private static let tellsOfErrors: Bool = {
    var names = utsname()
    guard uname(&names) == 0 else { return false }
    let release = withUnsafeBytes(of: &names.release) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    let numbers = release.split { $0 < "0" || $0 > "9" }.prefix(2).compactMap { Int($0) }
    return numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 8)
  }()

  /// File systems of which the call is known to reach the disk, by their magic numbers.
  ///
  /// They are ext, XFS, Btrfs, F2FS, ZFS, bcachefs, tmpfs and overlays. FUSE, for one, does not ask who
  /// keeps the files.
  private static let localFileSystems: Set<UInt32> = [
    0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0x2FC1_2FC1, 0xCA45_1A4E, 0x0102_1994,
    0x794C_7630,
  ]

  private static func keepsAll(_ descriptor: Int32) -> Bool {
    localFileSystems.contains(UInt32(truncatingIfNeeded: tessera_file_system(descriptor)))
  }

  /// Brings everything that was written to the file systems of some open files to their disks, by one
  /// call each: for many files that is far less work than one by one.
  ///
  /// - Returns: the devices of those file systems; `nil` where it is not known to have happened, and
  ///   each file has to be asked for.
  package static func fileSystems(of descriptors: [Int32]) -> Set<UInt>? {
    if !tellsOfErrors { return nil }
    var devices: Set<UInt> = []
    for descriptor in descriptors {
      guard let status = FileStatus(of: descriptor), keepsAll(descriptor) else { return nil }
      guard devices.insert(status.identity.device).inserted else { continue }
      guard tessera_syncfs(descriptor) == 0 else { return nil }
    }
    return devices
  }
}
