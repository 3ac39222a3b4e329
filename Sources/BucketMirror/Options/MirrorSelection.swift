package import Basics
package import ObjectStorage

/// Which objects of a source count. Pure: ages are turned into instants by whoever knows the time.
package struct MirrorSelection: Sendable, Hashable {
    /// Wildcards over the whole key: `*` any bytes, slashes too, `?` one character. As mc's `--exclude`.
    package var excluded: [String] = []
    /// Wildcards over what comes before the first slash. As mc's `--exclude-bucket`.
    package var excludedTops: [String] = []
    package var excludedStorageClasses: Set<String> = []
    /// Only objects last written before, and at or after. Of scans only: an event is new by nature.
    package var writtenBefore: Timestamp?
    package var writtenSince: Timestamp?

    package init() {}

    /// Whether a key counts, whatever its object is like; asked of both sides.
    package func takes(_ key: ObjectKey) -> Bool {
        if key.text.utf8.starts(with: MirrorLayout.reserved.utf8) { return false }
        if excluded.isEmpty, excludedTops.isEmpty { return true }
        if excluded.contains(where: { Wildcard.matches($0, key.text) }) { return false }
        let top = key.text.prefix { $0 != "/" }
        return !excludedTops.contains { Wildcard.matches($0, String(top)) }
    }

    /// Whether an object that a listing of the source shows counts.
    package func takes(_ info: ObjectInfo) -> Bool {
        guard takes(info.key) else { return false }
        if let storageClass = info.storageClass, excludedStorageClasses.contains(storageClass) { return false }
        guard let written = info.lastModified else { return true }
        if let writtenBefore, written >= writtenBefore { return false }
        if let writtenSince, written < writtenSince { return false }
        return true
    }
}

/// `*` and `?` over bytes of UTF-8; `?` takes one whole character.
package enum Wildcard {
    /// Linear in the text for each star, without recursion: patterns come from the command line, keys from anybody.
    package static func matches(_ pattern: String, _ text: String) -> Bool {
        let pattern = Array(pattern.unicodeScalars)
        let text = Array(text.unicodeScalars)
        var (place, index) = (0, 0)
        var star: (place: Int, index: Int)?
        while index < text.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, index)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == text[index] {
                place += 1
                index += 1
            } else if let last = star {
                star = (last.place, last.index + 1)
                place = last.place + 1
                index = last.index + 1
            } else {
                return false
            }
        }
        while place < pattern.count, pattern[place] == "*" { place += 1 }
        return place == pattern.count
    }
}

/// Where the mirror keeps what is its own within the target.
package enum MirrorLayout {
    /// Nothing beneath it is ever copied, compared, or shown as an object of the bucket.
    package static let reserved = ".martlet/"
    /// The log of the history: `.martlet/log/000000000001.ndjson`.
    package static let log = ".martlet/log/"
    /// What stands for the beginning of a log that was shortened.
    package static let base = ".martlet/base/"
    /// What was superseded or deleted, on targets without versions.
    package static let old = ".martlet/old/"
    /// Who may write.
    package static let lease = ".martlet/lease"
    /// Metadata of copies; never copied from one store to the next.
    package static let stampPrefix = "martlet-source-"
    package static let tagStamp = "martlet-source-etag"
    package static let timeStamp = "martlet-source-modified"
}
