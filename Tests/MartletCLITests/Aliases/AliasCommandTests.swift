import Basics
import MartletCLI
import Testing

@Suite struct `martlet alias` {
    private let environment = ["HOME": "/home/r"]
    private let path = "/home/r/.config/martlet/aliases.json"

    private func run(_ arguments: String, _ shelf: StoreShelf, input: [String] = []) async -> ProgramRun {
        await ProgramRun.of(arguments, environment: environment, shelf: shelf, input: input)
    }

    @Test(arguments: [
        "alias set backup https://s3.example.com radar hunter2hunter2 --api S3v4 --path auto",
        "config host add backup https://s3.example.com/ radar hunter2hunter2 --lookup auto",
    ])
    func `set takes mc's positional form, and its older name`(arguments: String) async throws {
        let shelf = StoreShelf()
        let set = await run(arguments, shelf)
        #expect(set.status == .done, "\(set.messages)")
        let alias = try shelf.aliases(environment).entry("backup")?.alias
        #expect(alias?.url == "https://s3.example.com")
        #expect(alias?.accessKey == "radar")
        #expect(alias?.secretKey.reveal() == "hunter2hunter2")
        let list = await run("alias list", shelf)
        #expect(list.output.contains("backup"))
        #expect(list.output.contains(path))
        for run in [set, list, await run("alias list -o json", shelf)] {
            #expect(!(run.output + run.messages).contains("hunter2"))
        }
    }

    @Test func `set reads the keys from standard input, or from the environment`() async throws {
        let shelf = StoreShelf()
        let typed = await run("alias set a http://h:1", shelf, input: ["radar", "hun/ter+2@x"])
        #expect(typed.status == .done, "\(typed.messages)")
        #expect(try shelf.aliases(environment).entry("a")?.alias.secretKey.reveal() == "hun/ter+2@x")
        let keys = ["AWS_ACCESS_KEY_ID": "radar", "AWS_SECRET_ACCESS_KEY": "from-the-environment"]
        let run = await ProgramRun.of(
            "alias set b http://h:1 --keys-from-environment",
            environment: environment.merging(keys) { $1 }, shelf: shelf)
        #expect(run.status == .done, "\(run.messages)")
        #expect(try shelf.aliases(environment).entry("b")?.alias.secretKey.reveal() == "from-the-environment")
    }

    @Test(arguments: [
        "alias set 1st http://h radar hunter2hunter2", "alias set a h:9000 radar hunter2hunter2",
        "alias set a http://radar:hunter2hunter2@h", "alias set a http://h/bucket radar hunter2hunter2",
        "alias set a http://h radar hunter2", "alias set a http://h", "alias set a http://h ra hunter2hunter2",
        "alias set a http://h radar hunter2hunter2 --api S3v2",
        "alias set a http://h radar hunter2hunter2 --path maybe",
    ])
    func `set refuses what cannot be one, and shows no secret`(arguments: String) async {
        let shelf = StoreShelf()
        let run = await run(arguments, shelf)
        #expect(run.status == .usage, "\(run.messages)")
        #expect(!run.messages.contains("hunter2hunter2"))
        #expect(shelf.file(path) == nil)
    }

    @Test func `set keeps what was there if the server does not know the keys`() async throws {
        let shelf = StoreShelf(refusesKeys: true)
        #expect(await run("alias set a http://h:1 radar hunter2hunter2 --no-check", shelf).status == .done)
        let refused = await run("alias set a http://h:2 radar hunter2hunter3", shelf)
        #expect(refused.status == .usage)
        #expect(try shelf.aliases(environment).entry("a")?.alias.url == "http://h:1")
        #expect(await run("alias set b http://h:2 radar hunter2hunter3", shelf).status == .usage)
        #expect(try shelf.aliases(environment).entry("b") == nil)
    }

    @Test func `remove takes an alias away, and says where it is if it is not ours`() async throws {
        let shelf = StoreShelf(files: [
            "/home/r/.mc/config.json":
                #"{"aliases": {"theirs": {"url": "http://h", "accessKey": "", "secretKey": ""}}}"#
        ])
        #expect(await run("alias set a http://h:1 radar hunter2hunter2", shelf).status == .done)
        #expect(await run("alias rm a", shelf).status == .done)
        #expect(try shelf.aliases(environment).entry("a") == nil)
        let foreign = await run("alias remove theirs", shelf)
        #expect(foreign.status == .notFound)
        #expect(foreign.messages.contains("/home/r/.mc/config.json"))
        #expect(await run("alias remove nobody", shelf).status == .usage)
    }
}
