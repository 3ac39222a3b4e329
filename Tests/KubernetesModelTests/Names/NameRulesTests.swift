import KubernetesModel
import Testing

@Suite struct NameRulesTests {
    private static let long = String(repeating: "a", count: 64)
    private static let longer = String(repeating: "a", count: 254)

    @Test(arguments: ["a", "a-b", "0", "a.b-c.d", "web-0", String(repeating: "a", count: 253)])
    func `subdomains`(name: String) { #expect(NameRules.subdomain(name) == nil) }

    @Test(arguments: ["", "A", "-a", "a-", ".a", "a.", "a..b", "a_b", "a b", "é", "a/b", longer])
    func `no subdomains`(name: String) { #expect(NameRules.subdomain(name)?.isEmpty == false) }

    @Test func `labels are shorter and have no dots`() {
        #expect(NameRules.label("a-b") == nil)
        #expect(NameRules.label("a.b") != nil)
        #expect(NameRules.label(NameRulesTests.long) == "must be no more than 63 characters")
        #expect(NameRules.dns1035Label("1a") != nil)
        #expect(NameRules.dns1035Label("a1") == nil)
    }

    @Test func `roles may be named almost anything`() {
        #expect(NameRules.pathSegment("system:node-proxier") == nil)
        #expect(NameRules.pathSegment("Ä ö") == nil)
        for name in [".", "..", "a/b", "a%b", ""] { #expect(NameRules.pathSegment(name) != nil) }
    }

    @Test func `keys and values of labels`() {
        for key in ["a", "a.b_c-D", "example.com/app", "A"] { #expect(NameRules.qualifiedName(key) == nil) }
        for key in ["", "/a", "a/", "a/b/c", "-a", "Example.com/a", "a b", NameRulesTests.long] {
            #expect(NameRules.qualifiedName(key) != nil, "\(key)")
        }
        for value in ["", "a", "A_b.c", "1"] { #expect(NameRules.labelValue(value) == nil) }
        for value in ["-a", "a b", "a/b", NameRulesTests.long] { #expect(NameRules.labelValue(value) != nil) }
        for key in ["a", ".a", "a.b", "A_B"] { #expect(NameRules.configKey(key) == nil) }
        for key in ["", ".", "..", "..a", "a b", "a/b"] { #expect(NameRules.configKey(key) != nil) }
    }
}
