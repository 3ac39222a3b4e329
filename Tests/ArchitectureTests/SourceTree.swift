import FoundationEssentials

/// The files of the checkout that this test was built from.
enum SourceTree {
    struct Unreadable: Error, CustomStringConvertible {
        let path: String
        var description: String { "cannot read \(path)" }
    }

    static var root: String { "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") }

    static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else { throw Unreadable(path: path) }
        return String(decoding: data, as: UTF8.self)
    }

    /// The Swift files below `folder`, sorted.
    static func swiftFiles(_ folder: String) throws -> [SwiftFile] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")
            .filter { $0.hasSuffix(".swift") }.sorted()
            .map { SwiftFile(path: "\(folder)/\($0)", text: try text("\(folder)/\($0)")) }
    }
}

struct SwiftFile {
    let path: String
    let text: String

    /// `KubernetesModel` of `Sources/KubernetesModel/JSON/JSONValue.swift`.
    var target: String { String(path.split(separator: "/")[1]) }

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The modules that the file imports.
    var imports: Set<String> {
        var modules: Set<String> = []
        for line in lines {
            let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            guard let index = words.firstIndex(of: "import"), index <= 1, words.count > index + 1 else { continue }
            let access: Set<Substring> = ["package", "internal", "private", "fileprivate", "public"]
            guard index == 0 || access.contains(words[0]) else { continue }
            let isKind = ["struct", "class", "enum", "func", "protocol", "typealias"].contains(words[index + 1])
            let name = words[isKind ? index + 2 : index + 1]
            modules.insert(String(name.split(separator: ".")[0]))
        }
        return modules
    }

    /// The text of each line without comments and without what stands in quotes, with the line's number from 1.
    var code: [(number: Int, text: String)] {
        var isInText = false
        return lines.enumerated().map { index, line in
            // Texts of several lines are no code.
            if line.contains("\"\"\"") {
                if line.components(of: "\"\"\"") % 2 == 1 { isInText.toggle() }
                return (index + 1, "")
            }
            if isInText { return (index + 1, "") }
            var text = ""
            var isQuoted = false
            var previous: Character = " "
            for character in line {
                if character == "\"", previous != "\\" { isQuoted.toggle() }
                if !isQuoted, character == "/", previous == "/" {
                    text.removeLast()
                    break
                }
                if !isQuoted, character != "\"" { text.append(character) }
                previous = previous == "\\" && character == "\\" ? " " : character
            }
            return (index + 1, text)
        }
    }
}

extension Substring {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
