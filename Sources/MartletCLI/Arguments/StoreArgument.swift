import ArgumentParser
import VeleroAPI

/// `--from STORE`: where to read. Without it the command would ask the service in the cluster, which is not there yet.
struct SourceOptions: ParsableArguments {
    @Option(
        name: .customLong("from"),
        help: ArgumentHelp(
            "The store with the backups: file:///DIR, ./DIR, ALIAS/BUCKET/PREFIX or s3://BUCKET/PREFIX?endpoint=…",
            valueName: "store"))
    var source: String?

    /// - Throws: `.usage` if no store was named, or one that is none.
    func url() throws(CommandError) -> StoreURL {
        guard let source else {
            throw .usage(
                "this version reads backups from a store only: '--from STORE' is missing",
                advice: "The service in the cluster, which would answer without it, is not part of this version. "
                    + "Stores are written like \(StoreURL.examples.joined(separator: "  "))")
        }
        return try StoreURL(parsing: source)
    }
}

/// `--to STORE`: where to write.
struct TargetOptions: ParsableArguments {
    @Option(
        name: .customLong("to"),
        help: ArgumentHelp(
            "The store to write to: file:///DIR, ./DIR, ALIAS/BUCKET/PREFIX or s3://BUCKET/PREFIX?endpoint=…",
            valueName: "store"))
    var target: String?

    /// - Throws: `.usage` if no store was named, or one that is none.
    func url() throws(CommandError) -> StoreURL {
        guard let target else {
            throw .usage(
                "'--to STORE' is missing: where should the backup go?",
                advice: "Stores are written like \(StoreURL.examples.joined(separator: "  "))")
        }
        return try StoreURL(parsing: target)
    }
}

/// An option with two spellings, `--flag` and `--flag=false`, as velero's; `ArgumentPreparation` adds the `=true`.
struct Choice: ExpressibleByArgument, Sendable, Hashable {
    let isOn: Bool

    init?(argument: String) {
        switch argument.lowercased() {
        case "true", "t", "1": isOn = true
        case "false", "f", "0": isOn = false
        default: return nil
        }
    }
}

/// A span as velero's flags take it: `240h`, `10m`, `1h30m`.
struct SpanArgument: ExpressibleByArgument, Sendable, Hashable {
    let span: Duration

    init?(argument: String) {
        guard let span = GoDuration.parse(argument), span >= .zero else { return nil }
        self.span = span
    }
}
