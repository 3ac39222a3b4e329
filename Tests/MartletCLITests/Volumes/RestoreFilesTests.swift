import FoundationEssentials
import MartletCLI
import MartletTestSupport
import ObjectStorage
import Testing

/// Single files out of the volume that a real Velero and restic saved.
@Suite struct `Files of a saved volume` {
    private let store: any ObjectStore
    private static let volume = "demo/catalog-6f9d8f5bc5-7qsz9/files"

    init() throws {
        store = ReadOnlyStore(try FolderObjectStore(path: Fixtures.veleroDemoBucket))
    }

    private func run(_ arguments: String) async -> ProgramRun {
        await ProgramRun.of("restore files --from-backup demo --from ./x " + arguments, store: store)
    }

    @Test func `are listed by volume`() async {
        let listed = await run("")
        #expect(listed.status == .done, "\(listed.messages)")
        #expect(listed.output.contains(Self.volume))
        #expect(listed.output.contains("574d2b23"))
    }

    @Test func `come back alone, or all, from a store that cannot be written to`() async throws {
        try await withTemporaryFolder { folder in
            let one = await run("a/numbers.txt --volume \(Self.volume) --target \(folder)/one")
            #expect(one.status == .done, "\(one.messages)")
            #expect(
                try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/one").sorted() == ["a", "a/numbers.txt"])
            let numbers = try String(contentsOfFile: "\(folder)/one/a/numbers.txt", encoding: .utf8)
            #expect(numbers.hasSuffix("20000\n"))
            let all = await run("--volume \(Self.volume) --target \(folder)/all")
            #expect(all.status == .done, "\(all.messages)")
            #expect(FileManager.default.fileExists(atPath: "\(folder)/all/zeros.bin"))
        }
    }

    @Test func `are planned without a trace`() async throws {
        try await withTemporaryFolder { folder in
            let plan = await run("--volume \(Self.volume) --target \(folder)/all --dry-run")
            #expect(plan.status == .done, "\(plan.messages)")
            #expect(plan.output.contains("numbers.txt"))
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/all"))
        }
    }

    @Test(arguments: [
        ("--volume demo/none/files --target /x", MartletCLI.ExitStatus.notFound),
        ("no/such/file --volume \(volume) --target /x", .notFound), ("--volume \(volume)", .usage),
        ("--target /x", .usage), ("--volume \(volume) --target /x --in-place", .usage),
    ])
    func `that cannot be`(arguments: String, status: MartletCLI.ExitStatus) async {
        let refused = await run(arguments)
        #expect(refused.status == status, "\(refused.messages)")
    }
}
