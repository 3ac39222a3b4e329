/// The canonical text of one node: its members in their one order, each as Go writes it.
extension ByteWriter {
    mutating func append(_ node: borrowing Node) {
        append(#"{"name":"#)
        append(name: node.name.bytes)
        append(typeOf: node.kind)
        append(omittingZero: UInt64(node.mode.rawValue), #","mode":"#)
        append(#","mtime":"#)
        append(node.modified)
        append(#","atime":"#)
        append(node.accessed)
        append(#","ctime":"#)
        append(node.changed)
        append(#","uid":"#)
        append(decimal: UInt64(node.userID))
        append(#","gid":"#)
        append(decimal: UInt64(node.groupID))
        append(omittingEmpty: node.user, #","user":"#)
        append(omittingEmpty: node.group, #","group":"#)
        append(omittingZero: node.inode, #","inode":"#)
        append(omittingZero: node.deviceID, #","device_id":"#)
        append(omittingZero: node.size, #","size":"#)
        append(omittingZero: node.links, #","links":"#)
        if !node.linkTarget.isEmpty { append(linkTarget: node.linkTarget) }
        if !node.extendedAttributes.isEmpty { append(node.extendedAttributes) }
        if !node.genericAttributes.isEmpty { append(node.genericAttributes) }
        append(omittingZero: node.device, #","device":"#)
        append(content: node.content)
        append(omittingNil: node.subtree, #","subtree":"#)
        append(omittingEmpty: node.error, #","error":"#)
        append("}")
    }

    private mutating func append(typeOf kind: NodeKind) {
        switch kind {
        case .file: append(#","type":"file""#)
        case .directory: append(#","type":"dir""#)
        case .symlink: append(#","type":"symlink""#)
        case .blockDevice: append(#","type":"dev""#)
        case .characterDevice: append(#","type":"chardev""#)
        case .fifo: append(#","type":"fifo""#)
        case .socket: append(#","type":"socket""#)
        case .irregular: append(#","type":"irregular""#)
        case .unknown: append(#","type":"""#)
        }
    }

    /// What is not UTF-8 gets lost in the text, so that the exact bytes follow.
    private mutating func append(linkTarget: [UInt8]) {
        append(#","linktarget":"#)
        append(json: linkTarget)
        guard !linkTarget.withUnsafeBytes({ UTF8Scalar.isValid($0) }) else { return }
        append(#","linktarget_raw":"#)
        append(base64: linkTarget)
    }

    private mutating func append(_ attributes: [ExtendedAttribute]) {
        append(#","extended_attributes":["#)
        for (index, attribute) in attributes.enumerated() {
            append(index == 0 ? #"{"name":"# : #",{"name":"#)
            append(json: attribute.name)
            append(#","value":"#)
            append(base64: attribute.value)
            append("}")
        }
        append("]")
    }

    private mutating func append(_ attributes: [GenericAttribute]) {
        append(#","generic_attributes":{"#)
        for (index, attribute) in attributes.enumerated() {
            if index > 0 { append(",") }
            append(json: attribute.name)
            append(":")
            append(attribute.json)
        }
        append("}")
    }

    private mutating func append(content: [ResticID]?) {
        guard let content else {
            append(#","content":null"#)
            return
        }
        append(#","content":["#)
        reserve(content.count * 67 + 1)
        var isFirst = true
        for id in content {
            if !isFirst { append(",") }
            isFirst = false
            append(quoted: id)
        }
        append("]")
    }
}
