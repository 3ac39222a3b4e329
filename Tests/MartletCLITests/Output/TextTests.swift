import Basics
import MartletCLI
import Testing

@Suite struct `Text for people` {
    @Test func `stands in columns`() {
        var table = Table(["NAME", "STATUS", "SELECTOR"])
        table.append(["nightly", "Completed", "<none>"])
        table.append(["a", "PartiallyFailed", ""])
        #expect(
            table.text() == """
                NAME      STATUS            SELECTOR
                nightly   Completed         <none>
                a         PartiallyFailed

                """)
    }

    @Test func `cannot draw on the terminal`() {
        var table = Table(["NAME"])
        table.append(["a\u{1B}[31mred\nline"])
        #expect(table.text(showsTitles: false) == "a [31mred line\n")
    }

    @Test func `stands in outlines`() {
        var outline = Outline()
        outline.add("Name", "nightly")
        outline.heading("Namespaces")
        outline.add("Included", "a, b", level: 1)
        outline.add("Labels", "a=b\nc=d")
        #expect(
            outline.rendered == """
                Name:         nightly
                Namespaces:
                  Included:   a, b
                Labels:       a=b
                              c=d

                """)
    }

    @Test(arguments: [
        (0, "0s"), (119, "119s"), (120, "2m"), (200, "3m20s"), (600, "10m"), (10_800, "3h"), (18_600, "5h10m"),
        (172_800, "2d"), (277_200, "3d5h"), (2_592_000, "30d"), (-1, "<invalid>"),
    ])
    func `tells ages as kubectl does`(seconds: Int, text: String) {
        #expect(HumanTime.age(.seconds(seconds)) == text)
    }

    @Test(arguments: [(1, "1"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")])
    func `groups digits`(number: Int, text: String) {
        #expect(grouped(number) == text)
    }

    @Test func `says how far, how fast and how long still`() {
        let meter = ProgressMeter(verb: "backing up", unit: "objects")
        #expect(meter.line(done: 10, total: nil, elapsed: .milliseconds(200)) == "backing up: 10 objects")
        #expect(
            meter.line(done: 5000, total: 20_000, bytes: .mebibytes(3), elapsed: .seconds(2))
                == "backing up: 5,000 of 20,000 objects, 3.0 MiB, 2,500/s, 6s left")
    }
}
