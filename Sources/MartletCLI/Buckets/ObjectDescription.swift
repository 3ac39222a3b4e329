import Basics
import KubernetesModel
import ObjectStorage

/// Everything that a store tells of one object.
enum ObjectDescription {
    static func text(_ info: ObjectInfo, tags: [String: String], name: String) -> String {
        var outline = Outline(column: 16)
        outline.add("Name", name)
        if let modified = info.lastModified { outline.add("Date", EntryText.instant(modified)) }
        outline.add("Size", "\(ByteCount(info.size)) (\(grouped(info.size)) bytes)")
        if let etag = info.etag { outline.add("ETag", etag) }
        if let version = info.versionID { outline.add("Version", version) }
        if let storageClass = info.storageClass { outline.add("Class", storageClass) }
        if let type = info.contentType { outline.add("Content type", type) }
        add("Headers", info.headers, to: &outline)
        add("Metadata", info.metadata, to: &outline)
        add("Tags", tags, to: &outline)
        return outline.rendered
    }

    private static func add(_ title: String, _ pairs: [String: String], to outline: inout Outline) {
        guard !pairs.isEmpty else { return }
        outline.heading(title)
        for (name, value) in pairs.sorted(by: { $0.key < $1.key }) { outline.add(name, value, level: 1) }
    }

    static func json(_ info: ObjectInfo, tags: [String: String], url: String) -> JSONValue {
        var json: JSONValue = [
            "status": "success", "type": "file", "name": .string(info.key.text), "url": .string(url),
            "size": .number(JSONNumber(info.size)), "metadata": object(info.metadata), "headers": object(info.headers),
            "tags": object(tags),
        ]
        json["lastModified"] = info.lastModified.map { .string($0.description) }
        json["etag"] = info.etag.map { .string($0) }
        json["versionID"] = info.versionID.map { .string($0) }
        json["storageClass"] = info.storageClass.map { .string($0) }
        json["contentType"] = info.contentType.map { .string($0) }
        return json
    }

    private static func object(_ pairs: [String: String]) -> JSONValue { .object(pairs.mapValues { .string($0) }) }
}
