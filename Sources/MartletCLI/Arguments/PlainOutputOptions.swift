import ArgumentParser

/// `-o table|json` of commands that show what lies in stores; `--json` is mc's spelling.
struct PlainOutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .customLong("output")],
        help: ArgumentHelp("How to print; json is one object a line.", valueName: "table|json"))
    var format = Format.table

    @Flag(name: .customLong("json"), help: "The same as -o json.")
    var json = false

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case table
        case json
    }

    var isJSON: Bool { json || format == .json }
}
