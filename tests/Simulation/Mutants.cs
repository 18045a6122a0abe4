using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace SessionCluster.Simulation;

/// <summary>A protection of the grains switched off: a text of their source and what the mutant has in its place.</summary>
/// <param name="Name">The protection, as docs/correctness.md lists it.</param>
/// <param name="File">The source file, below src/Grains.</param>
/// <param name="Original">Text that must stand in the file exactly once, or the mutant no longer means anything.</param>
/// <param name="Replacement">What the mutant has instead.</param>
public sealed record Mutant(string Name, string File, string Original, string Replacement)
{
    public override string ToString() => Name;
}

/// <summary>Compiles mutants of the grain classes from the real sources, in memory; the contracts and stored rows stay the real ones.</summary>
internal static class Mutants
{
    private static readonly string[] MutatedFiles =
    [
        "Users/UserGrain.cs", "Users/UserGrain.Log.cs", "Users/Ledger.cs", "Users/Leases.cs", "Users/LiveSessions.cs", "Users/EndingFanOut.cs",
        "Sessions/SessionGrain.cs", "Sessions/SessionGrain.Flush.cs", "Sessions/SessionGrain.Log.cs", "Sessions/SessionClock.cs", "Sessions/Lease.cs", "Sessions/Shares.cs",
        "Events/SessionEvents.cs", "Storage/ConditionalWrites.cs",
    ];

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new("no fan-out", "Users/EndingFanOut.cs", "await grains.GetGrain<ISessionGrain>(session.GrainKey).Ended(notice).WaitAsync(rest, time);", "await Task.CompletedTask;"),
        new("no wait after a missing acknowledgement", "Users/EndingFanOut.cs", "!(acknowledged && await membership.UnchangedFor(_bound, ending.Membership))", "!await membership.UnchangedFor(_bound, ending.Membership)"),
        new("no wait after a membership change", "Users/EndingFanOut.cs", "acknowledged && await membership.UnchangedFor(_bound, ending.Membership)", "acknowledged"),
        new("the wait is a fifth", "Users/EndingFanOut.cs", "options.LedgerFreshness + options.LeaseLength", "(options.LedgerFreshness + options.LeaseLength) / 5"),
        new("no lease check", "Sessions/SessionGrain.cs", "private bool HoldsLease(DateTimeOffset now) => _lease.Rest(services.Time, services.LeaseLength, now) > TimeSpan.Zero;", "private bool HoldsLease(DateTimeOffset now) => _lease.Rest(services.Time, TimeSpan.FromDays(1), now) > TimeSpan.Zero;"),
        new("an ending is not sticky", "Sessions/SessionGrain.cs", "public async Task Ended(EndedNotice notice)\n    {\n        _ended = true;", "public async Task Ended(EndedNotice notice)\n    {\n        _lease = default;"),
        new("a told session goes on", "Sessions/SessionGrain.cs", "public async Task Ended(EndedNotice notice)\n    {\n        _ended = true;", "public async Task Ended(EndedNotice notice)\n    {"),
        new("leases are forgotten", "Users/Leases.cs", "session.LeaseGranted = bounds.Time.GetTimestamp();", "session.LeaseGranted = null;"),
        new("a young activation tells nobody", "Users/Leases.cs", "? Unknown([.. sessions.Select(s => s.Id), .. fading])", "? ([.. sessions.Where(Holds).Select(s => s.Id), .. fading], false)"),
        new("knowledge of the ledger never ages", "Users/UserGrain.cs", "if (freshness > TimeSpan.Zero && services.Time.GetElapsedTime(_verified) >= freshness)", "if (freshness < TimeSpan.Zero)"),
        new("nothing to do is answered without a look", "Users/UserGrain.cs", "services.LeaseOptions.LedgerFreshness == TimeSpan.Zero;", "true;"),
        new("an evicted member takes leases", "Sessions/SessionGrain.cs", "        await services.Membership.Require(services.LedgerFreshness);\n        if (answer.Live", "        if (answer.Live"),
        new("a failed write keeps the new state", "Storage/ConditionalWrites.cs", "                row.State = before;\n                fail(failure, next);", "                committed(next);"),
        new("a failed write is taken for none", "Storage/ConditionalWrites.cs", "                fail(failure, next);\n                throw;", "                return answer;"),
        new("a conflict is not decided again", "Storage/ConditionalWrites.cs", "await reload(conflict, attempt);", "await reload(conflict, attempt);\n                return answer;"),
        new("a repeated request is not recognised", "Users/Ledger.cs", "a.Key == key.Key && now < a.At + AnswersKept", "a.Key == key.Key && now < a.At"),
        new("what ended a moment ago is not told again", "Users/Leases.cs", "var fading = Fading().Where(chosen);", "var fading = Fading().Where(_ => false);"),
        new("endings before an activation are not looked for", "Users/UserGrain.cs", "services.Time.GetUtcNow() - LateWrites - services.Leases.Length", "services.Time.GetUtcNow() + LateWrites"),
        new("a repeat does not tell again", "Users/UserGrain.cs", "var (mayHold, waitOut) = _live.Leases.Unknown(ended);", "var (mayHold, waitOut) = (System.Collections.Immutable.ImmutableArray<SessionCluster.Sessions.SessionId>.Empty, false);"),
        new("a terminating login spares one", "Users/Ledger.cs", "command.Stage.TerminateOtherSessions ? live.All.Where(s => now < s.Expires) : []", "command.Stage.TerminateOtherSessions ? live.All.Where(s => now < s.Expires).Skip(1) : []"),
        new("the cap is one too many", "Users/Ledger.cs", "+ 1 - options.MaxPerUser", "- options.MaxPerUser"),
        new("an ending without its event", "Users/Ledger.cs", "            events.Add(SessionEvents.Logout(ids.NewId(), session, cause, now));\n", ""),
        new("a broken binding is answered before its commit", "Sessions/SessionGrain.cs", "            await End(EndReason.BindingBroken, client, broken);\n            return await WhyEnded();", "            return new ValidateResult(SessionStatus.BindingBroken, null, broken);"),
        new("the expiry is not checked", "Sessions/SessionClock.cs", "if (now >= session.Expires)", "if (now > DateTimeOffset.MaxValue)"),
        new("deactivation spares the sessions", "Users/Ledger.cs", "var ending = command.Active ? [] : live.All.Where(s => now < s.Expires).Select(s => (s, cause));", "var ending = live.All.Take(0).Select(s => (s, cause));"),
    ];

    /// <summary>Calls that src/BannedSymbols.txt forbids: each takes what follows out of the simulation.</summary>
    public static IReadOnlyList<Mutant> Trespasses { get; } =
    [
        new("work on the thread pool", "Sessions/SessionGrain.cs", "if (await Describe() is null", "if (await Task.Run(Describe) is null"),
        new("a continuation outside the turn", "Storage/ConditionalWrites.cs", "await row.WriteStateAsync();", "await row.WriteStateAsync().ConfigureAwait(false);"),
        new("a wait in real time", "Users/UserGrain.cs", "        await Refresh();\n        await services.Membership", "        await Task.Delay(50);\n        await services.Membership"),
    ];

    /// <summary>The grain classes of a mutant.</summary>
    public static IReadOnlyList<Type> Compile(Mutant mutant)
    {
        var root = Metadata("GrainSources");
        var trees = MutatedFiles.Select(file => Parse(file, Mutate(mutant, file, File.ReadAllText(Path.Combine(root, file))))).Concat(Generated());
        var compilation = CSharpCompilation.Create(
            "SessionCluster.Grains.Mutants",
            trees,
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, optimizationLevel: OptimizationLevel.Release));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        if (!result.Success)
        {
            throw new InvalidOperationException($"The mutant '{mutant}' does not compile: {string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error))}");
        }

        image.Position = 0;
        var assembly = new AssemblyLoadContext(mutant.Name).LoadFromStream(image);
        return [assembly.GetType("SessionCluster.Users.UserGrain", true)!, assembly.GetType("SessionCluster.Sessions.SessionGrain", true)!];
    }

    private static string Mutate(Mutant mutant, string file, string source)
    {
        if (file != mutant.File)
        {
            return source;
        }

        var first = source.IndexOf(mutant.Original, StringComparison.Ordinal);
        if (first < 0 || source.IndexOf(mutant.Original, first + 1, StringComparison.Ordinal) >= 0)
        {
            throw new InvalidOperationException($"The mutant '{mutant}' does not fit {file} any more: its original text must stand there exactly once.");
        }

        return source.Replace(mutant.Original, mutant.Replacement, StringComparison.Ordinal);
    }

    /// <summary>The global usings, and the log methods of the mutated classes.</summary>
    private static IEnumerable<SyntaxTree> Generated()
    {
        var folder = Metadata("GeneratedGrainSources");
        var usings = Directory.GetFiles(folder, "*.GlobalUsings.g.cs").Single();
        var logMethods = Directory.GetFiles(folder, "LoggerMessage.g.cs", SearchOption.AllDirectories).Single();
        return [Parse(usings, File.ReadAllText(usings)), Parse(logMethods, OnlyMutated(File.ReadAllText(logMethods)))];
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
