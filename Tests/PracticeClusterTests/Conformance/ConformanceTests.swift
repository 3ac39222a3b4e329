import Basics
import KubernetesModel
import MartletTestSupport
import NetworkTransport
import PracticeCluster
import Testing
import Transport

/// The practice cluster answers as Kubernetes 1.20.2 does. What that one answered is kept in `Tests/Fixtures/exchanges`;
/// with `MARTLET_TEST_RECORD=1` the second test writes it anew.
@Suite struct ConformanceTests {
    @Test("the practice cluster answers as the recorded API server", arguments: Scenario.all)
    func practiceAnswersAsRecorded(scenario: Scenario) async throws {
        let cluster = PracticeCluster()
        let server = Dialogue.Server(transport: cluster, authority: "practice", token: nil)
        let practice = try await scenario.run(on: server)
        try compare(scenario, practice, with: try Recording.read(scenario.name))
    }

    @Test("the real API server answers as recorded", .needs(.kubernetes), arguments: Scenario.all)
    func realServerAnswersAsRecorded(scenario: Scenario) async throws {
        let kubeconfig = try Recording.text(at: try TestServers.address(of: .kubernetes))
        func value(_ key: String) throws -> String {
            let line = kubeconfig.split(separator: "\n").first { $0.contains("\(key): ") }
            return String(try #require(line?.split(separator: " ").last))
        }
        let authority = String(try value("server").dropFirst("https://".count))
        // The certificate is not the point here; the client's tests check it.
        let settings = ConnectionSettings(tls: TLSSettings(verification: .none))
        let transport = try NetworkTransport(settings)
        let server = Dialogue.Server(transport: transport, authority: authority, token: Secret(try value("token")))
        let result: Result<[Dialogue.Exchange], any Error>
        do { result = .success(try await scenario.run(on: server)) } catch { result = .failure(error) }
        await transport.shutdown()
        let real = try result.get()
        if TestServers.variable("MARTLET_TEST_RECORD") == "1" {
            try Recording.write(real, scenario.name)
        } else {
            try compare(scenario, real, with: try Recording.read(scenario.name))
        }
    }

    private func compare(
        _ scenario: Scenario, _ found: [Dialogue.Exchange], with recorded: [Dialogue.Exchange]
    ) throws {
        let (left, right) = (scenario.comparable(found), scenario.comparable(recorded))
        #expect(left.map(\.question) == right.map(\.question))
        for (found, expected) in zip(left, right) where found != expected {
            let differences = FieldDifference.between(APIObject(expected.answer), APIObject(found.answer))
            Issue.record(
                """
                \(found.question): recorded \(expected.code), found \(found.code)
                \(differences.map(\.description).joined(separator: "\n"))
                """)
        }
    }
}
