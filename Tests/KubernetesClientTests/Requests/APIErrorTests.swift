import KubernetesClient
import MartletTestSupport
import Testing

@Suite struct APIErrorTests {
    @Test(arguments: [
        (404, "NotFound", APIError.Code.notFound), (409, "AlreadyExists", .alreadyExists), (409, "Conflict", .conflict),
        (422, "Invalid", .invalid), (400, "BadRequest", .invalid), (403, "Forbidden", .forbidden),
        (401, "Unauthorized", .unauthorized), (410, "Expired", .expired), (413, "RequestEntityTooLarge", .tooLarge),
        (405, "MethodNotAllowed", .unsupported), (415, "UnsupportedMediaType", .unsupported),
    ])
    func `each status has its code`(status: Int, reason: String, code: APIError.Code) async throws {
        let cluster = try ScriptedCluster([.status(status, reason: reason, message: "words of the server")])
        let error = await #expect(throws: APIError.self) { try await cluster.client.get(configMaps, "a", in: "n") }
        #expect(error?.code == code)
        #expect(error?.status?.reason == reason)
        #expect(error?.message.hasPrefix("get configmaps/n/a: ") == true)
    }

    @Test func `a 404 that is no Status means that the path is not served`() async throws {
        let cluster = try ScriptedCluster([.text(404, "404 page not found\n")])
        let error = await #expect(throws: APIError.self) { try await cluster.client.get(deployments, "a", in: "n") }
        #expect(error?.code == .unsupported)
    }

    @Test func `find gives nil for what does not exist, and an error for a kind that does not`() async throws {
        let cluster = try ScriptedCluster([.status(404, reason: "NotFound"), .text(404, "page not found")])
        #expect(try await cluster.client.find(configMaps, "a", in: "n") == nil)
        await #expect(throws: APIError.self) { try await cluster.client.find(configMaps, "a", in: "n") }
    }

    @Test func `causes are read`() async throws {
        let details =
            #","details":{"causes":[{"reason":"FieldValueRequired","message":"Required value","field":"spec.a"}],"retryAfterSeconds":0}"#
        let cluster = try ScriptedCluster([.status(422, reason: "Invalid", message: "", extra: details)])
        let error = await #expect(throws: APIError.self) { try await cluster.client.create(configMaps, in: "n", []) }
        #expect(error?.status?.causes.map(\.field) == ["spec.a"])
        #expect(error?.message == "create configmaps/n: Invalid: spec.a (422)")
        #expect(error?.retryAfter == nil)
    }

    @Test(arguments: [400, 422, 500])
    func `what the server quotes of a Secret is not repeated`(status: Int) async throws {
        let details =
            #","details":{"causes":[{"reason":"FieldValueInvalid","message":"Invalid value: hunter2","field":"data[\"hunter2\"]"}]}"#
        let answer = ScriptedTransport.Answer.status(
            status, reason: "Invalid", message: "Secret is invalid: hunter2", extra: details)
        let cluster = try ScriptedCluster([answer], policy: .never)
        let error = await #expect(throws: APIError.self) { try await cluster.client.create(secrets, in: "n", []) }
        #expect(error?.code == (status == 500 ? .server : .invalid))
        #expect("\(String(reflecting: error))".contains("hunter2") == false)
        #expect("\(String(describing: error))".contains("hunter2") == false)
    }

    @Test func `a message of several lines becomes one`() async throws {
        let cluster = try ScriptedCluster([.status(403, reason: "Forbidden", message: #"one\ntwo"#)])
        let error = await #expect(throws: APIError.self) { try await cluster.client.get(configMaps, "a", in: "n") }
        #expect(error?.message == "get configmaps/n/a: one two (403)")
    }

    @Test func `an answer in HTML is told as what it is`() async throws {
        let cluster = try ScriptedCluster([.text(200, "<html>login</html>")])
        let error = await #expect(throws: APIError.self) { try await cluster.client.serverVersion() }
        #expect(error?.code == .malformed)
    }
}
