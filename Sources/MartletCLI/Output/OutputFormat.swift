import ArgumentParser
package import KubernetesModel

/// What `-o` takes where objects are printed.
package enum OutputFormat: String, Sendable, CaseIterable {
    case table
    case json
    case yaml
    case name

    /// The text of one object or list for this format; nil where a table is wanted.
    package func text(_ value: JSONValue) -> String? {
        switch self {
        case .table, .name: nil
        case .json: value.prettyPrinted()
        case .yaml: YAMLText.text(value)
        }
    }
}

extension OutputFormat: ExpressibleByArgument {}
