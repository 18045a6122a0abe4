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

    /// <summary>
    /// A session may go to so many slots in a row: with one alone, a fifth of 1,000 sessions shared theirs with another and was
    /// written anew for each check.
    /// </summary>
    private const int Choice = 4;

    // Null, a session that was seen once, or a session with its answer.
    private readonly object?[] _kept = new object?[Slots];

    // Which of its slots a session takes when all are taken. Counted without care: any will do.
    private uint _turn;

    /// <summary>Answers with the session's JSON.</summary>
    public Task Write(HttpContext context, SessionInfo session) => Find(session) is { } json
        ? JsonAnswer.WriteRaw(context, StatusCodes.Status200OK, json)
        : JsonAnswer.Write(context, StatusCodes.Status200OK, session, fill);

    /// <summary>The answer of this very object, from the second time on that it is asked for; null the first time.</summary>
    public byte[]? Find(SessionInfo session)
    {
        var first = (uint)session.Id.GetHashCode();
        for (var at = first; at != first + Choice; at++)
        {
            ref var slot = ref _kept[at % Slots];
            var there = Volatile.Read(ref slot);
            if (there is Answer answer && ReferenceEquals(answer.Session, session))
            {
                return answer.Json;
            }

            if (ReferenceEquals(there, session))
            {
                return Make(ref slot, session);
            }
        }

        Volatile.Write(ref PlaceOf(session, first), session);
        return null;
    }

    private byte[] Make(ref object? slot, SessionInfo session)
    {
        var json = JsonAnswer.ToBytes(session, fill);
        if (json.Length <= MaxLength)
        {
            Volatile.Write(ref slot, new Answer(session, json));
        }

        return json;
    }

    /// <summary>The first slot that is free or has an older object of the session; else one whose turn it is.</summary>
    private ref object? PlaceOf(SessionInfo session, uint first)
    {
        for (var at = first; at != first + Choice; at++)
        {
            ref var slot = ref _kept[at % Slots];
            var there = Volatile.Read(ref slot);
            if (there is null || ((there as Answer)?.Session ?? (SessionInfo)there).Id == session.Id)
            {
                return ref slot;
            }
        }

        return ref _kept[(first + (_turn++ % Choice)) % Slots];
    }

    private sealed record Answer(SessionInfo Session, byte[] Json);
}
