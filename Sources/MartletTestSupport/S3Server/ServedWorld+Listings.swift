internal import Basics
internal import NIOCore
internal import ObjectStorage

/// Where a listing goes on: behind a key, or behind everything that was folded into a prefix.
private enum Place {
    case start
    case key(ObjectKey)
    case prefix(String)

    init(token: String) throws(Refusal) {
        let text = Base64.decode(token).map { String(decoding: $0.dropFirst(), as: UTF8.self) }
        switch (Base64.decode(token)?.first, text.flatMap { ObjectKey($0) }) {
        case (UInt8(ascii: "k"), let key?): self = .key(key)
        case (UInt8(ascii: "p"), let key?): self = .prefix(key.text)
        default: throw .argument("continuation-token")
        }
    }

    var token: String {
        switch self {
        case .start: ""
        case .key(let key): Base64.encode(Array("k\(key.text)".utf8))
        case .prefix(let prefix): Base64.encode(Array("p\(prefix)".utf8))
        }
    }

    func isBefore(_ key: ObjectKey) -> Bool {
        switch self {
        case .start: true
        case .key(let last): last < key
        case .prefix(let last):
            last.utf8.lexicographicallyPrecedes(key.text.utf8) && !key.text.utf8.starts(with: last.utf8)
        }
    }
}

extension ServedWorld {
    /// ListObjectsV2.
    func list(_ request: ServerRequest) throws(Refusal) -> ServerAnswer {
        guard let bucket = (staleBuckets ?? buckets)[request.bucket] else { throw .noBucket }
        let prefix = request.parameter("prefix") ?? ""
        let delimiter = request.parameter("delimiter") ?? ""
        let isEncoded = request.parameter("encoding-type") == "url"
        let limit = min(1000, request.parameter("max-keys").flatMap { Int($0) } ?? 1000)
        var place = request.parameter("start-after").flatMap { ObjectKey($0) }.map { Place.key($0) } ?? .start
        if let token = request.parameter("continuation-token") { place = try Place(token: token) }
        var entries = ""
        var count = 0
        var isTruncated = false
        var index = bucket.index { place.isBefore($0) && !$0.text.utf8.lexicographicallyPrecedes(prefix.utf8) }
        while index < bucket.keys.count, bucket.keys[index].text.utf8.starts(with: prefix.utf8) {
            let key = bucket.keys[index]
            guard let object = bucket.current(key) else {
                index += 1
                continue
            }
            guard count < limit else {
                isTruncated = true
                break
            }
            count += 1
            if let fold = key.text.fold(behind: prefix, at: delimiter) {
                entries += "<CommonPrefixes><Prefix>\(fold.listed(isEncoded))</Prefix></CommonPrefixes>"
                place = .prefix(fold)
                index = bucket.index { place.isBefore($0) }
            } else {
                entries += "<Contents>\(object.listed(key, isEncoded))</Contents>"
                place = .key(key)
                index += 1
            }
        }
        let next = isTruncated ? "<NextContinuationToken>\(place.token)</NextContinuationToken>" : ""
        return .xml(
            "<ListBucketResult><Name>\(bucket.name)</Name><KeyCount>\(count)</KeyCount>"
                + (isEncoded ? "<EncodingType>url</EncodingType>" : "")
                + "<IsTruncated>\(isTruncated)</IsTruncated>\(next)\(entries)</ListBucketResult>")
    }

    /// ListObjectVersions.
    func listVersions(_ request: ServerRequest) throws(Refusal) -> ServerAnswer {
        guard let bucket = (staleBuckets ?? buckets)[request.bucket] else { throw .noBucket }
        let prefix = request.parameter("prefix") ?? ""
        let isEncoded = request.parameter("encoding-type") == "url"
        let limit = min(1000, request.parameter("max-keys").flatMap { Int($0) } ?? 1000)
        let marker = request.parameter("key-marker").flatMap { ObjectKey($0) }
        let versionMarker = request.parameter("version-id-marker") ?? ""
        var entries = ""
        var count = 0
        var last: (key: ObjectKey, id: String)?
        var index = bucket.index { key in
            !key.text.utf8.lexicographicallyPrecedes(prefix.utf8)
                && (marker.map { versionMarker.isEmpty ? $0 < key : $0 <= key } ?? true)
        }
        var next = ""
        outer: while index < bucket.keys.count, bucket.keys[index].text.utf8.starts(with: prefix.utf8) {
            let key = bucket.keys[index]
            let all = bucket.versions[key] ?? []
            var first = 0
            if key == marker, let place = all.firstIndex(where: { $0.id == versionMarker }) { first = place + 1 }
            for (position, version) in all.enumerated().dropFirst(first) {
                guard count < limit else {
                    let (key, id) = last ?? (key, "")
                    next =
                        "<NextKeyMarker>\(key.text.listed(isEncoded))</NextKeyMarker>"
                        + "<NextVersionIdMarker>\(id)</NextVersionIdMarker>"
                    break outer
                }
                count += 1
                last = (key, version.id)
                let name = version.isMarker ? "DeleteMarker" : "Version"
                entries +=
                    "<\(name)><VersionId>\(version.id)</VersionId><IsLatest>\(position == 0)</IsLatest>"
                    + "\(version.listed(key, isEncoded))</\(name)>"
            }
            index += 1
        }
        return .xml(
            "<ListVersionsResult><Name>\(bucket.name)</Name>" + (isEncoded ? "<EncodingType>url</EncodingType>" : "")
                + "<IsTruncated>\(!next.isEmpty)</IsTruncated>\(next)\(entries)</ListVersionsResult>")
    }
}

extension ServedVersion {
    func listed(_ key: ObjectKey, _ isEncoded: Bool) -> String {
        let common = "<Key>\(key.text.listed(isEncoded))</Key><LastModified>\(modified)</LastModified>"
        if isMarker { return common }
        return common + "<ETag>&quot;\(etag)&quot;</ETag><Size>\(bytes.readableBytes)</Size>"
            + "<StorageClass>\(storageClass ?? "STANDARD")</StorageClass>"
    }
}

extension String {
    /// As it stands in a listing.
    func listed(_ isEncoded: Bool) -> String {
        guard isEncoded else { return markup }
        var text = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "/"), UInt8(ascii: "*"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case 0x20: text += "+"
            default: text += "%" + Hex.encode([byte]).uppercased()
            }
        }
        return text
    }

    /// The text up to the first `delimiter` behind `prefix`, with it; nil if there is none.
    fileprivate func fold(behind prefix: String, at delimiter: String) -> String? {
        guard !delimiter.isEmpty else { return nil }
        let bytes = Array(utf8)
        let pattern = Array(delimiter.utf8)
        var start = prefix.utf8.count
        while start + pattern.count <= bytes.count {
            if bytes[start..<start + pattern.count].elementsEqual(pattern) {
                return String(decoding: bytes[..<(start + pattern.count)], as: UTF8.self)
            }
            start += 1
        }
        return nil
    }
}
