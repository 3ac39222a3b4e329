/// Reads one node. Unknown members are passed over; that the node has lost something then shows when it is written again.
extension JSONReader {
    mutating func node() throws(FormatError) -> Node {
        var node = Node(name: FileName([]), kind: .unknown, mode: GoFileMode(rawValue: 0), modified: .zero)
        var hasName = false
        var isFirst = true
        try beginObject()
        while let key = try nextKey(&isFirst) {
            if key == "name" {
                node.name = try fileName()
                hasName = true
            } else if try !readTime(key, &node), try !readNumber(key, &node), try !readRare(key, &node) {
                try skipValue()
            }
        }
        guard hasName else { throw failure("tree: a node without a name before") }
        return node
    }

    /// Whether `key` was the kind, a time, or what every file and directory has beside them.
    @inline(__always)
    private mutating func readTime(_ key: JSONKey, _ node: inout Node) throws(FormatError) -> Bool {
        if key == "mtime" {
            node.modified = try time()
        } else if key == "atime" {
            node.accessed = try time()
        } else if key == "ctime" {
            node.changed = try time()
        } else if key == "type" {
            node.kind = try nodeKind()
        } else if key == "content" {
            node.content = try content()
        } else if key == "subtree" {
            node.subtree = try optionalID()
        } else {
            return false
        }
        return true
    }

    @inline(__always)
    private mutating func readNumber(_ key: JSONKey, _ node: inout Node) throws(FormatError) -> Bool {
        if key == "mode" {
            node.mode = GoFileMode(rawValue: try number32())
        } else if key == "uid" {
            node.userID = try number32()
        } else if key == "gid" {
            node.groupID = try number32()
        } else if key == "inode" {
            node.inode = try number()
        } else if key == "device_id" {
            node.deviceID = try number()
        } else if key == "size" {
            node.size = try number()
        } else if key == "links" {
            node.links = try number()
        } else if key == "device" {
            node.device = try number()
        } else {
            return false
        }
        return true
    }

    private mutating func readRare(_ key: JSONKey, _ node: inout Node) throws(FormatError) -> Bool {
        if key == "user" {
            node.user = try string()
        } else if key == "group" {
            node.group = try string()
        } else if key == "linktarget" {
            // The exact bytes, if there are any, may have come before.
            let target = try stringBytes()
            if node.linkTarget.isEmpty { node.linkTarget = target }
        } else if key == "linktarget_raw" {
            let target = try base64()
            if !target.isEmpty { node.linkTarget = target }
        } else if key == "extended_attributes" {
            node.extendedAttributes = try extendedAttributes()
        } else if key == "generic_attributes" {
            node.genericAttributes = try genericAttributes()
        } else if key == "error" {
            node.error = try string()
        } else {
            return false
        }
        return true
    }

    private mutating func nodeKind() throws(FormatError) -> NodeKind {
        let word = JSONKey(span: try stringSpan(), bytes: bytes)
        if word == "file" { return .file }
        if word == "dir" { return .directory }
        if word == "symlink" { return .symlink }
        if word == "dev" { return .blockDevice }
        if word == "chardev" { return .characterDevice }
        if word == "fifo" { return .fifo }
        if word == "socket" { return .socket }
        if word == "irregular" { return .irregular }
        if word == "" { return .unknown }
        throw FormatError(.unsupported, "tree: unknown kind of node before byte \(position)")
    }

    private mutating func content() throws(FormatError) -> [ResticID]? {
        if takeNull() { return nil }
        var ids: [ResticID] = []
        var isFirst = true
        while try nextElement(&isFirst) { ids.append(try id()) }
        return ids
    }

    private mutating func extendedAttributes() throws(FormatError) -> [ExtendedAttribute] {
        if takeNull() { return [] }
        var attributes: [ExtendedAttribute] = []
        var isFirst = true
        while try nextElement(&isFirst) { attributes.append(try extendedAttribute()) }
        return attributes
    }

    private mutating func extendedAttribute() throws(FormatError) -> ExtendedAttribute {
        var attribute = ExtendedAttribute(name: [], value: [])
        var isFirst = true
        try beginObject()
        while let key = try nextKey(&isFirst) {
            if key == "name" {
                attribute.name = try stringBytes()
            } else if key == "value" {
                attribute.value = try base64()
            } else {
                try skipValue()
            }
        }
        return attribute
    }

    private mutating func genericAttributes() throws(FormatError) -> [GenericAttribute] {
        if takeNull() { return [] }
        var attributes: [GenericAttribute] = []
        var isFirst = true
        try beginObject()
        while let key = try nextKey(&isFirst) {
            let name = try name(key)
            attributes.append(GenericAttribute(name: name, json: try rawValue()))
        }
        return attributes
    }
}
