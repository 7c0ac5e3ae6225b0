/// A vision model, or a family of them, that is known by name.
public enum PresetModel: String, Hashable, Sendable, CaseIterable {
  /// Google's Vision Transformers.
  case vit
  /// OpenAI's CLIP.
  case clip
  /// Meta's DINOv2.
  case dinov2
  /// Meta's DINOv3.
  case dinov3
  /// Meta's masked autoencoders.
  case mae
  /// Google's SigLIP.
  case siglip
  /// Google's SigLIP 2 of one resolution.
  case siglip2
  /// Google's SigLIP 2 for images of any aspect.
  case siglip2NaFlex = "siglip2-naflex"
  /// torchvision's evaluation on ImageNet.
  case imagenet
  /// Qwen2-VL.
  case qwen2VL = "qwen2vl"

  /// Height and width of what the model takes; `nil` where that hangs on the image.
  var side: Int? {
    switch self {
    case .siglip2NaFlex, .qwen2VL: nil
    default: 224
    }
  }

  /// Height and width of its patches; `nil` where it has none.
  var patchSize: Int? {
    switch self {
    case .clip: 32
    case .dinov2, .qwen2VL: 14
    case .imagenet: nil
    default: 16
    }
  }

  /// The mean and deviation that it was trained with.
  var normalization: NormalizationPreset { NormalizationPreset(rawValue: rawValue) ?? .imagenet }
}
