import KubernetesModel
import Testing

@Suite struct APIStatusTests {
    @Test func `reads what an API server writes and writes the same`() throws {
        let text = """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"m","reason":"Invalid",\
            "details":{"name":"n","group":"g","kind":"k","uid":"u","causes":[{"reason":"FieldValueInvalid","message":"c",\
            "field":"spec.x"}],"retryAfterSeconds":3},"code":422}
            """
        let json = try JSONValue(parsing: text)
        let status = try #require(APIStatus(json))
        #expect(status.code == 422 && status.reason == "Invalid" && !status.isSuccess && status.retryAfterSeconds == 3)
        #expect(status.causes == [.init(reason: "FieldValueInvalid", message: "c", field: "spec.x")])
        #expect(status.json == json)
    }

    @Test func `an expired list carries its token`() {
        let status = APIStatus(code: 410, reason: "Expired", message: "m", continueToken: "t")
        #expect(APIStatus(status.json) == status)
    }

    @Test(arguments: [[], ["kind": "Status"], ["kind": "Pod", "apiVersion": "v1"], "text"] as [JSONValue])
    func `other objects are no status`(json: JSONValue) { #expect(APIStatus(json) == nil) }
}
