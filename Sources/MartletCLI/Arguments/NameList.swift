import ArgumentParser

/// Names with commas between them, as velero's flags take them: `--include-namespaces a,b --include-namespaces c`.
struct NameList: ExpressibleByArgument, Sendable, Hashable {
    let names: [String]

    init(argument: String) {
        names = argument.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
    }
}

extension [NameList] {
    var names: [String] { flatMap(\.names) }
}

/// `KEY=VALUE` pairs with commas between them: `--labels a=b,c=d`.
struct PairList: ExpressibleByArgument, Sendable, Hashable {
    let pairs: [String: String]

    init?(argument: String) {
        var pairs: [String: String] = [:]
        for pair in argument.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { return nil }
            pairs[String(parts[0]).trimmed] = String(parts[1]).trimmed
        }
        self.pairs = pairs
    }
}

extension [PairList] {
    /// A key that is given twice keeps its last value.
    var pairs: [String: String] { reduce(into: [:]) { $0.merge($1.pairs) { $1 } } }
}

/// `OLD:NEW` pairs with commas between them: `--namespace-mappings a:b,c:d`.
struct MappingList: ExpressibleByArgument, Sendable, Hashable {
    let mappings: [String: String]

    init?(argument: String) {
        var mappings: [String: String] = [:]
        for pair in argument.split(separator: ",") {
            let parts = pair.split(separator: ":", omittingEmptySubsequences: false).map { String($0).trimmed }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
            mappings[parts[0]] = parts[1]
        }
        self.mappings = mappings
    }
}

extension [MappingList] {
    var mappings: [String: String] { reduce(into: [:]) { $0.merge($1.mappings) { $1 } } }
}
