import ArgumentParser

@main
struct Tessera: ParsableCommand {
}
