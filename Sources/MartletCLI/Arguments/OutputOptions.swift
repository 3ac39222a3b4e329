import ArgumentParser
import KubernetesModel

/// `-o` of commands that show objects.
struct ListOutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .customLong("output")],
        help: ArgumentHelp("How to print.", valueName: "table|json|yaml|name"))
    var format = Format.table

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case table
        case json
        case yaml
        case name
    }
}

/// `-o json|yaml` of commands that make an object: prints it and does nothing.
struct ObjectOutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o", allowingJoined: true), .customLong("output")],
        help: ArgumentHelp("Print the object and do nothing.", valueName: "json|yaml"))
    var format: StructuredFormat?
}

/// A form for programs.
enum StructuredFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case json
    case yaml

    func text(_ value: JSONValue) -> String {
        switch self {
        case .json: value.prettyPrinted()
        case .yaml: YAMLText.text(value)
        }
    }
}
