import KubernetesModel
import MartletTestSupport
import Testing
import VeleroControllers

@Suite struct NodeFolderTests {
    private func withNode(_ body: (NodeFolders) throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let folders = NodeFolders(pods: "\(folder)/pods", root: "\(folder)/host")
            try TestFiles.makeFolder("\(folder)/pods/u1/volumes")
            try TestFiles.makeFolder("\(folder)/host")
            try body(folders)
        }
    }

    private func code(_ body: () throws -> Void) -> ControllerError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ControllerError)?.code
        }
    }

    @Test func `a volume lies beneath its plug-in, that of CSI in its mount`() async throws {
        try await withNode { node in
            let plain = "\(node.pods)/u1/volumes/kubernetes.io~empty-dir/files"
            let csi = "\(node.pods)/u1/volumes/kubernetes.io~csi/pvc-1/mount"
            try TestFiles.makeFolder(plain)
            try TestFiles.makeFolder(csi)
            #expect(try node.folder(of: .ofPod("files"), pod: "u1") == plain)
            #expect(try node.folder(of: .ofPod("pvc-1"), pod: "u1") == csi)
        }
    }

    @Test func `a pod of another node, a volume that is missing or there twice`() async throws {
        try await withNode { node in
            #expect(code { _ = try node.folder(of: .ofPod("files"), pod: "u2") } == .notHere)
            #expect(code { _ = try node.folder(of: .ofPod("files"), pod: "u1") } == .notMounted)
            try TestFiles.makeFolder("\(node.pods)/u1/volumes/kubernetes.io~empty-dir/files")
            try TestFiles.makeFolder("\(node.pods)/u1/volumes/kubernetes.io~nfs/files")
            #expect(code { _ = try node.folder(of: .ofPod("files"), pod: "u1") } == .notMounted)
        }
    }

    @Test(arguments: ["../u1", "..", "", "u1/volumes"])
    func `a uid that is no name leads nowhere`(uid: String) async throws {
        try await withNode { node in
            #expect(!node.hasPod(uid))
            #expect(code { _ = try node.folder(of: .ofPod("files"), pod: uid) } == .notHere)
        }
    }

    @Test func `a link in the place of a volume is not followed`() async throws {
        try await withNode { node in
            let plugin = "\(node.pods)/u1/volumes/kubernetes.io~empty-dir"
            try TestFiles.makeFolder(plugin)
            try TestFiles.link("\(plugin)/files", to: "/etc")
            #expect(code { _ = try node.folder(of: .ofPod("files"), pod: "u1") } == .notMounted)
        }
    }

    @Test func `a folder of the node is found beneath its root, through links on the way and never through the last`()
        async throws
    {
        try await withNode { node in
            let root = try #require(node.root)
            try TestFiles.makeFolder("\(root)/disk/k3s/pvc-1")
            try TestFiles.makeFolder("\(root)/var/lib")
            try TestFiles.link("\(root)/var/lib/rancher", to: "/disk")
            try TestFiles.link("\(root)/disk/k3s/pvc-2", to: "/etc")
            try TestFiles.link("\(root)/loop", to: "/loop")
            let found = try node.folder(of: .ofNode("/var/lib/rancher/k3s/pvc-1"), pod: "u1")
            #expect(found == "\(root)/disk/k3s/pvc-1")
            #expect(try node.folder(of: .ofNode("/../../disk/./k3s/pvc-1"), pod: "u1") == found)
            for path in ["/var/lib/rancher/k3s/pvc-2", "/loop/x", "/none"] {
                #expect(code { _ = try node.folder(of: .ofNode(path), pod: "u1") } == .notMounted, "\(path)")
            }
            var blind = node
            blind.root = nil
            #expect(code { _ = try blind.folder(of: .ofNode("/disk"), pod: "u1") } == .notMounted)
        }
    }

    @Test func `the place follows from pod and PersistentVolume`() throws {
        let pod = APIObject([
            "metadata": ["name": "web", "namespace": "app"],
            "spec": [
                "volumes": [
                    NodeScene.emptyDir("files"), NodeScene.claimed("data", by: "claim"),
                    ["name": "own", "ephemeral": [:]], ["name": "host", "hostPath": ["path": "/etc"]],
                ]
            ],
        ])
        #expect(try VolumePlace.claim(of: "files", in: pod) == nil)
        #expect(try VolumePlace.claim(of: "data", in: pod) == "claim")
        #expect(try VolumePlace.claim(of: "own", in: pod) == "web-own")
        #expect(code { _ = try VolumePlace.claim(of: "none", in: pod) } == .notFound)
        #expect(try VolumePlace(of: "files", in: pod, persistentVolume: nil) == .ofPod("files"))
        #expect(code { _ = try VolumePlace(of: "host", in: pod, persistentVolume: nil) } == .invalid)
        func volume(_ spec: JSONValue) -> APIObject { APIObject(["metadata": ["name": "pvc-1"], "spec": spec]) }
        #expect(try VolumePlace(of: "data", in: pod, persistentVolume: volume(["csi": [:]])) == .ofPod("pvc-1"))
        let onNode = volume(["hostPath": ["path": "/opt/pvc-1"]])
        #expect(try VolumePlace(of: "data", in: pod, persistentVolume: onNode) == .ofNode("/opt/pvc-1"))
        let relative = volume(["hostPath": ["path": "opt"]])
        #expect(code { _ = try VolumePlace(of: "data", in: pod, persistentVolume: relative) } == .invalid)
        let block = volume(["volumeMode": "Block", "csi": [:]])
        #expect(code { _ = try VolumePlace(of: "data", in: pod, persistentVolume: block) } == .invalid)
    }
}
