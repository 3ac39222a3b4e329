/// One entry of a directory, with everything that a restore brings back.
///
/// Fields that the format omits when they are empty or zero are empty or zero here.
package struct Node: Sendable, Hashable {
    package var name: FileName
    package var kind: NodeKind
    package var mode: GoFileMode
    package var modified: NodeTime
    package var accessed: NodeTime
    package var changed: NodeTime
    package var userID: UInt32 = 0
    package var groupID: UInt32 = 0
    /// The name that the source host gave `userID`; empty if unknown.
    package var user = ""
    package var group = ""
    package var inode: UInt64 = 0
    /// `st_dev`; with `inode`, the identity of a hard-linked file.
    package var deviceID: UInt64 = 0
    /// Bytes of content that were read; files only.
    package var size: UInt64 = 0
    /// `st_nlink`, where the kind records it.
    package var links: UInt64 = 0
    /// The target of a symbolic link, exact bytes.
    package var linkTarget: [UInt8] = []
    /// In the kernel's order.
    package var extendedAttributes: [ExtendedAttribute] = []
    /// Attributes of other systems (`windows.…`), sorted by name; kept, never interpreted.
    package var genericAttributes: [GenericAttribute] = []
    /// `st_rdev` of a device.
    package var device: UInt64 = 0
    /// The data blobs of a file, in order; empty for an empty file, nil for everything else.
    package var content: [ResticID]?
    /// The tree of a directory.
    package var subtree: ResticID?
    /// Written by old programs.
    package var error = ""

    package init(name: FileName, kind: NodeKind, mode: GoFileMode, modified: NodeTime) {
        self.name = name
        self.kind = kind
        self.mode = mode
        self.modified = modified
        accessed = modified
        changed = modified
    }
}

/// A name and a binary value, as `listxattr(2)` and `getxattr(2)` give them. POSIX ACLs are among them.
package struct ExtendedAttribute: Sendable, Hashable {
    package var name: [UInt8]
    package var value: [UInt8]

    package init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ value: [UInt8]) { self.init(name: Array(name.utf8), value: value) }
}

/// A member of `generic_attributes`: its value is kept as the JSON text that was read.
package struct GenericAttribute: Sendable, Hashable {
    package var name: String
    /// JSON text, compact.
    package var json: [UInt8]

    package init(name: String, json: [UInt8]) {
        self.name = name
        self.json = json
    }
}
