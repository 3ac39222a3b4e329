/// A mode as trees hold it: the permission bits as Unix has them, everything else in the bits of Go's `os.FileMode`.
package struct GoFileMode: Sendable, Hashable, RawRepresentable {
    package var rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let directory: UInt32 = 1 << 31
    package static let symlink: UInt32 = 1 << 27
    /// Block and character devices.
    package static let device: UInt32 = 1 << 26
    package static let fifo: UInt32 = 1 << 25
    package static let socket: UInt32 = 1 << 24
    package static let setUserID: UInt32 = 1 << 23
    package static let setGroupID: UInt32 = 1 << 22
    package static let characterDevice: UInt32 = 1 << 21
    package static let sticky: UInt32 = 1 << 20
    package static let irregular: UInt32 = 1 << 19

    /// The nine permission bits.
    package var permissions: UInt32 { rawValue & 0o777 }

    /// Permissions with set-user-id, set-group-id and sticky where `chmod(2)` wants them.
    package var chmodBits: UInt32 {
        var bits = permissions
        if rawValue & GoFileMode.setUserID != 0 { bits |= 0o4000 }
        if rawValue & GoFileMode.setGroupID != 0 { bits |= 0o2000 }
        if rawValue & GoFileMode.sticky != 0 { bits |= 0o1000 }
        return bits
    }

    /// From `st_mode` of `stat(2)`.
    package init(statMode mode: UInt32) {
        var bits = mode & 0o777 | GoFileMode.typeBits(NodeKind(statMode: mode))
        if mode & 0o4000 != 0 { bits |= GoFileMode.setUserID }
        if mode & 0o2000 != 0 { bits |= GoFileMode.setGroupID }
        if mode & 0o1000 != 0 { bits |= GoFileMode.sticky }
        rawValue = bits
    }

    /// As `stat(2)` would give it; the type bits come from the flags.
    package var statMode: UInt32 {
        let type: UInt32 =
            switch kind {
            case .directory: 0o040000
            case .symlink: 0o120000
            case .blockDevice: 0o060000
            case .characterDevice: 0o020000
            case .fifo: 0o010000
            case .socket: 0o140000
            case .file: 0o100000
            case .irregular, .unknown: 0
            }
        return type | chmodBits
    }

    /// What the flags say the entry is.
    package var kind: NodeKind {
        if rawValue & GoFileMode.directory != 0 { return .directory }
        if rawValue & GoFileMode.symlink != 0 { return .symlink }
        if rawValue & GoFileMode.characterDevice != 0 { return .characterDevice }
        if rawValue & GoFileMode.device != 0 { return .blockDevice }
        if rawValue & GoFileMode.fifo != 0 { return .fifo }
        if rawValue & GoFileMode.socket != 0 { return .socket }
        return rawValue & GoFileMode.irregular != 0 ? .irregular : .file
    }

    private static func typeBits(_ kind: NodeKind) -> UInt32 {
        switch kind {
        case .file, .unknown: 0
        case .directory: directory
        case .symlink: symlink
        case .blockDevice: device
        case .characterDevice: device | characterDevice
        case .fifo: fifo
        case .socket: socket
        case .irregular: irregular
        }
    }
}

extension NodeKind {
    /// From the type bits of `st_mode`; what has no known ones is irregular.
    package init(statMode mode: UInt32) {
        switch mode & 0o170000 {
        case 0o100000: self = .file
        case 0o040000: self = .directory
        case 0o120000: self = .symlink
        case 0o060000: self = .blockDevice
        case 0o020000: self = .characterDevice
        case 0o010000: self = .fifo
        case 0o140000: self = .socket
        default: self = .irregular
        }
    }
}
