import Basics
import MartletTestSupport
import NIOCore
import ObjectStorage
import S3
import Testing

@Suite struct `Listings of a store` {
    private func page(_ keys: [String], token: String? = nil, prefixes: [String] = []) -> ScriptedTransport.Answer {
        let entries = keys.map { "<Contents><Key>\($0)</Key><Size>1</Size></Contents>" }
        let folds = prefixes.map { "<CommonPrefixes><Prefix>\($0)</Prefix></CommonPrefixes>" }
        let next = token.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
        return .text(
            200,
            "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>\(token != nil)</IsTruncated>\(next)"
                + "\((entries + folds).joined())</ListBucketResult>")
    }

    private func keys(_ store: some ObjectStore, prefix: String = "") async throws -> [String] {
        var keys: [String] = []
        for try await object in store.objects(prefix: prefix) { keys.append(object.key.text) }
        return keys
    }

    @Test func `that go round in circles end in an error`() async throws {
        // SeaweedFS does so where a delimiter is no slash.
        let stuck = ScriptedTransport { _ in page(["a"], token: "a") }
        try await failure(.invalid) { try await keys(scriptedStore(stuck)) }
        #expect(stuck.sent.count == 2)
        let turn = Counter()
        let wide = ScriptedTransport { _ in
            turn.add()
            return page(["k"], token: "token \(turn.value % 5)")
        }
        try await failure(.invalid) { try await keys(scriptedStore(wide)) }
        #expect(wide.sent.count < 30)
    }

    @Test func `go on behind a key that a token cannot say`() async throws {
        // SeaweedFS makes the last key the token; in XML a control character becomes U+FFFD, which sorts behind everything.
        let transport = ScriptedTransport([page(["a%01b"], token: "a\u{FFFD}b"), page(["c"], token: "t"), page(["d"])])
        let store = try scriptedStore(transport)
        let found1 = try await keys(store)
        #expect(found1 == ["a\u{1}b", "c", "d"])
        let queries = transport.sent.map { $0.path.split(separator: "&").map(String.init) }
        #expect(queries[1].contains("start-after=a%01b") && !queries[1].contains { $0.hasPrefix("continuation") })
        #expect(queries[2].contains { $0.hasSuffix("continuation-token=t") })
    }

    @Test func `tell nothing that was not asked for`() async throws {
        // SeaweedFS takes the prefix `a//` for `a/`.
        let store = try scriptedStore(ScriptedTransport([page(["a/b", "a//c"], prefixes: ["a/x/", "a//y/"])]))
        let found = try await store.list(ListRequest(prefix: "a//", delimiter: "/"))
        #expect(found.objects.map(\.key.text) == ["a//c"])
        #expect(found.commonPrefixes == ["a//y/"])
    }

    @Test func `of a server with faults are whole, or an error`() async throws {
        try await withS3TestServer { server in
            server.makeBucket("bucket")
            let all = try (0..<25).map { try key("k/\(padded($0, 2))") }
            for key in all { server.put(ByteBuffer(string: "x"), at: key, in: "bucket") }
            try await withTestStore(server) { store in
                for fault in [S3Fault.truncateWithoutToken, .repeatToken, .tear(after: 40), .html(status: 502), .reset]
                {
                    // Twice, as a read that meets the end of a kept connection is sent once more.
                    server.plan(S3FaultRule(fault, of: [.list], skipping: 1, times: 2))
                    await #expect(throws: StoreError.self) {
                        for try await _ in store.objects(prefix: "k/", pageSize: 10) {}
                    }
                    server.clearFaults()
                }
                let found2 = try await keys(store, prefix: "k/")
                #expect(found2 == all.map(\.text))
                server.freezeListings()
                server.delete(all[0], in: "bucket")
                let found3 = try await keys(store).count
                #expect(found3 == 25)
                server.thawListings()
                let found4 = try await keys(store).count
                #expect(found4 == 24)
            }
        }
    }
}
