/// Splits a row of interleaved pixels into one row per channel.
@inlinable @inline(__always)
func deinterleave<V: Variant, E: BitwiseCopyable>(
  _ variant: V.Type, _ source: UnsafePointer<E>, _ channels: Int,
  _ planes: UnsafePointer<UnsafeMutablePointer<E>>, _ count: Int
) {
  switch channels {
  case 1:
    planes[0].update(from: source, count: count)
  case 2:
    let (a, b) = (planes[0], planes[1])
    var x = 0
    while x < count {
      a[x] = source[2 &* x]
      b[x] = source[2 &* x &+ 1]
      x &+= 1
    }
  case 3:
    let (a, b, c) = (planes[0], planes[1], planes[2])
    var x = 0
    while x < count {
      a[x] = source[3 &* x]
      b[x] = source[3 &* x &+ 1]
      c[x] = source[3 &* x &+ 2]
      x &+= 1
    }
  case 4:
    let (a, b, c, d) = (planes[0], planes[1], planes[2], planes[3])
    var x = 0
    while x < count {
      a[x] = source[4 &* x]
      b[x] = source[4 &* x &+ 1]
      c[x] = source[4 &* x &+ 2]
      d[x] = source[4 &* x &+ 3]
      x &+= 1
    }
  default:
    for channel in 0..<channels {
      let plane = planes[channel]
      var position = channel
      var x = 0
      while x < count {
        plane[x] = source[position]
        position &+= channels
        x &+= 1
      }
    }
  }
}

/// Joins one row per channel into a row of interleaved pixels.
@inlinable @inline(__always)
func interleave<V: Variant, E: BitwiseCopyable>(
  _ variant: V.Type, _ planes: UnsafePointer<UnsafePointer<E>>, _ channels: Int,
  _ destination: UnsafeMutablePointer<E>, _ count: Int
) {
  switch channels {
  case 1:
    destination.update(from: planes[0], count: count)
  case 2:
    let (a, b) = (planes[0], planes[1])
    var x = 0
    while x < count {
      destination[2 &* x] = a[x]
      destination[2 &* x &+ 1] = b[x]
      x &+= 1
    }
  case 3:
    let (a, b, c) = (planes[0], planes[1], planes[2])
    var x = 0
    while x < count {
      destination[3 &* x] = a[x]
      destination[3 &* x &+ 1] = b[x]
      destination[3 &* x &+ 2] = c[x]
      x &+= 1
    }
  case 4:
    let (a, b, c, d) = (planes[0], planes[1], planes[2], planes[3])
    var x = 0
    while x < count {
      destination[4 &* x] = a[x]
      destination[4 &* x &+ 1] = b[x]
      destination[4 &* x &+ 2] = c[x]
      destination[4 &* x &+ 3] = d[x]
      x &+= 1
    }
  default:
    for channel in 0..<channels {
      let plane = planes[channel]
      var position = channel
      var x = 0
      while x < count {
        destination[position] = plane[x]
        position &+= channels
        x &+= 1
      }
    }
  }
}
