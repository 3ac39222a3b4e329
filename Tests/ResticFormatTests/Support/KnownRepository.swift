import MartletTestSupport
import ResticFormat

/// The files of `Fixtures.knownRepository`.
enum KnownRepository {
    static let keyID = "2cae9929ed42a3dad337bc4a7b248839f84bae59e185c36267eee989b0e3e60b"
    static let dataPackID = "c4f04f060f9d4006c0882d2f02f17039cce1b8eeb91dc74035a0dc68a667b466"
    static let treePackID = "cc8267ff4f01fae12f8f0ce2d632b01c0b6dd0b62fc6abbdc6cebab4ce774300"
    static let indexID = "c352186e9a10c405baec074fd481ec8748fa110229fe2e15311d82df77ec9de9"
    static let snapshotID = "9468a5fd9e56c820e509ed103880897e3a41eb72e2d2fa16142d74050b03954c"
    static let blobID = "2668cd37139e6847d294cb9b977804a03dd0574e5bb7fe9c78f8b641735c0fe7"
    static let treeID = "a95c1d1844a579abb0ba31d1ae5430bfffb5a02665dd4e2fd841ccfd19ab8cd8"
    static let content = Array("hello, martlet\n".utf8)

    static func file(_ kind: FileKind, _ id: String) throws -> [UInt8] {
        try Fixtures.bytes(Fixtures.knownRepository + "/" + kind.path(try Sample.id(id)))
    }

    static func config() throws -> [UInt8] { try Fixtures.bytes(Fixtures.knownRepository + "/config") }

    static func tree() throws -> [UInt8] {
        let pack = try file(.pack, treePackID)
        let compressed = try Sample.key().open(Array(pack[..<228]))
        return try Decompressor().decompress(compressed, length: 302)
    }
}
