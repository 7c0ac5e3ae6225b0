import TesseraCodecs
import TesseraCore
import TesseraFiles

/// PNG files.
enum PNGTarget {
  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let path = try folder.write(bytes, to: "image")
    guard let image = try DecodedImage.checked(path), image.header.format == .png else { return }
    try image.checkMetadata()
    try checkWritten(image, in: folder)
  }

  /// What is written again is the same picture.
  private static func checkWritten(_ image: DecodedImage, in folder: ScratchFolder) throws {
    let (header, file) = (image.header, folder.path("written"))
    let writer = try PNGWriter(
      path: file, shape: header.shape, elementType: header.elementType, hasAlpha: header.hasAlpha,
      metadata: image.metadata)
    try image.write(to: writer)
    guard let written = try DecodedImage.checked(file) else {
      throw BrokenLaw(description: "what is written can be read")
    }
    try expect(written.pixels == image.pixels, "what is written has the same pixels")
    try expect(written.header.shape == header.shape, "what is written has the same sides")
    // libpng reads 81 bytes for the name and wants 11 more: it writes shorter chunks than it reads.
    let isTooShort = written.report.warnings.contains("iCCP: too short")
    try expect(
      written.metadata.icc == image.metadata.icc || !writer.losses.isEmpty || isTooShort,
      "a profile is written, or its loss is told")
    try expect(written.metadata.exif == image.metadata.exif, "Exif data are written")
  }
}

/// JPEG files.
enum JPEGTarget {
  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let path = try folder.write(bytes, to: "image")
    guard let image = try DecodedImage.checked(path), image.header.format == .jpeg else { return }
    try image.checkMetadata()
    try checkParts(image, path)
    guard [1, 3].contains(image.header.shape.channels) else { return }
    let file = folder.path("written")
    var settings = JPEGSettings()
    settings.isProgressive = bytes.count % 2 == 0
    let writer = try JPEGWriter(
      path: file, shape: image.header.shape, settings: settings, metadata: image.metadata)
    try image.write(to: writer)
    guard let written = try DecodedImage.checked(file) else {
      throw BrokenLaw(description: "what is written can be read")
    }
    try expect(written.header.shape == image.header.shape, "what is written has the same sides")
    try expect(!written.report.isPartial, "what is written is whole")
  }

  /// Smaller sizes, and some of the columns.
  private static func checkParts(_ image: DecodedImage, _ path: String) throws {
    let shape = image.header.shape
    for divisor in [2, 4, 8] {
      let small = try DecodedImage(
        path, DecodedImage.lenient, DecodedImage.Asking(divisor: divisor))
      try expect(
        small.header.shape.size
          == Size(
            height: (shape.height + divisor - 1) / divisor,
            width: (shape.width + divisor - 1) / divisor),
        "sides are rounded up")
    }
    guard let step = image.header.columnStep, shape.width > 3 * step else { return }
    let columns = step..<shape.width - 1
    let part = try DecodedImage(
      path, DecodedImage.lenient, DecodedImage.Asking(columns: columns))
    let inner = step..<columns.count - step
    guard !inner.isEmpty else { return }
    try expect(
      part.columns(inner)
        == image.columns(inner.lowerBound + step..<inner.upperBound + step),
      "columns that are cut out are those of whole rows, but at the ends")
  }
}

/// WebP files.
enum WebPTarget {
  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let path = try folder.write(bytes, to: "image")
    guard let image = try DecodedImage.checked(path), image.header.format == .webp else { return }
    try image.checkMetadata()
    guard image.pixels.count <= 1 << 16 else { return }
    let (header, file) = (image.header, folder.path("written"))
    var settings = WebPSettings()
    settings.isLossless = true
    let writer = try WebPWriter(
      path: file, shape: header.shape, hasAlpha: header.hasAlpha, settings: settings,
      metadata: image.metadata)
    try image.write(to: writer)
    guard let written = try DecodedImage.checked(file) else {
      throw BrokenLaw(description: "what is written can be read")
    }
    // Opacity that is full everywhere is left out.
    if written.header.shape == header.shape {
      try expect(written.pixels == image.pixels, "what is written has the same pixels")
    } else {
      try expect(
        header.hasAlpha && !written.header.hasAlpha
          && written.header.shape.size == header.shape.size,
        "what is written has the same sides")
    }
    try expect(
      written.metadata.icc == image.metadata.icc || image.metadata.icc?.isEmpty == true,
      "a profile is written")
  }
}

/// TIFF files.
enum TIFFTarget {
  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let path = try folder.write(bytes, to: "image")
    guard let image = try DecodedImage.checked(path), image.header.format == .tiff else { return }
    try image.checkMetadata()
    try checkPages(path, bytes.count, image)
    let (header, file) = (image.header, folder.path("written"))
    guard [.gray, .rgb].contains(header.colorModel) else { return }
    let writer = try TIFFWriter(
      path: file, shape: header.shape, elementType: header.elementType, hasAlpha: header.hasAlpha,
      compression: bytes.count % 2 == 0 ? .fast : .stored, metadata: image.metadata)
    try image.write(to: writer)
    guard let written = try DecodedImage.checked(file) else {
      throw BrokenLaw(description: "what is written can be read")
    }
    try expect(written.pixels == image.pixels, "what is written has the same pixels")
    try expect(written.header.shape == header.shape, "what is written has the same sides")
    try expect(
      written.metadata.icc == image.metadata.icc || image.metadata.icc?.isEmpty == true,
      "a profile is written")
  }
}

extension TIFFTarget {
  /// Each page stands for itself, and the first is what is read where none is named.
  private static func checkPages(
    _ path: String, _ byteCount: Int, _ first: DecodedImage
  ) throws {
    let count = TIFFPages.count(in: ByteSource(path: path))
    // A directory has two bytes at least, and one may be damaged.
    try expect(1...byteCount / 2 + 2 ~= count, "pages are in the file")
    for page in Set([0, count / 2, count - 1]) {
      var source = ByteSource(path: path)
      source.page = page
      let image: DecodedImage
      do throws(CodecError) {
        image = try DecodedImage(source, DecodedImage.lenient)
      } catch {
        try expect(page > 0, "the first page is read again: \(error)")
        continue
      }
      if page == 0 { try expect(image.pixels == first.pixels, "the first page is read") }
    }
  }
}

extension DecodedImage {
  /// Hands all rows to a writer.
  func write(to writer: any ImageWriter) throws(CodecError) {
    var failure: CodecError?
    pixels.withUnsafeBytes { pixels in
      guard let base = pixels.baseAddress else { return }
      do throws(CodecError) {
        try writer.writeRows(base, count: header.shape.height, bytesPerRow: bytesPerRow)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    try writer.finish()
  }

  /// Changes metadata as pictures that are made of this one do.
  func checkMetadata() throws {
    let size = header.shape.size
    for orientation in 1...8 {
      let change = PictureChange(
        orientation: orientation, isUpright: orientation % 2 == 0, source: size,
        size: Size(height: size.width, width: size.height))
      let updated = metadata.updated(for: change)
      if let exif = updated.exif {
        var again = ImageMetadata(exif: exif)
        again = again.updated(
          for: PictureChange(isUpright: false, source: change.size, size: change.size))
        try expect(again.exif != nil, "Exif data that were changed can be changed again")
      }
    }
    if let icc = metadata.icc { _ = ICCProfile(icc).colorModel }
    _ = metadata.meanings(
      isGray: header.colorModel == .gray, countsProfile: metadata.icc != nil)
    for chunk in metadata.colorChunks {
      _ = chunk.saysMore(isGray: header.colorModel == .gray)
      for colors in [1, 3] {
        _ = chunk.fitted(bitDepth: 8, colors: colors, hasAlpha: header.hasAlpha)
      }
    }
  }
}
