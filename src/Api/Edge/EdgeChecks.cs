using System.Diagnostics.Metrics;

namespace SessionCluster.Api.Edge;

/// <summary>Who wants an answer about a session.</summary>
[Flags]
internal enum AnswerKinds
{
    None = 0,

    /// <summary>A service, as JSON.</summary>
    Validate = 1,

    /// <summary>The session's owner, as JSON.</summary>
    Current = 2,

    /// <summary>A reverse proxy, as headers.</summary>
    Headers = 4,
}

/// <summary>Checks sessions for the endpoints: from this process' own memory where it may, else by the session's grain; and counts both.</summary>
internal sealed class EdgeChecks(EdgeSessions edge, SessionTokens tokens, EdgeMetrics metrics)
{
    /// <summary>Checks a use of a session: from memory where that holds the answer that is wanted, else by asking.</summary>
    /// <param name="ip">The address that it is used from, canonical text.</param>
    /// <param name="use">What <paramref name="facts"/> needs.</param>
    /// <param name="facts">Where the use comes from, in full; called only when the session's grain is asked.</param>
    public ValueTask<EdgeCheck> Check<TUse>(SessionId session, string ip, AnswerKinds wanted, TUse use, Func<TUse, ClientFacts> facts) =>
        Find(session, ip, wanted, use, facts) is { } ready ? new(new EdgeCheck(null, ready)) : new(AskFor(session, facts(use), wanted));

    /// <summary>Checks a use of a session from memory alone; null when its grain has to be asked. The parameters are those of <see cref="Check"/>.</summary>
    public ReadyAnswers? Find<TUse>(SessionId session, ReadOnlySpan<char> ip, AnswerKinds wanted, TUse use, Func<TUse, ClientFacts> facts)
        where TUse : allows ref struct
    {
        var ready = edge.Find(session, ip, out var isDue);
        if (ready is null || !Holds(ready).HasFlag(wanted))
        {
            return null;
        }

        if (isDue)
        {
            _ = edge.Renew(session, facts(use), Maker(wanted));
        }

        metrics.AnsweredFromMemory();
        return ready;
    }

    /// <summary>Asks the session's grain, for who needs the session itself.</summary>
    public async Task<ValidateResult> Ask(SessionId session, ClientFacts client) => (await AskFor(session, client, AnswerKinds.None)).Result!;

    private async Task<EdgeCheck> AskFor(SessionId session, ClientFacts client, AnswerKinds wanted)
    {
        var check = await edge.Ask(session, client, Maker(wanted));
        metrics.AnsweredByGrain(check.Result!.Status);
        return check;
    }

    /// <summary>Makes the answer that is wanted, and those that were there before.</summary>
    private Func<SessionInfo, ReadyAnswers?, ReadyAnswers> Maker(AnswerKinds wanted) =>
        (live, before) => Make(live, wanted | (before is null ? AnswerKinds.None : Holds(before)));

    private static AnswerKinds Holds(ReadyAnswers ready) =>
        (ready.Validate is null ? AnswerKinds.None : AnswerKinds.Validate)
        | (ready.Current is null ? AnswerKinds.None : AnswerKinds.Current)
        | (ready.Headers is null ? AnswerKinds.None : AnswerKinds.Headers);

    private ReadyAnswers Make(SessionInfo session, AnswerKinds answers) => new(
        tokens.MacOf(session.Id),
        answers.HasFlag(AnswerKinds.Validate) ? Json(session, FillValidate) : null,
        answers.HasFlag(AnswerKinds.Current) ? Json(session, FillCurrent) : null,
        answers.HasFlag(AnswerKinds.Headers) ? [session.User.Id.Value, session.User.Username, session.User.Email, session.Id.ToString()] : null);

    private static ReadyJson Json(SessionInfo session, Action<Utf8JsonWriter, SessionInfo> fill) =>
        new(JsonAnswer.ToBytes(session, fill), UserAgentJson.Of(session.LastUserAgent));

    private static void FillValidate(Utf8JsonWriter writer, SessionInfo session)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("active"u8, true);
        SessionJson.WriteMembers(writer, session, toService: true);
        writer.WriteEndObject();
    }

    private static void FillCurrent(Utf8JsonWriter writer, SessionInfo session)
    {
        writer.WriteStartObject();
        SessionJson.WriteMembers(writer, session, toService: false);
        writer.WriteEndObject();
    }
}

internal sealed class EdgeMetrics
{
    private readonly long[] _asked = new long[Enum.GetValues<SessionStatus>().Length];

    private long _fromMemory;

    public EdgeMetrics(EdgeSessions edge, IMeterFactory meters)
    {
        var meter = meters.Create(MetricOptions.OwnMeter);
        meter.CreateObservableCounter("sessioncluster.checks", Checks, "{check}", "Checks of sessions over HTTP, by what they answered and from where.");
        meter.CreateObservableUpDownCounter("sessioncluster.edge.sessions", () => edge.Count, "{session}", "Sessions that this process holds ready answers of, or is asking for.");
    }

    public void AnsweredFromMemory() => Interlocked.Increment(ref _fromMemory);

    public void AnsweredByGrain(SessionStatus status) => Interlocked.Increment(ref _asked[(int)status]);

    private IEnumerable<Measurement<long>> Checks()
    {
        yield return Measured(Volatile.Read(ref _fromMemory), SessionStatus.Active, "memory");
        foreach (var status in Enum.GetValues<SessionStatus>())
        {
            yield return Measured(Volatile.Read(ref _asked[(int)status]), status, "grain");
        }
    }

    private static Measurement<long> Measured(long checks, SessionStatus status, string from) => new(
        checks, new KeyValuePair<string, object?>("result", JsonForms.ReasonName(status)), new("from", from));
}
