import Testing
import Transport

@Suite struct `Parts of URLs` {
    @Test(
        arguments: [
            ("store.example", "store.example", nil), ("store.example:9000", "store.example", 9000),
            ("10.0.0.1:0", "10.0.0.1", 0),
            ("[::1]", "::1", nil), ("[fe80::1]:8443", "fe80::1", 8443), ("fe80::1", "fe80::1", nil),
        ] as [(String, String, Int?)])
    func `are host and port`(text: String, host: String, port: Int?) throws {
        let parts = try #require(HostAndPort(text))
        #expect(parts.host == host && parts.port == port)
        #expect(HostAndPort(parts.description) == parts)
    }

    @Test(arguments: ["user@host", "host:99999", "host:-1", "host:x", "[::1", "[::1]x", "[::1]:99999", "host:"])
    func `are refused where they make no sense`(text: String) {
        #expect(HostAndPort(text) == nil)
    }

    @Test(arguments: [
        ("", ""), ("a-z_0.9~", "a-z_0.9~"), ("a b", "a%20b"), ("a/b+c=d&e", "a%2Fb%2Bc%3Dd%26e"), ("100%", "100%25"),
        ("é\u{1F426}", "%C3%A9%F0%9F%90%A6"), ("\u{0}\n", "%00%0A"),
    ])
    func `are percent-encoded and back`(text: String, encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test(arguments: ["%", "%4", "%ZZ", "a%2", "%C3"])
    func `that are encoded wrongly are not decoded`(text: String) {
        #expect(PercentEncoding.decode(text) == nil)
    }
}
