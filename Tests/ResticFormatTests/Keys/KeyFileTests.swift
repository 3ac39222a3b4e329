import Basics
import MartletTestSupport
import ResticFormat
import Testing

@Suite struct KeyFileTests {
    @Test func `scrypt gives the known key`() throws {
        let key = try ScryptParameters.cheap.userKey(password: Secret("martlet"), salt: Array(0x40...0x7F))
        let expected = try MasterKey(
            encrypt: Sample.bytes("f8d74123066d81f8ac2ea6f96d632431d1d7d593e290ebd29dea3d57ac713746"),
            k: Sample.bytes("9a58ad8a32c3e24a23f7baaa6ef8caa5"), r: Sample.bytes("03119149ca4f796abbeaf821f1453250"))
        #expect(key.encodedJSON() == expected.encodedJSON())
    }

    @Test func `a new key opens with its password alone`() throws {
        var generator = SeededGenerator(seed: 3)
        let master = try MasterKey(using: &generator)
        let created = try #require(NodeTime("2026-05-06T07:08:09.25+02:00"))
        let file = try KeyFile(
            sealing: master, password: Secret("pä\"ss\n"), parameters: .cheap, created: created, username: "<u>",
            hostname: "h\u{2028}", using: &generator)
        let read = try KeyFile(decoding: file.encoded())
        #expect(read == file)
        #expect(try read.open(password: Secret("pä\"ss\n")).encodedJSON() == master.encodedJSON())
        #expect(Sample.code { _ = try read.open(password: Secret("pä\"ss")) } == .unauthenticated)
    }

    @Test func `parameters that would cost too much are refused before anything is computed`() throws {
        for (cost, size, parallelism) in [
            (1 << 30, 8, 1), (32_768, 8, 1 << 20), (1 << 40, 1, 1), (2, 1 << 29, 1), (1 << 21, 8, 1),
        ] {
            let parameters = ScryptParameters(cost: cost, blockSize: size, parallelism: parallelism)
            #expect(Sample.code { try parameters.check() } == .limitExceeded, "\(parameters)")
        }
        for (cost, size, parallelism) in [(0, 1, 1), (1, 1, 1), (-2, 1, 1), (12, 1, 1), (16, 0, 1), (16, 1, 0)] {
            let parameters = ScryptParameters(cost: cost, blockSize: size, parallelism: parallelism)
            #expect(Sample.code { try parameters.check() } == .malformed, "\(parameters)")
        }
        #expect(Sample.code { try ScryptParameters.standard.check() } == nil)
        #expect(Sample.code { try ScryptParameters(cost: 65_536, blockSize: 8, parallelism: 1).check() } == nil)
    }

    @Test(arguments: [
        ("\"scrypt\"", "\"argon2\"", FormatError.Code.unsupported), ("\"N\":16", "\"N\":15", .malformed),
        ("\"N\":16", "\"N\":99999999999999999999", .malformed), ("\"N\":16", "\"N\":1.5", .malformed),
        ("\"N\":16", "\"N\":1073741824", .limitExceeded), ("QEFC", "", .malformed),
        ("\"data\"", "\"daten\"", .malformed),
        ("==\"}", "==\"", .malformed), ("AQEB", "!QEB", .malformed), ("2026-01-02", "2026-02-30", .malformed),
    ])
    func `a file that is not as it should be is refused by name`(
        _ old: String, _ new: String, _ code: FormatError.Code
    ) throws {
        let text = String(decoding: try KnownRepository.file(.key, KnownRepository.keyID), as: UTF8.self)
        let range = try #require(text.firstRange(of: old))
        let changed = text.replacingCharacters(in: range, with: new)
        let found = Sample.code { _ = try KeyFile(decoding: Array(changed.utf8)).open(password: Secret("martlet")) }
        #expect(found == code)
    }

    @Test func `members may come in any order, and others beside them`() throws {
        let known = try KeyFile(decoding: KnownRepository.file(.key, KnownRepository.keyID))
        let salt = Base64.encode(known.salt)
        let data = Base64.encode(known.data)
        let text = """
             { "extra" : [1, {"a": null}], "data":"\(data)", "salt":"\(salt)", "p":1, "r" : 1, "N":16, "kdf":"scrypt",
            "hostname":"h", "username":"u", "created":"2026-01-02T03:04:05Z" }

            """
        #expect(try KeyFile(decoding: Array(text.utf8)) == known)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
