extension SmallImage {
  /// Every image that pipelines are made for; a new one has a generation of its own.
  package static let all: [SmallImage] = [
    SmallImage(name: "gray.png", model: .gray, channels: 1, height: 48, width: 64),
    SmallImage(name: "rgb.png", model: .rgb, channels: 3, height: 48, width: 64),
    SmallImage(name: "rgb-odd.png", model: .rgb, channels: 3, height: 31, width: 23),
    SmallImage(
      name: "gray-alpha.png", model: .gray, hasAlpha: true, channels: 2, height: 21, width: 33),
    SmallImage(
      name: "rgba.png", model: .rgb, hasAlpha: true, channels: 4, height: 29, width: 40),
    SmallImage(
      name: "rgba-wide.png", model: .rgb, hasAlpha: true, channels: 4, height: 19, width: 45,
      generation: 3),
    SmallImage(
      name: "rgba-high.png", model: .rgb, hasAlpha: true, channels: 4, height: 44, width: 17,
      generation: 3),
    SmallImage(
      name: "gray16-alpha.png", model: .gray, hasAlpha: true, kind: .uint16, channels: 2,
      height: 23, width: 26, generation: 3),
    SmallImage(name: "gray16.png", model: .gray, kind: .uint16, channels: 1, height: 37, width: 29),
    SmallImage(name: "rgb16.png", model: .rgb, kind: .uint16, channels: 3, height: 28, width: 35),
    SmallImage(
      name: "rgba16.png", model: .rgb, hasAlpha: true, kind: .uint16, channels: 4, height: 13,
      width: 19, origin: .corpus("png/basic-i6-16.png")),
    SmallImage(name: "pixel.png", model: .rgb, channels: 3, height: 1, width: 1),
    SmallImage(name: "row.png", model: .gray, channels: 1, height: 1, width: 37),
    SmallImage(name: "column.png", model: .rgb, channels: 3, height: 37, width: 1),
    SmallImage(
      name: "gray.jpg", model: .gray, channels: 1, height: 37, width: 43,
      origin: .corpus("jpeg/gray.jpg")),
    SmallImage(
      name: "rgb.jpg", model: .rgb, channels: 3, height: 37, width: 43,
      origin: .corpus("jpeg/sampling-2x2.jpg")),
    SmallImage(
      name: "progressive.jpg", model: .rgb, channels: 3, height: 37, width: 43,
      origin: .corpus("jpeg/progressive.jpg")),
    SmallImage(
      name: "turned.jpg", model: .rgb, channels: 3, height: 16, width: 24, orientation: 6,
      origin: .corpus("jpeg/orientation-6.jpg")),
    SmallImage(
      name: "mirrored.jpg", model: .rgb, channels: 3, height: 16, width: 24, orientation: 2,
      origin: .corpus("jpeg/orientation-2.jpg")),
    SmallImage(
      name: "profile.jpg", model: .rgb, channels: 3, height: 37, width: 43,
      origin: .corpus("jpeg/profile.jpg")),
    SmallImage(
      name: "cmyk.jpg", model: .cmyk, channels: 4, height: 37, width: 43,
      origin: .corpus("jpeg/cmyk-adobe.jpg")),
    SmallImage(
      name: "ycck.jpg", model: .cmyk, channels: 4, height: 37, width: 43,
      origin: .corpus("jpeg/ycck.jpg")),
    SmallImage(
      name: "plane.npy", model: .gray, kind: .float32, channels: 1, height: 26, width: 34,
      origin: .array(isChannelsLast: false)),
    SmallImage(
      name: "planes.npy", model: .rgb, kind: .float32, channels: 3, height: 24, width: 31,
      origin: .array(isChannelsLast: false)),
    SmallImage(
      name: "five.npy", model: .nameless, kind: .float32, channels: 5, height: 17, width: 22,
      origin: .array(isChannelsLast: false)),
    SmallImage(
      name: "last.npy", model: .rgb, kind: .float32, channels: 3, height: 20, width: 15,
      origin: .array(isChannelsLast: true)),
    SmallImage(
      name: "words.npy", model: .nameless, kind: .uint16, channels: 2, height: 18, width: 27,
      origin: .array(isChannelsLast: false)),
    SmallImage(
      name: "bytes.npy", model: .rgb, channels: 3, height: 25, width: 38,
      origin: .array(isChannelsLast: false)),
    SmallImage(
      name: "pairs.npy", model: .nameless, channels: 2, height: 30, width: 28,
      origin: .array(isChannelsLast: false)),
  ]
}
