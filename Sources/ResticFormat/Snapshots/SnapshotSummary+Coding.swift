extension SnapshotSummary {
    /// The counts with their names, in the order in which they are written.
    private static var counts: [(name: StaticString, path: WritableKeyPath<SnapshotSummary, UInt64>)] {
        [
            ("files_new", \.filesNew), ("files_changed", \.filesChanged), ("files_unmodified", \.filesUnmodified),
            ("dirs_new", \.directoriesNew), ("dirs_changed", \.directoriesChanged),
            ("dirs_unmodified", \.directoriesUnmodified), ("data_blobs", \.dataBlobs), ("tree_blobs", \.treeBlobs),
            ("data_added", \.dataAdded), ("data_added_packed", \.dataAddedPacked),
            ("total_files_processed", \.totalFilesProcessed), ("total_bytes_processed", \.totalBytesProcessed),
        ]
    }

    init(_ reader: inout JSONReader) throws(FormatError) {
        self.init(backupStart: .zero, backupEnd: .zero)
        try reader.beginObject()
        var isFirst = true
        while let key = try reader.nextKey(&isFirst) {
            if key == "backup_start" {
                backupStart = try reader.time()
            } else if key == "backup_end" {
                backupEnd = try reader.time()
            } else if let count = SnapshotSummary.counts.first(where: { key == $0.name }) {
                self[keyPath: count.path] = try reader.number()
            } else {
                unknownMembers.append(try reader.unknownMember(key))
            }
        }
    }

    fileprivate func write(to writer: inout ByteWriter) {
        writer.append(#"{"backup_start":"#)
        writer.append(backupStart)
        writer.append(#","backup_end":"#)
        writer.append(backupEnd)
        for count in SnapshotSummary.counts {
            writer.append(#",""#)
            writer.append(count.name)
            writer.append(#"":"#)
            writer.append(decimal: self[keyPath: count.path])
        }
        writer.append(unknownMembers)
        writer.append("}")
    }
}

extension ByteWriter {
    mutating func append(_ summary: SnapshotSummary) { summary.write(to: &self) }
}
