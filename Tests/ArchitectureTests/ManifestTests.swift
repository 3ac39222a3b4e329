import Testing

/// The readers themselves: a check that reads nothing finds nothing.
@Suite struct ManifestTests {
    @Test func `reads targets, products and constants`() {
        let manifest = Manifest(
            """
            let core = Target.Dependency.product(name: "Core", package: "p")
            /// Not a target.
            func target(_ name: String) {}
            let package = Package(
                targets: [
                    // Level 0. Words.
                    target("Words", []),
                    // Level 0. A header.
                    .systemLibrary(name: "CHeader", pkgConfig: "header", providers: [.apt(["header-dev"])]),
                    // Level 1. Goes on
                    // over two lines.
                    target(
                        "Uses",
                        ["Words", "Direct", core, .product(name: "Other", package: "other-package")]
                    ),
                    // Support.
                    target("Support", ["Words"]),
                ])
            """)
        #expect(
            manifest.targets.filter { !$0.name.isEmpty } == [
                TargetDescription(name: "Words", level: 0, sentence: "Words.", external: []),
                TargetDescription(name: "CHeader", level: 0, sentence: "A header.", external: ["header"]),
                TargetDescription(
                    name: "Uses", level: 1, sentence: "Goes on over two lines.", external: ["Core", "Direct", "Other"],
                    dependencies: ["Words"]),
                TargetDescription(
                    name: "Support", level: nil, sentence: "Support.", external: [], dependencies: ["Words"]),
            ])
    }

    @Test func `reads imports and code`() {
        let file = SwiftFile(
            path: "Sources/A/B.swift",
            text: """
                package import One
                @preconcurrency import Two
                import struct Three.Part
                internal import Four
                let text = "import Five" // import Six
                let url = "http://x" + call() // try!
                """)
        #expect(file.imports == ["One", "Two", "Three", "Four"])
        #expect(file.target == "A")
        #expect(!file.code.contains { $0.text.contains("try!") || $0.text.contains("Five") })
        #expect(file.code[5].text.contains("call()"))
    }

    @Test func `reads the table`() {
        let table = ArchitectureTable(
            """
            | level | target | one sentence | external modules |
            |---|---|---|---|
            | 0 | `Words` | Words. | - |
            | - | `Support` | Support. | B, A |
            """)
        #expect(
            table.rows == [
                TargetDescription(name: "Words", level: 0, sentence: "Words.", external: []),
                TargetDescription(name: "Support", level: nil, sentence: "Support.", external: ["A", "B"]),
            ])
    }
}
