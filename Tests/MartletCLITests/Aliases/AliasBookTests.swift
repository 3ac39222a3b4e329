import MartletCLI
import ObjectStorage
import Testing

@Suite struct `Aliases` {
    private static let mcFile = """
        {"version": "10", "aliases": {
          "backup": {"url": "https://mc.example.com", "accessKey": "mc-key", "secretKey": "mc-secret", "api": "S3v4",
                     "path": "auto", "license": "x"},
          "play": {"url": "https://play.example.com/", "accessKey": "a-key", "secretKey": "a-secret", "path": "off"},
          "broken": {"url": "play.example.com", "accessKey": "a", "secretKey": "b"}}}
        """
    private static let ownFile = """
        {"version": "10", "aliases": {"backup": {"url": "https://own.example.com", "accessKey": "own-key",
          "secretKey": "own-secret", "path": "on"}}}
        """

    private func book(
        _ environment: [String: String] = [:],
        files: [String: String] = [
            "/home/r/.mc/config.json": mcFile, "/home/r/.config/martlet/aliases.json": ownFile,
        ]
    ) -> AliasBook {
        StoreShelf(files: files).aliases(environment.merging(["HOME": "/home/r"]) { given, _ in given })
    }

    @Test func `come from variables, then from Martlet's file, then from mc's`() throws {
        #expect(try book().entry("backup")?.alias.url == "https://own.example.com")
        #expect(try book().entry("play")?.alias.addressing == .virtualHost)
        #expect(try book().entry("broken") == nil)
        let variables = ["MC_HOST_backup": "http://radar:secret99@minio:9000"]
        let entry = try #require(try book(variables).entry("backup"))
        #expect(entry.alias.url == "http://minio:9000")
        #expect(entry.origin == .environment(variable: "MC_HOST_backup"))
    }

    @Test func `are listed once each, in order, with the one that is used`() throws {
        let entries = try book(["MC_HOST_zebra": "http://z"]).entries()
        #expect(entries.map(\.name) == ["backup", "play", "zebra"])
        #expect(entries.map(\.alias.url) == ["https://own.example.com", "https://play.example.com", "http://z"])
    }

    @Test func `are found where mc is told to look`() throws {
        let files = ["/etc/mc/config.json": Self.mcFile, "/run/mc.env": "# hosts\nexport MC_HOST_night='http://n:9'\n"]
        let book = book(["MC_CONFIG_DIR": "/etc/mc", "MC_CONFIG_ENV_FILE": "/run/mc.env"], files: files)
        #expect(try book.entries().map(\.name) == ["backup", "night", "play"])
        #expect(throws: CommandError.self) { try self.book(["MC_CONFIG_ENV_FILE": "/missing"]).entries() }
    }

    @Test func `of mc's older format are read too`() throws {
        let old = """
            {"version": "9", "hosts": {"old": {"url": "http://old:9000", "accessKey": "key", "secretKey": "secret99",
              "api": "S3v4", "lookup": "path"}}}
            """
        let entry = try book(files: ["/home/r/.mc/config.json": old]).entry("old")
        #expect(entry?.alias.addressing == .path)
    }

    @Test func `that are misspelt bring the right one to mind`() throws {
        let error = try #require(throws: CommandError.self) { try book().required("bakcup") }
        #expect(error.message == "there is no alias 'bakcup'. Did you mean 'backup'?")
        #expect(error.status == .usage)
    }

    @Test func `in a file that is no JSON are an error with the file's name`() throws {
        let broken = book(files: ["/home/r/.mc/config.json": "{"])
        let error = try #require(throws: CommandError.self) { try broken.entry("x") }
        #expect(error.message.contains("/home/r/.mc/config.json"))
    }
}

@Suite struct `A place as people write it` {
    private static let variables = ["MC_HOST_backup": "https://radar:secret99@s3.example.com"]

    private func reader(_ folders: [String] = []) -> PlaceReader {
        let shelf = StoreShelf(folders: Dictionary(uniqueKeysWithValues: folders.map { ($0, InMemoryObjectStore()) }))
        return shelf.access(shelf.aliases(Self.variables)).places
    }

    @Test(arguments: [
        ("backup/radar-output-storage/output/", "radar-output-storage", "output/"),
        ("backup/bucket", "bucket", ""), ("backup/bucket/", "bucket", ""), ("backup/bucket//a", "bucket", "/a"),
        ("backup/bucket/50%25", "bucket", "50%25"),
    ])
    func `is in a store if it begins with an alias`(text: String, bucket: String, key: String) throws {
        #expect(try reader().place(text) == .bucket(StoreURL.S3Bucket(bucket: bucket, alias: "backup"), key: key))
    }

    @Test func `is in a store even if a folder has the alias's name`() throws {
        #expect(try reader(["backup", "backup/b"]).place("backup/b") != .path("backup/b"))
        #expect(try reader(["backup"]).place("./backup/b") == .path("./backup/b"))
    }

    @Test func `is a whole server without a bucket`() throws {
        #expect(try reader().place("backup") == .server(StoreURL.S3Bucket(bucket: "", alias: "backup")))
        #expect(
            try reader().place("s3://?endpoint=http://h:1")
                == .server(StoreURL.S3Bucket(bucket: "", endpoint: "http://h:1")))
    }

    @Test func `is a path if there is one, or may be a new one`() throws {
        #expect(try reader(["here"]).place("here") == .path("here"))
        #expect(try reader().place("new.tar.gz", mayBeNew: true) == .path("new.tar.gz"))
        #expect(throws: CommandError.self) { try reader().place("new.tar.gz") }
        #expect(throws: CommandError.self) { try reader().place("bakcup/bucket/x", mayBeNew: true) }
    }

    @Test func `of an s3 URL keeps the slashes of its key`() throws {
        #expect(
            try reader().place("s3://b/a%20b//?region=r")
                == .bucket(StoreURL.S3Bucket(bucket: "b", region: "r"), key: "a b//"))
    }
}
