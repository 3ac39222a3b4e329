import Basics
import Testing
import Transport

@Suite struct `Which proxy` {
    @Test func `the environment asks for`() throws {
        let settings = try ProxySettings(environment: [
            "HTTPS_PROXY": "http://user:p%40ss@proxy.example:3128", "http_proxy": "other.example:8080",
            "NO_PROXY": "internal.example, .sub.example *.star.example;10.0.0.0/8 host.example:8443 192.168.1.1",
        ])
        let proxy = try #require(settings.endpoint(scheme: "https", host: "store.example", port: 443))
        #expect(proxy.host == "proxy.example" && proxy.port == 3128)
        #expect(proxy.user == "user" && proxy.password?.reveal() == "p@ss")
        #expect(settings.endpoint(scheme: "http", host: "store.example", port: 80)?.host == "other.example")
        for host in [
            "internal.example", "deep.internal.example", "INTERNAL.example", "x.sub.example", "x.star.example",
            "10.1.2.3",
            "192.168.1.1", "localhost", "127.0.0.1", "127.9.9.9", "::1",
        ] {
            #expect(settings.endpoint(scheme: "https", host: host, port: 443) == nil, "\(host)")
        }
        for host in ["notinternal.example", "sub.example", "11.0.0.1", "192.168.1.10"] {
            #expect(settings.endpoint(scheme: "https", host: host, port: 443) != nil, "\(host)")
        }
        #expect(settings.endpoint(scheme: "https", host: "host.example", port: 8443) == nil)
        #expect(settings.endpoint(scheme: "https", host: "host.example", port: 443) != nil)
    }

    @Test func `an explicit one serves everything, this machine too`() throws {
        let endpoint = try #require(ProxyEndpoint("socks5://proxy.example"))
        #expect(endpoint.kind == .socks5 && endpoint.port == 1080 && endpoint.user == nil)
        let settings = ProxySettings.all(endpoint)
        #expect(settings.endpoint(scheme: "http", host: "localhost", port: 80) == endpoint)
    }

    @Test(arguments: [
        "https://proxy.example", "ftp://proxy.example", "http:///", "proxy.example:99999", "http://u:%ZZ@h:1",
    ])
    func `is refused where it makes no sense, by the variable's name and without its value`(text: String) throws {
        let error = #expect(throws: TransportError.self) { try ProxySettings(environment: ["https_proxy": text]) }
        let message = try #require(error?.message)
        #expect(message.contains("HTTPS_PROXY") && !message.contains(text))
    }

    @Test func `none is asked for by empty variables, and everything passes by a star`() throws {
        let none = try ProxySettings(environment: ["HTTPS_PROXY": "", "NO_PROXY": ""])
        #expect(none.endpoint(scheme: "https", host: "h", port: 443) == nil)
        let star = try ProxySettings(environment: ["HTTPS_PROXY": "proxy.example", "NO_PROXY": "*"])
        #expect(star.endpoint(scheme: "https", host: "h", port: 443) == nil)
    }
}
