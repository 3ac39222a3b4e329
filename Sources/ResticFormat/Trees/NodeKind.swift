/// What a directory entry is.
package enum NodeKind: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case file, directory, symlink, blockDevice, characterDevice, fifo, socket, irregular
    /// Written by old programs for what they did not know.
    case unknown

    /// The word in the tree's text.
    package var description: String {
        switch self {
        case .file: "file"
        case .directory: "dir"
        case .symlink: "symlink"
        case .blockDevice: "dev"
        case .characterDevice: "chardev"
        case .fifo: "fifo"
        case .socket: "socket"
        case .irregular: "irregular"
        case .unknown: ""
        }
    }

    /// Whether `links` is recorded: directories and FIFOs have none.
    package var recordsLinks: Bool {
        switch self {
        case .file, .symlink, .blockDevice, .characterDevice: true
        case .directory, .fifo, .socket, .irregular, .unknown: false
        }
    }

    package var isDevice: Bool { self == .blockDevice || self == .characterDevice }
}
