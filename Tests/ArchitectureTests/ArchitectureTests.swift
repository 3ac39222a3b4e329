import Testing

/// The laws of `docs/architecture.md`, checked over `Package.swift` and every source file.
@Suite struct ArchitectureTests {
    /// The order of the targets. A new target takes its place here, in `Package.swift` and in `docs/architecture.md`.
    static let levels: [String: Int] = [
        "Basics": 0, "CZlib": 0, "CIsal": 0, "CZstd": 0, "CRestic": 0, "CLinux": 0,
        "KubernetesModel": 1, "ResticFormat": 1,
        "VeleroAPI": 2, "ObjectStorage": 2, "Transport": 2,
        "NetworkTransport": 3, "S3": 3, "ResticRepository": 3, "KubernetesClient": 3,
        "FileSystemBackup": 4, "BucketMirror": 4, "ClusterBackup": 4, "ControllerRuntime": 4,
        "VeleroControllers": 5, "PracticeCluster": 5,
        "MartletCLI": 6,
        "martlet": 7,
    ]

    /// Values and functions only: no task, no clock, no randomness of their own.
    static let pureTargets: Set<String> = ["KubernetesModel", "ResticFormat", "VeleroAPI"]

    /// Only where the parts are joined; everybody else is handed an `ObjectStore` or an `HTTPTransport`.
    static let joinedOnlyByTheCommandLine: Set<String> = ["S3", "NetworkTransport"]

    /// Modules that come with the compiler.
    static let toolchain: Set<String> = ["Synchronization", "Glibc", "Musl", "Testing", "FoundationEssentials"]

    private let manifest: Manifest
    private let table: ArchitectureTable
    private let sources: [SwiftFile]

    init() throws {
        manifest = Manifest(try SourceTree.text("Package.swift"))
        table = ArchitectureTable(try SourceTree.text("docs/architecture.md"))
        sources = try SourceTree.swiftFiles("Sources")
    }

    @Test func `the manifest, the map and the levels name the same targets`() {
        #expect(manifest.targets.count > 10 && sources.count > 50, "nothing was read")
        for target in manifest.targets {
            #expect(target.level == ArchitectureTests.levels[target.name], "level of \(target.name)")
            let row = table.rows.first { $0.name == target.name }
            #expect(row?.level == target.level, "level of \(target.name) in docs/architecture.md")
            #expect(row?.sentence == target.sentence, "sentence of \(target.name) in docs/architecture.md")
            #expect(row?.external == target.external, "external modules of \(target.name) in docs/architecture.md")
        }
        #expect(Set(table.rows.map(\.name)) == Set(manifest.targets.map(\.name)))
        #expect(Set(ArchitectureTests.levels.keys) == Set(manifest.targets.filter { $0.level != nil }.map(\.name)))
        #expect(Set(sources.map(\.target)).isSubset(of: manifest.targets.map(\.name)))
    }

    @Test func `targets depend only on lower levels`() {
        for target in manifest.targets {
            guard let level = target.level else { continue }
            for dependency in target.dependencies {
                let below = ArchitectureTests.levels[dependency] ?? .max
                #expect(below < level, "\(target.name) (level \(level)) depends on \(dependency)")
            }
        }
    }

    @Test func `files import what their target declares, from lower levels`() {
        for file in sources {
            let target = manifest.targets.first { $0.name == file.target }
            let declared = Set((target?.dependencies ?? []) + (target?.external ?? []))
            for module in file.imports.subtracting(ArchitectureTests.toolchain) {
                #expect(declared.contains(module), "\(file.path) imports \(module), which its target does not declare")
            }
        }
    }

    @Test func `real connections are chosen in one place`() {
        for file in sources where file.target != "MartletCLI" {
            let joined = file.imports.intersection(ArchitectureTests.joinedOnlyByTheCommandLine)
            #expect(joined.isEmpty, "\(file.path) imports \(joined.sorted())")
        }
        for target in manifest.targets where target.name != "MartletCLI" {
            let joined = ArchitectureTests.joinedOnlyByTheCommandLine.intersection(target.dependencies)
            #expect(joined.isEmpty, "\(target.name) depends on \(joined.sorted())")
        }
    }

    @Test func `pure targets have no tasks, clocks or randomness of their own`() {
        let banned: Set<Substring> = [
            "async", "await", "Task", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator",
            "clock_gettime", "gettimeofday", "time", "shuffled", "getenv", "fopen",
        ]
        for file in sources where ArchitectureTests.pureTargets.contains(file.target) {
            for line in file.code {
                let words = line.text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                // A name such as `time` is only a call with a parenthesis after it.
                let found = words.filter { banned.contains($0) && ($0 != "time" || line.text.contains("time(nil")) }
                #expect(found.isEmpty, "\(file.path):\(line.number): \(found.joined(separator: ", "))")
            }
            #expect(file.imports.isDisjoint(with: ["Glibc", "Synchronization"]), "\(file.path)")
        }
    }

    @Test func `nobody imports the whole of Foundation`() throws {
        for file in sources + (try SourceTree.swiftFiles("Tests")) {
            #expect(!file.imports.contains("Foundation"), "\(file.path)")
        }
    }

    @Test func `nothing traps where it could throw, nothing is unchecked without a reason`() {
        for file in sources {
            let lines = file.lines
            for line in file.code {
                #expect(!line.text.contains("try!"), "\(file.path):\(line.number)")
                #expect(!line.text.contains("fatalError("), "\(file.path):\(line.number)")
                let isUnchecked = line.text.contains("@unchecked Sendable") || line.text.contains("nonisolated(unsafe)")
                guard isUnchecked else { continue }
                // The reason stands above, or above the attributes and modifiers of the same declaration.
                let above = lines[..<(line.number - 1)].reversed().first { !$0.drop { $0 == " " }.hasPrefix("@") }
                let isExplained = above?.drop { $0 == " " }.hasPrefix("//") ?? false
                #expect(isExplained || lines[line.number - 1].contains("//"), "\(file.path):\(line.number)")
            }
        }
    }
}
