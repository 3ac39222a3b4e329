import Glibc
import KubernetesModel

/// Exchanges with a real API server, one file for each scenario.
enum Recording {
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "cannot read \(path)" }
    }

    private static func path(_ name: String) -> String {
        let folders = #filePath.split(separator: "/").dropLast(3)
        return "/" + folders.joined(separator: "/") + "/Fixtures/exchanges/\(name).json"
    }

    static func read(_ name: String) throws -> [Dialogue.Exchange] {
        let json = try JSONValue(parsing: try text(at: path(name)))
        return (json.array ?? []).compactMap(Dialogue.Exchange.init)
    }

    static func write(_ exchanges: [Dialogue.Exchange], _ name: String) throws {
        guard let file = fopen(path(name), "w") else { throw Missing(path: path(name)) }
        defer { fclose(file) }
        let bytes = Array(JSONValue.array(exchanges.map(\.json)).prettyPrinted().utf8)
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Missing(path: path(name)) }
    }

    static func text(at path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Missing(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
