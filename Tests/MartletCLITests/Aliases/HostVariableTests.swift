import Basics
import MartletCLI
import Testing

@Suite struct `A variable MC_HOST_ALIAS` {
    /// Value, then URL, access key, secret key, session token; as mc's two regular expressions read it.
    @Test(arguments: [
        ("http://radar:secret99@minio.default:9000", ["http://minio.default:9000", "radar", "secret99"]),
        ("https://radar:se/cr+et@9@s3.example.com", ["https://s3.example.com", "radar", "se/cr+et@9"]),
        ("https://radar:100%25/sure@s3.example.com/", ["https://s3.example.com", "radar", "100%25/sure"]),
        (
            "https://radar:secret99:to/k+e:n@@s3.example.com:9000",
            ["https://s3.example.com:9000", "radar", "secret99", "to/k+e:n@"]
        ),
        ("https://s3.example.com", ["https://s3.example.com", "", ""]),
    ])
    func `is read as mc reads it`(value: String, parts: [String]) throws {
        let alias = try #require(HostVariable.parse(value))
        #expect(
            [alias.url, alias.accessKey, alias.secretKey.reveal()] + (alias.sessionToken.map { [$0.reveal()] } ?? [])
                == parts)
    }

    @Test(arguments: [
        "", "minio:9000", "ftp://a:b@h", "https://radar@s3.example.com", "https://radar:secret99@s3.example.com/bucket",
        "https://radar:secret99@", "https://radar:secret99@s3.example.com?x=y",
    ])
    func `is refused when it is none`(value: String) {
        #expect(HostVariable.parse(value) == nil)
    }

    @Test func `that is wrong is named without its secret`() async {
        let run = await ProgramRun.of(
            "alias list", environment: ["MC_HOST_backup": "https://radar:hunter2hunter2@s3.example.com/bucket"])
        #expect(run.status == .usage)
        #expect(run.messages.contains("MC_HOST_backup"))
        #expect(!(run.output + run.messages).contains("hunter2"))
    }
}
