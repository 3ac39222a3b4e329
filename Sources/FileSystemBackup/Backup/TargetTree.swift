/// Where the targets of a backup stand in the snapshot: a tree of names, whose leaves are files and folders of this
/// machine and whose inner places are the folders on the way to them.
///
/// An absolute target keeps its whole path. A relative one keeps its names without the `..` in front. One of nothing
/// but dots (`.`, `..`, `../..`) stands for its entries. Of two that would get one name, the later one gets `-1`, `-2`.
struct TargetTree: Sendable, Hashable {
    indirect enum Place: Sendable, Hashable {
        /// All that is there is kept. `isNamed`: a person named it; else it is an entry of a folder that was named by dots.
        case target(LocalPath, isNamed: Bool)
        /// Only what leads to targets is kept. `path` is where the folder's own metadata is.
        case way(path: LocalPath, TargetTree)
    }

    private(set) var places: [[UInt8]: Place] = [:]
    /// Where each place comes from: names are shared only by what lies in one folder.
    private var origins: [[UInt8]: LocalPath] = [:]

    /// - Parameter entries: the names in a folder of this machine.
    init<Failure: Error>(
        _ targets: [LocalPath], entries: (LocalPath) throws(Failure) -> [[UInt8]]
    ) throws(Failure) {
        for target in targets {
            let target = target.cleaned
            if target.isOnlyDots {
                for name in try entries(target) {
                    add(target.bytes == [dot] ? LocalPath(bytes: name) : target.appending(name), isNamed: false)
                }
            } else {
                add(target, isNamed: true)
            }
        }
    }

    private init() {}

    var names: [[UInt8]] { places.keys.sorted(by: precedes) }

    private mutating func add(_ target: LocalPath, isNamed: Bool) {
        let names = target.names.drop { $0 == [dot, dot] }
        let depth = target.names.count - names.count
        let root =
            target.isAbsolute
            ? LocalPath("/")
            : LocalPath(bytes: Array(repeatElement([dot, dot], count: depth).joined(separator: [slash])))
        if names.isEmpty { return }
        add(names, of: target, isNamed: isNamed, beneath: root)
    }

    private mutating func add(
        _ names: ArraySlice<[UInt8]>, of target: LocalPath, isNamed: Bool, beneath folder: LocalPath
    ) {
        let first = names.first ?? []
        let path = folder.bytes.isEmpty ? LocalPath(bytes: first) : folder.appending(first)
        let name = freeName(first, for: path)
        origins[name] = path
        if names.count == 1 {
            places[name] = .target(path, isNamed: isNamed)
            return
        }
        // A target holds everything in it already.
        if case .target = places[name] { return }
        var inner = TargetTree()
        if case .way(_, let known) = places[name] { inner = known }
        inner.add(names.dropFirst(), of: target, isNamed: isNamed, beneath: path)
        places[name] = .way(path: path, inner)
    }

    private func freeName(_ name: [UInt8], for path: LocalPath) -> [UInt8] {
        var candidate = name
        var number = 0
        while let origin = origins[candidate], origin != path {
            number += 1
            candidate = name + Array("-\(number)".utf8)
        }
        return candidate
    }
}

extension LocalPath {
    /// Whether a cleaned path is `.`, or climbs and does nothing else.
    var isOnlyDots: Bool {
        if isAbsolute { return bytes == [slash] }
        return names.allSatisfy { $0 == [dot] || $0 == [dot, dot] }
    }
}
