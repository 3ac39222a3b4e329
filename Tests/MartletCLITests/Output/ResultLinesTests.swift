import MartletCLI
import Testing
import VeleroAPI

@Suite struct `The messages of a run` {
    @Test func `are sentences about an object, a kind, or the run`() {
        var messages = ResultMessages()
        messages.velero = ["the store is slow"]
        messages.cluster = [
            "resource: /secrets message: /secrets could not be listed error: /forbidden: no name: /x message: /y"
        ]
        messages.namespaces = [
            "study": ["resource: /pods name: /web-0 message: /volume data was not saved"], "a": ["as it is"],
        ]
        #expect(
            ResultLines.lines(messages) == [
                "the store is slow", "secrets could not be listed: forbidden: no name: /x message: /y", "as it is",
                "pods study/web-0: volume data was not saved",
            ])
    }
}
