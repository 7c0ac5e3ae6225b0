import TesseraCodecs
import TesseraConfiguration
import TesseraCore

/// Kernels with what they are called: those of a bank, or of an array in a file.
public struct NamedKernels: Sendable {
  /// The coefficients, for correlation.
  public let kernels: KernelArray
  /// What each plane of the array is called.
  public let names: [String]
  /// The bank, or what the array is called.
  public let title: String
  /// How many neighbouring kernels give one output, run by run; `nil` where every kernel gives one.
  public let maximumRuns: [Int]?

  /// The names of all banks.
  public static var banks: [String] { KernelBankCatalogue.types.map(\.name) }

  /// Takes the kernels of a bank.
  public init(_ bank: some KernelBank) { self.init(opening: bank) }

  private init(opening bank: any KernelBank) {
    kernels = bank.kernels
    names = bank.kernelNames
    title = type(of: bank).name
    maximumRuns = bank.maximumRuns
  }

  /// Reads the name of a bank.
  ///
  /// - Parameters:
  ///   - name: the bank.
  ///   - settings: its parameters, such as `sigma=2`.
  ///   - label: what messages call a setting.
  /// - Throws: `PipelineFileError` with every mistake.
  package init(
    bank name: String, settings: [String], label: String
  ) throws(PipelineFileError) {
    let object = JSONValue(.object([JSONMember("name", JSONValue(.string(name)))]))
    try self.init(object, settings: settings, label: label, file: nil)
  }

  /// Reads the text of a file with a bank, written as in a pipeline: its name, or an object of its name
  /// and parameters.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - file: its name: messages begin with it.
  ///   - settings: changes of parameters, such as `sigma=2`.
  ///   - label: what messages call a setting.
  /// - Throws: `PipelineFileError` with every mistake.
  package init(
    parsing bytes: [UInt8], file: String, settings: [String], label: String
  ) throws(PipelineFileError) {
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONParser.parse(bytes)
    } catch {
      throw PipelineFileError([Diagnostic(error)], file: file)
    }
    let object =
      value.string == nil
      ? value : JSONValue(.object([JSONMember("name", value)]), at: value.position)
    try self.init(object, settings: settings, label: label, file: file)
  }

  private init(
    _ value: JSONValue, settings: [String], label: String, file: String?
  ) throws(PipelineFileError) {
    var (value, findings) = (value, Findings())
    for (index, text) in settings.enumerated() {
      Override.apply(text, number: index + 1, label: label, to: &value, &findings)
    }
    guard let bank = ParameterKind<AnyKernelBank>.bank.read(value, &findings),
      findings.count == 0
    else { throw PipelineFileError(findings.diagnostics, of: findings.count, file: file) }
    self.init(opening: bank.bank)
  }

  /// Reads an array of kernels: kH × kW, M × kH × kW, or M × C/groups × kH × kW, of which each plane is a
  /// kernel.
  ///
  /// - Parameters:
  ///   - path: a .npy file, or a .safetensors file.
  ///   - tensor: the name of the array in the latter.
  /// - Throws: `CodecError` where it cannot be read or has other sides.
  package init(weights path: String, tensor: String?) throws(CodecError) {
    let array: NPYArray
    let isNamed = ArrayReference.hasNames(path)
    if isNamed {
      let file = try SafetensorsFile(path: path)
      array = try file.array(of: file.tensor(named: tensor ?? ""))
    } else {
      array = try NPYArray.load(path: path)
    }
    let format: FileFormat = isNamed ? .safetensors : .npy
    guard let kernels = KernelArray(shape: array.shape, values: array.values.map(Double.init))
    else {
      throw .unsupported(
        format,
        "expected kernels of two to four sides, found "
          + KernelWeights.description(of: array.shape))
    }
    self.kernels = kernels
    title = tensor ?? "kernels"
    maximumRuns = nil
    let inner = kernels.mixesChannels ? kernels.shape[1] : 1
    names = (0..<kernels.count * inner).map {
      inner == 1 ? "\($0)" : "\($0 / inner)_\($0 % inner)"
    }
  }

  /// How many kernels belong in a row: those that differ in the last word of their names alone, where that
  /// parts them; `nil` where it does not.
  public var rowLength: Int? {
    func stem(_ name: String) -> Substring {
      name.lastIndex(of: "_").map { name[..<$0] } ?? name[...]
    }
    guard let first = names.first else { return nil }
    let count = names.prefix { stem($0) == stem(first) }.count
    return count > 1 && count < names.count ? count : nil
  }
}
