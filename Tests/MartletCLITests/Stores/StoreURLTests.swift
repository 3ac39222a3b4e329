import MartletCLI
import Testing

@Suite struct `A store as people write it` {
    @Test(arguments: [
        ("file:///srv/backups", "/srv/backups"), ("file:///srv/my%20backups/", "/srv/my backups"),
        ("/srv/backups/", "/srv/backups"), ("./backups", "./backups"), ("../b", "../b"), (".", "."), ("/", "/"),
    ])
    func `names a folder`(text: String, path: String) throws {
        #expect(try StoreURL(parsing: text) == .folder(path: path))
    }

    @Test func `that begins with a bare word is left to whoever knows the aliases`() throws {
        #expect(try StoreURL(parsing: "backup/bucket/x") == .named("backup/bucket/x"))
    }

    @Test func `names a bucket with everything that it needs`() throws {
        let url = try StoreURL(
            parsing: "s3://radar-backups/prod/cluster-1/?endpoint=http://minio:9000/&region=eu-west-1&path-style=true"
                + "&profile=backup&ca=/etc/ca.pem&insecure=false")
        #expect(
            url
                == .s3(
                    StoreURL.S3Bucket(
                        bucket: "radar-backups", prefix: "prod/cluster-1", endpoint: "http://minio:9000",
                        region: "eu-west-1", usesPathStyle: true, profile: "backup", authorityFile: "/etc/ca.pem")))
    }

    @Test(arguments: [
        "file:///srv/backups", "./backups", "s3://b", "s3://b/p/q%20r",
        "s3://b/p?endpoint=https://h:1&region=r&path-style=false&profile=x%26y&ca=./c.pem&insecure=true",
    ])
    func `is written back as it can be read again`(text: String) throws {
        let url = try StoreURL(parsing: text)
        #expect(url.description == text)
        #expect(try StoreURL(parsing: url.description) == url)
    }

    @Test(arguments: [
        ("", "the store is empty"),
        ("~/backups", "only the shell knows what '~' means"),
        ("file://backups", "names a computer, not a folder"),
        ("file:///a?b=c", "a folder takes no parameters"),
        ("file:///a%zz", "two hexadecimal digits"),
        ("gs://b", "there is no store of the kind 'gs://'"),
        ("s4://b", "Did you mean 's3'?"),
        ("https://minio:9000/bucket", "a store is not written as a web address"),
        ("s3://", "it has no name"),
        ("s3://a b", "letters, digits"),
        ("s3://..", "not only dots"),
        ("s3://b?endpoint=minio:9000", "has no scheme"),
        ("s3://b?endpoint=http://", "an endpoint is a scheme, a host and a port"),
        ("s3://b?endpoint=http://h/p", "no path"),
        ("s3://b?endpont=http://h", "Did you mean 'endpoint'?"),
        ("s3://b?region", "has no value"),
        ("s3://b?path-style=maybe", "'path-style' is true or false"),
    ])
    func `is refused with what is wrong and what would be right`(text: String, part: String) throws {
        let error = try #require(throws: CommandError.self) { try StoreURL(parsing: text) }
        #expect(error.status == .usage)
        #expect(error.message.contains(part), "\(error.message)")
    }

    @Test(arguments: [
        "s3://AKIAEXAMPLE:hunter2@bucket/p", "s3://hunter2@bucket", "s3://b?secret=hunter2",
        "s3://b?access-key=hunter2",
        "s3://b?endpoint=http://u:hunter2@h:9000", "s3://b?endpoint=u:hunter2@h:9000", "s3://b?unheard-of=hunter2",
    ])
    func `never holds a secret, nor shows one`(text: String) throws {
        let error = try #require(throws: CommandError.self) { try StoreURL(parsing: text) }
        #expect(!ErrorReport(error).text.contains("hunter2"))
    }

    @Test func `becomes one word for a shell`() throws {
        #expect(try StoreURL(parsing: "./backups").shellWord == "./backups")
        #expect(
            try StoreURL(parsing: "s3://b?endpoint=http://h&region=r").shellWord
                == "'s3://b?endpoint=http://h&region=r'")
        #expect(try StoreURL(parsing: "./it's").shellWord == #"'./it'\''s'"#)
    }
}
