import ArgumentParser
package import Basics
import BucketMirror
import ObjectStorage

/// How objects are copied, and what happens to those that are gone at the source.
struct MirrorCopyOptions: ParsableArguments {
    @Flag(help: "Replace objects of the target that differ; without it each of them is a failure.")
    var overwrite = false

    @Flag(help: "Delete at the target what is gone at the source.")
    var remove = false

    @Flag(help: "Let --remove delete more than is normal for the bucket (1,000 objects, or a twentieth).")
    var allowMassDelete = false

    @Option(
        help: ArgumentHelp(
            "What is noted of the past, and kept of what is overwritten and deleted: full, automatic (where the target keeps "
                + "versions or has a history already), off.", valueName: "mode"))
    var history = HistoryMode.automatic

    @Flag(help: "Only print what would be done.")
    var dryRun = false

    @Flag(name: .customLong("fake"), help: .hidden)
    var fake = false

    @Option(help: ArgumentHelp("More metadata for each copy: 'name=value;name2=value2'.", valueName: "pairs"))
    var attr: AttributeList?

    @Option(
        name: [.customLong("storage-class"), .customLong("sc")],
        help: ArgumentHelp("The storage class of the copies.", valueName: "class"))
    var storageClass: String?

    @Option(help: ArgumentHelp("How many objects are under way at once, at most.", valueName: "number"))
    var maxWorkers = 128

    @Option(help: ArgumentHelp("At most so many bytes a second to the target: 500KiB, 10MiB.", valueName: "rate"))
    var limitUpload: RateArgument?

    @Option(help: ArgumentHelp("At most so many bytes a second from the source.", valueName: "rate"))
    var limitDownload: RateArgument?

    @Flag(
        name: [.customShort("a"), .customLong("preserve")], help: "Keep metadata and tags; always so.")
    var preserve = false

    @Flag(help: "Prove each copy by its MD5 sum; always so.")
    var md5 = false

    @Option(help: ArgumentHelp("mc's choice of a checksum; copies are proven by MD5 sums.", valueName: "algorithm"))
    var checksum: String?

    @Flag(help: "Try again what fails; always so.")
    var retry = false

    @Flag(help: "Go on after failures of single objects; always so.")
    var skipErrors = false

    @Flag(help: .hidden)
    var disableMultipart = false

    @Flag(name: [.customLong("active-active"), .customLong("multi-master")], help: .hidden)
    var activeActive = false

    @Option(help: .hidden) var encC: [String] = []
    @Option(help: .hidden) var encKms: [String] = []
    @Option(help: .hidden) var encS3: [String] = []
    @Option(help: .hidden) var region: String?

    func validate() throws {
        if !(1...1024).contains(maxWorkers) { throw ValidationError("'--max-workers' is 1 to 1024") }
        if activeActive {
            throw ValidationError(
                "'--active-active' is not offered: two buckets that both change need a rule for conflicts. Mirror one way, "
                    + "or use the stores' own replication")
        }
        if !(encC + encKms + encS3).isEmpty {
            throw ValidationError(
                "'--enc-c', '--enc-kms' and '--enc-s3' are not offered: set the encryption of the target bucket itself")
        }
    }

    var isDryRun: Bool { dryRun || fake }

    func apply(to options: inout MirrorOptions) {
        options.overwrites = overwrite
        options.deletes = remove ? .propagate : .keep
        if allowMassDelete { options.brake = nil }
        options.history = history
        options.isDryRun = isDryRun
        options.addedMetadata = attr?.pairs ?? [:]
        options.storageClass = storageClass
        options.workers = maxWorkers
    }

    /// The sides with their limits of bytes a second.
    func limited(
        _ source: MirrorEndpoint, _ target: MirrorEndpoint, clock: any Clock<Duration>
    ) -> (source: MirrorEndpoint, target: MirrorEndpoint) {
        var (source, target) = (source, target)
        if let limitDownload {
            source.store = ThrottledStore(source.store, up: nil, down: limitDownload.rate, clock: clock)
        }
        if let limitUpload {
            target.store = ThrottledStore(target.store, up: limitUpload.rate, down: nil, clock: clock)
        }
        return (source, target)
    }
}

extension HistoryMode: ExpressibleByArgument {}

/// Bytes a second as mc takes them: `500KiB`, `10MiB/s`, `1G`; letters of either case, `K` and `KiB` 1,024, `KB` 1,000.
package struct RateArgument: ExpressibleByArgument, Sendable, Hashable {
    package let rate: ByteCount

    package init?(argument: String) {
        var text = argument.lowercased()
        if text.hasSuffix("/s") { text.removeLast(2) }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [String: Int64] = [
            "": 1, "b": 1, "k": 1 << 10, "kib": 1 << 10, "kb": 1000, "m": 1 << 20, "mib": 1 << 20, "mb": 1_000_000,
            "g": 1 << 30, "gib": 1 << 30, "gb": 1_000_000_000,
        ]
        guard let number = Int64(digits), number > 0, number < 1 << 32,
            let unit = units[String(text.dropFirst(digits.count))]
        else { return nil }
        rate = ByteCount(number * unit)
    }
}
