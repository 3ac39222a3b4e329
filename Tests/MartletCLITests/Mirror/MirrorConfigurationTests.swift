import Basics
import BucketMirror
import MartletCLI
import Testing

@Suite struct `A file of mirrors` {
    private static let text = """
        listen: 0.0.0.0:8080
        state: /var/lib/martlet
        stores:
          local:
            url: http://minio.default:9000/
            path: on
            accessKey: {env: LOCAL_ACCESS}
            secretKey: {file: /run/secret}
        mirrors:
          - source: local/intermediate
            target: backup/intermediate
            remove: true
          - name: output
            source: local/output
            target: backup/output
            exclude: ["*.tmp", "scratch/*"]
            history: full
            settle: 30s
            scanInterval: 15m
            workers: 8
        """

    private static func parse(_ text: String) throws -> MirrorConfiguration {
        try MirrorConfiguration(parsing: text) { reference throws(CommandError) in
            switch reference {
            case .variable(let name): "value-of-\(name)"
            case .file(let path): "content-of-\(path)"
            case .text(let text): text
            }
        }
    }

    @Test func `names stores, with keys by reference, and any number of pairs`() throws {
        let file = try Self.parse(Self.text)
        #expect(file.listen == "0.0.0.0:8080")
        #expect(file.state == "/var/lib/martlet")
        let store = try #require(file.stores["local"])
        #expect(store.url == "http://minio.default:9000")
        #expect(store.accessKey == "value-of-LOCAL_ACCESS")
        #expect(store.secretKey.reveal() == "content-of-/run/secret")
        #expect(store.addressing == .path)
        #expect(file.entries.count == 2)
        #expect(file.entries[0].overwrite == true)
        #expect(file.entries[0].remove == true)
        #expect(file.entries[1].name == "output")
        #expect(file.entries[1].exclude == ["*.tmp", "scratch/*"])
        #expect(file.entries[1].history == .full)
        #expect(file.entries[1].settle == .seconds(30))
        #expect(file.entries[1].scanInterval == .seconds(900))
        #expect(file.entries[1].workers == 8)
    }

    @Test(arguments: [
        ("automatic", EventChoice.automatic), ("none", .none), ("webhook", .webhook(token: nil)),
        ("{webhook: {}}", .webhook(token: nil)),
        ("{webhook: {token: {file: /run/token}}}", .webhook(token: .file("/run/token"))),
        ("{webhook: {token: {env: TOKEN}}}", .webhook(token: .variable("TOKEN"))),
    ])
    func `says who tells of changes`(text: String, choice: EventChoice) throws {
        let file = try Self.parse("mirrors: [{source: a, target: b, events: \(text)}]")
        #expect(file.entries[0].events == choice)
    }

    @Test func `names queues, with keys of their own or without`() throws {
        let plain = try Self.parse("mirrors: [{source: a, target: b, events: 'https://sqs.x.amazonaws.com/1/q'}]")
        guard case .queue(let queue)? = plain.entries[0].events else {
            Issue.record("\(plain)")
            return
        }
        #expect(queue.url == "https://sqs.x.amazonaws.com/1/q" && queue.region == nil && queue.keys == nil)
        let text = """
            mirrors:
              - source: a
                target: b
                events:
                  sqs: {queue: "http://h:1/1/q", region: r, accessKey: {file: /run/access}, secretKey: {env: SECRET}}
            """
        guard case .queue(let other)? = try Self.parse(text).entries[0].events else {
            Issue.record("no queue")
            return
        }
        #expect(other.region == "r" && other.keys?.accessKey == "content-of-/run/access")
        #expect(other.keys?.keyFiles.accessKey == "/run/access" && other.keys?.keyFiles.secretKey == nil)
    }

    @Test func `remembers which keys are in files, to read them again`() throws {
        let store = try #require(try Self.parse(Self.text).stores["local"])
        #expect(store.keyFiles.secretKey == "/run/secret")
        #expect(store.keyFiles.accessKey == nil)
    }

    @Test(arguments: [
        ("mirrors: []", "it has no 'mirrors'"),
        ("mirrors: [{source: a}]", "mirror 1 needs 'source' and 'target'"),
        ("mirrors: [{source: a, target: b}, {source: a, target: c}]", "two mirrors are called 'a'"),
        ("mirrors: [{source: a, target: b, overwrit: true}]", "Did you mean 'overwrite'?"),
        ("mirrors: [{source: a, target: b, overwrite: 3}]", "'overwrite' of mirror 1 is true or false"),
        ("mirrors: [{source: a, target: b, settle: soon}]", "is a span such as"),
        ("mirrors: [{source: a, target: b, workers: 0}]", "'workers' of mirror 1 is a number from 1 to 1024"),
        ("mirrors: [{source: a, target: b, history: some}]", "'history' of mirror 1"),
        ("mirrors: [{source: a, target: b, events: pigeons}]", "'pigeons' tells of no changes"),
        ("mirrors: [{source: a, target: b, events: {}}]", "has one of 'webhook' and 'sqs'"),
        ("mirrors: [{source: a, target: b, events: {sqs: {region: r}}}]", "needs 'queue', a URL"),
        ("mirrors: [{source: a, target: b, events: {webhook: {token: hunter2}}}]", "must say where it is kept"),
        ("mirors: []", "Did you mean 'mirrors'?"),
        ("mirrors: 3", "'mirrors' of the file is no list"),
        ("{", "this is no YAML"),
    ])
    func `is refused with what is wrong`(text: String, part: String) throws {
        let error = try #require(throws: (any Error).self) { try Self.parse(text) }
        #expect(ErrorReport(error).text.contains(part), "\(ErrorReport(error).text)")
    }

    @Test func `does not take a secret in clear, nor show it`() throws {
        let text = """
            stores: {local: {url: "http://h:1", accessKey: radar, secretKey: hunter2hunter2}}
            mirrors: [{source: a, target: b}]
            """
        let error = try #require(throws: (any Error).self) { try Self.parse(text) }
        let report = ErrorReport(error).text
        #expect(report.contains("must say where it is kept"))
        #expect(!report.contains("hunter2"))
    }
}

@Suite struct `A rate as people type it` {
    @Test(arguments: [
        ("500KiB", 512_000), ("10MiB/s", 10_485_760), ("1G", 1_073_741_824), ("100kb", 100_000), ("4096", 4096),
    ])
    func `is read`(text: String, rate: Int64) {
        #expect(RateArgument(argument: text)?.rate.bytes == rate)
    }

    @Test(arguments: ["", "fast", "0", "-1", "1.5MiB", "10 MiB", "99999999999G"])
    func `is refused otherwise`(text: String) {
        #expect(RateArgument(argument: text) == nil)
    }
}
