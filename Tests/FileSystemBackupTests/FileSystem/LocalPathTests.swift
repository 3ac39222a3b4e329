import FileSystemBackup
import Testing

@Suite struct LocalPathTests {
    @Test(arguments: [
        ("/a//b/./c", "/a/b/c"), ("/", "/"), ("", "."), ("a/..", "."), ("../x/..", ".."), ("/../a", "/a"),
        ("a/../../b", "../b"),
        ("./a/", "a"),
    ])
    func `a path is cleaned as text`(path: String, cleaned: String) {
        #expect(LocalPath(path).cleaned == LocalPath(cleaned))
    }

    @Test func `a relative path begins at the working folder`() {
        #expect(LocalPath("../b").absolute(from: "/srv/a") == "/srv/b")
        #expect(LocalPath("/x/./y").absolute(from: "/srv/a") == "/x/y")
    }

    @Test func `a path is shown in one line`() {
        #expect(LocalPath("a\nb\u{7f}").description == "a\\x0ab\\x7f")
        #expect(LocalPath(bytes: [0x61, 0xFF]).description == "a\u{FFFD}")
    }
}
