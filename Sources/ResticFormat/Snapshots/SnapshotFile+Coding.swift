extension SnapshotFile {
    /// - Throws: `malformed`.
    package init(decoding json: [UInt8]) throws(FormatError) {
        self = try json.withRawBytes { bytes throws(FormatError) in
            var reader = JSONReader(bytes)
            return try SnapshotFile(&reader)
        }
    }

    /// Compact JSON without a line feed, as it is sealed.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 2048)
        writer.append(#"{"time":"#)
        writer.append(time)
        writer.append(omittingNil: parent, #","parent":"#)
        writer.append(#","tree":"#)
        writer.append(quoted: tree)
        writer.append(#","paths":"#)
        writer.append(json: paths)
        writer.append(omittingEmpty: hostname, #","hostname":"#)
        writer.append(omittingEmpty: username, #","username":"#)
        writer.append(omittingZero: UInt64(userID), #","uid":"#)
        writer.append(omittingZero: UInt64(groupID), #","gid":"#)
        writer.append(omittingEmpty: excludes, #","excludes":"#)
        writer.append(omittingEmpty: tags, #","tags":"#)
        writer.append(omittingNil: original, #","original":"#)
        writer.append(omittingEmpty: programVersion, #","program_version":"#)
        if let summary {
            writer.append(#","summary":"#)
            writer.append(summary)
        }
        writer.append(unknownMembers)
        writer.append("}")
        return writer.bytes()
    }

    private init(_ reader: inout JSONReader) throws(FormatError) {
        let none = ResticID(0, 0, 0, 0)
        self.init(time: .zero, tree: none, paths: [])
        try reader.beginObject()
        var isFirst = true
        while let key = try reader.nextKey(&isFirst) {
            if try !readIdentity(key, &reader), try !readOrigin(key, &reader) {
                unknownMembers.append(try reader.unknownMember(key))
            }
        }
        try reader.expectEnd()
        guard tree != none else { throw FormatError(.malformed, "the snapshot has no tree") }
    }

    /// Whether `key` was one of those that say what the snapshot is.
    private mutating func readIdentity(_ key: JSONKey, _ reader: inout JSONReader) throws(FormatError) -> Bool {
        if key == "time" {
            time = try reader.time()
        } else if key == "parent" {
            parent = try reader.optionalID()
        } else if key == "tree" {
            tree = try reader.id()
        } else if key == "paths" {
            paths = try reader.strings()
        } else if key == "tags" {
            tags = try reader.strings()
        } else if key == "original" {
            original = try reader.optionalID()
        } else {
            return false
        }
        return true
    }

    /// Whether `key` was one of those that say where it came from.
    private mutating func readOrigin(_ key: JSONKey, _ reader: inout JSONReader) throws(FormatError) -> Bool {
        if key == "hostname" {
            hostname = try reader.string()
        } else if key == "username" {
            username = try reader.string()
        } else if key == "uid" {
            userID = try reader.number32()
        } else if key == "gid" {
            groupID = try reader.number32()
        } else if key == "excludes" {
            excludes = try reader.strings()
        } else if key == "program_version" {
            programVersion = try reader.string()
        } else if key == "summary" {
            summary = reader.takeNull() ? nil : try SnapshotSummary(&reader)
        } else {
            return false
        }
        return true
    }
}

extension ByteWriter {
    mutating func append(omittingNil id: ResticID?, _ prefix: StaticString) {
        guard let id else { return }
        append(prefix)
        append(quoted: id)
    }

    mutating func append(json texts: [String]) {
        append("[")
        for (index, text) in texts.enumerated() {
            if index > 0 { append(",") }
            append(json: text)
        }
        append("]")
    }

    mutating func append(omittingEmpty texts: [String], _ prefix: StaticString) {
        guard !texts.isEmpty else { return }
        append(prefix)
        append(json: texts)
    }
}
