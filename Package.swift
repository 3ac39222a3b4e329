// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")

/// A target of the map in docs/architecture.md. The comment above each call is the target's promise.
func target(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// What is tested is optimised, the tests themselves are not: that would only make the build longer.
let testSettings: [SwiftSetting] = [.unsafeFlags(["-Onone"])]

/// Tests of `name`; everything they need beside it is named.
func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.init(stringLiteral: name), "MartletTestSupport"] + dependencies,
        swiftSettings: settings + testSettings
    )
}

let networkTests: [Target.Dependency] = [
    "Basics", "Transport", nioCore, httpTypes,
    .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let clientTests: [Target.Dependency] = [
    "Basics", "KubernetesModel", "PracticeCluster", "Transport", "NetworkTransport", nioCore, httpTypes,
]

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["martlet"])
    ],
    dependencies: [
        // Commands, options and help texts.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // SHA-256, HMAC and MD5 for request signing and proofs; SHA-1 for WebSocket's handshake.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // SQLite, for the index of what a mirror has seen.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // HTTP requests and answers as values.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // ByteBuffer, the currency of every streamed byte.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // TLS with custom authorities and client certificates.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // Credential plug-ins of kubeconfig files are programs to run.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        // The path type in swift-subprocess's signatures.
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        // kubeconfig files, policies and modifiers are YAML.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Level 0. Words without a domain: secrets, byte counts, hex, backoff, bounded concurrency, error chains.
        target("Basics", []),
        // Level 0. zlib's header for Swift.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // Level 0. igzip's header for Swift: gzip at several times the speed of zlib.
        .systemLibrary(name: "CIsal", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        // Level 0. libzstd's header for Swift.
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        // Level 0. Headers of Linux calls that Swift's Glibc module does not show.
        .systemLibrary(name: "CLinux"),
        // Level 0. The hot loops of the repository format in C: hashing, sealing, cut points.
        target("CRestic", []),

        // Level 1. Kubernetes API objects, selectors, patches and request values as plain data.
        target("KubernetesModel", ["Basics"]),
        // Level 1. Bytes to values and back for every file kind of a restic repository: chunking, sealing, compressing.
        target("ResticFormat", ["Basics", "CRestic", "CZstd", crypto, cryptoExtras]),

        // Level 2. The velero.io kinds, their phases, and the name of everything kept in a backup bucket.
        target("VeleroAPI", ["Basics", "KubernetesModel", crypto]),
        // Level 2. What a bucket promises, its wrappers, and its memory and folder twins.
        target(
            "ObjectStorage",
            ["Basics", "CLinux", nioCore, .product(name: "NIOPosix", package: "swift-nio")]
        ),
        // Level 2. An HTTP request and its streamed answer as values, and the protocol that sends them.
        target(
            "Transport",
            ["Basics", nioCore, httpTypes, crypto]
        ),

        // Level 3. Sends requests over real connections: pools, TLS, client certificates, proxies.
        target(
            "NetworkTransport",
            [
                "Basics", "Transport", nioCore,
                httpTypes,
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ]
        ),
        // Level 3. An object store over the S3 protocol.
        target(
            "S3",
            [
                "Basics", "ObjectStorage", "Transport", nioCore, crypto,
                httpTypes,
            ]
        ),
        // Level 3. Opens, reads, writes, locks, checks, forgets and prunes a repository in an object store.
        target("ResticRepository", ["Basics", "ResticFormat", "ObjectStorage", nioCore]),
        // Level 3. Talks to one API server: kubeconfig, credentials, discovery, resources, list, watch.
        target(
            "KubernetesClient",
            [
                "Basics", "KubernetesModel", "Transport", nioCore,
                httpTypes,
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                "Yams",
            ]
        ),

        // Level 4. Turns a directory tree into a snapshot and back.
        target("FileSystemBackup", ["Basics", "CLinux", "CZlib", "ResticFormat", "ResticRepository", nioCore]),
        // Level 4. Keeps a second bucket complete, openable, and no further behind than promised, with history.
        target(
            "BucketMirror",
            ["Basics", "ObjectStorage", nioCore, crypto, .product(name: "GRDB", package: "GRDB.swift")]
        ),
        // Level 4. Turns selected API objects into an archive and back.
        target(
            "ClusterBackup",
            [
                "Basics", "CIsal", "CZlib", "KubernetesModel", "VeleroAPI", "ObjectStorage", "KubernetesClient",
                nioCore,
                "Yams",
            ]
        ),

        // Level 4. Keeps caches of objects fresh, says what to work on next, and who leads.
        target("ControllerRuntime", ["Basics", "KubernetesModel", "KubernetesClient"]),

        // Level 5. The reconcilers for velero.io, on the server and on each node.
        target(
            "VeleroControllers",
            [
                "Basics", "KubernetesModel", "VeleroAPI", "ObjectStorage", "ResticFormat", "ResticRepository",
                "KubernetesClient", "ControllerRuntime", "ClusterBackup", "FileSystemBackup", nioCore,
            ]
        ),
        // Level 5. An API server in memory that behaves like one.
        target(
            "PracticeCluster",
            [
                "Basics", "KubernetesModel", "Transport", nioCore,
                httpTypes,
            ]
        ),

        // Level 6. Commands, their text and JSON, their exit codes, and the one place where parts are chosen and joined.
        target(
            "MartletCLI",
            [
                "Basics", "KubernetesModel", "VeleroAPI", "ObjectStorage", "Transport", "NetworkTransport", "S3",
                "KubernetesClient", "ClusterBackup", "ResticFormat", "ResticRepository", "FileSystemBackup",
                "BucketMirror", "ControllerRuntime", "VeleroControllers", nioCore,
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        // Level 7. The program.
        .executableTarget(name: "martlet", dependencies: ["MartletCLI"], swiftSettings: settings),

        // Faulty store, scripted server, S3 server with faults, manual clock, seeded generator, conformance suites, builders.
        target(
            "MartletTestSupport",
            [
                "Basics", "CLinux", "KubernetesModel", "VeleroAPI", "ObjectStorage", "Transport", crypto, nioCore,
                httpTypes,
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),

        .testTarget(name: "ArchitectureTests", swiftSettings: settings + testSettings),
        tests(of: "Basics"),
        tests(of: "KubernetesModel", ["Basics"]),
        tests(of: "ResticFormat", ["Basics", "CRestic", crypto]),
        tests(of: "ResticRepository", ["Basics", "ObjectStorage", "ResticFormat", nioCore]),
        tests(of: "FileSystemBackup", ["Basics", "ObjectStorage", "ResticFormat", "ResticRepository", nioCore]),
        tests(of: "BucketMirror", ["Basics", "NetworkTransport", "ObjectStorage", "S3", "Transport", nioCore]),
        tests(
            of: "PracticeCluster",
            [
                "Basics", "KubernetesModel", "Transport", "NetworkTransport", nioCore,
                httpTypes,
            ]
        ),
        tests(of: "VeleroAPI", ["Basics", "KubernetesModel"]),
        tests(of: "ObjectStorage", ["Basics", nioCore]),
        tests(
            of: "NetworkTransport",
            networkTests
        ),
        tests(of: "Transport", ["Basics", nioCore, httpTypes]),
        tests(
            of: "S3",
            [
                "Basics", "NetworkTransport", "ObjectStorage", "Transport", nioCore,
                httpTypes,
            ]),
        tests(of: "KubernetesClient", clientTests),
        tests(of: "ControllerRuntime", ["Basics", "KubernetesModel", "KubernetesClient", "PracticeCluster"]),
        tests(
            of: "ClusterBackup",
            [
                "Basics", "KubernetesModel", "KubernetesClient", "NetworkTransport", "ObjectStorage", "PracticeCluster",
                "Transport", "VeleroAPI", nioCore,
            ]),
        tests(
            of: "VeleroControllers",
            [
                "Basics", "KubernetesModel", "KubernetesClient", "ControllerRuntime", "ClusterBackup",
                "FileSystemBackup",
                "NetworkTransport", "ObjectStorage", "PracticeCluster", "ResticFormat", "ResticRepository", "Transport",
                "VeleroAPI",
                nioCore,
            ]),
        tests(
            of: "MartletCLI",
            [
                "martlet", "Basics", "BucketMirror", "ClusterBackup", "KubernetesModel", "NetworkTransport",
                "ObjectStorage", "PracticeCluster", "ResticFormat", "ResticRepository", "S3", "Transport", "VeleroAPI",
                nioCore, httpTypes, .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
