/// How hard to compress, in restic's words.
package enum CompressionMode: String, Sendable, Hashable, CaseIterable {
    case auto, fastest, better, max, off

    /// zstd's level. Trees and unpacked files are compressed even in the mode `off`.
    package var level: Int32 {
        switch self {
        case .auto, .off: 3
        case .fastest: 1
        case .better: 7
        case .max: 11
        }
    }
}
