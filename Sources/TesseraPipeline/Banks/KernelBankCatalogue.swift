import TesseraConfiguration

/// Every kernel bank, one line each.
enum KernelBankCatalogue {
  static let types: [ConfigurationType<any KernelBank>] = [
    bank(Box.self),
    bank(Gaussian.self),
    bank(Sobel.self),
    bank(Scharr.self),
    bank(Prewitt.self),
    bank(Laplacian.self),
    bank(Sharpen.self),
    bank(Unsharp.self),
    bank(Emboss.self),
    bank(MotionBlur.self),
    bank(LaplacianOfGaussian.self),
    bank(DifferenceOfGaussians.self),
    bank(GaussianDerivative.self),
    bank(Gabor.self),
    bank(CosineBasis.self),
    bank(Haar.self),
    bank(Laws.self),
    bank(Schmid.self),
    bank(LeungMalik.self),
    bank(LeungMalikSmall.self),
    bank(MaximumResponse.self),
  ]

  private static func bank<Bank: KernelBank & Configurable>(
    _ type: Bank.Type
  ) -> ConfigurationType<any KernelBank> {
    ConfigurationType(type, discriminator: "name", discussion: Bank.summary) { $0 }
  }
}

extension ParameterKind where Value == AnyKernelBank {
  /// A bank's name, or an object of its name and parameters.
  static var bank: Self {
    let types = KernelBankCatalogue.types
    let names = types.map(\.name)
    let expected = "the name of a bank (\(names.joined(separator: ", "))) or an object with a name"
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [Schema.words(names)] + types.map(\.schema)),
      read: { value, findings in
        if let name = value.string {
          guard let type = types.first(where: { $0.name == name }) else {
            findings.mismatch(value, expected: expected, suggestion: value.nearest(among: names))
            return nil
          }
          let object = JSONValue(.object([JSONMember("name", value)]), at: value.position)
          return AnyKernelBank(opening: type.read(object, &findings).configuration)
        }
        guard value.members != nil else {
          findings.mismatch(value, expected: expected)
          return nil
        }
        return findings.type(of: value, discriminator: "name", among: types, "bank").map {
          AnyKernelBank(opening: $0.read(value, &findings).configuration)
        }
      },
      write: { bank in
        guard let type = types.first(where: { $0.matches(bank.bank) }) else {
          return JSONValue(.null)
        }
        let object = type.write(bank.bank)
        return object.members?.count == 1 ? object["name"] ?? object : object
      })
  }
}

extension AnyKernelBank {
  /// Wraps a bank whose type is known only when running.
  init(opening bank: any KernelBank) { self.init(bank) }
}
