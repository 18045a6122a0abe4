using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace SessionCluster.Simulation;

/// <summary>A protection of the grains switched off: a text of their source and what the mutant has in its place.</summary>
/// <param name="Name">The protection, as docs/correctness.md lists it.</param>
/// <param name="File">The source file, below src.</param>
/// <param name="Original">Text that must stand in the file exactly once, or the mutant no longer means anything.</param>
/// <param name="Replacement">What the mutant has instead.</param>
/// <param name="Script">The script that it is looked for in, where other histories meet it too seldom.</param>
/// <param name="Near">The number of a history that caught it once: the search begins there, to save time, and then goes through all.</param>
public sealed record Mutant(string Name, string File, string Original, string Replacement, Script Script = Script.None, int Near = 0)
{
    public override string ToString() => Name;
}

/// <summary>Compiles mutants of the grain classes and the edge from the real sources, in memory; the contracts and stored rows stay the real ones.</summary>
internal static class Mutants
{
    private static readonly string[] MutatedFiles =
    [
        "Grains/Users/UserGrain.cs", "Grains/Users/UserGrain.Log.cs", "Grains/Users/Ledger.cs", "Grains/Users/Leases.cs", "Grains/Users/LiveSessions.cs", "Grains/Users/EndingFanOut.cs",
        "Grains/Sessions/SessionGrain.cs", "Grains/Sessions/SessionGrain.Flush.cs", "Grains/Sessions/SessionGrain.Log.cs", "Grains/Sessions/SessionClock.cs", "Grains/Sessions/Shares.cs",
        "Grains/Events/SessionEvents.cs", "Grains/Storage/ConditionalWrites.cs",
        "Api/Edge/EdgeSessions.cs", "Api/Edge/EdgeSlot.cs", "Api/Edge/EdgeAnswer.cs", "Api/Answers/ReadyJson.cs", "../tests/Simulation/EdgePort.cs",
    ];

    // What all mutants have in common is read once.
    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))]);

    private static readonly Lazy<IReadOnlyDictionary<string, (string Source, SyntaxTree Tree)>> Unchanged = new(() =>
    {
        var root = Metadata("Sources");
        return MutatedFiles.Select(file => (file, Source: File.ReadAllText(Path.Combine(root, file)))).ToDictionary(one => one.file, one => (one.Source, Parse(one.file, one.Source)));
    });

    private static readonly Lazy<IReadOnlyList<SyntaxTree>> Generated = new(MakeGenerated);

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new("no fan-out", "Grains/Users/EndingFanOut.cs", "await grains.Session(session).Ended().WaitAsync(rest, time);", "await Task.CompletedTask;"),
        new("no wait after a missing acknowledgement", "Grains/Users/EndingFanOut.cs", "!(acknowledged && await membership.UnchangedFor(options.Settling, ending.Membership))", "!await membership.UnchangedFor(options.Settling, ending.Membership)"),
        new("no wait after a membership change", "Grains/Users/EndingFanOut.cs", "acknowledged && await membership.UnchangedFor(options.Settling, ending.Membership)", "acknowledged"),
        new("the wait is a fifth", "Grains/Users/EndingFanOut.cs", "options.Bound", "options.Bound / 5"),
        new("no lease check", "Grains/Sessions/SessionGrain.cs", "private bool HoldsLease(TimeSpan least) => LeaseLeft > least;", "private bool HoldsLease(TimeSpan least) => LeaseLeft > least - TimeSpan.FromDays(1);"),
        new("an ending is not sticky", "Grains/Sessions/SessionGrain.cs", "services.Membership.Begin(services.Time);\n        _ended = true;", "services.Membership.Begin(services.Time);\n        _lease = default;", Script.LateAnswer, Near: 5_936),
        new("a told session goes on", "Grains/Sessions/SessionGrain.cs", "services.Membership.Begin(services.Time);\n        _ended = true;", "services.Membership.Begin(services.Time);"),
        new("leases are forgotten", "Grains/Users/Leases.cs", "session.LeaseGranted = services.Time.GetTimestamp();", "session.LeaseGranted = LiveSession.Never;"),
        new("a young activation tells nobody", "Grains/Users/Leases.cs", "? Unknown([.. sessions.Select(s => s.Id), .. fading])", "? (ImmutableArray.CreateRange(sessions.Where(Holds).Select(s => s.Id).Concat(fading)), false)"),
        new("knowledge of the ledger never ages", "Grains/Users/UserGrain.cs", "if (freshness > TimeSpan.Zero && _verified.Age(services.Time) >= freshness)", "if (freshness < TimeSpan.Zero)", Script.StaleMember),
        new("nothing to do is answered without a look", "Grains/Users/UserGrain.cs", "var isVerified = false;", "var isVerified = true;"),
        new("an evicted member takes leases", "Grains/Sessions/SessionGrain.cs", "by which everything is accepted.\n        await services.Membership.Require(services.LedgerFreshness, turn);", "\n        if (services.Membership.KnownVersion != turn.Membership) { throw new AskAgainException(); }", Script.StaleMember),
        new("a failed write keeps the new state", "Grains/Storage/ConditionalWrites.cs", "                row.State = before;\n                fail(failure, next);", "                committed(next);"),
        new("a failed write is taken for none", "Grains/Storage/ConditionalWrites.cs", "                fail(failure, next);\n                throw;", "                return answer;"),
        new("a conflict is not decided again", "Grains/Storage/ConditionalWrites.cs", "await reload(conflict, attempt);", "await reload(conflict, attempt);\n                return answer;"),
        new("a repeated request is not recognised", "Grains/Users/Ledger.cs", "a.Key == key.Key && now < a.At + AnswersKept", "a.Key == key.Key && now < a.At"),
        new("what ended a moment ago is not told again", "Grains/Users/Leases.cs", "[.. fading.Where(f => f.Value.MayHold).Select(f => f.Key)]", "[]"),
        new("an ending does not wait for another one that is under way", "Grains/Users/Leases.cs", "return (fading.Length > 0, ", "return (false, ", Script.StaleEnding),
        new("endings before an activation are not looked for", "Grains/Users/UserGrain.cs", "stored.EndedLately.Select(", "stored.EndedLately.Take(0).Select("),
        new("what another activation ended is not told again", "Grains/Users/Leases.cs", "Fade(id, mayHold: true);", "Fade(id, mayHold: false);"),
        new("too many to be told are not waited out", "Grains/Users/Leases.cs", "? ([], true) : (sessions, false);", "? ([], false) : (sessions, false);"),
        new("a repeat does not tell again", "Grains/Users/Leases.cs", "var (mayHold, waitOut) = Unknown([.. ended.Union(fading)]);", "var (mayHold, waitOut) = (ImmutableArray<SessionId>.Empty, false);"),
        new("a repeat tells only what its own first run ended", "Grains/Users/Leases.cs", "Unknown([.. ended.Union(fading)]);", "Unknown(ended);", Script.Repeat),
        new("a session that the ledger does not know is not looked for", "Grains/Users/UserGrain.cs", "        if (!_live.TryGet(command.Session, out _))\n        {", "        if (command.Session == default)\n        {", Near: 707),
        new("a terminating login spares one", "Grains/Users/Ledger.cs", "command.Stage.TerminateOtherSessions ? live.All : []", "command.Stage.TerminateOtherSessions ? live.All.Skip(1) : []"),
        new("the cap is one too many", "Grains/Users/Ledger.cs", "+ 1 - options.MaxPerUser", "- options.MaxPerUser"),
        new("an ending without its event", "Grains/Users/Ledger.cs", "            events.Add(SessionEvents.Logout(ids, session, cause, now));\n", ""),
        new("a broken binding is answered before its commit", "Grains/Sessions/SessionGrain.cs", "            await End(EndReason.BindingBroken, client, broken);\n            return await WhyEnded();", "            return new ValidateResult(SessionStatus.BindingBroken, null, broken);"),
        new("the expiry is not checked", "Grains/Sessions/SessionClock.cs", "if (now >= session.Expires)", "if (now > DateTimeOffset.MaxValue)"),
        new("deactivation leaves sessions past their end to the sweeper", "Grains/Users/Ledger.cs", "var ending = command.Active ? [] : live.All.Select(s => (s, cause));", "var ending = command.Active ? [] : live.All.Where(s => !IsOver(s)).Select(s => (s, cause));"),
        new("deactivation spares the sessions", "Grains/Users/Ledger.cs", "var ending = command.Active ? [] : live.All.Select(s => (s, cause));", "var ending = live.All.Take(0).Select(s => (s, cause));"),
        new("an edge is not told", "Grains/Sessions/SessionGrain.cs", "        _ended = true;\n        Stay(TimeSpan.Zero);\n        await TakeSharesBack();", "        _ended = true;"),
        new("a young activation does not look for its elders' data", "Grains/Sessions/SessionGrain.cs", "        await RereadWhileYoung();\n", "", Script.LaggingMember),
        new("acknowledged before the edges have", "Grains/Sessions/SessionGrain.cs", "        _ended = true;\n        Stay(TimeSpan.Zero);\n        await TakeSharesBack();", "        _ended = true;\n        _ = TakeSharesBack();"),
        new("a second ending is acknowledged because the first was told", "Grains/Sessions/SessionGrain.cs", "        _ended = true;\n        Stay(TimeSpan.Zero);\n        await TakeSharesBack();", "        if (_ended) { return; }\n        _ended = true;\n        Stay(TimeSpan.Zero);\n        await TakeSharesBack();", Script.TwoEndings),
        new("a share counts from its answer", "Api/Edge/EdgeSessions.cs", "new EdgeAnswer(ip, share, RenewAfter(session, share, isEarly), question.Asked, ready, used)", "new EdgeAnswer(ip, share, RenewAfter(session, share, isEarly), Moment.Now(_time), ready, used)", Script.LateAcknowledgement),
        new("a share is longer than its lease", "Grains/Sessions/SessionGrain.cs", "var (rest, end) = (LeaseLeft,", "var (rest, end) = (services.LeaseLength,", Script.LateShare),
        new("an early question renews the lease without the user's grain", "Grains/Sessions/SessionGrain.cs", "        if (ip == _session!.LastIp && HoldsLease(least))\n        {\n", "        if (ip == _session!.LastIp && HoldsLease(TimeSpan.Zero))\n        {\n            _lease = Moment.Now(services.Time);\n"),
        new("a renewal is kept after a taking back", "Api/Edge/EdgeSessions.cs", "                slot.Answer = null;\n                slot.TakenBack++;", "                if (slot.Answer is null) { slot.TakenBack++; }\n                slot.Answer = null;", Near: 13_790),
        new("an answer on its way is kept", "Api/Edge/EdgeSessions.cs", "else if (question.TakenBack == slot.TakenBack && question.Asked.Holds(share, Moment.Now(_time), _time))", "else if (question.Asked.Holds(share, Moment.Now(_time), _time))", Script.LateAcknowledgement),
        new("keeping and dropping do not exclude each other", "Api/Edge/EdgeSessions.cs", "            var ready = result.IsActive ? make(result.Session, slot.Answer?.Ready) : null;\n", "            var ready = result.IsActive ? make(result.Session, slot.Answer?.Ready) : null;\n            var isKept = question.TakenBack == slot.TakenBack;\n            await Task.Delay(TimeSpan.FromMilliseconds(50), _time);\n            question = question with { TakenBack = isKept ? slot.TakenBack : -1 };\n"),
        new("a check uses the answer to another's question", "Api/Edge/EdgeSessions.cs", "        var (slot, question) = Begin(session);\n", "        var key = (session, client.Ip);\n        if (_asking.TryGetValue(key, out var asking)) { return await asking; }\n        try { return await (_asking[key] = AskAlone(session, client, make, isEarly)); } finally { _asking.TryRemove(key, out _); }\n    }\n\n    private readonly ConcurrentDictionary<(SessionId, string), Task<EdgeCheck>> _asking = new();\n\n    private async Task<EdgeCheck> AskAlone(SessionId session, ClientFacts client, Func<SessionInfo, ReadyAnswers?, ReadyAnswers> make, bool isEarly)\n    {\n        var (slot, question) = Begin(session);\n", Script.LateAnswer),
        new("a session leaves without taking its shares back", "Grains/Sessions/SessionGrain.cs", "        await TakeSharesBack();\n        await Flush();", "        await Flush();"),
        new("a share leaves the table when it is sent for", "Grains/Sessions/Shares.cs", "        try\n        {\n            var lastUsed", "        try\n        {\n            _shares.Remove(edge);\n            var lastUsed", Script.TwoEndings),
        new("a late acknowledgement takes a newer share", "Grains/Sessions/Shares.cs", "            var lastUsed = await share.Edge.Drop(session).WaitAsync(ToItsEnd(share), time);\n            if (_shares.TryGetValue(edge, out var there) && ReferenceEquals(there, share))", "            var drop = share.Edge.Drop(session);\n            _ = drop.ContinueWith(_ => _shares.Remove(edge), default, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Current);\n            var lastUsed = await drop.WaitAsync(ToItsEnd(share), time);\n            if (_shares.TryGetValue(edge, out var there) && ReferenceEquals(there, share))", Script.LateAcknowledgement),
        new("what fails is taken for gone", "Grains/Sessions/Shares.cs", "            await Task.Delay(ToItsEnd(share), time);\n", "            _shares.Remove(edge);\n", Script.TwoEndings),
        new("a sleeping session's lease is counted by the monotonic clock", "Grains/Sessions/SessionGrain.cs", "services.LeaseLength - _lease.Age(services.Time);", "services.LeaseLength - services.Time.GetElapsedTime(_lease.Timestamp);", Script.Sleeping),
        new("a sleeping user's knowledge ages by the monotonic clock", "Grains/Users/UserGrain.cs", "_verified.Age(services.Time) >= freshness", "services.Time.GetElapsedTime(_verified.Timestamp) >= freshness", Script.Sleeping),
        new("a sleeping edge's share is counted by the monotonic clock", "Api/Edge/EdgeAnswer.cs", "asked.Holds(share, now, time);", "time.GetElapsedTime(asked.Timestamp, now.Timestamp) < share;", Script.Sleeping),
        new("an ending takes a membership that has just changed", "Grains/Users/UserGrain.cs", "services.Membership.SettledVersion(services.LeaseOptions.Settling);", "services.Membership.KnownVersion;", Script.GivenUp),
        new("a session's turn counts from its end", "Grains/Sessions/SessionGrain.cs", "by which everything is accepted.\n        await services.Membership.Require(services.LedgerFreshness, turn);", "\n        await services.Membership.Require(services.LedgerFreshness, services.Membership.Begin(services.Time));", Script.Learning, Near: 1_120),
        new("shares are counted by the wall clock", "Grains/Sessions/Shares.cs", "private TimeSpan Rest(Share share) => share.Length - time.GetElapsedTime(share.Granted);", "private TimeSpan Rest(Share share) => share.UsedUntil - time.GetUtcNow();", Script.TwoEndings),
        new("an evicted member acknowledges endings", "Grains/Sessions/SessionGrain.cs", "of which this one knows nothing.\n        await services.Membership.Require(services.LedgerFreshness, turn);", "\n        if (services.Membership.KnownVersion != turn.Membership) { throw new AskAgainException(); }", Script.LaggingMember),
        new("an ending takes any membership for its own", "Grains/Users/EndingFanOut.cs", "membership.UnchangedFor(options.Settling, ending.Membership)", "membership.UnchangedFor(options.Settling, membership.KnownVersion)", Script.LaggingMember),
        new("data changes without taking shares back", "Grains/Sessions/SessionGrain.cs", "        _session = _session! with { Data = dataJson };\n", "        _session = _session! with { Data = dataJson };\n        if (!_ended) { return true; }\n"),
        new("a share does not count as used", "Grains/Sessions/SessionGrain.cs", "over == EndReason.Idle && _shares is { IsHeld: true } ? null : over", "over", Script.InUse),
        new("an evicted member calls a session idle", "Grains/Sessions/SessionGrain.cs", "            await services.Membership.Require(services.LedgerFreshness, services.Membership.Begin(services.Time));\n        }\n\n        (_ended, _overBy)", "        }\n\n        (_ended, _overBy)", Script.InUse),
        new("a use at an edge is not told", "Grains/Sessions/SessionGrain.cs", "if (_shares?.LastUsed is { } used && used > _session!.LastUsed)", "if (_shares?.LastUsed is { } used && used > DateTimeOffset.MaxValue)"),
    ];

    /// <summary>Calls that src/BannedSymbols.txt forbids: each takes what follows out of the simulation.</summary>
    public static IReadOnlyList<Mutant> Trespasses { get; } =
    [
        new("work on the thread pool", "Grains/Sessions/SessionGrain.cs", "if (await Describe() is null", "if (await Task.Run(Describe) is null"),
        new("a continuation outside the turn", "Grains/Storage/ConditionalWrites.cs", "await row.WriteStateAsync();", "await row.WriteStateAsync().ConfigureAwait(false);"),
        new("a wait in real time", "Grains/Users/UserGrain.cs", "        await Refresh();\n        if (!_live", "        await Task.Delay(50);\n        if (!_live"),
    ];

    /// <summary>Gives a plan the grains and edges of a mutant.</summary>
    public static Func<SimPlan, SimPlan> Compile(Mutant mutant)
    {
        var trees = Unchanged.Value.Select(one => one.Key == mutant.File ? Parse(one.Key, Mutate(mutant, one.Value.Source)) : one.Value.Tree).Concat(Generated.Value);
        var compilation = CSharpCompilation.Create(
            "SessionCluster.Grains.Mutants",
            trees,
            References.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, optimizationLevel: OptimizationLevel.Release));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        if (!result.Success)
        {
            throw new InvalidOperationException($"The mutant '{mutant}' does not compile: {string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error))}");
        }

        image.Position = 0;
        var assembly = new AssemblyLoadContext(mutant.Name).LoadFromStream(image);
        Type[] grains = [assembly.GetType("SessionCluster.Users.UserGrain", true)!, assembly.GetType("SessionCluster.Sessions.SessionGrain", true)!];
        var edge = assembly.GetType("SessionCluster.Simulation.EdgePort", true)!;
        return plan => plan with { Grains = grains, NewEdge = (factory, time, id) => (IEdgePort)Activator.CreateInstance(edge, factory, time, id)! };
    }

    private static string Mutate(Mutant mutant, string source)
    {
        var first = source.IndexOf(mutant.Original, StringComparison.Ordinal);
        if (first < 0 || source.IndexOf(mutant.Original, first + 1, StringComparison.Ordinal) >= 0)
        {
            throw new InvalidOperationException($"The mutant '{mutant}' does not fit {mutant.File} any more: its original text must stand there exactly once.");
        }

        return source.Replace(mutant.Original, mutant.Replacement, StringComparison.Ordinal);
    }

    /// <summary>The global usings, and the log methods of the mutated classes.</summary>
    private static SyntaxTree[] MakeGenerated()
    {
        var folder = Metadata("GeneratedGrainSources");
        var usings = Directory.GetFiles(folder, "*.GlobalUsings.g.cs").Single();
        var logMethods = Directory.GetFiles(folder, "LoggerMessage.g.cs", SearchOption.AllDirectories).Single();
        // The edge's own project has one more.
        return [Parse(usings, File.ReadAllText(usings)), Parse("Edge.cs", "global using SessionCluster.Api.Answers;"), Parse(logMethods, OnlyMutated(File.ReadAllText(logMethods)))];
    }

    /// <summary>The generated file holds the log methods of all classes; those that are not mutated are not here to be completed.</summary>
    private static string OnlyMutated(string source)
    {
        var root = (Microsoft.CodeAnalysis.CSharp.Syntax.CompilationUnitSyntax)CSharpSyntaxTree.ParseText(source).GetRoot();
        var foreign = root.DescendantNodes().OfType<Microsoft.CodeAnalysis.CSharp.Syntax.ClassDeclarationSyntax>()
            .Where(c => c.Parent is Microsoft.CodeAnalysis.CSharp.Syntax.BaseNamespaceDeclarationSyntax && c.Modifiers.Any(SyntaxKind.PartialKeyword))
            .Where(c => c.Identifier.Text is not ("UserGrain" or "SessionGrain" or "EndingFanOut"));
        return root.RemoveNodes(foreign, SyntaxRemoveOptions.KeepNoTrivia)!.ToFullString();
    }

    private static SyntaxTree Parse(string path, string text) => CSharpSyntaxTree.ParseText(
        SourceText.From(text, System.Text.Encoding.UTF8), new CSharpParseOptions(LanguageVersion.Preview), path);

    private static string Metadata(string key) => typeof(Mutants).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
