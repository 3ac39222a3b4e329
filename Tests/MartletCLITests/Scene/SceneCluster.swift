import FoundationEssentials
import MartletTestSupport
import Testing

/// A real cluster whose node is this machine, with the stage prepared: images, empty disks, classes and volumes of storage.
/// There is one at a time.
struct SceneCluster: Sendable {
    let name: String
    let kubectl: Kubectl

    /// The program under test, run on the node by the administrator, with the password of the volumes' repositories.
    func martlet(_ store: SceneStore) -> MartletProcess {
        MartletProcess(["KUBECONFIG": kubectl.kubeconfig, "RESTIC_PASSWORD": store.password])
    }

    /// Starts the cluster, and takes it away again whatever becomes of `body`: then no process, mount or loop device of it is
    /// left, and no file system is frozen.
    static func with<Result: Sendable>(
        _ role: String, _ body: (SceneCluster) async throws -> Result
    ) async throws -> Result {
        let name = "\(try TestServers.address(of: .node))-\(role)"
        let result: Result
        do {
            let kubeconfig = try await Act.time("the cluster \(role) comes up") {
                try await Script.run("cluster", "up", "--node", "--name", name).trimmed
            }
            try await Act.time("its stage is prepared") {
                try await Script.run("stage", "prepare", "--name", name, "--program", MartletProcess.program)
            }
            result = try await body(SceneCluster(name: name, kubectl: try Kubectl(kubeconfig: kubeconfig)))
        } catch {
            Issue.record(error)  // Said now: taking the cluster away may fail too.
            try await takeAway(name)
            throw error
        }
        try await takeAway(name)
        return result
    }

    /// Not cut short when the test is cancelled, for example by its time limit.
    private static func takeAway(_ name: String) async throws {
        try await Task {
            try await Act.time("the cluster is thrown away") { try await Script.run("cluster", "down", "--name", name) }
            let remains = Remains.now(cluster: name)
            #expect(remains.isEmpty, "left behind: \(remains.joined(separator: "\n"))")
        }.value
    }
}

/// What a node could leave behind on its machine.
enum Remains {
    /// Mounts, loop devices and processes of the cluster `name`, one line each.
    static func now(cluster name: String) -> [String] {
        let places = ["/clusters/\(name)/", "/node-volumes/", "/var/lib/kubelet/"]
        let mounts = lines("/proc/self/mounts").filter { line in places.contains { line.contains($0) } }
        let files: [String] = names(in: "/sys/block").flatMap { device -> [String] in
            lines("/sys/block/\(device)/loop/backing_file")
        }
        let devices = files.filter { $0.contains("/node-volumes/") }
        let processes = names(in: "/proc").filter { $0.allSatisfy(\.isNumber) }.compactMap { process -> String? in
            let words = lines("/proc/\(process)/cmdline").joined().replacing("\0", with: " ")
            let isOfPod = lines("/proc/\(process)/cgroup").contains { $0.contains("/kubepods") }
            return words.contains(places[0]) || isOfPod ? "process \(process): \(words)" : nil
        }
        return mounts + devices + processes
    }

    private static func lines(_ path: String) -> [String] {
        // What is gone meanwhile is not left.
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").map(String.init)
    }

    private static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }
}

/// Says how long each part of the scene takes.
enum Act {
    @discardableResult
    static func time<Result>(_ name: String, _ body: () async throws -> Result) async rethrows -> Result {
        let begun = ContinuousClock.now
        let result = try await body()
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        print("scene: \(name): \((seconds * 10).rounded() / 10) s")
        return result
    }
}

extension String {
    var trimmed: String { String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
}
