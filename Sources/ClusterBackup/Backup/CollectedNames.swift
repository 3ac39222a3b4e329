internal import KubernetesModel
internal import NIOCore
internal import VeleroAPI

/// The names of everything in a backup, for the resource list: the bytes of each name and four more, so that 10^6 objects
/// take some 40 MB.
struct CollectedNames {
    private struct Names {
        var bytes: [UInt8] = []
        var ends: [UInt32] = []

        mutating func append(_ namespace: String?, _ name: String) {
            if let namespace {
                bytes.append(contentsOf: namespace.utf8)
                bytes.append(UInt8(ascii: "/"))
            }
            bytes.append(contentsOf: name.utf8)
            ends.append(UInt32(bytes.count))
        }

        func name(_ index: Int) -> ArraySlice<UInt8> {
            bytes[Int(index == 0 ? 0 : ends[index - 1])..<Int(ends[index])]
        }

        func sorted() -> [Int] {
            ends.indices.sorted { name($0).lexicographicallyPrecedes(name($1)) }
        }
    }

    private var kinds: [String: Names] = [:]
    private(set) var count = 0

    /// - Parameter key: of the objects' kind; see `ResourceList.key`.
    mutating func append(_ objects: some Sequence<RawObject>, key: String) {
        var names = kinds.removeValue(forKey: key) ?? Names()  // Taken out, so that it grows in place.
        for object in objects {
            names.append(object.namespace, object.name)
            count += 1
        }
        kinds[key] = names
    }

    /// Number of objects for each kind.
    var counts: [String: Int] { kinds.mapValues(\.ends.count) }

    /// The resource list: `{"v1/Pod":["ns/a"]}`, sorted, packed. One kind's order and 64 KiB of text at a time.
    func packed() -> ByteBuffer {
        let deflater = GzipDeflater()
        var output = ByteBuffer()
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (position, (key, names)) in kinds.sorted(by: { $0.key < $1.key }).enumerated() {
            if position > 0 { text.append(UInt8(ascii: ",")) }
            JSONValue.string(key).append(to: &text)
            text.append(contentsOf: ":[".utf8)
            for (place, index) in names.sorted().enumerated() {
                if place > 0 { text.append(UInt8(ascii: ",")) }
                JSONValue.string(String(decoding: names.name(index), as: UTF8.self)).append(to: &text)
                if text.count >= 64 << 10 {
                    deflater.append(text, to: &output)
                    text.removeAll(keepingCapacity: true)
                }
            }
            text.append(UInt8(ascii: "]"))
        }
        text.append(UInt8(ascii: "}"))
        deflater.append(text, to: &output)
        deflater.finish(to: &output)
        return output
    }
}
