internal import Basics

/// Something that happened to a key, as MinIO's listen stream tells it.
struct ServedEvent: Sendable {
    let bucket: String
    /// `s3:ObjectCreated:Put`.
    let name: String
    let key: String
    let time: Timestamp
    /// Nanoseconds: larger for a later write of the same key.
    let sequence: Int64
    var size: Int?
    var etag: String?
    var versionID: String?

    /// One line of the stream, without the line's end.
    var line: String {
        var object = "\"key\":\(key.quoted)"
        if let size { object += ",\"size\":\(size)" }
        if let etag { object += ",\"eTag\":\(etag.quoted)" }
        if let versionID { object += ",\"versionId\":\(versionID.quoted)" }
        object += ",\"sequencer\":\"\(String(sequence, radix: 16, uppercase: true))\""
        let place = "\"bucket\":{\"name\":\(bucket.quoted),\"arn\":\"arn:aws:s3:::\(bucket)\"},\"object\":{\(object)}"
        return "{\"Records\":[{\"eventVersion\":\"2.0\",\"eventSource\":\"minio:s3\",\"awsRegion\":\"\","
            + "\"eventTime\":\"\(time)\",\"eventName\":\"\(name)\",\"s3\":{\"s3SchemaVersion\":\"1.0\","
            + "\"configurationId\":\"Config\",\(place)},\"source\":{\"host\":\"127.0.0.1\",\"port\":\"\","
            + "\"userAgent\":\"test\"}}]}"
    }
}

extension String {
    /// As a JSON string.
    fileprivate var quoted: String {
        var text = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..."\u{1F}": text += "\\u00" + Hex.encode([UInt8(scalar.value)])
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
