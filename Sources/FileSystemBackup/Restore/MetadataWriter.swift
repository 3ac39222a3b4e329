import Glibc
import ResticFormat

/// Sets what a node says beside its content. The order matters: changing the owner clears set-user-id bits and capabilities,
/// so attributes, times and at last permissions come after it.
struct MetadataWriter: Sendable {
    let ownership: RestoreOptions.Ownership
    let attributes: CompiledAttributeSelection
    let accounts: AccountNames
    /// Without privileges, owners and system attributes are set as far as the kernel lets us.
    let isPrivileged = geteuid() == 0

    /// - Parameter file: open for writing, or a folder.
    func write(_ node: Node, to file: Descriptor) throws(SystemError) {
        let raw = file.raw
        let (user, group) = owner(of: node)
        try tolerating { () throws(SystemError) in _ = try systemCall { fchown(raw, user, group) } }
        try writeAttributes(of: node, to: file)
        var times = times(of: node)
        _ = try withUnsafeBytes(of: &times) { (times) throws(SystemError) in
            try systemCall { futimens(raw, times.baseAddress!.assumingMemoryBound(to: timespec.self)) }
        }
        _ = try systemCall { fchmod(raw, node.mode.chmodBits) }
    }

    /// Of a link, a device or a pipe.
    func write(_ node: Node, to name: [UInt8], in folder: Descriptor) throws(SystemError) {
        let raw = folder.raw
        let (user, group) = owner(of: node)
        try tolerating { () throws(SystemError) in
            _ = try withCName(name) { (name) throws(SystemError) in
                try systemCall { fchownat(raw, name, user, group, AT_SYMLINK_NOFOLLOW) }
            }
        }
        for attribute in node.extendedAttributes where attributes.selects(attribute.name) {
            try tolerating { () throws(SystemError) in try folder.set(attribute, of: name) }
        }
        // Links have no permissions of their own.
        if node.kind != .symlink { try folder.setPermissions(node.mode.chmodBits, of: name, kind: node.kind) }
        var times = times(of: node)
        _ = try withUnsafeBytes(of: &times) { (times) throws(SystemError) in
            try withCName(name) { (name) throws(SystemError) in
                try systemCall {
                    utimensat(
                        raw, name, times.baseAddress!.assumingMemoryBound(to: timespec.self), AT_SYMLINK_NOFOLLOW)
                }
            }
        }
    }

    private func owner(of node: Node) -> (UInt32, UInt32) {
        switch ownership {
        case .byNumber: (node.userID, node.groupID)
        case .byName: (accounts.userNumber(node.user) ?? 0, accounts.groupNumber(node.group) ?? 0)
        }
    }

    private func times(of node: Node) -> (timespec, timespec) {
        (node.accessed.instant.timespec, node.modified.instant.timespec)
    }

    /// Sets the node's attributes and removes others, such as what a folder's default ACL gave the file.
    private func writeAttributes(of node: Node, to file: Descriptor) throws(SystemError) {
        let present = try AttributeReader.attributes(of: file)
        for attribute in node.extendedAttributes where attributes.selects(attribute.name) {
            if present.contains(attribute) { continue }
            try tolerating { () throws(SystemError) in try file.set(attribute) }
        }
        for attribute in present where attributes.selects(attribute.name) {
            if node.extendedAttributes.contains(where: { $0.name == attribute.name }) { continue }
            // The kernel's own labels stay.
            if attribute.name.starts(with: Array("security.".utf8)) { continue }
            try tolerating { () throws(SystemError) in try file.removeAttribute(attribute.name) }
        }
    }

    /// What only root may set, and what the file system does not have, is passed over.
    private func tolerating(_ body: () throws(SystemError) -> Void) throws(SystemError) {
        do {
            try body()
        } catch {
            let isForbidden = error.number == EPERM || error.number == EACCES
            guard error.number == ENOTSUP || isForbidden && !isPrivileged else { throw error }
        }
    }
}
