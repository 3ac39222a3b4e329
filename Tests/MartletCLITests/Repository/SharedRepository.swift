import Basics
import Glibc
import MartletTestSupport
import ObjectStorage
import ResticFormat
import ResticRepository
import Testing

/// A repository, and a folder to back up, that the real restic and the built program work on in turn, each as a process.
struct SharedRepository: Sendable {
    typealias Run = MartletTestSupport.ProgramRun

    static let password = "martlet"

    let restic: ResticProgram
    let folder: String
    /// What both programs are told: by default a folder.
    var place: String
    /// What Martlet is told instead.
    var ownPlace: String
    /// What both programs find in their environment.
    var environment: [String: String] = [:]

    init(_ restic: ResticProgram, in folder: String) {
        self.restic = restic
        self.folder = folder
        place = folder + "/repository"
        ownPlace = place
    }

    /// Runs `body` with an empty folder, and no repository yet.
    static func with(
        _ restic: ResticProgram, _ body: (SharedRepository) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let shared = SharedRepository(restic, in: folder)
            guard mkdir(shared.source, 0o755) == 0 else { throw MissingFixture(path: shared.source) }
            try await body(shared)
        }
    }

    var source: String { folder + "/source" }

    /// `martlet repo ARGUMENTS`.
    func martlet(_ arguments: [String], in folder: String? = nil) throws -> Run {
        let variables = [
            "RESTIC_REPOSITORY": ownPlace, "RESTIC_PASSWORD": SharedRepository.password, "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
        ]
        return try Run(
            [MartletProcess.program, "repo"] + arguments, in: folder,
            environment: variables.merging(environment) { $1 })
    }

    func restic(_ arguments: [String], in folder: String? = nil) throws -> Run {
        try restic.run(
            arguments, repository: place, password: SharedRepository.password, in: folder, environment: environment)
    }

    /// As above; anything but exit code 0 is an issue of the test.
    @discardableResult
    func byMartlet(
        _ arguments: String..., in folder: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Run {
        let run = try martlet(arguments, in: folder)
        #expect(run.exitCode == 0, "\(run)", sourceLocation: sourceLocation)
        return run
    }

    @discardableResult
    func byRestic(
        _ arguments: String..., in folder: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Run {
        let run = try restic(arguments, in: folder)
        #expect(run.exitCode == 0, "\(run)", sourceLocation: sourceLocation)
        return run
    }

    /// Both are clean by restic's and by Martlet's judgement, every byte read.
    func expectClean(sourceLocation: SourceLocation = #_sourceLocation) throws {
        try byRestic("check", "--read-data", sourceLocation: sourceLocation)
        try byMartlet("check", "--read-data", sourceLocation: sourceLocation)
    }

    /// The ids of a kind, as restic lists them, ascending.
    func ids(_ kind: String) throws -> [String] {
        try byRestic("list", kind).output.split(separator: "\n").map(String.init).sorted()
    }

    /// The first eight digits of each snapshot's id, the oldest snapshot first.
    func snapshots() throws -> [String] {
        try byMartlet("snapshots", "--json").output.split(separator: #""short_id":""#).dropFirst()
            .map { String($0.prefix(8)) }
    }

    /// Writes a small file beneath `source`; the folders above it are made.
    func write(_ text: String, to path: String, time: Int = 1_780_000_000) throws {
        var folder = source
        for part in path.split(separator: "/").dropLast() {
            folder += "/\(part)"
            guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw MissingFixture(path: folder) }
        }
        guard let file = fopen("\(source)/\(path)", "wb") else { throw MissingFixture(path: path) }
        fputs(text, file)
        fclose(file)
        try setTime(path, time)
    }

    func setTime(_ path: String, _ seconds: Int) throws {
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        guard utimensat(AT_FDCWD, "\(source)/\(path)", times, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw MissingFixture(path: path)
        }
    }

    /// Makes the repository in its folder, with a key that costs nothing: everything else here takes the same time as ever.
    func initialize(version: RepositoryVersion = .v2) async throws {
        var options = RepositoryOptions()
        options.keyParameters = .cheap
        options.version = version
        _ = try await Repository.initialize(
            in: try FolderObjectStore(path: place, creates: true), password: Secret(SharedRepository.password),
            options: options,
            environment: RepositoryEnvironment(
                clock: WallClock { Timestamp(seconds: 1_780_000_000) },
                owner: LockOwner(hostname: "h", username: "u", pid: 1)))
    }

    /// Two snapshots by restic, between which a little has changed, of the host `h`.
    func makeTwoSnapshots() async throws {
        try await initialize()
        try write("alpha\n", to: "a/b/file.txt")
        try write("beta\n", to: "Other.TXT")
        try write("", to: "empty", time: 1_700_000_000)
        guard symlink("a/b", source + "/link") == 0, link(source + "/Other.TXT", source + "/same") == 0,
            mkfifo(source + "/pipe", 0o600) == 0
        else { throw MissingFixture(path: source) }
        try byRestic("backup", "source", "--host", "h", "--tag", "one,two", "--time", "2026-11-01 10:00:00", in: folder)
        try write("beta and more\n", to: "Other.TXT", time: 1_780_000_100)
        try write("new\n", to: "d/new")
        unlink(source + "/pipe")
        try byRestic("backup", "source", "--host", "h", "--time", "2026-11-02 10:00:00", in: folder)
    }
}
