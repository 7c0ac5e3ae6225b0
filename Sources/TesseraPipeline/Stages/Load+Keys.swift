import TesseraCodecs
import TesseraConfiguration
import TesseraCore

extension Load: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter("path", optional: \.path, .path(), "A folder, a file or a glob."),
    Parameter(
      "list", optional: \.list, .path("a path, or \"-\" for standard input"),
      "A text file with one path a line, or NUL between them; `-` is standard input."),
    Parameter(
      "include", \.include, .globs, "Globs of which an input must match one; without any, all do."),
    Parameter("exclude", \.exclude, .globs, "Globs of which an input must match none."),
    Parameter("recursive", \.recursive, .bool, "Whether folders inside the folder count."),
    Parameter(
      "follow_links", \.followLinks, .bool,
      "Whether links to folders outside of the folder are followed; links to files always are."),
    Parameter(
      "repeat", optional: \.views, .integer(in: 1...1_000_000), otherwise: "once",
      "How often every input comes; random stages choose anew for each view, and outputs are named "
        + "`_v0`, `_v1` and so on, or by {view}."),
    Parameter(
      "pages", \.pages, .word,
      "TIFF: first reads the first page; all has every page as an input, `x.tif#2`, and outputs are named "
        + "`x-2`."),
    Parameter("color", \.color, .word, "Which colour channels an image keeps."),
    Parameter(
      "alpha", optional: \.alpha, .word, otherwise: "keep with `color` keep, drop otherwise",
      "What becomes of an alpha channel; drop warns where a pixel was not opaque."),
    Parameter(
      "matte", \.matte, .color,
      "The colour under `alpha` matte, on the scale 0…255 for every bit depth; one that is not gray "
        + "makes gray images RGB."),
    Parameter(
      "orientation", \.orientation, .word, "Whether the orientation in the metadata is applied."),
    Parameter("fail_on", \.failOn, .word, "The mildest damage that refuses a file."),
    Parameter(
      "max_pixels", \.maxPixels, .integer(in: 1...1_000_000_000_000),
      "The largest height · width that is decoded [px]; arrays count it times channels / 4, where "
        + "they have more than 4."),
    Parameter(
      "npy_layout", \.npyLayout, .word, "The order of the axes of three-dimensional NPY arrays."),
    Parameter(
      "npy_color", \.npyColor, .word,
      "What the channels of NPY arrays mean; none tells 1 gray and 3 RGB by their number."),
    Parameter(
      "shrink_on_load", \.shrinkOnLoad, .bool,
      "Whether JPEG files are decoded at 1/2, 1/4 or 1/8, never below what a `resize` right after "
        + "`load` makes of them; faster, and the pixels differ a little."),
    Parameter(
      "dtype", optional: \.dtype, .word, otherwise: "that of the file",
      "float32: values flow as such, and those of arrays that it does not hold are rounded."),
    Parameter(
      "layout", optional: \.layout, .word, otherwise: "images, or that of `dataset`",
      "Inputs are arrays of patches, and this is the order of their values."),
    Parameter(
      "dataset", optional: \.dataset, .path("the folder of a dataset"),
      otherwise: "what is loaded, if it has a dataset.json",
      "Inputs are arrays of patches of this dataset's images: its own, or others under the same names, "
        + "such as what a model made of them."),
    Parameter(
      "geometry", optional: \.geometry, .geometry, otherwise: "that of `dataset`",
      "How patches of any origin make an image: the keys of `fold`, `edge` and `channels`."),
  ]

  package static let rules: [KeyRule] = [
    .atMostOne(["path", "list"]),
    .atMostOne(["dataset", "geometry"]),
    .only(["matte"], with: "alpha", words: ["matte"]),
  ]
}
