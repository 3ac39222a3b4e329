internal import FileSystemBackup
internal import Glibc
internal import KubernetesModel

/// The folders of a node as this process sees them.
///
/// No link leads out of them: beneath the kubelet's folder nothing that is a link is entered, and links within the path of a
/// hostPath volume are resolved as the node would, its root being `root`.
package struct NodeFolders: Sendable, Hashable {
    /// The kubelet's folder of pods: `/var/lib/kubelet/pods` on the node, `/host_pods` in the agent.
    package var pods: String
    /// Where the node's root is: `/` on the node. Nil if it cannot be seen, then hostPath volumes cannot be reached.
    package var root: String?

    package init(pods: String = "/var/lib/kubelet/pods", root: String? = "/") {
        self.pods = pods
        self.root = root
    }

    /// Whether this machine has a kubelet's folder at all.
    package var isThere: Bool { NodeFolders.kind(of: pods) == .folder }

    /// Whether the pod is on this node.
    package func hasPod(_ uid: String) -> Bool {
        KubernetesName.isPathSegment(uid) && NodeFolders.kind(of: "\(pods)/\(uid)") == .folder
    }

    /// The folder that holds the data of a volume.
    ///
    /// - Throws: `.notHere` if the pod is on another node; `.notMounted`; `.localDisk`.
    package func folder(of place: VolumePlace, pod uid: String) throws(ControllerError) -> String {
        guard hasPod(uid) else {
            throw ControllerError(.notHere, "the pod with uid \(uid) is not on this node: there is no \(pods)/\(uid)")
        }
        switch place {
        case .ofPod(let name): return try folder(named: name, pod: uid)
        case .ofNode(let path): return try folder(ofNode: path)
        }
    }

    /// `PODS/UID/volumes/PLUGIN/NAME`, for exactly one plug-in; of CSI volumes the folder `mount` in it.
    private func folder(named name: String, pod uid: String) throws(ControllerError) -> String {
        let volumes = "\(pods)/\(uid)/volumes"
        var found: [String] = []
        for plugin in try NodeFolders.names(in: volumes) where NodeFolders.kind(of: "\(volumes)/\(plugin)") == .folder {
            let path = "\(volumes)/\(plugin)/\(name)" + (plugin == "kubernetes.io~csi" ? "/mount" : "")
            if NodeFolders.kind(of: path) == .folder { found.append(path) }
        }
        guard let path = found.first else {
            throw ControllerError(.notMounted, "no plug-in of the kubelet has mounted '\(name)' beneath \(volumes)")
        }
        guard found.count == 1 else {
            throw ControllerError(
                .notMounted, "'\(name)' is there \(found.count) times: \(found.sorted().joined(separator: ", "))")
        }
        return path
    }

    private func folder(ofNode path: String) throws(ControllerError) -> String {
        guard let root else {
            throw ControllerError(
                .notMounted,
                "the node's folder \(path) cannot be seen from here: the agent was not given the node's root")
        }
        let base = root == "/" ? "" : root
        let inside = try NodeFolders.resolve(path, beneath: base)
        guard NodeFolders.kind(of: base + inside) == .folder else {
            throw ControllerError(.notMounted, "the node's folder \(path) does not exist")
        }
        return base + inside
    }

    // MARK: The file system

    enum Kind: Sendable { case folder, link, other }

    /// What is at a path, itself and not what it points to; nil if nothing can be seen there.
    static func kind(of path: String) -> Kind? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFLNK: return .link
        default: return .other
        }
    }

    /// The entries of a folder, sorted. A node has a few plug-ins; more than 1,000 entries are none.
    static func names(in folder: String) throws(ControllerError) -> [String] {
        guard let handle = opendir(folder) else {
            throw ControllerError(
                .notMounted, "the folder \(folder) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle), names.count < 1000 {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// As many links as the kernel follows. Source: man 7 path_resolution.
    private static let mostLinks = 40

    /// `path` without links, taken from a root that stands at `base`. The last name must not be a link.
    private static func resolve(_ path: String, beneath base: String) throws(ControllerError) -> String {
        var rest = path.split(separator: "/").map(String.init)[...]
        var resolved: [String] = []
        var links = 0
        while let name = rest.popFirst() {  // Ends: every link counts.
            if name == "." { continue }
            if name == ".." {
                _ = resolved.popLast()
                continue
            }
            let here = "/" + (resolved + [name]).joined(separator: "/")
            guard kind(of: base + here) == .link else {
                resolved.append(name)
                continue
            }
            links += 1
            guard links <= mostLinks, !rest.isEmpty, let target = linkTarget(base + here) else {
                throw ControllerError(
                    .notMounted, "the node's folder \(path) is a symbolic link, which is not followed")
            }
            if target.hasPrefix("/") { resolved = [] }
            rest = target.split(separator: "/").map(String.init) + rest
        }
        return "/" + resolved.joined(separator: "/")
    }

    private static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink(path, &buffer, buffer.count)
        guard length > 0 else { return nil }
        return String(validating: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
