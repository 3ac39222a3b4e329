import MartletCLI
import ObjectStorage
import Testing
import Transport

@Suite struct `The report of an error` {
    @Test func `tells each cause once and what to do`() {
        let connection = TransportError(.connect, "connect to 127.0.0.1:9000: connection refused")
        let store = StoreError(.unavailable, "cannot list 'backups/' in s3://b", cause: connection)
        let report = ErrorReport(CommandError(.unreachable, "cannot read the backups in s3://b", cause: store))
        #expect(
            report.text == """
                error: cannot read the backups in s3://b
                  cause: cannot list 'backups/' in s3://b
                  cause: connect to 127.0.0.1:9000: connection refused
                  try: check the address and that the server runs; 'no route' and 'timed out' are usually a firewall or a proxy

                """)
        #expect(report.status == .unreachable)
    }

    @Test(arguments: [
        (StoreError.Code.notFound, MartletCLI.ExitStatus.notFound), (.unavailable, .unreachable),
        (.throttled, .unreachable),
        (.unauthorized, .usage), (.forbidden, .usage), (.integrity, .damaged), (.limitExceeded, .failed),
        (.cancelled, .interrupted),
    ])
    func `ends with the right status`(code: StoreError.Code, status: MartletCLI.ExitStatus) {
        #expect(ErrorReport(StoreError(code, "x")).status == status)
    }

    @Test func `of a cancelled task is an interruption`() {
        #expect(ErrorReport(CancellationError()).status == .interrupted)
    }

    @Test func `prefers the command's own advice`() {
        let error = CommandError(
            .notFound, "no backup 'x'", advice: ["see 'martlet backup get'"], cause: StoreError(.unauthorized, "x"))
        #expect(ErrorReport(error).advice == ["see 'martlet backup get'"])
    }
}
