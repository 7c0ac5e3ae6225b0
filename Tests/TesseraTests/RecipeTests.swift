import Tessera
import Testing

/// What pipelines are told apart by in records.
struct RecipeTests {
  private func pipeline(_ load: String = "", _ encode: String = "") throws -> Pipeline {
    try Pipeline(
      parsing: """
        {"version": 1, "stages": [{"stage": "load", "path": "in"\(load)},
          {"stage": "convolve", "bank": "box"}, {"stage": "encode", "path": "out"\(encode)}]}
        """)
  }

  @Test("Records of version 0.1 know the pipeline by its first hash, and by the one that followed")
  func former() throws {
    // As the command of version 0.1.0 wrote it.
    #expect(try pipeline().formerRecipes.first == "097bee9856fd6578")
    #expect(Set(try pipeline().formerRecipes).count == 2)
    #expect(try pipeline(#", "color": "gray""#).formerRecipes != pipeline().formerRecipes)
  }

  @Test("Where inputs and outputs lie does not count, what is made of them does")
  func places() throws {
    let recipe = try pipeline().recipe
    #expect(try pipeline(#", "recursive": false"#).recipe == recipe)
    #expect(try pipeline(#", "color": "gray""#).recipe != recipe)
    #expect(try pipeline("", #", "bit_depth": 16"#).recipe != recipe)
    #expect(try !pipeline().formerRecipes.contains(recipe))
  }
}
