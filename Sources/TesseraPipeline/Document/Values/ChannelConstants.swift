import TesseraConfiguration

/// One value for all channels, or one per channel.
public enum ChannelConstants: Hashable, Sendable {
  /// Those of a model.
  case preset(NormalizationPreset)
  /// One, or one per channel.
  case values([Double])
}

/// The mean and standard deviation that a model was trained with, on the scale 0…1.
public enum NormalizationPreset: String, Hashable, Sendable, CaseIterable {
  /// The statistics of ImageNet, as torchvision has them.
  case imagenet
  /// One half each.
  case half
  /// Google's Vision Transformers: one half each.
  case vit
  /// OpenAI's CLIP.
  case clip
  /// Google's SigLIP: one half each.
  case siglip
  /// Google's SigLIP 2: one half each.
  case siglip2
  /// Google's SigLIP 2 for images of any aspect: one half each.
  case siglip2NaFlex = "siglip2-naflex"
  /// Meta's DINOv2: ImageNet's.
  case dinov2
  /// Meta's DINOv3: ImageNet's.
  case dinov3
  /// Meta's masked autoencoders: ImageNet's.
  case mae
  /// Qwen2-VL: CLIP's.
  case qwen2vl

  /// Means of red, green and blue, or one for every channel.
  public var mean: [Double] {
    switch self {
    case .imagenet, .dinov2, .dinov3, .mae: [0.485, 0.456, 0.406]
    case .clip, .qwen2vl: [0.48145466, 0.4578275, 0.40821073]
    case .half, .vit, .siglip, .siglip2, .siglip2NaFlex: [0.5]
    }
  }

  /// Standard deviations of red, green and blue, or one for every channel.
  public var std: [Double] {
    switch self {
    case .imagenet, .dinov2, .dinov3, .mae: [0.229, 0.224, 0.225]
    case .clip, .qwen2vl: [0.26862954, 0.26130258, 0.27577711]
    case .half, .vit, .siglip, .siglip2, .siglip2NaFlex: [0.5]
    }
  }
}

extension ParameterKind where Value == ChannelConstants {
  /// A number, a list of numbers, or the name of a preset.
  static func channelConstants(_ bounds: NumberBounds) -> Self {
    let number = ParameterKind<Double>.number(bounds)
    let preset = ParameterKind<NormalizationPreset>.word
    let expected = "\(number.expected), a list of one per channel, or \(preset.expected)"
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [number.schema, Schema.array(of: number.schema), preset.schema]),
      read: { value, findings in
        if let elements = value.elements, !elements.isEmpty {
          return readElements(elements, number, &findings).map { .values($0) }
        }
        if let one = value.number?.value, bounds.contains(one) { return .values([one]) }
        if let word = value.string, let known = NormalizationPreset(rawValue: word) {
          return .preset(known)
        }
        findings.mismatch(
          value, expectedNumber: expected, suggestion: value.nearest(NormalizationPreset.self))
        return nil
      },
      write: { constants in
        switch constants {
        case .preset(let known): preset.write(known)
        case .values(let values):
          values.count == 1 ? number.write(values[0]) : JSONValue(.array(values.map(number.write)))
        }
      })
  }
}
