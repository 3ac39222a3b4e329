import ControllerRuntime
import KubernetesModel
import MartletTestSupport
import PracticeCluster
import Testing

@Suite struct LeaseElectionTests {
    private static let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"

    /// One candidate: it talks to the cluster whenever its election says so, unless it is cut off.
    private struct Candidate {
        var election: LeaseElection
        var due = Duration.zero
        var isCutOff = false

        init(_ name: String) { election = LeaseElection(identity: name) }

        mutating func turn(_ cluster: PracticeCluster, now: Duration) {
            var action = read(cluster, now)
            while true {  // A write at most, then a wait.
                switch action {
                case .wait(let moment):
                    due = moment
                    return
                case .create(let spec):
                    action = write(cluster, "POST", leases, ["metadata": ["name": "martlet"], "spec": spec], now)
                case .update(let spec, let version):
                    let metadata: JSONValue = ["name": "martlet", "resourceVersion": .string(version)]
                    action = write(cluster, "PUT", "\(leases)/martlet", ["metadata": metadata, "spec": spec], now)
                }
            }
        }

        private mutating func read(_ cluster: PracticeCluster, _ now: Duration) -> LeaseElection.Action {
            guard !isCutOff else { return election.handle(.failed, now: now, timestamp: timestamp(now)) }
            let (code, body) = cluster.request("GET", "\(leases)/martlet")
            return election.handle(.observed(code == 200 ? APIObject(body) : nil), now: now, timestamp: timestamp(now))
        }

        private mutating func write(
            _ cluster: PracticeCluster, _ method: String, _ path: String, _ body: JSONValue, _ now: Duration
        ) -> LeaseElection.Action {
            let (code, answer) = cluster.request(method, path, body)
            let event: LeaseElection.Event = (200...201).contains(code) ? .written(APIObject(answer)) : .failed
            return election.handle(event, now: now, timestamp: timestamp(now))
        }

        /// Another one for each moment: a server counts an update that changes nothing as none.
        private func timestamp(_ now: Duration) -> String {
            let (seconds, attoseconds) = now.components
            return "at \(seconds) s and \(attoseconds / 1_000_000_000_000) µs"
        }
    }

    /// Candidates come, go and are cut off in every order; time passes in steps of a quarter of a second.
    @Test(arguments: 0..<40) func `there are never two leaders, and soon there is one again`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let cluster = PracticeCluster()
        var candidates = ["a", "b", "c"].map { Candidate($0) }
        var leaderless = Duration.zero
        var longest = Duration.zero
        let step = Duration.milliseconds(250)
        var now = Duration.zero
        for _ in 0..<2_000 {
            for index in candidates.indices.shuffled(using: &random) where candidates[index].due <= now {
                candidates[index].turn(cluster, now: now)
            }
            let leaders = candidates.filter { $0.election.leads(now: now) }
            #expect(leaders.count <= 1, "\(leaders.map(\.election.identity)) at \(now)")
            leaderless = leaders.isEmpty ? leaderless + step : .zero
            // At least one can always be reached, so somebody takes over.
            longest = max(longest, leaderless)
            if random.next() % 40 == 0 {
                let index = Int(random.next() % 3)
                candidates[index].isCutOff.toggle()
                if candidates.allSatisfy(\.isCutOff) { candidates[(index + 1) % 3].isCutOff = false }
            }
            now += step
        }
        #expect(longest <= .seconds(60), "\(longest)")
        #expect(cluster.object("leases.coordination.k8s.io", "martlet", in: "default") != nil)
    }

    @Test func `a leader that hears nothing stops before others may begin`() {
        let cluster = PracticeCluster()
        var leader = Candidate("a")
        leader.turn(cluster, now: .zero)
        #expect(leader.election.leads(now: .zero))
        leader.isCutOff = true
        #expect(leader.election.leads(now: LeaseElection.renewDeadline - .milliseconds(1)))
        #expect(!leader.election.leads(now: LeaseElection.renewDeadline))
        #expect(LeaseElection.renewDeadline < LeaseElection.duration)
        var other = Candidate("b")
        other.turn(cluster, now: .seconds(1))
        #expect(!other.election.leads(now: .seconds(1)))
        other.turn(cluster, now: .seconds(1) + LeaseElection.duration)
        #expect(other.election.leads(now: .seconds(1) + LeaseElection.duration))
        let lease = cluster.object("leases.coordination.k8s.io", "martlet", in: "default")
        #expect(lease?["spec", "leaseTransitions"] == 1 && lease?["spec", "holderIdentity"] == "b")
    }
}
