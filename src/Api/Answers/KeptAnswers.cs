using System.Text.Json;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Answers;

/// <summary>
/// JSON of sessions that are asked for again and again: their grain gives one object for all checks within a second, and it is
/// written once for them. A fixed number of slots bounds what that takes. Safe for concurrent use.
/// </summary>
/// <param name="fill">Writes the answer of a session: from the session alone.</param>
internal sealed class KeptAnswers(Action<Utf8JsonWriter, SessionInfo> fill)
{
    /// <summary>How many answers are kept at most.</summary>
    public const int Slots = 4096;

    /// <summary>A longer answer is not kept, in bytes.</summary>
    public const int MaxLength = 4096;

    // Null, a session that was seen once, or a session with its answer.
    private readonly object?[] _kept = new object?[Slots];

    /// <summary>Answers with the session's JSON.</summary>
    public Task Write(HttpContext context, SessionInfo session) => Find(session) is { } json
        ? JsonAnswer.WriteRaw(context, StatusCodes.Status200OK, json)
        : JsonAnswer.Write(context, StatusCodes.Status200OK, session, fill);

    /// <summary>The answer of this very object, from the second time on that it is asked for; null the first time.</summary>
    public byte[]? Find(SessionInfo session)
    {
        ref var slot = ref _kept[(uint)session.Id.GetHashCode() % Slots];
        var there = Volatile.Read(ref slot);
        if (there is Answer answer && ReferenceEquals(answer.Session, session))
        {
            return answer.Json;
        }

        if (!ReferenceEquals(there, session))
        {
            Volatile.Write(ref slot, session);
            return null;
        }

        var json = JsonAnswer.ToBytes(session, fill);
        if (json.Length <= MaxLength)
        {
            Volatile.Write(ref slot, new Answer(session, json));
        }

        return json;
    }

    private sealed record Answer(SessionInfo Session, byte[] Json);
}
