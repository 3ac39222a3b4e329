import ArgumentParser
import KubernetesModel

/// `-l` and `--or-selector`, as velero has them.
struct SelectorOptions: ParsableArguments {
    @Option(
        name: [.customShort("l", allowingJoined: true), .customLong("selector")],
        help: ArgumentHelp("Only objects with these labels: 'app=web,tier!=test'.", valueName: "selector"))
    var selector: String?

    @Option(
        name: .customLong("or-selector"),
        help: ArgumentHelp(
            "Objects with any of these labels: 'app=web or app=db'. Not with --selector.", valueName: "selectors"))
    var orSelector: String?

    func validate() throws {
        if selector != nil, orSelector != nil {
            throw ValidationError("'--selector' and '--or-selector' exclude each other: give one of them")
        }
        _ = try (labelSelector(), orLabelSelectors())
    }

    func labelSelector() throws -> LabelSelector? {
        try selector.map { try SelectorOptions.parse($0) }
    }

    func orLabelSelectors() throws -> [LabelSelector] {
        guard let orSelector else { return [] }
        return try SelectorOptions.alternatives(orSelector).map { try SelectorOptions.parse($0) }
    }

    /// - Throws: a complaint of the parser's kind for a text that is no selector, or an empty one.
    static func parse(_ text: String) throws -> LabelSelector {
        do {
            let selector = try LabelSelector(parsing: text)
            guard !selector.isEverything else { throw SelectorError("the label selector is empty") }
            // The Backup and Restore objects cannot say "greater than"; dropping it would select too much.
            guard selector.json != nil else { throw SelectorError("a backup's selector cannot compare numbers") }
            return selector
        } catch let error as SelectorError {
            throw ValidationError("\(error.description). Write it like 'app=web,tier in (a,b),!old'")
        }
    }

    /// Cut at the word `or` between blanks.
    private static func alternatives(_ text: String) -> [String] {
        var alternatives = [""]
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            if word == "or" {
                alternatives.append("")
            } else {
                alternatives[alternatives.count - 1] += (alternatives.last!.isEmpty ? "" : " ") + word
            }
        }
        return alternatives
    }
}
