import KubernetesModel
import Testing

@Suite struct QuantityTests {
    @Test(arguments: [
        ("1", "1000m"), ("1Ki", "1024"), ("1k", "1000"), ("1.5Gi", "1536Mi"), ("2e3", "2k"), ("0.5", "500m"),
        ("1E", "1000P"), ("1E3", "1000"), ("-1", "-1000m"), ("+1", "1"), ("100n", "0.1u"), (".5", "500m"), ("5.", "5"),
        ("0", "-0"), ("1e-3", "1m"), ("16Ei", "18446744073709551616"),
    ]) func `the same amount, spelt in two ways`(left: String, right: String) throws {
        #expect(try #require(Quantity(left)) == #require(Quantity(right)))
    }

    @Test(arguments: [
        ("1Gi", "1G"), ("10Gi", "9Gi"), ("1", "999m"), ("0.1", "0.0999"), ("0", "-1n"), ("1Ti", "1023Gi"),
    ])
    func `is more than`(left: String, right: String) throws {
        #expect(try #require(Quantity(left)) > #require(Quantity(right)))
    }

    @Test(arguments: ["", "Gi", "1GB", "1.2.3", "1 Gi", "--1", "1e", "e3", "1ki", "1e100", "0x10", "١", "1Gi ", "-"])
    func `is no quantity`(text: String) { #expect(Quantity(text) == nil) }

    @Test func `whole units are rounded away from zero`() throws {
        #expect(try #require(Quantity("1.2")).roundedUp == 2)
        #expect(try #require(Quantity("-1.2")).roundedUp == -2)
        #expect(try #require(Quantity("10Gi")).roundedUp == 10 << 30)
        #expect(try #require(Quantity("0.1n")).roundedUp == 1)
        #expect(try #require(Quantity("16Ei")).roundedUp == nil)
        #expect(Quantity(5) == Quantity("5"))
    }
}
