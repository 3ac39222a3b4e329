import ArgumentParser
import ResticRepository

/// The rules of `forget`.
struct KeepOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Keep the newest; a number, or 'unlimited'.", valueName: "count"))
    var keepLast: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many hours.", valueName: "count"))
    var keepHourly: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many days.", valueName: "count"))
    var keepDaily: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many weeks.", valueName: "count"))
    var keepWeekly: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many months.", valueName: "count"))
    var keepMonthly: String?

    @Option(help: ArgumentHelp("Keep the newest of each of so many years.", valueName: "count"))
    var keepYearly: String?

    @Option(help: ArgumentHelp("Keep what is newer than this before the newest: 2y5m7d3h.", valueName: "span"))
    var keepWithin: String?

    @Option(help: ArgumentHelp("Of what is newer than this, keep one of each hour.", valueName: "span"))
    var keepWithinHourly: String?

    @Option(help: ArgumentHelp("… one of each day.", valueName: "span"))
    var keepWithinDaily: String?

    @Option(help: ArgumentHelp("… one of each week.", valueName: "span"))
    var keepWithinWeekly: String?

    @Option(help: ArgumentHelp("… one of each month.", valueName: "span"))
    var keepWithinMonthly: String?

    @Option(help: ArgumentHelp("… one of each year.", valueName: "span"))
    var keepWithinYearly: String?

    @Option(help: ArgumentHelp("Keep what has all these tags; repeatable.", valueName: "tag,…"))
    var keepTag: [String] = []

    var isEmpty: Bool {
        [
            keepLast, keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly, keepWithin, keepWithinHourly,
            keepWithinDaily, keepWithinWeekly, keepWithinMonthly, keepWithinYearly,
        ].allSatisfy { $0 == nil } && keepTag.isEmpty
    }

    func policy() throws(CommandError) -> KeepPolicy {
        var policy = KeepPolicy()
        policy.last = try KeepOptions.count(keepLast, "--keep-last")
        let periods: [(KeepPeriod, String?)] = [
            (.hourly, keepHourly), (.daily, keepDaily), (.weekly, keepWeekly), (.monthly, keepMonthly),
            (.yearly, keepYearly),
        ]
        for (period, text) in periods where text != nil {
            policy.periods[period] = try KeepOptions.count(text, "--keep-\(period.rawValue)")
        }
        policy.within = try KeepOptions.span(keepWithin, "--keep-within")
        let spans: [(KeepPeriod, String?)] = [
            (.hourly, keepWithinHourly), (.daily, keepWithinDaily), (.weekly, keepWithinWeekly),
            (.monthly, keepWithinMonthly), (.yearly, keepWithinYearly),
        ]
        for (period, text) in spans {
            policy.withinPeriods[period] = try KeepOptions.span(text, "--keep-within-\(period.rawValue)")
        }
        policy.tags = keepTag.map { $0.split(separator: ",").map(String.init) }
        return policy
    }

    private static func span(_ text: String?, _ flag: String) throws(CommandError) -> KeepSpan? {
        guard let text else { return nil }
        guard let span = KeepSpan(text) else {
            throw .usage("\(flag) is made of years, months, days and hours, such as 1y2m3d4h")
        }
        return span
    }

    private static func count(_ text: String?, _ flag: String) throws(CommandError) -> KeepCount {
        guard let text else { return .none }
        if text == "unlimited" || text == "-1" { return .unlimited }
        guard let number = Int(text), number >= 0 else {
            throw .usage("\(flag) is a number or 'unlimited', not '\(text)'")
        }
        return number == 0 ? .none : .some(number)
    }
}
