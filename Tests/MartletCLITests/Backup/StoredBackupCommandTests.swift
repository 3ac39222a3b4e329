import MartletCLI
import MartletTestSupport
import NIOCore
import ObjectStorage
import Testing

/// The commands on a bucket that a real Velero 1.1 wrote.
@Suite struct `Commands on a bucket of Velero 1.1` {
    private let store: any ObjectStore

    init() throws {
        store = ReadOnlyStore(try FolderObjectStore(path: Fixtures.veleroDemoBucket))
    }

    @Test(arguments: ["backup get", "backup get -o name", "backup get demo -o yaml", "backup describe demo --details"])
    func `print what is recorded`(command: String) async {
        let run = await ProgramRun.of(command + " --from ./x", store: store)
        #expect(run.status == .done, "\(run.messages)")
        expectSnapshot(run.output, "velero-1.1-" + command.map { $0.isLetter ? "\($0)" : "-" }.joined())
    }

    @Test func `print its log`() async {
        let run = await ProgramRun.of("backup logs demo --from ./x", store: store)
        #expect(run.output.contains("level=info"))
    }

    @Test func `suggest the name that was meant`() async {
        let run = await ProgramRun.of("backup get dmeo --from ./x", store: store)
        #expect(run.status == .notFound)
        #expect(run.messages.contains("did you mean 'demo'?"))
    }
}

@Suite struct `Deleting a backup` {
    private let store = InMemoryObjectStore()

    init() async throws {
        try await put("backups/nightly/velero-backup.json", Self.object("nightly"))
        try await put("backups/nightly/nightly.tar.gz", "archive")
        try await put("backups/other/velero-backup.json", Self.object("other"))
    }

    private static func object(_ name: String) -> String {
        #"{"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": "\#(name)", "namespace": "velero"}, "#
            + #""status": {"phase": "Completed"}}"#
    }

    private func put(_ key: String, _ text: String) async throws {
        _ = try await store.put(ByteBuffer(string: text), at: #require(ObjectKey(key)), options: PutOptions())
    }

    private func keys() async throws -> [String] {
        try await store.list(ListRequest()).objects.map(\.key.text)
    }

    @Test(arguments: [("no", 1), ("", 1), ("yes", 0), (" Y ", 0)])
    func `asks a person`(answer: String, status: Int32) async throws {
        let run = await ProgramRun.of("backup delete nightly --from ./x", store: store, answer: answer)
        #expect(run.status.rawValue == status)
        #expect(run.messages.contains("backup nightly (Completed): 2 files"))
        #expect(try await keys().count == (status == 0 ? 1 : 3))
    }

    @Test func `needs a word where nobody can be asked`() async throws {
        let run = await ProgramRun.of("backup delete nightly --from ./x", store: store)
        #expect(run.status == .usage)
        #expect(run.messages.contains("Say --yes"))
        #expect(try await keys().count == 3)
    }

    @Test func `shows the plan and does nothing in a dry run`() async throws {
        let run = await ProgramRun.of("backup delete nightly --from ./x --dry-run", store: store)
        #expect(run.status == .done)
        #expect(run.output == "Dry run: nothing was deleted.\n")
        #expect(try await keys().count == 3)
    }

    @Test func `takes that backup alone`() async throws {
        let run = await ProgramRun.of("delete backups nightly --yes --from ./x", store: store)
        #expect(run.status == .done)
        #expect(try await keys() == ["backups/other/velero-backup.json"])
    }

    @Test func `a backup that lost its archive is told as damage`() async throws {
        let run = await ProgramRun.of("backup describe other --from ./x", store: store)
        #expect(run.status == .damaged)
        #expect(run.output.contains("MISSING"))
    }

    @Test func `one that cannot be read does not hide the others`() async throws {
        try await put("backups/broken/velero-backup.json", "{")
        let run = await ProgramRun.of("backup get --from ./x", store: store)
        #expect(run.status == .damaged)
        #expect(run.output.contains("nightly") && run.output.contains("<unreadable>"))
    }
}
